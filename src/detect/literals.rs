//! Finds every occurrence of thousands of literals in one pass, upper and lower case of ASCII letters being the same.
//!
//! Each literal is known by one gram: four of its bytes, or its first two where it is shorter than four. A bitmap says
//! of each place of the text whether a gram of some literal ends there; where one does, the literals are compared.
//! Against an automaton of all literals this needs a hundredth of the memory and start-up time, and its steps do not
//! wait for each other. Short literals turn up inside of words all the time: those that only count where a word begins
//! are known together with what stands before. Does not know what the literals are for.

use std::collections::HashMap;

/// A set of literals.
#[derive(Debug)]
pub(super) struct Literals {
    words: Vec<Box<[u8]>>,
    /// Of literals of four bytes and more.
    long: Grams,
    /// Of literals of two and three bytes, by their first two and what stands before.
    short: Grams,
    /// What a byte is in [`opening`] before a short literal, and as its first.
    opening_parts: Box<[[u32; 2]; 256]>,
    /// Of literals of one byte, by that byte.
    single: Vec<Option<u32>>,
}

/// Which literals are known by which gram.
#[derive(Debug)]
struct Grams {
    /// One bit a hash of a gram.
    bitmap: Box<[u64; 1 << (BITMAP_BITS - 6)]>,
    /// For each bucket, where its candidates begin; one more for the end of the last.
    first: Vec<u32>,
    candidates: Vec<Candidate>,
}

#[derive(Debug, Clone, Copy)]
struct Candidate {
    gram: u32,
    word: u32,
    /// Bytes of the word from its beginning to the end of the gram.
    ends_at: u32,
    /// The word's bytes right before and right behind the gram.
    beside: Beside,
}

/// Bytes right before and right behind a gram, four each, folded: they turn most candidates away before the word itself
/// is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Beside {
    before: u32,
    /// Which of the bytes belong to the word.
    before_mask: u32,
    behind: u32,
    behind_mask: u32,
}

impl Beside {
    /// Of the word's gram that ends at `end`.
    fn of(word: &[u8], end: usize) -> Self {
        let (mut before, mut before_mask, mut behind, mut behind_mask) = (0, 0, 0, 0);
        for step in 0..GRAM {
            let byte = end.checked_sub(2 * GRAM - step).and_then(|at| word.get(at));
            before = before << 8 | byte.map_or(0, |byte| u32::from(fold(*byte)));
            before_mask = before_mask << 8 | byte.map_or(0, |_| 0xFF);
            let byte = word.get(end + step);
            behind = behind << 8 | byte.map_or(0, |byte| u32::from(fold(*byte)));
            behind_mask = behind_mask << 8 | byte.map_or(0, |_| 0xFF);
        }
        Self { before, before_mask, behind, behind_mask }
    }

    /// Whether the word may stand where these bytes are beside the gram.
    fn fits(&self, before: u32, behind: u32) -> bool {
        (self.before ^ before) & self.before_mask == 0 && (self.behind ^ behind) & self.behind_mask == 0
    }
}

/// The four bytes from `at` on, folded; zeros behind the end.
fn gram_at(bytes: &[u8], at: usize) -> u32 {
    match bytes.get(at..).and_then(|rest| rest.first_chunk::<GRAM>()) {
        Some(four) => u32::from_be_bytes(*four) | 0x2020_2020,
        None => (at..at + GRAM).fold(0, |gram, at| gram << 8 | bytes.get(at).map_or(0, |byte| u32::from(fold(*byte)))),
    }
}

/// Bits of a hash that the bitmap is indexed by: 32 KiB, of which 10,000 literals fill a twenty-fifth.
const BITMAP_BITS: u32 = 18;
/// Bits of a hash that buckets are indexed by.
const BUCKET_BITS: u32 = 13;

/// Where a literal counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begins {
    /// Everywhere.
    Anywhere,
    /// Where a word begins, as far as a look at the byte before tells; inside of words it may be found or not.
    Words,
}

impl Literals {
    /// Words as given; their place in the list is what [`Literals::find`] tells. None is empty.
    pub(super) fn new(literals: Vec<(Box<[u8]>, Begins)>) -> Self {
        let mut load: HashMap<u32, usize> = HashMap::new();
        let (mut long, mut short, mut single) = (Vec::new(), Vec::new(), vec![None; 256]);
        for (index, (word, begins)) in (0_u32..).zip(&literals) {
            match **word {
                [] => {}
                [byte] => [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()].into_iter().for_each(|byte| {
                    single.get_mut(usize::from(byte)).into_iter().for_each(|slot| *slot = Some(index));
                }),
                [first, second] | [first, second, _] => {
                    short.extend(openings(word, (first, second), index, *begins));
                }
                _ => long.extend(rarest(word, index, &mut load)),
            }
        }
        let words = literals.into_iter().map(|(word, _)| word).collect();
        Self { words, long: Grams::new(long), short: Grams::new(short), opening_parts: opening_parts(), single }
    }

    /// Calls with word, start and end of each occurrence. Ascending by the end of what the words are known by, which
    /// is within a word's length of its end.
    pub(super) fn find(&self, bytes: &[u8], mut found: impl FnMut(usize, usize, usize)) {
        let (mut earlier, mut gram) = (0_u32, 0_u32);
        let [mut first_stands, mut first] = self.opening_parts[usize::from(b' ')];
        let mut before = first_stands;
        for (at, &byte) in bytes.iter().enumerate() {
            earlier = earlier << 8 | gram >> 24;
            gram = gram << 8 | u32::from(fold(byte));
            if self.long.may_have(gram) {
                self.compare(&self.long, (earlier, gram), bytes, at + 1, &mut found);
            }
            let opening = before | first | u32::from(fold(byte));
            if self.short.may_have(opening) {
                self.compare(&self.short, (0, opening), bytes, at + 1, &mut found);
            }
            before = first_stands;
            [first_stands, first] = self.opening_parts[usize::from(byte)];
            if let Some(Some(word)) = self.single.get(usize::from(byte)) {
                found(index(*word), at, at + 1);
            }
        }
    }

    #[inline(never)]
    fn compare(
        &self,
        grams: &Grams,
        (before, gram): (u32, u32),
        bytes: &[u8],
        end: usize,
        found: &mut impl FnMut(usize, usize, usize),
    ) {
        let behind = gram_at(bytes, end);
        for candidate in grams.of(gram).filter(|candidate| candidate.beside.fits(before, behind)) {
            let Some(word) = self.words.get(index(candidate.word)) else { continue };
            let Some(start) = end.checked_sub(index(candidate.ends_at)) else { continue };
            let end = start + word.len();
            if bytes.get(start..end).is_some_and(|here| here.eq_ignore_ascii_case(word)) {
                found(index(candidate.word), start, end);
            }
        }
    }
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The same for both cases of a letter; what else falls together is told apart when the word is compared.
fn fold(byte: u8) -> u8 {
    byte | 0x20
}

/// What stands before a short literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    /// No letter and no digit; or a byte of a character beyond ASCII, which may be either.
    Sign,
    /// A small letter that may be an escape's: `n`, `t`, `r`.
    Escape,
    /// Another small letter: a capital behind it begins a word.
    Small,
    /// A capital or a digit.
    Inside,
}

impl Before {
    const ALL: [Self; 4] = [Self::Sign, Self::Escape, Self::Small, Self::Inside];

    fn of(byte: u8) -> Self {
        match byte {
            b'n' | b't' | b'r' => Self::Escape,
            b'a'..=b'z' => Self::Small,
            b'A'..=b'Z' | b'0'..=b'9' => Self::Inside,
            _ => Self::Sign,
        }
    }

    /// Whether a word may begin behind it with a capital, or with another byte.
    fn opens(self, capital: bool) -> bool {
        match self {
            Self::Sign | Self::Escape => true,
            Self::Small => capital,
            Self::Inside => false,
        }
    }
}

/// What a short literal is known by.
fn opening(before: Before, first: u8, second: u8) -> u32 {
    let before = match before {
        Before::Sign => 0,
        Before::Escape => 1,
        Before::Small => 2,
        Before::Inside => 3,
    };
    let capital = u32::from(first.is_ascii_uppercase());
    (before << 17) | (capital << 16) | (u32::from(fold(first)) << 8) | u32::from(fold(second))
}

/// [`opening`] taken apart: what each byte adds to it before a literal, and as its first.
fn opening_parts() -> Box<[[u32; 2]; 256]> {
    let mut parts = Box::new([[0; 2]; 256]);
    for (byte, slot) in (0..=u8::MAX).zip(parts.iter_mut()) {
        *slot = [opening(Before::of(byte), 0, 0) & !0xFFFF, opening(Before::Sign, byte, 0) & !0xFF];
    }
    parts
}

/// All that a short literal is known by.
fn openings(word: &[u8], (first, second): (u8, u8), index: u32, begins: Begins) -> Vec<Candidate> {
    let mut cases = vec![first.to_ascii_lowercase(), first.to_ascii_uppercase()];
    cases.dedup();
    let mut grams = Vec::new();
    for first in cases {
        let standing = Before::ALL
            .into_iter()
            .filter(|before| begins == Begins::Anywhere || before.opens(first.is_ascii_uppercase()));
        grams.extend(standing.map(|before| opening(before, first, second)));
    }
    let beside = Beside::of(word, 2);
    grams.into_iter().map(|gram| Candidate { gram, word: index, ends_at: 2, beside }).collect()
}

/// Bytes of a gram of a long literal.
const GRAM: usize = 4;

/// The gram that a long literal is known by: rare in ordinary text, and not yet that of many literals.
fn rarest(word: &[u8], index: u32, load: &mut HashMap<u32, usize>) -> Option<Candidate> {
    let grams = word.windows(GRAM).zip(GRAM..).map(|(bytes, ends_at)| {
        let gram = bytes.iter().fold(0, |gram, byte| gram << 8 | u32::from(fold(*byte)));
        let common: usize = bytes.iter().map(|byte| commonness(*byte)).sum();
        (common + 8 * load.get(&gram).copied().unwrap_or(0), gram, ends_at)
    });
    let (_, gram, ends_at) = grams.min_by_key(|(cost, ..)| *cost)?;
    *load.entry(gram).or_default() += 1;
    Some(Candidate { gram, word: index, ends_at: u32::try_from(ends_at).ok()?, beside: Beside::of(word, ends_at) })
}

/// Bytes of prose, code and logs, the most common first.
const BY_FREQUENCY: &[u8] = b" etaoinsrlhdcu.mp,/-0gf_1y\"b:w2=v34('k8567)9;xjz'q";

fn commonness(byte: u8) -> usize {
    let place = BY_FREQUENCY.iter().position(|common| *common == byte.to_ascii_lowercase());
    place.map_or(0, |place| BY_FREQUENCY.len() - place)
}

impl Grams {
    fn new(mut candidates: Vec<Candidate>) -> Self {
        let mut bitmap = Box::new([0; 1 << (BITMAP_BITS - 6)]);
        let mut first = vec![0; (1 << BUCKET_BITS) + 1];
        candidates.sort_by_key(|candidate| bucket(candidate.gram));
        for candidate in &candidates {
            let hash = hash(candidate.gram);
            bitmap[word_of(hash)] |= 1_u64 << (hash & 63);
            first.get_mut(bucket(candidate.gram) + 1).into_iter().for_each(|begin| *begin += 1);
        }
        let mut total = 0;
        for begin in &mut first {
            total += *begin;
            *begin = total;
        }
        Self { bitmap, first, candidates }
    }

    fn may_have(&self, gram: u32) -> bool {
        let hash = hash(gram);
        self.bitmap[word_of(hash)] >> (hash & 63) & 1 == 1
    }

    fn of(&self, gram: u32) -> impl Iterator<Item = &Candidate> {
        let at = |bucket: usize| self.first.get(bucket).copied().map_or(0, index);
        let bucket = bucket(gram);
        let candidates = self.candidates.get(at(bucket)..at(bucket + 1)).unwrap_or_default();
        candidates.iter().filter(move |candidate| candidate.gram == gram)
    }
}

/// Fibonacci hashing: the upper bits of a product.
fn hash(gram: u32) -> u32 {
    gram.wrapping_mul(0x9E37_79B1) >> (32 - BITMAP_BITS)
}

/// The word of the bitmap that holds a hash's bit.
fn word_of(hash: u32) -> usize {
    index(hash >> 6) & ((1 << (BITMAP_BITS - 6)) - 1)
}

fn bucket(gram: u32) -> usize {
    index(hash(gram) >> (BITMAP_BITS - BUCKET_BITS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(words: &[&str], text: &str) -> Vec<(usize, usize, usize)> {
        let words = words.iter().map(|word| (word.as_bytes().into(), Begins::Anywhere)).collect();
        let mut got = Vec::new();
        Literals::new(words).find(text.as_bytes(), |word, start, end| got.push((word, start, end)));
        got.sort_unstable();
        got
    }

    #[test]
    fn every_occurrence_is_found_in_either_case() {
        let words = ["password", "pass", "wo", "@", "é=", "ssw", "word: x"];
        assert_eq!(
            found(&words, "My PassWord: @ é="),
            [(0, 3, 11), (1, 3, 7), (2, 7, 9), (3, 13, 14), (4, 15, 18), (5, 5, 8)]
        );
        assert_eq!(found(&["a"], "A"), [(0, 0, 1)]);
        assert!(found(&words, "").is_empty());
    }

    #[test]
    fn a_short_word_is_found_where_words_begin() {
        let find = |text: &str| {
            let mut starts = Vec::new();
            Literals::new(vec![(b"id".as_slice().into(), Begins::Words)])
                .find(text.as_bytes(), |_, start, _| starts.push(start));
            starts
        };
        assert_eq!(find("id ID, userId \\nid (id"), [0, 3, 11, 16, 20]);
        assert!(find("video HYBRID 1id").is_empty());
        assert_eq!(find("éid"), [2], "a look at the byte before does not tell");
    }

    proptest! {
        #[test]
        fn it_agrees_with_comparing_everywhere(
            words in prop::collection::btree_set("[ab1@K_]{1,7}", 1..24), text in "[abAB1@k_K ]{0,80}"
        ) {
            let words: std::collections::BTreeSet<String> = words.iter().map(|word| word.to_ascii_lowercase()).collect();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let mut expected = Vec::new();
            for (index, word) in words.iter().enumerate() {
                for start in 0..text.len() {
                    let end = start + word.len();
                    if text.as_bytes().get(start..end).is_some_and(|here| here.eq_ignore_ascii_case(word.as_bytes())) {
                        expected.push((index, start, end));
                    }
                }
            }
            prop_assert_eq!(found(&words, &text), expected);
        }
    }
}
