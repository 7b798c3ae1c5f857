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
}

impl<T> Default for Gate<T> {
    fn default() -> Self {
        Self { free: Vec::new(), bound: Vec::new(), of_set: Vec::new() }
    }
}

impl<T> Gate<T> {
    /// `needed` are the sets one of whose words must stand near; empty when none must.
    pub(super) fn add(&mut self, thing: T, needed: &[SetIndex]) {
        if needed.is_empty() {
            self.free.push(thing);
            return;
        }
        for set in needed.iter().map(|set| usize::from(*set)) {
            if self.of_set.len() <= set {
                self.of_set.resize(set + 1, Vec::new());
            }
            self.of_set.get_mut(set).into_iter().for_each(|things| things.push(self.bound.len()));
        }
        self.bound.push(thing);
    }

    /// Everything held.
    pub(super) fn all(&self) -> impl Iterator<Item = &T> {
        self.free.iter().chain(&self.bound)
    }

    /// A walk through a text, place by place. `reaches` as for [`Marks::walk`].
    pub(super) fn walk<'g>(&'g self, marks: &'g Marks, reaches: &'g [usize]) -> Passing<'g, T> {
        Passing { gate: self, walk: marks.walk(reaches), tried: vec![0; self.bound.len()], place: 0 }
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
    /// Everything that may be tried at `range`, each once. Ranges ascend.
    pub(super) fn each(&mut self, range: &Range<usize>, mut pass: impl FnMut(&T)) {
        self.gate.free.iter().for_each(&mut pass);
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
        self.gate.free.is_empty() && self.walk.is_over()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::context::Mark, *};

    #[test]
    fn what_needs_a_word_passes_near_one_and_once() {
        let mut gate = Gate::default();
        gate.add("free", &[]);
        gate.add("bound", &[0, 1]);
        let mark = |set, end| Mark { set, length: 2, literal: 0, end };
        let marks = Marks::new(vec![mark(0, 100), mark(1, 102)], 2);
        let reaches = [20, 20];
        let mut passing = gate.walk(&marks, &reaches);
        let mut at = |start: usize| {
            let mut passed = Vec::new();
            passing.each(&(start..start + 1), |thing| passed.push(*thing));
            passed
        };
        assert_eq!(at(10), ["free"]);
        assert_eq!(at(110), ["free", "bound"]);
        assert_eq!(at(130), ["free"]);
        assert!(!passing.is_over());
    }
}
