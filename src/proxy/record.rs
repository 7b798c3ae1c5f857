//! From what inspection reports to what the log keeps. Values become previews and keyed fingerprints here, and go no
//! further.

use std::time::Duration;

use super::visit::Visit;
use crate::{
    audit::{Event, Group, Kind, SubjectSource},
    config::audit::OnFailure,
    inspect::{Exchange, FoundGroup, Report},
    policy::Verdict,
};

/// What the caller must do after trying to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recorded {
    /// Go on.
    GoOn,
    /// The log cannot be written, and `[audit] on_failure` says to refuse then.
    Refuse,
}

/// Writes an exchange's event, durably, or counts an exchange that leaves none.
pub(super) async fn write(visit: &Visit, exchange: &Exchange, report: &Report, took: Duration) -> Recorded {
    let conversation = exchange.conversation().map(|id| visit.client.services.vault.fingerprint(id));
    let about = Event {
        conversation: conversation.unwrap_or_default(),
        latency_us: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        ..about(visit, exchange)
    };
    reported(visit, report, about).await
}

/// Writes the event of a WebSocket message.
pub(super) async fn message(visit: &Visit, report: &Report) -> Recorded {
    let about = Event { site: report.site.clone(), method: "MESSAGE".to_owned(), ..who(visit) };
    reported(visit, report, about).await
}

async fn reported(visit: &Visit, report: &Report, about: Event) -> Recorded {
    let services = &visit.client.services;
    services.audit.count(&report.site, report.enforced);
    if !report.is_event() {
        return Recorded::GoOn;
    }
    let findings = report.findings.iter().map(|found| group(visit, found)).collect();
    let local_model = (report.enforced == Verdict::Reroute).then(|| services.local.available()).flatten();
    let event = Event {
        endpoint: report.endpoint.clone(),
        class: Some(report.class),
        decided: Some(report.decided),
        enforced: Some(report.enforced),
        mode: Some(report.mode),
        policies: report.policies.clone(),
        findings,
        unreadable: report.unreadable.clone(),
        local_model: local_model.map(|model| model.to_string()),
        bytes_in: report.body_bytes as u64,
        rules_version: services.inspector().detector.version().to_owned(),
        reference: report.reference.clone(),
        ..about
    };
    let n: usize = report.findings.iter().map(|group| group.count).sum();
    tracing::info!(site = report.site, verdict = %report.enforced, n, reference = report.reference, "exchange");
    durable(visit, event).await
}

/// Writes that a request was refused before it could be read.
pub(super) async fn unread(visit: &Visit, exchange: &Exchange, why: &str) {
    let services = &visit.client.services;
    services.audit.count(exchange.site(), Verdict::Block);
    let event = Event {
        decided: Some(Verdict::Block),
        enforced: Some(Verdict::Block),
        unreadable: Some(why.to_owned()),
        ..about(visit, exchange)
    };
    // It is refused either way.
    let _refused_anyway = durable(visit, event).await;
}

async fn durable(visit: &Visit, event: Event) -> Recorded {
    let services = &visit.client.services;
    match services.audit.record(event).await {
        Ok(_seq) => Recorded::GoOn,
        Err(error) => {
            tracing::error!(%error, "an event could not be written");
            match services.on_failure {
                OnFailure::Allow => Recorded::GoOn,
                OnFailure::Refuse => Recorded::Refuse,
            }
        }
    }
}

/// Who and where. The path stays out: findings may stand in it, and the endpoint names it well enough.
fn about(visit: &Visit, exchange: &Exchange) -> Event {
    Event {
        agent: exchange.head().header("user-agent").unwrap_or("").to_owned(),
        site: exchange.site().to_owned(),
        method: exchange.head().method.clone(),
        ..who(visit)
    }
}

fn who(visit: &Visit) -> Event {
    let known_by_token = !visit.client.services.settings.users.is_empty();
    Event {
        kind: Kind::Exchange,
        subject: visit.subject.id().to_owned(),
        subject_source: if known_by_token { SubjectSource::Token } else { SubjectSource::Address },
        address: visit.client.source.ip().to_canonical().to_string(),
        ..Event::default()
    }
}

fn group(visit: &Visit, found: &FoundGroup) -> Group {
    let vault = &visit.client.services.vault;
    Group {
        rule: found.rule.clone(),
        category: found.category.clone(),
        count: u32::try_from(found.count).unwrap_or(u32::MAX),
        confidence: found.confidence,
        previews: found.previews.clone(),
        fingerprints: found.values.iter().map(|value| vault.fingerprint(value.expose())).collect(),
    }
}
