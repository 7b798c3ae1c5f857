//! `[detect]`: what the detector leaves out, and what happens to what cannot be read.

use super::{section::Section, value::Choice};

/// What happens to a prompt that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnUnreadable {
    /// Passed on, recorded.
    Allow,
    /// Refused with the reason. The default: a prompt on an AI site fails closed.
    #[default]
    Block,
}

/// `[detect]`
#[derive(Debug, Clone)]
pub struct Detect {
    /// Rule ids that are switched off.
    pub disable: Vec<String>,
    /// Findings below this confidence are dropped. 0–1, default 0.5.
    pub min_confidence: f32,
    /// Default `block`.
    pub on_unreadable: OnUnreadable,
}

impl Default for Detect {
    fn default() -> Self {
        Self { disable: Vec::new(), min_confidence: 0.5, on_unreadable: OnUnreadable::Block }
    }
}

impl Choice for OnUnreadable {
    const WORDS: &'static [(&'static str, Self)] = &[("allow", Self::Allow), ("block", Self::Block)];
}

impl Detect {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Self {
        let default = Self::default();
        Self {
            disable: section.get("disable", default.disable, "Ids of rules that are switched off; `scrim rules list` shows them."),
            min_confidence: section.get(
                "min_confidence",
                default.min_confidence,
                "Findings below this confidence are dropped. Lower finds more and is wrong more often.",
            ),
            on_unreadable: section.get(
                "on_unreadable",
                default.on_unreadable,
                "What a prompt gets that cannot be read (unknown encoding, broken JSON, over a limit). `block` fails closed.",
            ),
        }
    }
}
