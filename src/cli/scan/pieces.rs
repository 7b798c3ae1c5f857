//! Cuts large texts into overlapping pieces, so that one large file uses all cores and little memory, and joins what was
//! found in them: offsets and lines of the whole file, what lies on a seam once. Reads nothing.

use std::ops::Range;

use super::Row;

/// Bytes of a piece, without what it shares with its neighbours. Even: UTF-16 is not cut within a unit.
pub(super) const PIECE: usize = 2 << 20;

/// Bytes that a piece sees of each neighbour: more than any rule looks behind or ahead of its anchor.
pub(super) const OVERLAP: usize = 64 << 10;

/// Bytes behind its end in which a piece reports too: two pieces may place the beginning of a finding differently.
const SEAM: usize = 4 << 10;

/// A part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// Bytes that are this piece's own.
    pub(super) core: Range<usize>,
    /// Bytes that are read: the core and the overlap on both sides.
    pub(super) window: Range<usize>,
    /// Nothing comes after it.
    pub(super) is_last: bool,
}

impl Piece {
    /// Offsets of the file from which and up to which a finding may begin to be reported.
    pub(super) fn reports(&self) -> Range<usize> {
        let end = if self.is_last { usize::MAX } else { self.core.end + SEAM };
        self.core.start..end
    }
}

/// All pieces of a file of so many bytes; one at least.
pub(super) fn pieces(size: usize) -> impl Iterator<Item = Piece> {
    let n_pieces = size.saturating_sub(OVERLAP).div_ceil(PIECE).max(1);
    (0..n_pieces).map(move |number| {
        let is_last = number + 1 == n_pieces;
        let start = number * PIECE;
        let end = if is_last { size } else { start + PIECE };
        let window = start.saturating_sub(OVERLAP)..end.saturating_add(OVERLAP).min(size);
        Piece { core: start..end, window, is_last }
    })
}

/// What one piece came to.
#[derive(Default)]
pub(super) struct Found {
    /// Offsets of the file; lines counted from the beginning of the core, from 0.
    pub(super) rows: Vec<Row>,
    /// Line breaks in the core.
    pub(super) n_breaks: usize,
    /// Bytes of the core.
    pub(super) n_bytes: usize,
    /// First piece of a file.
    pub(super) is_first: bool,
    /// Last piece of a file.
    pub(super) is_last: bool,
    /// No text: nothing was looked for.
    pub(super) is_binary: bool,
    /// Why it was not or not wholly scanned.
    pub(super) trouble: Option<String>,
}

/// Joins the pieces of one file after another.
#[derive(Default)]
pub(super) struct Joint {
    /// Line breaks of the file so far.
    n_breaks: usize,
    /// What was reported by the piece before.
    before: Vec<Range<usize>>,
}

impl Joint {
    /// Makes the rows of a piece those of its file; lines still count from 0.
    pub(super) fn join(&mut self, found: &mut Found) {
        if found.is_first {
            *self = Self::default();
        }
        let before = &self.before;
        found.rows.retain(|row| !before.iter().any(|seen| row.start < seen.end && seen.start < row.end));
        for row in &mut found.rows {
            row.line += self.n_breaks;
            row.end_line += self.n_breaks;
        }
        self.before = found.rows.iter().map(|row| row.start..row.end).collect();
        self.n_breaks += found.n_breaks;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_every_byte_once_and_see_their_neighbours() {
        for size in [0, 1, PIECE, PIECE + OVERLAP, PIECE + OVERLAP + 1, 3 * PIECE, 5 * PIECE + 77] {
            let all: Vec<Piece> = pieces(size).collect();
            let mut at = 0;
            for piece in &all {
                assert_eq!(piece.core.start, at, "{size}");
                assert!(piece.window.start <= piece.core.start.saturating_sub(OVERLAP));
                assert_eq!(piece.window.end, (piece.core.end + OVERLAP).min(size));
                at = piece.core.end;
            }
            assert_eq!(at, size);
            assert_eq!(all.iter().filter(|piece| piece.is_last).count(), 1);
        }
        assert_eq!(pieces(PIECE + OVERLAP).count(), 1, "a small rest is no piece of its own");
    }

    #[test]
    fn what_lies_on_a_seam_is_reported_once() {
        let row = |start: usize, end: usize, line: usize| Row { start, end, line, end_line: line, ..Row::default() };
        let mut joint = Joint::default();
        let mut first =
            Found { rows: vec![row(10, 20, 0), row(95, 120, 7)], n_breaks: 8, is_first: true, ..Found::default() };
        joint.join(&mut first);
        let mut second = Found { rows: vec![row(100, 120, 0), row(121, 130, 1)], n_breaks: 3, ..Found::default() };
        joint.join(&mut second);
        let seen: Vec<(usize, usize)> =
            first.rows.iter().chain(&second.rows).map(|row| (row.start, row.line)).collect();
        assert_eq!(seen, [(10, 0), (95, 7), (121, 9)]);
    }
}
