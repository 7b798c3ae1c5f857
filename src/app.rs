//! Builds everything from a configuration in one visible order, binds, serves, drains.
//! Does not inspect anything itself.

pub mod state;
pub mod files;
pub mod model;
pub mod build;
pub mod socket;
pub mod reload;
pub mod process;
pub mod listener_owner;

use std::{
    io,
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    net::{TcpListener, UnixListener},
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::{MissedTickBehavior, interval},
};

use crate::{
    audit::{self, AuditError, Event, Kind},
    config::{Config, problem::plain},
    console::{self, Instance, control, listener, stop, tally::Tally},
    local::Local,
    proxy::{
        self,
        services::{Parts, Services},
    },
    store::clock::Clock,
    tls::{self, Authority},
    vault::{self, Vault, VaultError},
};
use build::BuildError;
use files::RuleFiles;
use state::StateFolder;

/// Between two looks at the local models.
const LOCAL_EVERY: Duration = Duration::from_secs(15);
/// How long the start waits for the first look.
const LOCAL_FIRST_LOOK: Duration = Duration::from_secs(3);
/// Between two looks for originals past their lifetime.
const EXPIRE_EVERY: Duration = Duration::from_secs(60 * 60);

/// Why an instance does not start.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// A port cannot be listened on.
    #[error(
        "cannot listen on `{address}`: {}{by}\n  hint: `scrim doctor` shows who listens; `{option}` sets another port",
        plain(cause)
    )]
    Listen {
        /// Where.
        address: SocketAddr,
        /// The option that says so.
        option: &'static str,
        /// ` (held by …)`, when it is known.
        by: String,
        /// What the system said.
        cause: io::Error,
    },
    /// Another instance has the state folder.
    #[error("an instance already runs in state folder `{}`\n  hint: `scrim status` shows it; `--state DIR` or SCRIM_STATE names another folder", state.display())]
    Running {
        /// The folder.
        state: PathBuf,
    },
    /// The control socket cannot be made.
    #[error("cannot open the control socket `{}`: {}\n  hint: `--state DIR` or SCRIM_STATE names another folder", path.display(), plain(cause))]
    Socket {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The control socket's path is longer than the system takes.
    #[error("the path of the control socket is too long: `{}`\n  hint: `--state DIR` or SCRIM_STATE names a folder with a shorter path", path.display())]
    SocketPath {
        /// The socket.
        path: PathBuf,
    },
    /// Rules, sites or policies.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The CA, or the roots for sites.
    #[error(transparent)]
    Tls(#[from] tls::Error),
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The block log.
    #[error(transparent)]
    Audit(#[from] AuditError),
}

/// An instance with everything that serves it.
pub struct App {
    instance: Arc<Instance>,
    state: StateFolder,
    stop_proxy: watch::Sender<bool>,
    proxy: JoinHandle<usize>,
    stop_rest: stop::Stopper,
    rest: JoinSet<()>,
}

/// Sockets, bound before anything is built and served after everything is.
struct Bound {
    proxy: TcpListener,
    console: TcpListener,
    control: UnixListener,
    addresses: (SocketAddr, SocketAddr),
}

impl App {
    /// Builds, binds and serves.
    ///
    /// # Errors
    /// When a part cannot be built or a socket not be bound. Nothing is left serving then.
    pub async fn start(config: Config, state: StateFolder) -> Result<Self, AppError> {
        let files = RuleFiles::read(&config.rules).map_err(BuildError::from)?;
        let control = socket::bind(&state).await?;
        let built = Self::build(config, &state, &files, control).await;
        if built.is_err() {
            socket::remove(&state);
        }
        built.map(|(bound, instance)| Self::serve(bound, instance, state))
    }

    /// Everything, in the order in which one thing needs another.
    async fn build(
        config: Config,
        state: &StateFolder,
        files: &RuleFiles,
        control: UnixListener,
    ) -> Result<(Bound, Arc<Instance>), AppError> {
        let bound = bind(&config, control).await?;
        let inspector = Arc::new(build::inspector(&config, files, Some(state.path()), bound.addresses.1)?);
        let authority = Authority::open_or_create(state.path(), &config.tls, &inspector.catalogue.constraint_names())?;
        let clock = Clock::system();
        let vault = Arc::new(Vault::open(state.path(), vault::Settings::new(&config.mask), clock.clone())?);
        let log = Arc::new(audit::Log::open(state.path(), audit::log::Settings::new(&config.audit), clock)?);
        let local = Arc::new(Local::new(&config.local).with_ca_files(config.upstream.ca_files.clone()));
        let services = Arc::new(Services::new(
            &config,
            Parts {
                inspector: Arc::clone(&inspector),
                vault,
                audit: log,
                local,
                authority: Arc::new(authority),
                listeners: vec![bound.addresses.0, bound.addresses.1],
            },
        )?);
        let summary = reload::summary(&inspector);
        let note = format!("version {}, {summary}", env!("CARGO_PKG_VERSION"));
        services.audit.record(Event::note(Kind::Start, note)).await?;
        // A server that is slow to say who it is must not hold up the start: `upkeep` looks again.
        drop(tokio::time::timeout(LOCAL_FIRST_LOOK, services.local.refresh()).await);
        let tally = Tally::after(services.audit.reader().last()?);
        let instance = instance(config, state, &services, bound.addresses, tally);
        Ok((bound, instance))
    }

    /// The instance.
    #[must_use]
    pub fn instance(&self) -> &Arc<Instance> {
        &self.instance
    }

    /// Stops accepting, lets open exchanges end within `drain_secs`, closes log and vault.
    pub async fn drain(mut self) {
        self.stop_proxy.send_replace(true);
        match self.proxy.await {
            Ok(0) => {}
            Ok(n_open) => tracing::warn!(n_open, "connections were still open at the end of `drain_secs`"),
            Err(error) => tracing::error!(%error, "the proxy ended badly"),
        }
        self.instance.holds.release();
        self.stop_rest.stop();
        while self.rest.join_next().await.is_some() {}
        let services = Arc::clone(&self.instance.services);
        if let Err(error) = services.audit.record(Event::note(Kind::Stop, "in order")).await {
            tracing::error!(%error, "the stop could not be recorded");
        }
        let closed = tokio::task::spawn_blocking(move || services.audit.close()).await;
        if let Err(error) = closed {
            tracing::error!(%error, "the log could not be closed");
        }
        socket::remove(&self.state);
    }

    fn serve(bound: Bound, instance: Arc<Instance>, state: StateFolder) -> Self {
        let (stop_proxy, stopped) = watch::channel(false);
        let proxy = tokio::spawn(proxy::serve(bound.proxy, Arc::clone(&instance.services), stopped));
        let (stop_rest, stop) = stop::pair();
        let mut rest = JoinSet::new();
        rest.spawn(listener::serve(bound.console, console::router(Arc::clone(&instance)), stop.clone()));
        rest.spawn(listener::serve(bound.control, control::router(Arc::clone(&instance)), stop.clone()));
        rest.spawn(upkeep(Arc::clone(&instance.services), stop));
        Self { instance, state, stop_proxy, proxy, stop_rest, rest }
    }
}

fn instance(
    config: Config,
    state: &StateFolder,
    services: &Arc<Services>,
    addresses: (SocketAddr, SocketAddr),
    tally: Tally,
) -> Arc<Instance> {
    let (proxy, console) = addresses;
    Arc::new(Instance {
        proxy,
        console,
        public_url: config.console.public_url.clone(),
        state: state.path().to_path_buf(),
        config_file: config.file.clone(),
        services: Arc::clone(services),
        reload: reload::prepare(config, state.clone(), Arc::clone(services), console),
        tally,
        holds: control::Holds::new(),
        started: Instant::now(),
    })
}

async fn bind(config: &Config, control: UnixListener) -> Result<Bound, AppError> {
    let (console, at_console) = listen(config.console.listen, "[console] listen").await?;
    let (proxy, at_proxy) = listen(config.proxy.listen, "[proxy] listen").await?;
    Ok(Bound { proxy, console, control, addresses: (at_proxy, at_console) })
}

async fn listen(address: SocketAddr, option: &'static str) -> Result<(TcpListener, SocketAddr), AppError> {
    let failed = |cause: io::Error| {
        let by = listener_owner::describe(address).map_or_else(String::new, |owner| format!(" (held by {owner})"));
        AppError::Listen { address, option, by, cause }
    };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// What must be looked at now and then: whether local models answer, and which originals are past their lifetime.
async fn upkeep(services: Arc<Services>, mut stop: stop::Stop) {
    let mut local = interval(LOCAL_EVERY);
    let mut expire = interval(EXPIRE_EVERY);
    local.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.said() => return,
            _ = local.tick() => services.local.refresh().await,
            _ = expire.tick() => match services.vault.expire().await {
                Ok(0) => {}
                Ok(n_rows) => tracing::info!(n_rows, "originals past their lifetime were deleted"),
                Err(error) => tracing::error!(%error, "originals past their lifetime could not be deleted"),
            },
        }
    }
}

#[cfg(test)]
mod tests;
