//! Requests to sites: over a pooled connection of the same person where there is one, else over a new, verified one.
//! One retry where nothing was answered. Does not look at what it sends.

pub mod link;
pub mod pool;

use std::{
    num::NonZeroUsize,
    sync::{Mutex, PoisonError, RwLock},
    time::Duration,
};

use hyper::{
    Request, Response, Version,
    body::Incoming,
    header::{self, HeaderValue},
    http::request::Parts,
};
use lru::LruCache;
use tokio::{
    net::TcpStream,
    time::{Instant, timeout_at},
};
use tokio_rustls::client::TlsStream;

use self::{
    link::{Link, Sent},
    pool::{Key, Pool},
};
use super::{
    body::Outgoing,
    dial::Dialer,
    error::UpstreamError,
    head,
    origin::{Origin, Scheme},
};
use crate::{
    site::host::Authority,
    tls::upstream::{Client, Spoken, Wish},
};

/// Origins whose protocol is remembered.
const ORIGINS: usize = 4096;

/// Seconds an unused connection is kept: below the 60 s after which many sites close.
const IDLE_SECS: u64 = 55;

/// Connections tried for one request.
const TRIES: usize = 3;

/// Everything that is needed to reach sites.
#[derive(Debug)]
pub struct Upstream {
    dialer: Dialer,
    /// Replaced on reload, when roots may have changed.
    tls: RwLock<Client>,
    pool: Pool,
    spoken: Mutex<LruCache<Authority, Spoken>>,
    connect_limit: Duration,
    first_byte_limit: Duration,
}

impl Upstream {
    /// Limits are those of `[proxy.limits]`.
    #[must_use]
    pub fn new(dialer: Dialer, tls: Client, connect_limit: Duration, first_byte_limit: Duration) -> Self {
        Self {
            dialer,
            tls: RwLock::new(tls),
            pool: Pool::new(Duration::from_secs(IDLE_SECS)),
            spoken: Mutex::new(LruCache::new(NonZeroUsize::new(ORIGINS).unwrap_or(NonZeroUsize::MIN))),
            connect_limit,
            first_byte_limit,
        }
    }

    /// Sockets to targets that are not inspected.
    #[must_use]
    pub fn dialer(&self) -> &Dialer {
        &self.dialer
    }

    /// Takes new roots; open connections stay.
    pub fn set_tls(&self, tls: Client) {
        *self.tls.write().unwrap_or_else(PoisonError::into_inner) = tls;
    }

    /// Closes connections that nobody has used for a while.
    pub fn reap(&self) {
        self.pool.reap(Instant::now());
    }

    /// What the site speaks, learnt by connecting when it is not known; that connection waits in the pool.
    ///
    /// # Errors
    /// When the site cannot be reached or is not who it should be.
    pub async fn spoken(&self, subject: &str, origin: &Origin) -> Result<Spoken, UpstreamError> {
        if let Some(known) = self.known(&origin.authority) {
            return Ok(known);
        }
        let key = Key::new(subject, origin);
        let link = self.link(&key).await?.0;
        let spoken = link.spoken();
        self.pool.put(&key, link);
        Ok(spoken)
    }

    /// Sends a request and waits for the head of the answer.
    ///
    /// # Errors
    /// When the site cannot be reached, is not who it should be, breaks off or takes too long.
    pub async fn send(
        &self,
        subject: &str,
        origin: &Origin,
        request: Request<Outgoing>,
    ) -> Result<Response<Incoming>, UpstreamError> {
        let deadline = Instant::now() + self.first_byte_limit;
        let slow = |_| UpstreamError::Slow {
            host: origin.host().to_owned(),
            what: "answer",
            secs: self.first_byte_limit.as_secs(),
        };
        timeout_at(deadline, self.exchange(subject, origin, request)).await.map_err(slow)?
    }

    async fn exchange(
        &self,
        subject: &str,
        origin: &Origin,
        mut request: Request<Outgoing>,
    ) -> Result<Response<Incoming>, UpstreamError> {
        let key = Key::new(subject, origin);
        // A pooled connection may have been closed by the site at any moment. The last try is on a fresh one, and on a
        // fresh one there is no other try.
        let mut tries = 0;
        loop {
            tries += 1;
            let (mut link, used) =
                if tries < TRIES { self.link(&key).await? } else { (self.connect(origin).await?, Used::Never) };
            let (parts, body) = request.into_parts();
            let replay = if used == Used::Before { body.replay().map(|body| (parts.clone(), body)) } else { None };
            let outgoing = Request::from_parts(addressed(parts, origin, link.spoken()), body);
            match link.send(outgoing).await {
                Sent::Answered(response) => {
                    self.pool.put(&key, link);
                    return Ok(response);
                }
                Sent::Unsent(back) if used == Used::Before => request = back,
                Sent::Broken(_) | Sent::Unsent(_) if replay.is_some() => match replay {
                    Some((parts, body)) => request = Request::from_parts(parts, body),
                    None => return Err(broken(origin, "the connection was closed")),
                },
                Sent::Unsent(_) => return Err(broken(origin, "the connection was closed")),
                Sent::Broken(error) | Sent::Failed(error) => return Err(broken(origin, &error.to_string())),
            }
        }
    }

    /// A connection from the pool, or a new one.
    async fn link(&self, key: &Key) -> Result<(Link, Used), UpstreamError> {
        if let Some(link) = self.pool.take(key) {
            return Ok((link, Used::Before));
        }
        if self.known(&key.origin.authority) == Some(Spoken::Http1) || key.origin.scheme == Scheme::Http {
            return Ok((self.connect(&key.origin).await?, Used::Never));
        }
        // Over HTTP/2 one connection serves all: whoever comes while it is being made waits for it.
        let turn = self.pool.turn(key);
        let _making = turn.lock().await;
        if let Some(link) = self.pool.take(key) {
            return Ok((link, Used::Before));
        }
        let link = self.connect(&key.origin).await?;
        if let Some(shared) = link.share() {
            self.pool.put(key, shared);
        }
        Ok((link, Used::Never))
    }

    async fn connect(&self, origin: &Origin) -> Result<Link, UpstreamError> {
        let deadline = Instant::now() + self.connect_limit;
        let slow = |_| UpstreamError::Slow {
            host: origin.host().to_owned(),
            what: "connection",
            secs: self.connect_limit.as_secs(),
        };
        timeout_at(deadline, self.connect_now(origin)).await.map_err(slow)?
    }

    async fn connect_now(&self, origin: &Origin) -> Result<Link, UpstreamError> {
        let socket = self.dialer.connect(&origin.authority).await?;
        let failed = |error: hyper::Error| broken(origin, &error.to_string());
        match origin.scheme {
            Scheme::Http => Link::http1(socket).await.map_err(failed),
            Scheme::Https => {
                let (stream, spoken) = self.secure(socket, origin, Wish::Best).await?;
                self.remember(&origin.authority, spoken);
                match spoken {
                    Spoken::Http1 => Link::http1(stream).await.map_err(failed),
                    Spoken::Http2 => Link::http2(stream).await.map_err(failed),
                }
            }
        }
    }

    /// A verified connection that speaks HTTP/1.1, for an upgrade; never pooled.
    ///
    /// # Errors
    /// When the site cannot be reached or is not who it should be.
    pub async fn upgradable(&self, origin: &Origin) -> Result<Box<dyn link::Io>, UpstreamError> {
        let socket = self.dialer.connect(&origin.authority).await?;
        match origin.scheme {
            Scheme::Http => Ok(Box::new(socket)),
            Scheme::Https => Ok(Box::new(self.secure(socket, origin, Wish::Http1).await?.0)),
        }
    }

    async fn secure(
        &self,
        socket: TcpStream,
        origin: &Origin,
        wish: Wish,
    ) -> Result<(TlsStream<TcpStream>, Spoken), UpstreamError> {
        let client = self.tls.read().unwrap_or_else(PoisonError::into_inner).clone();
        let host = origin.host();
        client.connect(socket, host, wish).await.map_err(|why| UpstreamError::Tls { host: host.to_owned(), why })
    }

    fn known(&self, authority: &Authority) -> Option<Spoken> {
        self.spoken.lock().unwrap_or_else(PoisonError::into_inner).get(authority).copied()
    }

    fn remember(&self, authority: &Authority, spoken: Spoken) {
        self.spoken.lock().unwrap_or_else(PoisonError::into_inner).put(authority.clone(), spoken);
    }
}

/// Whether a connection has carried a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Used {
    Never,
    Before,
}

/// The request in the form of the protocol that the connection speaks.
fn addressed(mut parts: Parts, origin: &Origin, spoken: Spoken) -> Parts {
    let path = parts.uri.path_and_query().cloned();
    match spoken {
        Spoken::Http1 => {
            parts.version = Version::HTTP_11;
            if let Some(path) = path {
                parts.uri = path.into();
            }
            head::join_cookies(&mut parts.headers);
            if parts.headers.contains_key(header::TE) {
                // RFC 9110 §10.1.4: it belongs to this hop, and says so.
                parts.headers.insert(header::CONNECTION, HeaderValue::from_static("te"));
            }
            if let Ok(host) = HeaderValue::from_str(&origin.host_header()) {
                parts.headers.insert(header::HOST, host);
            }
        }
        Spoken::Http2 => {
            parts.version = Version::HTTP_2;
            if let Some(uri) = origin.uri(path) {
                parts.uri = uri;
            }
            parts.headers.remove(header::HOST);
        }
    }
    parts
}

fn broken(origin: &Origin, why: &str) -> UpstreamError {
    UpstreamError::Http { host: origin.host().to_owned(), why: why.to_owned() }
}
