//! Why a command could not be carried out, as the person at the terminal reads it: what, where, the way out.

use std::{io, path::PathBuf};

use super::client::ClientError;
use crate::{
    app::{AppError, build::BuildError, files::FilesError, state::StateError},
    config::{
        ConfigError,
        problem::{self, plain},
    },
    detect::RuleError,
    telemetry::FilterError,
};

/// A command that could not be carried out. `Display` is the whole message without the leading `error:`.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// Nobody reads stdout any more.
    #[error("nobody reads the output any more")]
    ReaderGone,
    /// stdout or stderr cannot be written.
    #[error("cannot write the output: {}", plain(.0))]
    Output(#[source] io::Error),
    /// stdin cannot be read.
    #[error("cannot read standard input: {}", plain(.0))]
    Input(#[source] io::Error),
    /// A named file cannot be read.
    #[error("cannot read `{}`: {}", path.display(), plain(cause))]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A named file cannot be written.
    #[error("cannot write `{}`: {}", path.display(), plain(cause))]
    Write {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// An argument that makes no sense; the message names it and the way out.
    #[error("{what}\n  hint: {hint}")]
    Argument {
        /// What is wrong.
        what: String,
        /// The way out.
        hint: String,
    },
    /// No randomness.
    #[error("the system gives no random bytes: {0}")]
    Random(getrandom::Error),
    /// The asynchronous runtime does not start.
    #[error("cannot start the runtime: {}", plain(.0))]
    Runtime(#[source] io::Error),
    /// The running instance could not be asked.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The command of `scrim run` cannot be started.
    #[error("cannot run `{program}`: {}", plain(cause))]
    Program {
        /// As it was given.
        program: String,
        /// What the system said.
        cause: io::Error,
    },
    /// The instance cannot be built or bound.
    #[error(transparent)]
    App(#[from] AppError),
    /// The CA cannot be used.
    #[error(transparent)]
    Tls(#[from] crate::tls::Error),
    /// Rules, sites or policies cannot be used.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The company's own lists cannot be used or changed.
    #[error(transparent)]
    Company(#[from] crate::company::CompanyError),
    /// The log cannot be read.
    #[error(transparent)]
    Audit(#[from] crate::audit::AuditError),
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The state folder cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// Files of `[rules] dirs`.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// A detection rule is wrong.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// The log filter is wrong.
    #[error(transparent)]
    Filter(#[from] FilterError),
}

impl CliError {
    /// A name that nothing has.
    pub(super) fn unknown(kind: &str, name: &str, known: &[&str], list: &str) -> Self {
        let hint = match problem::nearest(name, known) {
            Some(near) => format!("did you mean `{near}`? `{list}` shows all"),
            None => format!("`{list}` shows all"),
        };
        Self::Argument { what: format!("there is no {kind} `{name}`"), hint }
    }

    /// The message as it is printed, without the leading `error:`: every way out begins on a line of its own, indented.
    #[must_use]
    pub fn told(&self) -> String {
        self.to_string().replace("\nhint:", "\n  hint:")
    }
}
