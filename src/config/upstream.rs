//! `[upstream]`: how sites are reached and whom to trust there.

use std::{collections::HashMap, net::SocketAddr, path::PathBuf};

use super::section::Section;

/// `[upstream]`
#[derive(Debug, Clone, Default)]
pub struct Upstream {
    /// PEM files with roots trusted besides the system's.
    pub ca_files: Vec<PathBuf>,
    /// `http://host:port` of a proxy that Scrim itself must use; CONNECT is sent there.
    pub proxy: Option<String>,
    /// `"host:port" = "ip:port"`: connects there without DNS and without the private-address check.
    pub resolve: HashMap<String, SocketAddr>,
}

impl Upstream {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Self {
        let upstream = Self {
            ca_files: section.get("ca_files", Vec::new(), "PEM files with roots trusted besides the system's. Relative to this file."),
            proxy: section.optional(
                "proxy",
                "\"http://proxy.corp.example:3128\"",
                "A proxy that Scrim itself must use; CONNECT is sent there.",
            ),
            resolve: section.get(
                "resolve",
                HashMap::new(),
                "Fixed addresses instead of DNS, for split DNS and tests: `\"chatgpt.com:443\" = \"10.1.2.3:443\"`. Not subject to the check for private addresses.",
            ),
        };
        if upstream.proxy.as_deref().is_some_and(|url| !url.starts_with("http://")) {
            section.reject("proxy", "`proxy` is no http proxy".to_owned(), Some("`http://host:port`"), None);
        }
        upstream
    }
}
