//! How one part of the index is written: a versioned frame with a keyed checksum, so that a damaged, foreign or forged
//! file is told apart and never taken for an empty one. Reads and writes bytes; opens no file.
//!
//! ```text
//! SCRIMIDX  version u16  kind u8  0  check of the key 8  length of the body u64  body …  HMAC-SHA256 of all before 32
//! ```
//! Numbers are little-endian. In a body a text is its length (u32) and its UTF-8; a list its length (u64) and its items.

use super::key::{Key, first_u64};
use hmac::Mac;

/// First bytes of every file.
const MAGIC: &[u8; 8] = b"SCRIMIDX";
/// Version of the frame and of every body in it.
const VERSION: u16 = 1;
/// Bytes before the body.
const HEAD: usize = 28;
/// Bytes of the checksum.
const CHECKSUM: usize = 32;

/// What a part of the index holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Fingerprints of documents.
    Documents,
    /// Rows of a table, as keyed hashes.
    Data,
    /// Secrets, as keyed hashes.
    Secrets,
    /// Fingerprints of text that anybody may know.
    Public,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Documents, Self::Data, Self::Secrets, Self::Public];

    /// As commands and rule ids name it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Documents => "document",
            Self::Data => "data",
            Self::Secrets => "secret",
            Self::Public => "public",
        }
    }

    fn number(self) -> u8 {
        match self {
            Self::Documents => 1,
            Self::Data => 2,
            Self::Secrets => 3,
            Self::Public => 4,
        }
    }

    fn of_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }
}

/// Why bytes are no part of the index.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// They begin with something else.
    #[error("this is no file of Scrim's index")]
    Foreign,
    /// Written by a newer program.
    #[error("it has version {0}, and this program reads version {VERSION}")]
    Version(u16),
    /// Written with another key.
    #[error("it was written with another key than this installation's")]
    OtherKey,
    /// Cut short, changed or forged.
    #[error("it is damaged: {0}")]
    Damaged(&'static str),
}

/// A part, framed.
pub(super) fn seal(key: &Key, kind: Kind, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD + body.len() + CHECKSUM);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&[kind.number(), 0]);
    bytes.extend_from_slice(&check(key));
    bytes.extend_from_slice(&(body.len() as u64).to_le_bytes());
    bytes.extend_from_slice(body);
    let sum = key.mac("scrim/company/file/1").chain_update(&bytes).finalize().into_bytes();
    bytes.extend_from_slice(&sum);
    bytes
}

/// Kind and body of a framed part.
pub(super) fn open<'b>(key: &Key, bytes: &'b [u8]) -> Result<(Kind, &'b [u8]), FormatError> {
    if bytes.get(..8) != Some(MAGIC) {
        return Err(FormatError::Foreign);
    }
    let short = FormatError::Damaged("it is too short");
    let head = bytes.get(..HEAD).ok_or(short.clone())?;
    let version = match head {
        [_, _, _, _, _, _, _, _, low, high, ..] => u16::from_le_bytes([*low, *high]),
        _ => return Err(short),
    };
    if version != VERSION {
        return Err(FormatError::Version(version));
    }
    if head.get(12..20) != Some(&check(key)) {
        return Err(FormatError::OtherKey);
    }
    let length = first_u64(head.get(20..).unwrap_or_default());
    let length = usize::try_from(length).map_err(|_| FormatError::Damaged("its length cannot be"))?;
    let end = HEAD.checked_add(length).ok_or(FormatError::Damaged("its length cannot be"))?;
    let body = bytes.get(HEAD..end).ok_or(FormatError::Damaged("its end is missing"))?;
    let sum = bytes.get(end..).unwrap_or_default();
    let signed = bytes.get(..end).unwrap_or_default();
    let verified = key.mac("scrim/company/file/1").chain_update(signed).verify_slice(sum);
    verified.map_err(|_| FormatError::Damaged("its checksum does not hold"))?;
    let kind = head.get(10).and_then(|number| Kind::of_number(*number));
    Ok((kind.ok_or(FormatError::Damaged("its kind is unknown"))?, body))
}

fn check(key: &Key) -> [u8; 8] {
    key.check().to_le_bytes()
}

/// A body in the making.
#[derive(Debug, Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn finish(self) -> Vec<u8> {
        self.0
    }

    pub(super) fn u8(&mut self, number: u8) {
        self.0.push(number);
    }

    pub(super) fn u32(&mut self, number: u32) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    pub(super) fn u64(&mut self, number: u64) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    pub(super) fn text(&mut self, text: &str) {
        self.u32(u32::try_from(text.len()).unwrap_or(u32::MAX));
        self.0.extend_from_slice(text.as_bytes());
    }

    pub(super) fn length(&mut self, items: usize) {
        self.u64(items as u64);
    }

    pub(super) fn u64s(&mut self, numbers: &[u64]) {
        self.length(numbers.len());
        self.0.reserve(numbers.len() * 8);
        numbers.iter().for_each(|number| self.u64(*number));
    }

    pub(super) fn u32s(&mut self, numbers: &[u32]) {
        self.length(numbers.len());
        self.0.reserve(numbers.len() * 4);
        numbers.iter().for_each(|number| self.u32(*number));
    }
}

/// A body being read. Everything it gives was bounded by the bytes that are there.
#[derive(Debug)]
pub(super) struct Reader<'b>(&'b [u8]);

/// A body that ends before its content does.
const CUT: FormatError = FormatError::Damaged("its content is cut");

impl<'b> Reader<'b> {
    pub(super) fn new(body: &'b [u8]) -> Self {
        Self(body)
    }

    /// Nothing may be left.
    pub(super) fn end(&self) -> Result<(), FormatError> {
        if self.0.is_empty() { Ok(()) } else { Err(FormatError::Damaged("its content goes on after its end")) }
    }

    fn take(&mut self, bytes: usize) -> Result<&'b [u8], FormatError> {
        let (taken, rest) = self.0.split_at_checked(bytes).ok_or(CUT)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn u8(&mut self) -> Result<u8, FormatError> {
        self.take(1)?.first().copied().ok_or(CUT)
    }

    pub(super) fn u32(&mut self) -> Result<u32, FormatError> {
        self.take(4)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes)).ok_or(CUT)
    }

    pub(super) fn u64(&mut self) -> Result<u64, FormatError> {
        self.take(8)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes)).ok_or(CUT)
    }

    pub(super) fn text(&mut self) -> Result<String, FormatError> {
        let length = self.u32()? as usize;
        let text = std::str::from_utf8(self.take(length)?);
        text.map(str::to_owned).map_err(|_| FormatError::Damaged("a name is no text"))
    }

    /// Number of items that follow, each of at least so many bytes.
    pub(super) fn length(&mut self, least: usize) -> Result<usize, FormatError> {
        let length = usize::try_from(self.u64()?).map_err(|_| CUT)?;
        let fits = length.checked_mul(least).is_some_and(|bytes| bytes <= self.0.len());
        if fits { Ok(length) } else { Err(CUT) }
    }

    pub(super) fn u64s(&mut self) -> Result<Vec<u64>, FormatError> {
        let length = self.length(8)?;
        let bytes = self.take(length * 8)?;
        Ok(bytes.chunks_exact(8).map(first_u64).collect())
    }

    pub(super) fn u32s(&mut self) -> Result<Vec<u32>, FormatError> {
        let length = self.length(4)?;
        let bytes = self.take(length * 4)?;
        let number = |bytes: &[u8]| bytes.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
        Ok(bytes.chunks_exact(4).map(number).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_changed_or_missing_byte_is_noticed() {
        let key = Key::new([3; 32]);
        let sealed = seal(&key, Kind::Data, b"content");
        assert_eq!(open(&key, &sealed), Ok((Kind::Data, b"content".as_slice())));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(open(&key, &changed).is_err(), "byte {at}");
            assert!(open(&key, &sealed[..at]).is_err(), "cut at {at}");
        }
        assert_eq!(open(&Key::new([4; 32]), &sealed), Err(FormatError::OtherKey));
        assert_eq!(open(&key, b"PK\x03\x04 something"), Err(FormatError::Foreign));
    }

    #[test]
    fn what_was_written_is_read_and_nothing_beyond_it() {
        let mut writer = Writer::default();
        writer.u8(7);
        writer.text("größe");
        writer.u64s(&[1, u64::MAX]);
        writer.u32s(&[9]);
        let body = writer.finish();
        let mut reader = Reader::new(&body);
        assert_eq!((reader.u8().unwrap(), reader.text().unwrap().as_str()), (7, "größe"));
        assert_eq!((reader.u64s().unwrap(), reader.u32s().unwrap()), (vec![1, u64::MAX], vec![9]));
        assert!(reader.end().is_ok() && reader.u8().is_err());
        let huge = u64::MAX.to_le_bytes();
        assert!(Reader::new(&huge).u64s().is_err(), "a length that no memory holds");
    }
}
