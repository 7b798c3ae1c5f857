//! `[console]`: the listener for health, the PAC file, the CA download and the employee's page.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::section::Section;

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

impl Console {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Self {
        let default = Self::default();
        let console = Self {
            listen: section.get(
                "listen",
                default.listen,
                "Address of health, metrics, the PAC file, the CA download and the page on which people see what was hidden. Loopback only: it has no log-in yet.",
            ),
            public_url: section.optional(
                "public_url",
                "\"https://scrim.corp.example\"",
                "Base URL that notices and refusals link to, where people reach the console by another name.",
            ),
            contact: section.get("contact", default.contact, "Whom refusals tell people to ask."),
        };
        if !console.listen.ip().is_loopback() {
            section.reject(
                "listen",
                format!("the console cannot listen on `{}`: it has no log-in", console.listen),
                Some("a loopback address, like \"127.0.0.1:8878\""),
                Some("put a web server with log-in in front of it, and name that in `public_url`"),
            );
        }
        if console.public_url.as_deref().is_some_and(|url| !url.starts_with("http://") && !url.starts_with("https://"))
        {
            section.reject(
                "public_url",
                "`public_url` is no web address".to_owned(),
                Some("`https://…` or `http://…`"),
                None,
            );
        }
        console
    }
}
