//! `scrim.toml` for a test: stand-in sites instead of DNS, free ports, no search for models on this machine.

use std::{fmt::Write, net::SocketAddr, path::Path};

use sha2::{Digest, Sha256};

use super::origin::HOSTS;

/// What a test sets. Everything else is Scrim's default.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    /// Top-level options, one a line.
    pub(crate) top: String,
    /// Options of `[proxy]`.
    pub(crate) proxy: String,
    /// Options of `[proxy.limits]`.
    pub(crate) limits: String,
    /// Base URLs of `[[local.endpoint]]`.
    pub(crate) models: Vec<String>,
    /// Options of `[local]`.
    pub(crate) local: String,
    /// Names and tokens of `[[proxy.user]]`.
    pub(crate) users: Vec<(String, String)>,
    /// Further hosts with fixed addresses: `"host:port"` and where it is.
    pub(crate) resolve: Vec<(String, SocketAddr)>,
    /// Further sections.
    pub(crate) sections: String,
}

impl Settings {
    /// With one local model.
    pub(crate) fn with_model(url: &str) -> Self {
        Self { models: vec![url.to_owned()], ..Self::default() }
    }

    /// With the real local model, which is slow on a busy machine: short answers, long patience.
    pub(crate) fn with_real_model(url: &str) -> Self {
        let local = "max_tokens = 24\ntimeout_secs = 170\nidle_secs = 120".to_owned();
        Self { local, ..Self::with_model(url) }
    }

    /// The text of the file. `sites` is where the stand-in sites listen, `roots` their authority.
    pub(crate) fn toml(&self, sites: Option<SocketAddr>, roots: &Path) -> String {
        let mut out = format!("{}\n[proxy]\nlisten = \"127.0.0.1:0\"\n{}\n", self.top, self.proxy);
        for (name, token) in &self.users {
            let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(token.as_bytes()));
            writeln!(out, "[[proxy.user]]\nname = \"{name}\"\ntoken_sha256 = \"{hash}\"").unwrap();
        }
        writeln!(out, "[proxy.limits]\n{}\n[console]\nlisten = \"127.0.0.1:0\"", self.limits).unwrap();
        writeln!(out, "[local]\nautodetect = false\n{}", self.local).unwrap();
        for url in &self.models {
            writeln!(out, "[[local.endpoint]]\nurl = \"{url}\"").unwrap();
        }
        writeln!(out, "[upstream]\nca_files = [\"{}\"]\n[upstream.resolve]", roots.display()).unwrap();
        for host in HOSTS.iter().filter(|_| sites.is_some()) {
            writeln!(out, "\"{host}:443\" = \"{}\"", sites.unwrap()).unwrap();
        }
        for (authority, address) in &self.resolve {
            writeln!(out, "\"{authority}\" = \"{address}\"").unwrap();
        }
        out.push_str(&self.sections);
        out
    }
}
