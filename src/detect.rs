//! Finds secrets and personal data in text: normalised views → anchors → patterns → validators → context → overlap.
//! Does not decide what happens to a finding, and never sees where a text came from.

// what a rule is
pub mod error;
pub mod finding;
mod load;
pub mod rule;
pub mod words;
// how one text is searched
mod allow;
mod context;
pub mod entropy;
mod gate;
mod listed;
mod literals;
mod matcher;
mod names;
mod normalize;
mod numbers;
mod overlap;
mod prefilter;
mod prefix;
mod providers;
mod proof;
mod random;
pub mod rarity;
mod scan;
mod tokens;
mod track;
pub mod validate;
// what no rule can know
pub mod company;
pub mod model;
// rules prove themselves
pub mod test;

pub use error::{Place, RuleError};
pub use finding::{Category, Finding, preview};
pub use rule::{Rule, Severity};

use crate::rules::{self, Source};
use prefilter::Prefilter;
use proof::Proof;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// What one scan found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scan {
    /// Ascending by start, none overlapping another. All confidences: the caller applies its minimum.
    pub findings: Vec<Finding>,
    /// A bound was reached (backtracking, work on hostile text): something may have been missed. Never means clean.
    pub unreadable: bool,
}

/// All rules, compiled. Immutable; share it in an `Arc`.
#[derive(Debug)]
pub struct Detector {
    rules: Vec<Rule>,
    prefilter: Prefilter,
    company: Option<Arc<company::Index>>,
    model: Option<Arc<model::Model>>,
    version: String,
}

impl Detector {
    /// The rules compiled into the program. Their patterns are compiled when a text first needs them.
    ///
    /// # Errors
    /// Never with the rules in this repository: a test compiles them.
    pub fn built_in() -> Result<Self, RuleError> {
        Self::compile(&Self::built_in_sources(), &[])
    }

    /// The rule files and word lists compiled into the program, for callers that add their own.
    #[must_use]
    pub fn built_in_sources() -> Vec<Source> {
        rules::detection()
    }

    /// Compiles rules. A later source replaces a rule of an earlier folder by its id; ids in `disable` are left out.
    ///
    /// # Errors
    /// The first rule found wrong, with its place and a hint.
    pub fn compile(sources: &[Source], disable: &[String]) -> Result<Self, RuleError> {
        let mut rules = load::rules(sources)?;
        if let Some(unknown) = disable.iter().find(|id| !rules.iter().any(|rule| *rule.id == ***id)) {
            return Err(RuleError::UnknownDisabled { rule: unknown.clone() });
        }
        rules.retain(|rule| !disable.iter().any(|id| *rule.id == **id));
        let prefilter = Prefilter::build(&rules)?;
        Ok(Self { rules, prefilter, company: None, model: None, version: version(sources, disable) })
    }

    /// Also looks for what the company itself keeps a list of.
    #[must_use]
    pub fn with_company(mut self, index: Arc<company::Index>) -> Self {
        if !index.is_empty() {
            self.version = format!("{}-{}", self.version, index.version());
            self.company = Some(index);
        }
        self
    }

    /// What the company itself keeps a list of, if anything.
    #[must_use]
    pub fn company(&self) -> Option<&company::Index> {
        self.company.as_deref()
    }

    /// Can also ask a model: [`Detector::scan_deeply`].
    #[must_use]
    pub fn with_model(mut self, model: Arc<model::Model>) -> Self {
        self.version = format!("{}-{}", self.version, model.version());
        self.model = Some(model);
        self
    }

    /// The model that can be asked, if any.
    #[must_use]
    pub fn model(&self) -> Option<&model::Model> {
        self.model.as_deref()
    }

    /// Searches a text by rules and the company's own lists.
    #[must_use]
    pub fn scan(&self, text: &str) -> Scan {
        self.scan_counted(text).0
    }

    /// … and asks the model, if there is one, about what they do not cover: may take a second.
    #[must_use]
    pub fn scan_deeply(&self, text: &str, effort: &mut model::Effort) -> Scan {
        self.look(text, Some(effort)).0
    }

    /// Searches a text and tells how much work it was: what tests of hostile texts assert on.
    pub(crate) fn scan_counted(&self, text: &str) -> (Scan, scan::Work) {
        self.look(text, None)
    }

    fn look(&self, text: &str, effort: Option<&mut model::Effort>) -> (Scan, scan::Work) {
        let mut pass = scan::Pass::new(&self.rules, &self.prefilter, text.len());
        let mut claims = pass.claims(text, Proof::Guess);
        let views = normalize::views(text);
        for view in &views.list {
            let seen = pass.claims(&view.text, view.least);
            claims.extend(seen.into_iter().filter_map(|claim| view.lead_back(claim)));
        }
        let own = self.own(text, &views);
        claims.extend(own.claims);
        if let (Some(model), Some(effort)) = (&self.model, effort) {
            let guessed = model.claims(text, &overlap::covered(&claims), effort);
            claims.extend(guessed);
        }
        let mut resolved = overlap::resolve(claims);
        resolved.retain(|finding| overlap::tells(text, finding));
        let findings = company::beside(resolved, own.passages);
        let (unreadable, work) = pass.finish();
        let unreadable = unreadable || views.cut;
        (Scan { findings, unreadable }, work)
    }

    /// What text and views hold of the company's own.
    fn own(&self, text: &str, views: &normalize::Views) -> company::Seen {
        let Some(index) = &self.company else { return company::Seen::default() };
        let mut own = index.search(text);
        for view in &views.list {
            let seen = index.search(&view.text);
            own.claims.extend(seen.claims.into_iter().filter_map(|claim| view.lead_back(claim)));
            own.passages.extend(seen.passages.into_iter().filter_map(|claim| view.lead_back(claim)));
        }
        own
    }

    /// All rules in use.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter()
    }

    /// One rule.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| &*rule.id == id)
    }

    /// What people are shown of a rule, of one of the company's own lists or of a kind that the model finds.
    #[must_use]
    pub fn title(&self, id: &str) -> Option<&str> {
        let own = || self.company.as_ref()?.rules().find(|rule| &*rule.id == id).map(|rule| rule.title.as_str());
        let guessed = || self.model.as_ref()?.title(id);
        self.rule(id).map(|rule| rule.title.as_str()).or_else(own).or_else(guessed)
    }

    /// Number of rules in use.
    #[must_use]
    pub fn rule_count(&self) -> usize {
        self.rules.len()
    }

    /// Changes whenever a rule does: 16 hexadecimal digits of a hash over all sources.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }
}

fn version(sources: &[Source], disable: &[String]) -> String {
    let mut hash = Sha256::new();
    for part in sources.iter().flat_map(|source| [&source.path, &source.text]).chain(disable) {
        hash.update(part.len().to_le_bytes());
        hash.update(part.as_bytes());
    }
    let digest = hash.finalize();
    data_encoding::HEXLOWER.encode(digest.get(..8).unwrap_or_default())
}

#[cfg(test)]
mod disguises;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
