//! Whether a log is complete and untouched, and if not, what happened to it and where it begins. Reads records in the
//! order they come; does not need the store.

use std::{collections::BTreeMap, fmt};

use super::{
    chain::{Link, Record, START, link},
    checkpoint::Found,
};
use crate::store::LogStore;

/// Faults that a report lists; more are counted.
const FAULTS_MAX: usize = 100;

/// Records that are read at a time.
const PAGE: usize = 512;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A record is not what was written.
    Changed {
        /// Its number.
        seq: u64,
    },
    /// Records are gone from the middle or the beginning.
    Missing {
        /// The first that is gone.
        from: u64,
        /// The last.
        to: u64,
    },
    /// A record stands where it does not belong.
    Reordered {
        /// Its number.
        seq: u64,
    },
    /// A record is there twice.
    Duplicated {
        /// Its number.
        seq: u64,
    },
    /// The end is gone: the checkpoint names a later record.
    Truncated {
        /// The last record that is there.
        last: u64,
        /// The one the checkpoint names.
        expected: u64,
    },
    /// The log and its checkpoint are from an earlier time than the second checkpoint knows.
    RolledBack {
        /// The last record that is there.
        last: u64,
        /// The one the second checkpoint names.
        expected: u64,
    },
    /// A chain that fits itself, but not the checkpoint.
    Replaced {
        /// The record that the checkpoint names.
        seq: u64,
    },
    /// No record at all, and the checkpoint names one.
    Empty {
        /// The record that the checkpoint names.
        expected: u64,
    },
    /// The checkpoint itself is missing or not ours.
    Checkpoint {
        /// What is wrong with it.
        reason: String,
    },
    /// Bytes that are no record.
    Unreadable {
        /// `record 7`, `line 7`.
        place: String,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { seq } => write!(f, "record {seq} was changed"),
            Self::Missing { from, to } if from == to => write!(f, "record {from} is missing"),
            Self::Missing { from, to } => write!(f, "records {from} to {to} are missing"),
            Self::Reordered { seq } => write!(f, "record {seq} is out of order"),
            Self::Duplicated { seq } => write!(f, "record {seq} is there twice"),
            Self::Truncated { last, expected } => {
                write!(f, "the end is gone: the last record is {last}, the checkpoint names {expected}")
            }
            Self::RolledBack { last, expected } => {
                write!(f, "rolled back to an older copy: the last record is {last}, {expected} was seen")
            }
            Self::Replaced { seq } => write!(f, "replaced: record {seq} is not the one the checkpoint names"),
            Self::Empty { expected } => write!(f, "empty, and the checkpoint names record {expected}"),
            Self::Checkpoint { reason } => write!(f, "the checkpoint proves nothing: {reason}"),
            Self::Unreadable { place } => write!(f, "{place} cannot be read"),
        }
    }
}

impl Fault {
    /// The first number concerned, where there is one.
    #[must_use]
    pub fn seq(&self) -> Option<u64> {
        match self {
            Self::Changed { seq } | Self::Reordered { seq } | Self::Duplicated { seq } | Self::Replaced { seq } => {
                Some(*seq)
            }
            Self::Missing { from, .. } => Some(*from),
            Self::Truncated { last, .. } | Self::RolledBack { last, .. } => Some(last + 1),
            Self::Empty { .. } => Some(1),
            Self::Checkpoint { .. } | Self::Unreadable { .. } => None,
        }
    }
}

/// What `verify` found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Records read.
    pub records: u64,
    /// Of these, without payload by policy.
    pub retired: u64,
    /// Lowest number.
    pub first: u64,
    /// Highest number.
    pub last: u64,
    /// What is wrong, in the order it was met; at most 100.
    pub faults: Vec<Fault>,
    /// Faults beyond these.
    pub more_faults: u64,
}

impl Report {
    /// Nothing is wrong.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }

    /// The lowest number that is concerned.
    #[must_use]
    pub fn first_bad(&self) -> Option<u64> {
        self.faults.iter().filter_map(Fault::seq).min()
    }

    fn blame(&mut self, fault: Fault) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(fault);
        } else {
            self.more_faults += 1;
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_sound() {
            write!(f, "sound: {} records, {} to {}", self.records, self.first, self.last)?;
        } else {
            let at = self.first_bad().map_or_else(String::new, |seq| format!(" from record {seq} on"));
            write!(f, "not sound{at}: {} records read", self.records)?;
        }
        if self.retired > 0 {
            write!(f, ", {} retired by policy", self.retired)?;
        }
        for fault in &self.faults {
            write!(f, "\n  {fault}")?;
        }
        if self.more_faults > 0 {
            write!(f, "\n  and {} more", self.more_faults)?;
        }
        Ok(())
    }
}

/// What the checkpoints say.
#[derive(Debug, Clone)]
pub struct Known {
    /// Of the checkpoint beside the store, or in the export.
    pub own: Found,
    /// Of the one that is kept elsewhere.
    pub elsewhere: Found,
}

/// Verifies records against what the checkpoints say.
pub fn verify(records: impl Iterator<Item = Result<(u64, Record), Fault>>, known: &Known) -> Report {
    Walker::default().walk(records).conclude(known)
}

/// The state of a walk along the chain.
#[derive(Debug, Default)]
pub(super) struct Walker {
    report: Report,
    /// The highest number so far and its link.
    tip: Option<(u64, Link)>,
    /// Numbers passed over so far: first to last.
    gaps: BTreeMap<u64, u64>,
    /// Links by number, of the last records; for the checkpoints.
    links: BTreeMap<u64, Link>,
}

/// Links that are kept for the checkpoints: they lie at most 1000 records and a second back.
const LINKS_MAX: usize = 100_000;

impl Walker {
    /// Takes all records in.
    pub(super) fn walk(mut self, records: impl Iterator<Item = Result<(u64, Record), Fault>>) -> Self {
        for record in records {
            match record {
                Ok((seq, record)) => self.step(seq, &record),
                Err(fault) => self.report.blame(fault),
            }
        }
        self
    }

    fn step(&mut self, seq: u64, record: &Record) {
        self.report.records += 1;
        self.report.retired += u64::from(record.body.is_none());
        self.report.first = if self.report.records == 1 { seq } else { self.report.first.min(seq) };
        let Some((tip, before)) = self.tip else { return self.begin(seq, record) };
        if seq <= tip {
            return self.stray(seq, record);
        }
        if seq > tip + 1 {
            self.gaps.insert(tip + 1, seq - 1);
        }
        let follows = seq == tip + 1 && link(seq, &before, &record.payload_hash) != record.link;
        if !is_intact(record) || follows {
            self.report.blame(cause(seq, record, &before));
        }
        self.reach(seq, record.link);
    }

    /// The first record: it links to the start, or something stood before it.
    fn begin(&mut self, seq: u64, record: &Record) {
        let starts = link(seq, &START, &record.payload_hash) == record.link;
        if !is_intact(record) || (!starts && seq == 1) {
            self.report.blame(cause(seq, record, &START));
        } else if !starts {
            self.gaps.insert(1, seq.saturating_sub(1));
        }
        self.reach(seq, record.link);
    }

    /// A record whose number lies behind: it fills a gap, or it was there already.
    fn stray(&mut self, seq: u64, record: &Record) {
        let gap = self.gaps.range(..=seq).next_back().map(|(from, to)| (*from, *to)).filter(|(_, to)| seq <= *to);
        let Some((from, to)) = gap else { return self.report.blame(Fault::Duplicated { seq }) };
        self.gaps.remove(&from);
        if from < seq {
            self.gaps.insert(from, seq - 1);
        }
        if seq < to {
            self.gaps.insert(seq + 1, to);
        }
        self.links.insert(seq, record.link);
        let fault = if is_intact(record) { Fault::Reordered { seq } } else { Fault::Changed { seq } };
        self.report.blame(fault);
    }

    fn reach(&mut self, seq: u64, link: Link) {
        self.tip = Some((seq, link));
        self.links.insert(seq, link);
        if self.links.len() > LINKS_MAX {
            self.links.pop_first();
        }
    }

    /// Compares with the checkpoints, and reports what was passed over and never came.
    pub(super) fn conclude(mut self, known: &Known) -> Report {
        let last = self.tip.map_or(0, |(seq, _)| seq);
        self.report.last = last;
        let first = head_of(&known.own).or(head_of(&known.elsewhere)).map_or(1, |head| head.first);
        for (from, to) in std::mem::take(&mut self.gaps) {
            if to >= first {
                self.report.blame(Fault::Missing { from: from.max(first), to });
            }
        }
        self.compare(known, last);
        self.report
    }

    fn compare(&mut self, known: &Known, last: u64) {
        for found in [&known.own, &known.elsewhere] {
            if let Found::Foreign(reason) = found {
                self.report.blame(Fault::Checkpoint { reason: reason.clone() });
            }
        }
        let (own, elsewhere) = (head_of(&known.own), head_of(&known.elsewhere));
        let Some(furthest) = own.into_iter().chain(elsewhere).max_by_key(|head| head.seq) else {
            if last > 0 && known.own == Found::Nothing && known.elsewhere == Found::Nothing {
                self.report.blame(Fault::Checkpoint { reason: "there is none".to_owned() });
            }
            return;
        };
        let expected = furthest.seq;
        if last == 0 && expected > 0 {
            self.report.blame(Fault::Empty { expected });
        } else if last < expected {
            let fits_own = own.is_some_and(|head| head.seq <= last);
            let truncated = Fault::Truncated { last, expected };
            self.report.blame(if fits_own { Fault::RolledBack { last, expected } } else { truncated });
        }
        for head in own.into_iter().chain(elsewhere) {
            let differs = self.links.get(&head.seq).is_some_and(|link| *link != head.link());
            let fault = Fault::Replaced { seq: head.seq };
            if differs && !self.report.faults.contains(&fault) {
                self.report.blame(fault);
            }
        }
    }
}

fn head_of(found: &Found) -> Option<&super::Head> {
    match found {
        Found::Head(head) => Some(head),
        Found::Nothing | Found::Foreign(_) => None,
    }
}

fn is_intact(record: &Record) -> bool {
    record.body.as_ref().is_none_or(|body| body.hash() == record.payload_hash)
}

/// What may have happened to a record that does not fit the one before it: its own bytes say which number it had.
fn cause(seq: u64, record: &Record, before: &Link) -> Fault {
    #[derive(serde::Deserialize)]
    struct Numbered {
        seq: u64,
    }
    let payload = record.body.as_ref().map(|body| body.payload.as_slice()).unwrap_or_default();
    let own = serde_json::from_slice::<Numbered>(payload).map_or(seq, |numbered| numbered.seq);
    if !is_intact(record) || own == seq {
        Fault::Changed { seq }
    } else if record.link == *before {
        Fault::Duplicated { seq: own }
    } else {
        Fault::Reordered { seq }
    }
}

/// Walks a store from its first record on; around what cannot be read, up to the record a checkpoint names.
pub(super) struct Walk<'a> {
    store: &'a dyn LogStore,
    page: std::vec::IntoIter<(u64, Vec<u8>)>,
    next: u64,
    /// Numbers up to this one are tried one by one when a page cannot be read.
    end: u64,
}

impl<'a> Walk<'a> {
    /// A walk over everything.
    pub(super) fn new(store: &'a dyn LogStore, known: &Known) -> Self {
        let heads = head_of(&known.own).into_iter().chain(head_of(&known.elsewhere));
        let named = heads.map(|head| head.seq).max().unwrap_or(0);
        let held = store.last().ok().flatten().map_or(0, |(seq, _)| seq);
        Self { store, page: Vec::new().into_iter(), next: 0, end: named.max(held) }
    }

    fn turn_page(&mut self) -> Option<Fault> {
        match self.store.range(self.next, PAGE) {
            Ok(page) => {
                self.next = page.last().map_or(u64::MAX, |(seq, _)| seq + 1);
                self.page = page.into_iter();
                None
            }
            Err(_damaged) if self.next <= self.end => self.turn_by_one(),
            Err(_damaged) => {
                self.next = u64::MAX;
                None
            }
        }
    }

    fn turn_by_one(&mut self) -> Option<Fault> {
        let seq = self.next;
        self.next += 1;
        match self.store.get(seq) {
            Ok(found) => {
                self.page = found.map(|bytes| (seq, bytes)).into_iter().collect::<Vec<_>>().into_iter();
                None
            }
            Err(_damaged) => Some(Fault::Unreadable { place: format!("record {seq}") }),
        }
    }
}

impl Iterator for Walk<'_> {
    type Item = Result<(u64, Record), Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((seq, bytes)) = self.page.next() {
                let unreadable = || Fault::Unreadable { place: format!("record {seq}") };
                return Some(Record::decode(&bytes).map(|record| (seq, record)).ok_or_else(unreadable));
            }
            if self.next == u64::MAX {
                return None;
            }
            if let Some(fault) = self.turn_page() {
                return Some(Err(fault));
            }
        }
    }
}
