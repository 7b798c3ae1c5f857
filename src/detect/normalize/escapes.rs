//! Escapes inside a text: `\u0040`, `\x40`, `\/`, `%40`, `&#64;`, `&commat;`. Decodes one layer.

use super::{Edit, With};
use std::ops::Range;

/// `\uXXXX` (a surrogate pair is one character), `\u{X}`, `\xXX`, `\/` at `at`.
pub(super) fn backslash(text: &str, at: usize) -> Option<Edit> {
    let rest = text.get(at + 1..)?;
    let (character, length) = match rest.as_bytes().first()? {
        b'/' => ('/', 2),
        b'x' => (char::from_u32(hex(rest, 1..3)?)?, 4),
        b'u' if rest.as_bytes().get(1) == Some(&b'{') => {
            let digits = rest.get(2..)?.find('}').filter(|n| (1..=6).contains(n))?;
            (char::from_u32(hex(rest, 2..2 + digits)?)?, digits + 4)
        }
        b'u' => utf16(rest)?,
        _ => return None,
    };
    // Control characters stay escaped: they would cut a line in two.
    (!character.is_control()).then(|| edit(at..at + length, character))
}

fn edit(range: Range<usize>, character: char) -> Edit {
    Edit { range, with: With::Text(character, None) }
}

fn utf16(rest: &str) -> Option<(char, usize)> {
    let first = hex(rest, 1..5)?;
    if let Some(character) = char::from_u32(first) {
        return Some((character, 6));
    }
    let second = rest.get(5..7).filter(|marker| *marker == "\\u").and_then(|_| hex(rest, 7..11))?;
    let paired = (0xD800..0xDC00).contains(&first) && (0xDC00..0xE000).contains(&second);
    if !paired {
        return None;
    }
    char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)).map(|character| (character, 12))
}

fn hex(text: &str, range: Range<usize>) -> Option<u32> {
    let digits = text.get(range)?;
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, 16).ok()
}

/// Bytes of one UTF-8 character written as `%XX` at most.
const UTF8_MAX: usize = 4;

/// The character written as `%XX…` at `at`.
pub(super) fn percent(text: &str, at: usize, edits: &mut Vec<Edit>) {
    let mut bytes = [0_u8; UTF8_MAX];
    for index in 0..UTF8_MAX {
        let start = at + 3 * index;
        let written = text.get(start..start + 3).filter(|triple| triple.starts_with('%'));
        let Some(byte) = written.and_then(|triple| hex(triple, 1..3)).and_then(|byte| u8::try_from(byte).ok()) else {
            return;
        };
        let Some(slot) = bytes.get_mut(index) else { return };
        *slot = byte;
        let seen = bytes.get(..=index).unwrap_or_default();
        if let Some(character) = std::str::from_utf8(seen).ok().and_then(|text| text.chars().next()) {
            if !character.is_control() {
                edits.push(edit(at..start + 3, character));
            }
            return;
        }
    }
}

/// Named entities that hide a sign detection needs.
const NAMED: [(&str, char); 22] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("commat", '@'),
    ("period", '.'),
    ("colon", ':'),
    ("semi", ';'),
    ("lowbar", '_'),
    ("hyphen", '-'),
    ("dash", '-'),
    ("sol", '/'),
    ("bsol", '\\'),
    ("equals", '='),
    ("plus", '+'),
    ("num", '#'),
    ("dollar", '$'),
    ("percnt", '%'),
    ("excl", '!'),
    ("comma", ','),
];

/// Longest entity with its `;`.
const ENTITY_MAX: usize = 10;

/// `&#64;`, `&#x40;`, `&commat;` at `at`.
pub(super) fn entity(text: &str, at: usize) -> Option<Edit> {
    let body = text.as_bytes().get(at + 1..)?;
    let length = body.iter().take(ENTITY_MAX).position(|b| *b == b';')?;
    let name = text.get(at + 1..at + 1 + length)?;
    let character = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => hex(digits, 0..digits.len())?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|character| !character.is_control())?
        }
        None => NAMED.iter().find(|(named, _)| *named == name)?.1,
    };
    Some(edit(at..at + length + 2, character))
}
