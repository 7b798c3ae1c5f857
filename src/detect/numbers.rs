//! Walks over a text from one number to the next and says which rules with `anchor.digits` are worth a try there.
//! A rule that is nothing without a context word costs nothing where none of its words is near.

use super::{
    context::Marks,
    gate::Gate,
    prefilter::{Hit, RuleIndex, left_holds},
    rule::{Left, Reach, Rule, Shape},
    validate::Opening,
};
use std::ops::RangeInclusive;

/// A rule that starts at a number.
#[derive(Debug)]
pub(super) struct NumberUse {
    rule: RuleIndex,
    /// Digits that the rule needs.
    pub(super) least: usize,
    most: usize,
    each_group: bool,
    /// The byte before the group must be one of these.
    back: Option<Box<[bool; 256]>>,
    /// How a match begins, where it begins at the group.
    shapes: Vec<Shape>,
    opening: Option<Opening>,
}

/// Hits of the rules of a gate, number by number. What it holds free is sorted by [`NumberUse::least`].
pub(super) fn run(gate: &Gate<NumberUse>, bytes: &[u8], marks: &Marks, hits: &mut Vec<Hit>) {
    let mut number = Number::default();
    let mut passing = gate.walk(marks);
    let mut at = 0;
    while let Some(start) = next_digit(bytes, at).filter(|_| !passing.is_over()) {
        at = number.read(bytes, start);
        let enough = gate.free().iter().take_while(|used| used.least <= number.digits);
        enough.for_each(|used| used.push(bytes, &number, hits));
        passing.each_bound(&(start..at), |used| used.push(bytes, &number, hits));
    }
}

impl NumberUse {
    pub(super) fn new(index: RuleIndex, rule: &Rule, digits: &RangeInclusive<usize>) -> Self {
        let at_anchor = matches!(rule.anchor.reach, Reach::AtAnchor);
        Self {
            rule: index,
            least: *digits.start(),
            most: *digits.end(),
            each_group: matches!(rule.anchor.reach, Reach::AtAnchor | Reach::Back { .. }),
            back: match &rule.anchor.reach {
                Reach::Back { bytes, .. } => Some(bytes.clone()),
                Reach::AtAnchor | Reach::Before(_) => None,
            },
            shapes: if at_anchor { rule.anchor.shapes.clone() } else { Vec::new() },
            opening: rule.opening.filter(|_| at_anchor),
        }
    }

    /// Hits of this rule in a number.
    fn push(&self, bytes: &[u8], number: &Number, hits: &mut Vec<Hit>) {
        if number.digits < self.least {
            return;
        }
        if !self.each_group {
            hits.extend(number.whole().map(|(start, end)| Hit { rule: self.rule, start, end }));
            return;
        }
        let mut left = number.digits;
        for group in &number.groups {
            if left < self.least {
                return;
            }
            if group.digits() <= self.most && self.may_begin(bytes, group.start) {
                hits.push(Hit { rule: self.rule, start: group.start, end: group.end });
            }
            left -= group.digits();
        }
    }

    /// Whether the rule may begin at the group, or walk back from it: what stands before, and the first bytes.
    fn may_begin(&self, bytes: &[u8], start: usize) -> bool {
        let before = start.checked_sub(1).and_then(|at| bytes.get(at));
        if let Some(back) = &self.back {
            return before.is_some_and(|byte| back[usize::from(*byte)]);
        }
        let begin = bytes.get(start..).unwrap_or_default();
        (self.shapes.is_empty() || self.shapes.iter().any(|shape| shape.fits(begin)))
            && self.opening.is_none_or(|opens| opens(begin))
            && left_holds(bytes, start, Left::Word)
    }
}

/// A row of digits, perhaps in groups: `4111 1111`, `(030) 12-34`.
#[derive(Debug, Default)]
struct Number {
    groups: Vec<Group>,
    digits: usize,
}

/// A run of digits within a number.
#[derive(Debug, Clone, Copy)]
struct Group {
    start: usize,
    end: usize,
}

impl Group {
    fn digits(&self) -> usize {
        self.end - self.start
    }
}

/// Most bytes between two groups of one number: `) `, ` - `.
const SEPARATOR_MAX: usize = 3;
/// Most groups of one number. A longer row of numbers is several.
const GROUPS_MAX: usize = 40;

impl Number {
    /// Reads the number at `start`; returns where the next number may begin.
    fn read(&mut self, bytes: &[u8], start: usize) -> usize {
        self.groups.clear();
        let mut at = start;
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            let end = at + rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            self.groups.push(Group { start: at, end });
            let rest = bytes.get(end..).unwrap_or_default();
            let separator = rest.iter().take(SEPARATOR_MAX + 1).take_while(|b| b" -./()\t".contains(b)).count();
            let next = end + separator;
            let goes_on = (1..=SEPARATOR_MAX).contains(&separator) && bytes.get(next).is_some_and(u8::is_ascii_digit);
            if !goes_on || self.groups.len() == GROUPS_MAX {
                self.digits = self.groups.iter().map(Group::digits).sum();
                return end;
            }
            at = next;
        }
    }

    fn whole(&self) -> Option<(usize, usize)> {
        Some((self.groups.first()?.start, self.groups.last()?.end))
    }
}

fn next_digit(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.iter().position(u8::is_ascii_digit).map(|offset| from + offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_a_number_belong_together() {
        let mut number = Number::default();
        for (text, groups, digits, end) in
            [("(030) 12-34 x", 3, 7, 11), ("1    2", 1, 1, 1), ("12", 1, 2, 2), ("1.2.3a4", 3, 3, 5)]
        {
            let start = next_digit(text.as_bytes(), 0).unwrap();
            assert_eq!(
                (number.read(text.as_bytes(), start), number.groups.len(), number.digits),
                (end, groups, digits)
            );
        }
    }
}
