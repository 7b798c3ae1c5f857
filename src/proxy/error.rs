//! What goes wrong on a connection, and on whose side. Logged once, where the connection was spawned.

use std::{fmt, net::IpAddr};

use crate::tls;

/// Whose fault, as metrics and the log name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The browser or program that uses Scrim.
    Client,
    /// The site, or the way there.
    Upstream,
    /// The company's own model.
    Local,
    /// Scrim itself: its settings, log or vault.
    Scrim,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Client => "client",
            Self::Upstream => "upstream",
            Self::Local => "local",
            Self::Scrim => "scrim",
        })
    }
}

/// Why a client connection ended badly.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The socket failed.
    #[error("the client's connection broke: {0}")]
    ClientGone(std::io::Error),
    /// HTTP towards the client failed.
    #[error("the client's HTTP is broken: {0}")]
    ClientHttp(hyper::Error),
    /// No handshake, most often because the client does not trust `ca.pem`.
    #[error("the client refused the TLS handshake for `{host}`: {why}")]
    ClientTls {
        /// Which site's leaf was shown.
        host: String,
        /// What rustls said.
        why: std::io::Error,
    },
    /// A limit of `[proxy.limits]` was met.
    #[error("the client took longer than {secs} s for its {what}")]
    ClientSlow {
        /// `TLS hello`, `TLS handshake`, `request head`.
        what: &'static str,
        /// The limit.
        secs: u64,
    },
    /// Plain text or another protocol inside a CONNECT to a site.
    #[error("something else than TLS inside a CONNECT to `{host}`, which is inspected")]
    NotTls {
        /// The site.
        host: String,
    },
    /// A hello longer than any client's.
    #[error("the TLS hello to `{host}` is longer than any client's")]
    OversizedHello {
        /// What CONNECT named.
        host: String,
    },
    /// CONNECT names a site, the hello some other host.
    #[error("CONNECT names `{connect}`, but the TLS hello `{sni}`")]
    OtherName {
        /// From CONNECT.
        connect: String,
        /// From the hello.
        sni: String,
    },
    /// `minted_per_minute` of `certs/profile.toml`.
    #[error("no certificate for `{host}`: the client has asked for too many new hosts within a minute")]
    Minting {
        /// The host of which none was at hand.
        host: String,
    },
    /// The target could not be reached.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    /// No leaf, no configuration.
    #[error(transparent)]
    Tls(#[from] tls::Error),
}

impl Error {
    /// Whose fault.
    #[must_use]
    pub fn side(&self) -> Side {
        match self {
            Self::ClientGone(_)
            | Self::ClientHttp(_)
            | Self::ClientTls { .. }
            | Self::ClientSlow { .. }
            | Self::NotTls { .. }
            | Self::OversizedHello { .. }
            | Self::OtherName { .. }
            | Self::Minting { .. } => Side::Client,
            Self::Upstream(_) => Side::Upstream,
            Self::Tls(_) => Side::Scrim,
        }
    }
}

/// Why a target cannot be reached or may not be. Worded for the person in front of the page.
#[derive(Debug, Clone, thiserror::Error)]
pub enum UpstreamError {
    /// A special address that `[proxy] allow_private` does not name.
    #[error("`{host}` is at {address}, {kind}")]
    Private {
        /// As asked for.
        host: String,
        /// What it resolved to.
        address: IpAddr,
        /// `a loopback address`.
        kind: &'static str,
    },
    /// One of Scrim's own listeners.
    #[error("`{host}` is Scrim itself")]
    Own {
        /// As asked for.
        host: String,
    },
    /// DNS.
    #[error("the name `{host}` could not be resolved: {why}")]
    Name {
        /// As asked for.
        host: String,
        /// What the resolver said.
        why: String,
    },
    /// TCP.
    #[error("no connection to `{host}`: {why}")]
    Connect {
        /// As asked for.
        host: String,
        /// What the system said of the last address.
        why: String,
    },
    /// The company's proxy.
    #[error("the company's proxy `{proxy}` does not connect to `{host}`: {why}")]
    Chain {
        /// `[upstream] proxy`.
        proxy: String,
        /// As asked for.
        host: String,
        /// Its status line, or what broke.
        why: String,
    },
    /// TLS; the text names the host.
    #[error("{why}")]
    Tls {
        /// The site.
        host: String,
        /// From `tls::failure`.
        why: String,
    },
    /// A limit was met.
    #[error("`{host}` took longer than {secs} s for its {what}")]
    Slow {
        /// The site.
        host: String,
        /// `connection`, `answer`.
        what: &'static str,
        /// The limit.
        secs: u64,
    },
    /// HTTP.
    #[error("`{host}` broke off: {why}")]
    Http {
        /// The site.
        host: String,
        /// What hyper said.
        why: String,
    },
}

impl UpstreamError {
    /// The status that the client gets.
    #[must_use]
    pub fn status(&self) -> hyper::StatusCode {
        match self {
            Self::Private { .. } | Self::Own { .. } => hyper::StatusCode::FORBIDDEN,
            Self::Slow { .. } => hyper::StatusCode::GATEWAY_TIMEOUT,
            Self::Name { .. } | Self::Connect { .. } | Self::Chain { .. } | Self::Tls { .. } | Self::Http { .. } => {
                hyper::StatusCode::BAD_GATEWAY
            }
        }
    }

    /// What somebody can do about it.
    #[must_use]
    pub fn way_out(&self) -> &'static str {
        match self {
            Self::Private { .. } => {
                "If this target belongs to the company, IT can name its range in `[proxy] allow_private`."
            }
            Self::Own { .. } => {
                "Open the console without the proxy: exclude its address in the browser's proxy settings."
            }
            Self::Name { .. } => "Check the spelling, or try again later.",
            Self::Connect { .. } | Self::Slow { .. } | Self::Http { .. } => {
                "Try again later; `scrim doctor` shows whether the site can be reached at all."
            }
            Self::Chain { .. } => "IT can check `[upstream] proxy` with `scrim doctor`.",
            Self::Tls { .. } => {
                "Nothing was sent to the site. Do not work around this; tell IT. A root of the company's own can be named in `[upstream] ca_files`."
            }
        }
    }
}
