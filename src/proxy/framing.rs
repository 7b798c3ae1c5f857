//! The framing of HTTP/1.1 requests, watched on the raw bytes while hyper parses them. hyper re-serialises what it
//! forwards, but it repairs more than a proxy should (it drops the Content-Length beside a Transfer-Encoding, merges equal
//! lengths, takes bare LF), and a repaired request hides an attempt. Pure: finds faults, refuses nothing itself.
//!
//! The watch follows every message to its end, so a second request on the connection is looked at as well. Where it
//! loses track (a body that breaks the chunk grammar) hyper closes the connection.

use memchr::memchr;

/// What is wrong with a request's framing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Two readers would end the body at different places.
    #[error("both content-length and transfer-encoding")]
    LengthAndCoding,
    /// More than one length, even if equal.
    #[error("more than one content-length")]
    TwoLengths,
    /// Anything but `chunked` alone.
    #[error("a transfer-encoding other than exactly `chunked`")]
    Coding,
    /// A line that ends in LF without CR.
    #[error("a header line without CR")]
    BareLineFeed,
    /// No host, or several.
    #[error("not exactly one host header")]
    Host,
    /// A line that is no `name: value`.
    #[error("a header line without a proper name")]
    Line,
}

/// Where in a message the connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Between messages.
    Idle,
    /// A head has begun.
    Head,
    /// In a body.
    Body,
    /// No longer HTTP/1.1 requests: upgraded, CONNECT, or lost track.
    Off,
}

/// Bytes of one line; longer ones end the watch (hyper answers 431 before that).
const LINE_MAX: usize = 128 << 10;

/// The watch over one connection.
#[derive(Debug, Default)]
pub struct Framing {
    state: State,
    line: Vec<u8>,
    head: Head,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Head,
    Body(u64),
    ChunkSize,
    /// Data and the CRLF behind it.
    Chunk(u64),
    Trailers,
    Off,
}

/// What a head has said so far.
#[derive(Debug, Default, Clone)]
struct Head {
    n_lines: usize,
    version_1_0: bool,
    connect: bool,
    lengths: usize,
    length: u64,
    codings: usize,
    chunked: bool,
    hosts: usize,
    upgrade: bool,
    fault: Option<Fault>,
}

impl Framing {
    /// Watches nothing.
    #[must_use]
    pub fn off() -> Self {
        Self { state: State::Off, ..Self::default() }
    }

    /// Takes the next bytes from the client.
    ///
    /// # Errors
    /// The first fault of a head that ends in these bytes.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let mut rest = bytes;
        while !rest.is_empty() {
            rest = match self.state {
                State::Off => return Ok(()),
                State::Body(left) => self.skip(rest, left, State::Head, State::Body),
                State::Chunk(left) => self.skip(rest, left, State::ChunkSize, State::Chunk),
                State::Head | State::ChunkSize | State::Trailers => self.take_line(rest)?,
            };
        }
        Ok(())
    }

    /// Where the connection is.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match self.state {
            State::Off => Phase::Off,
            State::Head if self.head.n_lines == 0 && self.line.is_empty() => Phase::Idle,
            State::Head => Phase::Head,
            State::Body(_) | State::ChunkSize | State::Chunk(_) | State::Trailers => Phase::Body,
        }
    }

    fn skip<'a>(&mut self, bytes: &'a [u8], left: u64, after: State, within: fn(u64) -> State) -> &'a [u8] {
        let here = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let left = left - here as u64;
        self.state = if left == 0 { after } else { within(left) };
        bytes.get(here..).unwrap_or_default()
    }

    fn take_line<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], Fault> {
        let Some(end) = memchr(b'\n', bytes) else {
            self.line.extend_from_slice(bytes);
            if self.line.len() > LINE_MAX {
                self.give_up();
            }
            return Ok(&[]);
        };
        let (piece, rest) = bytes.split_at(end + 1);
        let mut line = std::mem::take(&mut self.line);
        line.extend_from_slice(piece);
        let outcome = self.line(&line);
        line.clear();
        // Kept for the next line, unless it has grown out of proportion.
        if line.capacity() <= 4096 && self.state != State::Off {
            self.line = line;
        }
        outcome.map(|()| rest)
    }

    fn line(&mut self, line: &[u8]) -> Result<(), Fault> {
        match self.state {
            State::Head => self.head_line(line),
            State::ChunkSize => {
                self.state = match chunk_size(line) {
                    Some(0) => State::Trailers,
                    Some(n) => State::Chunk(n.saturating_add(2)),
                    None => State::Off,
                };
                Ok(())
            }
            State::Trailers => {
                if line == b"\r\n" || line == b"\n" {
                    self.state = State::Head;
                }
                Ok(())
            }
            State::Body(_) | State::Chunk(_) | State::Off => Ok(()),
        }
    }

    fn head_line(&mut self, line: &[u8]) -> Result<(), Fault> {
        let (content, ended_well) = match line {
            [content @ .., b'\r', b'\n'] => (content, true),
            [content @ .., b'\n'] => (content, false),
            _ => (line, false),
        };
        if content.is_empty() && self.head.n_lines == 0 {
            // RFC 9112 §2.2: an empty line before the request line is skipped.
            return Ok(());
        }
        if !ended_well {
            self.head.fault.get_or_insert(Fault::BareLineFeed);
        }
        if content.is_empty() {
            return self.end_of_head();
        }
        if self.head.n_lines == 0 {
            self.head.connect = content.starts_with(b"CONNECT ");
            self.head.version_1_0 = content.ends_with(b"HTTP/1.0");
        } else {
            self.head.field(content);
        }
        self.head.n_lines += 1;
        Ok(())
    }

    fn end_of_head(&mut self) -> Result<(), Fault> {
        let head = std::mem::take(&mut self.head);
        self.state = match () {
            () if head.connect || head.upgrade => State::Off,
            () if head.codings > 0 => State::ChunkSize,
            () if head.length > 0 => State::Body(head.length),
            () => State::Head,
        };
        head.judge()
    }

    fn give_up(&mut self) {
        self.state = State::Off;
        self.line = Vec::new();
    }
}

impl Head {
    fn field(&mut self, line: &[u8]) {
        let Some(colon) = memchr(b':', line) else {
            self.fault.get_or_insert(Fault::Line);
            return;
        };
        let (name, value) = line.split_at(colon);
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        if name.is_empty() || !name.iter().all(|byte| is_token(*byte)) {
            self.fault.get_or_insert(Fault::Line);
        }
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => self.hosts += 1,
            7 if name.eq_ignore_ascii_case(b"upgrade") => self.upgrade = true,
            14 if name.eq_ignore_ascii_case(b"content-length") => {
                self.lengths += 1;
                self.length = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()).unwrap_or(0);
            }
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                self.codings += 1;
                self.chunked = value.eq_ignore_ascii_case(b"chunked");
            }
            _ => {}
        }
    }

    fn judge(self) -> Result<(), Fault> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        if self.codings > 0 && self.lengths > 0 {
            return Err(Fault::LengthAndCoding);
        }
        if self.lengths > 1 {
            return Err(Fault::TwoLengths);
        }
        if self.codings > 1 || (self.codings == 1 && !self.chunked) {
            return Err(Fault::Coding);
        }
        let hosts_wrong = self.hosts > 1 || (self.hosts == 0 && !self.version_1_0);
        if hosts_wrong { Err(Fault::Host) } else { Ok(()) }
    }
}

/// RFC 9110 §5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn chunk_size(line: &[u8]) -> Option<u64> {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let text = std::str::from_utf8(line.get(..digits)?).ok()?;
    u64::from_str_radix(text, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(bytes: &[u8]) -> Result<Phase, Fault> {
        let mut framing = Framing::default();
        framing.push(bytes).map(|()| framing.phase())
    }

    /// The same bytes, cut at every place: same outcome.
    fn check(bytes: &[u8], expect: Result<Phase, Fault>) {
        let text = String::from_utf8_lossy(bytes).into_owned();
        assert_eq!(whole(bytes), expect, "{text}");
        for cut in 0..=bytes.len() {
            let (front, back) = bytes.split_at(cut);
            let mut framing = Framing::default();
            let outcome = framing.push(front).and_then(|()| framing.push(back)).map(|()| framing.phase());
            assert_eq!(outcome, expect, "cut at {cut}: {text}");
        }
    }

    #[test]
    fn proper_requests_pass_and_leave_the_connection_idle() {
        check(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", Ok(Phase::Idle));
        check(
            b"\r\nPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            Ok(Phase::Idle),
        );
        check(
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: 1\r\n\r\n",
            Ok(Phase::Idle),
        );
        check(b"GET / HTTP/1.0\r\n\r\n", Ok(Phase::Idle));
    }

    #[test]
    fn what_two_readers_could_take_differently_is_a_fault() {
        let head = |fields: &str| format!("POST / HTTP/1.1\r\nHost: a\r\n{fields}\r\n").into_bytes();
        check(&head("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"), Err(Fault::LengthAndCoding));
        check(&head("transfer-encoding: chunked\r\ncontent-length: 3\r\n"), Err(Fault::LengthAndCoding));
        check(&head("Content-Length: 3\r\ncontent-length: 3\r\n"), Err(Fault::TwoLengths));
        check(&head("Transfer-Encoding: gzip, chunked\r\n"), Err(Fault::Coding));
        check(&head("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), Err(Fault::Coding));
        check(&head("Transfer-Encoding: xchunked\r\n"), Err(Fault::Coding));
        check(&head("X: y\n"), Err(Fault::BareLineFeed));
        check(&head("Host: b\r\n"), Err(Fault::Host));
        check(&head("X y\r\n"), Err(Fault::Line));
        check(&head("Content-Length : 3\r\n"), Err(Fault::Line));
        check(&head(" Content-Length: 3\r\n"), Err(Fault::Line));
        check(b"GET / HTTP/1.1\r\n\r\n", Err(Fault::Host));
    }

    #[test]
    fn a_fault_in_the_second_request_is_found() {
        let second = b"GET / HTTP/1.1\r\nHost: a\r\n\r\nPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n";
        check(second, Err(Fault::TwoLengths));
        let behind_chunks = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n";
        check(behind_chunks, Err(Fault::Host));
    }

    #[test]
    fn phases_tell_a_slow_head_from_an_idle_connection() {
        check(b"", Ok(Phase::Idle));
        check(b"G", Ok(Phase::Head));
        check(b"GET / HTTP/1.1\r\nHost", Ok(Phase::Head));
        check(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc", Ok(Phase::Body));
        check(b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n\x16\x03\x01", Ok(Phase::Off));
        check(b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n\x81\n\n", Ok(Phase::Off));
    }
}
