//! Picks the fingerprints of a text: keyed hashes of 30 letters, the smallest of each window (Schleimer, Wilkerson and
//! Aiken, "Winnowing", SIGMOD 2003). Whatever two texts share, they pick the same fingerprints inside it: of any shared
//! run of `window + 29` letters at least one.

use super::key::{Key, Sip};

/// Letters of a fingerprint.
pub(super) const GRAM: usize = 30;
/// Fingerprints a window when nothing else is said: any shared run of 69 letters is certain to be found.
pub const WINDOW_DEFAULT: usize = 40;
/// Windows that can be chosen. A larger one makes a smaller index.
pub const WINDOWS: std::ops::RangeInclusive<usize> = 20..=128;

/// Picks fingerprints under one key.
#[derive(Debug, Clone)]
pub(super) struct Winnow {
    table: Box<[u64; 256]>,
    sip: Sip,
}

/// A picked fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprint {
    /// Keyed hash of the letters.
    pub(super) hash: u64,
    /// The first of its [`GRAM`] letters.
    pub(super) at: usize,
}

impl Winnow {
    pub(super) fn new(key: &Key) -> Self {
        let sip = key.sip(u64::from_le_bytes(*b"letters1"));
        let mut table = Box::new([0; 256]);
        table.iter_mut().zip(0..).for_each(|(slot, letter)| *slot = sip.hash([letter]));
        Self { table, sip: key.sip(u64::from_le_bytes(*b"winnow_1")) }
    }

    fn letter(&self, code: u32) -> u64 {
        let known = usize::try_from(code).ok().and_then(|code| self.table.get(code)).copied();
        known.unwrap_or_else(|| self.mixed(code))
    }

    /// A letter beyond the table: spread over all bits, with a part of the key.
    fn mixed(&self, code: u32) -> u64 {
        let [first, .., last] = *self.table;
        let mut mixed = (u64::from(code) ^ first).wrapping_mul(last | 1);
        mixed ^= mixed >> 29;
        mixed = mixed.wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ mixed >> 32
    }

    /// Fingerprints of a text in the order of their places. A text shorter than a window has one, if it has a
    /// fingerprint's letters at all.
    pub(super) fn pick(&self, codes: &[u32], window: usize) -> Vec<Fingerprint> {
        let mut picked = Vec::with_capacity(codes.len() / window.max(1) * 2 + 1);
        self.each(codes, window, |at, rolled| picked.push(Fingerprint { hash: self.sip.hash([rolled]), at }));
        picked
    }

    /// Calls back with place and rolling hash (a cyclic polynomial) of each pick.
    fn each(&self, codes: &[u32], window: usize, mut pick: impl FnMut(usize, u64)) {
        let rolled = self.rolled(codes);
        let (mut least, mut chosen) = (0, None);
        for (gram, hash) in rolled.iter().enumerate() {
            if rolled.get(least).is_none_or(|smallest| hash < smallest) {
                least = gram;
            } else if least + window <= gram {
                let first = gram + 1 - window;
                least = first + rightmost(rolled.get(first..=gram).unwrap_or_default());
            }
            let complete = gram + 1 >= window || gram + 1 == rolled.len();
            if complete && chosen != Some(least) {
                chosen = Some(least);
                pick(least, rolled.get(least).copied().unwrap_or(0));
            }
        }
    }

    /// The hash of every [`GRAM`] letters.
    fn rolled(&self, codes: &[u32]) -> Vec<u64> {
        let Some((first, rest)) = codes.split_at_checked(GRAM - 1) else { return Vec::new() };
        let mut rolling = first.iter().fold(0_u64, |rolling, code| rolling.rotate_left(1) ^ self.letter(*code));
        let enters = rest.iter().map(|code| self.letter(*code));
        let leaves = codes.iter().map(|code| self.letter(*code).rotate_left(GRAM as u32));
        let step = |(enters, leaves): (u64, u64)| {
            let hash = rolling.rotate_left(1) ^ enters;
            // What leaves has been turned once less than the gram is long.
            rolling = hash ^ leaves.rotate_right(1);
            hash
        };
        enters.zip(leaves).map(step).collect()
    }
}

/// Place of the smallest, the last of equals.
fn rightmost(window: &[u64]) -> usize {
    let (mut place, mut least) = (0, u64::MAX);
    for (at, hash) in window.iter().enumerate() {
        if *hash <= least {
            (place, least) = (at, *hash);
        }
    }
    place
}

/// Whether a fingerprint's letters say anything: a row of zeros or of one repeated word says nothing.
pub(super) fn is_telling(gram: &[u32]) -> bool {
    let seen = gram.iter().fold(0_u64, |seen, code| seen | 1 << (code % 64));
    seen.count_ones() >= DIFFERENT_LEAST
}

/// Different letters of a fingerprint at least.
const DIFFERENT_LEAST: u32 = 6;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn winnow() -> Winnow {
        Winnow::new(&Key::new([5; 32]))
    }

    proptest! {
        #[test]
        fn texts_that_share_a_run_pick_the_same_inside_it(
            before in proptest::collection::vec(97_u32..123, 0..200),
            run in proptest::collection::vec(97_u32..1500, 69..200),
            after in proptest::collection::vec(97_u32..123, 0..200),
        ) {
            let winnow = winnow();
            let alone = [before.as_slice(), &run].concat();
            let within = [run.as_slice(), &after].concat();
            let one: Vec<u64> = winnow.pick(&alone, 40).iter().filter(|f| f.at >= before.len()).map(|f| f.hash).collect();
            let two: Vec<u64> = winnow.pick(&within, 40).iter().filter(|f| f.at + GRAM <= run.len()).map(|f| f.hash).collect();
            prop_assert!(one.iter().any(|hash| two.contains(hash)));
        }

        #[test]
        fn every_window_has_a_pick_in_it(codes in proptest::collection::vec(97_u32..101, 30..400)) {
            let picked = winnow().pick(&codes, 40);
            let n_grams = codes.len() + 1 - GRAM;
            for first in 0..n_grams.saturating_sub(39) {
                prop_assert!(picked.iter().any(|f| (first..first + 40).contains(&f.at)));
            }
            prop_assert!(!picked.is_empty() && picked.windows(2).all(|pair| pair[0].at < pair[1].at));
        }
    }

    #[test]
    fn a_repeated_letter_is_picked_once_a_window_and_says_nothing() {
        let codes = vec![97; 100_000];
        let n = winnow().pick(&codes, 40).len();
        assert!(n <= 100_000 / 40 + 1, "{n}");
        assert!(!is_telling(&codes[..GRAM]));
        let words: Vec<u32> = "thequickbrownfoxjumpsoverthelazydog".bytes().map(u32::from).collect();
        assert!(is_telling(&words[..GRAM]));
    }

    #[test]
    fn about_one_letter_in_twenty_is_picked() {
        let codes: Vec<u32> =
            (0..50_000_u64).map(|n| 97 + (Key::new([1; 32]).sip(n % 7).hash([n]) % 26) as u32).collect();
        let n = winnow().pick(&codes, 40).len();
        assert!((2_000..2_900).contains(&n), "{n}");
    }
}
