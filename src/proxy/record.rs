//! From what inspection reports to what the log keeps. Values become previews and keyed fingerprints here, and go no
//! further.

use std::time::Duration;

use super::{client::Client, error::Side, visit::Visit};
use crate::{
    audit::{Event, Group, Kind, SubjectSource},
    config::audit::OnFailure,
    inspect::{Exchange, FoundGroup, Report},
    policy::{Subject, Verdict},
};

/// What the caller must do after trying to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recorded {
    /// Go on.
    GoOn,
    /// The log cannot be written, and `[audit] on_failure` says to refuse then.
    Refuse,
}

/// The event of an exchange, for [`write`].
pub(super) fn exchange(visit: &Visit, exchange: &Exchange, report: &Report, took: Duration) -> Event {
    let conversation = exchange.conversation().map(|id| visit.client.services.vault.fingerprint(id));
    let about = Event {
        conversation: conversation.unwrap_or_default(),
        latency_us: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        ..about(visit, exchange)
    };
    reported(visit, report, about)
}

/// The event of a WebSocket message, for [`write`].
pub(super) fn message(visit: &Visit, report: &Report) -> Event {
    reported(visit, report, Event { site: report.site.clone(), method: "MESSAGE".to_owned(), ..who(visit) })
}

/// The event of a request that was refused before it could be read.
pub(super) fn unread(visit: &Visit, exchange: &Exchange, why: &str) -> Event {
    visit.client.services.audit.count(exchange.site(), Verdict::Block);
    Event {
        decided: Some(Verdict::Block),
        enforced: Some(Verdict::Block),
        unreadable: Some(why.to_owned()),
        ..about(visit, exchange)
    }
}

/// Writes that a connection was not what it claimed to be. Nothing has left by then, so a failure to write is only logged.
pub(super) async fn connection(client: &Client, subject: &Subject, note: &str) {
    let event = Event { note: note.to_owned(), ..of(client, subject, Kind::Connection) };
    tracing::warn!(side = %Side::Client, "{note}");
    if let Err(error) = client.services.audit.record(event).await {
        tracing::error!(%error, "an event could not be written");
    }
}

/// Counts an exchange and, where there is an event of it, writes that durably.
pub(super) async fn write(visit: &Visit, report: &Report, event: Option<Event>) -> Recorded {
    visit.client.services.audit.count(&report.site, report.enforced);
    let Some(event) = event else { return Recorded::GoOn };
    let n: usize = report.findings.iter().map(|group| group.count).sum();
    tracing::info!(site = report.site, verdict = %report.enforced, n, reference = report.reference, "exchange");
    durable(visit, event).await
}

/// Writes an event.
pub(super) async fn durable(visit: &Visit, event: Event) -> Recorded {
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

fn reported(visit: &Visit, report: &Report, about: Event) -> Event {
    let services = &visit.client.services;
    let local_model = (report.enforced == Verdict::Reroute).then(|| services.local.available()).flatten();
    Event {
        endpoint: report.endpoint.clone(),
        class: Some(report.class),
        decided: Some(report.decided),
        enforced: Some(report.enforced),
        mode: Some(report.mode),
        policies: report.policies.clone(),
        findings: report.findings.iter().map(|found| group(visit, found)).collect(),
        unreadable: report.unreadable.clone(),
        skipped: report.skipped.clone(),
        local_model: local_model.map(|model| model.to_string()),
        bytes_in: report.body_bytes as u64,
        rules_version: services.inspector().detector.version().to_owned(),
        reference: report.reference.clone(),
        ..about
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
    of(&visit.client, &visit.subject, Kind::Exchange)
}

fn of(client: &Client, subject: &Subject, kind: Kind) -> Event {
    let known_by_token = !client.services.settings.users.is_empty();
    Event {
        kind,
        subject: subject.id().to_owned(),
        subject_source: if known_by_token { SubjectSource::Token } else { SubjectSource::Address },
        address: client.source.ip().to_canonical().to_string(),
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
        reasons: found.reasons.clone(),
    }
}
