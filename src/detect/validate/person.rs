//! Names of people: a cue («my name is», «Herr», a greeting) and what follows it, or a given and a family name from the
//! lists side by side. One listed word alone is never enough.

mod circumstance;

use super::{Judgement, Subject};
use crate::detect::names::{
    Standing, family, given,
    run::{self, Kind, Part},
    walk::{is_ideograph, is_unspaced},
};
use circumstance::{Speaks, is_called_after, is_nobody, is_public, speaks};
use std::ops::Range;

/// Confidence of a given and a family name from the lists, nothing near them saying anything.
const LISTED: f32 = 0.6;
/// … with a word near them that stands beside people.
const CUED: f32 = 0.7;
/// … where people are named publicly: copyright lines, bibliographies, the famous.
const PUBLIC: f32 = 0.3;

/// One word of a run with what the lists say.
struct Word<'t> {
    text: &'t str,
    range: Range<usize>,
    kind: Kind,
    given: Option<Standing>,
    family: Option<Standing>,
}

impl<'t> Word<'t> {
    fn new(text: &'t str, part: &Part) -> Self {
        let word = text.get(part.range.clone()).unwrap_or_default();
        let listed = part.kind == Kind::Word;
        let look = |list: fn(&str) -> Option<Standing>| {
            let shouted = || is_shouted(word).then(|| list(&capitalised(word))).flatten();
            listed.then(|| list(word).or_else(shouted)).flatten()
        };
        Self { text: word, range: part.range.clone(), kind: part.kind, given: look(given), family: look(family) }
    }

    fn is_listed(&self) -> bool {
        self.given.is_some() || self.family.is_some() || self.kind == Kind::Word && is_unspaced(self.text)
    }

    fn is_sure(&self) -> bool {
        self.given == Some(Standing::Name) || self.family == Some(Standing::Name) || is_unspaced(self.text)
    }

    /// Where it ends, the full stop of an initial included.
    fn end(&self) -> usize {
        self.range.end + usize::from(self.kind == Kind::Initial)
    }
}

/// `SMITH`, in forms and tickets.
fn is_shouted(word: &str) -> bool {
    word.len() > 2 && word.starts_with(char::is_uppercase) && word.chars().all(|c| !c.is_lowercase())
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_string() + &chars.as_str().to_lowercase())
}

fn words<'t>(text: &'t str, parts: &[Part]) -> Vec<Word<'t>> {
    parts.iter().map(|part| Word::new(text, part)).collect()
}

/// Check `person-cued`: after a cue that only stands before names, words that are no role or common word.
pub(super) fn cued(subject: &Subject<'_>) -> Judgement {
    let run = words(subject.text, &run::forwards(subject.text, subject.range.start));
    let Some(run) = without_titles(&run) else { return Judgement::Fails };
    let Some(first) = run.first() else { return Judgement::Fails };
    if first.kind == Kind::Initial && run.len() == 1 || is_nobody(first.text) || follows_initial(subject) {
        return Judgement::Fails;
    }
    let unshouted =
        |word: &&Word<'_>| !is_nobody(word.text) && (!is_shouted(word.text) || word.is_listed() || word.text.len() < 3);
    let kept = run.iter().take_while(unshouted).count();
    let uncased = first.text.starts_with(|c: char| !c.is_uppercase());
    if first.text.starts_with(is_ideograph) && !begins_with_family(first.text) {
        return Judgement::Fails;
    }
    // A script without case does not show where a name ends: there, only listed words go on.
    let kept =
        if uncased { 1 + run.iter().take(kept).skip(1).take_while(|word| word.is_listed()).count() } else { kept };
    let Some(last) = run.get(..kept).and_then(<[Word<'_>]>::last) else { return Judgement::Fails };
    let listed = run.iter().take(kept).any(Word::is_listed);
    let (confidence, reason) =
        if listed { (0.9, "a listed name after a cue") } else { (0.75, "capitalised words after a cue for a name") };
    if uncased && !listed && first.text.chars().count() > UNCASED_MAX {
        return Judgement::Fails;
    }
    stretch(subject, first.range.start, last.end(), confidence, reason)
}

/// `王小明`: a family name and one or two characters more.
fn begins_with_family(word: &str) -> bool {
    let ends: Vec<usize> = word.char_indices().map(|(at, c)| at + c.len_utf8()).take(5).collect();
    let n_chars = ends.len();
    word.starts_with(is_ideograph)
        && (2..=4).contains(&n_chars)
        && ends.iter().take(2).enumerate().any(|(at, end)| {
            n_chars - at - 1 <= 2 && n_chars > at + 1 && word.get(..*end).is_some_and(|name| family(name).is_some())
        })
}

/// Longest word of a script without case that is taken for a name after a cue though no list has it, characters.
const UNCASED_MAX: usize = 8;

/// Check `person-listed`: the first word is a listed given name; what follows it like a name belongs to it.
pub(super) fn listed(subject: &Subject<'_>) -> Judgement {
    let run = words(subject.text, &run::forwards(subject.text, subject.range.start));
    let Some(run) = without_titles(&run) else { return Judgement::Fails };
    let Some(first) = run.first().filter(|first| first.given.is_some() || begins_with_family(first.text)) else {
        return family_first(subject, run);
    };
    if is_nobody(first.text) || is_shouted(first.text) && run.len() == 1 {
        return Judgement::Fails;
    }
    let shouted = is_shouted(first.text);
    let fits = |word: &&Word<'_>| !is_nobody(word.text) && (word.is_listed() || !shouted && !is_shouted(word.text));
    let kept = run.iter().take_while(fits).count();
    let end = run.get(..kept).and_then(<[Word<'_>]>::last).map_or(first.end(), Word::end);
    if first.given == Some(Standing::Word) && !run.iter().take(kept).skip(1).any(|word| word.family.is_some()) {
        return Judgement::Fails;
    }
    stretch(subject, first.range.start, end, 0.8, "a listed given name after a cue")
}

/// `Nagy Éva`, `Müller Hans`: the family name stands first.
fn family_first(subject: &Subject<'_>, run: &[Word<'_>]) -> Judgement {
    match run {
        [first, second, ..] if first.family.is_some() && second.given == Some(Standing::Name) => {
            let kept = run.iter().take_while(|word| word.is_listed() || word.kind == Kind::Initial).count();
            let end = run.get(..kept).and_then(<[Word<'_>]>::last).map_or(second.end(), Word::end);
            stretch(subject, first.range.start, end, 0.75, "a listed family and given name after a cue")
        }
        _ => Judgement::Fails,
    }
}

/// Check `person-two`: as `person-listed`, and two words at least.
pub(super) fn two(subject: &Subject<'_>) -> Judgement {
    let judgement = listed(subject);
    match &judgement {
        Judgement::Stretch { range, .. }
            if subject
                .text
                .get(range.clone())
                .is_some_and(|name| name.contains([' ', '\u{3000}']) || begins_with_family(name)) =>
        {
            judgement
        }
        Judgement::Stretch { .. }
        | Judgement::Holds
        | Judgement::Fails
        | Judgement::First { .. }
        | Judgement::Scored { .. } => Judgement::Fails,
    }
}

/// Check `person-run`: a listed given name with a listed family name beside it, or with any capitalised word beside it
/// where the words near them speak of a person.
pub(super) fn in_run(subject: &Subject<'_>) -> Judgement {
    let text = subject.text;
    let mut parts = run::before(text, subject.range.start);
    parts.reverse();
    let n_before = parts.len();
    parts.extend(run::forwards(text, subject.range.start));
    let all = words(text, &parts);
    let Some(name) = longest_name(&all, n_before) else { return Judgement::Fails };
    let (Some(first), Some(last)) = (name.first(), name.last()) else { return Judgement::Fails };
    let range = first.range.start..last.end();
    let near = speaks(text, &range);
    let (n_listed, n_sure) = (count(name, Word::is_listed), count(name, Word::is_sure));
    let pair = is_pair(name);
    let enough = match near {
        Speaks::Against => false,
        Speaks::For => n_sure >= 1 && (pair || n_listed >= 1 && name.len() >= 2),
        Speaks::Maybe => pair && n_sure >= 1,
        Speaks::Nothing => {
            pair && (n_sure >= 2 || name.len() >= 3 && n_sure >= 1 || is_unspaced(first.text) && n_listed >= 2)
        }
    };
    if !enough || name.iter().all(|word| is_shouted(word.text)) && near != Speaks::For {
        return Judgement::Fails;
    }
    let value = text.get(range.clone()).unwrap_or_default();
    let confidence = match near {
        _ if is_public(text, &range, value) => PUBLIC,
        Speaks::For => CUED,
        Speaks::Maybe | Speaks::Nothing | Speaks::Against => LISTED,
    };
    stretch(subject, range.start, range.end, confidence, "a listed given name and a name beside it")
}

fn count<'t>(name: &[Word<'t>], test: fn(&Word<'t>) -> bool) -> usize {
    name.iter().filter(|word| test(word)).count()
}

/// A given and a family name in different words, either order; or a word that is both, as Chinese and Korean write it.
fn is_pair(name: &[Word<'_>]) -> bool {
    name.iter().any(|word| is_unspaced(word.text))
        || name.iter().enumerate().any(|(at, word)| {
            word.given.is_some() && name.iter().enumerate().any(|(other, next)| other != at && next.family.is_some())
        })
        || name.windows(2).any(|two| matches!(two, [a, b] if a.kind == Kind::Particle && b.kind == Kind::Word))
            && name.first().is_some_and(Word::is_sure)
}

/// Of a run, what may be the name round the word at `middle`: listed words, initials, particles, and one unlisted word
/// right beside a listed one.
fn longest_name<'a, 't>(all: &'a [Word<'t>], middle: usize) -> Option<&'a [Word<'t>]> {
    let may = |word: &&Word<'_>| (word.is_listed() || word.kind != Kind::Word) && !is_nobody(word.text);
    let left = all.get(..middle)?.iter().rev().take_while(may).count();
    let right = all.get(middle + 1..)?.iter().take_while(may).count();
    let mut end = middle + 1 + right;
    if let Some(next) = all.get(end)
        && !is_nobody(next.text)
        && !is_called_after(next.text)
        && !is_shouted(next.text)
        && count(all.get(middle - left..end)?, |word| word.family.is_some() && word.given.is_none()) == 0
    {
        end += 1;
    }
    let name = all.get(middle - left..end)?;
    let leading = name.iter().take_while(|word| word.kind == Kind::Particle).count();
    let trailing = name.iter().rev().take_while(|word| word.kind != Kind::Word).count();
    name.get(leading..name.len().checked_sub(trailing)?)
}

/// The run after its titles; `None` when nothing follows them.
fn without_titles<'a, 't>(run: &'a [Word<'t>]) -> Option<&'a [Word<'t>]> {
    const TITLES: [&str; 12] = ["Dr", "Prof", "Mr", "Mrs", "Ms", "Herr", "Frau", "Dipl", "Ing", "Mag", "Sir", "Univ"];
    let titles = run.iter().take_while(|word| TITLES.contains(&word.text)).count();
    run.get(titles..).filter(|rest| !rest.is_empty())
}

/// «David M. Gay»: what looks like the French title is a middle initial, when a name stands before it.
fn follows_initial(subject: &Subject<'_>) -> bool {
    const GREETINGS: [&str; 6] = ["Bonjour", "Cher", "Avec", "Pour", "De", "Et"];
    let Some(before) = subject.before(32).strip_suffix("M. ") else { return false };
    let mut signs =
        before.trim_end_matches(' ').rsplit(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '\'')));
    let word = signs.next().unwrap_or_default();
    word.starts_with(char::is_uppercase) && !GREETINGS.contains(&word)
}

/// The name with the titles that touch it: «Dr. », «, Jr.».
fn stretch(subject: &Subject<'_>, start: usize, end: usize, confidence: f32, reason: &str) -> Judgement {
    let text = subject.text;
    let range = circumstance::with_titles(text, start..end);
    Judgement::Stretch { range, confidence, reason: reason.to_owned() }
}

/// Whether a name may begin behind the cue at the anchor: a capital or a character beyond ASCII, with signs and what
/// belongs to the cue («user_name», «Kundin») between.
pub(super) fn may_follow(text: &str, anchor: Range<usize>) -> bool {
    const PARTS_MAX: usize = 4;
    let mut rest = text.as_bytes().get(anchor.end..).unwrap_or_default();
    for _ in 0..PARTS_MAX {
        let signs = rest.iter().take_while(|byte| b" \\\"'_:=\r\n".contains(byte)).count();
        rest = rest.get(signs..).unwrap_or_default();
        let Some(first) = rest.first() else { return false };
        if first.is_ascii_uppercase() || !first.is_ascii() {
            return true;
        }
        let begins = |part: &&[u8]| rest.get(..part.len()).is_some_and(|here| here.eq_ignore_ascii_case(part));
        let Some(part) = [&b"name"[..], b"in"].into_iter().find(begins) else { return false };
        rest = rest.get(part.len()..).unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_follow_a_cue_where_something_with_a_capital_does() {
        let follows =
            |text: &str, cue: &str| may_follow(text, text.find(cue).unwrap()..text.find(cue).unwrap() + cue.len());
        assert!(follows("customer: Anna Weber", "customer") && follows("user_name = \"Anna\"", "user"));
        assert!(follows("Kundin Öztürk", "Kund") && follows("姓名：王芳", "姓名"));
        assert!(
            !follows("customer (anna)", "customer") && !follows("call at token", "call ") && !follows("name", "name")
        );
    }
}
