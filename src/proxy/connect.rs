//! What becomes of a granted CONNECT: the name in it and the name in the TLS hello decide together whether the bytes are
//! tunnelled or read. Neither name alone can lead an AI site's traffic past inspection.
//!
//! | CONNECT | hello | then |
//! |---|---|---|
//! | site | its own name, or none | intercept |
//! | site | another site | intercept under that name; every request then meets 421 unless it matches |
//! | site | any other name | closed |
//! | site | not TLS | closed |
//! | other | a site | intercept under that name, reached by that name and not where CONNECT pointed |
//! | other | anything else | tunnel |

use std::{sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use tokio::{io::AsyncReadExt, net::TcpStream, time::timeout};

use super::{
    client::Client,
    error::Error,
    intercept,
    origin::{Origin, Scheme},
    record, tunnel,
};
use crate::{
    policy::Subject,
    site::host::{Authority, Host},
    tls::{
        client_hello::{Hello, HelloState},
        peek::{Prefixed, peek},
    },
};

/// Where a CONNECT leads.
#[derive(Debug)]
pub enum Target {
    /// To an AI site.
    Site,
    /// Elsewhere; the connection stands.
    Other(TcpStream),
}

/// Serves a granted CONNECT until it ends. `early` is what the client sent with it.
///
/// # Errors
/// Whatever ended it badly.
pub async fn run(
    client: &Arc<Client>,
    subject: Subject,
    authority: Authority,
    target: Target,
    socket: TcpStream,
    early: Bytes,
) -> Result<(), Error> {
    let seen = BytesMut::from(early);
    let ended = match target {
        Target::Site => to_site(client, subject.clone(), authority, socket, seen).await,
        Target::Other(origin) => elsewhere(client, subject.clone(), authority, socket, seen, origin).await,
    };
    if let Err(error @ (Error::NotTls { .. } | Error::OversizedHello { .. } | Error::OtherName { .. })) = &ended {
        record::connection(client, &subject, &error.to_string()).await;
    }
    ended
}

async fn to_site(
    client: &Arc<Client>,
    subject: Subject,
    authority: Authority,
    mut socket: TcpStream,
    mut seen: BytesMut,
) -> Result<(), Error> {
    let counters = &client.services.counters;
    let host = authority.host.to_string();
    let hello = match hello(client, &mut socket, &mut seen).await? {
        HelloState::Hello(hello) => hello,
        HelloState::Oversized => return Err(Error::OversizedHello { host }),
        HelloState::NotTls | HelloState::Incomplete if seen.is_empty() => return Ok(()),
        HelloState::NotTls | HelloState::Incomplete => {
            counters.not_tls.add();
            return Err(Error::NotTls { host });
        }
    };
    let authority = match named(client, &hello) {
        Named::Nothing => authority,
        Named::Site(site) => {
            if site != authority.host {
                counters.misdirected.add();
                tracing::warn!(connect = host, sni = %site, "CONNECT and TLS hello name different sites");
            }
            Authority { host: site, ..authority }
        }
        Named::Other(sni) => {
            counters.misdirected.add();
            return Err(Error::OtherName { connect: host, sni });
        }
    };
    let origin = Origin { scheme: Scheme::Https, authority };
    intercept::run(client, subject, origin, &hello, Prefixed::new(seen.freeze(), socket)).await
}

async fn elsewhere(
    client: &Arc<Client>,
    subject: Subject,
    authority: Authority,
    mut socket: TcpStream,
    mut seen: BytesMut,
    origin: TcpStream,
) -> Result<(), Error> {
    if seen.is_empty() && !client_speaks_first(client, &mut socket, &mut seen, &origin).await? {
        return tunnelled(client, socket, origin, &seen).await;
    }
    let hello = match hello(client, &mut socket, &mut seen).await? {
        HelloState::Hello(hello) => hello,
        HelloState::Oversized => return Err(Error::OversizedHello { host: authority.host.to_string() }),
        HelloState::NotTls | HelloState::Incomplete => return tunnelled(client, socket, origin, &seen).await,
    };
    match named(client, &hello) {
        Named::Site(site) => {
            drop(origin);
            client.services.counters.misdirected.add();
            tracing::info!(connect = %authority.host, sni = %site, "the TLS hello names a site that CONNECT does not");
            let origin = Origin { scheme: Scheme::Https, authority: Authority { host: site, ..authority } };
            intercept::run(client, subject, origin, &hello, Prefixed::new(seen.freeze(), socket)).await
        }
        Named::Nothing | Named::Other(_) => tunnelled(client, socket, origin, &seen).await,
    }
}

/// Waits for whoever speaks first. A TLS client does; where the server does, it is another protocol.
async fn client_speaks_first(
    client: &Client,
    socket: &mut TcpStream,
    seen: &mut BytesMut,
    origin: &TcpStream,
) -> Result<bool, Error> {
    let idle = Duration::from_secs(client.limits().tunnel_idle_secs);
    let first = async {
        tokio::select! {
            biased;
            read = socket.read_buf(seen) => read.map(|_| true),
            ready = origin.readable() => ready.map(|()| false),
        }
    };
    match timeout(idle, first).await {
        Ok(first) => first.map_err(Error::ClientGone),
        Err(_) => Ok(false),
    }
}

async fn hello(client: &Client, socket: &mut TcpStream, seen: &mut BytesMut) -> Result<HelloState, Error> {
    let secs = client.limits().handshake_secs;
    match timeout(Duration::from_secs(secs), peek(socket, seen)).await {
        Ok(state) => state.map_err(Error::ClientGone),
        Err(_) => {
            client.services.counters.slow_clients.add();
            Err(Error::ClientSlow { what: "TLS hello", secs })
        }
    }
}

/// Whom a hello is for.
enum Named {
    Nothing,
    Site(Host),
    Other(String),
}

fn named(client: &Client, hello: &Hello) -> Named {
    let Some(sni) = &hello.sni else { return Named::Nothing };
    match Host::parse(sni) {
        Ok(host) if client.services.lists(&host) => Named::Site(host),
        Ok(_) | Err(_) => Named::Other(sni.clone()),
    }
}

async fn tunnelled(client: &Client, socket: TcpStream, origin: TcpStream, first: &[u8]) -> Result<(), Error> {
    client.services.counters.tunnels.add();
    let idle = Duration::from_secs(client.limits().tunnel_idle_secs);
    let end = tunnel::run(socket, origin, first, idle).await.map_err(Error::ClientGone)?;
    tracing::debug!(?end, "tunnel closed");
    Ok(())
}
