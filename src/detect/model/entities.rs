//! Guesses about tokens → entities in the text: pieces to words, words to a name or an address, trimmed to what is
//! written. Does not ask the network.

use std::ops::Range;

use super::{
    guess::Guess,
    kinds::{Form, Kind, Kinds, Weight},
    surroundings,
    wordpiece::Token,
};

/// Digits that a number needs: fewer are a count, a year or a price.
const DIGITS_MIN: usize = 5;
/// Letters and digits that a number has at most: more are a hash (an IBAN has 34, and a rule of its own).
const NUMBER_MAX: usize = 24;
/// Bytes between two parts of an address at most: `, ` and a line break with its indentation.
const ADDRESS_GAP: usize = 6;

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entity {
    pub(super) range: Range<usize>,
    /// Indices of its kinds, each once, in the order of the text.
    pub(super) kinds: Vec<usize>,
    /// Mean score of its words. 0–1.
    pub(super) score: f32,
}

/// One word and what it is part of.
#[derive(Debug, Clone, PartialEq)]
struct Word {
    range: Range<usize>,
    kind: usize,
    group: usize,
    begins: bool,
    score: f32,
}

/// Entities in the making.
struct Open {
    words: Vec<Word>,
}

/// Entities of a text, ascending, not overlapping.
pub(super) fn find(
    text: &str,
    tokens: &[Token],
    guesses: &[Option<Guess>],
    kinds: &Kinds,
    min_score: f32,
) -> Vec<Entity> {
    let mut found = Vec::new();
    let mut open = Open { words: Vec::new() };
    let mut start = 0;
    while let Some(first) = tokens.get(start) {
        let n_tokens =
            tokens.get(start..).unwrap_or_default().iter().take_while(|token| token.word == first.word).count();
        let pieces = tokens.get(start..start + n_tokens).unwrap_or_default();
        let said = guesses.get(start..start + n_tokens).unwrap_or_default();
        start += n_tokens;
        let written = pieces.last().and_then(|last| text.get(first.range.start..last.range.end)).unwrap_or_default();
        if first.hidden || written.contains(char::is_alphanumeric) {
            let word =
                if first.hidden { None } else { word(pieces, said).filter(|word| word.score >= min_score / 2.0) };
            match word {
                Some(word) if open.takes(text, &word, kinds) => open.words.push(word),
                word => {
                    found.extend(open.close(text, kinds, min_score));
                    open.words.extend(word);
                }
            }
        }
    }
    found.extend(open.close(text, kinds, min_score));
    found
}

/// What most of a word's pieces say.
fn word(pieces: &[Token], said: &[Option<Guess>]) -> Option<Word> {
    let sum = |holds: &dyn Fn(&Guess) -> bool| -> f32 {
        said.iter().flatten().filter(|guess| holds(guess)).map(|guess| guess.score).sum()
    };
    let of_group = |guess: &Guess| sum(&|other| other.group == guess.group);
    let of_kind = |guess: &Guess| sum(&|other| (other.group, other.kind) == (guess.group, guess.kind));
    // Of equal ones the last would win: turned round, the first does.
    let heaviest = |left: f32, right: f32| left.total_cmp(&right);
    let all = said.iter().flatten().rev();
    let group = all.clone().max_by(|a, b| heaviest(of_group(a), of_group(b)))?.group;
    let within = all.filter(|guess| guess.group == group);
    let kind = within.max_by(|a, b| heaviest(of_kind(a), of_kind(b)))?.kind;
    let n_pieces = u16::try_from(pieces.len()).ok()?;
    Some(Word {
        range: pieces.first()?.range.start..pieces.last()?.range.end,
        kind: usize::from(kind),
        group: usize::from(group),
        begins: said.first().copied().flatten().is_some_and(|guess| guess.kind == kind && guess.begins),
        score: sum(&|guess| guess.group == group) / f32::from(n_pieces),
    })
}

impl Open {
    /// Whether the word goes on with what is open.
    fn takes(&self, text: &str, word: &Word, kinds: &Kinds) -> bool {
        let (Some(last), Some(kind)) = (self.words.last(), kinds.get(word.kind)) else { return false };
        let Some(gap) = text.get(last.range.end..word.range.start) else { return false };
        if last.group != word.group {
            return false;
        }
        let seen = self.words.iter().any(|known| known.kind == word.kind);
        match kind.form {
            // `Anna Schmidt Bernd Weber` are two people, `Mary Ann` is one.
            Form::Name => joins_names(gap) && !(word.begins && seen && last.kind != word.kind),
            Form::Address => joins_addresses(gap) && !(word.begins && seen && gap.contains('\n')),
            Form::Number => joins_numbers(gap) && !word.begins,
            Form::Mail => !gap.contains(char::is_whitespace) && !word.begins,
            Form::Words => (gap.trim_matches(' ').is_empty() || gap == "-") && !word.begins,
        }
    }

    /// The entity, if it is one.
    fn close(&mut self, text: &str, kinds: &Kinds, min_score: f32) -> Option<Entity> {
        let words = std::mem::take(&mut self.words);
        let (first, last) = (words.first()?, words.last()?);
        let n_words = u16::try_from(words.len()).ok()?;
        let surest = words.iter().map(|word| word.score).fold(0.0, f32::max);
        let mut of_kinds: Vec<usize> = Vec::new();
        for word in &words {
            if !of_kinds.contains(&word.kind) {
                of_kinds.push(word.kind);
            }
        }
        let used: Vec<&Kind> = of_kinds.iter().filter_map(|kind| kinds.get(*kind)).collect();
        let form = used.first()?.form;
        let range = trimmed(text, first.range.start..last.range.end, form)?;
        let written = text.get(range.clone())?;
        // One word is a weaker guess than a given name beside a surname.
        let needed = if form == Form::Name && words.len() == 1 { min_score.midpoint(1.0) } else { min_score };
        let whole = surest >= needed
            && holds(written, form)
            && says_enough(&used)
            && surroundings::is_prose(text, &range, form);
        let score = words.iter().map(|word| word.score).sum::<f32>() / f32::from(n_words);
        whole.then_some(Entity { range, kinds: of_kinds, score })
    }
}

fn joins_names(gap: &str) -> bool {
    matches!(gap, "" | " " | "  " | "\u{a0}" | "-" | "\u{2010}" | "'" | "\u{2019}" | "." | ". " | "·" | "・")
}

fn joins_addresses(gap: &str) -> bool {
    gap.len() <= ADDRESS_GAP
        && gap.matches('\n').count() <= 1
        && !gap.contains(|c: char| c.is_alphanumeric() || ";:!?|".contains(c))
}

fn joins_numbers(gap: &str) -> bool {
    gap.len() <= 3 && gap.chars().all(|c| matches!(c, ' ' | '\u{a0}' | '-' | '\u{2013}' | '.' | '/' | '(' | ')'))
}

/// Without punctuation at its ends; the `+` and bracket of a telephone number belong to it.
fn trimmed(text: &str, range: Range<usize>, form: Form) -> Option<Range<usize>> {
    let inner = text.get(range.clone())?;
    let from_start = inner.trim_start_matches(|c: char| !c.is_alphanumeric());
    let mut start = range.end - from_start.len();
    let end = start + from_start.trim_end_matches(|c: char| !c.is_alphanumeric()).len();
    if form == Form::Number {
        let before = text.get(..start)?;
        let lead = before.strip_suffix("+(").or_else(|| before.strip_suffix(['+', '('])).unwrap_or(before);
        start = lead.len();
    }
    (start < end).then_some(start..end)
}

/// Whether what is written can be of this form at all.
fn holds(written: &str, form: Form) -> bool {
    match form {
        Form::Name => written.chars().filter(|c| c.is_alphabetic()).nth(1).is_some() || is_ideographic(written),
        Form::Address | Form::Words => written.contains(char::is_alphanumeric),
        Form::Number => {
            let digits = written.chars().filter(char::is_ascii_digit).count();
            digits >= DIGITS_MIN && written.chars().filter(|c| c.is_alphanumeric()).count() <= NUMBER_MAX
        }
        Form::Mail => written.contains('@'),
    }
}

/// A name of one letter is one only where letters are words.
fn is_ideographic(written: &str) -> bool {
    written.chars().any(|c| ('\u{3400}'..='\u{9fff}').contains(&c))
}

/// A street says enough; a town, a state or a number alone does not, a postcode and a town do.
fn says_enough(kinds: &[&Kind]) -> bool {
    let has = |weight| kinds.iter().any(|kind| kind.weight == weight);
    has(Weight::Alone) || has(Weight::Place) && has(Weight::PlaceNumber)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const KINDS: [&str; 7] = ["GIVEN_NAME", "SURNAME", "STREET_NAME", "ZIP_CODE", "CITY", "PHONE", "BUILDING_NUMBER"];

    /// Finds in words that are tagged `word/B-KIND`, with a space between; `|` before a word joins it to the one before.
    fn check(tagged: &str, expected: &[&str]) {
        let names: Vec<String> = KINDS.iter().map(|name| (*name).to_owned()).collect();
        let kinds = Kinds::new(&names, &BTreeMap::new()).unwrap();
        let (mut text, mut tokens, mut guesses) = (String::new(), Vec::new(), Vec::new());
        for (number, entry) in tagged.split(' ').enumerate() {
            let (joined, entry) = entry.strip_prefix('|').map_or((false, entry), |entry| (true, entry));
            if number > 0 && !joined {
                text.push(' ');
            }
            let (word, tag) = entry.rsplit_once('/').unwrap_or((entry, ""));
            let start = text.len();
            text.push_str(&word.replace('_', "\n"));
            tokens.push(Token { id: 0, range: start..text.len(), word: number, hidden: tag == "hidden" });
            guesses.push(guess(tag));
        }
        let found = find(&text, &tokens, &guesses, &kinds, 0.7);
        let shown: Vec<String> = found
            .iter()
            .map(|entity| {
                let kinds: Vec<&str> = entity.kinds.iter().map(|kind| KINDS[*kind]).collect();
                format!("{} ({})", &text[entity.range.clone()], kinds.join("+"))
            })
            .collect();
        assert_eq!(shown, expected, "{tagged}");
    }

    /// `B-CITY`, `I-CITY`, or `CITY?` with half the score.
    fn guess(tag: &str) -> Option<Guess> {
        let (begins, kind) = tag.strip_prefix("B-").map_or((false, tag.trim_start_matches("I-")), |kind| (true, kind));
        let (kind, score) = kind.strip_suffix('?').map_or((kind, 0.9), |kind| (kind, 0.5));
        let kind = KINDS.iter().position(|known| *known == kind)?;
        let group = [0, 0, 1, 1, 1, 2, 1][kind];
        Some(Guess { token: 0, kind: u16::try_from(kind).unwrap(), group, begins, score })
    }

    #[test]
    fn given_name_and_surname_are_one_person() {
        check("ask Anna/B-GIVEN_NAME Schmidt/B-SURNAME about", &["Anna Schmidt (GIVEN_NAME+SURNAME)"]);
        check("Schmidt/B-SURNAME Anna/B-GIVEN_NAME", &["Schmidt Anna (SURNAME+GIVEN_NAME)"]);
        check(
            "Anna/B-GIVEN_NAME Schmidt/B-SURNAME Bernd/B-GIVEN_NAME Weber/I-SURNAME",
            &["Anna Schmidt (GIVEN_NAME+SURNAME)", "Bernd Weber (GIVEN_NAME+SURNAME)"],
        );
        check("Mary/B-GIVEN_NAME Ann/B-GIVEN_NAME", &["Mary Ann (GIVEN_NAME)"]);
        check("Jean/B-GIVEN_NAME |- |Luc/I-GIVEN_NAME", &["Jean-Luc (GIVEN_NAME)"]);
        check("Anna/B-GIVEN_NAME |, Bernd/B-GIVEN_NAME", &["Anna (GIVEN_NAME)", "Bernd (GIVEN_NAME)"]);
        check("J/B-GIVEN_NAME |./I-GIVEN_NAME Weber/B-SURNAME |./I-SURNAME", &["J. Weber (GIVEN_NAME+SURNAME)"]);
    }

    #[test]
    fn an_unsure_word_belongs_to_a_sure_neighbour_and_is_nothing_alone() {
        check("Anna/B-GIVEN_NAME Xq/SURNAME?", &["Anna Xq (GIVEN_NAME+SURNAME)"]);
        check("Xq/SURNAME?", &[]);
    }

    #[test]
    fn parts_of_an_address_are_one_and_a_town_alone_is_none() {
        check(
            "in Hauptstraße/B-STREET_NAME 12/B-BUILDING_NUMBER |, 10115/B-ZIP_CODE Berlin/B-CITY |.",
            &["Hauptstraße 12, 10115 Berlin (STREET_NAME+BUILDING_NUMBER+ZIP_CODE+CITY)"],
        );
        check(
            "12/B-BUILDING_NUMBER Main/B-STREET_NAME St/I-STREET_NAME |. |, |_ Dover/B-CITY",
            &["12 Main St.,\n Dover (BUILDING_NUMBER+STREET_NAME+CITY)"],
        );
        check("in Berlin/B-CITY", &[]);
        check("of 4411/B-ZIP_CODE", &[]);
        check("10115/B-ZIP_CODE Berlin/B-CITY", &["10115 Berlin (ZIP_CODE+CITY)"]);
    }

    #[test]
    fn a_number_has_digits_and_keeps_its_plus() {
        check("call + |49/B-PHONE 30/I-PHONE |- |901820/I-PHONE |.", &["+49 30-901820 (PHONE)"]);
        check("call 12/B-PHONE", &[]);
        check(&format!("{}/B-PHONE", "a1".repeat(13)), &[]);
    }

    #[test]
    fn what_is_covered_is_never_part_of_an_entity() {
        check("Anna/B-GIVEN_NAME x/hidden Schmidt/B-SURNAME", &["Anna (GIVEN_NAME)", "Schmidt (SURNAME)"]);
    }

    #[test]
    fn parts_of_identifiers_are_no_names() {
        check("use |_ anna/B-GIVEN_NAME |@ |schmidt/B-SURNAME", &[]);
    }
}
