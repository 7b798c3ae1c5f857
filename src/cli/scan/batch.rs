//! `scrim scan --batch`: JSON lines in, JSON lines out, in order, each answered before the next is read. For programs
//! that scan many texts without starting a process for each.

use std::{
    io::{BufRead, Read},
    ops::Range,
};

use serde_json::Value;

use crate::detect::{Finding, preview};

use super::{
    super::{CliError, Outcome, output::Stdout},
    FILE_MAX, Scanner, value,
};

#[derive(serde::Serialize)]
struct Answer {
    id: Value,
    findings: Vec<Found>,
}

#[derive(serde::Serialize)]
struct Refusal<'a> {
    id: Value,
    error: &'a str,
}

#[derive(serde::Serialize)]
struct Found {
    rule: String,
    category: String,
    start: usize,
    end: usize,
    confidence: f32,
    preview: String,
    ranges: Vec<[usize; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasons: Option<Vec<String>>,
}

/// Answers every line of stdin.
pub(super) fn run(scanner: &Scanner) -> Result<Outcome, CliError> {
    let mut input = std::io::stdin().lock();
    let mut out = Stdout::open();
    let mut outcome = Outcome::Fine;
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut input).take(FILE_MAX).read_until(b'\n', &mut line).map_err(CliError::Input)?;
        if read == 0 {
            return Ok(outcome);
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let answered = answer(scanner, &line, &mut out)?;
        out.flush()?;
        outcome = worse(outcome, answered);
    }
}

fn answer(scanner: &Scanner, line: &[u8], out: &mut Stdout) -> Result<Outcome, CliError> {
    let request: Value = match serde_json::from_slice(line) {
        Ok(request) => request,
        Err(error) => {
            let why = format!("not JSON: {error}");
            out.json(&Refusal { id: Value::Null, error: &why })?;
            return Ok(Outcome::Failed);
        }
    };
    let id = request.get("id").cloned().unwrap_or(Value::Null);
    let Some(text) = request.get("text").and_then(Value::as_str) else {
        out.json(&Refusal { id, error: "no string under `text`" })?;
        return Ok(Outcome::Failed);
    };
    let (findings, partly) = scanner.findings(text);
    if let Some(why) = partly {
        let why = format!("the text counts as unreadable: {why}");
        out.json(&Refusal { id, error: &why })?;
        return Ok(Outcome::Failed);
    }
    let outcome = if findings.is_empty() { Outcome::Fine } else { Outcome::Found };
    let findings = findings.into_iter().map(|finding| found(scanner, text, finding)).collect();
    out.json(&Answer { id, findings })?;
    Ok(outcome)
}

fn found(scanner: &Scanner, text: &str, finding: Finding) -> Found {
    let Range { start, end } = finding.hull();
    Found {
        rule: finding.rule.to_string(),
        category: finding.category.to_string(),
        start,
        end,
        confidence: finding.confidence,
        preview: preview(&value(text, &finding)),
        ranges: finding.ranges.iter().map(|range| [range.start, range.end]).collect(),
        reasons: scanner.explain.then_some(finding.reasons),
    }
}

fn worse(so_far: Outcome, now: Outcome) -> Outcome {
    match (so_far, now) {
        (Outcome::Failed, _) | (_, Outcome::Failed) => Outcome::Failed,
        (Outcome::Found, _) | (_, Outcome::Found) => Outcome::Found,
        (Outcome::Fine | Outcome::Child(_), Outcome::Fine | Outcome::Child(_)) => Outcome::Fine,
    }
}
