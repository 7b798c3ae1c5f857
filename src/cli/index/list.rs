//! `scrim index list`: what is in the index, without a value or a text.

use serde::Serialize;

use crate::{
    company::Folder,
    detect::company::{Kind, Part},
};

use super::super::{
    CliError, Outcome,
    output::{Format, Stdout, printable, say},
    setup::Setup,
};

#[derive(Debug, clap::Args)]
pub(super) struct List {
    /// Name of one part: also its documents, columns or key names
    name: Option<String>,
    /// Form of the list
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Row {
    kind: &'static str,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    summary: String,
    members: Vec<String>,
}

impl List {
    pub(super) fn run(self, setup: &Setup) -> Result<Outcome, CliError> {
        let folder = setup.state_if_any()?.map(|state| Folder::existing(&state)).transpose()?.flatten();
        let parts = folder.as_ref().map_or_else(|| Ok(Vec::new()), Folder::parts)?;
        let named = |part: &&std::sync::Arc<Part>| self.name.as_deref().is_none_or(|name| name == part.name());
        let rows: Vec<Row> = parts.iter().filter(named).map(|part| row(part)).collect();
        if let (Some(name), true) = (&self.name, rows.is_empty()) {
            return Err(crate::company::CompanyError::Unknown(name.clone()).into());
        }
        if rows.is_empty() {
            say("the index is empty: `scrim index add` fills it");
        }
        let mut out = Stdout::open();
        match self.format {
            Format::Json => out.pretty(&rows)?,
            Format::Text => rows.iter().try_for_each(|row| lines(&mut out, row, self.name.is_some()))?,
        }
        out.flush()?;
        Ok(Outcome::Fine)
    }
}

fn lines(out: &mut Stdout, row: &Row, with_members: bool) -> Result<(), CliError> {
    out.line(&printable(&format!("{:8}  {}  {}", row.kind, row.name, row.summary)))?;
    if with_members {
        row.members.iter().try_for_each(|member| out.line(&printable(&format!("  {member}"))))?;
    }
    Ok(())
}

fn row(part: &Part) -> Row {
    let members = match part {
        Part::Documents(part) | Part::Public(part) => part
            .documents()
            .iter()
            .map(|document| format!("{} ({} letters)", document.name, document.letters))
            .collect(),
        Part::Data(data) => data.columns().iter().map(|column| column.name.clone()).collect(),
        Part::Secrets(secrets) => secrets.names().map(|(key, file)| format!("{key} in {file}")).collect(),
    };
    let rule = (part.kind() != Kind::Public).then(|| format!("company.{}.{}", part.kind().as_str(), part.name()));
    Row { kind: part.kind().as_str(), name: part.name().to_owned(), rule, summary: part.summary(), members }
}
