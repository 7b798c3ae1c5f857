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
        match self.command {
            Command::Up(up) => up.run(),
            Command::Run(run) => run.run(),
            Command::Env(env) => env.run(),
            Command::Scan(scan) => scan.run(),
            Command::Rules(rules) => rules.run(),
            Command::Sites(sites) => sites.run(),
            Command::Policy(policy) => policy.run(),
            Command::Ca(ca) => ca.run(),
            Command::Log(log) => log.run(),
            Command::Local(local) => local.run(),
            Command::Status(status) => status.run(),
            Command::Reload(reload) => reload.run(),
            Command::Doctor(doctor) => doctor.run(),
            Command::Check(check) => check.run(),
        }
    }
}
