//! From the charset of a text body to UTF-8. Reads the few charsets that clients really send; any other is unreadable
//! rather than guessed, because a wrong guess hides text from detection.

use crate::wire::{Unreadable, media_type};

/// Bytes looked at to recognise UTF-16 without a byte order mark.
const SAMPLE: usize = 1024;

/// A text body in UTF-8.
#[derive(Clone, PartialEq, Eq)]
pub enum Text<'a> {
    /// The body as it came: offsets are offsets in the body.
    Utf8(&'a [u8]),
    /// Converted, in UTF-8 without a byte order mark: offsets do not lead back. An edited body is sent as UTF-8 and its
    /// `content-type` must say so.
    Converted(Vec<u8>),
}

impl Text<'_> {
    /// The UTF-8 bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Text::Utf8(bytes) => bytes,
            Text::Converted(bytes) => bytes,
        }
    }
}

impl std::fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Text::Utf8(bytes) => write!(f, "Utf8({} bytes)", bytes.len()),
            Text::Converted(bytes) => write!(f, "Converted({} bytes)", bytes.len()),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Endian {
    Little,
    Big,
}

/// Brings a text body to UTF-8. The bytes have the first word, the `content-type` the second: sites read UTF-8 whatever
/// the header says, so a body that is UTF-8 is taken as that, and one full of NULs as UTF-16.
///
/// # Errors
/// [`Unreadable::Charset`] for bytes that are not text in the charset they must be in, and for a charset that is not
/// UTF-8, UTF-16, ISO-8859-1 or Windows-1252.
pub fn charset<'a>(body: &'a [u8], content_type: Option<&str>) -> Result<Text<'a>, Unreadable> {
    let declared = content_type.and_then(|value| media_type::parameter(value, "charset"));
    let declared = declared.map(|label| label.trim().to_ascii_lowercase());
    if let Some(endian) = utf16_by_bytes(body) {
        return utf16(body, endian);
    }
    match (declared.as_deref(), std::str::from_utf8(body)) {
        (None | Some("utf-8" | "utf8" | "us-ascii" | "ascii"), Ok(_)) => Ok(Text::Utf8(body)),
        (Some(label), Ok(_)) if is_utf16(label) || is_latin(label) => Ok(Text::Utf8(body)),
        (Some(label), Err(_)) if is_latin(label) => Ok(latin(body)),
        (Some("utf-16be"), Err(_)) => utf16(body, Endian::Big),
        (Some(label), Err(_)) if is_utf16(label) => utf16(body, Endian::Little),
        (_, Err(error)) => Err(Unreadable::Charset { at: error.valid_up_to() }),
        // Text in UTF-7 or ISO-2022 is valid UTF-8 with another meaning.
        (Some(_), Ok(_)) => Err(Unreadable::Charset { at: 0 }),
    }
}

fn is_utf16(label: &str) -> bool {
    matches!(label, "utf-16" | "utf-16le" | "utf-16be")
}

/// ISO-8859-1 means Windows-1252 on the web (WHATWG Encoding, §4.2).
fn is_latin(label: &str) -> bool {
    matches!(label, "iso-8859-1" | "iso8859-1" | "latin1" | "latin-1" | "l1" | "windows-1252" | "cp1252" | "x-cp1252")
}

/// A byte order mark, or zero bytes in every other place where ASCII text has them: two of the first two characters
/// (RFC 4627 §3), or a third of the sample.
fn utf16_by_bytes(body: &[u8]) -> Option<Endian> {
    match body {
        [0xFF, 0xFE, ..] => return Some(Endian::Little),
        [0xFE, 0xFF, ..] => return Some(Endian::Big),
        _ => {}
    }
    let sample = body.get(..body.len().min(SAMPLE)).unwrap_or_default();
    let zeros = |endian: Endian, n_units: usize| {
        let high = |unit: &&[u8]| match (endian, unit) {
            (Endian::Little, [low, 0]) | (Endian::Big, [0, low]) => *low != 0,
            _ => false,
        };
        sample.chunks_exact(2).take(n_units).filter(high).count()
    };
    let n_units = sample.len() / 2;
    if n_units < 2 {
        return None;
    }
    let more = if zeros(Endian::Little, n_units) > zeros(Endian::Big, n_units) { Endian::Little } else { Endian::Big };
    let many = (zeros(more, n_units) * 3 >= n_units).then_some(more);
    [Endian::Little, Endian::Big].into_iter().find(|endian| zeros(*endian, 2) == 2).or(many)
}

fn utf16(body: &[u8], endian: Endian) -> Result<Text<'_>, Unreadable> {
    let (units, odd) = body.as_chunks::<2>();
    let unit = |pair: &[u8; 2]| match endian {
        Endian::Little => u16::from_le_bytes(*pair),
        Endian::Big => u16::from_be_bytes(*pair),
    };
    let mut text = String::with_capacity(units.len());
    let mut at = 0;
    for decoded in char::decode_utf16(units.iter().map(unit)) {
        let c = decoded.map_err(|_| Unreadable::Charset { at })?;
        at += 2 * c.len_utf16();
        text.push(c);
    }
    if !odd.is_empty() || text.contains('\0') {
        // Half a unit, or UTF-32: what the site would make of it is anybody's guess.
        return Err(Unreadable::Charset { at: body.len() - odd.len() });
    }
    if text.starts_with('\u{FEFF}') {
        text.remove(0);
    }
    Ok(Text::Converted(text.into_bytes()))
}

fn latin(body: &[u8]) -> Text<'static> {
    let text: String = body.iter().map(|byte| windows_1252(*byte)).collect();
    Text::Converted(text.into_bytes())
}

/// The character that a byte is in Windows-1252.
#[must_use]
pub fn windows_1252(byte: u8) -> char {
    /// 0x80–0x9F; the five that Windows leaves open are C1 controls.
    const UPPER: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
    ];
    byte.checked_sub(0x80).and_then(|at| UPPER.get(usize::from(at))).copied().unwrap_or(byte.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wide(text: &str, endian: Endian) -> Vec<u8> {
        let bytes = |unit: u16| match endian {
            Endian::Little => unit.to_le_bytes(),
            Endian::Big => unit.to_be_bytes(),
        };
        text.encode_utf16().flat_map(bytes).collect()
    }

    fn check(body: &[u8], content_type: &str, expected: Result<Text<'_>, usize>) {
        let content_type = Some(content_type).filter(|value| !value.is_empty());
        let expected = expected.map_err(|at| Unreadable::Charset { at });
        let found = charset(body, content_type);
        assert!(found == expected, "{body:?} as {content_type:?}: {found:?}, expected {expected:?}");
    }

    fn converted(text: &str) -> Result<Text<'static>, usize> {
        Ok(Text::Converted(text.into()))
    }

    #[test]
    fn utf8_is_taken_as_it_is_whatever_is_declared() {
        let body = "{\"a\":\"größe\"}".as_bytes();
        for declared in [
            "",
            "application/json",
            "text/plain; charset=UTF-8",
            "text/plain; charset=\"utf-16le\"",
            "text/plain; charset=iso-8859-1",
        ] {
            check(body, declared, Ok(Text::Utf8(body)));
        }
        check(b"\xEF\xBB\xBF{}", "", Ok(Text::Utf8(b"\xEF\xBB\xBF{}")));
        check(b"", "", Ok(Text::Utf8(b"")));
    }

    #[test]
    fn utf16_is_known_by_its_mark_its_zeros_or_its_name() {
        let text = "{\"a\":\"größe 漢字 \u{1F600}\"}";
        for endian in [Endian::Little, Endian::Big] {
            let bare = wide(text, endian);
            let marked = wide(&format!("\u{FEFF}{text}"), endian);
            for declared in ["", "text/plain; charset=utf-8", "text/plain; charset=utf-16"] {
                check(&bare, declared, converted(text));
                check(&marked, declared, converted(text));
            }
        }
        let without_ascii = wide("漢字仮名交じり文だけの本文", Endian::Big);
        check(&without_ascii, "text/plain; charset=utf-16be", converted("漢字仮名交じり文だけの本文"));
        assert!(charset(&without_ascii, None).is_err());
    }

    #[test]
    fn latin_text_is_converted_only_when_declared() {
        let body = b"Gr\xF6\xDFe 5 \x80 \x81";
        check(body, "text/plain; charset=ISO-8859-1", converted("Größe 5 € \u{81}"));
        check(body, "text/plain; charset=windows-1252", converted("Größe 5 € \u{81}"));
        check(body, "text/plain", Err(2));
        check(body, "text/plain; charset=utf-8", Err(2));
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        check(b"+AGE-", "text/plain; charset=utf-7", Err(0));
        check(b"plain", "text/plain; charset=shift_jis", Err(0));
        check(&wide("{}x", Endian::Little)[..5], "", Err(4));
        check(b"{\0}\0\x00\xD8x\0", "", Err(4));
        let utf32: Vec<u8> = "\u{FEFF}abc".chars().flat_map(|c| (c as u32).to_le_bytes()).collect();
        check(&utf32, "", Err(utf32.len()));
    }

    proptest! {
        #[test]
        fn any_bytes_become_utf8_or_are_refused(body in proptest::collection::vec(any::<u8>(), 0..80), label in 0_usize..5) {
            let label = ["utf-8", "utf-16", "utf-16be", "latin1", "koi8-r"][label];
            if let Ok(text) = charset(&body, Some(&format!("text/plain; charset={label}"))) {
                prop_assert!(std::str::from_utf8(text.bytes()).is_ok());
            }
        }

        #[test]
        fn utf16_round_trips(text in "[ -~]{2}\\PC{0,40}", big in any::<bool>()) {
            let body = wide(&text, if big { Endian::Big } else { Endian::Little });
            let read = charset(&body, None).unwrap();
            prop_assert_eq!(read.bytes(), text.as_bytes());
        }
    }
}
