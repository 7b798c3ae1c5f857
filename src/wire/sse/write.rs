//! Writing events: a changed one in the clothes of the old one, and new ones. Does not decide what to write.

use memchr::memchr2;

use super::{Field, Line, lines};

/// Appends the event `raw` with other `data`. Its name, id, comments, unknown fields, line ends and manner of writing
/// `data:` stay; the new data stand where the first `data` line was. An event without one gets it before its blank line.
pub fn rewrite(raw: &[u8], data: &[u8], out: &mut Vec<u8>) {
    let has_data = lines(raw).any(|line| line.field == Field::Data);
    let line_end = lines(raw).map(|line| line.end).find(|end| !end.is_empty()).unwrap_or(b"\n");
    let mut written = false;
    for line in lines(raw) {
        let blank = line.prefix.is_empty() && line.value.is_empty();
        if line.field == Field::Data {
            if !written {
                data_lines(Some(&line), line_end, data, out);
            }
            written = true;
            continue;
        }
        if blank && !has_data && !written {
            data_lines(None, line_end, data, out);
            written = true;
        }
        for part in [line.prefix, line.value, line.end] {
            out.extend_from_slice(part);
        }
    }
}

/// Appends a new event with `\n` line ends. `name` must not have line breaks; those in `data` make further `data` lines.
pub fn write(name: Option<&str>, data: &[u8], out: &mut Vec<u8>) {
    if let Some(name) = name {
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(name.as_bytes());
        out.push(b'\n');
    }
    data_lines(None, b"\n", data, out);
    out.push(b'\n');
}

/// Writes `data` as `data` lines in the manner of `model`. The last line ends as the model does: at the end of a stream
/// that is not at all.
fn data_lines(model: Option<&Line<'_>>, line_end: &[u8], data: &[u8], out: &mut Vec<u8>) {
    let mut rest = Some(data);
    while let Some(text) = rest {
        let (line, after) = split_line(text);
        rest = after;
        let spaced = line.first() == Some(&b' ') || model.is_none();
        out.extend_from_slice(match model.map(|model| model.prefix) {
            Some(b"data") if line.is_empty() => b"data",
            Some(b"data:") if !spaced => b"data:",
            _ => b"data: ",
        });
        out.extend_from_slice(line);
        out.extend_from_slice(match (rest, model) {
            (None, Some(model)) => model.end,
            (Some(_), _) | (None, None) => line_end,
        });
    }
}

/// The first line of `text`, and what follows its CR, LF or CRLF.
fn split_line(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    let Some((line, rest)) = memchr2(b'\n', b'\r', text).and_then(|at| text.split_at_checked(at)) else {
        return (text, None);
    };
    let after = rest.strip_prefix(b"\r\n").or_else(|| rest.get(1..));
    (line, after)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::Limits;
    use crate::wire::sse::SseReader;

    fn rewritten(raw: &str, data: &str) -> String {
        let mut out = Vec::new();
        rewrite(raw.as_bytes(), data.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    }

    /// Name and data of each event.
    fn events(stream: &[u8]) -> Vec<(Option<String>, Vec<u8>)> {
        let mut events = Vec::new();
        let mut reader = SseReader::new(&Limits::default());
        let mut each = |event: crate::wire::sse::Event<'_>| {
            events.push((event.name.map(str::to_owned), event.data.into_owned()));
        };
        reader.push(stream, &mut each).unwrap();
        reader.finish(&mut each);
        events
    }

    #[test]
    fn everything_but_the_data_stays() {
        for (raw, data, expected) in [
            ("event: a\r\nid: 1\r\ndata: x\r\n: c\r\n\r\n", "new", "event: a\r\nid: 1\r\ndata: new\r\n: c\r\n\r\n"),
            ("data:x\n\n", "new", "data:new\n\n"),
            ("data:x\n\n", " new", "data:  new\n\n"),
            ("data\n\n", "", "data\n\n"),
            ("data\n\n", "new", "data: new\n\n"),
            ("data: a\nid: 1\ndata: b\n\n", "new", "data: new\nid: 1\n\n"),
            ("data: a\n\n", "x\ny", "data: x\ndata: y\n\n"),
            ("data: a\r\r", "x\ny", "data: x\rdata: y\r\r"),
            ("data: a", "x\ny", "data: x\ndata: y"),
            ("id: 1\ndata: a", "x", "id: 1\ndata: x"),
            (": ping\n\n", "x", ": ping\ndata: x\n\n"),
        ] {
            assert_eq!(rewritten(raw, data), expected, "{raw:?}");
        }
    }

    #[test]
    fn a_new_event_is_written_plainly() {
        let mut out = Vec::new();
        write(Some("delta"), b"{}", &mut out);
        write(None, b"[DONE]", &mut out);
        write(None, b"", &mut out);
        assert_eq!(out, b"event: delta\ndata: {}\n\ndata: [DONE]\n\ndata: \n\n");
    }

    proptest! {
        #[test]
        fn a_rewritten_event_reads_as_the_same_event_with_the_new_data(
            before in "(event: [a-c]{1,3}|id: 1|: c)?", data in "[a-c \n]{0,12}", old in "(data: |data:)[x ]{0,6}",
            after in "(retry: 1|: d)?", end in prop_oneof![Just("\n"), Just("\r"), Just("\r\n")],
        ) {
            let raw: String = [&*before, &*old, &*after].iter().filter(|line| !line.is_empty()).map(|line| format!("{line}{end}")).collect();
            let raw = format!("{raw}{end}");
            let out = rewritten(&raw, &data);
            let [(name, _)] = &events(raw.as_bytes())[..] else { panic!("one event: {raw:?}") };
            prop_assert_eq!(events(out.as_bytes()), [(name.clone(), data.into_bytes())]);
            let [(_, old_data)] = &events(raw.as_bytes())[..] else { panic!("one event") };
            prop_assert_eq!(rewritten(&raw, std::str::from_utf8(old_data).unwrap()), raw);
        }

        #[test]
        fn what_is_written_is_read(name in "([a-z.]{1,8})?", data in "[a-z: \n]{0,20}") {
            let name = Some(name).filter(|name| !name.is_empty());
            let mut out = Vec::new();
            write(name.as_deref(), data.as_bytes(), &mut out);
            prop_assert_eq!(events(&out), [(name, data.into_bytes())]);
        }
    }
}
