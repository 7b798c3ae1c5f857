//! `scrim rules`: which detection rules are in force, what one of them says, and whether all do what they say.

use serde::Serialize;

use crate::detect::{
    Detector, Rule,
    company::{CompanyRule, Index},
    test,
};

use super::{
    CliError, Outcome,
    output::{Format, Stdout, counted, printable, say},
    setup::{Setup, detector},
};

/// List, show and test the detection rules
#[derive(Debug, clap::Args)]
pub(super) struct Rules {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Every rule in force
    List {
        /// Form of the list
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// One rule with its examples
    Show {
        /// Id, as `rules list` prints it
        rule: String,
        /// Form of the rule
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Run every rule's own examples through the whole detector
    Test {
        /// Only this rule
        rule: Option<String>,
    },
}

#[derive(Serialize)]
struct Listed<'a> {
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

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    listed: Listed<'a>,
    description: &'a str,
    source: &'a str,
    pattern: &'a str,
    validator: Option<&'a str>,
    entropy: Option<f64>,
    finds: Vec<&'a str>,
    near_misses: Vec<&'a str>,
}

#[derive(Serialize)]
struct ShownOwn<'a> {
    #[serde(flatten)]
    listed: Listed<'a>,
    description: &'a str,
}

impl Rules {
    pub(super) fn run(self, setup: &Setup) -> Result<Outcome, CliError> {
        let detector = detector(&setup.load()?, setup.state_if_any()?.as_deref())?;
        match self.action {
            Action::List { format } => list(&detector, format),
            Action::Show { rule, format } => match own(&detector, &rule) {
                Some(rule) => show_own(rule, format),
                None => show(named(&detector, &rule)?, format),
            },
            Action::Test { rule } => prove(&detector, rule.as_deref()),
        }
    }
}

fn list(detector: &Detector, format: Format) -> Result<Outcome, CliError> {
    let mut rules: Vec<Listed<'_>> = detector.rules().map(listed).collect();
    rules.extend(detector.company().into_iter().flat_map(Index::rules).map(listed_own));
    rules.sort_by(|a, b| a.id.cmp(b.id));
    let mut out = Stdout::open();
    match format {
        Format::Json => out.pretty(&rules)?,
        Format::Text => {
            let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
            rules.iter().try_for_each(|rule| {
                out.line(&format!("{:width$}  {:12} {:8}  {}", rule.id, rule.category, rule.severity, rule.title))
            })?;
        }
    }
    out.flush()?;
    Ok(Outcome::Fine)
}

fn show(rule: &Rule, format: Format) -> Result<Outcome, CliError> {
    let mut out = Stdout::open();
    match format {
        Format::Json => out.pretty(&shown(rule))?,
        Format::Text => {
            out.line(&format!("{}: {}", rule.id, rule.title))?;
            out.line(&rule.description)?;
            let confidence = rule.confidence;
            out.line(&format!(
                "category {}, severity {}, confidence {confidence}",
                rule.category,
                rule.severity.as_str()
            ))?;
            out.line(&format!("from {} ({})", rule.source, rule.place))?;
            rule.validator_name().map_or(Ok(()), |name| out.line(&format!("checked by {name}")))?;
            rule.entropy.map_or(Ok(()), |bits| out.line(&format!("entropy at least {bits} bits a character")))?;
            out.line(&format!("pattern\n{}", rule.pattern().trim_end()))?;
            out.line("finds")?;
            rule.finds.iter().try_for_each(|find| out.line(&format!("  {}", find.text)))?;
            out.line("does not find")?;
            rule.near_misses.iter().try_for_each(|miss| out.line(&format!("  {}  ({})", miss.text, miss.reason)))?;
        }
    }
    out.flush()?;
    Ok(Outcome::Fine)
}

fn prove(detector: &Detector, only: Option<&str>) -> Result<Outcome, CliError> {
    let (failures, n_rules) = match only {
        Some(id) => (test::run_rule(detector, named(detector, id)?), 1),
        None => (test::run(detector), detector.rule_count()),
    };
    let mut out = Stdout::open();
    failures.iter().try_for_each(|failure| out.line(&format!("error: {failure}")))?;
    out.flush()?;
    if failures.is_empty() {
        say(&format!("{}: all examples hold", counted(n_rules, "rule", "rules")));
        return Ok(Outcome::Fine);
    }
    say(&format!("{} in {}", counted(failures.len(), "failure", "failures"), counted(n_rules, "rule", "rules")));
    Ok(Outcome::Found)
}

/// One of the company's own lists.
fn own<'d>(detector: &'d Detector, id: &str) -> Option<&'d CompanyRule> {
    detector.company()?.rules().find(|rule| &*rule.id == id)
}

fn show_own(rule: &CompanyRule, format: Format) -> Result<Outcome, CliError> {
    let mut out = Stdout::open();
    match format {
        Format::Json => out.pretty(&ShownOwn { listed: listed_own(rule), description: &rule.description })?,
        Format::Text => {
            out.line(&printable(&format!("{}: {}", rule.id, rule.title)))?;
            out.line(&printable(&rule.description))?;
            out.line(&format!("category {}, severity {}", rule.category, rule.severity.as_str()))?;
            out.line(&printable(&format!("from {}", rule.source)))?;
        }
    }
    out.flush()?;
    Ok(Outcome::Fine)
}

fn named<'d>(detector: &'d Detector, id: &str) -> Result<&'d Rule, CliError> {
    detector.rule(id).ok_or_else(|| {
        let ids: Vec<&str> = detector.rules().map(|rule| &*rule.id).collect();
        CliError::unknown("rule", id, &ids, "scrim rules list")
    })
}

fn listed_own(rule: &CompanyRule) -> Listed<'_> {
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

fn listed(rule: &Rule) -> Listed<'_> {
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

fn shown(rule: &Rule) -> Shown<'_> {
    Shown {
        listed: listed(rule),
        description: &rule.description,
        source: &rule.source,
        pattern: rule.pattern(),
        validator: rule.validator_name(),
        entropy: rule.entropy,
        finds: rule.finds.iter().map(|find| find.text.as_str()).collect(),
        near_misses: rule.near_misses.iter().map(|miss| miss.text.as_str()).collect(),
    }
}
