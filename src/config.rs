//! `scrim.toml`: one typed struct a section, parsed with positions, then resolved so that no option can be missing.
//! Does not open anything that the file names.

pub mod audit;
pub mod console;
pub mod detect;
pub mod local;
pub mod mask;
pub mod parse;
pub mod proxy;
pub mod rules;
pub mod sites;
pub mod telemetry;
pub mod tls;
pub mod upstream;

use std::path::PathBuf;

use crate::policy::Mode;

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
