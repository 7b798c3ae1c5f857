//! What the proxy counts, for the console and for metrics. Names no person and no URL.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counters since the start.
#[derive(Debug, Default)]
pub struct Counters {
    /// Connections taken in.
    pub connections: Counter,
    /// Connections refused because a bound was met.
    pub connections_full: Counter,
    /// Connections from addresses outside `allow_sources`.
    pub connections_foreign: Counter,
    /// Requests without valid proxy credentials.
    pub unauthenticated: Counter,
    /// CONNECT tunnels that were copied unseen.
    pub tunnels: Counter,
    /// Among those, tunnels to AI hosts that are known but not enabled as sites: nobody inspects them.
    pub ai_uninspected: Counter,
    /// Connections that were decrypted.
    pub intercepted: Counter,
    /// Clients that broke off the handshake after seeing the leaf: most often `ca.pem` is not trusted.
    pub client_tls_refused: Counter,
    /// Something else than TLS inside a CONNECT to a site.
    pub not_tls: Counter,
    /// CONNECT, SNI or Host naming different hosts.
    pub misdirected: Counter,
    /// Requests with a framing that two readers could take differently.
    pub smuggling: Counter,
    /// Clients closed for being slow.
    pub slow_clients: Counter,
    /// Targets refused by address, port or because they are Scrim itself.
    pub targets_refused: Counter,
    /// Sites that could not be reached or verified.
    pub upstream_failed: Counter,
    /// Answers that look like a bot challenge: the site does not like Scrim's handshake.
    pub challenged: Counter,
}

/// One counter.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// One more.
    pub fn add(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    /// How many.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

impl Counters {
    /// Name and value of each, in the order above.
    #[must_use]
    pub fn all(&self) -> [(&'static str, u64); 15] {
        [
            ("connections", self.connections.get()),
            ("connections_full", self.connections_full.get()),
            ("connections_foreign", self.connections_foreign.get()),
            ("unauthenticated", self.unauthenticated.get()),
            ("tunnels", self.tunnels.get()),
            ("ai_uninspected", self.ai_uninspected.get()),
            ("intercepted", self.intercepted.get()),
            ("client_tls_refused", self.client_tls_refused.get()),
            ("not_tls", self.not_tls.get()),
            ("misdirected", self.misdirected.get()),
            ("smuggling", self.smuggling.get()),
            ("slow_clients", self.slow_clients.get()),
            ("targets_refused", self.targets_refused.get()),
            ("upstream_failed", self.upstream_failed.get()),
            ("challenged", self.challenged.get()),
        ]
    }
}
