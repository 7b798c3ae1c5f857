//! `[audit]`: what happens when the log cannot be written, and how long it is kept.

use super::{section::Section, value::Choice};

/// What a prompt gets when its event cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnFailure {
    /// Passed on.
    Allow,
    /// Refused, with the reason. The default.
    #[default]
    Refuse,
}

/// `[audit]`
#[derive(Debug, Clone)]
pub struct Audit {
    /// Default `refuse`.
    pub on_failure: OnFailure,
    /// MiB of free disk below which Scrim warns; below half of it prompts follow `on_failure`. Default 256.
    pub min_free_mib: u64,
    /// Events waiting for the writer. Default 4096.
    pub queue: usize,
    /// Previews (first characters of a long value) in events. Default true.
    pub previews: bool,
}

impl Default for Audit {
    fn default() -> Self {
        Self { on_failure: OnFailure::Refuse, min_free_mib: 256, queue: 4096, previews: true }
    }
}

impl Choice for OnFailure {
    const WORDS: &'static [(&'static str, Self)] = &[("allow", Self::Allow), ("refuse", Self::Refuse)];
}

impl Audit {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Self {
        let default = Self::default();
        Self {
            on_failure: section.get(
                "on_failure",
                default.on_failure,
                "What a prompt to an AI site gets when its event cannot be written. `refuse` keeps the log complete; `allow` keeps people working.",
            ),
            min_free_mib: section.count(
                "min_free_mib",
                default.min_free_mib,
                0..=1 << 30,
                "MiB of free disk below which Scrim warns; below half of it prompts follow `on_failure`. A full disk cannot even be read back.",
            ),
            queue: section.count("queue", default.queue, 1..=1 << 20, "Events waiting for the writer; a prompt waits when it is full."),
            previews: section.get(
                "previews",
                default.previews,
                "Keep the first 4 characters of long values in events, so that people recognise what they sent. Never a whole value.",
            ),
        }
    }
}
