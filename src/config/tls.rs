//! `[tls]`: a company's own issuing CA instead of the one Scrim makes.

use std::path::PathBuf;

/// `[tls]`
#[derive(Debug, Clone, Default)]
pub struct Tls {
    /// PEM chain of the issuing CA, issuing first. Needs `ca_key`.
    pub ca_cert: Option<PathBuf>,
    /// PEM key of the issuing CA, mode 0600.
    pub ca_key: Option<PathBuf>,
}
