//! Encodings of mail and addresses, byte by byte: `%40` (RFC 3986), `=40` (quoted-printable, RFC 2045), `+AEA-` (UTF-7,
//! RFC 2152). Decodes one layer.

use super::{
    around::{NUMBER_LEAST, before, byte, digits_around, is_alnum, is_in_token},
    characters::is_disguise,
    edit::{Disguise, Edit, Sign, With},
    escapes::hex,
    walk::Signs,
};

/// Bytes of one UTF-8 character written as `%XX` at most.
const UTF8_MAX: usize = 4;

/// The character written as `%XX…` at `at`; returns where it ends.
pub(super) fn percent(text: &str, at: usize, signs: &mut Signs) -> usize {
    let Some((character, end)) = octets(text, at, '%') else { return at + 1 };
    let bytes = text.as_bytes();
    if character.is_control() && !is_disguise(character) {
        return end;
    }
    let next_layer = || {
        let coded = |from: usize| hex(text, from..from + 2).is_some();
        character == '%' && (coded(end) || byte(bytes, end) == b'u') || character == '&' && byte(bytes, end) == b'#'
    };
    let in_number = || {
        before(bytes, at).is_ascii_digit()
            && byte(bytes, end).is_ascii_digit()
            && digits_around(bytes, at, end) >= NUMBER_LEAST
    };
    let strong = match character {
        '@' | '=' | '_' | '.' | '-' => true,
        '%' | '&' => next_layer(),
        ' ' => in_number(),
        '+' | ':' | '/' => in_number() || is_in_token(bytes, at, end),
        other => other.is_ascii_alphanumeric() || !other.is_ascii() && is_disguise(other),
    };
    signs.plain.push(Edit::new(at..end, With::One(character), Disguise::Percent, Sign::strong_if(strong)));
    end
}

/// A character whose UTF-8 bytes are written as two hexadecimal digits behind a marker each.
fn octets(text: &str, at: usize, marker: char) -> Option<(char, usize)> {
    let mut bytes = [0_u8; UTF8_MAX];
    for index in 0..UTF8_MAX {
        let start = at + 3 * index;
        let written = text.get(start..start + 3).filter(|triple| triple.starts_with(marker))?;
        *bytes.get_mut(index)? = u8::try_from(hex(written, 1..3)?).ok()?;
        let seen = bytes.get(..=index).unwrap_or_default();
        if let Some(character) = std::str::from_utf8(seen).ok().and_then(|text| text.chars().next()) {
            return Some((character, start + 3));
        }
    }
    None
}

/// `=XX` or a soft line break at `at`; returns where it ends. Capital hexadecimal digits only, as the standard writes:
/// `port=80` is none.
pub(super) fn quoted_printable(text: &str, at: usize, signs: &mut Signs) -> usize {
    let bytes = text.as_bytes();
    if let Some(end) = soft_break(bytes, at) {
        if is_inside(bytes, at, end) {
            signs.sound.push(Edit::strong(at..end, With::Nothing, Disguise::QuotedPrintable));
        }
        return end;
    }
    let capital = |place: usize| byte(bytes, place).is_ascii_digit() || (b'A'..=b'F').contains(&byte(bytes, place));
    if !capital(at + 1) || !capital(at + 2) {
        return at + 1;
    }
    let Some((character, end)) = octets(text, at, '=') else { return at + 1 };
    let repeated = byte(bytes, end) == b'=' || before(bytes, at.saturating_sub(2)) == b'=';
    let strong = match character {
        '@' => is_alnum(before(bytes, at)) && is_alnum(byte(bytes, end)) || repeated,
        '.' | '-' | '_' | '+' => is_in_token(bytes, at, end),
        other => repeated && (other.is_ascii_alphanumeric() || is_disguise(other)),
    };
    if !character.is_control() {
        let edit = Edit::new(at..end, With::One(character), Disguise::QuotedPrintable, Sign::strong_if(strong));
        signs.sound.push(edit);
    }
    end
}

/// `=` at the end of a line, with the line break.
fn soft_break(bytes: &[u8], at: usize) -> Option<usize> {
    match (byte(bytes, at + 1), byte(bytes, at + 2)) {
        (b'\n', _) => Some(at + 2),
        (b'\r', b'\n') => Some(at + 3),
        _ => None,
    }
}

/// A value goes on behind the line break.
fn is_inside(bytes: &[u8], at: usize, end: usize) -> bool {
    let in_value = |byte: u8| is_alnum(byte) || matches!(byte, b'@' | b'.' | b'_' | b'-' | b'/' | b'+' | b' ');
    in_value(before(bytes, at))
        && in_value(byte(bytes, end))
        && (is_in_token(bytes, at, end) || digits_around(bytes, at, end) >= NUMBER_LEAST)
}

/// Characters of one UTF-7 shift at most.
const SHIFT_MAX: usize = 160;

/// `+AEA-` at `at`: UTF-16 in base64. Only what begins with an ASCII character. Returns where it ends.
pub(super) fn utf7(text: &str, at: usize, signs: &mut Signs) -> usize {
    let bytes = text.as_bytes();
    let coded = |byte: u8| is_alnum(byte) || matches!(byte, b'+' | b'/');
    if byte(bytes, at + 1) != b'A' || !matches!(byte(bytes, at + 2), b'C'..=b'H') {
        return at + 1;
    }
    let length = super::around::ahead(bytes, at + 1, SHIFT_MAX, coded);
    let end = at + 1 + length;
    let decoded = text.get(at + 1..end).and_then(utf16_of).filter(|_| byte(bytes, end) == b'-');
    let Some(decoded) = decoded else { return at + 1 };
    signs.plain.push(Edit::strong(at..end + 1, With::Text(decoded.into()), Disguise::Utf7));
    end + 1
}

fn utf16_of(coded: &str) -> Option<String> {
    let bits = coded.len() * 6;
    let units = bits / 16;
    let mut bytes = Vec::with_capacity(units * 2);
    let (mut held, mut n_held) = (0_u32, 0);
    for byte in coded.bytes() {
        held = held << 6 | base64_value(byte)?;
        n_held += 6;
        if n_held >= 8 {
            n_held -= 8;
            bytes.push(u8::try_from(held >> n_held & 0xFF).ok()?);
        }
    }
    let units: Vec<u16> =
        bytes.chunks_exact(2).map(|pair| u16::from(byte(pair, 0)) << 8 | u16::from(byte(pair, 1))).collect();
    let text = String::from_utf16(&units).ok()?;
    (!text.is_empty() && !text.chars().any(char::is_control)).then_some(text)
}

fn base64_value(byte: u8) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}
