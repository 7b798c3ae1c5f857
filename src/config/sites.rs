//! `[sites.<id>]`: switches for one site.

use std::collections::BTreeMap;

/// `[sites.<id>]`, by site id.
#[derive(Debug, Clone, Default)]
pub struct Sites {
    /// Settings of sites that have a section.
    pub by_id: BTreeMap<String, Site>,
}

/// One `[sites.<id>]` section.
#[derive(Debug, Clone)]
pub struct Site {
    /// Inspected at all; a disabled site is tunnelled. Default true.
    pub enabled: bool,
    /// Overrides `[mask] notice` for this site.
    pub notice: Option<bool>,
    /// How a refusal of a prompt is phrased: `answer` or `error`; `None`: as the site file says.
    pub refuse: Option<Refuse>,
}

/// How a refusal is phrased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refuse {
    /// A normal answer whose text is the refusal.
    Answer,
    /// The site's own error, status 400.
    Error,
}

impl Default for Site {
    fn default() -> Self {
        Self { enabled: true, notice: None, refuse: None }
    }
}
