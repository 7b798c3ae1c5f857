//! Where the log is read from: the running instance, which owns the store, or the state folder itself.

use serde_json::Value;

use crate::{
    app::state::StateFolder,
    audit::Reader,
    console::records::{self, Query},
    store::keyfile::{self, SecretKey},
};

use super::super::{
    CliError,
    client::{Client, ClientError},
    output::Stdout,
};

/// An open log.
pub(super) enum Source {
    /// Through the control socket.
    Running(Client),
    /// No instance runs.
    Folder(Reader),
}

impl Source {
    pub(super) async fn open(state: &StateFolder) -> Result<Self, CliError> {
        match Client::running(state).await? {
            Some(client) => Ok(Self::Running(client)),
            None => Ok(Self::Folder(Reader::open(state.path())?)),
        }
    }

    pub(super) async fn list(&self, query: &Query) -> Result<Vec<Value>, CliError> {
        match self {
            Self::Folder(reader) => Ok(query.select(reader)?),
            Self::Running(client) => {
                let mut answer = client.get(&format!("/log?{}", query.encoded())).await?;
                match answer.get_mut("events").map(Value::take) {
                    Some(Value::Array(events)) => Ok(events),
                    Some(_) | None => Err(ClientError::Broken("its list of events is none".to_owned()).into()),
                }
            }
        }
    }

    pub(super) async fn get(&self, seq: u64) -> Result<Option<Value>, CliError> {
        match self {
            Self::Folder(reader) => Ok(reader.get(seq)?.as_ref().map(records::entry).transpose()?),
            Self::Running(client) => {
                let event = client.get(&format!("/log/{seq}")).await?;
                Ok(Some(event).filter(|event| !event.is_null()))
            }
        }
    }

    pub(super) async fn verify(&self) -> Result<Value, CliError> {
        match self {
            Self::Folder(reader) => Ok(records::report(&reader.verify()?)),
            Self::Running(client) => Ok(client.get("/log/verify").await?),
        }
    }

    pub(super) async fn stats(&self) -> Result<Value, CliError> {
        match self {
            Self::Folder(reader) => Ok(records::counts(&reader.counts()?)?),
            Self::Running(client) => Ok(client.get("/log/stats").await?),
        }
    }

    /// Writes every record; what has come is written even when the rest does not.
    pub(super) async fn export(&self, out: &mut Stdout) -> Result<(), CliError> {
        match self {
            Self::Folder(reader) => {
                reader.export(out.writer())?;
            }
            Self::Running(client) => {
                let mut pieces = client.stream("/log/export").await?;
                while let Some(piece) = pieces.next().await? {
                    out.bytes(&piece)?;
                }
            }
        }
        out.flush()
    }
}

/// The key that seals the log's checkpoints, where it can be read.
pub(super) fn log_key(state: &StateFolder) -> Option<SecretKey> {
    keyfile::load(&state.path().join("keys/log.key")).ok()
}
