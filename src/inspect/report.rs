//! What the log is told about an exchange: rules, counts, previews. Does not write the log; holds values only as
//! `Original`s, for whoever makes keyed fingerprints of them.

use std::collections::BTreeMap;

use crate::{
    detect::preview,
    mask::Original,
    policy::{Mode, Verdict},
    site::{Class, Prompt},
};

use super::{scan::Located, words};

/// Findings of one rule.
#[derive(Debug)]
pub struct FoundGroup {
    /// Rule id.
    pub rule: String,
    /// Category.
    pub category: String,
    /// How often.
    pub count: usize,
    /// The highest.
    pub confidence: f32,
    /// Of each distinct value, at most [`PREVIEWS`]; empty when previews are off.
    pub previews: Vec<String>,
    /// Each distinct value, at most [`PREVIEWS`], to be fingerprinted and dropped.
    pub values: Vec<Original>,
    /// Of the company's own lists: which document, table or secret it is of, and how much. Never a value.
    pub reasons: Vec<String>,
}

/// Previews and fingerprints kept per rule and exchange: enough to recognise, too few to rebuild a list.
pub const PREVIEWS: usize = 8;

/// One exchange, as the log wants it.
#[derive(Debug)]
pub struct Report {
    /// Short reference shown to people: 8 hex digits.
    pub reference: String,
    /// Site id.
    pub site: String,
    /// Endpoint id.
    pub endpoint: String,
    /// Endpoint class.
    pub class: Class,
    /// The cap in force.
    pub mode: Mode,
    /// What the policies said.
    pub decided: Verdict,
    /// What was carried out.
    pub enforced: Verdict,
    /// Policies that decided.
    pub policies: Vec<String>,
    /// Findings, by rule.
    pub findings: Vec<FoundGroup>,
    /// Why the request could not be read.
    pub unreadable: Option<String>,
    /// Why the model did not look at all of it; rules did.
    pub skipped: Option<String>,
    /// Live originals that came back from the page and were masked again.
    pub returned: usize,
    /// Raw body bytes.
    pub body_bytes: usize,
}

impl Report {
    /// Whether the exchange gets an event of its own, or is only counted.
    #[must_use]
    pub fn is_event(&self) -> bool {
        self.decided != Verdict::Allow
            || self.enforced != Verdict::Allow
            || self.unreadable.is_some()
            || self.skipped.is_some()
            || self.returned > 0
            || !self.findings.is_empty()
    }
}

/// Groups findings by rule.
#[must_use]
pub fn grouped(prompt: &Prompt, located: &[Located], previews: bool) -> Vec<FoundGroup> {
    let mut groups: BTreeMap<String, FoundGroup> = BTreeMap::new();
    for found in located {
        let finding = &found.finding;
        let group = groups.entry(finding.rule.to_string()).or_insert_with(|| FoundGroup {
            rule: finding.rule.to_string(),
            category: finding.category.to_string(),
            count: 0,
            confidence: 0.0,
            previews: Vec::new(),
            values: Vec::new(),
            reasons: Vec::new(),
        });
        group.count += 1;
        group.confidence = group.confidence.max(finding.confidence);
        if words::is_own(finding) {
            let new = finding.reasons.iter().filter(|reason| !group.reasons.contains(reason)).cloned();
            let new: Vec<String> = new.take(PREVIEWS - group.reasons.len().min(PREVIEWS)).collect();
            group.reasons.extend(new);
        }
        let Some(span) = prompt.spans.get(found.span) else { continue };
        let value: String = finding.ranges.iter().filter_map(|range| span.text.get(range.clone())).collect();
        let seen = group.values.iter().any(|known| known.expose() == value);
        if seen || group.values.len() == PREVIEWS {
            continue;
        }
        if previews {
            group.previews.push(preview(&value));
        }
        group.values.push(Original::new(value));
    }
    groups.into_values().collect()
}

/// Number of findings by category.
#[must_use]
pub fn counts(located: &[Located]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for found in located {
        *counts.entry(found.finding.category.to_string()).or_insert(0) += 1;
    }
    counts
}
