//! One client connection while it lives: where it comes from, its place among the others, the end of service, and how
//! its HTTP connections are attended to. Reads no request itself.

use std::{future::Future, net::SocketAddr, pin::Pin, sync::Arc, time::Duration};

use tokio::{sync::watch, time::timeout};

use super::{
    error::{Error, Side, UpstreamError},
    limits::Admitted,
    pulse::{Pulse, Stopped},
    reply::Problem,
    services::Services,
};
use crate::config::proxy::ProxyLimits;

/// How long an idle connection gets to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// Waits until service ends; a dropped sender is an end as well.
pub async fn stopped(shutdown: &mut watch::Receiver<bool>) {
    let _ended = shutdown.wait_for(|stop| *stop).await;
}

/// A client's connection.
pub struct Client {
    /// What all share.
    pub services: Arc<Services>,
    /// Where it comes from.
    pub source: SocketAddr,
    /// Turns true when Scrim stops.
    pub shutdown: watch::Receiver<bool>,
    /// Its place; kept as long as anything of the connection lives.
    pub admitted: Admitted,
}

impl Client {
    /// `[proxy.limits]`
    #[must_use]
    pub fn limits(&self) -> &ProxyLimits {
        &self.services.settings.limits
    }

    /// Counts a target that was not reached, and words it for the client.
    #[must_use]
    pub fn upstream_problem(&self, error: &UpstreamError) -> Problem {
        let counters = &self.services.counters;
        match error {
            UpstreamError::Private { .. } | UpstreamError::Own { .. } => counters.targets_refused.add(),
            UpstreamError::Name { .. }
            | UpstreamError::Connect { .. }
            | UpstreamError::Chain { .. }
            | UpstreamError::Tls { .. }
            | UpstreamError::Slow { .. }
            | UpstreamError::Http { .. } => counters.upstream_failed.add(),
        }
        tracing::info!(side = %Side::Upstream, "{error}");
        Problem::from(error)
    }

    /// Waits for the end of service.
    pub async fn stopping(&self) {
        stopped(&mut self.shutdown.clone()).await;
    }

    /// Drives an HTTP connection until it ends, is idle or slow for too long, or Scrim stops; `shut` begins its graceful end.
    pub(super) async fn attend<C>(
        &self,
        mut connection: Pin<&mut C>,
        shut: fn(Pin<&mut C>),
        pulse: &Pulse,
    ) -> Result<(), Error>
    where
        C: Future<Output = hyper::Result<()>>,
    {
        let limits = self.limits();
        let (header, idle) = (Duration::from_secs(limits.header_secs), Duration::from_secs(limits.idle_secs));
        let stopped = tokio::select! {
            ended = connection.as_mut() => return ended.map_err(Error::ClientHttp),
            stopped = pulse.watch(header, idle) => stopped,
            () = self.stopping() => {
                shut(connection.as_mut());
                return connection.await.map_err(Error::ClientHttp);
            }
        };
        match stopped {
            Stopped::SlowHead => {
                self.services.counters.slow_clients.add();
                Err(Error::ClientSlow { what: "request head", secs: limits.header_secs })
            }
            Stopped::NotReading => {
                self.services.counters.slow_clients.add();
                Err(Error::ClientSlow { what: "reading of an answer", secs: limits.idle_secs })
            }
            Stopped::Idle => {
                shut(connection.as_mut());
                // Whoever does not close is closed.
                match timeout(GOODBYE, connection).await {
                    Ok(ended) => ended.map_err(Error::ClientHttp),
                    Err(_) => Ok(()),
                }
            }
        }
    }
}
