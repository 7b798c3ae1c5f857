//! `GET /me`: what was masked, refused or answered locally for the address that asks. Shows previews, never values;
//! every text is escaped by the template.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension,
    extract::State,
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};

use super::{Instance, listener::Peer};
use crate::{
    audit::{Entry, Event, Filter, Kind},
    policy::{Subject, Verdict},
};

/// Events on the page.
const EVENTS_MAX: usize = 100;

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Scrim: your messages</title>
<link rel="stylesheet" href="/style.css"></head>
<body>
<h1>What Scrim did with your messages</h1>
<p>Messages to AI sites from <b>{{ subject }}</b>, newest first. Values themselves are not kept here: at most the first
characters of long ones. Questions: {{ contact }}.</p>
{% if log_in %}<p>People log in at this proxy, and this page cannot tell who you are: ask {{ contact }} for your events.</p>
{% else if rows.is_empty() %}<p>Nothing was hidden or kept back so far.</p>{% else %}
<table>
<thead><tr><th>When</th><th>Site</th><th>What happened</th><th>What was found</th><th>Reference</th></tr></thead>
<tbody>
{% for row in rows %}<tr><td>{{ row.time }}</td><td>{{ row.site }}</td><td class="{{ row.class }}">{{ row.deed }}</td>
<td>{% for found in row.found %}<div>{{ found }}</div>{% endfor %}</td><td>{{ row.reference }}</td></tr>
{% endfor %}</tbody>
</table>{% endif %}
</body>
</html>
"#
)]
struct Page<'a> {
    subject: &'a str,
    contact: &'a str,
    /// People are known by credentials, which a browser does not show to this page.
    log_in: bool,
    rows: Vec<Row>,
}

struct Row {
    time: String,
    site: String,
    class: &'static str,
    deed: String,
    found: Vec<String>,
    reference: String,
}

pub(super) async fn me(State(instance): State<Arc<Instance>>, Extension(Peer(peer)): Extension<Peer>) -> Response {
    let subject = Subject::address(peer.ip());
    let filter = Filter {
        limit: EVENTS_MAX,
        kind: Some(Kind::Exchange),
        subject: Some(subject.id().to_owned()),
        ..Filter::default()
    };
    let log_in = !instance.services.settings.users.is_empty();
    let entries = match instance.log().list(filter).await {
        Ok(entries) => {
            if log_in {
                Vec::new()
            } else {
                entries
            }
        }
        Err(error) => {
            tracing::error!(%error, "the employee's page could not read the log");
            return (StatusCode::INTERNAL_SERVER_ERROR, "the log cannot be read\n").into_response();
        }
    };
    let inspector = instance.inspector();
    let page = Page { subject: subject.id(), contact: &inspector.settings.contact, log_in, rows: rows(&entries) };
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => {
            tracing::error!(%error, "the employee's page could not be written");
            (StatusCode::INTERNAL_SERVER_ERROR, "the page cannot be written\n").into_response()
        }
    }
}

pub(super) async fn style() -> Response {
    let style = "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}\
                 table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;\
                 border-bottom:1px solid #ccc}.block{color:#a00}.reroute{color:#850}.mask{color:#060}\
                 @media(prefers-color-scheme:dark){body{background:#111;color:#eee}.block{color:#f88}.reroute{color:#fc6}.mask{color:#8d8}}";
    ([(header::CONTENT_TYPE, "text/css"), (header::CACHE_CONTROL, "max-age=3600")], style).into_response()
}

fn rows(entries: &[Entry]) -> Vec<Row> {
    entries.iter().filter_map(|entry| entry.event.as_ref()).map(row).collect()
}

fn row(event: &Event) -> Row {
    let verdict = event.enforced.unwrap_or(Verdict::Allow);
    let class = match verdict {
        Verdict::Allow => "allow",
        Verdict::Mask => "mask",
        Verdict::Reroute => "reroute",
        Verdict::Block => "block",
    };
    let milliseconds = i64::try_from(event.time).unwrap_or(i64::MAX);
    let time = jiff::Timestamp::from_millisecond(milliseconds).map_or_else(|_| String::new(), minute);
    Row {
        time,
        site: event.site.clone(),
        class,
        deed: deed(event, verdict),
        found: found(event),
        reference: event.reference.clone(),
    }
}

fn deed(event: &Event, verdict: Verdict) -> String {
    if let Some(why) = &event.unreadable {
        return match verdict {
            Verdict::Block => format!("kept back: it could not be read ({why})"),
            Verdict::Allow | Verdict::Mask | Verdict::Reroute => format!("passed unread ({why})"),
        };
    }
    match (verdict, &event.local_model) {
        (Verdict::Allow, _) => "passed unchanged".to_owned(),
        (Verdict::Mask, _) => "hidden from the site, shown again in its answer".to_owned(),
        (Verdict::Reroute, Some(model)) => format!("answered inside the company by {model}"),
        (Verdict::Reroute, None) => "answered inside the company".to_owned(),
        (Verdict::Block, _) => "kept back".to_owned(),
    }
}

fn found(event: &Event) -> Vec<String> {
    let told = event.findings.iter().map(|group| {
        let previews =
            if group.previews.is_empty() { String::new() } else { format!(": {}", group.previews.join(", ")) };
        format!("{} × {}{previews}", group.count, group.category)
    });
    told.collect()
}

/// `2026-11-24 23:05 UTC`
fn minute(time: jiff::Timestamp) -> String {
    let text = time.to_string();
    let (date, clock) = text.split_once('T').unwrap_or((&text, ""));
    format!("{date} {} UTC", clock.get(..5).unwrap_or(clock))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Group;

    #[test]
    fn text_from_an_event_cannot_become_markup() {
        let event = Event {
            time: 1_795_561_500_000,
            site: "<script>alert(1)</script>".to_owned(),
            enforced: Some(Verdict::Mask),
            findings: vec![Group {
                category: "EMAIL".to_owned(),
                count: 2,
                previews: vec!["\"><img".to_owned()],
                ..Group::default()
            }],
            reference: "7F3A".to_owned(),
            ..Event::default()
        };
        let page =
            Page { subject: "127.0.0.1", contact: "IT & co", log_in: false, rows: vec![row(&event)] }.render().unwrap();
        assert!(!page.contains("<script>") && !page.contains("<img"), "{page}");
        assert!(page.contains("2 × EMAIL") && page.contains("2026-11-24 23:05 UTC"), "{page}");
    }
}
