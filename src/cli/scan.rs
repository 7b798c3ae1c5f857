//! `scrim scan`: findings in files, folders or stdin, with the same rules as the proxy. Changes no file.

mod batch;
mod masked;
mod report;
mod sarif;
pub(super) mod targets;

use std::{
    io::Read,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

use crate::detect::{Detector, Finding, model::Effort, preview};

use super::{
    CliError, Outcome,
    output::{counted, say},
    setup::{Setup, detector, with_model},
};

/// Bytes of one file at most: more is no text that people paste.
const FILE_MAX: u64 = 256 << 20;

/// Files read and scanned before their findings are printed: bounds memory, keeps the order.
const CHUNK: usize = 64;

/// Find secrets and personal data in files, folders or standard input
///
/// Folders are walked as .gitignore says; binary files are left out. Exit code 0: nothing found, 1: something found,
/// 2: something could not be read.
#[derive(Debug, clap::Args)]
pub(super) struct Scan {
    /// Files and folders; standard input without any, or for `-`
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Form of the findings
    #[arg(long, value_enum, default_value_t, conflicts_with_all = ["mask", "batch"])]
    format: Form,
    /// Print the text with placeholders in place of what was found
    #[arg(long, conflicts_with = "batch")]
    mask: bool,
    /// Leave out what `scrim index` put in the state folder
    #[arg(long)]
    no_index: bool,
    /// Also ask the model of `[detect.model]`: slow
    #[arg(long)]
    model: bool,
    /// Say why each finding is one
    #[arg(long)]
    explain: bool,
    /// Read JSON lines {"id","text"} and answer each with {"id","findings"} at once
    #[arg(long, conflicts_with = "files")]
    batch: bool,
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
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
struct Row {
    file: String,
    rule: String,
    category: String,
    start: usize,
    end: usize,
    line: usize,
    confidence: f32,
    preview: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasons: Option<Vec<String>>,
}

/// One file after scanning.
struct Scanned {
    rows: Vec<Row>,
    /// Why it was not or not wholly scanned.
    trouble: Option<String>,
}

/// What a scan needs.
struct Scanner {
    detector: Detector,
    /// Ask the detector's model.
    deeply: bool,
    min_confidence: f32,
    explain: bool,
}

impl Scan {
    pub(super) fn run(self, setup: &Setup) -> Result<Outcome, CliError> {
        let config = setup.load()?;
        let state = if self.no_index { None } else { setup.state_if_any()? };
        let detector = detector(&config, state.as_deref())?;
        let detector = if self.model { with_model(detector, &config)? } else { detector };
        let (min_confidence, explain) = (config.detect.min_confidence, self.explain);
        let scanner = Scanner { detector, deeply: self.model, min_confidence, explain };
        if self.batch {
            return batch::run(&scanner);
        }
        if self.mask {
            let text = masked_source(&self.files)?;
            return masked::run(&scanner, &text);
        }
        let from_stdin = self.files.is_empty() || self.files == [PathBuf::from("-")];
        let mut report = report::Report::new(self.format, &scanner.detector);
        if from_stdin {
            let bytes = read_limited(std::io::stdin().lock()).map_err(CliError::Input)?;
            report.add(scanner.bytes("-", bytes))?;
        } else {
            let targets = targets::targets(&self.files)?;
            for chunk in targets.chunks(CHUNK) {
                scanner.files(chunk).into_iter().try_for_each(|scanned| report.add(scanned))?;
            }
        }
        report.finish()
    }
}

impl Scanner {
    /// Findings of a text that are sure enough, and why they may not be all.
    fn findings(&self, text: &str) -> (Vec<Finding>, Option<String>) {
        let mut effort = Effort::unhurried();
        let scan = if self.deeply { self.detector.scan_deeply(text, &mut effort) } else { self.detector.scan(text) };
        let mut findings = scan.findings;
        findings.retain(|finding| finding.confidence >= self.min_confidence);
        let gave_up =
            scan.unreadable.then(|| "a pattern reached its step limit; part of it was not scanned".to_owned());
        let skipped = || Some(format!("only rules looked at all of it: {}", effort.skipped()?));
        (findings, gave_up.or_else(skipped))
    }

    /// Scans files on all cores, results in order.
    fn files(&self, paths: &[PathBuf]) -> Vec<Scanned> {
        let next = AtomicUsize::new(0);
        let workers = std::thread::available_parallelism().map_or(1, usize::from).min(paths.len());
        let work = || {
            let mut done = Vec::new();
            while let Some((index, path)) = take(paths, &next) {
                done.push((index, self.file(path)));
            }
            done
        };
        let mut results: Vec<(usize, Scanned)> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            // A worker that panicked loses its results; that must not look like a clean file.
            threads.into_iter().flat_map(|thread| thread.join().unwrap_or_else(|_| vec![(0, crashed())])).collect()
        });
        results.sort_by_key(|(index, _)| *index);
        results.into_iter().map(|(_, scanned)| scanned).collect()
    }

    fn file(&self, path: &Path) -> Scanned {
        let name = path.display().to_string();
        match std::fs::File::open(path).and_then(read_limited) {
            Ok(bytes) => self.bytes(&name, bytes),
            Err(cause) => {
                let trouble = CliError::File { path: path.to_path_buf(), cause }.to_string();
                Scanned { rows: Vec::new(), trouble: Some(trouble) }
            }
        }
    }

    fn bytes(&self, name: &str, bytes: Vec<u8>) -> Scanned {
        if bytes.contains(&0) {
            return Scanned { rows: Vec::new(), trouble: None };
        }
        let text = same_offsets(bytes);
        let (findings, partly) = self.findings(&text);
        let mut lines = Lines::new(&text);
        let rows = findings.iter().map(|finding| self.row(name, &text, &mut lines, finding)).collect();
        let trouble = partly.map(|why| format!("`{name}`: {why}"));
        Scanned { rows, trouble }
    }

    fn row(&self, file: &str, text: &str, lines: &mut Lines<'_>, finding: &Finding) -> Row {
        let hull = finding.hull();
        Row {
            file: file.to_owned(),
            rule: finding.rule.to_string(),
            category: finding.category.to_string(),
            start: hull.start,
            end: hull.end,
            line: lines.line(hull.start),
            confidence: finding.confidence,
            preview: preview(&value(text, finding)),
            reasons: self.explain.then(|| finding.reasons.clone()),
        }
    }
}

fn take<'a>(paths: &'a [PathBuf], next: &AtomicUsize) -> Option<(usize, &'a PathBuf)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    Some((index, paths.get(index)?))
}

fn crashed() -> Scanned {
    Scanned { rows: Vec::new(), trouble: Some("a scanning thread crashed; some files were not scanned".to_owned()) }
}

/// The found value, pieces joined.
fn value(text: &str, finding: &Finding) -> String {
    finding.ranges.iter().filter_map(|range| text.get(range.clone())).collect()
}

/// Bytes as text of the same length: each byte that is no UTF-8 becomes `?`, so that offsets stay those of the file.
fn same_offsets(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|broken| {
        let mut text = String::with_capacity(broken.as_bytes().len());
        for chunk in broken.as_bytes().utf8_chunks() {
            text.push_str(chunk.valid());
            text.extend(std::iter::repeat_n('?', chunk.invalid().len()));
        }
        text
    })
}

fn read_limited(reader: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(FILE_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_MAX {
        return Err(std::io::Error::other(format!("larger than {} MiB", FILE_MAX >> 20)));
    }
    Ok(bytes)
}

/// The one text that `--mask` prints.
fn masked_source(files: &[PathBuf]) -> Result<String, CliError> {
    let bytes = match files {
        [] => read_limited(std::io::stdin().lock()).map_err(CliError::Input)?,
        [one] if one.as_os_str() == "-" => read_limited(std::io::stdin().lock()).map_err(CliError::Input)?,
        [one] => std::fs::File::open(one)
            .and_then(read_limited)
            .map_err(|cause| CliError::File { path: one.clone(), cause })?,
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

/// Line numbers for ascending offsets, in one pass over the text.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self { text: text.as_bytes(), at: 0, line: 1 }
    }

    /// Line of an offset, from 1.
    fn line(&mut self, offset: usize) -> usize {
        if offset < self.at {
            (self.at, self.line) = (0, 1);
        }
        let passed = self.text.get(self.at..offset).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', passed).count();
        self.at = offset;
        self.line
    }
}

/// The last word on stderr.
fn summary(n_findings: usize, n_files: usize) {
    if n_findings > 0 {
        let findings = counted(n_findings, "finding", "findings");
        say(&format!("{findings} in {}", counted(n_files, "file", "files")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_keep_their_places() {
        assert_eq!(same_offsets(b"gr\xfcn \xff\xfe ok".to_vec()), "gr?n ?? ok");
        assert_eq!(same_offsets("grün".into()), "grün");
    }

    #[test]
    fn line_numbers_count_from_one_in_any_order_of_offsets() {
        let mut lines = Lines::new("a\nbb\n\nc");
        assert_eq!([0, 2, 3, 5, 6, 0].map(|offset| lines.line(offset)), [1, 2, 2, 3, 4, 1]);
    }
}
