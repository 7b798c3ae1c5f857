//! The running instance as console and control socket show it. Built by `app`; starts and stops nothing itself.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Instant};

use serde_json::{Value, json};

use super::{control::Holds, tally::Tally};
use crate::{
    audit::{Event, Health, Kind, Log},
    inspect::Inspector,
    proxy::services::Services,
    tls::authority::RootKey,
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

/// Reads configuration and rules again and puts them in force. Works on the disk.
pub type Reload = dyn Fn() -> Result<Reloaded, NotReloaded> + Send + Sync;

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
    /// What the proxy works with.
    pub services: Arc<Services>,
    /// Puts another configuration in force.
    pub reload: Arc<Reload>,
    /// Findings by rule.
    pub tally: Tally,
    /// Other programs that keep a private instance up.
    pub holds: Holds,
    /// When it began to serve.
    pub started: Instant,
}

impl Instance {
    /// The rules, sites and policies in force.
    #[must_use]
    pub fn inspector(&self) -> Arc<Inspector> {
        self.services.inspector()
    }

    /// The block log.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.services.audit
    }

    /// Reads configuration and rules again. On an error the old ones stay in force.
    ///
    /// # Errors
    /// When anything in them is wrong; the message says where.
    pub async fn reload(&self) -> Result<Reloaded, NotReloaded> {
        let reload = Arc::clone(&self.reload);
        let reloaded = tokio::task::spawn_blocking(move || reload()).await;
        let reloaded = reloaded.unwrap_or_else(|error| Err(NotReloaded(format!("the reload failed: {error}"))))?;
        if let Err(error) = self.log().record(Event::note(Kind::Reload, reloaded.summary.clone())).await {
            tracing::error!(%error, "the reload could not be recorded");
        }
        Ok(reloaded)
    }

    /// Seconds since the start.
    #[must_use]
    pub fn uptime_secs(&self) -> u64 {
        self.started.elapsed().as_secs()
    }

    /// `ok`, or `degraded` when the log is.
    #[must_use]
    pub fn condition(&self) -> &'static str {
        match self.log().health() {
            Health::Good => "ok",
            Health::LowSpace { .. } | Health::Failing { .. } => "degraded",
        }
    }

    /// How the log is, in words.
    #[must_use]
    pub fn log_condition(&self) -> String {
        match self.log().health() {
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
            "model": inspector.detector.model().map(crate::detect::model::Model::name),
            "sites": sites,
            "log": { "condition": self.log_condition(), "alarm": self.log().alarm() },
            "vault": { "alarm": self.services.vault.alarm() },
            "local": self.local(),
            "ca": self.ca(),
            "held_by": self.holds.number(),
        })
    }

    /// What `scrim local list` shows.
    pub async fn local_status(&self) -> Value {
        self.services.local.refresh().await;
        let servers: Vec<String> = self.services.local.status().iter().map(ToString::to_string).collect();
        json!({ "model": self.local(), "servers": servers })
    }

    fn local(&self) -> Option<String> {
        self.services.local.available().map(|model| model.to_string())
    }

    fn ca(&self) -> Value {
        let authority = self.services.authority();
        let root_key = match authority.root_key() {
            RootKey::Here(_) => "on this machine",
            RootKey::Away => "away",
        };
        json!({
            "file": self.state.join("ca.pem"),
            "root_key": root_key,
            "issuing_days_left": authority.seconds_left() / 86_400,
            "remarks": authority.remarks(),
        })
    }
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Instance(proxy {}, console {})", self.proxy, self.console)
    }
}
