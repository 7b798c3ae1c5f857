//! Scrim's own log lines on stderr. Levels: ERROR someone must act, WARN someone should look, INFO a state changed for a
//! user, DEBUG why a branch was taken, TRACE per event. Also the counters that only live as long as the process. Not the
//! block log: that is `audit`.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use tracing_subscriber::EnvFilter;

use crate::config::telemetry::Telemetry;

/// A filter that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the log filter `{filter}` from {origin} cannot be read: {cause}\n  hint: `info`, `debug`, or `info,scrim::proxy=debug`")]
pub struct FilterError {
    filter: String,
    origin: &'static str,
    cause: tracing_subscriber::filter::ParseError,
}

/// Starts writing log lines. `RUST_LOG` overrides the configured filter. A second call changes nothing.
///
/// # Errors
/// When the filter cannot be read.
pub fn start(telemetry: &Telemetry) -> Result<(), FilterError> {
    let variable = std::env::var("RUST_LOG").ok().filter(|filter| !filter.is_empty());
    let (filter, origin) = match variable {
        Some(filter) => (filter, "RUST_LOG"),
        None => (telemetry.filter.clone(), "`[telemetry] filter`"),
    };
    let parsed = EnvFilter::try_new(&filter).map_err(|cause| FilterError { filter, origin, cause })?;
    let lines = tracing_subscriber::fmt().with_env_filter(parsed).with_writer(std::io::stderr).with_ansi(false);
    // Another subscriber is already there only in tests, which then see the lines themselves.
    drop(lines.try_init());
    Ok(())
}

/// Rules that are counted apart; a company has a few hundred.
const RULES_MAX: usize = 4096;

/// Counters since the start.
#[derive(Debug, Default)]
pub struct Metrics {
    findings: Mutex<BTreeMap<String, u64>>,
}

impl Metrics {
    /// Counts findings of a rule.
    pub fn found(&self, rule: &str, number: usize) {
        let mut findings = self.findings.lock().unwrap_or_else(PoisonError::into_inner);
        let name = if findings.len() >= RULES_MAX && !findings.contains_key(rule) { "other" } else { rule };
        let count = findings.entry(name.to_owned()).or_insert(0);
        *count = count.saturating_add(u64::try_from(number).unwrap_or(u64::MAX));
    }

    /// Every rule with its number, by rule.
    #[must_use]
    pub fn findings(&self) -> Vec<(String, u64)> {
        let findings = self.findings.lock().unwrap_or_else(PoisonError::into_inner);
        findings.iter().map(|(rule, number)| (rule.clone(), *number)).collect()
    }
}
