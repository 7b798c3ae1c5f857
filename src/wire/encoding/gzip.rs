//! The frame of a gzip member (RFC 1952): header, deflate stream, checksum and length. Its own, because flate2's readers
//! do not say where a member ends and start a new 32 KiB decoder for each.

use flate2::{Crc, Decompress};

use super::stage::{Broken, Progress, inflate};

const MAGIC_AND_METHOD: [u8; 3] = [0x1F, 0x8B, 8];
/// Bytes of the header that are always there: magic, method, flags, time, extra flags, system.
const FIXED_LENGTH: usize = 10;
const FLAGS_AT: usize = 3;

const HEADER_CHECK: u8 = 2;
const EXTRA: u8 = 4;
const NAME: u8 = 8;
const COMMENT: u8 = 16;
const RESERVED: u8 = 0xE0;

/// Reads one member after the other; `restart` between them.
pub(super) struct Gzip {
    expects: Expects,
    /// Of the header's optional parts, those still to come.
    flags: u8,
    inflate: Decompress,
    check: Crc,
}

/// The next byte's place.
enum Expects {
    Fixed {
        seen: usize,
    },
    ExtraLength {
        low: Option<u8>,
    },
    Skip {
        left: usize,
    },
    /// A file name or comment, up to its zero byte.
    Text,
    Body,
    Trailer {
        seen: usize,
    },
}

impl Default for Gzip {
    fn default() -> Self {
        Self { expects: Expects::Fixed { seen: 0 }, flags: 0, inflate: Decompress::new(false), check: Crc::new() }
    }
}

impl Gzip {
    pub(super) fn restart(&mut self) {
        self.expects = Expects::Fixed { seen: 0 };
        self.inflate.reset(false);
        self.check.reset();
    }

    /// Reads some of the input; header and trailer give no output.
    pub(super) fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Progress, Broken> {
        match self.expects {
            Expects::Body => self.body(input, output),
            Expects::Trailer { seen } => self.trailer(input, seen),
            Expects::Fixed { .. } | Expects::ExtraLength { .. } | Expects::Skip { .. } | Expects::Text => {
                self.header(input)
            }
        }
    }

    fn body(&mut self, input: &[u8], output: &mut [u8]) -> Result<Progress, Broken> {
        let progress = inflate(&mut self.inflate, input, output)?;
        self.check.update(output.get(..progress.written).unwrap_or_default());
        if progress.ended {
            self.expects = Expects::Trailer { seen: 0 };
        }
        if progress.ended && progress.read == 0 && progress.written == 0 {
            return self.trailer(input, 0);
        }
        // The end of the deflate stream is not yet the end of the member.
        Ok(Progress { ended: false, ..progress })
    }

    /// Checksum and length modulo 2³², both little-endian.
    fn trailer(&mut self, input: &[u8], seen: usize) -> Result<Progress, Broken> {
        let [sum, amount] = [self.check.sum().to_le_bytes(), self.check.amount().to_le_bytes()];
        let expected = sum.iter().chain(&amount).skip(seen);
        let mut read = 0;
        for (found, expected) in input.iter().zip(expected) {
            if found != expected {
                return Err(Broken);
            }
            read += 1;
        }
        self.expects = Expects::Trailer { seen: seen + read };
        Ok(Progress { read, written: 0, ended: seen + read == sum.len() + amount.len() })
    }

    fn header(&mut self, input: &[u8]) -> Result<Progress, Broken> {
        let mut read = 0;
        for byte in input {
            self.header_byte(*byte)?;
            read += 1;
            if let Expects::Body = self.expects {
                break;
            }
        }
        Ok(Progress { read, written: 0, ended: false })
    }

    fn header_byte(&mut self, byte: u8) -> Result<(), Broken> {
        match self.expects {
            Expects::Fixed { seen } => {
                if MAGIC_AND_METHOD.get(seen).is_some_and(|expected| *expected != byte) {
                    return Err(Broken);
                }
                if seen == FLAGS_AT {
                    self.flags = byte;
                }
                if self.flags & RESERVED != 0 {
                    return Err(Broken);
                }
                self.expects = Expects::Fixed { seen: seen + 1 };
                if seen + 1 == FIXED_LENGTH {
                    self.next_part();
                }
            }
            Expects::ExtraLength { low: None } => self.expects = Expects::ExtraLength { low: Some(byte) },
            Expects::ExtraLength { low: Some(low) } => match u16::from_le_bytes([low, byte]) {
                0 => self.next_part(),
                left => self.expects = Expects::Skip { left: usize::from(left) },
            },
            Expects::Skip { left: 0 | 1 } => self.next_part(),
            Expects::Skip { left } => self.expects = Expects::Skip { left: left - 1 },
            Expects::Text if byte == 0 => self.next_part(),
            Expects::Text | Expects::Body | Expects::Trailer { .. } => {}
        }
        Ok(())
    }

    /// The header's optional parts, in the order in which they follow.
    fn next_part(&mut self) {
        let parts = [
            (EXTRA, Expects::ExtraLength { low: None }),
            (NAME, Expects::Text),
            (COMMENT, Expects::Text),
            (HEADER_CHECK, Expects::Skip { left: 2 }),
        ];
        for (flag, part) in parts {
            if self.flags & flag != 0 {
                self.flags &= !flag;
                self.expects = part;
                return;
            }
        }
        self.expects = Expects::Body;
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use crate::wire::encoding::{Coding, decode};
    use crate::wire::{Limits, Unreadable};

    fn member(build: flate2::GzBuilder) -> Vec<u8> {
        let mut encoder = build.write(Vec::new(), flate2::Compression::default());
        encoder.write_all(b"body").unwrap();
        encoder.finish().unwrap()
    }

    fn read(body: &[u8]) -> Result<Vec<u8>, Unreadable> {
        decode(body, &[Coding::Gzip], &Limits::default())
    }

    #[test]
    fn optional_header_parts_are_skipped() {
        let named = member(flate2::GzBuilder::new().filename("name").comment("comment").extra([7; 300]));
        assert_eq!(read(&named).unwrap(), b"body");
        let empty_extra = member(flate2::GzBuilder::new().extra([]));
        assert_eq!(read(&empty_extra).unwrap(), b"body");
        let mut checked = member(flate2::GzBuilder::new());
        checked[3] = super::HEADER_CHECK;
        checked.splice(10..10, [0xAB, 0xCD]);
        assert_eq!(read(&checked).unwrap(), b"body");
    }

    #[test]
    fn a_wrong_header_checksum_or_length_is_damage() {
        let sound = member(flate2::GzBuilder::new());
        for at in [0, 1, 2, sound.len() - 8, sound.len() - 1] {
            let mut damaged = sound.clone();
            damaged[at] ^= 1;
            assert!(matches!(read(&damaged), Err(Unreadable::Damaged { coding: "gzip", .. })), "byte {at}");
        }
        let mut reserved = sound;
        reserved[3] = 0x20;
        assert!(read(&reserved).is_err());
    }

    #[test]
    fn a_body_of_tiny_members_ends_at_their_limit() {
        let empty = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none()).finish().unwrap();
        let many = empty.repeat((1 << 14) + 1);
        assert_eq!(read(&many), Err(Unreadable::TooLarge { what: "number of compressed members", limit: 1 << 14 }));
    }
}
