//! Walks over a text from one number to the next and says which rules with `anchor.digits` are worth a try there.
//! A rule that is nothing without a context word costs nothing where none of its words is near; of the others, a look
//! at four bytes leaves those that a group of digits may begin.

use super::{
    context::Marks,
    gate::Gate,
    prefilter::{Hit, RuleIndex, left_holds, left_may_hold},
    rule::{Left, Reach, Rule, Shape, fits_mask},
    validate::Opening,
};
use std::{cmp::Ordering, ops::RangeInclusive};

/// A rule that starts at a number.
#[derive(Debug)]
pub(super) struct NumberUse {
    rule: RuleIndex,
    /// Digits that the rule needs.
    least: usize,
    most: usize,
    each_group: bool,
    /// The byte before the group must be one of these.
    back: Option<Box<[bool; 256]>>,
    /// How a match begins, where it begins at the group.
    shapes: Vec<Shape>,
    opening: Option<Opening>,
}

/// All rules that start at a number.
#[derive(Debug)]
pub(super) struct Numbers {
    gate: Gate<NumberUse>,
    /// Which of the gate's free uses begin at a group like this.
    sieve: Sieve,
    /// Of those that begin anywhere in the number.
    loose: Vec<usize>,
}

impl Numbers {
    pub(super) fn new(mut gate: Gate<NumberUse>) -> Self {
        gate.sort_free_by_key(|used| used.least);
        let sieve = Sieve::new(gate.free());
        let loose =
            gate.free().iter().enumerate().filter(|(_, used)| !used.each_group).map(|(index, _)| index).collect();
        Self { gate, sieve, loose }
    }

    /// Hits, number by number.
    pub(super) fn run(&self, bytes: &[u8], marks: &Marks, hits: &mut Vec<Hit>) {
        let mut number = Number::default();
        let mut passing = self.gate.walk(marks);
        let mut at = 0;
        while let Some(start) = next_digit(bytes, at).filter(|_| !passing.is_over()) {
            at = number.read(bytes, start);
            self.push_free(bytes, &number, hits);
            passing.each_bound(&(start..at), |used| used.push(bytes, &number, hits));
        }
    }

    fn push_free(&self, bytes: &[u8], number: &Number, hits: &mut Vec<Hit>) {
        for used in self.loose.iter().filter_map(|index| self.gate.free().get(*index)) {
            used.push(bytes, number, hits);
        }
        let mut left = number.digits;
        for group in &number.groups {
            let mut fitting = self.sieve.fitting(bytes, *group);
            while fitting != 0 {
                let index = usize::try_from(fitting.trailing_zeros()).unwrap_or(usize::MAX);
                fitting &= fitting - 1;
                match self.gate.free().get(index) {
                    Some(used) if index + 1 < Sieve::USES => used.push_group(bytes, *group, left, hits),
                    Some(_) => {
                        let rest = self.gate.free().iter().skip(index).filter(|used| used.each_group);
                        rest.for_each(|used| used.push_group(bytes, *group, left, hits));
                    }
                    None => {}
                }
            }
            left -= group.digits();
        }
    }
}

/// One bit a use; the last is for all that are more.
type Uses = u128;

/// Tells by the length of a group, its first digit and the bytes round it which uses may begin there.
#[derive(Debug)]
struct Sieve {
    by_length: [Uses; Self::LENGTHS],
    by_first: Box<[Uses; 256]>,
    by_before: Box<[Uses; 256]>,
    by_after: Box<[Uses; 256]>,
}

impl Sieve {
    /// Uses that have a bit of their own, and the one for the rest.
    const USES: usize = 128;
    /// Longer groups are as the longest.
    const LENGTHS: usize = 33;

    fn new(uses: &[NumberUse]) -> Self {
        let mut sieve = Self {
            by_length: [0; Self::LENGTHS],
            by_first: Box::new([0; 256]),
            by_before: Box::new([0; 256]),
            by_after: Box::new([0; 256]),
        };
        for (index, used) in uses.iter().enumerate().filter(|(_, used)| used.each_group) {
            let bit: Uses = 1 << index.min(Self::USES - 1);
            for (length, slot) in sieve.by_length.iter_mut().enumerate() {
                *slot |= if used.may_be_long(length) { bit } else { 0 };
            }
            for byte in 0..=u8::MAX {
                let at = usize::from(byte);
                sieve.by_first[at] |= if used.shapes_fit(0, byte) { bit } else { 0 };
                sieve.by_before[at] |= if used.may_follow(byte) { bit } else { 0 };
                sieve.by_after[at] |= if used.may_precede(byte) { bit } else { 0 };
            }
        }
        sieve
    }

    fn fitting(&self, bytes: &[u8], group: Group) -> Uses {
        let of = |table: &[Uses; 256], at: Option<usize>| {
            at.and_then(|at| bytes.get(at)).map_or(Uses::MAX, |byte| table[usize::from(*byte)])
        };
        let by_length = self.by_length.get(group.digits().min(Self::LENGTHS - 1)).copied().unwrap_or(0);
        by_length
            & of(&self.by_first, Some(group.start))
            & of(&self.by_before, group.start.checked_sub(1))
            & of(&self.by_after, Some(group.end))
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
            self.push_group(bytes, *group, left, hits);
            left -= group.digits();
        }
    }

    /// A hit, if the rule may begin at this group, from which on the number has `left` digits.
    fn push_group(&self, bytes: &[u8], group: Group, left: usize, hits: &mut Vec<Hit>) {
        if left >= self.least && group.digits() <= self.most && self.may_begin(bytes, group.start) {
            hits.push(Hit { rule: self.rule, start: group.start, end: group.end });
        }
    }

    /// Whether a group of so many digits may begin a match. The longest length stands for all that are longer.
    fn may_be_long(&self, length: usize) -> bool {
        let fits = |shape: &Shape| {
            let digits = shape.0.bytes().take_while(|mask| takes_digit(*mask)).count();
            // Where the group ends, the shape ends or goes on with what is no digit.
            match length.cmp(&digits) {
                Ordering::Less => shape.0.as_bytes().get(length).is_some_and(|mask| takes_other(*mask)),
                Ordering::Equal => true,
                Ordering::Greater => shape.0.len() == digits,
            }
        };
        (length <= self.most || self.most >= Sieve::LENGTHS - 1)
            && (self.shapes.is_empty() || self.shapes.iter().any(fits))
    }

    fn shapes_fit(&self, position: usize, byte: u8) -> bool {
        let fits = |shape: &Shape| shape.0.as_bytes().get(position).is_none_or(|mask| fits_mask(*mask, byte));
        self.shapes.is_empty() || self.shapes.iter().any(fits)
    }

    /// Whether a group may begin a match that stands behind this byte.
    fn may_follow(&self, byte: u8) -> bool {
        match &self.back {
            Some(back) => back[usize::from(byte)],
            None => left_may_hold(byte, Left::Word),
        }
    }

    /// Whether a group that ends before this byte may begin a match: some shape goes on with it, or ends before.
    fn may_precede(&self, byte: u8) -> bool {
        let fits =
            |shape: &Shape| shape.0.bytes().all(takes_digit) || shape.0.bytes().any(|mask| fits_mask(mask, byte));
        self.shapes.is_empty() || self.shapes.iter().any(fits)
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

fn takes_digit(mask: u8) -> bool {
    (b'0'..=b'9').any(|digit| fits_mask(mask, digit))
}

fn takes_other(mask: u8) -> bool {
    (0..=u8::MAX).any(|byte| !byte.is_ascii_digit() && fits_mask(mask, byte))
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

    /// The sieve never holds back what a look at all the bytes lets through.
    #[test]
    fn the_sieve_lets_through_what_may_begin() {
        let shapes = ["", "d.d", "ddd-dd-", "756", "00d", "011 ", "ddddddddl", "hhhh", "tt-d", "d dd dd "];
        let uses: Vec<NumberUse> = shapes
            .iter()
            .flat_map(|shape| [(shape, 4, false), (shape, 18, false), (shape, 18, true)])
            .map(|(shape, most, back)| NumberUse {
                rule: 0,
                least: 1,
                most,
                each_group: true,
                back: back.then(|| Box::new(std::array::from_fn(|byte| byte == usize::from(b'A')))),
                shapes: if shape.is_empty() || back { Vec::new() } else { vec![Shape((*shape).to_owned())] },
                opening: None,
            })
            .collect();
        let sieve = Sieve::new(&uses);
        let mut state = 11_u64;
        for _ in 0..20_000 {
            let text: String = (0..10)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    char::from(b"0011575678 .-aAn\\"[usize::try_from(state >> 33).unwrap() % 17])
                })
                .collect();
            let bytes = text.as_bytes();
            let mut number = Number::default();
            let Some(start) = next_digit(bytes, 0) else { continue };
            number.read(bytes, start);
            for group in &number.groups {
                let fitting = sieve.fitting(bytes, *group);
                for (index, used) in uses.iter().enumerate() {
                    let mut hits = Vec::new();
                    used.push_group(bytes, *group, 99, &mut hits);
                    assert!(hits.is_empty() || fitting >> index & 1 == 1, "{text:?} {group:?} {used:?}");
                }
            }
        }
    }
}
