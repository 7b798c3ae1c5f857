//! Takes connections in, within bounds, until Scrim stops; then waits for those that are open. Speaks no protocol.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    time::{interval, sleep},
};
use tracing::Instrument;

use super::{
    client::{Client, stopped},
    error::Error,
    front,
    limits::Full,
    services::Services,
};

/// Between two looks at unused upstream connections.
const REAP: Duration = Duration::from_secs(15);

/// After the system refused to accept (no file handles left, most often).
const PAUSE: Duration = Duration::from_millis(50);

/// Seconds until a dead client is noticed: the first probe, then two more in half that time each.
const KEEPALIVE_SECS: u64 = 60;

/// Serves until `shutdown` turns true, then drains for `drain_secs`. Returns how many connections were still open.
pub async fn serve(listener: TcpListener, services: Arc<Services>, shutdown: watch::Receiver<bool>) -> usize {
    let mut stop = shutdown.clone();
    let mut reap = interval(REAP);
    loop {
        tokio::select! {
            () = stopped(&mut stop) => break,
            _tick = reap.tick() => services.upstream.reap(),
            accepted = listener.accept() => match accepted {
                Ok((socket, source)) => welcome(socket, source, &services, &shutdown),
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    sleep(PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    services.connections.drained(Duration::from_secs(services.settings.limits.drain_secs)).await
}

fn welcome(socket: TcpStream, source: SocketAddr, services: &Arc<Services>, shutdown: &watch::Receiver<bool>) {
    let settings = &services.settings;
    let address = source.ip().to_canonical();
    if !settings.allow_sources.is_empty() && !settings.allow_sources.iter().any(|range| range.contains(&address)) {
        services.counters.connections_foreign.add();
        tracing::debug!(%source, "not in `[proxy] allow_sources`");
        return;
    }
    let admitted = match services.connections.admit(source.ip()) {
        Ok(admitted) => admitted,
        Err(full) => {
            services.counters.connections_full.add();
            let limit = match full {
                Full::All => "connections",
                Full::Client => "connections_per_client",
            };
            tracing::warn!(limit, "connection refused: `[proxy.limits]` is reached");
            return;
        }
    };
    services.counters.connections.add();
    if let Err(error) = prepare(&socket) {
        tracing::debug!(%error, "socket options");
    }
    let client = Arc::new(Client { services: Arc::clone(services), source, shutdown: shutdown.clone(), admitted });
    let span = tracing::debug_span!("client", %source);
    tokio::spawn(async move { report(front::run(client, socket).await) }.instrument(span));
}

fn prepare(socket: &TcpStream) -> io::Result<()> {
    socket.set_nodelay(true)?;
    rustix::net::sockopt::set_socket_keepalive(socket, true)?;
    rustix::net::sockopt::set_tcp_keepidle(socket, Duration::from_secs(KEEPALIVE_SECS))?;
    rustix::net::sockopt::set_tcp_keepintvl(socket, Duration::from_secs(KEEPALIVE_SECS / 2))?;
    rustix::net::sockopt::set_tcp_keepcnt(socket, 2)?;
    Ok(())
}

/// The one place where the end of a connection is logged.
fn report(ended: Result<(), Error>) {
    let Err(error) = ended else { return };
    let side = error.side();
    match error {
        // Browsers open connections ahead and drop them; nobody need look at that.
        Error::ClientGone(_) | Error::ClientHttp(_) => tracing::debug!(%side, "{error}"),
        Error::ClientTls { .. } | Error::ClientSlow { .. } | Error::Upstream(_) => tracing::info!(%side, "{error}"),
        Error::Minting { .. } => tracing::warn!(%side, "{error}"),
        // Logged with its event.
        Error::NotTls { .. } | Error::OversizedHello { .. } | Error::OtherName { .. } => {}
        Error::Tls(_) => tracing::error!(%side, "{error}"),
    }
}
