//! A local model answers what must not leave, in the site's own format, and the conversation stays with it.

use serde_json::json;

use crate::harness::{
    client::Http,
    dialect::{Delivery, Dialect, chatgpt_body, claude_body},
    model::{Model, answer_to},
    origin::Plan,
    programs,
    readers::Reading,
    samples::{HARMLESS, key_lines, private_key},
    settings::Settings,
    world::{CONVERSATION, World},
};

async fn world(model: &str) -> World {
    World::with(Plan::default(), Settings::with_model(model)).await
}

fn prompt(key: &str) -> String {
    format!("Is this key in the right form?\n{key}")
}

fn check_nothing_left(world: &World, key: &str) {
    assert!(world.origin.prompts().is_empty(), "a prompt arrived at the site");
    for line in key_lines(key) {
        assert!(!world.origin.received(&line), "a line of the key arrived at the site");
    }
}

/// Checks that the local model's own words are there and that a line says who answered.
fn check_local(reading: &Reading, n_turns: usize) {
    assert!(reading.ended, "the answer has no end");
    assert!(reading.text.contains(&answer_to(n_turns)), "{}", reading.text);
    let told = reading.text.contains("a local model (stand-in-model) inside the company, because");
    assert!(told, "nobody is told who answers and why: {}", reading.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_local_model_answers_in_every_sites_format() {
    let model = Model::start().await;
    let world = world(&model.url()).await;
    for (dialect, delivery) in Dialect::deliveries() {
        let key = private_key();
        let reply = world.client().ask(dialect, delivery, &prompt(&key)).await;
        check_local(&reply.reading(dialect, delivery), 1);
        check_nothing_left(&world, &key);
        assert!(!model.asked_about(&key_lines(&key)[0]).is_empty(), "{dialect:?}: the model sees the original");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_turn_on_chatgpt_stays_local() {
    let model = Model::start().await;
    let world = world(&model.url()).await;
    let key = private_key();
    let first = world.client().ask(Dialect::ChatGpt, Delivery::Streamed, &prompt(&key)).await.stream(Dialect::ChatGpt);
    let conversation = first.conversation.as_deref().expect("the page learns the conversation's id");
    let body = chatgpt_body(HARMLESS, Some(conversation), first.message.as_deref().unwrap());
    let second = world.client().post(Dialect::ChatGpt, &body).await.stream(Dialect::ChatGpt);
    check_local(&second, 2);
    assert_eq!(second.conversation.as_deref(), Some(conversation));
    check_nothing_left(&world, &key);
    let shown = model.asked_about(HARMLESS);
    assert!(shown.iter().any(|body| body.to_string().contains(&key_lines(&key)[0])), "the model forgot the first turn");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_turn_on_claude_stays_local() {
    let model = Model::start().await;
    let world = world(&model.url()).await;
    let key = private_key();
    let first = world.client().ask(Dialect::Claude, Delivery::Streamed, &prompt(&key)).await.stream(Dialect::Claude);
    let body = claude_body(HARMLESS, first.message.as_deref().unwrap());
    let second = world.client().post(Dialect::Claude, &body).await.stream(Dialect::Claude);
    check_local(&second, 2);
    check_nothing_left(&world, &key);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_stays_local_after_a_restart() {
    let model = Model::start().await;
    let mut world = world(&model.url()).await;
    let key = private_key();
    let first = world.client().ask(Dialect::Claude, Delivery::Streamed, &prompt(&key)).await.stream(Dialect::Claude);
    world.scrim.terminate();
    world.scrim.ended().await;
    world.up_again().await;
    let body = claude_body(HARMLESS, first.message.as_deref().unwrap());
    check_local(&world.client().post(Dialect::Claude, &body).await.stream(Dialect::Claude), 2);
    check_nothing_left(&world, &key);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_that_continues_a_local_one_stays_local() {
    let model = Model::start().await;
    let world = world(&model.url()).await;
    let key = private_key();
    let first = world.client().ask(Dialect::OpenAiResponses, Delivery::Whole, &prompt(&key)).await.json();
    let body = json!({"model": "gpt-test", "input": HARMLESS, "previous_response_id": first["id"]});
    let second = world.client().post(Dialect::OpenAiResponses, &body).await;
    check_local(&second.reading(Dialect::OpenAiResponses, Delivery::Whole), 2);
    check_nothing_left(&world, &key);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_conversation_goes_to_the_site_as_ever() {
    let model = Model::start().await;
    let world = world(&model.url()).await;
    world.client().ask(Dialect::Claude, Delivery::Streamed, &prompt(&private_key())).await;
    let mut connection = world.client().open("claude.ai", Http::Two).await;
    let body = Dialect::Claude.body(HARMLESS, Delivery::Streamed).to_string().into_bytes();
    let reply = connection.post(&Dialect::Claude.path("77777777-7b1e-4c55-9f10-2d0b8f6f0002"), &[], body).await;
    assert_eq!(reply.stream(Dialect::Claude).text, format!("You said: {HARMLESS}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_can_read_a_local_conversation_again() {
    let model = Model::start().await;
    let world = world(&model.url()).await;
    let key = private_key();
    let first = world.client().ask(Dialect::ChatGpt, Delivery::Streamed, &prompt(&key)).await.stream(Dialect::ChatGpt);
    let mut connection = world.client().open("chatgpt.com", Http::Two).await;
    let history = connection.get(&format!("/backend-api/conversation/{}", first.conversation.unwrap())).await;
    assert_eq!(history.status, 200);
    assert!(history.text().contains(&answer_to(1)), "{}", history.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_local_model_is_gone_the_prompt_is_refused_and_not_sent_instead() {
    let model = Model::start().await;
    let world = world(&model.url()).await;
    drop(model);
    let key = private_key();
    let reply = world.client().ask(Dialect::ChatGpt, Delivery::Streamed, &prompt(&key)).await;
    let reading = reply.stream(Dialect::ChatGpt);
    assert!(reading.ended);
    assert!(reading.text.contains("Scrim"), "{}", reading.text);
    check_nothing_left(&world, &key);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_model_answers_on_chatgpt_and_its_next_turn_works() {
    let world = World::with(Plan::default(), Settings::with_real_model(programs::local_model())).await;
    assert_eq!(world.scrim(&["local", "list"]).code, Some(0), "the model is found");
    let key = private_key();
    let reply = world.client().ask(Dialect::ChatGpt, Delivery::Streamed, &prompt(&key)).await;
    let first = reply.stream(Dialect::ChatGpt);
    assert!(first.ended && first.n_events > 3, "{}", reply.text());
    assert!(first.text.contains("inside the company, because"), "{}", first.text);
    let body = chatgpt_body(HARMLESS, first.conversation.as_deref(), first.message.as_deref().unwrap());
    let second = world.client().post(Dialect::ChatGpt, &body).await.stream(Dialect::ChatGpt);
    assert!(second.ended && !second.text.is_empty());
    check_nothing_left(&world, &key);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reroute_is_one_event_in_the_log() {
    let model = Model::start().await;
    let world = world(&model.url()).await;
    let mut connection = world.client().open("claude.ai", Http::One).await;
    let body = Dialect::Claude.body(&prompt(&private_key()), Delivery::Streamed).to_string().into_bytes();
    connection.post(&Dialect::Claude.path(CONVERSATION), &[], body).await;
    let log = world.log();
    assert_eq!(log.len(), 1, "{log:?}");
    assert!(log[0].to_string().contains("reroute"), "{}", log[0]);
}
