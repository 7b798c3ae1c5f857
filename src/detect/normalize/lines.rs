//! Values broken over lines: plainly, with indentation, behind a `\`, or in quoted and commented text whose lines begin
//! with a mark. Numbers broken over lines are for `groups`. Does not join words of prose.

use super::{
    around::{ahead, before, behind, byte},
    edit::{Disguise, Edit, With},
    tops,
    walk::Signs,
};

/// Characters of a piece looked at.
const PIECE_MAX: usize = 96;
/// A piece this long is a line of wrapped data, not of a value in two parts.
const WRAPPED_LEAST: usize = 60;
/// Characters of the first piece of a key at least, unless it has a key's form.
const PIECE_LEAST: usize = 12;
/// … and with it.
const KEY_PIECE_LEAST: usize = 6;
/// How keys begin that a person may break over two lines; their halves need not have digits.
const KEY_BEGINNINGS: [&[u8]; 14] = [
    b"AKIA",
    b"ASIA",
    b"AIza",
    b"ghp_",
    b"gho_",
    b"ghs_",
    b"github_pat_",
    b"glpat-",
    b"sk-",
    b"sk_",
    b"rk_",
    b"xoxb-",
    b"xoxp-",
    b"npm_",
];
/// Characters from which such a piece may be a whole key, with something else behind it.
const WHOLE_KEY_LEAST: usize = 22;
/// Characters below which a `/` makes a piece a path.
const PATH_MAX: usize = 20;
/// Characters of the second piece at least.
const REST_LEAST: usize = 4;
/// Indentation, and blanks behind a mark, at most.
const BLANKS_MAX: usize = 24;
/// Digits of a line number at most.
const LINE_NUMBER_MAX: usize = 5;

/// The line break at `at`: when a value goes on behind it, it is dropped. Returns where to look on.
pub(super) fn line_break(text: &str, at: usize, signs: &mut Signs) -> usize {
    let bytes = text.as_bytes();
    let (left_end, continued) = left_end(bytes, at);
    let left = piece_before(bytes, left_end);
    if left.is_empty() || left.len() >= WRAPPED_LEAST {
        return at + 1;
    }
    let Some(right_start) = continuation(bytes, at) else { return at + 1 };
    let length = ahead(bytes, right_start, PIECE_MAX, in_piece);
    let right = bytes.get(right_start..right_start + length).unwrap_or_default();
    if right.is_empty() || right.len() >= WRAPPED_LEAST {
        return at + 1;
    }
    let joined = continued && (is_mixed(left) || is_mixed(right) || left.contains(&b'@') || right.contains(&b'@'))
        || breaks_address(left, right)
        || breaks_key(left, right);
    if !joined {
        return at + 1;
    }
    signs.sound.push(Edit::strong(left_end..right_start, With::Nothing, Disguise::Lines));
    right_start
}

/// Where the text before the line break ends, and whether a mark says that the line goes on.
fn left_end(bytes: &[u8], at: usize) -> (usize, bool) {
    let mut end = at - behind(bytes, at, 4, |byte| matches!(byte, b'\r' | b' ' | b'\t'));
    let continued = before(bytes, end) == b'\\';
    if continued {
        end -= 1;
        end -= behind(bytes, end, 4, |byte| byte == b' ');
    }
    (end, continued)
}

/// Where the text goes on behind the line break at `at`: behind indentation and one mark of quotes, comments, lists,
/// tables or line numbers. `None` at an empty line.
pub(super) fn continuation(bytes: &[u8], at: usize) -> Option<usize> {
    let blanks = |from: usize| from + ahead(bytes, from, BLANKS_MAX, |byte| matches!(byte, b' ' | b'\t'));
    let start = blanks(at + 1);
    let marked = match byte(bytes, start) {
        0 | b'\n' | b'\r' => return None,
        b'>' => start + ahead(bytes, start, BLANKS_MAX, |byte| matches!(byte, b'>' | b' ')),
        b'#' | b';' | b'|' => start + ahead(bytes, start, 4, |byte| matches!(byte, b'#' | b';' | b'|')),
        b'/' if byte(bytes, start + 1) == b'/' => start + ahead(bytes, start, 4, |byte| matches!(byte, b'/' | b'!')),
        b'-' if byte(bytes, start + 1) == b'-' => start + 2,
        b'*' if byte(bytes, start + 1) == b' ' => start + 1,
        b'0'..=b'9' => line_number(bytes, start),
        _ => start,
    };
    Some(blanks(marked))
}

/// Where a line number ends; the place itself when there is none.
fn line_number(bytes: &[u8], start: usize) -> usize {
    let digits = ahead(bytes, start, LINE_NUMBER_MAX, |byte| byte.is_ascii_digit());
    let end = start + digits;
    match (byte(bytes, end), byte(bytes, end + 1)) {
        (b':' | b'|' | b'.' | b')' | b'\t', b' ' | b'\t') => end + 1,
        (b' ', b'|') => end + 2,
        (b' ', b' ') | (b'\t', _) => end,
        _ => start,
    }
}

fn in_piece(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'@' | b'.' | b'+' | b'/')
}

fn piece_before(bytes: &[u8], end: usize) -> &[u8] {
    let length = behind(bytes, end, PIECE_MAX, in_piece);
    bytes.get(end - length..end).unwrap_or_default()
}

/// An address without its end, and its end: `alice@exam` ⏎ `ple.com`. A whole address is left alone.
fn breaks_address(left: &[u8], right: &[u8]) -> bool {
    let domain = |piece: &[u8]| piece.iter().position(|byte| *byte == b'@').map(|at| piece.len() - at - 1);
    match (domain(left), domain(right)) {
        (Some(length), None) => {
            let domain = left.get(left.len() - length..).unwrap_or_default();
            let whole =
                std::str::from_utf8(domain).is_ok_and(|domain| domain.contains('.') && tops::ends_in_known(domain));
            let joined = [left, right].concat();
            let joined = String::from_utf8(joined).unwrap_or_default();
            let top = joined.trim_end_matches('.').rsplit('.').next().unwrap_or_default().to_owned();
            !whole && joined.contains('.') && tops::is_known(&top)
        }
        (None, Some(_)) => right.first() == Some(&b'@'),
        (None, None) | (Some(_), Some(_)) => false,
    }
}

/// A key in two parts: digits and letters on both sides, and enough of them or a key's form.
fn breaks_key(left: &[u8], right: &[u8]) -> bool {
    let begun = KEY_BEGINNINGS.iter().any(|beginning| left.starts_with(beginning));
    if begun && (KEY_PIECE_LEAST..WHOLE_KEY_LEAST).contains(&left.len()) && right.len() >= REST_LEAST {
        return true;
    }
    // Lines of a log end in paths and begin with dates.
    let path = left.contains(&b'.') || left.contains(&b'/') && left.len() < PATH_MAX;
    let date = right.iter().filter(|byte| byte.is_ascii_alphabetic()).count() < 2;
    if path || date {
        return false;
    }
    let formed = left.len() >= KEY_PIECE_LEAST
        && (left.contains(&b'_') || left.contains(&b'-') || !left.iter().any(u8::is_ascii_lowercase));
    right.len() >= REST_LEAST && (left.len() >= PIECE_LEAST || formed) && is_mixed(left) && is_mixed(right)
}

/// Digits and letters, and not all hexadecimal: lists of hashes are not broken tokens.
fn is_mixed(piece: &[u8]) -> bool {
    let digit = piece.iter().any(u8::is_ascii_digit);
    let letter = piece.iter().any(u8::is_ascii_alphabetic);
    digit && letter && !piece.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-')
}
