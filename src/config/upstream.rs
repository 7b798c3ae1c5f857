//! `[upstream]`: how sites are reached and whom to trust there.

use std::{collections::HashMap, net::SocketAddr, path::PathBuf};

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
