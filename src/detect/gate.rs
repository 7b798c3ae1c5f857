//! Holds back what is nothing without a context word: it costs nothing where no such word is near.
//! Does not know what it holds.

use super::context::{Marks, SetIndex, Walk};
use std::ops::Range;

/// Things to be tried at places of a text, some of them only near a context word.
#[derive(Debug)]
pub(super) struct Gate<T> {
    free: Vec<T>,
    bound: Vec<T>,
    /// For each set of context words, which of `bound` it lets through.
    of_set: Vec<Vec<usize>>,
    /// For each set, how far its words count; 0 for sets that let nothing through.
    reaches: Vec<usize>,
}

impl<T> Default for Gate<T> {
    fn default() -> Self {
        Self { free: Vec::new(), bound: Vec::new(), of_set: Vec::new(), reaches: Vec::new() }
    }
}

impl<T> Gate<T> {
    /// A thing that is tried everywhere.
    pub(super) fn add_free(&mut self, thing: T) {
        self.free.push(thing);
    }

    /// A thing that is tried where a word of one of the sets stands at most `reach` bytes away.
    pub(super) fn add_bound(&mut self, thing: T, sets: &[SetIndex], reach: usize) {
        for set in sets.iter().map(|set| usize::from(*set)) {
            if self.of_set.len() <= set {
                self.of_set.resize(set + 1, Vec::new());
                self.reaches.resize(set + 1, 0);
            }
            self.of_set.get_mut(set).into_iter().for_each(|things| things.push(self.bound.len()));
            self.reaches.get_mut(set).into_iter().for_each(|widest| *widest = reach.max(*widest));
        }
        self.bound.push(thing);
    }

    /// Orders what is tried everywhere.
    pub(super) fn sort_free_by_key(&mut self, key: impl Fn(&T) -> usize) {
        self.free.sort_by_key(key);
    }

    /// What is tried everywhere, in its order.
    pub(super) fn free(&self) -> &[T] {
        &self.free
    }

    /// Everything held.
    pub(super) fn all(&self) -> impl Iterator<Item = &T> {
        self.free.iter().chain(&self.bound)
    }

    /// A walk through a text, place by place.
    pub(super) fn walk<'g>(&'g self, marks: &'g Marks) -> Passing<'g, T> {
        let n_tried = if marks.is_empty() { 0 } else { self.bound.len() };
        Passing { gate: self, walk: marks.walk(&self.reaches), tried: vec![0; n_tried], place: 0 }
    }
}

/// What passes a gate, place after place.
#[derive(Debug)]
pub(super) struct Passing<'g, T> {
    gate: &'g Gate<T>,
    walk: Walk<'g>,
    /// For each bound thing, the last place it was let through at.
    tried: Vec<usize>,
    /// Places so far.
    place: usize,
}

impl<T> Passing<'_, T> {
    /// Everything that a word near `range` lets through, each once. Ranges ascend.
    pub(super) fn each_bound(&mut self, range: &Range<usize>, mut pass: impl FnMut(&T)) {
        self.place += 1;
        for set in self.walk.near(range) {
            for index in self.gate.of_set.get(usize::from(*set)).into_iter().flatten() {
                let place = self.place;
                let fresh = self.tried.get_mut(*index).is_some_and(|last| std::mem::replace(last, place) != place);
                self.gate.bound.get(*index).filter(|_| fresh).into_iter().for_each(&mut pass);
            }
        }
    }

    /// Whether nothing passes from here to the end of the text.
    pub(super) fn is_over(&self) -> bool {
        self.gate.free.is_empty() && (self.gate.bound.is_empty() || self.walk.is_over())
    }
}

#[cfg(test)]
mod tests {
    use super::{super::context::Mark, *};

    #[test]
    fn what_needs_a_word_passes_near_one_and_once() {
        let mut gate = Gate::default();
        gate.add_free("free");
        gate.add_bound("bound", &[0, 1], 20);
        let mark = |set, end| Mark { set, length: 2, literal: 0, end };
        let marks = Marks::new(vec![mark(0, 100), mark(1, 102)], 2);
        let mut passing = gate.walk(&marks);
        let mut at = |start: usize| {
            let mut passed = Vec::new();
            passing.each_bound(&(start..start + 1), |thing| passed.push(*thing));
            passed
        };
        assert!(at(10).is_empty());
        assert_eq!(at(110), ["bound"]);
        assert!(at(130).is_empty());
        assert!(!passing.is_over());
        assert_eq!(gate.free(), ["free"]);
    }
}
