//! Values written one character at a time: `4 1 1 1 …`, `s-k---a-b`, `a l i c e @ …`. Looks at every eighth byte, which a
//! row of ten such characters cannot escape.

use super::{
    around::{before, byte},
    edit::{Disguise, Edit, With},
};

/// Bytes between two looks.
const STRIDE: usize = 8;
/// Characters of a row at least.
const ROW_LEAST: usize = 10;
/// Characters of a row at most: the longest tokens.
const ROW_MAX: usize = 400;
/// Bytes between two characters at most.
const GAP_MAX: usize = 4;
/// Digits of a row of nothing else: a number, not a table.
const DIGITS: std::ops::RangeInclusive<usize> = 9..=20;
/// Characters of a key at least.
const KEY_LEAST: usize = 16;

/// All rows.
pub(super) fn edits(text: &str, out: &mut Vec<Edit>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at + 7 <= bytes.len() {
        let found = (0..2)
            .find_map(|phase| begins(bytes, at + phase, 2))
            .or_else(|| (0..3).find_map(|phase| begins(bytes, at + phase, 3)));
        at = match found {
            Some(separator) => row(bytes, at, separator, out).max(at + STRIDE),
            None => at + STRIDE,
        };
    }
}

fn separates(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'-' | b'.' | b'_' | b'*' | b'/' | b'|' | b',' | b'+' | b':' | b'~' | b'#' | b'\n')
}

/// The separator of three characters in a row, `period` bytes apart.
fn begins(bytes: &[u8], at: usize, period: usize) -> Option<u8> {
    let separator = byte(bytes, at);
    let same = separates(separator)
        && byte(bytes, at + period) == separator
        && byte(bytes, at + 2 * period) == separator
        && (period == 2
            || at + 1 < bytes.len()
                && matches!(byte(bytes, at + 1), b' ' | b'\t') | (byte(bytes, at + 1) == separator));
    let singles = (0..2).all(|index| is_single(byte(bytes, at + index * period + period - 1), separator));
    (same && singles).then_some(separator)
}

fn is_single(byte: u8, separator: u8) -> bool {
    byte.is_ascii_graphic() && byte != separator
}

/// The length of the gap at `at`: the separator, with blanks.
fn gap(bytes: &[u8], at: usize, separator: u8) -> Option<usize> {
    let in_gap = |byte: u8| byte == separator || matches!(byte, b' ' | b'\n' | b'\r');
    let length = super::around::ahead(bytes, at, GAP_MAX, in_gap);
    let holds = bytes.get(at..at + length).is_some_and(|part| part.contains(&separator));
    holds.then_some(length)
}

/// Reads the row around `at`; returns where it ends.
fn row(bytes: &[u8], at: usize, separator: u8, out: &mut Vec<Edit>) -> usize {
    let Some(start) = first_of_row(bytes, at, separator) else { return at };
    let mut places = vec![start];
    let mut gaps: Vec<std::ops::Range<usize>> = Vec::new();
    let mut end = start + 1;
    while places.len() < ROW_MAX {
        let Some(length) = gap(bytes, end, separator) else { break };
        let next = end + length;
        let ends = |byte: u8| byte == separator || !byte.is_ascii_alphanumeric();
        if !is_single(byte(bytes, next), separator) || !ends(byte(bytes, next + 1)) {
            break;
        }
        gaps.push(end..next);
        places.push(next);
        end = next + 1;
    }
    if is_worth_it(&places.iter().map(|place| byte(bytes, *place)).collect::<Vec<u8>>()) {
        let usual = gaps.iter().map(std::iter::ExactSizeIterator::len).min().unwrap_or(1);
        out.extend(gaps.into_iter().map(|gap| {
            let with = if gap.len() > usual { With::One(' ') } else { With::Nothing };
            Edit::strong(gap, with, Disguise::Spaced)
        }));
    }
    end
}

/// The first character of the row that stands around `at`.
fn first_of_row(bytes: &[u8], at: usize, separator: u8) -> Option<usize> {
    let mut place =
        (at..at + 3).find(|place| is_single(byte(bytes, *place), separator) && byte(bytes, place + 1) == separator)?;
    for _ in 0..ROW_MAX {
        let in_gap = |byte: u8| byte == separator || matches!(byte, b' ' | b'\n' | b'\r');
        let length = super::around::behind(bytes, place, GAP_MAX, in_gap);
        let Some(previous) = place.checked_sub(length + 1) else { break };
        let holds = bytes.get(previous + 1..place).is_some_and(|part| part.contains(&separator));
        let alone = !before(bytes, previous).is_ascii_alphanumeric() && before(bytes, previous) < 0x80;
        if !holds || !alone || !is_single(byte(bytes, previous), separator) {
            break;
        }
        place = previous;
    }
    Some(place)
}

/// Whether the characters of a row may be a value: an address, a number, a key. Lists of letters are not.
fn is_worth_it(row: &[u8]) -> bool {
    let digits = row.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = row.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let number = digits == row.len() && DIGITS.contains(&digits);
    let mixed = digits >= 2 && letters >= 2 && row.len() >= KEY_LEAST;
    let telephone = row.first() == Some(&b'+') && digits + 1 == row.len();
    row.len() >= ROW_LEAST && (row.contains(&b'@') || number || mixed || telephone)
}
