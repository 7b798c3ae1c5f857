//! The routes of the control socket: how the command line speaks to the running instance. Only the owner of the state
//! folder can open it; nothing here is reachable over the network.

mod export;
pub(super) mod hold;

pub use hold::Holds;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Query as Selected, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

use super::{Instance, records};
use crate::audit::{AuditError, Reader};

/// The routes.
pub fn router(instance: Arc<Instance>) -> Router {
    Router::new()
        .route("/status", get(status))
        .route("/reload", post(reload))
        .route("/log", get(list))
        .route("/log/verify", get(verify))
        .route("/log/export", get(export::export))
        .route("/log/stats", get(stats))
        .route("/log/{seq}", get(show))
        .route("/local", get(local))
        .route("/hold", get(hold::hold))
        .with_state(instance)
}

async fn status(State(instance): State<Arc<Instance>>) -> Json<Value> {
    Json(instance.status())
}

async fn reload(State(instance): State<Arc<Instance>>) -> Response {
    match instance.reload().await {
        Ok(done) => Json(json!({"summary": done.summary, "at_next_start": done.at_next_start})).into_response(),
        Err(error) => refused(StatusCode::UNPROCESSABLE_ENTITY, &error),
    }
}

async fn list(State(instance): State<Arc<Instance>>, Selected(query): Selected<records::Query>) -> Response {
    answer(&instance, move |reader| Ok(json!({ "events": query.select(&reader)? }))).await
}

async fn show(State(instance): State<Arc<Instance>>, Path(seq): Path<u64>) -> Response {
    answer(&instance, move |reader| match reader.get(seq)? {
        Some(entry) => records::entry(&entry),
        None => Ok(Value::Null),
    })
    .await
}

async fn verify(State(instance): State<Arc<Instance>>) -> Response {
    answer(&instance, |reader| Ok(records::report(&reader.verify()?))).await
}

async fn stats(State(instance): State<Arc<Instance>>) -> Response {
    answer(&instance, |reader| records::counts(&reader.counts()?)).await
}

async fn local(State(instance): State<Arc<Instance>>) -> Json<Value> {
    Json(instance.local_status().await)
}

/// Reads the log on a thread that may wait for the disk.
async fn answer(
    instance: &Instance,
    read: impl FnOnce(Reader) -> Result<Value, AuditError> + Send + 'static,
) -> Response {
    let reader = instance.log().reader();
    match tokio::task::spawn_blocking(move || read(reader)).await {
        Ok(Ok(value)) => Json(value).into_response(),
        Ok(Err(error)) => refused(StatusCode::INTERNAL_SERVER_ERROR, &error),
        Err(error) => refused(StatusCode::INTERNAL_SERVER_ERROR, &error),
    }
}

fn refused(status: StatusCode, error: &impl std::fmt::Display) -> Response {
    (status, Json(json!({ "error": error.to_string() }))).into_response()
}
