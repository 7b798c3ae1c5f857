//! The block log as the control socket and the command line hand it out: JSON, and the query that selects from it.
//! Reads through `audit`; renders for nobody.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    audit::{AuditError, Count, Entry, Filter, Kind, Reader, Report},
    policy::Verdict,
};

/// Which events are wanted. Absent fields want all.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Query {
    /// Only above this number, oldest first: what comes after a page that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
    /// Only below this number, newest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
    /// At most so many. Default 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// Not older than this Unix time in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<u64>,
    /// Not newer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<u64>,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Of this person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// At this site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// With a finding of this category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// With a finding of this rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Reference or id that begins like this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Anywhere in the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Query {
    /// As `a=b&c=d`, for the control socket.
    #[must_use]
    pub fn encoded(&self) -> String {
        let Ok(Value::Object(fields)) = serde_json::to_value(self) else { return String::new() };
        let encode =
            |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
        let pairs: Vec<String> = fields
            .iter()
            .map(|(name, value)| {
                format!("{name}={}", encode(&value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
            })
            .collect();
        pairs.join("&")
    }

    /// The events it selects.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn select(&self, reader: &Reader) -> Result<Vec<Value>, AuditError> {
        let limit = self.limit.unwrap_or(0);
        let entries = match self.after {
            Some(after) => reader.follow(after, if limit == 0 { 100 } else { limit })?,
            None => reader.list(&self.filter(limit))?,
        };
        entries.iter().map(entry).collect()
    }

    fn filter(&self, limit: usize) -> Filter {
        let wanted = self.clone();
        Filter {
            before: wanted.before,
            limit,
            since: wanted.since,
            until: wanted.until,
            kind: wanted.kind,
            subject: wanted.subject,
            site: wanted.site,
            category: wanted.category,
            rule: wanted.rule,
            verdict: wanted.verdict,
            reference: wanted.reference,
            text: wanted.text,
        }
    }
}

/// The event with its number and link; a retired record keeps only these.
///
/// # Errors
/// When the event is no JSON.
pub fn entry(entry: &Entry) -> Result<Value, AuditError> {
    let mut value = match &entry.event {
        // By way of the text, in which a confidence of 0.95 is not 0.949999988079071.
        Some(event) => serde_json::from_str(&serde_json::to_string(event)?)?,
        None => json!({"retired": true}),
    };
    if let Value::Object(fields) = &mut value {
        fields.insert("seq".to_owned(), entry.seq.into());
        fields.insert("link".to_owned(), entry.link.clone().into());
    }
    Ok(value)
}

/// What verification found.
#[must_use]
pub fn report(report: &Report) -> Value {
    let faults: Vec<String> = report.faults.iter().map(ToString::to_string).collect();
    json!({
        "sound": report.is_sound(),
        "records": report.records,
        "retired": report.retired,
        "first": report.first,
        "last": report.last,
        "first_bad": report.first_bad(),
        "faults": faults,
        "more_faults": report.more_faults,
    })
}

/// How many exchanges each site and verdict had.
///
/// # Errors
/// When the counts are no JSON.
pub fn counts(counts: &[Count]) -> Result<Value, AuditError> {
    Ok(json!({ "exchanges": serde_json::to_value(counts)? }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_encoded_for_the_socket() {
        let query =
            Query { limit: Some(5), site: Some("a&b".to_owned()), verdict: Some(Verdict::Mask), ..Query::default() };
        assert_eq!(query.encoded(), "limit=5&site=a%26b&verdict=mask");
        assert_eq!(Query::default().encoded(), "");
    }
}
