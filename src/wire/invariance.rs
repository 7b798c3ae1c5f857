//! The one property that every streaming codec has: what comes out does not depend on how the input was cut. For tests.

use std::fmt::Debug;

use proptest::prelude::{any, prop};
use proptest::test_runner::TestRunner;

/// Longest input whose every single split is tried; longer ones are left to the random cuts.
const SPLITS_MAX: usize = 4096;

/// Runs `outcome` on `bytes` whole, byte by byte, split in two at every place, with empty chunks between, and at random
/// cuts, and compares with the whole.
pub(crate) fn assert_chunk_invariant<T: PartialEq + Debug>(bytes: &[u8], outcome: impl Fn(&[&[u8]]) -> T) {
    let whole = outcome(&[bytes]);
    let singles: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(outcome(&singles), whole, "byte by byte");
    for at in 0..=bytes.len().min(SPLITS_MAX) {
        let (head, tail) = bytes.split_at(at);
        assert_eq!(outcome(&[head, &[], tail]), whole, "split at {at}");
    }
    let cuts = prop::collection::vec(any::<prop::sample::Index>(), 0..12);
    let checked = TestRunner::deterministic().run(&cuts, |cuts| {
        let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        places.sort_unstable();
        let ends = places.iter().copied().chain([bytes.len()]);
        let starts = [0].into_iter().chain(places.iter().copied());
        let chunks: Vec<&[u8]> = starts.zip(ends).map(|(start, end)| &bytes[start..end]).collect();
        assert_eq!(outcome(&chunks), whole, "cut at {places:?}");
        Ok(())
    });
    assert!(checked.is_ok(), "{checked:?}");
}
