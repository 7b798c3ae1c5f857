//! The command line: one file a sub-command. stdout is data, stderr is talk. Exit codes: 0 done, 1 something was found
//! or is wrong with what was asked about, 2 it could not be done. Decides nothing about prompts.

mod error;
mod setup;
mod output;
mod client;
// serving
mod up;
mod run;
mod env;
// looking for data
mod scan;
mod rules;
mod index;
mod sites;
mod policy;
// looking at an installation
mod ca;
mod log;
mod local;
mod status;
mod reload;
mod doctor;
mod check;

use std::process::ExitCode;

use clap::Parser;

pub use client::ClientError;
pub use error::CliError;

/// Keeps secrets and personal data out of AI sites.
///
/// Scrim is a forward proxy: the AI site sees placeholders, you see the originals, and what must not leave at all is
/// refused or answered by a model inside the company.
#[derive(Debug, Parser)]
#[command(
    name = "scrim",
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 done; 1 something was found, or is wrong with what was asked about; 2 it could not be done.\n\
                  Environment: SCRIM_CONFIG (as --config), SCRIM_STATE (as --state), RUST_LOG (as [telemetry] filter).\n\
                  Start with `scrim up`, or `scrim run -- COMMAND`."
)]
pub struct Cli {
    #[command(flatten)]
    setup: setup::Setup,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Up(up::Up),
    Run(run::Run),
    Env(env::Env),
    Scan(scan::Scan),
    Rules(rules::Rules),
    Index(index::Index),
    Sites(sites::Sites),
    Policy(policy::Policy),
    Ca(ca::Ca),
    Log(log::Log),
    Local(local::Local),
    Status(status::Status),
    Reload(reload::Reload),
    Doctor(doctor::Doctor),
    Check(check::Check),
}

/// What a command came to; an error is 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Done, nothing to report: 0.
    Fine,
    /// Findings, a failed check, a record that does not verify: 1.
    Found,
    /// Could not be done, and the reason is already told: 2.
    Failed,
    /// The exit code of a command that was run.
    Child(u8),
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Fine => Self::SUCCESS,
            Outcome::Found => Self::from(1),
            Outcome::Failed => Self::from(2),
            Outcome::Child(code) => Self::from(code),
        }
    }
}

impl Cli {
    /// Carries out the command.
    ///
    /// # Errors
    /// When it could not be done; the message says what to do.
    pub fn run(self) -> Result<Outcome, CliError> {
        let setup = self.setup;
        match self.command {
            Command::Up(up) => up.run(&setup),
            Command::Run(run) => run.run(&setup),
            Command::Env(env) => env.run(&setup),
            Command::Scan(scan) => scan.run(&setup),
            Command::Rules(rules) => rules.run(&setup),
            Command::Index(index) => index.run(&setup),
            Command::Sites(sites) => sites.run(&setup),
            Command::Policy(policy) => policy.run(&setup),
            Command::Ca(ca) => ca.run(&setup),
            Command::Log(log) => log.run(&setup),
            Command::Local(local) => local.run(&setup),
            Command::Status(status) => status.run(&setup),
            Command::Reload(reload) => reload.run(&setup),
            Command::Doctor(doctor) => doctor.run(&setup),
            Command::Check(check) => check.run(&setup),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, error::ErrorKind};

    use super::*;

    #[test]
    fn every_help_page_says_what_the_command_does() {
        let mut pages = String::new();
        let mut root = Cli::command();
        root.build();
        let mut open = vec![root];
        while let Some(mut command) = open.pop() {
            let help = command.render_help();
            pages.push_str(&format!("── {} ──\n{help}\n", command.get_bin_name().unwrap_or("scrim")));
            let inner: Vec<_> = command.get_subcommands().filter(|inner| inner.get_name() != "help").cloned().collect();
            open.extend(inner.into_iter().rev());
        }
        insta::assert_snapshot!(pages);
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn options_of_an_installation_stand_before_or_after_the_command() {
        for line in [["scrim", "--state", "/s", "status"], ["scrim", "status", "--state", "/s"]] {
            let cli = Cli::try_parse_from(line).unwrap();
            assert_eq!(cli.setup.state.as_deref(), Some(std::path::Path::new("/s")));
        }
    }

    #[test]
    fn arguments_of_a_command_that_is_run_are_its_own() {
        let cli = Cli::try_parse_from(["scrim", "run", "--", "curl", "--config", "x", "-h"]).unwrap();
        assert_eq!(cli.setup.config, None);
        assert!(matches!(cli.command, Command::Run(_)));
    }

    #[test]
    fn a_mistyped_option_is_told() {
        let told = |line: &[&str]| Cli::try_parse_from(line).unwrap_err();
        assert_eq!(told(&["scrim", "scan", "--batch", "file"]).kind(), ErrorKind::ArgumentConflict);
        insta::assert_snapshot!(told(&["scrim", "scann"]));
        insta::assert_snapshot!(told(&["scrim", "log", "list", "--verdict", "blocked"]));
        insta::assert_snapshot!(told(&["scrim", "log", "list", "--since", "yesterday"]));
    }
}
