//! Everything that connections share: settings, inspection, log, vault, local model, the way to sites, and bounds. Built
//! once; what a reload may change is behind a lock.

use std::{
    net::SocketAddr,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use tokio::sync::Semaphore;

use super::{
    counters::Counters,
    dial::Dialer,
    limits::{Connections, Memory, Mints},
    upstream::Upstream,
};
use crate::{
    audit,
    config::{self, Config, audit::OnFailure},
    inspect::Inspector,
    local::Local,
    site::host::Host,
    tls::{self, Authority, upstream::Client},
    vault::Vault,
};

/// What the other modules bring.
pub struct Parts {
    /// Rules, sites, policies, settings.
    pub inspector: Arc<Inspector>,
    /// Placeholders and originals.
    pub vault: Arc<Vault>,
    /// The block log.
    pub audit: Arc<audit::Log>,
    /// The company's own model.
    pub local: Arc<Local>,
    /// Signs leaves.
    pub authority: Arc<Authority>,
    /// Addresses that Scrim listens on: never a target.
    pub listeners: Vec<SocketAddr>,
}

/// Shared by every connection.
pub struct Services {
    /// `[proxy]`
    pub settings: config::proxy::Proxy,
    /// `[audit] on_failure`
    pub on_failure: OnFailure,
    inspector: RwLock<Arc<Inspector>>,
    /// Placeholders and originals.
    pub vault: Arc<Vault>,
    /// The block log.
    pub audit: Arc<audit::Log>,
    /// The company's own model.
    pub local: Arc<Local>,
    authority: RwLock<Arc<Authority>>,
    /// The way to sites.
    pub upstream: Upstream,
    /// Places for connections.
    pub connections: Arc<Connections>,
    /// Memory for inspected bodies.
    pub memory: Memory,
    /// Leaves minted by client.
    pub mints: Mints,
    /// Places for scans of large bodies, one a core.
    pub scans: Arc<Semaphore>,
    /// What happened.
    pub counters: Counters,
    /// Put into `Via` of forwarded cleartext requests, and looked for to notice loops.
    pub via: String,
}

impl Services {
    /// Joins the parts by the configuration.
    ///
    /// # Errors
    /// When no roots are found, an `[upstream] ca_files` entry is unusable, or the system gives no randomness.
    pub fn new(config: &Config, parts: Parts) -> Result<Self, tls::Error> {
        let limits = config.proxy.limits;
        let tls = Client::new(&config.upstream, parts.authority.certificates())?;
        let dialer = Dialer::new(&config.upstream, &config.proxy, parts.listeners);
        let (connect, first_byte) =
            (Duration::from_secs(limits.connect_secs), Duration::from_secs(limits.first_byte_secs));
        let mark = getrandom::u64().map_err(tls::Error::Random)?;
        Ok(Self {
            settings: config.proxy.clone(),
            on_failure: config.audit.on_failure,
            inspector: RwLock::new(parts.inspector),
            vault: parts.vault,
            audit: parts.audit,
            local: parts.local,
            authority: RwLock::new(parts.authority),
            upstream: Upstream::new(dialer, tls, connect, first_byte),
            connections: Connections::new(limits.connections, limits.connections_per_client),
            memory: Memory::new(limits.memory_mib),
            mints: Mints::default(),
            scans: Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from))),
            counters: Counters::default(),
            via: format!("scrim-{mark:016x}"),
        })
    }

    /// The present generation of rules, sites and policies. An exchange keeps the one it began with.
    #[must_use]
    pub fn inspector(&self) -> Arc<Inspector> {
        Arc::clone(&self.inspector.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The present authority.
    #[must_use]
    pub fn authority(&self) -> Arc<Authority> {
        Arc::clone(&self.authority.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes a new generation on reload. Exchanges under way finish with the old one.
    ///
    /// # Errors
    /// When the roots cannot be read; everything stays as it was then.
    pub fn reload(
        &self,
        config: &Config,
        inspector: Arc<Inspector>,
        authority: Arc<Authority>,
    ) -> Result<(), tls::Error> {
        self.upstream.set_tls(Client::new(&config.upstream, authority.certificates())?);
        *self.authority.write().unwrap_or_else(PoisonError::into_inner) = authority;
        *self.inspector.write().unwrap_or_else(PoisonError::into_inner) = inspector;
        Ok(())
    }

    /// Whether the host belongs to an enabled site.
    #[must_use]
    pub fn lists(&self, host: &Host) -> bool {
        self.inspector().catalogue.site_of(host).is_some()
    }
}
