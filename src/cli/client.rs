//! Talks to the running instance over its control socket. Opens no store itself.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{Method, Request, StatusCode, body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::UnixStream;

use crate::{app::state::StateFolder, config::problem::plain};

/// Bytes of one JSON answer.
const ANSWER_MAX: usize = 64 << 20;
/// Time until an answer begins: a reload compiles every rule.
const ANSWER_TIME: Duration = Duration::from_secs(60);

/// Why the running instance could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// None runs.
    #[error("no instance runs in state folder `{}`\n  hint: `scrim up` starts one; `--state DIR` or SCRIM_STATE names another folder", state.display())]
    NotRunning {
        /// The folder looked in.
        state: PathBuf,
    },
    /// The socket is there and cannot be used.
    #[error("cannot reach the running instance through `{}`: {}", socket.display(), plain(cause))]
    Socket {
        /// The control socket.
        socket: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The connection broke or the answer was no HTTP.
    #[error(
        "the running instance did not answer: {0}\n  hint: `scrim status` shows whether it is well; its log lines say why"
    )]
    Broken(String),
    /// It answered with an error; its own words.
    #[error("{0}")]
    Refused(String),
}

/// A control socket that answered.
#[derive(Debug, Clone)]
pub(super) struct Client {
    socket: PathBuf,
}

impl Client {
    /// The instance that runs in a state folder.
    pub(super) async fn connect(state: &StateFolder) -> Result<Self, ClientError> {
        let client = Self { socket: state.control_socket() };
        drop(client.open(state.path()).await?);
        Ok(client)
    }

    /// The same, where none running is no error.
    pub(super) async fn running(state: &StateFolder) -> Result<Option<Self>, ClientError> {
        match Self::connect(state).await {
            Ok(client) => Ok(Some(client)),
            Err(ClientError::NotRunning { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A JSON answer to a GET.
    pub(super) async fn get(&self, path: &str) -> Result<Value, ClientError> {
        self.json(Method::GET, path).await
    }

    /// A JSON answer to a POST without a body.
    pub(super) async fn post(&self, path: &str) -> Result<Value, ClientError> {
        self.json(Method::POST, path).await
    }

    /// The pieces of a long answer.
    pub(super) async fn stream(&self, path: &str) -> Result<Pieces, ClientError> {
        let body = self.request(Method::GET, path).await?;
        Ok(Pieces { body })
    }

    async fn json(&self, method: Method, path: &str) -> Result<Value, ClientError> {
        let body = self.request(method, path).await?;
        let bytes = whole(body).await?;
        serde_json::from_slice(&bytes).map_err(|error| ClientError::Broken(error.to_string()))
    }

    async fn request(&self, method: Method, path: &str) -> Result<Incoming, ClientError> {
        let stream = self.open(self.socket.parent().unwrap_or(Path::new(""))).await?;
        let broken = |error: hyper::Error| ClientError::Broken(error.to_string());
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
        tokio::spawn(connection);
        let request = Request::builder().method(method).uri(path).header("host", "scrim");
        let request = request.body(Full::<Bytes>::default()).map_err(|error| ClientError::Broken(error.to_string()))?;
        let answer = tokio::time::timeout(ANSWER_TIME, sender.send_request(request)).await;
        let late = |_| ClientError::Broken(format!("nothing came for {} seconds", ANSWER_TIME.as_secs()));
        let answer = answer.map_err(late)?.map_err(broken)?;
        if answer.status() == StatusCode::OK {
            return Ok(answer.into_body());
        }
        let bytes = whole(answer.into_body()).await?;
        let told: Option<Value> = serde_json::from_slice(&bytes).ok();
        let words = told.as_ref().and_then(|told| told.get("error")).and_then(Value::as_str);
        Err(ClientError::Refused(words.unwrap_or("the running instance refused without a reason").to_owned()))
    }

    async fn open(&self, state: &Path) -> Result<UnixStream, ClientError> {
        UnixStream::connect(&self.socket).await.map_err(|cause| {
            let nobody = matches!(cause.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused);
            if nobody {
                ClientError::NotRunning { state: state.to_path_buf() }
            } else {
                ClientError::Socket { socket: self.socket.clone(), cause }
            }
        })
    }
}

/// A long answer, piece by piece.
pub(super) struct Pieces {
    body: Incoming,
}

impl Pieces {
    /// The next piece; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, ClientError> {
        while let Some(frame) = self.body.frame().await {
            let frame = frame.map_err(|error| ClientError::Broken(error.to_string()))?;
            if let Ok(data) = frame.into_data() {
                return Ok(Some(data));
            }
        }
        Ok(None)
    }
}

async fn whole(body: Incoming) -> Result<Bytes, ClientError> {
    let mut pieces = Limited::new(body, ANSWER_MAX);
    let mut bytes = Vec::new();
    while let Some(frame) = pieces.frame().await {
        let frame = frame.map_err(|error| ClientError::Broken(error.to_string()))?;
        if let Ok(data) = frame.into_data() {
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes.into())
}
