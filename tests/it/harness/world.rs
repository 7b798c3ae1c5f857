//! A whole stage in one line: an authority, the stand-in sites, Scrim before them, and a client behind it.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use super::{
    authority::Authority,
    client::{Client, roots},
    origin::{Origin, Plan},
    scrim::{Said, Scrim},
    settings::Settings,
};

/// Conversation that the tests' own requests name where a path needs one.
pub(crate) const CONVERSATION: &str = "a3c1f9d2-7b1e-4c55-9f10-2d0b8f6f0001";

/// Everything a test needs. Fields end in the order they stand.
pub(crate) struct World {
    pub(crate) scrim: Scrim,
    pub(crate) origin: Origin,
    pub(crate) authority: Authority,
    folder: TempDir,
}

impl World {
    /// The usual stage: no local model.
    pub(crate) async fn start() -> Self {
        Self::with(Plan::default(), Settings::default()).await
    }

    /// With other sites or settings.
    pub(crate) async fn with(plan: Plan, settings: Settings) -> Self {
        let authority = Authority::mint();
        let origin = Origin::start(&authority, plan).await;
        let folder = tempfile::tempdir().unwrap();
        let roots = folder.path().join("sites-ca.pem");
        std::fs::write(&roots, authority.pem()).unwrap();
        std::fs::write(config(folder.path()), settings.toml(Some(origin.address()), &roots)).unwrap();
        let scrim = Scrim::up(&config(folder.path()), &state(folder.path())).await;
        Self { scrim, origin, authority, folder }
    }

    /// A client that trusts Scrim's authority alone.
    pub(crate) fn client(&self) -> Client {
        Client::new(self.scrim.proxy, roots(&self.ca()))
    }

    /// Scrim's CA as people get it.
    pub(crate) fn ca(&self) -> PathBuf {
        self.scrim.state().join("ca.pem")
    }

    /// The folder that everything of this stage lies in.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The configuration file.
    pub(crate) fn config(&self) -> PathBuf {
        config(self.folder.path())
    }

    /// Starts Scrim again on the same state after it has ended.
    pub(crate) async fn up_again(&mut self) {
        self.scrim = Scrim::up(&self.config(), &state(self.folder.path())).await;
    }

    /// Runs `scrim ARGS` beside the running instance.
    pub(crate) fn scrim(&self, arguments: &[&str]) -> Said {
        self.scrim.command(arguments)
    }

    /// Events of exchanges, oldest first, as `scrim log export` gives them.
    pub(crate) fn log(&self) -> Vec<Value> {
        let mut events: Vec<Value> = self.records().iter().map(|record| record["event"].clone()).collect();
        events.retain(|event| event["kind"] == "exchange");
        events
    }

    /// Every record of the log, the checkpoint at the end left out.
    pub(crate) fn records(&self) -> Vec<Value> {
        let said = self.scrim(&["log", "export"]);
        assert_eq!(said.code, Some(0), "{}", said.stderr);
        let lines = said.stdout.lines().map(|line| super::readers::document(line.as_bytes()));
        lines.filter(|record| record["seq"].is_u64()).collect()
    }
}

fn config(folder: &Path) -> PathBuf {
    folder.join("scrim.toml")
}

fn state(folder: &Path) -> PathBuf {
    folder.join("state")
}
