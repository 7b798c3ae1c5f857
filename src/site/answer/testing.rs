//! Checks that all families share: what a reader sees in a stream, and that what a writer writes reads back.

use std::collections::BTreeMap;

use crate::{
    site::{Finish, Head, Mode, Reader, Surface, View},
    wire::{
        Limits,
        json::{Doc, unescape},
        sse::SseReader,
    },
};

/// Feeds every event of a stream to the reader, deliveries left out, and hands each view to `each`.
pub(super) fn events(reader: &mut dyn Reader, stream: &[u8], each: &mut dyn FnMut(&[u8], View)) {
    let mut sse = SseReader::new(&Limits::default());
    let mut seen = |event: crate::wire::sse::Event<'_>| {
        if event.data.is_empty() {
            return;
        }
        let doc = Doc::parse(&event.data, &Limits::default());
        each(&event.data, reader.view(event.name, doc.as_ref().ok()));
    };
    sse.push(stream, &mut seen).unwrap();
    sse.finish(&mut seen);
}

fn decoded(bytes: &[u8], range: &std::ops::Range<usize>) -> String {
    unescape(&bytes[range.clone()]).unwrap().0
}

fn words(surface: &Surface) -> String {
    match surface {
        Surface::Prose => "prose".to_owned(),
        Surface::Quoted => "quoted".to_owned(),
        Surface::ToolJson { tool } => format!("json {}", tool.as_deref().unwrap_or("?")),
        Surface::ToolText { tool } => format!("text {}", tool.as_deref().unwrap_or("?")),
    }
}

/// All running texts of a stream, by channel; each must be closed by its end.
pub(super) fn check_stream(mut reader: Box<dyn Reader>, stream: &str, expected: &[(&str, &str, &str)]) {
    let mut texts: BTreeMap<String, (String, String)> = BTreeMap::new();
    let mut closed = Vec::new();
    events(&mut *reader, stream.as_bytes(), &mut |data, view| {
        for field in view.fields.iter().filter(|field| field.mode == Mode::Delta) {
            assert!(!closed.contains(&field.channel), "text in `{}` after its end", field.channel);
            let text = texts.entry(field.channel.clone()).or_insert((words(&field.surface), String::new()));
            text.0 = words(&field.surface);
            text.1.push_str(&decoded(data, &field.range));
        }
        closed.extend(view.closes);
    });
    let seen: Vec<(&str, &str, &str)> = texts.iter().map(|(c, (s, t))| (c.as_str(), s.as_str(), t.as_str())).collect();
    assert_eq!(seen, expected);
    for channel in texts.keys() {
        assert!(closed.contains(channel), "`{channel}` is never closed");
    }
}

/// All texts of one document, in the order of the bytes.
pub(super) fn check_whole(mut reader: Box<dyn Reader>, document: &str, expected: &[(&str, &str)]) -> View {
    let doc = Doc::parse(document.as_bytes(), &Limits::default()).unwrap();
    let view = reader.view(None, Some(&doc));
    let seen: Vec<(String, String)> =
        view.fields.iter().map(|field| (words(&field.surface), decoded(document.as_bytes(), &field.range))).collect();
    let seen: Vec<(&str, &str)> = seen.iter().map(|(s, t)| (s.as_str(), t.as_str())).collect();
    assert_eq!(seen, expected);
    view
}

/// Text with everything that needs escaping.
const SAID: [&str; 3] = ["Answered \"loc", "ally\".\n", "Grüße \u{1F600} \\ \u{7}"];

/// Writes an answer in the family and reads it back; gives what was written.
pub(super) fn check_written(family: &str, path: &str, body: &str) -> String {
    let family = super::family(family).unwrap();
    let head = Head { method: "POST".to_owned(), path: path.to_owned(), ..Head::default() };
    let mut writer = family.writer(&head, body.as_bytes(), [7; 16], 1_795_561_199);
    let reply = writer.head();
    assert_eq!(reply.status, 200);
    let mut out = Vec::new();
    writer.keepalive(&mut out);
    writer.begin(&mut out);
    for piece in SAID {
        writer.text(piece, &mut out);
        writer.keepalive(&mut out);
    }
    writer.finish(Finish::Stop, &mut out);
    let content_type = &reply.headers.iter().find(|(name, _)| name == "content-type").unwrap().1;
    let mut reader = family.reader();
    let text = if content_type.starts_with("text/event-stream") {
        running_text(&mut *reader, &out)
    } else {
        whole_text(&mut *reader, &out)
    };
    assert_eq!(text, SAID.concat());
    String::from_utf8(out).unwrap()
}

/// What the person reads of a stream: the pieces, and every repetition of the whole must agree.
fn running_text(reader: &mut dyn Reader, stream: &[u8]) -> String {
    let mut text = String::new();
    let mut wholes = Vec::new();
    events(reader, stream, &mut |data, view| {
        for field in &view.fields {
            let piece = decoded(data, &field.range);
            match field.mode {
                Mode::Delta => text.push_str(&piece),
                Mode::Whole => wholes.push(piece),
            }
        }
    });
    assert!(wholes.iter().all(|whole| whole.is_empty() || *whole == text), "{wholes:?}");
    text
}

fn whole_text(reader: &mut dyn Reader, document: &[u8]) -> String {
    let doc = Doc::parse(document, &Limits::default()).unwrap();
    let view = reader.view(None, Some(&doc));
    view.fields.iter().map(|field| decoded(document, &field.range)).collect()
}
