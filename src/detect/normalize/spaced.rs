//! Values written one character at a time: `4 1 1 1 …`, `s-k---a-b`, `a l i c e @ …`. Looks at every eighth byte, which a
//! row of ten such characters cannot escape.

use super::{
    around::{before, byte},
    edit::{Disguise, Edit, With},
};

/// Bytes between two looks.
const STRIDE: usize = 8;
/// Bytes of one look: three characters with two bytes between them, wherever the row stands.
const LOOK: usize = 9;
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
    let mut from = 0;
    let mut at = 0;
    while let Some(look) = bytes.get(at..).and_then(|rest| rest.first_chunk::<LOOK>()) {
        if let Some(separator) = begins(look) {
            from = row(bytes, from, at, separator, out).max(from);
            at = from.max(at);
        }
        at += STRIDE;
    }
}

fn separates(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'-' | b'.' | b'_' | b'*' | b'/' | b'|' | b',' | b'+' | b':' | b'~' | b'#' | b'\n')
}

/// The separator, when three bytes two or three apart are the same one and others stand between them.
fn begins(look: &[u8; LOOK]) -> Option<u8> {
    let [a, b, c, d, e, f, g, h, i] = *look;
    let twos = [(a, b, c, d, e), (b, c, d, e, f)];
    let threes = [(a, b, c, d, e, f, g), (b, c, d, e, f, g, h), (c, d, e, f, g, h, i)];
    let two = twos.into_iter().find(|(first, single, second, other, third)| {
        first == second
            && second == third
            && separates(*first)
            && is_single(*single, *first)
            && is_single(*other, *first)
    });
    let three = || {
        threes.into_iter().find(|(first, blank, single, second, also, other, third)| {
            let gap = *blank == b' ' || blank == first;
            let same = first == second && second == third && blank == also && gap;
            same && separates(*first) && is_single(*single, *first) && is_single(*other, *first)
        })
    };
    two.map(|row| row.0).or_else(|| three().map(|row| row.0))
}

/// The first byte of one character that is neither blank nor the separator.
fn is_single(byte: u8, separator: u8) -> bool {
    (byte.is_ascii_graphic() || byte >= 0xC2) && byte != separator
}

/// Bytes of the character that this byte begins.
fn width(first: u8) -> usize {
    match first {
        0..0xC0 => 1,
        0xC0..0xE0 => 2,
        0xE0..0xF0 => 3,
        0xF0.. => 4,
    }
}

/// The length of the gap at `at`: the separator, with blanks.
fn gap(bytes: &[u8], at: usize, separator: u8) -> Option<usize> {
    let in_gap = |byte: u8| byte == separator || matches!(byte, b' ' | b'\n' | b'\r');
    let length = super::around::ahead(bytes, at, GAP_MAX, in_gap);
    let holds = bytes.get(at..at + length).is_some_and(|part| part.contains(&separator));
    holds.then_some(length)
}

/// Reads the row around `at`, no part of which stands before `from`; returns where it ends.
fn row(bytes: &[u8], from: usize, at: usize, separator: u8, out: &mut Vec<Edit>) -> usize {
    let Some(start) = first_of_row(bytes, from, at, separator) else { return at };
    let mut places = vec![start];
    let mut gaps: Vec<std::ops::Range<usize>> = Vec::new();
    let mut end = start + width(byte(bytes, start));
    while places.len() < ROW_MAX {
        let Some(length) = gap(bytes, end, separator) else { break };
        let next = end + length;
        let width = width(byte(bytes, next));
        let ends = |byte: u8| byte == separator || !byte.is_ascii_alphanumeric();
        if !is_single(byte(bytes, next), separator) || !ends(byte(bytes, next + width)) {
            break;
        }
        gaps.push(end..next);
        places.push(next);
        end = next + width;
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
fn first_of_row(bytes: &[u8], from: usize, at: usize, separator: u8) -> Option<usize> {
    let mut place = (at..at + STRIDE).find(|place| {
        let alone = !before(bytes, *place).is_ascii_alphanumeric();
        alone && is_single(byte(bytes, *place), separator) && byte(bytes, place + 1) == separator
    })?;
    for _ in 0..ROW_MAX {
        let in_gap = |byte: u8| byte == separator || matches!(byte, b' ' | b'\n' | b'\r');
        let length = super::around::behind(bytes, place, GAP_MAX, in_gap);
        let Some(last) = place.checked_sub(length + 1) else { break };
        let previous = last - super::around::behind(bytes, last + 1, 3, |byte| byte & 0xC0 == 0x80);
        let holds = bytes.get(last + 1..place).is_some_and(|part| part.contains(&separator));
        let alone = !before(bytes, previous).is_ascii_alphanumeric() && before(bytes, previous) < 0x80;
        if previous < from || !holds || !alone || !is_single(byte(bytes, previous), separator) {
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
    let signs = row.iter().filter(|byte| b"-./+()".contains(byte)).count();
    let number = digits + signs == row.len() && DIGITS.contains(&digits);
    let mixed = digits >= 2 && letters >= 2 && row.len() >= KEY_LEAST;
    row.len() >= ROW_LEAST && (row.contains(&b'@') || number || mixed)
}
