//! WebSocket connections to AI sites: the upgrade is passed on, then every message goes through inspection, both ways.
//! permessage-deflate is never negotiated, so every message can be read.

use std::sync::Arc;

use bytes::BytesMut;
use hyper::{
    Method, Request, Response, StatusCode, Version,
    body::Incoming,
    client::conn::http1,
    header::{self, HeaderMap, HeaderValue},
    http::request::Parts,
    upgrade::{self, OnUpgrade, Upgraded},
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf, split},
    task::block_in_place,
};

use super::{
    body::{Answer, Outgoing},
    error::{Side, UpstreamError},
    exchange::{self, Moment, Settled},
    head,
    record::{self, Recorded},
    reply::Problem,
    visit::Visit,
};
use crate::{
    inspect::{Action, Channel, Exchange, Passage},
    site::spec::Upgrade,
    wire::{
        Limits, Unreadable,
        websocket::{FrameReader, Kind, Message, Role, write},
    },
};

/// Codes of RFC 6455 §7.4.1.
const GOING_AWAY: u16 = 1001;
const PROTOCOL_ERROR: u16 = 1002;
const POLICY: u16 = 1008;

/// Whether a request asks for a WebSocket.
pub(super) fn is_upgrade(parts: &Parts) -> bool {
    let asks = |value: &HeaderValue| value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"websocket");
    parts.version == Version::HTTP_11
        && parts.method == Method::GET
        && parts.headers.get(header::UPGRADE).is_some_and(asks)
        && parts.headers.contains_key(header::SEC_WEBSOCKET_KEY)
}

/// Inspects the upgrade request like any other, passes it on and, where the site agrees, inspects what follows.
///
/// # Errors
/// When the site cannot be reached or verified.
pub(super) async fn run(visit: &Visit, mut request: Request<Incoming>) -> Result<Response<Answer>, Problem> {
    let to_client = upgrade::on(&mut request);
    let (mut parts, _body) = request.into_parts();
    let before = head::to_inspection(&parts);
    let services = &visit.client.services;
    let inspector = services.inspector();
    let authority = &visit.origin.authority;
    let Some(site) = inspector.catalogue.site_of(&authority.host) else {
        return Err(Problem::misdirected(visit.origin.host(), "a site that was switched off"));
    };
    if inspector.catalogue.endpoint(site, &before).upgrade == Upgrade::Refuse {
        return Err(upgrade_refused());
    }
    let family = site.family.clone();
    let moment = Moment::now()?;
    let opened = Exchange::open(Arc::clone(&inspector), authority, before.clone(), visit.subject.clone());
    let mut exchange = opened.ok_or_else(upgrade_refused)?;
    exchange.read(&[]);
    let Settled { exchange: _, action, report } = match exchange::settle(visit, moment, exchange, 0).await? {
        Ok(settled) => settled,
        Err(refused) => return Ok(refused),
    };
    let head = match action {
        Action::Forward { head, body: _ } => head,
        Action::Reply(reply) => return Ok(exchange::marked(exchange::own(reply), &report)),
        Action::Local(_) => return Err(upgrade_refused()),
    };
    head::from_inspection(&mut parts, &before, &head)?;
    prepare(&mut parts, visit);
    let mut response = handshake(visit, Request::from_parts(parts, Outgoing::empty()))
        .await
        .map_err(|error| visit.client.upstream_problem(&error))?;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        head::strip_answer(response.headers_mut());
        return Ok(response.map(Answer::stream));
    }
    let to_site = upgrade::on(&mut response);
    let names = services.vault.names(visit.subject.id(), &family).await;
    let names = names.map_err(|error| Problem::busy(format!("the vault cannot be read ({error})")))?;
    let limits = inspector.settings.limits;
    let channel = Channel::open(inspector, authority.clone(), head, visit.subject.clone(), names);
    tokio::spawn(Talk { visit: visit.clone(), family, channel, limits }.run(to_client, to_site));
    Ok(switching(response))
}

/// Clients that have another way take it at once on 426.
fn upgrade_refused() -> Problem {
    Problem {
        status: StatusCode::UPGRADE_REQUIRED,
        kind: "upgrade_refused",
        way_out: "Use the same endpoint by POST.".to_owned(),
        ..Problem::bad_request("this endpoint is not offered as a websocket")
    }
}

fn switching(mut response: Response<Incoming>) -> Response<Answer> {
    let mut answer = Response::new(Answer::whole(bytes::Bytes::new()));
    *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    *answer.headers_mut() = std::mem::take(response.headers_mut());
    upgrade_headers(answer.headers_mut());
    answer
}

/// The request as the site gets it: our own hop, no compression that would hide messages.
fn prepare(parts: &mut Parts, visit: &Visit) {
    head::strip_request(&mut parts.headers);
    upgrade_headers(&mut parts.headers);
    if let Ok(host) = HeaderValue::from_str(&visit.origin.host_header()) {
        parts.headers.insert(header::HOST, host);
    }
    if let Some(path) = parts.uri.path_and_query().cloned() {
        parts.uri = path.into();
    }
}

fn upgrade_headers(headers: &mut HeaderMap) {
    headers.remove(header::SEC_WEBSOCKET_EXTENSIONS);
    headers.remove(header::ALT_SVC);
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
}

async fn handshake(visit: &Visit, request: Request<Outgoing>) -> Result<Response<Incoming>, UpstreamError> {
    let failed =
        |error: hyper::Error| UpstreamError::Http { host: visit.origin.host().to_owned(), why: error.to_string() };
    let stream = visit.client.services.upstream.upgradable(&visit.origin).await?;
    let builder = http1::Builder::new().preserve_header_case(true).handshake(TokioIo::new(stream));
    let (mut sender, connection) = builder.await.map_err(failed)?;
    tokio::spawn(async move {
        if let Err(error) = connection.with_upgrades().await {
            tracing::debug!(%error, "websocket to a site ended");
        }
    });
    sender.send_request(request).await.map_err(failed)
}

type Stream = TokioIo<Upgraded>;

/// An open WebSocket.
struct Talk {
    visit: Visit,
    family: String,
    channel: Channel,
    limits: Limits,
}

/// How a WebSocket ends badly.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error("{0}")]
    Socket(#[from] std::io::Error),
    #[error("{0}")]
    Frames(#[from] Unreadable),
    #[error("{}", .0.what)]
    Scrim(Problem),
}

/// What one side's bytes have led to.
enum Next {
    GoOn,
    End,
}

impl Talk {
    async fn run(self, to_client: OnUpgrade, to_site: OnUpgrade) {
        let (client, site) = match tokio::try_join!(to_client, to_site) {
            Ok(both) => both,
            Err(error) => return tracing::debug!(%error, "websocket upgrade failed"),
        };
        if let Err(error) = self.talk(TokioIo::new(client), TokioIo::new(site)).await {
            tracing::debug!(%error, "websocket ended");
        }
    }

    async fn talk(mut self, client: Stream, site: Stream) -> Result<(), Broken> {
        let (mut from_client, to_client) = split(client);
        let (mut from_site, to_site) = split(site);
        let mut ends = Ends { to_client, to_site };
        let (mut client_frames, mut site_frames) =
            (FrameReader::new(Role::Client, &self.limits), FrameReader::new(Role::Server, &self.limits));
        let (mut client_bytes, mut site_bytes) = (BytesMut::new(), BytesMut::new());
        loop {
            let next = tokio::select! {
                read = fill(&mut from_client, &mut client_bytes) => {
                    self.client_said(heard(&mut client_frames, read?, &mut client_bytes), &mut ends).await?
                }
                read = fill(&mut from_site, &mut site_bytes) => {
                    self.site_said(heard(&mut site_frames, read?, &mut site_bytes), &mut ends).await?
                }
                () = self.visit.client.stopping() => {
                    ends.close(GOING_AWAY, "Scrim is stopping").await?;
                    Next::End
                }
            };
            if matches!(next, Next::End) {
                return Ok(());
            }
        }
    }

    async fn client_said(&mut self, heard: Heard, ends: &mut Ends) -> Result<Next, Broken> {
        let messages = match heard {
            Heard::Messages(messages) => messages,
            Heard::End => return ends.finish().await,
            Heard::Nonsense(unreadable) => return ends.broken(unreadable).await,
        };
        for message in messages {
            if matches!(message.kind, Kind::Text | Kind::Binary) {
                if let Next::End = self.judge(message, ends).await? {
                    return Ok(Next::End);
                }
                continue;
            }
            let closes = message.kind == Kind::Close;
            ends.site(message.kind, &message.payload).await?;
            if closes {
                return ends.finish().await;
            }
        }
        Ok(Next::GoOn)
    }

    /// A message with content: inspected, recorded, then passed on or the end of it all.
    async fn judge(&mut self, message: Message, ends: &mut Ends) -> Result<Next, Broken> {
        let moment = Moment::now().map_err(Broken::Scrim)?;
        let channel = &mut self.channel;
        let judge = |channel: &mut Channel| channel.client(&message.payload, moment.seed, moment.unix);
        // Messages of one channel keep their order; other connections go on meanwhile.
        let judged = if channel.asks_model() { block_in_place(|| judge(channel)) } else { judge(channel) };
        let Some(judged) = judged else {
            ends.site(message.kind, &message.payload).await?;
            return Ok(Next::GoOn);
        };
        let (services, subject) = (&self.visit.client.services, self.visit.subject.id());
        if let Err(error) = services.vault.persist(subject, &self.family, judged.persist).await {
            tracing::error!(side = %Side::Scrim, %error, "a websocket message was refused: the vault cannot be written");
            return ends.close(POLICY, "Scrim: the vault cannot be written").await.map(|()| Next::End);
        }
        let report = &judged.report;
        let event = report.is_event().then(|| record::message(&self.visit, report));
        if record::write(&self.visit, report, event).await == Recorded::Refuse {
            return ends.close(POLICY, "Scrim: the block log cannot be written").await.map(|()| Next::End);
        }
        match judged.passage {
            Passage::Forward(changed) => {
                ends.site(message.kind, changed.as_deref().unwrap_or(&message.payload)).await?;
                Ok(Next::GoOn)
            }
            Passage::Close { message: said, reason } => {
                if let Some(said) = said {
                    ends.client(Kind::Text, &said).await?;
                }
                ends.close(POLICY, &reason).await.map(|()| Next::End)
            }
        }
    }

    async fn site_said(&mut self, heard: Heard, ends: &mut Ends) -> Result<Next, Broken> {
        let messages = match heard {
            Heard::Messages(messages) => messages,
            Heard::End => return ends.finish().await,
            Heard::Nonsense(unreadable) => return ends.broken(unreadable).await,
        };
        for message in messages {
            let restored = match message.kind {
                Kind::Text => self.channel.site(&message.payload),
                Kind::Binary | Kind::Ping | Kind::Pong | Kind::Close => None,
            };
            for payload in restored.as_deref().unwrap_or(std::slice::from_ref(&message.payload)) {
                ends.client(message.kind, payload).await?;
            }
            if message.kind == Kind::Close {
                return ends.finish().await;
            }
        }
        Ok(Next::GoOn)
    }
}

/// Where messages go.
struct Ends {
    to_client: WriteHalf<Stream>,
    to_site: WriteHalf<Stream>,
}

impl Ends {
    async fn site(&mut self, kind: Kind, payload: &[u8]) -> Result<(), Broken> {
        let mut mask = [0; 4];
        getrandom::fill(&mut mask).map_err(|error| std::io::Error::other(error.to_string()))?;
        let mut out = Vec::with_capacity(payload.len() + 14);
        write(kind, payload, Some(mask), &mut out);
        self.to_site.write_all(&out).await?;
        Ok(self.to_site.flush().await?)
    }

    async fn client(&mut self, kind: Kind, payload: &[u8]) -> Result<(), Broken> {
        let mut out = Vec::with_capacity(payload.len() + 10);
        write(kind, payload, None, &mut out);
        self.to_client.write_all(&out).await?;
        Ok(self.to_client.flush().await?)
    }

    /// Closes both sides with a reason.
    async fn close(&mut self, code: u16, reason: &str) -> Result<(), Broken> {
        let mut payload = code.to_be_bytes().to_vec();
        payload.extend(reason.chars().take(120).filter(char::is_ascii).map(|c| c as u8));
        self.client(Kind::Close, &payload).await?;
        self.site(Kind::Close, &code.to_be_bytes()).await?;
        self.finish().await.map(|_end| ())
    }

    async fn broken(&mut self, unreadable: Unreadable) -> Result<Next, Broken> {
        self.close(PROTOCOL_ERROR, "protocol error").await?;
        Err(unreadable.into())
    }

    async fn finish(&mut self) -> Result<Next, Broken> {
        self.to_client.shutdown().await?;
        self.to_site.shutdown().await?;
        Ok(Next::End)
    }
}

/// What one side's bytes say.
enum Heard {
    /// Whole messages; none when a frame is not complete.
    Messages(Vec<Message>),
    /// It has hung up.
    End,
    /// It breaks the protocol.
    Nonsense(Unreadable),
}

fn heard(frames: &mut FrameReader, n_read: usize, bytes: &mut BytesMut) -> Heard {
    if n_read == 0 {
        return Heard::End;
    }
    let mut messages = Vec::new();
    match frames.push(&bytes.split(), &mut messages) {
        Ok(()) => Heard::Messages(messages),
        Err(unreadable) => Heard::Nonsense(unreadable),
    }
}

async fn fill(from: &mut ReadHalf<Stream>, bytes: &mut BytesMut) -> std::io::Result<usize> {
    bytes.reserve(4096);
    from.read_buf(bytes).await
}
