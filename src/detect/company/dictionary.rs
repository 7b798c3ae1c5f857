//! Words and phrases that a company wants to keep to itself: code names, customers, projects. A million of them cost a
//! prompt no more than a hundred: each word of a text is one look into a table. Reads no file.

use super::{
    key::{Key, Sip},
    letters::{Letters, ones},
    lookup::{Buckets, Filter, OPENING, Openings, PHRASE_MAX},
};
use crate::detect::{Category, Severity};
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;

/// What an entry must be in a text to be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Matching {
    /// Whole words; what stands between the words of an entry does not matter.
    #[default]
    Word,
    /// Also inside a longer word.
    Substring,
}

/// What is said about a dictionary, besides its entries.
#[derive(Debug, Clone, PartialEq)]
pub struct About {
    /// Last part of the rule's id.
    pub name: String,
    /// Shown to people.
    pub title: String,
    /// Kind of data.
    pub category: Category,
    /// How bad it is when an entry leaves.
    pub severity: Severity,
    /// Whole words or parts of them.
    pub matching: Matching,
    /// Case and accents are the same.
    pub ignore_case: bool,
    /// Letters that may follow an entry in its last word (`Falke` → `Falkes`).
    pub endings: u32,
    /// Where the entries come from: `scrim.toml`'s `file`.
    pub source: String,
}

/// A dictionary, as hashes.
#[derive(Debug)]
pub struct Dictionary {
    pub(super) about: About,
    openings: Openings,
    filter: Filter,
    /// Sorted.
    entries: Vec<u64>,
    buckets: Buckets,
    left_out: usize,
}

/// Letters of an entry at least: a single letter is no name.
const ENTRY_LEAST: usize = 2;

/// An entry found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) letters: Range<usize>,
    /// It has an ending.
    pub(super) inflected: bool,
}

impl Dictionary {
    /// Takes in `number` entries, about. Entries of a single letter, and of fewer than four where parts of words count,
    /// are left out; of entries longer than 64 letters the words within the first 64 count.
    #[must_use]
    pub fn new<E: AsRef<str>>(key: &Key, about: About, number: usize, entries: impl IntoIterator<Item = E>) -> Self {
        let sip = phrases(key);
        let least = match about.matching {
            Matching::Word => ENTRY_LEAST,
            Matching::Substring => OPENING,
        };
        let mut openings = Openings::for_number(number);
        let (mut folded, mut hashes, mut left_out) = (Vec::with_capacity(number), Vec::with_capacity(number), 0);
        let mut letters = Letters::default();
        for entry in entries {
            letters.read(entry.as_ref());
            let codes = letters.codes.get(..phrase_length(&letters)).unwrap_or_default();
            if codes.len() < least {
                left_out += 1;
                continue;
            }
            openings.insert(&sip, codes);
            let hash = sip.letters(codes);
            folded.push(hash);
            let exactly = || entry.as_ref().get(letters.bytes(entry.as_ref(), 0..codes.len()));
            hashes.push(if about.ignore_case { hash } else { with_case(&sip, hash, exactly().unwrap_or_default()) });
        }
        let filter = Filter::of(folded.into_iter());
        hashes.sort_unstable();
        hashes.dedup();
        hashes.shrink_to_fit();
        let buckets = Buckets::over(&hashes);
        Self { about, openings, filter, entries: hashes, buckets, left_out }
    }

    /// Different entries.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.entries.len()
    }

    /// Entries that were too short.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// What is said about it.
    #[must_use]
    pub fn about(&self) -> &About {
        &self.about
    }

    /// Hash of all it keeps.
    pub(super) fn digest(&self, sip: &Sip) -> u64 {
        sip.hash(self.entries.iter().copied())
    }

    /// Bytes it takes in memory, about.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.entries.len() * 9 + (self.openings.parts().0.len() + self.filter.words().len()) * 8
    }

    /// The longest entry that begins with letter `first`, whose opening has this hash.
    pub(super) fn at(
        &self,
        sip: &Sip,
        text: &str,
        letters: &Letters,
        first: usize,
        opening: Option<u64>,
    ) -> Option<Found> {
        let lengths = self.openings.lengths(opening);
        if lengths == 0 {
            return None;
        }
        let ends = match self.about.matching {
            Matching::Word => letters.ends(first, lengths, self.about.endings),
            Matching::Substring => lengths & letters.reach(first),
        };
        let mut longest = None;
        for bit in ones(ends) {
            let end = first + bit + 1;
            if letters.codes.get(first..end).is_some_and(|codes| self.holds(sip, text, letters, first..end, codes)) {
                longest = Some(end);
            }
        }
        let end = longest?;
        let whole = match self.about.matching {
            Matching::Word => letters.word_end(end - 1),
            Matching::Substring => end,
        };
        Some(Found { letters: first..whole, inflected: whole > end })
    }

    fn holds(&self, sip: &Sip, text: &str, letters: &Letters, range: Range<usize>, codes: &[u32]) -> bool {
        let hash = sip.letters(codes);
        if !self.filter.may_hold(hash) {
            return false;
        }
        let exactly = || text.get(letters.bytes(text, range)).unwrap_or_default();
        let hash = if self.about.ignore_case { hash } else { with_case(sip, hash, exactly()) };
        !self.buckets.find(&self.entries, hash).is_empty()
    }
}

/// The hash of phrases.
pub(super) fn phrases(key: &Key) -> Sip {
    key.sip(u64::from_le_bytes(*b"phrases1"))
}

/// Letters of the phrase that a whole text is: all of it, or the words within the first [`PHRASE_MAX`].
pub(super) fn phrase_length(letters: &Letters) -> usize {
    if letters.codes.len() <= PHRASE_MAX {
        return letters.codes.len();
    }
    ones(letters.ends(0, u64::MAX, 0)).last().map_or(PHRASE_MAX, |bit| bit + 1)
}

/// The hash of a phrase together with its case and accents.
fn with_case(sip: &Sip, folded: u64, exactly: &str) -> u64 {
    let letters = exactly.nfkc().filter(|letter| letter.is_alphanumeric());
    sip.hash([folded].into_iter().chain(letters.map(|letter| u64::from(u32::from(letter)))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::company::lookup::opening;

    fn about() -> About {
        About {
            name: "code-names".to_owned(),
            title: "Code names".to_owned(),
            category: Category::parse("COMPANY").unwrap(),
            severity: Severity::Medium,
            matching: Matching::Word,
            ignore_case: true,
            endings: 0,
            source: "code-names.txt".to_owned(),
        }
    }

    /// What the dictionary finds in a text.
    fn found<'t>(about: About, entries: &[&str], text: &'t str) -> Vec<&'t str> {
        let key = Key::new([9; 32]);
        let dictionary = Dictionary::new(&key, about, entries.len(), entries);
        let (sip, letters) = (phrases(&key), Letters::of(text));
        let begins: Vec<usize> = match dictionary.about.matching {
            Matching::Word => letters.word_begins().collect(),
            Matching::Substring => (0..letters.codes.len()).collect(),
        };
        let at = |first: usize| dictionary.at(&sip, text, &letters, first, opening(&sip, &letters.codes[first..]));
        begins.into_iter().filter_map(at).map(|found| &text[letters.bytes(text, found.letters)]).collect()
    }

    #[test]
    fn whole_words_are_found_however_they_are_written() {
        let entries = ["Projekt Falke", "Société Générale", "IT", "北极星", "Ölmühle GmbH & Co. KG", "X-17"];
        for (text, expected) in [
            ("About Projekt Falke today", vec!["Projekt Falke"]),
            ("projekt-falke, PROJEKT_FALKE; ProjektFalke", vec!["projekt-falke", "PROJEKT_FALKE", "ProjektFalke"]),
            ("Projekt\n  Falke", vec!["Projekt\n  Falke"]),
            ("societe generale", vec!["societe generale"]),
            ("our IT team", vec!["IT"]),
            ("关于北极星的计划", vec!["北极星"]),
            ("ask oelmuehle? no: Ölmühle GmbH & Co. KG!", vec!["Ölmühle GmbH & Co. KG"]),
            ("the X17 and x 17", vec!["X17", "x 17"]),
            ("Projekt Falken, Projektfalkes, item, X-170, Projekt\n\nFalke", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(found(about(), &entries, text), expected, "{text}");
        }
    }

    #[test]
    fn the_longest_entry_is_found() {
        assert_eq!(found(about(), &["Falke", "Falke Nord"], "Falke Nord, Falke Süd"), ["Falke Nord", "Falke"]);
    }

    #[test]
    fn case_counts_where_it_is_said_to() {
        let about = About { ignore_case: false, ..about() };
        assert_eq!(found(about, &["Falke", "Peña"], "falke FALKE Falke pena Peña"), ["Falke", "Peña"]);
    }

    #[test]
    fn endings_and_parts_of_words_are_found_where_they_are_asked_for() {
        let inflected = About { endings: 2, ..about() };
        assert_eq!(
            found(inflected, &["Falke"], "Falkes Falken Falkens Falkenhorst Falke"),
            ["Falkes", "Falken", "Falkens", "Falke"]
        );
        let part = About { matching: Matching::Substring, ..about() };
        assert_eq!(found(part, &["Falke", "abc"], "Turmfalkenhorst abc"), ["falke"]);
    }

    #[test]
    fn long_and_short_entries_are_taken_as_far_as_they_go() {
        let long = "The Honourable Society of Makers of Very Long Names in the County of Somewhere Ltd";
        let text = format!("by {long}.");
        let all = found(about(), &[long, "a", "", "--"], &text);
        assert_eq!(all, ["The Honourable Society of Makers of Very Long Names in the County of"]);
        let dictionary = Dictionary::new(&Key::new([9; 32]), about(), 3, ["a", "", "Falke"]);
        assert_eq!((dictionary.entries(), dictionary.left_out()), (1, 2));
    }
}
