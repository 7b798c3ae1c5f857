//! One decompressor of a stack behind one interface: bytes in, bytes out in pieces, an end that is known. Counts what
//! it gives out and stops at the limit. The formats themselves are the libraries' work.

use brotli::enc::StandardAlloc;
use brotli::{BrotliDecompressStream, BrotliResult, BrotliState};
use flate2::{Decompress, FlushDecompress, Status};
use zstd::stream::raw::{DParameter, Operation};

use super::Coding;
use super::gzip::Gzip;
use crate::wire::{Limits, Unreadable};

/// Bytes given on at a time. Costs one buffer a stage.
const PIECE: usize = 16 << 10;

/// Binary logarithm of the largest zstd window: 8 MiB, RFC 9659.
const ZSTD_WINDOW_LOG_MAX: u32 = 23;

/// Gzip members or zstd frames in one body. Each costs a reset of the decoder (32 KiB for gzip) for as little as 20
/// bytes of input, so without a bound 64 MiB would buy minutes of work. Block gzip makes one per 64 KiB.
const MEMBERS_MAX: usize = 1 << 14;

/// A decompressor and its account.
pub(super) struct Stage {
    coding: Coding,
    engine: Engine,
    limit: usize,
    n_in: usize,
    n_out: usize,
    n_members: usize,
    /// Between members, where the data may end.
    at_border: bool,
    piece: Box<[u8]>,
}

enum Engine {
    Gzip(Box<Gzip>),
    /// `None` until the first byte shows whether there is a zlib header.
    Deflate(Option<Box<Decompress>>),
    Brotli(Box<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>),
    /// `None` when there was no memory for it.
    Zstd(Option<zstd::stream::raw::Decoder<'static>>),
}

/// What one call of an engine did.
pub(super) struct Progress {
    pub(super) read: usize,
    pub(super) written: usize,
    /// The member is complete.
    pub(super) ended: bool,
}

/// The bytes are not what the coding says.
#[derive(Debug)]
pub(super) struct Broken;

impl Stage {
    pub(super) fn new(coding: Coding, limits: &Limits) -> Self {
        let engine = match coding {
            Coding::Gzip => Engine::Gzip(Box::default()),
            Coding::Deflate => Engine::Deflate(None),
            Coding::Brotli => {
                let alloc = StandardAlloc::default;
                Engine::Brotli(Box::new(BrotliState::new_strict(alloc(), alloc(), alloc())))
            }
            Coding::Zstd => Engine::Zstd(zstd_decoder()),
        };
        let piece = vec![0; PIECE].into_boxed_slice();
        Self { coding, engine, limit: limits.decoded_bytes, n_in: 0, n_out: 0, n_members: 0, at_border: true, piece }
    }

    pub(super) fn coding(&self) -> Coding {
        self.coding
    }

    /// Decodes `bytes` and hands each piece to `sink`.
    pub(super) fn feed(
        &mut self,
        mut bytes: &[u8],
        sink: &mut dyn FnMut(&[u8]) -> Result<(), Unreadable>,
    ) -> Result<(), Unreadable> {
        loop {
            if self.at_border {
                if bytes.is_empty() {
                    return Ok(());
                }
                self.begin_member()?;
            }
            let Ok(progress) = self.engine.step(bytes, &mut self.piece) else { return Err(self.damaged()) };
            bytes = bytes.get(progress.read..).unwrap_or_default();
            self.n_in += progress.read;
            self.n_out += progress.written;
            self.at_border = progress.ended;
            if self.n_out > self.limit {
                return Err(Unreadable::Expanded { limit: self.limit });
            }
            sink(self.piece.get(..progress.written).unwrap_or_default())?;
            if progress.read == 0 && progress.written == 0 && !progress.ended {
                return if bytes.is_empty() { Ok(()) } else { Err(self.damaged()) };
            }
        }
    }

    /// The data may end here.
    pub(super) fn complete(&self) -> Result<(), Unreadable> {
        if self.at_border { Ok(()) } else { Err(self.damaged()) }
    }

    fn begin_member(&mut self) -> Result<(), Unreadable> {
        let again = self.n_members > 0;
        self.n_members += 1;
        if self.n_members > MEMBERS_MAX {
            return Err(Unreadable::TooLarge { what: "number of compressed members", limit: MEMBERS_MAX });
        }
        if again && self.engine.restart().is_err() {
            return Err(self.damaged());
        }
        self.at_border = false;
        Ok(())
    }

    fn damaged(&self) -> Unreadable {
        Unreadable::Damaged { coding: self.coding.name(), at: self.n_in }
    }
}

impl Engine {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Progress, Broken> {
        match self {
            Engine::Gzip(gzip) => gzip.step(input, output),
            Engine::Deflate(inflate) => match (inflate.as_mut(), input.first()) {
                (Some(inflate), _) => self::inflate(inflate, input, output),
                (None, Some(first)) => {
                    let chosen = inflate.insert(Box::new(Decompress::new(is_zlib(*first))));
                    self::inflate(chosen, input, output)
                }
                (None, None) => Ok(Progress { read: 0, written: 0, ended: false }),
            },
            Engine::Brotli(state) => unbrotli(state, input, output),
            Engine::Zstd(decoder) => unzstd(decoder.as_mut().ok_or(Broken)?, input, output),
        }
    }

    /// Makes ready for a further member; codings that have none are broken by one.
    fn restart(&mut self) -> Result<(), Broken> {
        match self {
            Engine::Gzip(gzip) => {
                gzip.restart();
                Ok(())
            }
            Engine::Zstd(decoder) => decoder.as_mut().ok_or(Broken)?.reinit().map_err(|_| Broken),
            Engine::Deflate(_) | Engine::Brotli(_) => Err(Broken),
        }
    }
}

/// Whether a stream that begins with this byte has a zlib header: method 8, window at most 32 KiB. No encoder writes a
/// bare stream that begins so; it would be a stored block with rubbish in its padding.
fn is_zlib(first: u8) -> bool {
    first & 0x8F == 0x08
}

/// One step of flate2.
pub(super) fn inflate(inflate: &mut Decompress, input: &[u8], output: &mut [u8]) -> Result<Progress, Broken> {
    let (before_in, before_out) = (inflate.total_in(), inflate.total_out());
    let status = inflate.decompress(input, output, FlushDecompress::None).map_err(|_| Broken)?;
    let since = |now: u64, before: u64| usize::try_from(now - before).map_err(|_| Broken);
    Ok(Progress {
        read: since(inflate.total_in(), before_in)?,
        written: since(inflate.total_out(), before_out)?,
        ended: match status {
            Status::StreamEnd => true,
            Status::Ok | Status::BufError => false,
        },
    })
}

fn unbrotli(
    state: &mut BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>,
    input: &[u8],
    output: &mut [u8],
) -> Result<Progress, Broken> {
    let (mut read, mut written, mut total) = (0, 0, 0);
    let (mut left, mut room) = (input.len(), output.len());
    let result =
        BrotliDecompressStream(&mut left, &mut read, input, &mut room, &mut written, output, &mut total, state);
    match result {
        BrotliResult::ResultSuccess => Ok(Progress { read, written, ended: true }),
        BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => Ok(Progress { read, written, ended: false }),
        BrotliResult::ResultFailure => Err(Broken),
    }
}

fn zstd_decoder() -> Option<zstd::stream::raw::Decoder<'static>> {
    let mut decoder = zstd::stream::raw::Decoder::new().ok()?;
    decoder.set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW_LOG_MAX)).ok()?;
    Some(decoder)
}

fn unzstd(
    decoder: &mut zstd::stream::raw::Decoder<'static>,
    input: &[u8],
    output: &mut [u8],
) -> Result<Progress, Broken> {
    let status = decoder.run_on_buffers(input, output).map_err(|_| Broken)?;
    Ok(Progress { read: status.bytes_read, written: status.bytes_written, ended: status.remaining == 0 })
}
