//! Opening the log's store: compared with its checkpoint first, set aside when it does not hold what it should. Does
//! not write events; it says which one is due.

use std::{path::Path, sync::Arc};

use super::{
    AuditError, Event, Kind,
    chain::{Link, Record, START},
    checkpoint::{self, Found, Head},
};
use crate::store::{
    LogStore, StoreError,
    keyfile::SecretKey,
    preflight,
    sled_store::{Sled, Tuning},
};

/// A log that can be continued.
pub struct Opened {
    /// Where the records lie.
    pub store: Arc<dyn LogStore>,
    /// Number of the chain's first record.
    pub first: u64,
    /// Number of the last record, or the one before `first`.
    pub seq: u64,
    /// Link of the last record.
    pub link: Link,
    /// What has to be recorded about the opening itself.
    pub due: Option<Event>,
}

/// The store's directory in a state folder.
pub(crate) fn directory(state: &Path) -> std::path::PathBuf {
    state.join("log")
}

/// Opens the log of a state folder. A damaged store, or one with fewer records than the checkpoint knows, is renamed
/// and a new chain begins; numbers go on, so that each names one record for ever.
///
/// # Errors
/// When another process owns it, or the disk refuses.
pub fn open(state: &Path, key: &SecretKey, time_ms: u64) -> Result<Opened, AuditError> {
    let known = Found::further(checkpoint::read(state, key)?);
    match Sled::open(&directory(state), Tuning::Log, &|store| agrees(store, &known)) {
        Ok(store) => resume(Arc::new(store), &known),
        Err(StoreError::Damaged { reason, .. }) => restart(state, &known, time_ms, &reason),
        Err(error) => Err(error.into()),
    }
}

/// Whether a store holds what the checkpoint saw.
pub(crate) fn agrees(store: &dyn LogStore, known: &Found) -> Result<(), String> {
    let last = store.last().map_err(|error| error.to_string())?.map_or(0, |(seq, _)| seq);
    let Found::Head(head) = known else { return Ok(()) };
    if last < head.seq {
        return Err(match last {
            0 => format!("it is empty, and its checkpoint names record {}", head.seq),
            _ => format!("it ends at record {last}, and its checkpoint names record {}", head.seq),
        });
    }
    if head.seq == 0 {
        return Ok(());
    }
    let bytes = store.get(head.seq).map_err(|error| error.to_string())?;
    let record = bytes.and_then(|bytes| Record::decode(&bytes));
    match record {
        Some(record) if record.link == head.link() => Ok(()),
        Some(_) => Err(format!("record {} is not the one its checkpoint names", head.seq)),
        None => Err(format!("record {} cannot be read", head.seq)),
    }
}

fn resume(store: Arc<dyn LogStore>, known: &Found) -> Result<Opened, AuditError> {
    let first = match known {
        Found::Head(head) => head.first,
        Found::Nothing | Found::Foreign(_) => store.range(0, 1)?.first().map_or(1, |(seq, _)| *seq),
    };
    let (seq, link) = match store.last()? {
        None => (first.saturating_sub(1), START),
        Some((seq, bytes)) => {
            let unreadable = || AuditError::Unreadable { seq, reason: "its layout is unknown".to_owned() };
            (seq, Record::decode(&bytes).ok_or_else(unreadable)?.link)
        }
    };
    let due = match known {
        Found::Head(_) => None,
        Found::Nothing if seq < first => None,
        Found::Nothing => Some(format!("the checkpoint is gone; {} records were found and are kept", seq + 1 - first)),
        Found::Foreign(why) => Some(format!("{why}; what was found up to record {seq} is kept")),
    };
    Ok(Opened { store, first, seq, link, due: due.map(|note| Event::note(Kind::CheckpointMissing, note)) })
}

fn restart(state: &Path, known: &Found, time_ms: u64, reason: &str) -> Result<Opened, AuditError> {
    let aside = preflight::set_aside(&directory(state), time_ms, &checkpoint::files(state))?;
    let store = Sled::open(&directory(state), Tuning::Log, &|_| Ok(()))?;
    let (last, link) = match known {
        Found::Head(Head { seq, link, .. }) => (*seq, link.as_str()),
        Found::Nothing | Found::Foreign(_) => (0, "unknown"),
    };
    let name = aside.file_name().unwrap_or_default().to_string_lossy();
    tracing::error!(aside = %aside.display(), reason, last, "the log was damaged and set aside; a new chain begins");
    let note = format!("the log was set aside as `{name}`: {reason}; last known record {last}, link {link}");
    let due = Some(Event::note(Kind::LogRestarted, note));
    Ok(Opened { store: Arc::new(store), first: last + 1, seq: last, link: START, due })
}
