//! The running instance as console and control socket show it. Built by `app`; starts and stops nothing itself.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
    time::Instant,
};

use serde_json::{Value, json};

use super::control::hold::Holds;
use crate::{
    audit::{Health, Log},
    config::Config,
    inspect::Inspector,
    local::Local,
    telemetry::Metrics,
    tls::{Authority, authority::RootKey},
};

/// What a reload came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reloaded {
    /// `62 rules, 4 sites`.
    pub summary: String,
    /// Sections that changed and take effect at the next start only.
    pub at_next_start: Vec<&'static str>,
}

/// Why the old configuration stays: the whole message, with file and line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotReloaded(pub String);

/// Reads configuration and rules again and puts them in force.
pub type Reload = dyn Fn() -> Result<Reloaded, NotReloaded> + Send + Sync;

/// Gives the rules, sites and policies in force.
pub type Current = dyn Fn() -> Arc<Inspector> + Send + Sync;

/// An instance that serves.
pub struct Instance {
    /// Where the proxy listens.
    pub proxy: SocketAddr,
    /// Where the console listens.
    pub console: SocketAddr,
    /// The console's name for people, when it has another one.
    pub public_url: Option<String>,
    /// The state folder.
    pub state: PathBuf,
    /// The configuration file, if there is one.
    pub config_file: Option<PathBuf>,
    /// Who signs for AI sites.
    pub authority: Arc<Authority>,
    /// The block log.
    pub log: Arc<Log>,
    /// The company's own model.
    pub local: Arc<Local>,
    /// Counters that the log does not keep.
    pub metrics: Arc<Metrics>,
    /// Other programs that keep a private instance up.
    pub holds: Holds,
    started: Instant,
    current: Box<Current>,
    reload: Arc<Reload>,
}

/// What an instance is built from besides what it shows.
pub struct Parts {
    /// Where proxy and console listen.
    pub addresses: (SocketAddr, SocketAddr),
    /// The state folder.
    pub state: PathBuf,
    /// Who signs for AI sites.
    pub authority: Arc<Authority>,
    /// The block log.
    pub log: Arc<Log>,
    /// The company's own model.
    pub local: Arc<Local>,
    /// Counters that the log does not keep.
    pub metrics: Arc<Metrics>,
    /// Gives what is in force.
    pub current: Box<Current>,
    /// Puts something else in force.
    pub reload: Arc<Reload>,
}

impl Instance {
    /// An instance that has just begun to serve.
    #[must_use]
    pub fn new(config: &Config, parts: Parts) -> Self {
        let (proxy, console) = parts.addresses;
        Self {
            proxy,
            console,
            public_url: config.console.public_url.clone(),
            state: parts.state,
            config_file: config.file.clone(),
            authority: parts.authority,
            log: parts.log,
            local: parts.local,
            metrics: parts.metrics,
            holds: Holds::new(),
            started: Instant::now(),
            current: parts.current,
            reload: parts.reload,
        }
    }

    /// The rules, sites and policies in force.
    #[must_use]
    pub fn inspector(&self) -> Arc<Inspector> {
        (self.current)()
    }

    /// Reads configuration and rules again. On an error the old ones stay in force.
    ///
    /// # Errors
    /// When anything in them is wrong; the message says where.
    pub async fn reload(&self) -> Result<Reloaded, NotReloaded> {
        let reload = Arc::clone(&self.reload);
        let reloaded = tokio::task::spawn_blocking(move || reload()).await;
        reloaded.unwrap_or_else(|error| Err(NotReloaded(format!("the reload failed: {error}"))))
    }

    /// Seconds since the start.
    #[must_use]
    pub fn uptime_secs(&self) -> u64 {
        self.started.elapsed().as_secs()
    }

    /// `ok`, or `degraded` when the log is.
    #[must_use]
    pub fn condition(&self) -> &'static str {
        match self.log.health() {
            Health::Good => "ok",
            Health::LowSpace { .. } | Health::Failing { .. } => "degraded",
        }
    }

    /// How the log is, in words.
    #[must_use]
    pub fn log_condition(&self) -> String {
        match self.log.health() {
            Health::Good => "ok".to_owned(),
            Health::LowSpace { free_mib } => format!("only {free_mib} MiB of disk are left"),
            Health::Failing { reason } => format!("cannot be written: {reason}"),
        }
    }

    /// Everything that `scrim status` shows.
    #[must_use]
    pub fn status(&self) -> Value {
        let inspector = self.inspector();
        let sites: Vec<&str> = inspector.catalogue.sites().map(|site| site.id.as_str()).collect();
        json!({
            "status": self.condition(),
            "version": env!("CARGO_PKG_VERSION"),
            "process": std::process::id(),
            "uptime_secs": self.uptime_secs(),
            "proxy": self.proxy.to_string(),
            "console": self.console.to_string(),
            "state": self.state,
            "config": self.config_file,
            "mode": inspector.settings.mode,
            "rules": inspector.detector.rule_count(),
            "rules_version": inspector.detector.version(),
            "sites": sites,
            "log": { "condition": self.log_condition(), "alarm": self.log.alarm() },
            "local": self.local.available().map(|model| model.to_string()),
            "ca": {
                "file": self.state.join("ca.pem"),
                "root_key": match self.authority.root_key() {
                    RootKey::Here(_) => "on this machine",
                    RootKey::Away => "away",
                },
                "issuing_days_left": self.authority.seconds_left() / 86_400,
                "remarks": self.authority.remarks(),
            },
            "held_by": self.holds.number(),
        })
    }

    /// What `scrim local list` shows.
    pub async fn local_status(&self) -> Value {
        self.local.refresh().await;
        json!({ "model": self.local.available().map(|model| model.to_string()) })
    }
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Instance(proxy {}, console {})", self.proxy, self.console)
    }
}
