//! Prints findings in the form that was asked for, as they come where the form allows it.

use crate::detect::Detector;

use super::{
    super::{
        CliError, Outcome,
        output::{Stdout, printable, say},
    },
    Form, Row, Scanned, sarif, summary,
};

/// One report on stdout.
pub(super) struct Report<'d> {
    form: Form,
    detector: &'d Detector,
    out: Stdout,
    /// Rows that are printed at the end.
    kept: Vec<Row>,
    n_findings: usize,
    n_files: usize,
    troubled: bool,
}

impl<'d> Report<'d> {
    pub(super) fn new(form: Form, detector: &'d Detector) -> Self {
        Self { form, detector, out: Stdout::open(), kept: Vec::new(), n_findings: 0, n_files: 0, troubled: false }
    }

    /// Takes the findings of one file.
    pub(super) fn add(&mut self, scanned: Scanned) -> Result<(), CliError> {
        if let Some(trouble) = scanned.trouble {
            self.troubled = true;
            say(&format!("error: {}", printable(&trouble)));
        }
        self.n_files += usize::from(!scanned.rows.is_empty());
        self.n_findings += scanned.rows.len();
        match self.form {
            Form::Text => scanned.rows.iter().try_for_each(|row| self.text(row))?,
            Form::Jsonl => scanned.rows.iter().try_for_each(|row| self.out.json(row))?,
            Form::Json | Form::Sarif => self.kept.extend(scanned.rows),
        }
        Ok(())
    }

    /// Prints what was kept.
    pub(super) fn finish(mut self) -> Result<Outcome, CliError> {
        match self.form {
            Form::Text | Form::Jsonl => {}
            Form::Json => self.out.pretty(&self.kept)?,
            Form::Sarif => self.out.pretty(&sarif::log(self.detector, &self.kept))?,
        }
        self.out.flush()?;
        if self.form == Form::Text {
            summary(self.n_findings, self.n_files);
        }
        Ok(match (self.troubled, self.n_findings) {
            (true, _) => Outcome::Failed,
            (false, 0) => Outcome::Fine,
            (false, _) => Outcome::Found,
        })
    }

    fn text(&mut self, row: &Row) -> Result<(), CliError> {
        let title = self.detector.title(&row.rule).unwrap_or(&row.rule);
        self.out.line(&format!(
            "{}:{}: {title} [{}] {} {:.2} {}",
            printable(&row.file),
            row.line,
            row.rule,
            row.category,
            row.confidence,
            row.preview
        ))?;
        let reasons = row.reasons.iter().flatten();
        reasons.into_iter().try_for_each(|reason| self.out.line(&format!("    {}", printable(reason))))
    }
}
