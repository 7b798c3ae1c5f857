//! `scrim index add`: reads what is named, makes a part of the index and puts it in force.

use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::{
    company::{
        CompanyError, Folder,
        add::{self, Outcome as Made, Source, Step, Table},
        is_name, name_of,
    },
    detect::{Category, company::Kind},
};

use super::{
    super::{
        CliError, Outcome,
        output::{counted, printable, say},
        scan::targets::targets,
        setup::Setup,
    },
    listed, put_in_force,
};

#[derive(Debug, clap::Args)]
pub(super) struct Add {
    /// Files and folders of documents; folders are walked as .gitignore says
    #[arg(value_name = "PATH", required_unless_present_any = ["csv", "secrets"])]
    paths: Vec<PathBuf>,
    /// Name of the collection, table or set; it is the last part of the rule's id. Otherwise taken from the file
    #[arg(long)]
    name: Option<String>,
    /// Letters between two fingerprints at most: any copied run of so many and 29 more is certain to be found. 100 halves
    /// the index of a gigabyte of text
    #[arg(long, value_parser = clap::value_parser!(u16).range(20..=128), conflicts_with_all = ["csv", "secrets"])]
    window: Option<u16>,
    /// The documents are public: what they hold is never a finding
    #[arg(long, conflicts_with_all = ["csv", "secrets"])]
    public: bool,
    /// Take rows from this CSV, TSV or LDIF file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["paths", "secrets"])]
    csv: Option<PathBuf>,
    /// Columns (attributes) to take; all of a CSV, the usual ones of a directory, without it
    #[arg(long, value_name = "NAME", value_delimiter = ',', requires = "csv")]
    columns: Vec<String>,
    /// Columns whose values stand for one row each (account, e-mail): found alone
    #[arg(long, value_name = "NAME", value_delimiter = ',', requires = "csv")]
    key_columns: Vec<String>,
    /// Kind of data of the rows, for policies and placeholders
    #[arg(long, default_value = "COMPANY", requires = "csv")]
    category: String,
    /// Take secrets from this file: .env, JSON, YAML, export of a password manager
    #[arg(long, value_name = "FILE", conflicts_with = "paths")]
    secrets: Option<PathBuf>,
}

/// Bytes of text from which a larger window is proposed.
const LARGE: usize = 200 << 20;

impl Add {
    pub(super) fn run(self, setup: &Setup) -> Result<Outcome, CliError> {
        let state = setup.open_state()?;
        let folder = Folder::open(state.path())?;
        let lock = folder.lock()?;
        let Made { part, remarks } = match (&self.csv, &self.secrets) {
            (Some(csv), _) => self.table(&folder, csv)?,
            (None, Some(secrets)) => add::secrets(&folder, &self.name(secrets)?, secrets)?,
            (None, None) => self.documents(&folder)?,
        };
        let bytes = folder.put(&part)?;
        drop(lock);
        for remark in remarks {
            say(&format!("  {}", printable(&remark)));
        }
        let (kind, name) = (part.kind().as_str(), part.name());
        say(&format!("{kind} `{name}`: {}, {} KiB", printable(&part.summary()), bytes.div_ceil(1024)));
        if part.kind() != Kind::Public {
            say(&format!("  rule `company.{kind}.{name}`"));
        }
        put_in_force(&state)
    }

    fn name(&self, path: &Path) -> Result<String, CompanyError> {
        match &self.name {
            Some(name) if is_name(name) => Ok(name.clone()),
            Some(name) => Err(CompanyError::Name(name.clone())),
            None => name_of(path).ok_or_else(|| CompanyError::Name(path.display().to_string())),
        }
    }

    fn table(&self, folder: &Folder, csv: &Path) -> Result<Made, CliError> {
        let category = Category::parse(&self.category).map_err(|error| CliError::Argument {
            what: error.to_string(),
            hint: "like `CUSTOMER` or `ACCOUNT`".to_owned(),
        })?;
        let name = self.name(csv)?;
        let wanted = Table { name: &name, category, columns: &self.columns, unique: &self.key_columns };
        Ok(add::table(folder, csv, &wanted)?)
    }

    fn documents(&self, folder: &Folder) -> Result<Made, CliError> {
        let kind = if self.public { Kind::Public } else { Kind::Documents };
        let name = match self.paths.as_slice() {
            [] => return Err(CompanyError::Name(String::new()).into()),
            [one] => self.name(one)?,
            [_, ..] if self.name.is_none() => "documents".to_owned(),
            [first, ..] => self.name(first)?,
        };
        let sources = self.sources()?;
        let window = self.window.map(usize::from);
        let mut progress = Progress::new(sources.len());
        let made = add::documents(folder, kind, &name, window, &sources, |step| progress.note(&step))?;
        progress.end();
        say(&format!("read {} of {}", counted(progress.n_added, "document", "documents"), listed(&self.paths)));
        if progress.bytes > LARGE && window.is_none() {
            say("  hint: `--window 100` halves the index and still finds any copied run of 129 letters");
        }
        Ok(made)
    }

    /// Every file, called as people find it: by its path in the folder that was named.
    fn sources(&self) -> Result<Vec<Source>, CliError> {
        let mut sources = Vec::new();
        for named in &self.paths {
            for path in targets(std::slice::from_ref(named))? {
                let inside = path.strip_prefix(named).ok().filter(|inside| !inside.as_os_str().is_empty());
                let name = inside.map(Path::to_path_buf).or_else(|| path.file_name().map(PathBuf::from));
                let name = name.unwrap_or_else(|| path.clone()).display().to_string();
                sources.push(Source { path, name });
            }
        }
        Ok(sources)
    }
}

/// Between two lines of progress.
const EVERY: Duration = Duration::from_secs(2);

/// Tells on stderr how far it is.
struct Progress {
    n_files: usize,
    n_seen: usize,
    n_added: usize,
    bytes: usize,
    told: Instant,
    begun: Instant,
}

impl Progress {
    fn new(n_files: usize) -> Self {
        let now = Instant::now();
        Self { n_files, n_seen: 0, n_added: 0, bytes: 0, told: now, begun: now }
    }

    fn note(&mut self, step: &Step<'_>) {
        self.n_seen += 1;
        match step {
            Step::Added { bytes, .. } => {
                self.n_added += 1;
                self.bytes += bytes;
            }
            Step::Skipped { source, why } => say(&printable(&format!("  skipped `{}`: {why}", source.name))),
        }
        if self.told.elapsed() >= EVERY {
            self.told = Instant::now();
            self.tell();
        }
    }

    fn tell(&self) {
        say(&format!("  {} of {} files, {} MiB of text", self.n_seen, self.n_files, self.bytes >> 20));
    }

    fn end(&self) {
        let long = self.begun.elapsed() >= EVERY;
        if long && std::io::stderr().is_terminal() {
            self.tell();
        }
    }
}
