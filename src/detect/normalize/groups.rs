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
    while let Some(look) = bytes.get(at..(at + STRIDE).min(bytes.len())).filter(|look| !look.is_empty()) {
        match look.iter().position(u8::is_ascii_digit) {
            Some(offset) => at = number(bytes, at + offset, out).max(at + offset + 1),
            None => at += STRIDE,
        }
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

/// Reads the number that begins at `start`; returns where it ends.
fn number(bytes: &[u8], start: usize, out: &mut Vec<Edit>) -> usize {
    let (end, odd) = skim(bytes, start);
    if !odd && !starts_account(bytes, start) {
        return end;
    }
    let number = collect(bytes, start, u8::is_ascii_digit, usize::MAX);
    let is_account = starts_account(bytes, start);
    if !number.odd && !is_account {
        return end;
    }
    let digits: usize = number.groups.iter().map(std::iter::ExactSizeIterator::len).sum();
    let fours = number.groups.iter().all(|group| group.len() == 4);
    let alone = !is_alnum(before(bytes, start)) && !is_alnum(byte(bytes, end));
    if number.odd
        && CARD_DIGITS.contains(&digits)
        && (number.uniform || fours)
        && alone
        && holds("card", bytes, &number)
    {
        join(&number, out);
    } else if is_account {
        return account(bytes, start, out).max(end);
    }
    end
}

/// Where the number ends, and whether it may be a card's with odd signs between its groups: without taking it apart.
fn skim(bytes: &[u8], start: usize) -> (usize, bool) {
    let mut end = start;
    let mut digits = 0;
    let mut odd = false;
    for _ in 0..GROUPS_MAX {
        let length = super::around::ahead(bytes, end, usize::MAX, |byte| byte.is_ascii_digit());
        end += length;
        digits += length;
        let Some(next) = next_group(bytes, end).filter(|next| byte(bytes, *next).is_ascii_digit()) else { break };
        odd |= is_odd(bytes.get(end..next).unwrap_or_default());
        end = next;
    }
    (end, odd && digits >= *CARD_DIGITS.start())
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
        let start = lines::continuation(bytes, next)?;
        return Some(start + super::around::ahead(bytes, start, 2, |byte| matches!(byte, b'-' | b'.')));
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
    gap.len() > 1 || gap.iter().any(|byte| !b" \t.-".contains(byte))
}

/// Two letters stand before the digits, and no more.
fn starts_account(bytes: &[u8], digits_at: usize) -> bool {
    behind(bytes, digits_at, 3, |byte| byte.is_ascii_alphabetic()) == 2 && !is_alnum(before(bytes, digits_at - 2))
}

/// An account number that begins with the two letters before `digits_at`.
fn account(bytes: &[u8], digits_at: usize, out: &mut Vec<Edit>) -> usize {
    let whole = collect(bytes, digits_at - 2, u8::is_ascii_alphanumeric, IBAN_MAX);
    if !whole.odd {
        return digits_at;
    }
    // What follows the number is left out group by group.
    for n_groups in (2..=whole.groups.len()).rev() {
        let groups = whole.groups.get(..n_groups).unwrap_or_default().to_vec();
        let odd = groups.windows(2).any(|pair| match pair {
            [left, right] => is_odd(&gap_kind(bytes, left.end, right.start)),
            _ => false,
        });
        let part = Number { groups, odd, uniform: true };
        if odd && holds("iban", bytes, &part) {
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
    // Account numbers are written in capitals; small letters between signs are names.
    let Ok(joined) = String::from_utf8(joined) else { return false };
    if joined.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return false;
    }
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
