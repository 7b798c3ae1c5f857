//! `[detect]`: what the detector leaves out, and what happens to what cannot be read.

use super::{company, model, section::Section, value::Choice};

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
    /// `[detect.company]`
    pub company: company::Company,
    /// `[detect.model]`
    pub model: model::Model,
    /// `[[detect.dictionary]]`
    pub dictionaries: Vec<company::Dictionary>,
}

impl Default for Detect {
    fn default() -> Self {
        Self {
            disable: Vec::new(),
            min_confidence: 0.5,
            on_unreadable: OnUnreadable::Block,
            company: company::Company::default(),
            model: model::Model::default(),
            dictionaries: Vec::new(),
        }
    }
}

impl Choice for OnUnreadable {
    const WORDS: &'static [(&'static str, Self)] = &[("allow", Self::Allow), ("block", Self::Block)];
}

impl Detect {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Self {
        let default = Self::default();
        let detect = Self {
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
            company: section.table("company", "When the company's own documents and rows count (`scrim index`, docs/company.md).", company::Company::read),
            model: section.table(
                "model",
                "A small neural network that finds names and addresses where rules find nothing (docs/model.md). Only in builds with `--features model`; it costs time for every token that it has not seen before.",
                model::Model::read,
            ),
            dictionaries: section.tables(
                "dictionary",
                "Words that the company keeps to itself: code names, customers, projects. A million entries cost no more than a hundred.",
                company::dictionary,
            ),
        };
        let names = detect.dictionaries.iter().map(|dictionary| dictionary.name.as_str());
        let twice =
            names.clone().enumerate().find(|(index, name)| names.clone().take(*index).any(|other| other == *name));
        if let Some((_, name)) = twice {
            section.reject(
                "dictionary",
                format!("two dictionaries are called `{name}`"),
                Some("a name of its own for each"),
                None,
            );
        }
        detect
    }
}
