//! `scrim index`: the company's own documents, rows and secrets, as keyed hashes in the state folder. What is added is
//! live at once in a running instance. Never prints or keeps a value.

mod add;
mod list;
mod probe;

use std::path::PathBuf;

use crate::{
    app::state::StateFolder,
    company::{Folder, is_name},
    detect::company::Kind,
};

use super::{
    CliError, Outcome,
    client::Client,
    output::say,
    setup::{Setup, wait},
};

/// Teach Scrim the company's own documents, customer rows and secrets
#[derive(Debug, clap::Args)]
pub(super) struct Index {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Add documents, a table or secrets; what was added from the same place is replaced
    ///
    /// Only hashes under this installation's key are kept. Documents: files and folders (text, Markdown, source, HTML,
    /// CSV, JSON, docx, xlsx, pptx, odt). Tables: CSV or LDIF. Secrets: .env, JSON, simple YAML, exports of password
    /// managers.
    Add(add::Add),
    /// What is in the index
    List(list::List),
    /// Remove a part of the index
    Remove(Remove),
    /// Hold a text against the index and say what it finds: exit code 0 nothing, 1 something
    Test(probe::Probe),
}

#[derive(Debug, clap::Args)]
struct Remove {
    /// Name, as `index list` prints it
    name: String,
    /// Only this kind, where several have the name
    #[arg(long, value_enum)]
    kind: Option<KindOf>,
}

/// Kinds as they are typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum KindOf {
    /// Documents
    Document,
    /// Rows of a table
    Data,
    /// Secrets
    Secret,
    /// Text that anybody may know
    Public,
}

impl KindOf {
    fn kind(self) -> Kind {
        match self {
            Self::Document => Kind::Documents,
            Self::Data => Kind::Data,
            Self::Secret => Kind::Secrets,
            Self::Public => Kind::Public,
        }
    }
}

impl Index {
    pub(super) fn run(self, setup: &Setup) -> Result<Outcome, CliError> {
        match self.action {
            Action::Add(add) => add.run(setup),
            Action::List(list) => list.run(setup),
            Action::Remove(remove) => remove.run(setup),
            Action::Test(probe) => probe.run(setup),
        }
    }
}

impl Remove {
    fn run(self, setup: &Setup) -> Result<Outcome, CliError> {
        let state = setup.existing_state()?;
        let folder = Folder::open(state.path())?;
        let lock = folder.lock()?;
        if !is_name(&self.name) {
            return Err(crate::company::CompanyError::Unknown(self.name).into());
        }
        for kind in folder.remove(&self.name, self.kind.map(KindOf::kind))? {
            say(&format!("removed: {} `{}`", kind.as_str(), self.name));
        }
        drop(lock);
        put_in_force(&state)
    }
}

/// Has a running instance read the index again.
fn put_in_force(state: &StateFolder) -> Result<Outcome, CliError> {
    let reloaded = wait(async {
        match Client::running(state).await? {
            Some(client) => client.post("/reload").await.map(Some),
            None => Ok(None),
        }
    })?;
    match reloaded {
        Ok(Some(_)) => say("in force in the running instance"),
        Ok(None) => say("in force at the next `scrim up` and for `scrim scan`"),
        Err(error) => {
            say(&format!("warning: the running instance still has the old index: {error}"));
            return Ok(Outcome::Failed);
        }
    }
    Ok(Outcome::Fine)
}

/// Paths as they were given, for messages.
fn listed(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| format!("`{}`", path.display())).collect::<Vec<_>>().join(", ")
}
