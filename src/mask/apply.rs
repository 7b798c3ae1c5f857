//! Puts new bytes into a body and leaves every other byte as it was. Does not know what the bytes mean: escaping is
//! the caller's.

use std::ops::Range;

/// New bytes for a range of the source. An empty range inserts.
#[derive(Clone, PartialEq, Eq)]
pub struct Edit {
    /// Bytes of the source that go.
    pub range: Range<usize>,
    /// What stands there afterwards.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Edit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Edit({:?}, {} bytes)", self.range, self.bytes.len())
    }
}

/// The source with all edits made. Sorts `edits` and merges those that overlap: what any of them removes is removed,
/// and the bytes of the one that begins first (of several, the longest) take its place. Ranges beyond the end are cut.
pub fn splice(source: &[u8], edits: &mut Vec<Edit>) -> Vec<u8> {
    for edit in edits.iter_mut() {
        edit.range.start = edit.range.start.min(source.len());
        edit.range.end = edit.range.end.clamp(edit.range.start, source.len());
    }
    edits.sort_by_key(|edit| (edit.range.start, std::cmp::Reverse(edit.range.end)));
    merge_overlapping(edits);
    let growth: usize = edits.iter().map(|edit| edit.bytes.len()).sum();
    let mut out = Vec::with_capacity(source.len() + growth);
    let mut copied = 0;
    for edit in edits.iter() {
        out.extend_from_slice(source.get(copied..edit.range.start).unwrap_or_default());
        out.extend_from_slice(&edit.bytes);
        copied = edit.range.end;
    }
    out.extend_from_slice(source.get(copied..).unwrap_or_default());
    out
}

fn merge_overlapping(edits: &mut Vec<Edit>) {
    edits.dedup_by(|next, kept| {
        let overlaps = next.range.start < kept.range.end;
        if overlaps {
            kept.range.end = kept.range.end.max(next.range.end);
        }
        overlaps
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn edit(range: Range<usize>, bytes: &str) -> Edit {
        Edit { range, bytes: bytes.as_bytes().to_vec() }
    }

    #[test]
    fn edits_in_any_order_change_their_ranges_only() {
        let out = splice(b"hello brave world", &mut vec![edit(12..17, "moon"), edit(0..5, "hi")]);
        assert_eq!(out, b"hi brave moon");
    }

    #[test]
    fn overlapping_edits_become_one_that_removes_all_of_both() {
        let out = splice(b"0123456789", &mut vec![edit(4..8, "B"), edit(2..6, "A"), edit(8..9, "C")]);
        assert_eq!(out, b"01AC9");
    }

    #[test]
    fn an_empty_range_inserts_and_a_range_beyond_the_end_is_cut() {
        assert_eq!(splice(b"ab", &mut vec![edit(1..1, "-"), edit(1..1, "+")]), b"a-+b");
        assert_eq!(splice(b"ab", &mut vec![edit(1..9, "x"), edit(7..9, "y")]), b"axy");
    }

    proptest! {
        #[test]
        fn no_removed_byte_is_left_and_no_other_byte_changes(
            source in proptest::collection::vec(0_u8..128, 0..80),
            ranges in proptest::collection::vec((0_usize..90, 0_usize..20), 0..8),
        ) {
            let mut edits: Vec<Edit> = ranges.iter()
                .map(|(start, length)| Edit { range: *start..start + length, bytes: vec![0xff] })
                .collect();
            let removed = |at: usize| ranges.iter().any(|(start, length)| (*start..start + length).contains(&at));
            let kept: Vec<u8> = source.iter().enumerate().filter(|(at, _)| !removed(*at)).map(|(_, b)| *b).collect();
            let out = splice(&source, &mut edits);
            let left: Vec<u8> = out.iter().copied().filter(|b| *b != 0xff).collect();
            prop_assert_eq!(left, kept);
        }
    }
}
