//! Serves a router on any listener, with bounds: connections at a time, time for a request head, size of one.
//! Does not know what is served.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, serve::Listener};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::Semaphore,
    task::JoinSet,
};

use super::stop::Stop;

/// Connections at a time. A browser opens six, a scraper one.
const CONNECTIONS_MAX: usize = 256;
/// Time for a request head.
const HEADER_TIME: Duration = Duration::from_secs(10);
/// Time for answers in progress once the word to stop has come.
const FINISH_TIME: Duration = Duration::from_secs(5);
/// Bytes of a request head.
const HEADER_BYTES: usize = 64 << 10;

/// Address of the other side; absent on a unix socket.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// An address that may be a peer's.
pub trait PeerAddress: Send {
    /// The peer.
    fn peer(&self) -> Option<Peer>;
}

impl PeerAddress for SocketAddr {
    fn peer(&self) -> Option<Peer> {
        Some(Peer(*self))
    }
}

impl PeerAddress for tokio::net::unix::SocketAddr {
    fn peer(&self) -> Option<Peer> {
        None
    }
}

/// Serves until the word to stop; answers in progress are finished.
pub async fn serve<L>(mut listener: L, router: Router, mut stop: Stop)
where
    L: Listener,
    L::Addr: PeerAddress,
{
    let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.said() => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            (io, address) = listener.accept() => {
                // Over the limit the connection is closed at once: whoever polls comes again.
                let Ok(permit) = Arc::clone(&permits).try_acquire_owned() else { continue };
                let router = match address.peer() {
                    Some(peer) => router.clone().layer(axum::Extension(peer)),
                    None => router.clone(),
                };
                let stop = stop.clone();
                connections.spawn(async move {
                    connection(io, router, stop).await;
                    drop(permit);
                });
            }
        }
    }
    let finished = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(FINISH_TIME, finished).await.is_err() {
        tracing::warn!("console answers were cut off: they took too long to end");
    }
}

async fn connection<I>(io: I, router: Router, mut stop: Stop)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEADER_TIME).max_buf_size(HEADER_BYTES);
    let connection = server.serve_connection(TokioIo::new(io), TowerToHyperService::new(router));
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.said() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "console connection ended");
    }
}
