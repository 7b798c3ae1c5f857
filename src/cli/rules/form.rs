//! The form that some values have in common: a literal beginning, then runs of characters of a class with their lengths.
//! Makes up further values of that form, so that nothing of a real one is kept. Writes no rule.

use sha2::{Digest, Sha256};

/// Least bytes behind the beginning: less is no value of its own.
const REST_LEAST: usize = 4;
/// Least bytes of a beginning that anchors a rule.
pub(super) const PREFIX_LEAST: usize = 3;
/// Longest word within the beginning of a single example: `sandbox`, `production`.
const WORD_MAX: usize = 10;
/// Words in the beginning of a single example at most: `acme_live_`.
const WORDS_MAX: usize = 3;

/// What values look like.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Form {
    /// Every value begins with it.
    pub(super) prefix: String,
    pub(super) parts: Vec<Part>,
}

/// A stretch behind the beginning.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A mark between runs.
    Mark(char),
    Run(Run),
}

/// Characters of one class.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Run {
    class: Class,
    pub(super) least: usize,
    pub(super) most: usize,
}

/// Which characters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Class {
    digits: bool,
    lower: bool,
    upper: bool,
    /// Letters go to `f` only.
    is_hex: bool,
    marks: Vec<char>,
}

impl Class {
    /// Least bytes of a run from which letters up to `f` are no accident.
    const HEX_LEAST: usize = 8;

    fn of<'a>(texts: impl Iterator<Item = &'a str> + Clone) -> Self {
        let letters = || texts.clone().flat_map(str::chars);
        let mut marks: Vec<char> = letters().filter(|letter| !letter.is_ascii_alphanumeric()).collect();
        marks.sort_unstable();
        marks.dedup();
        let (lower, upper) = (letters().any(|c| c.is_ascii_lowercase()), letters().any(|c| c.is_ascii_uppercase()));
        let digits = letters().any(|letter| letter.is_ascii_digit());
        let is_hex = digits
            && lower != upper
            && marks.is_empty()
            && texts.clone().map(str::len).sum::<usize>() >= Self::HEX_LEAST
            && letters().all(|letter| letter.is_ascii_hexdigit());
        Self { digits, lower, upper, is_hex, marks }
    }

    fn pattern(&self) -> String {
        let end = if self.is_hex { ('f', 'F') } else { ('z', 'Z') };
        let mut set = String::new();
        if self.digits {
            set.push_str("0-9");
        }
        if self.upper {
            set.push_str(&format!("A-{}", end.1));
        }
        if self.lower {
            set.push_str(&format!("a-{}", end.0));
        }
        set.extend(self.marks.iter().flat_map(|mark| ['\\', *mark]));
        format!("[{set}]")
    }

    /// Letters and digits to make values up from.
    fn alphabet(&self) -> Vec<char> {
        let end = if self.is_hex { ('f', 'F') } else { ('z', 'Z') };
        let mut all = Vec::new();
        all.extend(('0'..='9').filter(|_| self.digits));
        all.extend(('A'..=end.1).filter(|_| self.upper));
        all.extend(('a'..=end.0).filter(|_| self.lower));
        all
    }

    /// As `shapes` of an anchor says it.
    fn shape(&self) -> Option<char> {
        match (self.digits, self.lower || self.upper, self.marks.as_slice()) {
            (true, false, []) => Some('d'),
            (false, true, []) => Some('l'),
            (true, true, []) if self.is_hex => Some('h'),
            (_, _, marks) if marks.iter().all(|mark| matches!(mark, '_' | '-')) => Some('t'),
            (_, _, _) => None,
        }
    }
}

impl Form {
    /// The form of some examples; an error says what is wrong with them.
    pub(super) fn of(examples: &[String]) -> Result<Self, &'static str> {
        if examples.iter().any(|example| !example.bytes().all(|byte| byte.is_ascii_graphic()) || example.contains('\''))
        {
            return Err("an example holds a blank, a quote or letters outside ASCII");
        }
        let prefix = prefix(examples);
        let rests: Vec<&str> = examples.iter().filter_map(|example| example.get(prefix.len()..)).collect();
        if rests.is_empty() || rests.iter().any(|rest| rest.len() < REST_LEAST) {
            return Err("an example ends where all of them are still alike, or is too short");
        }
        let alphanumeric = rests.iter().any(|rest| rest.bytes().any(|byte| byte.is_ascii_alphanumeric()));
        if !alphanumeric {
            return Err("an example holds no letter or digit behind its beginning");
        }
        let parts = structured(&rests).unwrap_or_else(|| vec![run(&rests)]);
        Ok(Self { prefix, parts })
    }

    /// Pattern behind the beginning, free-spaced.
    pub(super) fn pattern(&self) -> String {
        let written: Vec<String> = self.parts.iter().map(Part::pattern).collect();
        written.join(" ")
    }

    /// Least and most bytes of a value.
    pub(super) fn length(&self) -> (usize, usize) {
        self.parts.iter().fold((self.prefix.len(), self.prefix.len()), |(least, most), part| match part {
            Part::Mark(_) => (least + 1, most + 1),
            Part::Run(run) => (least + run.least, most + run.most),
        })
    }

    /// Digits of a value that holds nothing but digits and single marks, least and most.
    pub(super) fn digits(&self) -> Option<(usize, usize)> {
        let mut sum = (0, 0);
        for part in &self.parts {
            match part {
                Part::Mark(_) => {}
                Part::Run(run) if run.class.shape() == Some('d') => sum = (sum.0 + run.least, sum.1 + run.most),
                Part::Run(_) => return None,
            }
        }
        self.prefix
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then_some((sum.0 + self.prefix.len(), sum.1 + self.prefix.len()))
    }

    /// Whether all bytes are those of a token.
    pub(super) fn is_token(&self) -> bool {
        let fits = |mark: &char| matches!(mark, '_' | '+' | '/' | '-');
        let prefix = self.prefix.chars().all(|letter| letter.is_ascii_alphanumeric() || fits(&letter));
        prefix
            && self.parts.iter().all(|part| match part {
                Part::Mark(mark) => fits(mark),
                Part::Run(run) => run.class.marks.iter().all(fits),
            })
    }

    /// How values begin, as `shapes` says it: letters of the beginning, and some characters behind it.
    pub(super) fn shape(&self) -> String {
        const BEHIND: usize = 4;
        let mut shape: String = self
            .prefix
            .chars()
            .map(|letter| if matches!(letter, 'd' | 'h' | 'l' | 't') { 'l' } else { letter })
            .collect();
        if let Some(Part::Run(run)) = self.parts.first()
            && let Some(mask) = run.class.shape()
        {
            shape.extend(std::iter::repeat_n(mask, run.least.min(BEHIND)));
        }
        shape
    }

    /// A value of this form; the same for the same seed, and nothing of any example.
    pub(super) fn made_up(&self, seed: &str) -> String {
        let mut value = self.prefix.clone();
        let mut stream = Stream::new(seed);
        for part in &self.parts {
            match part {
                Part::Mark(mark) => value.push(*mark),
                Part::Run(run) => {
                    let alphabet = run.class.alphabet();
                    value.extend((0..run.most).filter_map(|_| alphabet.get(stream.next(alphabet.len())).copied()));
                }
            }
        }
        value
    }
}

impl Part {
    fn pattern(&self) -> String {
        match self {
            Self::Mark(mark) => escaped(&mark.to_string()),
            Self::Run(Run { class, least, most }) if least == most => format!("{}{{{least}}}", class.pattern()),
            Self::Run(Run { class, least, most }) => format!("{}{{{least},{most}}}", class.pattern()),
        }
    }
}

/// A literal in a free-spaced pattern.
pub(super) fn escaped(literal: &str) -> String {
    regex::escape(literal)
}

/// Bytes that depend on a seed alone.
struct Stream {
    seed: String,
    block: Vec<u8>,
    n_blocks: u32,
}

impl Stream {
    fn new(seed: &str) -> Self {
        Self { seed: seed.to_owned(), block: Vec::new(), n_blocks: 0 }
    }

    /// A number below `limit`.
    fn next(&mut self, limit: usize) -> usize {
        if self.block.is_empty() {
            self.n_blocks += 1;
            self.block = Sha256::digest(format!("{} {}", self.seed, self.n_blocks)).to_vec();
        }
        self.block.pop().map_or(0, |byte| usize::from(byte).checked_rem(limit).unwrap_or(0))
    }
}

/// What all examples begin with. Chance makes random values alike too, so it ends at a mark where there is one.
fn prefix(examples: &[String]) -> String {
    let [first, others @ ..] = examples else { return String::new() };
    if others.is_empty() {
        return words_of(first);
    }
    let alike = |other: &String| first.bytes().zip(other.bytes()).take_while(|(left, right)| left == right).count();
    let length = others.iter().map(alike).min().unwrap_or(0);
    let common = first.get(..length).unwrap_or_default();
    let to_mark = common.rfind(|letter: char| !letter.is_ascii_alphanumeric()).map_or(0, |at| at + 1);
    let kept = if to_mark > 0 { common.get(..to_mark).unwrap_or_default() } else { common };
    let is_word = to_mark > 0 || examples.len() > 2 || kept.bytes().all(|byte| byte.is_ascii_alphabetic());
    if is_word && kept.len() >= PREFIX_LEAST { kept.to_owned() } else { String::new() }
}

/// Words with a mark behind them that a single example begins with.
fn words_of(example: &str) -> String {
    let mut end = 0;
    for word in example.split_inclusive(|letter: char| !letter.is_ascii_alphanumeric()).take(WORDS_MAX) {
        let letters = word.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric());
        let is_word = letters.len() < word.len()
            && letters.len() <= WORD_MAX
            && letters.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && letters.bytes().skip(1).all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            && letters.bytes().filter(u8::is_ascii_digit).count() <= 1;
        let is_word = is_word || letters.bytes().all(|byte| byte.is_ascii_uppercase()) && letters.len() < word.len();
        if !is_word || letters.is_empty() {
            break;
        }
        end += word.len();
    }
    let kept = example.get(..end).unwrap_or_default();
    if kept.len() >= PREFIX_LEAST && example.len() >= end + REST_LEAST { kept.to_owned() } else { String::new() }
}

/// Runs and marks, where all values have the same marks at the same places and marks are no part of random values.
fn structured(rests: &[&str]) -> Option<Vec<Part>> {
    let split: Vec<Vec<&str>> = rests.iter().map(|rest| stretches(rest)).collect();
    let first = split.first()?;
    let alike = split.iter().all(|one| {
        one.len() == first.len()
            && one.iter().zip(first).all(|(left, right)| is_run(left) && is_run(right) || left == right)
    });
    let same_lengths =
        rests.len() > 1 && split.iter().all(|one| one.iter().zip(first).all(|(left, right)| left.len() == right.len()));
    let plain = split.iter().flatten().filter(|one| is_run(one)).all(|one| {
        let class = Class::of(std::iter::once(*one));
        class.is_hex
            || [class.digits, class.lower, class.upper].iter().filter(|kind| **kind).count() == 1
            || one.len() < 8
    });
    let starts = first.first().is_some_and(|one| is_run(one));
    if !alike || !starts || first.len() > 1 && !same_lengths && !plain {
        return None;
    }
    let parts = (0..first.len()).filter_map(|index| {
        let column: Vec<&str> = split.iter().filter_map(|one| one.get(index).copied()).collect();
        match column.first()? {
            one if is_run(one) => Some(run(&column)),
            mark => mark.chars().next().map(Part::Mark),
        }
    });
    Some(parts.collect())
}

fn is_run(stretch: &str) -> bool {
    stretch.starts_with(|letter: char| letter.is_ascii_alphanumeric())
}

/// Runs of letters and digits, and each mark alone.
fn stretches(text: &str) -> Vec<&str> {
    let mut stretches = Vec::new();
    let mut begin = 0;
    for (at, mark) in text.match_indices(|letter: char| !letter.is_ascii_alphanumeric()) {
        stretches.extend(text.get(begin..at).filter(|run| !run.is_empty()));
        stretches.push(mark);
        begin = at + mark.len();
    }
    stretches.extend(text.get(begin..).filter(|run| !run.is_empty()));
    stretches
}

fn run(texts: &[&str]) -> Part {
    let lengths = || texts.iter().map(|text| text.len());
    let (least, most) = (lengths().min().unwrap_or(0), lengths().max().unwrap_or(0));
    Part::Run(Run { class: Class::of(texts.iter().copied()), least, most })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(examples: &[&str]) -> (String, String) {
        let examples: Vec<String> = examples.iter().map(|example| (*example).to_owned()).collect();
        let form = Form::of(&examples).unwrap();
        (form.prefix.clone(), form.pattern())
    }

    fn is(examples: &[&str], prefix: &str, pattern: &str) {
        assert_eq!(form(examples), (prefix.to_owned(), pattern.to_owned()), "{examples:?}");
    }

    #[test]
    fn a_beginning_and_the_classes_behind_it_are_seen() {
        is(&["acme_live_9f8Qz7LmXp2vK4tR"], "acme_live_", "[0-9A-Za-z]{16}");
        is(&["acme_9f8Qz7Lm", "acme_vK4tRw6YbN"], "acme_", "[0-9A-Za-z]{8,10}");
        is(&["NWF41f0c9a7be24", "NWF718293a4b5c6"], "NWF", "[0-9a-f]{12}");
        is(&["KD-4711-2284", "KD-0815-9931"], "KD-", r"[0-9]{4} \- [0-9]{4}");
        is(&["KD-4711-2284"], "KD-", r"[0-9]{4} \- [0-9]{4}");
        is(&["9f8Qz7LmXp2vK4tRw6Yb"], "", "[0-9A-Za-z]{20}");
        is(&["tok_aB3-x9Zq_77Lm2pQ8r"], "tok_", r"[0-9A-Za-z\-\_]{18}");
        is(
            &["1f0c9a7b-e24d-5f60-7182-93a4b5c6d7e8"],
            "",
            r"[0-9a-f]{8} \- [0-9a-f]{4} \- [0-9]{4} \- [0-9]{4} \- [0-9a-f]{12}"
                .replace("[0-9a-f]{4} \\- [0-9]{4} \\- [0-9]{4}", "[0-9a-z]{4} \\- [0-9a-z]{4} \\- [0-9]{4}")
                .as_str(),
        );
    }

    #[test]
    fn values_that_have_no_form_are_refused() {
        for examples in [&["with blank"][..], &["grün_9f8Qz7Lm"], &["ab"], &["-_-_-_-_"]] {
            let examples: Vec<String> = examples.iter().map(|example| (*example).to_owned()).collect();
            assert!(Form::of(&examples).is_err(), "{examples:?}");
        }
    }

    #[test]
    fn made_up_values_have_the_form_and_nothing_of_the_example() {
        let example = "acme_live_9f8Qz7LmXp2vK4tR";
        let form = Form::of(&[example.to_owned()]).unwrap();
        let made_up = form.made_up("acme.key 1");
        assert_eq!((made_up.len(), form.made_up("acme.key 1")), (example.len(), made_up.clone()));
        assert!(made_up.starts_with("acme_live_") && !made_up.contains("9f8Q"), "{made_up}");
        assert_ne!(made_up, form.made_up("acme.key 2"));
    }
}
