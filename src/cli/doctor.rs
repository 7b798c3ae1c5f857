//! `scrim doctor`: what is wrong with this machine or deployment, and how to mend it. Changes nothing.

mod authority;
mod environment;
mod ports;
mod upstream;

use serde::Serialize;

use crate::{
    app::{build, files::RuleFiles, state::StateFolder},
    company::Folder,
    config::Config,
    inspect::Inspector,
    local::Local,
};

use super::{
    CliError, Outcome,
    client::Client,
    output::{Format, Stdout, counted, printable},
    setup::{Setup, wait},
};

/// Find out what is wrong with this machine or deployment, and how to mend it
///
/// Exit code 0: nothing is wrong (there may be remarks), 1: something is.
#[derive(Debug, clap::Args)]
pub(super) struct Doctor {
    /// Form of the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Do not connect to AI sites
    #[arg(long)]
    offline: bool,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// As it should be.
    Ok,
    /// Works, and somebody should know.
    Note,
    /// Does not work.
    Wrong,
}

/// One thing looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Check {
    /// What was looked at.
    what: String,
    state: State,
    /// What was seen.
    seen: String,
    /// The way out.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

impl Check {
    fn ok(what: &str, seen: impl Into<String>) -> Self {
        Self { what: what.to_owned(), state: State::Ok, seen: seen.into(), hint: None }
    }

    fn note(what: &str, seen: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { what: what.to_owned(), state: State::Note, seen: seen.into(), hint: Some(hint.into()) }
    }

    fn wrong(what: &str, seen: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { what: what.to_owned(), state: State::Wrong, seen: seen.into(), hint: Some(hint.into()) }
    }

    /// An error whose message already holds its way out.
    fn failed(what: &str, error: &impl std::fmt::Display) -> Self {
        let told = error.to_string().replace("\nhint:", "\n  hint:");
        let (seen, hint) = match told.split_once("\n  hint: ") {
            Some((seen, hint)) => (seen.to_owned(), Some(hint.to_owned())),
            None => (told, None),
        };
        Self { what: what.to_owned(), state: State::Wrong, seen: seen.replace("\n  ", " "), hint }
    }
}

impl Doctor {
    pub(super) fn run(self, setup: &Setup) -> Result<Outcome, CliError> {
        let checks = wait(self.look(setup))?;
        let mut out = Stdout::open();
        match self.format {
            Format::Json => out.pretty(&checks)?,
            Format::Text => {
                checks.iter().try_for_each(|check| print(&mut out, check))?;
                let wrong = checks.iter().filter(|check| check.state == State::Wrong).count();
                let told = if wrong == 0 {
                    "nothing is wrong".to_owned()
                } else {
                    counted(wrong, "thing is wrong", "things are wrong")
                };
                out.line(&told)?;
            }
        }
        out.flush()?;
        let wrong = checks.iter().any(|check| check.state == State::Wrong);
        Ok(if wrong { Outcome::Found } else { Outcome::Fine })
    }

    async fn look(&self, setup: &Setup) -> Vec<Check> {
        let mut checks = Vec::new();
        let config = config(setup, &mut checks);
        let inspector = inspector(&config, &mut checks);
        let state = state(setup, &mut checks);
        let running = match &state {
            Some(state) => instance(state, &mut checks).await,
            None => None,
        };
        ports::look(&config, running.as_ref(), &mut checks);
        if let Some(state) = &state {
            authority::look(state, &mut checks);
            index(state, &mut checks);
        }
        local_model(&config, &mut checks).await;
        if let (Some(inspector), false) = (&inspector, self.offline) {
            upstream::look(&config, &inspector.catalogue, &mut checks).await;
        }
        if let Some(state) = &state {
            environment::look(&config, state, running.as_ref(), &mut checks);
        }
        checks
    }
}

/// The company's own lists, where there are some.
fn index(state: &StateFolder, checks: &mut Vec<Check>) {
    let parts = Folder::existing(state.path()).and_then(|folder| folder.map(|folder| folder.parts()).transpose());
    match parts {
        Ok(None) => {}
        Ok(Some(parts)) => checks.push(Check::ok("index", counted(parts.len(), "list", "lists"))),
        Err(error) => checks.push(Check::failed("index", &error)),
    }
}

fn config(setup: &Setup, checks: &mut Vec<Check>) -> Config {
    let file = setup.file();
    let name = file.as_ref().map_or_else(|| "none; defaults apply".to_owned(), |file| file.display().to_string());
    match Config::load(file.as_deref()) {
        Ok(config) => {
            checks.push(Check::ok("configuration", name));
            config
        }
        Err(error) => {
            checks.push(Check::failed("configuration", &error));
            Config::default()
        }
    }
}

fn state(setup: &Setup, checks: &mut Vec<Check>) -> Option<StateFolder> {
    let path = match StateFolder::locate(setup.state.as_deref()) {
        Ok(path) => path,
        Err(error) => {
            checks.push(Check::failed("state folder", &error));
            return None;
        }
    };
    if !path.exists() {
        let seen = format!("`{}` does not exist yet", path.display());
        checks.push(Check::note("state folder", seen, "`scrim up` makes it"));
        return None;
    }
    match StateFolder::existing(&path) {
        Ok(state) => {
            checks.push(Check::ok("state folder", path.display().to_string()));
            Some(state)
        }
        Err(error) => {
            checks.push(Check::failed("state folder", &error));
            None
        }
    }
}

fn inspector(config: &Config, checks: &mut Vec<Check>) -> Option<Inspector> {
    let built = RuleFiles::read(&config.rules)
        .map_err(CliError::from)
        .and_then(|files| Ok(build::inspector(config, &files, None, config.console.listen)?));
    match built {
        Ok(inspector) => {
            let sites = counted(inspector.catalogue.sites().count(), "site", "sites");
            checks.push(match inspector.detector.model() {
                Some(model) => Check::ok("model", format!("{} looks for names and addresses", model.name())),
                None => Check::ok("model", "none: rules alone look for names and addresses (docs/model.md)"),
            });
            checks.push(Check::ok(
                "rules",
                format!("{} and {sites}", counted(inspector.detector.rule_count(), "rule", "rules")),
            ));
            Some(inspector)
        }
        Err(error) => {
            checks.push(Check::failed("rules", &error));
            None
        }
    }
}

/// The running instance's status.
async fn instance(state: &StateFolder, checks: &mut Vec<Check>) -> Option<serde_json::Value> {
    let status = match Client::running(state).await {
        Ok(Some(client)) => client.get("/status").await,
        Ok(None) => {
            checks.push(Check::note("running instance", "none", "`scrim up` starts one"));
            return None;
        }
        Err(error) => Err(error),
    };
    match status {
        Ok(status) => {
            let text = |key: &str| status.get(key).and_then(serde_json::Value::as_str).unwrap_or("?").to_owned();
            let seen = format!(
                "version {}, proxy {}, console {}, log {}",
                text("version"),
                text("proxy"),
                text("console"),
                text("status")
            );
            let well = text("status") == "ok";
            checks.push(if well {
                Check::ok("running instance", seen)
            } else {
                Check::wrong("running instance", seen, "`scrim status` says more")
            });
            Some(status)
        }
        Err(error) => {
            checks.push(Check::failed("running instance", &error));
            None
        }
    }
}

async fn local_model(config: &Config, checks: &mut Vec<Check>) {
    let local = Local::new(&config.local).with_ca_files(config.upstream.ca_files.clone());
    local.refresh().await;
    checks.push(match local.available() {
        Some(model) => Check::ok("local model", model.to_string()),
        None if config.local.endpoints.is_empty() => Check::note(
            "local model",
            format!("none found: what must not leave is refused instead of answered{}", seen(&local)),
            "start Ollama, llama.cpp, LM Studio or vLLM on this machine, or name one in `[[local.endpoint]]`",
        ),
        None => Check::wrong(
            "local model",
            format!(
                "no configured endpoint answers: what must not leave is refused instead of answered{}",
                seen(&local)
            ),
            "`scrim local test` shows what each endpoint says",
        ),
    });
}

/// Servers that were found and are not used, with the reason.
fn seen(local: &Local) -> String {
    let servers: Vec<String> = local.status().iter().map(ToString::to_string).collect();
    if servers.is_empty() { String::new() } else { format!(" ({})", servers.join("; ")) }
}

fn print(out: &mut Stdout, check: &Check) -> Result<(), CliError> {
    let state = match check.state {
        State::Ok => "ok   ",
        State::Note => "note ",
        State::Wrong => "WRONG",
    };
    out.line(&format!("{state}  {}: {}", check.what, printable(&check.seen)))?;
    check.hint.as_ref().map_or(Ok(()), |hint| out.line(&format!("       hint: {hint}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_split_into_what_was_seen_and_the_way_out() {
        let check = Check::failed("x", &"it broke\n  --> a.toml:1\n  hint: mend it");
        assert_eq!((check.seen.as_str(), check.hint.as_deref()), ("it broke --> a.toml:1", Some("mend it")));
    }
}
