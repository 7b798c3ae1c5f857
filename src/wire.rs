//! The codecs: from the bytes of a body to spans of text that know their bytes, and from stream bytes to events.
//! Does not know any site, any rule or any placeholder.

// from bytes to bytes
pub mod encoding;
// from bytes to documents
pub mod form;
pub mod json;
pub mod multipart;
// from stream bytes to events
pub mod ndjson;
pub mod sse;
pub mod websocket;
// the first bytes of a connection
pub mod client_hello;
// the way back
pub mod map;

// values of headers
pub mod media_type;

#[cfg(test)]
mod invariance;

#[cfg(test)]
pub(crate) use invariance::assert_chunk_invariant;
pub use map::OffsetMap;

/// Bounds on what a codec may take in and produce. Every reader gets one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Raw body bytes accepted. Default 64 MiB.
    pub body_bytes: usize,
    /// Bytes a content-encoding may expand to, in all. Default 32 MiB: a ratio alone is no guard against bombs.
    pub decoded_bytes: usize,
    /// Nesting of JSON containers. Default 128.
    pub depth: usize,
    /// JSON values, form fields or multipart parts in one document. Default 200 000.
    pub nodes: usize,
    /// Bytes of one stream event (SSE, NDJSON line, websocket message). Default 1 MiB.
    pub event_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body_bytes: 64 << 20, decoded_bytes: 32 << 20, depth: 128, nodes: 200_000, event_bytes: 1 << 20 }
    }
}

/// Why bytes could not be read as what they claim to be. Never carries content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// A content-encoding that Scrim does not know.
    #[error("content-encoding `{0}` is not supported")]
    Coding(String),
    /// More codings stacked than allowed.
    #[error("more than 2 content-encodings are stacked")]
    CodingStack,
    /// Compressed bytes that do not decode.
    #[error("the {coding} data is damaged at byte {at}")]
    Damaged {
        /// `gzip`, `br`, `zstd` or `deflate`.
        coding: &'static str,
        /// Offset in the compressed bytes, as near as the decoder tells.
        at: usize,
    },
    /// A body that decompresses to more than [`Limits::decoded_bytes`].
    #[error("it decompresses to more than the limit of {} MiB, `[proxy.limits] decoded_mib = {}`", limit >> 20, limit >> 20)]
    Expanded {
        /// The limit in bytes.
        limit: usize,
    },
    /// Another bound was reached.
    #[error("{what} is larger than the limit of {limit}")]
    TooLarge {
        /// What was too large, in words (`stream event`, `JSON nesting`).
        what: &'static str,
        /// The limit in its own unit.
        limit: usize,
    },
    /// Syntax error.
    #[error("broken {format} at byte {at}: {why}")]
    Syntax {
        /// `JSON`, `form`, `multipart`, `SSE`, `websocket frame`.
        format: &'static str,
        /// Byte offset in the decoded body.
        at: usize,
        /// What was expected, in words; no content.
        why: &'static str,
    },
    /// Two readers could take the document differently (duplicate keys).
    #[error("ambiguous JSON: a key is repeated at byte {at}")]
    Ambiguous {
        /// Byte offset of the second key.
        at: usize,
    },
    /// Bytes that are not text in the declared or any known charset.
    #[error("not text in a known charset at byte {at}")]
    Charset {
        /// Byte offset.
        at: usize,
    },
}
