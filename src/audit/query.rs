//! Reading the log: one entry, entries by filter, a copy for a log that is damaged. Never writes.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use data_encoding::HEXLOWER;

use super::{
    AuditError, Event, Kind, Report,
    chain::{Link, Record},
    checkpoint::{self, Found, Head},
    counters::{Count, Counters},
    export,
    log::Shared,
    opening,
    verify::{self, Known},
};
use crate::{
    policy::Verdict,
    store::{
        LogStore, StoreError,
        clock::Clock,
        keyfile::{self, SecretKey},
        sled_store::{Sled, Tuning},
    },
};

/// Records that are read at a time.
const PAGE: u64 = 256;

/// Entries that one query returns at most.
pub const LIMIT_MAX: usize = 10_000;

/// A record as people read it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Number in the chain.
    pub seq: u64,
    /// Link, in hex.
    pub link: String,
    /// `None` when the payload was retired.
    pub event: Option<Event>,
}

/// Which entries are wanted; an empty filter wants all. Text is compared without case.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only below this number: the next page.
    pub before: Option<u64>,
    /// At most so many; 0 means 100.
    pub limit: usize,
    /// Not older than this Unix time in milliseconds.
    pub since: Option<u64>,
    /// Not newer.
    pub until: Option<u64>,
    /// What it is about.
    pub kind: Option<Kind>,
    /// This subject.
    pub subject: Option<String>,
    /// This site.
    pub site: Option<String>,
    /// With a finding of this category.
    pub category: Option<String>,
    /// With a finding of this rule.
    pub rule: Option<String>,
    /// What was done.
    pub verdict: Option<Verdict>,
    /// Reference or id that begins like this.
    pub reference: Option<String>,
    /// Anywhere in the event's JSON.
    pub text: Option<String>,
}

impl Filter {
    fn wants(&self, event: &Event, payload: &str) -> bool {
        let same = |wanted: &Option<String>, held: &str| wanted.as_ref().is_none_or(|w| w.eq_ignore_ascii_case(held));
        let begins = |wanted: &str, held: &str| held.to_lowercase().starts_with(&wanted.to_lowercase());
        let found = |wanted: &Option<String>, held: fn(&super::Group) -> &str| {
            wanted.as_ref().is_none_or(|w| event.findings.iter().any(|group| held(group).eq_ignore_ascii_case(w)))
        };
        self.since.is_none_or(|since| event.time >= since)
            && self.until.is_none_or(|until| event.time <= until)
            && self.kind.is_none_or(|kind| event.kind == kind)
            && same(&self.subject, &event.subject)
            && same(&self.site, &event.site)
            && found(&self.category, |group| &group.category)
            && found(&self.rule, |group| &group.rule)
            && self.verdict.is_none_or(|verdict| event.enforced == Some(verdict))
            && self.reference.as_ref().is_none_or(|w| begins(w, &event.reference) || begins(w, &event.id))
            && self.text.as_ref().is_none_or(|w| payload.to_lowercase().contains(&w.to_lowercase()))
    }
}

/// Reads a log: that of the running Scrim, or one that nothing owns.
#[derive(Clone)]
pub struct Reader {
    source: Source,
    state: PathBuf,
    key: Arc<SecretKey>,
}

#[derive(Clone)]
enum Source {
    /// Whatever store the writer has just now.
    Live(Arc<Shared>),
    /// A store opened for reading.
    Own(Arc<dyn LogStore>),
    /// The store's folder is gone, and a checkpoint says that there was one.
    Gone,
}

impl Reader {
    pub(super) fn live(shared: Arc<Shared>, state: PathBuf, key: Arc<SecretKey>) -> Self {
        Self { source: Source::Live(shared), state, key }
    }

    /// Opens the log of a state folder while no Scrim runs. A damaged one is read from a copy, as far as it goes.
    ///
    /// # Errors
    /// When there is none, a running Scrim owns it, or nothing of it can be read.
    pub fn open(state: &Path) -> Result<Self, AuditError> {
        let directory = opening::directory(state);
        let key_file = state.join("keys").join("log.key");
        if !key_file.exists() {
            return Err(AuditError::None { path: state.to_owned() });
        }
        let key = Arc::new(keyfile::load(&key_file)?);
        let known = Found::further(checkpoint::read(state, &key)?);
        if !directory.exists() {
            return Ok(Self { source: Source::Gone, state: state.to_owned(), key });
        }
        let store = match Sled::open(&directory, Tuning::Log, &|store| opening::agrees(store, &known)) {
            Err(StoreError::Damaged { reason, .. }) => {
                tracing::warn!(reason, "the log is damaged; a copy of it is read as far as it goes");
                Sled::open_copy(&directory, Tuning::Log)?
            }
            opened => opened?,
        };
        Ok(Self { source: Source::Own(Arc::new(store)), state: state.to_owned(), key })
    }

    /// Opens a store that was set aside (`log.damaged-…`), from a copy, for `scrim log salvage`: `export` writes what
    /// can be read and `verify` says what is wrong with it.
    ///
    /// # Errors
    /// When nothing of it can be read.
    pub fn open_aside(state: &Path, directory: &Path) -> Result<Self, AuditError> {
        let key = Arc::new(keyfile::load(&state.join("keys").join("log.key"))?);
        let store = Sled::open_copy(directory, Tuning::Log)?;
        Ok(Self { source: Source::Own(Arc::new(store)), state: directory.to_owned(), key })
    }

    fn store(&self) -> Result<Option<Arc<dyn LogStore>>, AuditError> {
        match &self.source {
            Source::Live(shared) => shared.store().map(Some).ok_or(AuditError::Closed),
            Source::Own(store) => Ok(Some(Arc::clone(store))),
            Source::Gone => Ok(None),
        }
    }

    /// One entry.
    ///
    /// # Errors
    /// When the store cannot be read there.
    pub fn get(&self, seq: u64) -> Result<Option<Entry>, AuditError> {
        let Some(store) = self.store()? else { return Ok(None) };
        store.get(seq)?.map(|bytes| read(seq, &bytes).map(|(entry, _)| entry)).transpose()
    }

    /// Entries that a filter lets through, newest first. For the next page, set `before` to the last one's number.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn list(&self, filter: &Filter) -> Result<Vec<Entry>, AuditError> {
        let Some(store) = self.store()? else { return Ok(Vec::new()) };
        let limit = if filter.limit == 0 { 100 } else { filter.limit.min(LIMIT_MAX) };
        let last = store.last()?.map_or(0, |(seq, _)| seq);
        let first = store.range(0, 1)?.first().map_or(1, |(seq, _)| *seq);
        let mut end = filter.before.map_or(last, |before| last.min(before.saturating_sub(1)));
        let mut entries = Vec::new();
        while end >= first && entries.len() < limit {
            let start = end.saturating_sub(PAGE - 1).max(first);
            let page = store.range(start, usize::try_from(end - start + 1).unwrap_or(0))?;
            for (seq, bytes) in page.iter().rev().filter(|(seq, _)| *seq <= end) {
                let (entry, payload) = read(*seq, bytes)?;
                if entries.len() < limit && entry.event.as_ref().is_some_and(|event| filter.wants(event, &payload)) {
                    entries.push(entry);
                }
            }
            end = start.saturating_sub(1);
        }
        Ok(entries)
    }

    /// At most `limit` entries above number `after`, oldest first: what `tail` follows.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn follow(&self, after: u64, limit: usize) -> Result<Vec<Entry>, AuditError> {
        let Some(store) = self.store()? else { return Ok(Vec::new()) };
        let page = store.range(after.saturating_add(1), limit.min(LIMIT_MAX))?;
        page.iter().map(|(seq, bytes)| read(*seq, bytes).map(|(entry, _)| entry)).collect()
    }

    /// Number of the newest record; 0 when there is none.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn last(&self) -> Result<u64, AuditError> {
        let Some(store) = self.store()? else { return Ok(0) };
        Ok(store.last()?.map_or(0, |(seq, _)| seq))
    }

    /// Whether the log is complete and untouched, against its checkpoints.
    ///
    /// # Errors
    /// When the checkpoint files cannot be read.
    pub fn verify(&self) -> Result<Report, AuditError> {
        // The checkpoints first: records that come later lie beyond them, which is right.
        let [own, elsewhere] = checkpoint::read(&self.state, &self.key)?;
        let known = Known { own, elsewhere };
        let Some(store) = self.store()? else { return Ok(verify::verify(std::iter::empty(), &known)) };
        Ok(verify::verify(verify::Walk::new(store.as_ref(), &known), &known))
    }

    /// Writes every record that can be read as JSON lines, then a checkpoint; returns how many records. The checkpoint
    /// names the last record written where the log is sound, so that a cut end shows; else the one that is kept.
    ///
    /// # Errors
    /// When the checkpoint cannot be read or `out` cannot be written.
    pub fn export(&self, out: &mut dyn std::io::Write) -> Result<u64, AuditError> {
        let sound = self.verify()?.is_sound();
        // The checkpoint first, as in `verify`.
        let [own, elsewhere] = checkpoint::read(&self.state, &self.key)?;
        let known = Known { own, elsewhere };
        let mut exported = 0;
        let mut ends: Option<(u64, u64, Link)> = None;
        if let Some(store) = self.store()? {
            for record in verify::Walk::new(store.as_ref(), &known) {
                match record {
                    Ok((seq, record)) => {
                        out.write_all(export::line(seq, &record)?.as_bytes())?;
                        exported += 1;
                        ends = Some((ends.map_or(seq, |(first, _, _)| first), seq, record.link));
                    }
                    Err(fault) => tracing::warn!(%fault, "left out of the export"),
                }
            }
        }
        let last =
            ends.filter(|_| sound).map(|(first, seq, link)| Head::new(first, seq, &link, Clock::system().wall_ms()));
        let kept = match Found::further([known.own, known.elsewhere]) {
            Found::Head(head) => Some(head),
            Found::Nothing | Found::Foreign(_) => None,
        };
        if let Some(head) = last.or(kept) {
            out.write_all(export::checkpoint_line(&self.key, &head)?.as_bytes())?;
        }
        out.flush()?;
        Ok(exported)
    }

    /// What was counted, as last written.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn counts(&self) -> Result<Vec<Count>, AuditError> {
        match &self.source {
            Source::Live(shared) => Ok(shared.counters.all()),
            Source::Own(_) | Source::Gone => Ok(Counters::open(&self.state)?.all()),
        }
    }
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reader({})", self.state.display())
    }
}

fn decode(seq: u64, bytes: &[u8]) -> Result<Record, AuditError> {
    Record::decode(bytes).ok_or_else(|| AuditError::Unreadable { seq, reason: "its layout is unknown".to_owned() })
}

fn read(seq: u64, bytes: &[u8]) -> Result<(Entry, String), AuditError> {
    let record = decode(seq, bytes)?;
    let unreadable = |reason: String| AuditError::Unreadable { seq, reason };
    let payload = record.body.map(|body| String::from_utf8(body.payload)).transpose();
    let payload = payload.map_err(|error| unreadable(error.to_string()))?;
    let event = payload.as_deref().map(serde_json::from_str).transpose();
    let event = event.map_err(|error| unreadable(error.to_string()))?;
    Ok((Entry { seq, link: HEXLOWER.encode(&record.link), event }, payload.unwrap_or_default()))
}
