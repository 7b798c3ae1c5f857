//! Words near a match: which of a rule's context words stands closest. Does not decide what that is worth.

use super::{
    prefilter::{Mark, Prefilter, RuleIndex},
    words::WORD_MAX,
};
use std::ops::Range;

/// A context word near a match.
#[derive(Debug, Clone, Copy)]
pub(super) struct Near {
    pub(super) mark: Mark,
    /// Bytes between word and match; 0 when they touch or overlap.
    pub(super) distance: usize,
}

/// The nearest context word of `rule` within `distance` bytes of `range`. `marks` are in the order of their ends.
pub(super) fn nearest(
    prefilter: &Prefilter,
    marks: &[Mark],
    rule: RuleIndex,
    range: &Range<usize>,
    distance: usize,
) -> Option<Near> {
    let from = range.start.saturating_sub(distance);
    let to = range.end.saturating_add(distance);
    let first = marks.partition_point(|mark| mark.end < from);
    let mut best: Option<Near> = None;
    for mark in marks.iter().skip(first).take_while(|mark| mark.end <= to + WORD_MAX) {
        if mark.start > to || !prefilter.speaks_for(mark, rule) {
            continue;
        }
        let between = range.start.saturating_sub(mark.end).max(mark.start.saturating_sub(range.end));
        if best.is_none_or(|near| between < near.distance) {
            best = Some(Near { mark: *mark, distance: between });
        }
    }
    best
}

impl Near {
    /// For a person: `keyword "iban" 6 bytes before`.
    pub(super) fn reason(&self, prefilter: &Prefilter, range: &Range<usize>) -> String {
        let word = prefilter.word(&self.mark);
        if self.distance == 0 {
            format!("keyword \"{word}\" beside it")
        } else if self.mark.start < range.start {
            format!("keyword \"{word}\" {} bytes before", self.distance)
        } else {
            format!("keyword \"{word}\" {} bytes after", self.distance)
        }
    }
}
