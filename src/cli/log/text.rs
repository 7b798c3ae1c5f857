//! Events and reports as lines for people; times and verdicts as people write them.

use serde_json::Value;

use crate::policy::Verdict;

use super::super::output::{counted, printable};

/// One event on one line: number, time, who, where, what was done, what was found.
pub(super) fn line(event: &Value) -> String {
    let field = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or("");
    let number = |name: &str| event.get(name).and_then(Value::as_u64).unwrap_or(0);
    let milliseconds = i64::try_from(number("time")).unwrap_or(0);
    let time =
        jiff::Timestamp::from_millisecond(milliseconds).map_or_else(|_| String::new(), |time| format!("{time:.0}"));
    let kind = field("kind");
    let mut words: Vec<String> = vec![number("seq").to_string(), time];
    if event.get("retired").is_some() {
        words.push("retired by policy".to_owned());
    } else if kind == "exchange" {
        words.extend([field("subject"), field("site"), field("endpoint")].map(str::to_owned));
        words.push(verdict_of(event));
        words.push(found(event));
        words.extend([field("unreadable"), field("local_model")].map(str::to_owned));
        words.push(reference(field("reference")));
    } else {
        words.extend([kind, field("note")].map(str::to_owned));
    }
    let words: Vec<String> = words.iter().filter(|word| !word.is_empty()).map(|word| printable(word)).collect();
    words.join("  ")
}

/// `block`, or `allow (block decided)` when a cap held the verdict back.
fn verdict_of(event: &Value) -> String {
    let field = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or("");
    let (decided, enforced) = (field("decided"), field("enforced"));
    if decided == enforced { enforced.to_owned() } else { format!("{enforced} ({decided} decided)") }
}

fn found(event: &Value) -> String {
    let groups = event.get("findings").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let told: Vec<String> = groups
        .iter()
        .map(|group| {
            let rule = group.get("rule").and_then(Value::as_str).unwrap_or("?");
            let count = group.get("count").and_then(Value::as_u64).unwrap_or(0);
            format!("{rule}×{count}")
        })
        .collect();
    told.join(" ")
}

fn reference(reference: &str) -> String {
    if reference.is_empty() { String::new() } else { format!("ref {reference}") }
}

/// What verification found, the first bad number first.
pub(super) fn report(report: &Value) -> Vec<String> {
    let number = |name: &str| report.get(name).and_then(Value::as_u64).unwrap_or(0);
    let records = counted(usize::try_from(number("records")).unwrap_or(usize::MAX), "record", "records");
    let faults = report.get("faults").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if faults.is_empty() {
        let retired = number("retired");
        let note = if retired == 0 { String::new() } else { format!(", {retired} retired by policy") };
        return vec![format!("complete and untouched: {records}{note}, {} to {}", number("first"), number("last"))];
    }
    let first_bad = report.get("first_bad").and_then(Value::as_u64);
    let begin = first_bad.map_or_else(String::new, |seq| format!(", the first at record {seq}"));
    let mut lines = vec![format!("NOT SOUND{begin} ({records} read)")];
    lines.extend(faults.iter().filter_map(Value::as_str).map(|fault| format!("  {}", printable(fault))));
    let more = number("more_faults");
    if more > 0 {
        lines.push(format!("  and {more} more"));
    }
    lines
}

/// A verdict by its name.
pub(super) fn verdict(text: &str) -> Result<Verdict, String> {
    let known = [Verdict::Allow, Verdict::Mask, Verdict::Reroute, Verdict::Block];
    let found = known.into_iter().find(|verdict| verdict.to_string() == text);
    found.ok_or_else(|| "expected allow, mask, reroute or block".to_owned())
}

/// Unix milliseconds of `2026-11-24T08:00:00Z`, or of `90m`, `24h`, `7d` ago.
pub(super) fn time(text: &str) -> Result<u64, String> {
    let age = [("m", 60_u64), ("h", 3_600), ("d", 86_400)].iter().find_map(|(unit, seconds)| {
        let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
        number.checked_mul(seconds * 1000)
    });
    let milliseconds = match age {
        Some(age) => jiff::Timestamp::now().as_millisecond() - i64::try_from(age).unwrap_or(i64::MAX),
        None => text
            .parse::<jiff::Timestamp>()
            .map_err(|_| "expected a time like 2026-11-24T08:00:00Z or an age like 90m, 24h, 7d".to_owned())?
            .as_millisecond(),
    };
    Ok(u64::try_from(milliseconds).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_that_cannot_steer_the_terminal() {
        let event = serde_json::json!({
            "seq": 7, "time": 1_795_561_500_000_u64, "kind": "exchange", "subject": "alice", "site": "chatgpt",
            "endpoint": "conv\u{1b}[2J", "decided": "block", "enforced": "allow",
            "findings": [{"rule": "pii.email", "count": 2}], "reference": "7F3A",
        });
        assert_eq!(
            line(&event),
            "7  2026-11-24T23:05:00Z  alice  chatgpt  conv\\u{1b}[2J  allow (block decided)  pii.email×2  ref 7F3A"
        );
        let start = serde_json::json!({"seq": 1, "time": 1_795_561_500_000_u64, "kind": "start", "note": "0.1.0"});
        assert_eq!(line(&start), "1  2026-11-24T23:05:00Z  start  0.1.0");
    }

    #[test]
    fn a_report_names_the_first_bad_record() {
        let bad = serde_json::json!({"sound": false, "records": 9, "first_bad": 4, "faults": ["record 4 was changed"], "more_faults": 0});
        assert_eq!(report(&bad), ["NOT SOUND, the first at record 4 (9 records read)", "  record 4 was changed"]);
        let good = serde_json::json!({"sound": true, "records": 9, "retired": 0, "first": 1, "last": 9, "faults": []});
        assert_eq!(report(&good), ["complete and untouched: 9 records, 1 to 9"]);
    }

    #[test]
    fn times_are_points_or_ages() {
        assert_eq!(time("1970-01-01T00:00:01Z"), Ok(1000));
        let hour_ago = time("1h").unwrap();
        let now = u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap();
        assert!((3_599_000..3_602_000).contains(&(now - hour_ago)));
        assert!(time("yesterday").is_err());
    }
}
