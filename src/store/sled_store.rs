//! sled 0.34.7 behind both traits: one directory, one tree, and an own sync of its file. Does not decide what to do
//! with a damaged store; it refuses to touch one.
//!
//! sled's own `flush` ends in `sync_file_range`, which is not safe against power loss (measured): every flush here is
//! followed by `fdatasync` through a second handle on the file.

use std::{
    fs::File,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use super::{
    LogStore, MapStore, Row, StoreError, VALUE_MAX,
    preflight::{self, Approach, Copy, Ownership},
    private,
};

/// Bytes of pages that sled keeps in memory; its own default is 1 GiB, and one scan fills it.
const CACHE_BYTES: u64 = 64 * 1024 * 1024;

/// How often an open is tried again while sled's threads of an earlier handle let go of the file, 20 ms apart.
const REOPEN_TRIES: u32 = 100;

/// What the store is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tuning {
    /// Appending: throughput.
    Log,
    /// Small rows that come and go: space.
    Vault,
}

/// Says why a store that was opened is not the one expected. Runs on a copy first where the last stop was unclean.
pub type Check<'a> = &'a dyn Fn(&Sled) -> Result<(), String>;

/// An open store.
pub struct Sled {
    /// `None` only while it is being dropped.
    engine: Option<Engine>,
    directory: PathBuf,
    on_close: OnClose,
    ownership: Option<Ownership>,
    copy: Option<Copy>,
}

struct Engine {
    database: sled::Db,
    tree: sled::Tree,
    file: File,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OnClose {
    Mark,
    Forget,
}

impl std::fmt::Debug for Sled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sled({})", self.directory.display())
    }
}

impl Sled {
    /// Opens or makes a store. Nothing that the directory holds is lost by opening it.
    ///
    /// # Errors
    /// [`StoreError::Owned`]; [`StoreError::Damaged`] when sled fails or panics over it, or `check` says so: the
    /// directory is as it was, unless the last stop was orderly.
    pub fn open(directory: &Path, tuning: Tuning, check: Check<'_>) -> Result<Self, StoreError> {
        if let Some(parent) = directory.parent() {
            private::directory(parent)?;
        }
        let ownership = Ownership::take(directory)?;
        if preflight::approach(directory)? == Approach::CopyFirst {
            let copy = Copy::of(directory, ".check")?;
            let opened = Self::open_as(copy.path(), tuning, OnClose::Forget);
            opened.and_then(|store| store.pass(check)).map_err(|error| error.at(directory))?;
        }
        let mut store = Self::open_as(directory, tuning, OnClose::Mark)?.pass(check)?;
        store.ownership = Some(ownership);
        Ok(store)
    }

    /// Opens a copy of a store, for reading one that may be damaged. The copy goes when the store is dropped.
    ///
    /// # Errors
    /// [`StoreError::Owned`]; [`StoreError::Damaged`] when sled cannot read it at all.
    pub fn open_copy(directory: &Path, tuning: Tuning) -> Result<Self, StoreError> {
        let ownership = Ownership::take(directory)?;
        let copy = Copy::of(directory, ".reading")?;
        let mut store = Self::open_as(copy.path(), tuning, OnClose::Forget).map_err(|error| error.at(directory))?;
        store.ownership = Some(ownership);
        store.copy = Some(copy);
        Ok(store)
    }

    fn open_as(directory: &Path, tuning: Tuning, on_close: OnClose) -> Result<Self, StoreError> {
        private::directory(directory)?;
        let opened = open_patiently(directory, tuning)?;
        let tree = opened.open_tree("rows").map_err(|error| translate(directory, error))?;
        let path = preflight::database_file(directory);
        let file = File::open(&path).map_err(|error| StoreError::io("open", &path, error))?;
        private::tighten_files(directory)?;
        private::sync_parent(&path)?;
        private::sync_parent(directory)?;
        let engine = Some(Engine { database: opened, tree, file });
        Ok(Self { engine, directory: directory.to_owned(), on_close, ownership: None, copy: None })
    }

    fn pass(self, check: Check<'_>) -> Result<Self, StoreError> {
        let checked = catch_unwind(AssertUnwindSafe(|| check(&self)));
        let reason = match checked {
            Ok(Ok(())) => return Ok(self),
            Ok(Err(reason)) => reason,
            Err(_panic) => "the engine panicked while reading it".to_owned(),
        };
        Err(StoreError::Damaged { path: self.directory.clone(), reason })
    }

    fn engine(&self) -> Result<&Engine, StoreError> {
        let closed = || StoreError::Engine { path: self.directory.clone(), reason: "it is closed".to_owned() };
        self.engine.as_ref().ok_or_else(closed)
    }

    fn translate(&self, error: sled::Error) -> StoreError {
        translate(&self.directory, error)
    }

    fn make_durable(&self) -> Result<(), StoreError> {
        let engine = self.engine()?;
        engine.database.flush().map_err(|error| self.translate(error))?;
        engine.file.sync_data().map_err(|error| StoreError::io("sync", &self.directory, error))
    }
}

impl Drop for Sled {
    fn drop(&mut self) {
        let flushed = self.make_durable();
        // sled may still write while its last handle goes; the mark comes after it.
        let closed = catch_unwind(AssertUnwindSafe(|| drop(self.engine.take())));
        if self.on_close == OnClose::Forget {
            return;
        }
        let marked = match (flushed, closed) {
            (Ok(()), Ok(())) => {
                private::tighten_files(&self.directory).and_then(|()| preflight::mark_clean(&self.directory))
            }
            (Err(error), _) => Err(error),
            (Ok(()), Err(_panic)) => {
                Err(StoreError::Engine { path: self.directory.clone(), reason: "it panicked while closing".to_owned() })
            }
        };
        if let Err(error) = marked {
            tracing::warn!(%error, "the store was not closed in order; its next start checks a copy first");
        }
    }
}

impl StoreError {
    /// The error a copy gave, told of the directory it was copied from.
    fn at(self, directory: &Path) -> Self {
        let path = directory.to_owned();
        match self {
            Self::Damaged { reason, .. } | Self::Engine { reason, .. } => Self::Damaged { path, reason },
            Self::Owned { .. } => Self::Owned { path },
            other @ (Self::Full { .. }
            | Self::Io { .. }
            | Self::NotPrivate { .. }
            | Self::OutOfOrder { .. }
            | Self::TooLarge { .. }
            | Self::Randomness(_)) => other,
        }
    }
}

/// An earlier handle of this process may need a moment to let go of the file.
fn open_patiently(directory: &Path, tuning: Tuning) -> Result<sled::Db, StoreError> {
    let mut tries = 0;
    loop {
        tries += 1;
        match open_engine(directory, tuning) {
            Err(StoreError::Owned { .. }) if tries < REOPEN_TRIES => thread::sleep(Duration::from_millis(20)),
            opened => return opened,
        }
    }
}

fn open_engine(directory: &Path, tuning: Tuning) -> Result<sled::Db, StoreError> {
    let mode = match tuning {
        Tuning::Log => sled::Mode::HighThroughput,
        Tuning::Vault => sled::Mode::LowSpace,
    };
    let config = sled::Config::new().path(directory).cache_capacity(CACHE_BYTES).mode(mode).flush_every_ms(None);
    match catch_unwind(AssertUnwindSafe(|| config.open())) {
        Ok(Ok(database)) => Ok(database),
        Ok(Err(error)) => Err(translate(directory, error)),
        Err(_panic) => Err(StoreError::Damaged {
            path: directory.to_owned(),
            reason: "the engine panicked while opening it".to_owned(),
        }),
    }
}

fn translate(directory: &Path, error: sled::Error) -> StoreError {
    let path = directory.to_owned();
    match error {
        sled::Error::Io(source) if source.to_string().contains("could not acquire lock") => StoreError::Owned { path },
        sled::Error::Io(source) if source.kind() == std::io::ErrorKind::UnexpectedEof => {
            StoreError::Damaged { path, reason: "its file ends too early".to_owned() }
        }
        sled::Error::Io(source) => StoreError::io("use", path, source),
        sled::Error::Corruption { .. } => {
            StoreError::Damaged { path, reason: "a page does not match its sum".to_owned() }
        }
        sled::Error::CollectionNotFound(_) => StoreError::Damaged { path, reason: "its tree is gone".to_owned() },
        sled::Error::Unsupported(reason) | sled::Error::ReportableBug(reason) => StoreError::Damaged { path, reason },
    }
}

fn within_limit(value: &[u8]) -> Result<(), StoreError> {
    if value.len() > VALUE_MAX { Err(StoreError::TooLarge { bytes: value.len() }) } else { Ok(()) }
}

fn number(key: &[u8], directory: &Path) -> Result<u64, StoreError> {
    let bytes = <[u8; 8]>::try_from(key);
    let odd = |_| StoreError::Damaged { path: directory.to_owned(), reason: "a key is no number".to_owned() };
    bytes.map(u64::from_be_bytes).map_err(odd)
}

// === impl LogStore ===

impl LogStore for Sled {
    fn append(&self, batch: &[(u64, Vec<u8>)]) -> Result<(), StoreError> {
        let engine = self.engine()?;
        let mut last = LogStore::last(self)?.map_or(0, |(seq, _)| seq);
        for (seq, value) in batch {
            within_limit(value)?;
            if *seq <= last {
                return Err(StoreError::OutOfOrder { seq: *seq, last });
            }
            last = *seq;
        }
        for (seq, value) in batch {
            engine.tree.insert(seq.to_be_bytes(), value.as_slice()).map_err(|error| self.translate(error))?;
        }
        self.make_durable()
    }

    fn get(&self, seq: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.engine()?.tree.get(seq.to_be_bytes()).map_err(|error| self.translate(error))?;
        Ok(found.map(|value| value.to_vec()))
    }

    fn range(&self, from: u64, limit: usize) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        let rows = self.engine()?.tree.range(from.to_be_bytes()..).take(limit);
        rows.map(|row| {
            let (key, value) = row.map_err(|error| self.translate(error))?;
            Ok((number(&key, &self.directory)?, value.to_vec()))
        })
        .collect()
    }

    fn last(&self) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
        let Some((key, value)) = self.engine()?.tree.last().map_err(|error| self.translate(error))? else {
            return Ok(None);
        };
        Ok(Some((number(&key, &self.directory)?, value.to_vec())))
    }

    fn replace(&self, seq: u64, value: Vec<u8>) -> Result<bool, StoreError> {
        within_limit(&value)?;
        let tree = &self.engine()?.tree;
        if !tree.contains_key(seq.to_be_bytes()).map_err(|error| self.translate(error))? {
            return Ok(false);
        }
        tree.insert(seq.to_be_bytes(), value).map_err(|error| self.translate(error))?;
        self.make_durable()?;
        Ok(true)
    }
}

// === impl MapStore ===

impl MapStore for Sled {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.engine()?.tree.get(key).map_err(|error| self.translate(error))?;
        Ok(found.map(|value| value.to_vec()))
    }

    fn put(&self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        within_limit(value)?;
        self.engine()?.tree.insert(key, value).map_err(|error| self.translate(error))?;
        Ok(())
    }

    fn put_if_absent(&self, key: &[u8], value: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        within_limit(value)?;
        let tree = &self.engine()?.tree;
        let swapped = tree.compare_and_swap(key, None::<&[u8]>, Some(value)).map_err(|error| self.translate(error))?;
        Ok(swapped.err().and_then(|refused| refused.current).map(|value| value.to_vec()))
    }

    fn delete(&self, key: &[u8]) -> Result<(), StoreError> {
        self.engine()?.tree.remove(key).map_err(|error| self.translate(error))?;
        Ok(())
    }

    fn scan_prefix(&self, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Result<Vec<Row>, StoreError> {
        let tree = &self.engine()?.tree;
        let rows = tree.range(after.unwrap_or(prefix).to_vec()..);
        rows.filter(|row| !row.as_ref().is_ok_and(|(key, _)| after == Some(&**key)))
            .take_while(|row| row.as_ref().map_or(true, |(key, _)| key.starts_with(prefix)))
            .take(limit)
            .map(|row| row.map(|(key, value)| (key.to_vec(), value.to_vec())).map_err(|error| self.translate(error)))
            .collect()
    }

    fn flush(&self) -> Result<(), StoreError> {
        self.make_durable()
    }
}
