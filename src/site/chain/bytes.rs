//! Tells text from binary data in a file of unknown kind, and gives text with the way back to its bytes. Does not look
//! for anything in either.

use crate::wire::{OffsetMap, Unreadable, encoding};

/// Of this many characters one may be a control character: logs have stray ones, media are full of them.
const CONTROL_SHARE: usize = 64;

/// Formats that are text in part, and broken once a byte of them moves.
const BINARY_MAGICS: &[&[u8]] = &[b"%PDF", b"PK\x03\x04", b"\x89PNG", b"\xFF\xD8\xFF", b"GIF8", b"RIFF"];

/// The text of these bytes, which begin at `start` of their part; `None` for binary data. What is no UTF-8 and has no
/// more control characters than text has is read as Windows-1252, which gives any byte a meaning.
///
/// # Errors
/// For UTF-16: placeholders could not be written into it.
pub(super) fn text(bytes: &[u8], start: usize) -> Result<Option<(String, OffsetMap)>, Unreadable> {
    if BINARY_MAGICS.iter().any(|magic| bytes.starts_with(magic)) {
        return Ok(None);
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && few_controls(text)
    {
        return Ok(Some((text.to_owned(), OffsetMap::shifted(start))));
    }
    if matches!(encoding::charset(bytes, None), Ok(encoding::Text::Converted(_))) {
        return Err(Unreadable::Charset { at: start });
    }
    let (text, map) = windows_1252(bytes, start);
    Ok(few_controls(&text).then_some((text, map)))
}

fn windows_1252(bytes: &[u8], start: usize) -> (String, OffsetMap) {
    let mut text = String::with_capacity(bytes.len());
    let mut map = OffsetMap::shifted(start);
    for (at, byte) in bytes.iter().enumerate() {
        // A byte above ASCII becomes two or three: the next one is a step back from there.
        map.push(text.len(), start + at);
        text.push(encoding::windows_1252(*byte));
    }
    map.push(text.len(), start + bytes.len());
    (text, map)
}

fn few_controls(text: &str) -> bool {
    let stray = |c: &char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{C}' | '\u{1B}');
    let n_stray = text.chars().filter(stray).count();
    n_stray == 0 || n_stray * CONTROL_SHARE < text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Option<String>, Unreadable> {
        text(bytes, 0).map(|found| found.map(|(text, _)| text))
    }

    #[test]
    fn western_text_is_read_and_leads_back_byte_by_byte() {
        let bytes = b"Gr\xFC\xDFe \x80 an a@b.test";
        let (text, map) = text(bytes, 10).unwrap().unwrap();
        assert_eq!(text, "Gr\u{fc}\u{df}e \u{20ac} an a@b.test");
        for (at, c) in text.char_indices() {
            assert_eq!(map.source_range(at..at + c.len_utf8()).len(), 1, "{c}");
        }
        let at = text.find("a@b").unwrap();
        assert_eq!(map.source_range(at..text.len()), 21..29);
    }

    #[test]
    fn a_stray_control_character_makes_no_binary_of_a_text() {
        let log = format!("{}\0", "line of a log ".repeat(8));
        assert_eq!(read(log.as_bytes()), Ok(Some(log.clone())));
        assert_eq!(read(b"\0\x01author a@b.test here\0"), Ok(None));
        assert_eq!(read(format!("%PDF-1.7 {log}").as_bytes()), Ok(None));
    }

    #[test]
    fn utf16_is_unreadable_since_nothing_can_be_written_into_it() {
        let wide: Vec<u8> = "\u{FEFF}mail a@b.test".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(read(&wide).is_err());
    }
}
