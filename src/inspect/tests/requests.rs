//! Requests: what leaves, what stays, what is said.

use super::{head, inspector, known, names, open};
use crate::{
    inspect::{Action, AnswerPlan, Exchange, Interest, Known, Outcome, Settings},
    policy::{Mode, Verdict},
    site::{Finish, Speaker, Turn},
};

const CHAT: &str = r#"{"model":"m","x":1.50,"messages":[{"role":"user","content":"Caf\u00e9 mail alice.meyer@corp-example.org now"}],"stream":true}"#;
const EMAIL: &str = "alice.meyer@corp-example.org";

fn chat(settings: Settings, body: &str) -> (Exchange, Outcome) {
    chat_known(settings, body, known(names()))
}

fn chat_known(settings: Settings, body: &str, known: Known) -> (Exchange, Outcome) {
    let mut exchange = open(&inspector(settings), head("POST", "api.openai.com", "/v1/chat/completions"));
    assert_eq!(exchange.interest(), Interest::Read);
    exchange.read(body.as_bytes());
    let outcome = exchange.decide(known);
    (exchange, outcome)
}

fn forwarded(outcome: &Outcome) -> Option<String> {
    match &outcome.action {
        Action::Forward { body, .. } => body.as_ref().map(|body| String::from_utf8(body.clone()).unwrap()),
        Action::Reply(reply) => panic!("refused: {}", String::from_utf8_lossy(&reply.body)),
        Action::Local(_) => panic!("rerouted"),
    }
}

fn replied(outcome: &Outcome) -> String {
    match &outcome.action {
        Action::Reply(reply) => String::from_utf8(reply.body.clone()).unwrap(),
        Action::Forward { .. } | Action::Local(_) => panic!("not refused"),
    }
}

/// Written in pieces: no test file may hold a private key.
fn private_key() -> String {
    let lines = ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"; 6].join("\\n");
    format!("-----BEGIN {0}-----\\n{lines}\\n-----END {0}-----", "PRIVATE KEY")
}

fn with_key() -> String {
    format!(r#"{{"model":"m","messages":[{{"role":"user","content":"what is this?\n{}"}}]}}"#, private_key())
}

#[test]
fn an_untouched_prompt_is_forwarded_as_the_bytes_that_came() {
    let (_, outcome) =
        chat(Settings::default(), r#"{"model":"m","messages":[{"role":"user","content":"hello there"}]}"#);
    assert_eq!(outcome.report.enforced, Verdict::Allow);
    assert!(forwarded(&outcome).is_none());
    assert!(!outcome.report.is_event());
}

#[test]
fn a_masked_prompt_differs_only_in_the_masked_span() {
    let (_, outcome) = chat(Settings::default(), CHAT);
    assert_eq!(outcome.report.enforced, Verdict::Mask);
    let body = forwarded(&outcome).unwrap();
    let placeholder = outcome.persist[0].0.as_str();
    assert_eq!(body, CHAT.replace(EMAIL, placeholder));
    assert_eq!(outcome.persist[0].1.expose(), EMAIL);
}

#[test]
fn the_same_value_gets_the_same_placeholder_again() {
    let (_, first) = chat(Settings::default(), CHAT);
    let (_, second) = chat(Settings::default(), CHAT);
    assert_eq!(forwarded(&first), forwarded(&second));
}

#[test]
fn an_issued_placeholder_is_never_masked_again() {
    let (_, first) = chat(Settings::default(), CHAT);
    let body = forwarded(&first).unwrap();
    let (_, second) = chat(Settings::default(), &body);
    assert!(forwarded(&second).is_none());
}

#[test]
fn a_live_original_that_comes_back_is_masked_even_where_no_rule_finds_it() {
    let mut names = names();
    let placeholder = names.name(&crate::detect::Category::parse("PASSWORD").unwrap(), "tr0ub4dor-and-3-more");
    names.insert(placeholder.clone(), crate::mask::Original::new("tr0ub4dor-and-3-more".to_owned()));
    let body = r#"{"model":"m","messages":[{"role":"user","content":"again tr0ub4dor-and-3-more ok"}]}"#;
    let (_, outcome) = chat_known(Settings::default(), body, known(names));
    assert_eq!(forwarded(&outcome).unwrap(), body.replace("tr0ub4dor-and-3-more", placeholder.as_str()));
    assert_eq!(outcome.report.returned, 1);
}

#[test]
fn a_private_key_is_refused_in_words_where_no_local_model_answers() {
    let (_, outcome) = chat(Settings::default(), &with_key());
    assert_eq!((outcome.report.decided, outcome.report.enforced), (Verdict::Reroute, Verdict::Block));
    let said = replied(&outcome);
    assert!(said.contains("it contains a private key (line 2)"), "{said}");
    assert!(said.contains("PRIVATEKEY_"), "offers a masked copy: {said}");
    assert!(!said.contains("MIIEvQIBADAN"), "{said}");
    assert!(outcome.persist.is_empty(), "private keys never enter the vault");
}

#[test]
fn a_local_model_answers_in_the_sites_own_stream_and_the_turn_is_remembered() {
    let body = with_key().replace("\"messages\"", "\"stream\":true,\"messages\"");
    let (_, outcome) = chat_known(Settings::default(), &body, Known { local_available: true, ..known(names()) });
    let Action::Local(mut turn) = outcome.action else { panic!("not rerouted") };
    assert!(turn.turns.last().unwrap().text.contains("PRIVATE KEY"), "the local model sees the original");
    let mut out = Vec::new();
    turn.begin("tiny", &mut out);
    turn.piece("It is ", &mut out);
    turn.piece("a key.", &mut out);
    turn.finish(Finish::Stop, &mut out);
    let stream = String::from_utf8(out).unwrap();
    assert!(
        stream.contains("tiny") && stream.contains("a private key") && stream.ends_with("data: [DONE]\n\n"),
        "{stream}"
    );
    let remembered = turn.remembered();
    assert_eq!(remembered.turns.last(), Some(&Turn { speaker: Speaker::Assistant, text: "It is a key.".to_owned() }));
}

#[test]
fn a_conversation_with_a_local_turn_stays_local() {
    let turns = vec![Turn { speaker: Speaker::User, text: "q".to_owned() }];
    let known = Known { local_turns: Some(turns), local_available: true, ..known(names()) };
    let body = r#"{"model":"m","messages":[{"role":"user","content":"and then?"}]}"#;
    let (_, outcome) = chat_known(Settings::default(), body, known);
    let Action::Local(turn) = outcome.action else { panic!("went upstream") };
    assert_eq!(turn.turns.len(), 2);
}

#[test]
fn observing_changes_nothing_and_records_what_would_have_happened() {
    let (_, outcome) = chat(Settings { mode: Mode::Observe, ..Settings::default() }, &with_key());
    assert!(forwarded(&outcome).is_none());
    assert_eq!((outcome.report.decided, outcome.report.enforced), (Verdict::Reroute, Verdict::Allow));
    assert!(outcome.report.is_event());
}

#[test]
fn what_cannot_be_read_is_refused_with_the_reason() {
    for body in ["{\"messages\":[{\"role\":", "{\"model\":\"a\",\"model\":\"b\",\"messages\":[]}"] {
        let (_, outcome) = chat(Settings::default(), body);
        assert_eq!(outcome.report.enforced, Verdict::Block);
        assert!(replied(&outcome).contains("could not be read"), "{}", replied(&outcome));
    }
    let (_, outcome) = chat(Settings { pass_unreadable: true, ..Settings::default() }, "{\"messages\":[{\"role\":");
    assert!(forwarded(&outcome).is_none());
    assert!(outcome.report.unreadable.is_some());
}

#[test]
fn an_untouched_answer_without_live_names_passes_as_it_is() {
    let (mut exchange, _) = chat(Settings::default(), r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#);
    let headers = vec![("content-type".to_owned(), b"application/json".to_vec())];
    assert_eq!(exchange.answer_head(200, &headers), AnswerPlan::Pass);
}

#[test]
fn a_value_cut_over_two_parts_of_one_message_is_masked_on_both_sides() {
    let body = r#"{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"mail alice.mey"},{"type":"text","text":"er@corp-example.org now"}]}]}"#;
    let (_, outcome) = chat(Settings::default(), body);
    let sent = forwarded(&outcome).unwrap();
    assert!(!sent.contains("alice.mey") && !sent.contains("er@corp-example.org"), "{sent}");
}

#[test]
fn arguments_of_a_tool_stay_json_when_values_in_them_are_masked() {
    let key = ["AKIA", "PTNZXVEGLD4CAIL5"].concat();
    let inner = serde_json::json!({"to": EMAIL, "note": format!("said \"{key}\"\n")}).to_string();
    let body = serde_json::json!({"model": "m", "messages": [
        {"role": "assistant", "content": null, "tool_calls": [
            {"id": "call_1", "type": "function", "function": {"name": "send_mail", "arguments": inner}}]}]});
    let (_, outcome) = chat(Settings::default(), &body.to_string());
    let sent: serde_json::Value = serde_json::from_str(&forwarded(&outcome).unwrap()).unwrap();
    let arguments = sent["messages"][0]["tool_calls"][0]["function"]["arguments"].as_str().unwrap();
    let parsed: serde_json::Value =
        serde_json::from_str(arguments).unwrap_or_else(|error| panic!("{error}: {arguments}"));
    assert!(parsed["note"].as_str().unwrap().starts_with("said \"APIKEY_"), "{arguments}");
    assert!(!arguments.contains(EMAIL));
}
