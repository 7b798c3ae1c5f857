//! The last known head of the chain, in files beside the store: what tells a log that ends here from one whose end is
//! gone. Does not open the store.
//!
//! Two lines: the head as JSON, and HMAC-SHA256 of that line under `keys/log.key`, in hex. Written to `log.head` and to
//! `keys/log.head`, so that a log folder put back from an old backup is noticed.

use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::chain::{Link, START};
use crate::store::{StoreError, keyfile::SecretKey, private};

/// Bytes a checkpoint file may have.
const FILE_MAX: u64 = 4096;

/// Where a chain stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Layout.
    pub v: u16,
    /// Number of the last record; 0 when there is none.
    pub seq: u64,
    /// Its link, in hex.
    pub link: String,
    /// Number of the chain's first record.
    pub first: u64,
    /// Unix time in milliseconds.
    pub time: u64,
}

impl Head {
    /// The head after record `seq`.
    #[must_use]
    pub fn new(first: u64, seq: u64, link: &Link, time: u64) -> Self {
        Self { v: 1, seq, link: HEXLOWER.encode(link), first, time }
    }

    /// The link, as bytes; that of an empty chain where it is no hex.
    #[must_use]
    pub fn link(&self) -> Link {
        let bytes = HEXLOWER.decode(self.link.as_bytes()).ok();
        bytes.and_then(|bytes| Link::try_from(bytes).ok()).unwrap_or(START)
    }
}

/// What a checkpoint file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// There is no file.
    Nothing,
    /// A head, and the MAC is ours.
    Head(Head),
    /// A file that is not ours.
    Foreign(String),
}

/// The files of a state folder.
#[must_use]
pub fn files(state: &Path) -> [PathBuf; 2] {
    [state.join("log.head"), state.join("keys").join("log.head")]
}

/// Writes a head to all of its files, durably.
///
/// # Errors
/// When one of them cannot be written.
pub fn write(state: &Path, key: &SecretKey, head: &Head) -> Result<(), super::AuditError> {
    let text = sealed(key, head)?;
    for file in files(state) {
        private::write_atomic(&file, text.as_bytes())?;
    }
    Ok(())
}

/// The two lines of a head, as in the file and at the end of an export.
///
/// # Errors
/// When it is no JSON.
pub fn sealed(key: &SecretKey, head: &Head) -> Result<String, serde_json::Error> {
    let line = serde_json::to_string(head)?;
    let mac = HEXLOWER.encode(&mac(key, &line).finalize().into_bytes());
    Ok(format!("{line}\n{mac}\n"))
}

/// What `log.head` and `keys/log.head` say.
///
/// # Errors
/// When a file is there and cannot be read.
pub fn read(state: &Path, key: &SecretKey) -> Result<[Found; 2], StoreError> {
    let one = |file: PathBuf| -> Result<Found, StoreError> {
        let bytes = private::read(&file, FILE_MAX)?;
        Ok(bytes.map_or(Found::Nothing, |bytes| unseal(key, &bytes, &file.display().to_string())))
    };
    let [here, there] = files(state);
    Ok([one(here)?, one(there)?])
}

impl Found {
    /// Of two, the head that is further; otherwise the one that says most.
    #[must_use]
    pub fn further([one, other]: [Self; 2]) -> Self {
        match (one, other) {
            (Self::Head(a), Self::Head(b)) => Self::Head(if b.seq > a.seq { b } else { a }),
            (Self::Head(head), _) | (_, Self::Head(head)) => Self::Head(head),
            (Self::Foreign(why), _) | (_, Self::Foreign(why)) => Self::Foreign(why),
            (Self::Nothing, Self::Nothing) => Self::Nothing,
        }
    }
}

pub(super) fn unseal(key: &SecretKey, bytes: &[u8], name: &str) -> Found {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines();
    let (Some(line), Some(seal)) = (lines.next(), lines.next()) else {
        return Found::Foreign(format!("`{name}` is cut short"));
    };
    let seal = HEXLOWER.decode(seal.as_bytes()).unwrap_or_default();
    if mac(key, line).verify_slice(&seal).is_err() {
        return Found::Foreign(format!("`{name}` was not written with this log's key"));
    }
    match serde_json::from_str(line) {
        Ok(head) => Found::Head(head),
        Err(error) => Found::Foreign(format!("`{name}`: {error}")),
    }
}

fn mac(key: &SecretKey, line: &str) -> Hmac<Sha256> {
    key.mac("scrim/head/1").chain_update(line.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_further_of_two_heads_counts_and_a_forged_one_does_not() {
        let state = tempfile::tempdir().unwrap();
        private::directory(&state.path().join("keys")).unwrap();
        let key = SecretKey::new([1; 32]);
        let read = || Found::further(super::read(state.path(), &key).unwrap());
        assert_eq!(read(), Found::Nothing);
        let [old, new] = [Head::new(1, 5, &[5; 32], 50), Head::new(1, 9, &[9; 32], 90)];
        write(state.path(), &key, &old).unwrap();
        let kept = std::fs::read(state.path().join("log.head")).unwrap();
        write(state.path(), &key, &new).unwrap();
        std::fs::write(state.path().join("log.head"), kept).unwrap();
        assert_eq!(read(), Found::Head(new.clone()));
        assert_eq!(new.link(), [9; 32]);

        for file in files(state.path()) {
            let forged = std::fs::read_to_string(&file).unwrap().replacen("\"seq\":", "\"seq\":1", 1);
            std::fs::write(file, forged).unwrap();
        }
        assert!(matches!(read(), Found::Foreign(_)));
    }
}
