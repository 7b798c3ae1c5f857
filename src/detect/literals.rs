//! Finds every occurrence of thousands of literals in one pass, upper and lower case of ASCII letters being the same.
//!
//! Each literal is known by one gram: four of its bytes, or two where it is shorter than four. A bitmap says of each
//! place of the text whether a gram of some literal ends there; where one does, the literals are compared. Against an
//! automaton of all literals this needs a hundredth of the memory and start-up time, and its steps do not wait for
//! each other. Does not know what the literals are for.

use std::collections::HashMap;

/// A set of literals.
#[derive(Debug)]
pub(super) struct Literals {
    words: Vec<Box<[u8]>>,
    /// Of literals of four bytes and more.
    long: Grams,
    /// Of literals of two and three bytes.
    short: Grams,
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
}

/// Bits of a hash that the bitmap is indexed by.
const BITMAP_BITS: u32 = 16;
/// Bits of a hash that buckets are indexed by.
const BUCKET_BITS: u32 = 12;

impl Literals {
    /// Words as given; their place in the list is what [`Literals::find`] tells. None is empty.
    pub(super) fn new(words: Vec<Box<[u8]>>) -> Self {
        let mut load: HashMap<u32, usize> = HashMap::new();
        let (mut long, mut short, mut single) = (Vec::new(), Vec::new(), vec![None; 256]);
        for (index, word) in (0_u32..).zip(&words) {
            match **word {
                [] => {}
                [byte] => [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()].into_iter().for_each(|byte| {
                    single.get_mut(usize::from(byte)).into_iter().for_each(|slot| *slot = Some(index));
                }),
                [_, _] | [_, _, _] => short.extend(rarest::<2>(word, index, &mut load)),
                _ => long.extend(rarest::<4>(word, index, &mut load)),
            }
        }
        Self { words, long: Grams::new(long), short: Grams::new(short), single }
    }

    /// Calls with word, start and end of each occurrence. Ascending by the end of what the words are known by, which
    /// is within a word's length of its end.
    pub(super) fn find(&self, bytes: &[u8], mut found: impl FnMut(usize, usize, usize)) {
        let mut gram = 0_u32;
        for (at, &byte) in bytes.iter().enumerate() {
            gram = gram << 8 | u32::from(fold(byte));
            if self.long.may_have(gram) {
                self.compare(&self.long, gram, bytes, at + 1, &mut found);
            }
            if self.short.may_have(gram & 0xFFFF) {
                self.compare(&self.short, gram & 0xFFFF, bytes, at + 1, &mut found);
            }
            if let Some(Some(word)) = self.single.get(usize::from(byte)) {
                found(index(*word), at, at + 1);
            }
        }
    }

    #[inline(never)]
    fn compare(&self, grams: &Grams, gram: u32, bytes: &[u8], end: usize, found: &mut impl FnMut(usize, usize, usize)) {
        for candidate in grams.of(gram) {
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

/// The gram of `N` bytes that a word is known by: rare in ordinary text, and not yet that of many words.
fn rarest<const N: usize>(word: &[u8], index: u32, load: &mut HashMap<u32, usize>) -> Option<Candidate> {
    let grams = word.windows(N).zip(N..).map(|(bytes, ends_at)| {
        let gram = bytes.iter().fold(0, |gram, byte| gram << 8 | u32::from(fold(*byte)));
        let common: usize = bytes.iter().map(|byte| commonness(*byte)).sum();
        (common + 8 * load.get(&gram).copied().unwrap_or(0), gram, ends_at)
    });
    let (_, gram, ends_at) = grams.min_by_key(|(cost, ..)| *cost)?;
    *load.entry(gram).or_default() += 1;
    Some(Candidate { gram, word: index, ends_at: u32::try_from(ends_at).ok()? })
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
            bitmap[usize::from(hash >> 6)] |= 1_u64 << (hash & 63);
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
        self.bitmap[usize::from(hash >> 6)] >> (hash & 63) & 1 == 1
    }

    fn of(&self, gram: u32) -> impl Iterator<Item = &Candidate> {
        let at = |bucket: usize| self.first.get(bucket).copied().map_or(0, index);
        let bucket = bucket(gram);
        let candidates = self.candidates.get(at(bucket)..at(bucket + 1)).unwrap_or_default();
        candidates.iter().filter(move |candidate| candidate.gram == gram)
    }
}

/// Fibonacci hashing: the upper bits of a product.
fn hash(gram: u32) -> u16 {
    u16::try_from(gram.wrapping_mul(0x9E37_79B1) >> (32 - BITMAP_BITS)).unwrap_or(0)
}

fn bucket(gram: u32) -> usize {
    usize::from(hash(gram) >> (BITMAP_BITS - BUCKET_BITS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(words: &[&str], text: &str) -> Vec<(usize, usize, usize)> {
        let words = words.iter().map(|word| word.as_bytes().into()).collect();
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
