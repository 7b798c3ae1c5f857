//! `scrim rules list`: every rule in force, or those that are asked for.

use serde::Serialize;

use super::super::{
    CliError, Outcome,
    output::{Format, Stdout, counted, printable, say},
};
use crate::detect::{
    Detector, Rule,
    company::{CompanyRule, Index},
};

/// Every rule in force
#[derive(Debug, clap::Args)]
pub(super) struct List {
    /// Only rules with this in their id, title or file, whatever its case
    text: Option<String>,
    /// Only rules of this category; may be repeated
    #[arg(long, value_name = "CATEGORY")]
    category: Vec<String>,
    /// Only rules of this severity; may be repeated
    #[arg(long, value_name = "SEVERITY", value_parser = ["low", "medium", "high", "critical"])]
    severity: Vec<String>,
    /// Form of the list
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// A rule in a line.
#[derive(Serialize)]
pub(super) struct Listed<'a> {
    id: &'a str,
    title: &'a str,
    category: &'a str,
    severity: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<f32>,
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
}

impl List {
    pub(super) fn run(self, detector: &Detector) -> Result<Outcome, CliError> {
        let mut rules: Vec<Listed<'_>> = detector.rules().map(listed).collect();
        rules.extend(detector.company().into_iter().flat_map(Index::rules).map(listed_own));
        let n_rules = rules.len();
        rules.retain(|rule| self.asks_for(rule));
        rules.sort_by(|a, b| a.id.cmp(b.id));
        let mut out = Stdout::open();
        match self.format {
            Format::Json => out.pretty(&rules)?,
            Format::Text => {
                let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
                rules.iter().try_for_each(|rule| out.line(&rule.text(width)))?;
            }
        }
        out.flush()?;
        let shown = counted(rules.len(), "rule", "rules");
        say(&if rules.len() == n_rules { shown } else { format!("{shown} of {n_rules}") });
        Ok(Outcome::Fine)
    }

    fn asks_for(&self, rule: &Listed<'_>) -> bool {
        let category =
            self.category.is_empty() || self.category.iter().any(|name| name.eq_ignore_ascii_case(rule.category));
        let severity = self.severity.is_empty() || self.severity.iter().any(|name| name == rule.severity);
        let text = self.text.as_ref().is_none_or(|text| {
            let text = text.to_lowercase();
            [rule.id, rule.title, rule.file].iter().any(|field| field.to_lowercase().contains(&text))
        });
        category && severity && text
    }
}

impl Listed<'_> {
    fn text(&self, width: usize) -> String {
        printable(&format!("{:width$}  {:12} {:8}  {}", self.id, self.category, self.severity, self.title))
    }
}

pub(super) fn listed_own(rule: &CompanyRule) -> Listed<'_> {
    Listed {
        id: &rule.id,
        title: &rule.title,
        category: rule.category.as_str(),
        severity: rule.severity.as_str(),
        confidence: None,
        file: &rule.source,
        line: None,
    }
}

pub(super) fn listed(rule: &Rule) -> Listed<'_> {
    Listed {
        id: &rule.id,
        title: &rule.title,
        category: rule.category.as_str(),
        severity: rule.severity.as_str(),
        confidence: Some(rule.confidence),
        file: &rule.place.path,
        line: Some(rule.place.line),
    }
}
