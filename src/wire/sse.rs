//! Server-sent events (WHATWG HTML, §9.2): from stream bytes to events and back, without losing a byte between them.
//! Does not read what is in `data`.
//!
//! ```text
//! event: delta                        ┐ name
//! data: {"v":"Grü"}                   │ data       one `Event`; `raw` is all of it,
//! : kept, though it means nothing     │            up to and with the blank line
//!                                     ┘
//! ```

mod write;

use std::borrow::Cow;

use memchr::memchr2;

pub use write::{rewrite, write};

use crate::wire::{Limits, Unreadable};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// One event, or a comment that stands alone. The `raw` of all events together are the stream. A byte order mark at its
/// start is given as an event of its own, without name and data.
#[derive(Clone, PartialEq, Eq)]
pub struct Event<'a> {
    /// All its bytes, with the blank line that ends it and with comments and unknown fields.
    pub raw: &'a [u8],
    /// The `event` field, when it is there, not empty and UTF-8.
    pub name: Option<&'a str>,
    /// The `data` fields joined by line feeds; empty when there are none.
    pub data: Cow<'a, [u8]>,
}

impl std::fmt::Debug for Event<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Event({:?}, {} bytes)", self.name, self.data.len())
    }
}

/// Cuts a stream into events.
///
/// Holds one incomplete event, at most `limits.event_bytes` and the chunk that went over it. An event ends with the
/// whole line end of its blank line: after a lone CR there, the next byte decides whether a LF belongs to it.
#[derive(Debug)]
pub struct SseReader {
    event_bytes_max: usize,
    /// Bytes of the incomplete event.
    held: Vec<u8>,
    scan: Scan,
    /// Until it is known whether the stream begins with a byte order mark.
    at_start: bool,
}

impl SseReader {
    /// Bounded by `limits.event_bytes`.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self { event_bytes_max: limits.event_bytes, held: Vec::new(), scan: Scan::default(), at_start: true }
    }

    /// Takes stream bytes in and gives every event that they complete.
    ///
    /// # Errors
    /// [`Unreadable::TooLarge`] for an event over the limit. All events before it have been given; [`SseReader::held`]
    /// has the bytes from it on. Further pushes fail too.
    pub fn push(&mut self, bytes: &[u8], each: &mut dyn FnMut(Event<'_>)) -> Result<(), Unreadable> {
        if self.held.is_empty() {
            let (given, result) = self.events(bytes, each);
            self.held.extend_from_slice(bytes.get(given..).unwrap_or_default());
            return result;
        }
        let mut held = std::mem::take(&mut self.held);
        held.extend_from_slice(bytes);
        let (given, result) = self.events(&held, each);
        held.drain(..given);
        self.held = held;
        result
    }

    /// The end of the stream. What is held is given as an event, though no blank line ended it: browsers drop such a
    /// one, but the bytes must reach the client.
    pub fn finish(&mut self, each: &mut dyn FnMut(Event<'_>)) {
        let held = std::mem::take(&mut self.held);
        self.scan = Scan::default();
        if !held.is_empty() {
            each(event(&held));
        }
    }

    /// The bytes taken in that no event has given out.
    #[must_use]
    pub fn held(&self) -> &[u8] {
        &self.held
    }

    /// Gives all complete events at the start of `bytes`; says how many bytes they were.
    fn events(&mut self, bytes: &[u8], each: &mut dyn FnMut(Event<'_>)) -> (usize, Result<(), Unreadable>) {
        let mut given = 0;
        if self.at_start {
            if bytes.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(bytes) {
                return (0, Ok(()));
            }
            self.at_start = false;
            if bytes.starts_with(BYTE_ORDER_MARK) {
                each(Event { raw: BYTE_ORDER_MARK, name: None, data: Cow::Borrowed(&[]) });
                given = BYTE_ORDER_MARK.len();
            }
        }
        loop {
            let rest = bytes.get(given..).unwrap_or_default();
            let end = self.scan.end(rest);
            if end.unwrap_or(rest.len()) > self.event_bytes_max {
                let error = Unreadable::TooLarge { what: "stream event", limit: self.event_bytes_max };
                self.scan = Scan::default();
                return (given, Err(error));
            }
            let Some(raw) = end.and_then(|end| rest.get(..end)) else { return (given, Ok(())) };
            each(event(raw));
            self.scan = Scan::default();
            given += raw.len();
        }
    }
}

/// How far the incomplete event has been searched for its end, so that each byte is looked at once however it arrives.
#[derive(Debug, Default)]
struct Scan {
    at: usize,
    line_start: usize,
    /// The byte before `at` is a CR that ended a line: a LF at `at` belongs to it.
    after_cr: Option<Ended>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    BlankLine,
    OtherLine,
}

impl Scan {
    /// Where the event that `bytes` begin with ends. `bytes` must begin with those of the last call.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        loop {
            if let Some(ended) = self.after_cr {
                self.at += usize::from(*bytes.get(self.at)? == b'\n');
                self.after_cr = None;
                self.line_start = self.at;
                if ended == Ended::BlankLine {
                    return Some(self.at);
                }
            }
            let rest = bytes.get(self.at..)?;
            let Some(distance) = memchr2(b'\n', b'\r', rest) else {
                self.at = bytes.len();
                return None;
            };
            let blank = self.line_start == self.at + distance;
            let ended = if blank { Ended::BlankLine } else { Ended::OtherLine };
            let is_cr = rest.get(distance) == Some(&b'\r');
            self.at += distance + 1;
            self.line_start = self.at;
            if is_cr {
                self.after_cr = Some(ended);
            } else if ended == Ended::BlankLine {
                return Some(self.at);
            }
        }
    }
}

/// A field of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Data,
    Name,
    /// `id`, `retry`, comments, unknown fields, the blank line.
    Other,
}

/// One line of an event.
#[derive(Debug, Clone, Copy)]
struct Line<'a> {
    field: Field,
    /// Up to where the value begins: `data: `, `data:`, `data`.
    prefix: &'a [u8],
    value: &'a [u8],
    /// CR, LF, CRLF, or nothing at the end of a stream.
    end: &'a [u8],
}

fn event(raw: &[u8]) -> Event<'_> {
    let mut event = Event { raw, name: None, data: Cow::Borrowed(&[]) };
    let mut has_data = false;
    for line in lines(raw) {
        match line.field {
            Field::Data if has_data => {
                let joined = event.data.to_mut();
                joined.push(b'\n');
                joined.extend_from_slice(line.value);
            }
            Field::Data => {
                event.data = Cow::Borrowed(line.value);
                has_data = true;
            }
            Field::Name => event.name = std::str::from_utf8(line.value).ok().filter(|name| !name.is_empty()),
            Field::Other => {}
        }
    }
    event
}

/// The lines of an event, the blank one included. Their parts put together are `raw`.
fn lines(mut raw: &[u8]) -> impl Iterator<Item = Line<'_>> {
    std::iter::from_fn(move || {
        let length = memchr2(b'\n', b'\r', raw).unwrap_or(raw.len());
        let (content, rest) = raw.split_at_checked(length)?;
        let end_length = match rest {
            [] if content.is_empty() => return None,
            [b'\r', b'\n', ..] => 2,
            [] => 0,
            [_, ..] => 1,
        };
        let (end, rest) = rest.split_at_checked(end_length)?;
        raw = rest;
        let (field, prefix_length) = field(content);
        let (prefix, value) = content.split_at_checked(prefix_length)?;
        Some(Line { field, prefix, value, end })
    })
}

/// Which field a line is, and where its value begins.
fn field(line: &[u8]) -> (Field, usize) {
    let (field, name_length) = match line {
        [b'd', b'a', b't', b'a', ..] => (Field::Data, 4),
        [b'e', b'v', b'e', b'n', b't', ..] => (Field::Name, 5),
        _ => return (Field::Other, 0),
    };
    match line.get(name_length..) {
        Some([b':', b' ', ..]) => (field, name_length + 2),
        Some([b':', ..]) => (field, name_length + 1),
        Some([]) => (field, name_length),
        Some([_, ..]) | None => (Field::Other, 0),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::assert_chunk_invariant;

    type Owned = (Vec<u8>, Option<String>, Vec<u8>);

    struct Outcome {
        events: Vec<Owned>,
        rest: Vec<u8>,
        result: Result<(), Unreadable>,
    }

    fn run(chunks: &[&[u8]], limits: &Limits) -> Outcome {
        let mut events: Vec<Owned> = Vec::new();
        let mut each = |event: Event<'_>| {
            events.push((event.raw.to_vec(), event.name.map(str::to_owned), event.data.into_owned()));
        };
        let mut reader = SseReader::new(limits);
        let mut chunks = chunks.iter();
        let result = chunks.try_for_each(|chunk| reader.push(chunk, &mut each));
        if result.is_ok() {
            reader.finish(&mut each);
        }
        let unread = chunks.flat_map(|chunk| chunk.iter());
        let rest = reader.held().iter().chain(unread).copied().collect();
        Outcome { events, rest, result }
    }

    /// Checks the stream at all cuts, that no byte is lost, and returns the events.
    fn read(stream: &[u8], limits: &Limits) -> (Vec<Owned>, Result<(), Unreadable>) {
        assert_chunk_invariant(stream, |chunks| {
            let outcome = run(chunks, limits);
            (outcome.events, outcome.rest, outcome.result)
        });
        let Outcome { events, rest, result } = run(&[stream], limits);
        let raw: Vec<u8> = events.iter().flat_map(|(raw, _, _)| raw.iter()).chain(&rest).copied().collect();
        assert_eq!(raw, stream);
        (events, result)
    }

    fn check(stream: &str, expected: &[(&str, Option<&str>, &str)]) {
        let (events, result) = read(stream.as_bytes(), &Limits::default());
        let expected: Vec<Owned> =
            expected.iter().map(|(raw, name, data)| ((*raw).into(), name.map(str::to_owned), (*data).into())).collect();
        assert_eq!((events, result), (expected, Ok(())), "{stream:?}");
    }

    #[test]
    fn events_are_read_with_their_bytes() {
        check(
            "event: delta\ndata: {\"v\":1}\n\n",
            &[("event: delta\ndata: {\"v\":1}\n\n", Some("delta"), "{\"v\":1}")],
        );
        check("data:a\n\ndata: b\n\n", &[("data:a\n\n", None, "a"), ("data: b\n\n", None, "b")]);
        check("data:  a\n\n", &[("data:  a\n\n", None, " a")]);
        check("data: a\ndata\ndata: b\nid: 7\n\n", &[("data: a\ndata\ndata: b\nid: 7\n\n", None, "a\n\nb")]);
        check("event: a\nevent:b\nevent\n\n", &[("event: a\nevent:b\nevent\n\n", None, "")]);
        check("datax: a\neventual: b\n data: c\n\n", &[("datax: a\neventual: b\n data: c\n\n", None, "")]);
    }

    #[test]
    fn all_line_ends_and_mixtures_of_them_are_read() {
        for end in ["\n", "\r", "\r\n"] {
            let first = format!("data: a{end}{end}");
            let second = format!("data: b{end}data: c{end}{end}");
            check(&format!("{first}{second}"), &[(&first, None, "a"), (&second, None, "b\nc")]);
        }
        check("data: a\r\n\n", &[("data: a\r\n\n", None, "a")]);
        check("data: a\n\r\ndata: b\r\r\n", &[("data: a\n\r\n", None, "a"), ("data: b\r\r\n", None, "b")]);
        check("data: a\n\r", &[("data: a\n\r", None, "a")]);
    }

    #[test]
    fn comments_blank_lines_and_a_byte_order_mark_lose_no_byte() {
        check(": ping\n\n", &[(": ping\n\n", None, "")]);
        check("\n\ndata: a\n\n", &[("\n", None, ""), ("\n", None, ""), ("data: a\n\n", None, "a")]);
        check(
            "\u{FEFF}data: a\n\n\u{FEFF}data: b\n\n",
            &[("\u{FEFF}", None, ""), ("data: a\n\n", None, "a"), ("\u{FEFF}data: b\n\n", None, "")],
        );
        check("\u{FEFF}\ndata: a\n\n", &[("\u{FEFF}", None, ""), ("\n", None, ""), ("data: a\n\n", None, "a")]);
        check("", &[]);
    }

    #[test]
    fn the_last_event_is_given_without_its_blank_line() {
        check("data: a\n\ndata: b", &[("data: a\n\n", None, "a"), ("data: b", None, "b")]);
        check("data: a\r", &[("data: a\r", None, "a")]);
    }

    #[test]
    fn a_name_that_is_no_utf8_is_none() {
        let (events, _) = read(b"event: \xFF\ndata: \xFF\n\n", &Limits::default());
        assert_eq!(events, [(b"event: \xFF\ndata: \xFF\n\n".to_vec(), None, b"\xFF".to_vec())]);
    }

    #[test]
    fn an_event_over_the_limit_is_refused_and_its_bytes_are_kept() {
        let limits = Limits { event_bytes: 12, ..Limits::default() };
        let over = Err(Unreadable::TooLarge { what: "stream event", limit: 12 });
        assert_eq!(read(b"data: 1234\n\n", &limits).1, Ok(()));
        assert_eq!(read(b"data: 12345", &limits).1, Ok(()));
        let (events, result) = read(b"data: ok\n\ndata: 12345\n\ndata: x\n\n", &limits);
        assert_eq!((events.len(), result), (1, over.clone()));
        assert_eq!(read(b"data: 1234567", &limits).1, over);

        let mut reader = SseReader::new(&limits);
        let long = b"data: 1234567";
        assert_eq!(reader.push(long, &mut |_| {}), over);
        assert_eq!(reader.push(b"\n\n", &mut |_| {}), over);
        assert_eq!(reader.held(), b"data: 1234567\n\n");
    }

    #[test]
    fn debug_shows_no_content() {
        let Outcome { events, .. } = run(&[b"data: hunter2\n\n"], &Limits::default());
        assert!(!format!("{:?}", event(&events[0].0)).contains("hunter2"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn any_bytes_give_the_same_events_at_any_cut(stream in "[\\n\\r:ade tvn\u{FEFF}]{0,60}", limit in 1_usize..70) {
            let (events, result) = read(stream.as_bytes(), &Limits { event_bytes: limit, ..Limits::default() });
            prop_assert!(result.is_err() || events.iter().all(|(raw, _, _)| raw.len() <= limit.max(3)));
        }
    }
}
