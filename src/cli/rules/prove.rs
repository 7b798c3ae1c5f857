//! `scrim rules test`: runs the examples of rules through the whole detector; of all rules, of some, or of files that
//! are not deployed yet.

use std::path::{Path, PathBuf};

use super::{
    super::{
        CliError, Outcome,
        output::{Stdout, counted, say},
        setup::Setup,
    },
    named,
};
use crate::{
    app::{
        build::{self, BuildError},
        files::RuleFiles,
    },
    detect::{Detector, Rule, test},
};

/// Run every rule's own examples through the whole detector
///
/// Files and folders that are named are put over the rules in force, as if they were in `[rules] dirs`. Exit code 0: all
/// examples hold, 1: one does not, or a rule is wrong, 2: something could not be read.
#[derive(Debug, clap::Args)]
pub(super) struct Prove {
    /// Only these rules: ids, rule files, folders of rule files
    #[arg(value_name = "RULE|PATH")]
    only: Vec<String>,
}

impl Prove {
    pub(super) fn run(self, setup: &Setup) -> Result<Outcome, CliError> {
        let config = setup.load()?;
        let mut files = RuleFiles::read(&config.rules)?;
        let (paths, ids): (Vec<&String>, Vec<&String>) = self.only.iter().partition(|only| is_path(only));
        let mut tested = Vec::new();
        for path in paths {
            tested.extend(files.add_untried(Path::new(path))?);
        }
        let state = setup.state_if_any()?;
        let detector = match build::detector(&config, &files, state.as_deref()) {
            Ok(detector) => detector,
            Err(BuildError::Rule(error)) => return wrong(&CliError::Rule(error)),
            Err(error) => return Err(error.into()),
        };
        let mut rules: Vec<&Rule> = ids.iter().map(|id| named(&detector, id)).collect::<Result<_, _>>()?;
        rules.extend(detector.rules().filter(|rule| tested.contains(&PathBuf::from(&rule.place.path))));
        if self.only.is_empty() {
            rules = detector.rules().collect();
        }
        prove(&detector, &rules)
    }
}

/// An id has no `/` and does not end like a file.
fn is_path(only: &str) -> bool {
    only.contains(std::path::is_separator)
        || Path::new(only).extension().is_some_and(|end| end == "toml")
        || Path::new(only).exists()
}

/// A rule that cannot be used at all.
fn wrong(error: &CliError) -> Result<Outcome, CliError> {
    let mut out = Stdout::open();
    out.line(&format!("error: {}", error.told()))?;
    out.flush()?;
    say("1 failure");
    Ok(Outcome::Found)
}

/// Runs the examples of some rules and prints what does not hold.
pub(super) fn prove(detector: &Detector, rules: &[&Rule]) -> Result<Outcome, CliError> {
    let failures: Vec<test::Failure> = rules.iter().flat_map(|rule| test::run_rule(detector, rule)).collect();
    let mut out = Stdout::open();
    failures.iter().try_for_each(|failure| out.line(&format!("error: {failure}")))?;
    out.flush()?;
    let n_rules = counted(rules.len(), "rule", "rules");
    if failures.is_empty() {
        say(&format!("{n_rules}: all examples hold"));
        return Ok(Outcome::Fine);
    }
    say(&format!("{} in {n_rules}", counted(failures.len(), "failure", "failures")));
    Ok(Outcome::Found)
}
