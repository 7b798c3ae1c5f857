//! The first requests of a client's connection: CONNECT, `http://…` in absolute form, or something that has no business
//! here. Authenticates, checks the target, and hands on.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
};

use hyper::{
    Method, Request, Response, StatusCode,
    body::Incoming,
    header,
    server::conn::http1,
    service::service_fn,
    upgrade::{self, OnUpgrade},
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;

use super::{
    auth::{self, Known},
    body::Answer,
    client::Client,
    connect,
    error::{Error, Side},
    exchange, forward,
    origin::{Origin, Scheme},
    pulse::{Pulse, Watched},
    reply::{Connection, Problem},
    visit::{Asked, Visit},
};
use crate::{policy::Subject, site::host::Authority};

/// A CONNECT that was granted.
struct Granted {
    subject: Subject,
    authority: Authority,
    target: connect::Target,
    upgrade: OnUpgrade,
}

/// Where the service leaves a granted CONNECT for the connection's task.
type Grant = Arc<Mutex<Option<Granted>>>;

/// Serves a client until its connection ends, whatever it becomes.
///
/// # Errors
/// Whatever ended it badly.
pub async fn run(client: Arc<Client>, socket: TcpStream) -> Result<(), Error> {
    let Some(granted) = requests(&client, socket).await? else { return Ok(()) };
    let upgraded = granted.upgrade.await.map_err(Error::ClientHttp)?;
    // Nothing but the socket below can come out of this connection's upgrade.
    let Ok(parts) = upgraded.downcast::<TokioIo<Watched<TcpStream>>>() else { return Ok(()) };
    let socket = parts.io.into_inner().into_inner();
    connect::run(&client, granted.subject, granted.authority, granted.target, socket, parts.read_buf).await
}

async fn requests(client: &Arc<Client>, socket: TcpStream) -> Result<Option<Granted>, Error> {
    let pulse = Arc::new(Pulse::default());
    let grant = Grant::default();
    let service = service_fn(|request| {
        let (client, pulse, grant) = (Arc::clone(client), Arc::clone(&pulse), Arc::clone(&grant));
        async move {
            let asked = Asked::of(&request, &pulse);
            // On the heap, as hyper keeps a place for this future on every connection.
            let answered = Box::pin(answer(&client, &pulse, &grant, request)).await;
            Ok::<_, Infallible>(asked.answer(answered))
        }
    });
    let io = TokioIo::new(Watched::new(socket, Arc::clone(&pulse)));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .preserve_header_case(true)
        .max_header_size(client.limits().header_kib << 10)
        .serve_connection(io, service)
        .with_upgrades();
    let connection = std::pin::pin!(connection);
    client.attend(connection, |connection| connection.graceful_shutdown(), &pulse).await?;
    let granted = grant.lock().unwrap_or_else(PoisonError::into_inner).take();
    Ok(granted)
}

async fn answer(
    client: &Arc<Client>,
    pulse: &Arc<Pulse>,
    grant: &Grant,
    request: Request<Incoming>,
) -> Result<Response<Answer>, Problem> {
    let services = &client.services;
    if let Some(fault) = pulse.fault() {
        services.counters.smuggling.add();
        tracing::warn!(side = %Side::Client, "request refused: {fault}");
        return Err(Problem::bad_request(fault.to_string()));
    }
    let is_connect = request.method() == Method::CONNECT;
    if !is_connect && request.uri().scheme().is_none() {
        return Err(Problem::bad_request("this address is a proxy, not a web site").with_way_out(
            "Set it as the HTTP and HTTPS proxy of the browser or program; `scrim env` prints the variables.",
        ));
    }
    let subject = match auth::identify(&services.settings.users, request.headers(), client.source.ip()) {
        Known::As(subject) => subject,
        Known::Nobody => {
            services.counters.unauthenticated.add();
            return Err(if is_connect { unauthenticated().closing() } else { unauthenticated() });
        }
    };
    if is_connect {
        // The watch over the framing ends with a CONNECT, so the connection ends with a refused one.
        grant_connect(client, subject, grant, request).await.map_err(Problem::closing)
    } else {
        cleartext(client, pulse, subject, request).await
    }
}

async fn grant_connect(
    client: &Arc<Client>,
    subject: Subject,
    grant: &Grant,
    mut request: Request<Incoming>,
) -> Result<Response<Answer>, Problem> {
    let services = &client.services;
    let named = request.uri().authority().map_or("", |authority| authority.as_str());
    let authority = Authority::parse(named)
        .map_err(|error| Problem::bad_request(format!("CONNECT names no proper target: {error}")))?;
    check_port(client, &services.settings.connect_ports, authority.port, "connect_ports")?;
    let target = if services.lists(&authority.host) {
        connect::Target::Site
    } else {
        if services.inspector().catalogue.known_ai(&authority.host).is_some() {
            services.counters.ai_uninspected.add();
            tracing::info!(host = %authority.host, "an AI host that is not enabled as a site is tunnelled");
        }
        let socket =
            services.upstream.dialer().connect(&authority).await.map_err(|error| client.upstream_problem(&error))?;
        connect::Target::Other(socket)
    };
    let upgrade = upgrade::on(&mut request);
    *grant.lock().unwrap_or_else(PoisonError::into_inner) = Some(Granted { subject, authority, target, upgrade });
    Ok(Response::new(Answer::whole(bytes::Bytes::new())))
}

/// `GET http://host/path`.
async fn cleartext(
    client: &Arc<Client>,
    pulse: &Arc<Pulse>,
    subject: Subject,
    request: Request<Incoming>,
) -> Result<Response<Answer>, Problem> {
    let services = &client.services;
    if request.uri().scheme_str() != Some("http") {
        return Err(Problem::bad_request("only `http://` requests go to a proxy as they are; others need CONNECT"));
    }
    let named = request.uri().authority().map_or("", |authority| authority.as_str());
    let authority = Origin::parse_authority(Scheme::Http, named)
        .map_err(|error| Problem::bad_request(format!("the request names no proper target: {error}")))?;
    check_port(client, &services.settings.http_ports, authority.port, "http_ports")?;
    let loops = request.headers().get_all(header::VIA).iter().filter_map(|via| via.to_str().ok());
    if loops.into_iter().any(|via| via.contains(&services.via)) {
        return Err(Problem {
            status: StatusCode::LOOP_DETECTED,
            ..Problem::bad_request("the request came back to Scrim")
        });
    }
    let origin = Origin { scheme: Scheme::Http, authority };
    let is_site = services.lists(&origin.authority.host);
    let visit = Visit { client: Arc::clone(client), subject, origin, pulse: Arc::clone(pulse) };
    if is_site {
        return exchange::run(&visit, request).await;
    }
    forward::run(&visit, request).await
}

fn check_port(client: &Client, allowed: &[u16], port: u16, setting: &str) -> Result<(), Problem> {
    if allowed.contains(&port) {
        return Ok(());
    }
    client.services.counters.targets_refused.add();
    let what = format!("port {port} is not among those that may be reached");
    Err(Problem::forbidden(what, &format!("IT can add it to `[proxy] {setting}`.")))
}

fn unauthenticated() -> Problem {
    Problem {
        status: StatusCode::PROXY_AUTHENTICATION_REQUIRED,
        kind: "proxy_authentication",
        what: "this proxy needs a name and a token".to_owned(),
        way_out: "IT hands out tokens; `[[proxy.user]]` in scrim.toml lists the names.".to_owned(),
        side: Side::Client,
        connection: Connection::Keep,
    }
}
