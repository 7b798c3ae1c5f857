//! Chromium on stand-ins of chatgpt.com and claude.ai, whose pages speak the documented formats: what people see.
//! Screenshots are left in `artefacts/`.

use std::process::Command;

use serde_json::Value;

use crate::harness::{
    dialect::Dialect,
    model::{Model, answer_to},
    origin::Plan,
    programs::{node, report, repository},
    samples::{CLOUD_KEY, EMAIL, HARMLESS, key_lines, private_key, two_values},
    settings::Settings,
    world::World,
};

/// Types prompts into a page, one after the other, and tells what the page shows.
async fn browse(world: &World, dialect: Dialect, prompts: &[&str], picture: &str) -> Value {
    let pictures = repository("artefacts");
    std::fs::create_dir_all(&pictures).unwrap();
    let mut command = Command::new(node());
    command.arg(repository("tests/browser/visit.mjs"));
    command.arg(
        serde_json::json!({
            "proxy": world.scrim.proxy.to_string(),
            "authority": world.ca(),
            "home": world.folder().join(format!("browser-{picture}")),
            "page": format!("https://{}/", dialect.host()),
            "prompts": prompts,
            "picture": pictures.join(format!("{}-{picture}.png", dialect.site())),
        })
        .to_string(),
    );
    report(command).await
}

/// The page's turns: what it shows for the person and for the assistant.
fn turn(report: &Value, number: usize) -> (String, String) {
    let turn = &report["turns"][number];
    let part = |name: &str| turn[name].as_str().unwrap_or_else(|| panic!("no `{name}` in {report}")).to_owned();
    assert_eq!(turn["failure"], Value::Null, "the page failed: {report}");
    (part("person"), part("assistant"))
}

async fn sees_restored_text(dialect: Dialect) {
    let world = World::start().await;
    let report = browse(&world, dialect, &[&two_values(), HARMLESS], "restored").await;
    let (person, assistant) = turn(&report, 0);
    assert_eq!(person, two_values());
    assert!(assistant.starts_with(&format!("You said: {}", two_values())), "{assistant}");
    assert!(assistant.contains("Scrim"), "the notice: {assistant}");
    assert_eq!(turn(&report, 1).1, format!("You said: {HARMLESS}"));
    assert!(!world.origin.received(EMAIL) && !world.origin.received(CLOUD_KEY));
    assert_eq!(world.origin.prompts().len(), 2);
}

async fn sees_a_refusal(dialect: Dialect) {
    let world = World::start().await;
    let key = private_key();
    let report = browse(&world, dialect, &[&format!("What is wrong with it?\n{key}")], "refused").await;
    let (_, assistant) = turn(&report, 0);
    assert!(assistant.contains("Scrim") && assistant.to_lowercase().contains("private key"), "{assistant}");
    for line in key_lines(&key) {
        assert!(!world.origin.received(&line));
    }
}

async fn sees_a_local_answer(dialect: Dialect) {
    let model = Model::start().await;
    let world = World::with(Plan::default(), Settings::with_model(&model.url())).await;
    let key = private_key();
    let report = browse(&world, dialect, &[&format!("What is wrong with it?\n{key}"), HARMLESS], "local").await;
    assert!(turn(&report, 0).1.contains(&answer_to(1)), "{report}");
    assert!(turn(&report, 1).1.contains(&answer_to(2)), "the next turn stays local: {report}");
    assert!(world.origin.prompts().is_empty());
    for line in key_lines(&key) {
        assert!(!world.origin.received(&line));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn chatgpt_shows_restored_text() {
    sees_restored_text(Dialect::ChatGpt).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn chatgpt_shows_a_refusal() {
    sees_a_refusal(Dialect::ChatGpt).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn chatgpt_shows_a_local_answer() {
    sees_a_local_answer(Dialect::ChatGpt).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn claude_shows_restored_text() {
    sees_restored_text(Dialect::Claude).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn claude_shows_a_refusal() {
    sees_a_refusal(Dialect::Claude).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn claude_shows_a_local_answer() {
    sees_a_local_answer(Dialect::Claude).await;
}
