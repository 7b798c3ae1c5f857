//! Context words in one text: where the words of each set stand, which sets are near a place, and which word is nearest
//! to a match. Does not find the words and does not decide what one is worth.

use super::words::WORD_MAX;
use std::ops::Range;

/// Index of a set of context words: a shared list, or the words of one rule.
pub(super) type SetIndex = u16;

/// A context word standing in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) set: SetIndex,
    /// Bytes of the word, at most [`WORD_MAX`].
    pub(super) length: u8,
    /// Which literal it is, to name it.
    pub(super) literal: u32,
    pub(super) end: usize,
}

impl Mark {
    fn start(&self) -> usize {
        self.end.saturating_sub(usize::from(self.length))
    }

    /// Bytes between the word and the range; 0 when they touch or overlap.
    fn distance(&self, range: &Range<usize>) -> usize {
        range.start.saturating_sub(self.end).max(self.start().saturating_sub(range.end))
    }
}

/// All context words of one text.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// In the order of their ends.
    all: Vec<Mark>,
    /// The same, set by set.
    by_set: Vec<Mark>,
    /// Where each set begins in `by_set`, and the end of the last. Empty when there are no marks.
    first: Vec<usize>,
}

impl Marks {
    /// Sorts marks, given in the order of their ends, into their sets.
    pub(super) fn new(all: Vec<Mark>, n_sets: usize) -> Self {
        if all.is_empty() {
            return Self::default();
        }
        let mut first = vec![0; n_sets + 2];
        for mark in &all {
            if let Some(count) = first.get_mut(usize::from(mark.set) + 2) {
                *count += 1;
            }
        }
        let mut total = 0;
        for count in &mut first {
            total += *count;
            *count = total;
        }
        let mut by_set = all.clone();
        for mark in &all {
            if let Some(at) = first.get_mut(usize::from(mark.set) + 1) {
                by_set.get_mut(*at).into_iter().for_each(|slot| *slot = *mark);
                *at += 1;
            }
        }
        Self { all, by_set, first }
    }

    /// No context word stands in the text.
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    fn of_set(&self, set: SetIndex) -> &[Mark] {
        let at = |index: usize| self.first.get(index).copied().unwrap_or(0);
        let set = usize::from(set);
        self.by_set.get(at(set)..at(set + 1)).unwrap_or_default()
    }

    /// The word of these sets that is nearest to `range`, at most `distance` bytes away.
    pub(super) fn nearest(&self, sets: &[SetIndex], range: &Range<usize>, distance: usize) -> Option<Near> {
        let mut best: Option<Near> = None;
        for set in sets {
            let marks = self.of_set(*set);
            let after = marks.partition_point(|mark| mark.end <= range.start);
            let before = after.checked_sub(1).and_then(|at| marks.get(at));
            before.into_iter().for_each(|mark| nearer(&mut best, *mark, range));
            for mark in marks.iter().skip(after) {
                let bound = best.map_or(distance, |near| near.distance.min(distance));
                if bound == 0 || mark.end > range.end.saturating_add(bound + WORD_MAX) {
                    break;
                }
                nearer(&mut best, *mark, range);
            }
        }
        best.filter(|near| near.distance <= distance)
    }

    /// A walk over the sets that are near a place moving forward through the text.
    pub(super) fn walk<'m>(&'m self, reaches: &'m [usize]) -> Walk<'m> {
        let widest = reaches.iter().copied().max().unwrap_or(0);
        let last = if self.all.is_empty() { Vec::new() } else { vec![0; reaches.len()] };
        Walk { rest: &self.all, reaches, widest, last, near: Vec::new() }
    }
}

fn nearer(best: &mut Option<Near>, mark: Mark, range: &Range<usize>) {
    let distance = mark.distance(range);
    if best.is_none_or(|near| distance < near.distance) {
        *best = Some(Near { mark, distance });
    }
}

/// A context word near a match.
#[derive(Debug, Clone, Copy)]
pub(super) struct Near {
    pub(super) mark: Mark,
    /// Bytes between word and match; 0 when they touch or overlap.
    pub(super) distance: usize,
}

impl Near {
    /// For a person: `keyword "iban" 6 bytes before`.
    pub(super) fn reason(&self, word: &str, range: &Range<usize>) -> String {
        if self.distance == 0 {
            format!("keyword \"{word}\" beside it")
        } else if self.mark.end <= range.start {
            format!("keyword \"{word}\" {} bytes before", self.distance)
        } else {
            format!("keyword \"{word}\" {} bytes after", self.distance)
        }
    }
}

/// Which sets are near, place after place.
#[derive(Debug)]
pub(super) struct Walk<'m> {
    rest: &'m [Mark],
    /// For each set, how far its rules look; 0 for sets that the walk leaves out.
    reaches: &'m [usize],
    widest: usize,
    /// For each set, where its last word so far ends; 0 while it is not near.
    last: Vec<usize>,
    near: Vec<SetIndex>,
}

impl Walk<'_> {
    /// Whether no set is near from here to the end of the text.
    pub(super) fn is_over(&self) -> bool {
        self.rest.is_empty() && self.near.is_empty()
    }

    /// The sets with a word within their reach of `range`, and perhaps one a little farther behind it. Ranges ascend.
    pub(super) fn near(&mut self, range: &Range<usize>) -> &[SetIndex] {
        let ahead = range.end.saturating_add(self.widest);
        while let [mark, rest @ ..] = self.rest
            && mark.start() <= ahead
        {
            self.rest = rest;
            let reach = self.reaches.get(usize::from(mark.set)).copied().unwrap_or(0);
            if let Some(last) = self.last.get_mut(usize::from(mark.set)).filter(|_| reach > 0) {
                if *last == 0 {
                    self.near.push(mark.set);
                }
                *last = mark.end;
            }
        }
        let (reaches, last) = (self.reaches, &mut self.last);
        self.near.retain(|set| {
            let reach = reaches.get(usize::from(*set)).copied().unwrap_or(0);
            last.get_mut(usize::from(*set)).is_some_and(|end| {
                let stays = end.saturating_add(reach) >= range.start;
                *end = if stays { *end } else { 0 };
                stays
            })
        });
        &self.near
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(set: SetIndex, range: Range<usize>) -> Mark {
        Mark { set, length: u8::try_from(range.len()).unwrap(), literal: 0, end: range.end }
    }

    #[test]
    fn the_nearest_word_of_the_given_sets_counts() {
        let marks = Marks::new(vec![mark(1, 0..4), mark(0, 10..12), mark(1, 30..36), mark(2, 33..36)], 3);
        let distance = |sets: &[SetIndex], range: Range<usize>, within: usize| {
            marks.nearest(sets, &range, within).map(|near| near.distance)
        };
        assert_eq!(distance(&[1], 20..25, 48), Some(5));
        assert_eq!(distance(&[0, 1], 14..16, 48), Some(2));
        assert_eq!(distance(&[1], 14..16, 48), Some(10));
        assert_eq!(distance(&[1], 14..16, 9), None);
        assert_eq!(distance(&[2], 34..40, 48), Some(0));
        assert_eq!(distance(&[], 34..40, 48), None);
        assert!(Marks::default().nearest(&[0, 1], &(0..9), 48).is_none());
    }

    #[test]
    fn a_walk_knows_the_sets_near_each_place() {
        let marks = Marks::new(vec![mark(0, 0..4), mark(1, 100..104), mark(0, 300..302)], 3);
        let reaches = [50, 20, 0];
        let mut walk = marks.walk(&reaches);
        for (range, expected) in [(10..12, vec![0]), (70..72, vec![1]), (90..95, vec![1]), (110..112, vec![1])] {
            let near = walk.near(&range).to_vec();
            assert_eq!(near, expected, "{range:?}");
        }
        assert!(walk.near(&(130..131)).is_empty());
        assert_eq!(walk.near(&(260..261)).to_vec(), [0]);
    }

    /// Marks and places at random: the nearest is what looking at every mark finds.
    #[test]
    fn nearest_agrees_with_looking_at_all() {
        let mut state = 3_u64;
        let mut next = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap() % below
        };
        for _ in 0..300 {
            let mut all: Vec<Mark> = (0..next(40))
                .map(|_| {
                    let (start, length) = (next(400), 1 + next(WORD_MAX));
                    mark(u16::try_from(next(3)).unwrap(), start..start + length)
                })
                .collect();
            all.sort_by_key(|mark| mark.end);
            let marks = Marks::new(all.clone(), 3);
            let start = next(400);
            let range = start..start + 1 + next(30);
            let expected = all.iter().filter(|mark| mark.set != 1).map(|mark| mark.distance(&range)).min();
            let got = marks.nearest(&[0, 2], &range, 60).map(|near| near.distance);
            assert_eq!(got, expected.filter(|distance| *distance <= 60));
        }
    }
}
