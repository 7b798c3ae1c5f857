//! The control socket: how the command line speaks to the running instance. Only the owner of the state folder can open
//! it. Nothing here is reachable over the network.

mod export;
mod hold;

use std::{io, os::unix::fs::PermissionsExt, path::PathBuf, sync::Arc};

use axum::{
    Json, Router,
    extract::{Path, Query as Selected, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::net::{UnixListener, UnixStream};

use super::{AppError, Instance, records, state::StateFolder};
use crate::audit::{AuditError, Reader};

/// Bytes of a unix socket's path, by the smallest limit of the systems we build for, its end included.
const PATH_MAX: usize = 104;

/// Opens the socket; one that nobody listens on any more is replaced.
///
/// # Errors
/// When another instance listens, or the system refuses.
pub(super) async fn bind(state: &StateFolder) -> Result<UnixListener, AppError> {
    let path = state.control_socket();
    if path.as_os_str().len() >= PATH_MAX {
        return Err(AppError::SocketPath { path });
    }
    match UnixStream::connect(&path).await {
        Ok(_) => return Err(AppError::Running { state: state.path().to_path_buf() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(_) => std::fs::remove_file(&path).map_err(|cause| socket(&path, cause))?,
    }
    let listener = UnixListener::bind(&path).map_err(|cause| socket(&path, cause))?;
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).map_err(|cause| socket(&path, cause))?;
    Ok(listener)
}

fn socket(path: &std::path::Path, cause: io::Error) -> AppError {
    AppError::Socket { path: PathBuf::from(path), cause }
}

/// The routes.
pub(super) fn router(instance: Arc<Instance>) -> Router {
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
async fn answer(instance: &Instance, read: impl FnOnce(Reader) -> Result<Value, AuditError> + Send + 'static) -> Response {
    let reader = instance.log.reader();
    match tokio::task::spawn_blocking(move || read(reader)).await {
        Ok(Ok(value)) => Json(value).into_response(),
        Ok(Err(error)) => refused(StatusCode::INTERNAL_SERVER_ERROR, &error),
        Err(error) => refused(StatusCode::INTERNAL_SERVER_ERROR, &error),
    }
}

fn refused(status: StatusCode, error: &impl std::fmt::Display) -> Response {
    (status, Json(json!({ "error": error.to_string() }))).into_response()
}
