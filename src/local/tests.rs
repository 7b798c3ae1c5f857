//! The traps of each kind of server, against small servers on loopback that say what real ones say.

mod server;

use std::time::Duration;

use serde_json::json;

use self::server::{Say, Server, events, json_reply};
use super::*;
use crate::site::{Finish, Speaker};

const MODELS: &str = r#"{"data":[{"id":"tiny","owned_by":"llamacpp","meta":{"n_ctx":4096}}]}"#;
const READY: &str = r#"{"choices":[{"message":{"content":"a"}}]}"#;

fn settings(urls: &[String]) -> config::local::Local {
    let endpoint = |url: &String| config::local::Endpoint {
        url: url.clone(),
        model: None,
        api_key_file: None,
        allow_remote: false,
    };
    config::local::Local {
        endpoints: urls.iter().map(endpoint).collect(),
        timeout_secs: 2,
        idle_secs: 1,
        ..config::local::Local::default()
    }
}

fn prompt(text: &str) -> LocalPrompt {
    LocalPrompt { turns: vec![Turn { speaker: Speaker::User, text: text.to_owned() }], max_tokens: None }
}

/// A llama.cpp server that answers real questions with `say`.
fn llama(say: impl Fn(&serde_json::Value) -> Vec<Say> + Send + Sync + 'static) -> Server {
    Server::start(move |path, body| match path {
        "/v1/models" => json_reply(200, MODELS),
        "/v1/chat/completions" if body["max_tokens"] == 1 => json_reply(200, READY),
        "/v1/chat/completions" => say(body),
        _ => json_reply(404, "{}"),
    })
}

async fn read(answering: &mut Answering) -> Result<(String, Finish), LocalError> {
    let mut text = String::new();
    loop {
        match answering.next().await? {
            Some(Piece::Text(piece)) => text.push_str(&piece),
            Some(Piece::End(finish)) => {
                assert_eq!(answering.next().await?, None);
                return Ok((text, finish));
            }
            None => panic!("no end"),
        }
    }
}

async fn ask(server: &Server) -> Result<(String, Finish), LocalError> {
    let local = Local::new(&settings(&[server.url()]));
    read(&mut local.answer(prompt("Who are you?")).await?).await
}

fn delta(text: &str) -> String {
    json!({ "choices": [{ "delta": { "content": text } }] }).to_string()
}

const STOP: &str = r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#;

#[tokio::test]
async fn an_answer_streams_and_the_model_is_named() {
    let server = llama(|_| events(&[&delta("Hel"), &delta("lo"), STOP, "[DONE]"]));
    let local = Local::new(&settings(&[server.url()]));
    assert_eq!(local.available(), None, "nothing is known before the first look");
    local.refresh().await;
    assert_eq!(local.available().unwrap().as_str(), "tiny");
    let status = &local.status()[0];
    assert_eq!((status.kind, status.n_ctx, &status.state), (Kind::LlamaCpp, Some(4096), &State::Ready));
    let mut answering = local.answer(prompt("Hi")).await.unwrap();
    assert_eq!(answering.model(), "tiny");
    assert_eq!(read(&mut answering).await.unwrap(), ("Hello".to_owned(), Finish::Stop));
}

#[tokio::test]
async fn readiness_is_asked_once_for_a_model() {
    let server = llama(|_| events(&[STOP]));
    let local = Local::new(&settings(&[server.url()]));
    local.refresh().await;
    local.refresh().await;
    assert_eq!(server.count("/v1/chat/completions"), 1);
    assert_eq!(server.count("/v1/models"), 2);
}

#[tokio::test]
async fn an_empty_stream_is_an_error() {
    let server = llama(|_| events(&[]));
    assert_eq!(ask(&server).await.unwrap_err(), LocalError::Empty { model: "tiny".to_owned() });
    let server = llama(|_| events(&[r#"{"choices":[{"delta":{"content":null}}]}"#, STOP, "[DONE]"]));
    assert_eq!(ask(&server).await.unwrap_err(), LocalError::Empty { model: "tiny".to_owned() });
}

#[tokio::test]
async fn a_missing_done_and_an_open_connection_are_forgiven() {
    let server = llama(|_| {
        let mut script = events(&[&delta("Hi"), STOP]);
        script.push(Say::Wait(Duration::from_secs(60)));
        script
    });
    assert_eq!(ask(&server).await.unwrap(), ("Hi".to_owned(), Finish::Stop));
}

#[tokio::test]
async fn an_error_inside_the_stream_is_an_error() {
    let failure = r#"{"error":{"type":"server_error","message":"x"}}"#;
    let server = llama(move |_| events(&[&delta("Hi"), failure]));
    assert!(matches!(ask(&server).await.unwrap_err(), LocalError::Broken { why } if why.contains("server_error")));
}

#[tokio::test]
async fn silence_before_and_between_words_ends_with_a_time_out() {
    let server = llama(|_| vec![Say::Wait(Duration::from_secs(60))]);
    assert!(matches!(ask(&server).await.unwrap_err(), LocalError::TimedOut { .. }));
    let server = llama(|_| {
        let mut script = events(&[&delta("Hi")]);
        for _ in 0..40 {
            script.push(Say::Wait(Duration::from_millis(100)));
            script.push(Say::bytes(": ping\n\n"));
        }
        script
    });
    assert!(matches!(ask(&server).await.unwrap_err(), LocalError::TimedOut { .. }), "comments are no words");
}

#[tokio::test]
async fn a_conversation_over_the_context_loses_its_oldest_turns_and_says_so() {
    let server = llama(|body| {
        let count = body["messages"].as_array().unwrap().len();
        if count > 1 {
            let error =
                json!({ "error": { "type": "exceed_context_size_error", "n_prompt_tokens": 9000, "n_ctx": 4096 } });
            json_reply(400, &error.to_string())
        } else {
            events(&[&delta("ok"), STOP])
        }
    });
    let turns = [Speaker::User, Speaker::Assistant, Speaker::User, Speaker::Assistant, Speaker::User]
        .map(|speaker| Turn { speaker, text: "x".repeat(300) });
    let local = Local::new(&settings(&[server.url()]));
    let mut answering = local.answer(LocalPrompt { turns: turns.to_vec(), max_tokens: Some(50) }).await.unwrap();
    assert_eq!(answering.dropped(), 4);
    let (text, _) = read(&mut answering).await.unwrap();
    assert!(text.starts_with("(The oldest 4 messages") && text.ends_with("ok"), "{text}");
    let local = Local::new(&settings(&[server.url()]));
    assert!(local.answer(prompt("short")).await.is_ok());
}

#[tokio::test]
async fn a_single_message_over_the_context_is_too_long_and_the_server_stays_ready() {
    let server =
        llama(|_| json_reply(400, r#"{"error":{"message":"This model's maximum context length is 10 tokens"}}"#));
    let local = Local::new(&settings(&[server.url()]));
    let error = local.answer(prompt("long")).await.unwrap_err();
    assert_eq!(error, LocalError::TooLong { model: "tiny".to_owned(), n_ctx: Some(4096) });
    assert!(local.available().is_some());
}

#[tokio::test]
async fn instructions_go_into_the_first_turn_where_the_template_knows_no_system_role() {
    let server = llama(|body| {
        if body["messages"][0]["role"] == "system" {
            json_reply(500, r#"{"error":{"type":"server_error","message":"System role not supported"}}"#)
        } else {
            events(&[&delta("ok"), STOP])
        }
    });
    let mut question = prompt("Hi");
    question.turns.insert(0, Turn { speaker: Speaker::System, text: "Be brief.".to_owned() });
    let local = Local::new(&settings(&[server.url()]));
    assert!(local.answer(question).await.is_ok());
}

#[tokio::test]
async fn a_question_that_the_server_cut_silently_is_an_error() {
    let usage = r#"{"choices":[],"usage":{"prompt_tokens":20}}"#;
    let server = llama(move |_| events(&[&delta("Hi"), STOP, usage, "[DONE]"]));
    let local = Local::new(&settings(&[server.url()]));
    let question = prompt(&"word ".repeat(1200));
    // Before the first word or after the last, as the bytes happen to arrive.
    let answer = async { read(&mut local.answer(question).await?).await };
    assert_eq!(answer.await.unwrap_err(), LocalError::Truncated { model: "tiny".to_owned() });
}

#[tokio::test]
async fn ollama_is_asked_by_its_own_protocol_with_a_context_and_never_for_cloud_models() {
    let server = Server::start(|path, body| match path {
        "/v1/models" => json_reply(200, r#"{"data":[{"id":"big:cloud"},{"id":"alias"},{"id":"gemma3:4b"}]}"#),
        "/api/version" => json_reply(200, r#"{"version":"0.99"}"#),
        "/api/tags" => json_reply(200, r#"{"models":[{"name":"alias","remote_host":"https://ollama.com"}]}"#),
        "/api/show" => json_reply(200, r#"{"model_info":{"gemma3.context_length":131072}}"#),
        "/api/chat" if body["stream"] == false => json_reply(200, r#"{"message":{"content":"a"},"done":true}"#),
        "/api/chat" => {
            assert!(body["options"]["num_ctx"].as_u64().unwrap() >= 4096);
            assert_eq!(body["model"], "gemma3:4b");
            let lines = "{\"message\":{\"content\":\"Hi\"}}\n{\"done\":true,\"done_reason\":\"length\"}\n";
            vec![Say::bytes("HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\n\r\n"), Say::bytes(lines)]
        }
        _ => json_reply(404, "{}"),
    });
    assert_eq!(ask(&server).await.unwrap(), ("Hi".to_owned(), Finish::Length));
}

#[tokio::test]
async fn the_next_server_answers_when_the_first_fails() {
    let broken = llama(|_| json_reply(500, "{}"));
    let good = llama(|_| events(&[&delta("Hi"), STOP]));
    let local = Local::new(&settings(&[broken.url(), good.url()]));
    let mut answering = local.answer(prompt("Hi")).await.unwrap();
    assert_eq!(read(&mut answering).await.unwrap().0, "Hi");
    local.answer(prompt("Hi")).await.unwrap();
    assert_eq!(broken.count("/v1/chat/completions"), 2, "left alone after its failure");
}

#[tokio::test]
async fn a_server_without_models_or_not_there_is_down_with_the_reason() {
    let empty = Server::start(|_, _| json_reply(200, r#"{"data":[]}"#));
    let local = Local::new(&settings(&[empty.url(), "http://127.0.0.1:1".to_owned(), "http://8.8.8.8:1".to_owned()]));
    local.refresh().await;
    let shown: Vec<String> = local.status().iter().map(ToString::to_string).collect();
    assert!(shown[0].ends_with("down: it lists no model"), "{}", shown[0]);
    assert!(shown[1].contains("refused"), "{}", shown[1]);
    assert!(shown[2].contains("public address 8.8.8.8"), "{}", shown[2]);
    let error = local.answer(prompt("Hi")).await.unwrap_err();
    assert!(error.to_string().contains("no local model is ready\n  "), "{error}");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let server = Server::start(|_, _| {
        vec![Say::bytes(
            "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://evil.example/\r\ncontent-length: 0\r\n\r\n",
        )]
    });
    let local = Local::new(&settings(&[server.url()]));
    local.refresh().await;
    assert!(local.status()[0].to_string().contains("redirects are not followed"));
}

#[tokio::test]
async fn all_slots_taken_is_an_error_after_the_time_out() {
    let server = llama(|_| {
        let mut script = events(&[&delta("Hi")]);
        script.push(Say::Wait(Duration::from_secs(60)));
        script
    });
    let local = Local::new(&config::local::Local { concurrency: 1, timeout_secs: 1, ..settings(&[server.url()]) });
    let first = local.answer(prompt("Hi")).await.unwrap();
    assert_eq!(local.answer(prompt("Hi")).await.unwrap_err(), LocalError::Busy { waited_secs: 1 });
    drop(first);
    assert!(local.answer(prompt("Hi")).await.is_ok(), "dropping an answer frees its slot");
}

#[tokio::test]
async fn dropping_an_answer_closes_the_connection() {
    let server = llama(|_| {
        let mut script = events(&[&delta("Hi")]);
        script.push(Say::UntilClosed);
        script
    });
    let local = Local::new(&settings(&[server.url()]));
    let answering = local.answer(prompt("Hi")).await.unwrap();
    drop(answering);
    server.closed().await;
}

#[tokio::test]
async fn a_server_of_this_user_is_found_on_a_usual_port() {
    let server = llama(|_| events(&[&delta("Hi"), STOP]));
    let found = find::on_ports(&[1, server.port()], &[], &settings(&[])).await;
    assert_eq!(found.len(), 1);
    let expected = if cfg!(target_os = "linux") { State::Ready } else { found[0].state.clone() };
    assert_eq!(found[0].state, expected);
    assert!(!found[0].configured);
}

#[test]
fn errors_read_well() {
    let shown = LocalError::TimedOut { url: "http://127.0.0.1:8080".to_owned(), secs: 120 }.to_string();
    assert_eq!(
        shown,
        "the local model at `http://127.0.0.1:8080` said nothing for 120 s\n  hint: `[local] timeout_secs` and `idle_secs` set the limits"
    );
}
