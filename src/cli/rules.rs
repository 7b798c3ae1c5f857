//! `scrim rules`: which detection rules are in force, what one of them says, whether all do what they say, and a
//! beginning for a new one.

mod derive;
mod form;
mod list;
mod new;
mod page;
mod prove;
mod show;

use super::{
    CliError, Outcome,
    setup::{Setup, detector},
};
use crate::detect::{Detector, Rule, company::CompanyRule};

/// List, show, test and begin detection rules
#[derive(Debug, clap::Args)]
pub(super) struct Rules {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    List(list::List),
    Show(show::Show),
    Test(prove::Prove),
    New(new::New),
    /// Print the page docs/rules.md: every built-in rule
    Docs,
}

impl Rules {
    pub(super) fn run(self, setup: &Setup) -> Result<Outcome, CliError> {
        match self.action {
            Action::List(list) => list.run(&in_force(setup)?),
            Action::Show(show) => show.run(&in_force(setup)?),
            Action::Test(prove) => prove.run(setup),
            Action::New(new) => new.run(setup),
            Action::Docs => page::run(),
        }
    }
}

/// The detector of the installation.
fn in_force(setup: &Setup) -> Result<Detector, CliError> {
    detector(&setup.load()?, setup.state_if_any()?.as_deref())
}

fn named<'d>(detector: &'d Detector, id: &str) -> Result<&'d Rule, CliError> {
    detector.rule(id).ok_or_else(|| {
        let ids: Vec<&str> = detector.rules().map(|rule| &*rule.id).collect();
        CliError::unknown("rule", id, &ids, "scrim rules list")
    })
}

/// One of the company's own lists.
fn own<'d>(detector: &'d Detector, id: &str) -> Option<&'d CompanyRule> {
    detector.company()?.rules().find(|rule| &*rule.id == id)
}
