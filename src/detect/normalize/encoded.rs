//! Tokens that are text in base64, base32 or hexadecimal, compressed or not, on one line or wrapped over several. Binary
//! data (images, archives, hashes) is recognised by its first bytes and left alone.

use super::{
    around::{ahead, byte},
    edit::{Disguise, Edit, With},
    lines,
};
use data_encoding::{BASE32_NOPAD, BASE64_NOPAD, BASE64URL_NOPAD, Encoding, HEXLOWER_PERMISSIVE};
use std::{borrow::Cow, io::Read, ops::Range};

/// Characters of a token at least. Shorter ones decode to less than a finding.
const TOKEN_LEAST: usize = 16;
/// Characters of a token that are decoded at most: what follows is left out.
const TOKEN_MAX: usize = 64 << 10;
/// Characters decoded to see whether it is text.
const PROBE: usize = 64;
/// Characters of a line at least that a wrapped token goes on behind.
const LINE_LEAST: usize = 40;
/// Bytes that a compressed token may grow to.
const INFLATED_MAX: u64 = 256 << 10;

/// All tokens whose content is text.
pub(super) fn edits(text: &str, out: &mut Vec<Edit>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(run) = next_run(bytes, at) {
        let lines = wrapped(bytes, run);
        let end = lines.last().map_or(at + 1, |line| line.end);
        at = end;
        let start = lines.first().map_or(end, |line| line.start);
        let token: Cow<'_, str> = match lines.as_slice() {
            [line] => text.get(line.clone()).unwrap_or_default().into(),
            lines => lines.iter().filter_map(|line| text.get(line.clone())).collect::<String>().into(),
        };
        if let Some((content, coding)) = decode(&token) {
            let padded = end + ahead(bytes, end, 6, |byte| byte == b'=');
            out.push(Edit::strong(start..padded, With::Text(content.into()), Disguise::Encoded(coding)));
        }
    }
}

fn in_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'_' | b'-')
}

/// The next run of at least [`TOKEN_LEAST`] token characters. Looks at the last byte a run would need first, so that
/// prose is crossed in strides.
fn next_run(bytes: &[u8], from: usize) -> Option<Range<usize>> {
    let mut start = from;
    loop {
        let window = bytes.get(start..start + TOKEN_LEAST)?;
        match window.iter().rposition(|byte| !in_token(*byte)) {
            Some(breaks) => start += breaks + 1,
            None => break,
        }
    }
    Some(start..start + ahead(bytes, start, usize::MAX, in_token))
}

/// The run with the lines that it goes on in: as long as the first, the last one shorter.
fn wrapped(bytes: &[u8], run: Range<usize>) -> Vec<Range<usize>> {
    let width = run.len();
    let mut lines = vec![run];
    while let Some(end) = lines.last().filter(|line| line.len() == width && width >= LINE_LEAST).map(|line| line.end) {
        let line_break = end + usize::from(byte(bytes, end) == b'\r');
        let next = (byte(bytes, line_break) == b'\n').then(|| lines::continuation(bytes, line_break)).flatten();
        let Some(start) = next else { break };
        let length = ahead(bytes, start, width + 1, in_token);
        let ends_line = matches!(byte(bytes, start + length), 0 | b'\n' | b'\r' | b'=' | b'"' | b'\'' | b' ' | b'<');
        if length == 0 || length > width || !ends_line {
            break;
        }
        lines.push(start..start + length);
    }
    lines
}

fn decode(token: &str) -> Option<(String, &'static str)> {
    let token = token.get(..TOKEN_MAX).unwrap_or(token);
    let digits = token.strip_prefix("0x").unwrap_or(token);
    if digits.len().is_multiple_of(2) && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        if !hexadecimal_may_be_text(digits) {
            return None;
        }
        return content(digits, |part| HEXLOWER_PERMISSIVE.decode(part).ok()).map(|text| (text, "hexadecimal"));
    }
    if let Some(text) = base32(token) {
        return Some((text, "base32"));
    }
    let url = token.contains(['-', '_']);
    if url && token.contains(['+', '/']) || !may_be_text(token) {
        return None;
    }
    let encoding = if url { &BASE64URL_NOPAD } else { &BASE64_NOPAD };
    content(token, |part| lenient(encoding, part)).map(|text| (text, "base64"))
}

/// Bytes of a hexadecimal token looked at first.
const PAIRS: usize = 8;

/// Whether the first bytes are printable, or the second half of UTF-16, or compressed data: hashes are none of these.
fn hexadecimal_may_be_text(digits: &str) -> bool {
    let compressed = digits.starts_with("1f8b") || digits.starts_with("1F8B") || digits.starts_with("78");
    let printable = |pair: &[u8]| matches!(byte(pair, 0), b'2'..=b'7' | b'c'..=b'f' | b'C'..=b'F' | b'8'..=b'9' | b'a'..=b'b' | b'A'..=b'B');
    let control = |pair: &[u8]| matches!(pair, [b'0', b'0' | b'9' | b'a' | b'A' | b'd' | b'D']);
    compressed || digits.as_bytes().chunks_exact(2).take(PAIRS).all(|pair| printable(pair) || control(pair))
}

/// Characters that the first look decodes, and the bytes they make.
const LOOK: usize = 32;
const LOOK_BYTES: usize = LOOK / 4 * 3;

/// Whether the first characters make text or compressed data: a look without any copy, since most long tokens make
/// neither.
fn may_be_text(token: &str) -> bool {
    let mut made = [0_u8; LOOK_BYTES];
    let mut n_made = 0;
    for quad in token.as_bytes().chunks_exact(4).take(LOOK / 4) {
        let Some(bits) = quad.iter().try_fold(0_u32, |bits, byte| Some(bits << 6 | base64_value(*byte)?)) else {
            return false;
        };
        let [_, first, second, third] = bits.to_be_bytes();
        for byte in [first, second, third] {
            made.get_mut(n_made).into_iter().for_each(|slot| *slot = byte);
            n_made += 1;
        }
    }
    let made = made.get(..n_made).unwrap_or_default();
    if is_compressed(made) || made.iter().filter(|byte| **byte == 0).count() * 5 >= n_made.max(1) {
        return true;
    }
    let valid = match std::str::from_utf8(made) {
        Ok(_) => n_made,
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        Err(_) => return false,
    };
    made.iter().take(valid).all(|byte| *byte >= b' ' && *byte != 0x7F || matches!(byte, b'\n' | b'\r' | b'\t'))
}

/// Value of a character of base64 in either alphabet.
fn base64_value(byte: u8) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    }))
}

/// Base32 (RFC 4648): capital letters and 2 to 7, a whole number of bytes.
fn base32(token: &str) -> Option<String> {
    let bytes = token.as_bytes();
    if !bytes.iter().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7')) || !bytes.iter().any(u8::is_ascii_digit) {
        return None;
    }
    content(token, |part| {
        let whole = part.get(..part.len() - part.len() % 8)?;
        BASE32_NOPAD.decode(part).ok().or_else(|| BASE32_NOPAD.decode(whole).ok())
    })
}

/// Decodes as much as is whole.
fn lenient(encoding: &Encoding, part: &[u8]) -> Option<Vec<u8>> {
    encoding.decode(part).ok().or_else(|| {
        let mut last = part.to_vec();
        // The unused bits of a last character may be anything.
        let spare = last.len() % 4;
        last.truncate(last.len() - usize::from(spare == 1));
        encoding.decode(&last).ok().or_else(|| encoding.decode(last.get(..last.len() - spare)?).ok())
    })
}

/// Decodes the beginning first: most long tokens are no text.
fn content(token: &str, decode: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Option<String> {
    let bytes = token.as_bytes();
    let beginning = decode(bytes.get(..PROBE).unwrap_or(bytes))?;
    if is_compressed(&beginning) {
        return inflate(&decode(bytes)?).and_then(|inflated| text_of(&inflated));
    }
    text_of(&beginning)?;
    if bytes.len() <= PROBE {
        return text_of(&beginning);
    }
    text_of(&decode(bytes)?)
}

/// Gzip (RFC 1952) or zlib (RFC 1950) begins here.
fn is_compressed(bytes: &[u8]) -> bool {
    let zlib = byte(bytes, 0) == 0x78 && (u32::from(byte(bytes, 0)) * 256 + u32::from(byte(bytes, 1))) % 31 == 0;
    bytes.starts_with(&[0x1F, 0x8B, 8]) || zlib && !bytes.is_ascii()
}

fn inflate(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    // What a cut stream holds up to there counts.
    let read = match byte(bytes, 0) {
        0x1F => flate2::read::GzDecoder::new(bytes).take(INFLATED_MAX).read_to_end(&mut out),
        _ => flate2::read::ZlibDecoder::new(bytes).take(INFLATED_MAX).read_to_end(&mut out),
    };
    (read.is_ok() || !out.is_empty()).then_some(out)
}

/// UTF-8 (a character cut at the end does not count) or UTF-16 without control characters.
fn text_of(bytes: &[u8]) -> Option<String> {
    if let Some(text) = utf16_of(bytes) {
        return Some(text);
    }
    let valid = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(bytes.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(_) => return None,
    };
    is_printable(valid).then(|| valid.to_owned())
}

fn is_printable(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

/// Mostly ASCII in UTF-16, as PowerShell's encoded commands are: nearly every second byte is 0.
fn utf16_of(bytes: &[u8]) -> Option<String> {
    let body = bytes.strip_prefix(&[0xFF, 0xFE]).or_else(|| bytes.strip_prefix(&[0xFE, 0xFF])).unwrap_or(bytes);
    let zero_at = |offset: usize| {
        let pairs = body.chunks_exact(2);
        pairs.len() >= 6 && pairs.clone().filter(|pair| byte(pair, offset) == 0).count() * 20 >= pairs.len() * 7
    };
    let join: fn(&[u8]) -> u16 = match (zero_at(1), zero_at(0)) {
        (true, _) => |pair| u16::from(byte(pair, 1)) << 8 | u16::from(byte(pair, 0)),
        (_, true) => |pair| u16::from(byte(pair, 0)) << 8 | u16::from(byte(pair, 1)),
        (false, false) => return None,
    };
    let units: Vec<u16> = body.chunks_exact(2).map(join).collect();
    String::from_utf16(&units).ok().filter(|text| is_printable(text))
}
