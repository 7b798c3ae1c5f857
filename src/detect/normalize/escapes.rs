//! Escapes that begin with a backslash: `\u0040`, `\u{40}`, `\U00000040`, `\x40`, `\100`, `\/`, `\_`, CSS's `\40 `.
//! Decodes one layer; any number of backslashes counts as one.

use super::{
    around::{NUMBER_LEAST, ahead, before, byte, digits_around, is_alnum, is_in_token},
    characters::is_disguise,
    edit::{Disguise, Edit, Sign, With},
    walk::Signs,
};
use std::ops::Range;

/// Backslashes in a row at most.
const BACKSLASHES: usize = 8;

/// The escape at `at`; returns where it ends.
pub(super) fn read(text: &str, at: usize, signs: &mut Signs) -> usize {
    let bytes = text.as_bytes();
    let row = ahead(bytes, at, BACKSLASHES, |byte| byte == b'\\');
    let letter = at + row;
    let decoded = match byte(bytes, letter) {
        b'x' => octets(text, at, letter).or_else(|| braced(text, letter)),
        b'u' => braced(text, letter).or_else(|| utf16(text, letter)),
        b'U' => hex(text, letter + 1..letter + 9).map(|code| (code, letter + 9)),
        b'0'..=b'7' => octal(bytes, letter),
        b'N' => return named(text, at, letter, signs),
        b'/' | b'_' | b'-' | b'.' | b'@' | b'+' | b'#' | b'&' | b'=' | b':' => return plain(bytes, at, letter, signs),
        _ => None,
    };
    match decoded.and_then(|(code, end)| Some((char::from_u32(code)?, end))) {
        // Control characters stay escaped: they would cut a line in two.
        Some((character, end)) if !character.is_control() || is_disguise(character) => {
            let sign = sign_of(character);
            signs.plain.push(Edit::new(at..end, With::One(character), Disguise::Escape, sign));
            end
        }
        Some(_) | None => css(text, at, letter, signs),
    }
}

/// Letters and digits have no need to be escaped; other signs are often so.
pub(super) fn sign_of(character: char) -> Sign {
    let needless = character.is_ascii_alphanumeric() || matches!(character, '@' | '.' | '-' | '_' | '+' | ':' | '%');
    Sign::strong_if(needless || !character.is_ascii() && is_disguise(character))
}

/// `\x40`, or the bytes of one UTF-8 character written so.
fn octets(text: &str, at: usize, letter: usize) -> Option<(u32, usize)> {
    let first = hex(text, letter + 1..letter + 3)?;
    if !(0xC2..0xF5).contains(&first) {
        return Some((first, letter + 3));
    }
    let width = letter + 3 - at;
    let marker = text.get(at..=letter)?;
    let mut bytes = Vec::with_capacity(4);
    for index in 0..4 {
        let start = at + index * width;
        let Some(written) = text.get(start..start + width).filter(|written| written.starts_with(marker)) else { break };
        bytes.push(u8::try_from(hex(written, width - 2..width)?).ok()?);
        if let Some(character) = std::str::from_utf8(&bytes).ok().and_then(|text| text.chars().next()) {
            return Some((u32::from(character), start + width));
        }
    }
    Some((first, letter + 3))
}

fn braced(text: &str, letter: usize) -> Option<(u32, usize)> {
    let bytes = text.as_bytes();
    if byte(bytes, letter + 1) != b'{' {
        return None;
    }
    let digits = ahead(bytes, letter + 2, 8, |byte| byte.is_ascii_hexdigit());
    let end = letter + 2 + digits;
    let code = hex(text, letter + 2..end)?;
    (byte(bytes, end) == b'}').then_some((code, end + 1))
}

fn utf16(text: &str, letter: usize) -> Option<(u32, usize)> {
    let first = hex(text, letter + 1..letter + 5)?;
    if !(0xD800..0xE000).contains(&first) {
        return Some((first, letter + 5));
    }
    let slashes = ahead(text.as_bytes(), letter + 5, BACKSLASHES, |byte| byte == b'\\');
    let next = letter + 5 + slashes;
    let second = hex(text, next + 1..next + 5).filter(|_| slashes > 0 && byte(text.as_bytes(), next) == b'u')?;
    let paired = first < 0xDC00 && (0xDC00..0xE000).contains(&second);
    paired.then(|| (0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00), next + 5))
}

/// Three octal digits that are a printable character.
fn octal(bytes: &[u8], letter: usize) -> Option<(u32, usize)> {
    let digits = ahead(bytes, letter, 3, |byte| (b'0'..=b'7').contains(&byte));
    let code = bytes.get(letter..letter + 3)?.iter().fold(0, |code, byte| code * 8 + u32::from(byte & 7));
    (digits == 3 && (0x21..0x7F).contains(&code)).then_some((code, letter + 3))
}

/// Value of the hexadecimal digits in the range.
pub(super) fn hex(text: &str, range: Range<usize>) -> Option<u32> {
    let digits = text.get(range)?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, 16).ok()
}

/// `\N{…}` of Python and Perl for the signs of numbers and addresses (names of `UnicodeData.txt`).
const NAMES: [(&str, char); 16] = [
    ("COMMERCIAL AT", '@'),
    ("FULL STOP", '.'),
    ("HYPHEN-MINUS", '-'),
    ("LOW LINE", '_'),
    ("PLUS SIGN", '+'),
    ("COLON", ':'),
    ("DIGIT ZERO", '0'),
    ("DIGIT ONE", '1'),
    ("DIGIT TWO", '2'),
    ("DIGIT THREE", '3'),
    ("DIGIT FOUR", '4'),
    ("DIGIT FIVE", '5'),
    ("DIGIT SIX", '6'),
    ("DIGIT SEVEN", '7'),
    ("DIGIT EIGHT", '8'),
    ("DIGIT NINE", '9'),
];

/// Bytes of a character's name at most.
const NAME_MAX: usize = 40;

fn named(text: &str, at: usize, letter: usize, signs: &mut Signs) -> usize {
    let bytes = text.as_bytes();
    let length = ahead(bytes, letter + 2, NAME_MAX, |byte| byte != b'}' && byte >= b' ');
    let end = letter + 2 + length;
    let name = text.get(letter + 2..end).filter(|_| byte(bytes, letter + 1) == b'{' && byte(bytes, end) == b'}');
    let Some(name) = name else { return letter };
    let latin = name.strip_prefix("LATIN SMALL LETTER ").or_else(|| name.strip_prefix("LATIN CAPITAL LETTER "));
    let small = name.contains("SMALL");
    let character = latin.filter(|letter| letter.len() == 1).and_then(|letter| letter.chars().next());
    let character = character.map(|letter| if small { letter.to_ascii_lowercase() } else { letter });
    let character = character.or_else(|| NAMES.iter().find(|(known, _)| *known == name).map(|(_, sign)| *sign));
    let Some(character) = character else { return letter };
    signs.plain.push(Edit::strong(at..end + 1, With::One(character), Disguise::Escape));
    end + 1
}

/// `\/`, `\_`, `\.`: JSON, Markdown and LaTeX escape these. They matter within a number, a key, an address.
fn plain(bytes: &[u8], at: usize, letter: usize, signs: &mut Signs) -> usize {
    let sign = byte(bytes, letter);
    let (left, right) = (before(bytes, at), byte(bytes, letter + 1));
    let inside = is_alnum(left) && (is_alnum(right) || right == b'\\');
    let strong = match sign {
        b'/' => joins_credentials(bytes, at, letter + 1) || inside && is_in_token(bytes, at, letter + 1),
        b'_' | b'@' => inside,
        _ => inside && (is_in_token(bytes, at, letter + 1) || digits_around(bytes, at, letter + 1) >= NUMBER_LEAST),
    };
    let edit = Edit::new(at..letter + 1, With::One(char::from(sign)), Disguise::Escape, Sign::strong_if(strong));
    signs.plain.push(edit);
    letter + 1
}

/// Bytes after `:\/\/` within which the `@` of credentials stands.
const CREDENTIALS_REACH: usize = 96;

fn joins_credentials(bytes: &[u8], at: usize, end: usize) -> bool {
    let scheme = before(bytes, at) == b':' && byte(bytes, end) == b'\\';
    let reach = ahead(bytes, end, CREDENTIALS_REACH, |byte| byte > b' ' && !b"\"'<>".contains(&byte));
    scheme && bytes.get(end..end + reach).is_some_and(|part| part.contains(&b'@'))
}

/// CSS: one to six hexadecimal digits and a blank that belongs to the escape. Without one the escape is six digits long
/// or ends where no digit follows.
fn css(text: &str, at: usize, letter: usize, signs: &mut Signs) -> usize {
    let bytes = text.as_bytes();
    let digits = ahead(bytes, letter, 6, |byte| byte.is_ascii_hexdigit());
    let end = letter + digits;
    let next = byte(bytes, end);
    let blank = next == b' ';
    let code = hex(text, letter..end).and_then(char::from_u32).filter(|_| digits >= 2);
    let character = code.filter(|character| character.is_ascii_graphic() || is_disguise(*character));
    let Some(character) = character.filter(|_| blank || next == b'\\' || digits == 6) else {
        return letter.max(at + 1);
    };
    let end = end + usize::from(blank);
    signs.sound.push(Edit::strong(at..end, With::One(character), Disguise::Escape));
    end
}
