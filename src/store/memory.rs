//! Both traits in memory, with faults on demand: for tests of what stands above a store.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::{LogStore, MapStore, Row, StoreError, VALUE_MAX};

/// What goes wrong, until it is switched off.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// Writing answers "disk full".
    pub(crate) full: AtomicBool,
    /// Writing panics.
    pub(crate) panics: AtomicBool,
    /// Writing takes 50 ms.
    pub(crate) slow: AtomicBool,
}

impl Faults {
    fn strike(&self) -> Result<(), StoreError> {
        if self.slow.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(50));
        }
        if self.panics.load(Ordering::SeqCst) {
            panic!("a fault was asked for");
        }
        if self.full.load(Ordering::SeqCst) { Err(StoreError::Full { path: PathBuf::from("memory") }) } else { Ok(()) }
    }
}

/// A store in memory.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    records: Mutex<BTreeMap<u64, Vec<u8>>>,
    rows: Mutex<BTreeMap<Vec<u8>, Vec<u8>>>,
    /// See [`Faults`].
    pub(crate) faults: Faults,
}

fn lock<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

fn within_limit(value: &[u8]) -> Result<(), StoreError> {
    if value.len() > VALUE_MAX { Err(StoreError::TooLarge { bytes: value.len() }) } else { Ok(()) }
}

impl LogStore for Memory {
    fn append(&self, batch: &[(u64, Vec<u8>)]) -> Result<(), StoreError> {
        let mut records = lock(&self.records);
        let mut last = records.keys().next_back().copied().unwrap_or(0);
        for (seq, value) in batch {
            within_limit(value)?;
            if *seq <= last {
                return Err(StoreError::OutOfOrder { seq: *seq, last });
            }
            last = *seq;
        }
        self.faults.strike()?;
        records.extend(batch.iter().cloned());
        Ok(())
    }

    fn get(&self, seq: u64) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(lock(&self.records).get(&seq).cloned())
    }

    fn range(&self, from: u64, limit: usize) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        Ok(lock(&self.records).range(from..).take(limit).map(|(seq, value)| (*seq, value.clone())).collect())
    }

    fn last(&self) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
        Ok(lock(&self.records).iter().next_back().map(|(seq, value)| (*seq, value.clone())))
    }

    fn replace(&self, seq: u64, value: Vec<u8>) -> Result<bool, StoreError> {
        within_limit(&value)?;
        self.faults.strike()?;
        Ok(lock(&self.records).get_mut(&seq).map(|held| *held = value).is_some())
    }
}

impl MapStore for Memory {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(lock(&self.rows).get(key).cloned())
    }

    fn put(&self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        within_limit(value)?;
        self.faults.strike()?;
        lock(&self.rows).insert(key.to_vec(), value.to_vec());
        Ok(())
    }

    fn put_if_absent(&self, key: &[u8], value: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        within_limit(value)?;
        self.faults.strike()?;
        let mut rows = lock(&self.rows);
        if let Some(held) = rows.get(key) {
            return Ok(Some(held.clone()));
        }
        rows.insert(key.to_vec(), value.to_vec());
        Ok(None)
    }

    fn delete(&self, key: &[u8]) -> Result<(), StoreError> {
        self.faults.strike()?;
        lock(&self.rows).remove(key);
        Ok(())
    }

    fn scan_prefix(&self, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Result<Vec<Row>, StoreError> {
        let rows = lock(&self.rows);
        let from = rows.range(prefix.to_vec()..).take_while(|(key, _)| key.starts_with(prefix));
        let beyond = from.filter(|(key, _)| after.is_none_or(|after| key.as_slice() > after));
        Ok(beyond.take(limit).map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    fn flush(&self) -> Result<(), StoreError> {
        self.faults.strike()
    }
}

impl MapStore for std::sync::Arc<Memory> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        MapStore::get(self.as_ref(), key)
    }

    fn put(&self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.as_ref().put(key, value)
    }

    fn put_if_absent(&self, key: &[u8], value: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.as_ref().put_if_absent(key, value)
    }

    fn delete(&self, key: &[u8]) -> Result<(), StoreError> {
        self.as_ref().delete(key)
    }

    fn scan_prefix(&self, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Result<Vec<Row>, StoreError> {
        self.as_ref().scan_prefix(prefix, after, limit)
    }

    fn flush(&self) -> Result<(), StoreError> {
        self.as_ref().flush()
    }
}
