//! `scrim reload`: the running instance reads its configuration and rules again. When they are wrong, the old ones stay.

use serde_json::Value;

use super::{
    CliError, Outcome,
    client::Client,
    output::say,
    setup::{Setup, wait},
};

/// Read configuration and rules again in the running instance
#[derive(Debug, clap::Args)]
pub(super) struct Reload {}

impl Reload {
    pub(super) fn run(self, setup: &Setup) -> Result<Outcome, CliError> {
        let state = setup.existing_state()?;
        let answer = wait(async { Client::connect(&state).await?.post("/reload").await })??;
        say(&format!("reloaded: {}", answer.get("summary").and_then(Value::as_str).unwrap_or("done")));
        let later = answer.get("at_next_start").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        later
            .iter()
            .filter_map(Value::as_str)
            .for_each(|section| say(&format!("  {section} changed: takes effect at the next start")));
        Ok(Outcome::Fine)
    }
}
