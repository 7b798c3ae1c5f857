//! Bytes of a file as text whose offsets lead back to the file: UTF-8 and every other one-byte encoding as it is, UTF-16
//! behind a byte order mark. Says what is no text. Reads nothing.

use std::borrow::Cow;

/// Bytes at the beginning of a file that tell whether it is text: what git looks at.
pub(super) const HEAD: usize = 8000;

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// UTF-8, or something of which only the ASCII part is read.
    Utf8,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
}

/// What a file is by its first bytes; `None`: no text.
pub(super) fn sniff(bytes: &[u8]) -> Option<Encoding> {
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    if head.starts_with(&[0xff, 0xfe, 0, 0]) || head.starts_with(b"%PDF-") {
        return None;
    }
    if head.starts_with(&[0xff, 0xfe]) {
        return Some(Encoding::Utf16Le);
    }
    if head.starts_with(&[0xfe, 0xff]) {
        return Some(Encoding::Utf16Be);
    }
    (!head.contains(&0)).then_some(Encoding::Utf8)
}

impl Encoding {
    /// The bytes as text. `from` and `to` are cut places that must stay places of the text; both as offsets of it.
    pub(super) fn decode(self, bytes: &[u8], from: usize, to: usize) -> (String, usize, usize) {
        let part = |range: std::ops::Range<usize>| bytes.get(range).unwrap_or_default();
        match self {
            Self::Utf8 => (same_offsets(bytes).into_owned(), from, to),
            Self::Utf16Le | Self::Utf16Be => {
                let mut text = self.wide(part(0..from));
                let text_from = text.len();
                text.push_str(&self.wide(part(from..to)));
                let text_to = text.len();
                text.push_str(&self.wide(part(to..bytes.len())));
                (text, text_from, text_to)
            }
        }
    }

    fn wide(self, bytes: &[u8]) -> String {
        let units = bytes.chunks_exact(2).map(|pair| match (self, pair) {
            (Self::Utf16Be, &[high, low]) | (Self::Utf8 | Self::Utf16Le, &[low, high]) => {
                u16::from_be_bytes([high, low])
            }
            (Self::Utf8 | Self::Utf16Le | Self::Utf16Be, _) => 0,
        });
        char::decode_utf16(units).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    }
}

/// Leads offsets of a decoded text back to the bytes it was decoded from, in one pass over the text while they ascend.
pub(super) struct Offsets<'t> {
    text: &'t str,
    encoding: Encoding,
    at_text: usize,
    at_file: usize,
}

impl<'t> Offsets<'t> {
    pub(super) fn new(text: &'t str, encoding: Encoding) -> Self {
        Self { text, encoding, at_text: 0, at_file: 0 }
    }

    /// Offset in the bytes.
    pub(super) fn file(&mut self, offset: usize) -> usize {
        if self.encoding == Encoding::Utf8 {
            return offset;
        }
        if offset < self.at_text {
            (self.at_text, self.at_file) = (0, 0);
        }
        let passed = self.text.get(self.at_text..offset).unwrap_or_default();
        self.at_file += 2 * passed.chars().map(char::len_utf16).sum::<usize>();
        self.at_text = offset;
        self.at_file
    }
}

/// Bytes as text of the same length: each byte that is no UTF-8 becomes `?`, so that offsets stay those of the file.
fn same_offsets(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.into();
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(std::iter::repeat_n('?', chunk.invalid().len()));
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_keep_their_places() {
        assert_eq!(same_offsets(b"gr\xfcn \xff\xfe ok"), "gr?n ?? ok");
        assert_eq!(same_offsets("grün".as_bytes()), "grün");
    }

    #[test]
    fn a_file_is_known_by_its_first_bytes() {
        assert_eq!(sniff(b"text"), Some(Encoding::Utf8));
        assert_eq!(sniff(b""), Some(Encoding::Utf8));
        assert_eq!(sniff(b"\xff\xfea\0"), Some(Encoding::Utf16Le));
        assert_eq!(sniff(b"\xfe\xff\0a"), Some(Encoding::Utf16Be));
        for binary in [&b"\x7fELF\x02\0"[..], b"%PDF-1.7 text", b"\xff\xfe\0\0a\0\0\0"] {
            assert_eq!(sniff(binary), None, "{binary:?}");
        }
    }

    #[test]
    fn offsets_of_utf_16_lead_back_to_its_bytes() {
        let text = "\u{feff}a😀é key";
        for (encoding, bytes) in [
            (Encoding::Utf16Le, text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()),
            (Encoding::Utf16Be, text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        ] {
            let (decoded, from, to) = encoding.decode(&bytes, 2, 4);
            assert_eq!((decoded.as_str(), from, to), (text, 3, 4));
            let mut offsets = Offsets::new(&decoded, encoding);
            let key = decoded.find("key").unwrap();
            assert_eq!((offsets.file(key), offsets.file(3), offsets.file(decoded.len())), (12, 2, bytes.len()));
        }
    }
}
