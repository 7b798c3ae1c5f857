//! Properties of whole exchanges: what is allowed leaves as it came, what is masked holds nothing any more and differs in
//! nothing else, and an answer comes out the same however it is cut.

use std::{
    net::IpAddr,
    ops::Range,
    sync::{Arc, OnceLock},
};

use super::text;
use crate::{
    detect::Detector,
    inspect::{Action, AnswerPlan, Exchange, Inspector, Known, Outcome, Settings},
    mask::{Names, ScopeKey},
    policy::{Policies, Subject, Verdict},
    site::{Authority, Catalogue, Head, Role, chain},
    wire::{Limits, encoding},
};

/// Small, so that a fuzzer meets them.
const LIMITS: Limits = Limits { body_bytes: 1 << 20, decoded_bytes: 1 << 16, depth: 32, nodes: 512, event_bytes: 2048 };

/// Method, host, path and content type.
type Route = (&'static str, &'static str, &'static str, &'static str);

const REQUESTS: [Route; 8] = [
    ("POST", "api.openai.com", "/v1/chat/completions", "application/json"),
    ("POST", "chatgpt.com", "/backend-api/f/conversation", "application/json"),
    ("POST", "claude.ai", "/api/organizations/o/chat_conversations/c/completion", "application/json"),
    ("POST", "api.anthropic.com", "/v1/messages", "application/json"),
    ("POST", "chatgpt.com", "/unauth-mweb/conversation/updates", "application/x-www-form-urlencoded"),
    ("POST", "api.openai.com", "/v1/files", "multipart/form-data; boundary=B"),
    ("POST", "api.openai.com", "/v1/not-described", "text/plain"),
    ("PUT", "a.oaiusercontent.com", "/file", "application/octet-stream"),
];

/// One request an answer family, with a body that has something to mask.
const ANSWERS: [(Route, &str); 6] = [
    (REQUESTS[0], r#"{"model":"m","stream":true,"messages":[{"role":"user","content":"I am bob@corp-example.org"}]}"#),
    (
        ("POST", "api.openai.com", "/v1/responses", "application/json"),
        r#"{"model":"m","input":"I am bob@corp-example.org"}"#,
    ),
    (REQUESTS[1], r#"{"messages":[{"author":{"role":"user"},"content":{"parts":["I am bob@corp-example.org"]}}]}"#),
    (REQUESTS[2], r#"{"prompt":"I am bob@corp-example.org"}"#),
    (REQUESTS[3], r#"{"model":"m","messages":[{"role":"user","content":"I am bob@corp-example.org"}]}"#),
    (REQUESTS[6], "I am bob@corp-example.org"),
];

/// Requests: the first byte chooses the endpoint, the rest is the body.
pub fn request(bytes: &[u8]) {
    let (Some((choice, body)), Some(inspector)) = (bytes.split_first(), inspector()) else { return };
    let Some(route) = REQUESTS.get(usize::from(choice & 7)) else { return };
    let head = head(route);
    let mut names = Names::new(ScopeKey::new([42; 32]));
    let Some((_, outcome)) = decided(inspector, &head, body, &names) else { return };
    let Action::Forward { head: sent_head, body: sent } = &outcome.action else {
        assert!(outcome.report.enforced > Verdict::Mask, "an answer of our own to a request that may pass");
        return;
    };
    if outcome.report.enforced == Verdict::Allow {
        assert!(sent.is_none(), "an allowed body was changed");
        assert_eq!(sent_head.path, head.path, "an allowed path was changed");
        return;
    }
    for (placeholder, original) in outcome.persist.iter() {
        let original = crate::mask::Original::new(original.expose().to_owned());
        assert!(names.insert(placeholder.clone(), original), "two originals with one placeholder");
    }
    let sent_body = sent.as_deref().unwrap_or(body);
    nothing_is_left(inspector, sent_head, sent_body, &outcome);
    if matches!(encoding::charset(body, head.header("content-type")), Ok(encoding::Text::Utf8(_))) {
        differs_in_placeholders_only(body, sent_body, &outcome);
    }
    let Some((_, again)) = decided(inspector, sent_head, sent_body, &names) else { return };
    // The end of a placeholder and what stands behind it can look like a live original, which is masked then.
    let clean = again.report.enforced == Verdict::Allow || again.report.returned > 0;
    assert!(clean, "a masked request is not clean");
}

/// No original that was put into the vault stands in a text of what is sent.
fn nothing_is_left(inspector: &Arc<Inspector>, head: &Head, body: &[u8], outcome: &Outcome) {
    let Ok(authority) = Authority::parse_or(head.header("host").unwrap_or_default(), 443) else { return };
    let Some(site) = inspector.catalogue.site_of(&authority.host) else { return };
    let endpoint = inspector.catalogue.endpoint(site, head);
    let prompt = chain::read(site, endpoint, head, body, &LIMITS);
    assert!(prompt.is_ok(), "a masked request cannot be read");
    let spans = prompt.unwrap_or_default().spans;
    for span in spans.iter().filter(|span| span.role == Role::Text) {
        // The end of a placeholder and what stood behind the value may look like another original.
        let names = outcome.persist.iter().map(|(placeholder, _)| placeholder.as_str());
        let rest = names.fold(span.text.clone(), |text, name| text.replace(name, " "));
        let kept = outcome.persist.iter().map(|(_, original)| original.expose()).filter(|text| text.len() >= 12);
        for original in kept {
            assert!(!rest.contains(original), "an original is left in a masked request");
        }
    }
}

/// What lies between the placeholders stands in the body as it came, in that order, from its first byte to its last.
fn differs_in_placeholders_only(body: &[u8], sent: &[u8], outcome: &Outcome) {
    let issued = outcome.persist.iter().map(|(placeholder, _)| placeholder.as_str().as_bytes());
    let mut places: Vec<Range<usize>> =
        issued.flat_map(|name| memchr::memmem::find_iter(sent, name).map(|at| at..at + name.len())).collect();
    places.sort_by_key(|range| range.start);
    let mut from = 0;
    let mut kept: Vec<Range<usize>> = Vec::new();
    for range in places {
        kept.push(from..range.start);
        from = range.end;
    }
    kept.push(from..sent.len());
    let mut at = 0;
    for (index, range) in kept.iter().enumerate() {
        let piece = sent.get(range.clone()).unwrap_or_default();
        let rest = body.get(at..).unwrap_or_default();
        let found = match (index, index + 1 == kept.len()) {
            (0, _) => rest.starts_with(piece).then_some(0),
            (_, true) => rest.ends_with(piece).then(|| rest.len() - piece.len()),
            (_, false) => memchr::memmem::find(rest, piece),
        };
        assert!(found.is_some(), "something besides the masked values was changed");
        at += found.unwrap_or_default() + piece.len();
    }
}

/// Answers: the first byte chooses the family, the second the framing, the third the cut; the rest is the answer, in
/// which the marks of `text::with_placeholders` stand for live names.
pub fn answer(bytes: &[u8]) {
    let [family, framing, cut, rest @ ..] = bytes else { return };
    let (Some((route, body)), Some(inspector)) = (ANSWERS.get(usize::from(family % 8)), inspector()) else { return };
    let content_type = match framing % 3 {
        0 => "application/x-ndjson",
        1 => "application/json",
        _ => "text/event-stream",
    };
    let names = text::names();
    let answered = text::with_placeholders(rest, &names);
    let live = |pieces: &[&[u8]]| played(inspector, route, body, &names, content_type, pieces);
    let pieces: Vec<&[u8]> = answered.chunks(usize::from(*cut % 16) + 1).collect();
    assert_eq!(live(&[&answered]), live(&pieces), "a cut changes the answer");

    let nobody = Names::new(ScopeKey::new([42; 32]));
    let plain = played(inspector, route, "{}", &nobody, content_type, &pieces);
    assert_eq!(plain, Some((answered, true)), "an answer without live names was changed");
}

/// What the client gets, and whether it ends well.
fn played(
    inspector: &Arc<Inspector>,
    route: &Route,
    body: &str,
    names: &Names,
    content_type: &str,
    pieces: &[&[u8]],
) -> Option<(Vec<u8>, bool)> {
    let (mut exchange, _) = decided(inspector, &head(route), body.as_bytes(), names)?;
    let headers = [("content-type".to_owned(), content_type.as_bytes().to_vec())];
    let plan = exchange.answer_head(200, &headers);
    assert!(plan == AnswerPlan::Restore || names.is_empty(), "an answer is passed over");
    let mut out = Vec::new();
    let pushed = pieces.iter().try_for_each(|piece| exchange.answer(piece, &mut out));
    let ended = pushed.and_then(|()| exchange.answer_end(&mut out));
    Some((out, ended.is_ok()))
}

fn decided(inspector: &Arc<Inspector>, head: &Head, body: &[u8], names: &Names) -> Option<(Exchange, Outcome)> {
    let authority = Authority::parse_or(head.header("host")?, 443).ok()?;
    let subject = Subject::address(IpAddr::from([127, 0, 0, 1]));
    let mut exchange = Exchange::open(Arc::clone(inspector), &authority, head.clone(), subject)?;
    exchange.read(body);
    let known =
        Known { names: names.clone(), local_turns: None, local_available: false, seed: [7; 16], now: 1_764_000_000 };
    let outcome = exchange.decide(known);
    Some((exchange, outcome))
}

fn head((method, host, path, content_type): &Route) -> Head {
    Head {
        method: (*method).to_owned(),
        path: (*path).to_owned(),
        query: String::new(),
        headers: vec![
            ("host".to_owned(), host.as_bytes().to_vec()),
            ("content-type".to_owned(), content_type.as_bytes().to_vec()),
        ],
    }
}

fn inspector() -> Option<&'static Arc<Inspector>> {
    static INSPECTOR: OnceLock<Option<Arc<Inspector>>> = OnceLock::new();
    let made = || {
        Some(Arc::new(Inspector {
            detector: Detector::built_in().ok()?,
            catalogue: Catalogue::built_in().ok()?,
            policies: Policies::built_in().ok()?,
            // All originals are kept, so that what was masked can be told from what was not.
            settings: Settings { limits: LIMITS, never_restore: Vec::new(), ..Settings::default() },
        }))
    };
    INSPECTOR.get_or_init(made).as_ref()
}
