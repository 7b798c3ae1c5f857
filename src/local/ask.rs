//! Asks one server: writes the request in its protocol, and asks again with less when the conversation is too long or
//! its template knows no system turn.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    Answering, Kind, LocalError, ModelName,
    answering::Pace,
    fit::Plan,
    http,
    probe::{Candidate, DOCUMENT_MAX},
    reading::{Reading, short_name},
};
use crate::site::Turn;

/// Requests for one answer: whole, shorter twice, and with folded instructions.
const ATTEMPTS: usize = 4;

/// A question and its limits.
pub(super) struct Request<'a> {
    pub(super) turns: &'a [Turn],
    pub(super) max_tokens: u32,
    /// When it was asked; other attempts and other servers share the time.
    pub(super) asked: Instant,
    /// Until the first word.
    pub(super) first: Duration,
    /// Between two words.
    pub(super) idle: Duration,
}

/// Why a server said no.
enum Refusal {
    /// Too long; tokens of the question and of the context, when it says.
    Overflow(Option<(usize, usize)>),
    Other(LocalError),
}

/// Asks, and returns with the first word in hand.
pub(super) async fn ask(candidate: &Arc<Candidate>, request: &Request<'_>) -> Result<Answering, LocalError> {
    let Some(model) = &candidate.model else { return Err(LocalError::NoModel { looked_at: Vec::new() }) };
    let too_long = || LocalError::TooLong { model: model.to_string(), n_ctx: candidate.n_ctx };
    let mut plan = Plan::new(request.turns, candidate.n_ctx, request.max_tokens);
    for _ in 0..ATTEMPTS {
        let (path, body) = written(candidate, model, &plan);
        let left = request.first.saturating_sub(request.asked.elapsed());
        let response = http::send(&candidate.target, path, Some(body.to_string().into_bytes()), left).await?;
        if response.status == hyper::StatusCode::OK {
            let reading = Reading::new(response.header("content-type").unwrap_or_default());
            let pace = Pace { asked: request.asked, first: request.first, idle: request.idle };
            let mut answering = Answering::new(response, reading, candidate.clone(), pace, &plan);
            answering.first_word().await?;
            return Ok(answering);
        }
        match refusal(response, candidate, request.idle).await? {
            Refusal::Overflow(counted) if plan.shrink(counted) => {}
            Refusal::Overflow(_) => return Err(too_long()),
            Refusal::Other(_) if plan.fold() => {}
            Refusal::Other(error) => return Err(error),
        }
    }
    Err(too_long())
}

/// Path and body in the server's protocol.
fn written(candidate: &Candidate, model: &ModelName, plan: &Plan<'_>) -> (&'static str, Value) {
    let messages = plan.messages();
    if candidate.kind == Kind::Ollama {
        // Without `num_ctx` it cuts the question to its default, silently.
        let n_ctx = plan.tokens() + usize::try_from(plan.max_tokens).unwrap_or_default();
        let ceiling = candidate.n_ctx.map_or(usize::MAX, |n_ctx| usize::try_from(n_ctx).unwrap_or(usize::MAX));
        let n_ctx = n_ctx.next_multiple_of(1024).max(4096).min(ceiling);
        let options = json!({ "num_ctx": n_ctx, "num_predict": plan.max_tokens });
        let body = json!({ "model": model.as_str(), "messages": messages, "stream": true, "options": options });
        return ("/api/chat", body);
    }
    let body = json!({
        "model": model.as_str(),
        "messages": messages,
        "stream": true,
        "stream_options": { "include_usage": true },
        "max_tokens": plan.max_tokens,
    });
    ("/v1/chat/completions", body)
}

async fn refusal(response: http::Response, candidate: &Candidate, within: Duration) -> Result<Refusal, LocalError> {
    let status = response.status.as_u16();
    let body = response.read(DOCUMENT_MAX, within).await?;
    let document: Value = serde_json::from_slice(&body).unwrap_or_default();
    let error = if document["error"].is_null() { &document } else { &document["error"] };
    let kind = error["type"].as_str().or_else(|| error["code"].as_str());
    let prose = error["message"].as_str().or_else(|| error.as_str()).unwrap_or_default().to_lowercase();
    let named = kind.is_some_and(|kind| kind.contains("exceed_context") || kind.contains("context_length"));
    let told =
        prose.contains("context") && ["exceed", "maximum", "length", "too long"].iter().any(|w| prose.contains(w));
    if named || told {
        let count = |field: &str| error[field].as_u64().and_then(|n| usize::try_from(n).ok());
        return Ok(Refusal::Overflow(count("n_prompt_tokens").zip(count("n_ctx"))));
    }
    let kind = kind.map(short_name);
    Ok(Refusal::Other(LocalError::Refused { url: candidate.target.url.clone(), status, kind }))
}
