//! `scrim up`: runs proxy and console until a signal, and says what to do next.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{
    app::{self, App},
    config::Config,
    console::Instance,
    telemetry,
};

use super::{
    CliError, Outcome,
    output::say,
    setup::{Setup, runtime},
};

/// Run the proxy and the console; needs no configuration
///
/// SIGHUP reads configuration and rules again, SIGTERM and SIGINT let open exchanges end, a second one does not.
#[derive(Debug, clap::Args)]
pub(super) struct Up {}

impl Up {
    pub(super) fn run(self, setup: &Setup) -> Result<Outcome, CliError> {
        app::process::harden();
        let config = setup.load()?;
        telemetry::start(&config.telemetry)?;
        let state = setup.open_state()?;
        runtime()?.block_on(serve(config, state))
    }
}

async fn serve(config: Config, state: app::state::StateFolder) -> Result<Outcome, CliError> {
    let mut signals = Signals::listen()?;
    let app = App::start(config, state).await?;
    let instance = app.instance();
    say(&format!("listening proxy={} console={}", instance.proxy, instance.console));
    next_steps(instance).iter().for_each(|line| say(line));
    signals.until_stop(instance).await;
    tracing::info!("draining");
    tokio::select! {
        () = app.drain() => {}
        () = signals.stop() => say("stopped without waiting for open exchanges"),
    }
    Ok(Outcome::Fine)
}

/// What somebody who has just started Scrim does next.
fn next_steps(instance: &Instance) -> Vec<String> {
    let console = instance.console;
    let ca = instance.state.join("ca.pem");
    let mut lines = vec![
        "  one command      scrim run -- python ask.py".to_owned(),
        "  this shell       eval \"$(scrim env)\"".to_owned(),
        format!("  a browser        proxy auto-configuration http://{console}/proxy.pac"),
        format!("  trust, once      {} (also http://{console}/ca.pem)", ca.display()),
        format!("  what it did      scrim log tail; your own page http://{console}/me"),
    ];
    lines.extend(instance.services.authority().remarks().iter().map(|remark| format!("note: {remark}")));
    lines
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    fn listen() -> Result<Self, CliError> {
        let on = |kind| signal(kind).map_err(CliError::Runtime);
        Ok(Self {
            terminate: on(SignalKind::terminate())?,
            interrupt: on(SignalKind::interrupt())?,
            hang_up: on(SignalKind::hangup())?,
        })
    }

    /// Carries out reloads until the word to stop.
    async fn until_stop(&mut self, instance: &Instance) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                _ = self.hang_up.recv() => {}
            }
            match instance.reload().await {
                Ok(done) => tracing::info!(summary = %done.summary, "reloaded"),
                Err(error) => tracing::error!(%error, "not reloaded; the old configuration stays in force"),
            }
        }
    }

    async fn stop(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
