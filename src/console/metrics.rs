//! `GET /metrics` in Prometheus' text format: exchanges by site and verdict, findings by rule, build. Holds no names of
//! people.

use std::sync::Arc;

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};

use super::Instance;
use crate::audit::{Count, Health};

pub(super) async fn metrics(State(instance): State<Arc<Instance>>) -> Response {
    let inspector = instance.inspector();
    let (reading, reader) = (Arc::clone(&instance), instance.log().reader());
    let findings = tokio::task::spawn_blocking(move || reading.tally.findings(&reader)).await;
    let findings = match findings {
        Ok(Ok(findings)) => findings,
        Ok(Err(error)) => {
            tracing::error!(%error, "findings could not be counted");
            Vec::new()
        }
        Err(error) => {
            tracing::error!(%error, "findings could not be counted");
            Vec::new()
        }
    };
    let text = text(&Numbers {
        rules_version: inspector.detector.version(),
        n_rules: inspector.detector.rule_count(),
        uptime_secs: instance.uptime_secs(),
        log_good: instance.log().health() == Health::Good,
        counts: &instance.log().counts(),
        findings: &findings,
        proxy: &instance.services.counters.all(),
    });
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

struct Numbers<'a> {
    rules_version: &'a str,
    n_rules: usize,
    uptime_secs: u64,
    log_good: bool,
    counts: &'a [Count],
    findings: &'a [(String, u64)],
    proxy: &'a [(&'static str, u64)],
}

fn text(numbers: &Numbers<'_>) -> String {
    let mut out = String::new();
    let version = env!("CARGO_PKG_VERSION");
    family(&mut out, "scrim_build_info", "gauge", "Version of program and rules.");
    row(&mut out, "scrim_build_info", &[("version", version), ("rules", numbers.rules_version)], 1);
    family(&mut out, "scrim_uptime_seconds", "gauge", "Seconds since the start.");
    row(&mut out, "scrim_uptime_seconds", &[], numbers.uptime_secs);
    family(&mut out, "scrim_rules", "gauge", "Detection rules in force.");
    row(&mut out, "scrim_rules", &[], u64::try_from(numbers.n_rules).unwrap_or(u64::MAX));
    family(&mut out, "scrim_log_healthy", "gauge", "1 while events can be written and the disk has room.");
    row(&mut out, "scrim_log_healthy", &[], u64::from(numbers.log_good));
    family(&mut out, "scrim_exchanges_total", "counter", "Exchanges with AI sites since the log began.");
    for count in numbers.counts {
        let verdict = count.verdict.to_string();
        row(&mut out, "scrim_exchanges_total", &[("site", &count.site), ("verdict", &verdict)], count.exchanges);
    }
    family(&mut out, "scrim_findings_total", "counter", "Findings in exchanges since the start.");
    for (rule, number) in numbers.findings {
        row(&mut out, "scrim_findings_total", &[("rule", rule)], *number);
    }
    family(&mut out, "scrim_proxy_total", "counter", "What happened to connections since the start.");
    for (event, number) in numbers.proxy {
        row(&mut out, "scrim_proxy_total", &[("event", event)], *number);
    }
    out
}

fn family(out: &mut String, name: &str, kind: &str, help: &str) {
    out.push_str(&format!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
}

fn row(out: &mut String, name: &str, labels: &[(&str, &str)], value: u64) {
    let escaped = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let labels: Vec<String> = labels.iter().map(|(label, text)| format!("{label}=\"{}\"", escaped(text))).collect();
    let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
    out.push_str(&format!("{name}{labels} {value}\n"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Verdict;

    #[test]
    fn numbers_are_told_as_prometheus_reads_them() {
        let counts = [Count { site: "chat\"gpt".to_owned(), verdict: Verdict::Mask, exchanges: 3 }];
        let numbers = Numbers {
            rules_version: "ab12",
            n_rules: 60,
            uptime_secs: 9,
            log_good: true,
            counts: &counts,
            findings: &[("pii.email".to_owned(), 4)],
            proxy: &[("tunnels", 7)],
        };
        insta::assert_snapshot!(text(&numbers));
    }
}
