//! `scrim scan`: findings in files, folders, git's index or stdin, with the same rules as the proxy. Changes no file and
//! sends nothing anywhere.

mod baseline;
mod batch;
mod decode;
mod masked;
mod pieces;
mod pool;
mod progress;
mod report;
mod sarif;
mod scanner;
mod source;
mod staged;
pub(super) mod targets;

use std::path::{Path, PathBuf};

use super::{
    CliError, Outcome,
    output::{counted, say},
    setup::{Setup, detector, with_model},
};
use baseline::{Mark, Use};
use pieces::{Found, Joint};
use progress::Progress;
use report::Report;
use scanner::{Scanner, value};
use source::{Job, Place, Target};
use targets::Excluded;

/// Bytes of standard input, a pipe or a line of a batch at most: these are held in memory.
const FILE_MAX: u64 = 256 << 20;

/// Find secrets and personal data in files, folders, git's index or standard input
///
/// Folders are walked as .gitignore says; binary files are left out. Exit code 0: nothing found, 1: something found,
/// 2: something could not be read.
#[derive(Debug, clap::Args)]
pub(super) struct Scan {
    /// Files and folders; standard input without any, or for `-`
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What is staged in git instead, as the commit will hold it
    #[arg(long, conflicts_with_all = ["files", "mask", "batch"])]
    staged: bool,
    /// Leave out files and folders, written as in .gitignore; may be repeated
    #[arg(long, value_name = "PATTERN")]
    exclude: Vec<String>,
    /// Form of the findings
    #[arg(long, value_enum, default_value_t, conflicts_with_all = ["mask", "batch"])]
    format: Form,
    /// Say why each finding is one
    #[arg(long)]
    explain: bool,
    /// Pass over findings that this file knows
    #[arg(long, value_name = "FILE", conflicts_with_all = ["mask", "batch"])]
    baseline: Option<PathBuf>,
    /// Make every finding known to this file; it holds hashes, no values
    #[arg(long, value_name = "FILE", conflicts_with_all = ["mask", "batch", "baseline"])]
    write_baseline: Option<PathBuf>,
    /// Print the text with placeholders in place of what was found
    #[arg(long, conflicts_with = "batch")]
    mask: bool,
    /// Read JSON lines {"id","text"} and answer each with {"id","findings"} at once
    #[arg(long, conflicts_with = "files")]
    batch: bool,
    /// Leave out what `scrim index` put in the state folder
    #[arg(long)]
    no_index: bool,
    /// Also ask the model of `[detect.model]`: slow
    #[arg(long)]
    model: bool,
    /// Threads; as many as there are cores without it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// Draw no progress on the terminal
    #[arg(long)]
    no_progress: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum Form {
    /// One line a finding, for people
    #[default]
    Text,
    /// One array
    Json,
    /// One object a line
    Jsonl,
    /// SARIF 2.1.0, for code hosts
    Sarif,
}

/// A finding as it is printed. Offsets are bytes of the file; the hull when it lies in pieces.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
struct Row {
    file: String,
    rule: String,
    category: String,
    start: usize,
    end: usize,
    line: usize,
    /// In characters, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    #[serde(skip)]
    end_line: usize,
    #[serde(skip)]
    end_column: Option<usize>,
    confidence: f32,
    preview: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasons: Option<Vec<String>>,
    #[serde(skip)]
    mark: Option<Mark>,
}

impl Scan {
    pub(super) fn run(self, setup: &Setup) -> Result<Outcome, CliError> {
        let config = setup.load()?;
        let state = if self.no_index { None } else { setup.state_if_any()? };
        let detector = detector(&config, state.as_deref())?;
        let detector = if self.model { with_model(detector, &config)? } else { detector };
        let known = Use::of(self.baseline.as_deref(), self.write_baseline.as_deref())?;
        let min_confidence = config.detect.min_confidence;
        let scanner =
            Scanner { detector, deeply: self.model, min_confidence, explain: self.explain, salt: known.salt() };
        if self.batch {
            return batch::run(&scanner);
        }
        if self.mask {
            let text = masked_source(&self.files)?;
            return masked::run(&scanner, &text);
        }
        let (targets, troubles) = self.targets()?;
        let progress = if self.no_progress { None } else { progress_of(&targets) };
        let mut report = Report::new(self.format, &scanner.detector, known, progress);
        troubles.iter().for_each(|trouble| report.trouble(trouble));
        let jobs = targets.into_iter().flat_map(Target::jobs);
        let mut joint = Joint::default();
        let take = |mut found: Found| {
            joint.join(&mut found);
            report.add(found)
        };
        pool::run(jobs, self.n_threads(), |job: Job| scanner.job(&job), crashed, take)?;
        report.finish()
    }

    fn n_threads(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        self.jobs.map_or_else(cores, usize::from)
    }

    /// What is scanned, and what is in the way of more.
    fn targets(&self) -> Result<(Vec<Target>, Vec<String>), CliError> {
        let excluded = Excluded::new(&self.exclude)?;
        if self.staged {
            let blob = |file: staged::Staged| Target { name: file.path, place: Place::Blob(file.blob), size: None };
            return Ok((staged::staged(&excluded)?.into_iter().map(blob).collect(), Vec::new()));
        }
        let mut targets = Vec::new();
        let mut troubles = Vec::new();
        if self.files.is_empty() {
            targets.push(Target::stdin()?);
        }
        for path in &self.files {
            if path.as_os_str() == "-" {
                targets.push(Target::stdin()?);
                continue;
            }
            let listed = targets::list(std::slice::from_ref(path), &excluded)?;
            targets.extend(listed.files.into_iter().map(|file| Target::file(file.path, file.size)));
            troubles.extend(listed.troubles);
        }
        Ok((targets, troubles))
    }
}

fn progress_of(targets: &[Target]) -> Option<Progress> {
    Progress::new(targets.len(), targets.iter().filter_map(|target| target.size).sum())
}

fn crashed() -> Found {
    let trouble = Some("a scanning thread crashed; a file was not wholly scanned".to_owned());
    Found { trouble, is_first: true, is_last: true, ..Found::default() }
}

/// The one text that `--mask` prints.
fn masked_source(files: &[PathBuf]) -> Result<String, CliError> {
    let stdin = || source::read_limited(std::io::stdin().lock()).map_err(CliError::Input);
    let bytes = match files {
        [] => stdin()?,
        [one] if one.as_os_str() == "-" => stdin()?,
        [one] => named(one)?,
        [_, _, ..] => {
            return Err(CliError::Argument {
                what: "`--mask` prints one text, and several files are named".to_owned(),
                hint: "run it once for each file".to_owned(),
            });
        }
    };
    String::from_utf8(bytes).map_err(|_| CliError::Argument {
        what: "`--mask` needs a UTF-8 text".to_owned(),
        hint: "without `--mask`, other files are scanned as far as they are text".to_owned(),
    })
}

fn named(path: &Path) -> Result<Vec<u8>, CliError> {
    let read = std::fs::File::open(path).and_then(source::read_limited);
    read.map_err(|cause| CliError::File { path: path.to_path_buf(), cause })
}

/// The last word on stderr.
fn summary(n_findings: usize, n_files: usize) {
    if n_findings > 0 {
        let findings = counted(n_findings, "finding", "findings");
        say(&format!("{findings} in {}", counted(n_files, "file", "files")));
    }
}
