//! The first message of a TLS client, read as far as the proxy needs it: the host it names and the protocols it offers.
//! Pure, and lenient about all the rest; the handshake proper is rustls's.
//!
//! The hello may be cut over several records (post-quantum key shares make it longer than a segment, and nothing forbids
//! a client to use tiny records), so records are joined first.

/// Bytes looked at before giving up. Browsers send 0.5–2.5 kB.
pub const MAX_BYTES: usize = 16 << 10;

/// What the bytes seen so far are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HelloState {
    /// A proper beginning; more is needed.
    Incomplete,
    /// Something else than TLS, or a hello that no server would take.
    NotTls,
    /// Looks like a hello, but is longer than [`MAX_BYTES`]. No client sends that; somebody hides the name.
    Oversized,
    /// The hello is complete.
    Hello(Hello),
}

/// What the client said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hello {
    /// Host of the server_name extension, lower case, without a trailing dot.
    pub sni: Option<String>,
    /// Protocols of the ALPN extension, in order.
    pub alpn: Vec<Vec<u8>>,
}

impl Hello {
    /// The client can speak HTTP/2.
    #[must_use]
    pub fn offers_http2(&self) -> bool {
        self.alpn.iter().any(|protocol| protocol == b"h2")
    }

    /// The client can speak HTTP/1.1: it says so, or offers nothing at all.
    #[must_use]
    pub fn offers_http1(&self) -> bool {
        self.alpn.is_empty() || self.alpn.iter().any(|protocol| protocol == b"http/1.1")
    }
}

const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const SERVER_NAME: u16 = 0;
const ALPN: u16 = 16;

/// Reads the first bytes of a connection.
#[must_use]
pub fn sni(bytes: &[u8]) -> HelloState {
    let message = match join_records(bytes) {
        Joined::Message(message) => message,
        Joined::Partial if bytes.len() >= MAX_BYTES => return HelloState::Oversized,
        Joined::Partial => return HelloState::Incomplete,
        Joined::Other => return HelloState::NotTls,
    };
    if message.len() > MAX_BYTES {
        return HelloState::Oversized;
    }
    hello(&message).map_or(HelloState::NotTls, HelloState::Hello)
}

enum Joined {
    /// The body of the client hello.
    Message(Vec<u8>),
    Partial,
    Other,
}

/// Joins the fragments of the first handshake message.
fn join_records(bytes: &[u8]) -> Joined {
    let mut rest = bytes;
    let mut message = Vec::new();
    loop {
        let Some((&kind, after)) = rest.split_first() else { return Joined::Partial };
        if kind != HANDSHAKE || after.first().is_some_and(|&major| major != 3) {
            return Joined::Other;
        }
        let Some((&[_, _, high, low], after)) = after.split_first_chunk::<4>() else { return Joined::Partial };
        let length = usize::from(u16::from_be_bytes([high, low]));
        // RFC 8446 §5.1: at most 2^14 bytes, and no empty handshake fragments.
        if length == 0 || length > 1 << 14 {
            return Joined::Other;
        }
        let fragment = after.get(..length).unwrap_or(after);
        message.extend_from_slice(fragment);
        match announced(&message) {
            Announced::Other => return Joined::Other,
            Announced::Length(n) if message.len() >= 4 + n => {
                return Joined::Message(message.drain(4..4 + n).collect());
            }
            Announced::Length(n) if n > MAX_BYTES => return Joined::Message(vec![0; n]),
            Announced::Length(_) | Announced::Unknown => {}
        }
        if fragment.len() < length {
            return Joined::Partial;
        }
        rest = after.get(length..).unwrap_or_default();
    }
}

enum Announced {
    Unknown,
    Other,
    Length(usize),
}

fn announced(message: &[u8]) -> Announced {
    match *message {
        [kind, ..] if kind != CLIENT_HELLO => Announced::Other,
        [_, a, b, c, ..] => Announced::Length(usize::try_from(u32::from_be_bytes([0, a, b, c])).unwrap_or(usize::MAX)),
        _ => Announced::Unknown,
    }
}

fn hello(body: &[u8]) -> Option<Hello> {
    let mut rest = Bytes(body);
    rest.take(2 + 32)?;
    rest.short_block()?;
    rest.block()?;
    rest.short_block()?;
    let mut hello = Hello::default();
    if rest.0.is_empty() {
        return Some(hello);
    }
    let mut extensions = rest.block()?;
    let mut seen = Vec::new();
    while !extensions.0.is_empty() {
        let kind = extensions.number()?;
        let mut content = extensions.block()?;
        if seen.contains(&kind) {
            return None;
        }
        seen.push(kind);
        match kind {
            SERVER_NAME => hello.sni = Some(server_name(&mut content)?),
            ALPN => hello.alpn = protocols(&mut content)?,
            _ => {}
        }
    }
    rest.0.is_empty().then_some(hello)
}

/// Exactly one name of type host_name: RFC 6066 §3 allows no more, and two would let two readers choose differently.
fn server_name(content: &mut Bytes<'_>) -> Option<String> {
    let mut list = content.block()?;
    let [0] = *list.take(1)? else { return None };
    let name = list.block()?;
    let text = std::str::from_utf8(name.0).ok().filter(|text| text.is_ascii() && !text.is_empty())?;
    (list.0.is_empty() && content.0.is_empty()).then(|| text.trim_end_matches('.').to_ascii_lowercase())
}

fn protocols(content: &mut Bytes<'_>) -> Option<Vec<Vec<u8>>> {
    let mut list = content.block()?;
    let mut found = Vec::new();
    while !list.0.is_empty() {
        found.push(list.short_block()?.0.to_vec());
    }
    Some(found)
}

/// A reader over length-prefixed blocks.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u16> {
        self.take(2).and_then(|bytes| bytes.try_into().ok()).map(u16::from_be_bytes)
    }

    /// With a length of one byte.
    fn short_block(&mut self) -> Option<Self> {
        let length = *self.take(1)?.first()?;
        self.take(usize::from(length)).map(Bytes)
    }

    /// With a length of two bytes.
    fn block(&mut self) -> Option<Self> {
        let length = self.number()?;
        self.take(usize::from(length)).map(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn other_protocols_are_told_apart_by_their_first_bytes() {
        for other in [
            &b"GET / HTTP/1.1\r\n"[..],
            b"SSH-2.0-OpenSSH",
            b"\x16\x02",
            b"\x16\x03\x01\x00\x00",
            b"\x16\x03\x01\x00\x05\x02",
        ] {
            assert_eq!(sni(other), HelloState::NotTls, "{other:?}");
        }
        assert_eq!(sni(b""), HelloState::Incomplete);
    }

    #[test]
    fn two_names_are_no_hello() {
        let mut list = Vec::new();
        for name in [&b"a.example"[..], b"b.example"] {
            list.extend_from_slice(&[0, 0, u8::try_from(name.len()).unwrap()]);
            list.extend_from_slice(name);
        }
        let mut content = u16::try_from(list.len()).unwrap().to_be_bytes().to_vec();
        content.extend_from_slice(&list);
        assert_eq!(server_name(&mut Bytes(&content)), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600), tls in any::<bool>()) {
            let mut bytes = bytes;
            if tls {
                bytes.splice(0..0, [22, 3, 1, 2, 0, 1, 0, 1, 0xf0, 3, 3]);
            }
            let state = sni(&bytes);
            prop_assert!(bytes.first().is_none_or(|&kind| kind == HANDSHAKE) || state == HelloState::NotTls);
        }
    }
}
