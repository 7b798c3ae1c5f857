//! A client's TLS connection to an AI site, taken by Scrim in the site's place: the site's protocol is learnt first, then
//! a leaf is shown, then requests are served. What is done with a request is `exchange`'s.

use std::{convert::Infallible, pin::Pin, sync::Arc, time::Duration};

use hyper::{
    Request, Response,
    body::Incoming,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::{
    body::Answer,
    client::Client,
    error::Error,
    exchange,
    origin::Origin,
    pulse::{Pulse, Watched},
    upstream::link::{CONNECTION_WINDOW, STREAM_WINDOW},
    visit::{Asked, Visit},
};
use crate::{
    policy::Subject,
    tls::{Offer, client_hello::Hello, peek::Prefixed, upstream::Spoken},
};

type Stream = TlsStream<Prefixed<TcpStream>>;

type BoxFuture = Pin<Box<dyn Future<Output = Result<Response<Answer>, Infallible>> + Send>>;

/// Bytes of an answer that may wait for a slow client on one stream.
const SEND_BUFFER: usize = 256 << 10;

/// Serves the connection until it ends.
///
/// # Errors
/// Whatever ended it badly.
pub async fn run(
    client: &Arc<Client>,
    subject: Subject,
    origin: Origin,
    hello: &Hello,
    socket: Prefixed<TcpStream>,
) -> Result<(), Error> {
    client.services.counters.intercepted.add();
    let offer = offer(client, &subject, &origin, hello).await;
    let stream = accept(client, &origin, offer, hello, socket).await?;
    let spoken = if stream.get_ref().1.alpn_protocol() == Some(b"h2") { Spoken::Http2 } else { Spoken::Http1 };
    let pulse = Arc::new(Pulse::default());
    let visit = Arc::new(Visit { client: Arc::clone(client), subject, origin, pulse });
    match spoken {
        Spoken::Http1 => serve_http1(visit, stream).await,
        Spoken::Http2 => serve_http2(visit, stream).await,
    }
}

/// What the site speaks, where the client has the choice; else the one protocol that the client knows, which is
/// translated. A site that cannot be reached is told about request by request, so that the client sees why.
async fn offer(client: &Client, subject: &Subject, origin: &Origin, hello: &Hello) -> Offer {
    match (hello.offers_http1(), hello.offers_http2()) {
        (true | false, false) => return Offer::Http1,
        (false, true) => return Offer::Http2,
        (true, true) => {}
    }
    match client.services.upstream.spoken(subject.id(), origin).await {
        Ok(Spoken::Http2) => Offer::Http2,
        Ok(Spoken::Http1) => Offer::Http1,
        Err(error) => {
            tracing::debug!(host = origin.host(), %error, "the site's protocol is not known");
            Offer::Http1
        }
    }
}

async fn accept(
    client: &Client,
    origin: &Origin,
    offer: Offer,
    hello: &Hello,
    socket: Prefixed<TcpStream>,
) -> Result<Stream, Error> {
    let authority = client.services.authority();
    let services = &client.services;
    if !authority.holds(origin.host())
        && !services.mints.admit(client.source.ip(), authority.minted_per_minute(), Instant::now())
    {
        services.counters.connections_full.add();
        return Err(Error::Minting { host: origin.host().to_owned() });
    }
    // Minted here, where the reason of a failure is known, and not inside the handshake.
    authority.leaf(origin.host())?;
    let config = match &hello.sni {
        Some(_) => authority.server_config(offer),
        None => authority.server_config_for(offer, origin.host())?,
    };
    let secs = client.limits().handshake_secs;
    match timeout(Duration::from_secs(secs), TlsAcceptor::from(config).accept(socket)).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(why)) => {
            client.services.counters.client_tls_refused.add();
            Err(Error::ClientTls { host: origin.host().to_owned(), why })
        }
        Err(_) => {
            client.services.counters.slow_clients.add();
            Err(Error::ClientSlow { what: "TLS handshake", secs })
        }
    }
}

/// One request, on the heap: hyper keeps a place for it on every connection, and most are idle.
fn answered(visit: Arc<Visit>, request: Request<Incoming>) -> BoxFuture {
    Box::pin(async move {
        let asked = Asked::of(&request, &visit.pulse);
        Ok(asked.answer(exchange::run(&visit, request).await))
    })
}

async fn serve_http1(visit: Arc<Visit>, stream: Stream) -> Result<(), Error> {
    let service = service_fn(|request| answered(Arc::clone(&visit), request));
    let io = TokioIo::new(Watched::new(stream, Arc::clone(&visit.pulse)));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .preserve_header_case(true)
        .max_header_size(visit.client.limits().header_kib << 10)
        .serve_connection(io, service)
        .with_upgrades();
    let connection = std::pin::pin!(connection);
    visit.client.attend(connection, |connection| connection.graceful_shutdown(), &visit.pulse).await
}

async fn serve_http2(visit: Arc<Visit>, stream: Stream) -> Result<(), Error> {
    let limits = *visit.client.limits();
    let service = service_fn(|request| answered(Arc::clone(&visit), request));
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(u32::try_from(limits.header_kib << 10).unwrap_or(u32::MAX))
        .max_send_buf_size(SEND_BUFFER)
        .serve_connection(TokioIo::new(Watched::unread(stream, Arc::clone(&visit.pulse))), service);
    let connection = std::pin::pin!(connection);
    visit.client.attend(connection, |connection| connection.graceful_shutdown(), &visit.pulse).await
}
