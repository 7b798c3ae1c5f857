//! The `scrim` program. Everything it does lives in the library.

use std::{io::Write, process::ExitCode};

use clap::Parser;
use scrim::cli::{Cli, CliError, Outcome};

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(outcome) => outcome.into(),
        // Whoever read our output has seen enough: `scrim log list | head`.
        Err(CliError::ReaderGone) => Outcome::Fine.into(),
        Err(error) => {
            let told = writeln!(std::io::stderr(), "error: {}", error.told());
            drop(told);
            Outcome::Failed.into()
        }
    }
}
