//! Prints findings in the form that was asked for, as they come where the form allows it.

use crate::detect::Detector;

use super::{
    super::{
        CliError, Outcome,
        output::{Stdout, counted, printable, say},
    },
    Form, Row,
    baseline::Use,
    pieces::Found,
    progress::Progress,
    sarif, summary,
};

/// One report on stdout.
pub(super) struct Report<'d> {
    form: Form,
    detector: &'d Detector,
    known: Use,
    progress: Option<Progress>,
    out: Stdout,
    /// Rows that are printed at the end.
    kept: Vec<Row>,
    n_findings: usize,
    n_files: usize,
    /// Findings that the baseline knows.
    n_known: usize,
    n_binary: usize,
    /// The file that is being read has a finding.
    file_counted: bool,
    troubles: Vec<String>,
}

impl<'d> Report<'d> {
    pub(super) fn new(form: Form, detector: &'d Detector, known: Use, progress: Option<Progress>) -> Self {
        let out = Stdout::open();
        Self {
            form,
            detector,
            known,
            progress,
            out,
            kept: Vec::new(),
            n_findings: 0,
            n_files: 0,
            n_known: 0,
            n_binary: 0,
            file_counted: false,
            troubles: Vec::new(),
        }
    }

    /// Says what could not be read.
    pub(super) fn trouble(&mut self, trouble: &str) {
        self.progress.iter_mut().for_each(Progress::clear);
        say(&format!("error: {}", printable(trouble)));
        self.troubles.push(trouble.to_owned());
    }

    /// Takes the findings of one file or of the next piece of it.
    pub(super) fn add(&mut self, found: Found) -> Result<(), CliError> {
        if let Some(trouble) = &found.trouble {
            self.trouble(trouble);
        }
        if found.is_first {
            self.file_counted = false;
        }
        let (n_bytes, n_files) = (found.n_bytes, usize::from(found.is_last));
        self.n_binary += usize::from(found.is_binary && found.is_last);
        let rows = self.unknown(found.rows);
        if !rows.is_empty() && !std::mem::replace(&mut self.file_counted, true) {
            self.n_files += 1;
        }
        self.n_findings += rows.len();
        if let Some(progress) = &mut self.progress {
            progress.note(n_bytes, n_files, rows.len());
        }
        self.print(rows)
    }

    /// Rows that the baseline does not know, their lines counted from 1.
    fn unknown(&mut self, mut rows: Vec<Row>) -> Vec<Row> {
        let n_rows = rows.len();
        match &mut self.known {
            Use::None => {}
            Use::Read(baseline) => rows.retain(|row| !row.mark.is_some_and(|mark| baseline.holds(&mark))),
            Use::Write(baseline, _) => rows.drain(..).filter_map(|row| row.mark).for_each(|mark| baseline.add(mark)),
        }
        self.n_known += n_rows - rows.len();
        for row in &mut rows {
            row.line += 1;
            row.end_line += 1;
        }
        rows
    }

    fn print(&mut self, rows: Vec<Row>) -> Result<(), CliError> {
        if rows.is_empty() {
            return Ok(());
        }
        match self.form {
            Form::Text | Form::Jsonl => {
                self.progress.iter_mut().for_each(Progress::clear);
                rows.iter().try_for_each(|row| self.row(row))?;
                // Whoever watches sees findings above the progress, not behind it.
                if self.progress.is_some() { self.out.flush() } else { Ok(()) }
            }
            Form::Json | Form::Sarif => {
                self.kept.extend(rows);
                Ok(())
            }
        }
    }

    fn row(&mut self, row: &Row) -> Result<(), CliError> {
        if self.form == Form::Jsonl { self.out.json(row) } else { self.text(row) }
    }

    /// Prints what was kept.
    pub(super) fn finish(mut self) -> Result<Outcome, CliError> {
        let watched = self.progress.take().is_some();
        match self.form {
            Form::Text | Form::Jsonl => {}
            Form::Json => self.out.pretty(&self.kept)?,
            Form::Sarif => self.out.pretty(&sarif::log(self.detector, &self.kept, &self.troubles))?,
        }
        self.out.flush()?;
        if self.form == Form::Text {
            summary(self.n_findings, self.n_files);
        }
        if watched && self.n_binary > 0 {
            say(&format!("{} left out", counted(self.n_binary, "binary file", "binary files")));
        }
        self.say_known()?;
        Ok(match (self.troubles.is_empty(), self.n_findings) {
            (false, _) => Outcome::Failed,
            (true, 0) => Outcome::Fine,
            (true, _) => Outcome::Found,
        })
    }

    fn say_known(&self) -> Result<(), CliError> {
        match &self.known {
            Use::Write(baseline, path) => {
                baseline.write(path)?;
                let values = counted(baseline.len(), "value", "values");
                say(&format!(
                    "`{}` knows {values} of {}",
                    path.display(),
                    counted(self.n_known, "finding", "findings")
                ));
            }
            Use::Read(_) if self.n_known > 0 => {
                say(&format!("{} known to the baseline", counted(self.n_known, "finding", "findings")));
            }
            Use::Read(_) | Use::None => {}
        }
        Ok(())
    }

    fn text(&mut self, row: &Row) -> Result<(), CliError> {
        let title = self.detector.title(&row.rule).unwrap_or(&row.rule);
        let column = row.column.map(|column| format!(":{column}")).unwrap_or_default();
        self.out.line(&format!(
            "{}:{}{column}: {title} [{}] {} {:.2} {}",
            printable(&row.file),
            row.line,
            row.rule,
            row.category,
            row.confidence,
            row.preview
        ))?;
        match &row.reasons {
            Some(reasons) => self.explained(row, reasons),
            None => Ok(()),
        }
    }

    /// Which rule, how sure, why, and through which disguise.
    fn explained(&mut self, row: &Row, reasons: &[String]) -> Result<(), CliError> {
        let rule = self.detector.rule(&row.rule);
        let own = || self.detector.company().and_then(|index| index.rules().find(|own| *own.id == *row.rule));
        let from = match rule {
            Some(rule) => format!("{}, severity {}", rule.place, rule.severity.as_str()),
            None => own().map_or_else(String::new, |own| format!("{}, severity {}", own.source, own.severity.as_str())),
        };
        let before = rule.map(|rule| rule.confidence).filter(|before| (before - row.confidence).abs() > 0.005);
        let before = before.map(|before| format!(" (its form alone {before:.2})")).unwrap_or_default();
        let (start, end) = (row.start, row.end);
        self.fact("rule", &format!("{} ({from})", row.rule))?;
        self.fact("confidence", &format!("{:.2}{before}", row.confidence))?;
        for (number, reason) in reasons.iter().enumerate() {
            self.fact(if number == 0 { "because" } else { "" }, reason)?;
        }
        self.fact("bytes", &format!("{start}–{end}"))
    }

    fn fact(&mut self, name: &str, fact: &str) -> Result<(), CliError> {
        self.out.line(&format!("    {name:<11} {}", printable(fact)))
    }
}
