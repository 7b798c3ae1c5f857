//! WebSocket frames (RFC 6455 §5): from stream bytes to whole messages and back. Does not do the handshake, never
//! negotiates an extension, and answers neither pings nor closes: it tells of them.

mod frame;

use crate::wire::{Limits, Unreadable};
use frame::{Head, Opcode};

/// Payload of a control frame, RFC 6455 §5.5.
const CONTROL_MAX: usize = 125;

/// Which side sends the frames. Clients must mask theirs, servers must not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Frames from a browser or tool.
    Client,
    /// Frames from a site.
    Server,
}

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8, checked.
    Text,
    /// Any bytes.
    Binary,
    /// At most 125 bytes; to be answered with a pong.
    Ping,
    /// At most 125 bytes.
    Pong,
    /// Empty, or a status code (two bytes, big-endian) and a reason in UTF-8. Nothing may follow it.
    Close,
}

/// A whole message: fragments joined, mask removed.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// What it is.
    pub kind: Kind,
    /// At most `limits.event_bytes`.
    pub payload: Vec<u8>,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}({} bytes)", self.kind, self.payload.len())
    }
}

/// Reads the frames that one side sends.
///
/// Holds the message that is not yet complete, at most `limits.event_bytes`, and one control frame. Any breach of the
/// protocol is an error, after which the connection must be closed: further pushes fail too.
pub struct FrameReader {
    role: Role,
    message_bytes_max: usize,
    /// Bytes of a frame's head that is not complete, at most 14.
    head: Vec<u8>,
    /// The frame whose payload is being read.
    frame: Option<Head>,
    /// Bytes of its payload read so far.
    frame_read: usize,
    /// A fragmented message waits for its next frame.
    open: Option<Kind>,
    message: Vec<u8>,
    control: Vec<u8>,
    /// All bytes taken in, for errors.
    at: usize,
    ended: Option<Ended>,
}

#[derive(Clone, PartialEq, Eq)]
enum Ended {
    Closed,
    Broken(Unreadable),
}

impl std::fmt::Debug for FrameReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FrameReader({:?}, {} bytes held)", self.role, self.message.len() + self.control.len())
    }
}

impl FrameReader {
    /// `role` is the side that sends the frames.
    #[must_use]
    pub fn new(role: Role, limits: &Limits) -> Self {
        Self {
            role,
            message_bytes_max: limits.event_bytes,
            head: Vec::new(),
            frame: None,
            frame_read: 0,
            open: None,
            message: Vec::new(),
            control: Vec::new(),
            at: 0,
            ended: None,
        }
    }

    /// Takes stream bytes in and appends every message that they complete, control messages where they came, also
    /// between the fragments of another.
    ///
    /// # Errors
    /// [`Unreadable::Syntax`] for a breach of the protocol, [`Unreadable::Charset`] for text that is not UTF-8,
    /// [`Unreadable::TooLarge`] for a message over the limit. Messages before the error are in `out`.
    pub fn push(&mut self, mut bytes: &[u8], out: &mut Vec<Message>) -> Result<(), Unreadable> {
        while !bytes.is_empty() {
            let result = match &self.ended {
                Some(Ended::Broken(error)) => return Err(error.clone()),
                Some(Ended::Closed) => Err(self.wrong("a frame after the close frame")),
                None if self.frame.is_none() => self.read_head(&mut bytes, out),
                None => self.read_payload(&mut bytes, out),
            };
            if let Err(error) = result {
                self.ended = Some(Ended::Broken(error.clone()));
                return Err(error);
            }
        }
        Ok(())
    }

    /// A close frame has been read.
    #[must_use]
    pub fn closed(&self) -> bool {
        self.ended == Some(Ended::Closed)
    }

    /// Takes one byte of the head: heads are short, and each byte may settle how long this one is.
    fn read_head(&mut self, bytes: &mut &[u8], out: &mut Vec<Message>) -> Result<(), Unreadable> {
        let Some((byte, rest)) = bytes.split_first() else { return Ok(()) };
        *bytes = rest;
        self.head.push(*byte);
        self.at += 1;
        let Some(head) = Head::read(&self.head, self.role).map_err(|why| self.wrong(why))? else { return Ok(()) };
        self.head.clear();
        self.admit(&head)?;
        let empty = head.length == 0;
        self.frame = Some(head);
        self.frame_read = 0;
        if empty { self.end_frame(out) } else { Ok(()) }
    }

    /// Whether this frame may stand here and is small enough.
    fn admit(&mut self, head: &Head) -> Result<(), Unreadable> {
        match (head.opcode, self.open) {
            (Opcode::Continuation, None) => return Err(self.wrong("a continuation without a beginning")),
            (Opcode::Begin(_), Some(_)) => return Err(self.wrong("a new message within a fragmented one")),
            (Opcode::Begin(kind), None) => self.open = Some(kind),
            (Opcode::Control(_), _) | (Opcode::Continuation, Some(_)) => {}
        }
        let limit = self.message_bytes_max;
        let fits = match head.opcode {
            // Bounded by the protocol.
            Opcode::Control(_) => true,
            Opcode::Begin(_) | Opcode::Continuation => {
                u64::try_from(limit.saturating_sub(self.message.len())).is_ok_and(|room| head.length <= room)
            }
        };
        if fits { Ok(()) } else { Err(Unreadable::TooLarge { what: "websocket message", limit }) }
    }

    fn read_payload(&mut self, bytes: &mut &[u8], out: &mut Vec<Message>) -> Result<(), Unreadable> {
        let Some(head) = &self.frame else { return Ok(()) };
        let length = usize::try_from(head.length).unwrap_or(usize::MAX);
        let take = bytes.len().min(length - self.frame_read);
        let (payload, rest) = bytes.split_at_checked(take).unwrap_or_default();
        let joined = match head.opcode {
            Opcode::Control(_) => &mut self.control,
            Opcode::Begin(_) | Opcode::Continuation => &mut self.message,
        };
        let start = joined.len();
        joined.extend_from_slice(payload);
        if let (Some(mask), Some(added)) = (head.mask, joined.get_mut(start..)) {
            frame::apply_mask(mask, self.frame_read, added);
        }
        *bytes = rest;
        self.at += take;
        self.frame_read += take;
        if self.frame_read == length { self.end_frame(out) } else { Ok(()) }
    }

    fn end_frame(&mut self, out: &mut Vec<Message>) -> Result<(), Unreadable> {
        let Some(head) = self.frame.take() else { return Ok(()) };
        let message = match head.opcode {
            Opcode::Control(kind) => Message { kind, payload: std::mem::take(&mut self.control) },
            Opcode::Begin(_) | Opcode::Continuation => match self.open {
                Some(kind) if head.last => {
                    self.open = None;
                    Message { kind, payload: std::mem::take(&mut self.message) }
                }
                Some(_) | None => return Ok(()),
            },
        };
        match message.kind {
            Kind::Text if std::str::from_utf8(&message.payload).is_err() => {
                return Err(Unreadable::Charset { at: self.at });
            }
            Kind::Close if !frame::is_close_payload(&message.payload) => {
                return Err(self.wrong("a close frame with a forbidden code or reason"));
            }
            Kind::Close => self.ended = Some(Ended::Closed),
            Kind::Text | Kind::Binary | Kind::Ping | Kind::Pong => {}
        }
        out.push(message);
        Ok(())
    }

    fn wrong(&self, why: &'static str) -> Unreadable {
        Unreadable::Syntax { format: "websocket frame", at: self.at, why }
    }
}

/// Appends one unfragmented frame. `mask` for frames of a client: four fresh random bytes each. The payload of a
/// control frame must have at most 125 bytes; what is longer is cut off.
pub fn write(kind: Kind, payload: &[u8], mask: Option<[u8; 4]>, out: &mut Vec<u8>) {
    let payload = match kind {
        Kind::Text | Kind::Binary => payload,
        Kind::Ping | Kind::Pong | Kind::Close => payload.get(..CONTROL_MAX).unwrap_or(payload),
    };
    frame::write_head(kind, payload.len(), mask, out);
    let start = out.len();
    out.extend_from_slice(payload);
    if let (Some(mask), Some(added)) = (mask, out.get_mut(start..)) {
        frame::apply_mask(mask, 0, added);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::assert_chunk_invariant;

    const MASK: [u8; 4] = [0x37, 0xFA, 0x21, 0x3D];

    type Outcome = (Vec<Message>, Result<(), Unreadable>);

    /// Reads at all cuts.
    fn read(stream: &[u8], role: Role, limits: &Limits) -> Outcome {
        let run = |chunks: &[&[u8]]| -> Outcome {
            let mut out = Vec::new();
            let mut reader = FrameReader::new(role, limits);
            let result = chunks.iter().try_for_each(|chunk| reader.push(chunk, &mut out));
            (out, result)
        };
        assert_chunk_invariant(stream, run);
        run(&[stream])
    }

    fn server(stream: &[u8]) -> Outcome {
        read(stream, Role::Server, &Limits::default())
    }

    fn message(kind: Kind, payload: &[u8]) -> Message {
        Message { kind, payload: payload.to_vec() }
    }

    fn refused(stream: &[u8], role: Role, reason: &str) {
        match read(stream, role, &Limits::default()).1 {
            Err(Unreadable::Syntax { why, .. }) => assert_eq!(why, reason, "{stream:02x?}"),
            other => panic!("{stream:02x?}: {other:?}"),
        }
    }

    #[test]
    fn the_examples_of_the_rfc_are_read() {
        let hello = message(Kind::Text, b"Hello");
        assert_eq!(server(b"\x81\x05Hello"), (vec![hello.clone()], Ok(())));
        let masked = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
        assert_eq!(read(masked, Role::Client, &Limits::default()), (vec![hello.clone()], Ok(())));
        assert_eq!(server(b"\x01\x03Hel\x80\x02lo"), (vec![hello.clone()], Ok(())));
        assert_eq!(server(b"\x89\x05Hello").0, [message(Kind::Ping, b"Hello")]);
        let interleaved = server(b"\x01\x03Hel\x8a\x01x\x00\x00\x80\x02lo");
        assert_eq!(interleaved, (vec![message(Kind::Pong, b"x"), hello], Ok(())));
        let long = [&b"\x82\x7e\x01\x00"[..], &[7; 256]].concat();
        assert_eq!(server(&long).0, [message(Kind::Binary, &[7; 256])]);
        let longer = [&b"\x82\x7f\0\0\0\0\0\x01\0\0"[..], &[7; 65536]].concat();
        let mut out = Vec::new();
        FrameReader::new(Role::Server, &Limits::default()).push(&longer, &mut out).unwrap();
        assert_eq!(out, [message(Kind::Binary, &[7; 65536])]);
    }

    #[test]
    fn breaches_of_the_protocol_are_refused() {
        refused(b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", Role::Server, "a server's frame with a mask");
        refused(b"\x81\x05Hello", Role::Client, "a client's frame without a mask");
        for first in [0xC1, 0xA1, 0x91] {
            refused(&[first, 0], Role::Server, "an extension that was not negotiated");
        }
        for first in [0x83, 0x87, 0x8B, 0x8F] {
            refused(&[first, 0], Role::Server, "an unknown opcode");
        }
        refused(b"\x09\x00", Role::Server, "a fragmented control frame");
        refused(b"\x89\x7e\x00\x7e", Role::Server, "a control frame over 125 bytes");
        refused(b"\x82\x7e\x00\x7d", Role::Server, "a length that is not in its shortest form");
        refused(b"\x82\x7f\0\0\0\0\0\0\xff\xff", Role::Server, "a length that is not in its shortest form");
        refused(b"\x82\x7f\x80\0\0\0\0\0\0\0", Role::Server, "a length over 2^63");
        refused(b"\x80\x00", Role::Server, "a continuation without a beginning");
        refused(b"\x01\x01a\x81\x01b", Role::Server, "a new message within a fragmented one");
        refused(b"\x88\x00\x81\x00", Role::Server, "a frame after the close frame");
    }

    #[test]
    fn text_must_be_utf8_as_a_whole_but_may_be_cut_within_a_character() {
        assert_eq!(server(b"\x01\x01\xc3\x80\x01\xa9"), (vec![message(Kind::Text, "é".as_bytes())], Ok(())));
        assert_eq!(server(b"\x81\x01\xc3"), (vec![], Err(Unreadable::Charset { at: 3 })));
        assert_eq!(server(b"\x82\x01\xc3").1, Ok(()));
    }

    #[test]
    fn close_codes_are_those_that_may_be_sent() {
        let close = |payload: &[u8]| {
            let mut stream = Vec::new();
            write(Kind::Close, payload, None, &mut stream);
            server(&stream).1.is_ok()
        };
        assert!(close(b""));
        for code in [1000_u16, 1001, 1003, 1007, 1011, 1014, 3000, 4999] {
            assert!(close(&code.to_be_bytes()), "{code}");
        }
        for code in [0_u16, 999, 1004, 1005, 1006, 1015, 2999, 5000] {
            assert!(!close(&code.to_be_bytes()), "{code}");
        }
        assert!(close(b"\x03\xe8bye"));
        assert!(!close(b"\x03"));
        assert!(!close(b"\x03\xe8\xff"));
    }

    #[test]
    fn a_message_over_the_limit_is_refused_at_its_head() {
        let limits = Limits { event_bytes: 4, ..Limits::default() };
        let over = Err(Unreadable::TooLarge { what: "websocket message", limit: 4 });
        assert_eq!(read(b"\x82\x04abcd", Role::Server, &limits).1, Ok(()));
        assert_eq!(read(b"\x82\x05", Role::Server, &limits).1, over);
        assert_eq!(read(b"\x02\x03abc\x80\x02", Role::Server, &limits).1, over);
        assert_eq!(read(b"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", Role::Server, &limits).1, over);
        assert_eq!(read(b"\x02\x03abc\x89\x05Hello\x80\x01d", Role::Server, &limits).0.len(), 2);
    }

    #[test]
    fn an_error_stays() {
        let mut reader = FrameReader::new(Role::Server, &Limits::default());
        let mut out = Vec::new();
        let error = reader.push(b"\x83\x00\x81\x01x", &mut out);
        assert!(error.is_err() && out.is_empty());
        assert_eq!(reader.push(b"\x81\x01x", &mut out), error);
        assert!(!reader.closed());
    }

    #[test]
    fn debug_shows_no_content() {
        assert_eq!(format!("{:?}", message(Kind::Text, b"hunter2")), "Text(7 bytes)");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn what_is_written_is_read(
            messages in proptest::collection::vec((0_usize..4, "\\PC{0,40}"), 0..5), client in any::<bool>(), mask in any::<[u8; 4]>(),
        ) {
            let kinds = [Kind::Text, Kind::Binary, Kind::Ping, Kind::Pong];
            let mut stream = Vec::new();
            let mut expected = Vec::new();
            for (kind, text) in messages {
                let kind = kinds[kind];
                let payload = &text.as_bytes()[..text.len().min(if matches!(kind, Kind::Text | Kind::Binary) { text.len() } else { 125 })];
                write(kind, payload, client.then_some(mask), &mut stream);
                expected.push(message(kind, payload));
            }
            let role = if client { Role::Client } else { Role::Server };
            prop_assert_eq!(read(&stream, role, &Limits::default()), (expected, Ok(())));
        }

        #[test]
        fn any_bytes_give_the_same_messages_at_any_cut(stream in proptest::collection::vec(prop_oneof![
            Just(0x00_u8), Just(0x01), Just(0x81), Just(0x82), Just(0x89), Just(0x80), Just(126), any::<u8>(),
        ], 0..40)) {
            let limits = Limits { event_bytes: 20, ..Limits::default() };
            let (messages, _) = read(&stream, Role::Server, &limits);
            prop_assert!(messages.iter().all(|message| message.payload.len() <= 125));
        }
    }

    #[test]
    fn masks_go_on_over_the_cuts_of_a_frame() {
        let payload: Vec<u8> = (0..=255).collect();
        let mut stream = Vec::new();
        write(Kind::Binary, &payload, Some(MASK), &mut stream);
        assert_eq!(read(&stream, Role::Client, &Limits::default()).0, [message(Kind::Binary, &payload)]);
    }
}
