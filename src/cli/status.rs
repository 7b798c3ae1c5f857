//! `scrim status`: how the running instance is.

use serde_json::Value;

use super::{
    CliError, Outcome,
    client::Client,
    output::{Format, Stdout, printable},
    setup::{Setup, wait},
};

/// Show the running instance
///
/// Exit code 0: it runs and is well, 1: it runs and something is wrong, 2: none runs.
#[derive(Debug, clap::Args)]
pub(super) struct Status {
    /// Form of the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Status {
    pub(super) fn run(self, setup: &Setup) -> Result<Outcome, CliError> {
        let state = setup.existing_state()?;
        let status = wait(async { Client::connect(&state).await?.get("/status").await })??;
        let mut out = Stdout::open();
        match self.format {
            Format::Json => out.pretty(&status)?,
            Format::Text => lines(&status).iter().try_for_each(|line| out.line(line))?,
        }
        out.flush()?;
        let well = status.get("status").and_then(Value::as_str) == Some("ok");
        Ok(if well { Outcome::Fine } else { Outcome::Found })
    }
}

/// `name  value`, one a line; nested values by their path.
fn lines(status: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    flatten("", status, &mut lines);
    let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    lines.into_iter().map(|(name, value)| format!("{name:width$}  {}", printable(&value))).collect()
}

fn flatten(name: &str, value: &Value, lines: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let name = if name.is_empty() { key.clone() } else { format!("{name} {key}") };
                flatten(&name, value, lines);
            }
        }
        Value::Array(items) => {
            let shown: Vec<String> = items.iter().map(plain).collect();
            lines.push((name.to_owned(), if shown.is_empty() { "none".to_owned() } else { shown.join(", ") }));
        }
        Value::Null => lines.push((name.to_owned(), "none".to_owned())),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => lines.push((name.to_owned(), plain(value))),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_one_line_a_value() {
        let status = serde_json::json!({"status": "ok", "log": {"events": 3, "fault": null}, "sites": ["a", "b"]});
        assert_eq!(lines(&status), ["status      ok", "log events  3", "log fault   none", "sites       a, b"]);
    }
}
