//! Certificates and handshakes: the authority that signs leaves for AI sites, the first look at a client's hello, and
//! the verification of sites upstream. Opens no connection of its own and does not decide what is intercepted.

// towards the client
pub mod profile;
pub mod names;
pub mod files;
pub mod issue;
pub mod read;
pub mod authority;
pub mod leaf;
pub mod server;
pub mod client_hello;
pub mod peek;
// towards the site
pub mod roots;
pub mod upstream;
pub mod failure;

use std::path::PathBuf;

pub use authority::Authority;
pub use server::Offer;

/// What can go wrong with the authority or with the roots. Never carries key material.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("cannot {doing} `{}`: {cause}", path.display())]
    File {
        /// `read`, `write`, `create`.
        doing: &'static str,
        /// Which one.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// Others than the owner may read a key.
    #[error(
        "private key `{}` can be read by others (mode {mode:04o})\n  hint: `chmod 600 {}`, and make a new CA if someone may have copied it",
        path.display(), path.display()
    )]
    KeyOpen {
        /// The key file.
        path: PathBuf,
        /// Permission bits.
        mode: u32,
    },
    /// A certificate or key file holds something else.
    #[error("`{}` holds no usable {what}: {why}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// `certificate`, `private key`.
        what: &'static str,
        /// What the parser said; no content.
        why: String,
    },
    /// Certificate and key do not belong together.
    #[error("key `{}` does not belong to certificate `{}`", key.display(), certificate.display())]
    Mismatch {
        /// The key file.
        key: PathBuf,
        /// The certificate file.
        certificate: PathBuf,
    },
    /// The issuing CA has ended or not begun, and nothing here can sign another.
    #[error(
        "issuing CA `{}` is past its date\n  hint: put the root's key back as `{}` for one start, or set `[tls] ca_cert` to a new one",
        certificate.display(), root_key.display()
    )]
    Ended {
        /// The issuing CA's certificate.
        certificate: PathBuf,
        /// Where the root's key is looked for.
        root_key: PathBuf,
    },
    /// `[tls]` names only one of certificate and key.
    #[error("`[tls] {given}` is set without `{missing}`\n  hint: both belong to a company's own issuing CA")]
    HalfConfigured {
        /// The key that is there.
        given: &'static str,
        /// The key that is not.
        missing: &'static str,
    },
    /// No name to constrain the issuing CA to.
    #[error("no host for the issuing CA to sign for\n  hint: enable at least one site; `scrim sites list` shows them")]
    NoNames,
    /// A name that cannot stand in a constraint.
    #[error("host `{name}` cannot stand in the issuing CA's name constraint: {why}")]
    Name {
        /// As the site file has it.
        name: String,
        /// In words.
        why: &'static str,
    },
    /// More names, or bytes, than clients take.
    #[error(
        "the issuing CA would carry {n_names} hosts in {n_bytes} bytes; clients take {max_names} and {max_bytes} at most\n  hint: disable sites that nobody uses"
    )]
    TooManyNames {
        /// Names left after subdomains were dropped.
        n_names: usize,
        /// Size of leaf and issuing CA together.
        n_bytes: usize,
        /// Limit of names.
        max_names: usize,
        /// Limit of bytes.
        max_bytes: usize,
    },
    /// The issuing CA may not sign for that host.
    #[error(
        "the issuing CA may not sign for `{host}`\n  hint: put the root's key back for one start, so that it is signed again with this host"
    )]
    NotPermitted {
        /// The host asked for.
        host: String,
    },
    /// Certificate generation failed.
    #[error("cannot make the certificate of {subject}: {cause}")]
    Generate {
        /// Whose.
        subject: String,
        /// What rcgen said.
        cause: rcgen::Error,
    },
    /// The TLS library refused a setting or key.
    #[error("TLS set-up failed: {0}")]
    Rustls(#[from] rustls::Error),
    /// No randomness.
    #[error("the system gives no random bytes: {0}")]
    Random(getrandom::Error),
    /// The compiled-in profile is broken.
    #[error("certs/profile.toml: {0}")]
    Profile(String),
    /// No root to verify sites with.
    #[error(
        "no trusted root certificate was found on this system\n  hint: install `ca-certificates`, or name a PEM file in `[upstream] ca_files`"
    )]
    NoRoots,
}
