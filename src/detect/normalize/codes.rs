//! Text written as numbers: byte arrays (`[52, 49, …]`, `{0x34, 0x31}`), dumps (`34 31 31`, `34:31:31`), binary digits,
//! and calls that make characters of them (`chr(52) . chr(49)`, `String.fromCharCode(52, 49)`).

use super::{
    around::{ahead, before, behind, byte, is_alnum},
    edit::{Disguise, Edit, With},
    walk::Signs,
};
use std::ops::Range;

/// Bytes between two looks for an array.
const STRIDE: usize = 16;
/// Numbers of an array at least.
const ARRAY_LEAST: usize = 10;
/// Bytes of an array at most, and how far back it may begin.
const ARRAY_MAX: usize = 8 << 10;
/// Characters made by calls at least.
const CALLS_LEAST: usize = 5;
/// Calls in one chain at most.
const CALLS_MAX: usize = 512;

/// All arrays of character codes.
pub(super) fn arrays(text: &str, out: &mut Vec<Edit>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut from = 0;
    while let Some(look) = bytes.get(at..at + STRIDE) {
        let is_list = look.iter().all(|byte| in_list(*byte)) && look.iter().any(|byte| separates(*byte));
        at = if is_list { list(text, from, at, out) } else { at + STRIDE };
        from = if is_list { at } else { from };
    }
}

fn in_list(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || separates(byte) || matches!(byte, b'x' | b'X' | b'h')
}

fn separates(byte: u8) -> bool {
    matches!(byte, b',' | b' ' | b'\n' | b'\r' | b'\t' | b':' | b';' | b'-' | b'|')
}

/// Reads the list around `at`; returns where it ends.
fn list(text: &str, from: usize, at: usize, out: &mut Vec<Edit>) -> usize {
    let bytes = text.as_bytes();
    let back = behind(bytes, at, (at - from).min(ARRAY_MAX), in_list);
    let mut start = at - back;
    // A word before the list may end in letters that are hexadecimal too.
    start += if is_alnum(before(bytes, start)) { ahead(bytes, start, 16, is_alnum) } else { 0 };
    let mut end = at + ahead(bytes, at, ARRAY_MAX, in_list);
    end -= if is_alnum(byte(bytes, end)) { behind(bytes, end, 16, is_alnum) } else { 0 };
    let items = items(bytes, start..end.max(start));
    if let (Some(first), Some(last)) = (items.first(), items.last())
        && items.len() >= ARRAY_LEAST.min(8)
        && let Some(decoded) = decode(text, &items)
    {
        out.push(Edit::strong(first.start..last.end, With::Text(decoded.into()), Disguise::Numbers));
    }
    end.max(at + STRIDE)
}

fn items(bytes: &[u8], range: Range<usize>) -> Vec<Range<usize>> {
    let mut items = Vec::new();
    let mut at = range.start;
    while at < range.end {
        at += ahead(bytes, at, range.end - at, separates);
        let length = ahead(bytes, at, range.end - at, |byte| !separates(byte));
        if length > 0 {
            items.push(at..at + length);
        }
        at += length.max(1);
    }
    items
}

/// The text of a list: by the base that all numbers agree with.
fn decode(text: &str, items: &[Range<usize>]) -> Option<String> {
    let words: Vec<&str> = items.iter().filter_map(|item| text.get(item.clone())).collect();
    let prefixed = |word: &str| word.starts_with("0x") || word.starts_with("0X");
    let all = |test: &dyn Fn(&str) -> bool| words.iter().all(|word| test(word));
    let bare = |word: &&str| word.trim_start_matches("0x").trim_start_matches("0X").trim_end_matches('h').to_owned();
    if all(&|word| word.len() == 8 && word.bytes().all(|byte| matches!(byte, b'0' | b'1'))) {
        return printable(words.iter().map(|word| u32::from_str_radix(word, 2).ok()));
    }
    if words.len() < ARRAY_LEAST {
        return None;
    }
    if all(&prefixed) || all(&|word| word.len() == 3 && word.ends_with('h')) {
        return printable(words.iter().map(|word| u32::from_str_radix(&bare(word), 16).ok()));
    }
    let decimal = || printable(words.iter().map(|word| word.parse().ok()));
    let hexadecimal = || {
        let pairs = all(&|word| word.len() == 2);
        pairs.then(|| printable(words.iter().map(|word| u32::from_str_radix(word, 16).ok()))).flatten()
    };
    match (hexadecimal(), decimal()) {
        (Some(hexadecimal), Some(decimal)) => {
            let letters = |text: &str| text.bytes().filter(u8::is_ascii_alphanumeric).count();
            let digits = decimal.bytes().filter(u8::is_ascii_digit).count();
            let number = digits * 2 >= decimal.len();
            Some(if !number && letters(&hexadecimal) > letters(&decimal) { hexadecimal } else { decimal })
        }
        (hexadecimal, decimal) => hexadecimal.or(decimal),
    }
}

/// The text of these codes, as bytes of UTF-8 or as characters, when all of it is printable.
fn printable(codes: impl Iterator<Item = Option<u32>>) -> Option<String> {
    let codes: Vec<u32> = codes.collect::<Option<_>>()?;
    let bytes: Option<Vec<u8>> = codes.iter().map(|code| u8::try_from(*code).ok()).collect();
    let text = match bytes.and_then(|bytes| String::from_utf8(bytes).ok()) {
        Some(text) => text,
        None => codes.iter().map(|code| char::from_u32(*code)).collect::<Option<String>>()?,
    };
    let is_text = |character: char| !character.is_control() || matches!(character, '\n' | '\t' | '\r');
    text.chars().all(is_text).then_some(text)
}

/// Names of functions that make characters, lower case, as they end.
const MAKERS: [&[u8]; 5] = [b"chr", b"char", b"fromcharcode", b"fromcodepoint", b"chrw"];

/// The call whose `(` stands at `paren`: with those joined to it, one text. Returns where the chain ends.
pub(super) fn calls(text: &str, paren: usize, signs: &mut Signs) -> Option<usize> {
    let bytes = text.as_bytes();
    let (start, mut decoded, mut end) = call(text, paren)?;
    for _ in 0..CALLS_MAX {
        let joint = ahead(bytes, end, 12, |byte| b" \t\n\r+.&|,~^_\\".contains(&byte));
        let name = ahead(bytes, end + joint, 32, |byte| is_alnum(byte) || matches!(byte, b'.' | b'_' | b':'));
        let Some((_, more, next)) = call(text, end + joint + name).filter(|_| name > 0) else { break };
        decoded.push_str(&more);
        end = next;
    }
    if decoded.len() < CALLS_LEAST {
        return None;
    }
    signs.plain.push(Edit::strong(start..end, With::Text(decoded.into()), Disguise::Numbers));
    Some(end)
}

/// One call: where its name begins, its characters, where it ends.
fn call(text: &str, paren: usize) -> Option<(usize, String, usize)> {
    let bytes = text.as_bytes();
    if byte(bytes, paren) != b'(' {
        return None;
    }
    let start = paren - behind(bytes, paren, 24, |byte| is_alnum(byte) || matches!(byte, b'.' | b'_' | b':'));
    let name = text.get(start..paren)?.rsplit(['.', ':']).next()?.to_ascii_lowercase();
    if !MAKERS.contains(&name.as_bytes()) {
        return None;
    }
    let length = ahead(bytes, paren + 1, ARRAY_MAX, in_list);
    let end = paren + 1 + length;
    let codes = text.get(paren + 1..end).filter(|_| byte(bytes, end) == b')')?;
    let code = |word: &str| match word.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => word.parse().ok(),
    };
    let decoded = printable(codes.split(',').map(|word| code(word.trim())))?;
    Some((start, decoded, end + 1))
}
