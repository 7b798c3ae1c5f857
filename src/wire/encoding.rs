//! Content-encodings and charsets: from the bytes on the wire to the bytes that mean something. Output is capped in
//! absolute terms, because 203 bytes of brotli are 256 MiB of zeros. Does not encode.

mod charset;
mod gzip;
mod stage;

pub use charset::{Text, charset, windows_1252};

use crate::wire::{Limits, Unreadable};
use stage::Stage;

/// Codings that may be stacked in one header.
const STACK_MAX: usize = 2;

/// A content-encoding (RFC 9110 §8.4.1) that Scrim reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// `gzip`, `x-gzip`: RFC 1952, any number of members.
    Gzip,
    /// `deflate`: RFC 1950, or the bare RFC 1951 stream that some servers send under this name.
    Deflate,
    /// `br`: RFC 7932, without large windows.
    Brotli,
    /// `zstd`: RFC 8878 with the 8 MiB window of RFC 9659, no dictionaries.
    Zstd,
}

impl Coding {
    /// Name as in the header.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Coding::Gzip => "gzip",
            Coding::Deflate => "deflate",
            Coding::Brotli => "br",
            Coding::Zstd => "zstd",
        }
    }
}

/// Reads a `content-encoding` header (several joined by commas): codings in the order they were applied. `identity` and
/// empty items are left out, names are taken in any case.
///
/// # Errors
/// [`Unreadable::Coding`] for a coding that is not known, [`Unreadable::CodingStack`] for more than two.
pub fn codings(header: &str) -> Result<Vec<Coding>, Unreadable> {
    let mut codings = Vec::new();
    for name in header.split(',').map(|name| name.trim_matches([' ', '\t'])) {
        let coding = match name.to_ascii_lowercase().as_str() {
            "" | "identity" => continue,
            "gzip" | "x-gzip" => Coding::Gzip,
            "deflate" => Coding::Deflate,
            "br" => Coding::Brotli,
            "zstd" => Coding::Zstd,
            _ => return Err(Unreadable::Coding(printable(name))),
        };
        if codings.len() == STACK_MAX {
            return Err(Unreadable::CodingStack);
        }
        codings.push(coding);
    }
    Ok(codings)
}

/// A coding's name for a message: it came from the other side, so it may be long or hold control characters.
fn printable(name: &str) -> String {
    name.chars().take(32).map(|c| if c.is_ascii_graphic() { c } else { '?' }).collect()
}

/// Decodes a whole body. `codings` as they were applied; without any, the body as it is.
///
/// # Errors
/// [`Unreadable::Damaged`] for bytes that do not decode, end too early or go on after the end;
/// [`Unreadable::Expanded`] when any stage gives more than `limits.decoded_bytes`.
pub fn decode(body: &[u8], codings: &[Coding], limits: &Limits) -> Result<Vec<u8>, Unreadable> {
    let mut out = Vec::new();
    let mut decoder = Decoder::new(codings, limits);
    decoder.push(body, &mut out)?;
    decoder.finish(&mut out)?;
    Ok(out)
}

/// Decodes a body as it arrives. Everything that the bytes so far stand for is given out at once; memory is bounded by
/// the windows of the codings. After an error it must not be used again.
pub struct Decoder {
    /// In the order of decoding: the coding applied last comes first.
    stages: Vec<Stage>,
}

impl Decoder {
    /// `codings` as they were applied.
    #[must_use]
    pub fn new(codings: &[Coding], limits: &Limits) -> Self {
        Self { stages: codings.iter().rev().map(|coding| Stage::new(*coding, limits)).collect() }
    }

    /// Takes encoded bytes in and appends the decoded ones to `out`.
    ///
    /// # Errors
    /// As [`decode`]. What was decoded before the error is in `out`.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Unreadable> {
        feed(&mut self.stages, bytes, out)
    }

    /// The end of the body. An empty body is complete in every coding.
    ///
    /// # Errors
    /// [`Unreadable::Damaged`] when the encoded data ends too early.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<(), Unreadable> {
        feed(&mut self.stages, &[], out)?;
        self.stages.iter().try_for_each(Stage::complete)
    }
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.stages.iter().map(Stage::coding)).finish()
    }
}

fn feed(stages: &mut [Stage], bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Unreadable> {
    match stages.split_first_mut() {
        Some((first, rest)) => first.feed(bytes, &mut |piece| feed(rest, piece, out)),
        None => {
            out.extend_from_slice(bytes);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;
    use crate::wire::assert_chunk_invariant;

    const ALL: [Coding; 4] = [Coding::Gzip, Coding::Deflate, Coding::Brotli, Coding::Zstd];

    fn encode(bytes: &[u8], coding: Coding) -> Vec<u8> {
        match coding {
            Coding::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(bytes).unwrap();
                encoder.finish().unwrap()
            }
            Coding::Deflate => {
                let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(bytes).unwrap();
                encoder.finish().unwrap()
            }
            Coding::Brotli => {
                let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
                encoder.write_all(bytes).unwrap();
                encoder.into_inner()
            }
            Coding::Zstd => zstd::encode_all(bytes, 3).unwrap(),
        }
    }

    fn whole(body: &[u8], coding: Coding) -> Result<Vec<u8>, Unreadable> {
        decode(body, &[coding], &Limits::default())
    }

    /// Everything that comes out, and how it ends. The offset of damage depends on the cut: decoders report it at the
    /// step that met it.
    fn streamed(codings: &[Coding], limits: &Limits, chunks: &[&[u8]]) -> (Vec<u8>, Result<(), Unreadable>) {
        let mut out = Vec::new();
        let mut decoder = Decoder::new(codings, limits);
        let pushed = chunks.iter().try_for_each(|chunk| decoder.push(chunk, &mut out));
        let ended = pushed.and_then(|()| decoder.finish(&mut out));
        (
            out,
            ended.map_err(|error| {
                if let Unreadable::Damaged { coding, .. } = error {
                    Unreadable::Damaged { coding, at: 0 }
                } else {
                    error
                }
            }),
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn decode_undoes_encode_for_every_coding_and_pair(
            bytes in prop_oneof![proptest::collection::vec(any::<u8>(), 0..600), "(ab|c){0,900}".prop_map(String::into_bytes)],
            first in 0_usize..4, second in proptest::option::of(0_usize..4),
        ) {
            let stack: Vec<Coding> = [Some(first), second].into_iter().flatten().map(|index| ALL[index]).collect();
            let body = stack.iter().fold(bytes.clone(), |body, coding| encode(&body, *coding));
            prop_assert_eq!(decode(&body, &stack, &Limits::default()), Ok(bytes));
        }

        #[test]
        fn any_bytes_decode_or_are_damaged(bytes in proptest::collection::vec(any::<u8>(), 0..200), coding in 0_usize..4) {
            let limits = Limits { decoded_bytes: 4096, ..Limits::default() };
            let decoded = decode(&bytes, &[ALL[coding]], &limits);
            prop_assert!(decoded.is_ok_and(|out| out.len() <= 4096) || !bytes.is_empty());
        }
    }

    #[test]
    fn any_cut_of_the_bytes_decodes_to_the_same() {
        let text = b"data: {\"delta\":\"the quick brown fox\"}\n\n".repeat(12);
        for coding in ALL {
            let body = encode(&text, coding);
            let limits = Limits::default();
            assert_chunk_invariant(&body, |chunks| streamed(&[coding], &limits, chunks).1);
            assert_chunk_invariant(&body, |chunks| streamed(&[coding], &limits, chunks).0);
            assert_eq!(whole(&body, coding).unwrap(), text);
        }
        let stacked = encode(&encode(&text, Coding::Gzip), Coding::Brotli);
        let both = [Coding::Gzip, Coding::Brotli];
        assert_chunk_invariant(&stacked, |chunks| streamed(&both, &Limits::default(), chunks));
    }

    #[test]
    fn a_flushed_piece_is_given_out_before_the_stream_ends() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(b"first event").unwrap();
        encoder.flush().unwrap();
        let mut brotli_encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
        brotli_encoder.write_all(b"first event").unwrap();
        brotli_encoder.flush().unwrap();
        let mut zstd_encoder = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
        zstd_encoder.write_all(b"first event").unwrap();
        zstd_encoder.flush().unwrap();
        for (coding, bytes) in [
            (Coding::Gzip, encoder.get_ref()),
            (Coding::Brotli, brotli_encoder.get_ref()),
            (Coding::Zstd, zstd_encoder.get_ref()),
        ] {
            let mut out = Vec::new();
            Decoder::new(&[coding], &Limits::default()).push(bytes, &mut out).unwrap();
            assert_eq!(out, b"first event", "{coding:?}");
        }
    }

    #[test]
    fn every_cut_off_body_is_damaged() {
        for coding in ALL {
            let body = encode(b"forty-two bytes of rather ordinary prose!!", coding);
            for length in 1..body.len() {
                let error = whole(&body[..length], coding).expect_err("incomplete");
                assert!(matches!(error, Unreadable::Damaged { .. }), "{coding:?} cut at {length}: {error}");
            }
            assert_eq!(whole(b"", coding), Ok(Vec::new()));
        }
    }

    #[test]
    fn bytes_after_the_end_are_decoded_or_damaged_never_dropped() {
        for coding in ALL {
            let mut trailing = encode(b"seen", coding);
            trailing.extend_from_slice(b"unseen");
            assert!(matches!(whole(&trailing, coding), Err(Unreadable::Damaged { .. })), "{coding:?}");
        }
        for coding in [Coding::Gzip, Coding::Zstd] {
            let two = [encode(b"one,", coding), encode(b"two", coding)].concat();
            assert_eq!(whole(&two, coding).unwrap(), b"one,two", "{coding:?}");
            assert_chunk_invariant(&two, |chunks| streamed(&[coding], &Limits::default(), chunks));
        }
    }

    #[test]
    fn a_bomb_ends_at_the_limit() {
        let limits = Limits { decoded_bytes: 1 << 20, ..Limits::default() };
        let over = Err(Unreadable::Expanded { limit: 1 << 20 });
        for coding in ALL {
            let fits = encode(&vec![0; 1 << 20], coding);
            assert_eq!(decode(&fits, &[coding], &limits).map(|out| out.len()), Ok(1 << 20), "{coding:?}");
            let bomb = encode(&vec![0; (1 << 20) + 1], coding);
            assert_eq!(decode(&bomb, &[coding], &limits), over, "{coding:?}");
            // The inner stage of a stack counts too.
            let stacked = encode(&encode(&vec![0; 3 << 20], coding), Coding::Gzip);
            assert_eq!(decode(&stacked, &[coding, Coding::Gzip], &limits), over, "{coding:?} in gzip");
        }
    }

    #[test]
    fn a_wide_window_is_refused() {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
        encoder.window_log(24).unwrap();
        encoder.write_all(b"x").unwrap();
        let wide = encoder.finish().unwrap();
        assert!(matches!(whole(&wide, Coding::Zstd), Err(Unreadable::Damaged { .. })));
        // `11 …`: the large-window marker of brotli, which RFC 7932 does not have.
        assert!(matches!(whole(&[0x11, 0x1E, 0x00, 0x03], Coding::Brotli), Err(Unreadable::Damaged { .. })));
    }

    #[test]
    fn bare_deflate_is_read_under_the_name_deflate() {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(b"bare").unwrap();
        assert_eq!(whole(&encoder.finish().unwrap(), Coding::Deflate).unwrap(), b"bare");
    }

    #[test]
    fn headers_name_the_codings_in_order() {
        let read = |header: &str| codings(header);
        assert_eq!(read(""), Ok(vec![]));
        assert_eq!(read("identity"), Ok(vec![]));
        assert_eq!(read(" X-GZIP ,, Br\t"), Ok(vec![Coding::Gzip, Coding::Brotli]));
        assert_eq!(read("zstd, identity, deflate"), Ok(vec![Coding::Zstd, Coding::Deflate]));
        assert_eq!(read("gzip, gzip, gzip"), Err(Unreadable::CodingStack));
        assert_eq!(read("gzip, compress"), Err(Unreadable::Coding("compress".into())));
        assert_eq!(read("g\nzip"), Err(Unreadable::Coding("g?zip".into())));
    }

    #[test]
    fn a_decoder_can_move_between_threads() {
        fn sendable<T: Send>(value: T) -> T {
            value
        }
        assert_eq!(format!("{:?}", sendable(Decoder::new(&ALL, &Limits::default()))), "[Zstd, Brotli, Deflate, Gzip]");
    }
}
