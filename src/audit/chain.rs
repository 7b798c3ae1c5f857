//! The hash chain: how a record is laid out, hashed and linked to the one before. Does not read or write a store.
//!
//! A stored record is `1 ‖ link (32) ‖ payload_hash (32)`, then `1 ‖ salt (16) ‖ payload`, or `0` where the payload was
//! retired. The salt keeps a deleted payload from being guessed by its hash.

use sha2::{Digest, Sha256};

/// A hash that depends on a record and all before it.
pub type Link = [u8; 32];

/// What the first record of a chain links to.
pub const START: Link = [0; 32];

/// Bytes of a salt.
pub const SALT_BYTES: usize = 16;

/// Layout of a stored record.
const LAYOUT: u8 = 1;

/// One record of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Depends on this record and all before it.
    pub link: Link,
    /// Hash of salt and payload; stays when they go.
    pub payload_hash: [u8; 32],
    /// `None` when retired.
    pub body: Option<Body>,
}

/// What retention may delete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// 16 random bytes.
    pub salt: [u8; SALT_BYTES],
    /// The event's JSON.
    pub payload: Vec<u8>,
}

impl Body {
    /// SHA-256("scrim/payload/1" ‖ salt ‖ payload)
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        let hasher = Sha256::new().chain_update(b"scrim/payload/1").chain_update(self.salt);
        hasher.chain_update(&self.payload).finalize().into()
    }
}

/// SHA-256("scrim/link/1" ‖ number, 8 bytes big-endian ‖ link before ‖ payload hash)
#[must_use]
pub fn link(seq: u64, before: &Link, payload_hash: &[u8; 32]) -> Link {
    let hasher = Sha256::new().chain_update(b"scrim/link/1").chain_update(seq.to_be_bytes());
    hasher.chain_update(before).chain_update(payload_hash).finalize().into()
}

impl Record {
    /// The record with number `seq` after the one whose link is `before`.
    #[must_use]
    pub fn chained(seq: u64, before: &Link, body: Body) -> Self {
        let payload_hash = body.hash();
        Self { link: link(seq, before, &payload_hash), payload_hash, body: Some(body) }
    }

    /// The same place in the chain without salt and payload.
    #[must_use]
    pub fn retired(&self) -> Self {
        Self { body: None, ..self.clone() }
    }

    /// As stored.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![LAYOUT];
        out.extend(self.link);
        out.extend(self.payload_hash);
        match &self.body {
            Some(body) => {
                out.push(1);
                out.extend(body.salt);
                out.extend(&body.payload);
            }
            None => out.push(0),
        }
        out
    }

    /// Reads a stored record; `None` when its bytes are none.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (layout, rest) = bytes.split_first()?;
        let (link, rest) = rest.split_first_chunk::<32>()?;
        let (payload_hash, rest) = rest.split_first_chunk::<32>()?;
        let (present, rest) = rest.split_first()?;
        let body = match present {
            0 if rest.is_empty() => None,
            1 => {
                let (salt, payload) = rest.split_first_chunk::<SALT_BYTES>()?;
                Some(Body { salt: *salt, payload: payload.to_vec() })
            }
            _ => return None,
        };
        (*layout == LAYOUT).then_some(Self { link: *link, payload_hash: *payload_hash, body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(text: &str) -> Body {
        Body { salt: [7; SALT_BYTES], payload: text.as_bytes().to_vec() }
    }

    #[test]
    fn a_record_reads_back_as_stored_retired_or_not() {
        let record = Record::chained(1, &START, body("{}"));
        assert_eq!(Record::decode(&record.encode()), Some(record.clone()));
        assert_eq!(Record::decode(&record.retired().encode()), Some(record.retired()));
        for cut in 0..record.encode().len() - 2 {
            let bytes = record.encode();
            assert!(Record::decode(&bytes[..cut]).is_none_or(|read| read != record));
        }
    }

    #[test]
    fn a_link_depends_on_number_payload_and_everything_before() {
        let first = Record::chained(1, &START, body("a"));
        let second = Record::chained(2, &first.link, body("b"));
        assert_ne!(Record::chained(3, &first.link, body("b")).link, second.link);
        assert_ne!(Record::chained(2, &START, body("b")).link, second.link);
        assert_ne!(Record::chained(2, &first.link, body("c")).link, second.link);
        assert_eq!(second.retired().link, second.link);
    }
}
