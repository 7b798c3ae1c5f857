//! `scrim index test`: holds a text against the company's own lists alone and says what they find in it.

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use crate::{
    company::extract::{self, Extracted},
    detect::preview,
};

use super::super::{
    CliError, Outcome,
    output::{Stdout, printable, say},
    setup::{Setup, detector},
};

/// Bytes of standard input at most.
const INPUT_MAX: u64 = 64 << 20;

#[derive(Debug, clap::Args)]
pub(super) struct Probe {
    /// A file (office documents too); standard input without one
    file: Option<PathBuf>,
}

impl Probe {
    pub(super) fn run(self, setup: &Setup) -> Result<Outcome, CliError> {
        let mut config = setup.load()?;
        config.detect.company.index = true;
        let detector = detector(&config, setup.state_if_any()?.as_deref())?;
        if detector.company().is_none() {
            say("the index is empty: `scrim index add` fills it");
        }
        let text = match &self.file {
            Some(file) => read(file)?,
            None => {
                let mut text = String::new();
                std::io::stdin().lock().take(INPUT_MAX).read_to_string(&mut text).map_err(CliError::Input)?;
                text
            }
        };
        let mut out = Stdout::open();
        let own = detector.scan(&text).findings.into_iter().filter(|finding| finding.rule.starts_with("company."));
        let mut outcome = Outcome::Fine;
        for finding in own {
            outcome = Outcome::Found;
            let hull = finding.hull();
            let shown = preview(text.get(hull.clone()).unwrap_or_default());
            let line = text.get(..hull.start).unwrap_or_default().matches('\n').count() + 1;
            let reasons = finding.reasons.join(", ");
            let told = format!(
                "line {line}: {} {} {:.2} {shown}: {reasons}",
                finding.rule, finding.category, finding.confidence
            );
            out.line(&printable(&told))?;
        }
        out.flush()?;
        Ok(outcome)
    }
}

fn read(file: &Path) -> Result<String, CliError> {
    match extract::text(file)? {
        Extracted::Text(text) => Ok(text),
        Extracted::Skipped(why) => Err(CliError::File { path: file.to_owned(), cause: std::io::Error::other(why) }),
    }
}
