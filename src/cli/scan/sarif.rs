//! Findings as SARIF 2.1.0 (OASIS, 2020), for code hosts and editors. Regions carry line and byte offsets, never text.

use serde_json::{Value, json};

use crate::detect::{Category, Detector, rule::Severity};

use super::Row;

/// The whole log.
pub(super) fn log(detector: &Detector, rows: &[Row]) -> Value {
    let mut used: Vec<&str> = rows.iter().map(|row| row.rule.as_str()).collect();
    used.sort_unstable();
    used.dedup();
    let rules: Vec<Value> = used.iter().filter_map(|id| rule(detector, id)).collect();
    let results: Vec<Value> = rows.iter().map(|row| result(detector, row)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "scrim", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "results": results,
        }],
    })
}

fn rule(detector: &Detector, id: &str) -> Option<Value> {
    let described = |title: &str, description: &str, category: &Category, severity: Severity| {
        json!({
            "id": id,
            "shortDescription": { "text": title },
            "fullDescription": { "text": description },
            "properties": { "category": category.as_str(), "severity": severity.as_str() },
        })
    };
    if let Some(rule) = detector.rule(id) {
        return Some(described(&rule.title, &rule.description, &rule.category, rule.severity));
    }
    let own = detector.company()?.rules().find(|rule| &*rule.id == id)?;
    Some(described(&own.title, &own.description, &own.category, own.severity))
}

fn severity(detector: &Detector, id: &str) -> Option<Severity> {
    let own = || detector.company()?.rules().find(|rule| &*rule.id == id).map(|rule| rule.severity);
    detector.rule(id).map(|rule| rule.severity).or_else(own)
}

fn result(detector: &Detector, row: &Row) -> Value {
    let title = detector.title(&row.rule).unwrap_or(&row.rule);
    json!({
        "ruleId": row.rule,
        "level": severity(detector, &row.rule).map_or("warning", level),
        "message": { "text": format!("{title}: {}", row.preview) },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri(&row.file) },
                "region": { "startLine": row.line, "byteOffset": row.start, "byteLength": row.end - row.start },
            },
        }],
        "properties": { "confidence": (f64::from(row.confidence) * 1000.0).round() / 1000.0, "reasons": row.reasons },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "note",
        Severity::Medium => "warning",
        Severity::High | Severity::Critical => "error",
    }
}

/// A path as a relative reference: everything but unreserved characters and `/` is percent-encoded.
fn uri(path: &str) -> String {
    const KEPT: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    percent_encoding::utf8_percent_encode(path, KEPT).to_string()
}
