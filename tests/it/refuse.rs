//! No local model is up: what must not leave is refused in the site's own format, in words, and nothing of it arrives.

use crate::harness::{
    client::Reply,
    dialect::{Delivery, Dialect},
    origin::Plan,
    samples::{HARMLESS, PASSWORD, PASSWORD_LINE, key_lines, private_key},
    settings::Settings,
    world::World,
};

/// Refuses by an ordinary answer also where programs ask.
fn answering() -> Settings {
    let sections = "[sites.openai-api]\nrefuse = \"answer\"\n[sites.anthropic-api]\nrefuse = \"answer\"\n".to_owned();
    Settings { sections, ..Settings::default() }
}

/// Checks that nothing of the key arrived anywhere, and that the words say what and who.
fn check_words(world: &World, dialect: Dialect, key: &str, words: &str) {
    assert!(world.origin.prompts().is_empty(), "{dialect:?}: a prompt arrived");
    for line in key_lines(key) {
        assert!(!world.origin.received(&line), "{dialect:?}: a line of the key arrived");
        assert!(!words.contains(&line), "{dialect:?}: the refusal repeats the key");
    }
    let lower = words.to_lowercase();
    assert!(lower.contains("scrim") && lower.contains("private key"), "{dialect:?}: {words}");
}

fn prompt(key: &str) -> String {
    format!("Why does nginx not take this key?\n{key}\n{HARMLESS}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_key_is_refused_in_a_pages_own_stream() {
    for dialect in [Dialect::ChatGpt, Dialect::Claude] {
        let world = World::start().await;
        let key = private_key();
        let reply = world.client().ask(dialect, Delivery::Streamed, &prompt(&key)).await;
        assert!(reply.header("content-type").unwrap().starts_with("text/event-stream"), "{dialect:?}");
        let reading = reply.stream(dialect);
        assert!(reading.ended, "{dialect:?}: the page would ask again");
        check_words(&world, dialect, &key, &reading.text);
        assert!(reading.text.contains(HARMLESS), "the masked prompt to copy: {}", reading.text);
    }
}

/// The error's message, at the place where each vendor's SDK reads it.
fn message(dialect: Dialect, reply: &Reply) -> String {
    let body = reply.json();
    if dialect == Dialect::Anthropic {
        assert_eq!(body["type"], "error");
    }
    assert_eq!(body["error"]["type"], "invalid_request_error");
    body["error"]["message"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_key_is_refused_as_a_programs_own_error_that_is_not_tried_again() {
    for dialect in Dialect::APIS {
        for delivery in [Delivery::Streamed, Delivery::Whole] {
            let world = World::start().await;
            let key = private_key();
            let reply = world.client().ask(dialect, delivery, &prompt(&key)).await;
            assert_eq!(reply.status, 400, "{dialect:?} {delivery:?}");
            assert_eq!(reply.header("x-should-retry"), Some("false"), "{dialect:?}");
            assert_eq!(reply.header("x-scrim-verdict"), Some("block"), "{dialect:?}");
            check_words(&world, dialect, &key, &message(dialect, &reply));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_can_be_refused_by_an_ordinary_answer() {
    for dialect in Dialect::APIS {
        for delivery in [Delivery::Streamed, Delivery::Whole] {
            let world = World::with(Plan::default(), answering()).await;
            let key = private_key();
            let reply = world.client().ask(dialect, delivery, &prompt(&key)).await;
            let reading = reply.reading(dialect, delivery);
            assert!(reading.ended, "{dialect:?} {delivery:?}");
            check_words(&world, dialect, &key, &reading.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_refused_too() {
    let world = World::start().await;
    let text = format!("This is my .env, what is wrong?\n{PASSWORD_LINE}\n");
    let reply = world.client().ask(Dialect::OpenAiChat, Delivery::Whole, &text).await;
    assert_eq!(reply.status, 400, "{}", reply.text());
    assert!(!reply.text().contains(PASSWORD), "{}", reply.text());
    assert!(!world.origin.received(PASSWORD));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_one_event_in_the_log() {
    let world = World::start().await;
    let reply = world.client().ask(Dialect::Claude, Delivery::Streamed, &prompt(&private_key())).await;
    assert_eq!(reply.status, 200);
    let log = world.log();
    assert_eq!(log.len(), 1, "{log:?}");
    let row = log[0].to_string();
    assert!(row.contains("block") && row.contains("claude") && row.contains("PRIVATEKEY"), "{row}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_serves_on_after_a_refusal() {
    let world = World::start().await;
    for http in [crate::harness::client::Http::One, crate::harness::client::Http::Two] {
        let mut connection = world.client().open("api.openai.com", http).await;
        let bad = Dialect::OpenAiChat.body(&prompt(&private_key()), Delivery::Whole).to_string();
        let good = Dialect::OpenAiChat.body(HARMLESS, Delivery::Whole).to_string();
        assert_eq!(connection.post("/v1/chat/completions", &[], bad.into_bytes()).await.status, 400);
        assert_eq!(connection.post("/v1/chat/completions", &[], good.into_bytes()).await.status, 200, "{http:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_key_in_a_draft_does_not_leave() {
    let world = World::start().await;
    let key = private_key();
    let body = serde_json::json!({"partial_query": {"content": {"content_type": "text", "parts": [key]}}});
    let mut connection = world.client().open("chatgpt.com", crate::harness::client::Http::Two).await;
    connection.post("/backend-api/f/conversation/prepare", &[], body.to_string().into_bytes()).await;
    for line in key_lines(&key) {
        assert!(!world.origin.received(&line));
    }
}
