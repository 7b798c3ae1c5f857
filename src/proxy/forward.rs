//! A request passed on as it is and its answer passed back as it is, but for what belongs to one hop. For cleartext
//! requests to hosts that are no AI site, and the last step of an inspected one. Inspects nothing.

use hyper::{
    Request, Response,
    body::Incoming,
    header::{self, HeaderValue},
};

use super::{
    body::{Answer, Outgoing},
    head,
    reply::Problem,
    visit::Visit,
};

/// Passes a cleartext request on, uninspected.
///
/// # Errors
/// When the request is malformed or the target cannot be reached.
pub async fn run(visit: &Visit, request: Request<Incoming>) -> Result<Response<Answer>, Problem> {
    let (mut parts, body) = request.into_parts();
    head::check(&parts, &visit.origin)?;
    if let Ok(via) = HeaderValue::from_str(&format!("1.1 {}", visit.client.services.via)) {
        parts.headers.append(header::VIA, via);
    }
    let response = send(visit, Request::from_parts(parts, Outgoing::Stream(body))).await?;
    Ok(response.map(Answer::stream))
}

/// Sends a request to the visit's origin, without what belongs to one hop either way.
///
/// # Errors
/// When the site cannot be reached or verified.
pub async fn send(visit: &Visit, mut request: Request<Outgoing>) -> Result<Response<Incoming>, Problem> {
    head::strip_request(request.headers_mut());
    let sent = visit.client.services.upstream.send(visit.subject.id(), &visit.origin, request).await;
    let mut response = sent.map_err(|error| visit.client.upstream_problem(&error))?;
    head::strip_answer(response.headers_mut());
    if response.headers().contains_key("cf-mitigated") {
        visit.client.services.counters.challenged.add();
        tracing::warn!(
            host = visit.origin.host(),
            "the site challenges the browser: it may not like Scrim's handshake"
        );
    }
    Ok(response)
}
