//! What each rule did last in one text, so that it is not done again: places inside its last match, and places that
//! read like the one where it just failed. Hostile texts repeat themselves; ordinary ones pay one comparison.

use super::prefilter::{Hit, RuleIndex};
use std::ops::Range;

/// Bytes before a hit that a rule, its check or its context may look at, beyond what the rule says.
const SEEN_BEFORE: usize = 256;
/// Bytes behind its window that a check may look at.
const SEEN_AFTER: usize = 128;
/// Most bytes between two places that are compared.
const APART_MAX: usize = 1 << 10;

/// The last doings of all rules.
#[derive(Debug)]
pub(super) struct Track {
    n_rules: usize,
    /// For each rule, one more than its place in `last`; 0 while it did nothing. Empty while none did anything.
    slots: Vec<u16>,
    last: Vec<Last>,
}

/// The last doings of one rule.
#[derive(Debug, Default, Clone)]
struct Last {
    matched: Range<usize>,
    failed: Option<Hit>,
}

impl Track {
    pub(super) fn new(n_rules: usize) -> Self {
        Self { n_rules, slots: Vec::new(), last: Vec::new() }
    }

    /// Whether the place is part of the rule's last match.
    pub(super) fn is_matched(&self, hit: Hit) -> bool {
        self.of(hit.rule).is_some_and(|last| last.matched.contains(&hit.start))
    }

    /// Whether the rule failed at a place with the same bytes round it. `before` and `after` are what the rule itself
    /// looks at.
    pub(super) fn is_failed(&self, text: &str, hit: Hit, before: usize, after: usize) -> bool {
        let Some(failed) = self.of(hit.rule).and_then(|last| last.failed) else { return false };
        let same_length = failed.end - failed.start == hit.end - hit.start;
        let near = hit.start > failed.start && hit.start - failed.start <= APART_MAX;
        let round = |at: Hit| {
            let from = at.start.checked_sub(before + SEEN_BEFORE)?;
            text.as_bytes().get(from..at.end.saturating_add(after + SEEN_AFTER))
        };
        near && same_length && round(hit).is_some_and(|bytes| round(failed) == Some(bytes))
    }

    /// The rule matched here.
    pub(super) fn matched(&mut self, rule: RuleIndex, range: Range<usize>) {
        if let Some(last) = self.slot(rule) {
            *last = Last { matched: range, failed: None };
        }
    }

    /// The rule was tried here and nothing came of it.
    pub(super) fn failed(&mut self, hit: Hit) {
        if let Some(last) = self.slot(hit.rule) {
            last.failed = Some(hit);
        }
    }

    fn of(&self, rule: RuleIndex) -> Option<&Last> {
        let slot = self.slots.get(usize::from(rule)).copied().unwrap_or(0);
        self.last.get(usize::from(slot).checked_sub(1)?)
    }

    fn slot(&mut self, rule: RuleIndex) -> Option<&mut Last> {
        if self.slots.is_empty() {
            self.slots.resize(self.n_rules, 0);
        }
        let slot = self.slots.get_mut(usize::from(rule))?;
        if *slot == 0 {
            self.last.push(Last::default());
            *slot = u16::try_from(self.last.len()).ok()?;
        }
        self.last.get_mut(usize::from(*slot) - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(start: usize) -> Hit {
        Hit { rule: 1, start, end: start + 3 }
    }

    #[test]
    fn a_place_that_reads_like_the_last_failure_is_one() {
        let text = "key= ".repeat(400) + "key=q8ZkP3xW" + &"key= ".repeat(400);
        let mut track = Track::new(3);
        assert!(!track.is_failed(&text, hit(500), 0, 40));
        track.failed(hit(500));
        assert!(track.is_failed(&text, hit(505), 0, 40));
        assert!(!track.is_failed(&text, hit(506), 0, 40), "other bytes");
        assert!(!track.is_failed(&text, hit(500), 0, 40), "the place itself");
        assert!(!track.is_failed(&text, Hit { end: 509, ..hit(505) }, 0, 40), "another literal");
        assert!(!track.is_failed(&text, Hit { rule: 2, ..hit(505) }, 0, 40), "another rule");
        track.failed(hit(1_795));
        assert!(!track.is_failed(&text, hit(2_000), 0, 40), "the value is in sight");
        track.failed(hit(100));
        assert!(!track.is_failed(&text, hit(105), 0, 40), "the text begins in sight");
    }

    #[test]
    fn places_in_a_match_belong_to_it() {
        let mut track = Track::new(2);
        track.matched(1, 10..20);
        assert!(track.is_matched(hit(19)) && !track.is_matched(hit(20)) && !track.is_matched(hit(9)));
    }
}
