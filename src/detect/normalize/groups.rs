//! Card and account numbers whose digits are kept apart by what no rule expects there: underscores, stars, slashes, line
//! breaks with comment marks. A number is joined only when its own check digits say that it is one.

use super::{
    around::{before, behind, byte, is_alnum},
    edit::{Disguise, Edit, With},
    lines,
};
use crate::detect::validate::{self, Judgement, Subject};
use std::ops::{Range, RangeInclusive};

/// Bytes between two looks for a digit.
const STRIDE: usize = 8;
/// Signs between two groups at most, a line break with its marks not counted.
const SIGNS_MAX: usize = 4;
/// Digits of a card number.
const CARD_DIGITS: RangeInclusive<usize> = 13..=19;
/// Characters of an account number at most (ISO 13616-1).
const IBAN_MAX: usize = 34;
/// Groups at most.
const GROUPS_MAX: usize = 40;

/// All numbers.
pub(super) fn edits(text: &str, out: &mut Vec<Edit>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let digit =
            [0, 1, 4, 5].into_iter().map(|offset| at + offset).find(|place| byte(bytes, *place).is_ascii_digit());
        at = match digit {
            Some(place) => number(text, place, out).max(at + STRIDE),
            None => at + STRIDE,
        };
    }
}

/// A number in groups.
struct Number {
    groups: Vec<Range<usize>>,
    /// Some separator is none that rules know.
    odd: bool,
    /// All separators are the same.
    uniform: bool,
}

/// Reads the number around `at`; returns where it ends.
fn number(text: &str, at: usize, out: &mut Vec<Edit>) -> usize {
    let bytes = text.as_bytes();
    let start = first_group(bytes, at);
    let number = collect(bytes, start, u8::is_ascii_digit, usize::MAX);
    let end = number.groups.last().map_or(at, |group| group.end);
    if !number.odd {
        return end;
    }
    let digits: usize = number.groups.iter().map(std::iter::ExactSizeIterator::len).sum();
    let fours = number.groups.iter().all(|group| group.len() == 4);
    let alone = !is_alnum(before(bytes, start)) && !is_alnum(byte(bytes, end));
    if CARD_DIGITS.contains(&digits) && (number.uniform || fours) && alone && holds("card", bytes, &number) {
        join(&number, out);
    } else if before(bytes, start).is_ascii_alphabetic() {
        return account(bytes, start, out).max(end);
    }
    end
}

/// Where the number around `at` begins. Marks of lines are not looked at backwards: the look before this one was there.
fn first_group(bytes: &[u8], at: usize) -> usize {
    let mut start = at;
    for _ in 0..GROUPS_MAX {
        start -= behind(bytes, start, IBAN_MAX, |byte| byte.is_ascii_digit());
        let signs = behind(bytes, start, SIGNS_MAX, is_sign);
        let before_signs = start - signs;
        if signs == 0 || !before(bytes, before_signs).is_ascii_digit() {
            break;
        }
        start = before_signs;
    }
    start
}

fn is_sign(byte: u8) -> bool {
    b" \t.-_/*|:~+\\#=\n\r".contains(&byte)
}

/// Groups of bytes that pass the test, from `start` on, until so many bytes are together.
fn collect(bytes: &[u8], start: usize, test: fn(&u8) -> bool, most: usize) -> Number {
    let mut number = Number { groups: Vec::new(), odd: false, uniform: true };
    let mut at = start;
    let mut n_bytes = 0;
    let mut first_gap: Option<Vec<u8>> = None;
    while number.groups.len() < GROUPS_MAX {
        let length =
            bytes.get(at..).unwrap_or_default().iter().take(most - n_bytes).take_while(|byte| test(byte)).count();
        if length == 0 {
            break;
        }
        let end = at + length;
        number.groups.push(at..end);
        n_bytes += length;
        let Some(next) = next_group(bytes, end).filter(|next| n_bytes < most && test(&byte(bytes, *next))) else {
            break;
        };
        let gap = gap_kind(bytes, end, next);
        number.odd |= is_odd(&gap);
        number.uniform &= first_gap.get_or_insert_with(|| gap.clone()) == &gap;
        at = next;
    }
    number
}

/// Where the next group begins.
fn next_group(bytes: &[u8], end: usize) -> Option<usize> {
    let signs = super::around::ahead(bytes, end, SIGNS_MAX, |byte| is_sign(byte) && !matches!(byte, b'\n' | b'\r'));
    let mut next = end + signs;
    if byte(bytes, next) == b'\r' {
        next += 1;
    }
    if byte(bytes, next) == b'\n' {
        return lines::continuation(bytes, next);
    }
    (signs > 0).then_some(next)
}

/// What a gap is made of; a line break with its marks is one sign.
fn gap_kind(bytes: &[u8], start: usize, end: usize) -> Vec<u8> {
    let gap = bytes.get(start..end).unwrap_or_default();
    if gap.contains(&b'\n') { vec![b'\n'] } else { gap.to_vec() }
}

/// Signs that the rules for numbers do not expect.
fn is_odd(gap: &[u8]) -> bool {
    gap.len() > 3 || gap.iter().any(|byte| !b" \t.-".contains(byte))
}

/// An account number that begins with the two letters before `digits_at`.
fn account(bytes: &[u8], digits_at: usize, out: &mut Vec<Edit>) -> usize {
    let letters = behind(bytes, digits_at, 3, |byte| byte.is_ascii_alphabetic());
    if letters != 2 || is_alnum(before(bytes, digits_at - 2)) {
        return digits_at;
    }
    let whole = collect(bytes, digits_at - 2, u8::is_ascii_alphanumeric, IBAN_MAX);
    // What follows the number is left out group by group.
    for n_groups in (3..=whole.groups.len()).rev() {
        let groups = whole.groups.get(..n_groups).unwrap_or_default().to_vec();
        let part = Number { groups, odd: true, uniform: true };
        if holds("iban", bytes, &part) {
            join(&part, out);
            return part.groups.last().map_or(digits_at, |group| group.end);
        }
    }
    digits_at
}

/// Whether the check of this name holds for the whole number.
fn holds(check: &str, bytes: &[u8], number: &Number) -> bool {
    let joined: Vec<u8> =
        number.groups.iter().filter_map(|group| bytes.get(group.clone())).flatten().copied().collect();
    let Ok(joined) = String::from_utf8(joined) else { return false };
    let judged = validate::by_name(check)
        .map(|validator| validator(&Subject { value: &joined, text: &joined, range: 0..joined.len() }));
    match judged {
        Some(Judgement::First { bytes, .. }) => bytes == joined.len(),
        Some(Judgement::Stretch { range, .. }) => range == (0..joined.len()),
        Some(Judgement::Holds | Judgement::Scored { .. }) => true,
        Some(Judgement::Fails) | None => false,
    }
}

fn join(number: &Number, out: &mut Vec<Edit>) {
    out.extend(number.groups.windows(2).filter_map(|pair| match pair {
        [left, right] => Some(Edit::strong(left.end..right.start, With::Nothing, Disguise::Separators)),
        _ => None,
    }));
}
