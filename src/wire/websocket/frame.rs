//! The head of one frame, the mask, and what a close frame may say. Knows nothing of messages.
//!
//! ```text
//! FIN RSV1-3 opcode(4) │ MASK length(7) │ length(16 or 64, when the 7 bits say 126 or 127) │ mask(32, when MASK)
//! ```

use super::{CONTROL_MAX, Kind, Role};

const LAST: u8 = 0x80;
const RESERVED: u8 = 0x70;
const MASKED: u8 = 0x80;

/// What a frame does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opcode {
    Continuation,
    /// Text or binary.
    Begin(Kind),
    /// Ping, pong or close.
    Control(Kind),
}

/// A frame's head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    /// The message ends with this frame.
    pub(super) last: bool,
    pub(super) opcode: Opcode,
    pub(super) length: u64,
    pub(super) mask: Option<[u8; 4]>,
}

impl Head {
    /// `Ok(None)` when bytes are missing. Judges each part as soon as it is there.
    pub(super) fn read(bytes: &[u8], role: Role) -> Result<Option<Self>, &'static str> {
        let Some((first, rest)) = bytes.split_first() else { return Ok(None) };
        if first & RESERVED != 0 {
            return Err("an extension that was not negotiated");
        }
        let last = first & LAST != 0;
        let opcode = opcode(first & 0x0F, last)?;
        let Some((second, rest)) = rest.split_first() else { return Ok(None) };
        let short = second & !MASKED;
        match (role, second & MASKED != 0) {
            (Role::Client, false) => return Err("a client's frame without a mask"),
            (Role::Server, true) => return Err("a server's frame with a mask"),
            (Role::Client, true) | (Role::Server, false) => {}
        }
        if matches!(opcode, Opcode::Control(_)) && usize::from(short) > CONTROL_MAX {
            return Err("a control frame over 125 bytes");
        }
        let Some((length, rest)) = length(short, rest)? else { return Ok(None) };
        let mask = match (role, rest.first_chunk::<4>()) {
            (Role::Server, _) => None,
            (Role::Client, Some(mask)) => Some(*mask),
            (Role::Client, None) => return Ok(None),
        };
        Ok(Some(Self { last, opcode, length, mask }))
    }
}

fn opcode(bits: u8, last: bool) -> Result<Opcode, &'static str> {
    let opcode = match bits {
        0 => Opcode::Continuation,
        1 => Opcode::Begin(Kind::Text),
        2 => Opcode::Begin(Kind::Binary),
        8 => Opcode::Control(Kind::Close),
        9 => Opcode::Control(Kind::Ping),
        10 => Opcode::Control(Kind::Pong),
        _ => return Err("an unknown opcode"),
    };
    let fragmented_control = matches!(opcode, Opcode::Control(_)) && !last;
    if fragmented_control { Err("a fragmented control frame") } else { Ok(opcode) }
}

/// The payload's length and what follows it.
fn length(short: u8, rest: &[u8]) -> Result<Option<(u64, &[u8])>, &'static str> {
    let (length, least, rest) = match short {
        126 => match rest.split_first_chunk::<2>() {
            Some((bytes, rest)) => (u64::from(u16::from_be_bytes(*bytes)), 126, rest),
            None => return Ok(None),
        },
        127 => match rest.split_first_chunk::<8>() {
            Some((bytes, rest)) => (u64::from_be_bytes(*bytes), 1 << 16, rest),
            None => return Ok(None),
        },
        _ => (u64::from(short), 0, rest),
    };
    if length < least {
        return Err("a length that is not in its shortest form");
    }
    if length >> 63 != 0 { Err("a length over 2^63") } else { Ok(Some((length, rest))) }
}

/// Writes the head of an unfragmented frame.
pub(super) fn write_head(kind: Kind, length: usize, mask: Option<[u8; 4]>, out: &mut Vec<u8>) {
    let opcode = match kind {
        Kind::Text => 1,
        Kind::Binary => 2,
        Kind::Close => 8,
        Kind::Ping => 9,
        Kind::Pong => 10,
    };
    let masked = if mask.is_some() { MASKED } else { 0 };
    out.push(LAST | opcode);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short), _) if usize::from(short) <= CONTROL_MAX => out.push(masked | short),
        (_, Ok(medium)) => {
            out.push(masked | 126);
            out.extend_from_slice(&medium.to_be_bytes());
        }
        (_, Err(_)) => {
            out.push(masked | 127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(mask.as_ref().map_or(&[], |mask| mask));
}

/// Masks or unmasks bytes that begin `offset` bytes into the payload.
pub(super) fn apply_mask(mut mask: [u8; 4], offset: usize, bytes: &mut [u8]) {
    mask.rotate_left(offset % 4);
    for four in bytes.chunks_mut(4) {
        for (byte, key) in four.iter_mut().zip(mask) {
            *byte ^= key;
        }
    }
}

/// Whether a close frame may say this: nothing, or a code that may stand on the wire (RFC 6455 §7.4 and its registry)
/// and a reason in UTF-8.
pub(super) fn is_close_payload(payload: &[u8]) -> bool {
    match payload.split_first_chunk::<2>() {
        Some((code, reason)) => {
            let allowed = matches!(u16::from_be_bytes(*code), 1000..=1003 | 1007..=1014 | 3000..=4999);
            allowed && std::str::from_utf8(reason).is_ok()
        }
        None => payload.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_heads_are_read_back_at_every_size_of_length() {
        for length in [0, 1, 125, 126, 127, 128, 255, 256, 65_535, 65_536, 1 << 20] {
            let mut bytes = Vec::new();
            write_head(Kind::Binary, length, Some([1, 2, 3, 4]), &mut bytes);
            let head = Head::read(&bytes, Role::Client).unwrap().unwrap();
            assert_eq!((head.length, head.mask, head.last), (length as u64, Some([1, 2, 3, 4]), true));
            for cut in 0..bytes.len() {
                assert_eq!(Head::read(&bytes[..cut], Role::Client), Ok(None), "{length} cut at {cut}");
            }
        }
    }
}
