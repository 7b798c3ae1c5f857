//! JSON string escapes, both ways. Reads contents, the bytes between the quotes; knows nothing of documents.

use memchr::{memchr, memchr2};

use crate::wire::OffsetMap;

/// Decodes the content of a JSON string, with the way back from text offsets to offsets in `content`. `None` when it is
/// no valid content: not UTF-8, a bare quote or control character, an unknown or cut-off escape.
#[must_use]
pub fn unescape(content: &[u8]) -> Option<(String, OffsetMap)> {
    let text = std::str::from_utf8(content).ok()?;
    let bare = text.bytes().any(|byte| byte < 0x20);
    (!bare && quotes_are_escaped(content)).then(|| decode(text, 0))?
}

/// Appends `text` as JSON string content: quotes, backslashes and control characters escaped, the rest as it is.
pub fn escape_into(text: &str, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    let mut plain_from = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        let short = match byte {
            b'"' | b'\\' => byte,
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0x08 => b'b',
            0x0C => b'f',
            0x00..0x20 => b'u',
            _ => continue,
        };
        out.extend_from_slice(bytes.get(plain_from..at).unwrap_or_default());
        plain_from = at + 1;
        out.extend_from_slice(&[b'\\', short]);
        if short == b'u' {
            let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
            out.extend_from_slice(&[b'0', b'0', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    out.extend_from_slice(bytes.get(plain_from..).unwrap_or_default());
}

/// `text` as a JSON string with its quotes.
#[must_use]
pub fn quote(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 2);
    out.push(b'"');
    escape_into(text, &mut out);
    out.push(b'"');
    out
}

/// Decodes content that starts at offset `base` of its document. `None` for a broken escape.
pub(super) fn decode(content: &str, base: usize) -> Option<(String, OffsetMap)> {
    let mut map = OffsetMap::shifted(base);
    let mut text = String::with_capacity(content.len());
    let mut at = 0;
    while let Some(distance) = memchr(b'\\', content.as_bytes().get(at..)?) {
        text.push_str(content.get(at..at + distance)?);
        at += distance;
        let (decoded, length) = escape_at(content.as_bytes().get(at..)?)?;
        map.push(text.len(), base + at);
        text.push(decoded);
        at += length;
        map.push(text.len(), base + at);
    }
    text.push_str(content.get(at..)?);
    Some((text, map))
}

/// Length of the escape that `bytes` start with, a surrogate pair counted as two. `None` when it is broken.
pub(super) fn escape_length(bytes: &[u8]) -> Option<usize> {
    match bytes.get(1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(2),
        b'u' => unit(bytes).map(|_| 6),
        _ => None,
    }
}

/// The character that the escape at the start of `bytes` stands for, and how many bytes it takes.
fn escape_at(bytes: &[u8]) -> Option<(char, usize)> {
    let short = match bytes.get(1)? {
        b'u' => return code_point(bytes),
        b'b' => '\u{8}',
        b'f' => '\u{C}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        plain @ (b'"' | b'\\' | b'/') => char::from(*plain),
        _ => return None,
    };
    Some((short, 2))
}

/// `\uXXXX`, or the pair `\uD8XX\uDCXX`. A surrogate without its partner is U+FFFD, as browsers' decoders have it.
fn code_point(bytes: &[u8]) -> Option<(char, usize)> {
    let first = unit(bytes)?;
    if let Some(plain) = char::from_u32(first) {
        return Some((plain, 6));
    }
    let second = bytes.get(6..).and_then(unit).filter(|low| (0xDC00..0xE000).contains(low));
    match second {
        Some(low) if first < 0xDC00 => {
            let joined = 0x10000 + ((first - 0xD800) << 10) + (low - 0xDC00);
            Some((char::from_u32(joined)?, 12))
        }
        Some(_) | None => Some((char::REPLACEMENT_CHARACTER, 6)),
    }
}

/// The UTF-16 unit of `\uXXXX` at the start of `bytes`.
fn unit(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0, |value, digit| Some(value * 16 + char::from(*digit).to_digit(16)?))
}

/// No quote outside an escape.
fn quotes_are_escaped(content: &[u8]) -> bool {
    let mut at = 0;
    while let Some(distance) = content.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += distance;
        if content.get(at) == Some(&b'"') {
            return false;
        }
        at += 2;
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn unescape_undoes_escape(text in proptest::collection::vec(any::<char>(), 0..40)) {
            let text: String = text.into_iter().collect();
            let mut content = Vec::new();
            escape_into(&text, &mut content);
            prop_assert_eq!(&unescape(&content).unwrap().0, &text);
            prop_assert_eq!(serde_json::from_slice::<String>(&quote(&text)).unwrap(), text);
        }

        #[test]
        fn any_content_is_taken_exactly_when_a_document_would_take_it(content in "[a\\\\\"u0-9dDfn\u{9}é]{0,16}") {
            let quoted = format!("\"{content}\"");
            let parsed = crate::wire::json::Doc::parse(quoted.as_bytes(), &crate::wire::Limits::default());
            let by_document = parsed.ok().and_then(|doc| doc.str(doc.root()).map(|text| text.into_owned()));
            prop_assert_eq!(unescape(content.as_bytes()).map(|(text, _)| text), by_document);
        }
    }

    #[test]
    fn control_characters_take_their_short_form_where_there_is_one() {
        assert_eq!(quote("\u{0}\u{8}\t\n\u{b}\u{c}\r\u{1f}\u{7f}/"), b"\"\\u0000\\b\\t\\n\\u000b\\f\\r\\u001f\x7f/\"");
    }

    #[test]
    fn broken_contents_are_none() {
        for content in [&b"\\"[..], b"a\\", b"\\u", b"\\u12", b"\\u+123", b"\\x41", b"a\"b", b"\\\\\"", b"\n", b"\xFF"]
        {
            assert_eq!(unescape(content), None, "{content:?}");
        }
    }
}
