//! Findings by rule since the start, counted from the events that the log acknowledged. Keeps no event.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use crate::audit::{AuditError, Entry, Reader};

/// Events read at a time.
const PAGE: usize = 1024;
/// Rules that are counted apart; a company has a few hundred.
const RULES_MAX: usize = 4096;

/// The counts, and the number of the last event in them.
#[derive(Debug)]
pub struct Tally {
    counted: Mutex<Counted>,
}

#[derive(Debug)]
struct Counted {
    last: u64,
    by_rule: BTreeMap<String, u64>,
}

impl Tally {
    /// Counts what comes after event `last`.
    #[must_use]
    pub fn after(last: u64) -> Self {
        Self { counted: Mutex::new(Counted { last, by_rule: BTreeMap::new() }) }
    }

    /// Every rule with its findings, by rule, up to the newest event. Reads the disk.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn findings(&self, reader: &Reader) -> Result<Vec<(String, u64)>, AuditError> {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let page = reader.follow(counted.last, PAGE)?;
            page.iter().for_each(|entry| counted.add(entry));
            if page.len() < PAGE {
                return Ok(counted.by_rule.iter().map(|(rule, number)| (rule.clone(), *number)).collect());
            }
        }
    }
}

impl Counted {
    fn add(&mut self, entry: &Entry) {
        self.last = entry.seq;
        for group in entry.event.iter().flat_map(|event| &event.findings) {
            let known = self.by_rule.len() < RULES_MAX || self.by_rule.contains_key(&group.rule);
            let name = if known { group.rule.as_str() } else { "other" };
            *self.by_rule.entry(name.to_owned()).or_insert(0) += u64::from(group.count);
        }
    }
}
