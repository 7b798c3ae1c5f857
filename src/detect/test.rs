//! Rules prove themselves: every example through the whole engine. What `scrim rules test` and the tests run.
//! Does not judge a rule's usefulness.

use super::{Detector, Place, Rule};

/// Examples and counter-examples that a rule must have at least.
pub const EXAMPLES_LEAST: usize = 3;

/// Confidence from which a finding counts, as the default configuration has it.
pub const COUNTS_FROM: f32 = 0.5;

/// An example that did not do what its rule says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Rule id.
    pub rule: String,
    /// The example's place.
    pub place: Place,
    /// What happened instead, with the example's text: examples are public.
    pub why: String,
    /// What to do.
    pub hint: &'static str,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "rule `{}`: {}\n  --> {}\n  hint: {}", self.rule, self.why, self.place, self.hint)
    }
}

/// Runs all examples of all rules. Empty when every rule does what it says.
#[must_use]
pub fn run(detector: &Detector) -> Vec<Failure> {
    detector.rules().flat_map(|rule| run_rule(detector, rule)).collect()
}

/// Runs the examples of one rule.
#[must_use]
pub fn run_rule(detector: &Detector, rule: &Rule) -> Vec<Failure> {
    let mut failures = Vec::new();
    if rule.finds.len() < EXAMPLES_LEAST || rule.near_misses.len() < EXAMPLES_LEAST {
        let why = format!("{} finds and {} near misses", rule.finds.len(), rule.near_misses.len());
        failures.push(failure(
            rule,
            rule.place.line,
            why,
            "a rule needs three of each: what it must and must not find",
        ));
    }
    failures.extend(rule.finds.iter().filter_map(|find| {
        let why = missed(detector, rule, &find.text, find.value.as_deref())?;
        Some(failure(rule, find.line, why, "`scrim scan --explain` shows what each rule thought of it"))
    }));
    failures.extend(rule.near_misses.iter().filter_map(|miss| {
        let found = found_by(detector, rule, &miss.text);
        let first = found.first()?;
        let why = format!("counter-example matches `{first}` in `{}`, though {}", miss.text, miss.reason);
        Some(failure(rule, miss.line, why, "add a `check` or `context`, or tighten the pattern"))
    }));
    failures
}

fn failure(rule: &Rule, line: usize, why: String, hint: &'static str) -> Failure {
    Failure { rule: rule.id.to_string(), place: Place { path: rule.place.path.clone(), line }, why, hint }
}

/// What the rule found in a text, each as the joined text of its ranges.
fn found_by(detector: &Detector, rule: &Rule, text: &str) -> Vec<String> {
    let scan = detector.scan(text);
    let own = scan.findings.iter().filter(|finding| finding.rule == rule.id && finding.confidence >= COUNTS_FROM);
    own.map(|finding| finding.ranges.iter().filter_map(|range| text.get(range.clone())).collect()).collect()
}

fn missed(detector: &Detector, rule: &Rule, text: &str, value: Option<&str>) -> Option<String> {
    let found = found_by(detector, rule, text);
    let as_expected = value.map_or(!found.is_empty(), |value| found.iter().any(|own| own == value));
    if as_expected {
        return None;
    }
    let others: Vec<String> = detector
        .scan(text)
        .findings
        .iter()
        .map(|finding| format!("{} {:?} {:.2}", finding.rule, finding.hull(), finding.confidence))
        .collect();
    let expected = value.map_or_else(|| "it".to_owned(), |value| format!("`{value}`"));
    Some(format!("does not find {expected} in `{text}`; found: [{}]; by this rule: {found:?}", others.join(", ")))
}
