//! `scrim run`: a command behind Scrim, with the proxy and every CA variable set. Uses the running instance; without
//! one, a private instance lives as long as the command.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    os::unix::process::ExitStatusExt,
    process::ExitStatus,
};

use tokio::{
    process::{Child, Command},
    signal::unix::{Signal, SignalKind, signal},
};

use crate::{
    app::{App, process, state::StateFolder},
    config::Config,
    telemetry,
};

use super::{
    CliError, Outcome,
    client::{Client, Pieces},
    env,
    output::say,
    setup::{Setup, runtime},
};

/// Run a command behind Scrim: scrim run -- python ask.py
///
/// Sets the proxy and every variable by which programs learn a CA. The exit code is the command's: 127 when it was not
/// found, 126 when it could not be started, 128 and the signal's number when a signal ended it.
#[derive(Debug, clap::Args)]
pub(super) struct Run {
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
    command: Vec<std::ffi::OsString>,
}

/// What stands between the command and the sites.
enum Behind {
    /// An instance that runs anyway. The open answer keeps a private one of another `scrim run` alive.
    Running(SocketAddr, #[expect(dead_code, reason = "held, not read: closing it lets the instance go")] Pieces),
    /// Our own.
    Private(Box<App>),
}

impl Run {
    pub(super) fn run(self, setup: &Setup) -> Result<Outcome, CliError> {
        let config = setup.load()?;
        let state = setup.open_state()?;
        runtime()?.block_on(self.behind(setup.file().is_some(), config, state))
    }

    async fn behind(self, named: bool, config: Config, state: StateFolder) -> Result<Outcome, CliError> {
        let behind = instance(named, config, &state).await?;
        let proxy = match &behind {
            Behind::Running(proxy, _) => *proxy,
            Behind::Private(app) => app.instance().proxy,
        };
        let outcome = self.command(&state, proxy).await;
        if let Behind::Private(app) = behind {
            leave(*app).await;
        }
        outcome
    }

    async fn command(&self, state: &StateFolder, proxy: SocketAddr) -> Result<Outcome, CliError> {
        let Some((program, arguments)) = self.command.split_first() else { return Ok(Outcome::Fine) };
        let mut signals = Signals::listen()?;
        let mut command = Command::new(program);
        command.args(arguments).envs(env::of_instance(state, proxy)).kill_on_drop(true);
        let child = match command.spawn() {
            Ok(child) => child,
            Err(cause) => {
                let missing = cause.kind() == std::io::ErrorKind::NotFound;
                let error = CliError::Program { program: program.display().to_string(), cause };
                say(&format!("error: {error}"));
                return Ok(Outcome::Child(if missing { 127 } else { 126 }));
            }
        };
        Ok(Outcome::Child(code(signals.pass_until_end(child).await?)))
    }
}

/// The running instance, or a private one. `named`: the person asked for a configuration.
async fn instance(named: bool, mut config: Config, state: &StateFolder) -> Result<Behind, CliError> {
    if let Some(client) = Client::running(state).await? {
        let proxy = env::proxy_of(&client).await?;
        if named {
            say("note: an instance runs already; its configuration applies, not the one named here");
        }
        return Ok(Behind::Running(proxy, client.stream("/hold").await?));
    }
    // The command owns the terminal: only errors are worth a line in it.
    "error".clone_into(&mut config.telemetry.filter);
    telemetry::start(&config.telemetry)?;
    let anywhere = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
    config.proxy.listen = anywhere;
    // Whoever starts a private instance is its only user; the command could not know a token anyway.
    config.proxy.users.clear();
    config.console.listen = anywhere;
    // The command must not inherit the narrow mask under which the instance makes its files.
    let before = process::own_new_files();
    let started = App::start(config, state.clone()).await;
    process::restore(before);
    Ok(Behind::Private(Box::new(started?)))
}

/// Ends the private instance, when no other `scrim run` uses it any more.
async fn leave(app: App) {
    let holds = &app.instance().holds;
    if holds.number() > 0 {
        say("waiting for another `scrim run` that uses this one's instance");
        holds.none().await;
    }
    app.drain().await;
}

/// Exit code as a shell would give it.
fn code(status: ExitStatus) -> u8 {
    let by_signal = || status.signal().map(|signal| 128 + signal);
    let code = status.code().or_else(by_signal).unwrap_or(1);
    u8::try_from(code & 0xff).unwrap_or(1)
}

/// Signals that are the command's business.
struct Signals {
    terminate: Signal,
    hang_up: Signal,
    interrupt: Signal,
    quit: Signal,
}

impl Signals {
    fn listen() -> Result<Self, CliError> {
        let on = |kind| signal(kind).map_err(CliError::Runtime);
        Ok(Self {
            terminate: on(SignalKind::terminate())?,
            hang_up: on(SignalKind::hangup())?,
            interrupt: on(SignalKind::interrupt())?,
            quit: on(SignalKind::quit())?,
        })
    }

    /// Waits for the command. SIGTERM and SIGHUP are passed on. Ctrl-C and Ctrl-\ reach the command from the terminal
    /// itself, so they are passed on only where there is none.
    async fn pass_until_end(&mut self, mut child: Child) -> Result<ExitStatus, CliError> {
        let at_terminal = std::io::IsTerminal::is_terminal(&std::io::stdin());
        loop {
            let (passed, signal) = tokio::select! {
                status = child.wait() => return status.map_err(CliError::Runtime),
                _ = self.terminate.recv() => (true, rustix::process::Signal::TERM),
                _ = self.hang_up.recv() => (true, rustix::process::Signal::HUP),
                _ = self.interrupt.recv() => (!at_terminal, rustix::process::Signal::INT),
                _ = self.quit.recv() => (!at_terminal, rustix::process::Signal::QUIT),
            };
            let id = child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
            let sent = id.filter(|_| passed).map_or(Ok(()), |id| rustix::process::kill_process(id, signal));
            if let Err(error) = sent {
                tracing::debug!(%error, "the command ended before the signal reached it");
            }
        }
    }
}
