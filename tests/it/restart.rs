//! A crash at any moment: what the client was told is in the log, and Scrim comes up again by itself.

use std::sync::{Arc, Mutex};

use crate::harness::{
    client::{Client, Http},
    dialect::{Delivery, Dialect},
    samples::{EMAIL, private_key, two_values},
    world::World,
};

/// Refusals that were answered, by event id, from several clients until the crash ends them.
async fn refusals_until_the_crash(world: &mut World, round: usize) -> Vec<String> {
    let told = Arc::new(Mutex::new(Vec::new()));
    let asking: Vec<_> = (0..4).map(|_| tokio::spawn(ask_until_the_crash(world.client(), Arc::clone(&told)))).collect();
    let enough = 3 * (round + 1);
    crate::harness::eventually("some refusals", || (told.lock().unwrap().len() >= enough).then_some(())).await;
    world.scrim.kill();
    for task in asking {
        task.await.unwrap();
    }
    let told = told.lock().unwrap();
    told.clone()
}

async fn ask_until_the_crash(client: Client, told: Arc<Mutex<Vec<String>>>) {
    while let Ok(mut connection) = client.try_open("api.openai.com", Http::One).await {
        let body = Dialect::OpenAiChat.body(&private_key(), Delivery::Whole).to_string().into_bytes();
        let Ok(response) = connection.begin("POST", "/v1/chat/completions", &[], body).await else { return };
        assert_eq!(response.status(), 400);
        let event = response.headers()["x-scrim-event"].to_str().unwrap().to_owned();
        told.lock().unwrap().push(event);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_loses_no_refusal_that_was_answered() {
    let mut world = World::start().await;
    let mut told = Vec::new();
    for round in 0..4 {
        told.extend(refusals_until_the_crash(&mut world, round).await);
        world.up_again().await;
        let log: Vec<String> = world.log().iter().map(ToString::to_string).collect();
        for event in &told {
            assert!(log.iter().any(|row| row.contains(event.as_str())), "event {event} was answered and is lost");
        }
    }
    assert!(!told.is_empty(), "no refusal was answered before a crash");
    let verified = world.scrim(&["log", "verify"]);
    assert_eq!(verified.code, Some(0), "{}{}", verified.stdout, verified.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn values_masked_before_a_crash_are_restored_after_it() {
    let mut world = World::start().await;
    world.client().ask(Dialect::ChatGpt, Delivery::Streamed, &two_values()).await;
    world.scrim.kill();
    world.up_again().await;
    let mut connection = world.client().open("chatgpt.com", Http::Two).await;
    let path = format!("/backend-api/conversation/{}", crate::harness::answers::CHATGPT_CONVERSATION);
    assert!(connection.get(&path).await.text().contains(EMAIL), "the vault was lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_authority_is_the_same_after_a_restart() {
    let mut world = World::start().await;
    let before = std::fs::read(world.ca()).unwrap();
    world.scrim.kill();
    world.up_again().await;
    assert_eq!(std::fs::read(world.ca()).unwrap(), before);
    let reply = world.client().ask(Dialect::OpenAiChat, Delivery::Whole, "hello").await;
    assert_eq!(reply.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_instances_do_not_share_a_state_folder() {
    let world = World::start().await;
    let second = crate::harness::scrim::Scrim::try_up(&world.config(), world.scrim.state()).await;
    let refused = second.err().expect("the second must not come up");
    assert!(refused.stderr.contains("error"), "{}", refused.stderr);
    let folder = world.scrim.state().display().to_string();
    assert!(refused.stderr.contains(&folder), "names the folder: {}", refused.stderr);
}
