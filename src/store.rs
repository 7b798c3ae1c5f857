//! Where records and rows lie: two small traits, so that log and vault do not know what holds their bytes, and sled
//! 0.34.7 behind them. Does not know what the bytes mean.
//!
//! A fleet's shared store (PostgreSQL, or what speaks its protocol) comes behind the same traits; `conformance` is the
//! suite that every implementation passes.

pub mod private;
pub mod keyfile;
pub mod clock;
pub mod preflight;
pub mod sled_store;
#[cfg(test)]
pub(crate) mod memory;
#[cfg(test)]
mod conformance;

use std::{io, path::PathBuf};

/// Bytes a value may have. sled writes a leaf of up to 17 values as one message and moves messages above 128 KiB to
/// blob files, which it never syncs: 17 × 7 KiB stay below that.
pub const VALUE_MAX: usize = 7 * 1024;

/// Numbered records, only ever appended. What `append` acknowledged is on the disk.
pub trait LogStore: Send + Sync {
    /// Appends records. Numbers ascend within the batch and lie above everything held. Durable when it returns.
    ///
    /// # Errors
    /// [`StoreError::OutOfOrder`] and [`StoreError::TooLarge`] before anything is written, otherwise what the disk says.
    fn append(&self, batch: &[(u64, Vec<u8>)]) -> Result<(), StoreError>;

    /// The record with that number.
    ///
    /// # Errors
    /// When the store cannot be read there.
    fn get(&self, seq: u64) -> Result<Option<Vec<u8>>, StoreError>;

    /// At most `limit` records from number `from` on, ascending.
    ///
    /// # Errors
    /// When the store cannot be read there.
    fn range(&self, from: u64, limit: usize) -> Result<Vec<(u64, Vec<u8>)>, StoreError>;

    /// The record with the highest number.
    ///
    /// # Errors
    /// When the store cannot be read there.
    fn last(&self) -> Result<Option<(u64, Vec<u8>)>, StoreError>;

    /// Puts another value under a number that is held: retention and erasure keep a record's place in the chain and
    /// drop its payload. Durable when it returns; false when the number is not held.
    ///
    /// # Errors
    /// As `append`.
    fn replace(&self, seq: u64, value: Vec<u8>) -> Result<bool, StoreError>;
}

/// A key and its value.
pub type Row = (Vec<u8>, Vec<u8>);

/// Keys with values. Writes are visible at once and durable after `flush`.
pub trait MapStore: Send + Sync {
    /// The value under a key.
    ///
    /// # Errors
    /// When the store cannot be read there.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Sets the value under a key.
    ///
    /// # Errors
    /// When the value is too large or the store cannot be written.
    fn put(&self, key: &[u8], value: &[u8]) -> Result<(), StoreError>;

    /// Sets the value only where none is; otherwise returns the one that is there. Atomic.
    ///
    /// # Errors
    /// As `put`.
    fn put_if_absent(&self, key: &[u8], value: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Removes a key; nothing happens where none is.
    ///
    /// # Errors
    /// When the store cannot be written.
    fn delete(&self, key: &[u8]) -> Result<(), StoreError>;

    /// At most `limit` rows whose key begins with `prefix` and lies above `after`, in key order.
    ///
    /// # Errors
    /// When the store cannot be read there.
    fn scan_prefix(&self, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Result<Vec<Row>, StoreError>;

    /// Makes everything written so far durable.
    ///
    /// # Errors
    /// What the disk says.
    fn flush(&self) -> Result<(), StoreError>;
}

/// What goes wrong with a store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process holds the store.
    #[error(
        "another scrim owns `{path}`\nhint: `scrim status` shows the running instance; `--state` names another folder"
    )]
    Owned {
        /// The store's directory.
        path: PathBuf,
    },
    /// The store cannot be opened without losing what it holds, or does not hold what it should.
    #[error("`{path}` is damaged: {reason}")]
    Damaged {
        /// The store's directory. Untouched.
        path: PathBuf,
        /// What was seen.
        reason: String,
    },
    /// The disk is full.
    #[error("no space left for `{path}`\nhint: free some space and start again; nothing that was acknowledged is lost")]
    Full {
        /// The store's directory or file.
        path: PathBuf,
    },
    /// A file or directory cannot be used.
    #[error("cannot {act} `{path}`: {source}")]
    Io {
        /// `open`, `write`, `sync` …
        act: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file that only its owner may use is open to others.
    #[error("`{path}` {fault}\nhint: {mend}")]
    NotPrivate {
        /// The file.
        path: PathBuf,
        /// `can be read by others (mode 644)`.
        fault: String,
        /// The command that mends it.
        mend: String,
    },
    /// A record's number does not follow what is held.
    #[error("record {seq} does not follow record {last}")]
    OutOfOrder {
        /// The number that was to be appended.
        seq: u64,
        /// The highest number held.
        last: u64,
    },
    /// A value above [`VALUE_MAX`].
    #[error("a value of {bytes} bytes is above the store's limit of {VALUE_MAX}")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The system gives no random bytes.
    #[error("the system gives no random bytes: {0}")]
    Randomness(String),
    /// The engine gave up, or panicked.
    #[error("the engine of `{path}` failed: {reason}")]
    Engine {
        /// The store's directory.
        path: PathBuf,
        /// Its own words.
        reason: String,
    },
}

impl StoreError {
    /// Names the place where the system refused something; a full disk is its own error.
    pub(crate) fn io(act: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        let path = path.into();
        if source.kind() == io::ErrorKind::StorageFull { Self::Full { path } } else { Self::Io { act, path, source } }
    }
}

/// Random bytes from the system.
///
/// # Errors
/// When the system gives none.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::Randomness(error.to_string()))?;
    Ok(bytes)
}
