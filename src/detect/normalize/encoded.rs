//! Tokens that are text in base64, base64url or hexadecimal: decoded one layer deep, as texts of their own.
//! Binary data (images, archives, hashes) is recognised by its first bytes and left alone.

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};
use std::ops::Range;

/// Characters of a token at least. Shorter ones decode to less than a finding.
const TOKEN_LEAST: usize = 20;
/// Characters of a token that are decoded at most.
const TOKEN_MAX: usize = 64 << 10;
/// Characters decoded to see whether it is text.
const PROBE: usize = 64;

/// An encoded token with the text inside.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) range: Range<usize>,
    pub(super) text: String,
    pub(super) coding: &'static str,
}

/// All tokens whose content is text.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(run) = next_run(bytes, at) {
        at = run.end;
        let padded = run.end + bytes.iter().skip(run.end).take(2).take_while(|b| **b == b'=').count();
        let token = text.get(run.clone()).and_then(decode);
        tokens.extend(token.map(|(text, coding)| Token { range: run.start..padded, text, coding }));
    }
    tokens
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
        match window.iter().rposition(|b| !in_token(*b)) {
            Some(breaks) => start += breaks + 1,
            None => break,
        }
    }
    let length = bytes.iter().skip(start).take_while(|b| in_token(**b)).count();
    Some(start..start + length)
}

fn decode(token: &str) -> Option<(String, &'static str)> {
    if token.len() > TOKEN_MAX {
        return None;
    }
    let hexadecimal = token.len().is_multiple_of(2) && token.bytes().all(|b| b.is_ascii_hexdigit());
    if hexadecimal {
        return probe(token, |part| HEXLOWER_PERMISSIVE.decode(part).ok()).map(|text| (text, "hexadecimal"));
    }
    let url = token.contains(['-', '_']);
    if url && token.contains(['+', '/']) {
        return None;
    }
    let text = probe(token, |part| {
        // A last character that holds less than a byte is not ours to judge: leave it out.
        let whole = if part.len() % 4 == 1 { part.get(..part.len() - 1)? } else { part };
        if url { lenient(&BASE64URL_NOPAD, whole) } else { lenient(&BASE64_NOPAD, whole) }
    });
    text.map(|text| (text, "base64"))
}

fn lenient(encoding: &data_encoding::Encoding, part: &[u8]) -> Option<Vec<u8>> {
    encoding.decode(part).ok().or_else(|| encoding.decode(part.get(..part.len() - part.len() % 4)?).ok())
}

/// Decodes the beginning first: most long tokens are no text.
fn probe(token: &str, decode: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Option<String> {
    let bytes = token.as_bytes();
    if !is_text(&decode(bytes.get(..PROBE).unwrap_or(bytes))?) {
        return None;
    }
    let whole = decode(bytes)?;
    if !is_text(&whole) {
        return None;
    }
    String::from_utf8(whole).ok()
}

/// UTF-8 (a character cut at the end does not count) without control characters.
fn is_text(bytes: &[u8]) -> bool {
    let valid = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(bytes.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !valid.is_empty() && !valid.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}
