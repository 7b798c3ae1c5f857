//! How many exchanges each site and verdict had: what the log says of exchanges that leave no event. Does not hold
//! times or people.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};

use super::{AuditError, inert::inert};
use crate::{policy::Verdict, store::private};

/// Rows that are kept apart; further sites count as `other`.
const ROWS_MAX: usize = 1024;

/// Bytes the file may have.
const FILE_MAX: u64 = 1024 * 1024;

/// One row of the statistics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// Id of the site.
    pub site: String,
    /// What was done.
    pub verdict: Verdict,
    /// Exchanges since this log began.
    pub exchanges: u64,
}

/// Counts of a state folder, kept in `log.counts`.
#[derive(Debug)]
pub struct Counters {
    rows: Mutex<BTreeMap<(String, Verdict), u64>>,
    file: PathBuf,
}

impl Counters {
    /// Reads what was counted before. A file that is none is left behind with a warning: counts are no evidence.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn open(state: &Path) -> Result<Self, AuditError> {
        let file = state.join("log.counts");
        let counts: Vec<Count> = match private::read(&file, FILE_MAX)? {
            None => Vec::new(),
            Some(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|error| {
                tracing::warn!(file = %file.display(), %error, "counts of exchanges start again at zero");
                Vec::new()
            }),
        };
        let rows = counts.into_iter().map(|count| ((count.site, count.verdict), count.exchanges)).collect();
        Ok(Self { rows: Mutex::new(rows), file })
    }

    /// Counts one exchange.
    pub fn count(&self, site: &str, verdict: Verdict) {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let mut key = (inert(site, 64), verdict);
        if rows.len() >= ROWS_MAX && !rows.contains_key(&key) {
            "other".clone_into(&mut key.0);
        }
        let held = rows.entry(key).or_insert(0);
        *held = held.saturating_add(1);
    }

    /// Every row, by site and from mild to strict.
    #[must_use]
    pub fn all(&self) -> Vec<Count> {
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let row = |((site, verdict), exchanges): (&(String, Verdict), &u64)| Count {
            site: site.clone(),
            verdict: *verdict,
            exchanges: *exchanges,
        };
        rows.iter().map(row).collect()
    }

    /// Writes the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(&self) -> Result<(), AuditError> {
        Ok(private::write_atomic(&self.file, &serde_json::to_vec(&self.all())?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_outlive_the_process_and_stay_bounded() {
        let state = tempfile::tempdir().unwrap();
        let counters = Counters::open(state.path()).unwrap();
        for _ in 0..3 {
            counters.count("chatgpt", Verdict::Allow);
        }
        counters.count("chatgpt", Verdict::Mask);
        counters.save().unwrap();
        let again = Counters::open(state.path()).unwrap();
        assert_eq!(again.all(), counters.all());
        assert_eq!(again.all()[0], Count { site: "chatgpt".to_owned(), verdict: Verdict::Allow, exchanges: 3 });

        for n in 0..2000 {
            again.count(&format!("site{n}"), Verdict::Allow);
        }
        assert!(again.all().len() <= ROWS_MAX + 4);
        assert_eq!(again.all().iter().map(|row| row.exchanges).sum::<u64>(), 2004);
    }
}
