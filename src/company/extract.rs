//! The text of a file: plain text and source as they are, HTML without its tags, office documents out of their archives.
//! PDF, images and old binary office files are not read, and said to be so.

use std::{
    borrow::Cow,
    fs::File,
    io::{self, Read, Seek},
    path::Path,
};

use zip::ZipArchive;

use super::CompanyError;
use crate::detect::company::markup;

/// Bytes of one file at most.
const FILE_MAX: u64 = 256 << 20;
/// Bytes that one member of an archive may expand to.
const MEMBER_MAX: u64 = 64 << 20;
/// Bytes that all members read of one archive may expand to.
const MEMBERS_MAX: usize = 256 << 20;

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extracted {
    /// Its text.
    Text(String),
    /// Not read, and why.
    Skipped(&'static str),
}

/// Extensions of files whose text is not looked for.
const UNREAD: [(&str, &str); 12] = [
    ("pdf", "PDF is not read: export it as text or as an office document"),
    ("doc", "old office format: save it as .docx"),
    ("xls", "old office format: save it as .xlsx"),
    ("ppt", "old office format: save it as .pptx"),
    ("png", "image"),
    ("jpg", "image"),
    ("jpeg", "image"),
    ("gif", "image"),
    ("zip", "archive"),
    ("gz", "archive"),
    ("7z", "archive"),
    ("msg", "old office format: save it as .eml"),
];

/// Members of office archives that hold text, by extension: a beginning and an end of their names.
const MEMBERS: [(&str, &[(&str, &str)]); 6] = [
    (
        "docx",
        &[("word/document", ".xml"), ("word/footnotes", ".xml"), ("word/endnotes", ".xml"), ("word/comments", ".xml")],
    ),
    ("pptx", &[("ppt/slides/slide", ".xml"), ("ppt/notesSlides/", ".xml")]),
    ("xlsx", &[("xl/sharedStrings", ".xml"), ("xl/comments", ".xml")]),
    ("odt", &[("content", ".xml")]),
    ("ods", &[("content", ".xml")]),
    ("odp", &[("content", ".xml")]),
];

/// The text of a file.
///
/// # Errors
/// When it cannot be read, is larger than 256 MiB, or is a broken archive.
pub fn text(path: &Path) -> Result<Extracted, CompanyError> {
    let unreadable = |cause| CompanyError::Unreadable { path: path.to_owned(), cause };
    let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    if let Some((_, why)) = UNREAD.iter().find(|(unread, _)| *unread == extension) {
        return Ok(Extracted::Skipped(why));
    }
    let file = File::open(path).map_err(unreadable)?;
    if let Some((_, members)) = MEMBERS.iter().find(|(office, _)| *office == extension) {
        return office(file, members).map(Extracted::Text).map_err(unreadable);
    }
    let bytes = limited(file, FILE_MAX).map_err(unreadable)?;
    let Some(text) = decoded(bytes) else { return Ok(Extracted::Skipped("no text")) };
    let is_page = matches!(extension.as_str(), "html" | "htm" | "xhtml" | "svg");
    Ok(Extracted::Text(if is_page { markup::text(&text) } else { text }))
}

/// The whole of a file as text: for tables and files of secrets.
///
/// # Errors
/// When it cannot be read, is too large, or is no text.
pub fn plain(path: &Path) -> Result<String, CompanyError> {
    let unreadable = |cause| CompanyError::Unreadable { path: path.to_owned(), cause };
    let bytes = File::open(path).and_then(|file| limited(file, 8 * FILE_MAX)).map_err(unreadable)?;
    decoded(bytes).ok_or_else(|| unreadable(io::Error::other("it is no text")))
}

fn limited(reader: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!("larger than {} MiB", limit >> 20)));
    }
    Ok(bytes)
}

/// UTF-8, UTF-16 with a mark, else Windows-1252 as far as it is Latin-1; `None` for what is no text.
fn decoded(bytes: Vec<u8>) -> Option<String> {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes
            .chunks_exact(2)
            .map(|pair| unit([pair.first().copied().unwrap_or(0), pair.last().copied().unwrap_or(0)]))
            .collect();
        String::from_utf16_lossy(&units)
    };
    match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => return Some(utf16(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => return Some(utf16(rest, u16::from_be_bytes)),
        _ => {}
    }
    if bytes.contains(&0) {
        return None;
    }
    Some(
        String::from_utf8(bytes)
            .unwrap_or_else(|broken| broken.as_bytes().iter().map(|byte| char::from(*byte)).collect()),
    )
}

fn office(file: impl Read + Seek, members: &[(&str, &str)]) -> io::Result<String> {
    let mut archive = ZipArchive::new(file).map_err(io::Error::other)?;
    let mut names: Vec<String> = archive.file_names().filter_map(Result::ok).map(Cow::into_owned).collect();
    names.retain(|name| members.iter().any(|(begin, end)| name.starts_with(begin) && name.ends_with(end)));
    names.sort();
    let mut text = String::new();
    for name in names {
        let member = archive.by_name(&name).map_err(io::Error::other)?;
        let xml = limited(member, MEMBER_MAX)?;
        text.push_str(&markup::text(&String::from_utf8_lossy(&xml)));
        text.push('\n');
        if text.len() > MEMBERS_MAX {
            return Err(io::Error::other("its text is larger than 256 MiB"));
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_any_usual_encoding_is_read() {
        for (bytes, expected) in [
            ("größe".as_bytes().to_vec(), Some("größe")),
            (b"gr\xf6\xdfe".to_vec(), Some("größe")),
            (b"\xff\xfeg\0r\0\xf6\0".to_vec(), Some("grö")),
            (b"\xfe\xff\0g".to_vec(), Some("g")),
            (b"MZ\0\x01".to_vec(), None),
        ] {
            assert_eq!(decoded(bytes).as_deref(), expected);
        }
    }

    #[test]
    fn a_file_larger_than_the_limit_is_refused() {
        assert!(limited([0_u8; 9].as_slice(), 8).is_err() && limited([0_u8; 8].as_slice(), 8).is_ok());
    }
}
