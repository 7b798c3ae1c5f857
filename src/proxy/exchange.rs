//! One request to an AI site from head to answer: read, inspect, persist, record, then send, refuse or let the local
//! model answer. Carries out what `inspect` decides and decides nothing itself.
//!
//! The order is what keeps the promises: placeholders are in the vault before the site can see one, and the event is
//! durable before anything happens that it tells of.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use bytes::Bytes;
use hyper::{
    Request, Response, StatusCode,
    body::Incoming,
    header::{self, HeaderName, HeaderValue},
    http::request::Parts,
};

use super::{
    body::{self, Answer, Outgoing, ReadError, ReadLimits, Rest, Whole},
    error::Side,
    forward, head,
    limits::Reserved,
    local_answer,
    record::{self, Recorded},
    reply::Problem,
    restoring::Restoring,
    visit::Visit,
    websocket,
};
use crate::{
    inspect::{Action, AnswerPlan, Exchange, Interest, Known, Outcome, Report},
    site::{Head, Reply},
    tls,
    vault::VaultError,
};

/// Bodies above this are inspected on a thread that may be busy for long. Below, the change of threads costs more.
const INLINE_MAX: usize = 64 << 10;

/// Random bytes and the time, for ids, references and dates of one exchange.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) seed: [u8; 16],
    pub(super) unix: u64,
}

impl Moment {
    pub(super) fn now() -> Result<Self, Problem> {
        let mut seed = [0; 16];
        getrandom::fill(&mut seed)
            .map_err(|error| scrim_failed(format!("the system gives no random bytes: {error}")))?;
        Ok(Self { seed, unix: tls::issue::unix(SystemTime::now()) })
    }
}

/// Serves one request of an intercepted connection.
///
/// # Errors
/// What the client is told when the request is malformed, or its site cannot be reached or verified.
pub async fn run(visit: &Visit, request: Request<Incoming>) -> Result<Response<Answer>, Problem> {
    let services = &visit.client.services;
    if let Some(fault) = visit.pulse.fault() {
        services.counters.smuggling.add();
        tracing::warn!(side = %Side::Client, host = visit.origin.host(), "request refused: {fault}");
        return Err(Problem::bad_request(fault.to_string()));
    }
    let (mut parts, body) = request.into_parts();
    if let Err(problem) = head::check(&parts, &visit.origin) {
        if problem.status == StatusCode::MISDIRECTED_REQUEST {
            services.counters.misdirected.add();
            record::connection(&visit.client, &visit.subject, &problem.what).await;
        }
        return Err(problem);
    }
    if websocket::is_upgrade(&parts) {
        return websocket::run(visit, Request::from_parts(parts, body)).await;
    }
    head::limit_codings(&mut parts.headers);
    let before = head::to_inspection(&parts);
    let opened = Exchange::open(services.inspector(), &visit.origin.authority, before, visit.subject.clone());
    // The site was switched off while this connection was open: its traffic is no longer Scrim's business.
    let Some(exchange) = opened else {
        let response = forward::send(visit, Request::from_parts(parts, Outgoing::Stream(body))).await?;
        return Ok(response.map(Answer::stream));
    };
    let moment = Moment::now()?;
    match exchange.interest() {
        Interest::Stream => {
            let pending = Pending { parts, body: Outgoing::Stream(body), n_bytes: 0, reserved: None };
            decided(visit, moment, exchange, pending).await
        }
        Interest::Read => inspected(visit, moment, exchange, parts, body).await,
    }
}

/// A request that waits for the decision.
struct Pending {
    parts: Parts,
    body: Outgoing,
    /// Of the body that was read.
    n_bytes: usize,
    /// Memory of the body; free again once the site has it.
    reserved: Option<Reserved>,
}

async fn inspected(
    visit: &Visit,
    moment: Moment,
    exchange: Exchange,
    parts: Parts,
    mut body: Incoming,
) -> Result<Response<Answer>, Problem> {
    let services = &visit.client.services;
    let limits = visit.client.limits();
    let read_limits = ReadLimits { bytes: limits.body_mib << 20, time: Duration::from_secs(limits.body_secs) };
    let (whole, reserved) = match body::read_limited(&mut body, read_limits, &services.memory).await {
        Ok(read) => read,
        Err(error) => {
            // A client that waits for a `100 Continue` has sent nothing yet, and then need not.
            let waits = parts.headers.contains_key(header::EXPECT);
            return unread(visit, moment, exchange, error, (!waits).then_some(&mut body)).await;
        }
    };
    let (data, n_bytes) = (whole.data.clone(), whole.data.len());
    let exchange = on_a_core(visit, Work::of_bytes(n_bytes), move || {
        let mut exchange = exchange;
        exchange.read(&data);
        exchange
    })
    .await?;
    let pending = Pending { parts, body: Outgoing::Whole(whole), n_bytes, reserved: Some(reserved) };
    decided(visit, moment, exchange, pending).await
}

async fn decided(
    visit: &Visit,
    moment: Moment,
    exchange: Exchange,
    pending: Pending,
) -> Result<Response<Answer>, Problem> {
    let Settled { exchange, action, report } = match settle(visit, moment, exchange, pending.n_bytes).await? {
        Ok(settled) => settled,
        Err(refused) => return Ok(refused),
    };
    let response = match action {
        Action::Forward { head, body } => forwarded(visit, exchange, pending, &head, body).await?,
        Action::Reply(reply) => own(reply),
        Action::Local(turn) => local_answer::run(visit, exchange, moment, *turn).await,
    };
    Ok(marked(response, &report))
}

/// A decision whose effects are done: the vault holds what the site will see, the log what happened.
pub(super) struct Settled {
    pub(super) exchange: Exchange,
    pub(super) action: Action,
    pub(super) report: Report,
}

/// Decides on a request that was read, and does what must come before it is acted on. The inner error is a refusal in
/// the site's own shape: vault or log failed.
pub(super) async fn settle(
    visit: &Visit,
    moment: Moment,
    exchange: Exchange,
    n_bytes: usize,
) -> Result<Result<Settled, Response<Answer>>, Problem> {
    let services = &visit.client.services;
    let (subject, family) = (visit.subject.id(), exchange.scope_family().to_owned());
    let conversation = exchange.conversation().map(str::to_owned);
    let known = match known(visit, moment, &family, conversation).await {
        Ok(known) => known,
        Err(error) => return Ok(Err(refusal(&exchange, moment, &format!("the vault cannot be read ({error})")))),
    };
    let started = Instant::now();
    let work = if exchange.asks_model() { Work::Long } else { Work::of_bytes(n_bytes) };
    let (exchange, outcome) = on_a_core(visit, work, move || {
        let mut exchange = exchange;
        let outcome = exchange.decide(known);
        (exchange, outcome)
    })
    .await?;
    let took = started.elapsed();
    let Outcome { action, persist, report } = outcome;
    if !persist.is_empty()
        && let Err(error) = services.vault.persist(subject, &family, persist).await
    {
        return Ok(Err(refusal(&exchange, moment, &format!("the vault cannot be written ({error})"))));
    }
    let event = report.is_event().then(|| record::exchange(visit, &exchange, &report, took));
    if record::write(visit, &report, event).await == Recorded::Refuse {
        return Ok(Err(refusal(&exchange, moment, "the block log cannot be written")));
    }
    Ok(Ok(Settled { exchange, action, report }))
}

async fn forwarded(
    visit: &Visit,
    mut exchange: Exchange,
    pending: Pending,
    after: &Head,
    changed: Option<Vec<u8>>,
) -> Result<Response<Answer>, Problem> {
    let Pending { mut parts, body, reserved, n_bytes: _ } = pending;
    head::from_inspection(&mut parts, exchange.head(), after)?;
    let body = match (changed, body) {
        (Some(data), Outgoing::Whole(whole)) => {
            parts.headers.remove(header::CONTENT_LENGTH);
            Outgoing::Whole(Whole { data: Bytes::from(data), trailers: whole.trailers })
        }
        (Some(_) | None, body) => body,
    };
    let response = forward::send(visit, Request::from_parts(parts, body)).await?;
    drop(reserved);
    let (mut parts, body) = response.into_parts();
    if let Some(reply) = exchange.instead(parts.status.as_u16()) {
        return Ok(own(reply));
    }
    let headers = head::header_list(&parts.headers);
    let answer = match exchange.answer_head(parts.status.as_u16(), &headers) {
        AnswerPlan::Pass => Answer::stream(body),
        AnswerPlan::Restore => {
            for name in [header::CONTENT_LENGTH, header::CONTENT_ENCODING, header::ACCEPT_RANGES, header::ETAG] {
                parts.headers.remove(name);
            }
            Answer::restoring(Restoring::new(body, exchange))
        }
    };
    Ok(Response::from_parts(parts, answer))
}

/// A body that could not be read: nothing of it has left, and nothing will. What is still `coming` of it is read for
/// the connection's sake.
async fn unread(
    visit: &Visit,
    moment: Moment,
    exchange: Exchange,
    error: ReadError,
    coming: Option<&mut Incoming>,
) -> Result<Response<Answer>, Problem> {
    match error {
        ReadError::Client(_) => Err(Problem::bad_request(error.to_string())),
        ReadError::Slow { .. } => {
            visit.client.services.counters.slow_clients.add();
            Err(Problem { status: StatusCode::REQUEST_TIMEOUT, ..Problem::bad_request(error.to_string()) })
        }
        ReadError::Busy => {
            let problem = Problem::busy(error.to_string());
            Err(if rest(coming).await == Rest::Gone { problem } else { problem.closing() })
        }
        ReadError::TooLarge { .. } => {
            let event = record::unread(visit, &exchange, &error.to_string());
            // It is refused either way.
            let _refused_anyway = record::durable(visit, event).await;
            let mut response = refusal(&exchange, moment, &error.to_string());
            if rest(coming).await == Rest::Coming {
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            Ok(response)
        }
    }
}

async fn rest(coming: Option<&mut Incoming>) -> Rest {
    match coming {
        Some(body) => body::discard(body).await,
        None => Rest::Coming,
    }
}

/// What the vault and the local model have to say about an exchange.
async fn known(visit: &Visit, moment: Moment, family: &str, conversation: Option<String>) -> Result<Known, VaultError> {
    let services = &visit.client.services;
    let subject = visit.subject.id();
    let names = services.vault.names(subject, family).await?;
    let local_turns = match conversation {
        Some(conversation) => services.vault.local_turns(subject, family, &conversation).await?,
        None => None,
    };
    let local_available = services.local.available().is_some();
    Ok(Known { names, local_turns, local_available, seed: moment.seed, now: moment.unix })
}

/// How long inspection may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// Less than a change of threads.
    Short,
    /// So long that others must not wait for it.
    Long,
}

impl Work {
    fn of_bytes(n_bytes: usize) -> Self {
        if n_bytes <= INLINE_MAX { Self::Short } else { Self::Long }
    }
}

/// Runs long work where it holds up nobody else, on no more threads than there are cores.
async fn on_a_core<T: Send + 'static>(
    visit: &Visit,
    length: Work,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    if length == Work::Short {
        return Ok(work());
    }
    let place = Arc::clone(&visit.client.services.scans).acquire_owned().await;
    let place = place.map_err(|_closed| scrim_failed("Scrim is stopping"))?;
    let done = tokio::task::spawn_blocking(move || {
        let done = work();
        drop(place);
        done
    });
    done.await.map_err(|error| scrim_failed(format!("inspection failed: {error}")))
}

pub(super) fn refusal(exchange: &Exchange, moment: Moment, what: &str) -> Response<Answer> {
    tracing::error!(side = %Side::Scrim, site = exchange.site(), "prompt refused: {what}");
    own(exchange.refusal(what, moment.seed, moment.unix))
}

/// A reply that inspection made, as a response.
pub(super) fn own(reply: Reply) -> Response<Answer> {
    let mut response = Response::new(Answer::whole(Bytes::from(reply.body)));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::BAD_REQUEST);
    for (name, value) in reply.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(&value)) {
            response.headers_mut().append(name, value);
        }
    }
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response
}

/// Tells programs what happened, where something did.
pub(super) fn marked(mut response: Response<Answer>, report: &Report) -> Response<Answer> {
    if report.is_event() {
        let headers = response.headers_mut();
        if let Ok(verdict) = HeaderValue::from_str(&report.enforced.to_string()) {
            headers.insert("x-scrim-verdict", verdict);
        }
        if let Ok(reference) = HeaderValue::from_str(&report.reference) {
            headers.insert("x-scrim-event", reference);
        }
    }
    response
}

fn scrim_failed(what: impl Into<String>) -> Problem {
    Problem { status: StatusCode::INTERNAL_SERVER_ERROR, kind: "scrim_failed", ..Problem::busy(what) }
}
