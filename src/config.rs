//! `scrim.toml`: one typed struct a section, parsed with positions, then resolved so that no option can be missing.
//! Does not open anything that the file names.

// one file a section
pub mod proxy;
pub mod upstream;
pub mod tls;
pub mod rules;
pub mod detect;
pub mod company;
pub mod model;
pub mod mask;
pub mod local;
pub mod audit;
pub mod console;
pub mod telemetry;
pub mod sites;
pub mod policy;
// how a file becomes them
pub mod problem;
mod value;
pub mod section;
pub mod parse;
pub mod reference;

pub use problem::{ConfigError, Place, Problem};

use std::path::PathBuf;

use crate::policy::{Mode, rule::PolicyRule};

/// Everything that can be set, resolved. `Config::default()` is what runs without a file.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// The file it came from; `None` for embedded defaults.
    pub file: Option<PathBuf>,
    /// Global cap on what is enforced.
    pub mode: Mode,
    /// `[proxy]`
    pub proxy: proxy::Proxy,
    /// `[upstream]`
    pub upstream: upstream::Upstream,
    /// `[tls]`
    pub tls: tls::Tls,
    /// `[rules]`
    pub rules: rules::Rules,
    /// `[detect]`
    pub detect: detect::Detect,
    /// `[mask]`
    pub mask: mask::Mask,
    /// `[[policy]]`, in order; the built-in policies come after them.
    pub policy: Vec<PolicyRule>,
    /// `[sites.<id>]`
    pub sites: sites::Sites,
    /// `[local]` and `[[local.endpoint]]`
    pub local: local::Local,
    /// `[audit]`
    pub audit: audit::Audit,
    /// `[console]`
    pub console: console::Console,
    /// `[telemetry]`
    pub telemetry: telemetry::Telemetry,
}
