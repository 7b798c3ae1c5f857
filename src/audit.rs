//! The block log: one event an exchange, chained by hashes, durable when it is acknowledged, and never a raw value.
//! Does not decide anything and does not know the vault.
//!
//! ```text
//! record ─▶ bounded queue ─▶ writer thread: settle · chain · group commit · fdatasync ─▶ acknowledged
//!                                   └─▶ checkpoint (log.head and keys/log.head), counters (log.counts)
//! ```
//!
//! Record n holds `payload_hash = SHA-256("scrim/payload/1" ‖ salt ‖ payload)` and
//! `link_n = SHA-256("scrim/link/1" ‖ n ‖ link_{n-1} ‖ payload_hash)`; the payload is the event's JSON, byte for byte as
//! stored. Salt and payload can be deleted and the chain still verifies. The format of an export is in [`export`].

pub mod event;
pub mod inert;
pub mod chain;
pub mod checkpoint;
pub mod counters;
pub mod opening;
mod writer;
pub mod log;
pub mod query;
pub mod export;
pub mod verify;
#[cfg(test)]
mod tamper;
#[cfg(test)]
mod killed;

pub use checkpoint::Head;
pub use counters::Count;
pub use event::{Event, Group, Kind, SubjectSource};
pub use log::{Health, Log, Settings};
pub use query::{Entry, Filter, Reader};
pub use verify::{Fault, Report};

use std::path::PathBuf;

use crate::store::StoreError;

/// What goes wrong with the log. `record` errors follow `[audit] on_failure`.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The store cannot be used.
    #[error("the log: {0}")]
    Store(#[from] StoreError),
    /// Too many events wait for the writer.
    #[error("the log is too slow: {queue} events wait for the disk")]
    Busy {
        /// Size of the queue, `[audit] queue`.
        queue: usize,
    },
    /// The disk is nearly full.
    #[error("the log's disk has {free_mib} MiB left: free some space; `[audit] min_free_mib` sets the limit")]
    NearlyFull {
        /// MiB that are left.
        free_mib: u64,
    },
    /// The batch with this event was not written.
    #[error("the log cannot be written: {0}")]
    NotWritten(String),
    /// The writer is gone: Scrim is stopping.
    #[error("the log is closed")]
    Closed,
    /// An event cannot be brought into its form.
    #[error("an event cannot be written as JSON: {0}")]
    Form(#[from] serde_json::Error),
    /// A record cannot be read back.
    #[error("record {seq} of the log cannot be read: {reason}")]
    Unreadable {
        /// Its number.
        seq: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// An export cannot be written or read.
    #[error("the export: {0}")]
    Export(#[from] std::io::Error),
    /// There is no log in this state folder.
    #[error("no log in `{path}`\nhint: `scrim up` makes one; `--state` names another folder")]
    None {
        /// The state folder.
        path: PathBuf,
    },
    /// A task that read the log panicked.
    #[error("reading the log failed: {0}")]
    Interrupted(String),
}
