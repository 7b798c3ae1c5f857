//! What the tests stand on: the real binary as a child process, stand-in sites over real TLS, clients, a local model,
//! and the formats that all of them speak. Asserts nothing about Scrim by itself.

pub(crate) mod answers;
pub(crate) mod authority;
pub(crate) mod client;
pub(crate) mod dialect;
pub(crate) mod model;
pub(crate) mod origin;
pub(crate) mod programs;
pub(crate) mod readers;
pub(crate) mod samples;
pub(crate) mod scrim;
pub(crate) mod settings;
pub(crate) mod world;

use std::{future::Future, time::Duration};

/// No step of a test may take longer. Generous: the machine may be busy; it only turns a hang into a failure.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

/// Waits for `future`, but not for ever.
pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("{what} did not end within {} s", PATIENCE.as_secs()),
    }
}

/// Tries until `attempt` gives a value, but not for ever.
pub(crate) async fn eventually<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let end = tokio::time::Instant::now() + PATIENCE;
    loop {
        if let Some(value) = attempt() {
            return value;
        }
        assert!(tokio::time::Instant::now() < end, "{what} did not happen within {} s", PATIENCE.as_secs());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Whether `haystack` holds `needle` as bytes.
pub(crate) fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(haystack, needle).is_some()
}
