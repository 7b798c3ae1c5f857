//! Scrim's own log lines on stderr. Levels: ERROR someone must act, WARN someone should look, INFO a state changed for a
//! user, DEBUG why a branch was taken, TRACE per event. Not the block log: that is `audit`.

use tracing_subscriber::EnvFilter;

use crate::config::telemetry::Telemetry;

/// A filter that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error(
    "the log filter `{filter}` from {origin} cannot be read: {cause}\n  hint: `info`, `debug`, or `info,scrim::proxy=debug`"
)]
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
