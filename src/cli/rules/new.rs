//! `scrim rules new`: begins a rule file that passes its own test, from examples or as a page to fill in.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::{
    super::{CliError, Outcome, output::say, setup::Setup},
    derive::{self, Wish},
    form::Form,
    named,
    prove::prove,
};
use crate::{
    app::{build, files::RuleFiles},
    detect::Category,
    rules::Source,
};

/// Categories whose rules are kept in `secrets/`; those of persons are in `pii/`.
const SECRETS: [&str; 5] = ["APIKEY", "PASSWORD", "PRIVATEKEY", "JWT", "CONNECTION"];

/// Begin a rule of your own
///
/// Writes a rule file into the first folder of `[rules] dirs`. From examples it derives the pattern, what starts it, three
/// finds and three near misses; the examples themselves are not written. Without any it writes a page that explains every
/// field. Never overwrites a file.
#[derive(Debug, clap::Args)]
pub(super) struct New {
    /// `provider.kind` of the rule: lower-case letters, digits, `-` and at least one `.`
    id: String,
    /// A value that it is to find; several show better what they have in common
    #[arg(long, value_name = "VALUE", num_args = 1..)]
    example: Vec<String>,
    /// Folder of rules, laid out like `rules/`
    #[arg(long)]
    dir: Option<PathBuf>,
    /// What people are shown
    #[arg(long)]
    title: Option<String>,
    /// Kind of data, as policies name it
    #[arg(long, default_value = "APIKEY")]
    category: String,
    /// How bad it is when it leaves
    #[arg(long, default_value = "critical", value_parser = ["low", "medium", "high", "critical"])]
    severity: String,
}

impl New {
    pub(super) fn run(self, setup: &Setup) -> Result<Outcome, CliError> {
        let config = setup.load()?;
        let folder = self.folder(&config.rules.dirs)?;
        self.check()?;
        let mut files = RuleFiles::read(&config.rules)?;
        let in_force = build::detector(&config, &files, None)?;
        if let Some(rule) = in_force.rule(&self.id) {
            return Err(argument(
                format!("there is a rule `{}` already: {}", self.id, rule.place),
                "choose another id, or change that file",
            ));
        }
        let text = self.text()?;
        let kind = if SECRETS.contains(&self.category.as_str()) { "secrets" } else { "pii" };
        let path = folder.join(kind).join(format!("{}.toml", self.id.replace('.', "-")));
        write_new(&path, &text)?;
        let source = Source { path: path.display().to_string(), text };
        say(&format!("wrote `{}`", source.path));
        files.detection.retain(|other| other.path != source.path);
        files.detection.push(source);
        let detector = build::detector(&config, &files, None)?;
        let outcome = prove(&detector, &[named(&detector, &self.id)?])?;
        if !config.rules.dirs.contains(&folder) {
            say(&format!("  not in force yet: add \"{}\" to `[rules] dirs`", folder.display()));
        }
        say(&format!(
            "  say in it what it opens and where its form is from; then `scrim rules test {}`",
            path.display()
        ));
        Ok(outcome)
    }

    fn folder(&self, dirs: &[PathBuf]) -> Result<PathBuf, CliError> {
        let first = || dirs.first().cloned();
        self.dir.clone().or_else(first).ok_or_else(|| {
            argument(
                "there is no folder for rules of your own".to_owned(),
                "name one: `--dir ./rules`, or `[rules] dirs` in the configuration",
            )
        })
    }

    fn check(&self) -> Result<(), CliError> {
        let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
        let parts = || self.id.split('.').all(|part| !part.is_empty());
        if !self.id.contains('.') || !self.id.bytes().all(letters) || !parts() {
            let hint = "`provider.kind`: lower-case letters, digits, `-` and at least one `.`, like `acme.key`";
            return Err(argument(format!("`{}` is no id of a rule", self.id), hint));
        }
        match Category::parse(&self.category) {
            Ok(_) => Ok(()),
            Err(error) => Err(argument(error.to_string(), "for example `APIKEY`, `CUSTOMER`, `PROJECT`")),
        }
    }

    fn text(&self) -> Result<String, CliError> {
        let title = self.title.clone().unwrap_or_else(|| title(&self.id));
        let wish = Wish {
            id: &self.id,
            title: &title,
            category: &self.category,
            severity: &self.severity,
            explained: self.example.is_empty(),
        };
        let stand_in = || {
            vec![format!(
                "{}_4bKq9ZtY2mWx7RcJ5nVd8HsL3gFp6QaE",
                self.id.split('.').next().unwrap_or_default().replace('-', "_")
            )]
        };
        let examples = if wish.explained { stand_in() } else { self.example.clone() };
        let made = Form::of(&examples).and_then(|form| derive::file(&wish, &form));
        made.map_err(|why| {
            let hint = "give whole values and several of them; without `--example` a page to fill in is written.\n  \
                        hint: words and lists of values belong into `[[detect.dictionary]]` or `scrim index`";
            argument(format!("no rule can be made from the examples: {why}"), hint)
        })
    }
}

/// `acme-mail.api-key` → `Acme Mail api key`.
fn title(id: &str) -> String {
    let (provider, kind) = id.split_once('.').unwrap_or((id, "value"));
    let mut words: Vec<String> = Vec::new();
    for word in provider.split('-') {
        let mut letters = word.chars();
        words.extend(letters.next().map(|first| first.to_uppercase().chain(letters).collect()));
    }
    words.push(kind.replace(['-', '.'], " "));
    words.join(" ")
}

fn write_new(path: &Path, text: &str) -> Result<(), CliError> {
    let failed = |cause: io::Error| {
        if cause.kind() == io::ErrorKind::AlreadyExists {
            let hint = "nothing is overwritten: choose another id, or move the file away";
            return argument(format!("`{}` is there already", path.display()), hint);
        }
        CliError::Write { path: path.to_path_buf(), cause }
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}

fn argument(what: String, hint: &str) -> CliError {
    CliError::Argument { what, hint: hint.to_owned() }
}
