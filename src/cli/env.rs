//! `scrim env`: the variables that send a shell's programs through Scrim.

use std::net::SocketAddr;

use serde_json::{Map, Value};

use crate::{
    app::state::StateFolder,
    deploy::variables::{self, Variables},
};

use super::{
    CliError, Outcome,
    client::{Client, ClientError},
    output::{Stdout, say},
    setup::{Setup, wait},
};

/// Print the variables that send a shell's programs through Scrim: eval "$(scrim env)"
#[derive(Debug, clap::Args)]
pub(super) struct Env {
    /// Shell to print for; by default the one in SHELL
    #[arg(long, value_enum)]
    shell: Option<Shell>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Shell {
    /// sh, bash, zsh, dash
    Posix,
    /// fish
    Fish,
    /// A JSON object, for programs
    Json,
}

impl Env {
    pub(super) fn run(self, setup: &Setup) -> Result<Outcome, CliError> {
        let config = setup.load()?;
        let state = setup.open_state()?;
        let proxy = wait(running_proxy(&state))??;
        if proxy.is_none() {
            say("note: no instance runs yet; `scrim up` starts one");
        }
        if !state.ca().exists() {
            return Err(CliError::Argument {
                what: format!("there is no CA in `{}` yet", state.path().display()),
                hint: "`scrim up` or `scrim ca init` makes it".to_owned(),
            });
        }
        let made = of_instance(&state, proxy.unwrap_or(config.proxy.listen));
        let mut out = Stdout::open();
        match self.shell.unwrap_or_else(Shell::of_user) {
            Shell::Posix => out.bytes(variables::posix(&made).as_bytes())?,
            Shell::Fish => out.bytes(variables::fish(&made).as_bytes())?,
            Shell::Json => out.pretty(
                &made.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect::<Map<_, _>>(),
            )?,
        }
        out.flush()?;
        Ok(Outcome::Fine)
    }
}

impl Shell {
    fn of_user() -> Self {
        let fish = std::env::var("SHELL").is_ok_and(|shell| shell.ends_with("/fish"));
        if fish { Self::Fish } else { Self::Posix }
    }
}

/// The variables for an instance of a state folder.
pub(super) fn of_instance(state: &StateFolder, proxy: SocketAddr) -> Variables {
    variables::variables(proxy, &state.ca(), &state.bundle())
}

/// Where the running instance's proxy listens, if one runs.
async fn running_proxy(state: &StateFolder) -> Result<Option<SocketAddr>, CliError> {
    match Client::running(state).await? {
        Some(client) => Ok(Some(proxy_of(&client).await?)),
        None => Ok(None),
    }
}

/// Where an instance's proxy listens.
pub(super) async fn proxy_of(client: &Client) -> Result<SocketAddr, ClientError> {
    let status = client.get("/status").await?;
    let address = status.get("proxy").and_then(Value::as_str).and_then(|address| address.parse().ok());
    address.ok_or_else(|| ClientError::Broken("its status names no proxy address".to_owned()))
}
