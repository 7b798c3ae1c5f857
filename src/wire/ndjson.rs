//! Newline-delimited documents (NDJSON, JSON lines): from stream bytes to lines and back, without losing a byte.
//! Does not parse the documents.

use memchr::memchr;

use crate::wire::{Limits, Unreadable};

/// One line. The `raw` of all lines together are the stream.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// All its bytes, with its line end.
    pub raw: &'a [u8],
    /// Without its LF or CRLF; empty for a blank line.
    pub data: &'a [u8],
}

impl std::fmt::Debug for Line<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Line({} bytes)", self.raw.len())
    }
}

/// Cuts a stream into lines. Holds one incomplete line, at most `limits.event_bytes` and the chunk that went over it.
#[derive(Debug)]
pub struct NdjsonReader {
    line_bytes_max: usize,
    held: Vec<u8>,
    /// Bytes of `held` that are known to have no line end.
    searched: usize,
}

impl NdjsonReader {
    /// Bounded by `limits.event_bytes`.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self { line_bytes_max: limits.event_bytes, held: Vec::new(), searched: 0 }
    }

    /// Takes stream bytes in and gives every line that they complete.
    ///
    /// # Errors
    /// [`Unreadable::TooLarge`] for a line over the limit. All lines before it have been given;
    /// [`NdjsonReader::held`] has the bytes from it on. Further pushes fail too.
    pub fn push(&mut self, bytes: &[u8], each: &mut dyn FnMut(Line<'_>)) -> Result<(), Unreadable> {
        if self.held.is_empty() {
            let (given, result) = self.lines(bytes, each);
            self.held.extend_from_slice(bytes.get(given..).unwrap_or_default());
            return result;
        }
        let mut held = std::mem::take(&mut self.held);
        held.extend_from_slice(bytes);
        let (given, result) = self.lines(&held, each);
        held.drain(..given);
        self.held = held;
        result
    }

    /// The end of the stream: what is held is the last line.
    pub fn finish(&mut self, each: &mut dyn FnMut(Line<'_>)) {
        self.searched = 0;
        let held = std::mem::take(&mut self.held);
        if !held.is_empty() {
            each(line(&held));
        }
    }

    /// The bytes taken in that no line has given out.
    #[must_use]
    pub fn held(&self) -> &[u8] {
        &self.held
    }

    /// Gives all complete lines at the start of `bytes`; says how many bytes they were.
    fn lines(&mut self, bytes: &[u8], each: &mut dyn FnMut(Line<'_>)) -> (usize, Result<(), Unreadable>) {
        let mut given = 0;
        loop {
            let rest = bytes.get(given..).unwrap_or_default();
            let distance = rest.get(self.searched..).and_then(|unsearched| memchr(b'\n', unsearched));
            let length = distance.map(|distance| self.searched + distance + 1);
            if length.unwrap_or(rest.len()) > self.line_bytes_max {
                self.searched = 0;
                return (given, Err(Unreadable::TooLarge { what: "stream line", limit: self.line_bytes_max }));
            }
            let Some(raw) = length.and_then(|length| rest.get(..length)) else {
                self.searched = rest.len();
                return (given, Ok(()));
            };
            each(line(raw));
            self.searched = 0;
            given += raw.len();
        }
    }
}

/// Appends the line `raw` with other `data`, which must have no line feed; its line end stays.
pub fn rewrite(raw: &[u8], data: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(data);
    out.extend_from_slice(raw.get(line(raw).data.len()..).unwrap_or_default());
}

/// Appends a new line. `data` must have no line feed.
pub fn write(data: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(data);
    out.push(b'\n');
}

fn line(raw: &[u8]) -> Line<'_> {
    let data = raw.strip_suffix(b"\n").map_or(raw, |line| line.strip_suffix(b"\r").unwrap_or(line));
    Line { raw, data }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::assert_chunk_invariant;

    type Outcome = (Vec<(Vec<u8>, Vec<u8>)>, Result<(), Unreadable>, Vec<u8>);

    fn run(chunks: &[&[u8]], limits: &Limits) -> Outcome {
        let mut lines = Vec::new();
        let mut each = |line: Line<'_>| lines.push((line.raw.to_vec(), line.data.to_vec()));
        let mut reader = NdjsonReader::new(limits);
        let mut chunks = chunks.iter();
        let result = chunks.try_for_each(|chunk| reader.push(chunk, &mut each));
        if result.is_ok() {
            reader.finish(&mut each);
        }
        let unread = chunks.flat_map(|chunk| chunk.iter());
        let rest = reader.held().iter().chain(unread).copied().collect();
        (lines, result, rest)
    }

    /// Checks the stream at all cuts, that no byte is lost, and returns the data of the lines.
    fn read(stream: &[u8], limits: &Limits) -> (Vec<Vec<u8>>, Result<(), Unreadable>) {
        assert_chunk_invariant(stream, |chunks| run(chunks, limits));
        let (lines, result, rest) = run(&[stream], limits);
        let raw: Vec<u8> = lines.iter().flat_map(|(raw, _)| raw.iter()).chain(&rest).copied().collect();
        assert_eq!(raw, stream);
        (lines.into_iter().map(|(_, data)| data).collect(), result)
    }

    fn check(stream: &[u8], expected: &[&[u8]]) {
        assert_eq!(read(stream, &Limits::default()), (expected.iter().map(|data| data.to_vec()).collect(), Ok(())));
    }

    #[test]
    fn lines_are_read_with_any_line_end_or_none() {
        check(b"{\"a\":1}\n{\"a\":2}\r\n\n{\"a\":3}", &[b"{\"a\":1}", b"{\"a\":2}", b"", b"{\"a\":3}"]);
        check(b"a\rb\n", &[b"a\rb"]);
        check(b"a\r", &[b"a\r"]);
        check(b"", &[]);
    }

    #[test]
    fn a_line_over_the_limit_is_refused_and_its_bytes_are_kept() {
        let limits = Limits { event_bytes: 4, ..Limits::default() };
        let over = Err(Unreadable::TooLarge { what: "stream line", limit: 4 });
        assert_eq!(read(b"abc\nabcd", &limits).1, Ok(()));
        assert_eq!(read(b"a\nabcd\nb\n", &limits), (vec![b"a".to_vec()], over));
    }

    #[test]
    fn a_rewritten_line_keeps_its_line_end() {
        for (raw, expected) in [("old\r\n", "new\r\n"), ("old\n", "new\n"), ("old", "new"), ("\n", "new\n")] {
            let mut out = Vec::new();
            rewrite(raw.as_bytes(), b"new", &mut out);
            assert_eq!(out, expected.as_bytes());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn any_bytes_give_the_same_lines_at_any_cut(stream in "[\\n\\r{}a]{0,50}", limit in 1_usize..60) {
            let (lines, result) = read(stream.as_bytes(), &Limits { event_bytes: limit, ..Limits::default() });
            prop_assert!(result.is_err() || lines.iter().all(|data| data.len() <= limit));
        }

        #[test]
        fn what_is_written_is_read(documents in proptest::collection::vec("[a-z{}\r]{0,6}[a-z]", 0..6)) {
            let mut stream = Vec::new();
            documents.iter().for_each(|document| write(document.as_bytes(), &mut stream));
            let expected: Vec<Vec<u8>> = documents.into_iter().map(String::into_bytes).collect();
            prop_assert_eq!(read(&stream, &Limits::default()), (expected, Ok(())));
        }
    }
}
