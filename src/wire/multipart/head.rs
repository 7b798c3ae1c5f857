//! The header of one part: its name, file names and type. Does not look for parts.

use std::ops::Range;

use memchr::{memchr2, memmem};

use super::{Piece, wrong};
use crate::wire::{Unreadable, media_type};

/// Bytes of one part's header. Browsers write some 200; names of files may be 1 KiB.
const HEAD_MAX: usize = 16 << 10;

/// The part at `range` of the body.
pub(super) fn piece(body: &[u8], range: Range<usize>) -> Result<Piece, Unreadable> {
    let part = body.get(range.clone()).unwrap_or_default();
    let (head, body_start) = if part.starts_with(b"\r\n") {
        (range.start..range.start, range.start + 2)
    } else {
        let window = part.get(..part.len().min(HEAD_MAX)).unwrap_or_default();
        let Some(length) = memmem::find(window, b"\r\n\r\n") else {
            return Err(if part.len() > HEAD_MAX {
                Unreadable::TooLarge { what: "multipart header", limit: HEAD_MAX }
            } else {
                wrong(range.start, "a part without its header's blank line")
            });
        };
        (range.start..range.start + length, range.start + length + 4)
    };
    let mut piece =
        Piece { name: None, filename: None, filename_extended: None, content_type: None, body: body_start..range.end };
    read_head(body, head, &mut piece)?;
    Ok(piece)
}

fn read_head(body: &[u8], head: Range<usize>, piece: &mut Piece) -> Result<(), Unreadable> {
    let bytes = body.get(head.clone()).unwrap_or_default();
    let text =
        std::str::from_utf8(bytes).map_err(|error| Unreadable::Charset { at: head.start + error.valid_up_to() })?;
    let mut seen_disposition = false;
    let mut at = head.start;
    for line in text.split("\r\n").filter(|_| !text.is_empty()) {
        let (name, value) = line.split_once(':').ok_or_else(|| wrong(at, "a header line without a colon"))?;
        let token = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        if !token || memchr2(b'\r', b'\n', line.as_bytes()).is_some() {
            return Err(wrong(at, "a folded or malformed header line"));
        }
        match name.to_ascii_lowercase().as_str() {
            "content-disposition" if seen_disposition => return Err(wrong(at, "a repeated content-disposition")),
            "content-disposition" => {
                seen_disposition = true;
                read_disposition(value, at + name.len() + 1, piece)?;
            }
            "content-type" if piece.content_type.is_some() => return Err(wrong(at, "a repeated content-type")),
            "content-type" => piece.content_type = Some(value.trim().to_owned()),
            "content-transfer-encoding" => {
                let plain = matches!(value.trim().to_ascii_lowercase().as_str(), "7bit" | "8bit" | "binary");
                plain.then_some(()).ok_or_else(|| wrong(at, "a part with a content-transfer-encoding"))?;
            }
            _ => {}
        }
        at += line.len() + 2;
    }
    Ok(())
}

/// Reads `form-data; name="…"; filename="…"; filename*=UTF-8''…`, which stands at offset `at`.
fn read_disposition(value: &str, at: usize, piece: &mut Piece) -> Result<(), Unreadable> {
    let parameters = media_type::parameters(value).ok_or_else(|| wrong(at, "a malformed content-disposition"))?;
    for parameter in parameters {
        let range = at + parameter.range.start..at + parameter.range.end;
        let start = range.start;
        let repeated = match parameter.name.as_str() {
            "name" => piece.name.replace(media_type::unquoted(parameter.raw)).is_some(),
            "filename" => piece.filename.replace((media_type::unquoted(parameter.raw), range)).is_some(),
            "filename*" => {
                let decoded = extended(parameter.raw).ok_or_else(|| wrong(start, "a malformed filename*"))?;
                piece.filename_extended.replace((decoded, range)).is_some()
            }
            // `name*`, `filename*0`, `filename*0*`: mail's ways, which web servers read in several manners.
            other if other.starts_with("name*") || other.starts_with("filename*") => true,
            _ => false,
        };
        if repeated {
            return Err(wrong(start, "a repeated or continued parameter"));
        }
    }
    Ok(())
}

/// Decodes `UTF-8'de'Gr%C3%BC%C3%9Fe` (RFC 8187).
fn extended(raw: &str) -> Option<String> {
    let (charset, rest) = raw.split_once('\'')?;
    let (_language, encoded) = rest.split_once('\'')?;
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        bytes.push(match byte {
            b'%' => u8::try_from(digit(rest.next())? * 16 + digit(rest.next())?).ok()?,
            _ if byte.is_ascii_graphic() => byte,
            _ => return None,
        });
    }
    match charset.to_ascii_lowercase().as_str() {
        "utf-8" => String::from_utf8(bytes).ok(),
        "iso-8859-1" => Some(bytes.into_iter().map(char::from).collect()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::wire::multipart::{Piece, parse};
    use crate::wire::{Limits, Unreadable};

    fn read(head: &str) -> (String, Result<Piece, Unreadable>) {
        let body = format!("--B\r\n{head}\r\n\r\nx\r\n--B--");
        let pieces = parse(body.as_bytes(), "B", &Limits::default());
        (body, pieces.map(|mut pieces| pieces.remove(0)))
    }

    #[test]
    fn both_file_names_are_read() {
        let (body, piece) =
            read("Content-Disposition: form-data; name=f; filename=\"gr.txt\"; filename*=utf-8'de'gr%C3%bc.txt");
        let piece = piece.unwrap();
        let (plain, extended) = (piece.filename.unwrap(), piece.filename_extended.unwrap());
        assert_eq!((&*plain.0, body.get(plain.1)), ("gr.txt", Some("gr.txt")));
        assert_eq!((&*extended.0, body.get(extended.1)), ("grü.txt", Some("utf-8'de'gr%C3%bc.txt")));
        assert_eq!(piece.name.as_deref(), Some("f"));
        let (_, latin) = read("Content-Disposition: form-data; filename*=ISO-8859-1''gr%FC");
        assert_eq!(latin.unwrap().filename_extended.unwrap().0, "grü");
    }

    #[test]
    fn heads_that_readers_take_differently_are_refused() {
        for (head, reason) in [
            ("Content-Disposition: form-data; name=a; name=b", "a repeated or continued parameter"),
            ("Content-Disposition: form-data; filename=a; filename=b", "a repeated or continued parameter"),
            ("Content-Disposition: form-data; filename*0=a", "a repeated or continued parameter"),
            ("Content-Disposition: form-data; name*=utf-8''a", "a repeated or continued parameter"),
            ("Content-Disposition: form-data; filename*=utf-8''%C3", "a malformed filename*"),
            ("Content-Disposition: form-data; filename*=koi8-r''a", "a malformed filename*"),
            ("Content-Disposition: form-data; filename*=a", "a malformed filename*"),
            ("Content-Disposition: form-data; name=\"a", "a malformed content-disposition"),
            ("Content-Disposition: form-data\r\nContent-Disposition: form-data", "a repeated content-disposition"),
            ("Content-Type: a/b\r\ncontent-type: c/d", "a repeated content-type"),
            ("Content-Transfer-Encoding: base64", "a part with a content-transfer-encoding"),
            ("Content-Disposition: form-data;\r\n name=a", "a header line without a colon"),
            ("Content-Disposition: form-data;\r\n name=a:b", "a folded or malformed header line"),
            ("Content-Disposition: form-data\nx: y", "a folded or malformed header line"),
            ("no colon", "a header line without a colon"),
        ] {
            match read(head).1 {
                Err(Unreadable::Syntax { why, .. }) => assert_eq!(why, reason, "{head}"),
                other => panic!("{head}: {other:?}"),
            }
        }
        assert!(read("Content-Transfer-Encoding: Binary\r\nX-Other: y").1.is_ok());
    }

    #[test]
    fn a_long_head_ends_at_its_limit() {
        let (_, piece) = read(&format!("X-Long: {}", "x".repeat(1 << 14)));
        assert_eq!(piece, Err(Unreadable::TooLarge { what: "multipart header", limit: 1 << 14 }));
    }
}
