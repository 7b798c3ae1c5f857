//! Tables over hashes that a prompt is held against: which openings are worth a look, which hashes may be there, and
//! where in a sorted list one is. Knows no values, only hashes.

use super::key::Sip;
use std::ops::Range;

/// Letters of a phrase that its opening is hashed from. Shorter phrases have none.
pub(super) const OPENING: usize = 4;
/// Letters of a phrase at most: a length is a bit of a word.
pub(super) const PHRASE_MAX: usize = 64;

/// Hash of the opening of a phrase that begins with these letters; `None` where there are fewer.
pub(super) fn opening(sip: &Sip, letters: &[u32]) -> Option<u64> {
    letters.get(..OPENING).map(|opening| sip.letters(opening))
}

/// For each opening, the lengths of phrases that begin with it. Two openings may share a slot: it says "perhaps".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Openings {
    slots: Vec<u64>,
    /// Lengths of phrases shorter than an opening.
    short: u64,
}

/// Slots at least and at most: 8 KiB to 4 MiB.
const SLOTS: Range<usize> = 1 << 10..1 << 19;

impl Openings {
    /// For about so many different openings.
    pub(super) fn for_number(number: usize) -> Self {
        let size = number.saturating_mul(4).clamp(SLOTS.start, SLOTS.end).next_power_of_two();
        Self { slots: vec![0; size], short: 0 }
    }

    /// From what [`Openings::parts`] gave; `None` when it cannot have been that.
    pub(super) fn from_parts(slots: Vec<u64>, short: u64) -> Option<Self> {
        slots.len().is_power_of_two().then_some(Self { slots, short })
    }

    pub(super) fn parts(&self) -> (&[u64], u64) {
        (&self.slots, self.short)
    }

    /// Takes in a phrase of 1 to [`PHRASE_MAX`] letters.
    pub(super) fn insert(&mut self, sip: &Sip, letters: &[u32]) {
        let Some(bit) = length_bit(letters.len()) else { return };
        match letters.get(..OPENING) {
            None => self.short |= bit,
            Some(opening) => {
                let slot = self.slot(sip.letters(opening));
                if let Some(lengths) = self.slots.get_mut(slot) {
                    *lengths |= bit;
                }
            }
        }
    }

    /// Lengths of phrases that may begin with an opening of this hash: bit 0 is one letter.
    pub(super) fn lengths(&self, opening: Option<u64>) -> u64 {
        let long = opening.map_or(0, |hash| self.slots.get(self.slot(hash)).copied().unwrap_or(0));
        long | self.short
    }

    fn slot(&self, hash: u64) -> usize {
        // The mask keeps it within the table, whose size is a power of two.
        usize::try_from(hash & (self.slots.len() as u64 - 1)).unwrap_or(0)
    }
}

fn length_bit(letters: usize) -> Option<u64> {
    let shift = u32::try_from(letters.checked_sub(1)?).ok()?;
    1_u64.checked_shl(shift)
}

/// A Bloom filter with two probes: a hash that is not in it is not in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filter {
    words: Vec<u64>,
}

/// Bits for each hash at least: about one in a hundred strangers passes.
const FILTER_BITS: usize = 12;

impl Filter {
    /// For so many hashes.
    pub(super) fn of(hashes: impl ExactSizeIterator<Item = u64>) -> Self {
        let bits = hashes.len().saturating_mul(FILTER_BITS).clamp(1 << 10, 1 << 31).next_power_of_two();
        let mut filter = Self { words: vec![0; bits / 64] };
        for hash in hashes {
            for (word, bit) in filter.probes(hash) {
                if let Some(word) = filter.words.get_mut(word) {
                    *word |= bit;
                }
            }
        }
        filter
    }

    /// From what [`Filter::words`] gave; `None` when it cannot have been that.
    pub(super) fn from_words(words: Vec<u64>) -> Option<Self> {
        words.len().is_power_of_two().then_some(Self { words })
    }

    pub(super) fn words(&self) -> &[u64] {
        &self.words
    }

    /// Whether the hash may be in the list.
    pub(super) fn may_hold(&self, hash: u64) -> bool {
        self.probes(hash).iter().all(|(word, bit)| self.words.get(*word).is_some_and(|held| held & bit != 0))
    }

    fn probes(&self, hash: u64) -> [(usize, u64); 2] {
        let mask = self.words.len() as u64 * 64 - 1;
        [hash, hash >> 32].map(|half| {
            let bit = half & mask & u64::from(u32::MAX);
            (usize::try_from(bit / 64).unwrap_or(0), 1 << (bit % 64))
        })
    }
}

/// Where in a sorted list of hashes those with the same first bits begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Buckets {
    starts: Vec<u32>,
    shift: u32,
}

/// Hashes a bucket, about.
const BUCKET: usize = 4;

impl Buckets {
    /// Over a sorted list of fewer than 2³² hashes.
    pub(super) fn over(sorted: &[u64]) -> Self {
        let bits = (sorted.len() / BUCKET).max(2).next_power_of_two().trailing_zeros();
        let shift = 64 - bits;
        let mut starts = Vec::with_capacity((1 << bits) + 1);
        for (index, hash) in sorted.iter().enumerate() {
            let bucket = usize::try_from(hash >> shift).unwrap_or(0);
            let at = u32::try_from(index).unwrap_or(u32::MAX);
            while starts.len() <= bucket {
                starts.push(at);
            }
        }
        starts.resize((1 << bits) + 1, u32::try_from(sorted.len()).unwrap_or(u32::MAX));
        Self { starts, shift }
    }

    /// Places of a hash in the list that this was made over.
    pub(super) fn find(&self, sorted: &[u64], hash: u64) -> Range<usize> {
        let bucket = usize::try_from(hash >> self.shift).unwrap_or(0);
        let at = |index: usize| self.starts.get(index).map_or(sorted.len(), |start| *start as usize);
        let (first, end) = (at(bucket), at(bucket + 1));
        let inside = sorted.get(first..end).unwrap_or_default();
        let start = first + inside.partition_point(|held| *held < hash);
        let same = sorted.get(start..end).unwrap_or_default().partition_point(|held| *held == hash);
        start..start + same
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::company::key::Key;

    #[test]
    fn a_sorted_list_gives_every_place_of_a_hash() {
        let sip = Key::new([7; 32]).sip(1);
        for number in [0_u64, 1, 5, 1000] {
            let mut hashes: Vec<u64> = (0..number).flat_map(|n| vec![sip.hash([n]); (n % 3) as usize + 1]).collect();
            hashes.sort_unstable();
            let buckets = Buckets::over(&hashes);
            let filter = Filter::of(hashes.iter().copied());
            for n in 0..number {
                let hash = sip.hash([n]);
                let found = buckets.find(&hashes, hash);
                assert_eq!(found.len() as u64, n % 3 + 1);
                assert!(hashes[found].iter().all(|held| *held == hash) && filter.may_hold(hash));
            }
            assert!(buckets.find(&hashes, sip.hash([9999])).is_empty());
        }
    }

    #[test]
    fn few_strangers_pass_the_filter() {
        let sip = Key::new([7; 32]).sip(1);
        let hashes: Vec<u64> = (0..10_000).map(|n| sip.hash([n])).collect();
        let filter = Filter::of(hashes.iter().copied());
        let passed = (10_000..110_000).filter(|n| filter.may_hold(sip.hash([*n]))).count();
        assert!(passed < 3_000, "{passed} of 100000");
    }

    #[test]
    fn openings_say_every_length_that_begins_so() {
        let sip = Key::new([7; 32]).sip(1);
        let mut openings = Openings::for_number(2);
        let letters: Vec<u32> = (0..70).collect();
        for length in [2, 4, 9, 64, 65] {
            openings.insert(&sip, &letters[..length]);
        }
        assert_eq!(openings.lengths(opening(&sip, &letters)), 1 << 1 | 1 << 3 | 1 << 8 | 1 << 63);
        assert_eq!(openings.lengths(opening(&sip, &letters[1..])), 1 << 1);
    }
}
