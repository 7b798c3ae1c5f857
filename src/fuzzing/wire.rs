//! Properties of the codecs: any cut of the bytes gives the same, no byte is lost, what is written is read, and maps
//! lead back to the bytes. Where a target needs a choice (a coding, a size of chunks), the first byte makes it.

#![expect(clippy::panic, reason = "a fuzz target tells of a broken property by panicking")]

use std::io::Write;
use std::ops::Range;

use crate::wire::client_hello::{self, HelloState};
use crate::wire::encoding::{self, Coding};
use crate::wire::json::{self, Doc, Kind, Node};
use crate::wire::websocket::{FrameReader, Message, Role};
use crate::wire::{Limits, OffsetMap, Unreadable, form, multipart, ndjson, sse, websocket};

/// Small, so that a fuzzer meets them.
const LIMITS: Limits = Limits { body_bytes: 1 << 20, decoded_bytes: 1 << 18, depth: 16, nodes: 256, event_bytes: 256 };

/// Decoding: whole or in pieces the same, never over the limit; what the encoders write is read; charsets give UTF-8.
pub fn encoding(bytes: &[u8]) {
    let Some((choice, body)) = bytes.split_first() else { return };
    let coding = match choice & 3 {
        0 => Coding::Gzip,
        1 => Coding::Deflate,
        2 => Coding::Brotli,
        _ => Coding::Zstd,
    };
    let whole = encoding::decode(body, &[coding], &LIMITS);
    let mut pieces = Vec::new();
    let mut decoder = encoding::Decoder::new(&[coding], &LIMITS);
    let pushed = chunks(body, *choice).iter().try_for_each(|chunk| decoder.push(chunk, &mut pieces));
    let ended = pushed.and_then(|()| decoder.finish(&mut pieces));
    assert_eq!(whole.is_ok(), ended.is_ok(), "a cut changes whether it decodes");
    assert!(pieces.len() <= LIMITS.decoded_bytes, "more than the limit");
    assert!(whole.is_err() || whole == Ok(pieces), "a cut changes what is decoded");

    let encoded = encode(body, coding);
    assert!(encoded.is_none_or(|encoded| encoding::decode(&encoded, &[coding], &LIMITS).as_deref() == Ok(body)));
    if let Ok(text) = encoding::charset(body, None) {
        assert!(std::str::from_utf8(text.bytes()).is_ok(), "a charset that gives no UTF-8");
    }
}

/// Documents: maps lead each character of each string back to its bytes, and a splice changes that string alone.
pub fn json(bytes: &[u8]) {
    let Ok(doc) = Doc::parse(bytes, &LIMITS) else { return };
    let mut strings = Vec::new();
    let mut open = vec![doc.root()];
    while let Some(node) = open.pop() {
        open.extend(doc.children(node).map(|(_, child)| child));
        if doc.kind(node) == Kind::String {
            strings.push(node);
        }
    }
    for node in &strings {
        let Some((text, map)) = doc.text(*node) else { panic!("a string without text") };
        assert_eq!(doc.str(*node).as_deref(), Some(text.as_str()));
        leads_back(bytes, &text, &map, &doc.content(*node), |source| Some(json::unescape(source)?.0));
        let quoted = json::quote(&text);
        let again = Doc::parse(&quoted, &LIMITS);
        assert_eq!(again.ok().and_then(|doc| doc.str(doc.root()).map(|text| text.into_owned())), Some(text));
    }
    if let Some(node) = strings.first() {
        splice_changes_one_string(&doc, *node, &strings);
    }
}

fn splice_changes_one_string(doc: &Doc<'_>, node: Node, strings: &[Node]) {
    let mut spliced = doc.bytes().to_vec();
    spliced.splice(doc.content(node), *b"EMAIL_7K2QX4M9TD_R4");
    let Ok(after) = Doc::parse(&spliced, &LIMITS) else { panic!("a splice breaks the document") };
    for other in strings {
        let expected = if *other == node { Some("EMAIL_7K2QX4M9TD_R4".into()) } else { doc.str(*other) };
        assert_eq!(after.str(*other), expected);
    }
}

/// Forms: maps lead back, and what is encoded is read.
pub fn form(bytes: &[u8]) {
    let Ok(pairs) = form::parse(bytes, &LIMITS) else { return };
    let mut again = Vec::new();
    for pair in &pairs {
        leads_back(bytes, &pair.value, &pair.map, &pair.range, |source| {
            let value = [b"=", source].concat();
            Some(form::parse(&value, &LIMITS).ok()?.pop()?.value)
        });
        form::encode_into(&pair.name, &mut again);
        again.push(b'=');
        form::encode_into(&pair.value, &mut again);
        again.push(b'&');
    }
    let Ok(reread) = form::parse(&again, &LIMITS) else { panic!("an encoded form is not read") };
    let same = |(a, b): (&form::Pair, &form::Pair)| a.name == b.name && a.value == b.value;
    assert!(reread.len() == pairs.len() && reread.iter().zip(&pairs).all(same), "an encoded form reads otherwise");
}

/// Parts: the first line is the boundary. They lie in order, apart, and hold no boundary.
pub fn multipart(bytes: &[u8]) {
    let line = bytes.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let boundary = line.strip_prefix(b"--").and_then(|line| std::str::from_utf8(line).ok()).unwrap_or("B");
    let Ok(pieces) = multipart::parse(bytes, boundary, &LIMITS) else { return };
    let delimiter = format!("\r\n--{boundary}");
    let mut at = 0;
    for piece in pieces {
        assert!(at <= piece.body.start, "parts overlap");
        at = piece.body.end;
        let Some(body) = bytes.get(piece.body) else { panic!("a part beyond the body") };
        assert!(memchr::memmem::find(body, delimiter.as_bytes()).is_none(), "a boundary within a part");
        for (_, range) in [piece.filename, piece.filename_extended].into_iter().flatten() {
            assert!(bytes.get(range).is_some(), "a file name beyond the body");
        }
    }
}

/// Events: any cut gives the same, no byte is lost, and a rewritten event reads as itself with the new data.
pub fn sse(bytes: &[u8]) {
    let Some((choice, stream)) = bytes.split_first() else { return };
    let read = |chunks: &[&[u8]]| {
        let mut events: Vec<Owned> = Vec::new();
        let mut each = |event: sse::Event<'_>| {
            events.push((event.raw.to_vec(), event.name.map(str::to_owned), event.data.into_owned()));
        };
        let mut reader = sse::SseReader::new(&LIMITS);
        let mut chunks = chunks.iter();
        let result = chunks.try_for_each(|chunk| reader.push(chunk, &mut each));
        if result.is_ok() {
            reader.finish(&mut each);
        }
        let rest: Vec<u8> = reader.held().iter().chain(chunks.copied().flatten()).copied().collect();
        (events, result, rest)
    };
    let whole = read(&[stream]);
    assert_eq!(whole, read(&chunks(stream, *choice)), "a cut changes the events");
    let raw: Vec<u8> = whole.0.iter().flat_map(|(raw, _, _)| raw).chain(&whole.2).copied().collect();
    assert_eq!(raw, stream, "bytes are lost or made up");
    for (raw, name, _) in whole.0.iter().filter(|(_, _, data)| !data.is_empty()) {
        let mut rewritten = Vec::new();
        sse::rewrite(raw, b"{\n}", &mut rewritten);
        // Behind another event, where a byte order mark means nothing.
        let (events, result, _) = read(&[b"\n", &rewritten]);
        let same = events.iter().skip(1).map(|(_, name, data)| (name, data.as_slice())).eq([(name, &b"{\n}"[..])]);
        // It may have become longer than the limit.
        assert!(same || result.is_err(), "a rewritten event reads otherwise");
    }
}

/// Raw bytes, name, data.
type Owned = (Vec<u8>, Option<String>, Vec<u8>);

/// Lines: any cut gives the same, no byte is lost, a rewritten line keeps its end.
pub fn ndjson(bytes: &[u8]) {
    let Some((choice, stream)) = bytes.split_first() else { return };
    let read = |chunks: &[&[u8]]| {
        let mut lines: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
        let mut each = |line: ndjson::Line<'_>| lines.push((line.raw.to_vec(), line.data.to_vec()));
        let mut reader = ndjson::NdjsonReader::new(&LIMITS);
        let mut chunks = chunks.iter();
        let result = chunks.try_for_each(|chunk| reader.push(chunk, &mut each));
        if result.is_ok() {
            reader.finish(&mut each);
        }
        let rest: Vec<u8> = reader.held().iter().chain(chunks.copied().flatten()).copied().collect();
        (lines, result, rest)
    };
    let whole = read(&[stream]);
    assert_eq!(whole, read(&chunks(stream, *choice)), "a cut changes the lines");
    let raw: Vec<u8> = whole.0.iter().flat_map(|(raw, _)| raw).chain(&whole.2).copied().collect();
    assert_eq!(raw, stream, "bytes are lost or made up");
    for (raw, data) in &whole.0 {
        let mut rewritten = Vec::new();
        ndjson::rewrite(raw, data, &mut rewritten);
        assert_eq!(&rewritten, raw, "a line rewritten as it was changes");
    }
}

/// Messages: any cut gives the same, none is over the limit, and what is written is read.
pub fn websocket(bytes: &[u8]) {
    let Some((choice, stream)) = bytes.split_first() else { return };
    let (role, mask) = if choice & 1 == 0 { (Role::Client, Some([*choice, 1, 2, 3])) } else { (Role::Server, None) };
    let whole = messages(&[stream], role);
    assert_eq!(whole, messages(&chunks(stream, *choice), role), "a cut changes the messages");
    let mut again = Vec::new();
    for message in &whole.0 {
        assert!(message.payload.len() <= LIMITS.event_bytes, "a message over the limit");
        websocket::write(message.kind, &message.payload, mask, &mut again);
    }
    assert_eq!(messages(&[&again], role), (whole.0, Ok(())), "what is written reads otherwise");
}

fn messages(chunks: &[&[u8]], role: Role) -> (Vec<Message>, Result<(), Unreadable>) {
    let mut out = Vec::new();
    let mut reader = FrameReader::new(role, &LIMITS);
    let result = chunks.iter().try_for_each(|chunk| reader.push(chunk, &mut out));
    (out, result)
}

/// Hellos: bytes to come never change a verdict, nor does the cut of the message into records.
pub fn client_hello(bytes: &[u8]) {
    let bytes = bytes.get(..bytes.len().min(client_hello::MAX_BYTES)).unwrap_or_default();
    let whole = client_hello::sni(bytes);
    for end in (0..bytes.len()).rev().take(64) {
        let begun = client_hello::sni(bytes.get(..end).unwrap_or_default());
        assert!(begun == whole || begun == HelloState::Incomplete, "more bytes change the verdict");
    }
    let HelloState::Hello(hello) = &whole else { return };
    assert!(hello.sni.as_ref().is_none_or(|name| name.is_ascii() && !name.contains(char::is_uppercase)));
    // Of a hello in one record.
    let [_, _, _, high, low, rest @ ..] = bytes else { return };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    let (Some(message), Some(first)) = (rest.get(..length), bytes.get(..length + 5)) else { return };
    if client_hello::sni(first) != whole {
        return;
    }
    let record = |part: &[u8]| [&[22, 3, 1, 0, u8::try_from(part.len()).unwrap_or_default()], part].concat();
    let again: Vec<u8> = message.chunks(usize::from(*low % 16) + 1).flat_map(record).collect();
    assert!(again.len() > client_hello::MAX_BYTES || client_hello::sni(&again) == whole, "a cut changes the verdict");
}

/// `bytes` in pieces of 1 to 16 bytes, as the choice says.
fn chunks(bytes: &[u8], choice: u8) -> Vec<&[u8]> {
    bytes.chunks(usize::from(choice >> 4) + 1).collect()
}

/// Every character of `text` maps to bytes of `source` that decode to it, and the whole text to `range`.
fn leads_back(
    source: &[u8],
    text: &str,
    map: &OffsetMap,
    range: &Range<usize>,
    decode: impl Fn(&[u8]) -> Option<String>,
) {
    assert_eq!(map.source_range(0..text.len()), *range, "the map does not cover the value");
    for (at, c) in text.char_indices() {
        let Some(encoded) = source.get(map.source_range(at..at + c.len_utf8())) else { panic!("a map out of bounds") };
        assert_eq!(decode(encoded), Some(c.to_string()), "a character maps to other bytes");
    }
}

/// `None` when there is no memory for the encoder.
fn encode(bytes: &[u8], coding: Coding) -> Option<Vec<u8>> {
    let level = flate2::Compression::fast();
    match coding {
        Coding::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
            encoder.write_all(bytes).ok()?;
            encoder.finish().ok()
        }
        Coding::Deflate => {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), level);
            encoder.write_all(bytes).ok()?;
            encoder.finish().ok()
        }
        Coding::Brotli => {
            let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 1, 16);
            encoder.write_all(bytes).ok()?;
            Some(encoder.into_inner())
        }
        Coding::Zstd => zstd::encode_all(bytes, 1).ok(),
    }
}
