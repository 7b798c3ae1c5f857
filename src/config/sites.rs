//! `[sites.<id>]`: switches for one site.

use std::collections::BTreeMap;

use super::{section::Section, value::Choice};

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

impl Choice for Refuse {
    const WORDS: &'static [(&'static str, Self)] = &[("answer", Self::Answer), ("error", Self::Error)];
}

impl Site {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Self {
        let default = Self::default();
        Self {
            enabled: section.get("enabled", default.enabled, "Inspected at all; a disabled site is tunnelled, unread."),
            notice: section.optional("notice", "true", "Overrides `[mask] notice` for this site."),
            refuse: section.optional(
                "refuse",
                "\"answer\"",
                "How a refusal is phrased: `answer` (a normal answer whose text is the refusal) or `error` (the site's own error); unset: as the site file says.",
            ),
        }
    }
}
