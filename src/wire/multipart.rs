//! `multipart/form-data` and its kin (RFC 7578, RFC 2046): where each part and each file name lies. Strict, because what
//! two readers cut differently is a way past inspection. Does not decode parts; a nested multipart is parsed again.

mod head;

use std::ops::Range;

use memchr::memmem;

use crate::wire::{Limits, Unreadable, media_type};

/// Longest boundary, RFC 2046 §5.1.1.
const BOUNDARY_MAX: usize = 70;

/// One part.
#[derive(Clone, PartialEq, Eq)]
pub struct Piece {
    /// The field's name, decoded.
    pub name: Option<String>,
    /// `filename`, decoded, and where its raw form lies (between the quotes).
    pub filename: Option<(String, Range<usize>)>,
    /// `filename*` (RFC 8187), decoded, and where its encoded form lies. Readers that know it prefer it, so what is
    /// done to one name must be done to both.
    pub filename_extended: Option<(String, Range<usize>)>,
    /// The part's `content-type` as received.
    pub content_type: Option<String>,
    /// The part's bytes without its header.
    pub body: Range<usize>,
}

impl std::fmt::Debug for Piece {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Piece({:?} at {:?})", self.content_type, self.body)
    }
}

/// The boundary of a multipart `content-type`. `None` for other types, and when it is missing, repeated or not allowed.
#[must_use]
pub fn boundary(content_type: &str) -> Option<String> {
    if !media_type::essence(content_type).starts_with("multipart/") {
        return None;
    }
    let boundary = media_type::parameter(content_type, "boundary")?;
    let printable = boundary.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    let allowed = printable && (1..=BOUNDARY_MAX).contains(&boundary.len()) && !boundary.ends_with(' ');
    allowed.then_some(boundary)
}

/// Cuts a body into its parts.
///
/// # Errors
/// [`Unreadable::Syntax`] for whatever another reader might cut or name differently: text before the first or after the
/// last boundary, no last boundary, boundaries after a bare line feed, folded, repeated or encoded headers.
/// [`Unreadable::TooLarge`] for more parts than `limits.nodes`.
pub fn parse(body: &[u8], boundary: &str, limits: &Limits) -> Result<Vec<Piece>, Unreadable> {
    let mut pieces = Vec::new();
    let mut part_start = None;
    let delimiter = format!("--{boundary}");
    for at in memmem::find_iter(body, delimiter.as_bytes()) {
        let Some(line_break) = line_break_before(body, at)? else { continue };
        match part_start {
            Some(start) if start <= line_break => {
                if pieces.len() == limits.nodes {
                    return Err(Unreadable::TooLarge { what: "number of multipart parts", limit: limits.nodes });
                }
                pieces.push(head::piece(body, start..line_break)?);
            }
            Some(start) => return Err(wrong(start, "a part without its header's blank line")),
            None if line_break > 0 => return Err(wrong(0, "text before the first boundary")),
            None => {}
        }
        let after = at + delimiter.len();
        match behind_delimiter(body, after)? {
            Delimiter::Opens(start) => part_start = Some(start),
            Delimiter::Closes => return Ok(pieces),
        }
    }
    Err(wrong(body.len(), "no closing boundary"))
}

enum Delimiter {
    /// A part follows from this offset on.
    Opens(usize),
    /// The last one, with nothing behind it.
    Closes,
}

/// Where the line break that belongs to a boundary at `at` begins; `None` when the text merely stands within a line.
fn line_break_before(body: &[u8], at: usize) -> Result<Option<usize>, Unreadable> {
    match body.get(..at) {
        Some([]) => Ok(Some(0)),
        Some([.., b'\r', b'\n']) => Ok(Some(at - 2)),
        Some([.., b'\n' | b'\r']) => Err(wrong(at, "a boundary after half a line break")),
        Some([.., _]) | None => Ok(None),
    }
}

/// What the rest of a boundary's line says.
fn behind_delimiter(body: &[u8], at: usize) -> Result<Delimiter, Unreadable> {
    let rest = body.get(at..).unwrap_or_default();
    if let Some(epilogue) = rest.strip_prefix(b"--") {
        let blank = epilogue.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
        return if blank { Ok(Delimiter::Closes) } else { Err(wrong(at + 2, "text after the closing boundary")) };
    }
    let padding = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    if rest.get(padding..).is_some_and(|rest| rest.starts_with(b"\r\n")) {
        return Ok(Delimiter::Opens(at + padding + 2));
    }
    Err(wrong(at, "a line that begins like a boundary"))
}

fn wrong(at: usize, why: &'static str) -> Unreadable {
    Unreadable::Syntax { format: "multipart", at, why }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(body: &str) -> Result<Vec<Piece>, Unreadable> {
        parse(body.as_bytes(), "B", &Limits::default())
    }

    fn refused(body: &str, reason: &str) {
        match read(body) {
            Err(Unreadable::Syntax { format: "multipart", why, .. }) => assert_eq!(why, reason, "{body:?}"),
            other => panic!("{body:?}: {other:?}"),
        }
    }

    #[test]
    fn parts_and_their_places_are_found() {
        let body = "--B\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nline one\r\n--Bless--\r\nx --B\r\n--B \t\r\n\
                    content-disposition: form-data; name=\"f\"; filename=\"a\\\"b.txt\"\r\nContent-Type: text/plain\r\n\r\n\
                    \r\n--B\r\n\r\nno header\r\n--B--\r\n";
        let body = body.replace("\r\n--Bless--", "\r\n-Bless--");
        let pieces = read(&body).unwrap();
        let texts: Vec<&str> = pieces.iter().map(|piece| body.get(piece.body.clone()).unwrap()).collect();
        assert_eq!(texts, ["line one\r\n-Bless--\r\nx --B", "", "no header"]);
        assert_eq!(pieces[0].name.as_deref(), Some("text"));
        assert_eq!(pieces[1].content_type.as_deref(), Some("text/plain"));
        let (filename, range) = pieces[1].filename.clone().unwrap();
        assert_eq!((&*filename, body.get(range)), ("a\"b.txt", Some("a\\\"b.txt")));
        assert_eq!((&pieces[2].name, &pieces[2].filename), (&None, &None));
        assert_eq!(read("--B--"), Ok(vec![]));
        assert_eq!(read("\r\n--B--\r\n"), Ok(vec![]));
    }

    #[test]
    fn what_two_readers_would_cut_differently_is_refused() {
        refused("", "no closing boundary");
        refused("--B\r\n\r\nx", "no closing boundary");
        refused("--B\r\n\r\nx\r\n--B", "a line that begins like a boundary");
        refused("hidden\r\n--B\r\n\r\nx\r\n--B--", "text before the first boundary");
        refused("--B\r\n\r\nx\r\n--B--hidden", "text after the closing boundary");
        refused("--B\r\n\r\nx\r\n--B--\r\n--B\r\n\r\ny\r\n--B--", "text after the closing boundary");
        refused("--B\r\n\r\nx\n--B--", "a boundary after half a line break");
        refused("--B\n\nx\n--B--", "a line that begins like a boundary");
        refused("--B\r\n\r\nx\r\n--Bx\r\n--B--", "a line that begins like a boundary");
        refused("--B\r\n--B--", "a part without its header's blank line");
    }

    #[test]
    fn the_number_of_parts_is_capped() {
        let limits = Limits { nodes: 1, ..Limits::default() };
        let one = "--B\r\n\r\nx\r\n--B--";
        assert!(parse(one.as_bytes(), "B", &limits).is_ok());
        let two = "--B\r\n\r\nx\r\n--B\r\n\r\nx\r\n--B--";
        let over = Unreadable::TooLarge { what: "number of multipart parts", limit: 1 };
        assert_eq!(parse(two.as_bytes(), "B", &limits), Err(over));
    }

    #[test]
    fn boundaries_come_from_one_sound_parameter() {
        assert_eq!(
            boundary("multipart/form-data; boundary=----WebKitFormBoundaryA1").as_deref(),
            Some("----WebKitFormBoundaryA1")
        );
        assert_eq!(boundary("Multipart/Related; type=\"a/b\"; BOUNDARY=\"a b\"").as_deref(), Some("a b"));
        let long = format!("multipart/form-data; boundary={}", "x".repeat(71));
        for content_type in [
            "text/plain; boundary=x",
            "multipart/form-data",
            "multipart/form-data; boundary=",
            &long,
            "multipart/form-data; boundary=a; boundary=b",
            "multipart/form-data; boundary=\"a \"",
            "multipart/form-data; boundary=ä",
            "multipart/form-data; boundary=\"a",
        ] {
            assert_eq!(boundary(content_type), None, "{content_type}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_cut_within_bounds_or_refused(body in "(--B(--)?|\r\n|\n|x|[a-z]{1,9}: |content-disposition: form-data|; (file)?name\\*?=\"?|\"){0,24}") {
            let Ok(pieces) = read(&body) else { return Ok(()) };
            let mut at = 0;
            for piece in pieces {
                prop_assert!(at <= piece.body.start && piece.body.start <= piece.body.end && piece.body.end <= body.len());
                at = piece.body.end;
            }
        }

        #[test]
        fn what_a_browser_writes_is_read(fields in proptest::collection::vec(("[a-z \u{e4}]{1,9}", "[a-z\r\n-]{0,30}", any::<bool>()), 0..6)) {
            let mut body = String::new();
            for (name, value, is_file) in &fields {
                let file = if *is_file { "; filename=\"f.txt\"\r\nContent-Type: text/plain" } else { "" };
                body += &format!("--\u{2D}BOUND\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n");
            }
            body += "---BOUND--\r\n";
            let pieces = parse(body.as_bytes(), "-BOUND", &Limits::default()).unwrap();
            let found: Vec<(String, String, bool)> = pieces
                .into_iter()
                .map(|piece| (piece.name.unwrap(), body.get(piece.body).unwrap().to_owned(), piece.filename.is_some()))
                .collect();
            prop_assert_eq!(found, fields);
        }
    }
}
