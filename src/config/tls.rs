//! `[tls]`: a company's own issuing CA instead of the one Scrim makes.

use std::path::PathBuf;

use super::section::Section;

/// `[tls]`
#[derive(Debug, Clone, Default)]
pub struct Tls {
    /// PEM chain of the issuing CA, issuing first. Needs `ca_key`.
    pub ca_cert: Option<PathBuf>,
    /// PEM key of the issuing CA, mode 0600.
    pub ca_key: Option<PathBuf>,
}

impl Tls {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Self {
        let tls = Self {
            ca_cert: section.optional(
                "ca_cert",
                "\"/etc/scrim/issuing.pem\"",
                "PEM chain of the company's own issuing CA, issuing first. Unset: Scrim makes a root and a name-constrained issuing CA.",
            ),
            ca_key: section.optional("ca_key", "\"/etc/scrim/issuing.key\"", "PEM key of that issuing CA, mode 0600."),
        };
        match (&tls.ca_cert, &tls.ca_key) {
            (Some(_), None) => {
                section.reject("ca_cert", "`ca_cert` is set without `ca_key`".to_owned(), Some("both or none"), None)
            }
            (None, Some(_)) => {
                section.reject("ca_key", "`ca_key` is set without `ca_cert`".to_owned(), Some("both or none"), None)
            }
            (Some(_), Some(_)) | (None, None) => {}
        }
        tls
    }
}
