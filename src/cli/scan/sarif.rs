//! Findings as SARIF 2.1.0 (OASIS, 2020), for code hosts and editors. Regions carry lines, columns and byte offsets,
//! never text.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::detect::{Category, Detector, rule::Severity};

use super::Row;

/// What a rule of either kind says of itself.
struct About<'d> {
    title: &'d str,
    description: &'d str,
    source: &'d str,
    category: &'d Category,
    severity: Severity,
}

/// The whole log.
pub(super) fn log(detector: &Detector, rows: &[Row], troubles: &[String]) -> Value {
    let mut used: Vec<&str> = rows.iter().map(|row| row.rule.as_str()).collect();
    used.sort_unstable();
    used.dedup();
    let rules: Vec<Value> = used.iter().map(|id| rule(id, about(detector, id).as_ref())).collect();
    let results: Vec<Value> = rows.iter().map(|row| result(detector, &used, row)).collect();
    let notes: Vec<Value> =
        troubles.iter().map(|trouble| json!({ "level": "error", "message": { "text": trouble } })).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "scrim", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{ "executionSuccessful": troubles.is_empty(), "toolExecutionNotifications": notes }],
            "results": results,
        }],
    })
}

fn about<'d>(detector: &'d Detector, id: &str) -> Option<About<'d>> {
    if let Some(rule) = detector.rule(id) {
        return Some(About {
            title: &rule.title,
            description: &rule.description,
            source: &rule.source,
            category: &rule.category,
            severity: rule.severity,
        });
    }
    let own = detector.company()?.rules().find(|rule| &*rule.id == id)?;
    Some(About {
        title: &own.title,
        description: &own.description,
        source: "",
        category: &own.category,
        severity: own.severity,
    })
}

fn rule(id: &str, about: Option<&About<'_>>) -> Value {
    let Some(about) = about else { return json!({ "id": id }) };
    let mut rule = json!({
        "id": id,
        "name": about.title,
        "shortDescription": { "text": about.title },
        "fullDescription": { "text": about.description },
        "defaultConfiguration": { "level": level(about.severity) },
        "help": { "text": format!("{}\n\n`scrim rules show {id}` prints the rule with its examples.", about.description) },
        "properties": {
            "category": about.category.as_str(),
            "severity": about.severity.as_str(),
            "security-severity": security_severity(about.severity),
            "tags": ["security", about.category.as_str()],
        },
    });
    if let Some(page) = page(about.source) {
        set(&mut rule, "helpUri", json!(page));
    }
    rule
}

fn set(object: &mut Value, name: &str, value: Value) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}

/// The first address in the words that say where a form is from.
fn page(source: &str) -> Option<&str> {
    let mut words = source.split([' ', ',', ';', '(', ')', '<', '>']);
    words.find(|word| word.starts_with("https://")).map(|word| word.trim_end_matches('.'))
}

fn result(detector: &Detector, used: &[&str], row: &Row) -> Value {
    let about = about(detector, &row.rule);
    let title = about.as_ref().map_or(row.rule.as_str(), |about| about.title);
    let mut result = json!({
        "ruleId": row.rule,
        "level": about.as_ref().map_or("warning", |about| level(about.severity)),
        "message": { "text": format!("{title}: {}", row.preview) },
        "locations": [{
            "physicalLocation": { "artifactLocation": location(&row.file), "region": region(row) },
        }],
        "properties": { "confidence": (f64::from(row.confidence) * 1000.0).round() / 1000.0 },
    });
    if let (Some(reasons), Some(properties)) = (&row.reasons, result.get_mut("properties")) {
        set(properties, "reasons", json!(reasons));
    }
    if let Ok(index) = used.binary_search(&row.rule.as_str()) {
        set(&mut result, "ruleIndex", json!(index));
    }
    result
}

fn region(row: &Row) -> Value {
    let mut region = Map::new();
    let mut field = |name: &str, value: usize| region.insert(name.to_owned(), json!(value));
    field("startLine", row.line);
    if let (Some(start), Some(end)) = (row.column, row.end_column) {
        field("startColumn", start);
        field("endLine", row.end_line);
        field("endColumn", end);
    }
    field("byteOffset", row.start);
    field("byteLength", row.end - row.start);
    Value::Object(region)
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "note",
        Severity::Medium => "warning",
        Severity::High | Severity::Critical => "error",
    }
}

/// On the scale of CVSS, by which code hosts sort.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "2.0",
        Severity::Medium => "5.0",
        Severity::High => "8.0",
        Severity::Critical => "9.5",
    }
}

/// Relative to the folder that the scan was run in, which a code host takes for the top of the repository.
fn location(file: &str) -> Value {
    let here = std::env::current_dir().unwrap_or_default();
    let path = Path::new(file);
    let inside = path.strip_prefix(&here).unwrap_or(path);
    let inside = inside.strip_prefix(".").unwrap_or(inside);
    let written = uri(&inside.display().to_string().replace('\\', "/"));
    if file == "-" {
        json!({ "uri": "stdin" })
    } else if inside.is_absolute() {
        json!({ "uri": format!("file://{written}") })
    } else {
        json!({ "uri": written, "uriBaseId": "%SRCROOT%" })
    }
}

/// A path as a relative reference: everything but unreserved characters and `/` is percent-encoded.
fn uri(path: &str) -> String {
    const KEPT: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    percent_encoding::utf8_percent_encode(path, KEPT).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_folder_of_the_scan() {
        let here = std::env::current_dir().unwrap();
        assert_eq!(location("./src/a b.rs"), json!({ "uri": "src/a%20b.rs", "uriBaseId": "%SRCROOT%" }));
        assert_eq!(location(&here.join("src/a.rs").display().to_string())["uri"], "src/a.rs");
        assert_eq!(location("/etc/hosts"), json!({ "uri": "file:///etc/hosts" }));
        assert_eq!(location("-"), json!({ "uri": "stdin" }));
    }

    #[test]
    fn the_page_of_a_rule_is_taken_from_its_source() {
        assert_eq!(page("Acme, «Keys» (https://acme.example/docs/keys)."), Some("https://acme.example/docs/keys"));
        assert_eq!(page("ISO 13616"), None);
    }
}
