//! Seed phrases: rows of words of BIP 39's English list, and their checksum. Does not find where a row begins.

use super::{Judgement, Subject};
use crate::detect::listed::Listed;
use sha2::{Digest, Sha256};
use std::{ops::Range, sync::LazyLock};

const LIST: &str = include_str!("../../../rules/secrets/bip39-english.txt");

/// Place of each word in the list: 0–2047.
static PLACES: LazyLock<Listed<u16>> = LazyLock::new(|| {
    let words = LIST.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_ascii_whitespace);
    words.zip(0..).collect()
});

/// Lengths of phrases, longest first.
const LENGTHS: [usize; 5] = [24, 21, 18, 15, 12];

/// Words before a phrase that say what it is.
const CUES: [&str; 14] = [
    "seed", "phrase", "mnemonic", "recovery", "wallet", "words", "backup", "metamask", "ledger", "trezor", "bip39",
    "bip-39", "wörter", "mots",
];

/// Check `seed-phrase`: the longest row from the beginning that BIP 39 allows. A row whose checksum does not hold counts
/// where a word before says what it is.
pub(super) fn seed_phrase(subject: &Subject<'_>) -> Judgement {
    let (places, ends) = row(subject.value);
    let mut wrong = None;
    for length in LENGTHS {
        let (Some(phrase), Some(bytes)) = (places.get(..length), ends.get(length - 1)) else { continue };
        // The list itself, or an excerpt of it.
        if phrase.is_sorted() {
            return Judgement::Fails;
        }
        if checksum_holds(phrase) {
            return first(*bytes, 0.97, "checksum of BIP 39 holds");
        }
        wrong = wrong.or(Some(*bytes));
    }
    let before = subject.before(100).to_lowercase();
    match wrong {
        Some(bytes) if CUES.iter().any(|cue| before.contains(cue)) => {
            first(bytes, 0.85, "words of BIP 39 behind a word for a seed phrase")
        }
        Some(_) | None => Judgement::Fails,
    }
}

fn first(bytes: usize, confidence: f32, reason: &str) -> Judgement {
    Judgement::First { bytes, confidence: Some(confidence), reason: reason.to_owned() }
}

/// Places of the listed words at the beginning, and where each ends. Numbers and signs between them do not count.
fn row(value: &str) -> (Vec<u16>, Vec<usize>) {
    let (mut places, mut ends) = (Vec::new(), Vec::new());
    let mut at = 0;
    for piece in value.split_inclusive(|c: char| !c.is_ascii_alphabetic()) {
        let word = piece.trim_end_matches(|c: char| !c.is_ascii_alphabetic());
        if !word.is_empty() {
            let Some(place) = PLACES.get(word.to_ascii_lowercase().as_str()) else { break };
            places.push(*place);
            ends.push(at + word.len());
        }
        at += piece.len();
    }
    (places, ends)
}

/// Signs, blanks and numbers between two words of a phrase at most, bytes.
const BETWEEN_MAX: usize = 32;

/// Whether the word at the anchor stands in a row of listed words that is long enough for a phrase.
pub(super) fn in_row(text: &str, anchor: Range<usize>) -> bool {
    let bytes = text.as_bytes();
    let least = LENGTHS.into_iter().min().unwrap_or(0);
    let Some(mut last) = listed_around(text, anchor.start) else { return false };
    let (mut first, mut count) = (last.clone(), 1);
    while count < least {
        let between = bytes.iter().skip(last.end).take(BETWEEN_MAX).take_while(|byte| !byte.is_ascii_alphabetic());
        let Some(next) = listed_around(text, last.end + between.count()) else { break };
        (last, count) = (next, count + 1);
    }
    while count < least {
        let before = bytes.get(..first.start).unwrap_or_default().iter().rev();
        let between = before.take(BETWEEN_MAX).take_while(|byte| !byte.is_ascii_alphabetic()).count();
        let Some(previous) = (first.start.checked_sub(between + 1)).and_then(|at| listed_around(text, at)) else {
            break;
        };
        (first, count) = (previous, count + 1);
    }
    count >= least
}

/// The word of letters of which one stands at `at`, if it is on the list.
fn listed_around(text: &str, at: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let before = bytes.get(..at)?.iter().rev().take(WORD_MAX).take_while(|byte| byte.is_ascii_alphabetic()).count();
    let behind = bytes.get(at..)?.iter().take(WORD_MAX).take_while(|byte| byte.is_ascii_alphabetic()).count();
    let range = at - before..at + behind;
    let word = text.get(range.clone()).filter(|word| (WORD_LEAST..=WORD_MAX).contains(&word.len()))?;
    let listed = PLACES.contains_key(word) || PLACES.contains_key(word.to_ascii_lowercase().as_str());
    listed.then_some(range)
}

/// Letters of the words of the list.
const WORD_LEAST: usize = 3;
const WORD_MAX: usize = 8;

/// Whether the last bits begin the SHA-256 of those before: a bit of checksum for each 32 of entropy. 12, 15, 18, 21 or
/// 24 places.
fn checksum_holds(places: &[u16]) -> bool {
    let bits: Vec<bool> = places.iter().flat_map(|place| (0..11).rev().map(move |bit| place >> bit & 1 == 1)).collect();
    let (entropy, check) = bits.split_at(bits.len() / 33 * 32);
    let bytes: Vec<u8> =
        entropy.chunks(8).map(|byte| byte.iter().fold(0, |sum, bit| sum << 1 | u8::from(*bit))).collect();
    let digest = Sha256::digest(&bytes);
    let first = digest.first().copied().unwrap_or(0);
    check.iter().zip((0..8).rev()).all(|(bit, place)| (first >> place & 1 == 1) == *bit)
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    fn holds(text: &str) -> bool {
        matches!(check(seed_phrase, text), Judgement::First { confidence: Some(c), .. } if c > 0.9)
    }

    #[test]
    fn the_list_is_whole() {
        assert_eq!(PLACES.len(), 2048);
        assert_eq!((PLACES.get("abandon"), PLACES.get("zoo")), (Some(&0), Some(&2047)));
    }

    #[test]
    fn test_vectors_hold_and_a_changed_word_does_not() {
        // Trezor's vectors for BIP 39.
        assert!(holds("legal winner thank year wave sausage worth useful legal winner thank yellow"));
        assert!(holds(
            "1. legal 2. winner 3. thank 4. year 5. wave 6. sausage 7. worth 8. useful 9. legal 10. winner 11. thank 12. yellow"
        ));
        assert!(!holds("legal winner thank year wave sausage worth useful legal winner thank zoo"));
    }

    #[test]
    fn words_behind_the_phrase_are_not_part_of_it() {
        let text = "legal winner thank year wave sausage worth useful legal winner thank yellow thanks";
        assert!(
            matches!(check(seed_phrase, text), Judgement::First { bytes: 75, .. }),
            "{:?}",
            check(seed_phrase, text)
        );
    }

    #[test]
    fn a_row_is_told_by_its_words() {
        let text = "Say 1. Legal 2. winner 3. thank 4. year 5. wave 6. sausage 7. worth 8. useful 9. legal 10. winner thank yellow.";
        assert!(["Legal", "sausage", "yellow"].iter().all(|word| {
            let at = text.find(word).unwrap();
            in_row(text, at..at + word.len())
        }));
        assert!(!in_row("a legal winner of the sausage", 2..7));
        assert!(!in_row(&text.replace("wave", "waves"), 20..26));
    }

    #[test]
    fn the_list_itself_is_no_phrase() {
        let excerpt = "abandon ability able about above absent absorb abstract absurd abuse access accident";
        assert_eq!(check(seed_phrase, excerpt), Judgement::Fails);
    }
}
