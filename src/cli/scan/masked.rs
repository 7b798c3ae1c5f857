//! `scrim scan --mask`: the text with placeholders, as an AI site would see it. The naming key is random and forgotten,
//! so that placeholders are the same within one text and mean nothing elsewhere.

use crate::mask::{Edit, ScopeKey, splice};

use super::{
    super::{CliError, Outcome, output::Stdout},
    Scanner, summary,
};

/// Prints the masked text.
pub(super) fn run(scanner: &Scanner, text: &str) -> Result<Outcome, CliError> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(CliError::Random)?;
    let names = ScopeKey::new(key);
    let (findings, partly) = scanner.findings(text);
    if let Some(why) = partly {
        return Err(CliError::Argument {
            what: format!("the text counts as unreadable: {why}"),
            hint: "`scrim scan` without `--mask` shows what was found".to_owned(),
        });
    }
    let mut edits = Vec::new();
    for finding in &findings {
        for range in &finding.ranges {
            let Some(value) = text.get(range.clone()) else { continue };
            let placeholder = names.name(&finding.category, value);
            edits.push(Edit { range: range.clone(), bytes: placeholder.as_str().into() });
        }
    }
    let mut out = Stdout::open();
    out.bytes(&splice(text.as_bytes(), &mut edits))?;
    out.flush()?;
    summary(findings.len(), 1);
    Ok(if findings.is_empty() { Outcome::Fine } else { Outcome::Found })
}
