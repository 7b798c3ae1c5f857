//! `scrim local`: which model servers are there, and whether the one that would be asked answers. Sends it nothing but a
//! test question.

use std::time::Instant;

use serde::Serialize;

use crate::{
    local::{self, LocalPrompt, Piece, State, Status},
    site::{Speaker, Turn},
};

use super::{
    CliError, Outcome,
    output::{Format, Stdout, printable, say},
    setup::{Setup, wait},
};

/// What `local test` asks.
const QUESTION: &str = "Answer with one short sentence: what is a scrim in a theatre?";
/// Tokens of its answer at most.
const TOKENS: u32 = 64;

/// List and test the company's own models
#[derive(Debug, clap::Args)]
pub(super) struct Local {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Every server that is configured or found, and whether it is used
    List {
        /// Form of the list
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Ask the model that would be asked; exit code 1 when none answers
    Test,
}

#[derive(Serialize)]
struct Server {
    kind: String,
    url: String,
    model: Option<String>,
    context_tokens: Option<u32>,
    state: &'static str,
    why: Option<String>,
    configured: bool,
}

impl Local {
    pub(super) fn run(self, setup: &Setup) -> Result<Outcome, CliError> {
        let config = setup.load()?;
        let local = local::Local::new(&config.local).with_ca_files(config.upstream.ca_files);
        wait(async {
            local.refresh().await;
            match self.action {
                Action::List { format } => list(&local.status(), format),
                Action::Test => test(&local).await,
            }
        })?
    }
}

fn list(servers: &[Status], format: Format) -> Result<Outcome, CliError> {
    let mut out = Stdout::open();
    match format {
        Format::Json => out.pretty(&servers.iter().map(server).collect::<Vec<_>>())?,
        Format::Text => servers.iter().try_for_each(|server| out.line(&printable(&server.to_string())))?,
    }
    out.flush()?;
    if servers.is_empty() {
        say("no model server is configured, and none was found on this machine");
    }
    Ok(Outcome::Fine)
}

fn server(status: &Status) -> Server {
    let (state, why) = match &status.state {
        State::Ready => ("ready", None),
        State::Proposed { why } => ("proposed", Some(why.clone())),
        State::Down { why } => ("down", Some(why.clone())),
    };
    Server {
        kind: status.kind.to_string(),
        url: status.url.clone(),
        model: status.model.as_ref().map(ToString::to_string),
        context_tokens: status.n_ctx,
        state,
        why,
        configured: status.configured,
    }
}

async fn test(local: &local::Local) -> Result<Outcome, CliError> {
    for server in local.status() {
        say(&printable(&server.to_string()));
    }
    let turn = Turn { speaker: Speaker::User, text: QUESTION.to_owned() };
    let started = Instant::now();
    let asked = local.answer(LocalPrompt { turns: vec![turn], max_tokens: Some(TOKENS) }).await;
    let mut answering = match asked {
        Ok(answering) => answering,
        Err(error) => {
            say(&format!("error: {error}"));
            return Ok(Outcome::Found);
        }
    };
    let first = started.elapsed();
    let mut text = String::new();
    loop {
        match answering.next().await {
            Ok(Some(Piece::Text(piece))) => text.push_str(&piece),
            Ok(Some(Piece::End(_)) | None) => break,
            Err(error) => {
                say(&format!("error: {error}"));
                return Ok(Outcome::Found);
            }
        }
    }
    let mut out = Stdout::open();
    out.line(&printable(text.trim()))?;
    out.flush()?;
    let (first, whole) = (first.as_secs_f32(), started.elapsed().as_secs_f32());
    say(&format!("{} answered: first word after {first:.1} s, all after {whole:.1} s", printable(answering.model())));
    Ok(Outcome::Fine)
}
