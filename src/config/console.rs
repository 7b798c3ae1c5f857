//! `[console]`: the listener for health, the PAC file, the CA download and the employee's page.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// `[console]`
#[derive(Debug, Clone)]
pub struct Console {
    /// Default `127.0.0.1:8878`.
    pub listen: SocketAddr,
    /// Base URL that notices link to; default `http://<listen>`.
    pub public_url: Option<String>,
    /// Whom refusals tell people to ask. Default `your security team`.
    pub contact: String,
}

impl Default for Console {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8878),
            public_url: None,
            contact: "your security team".to_owned(),
        }
    }
}
