//! What IT decides: the global cap, and `[[policy]]` by person, site and category.

use crate::harness::{
    dialect::{Delivery, Dialect},
    origin::Plan,
    samples::{CLOUD_KEY, EMAIL, HARMLESS, placeholders, private_key, two_values},
    settings::Settings,
    world::World,
};

#[tokio::test(flavor = "multi_thread")]
async fn observing_changes_nothing_and_records_what_would_have_happened() {
    for mode in ["observe", "warn"] {
        let settings = Settings { top: format!("mode = \"{mode}\""), ..Settings::default() };
        let world = World::with(Plan::default(), settings).await;
        let text = format!("{}\n{}", private_key(), two_values());
        let reply = world.client().ask(Dialect::OpenAiChat, Delivery::Whole, &text).await;
        assert_eq!(reply.status, 200, "{mode}: {}", reply.text());
        let sent = Dialect::OpenAiChat.body(&text, Delivery::Whole).to_string();
        assert_eq!(String::from_utf8(world.origin.only_prompt().body).unwrap(), sent, "{mode}");
        let log = world.log();
        assert_eq!(log.len(), 1, "{mode}: {log:?}");
        assert!(log[0].to_string().contains("allow"), "{mode}: enforced is `allow`: {}", log[0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_warned_when_the_mode_is_warn() {
    let settings = Settings { top: "mode = \"warn\"".to_owned(), ..Settings::default() };
    let world = World::with(Plan::default(), settings).await;
    let reading = world.client().ask(Dialect::Claude, Delivery::Streamed, &two_values()).await.stream(Dialect::Claude);
    assert!(reading.text.contains("Scrim"), "{}", reading.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_of_it_decides_by_category() {
    let top = "[[policy]]\nid = \"mail-is-fine\"\ncategories = [\"EMAIL\"]\naction = \"allow\"\n".to_owned();
    let world = World::with(Plan::default(), Settings { top, ..Settings::default() }).await;
    world.client().ask(Dialect::OpenAiChat, Delivery::Whole, &two_values()).await;
    let asked = world.origin.only_prompt().asked();
    assert!(asked.contains(EMAIL) && !asked.contains(CLOUD_KEY), "{asked}");
    assert_eq!(placeholders(&asked).len(), 1, "{asked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_of_it_decides_by_person() {
    let top = "[[policy]]\nid = \"no-mail-for-bob\"\nusers = [\"bob\"]\ncategories = [\"EMAIL\"]\naction = \"block\"\n"
        .to_owned();
    let users = vec![("alice".to_owned(), "token-of-alice".to_owned()), ("bob".to_owned(), "token-of-bob".to_owned())];
    let world = World::with(Plan::default(), Settings { top, users, ..Settings::default() }).await;
    let bob =
        world.client().named("bob", "token-of-bob").ask(Dialect::OpenAiChat, Delivery::Whole, &two_values()).await;
    assert_eq!(bob.status, 400, "{}", bob.text());
    let alice = world.client().named("alice", "token-of-alice");
    let alice = alice.ask(Dialect::OpenAiChat, Delivery::Whole, &two_values()).await;
    assert_eq!(alice.status, 200, "{}", alice.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_is_switched_off_is_tunnelled() {
    let sections = "[sites.claude-web]\nenabled = false\n".to_owned();
    let world = World::with(Plan::default(), Settings { sections, ..Settings::default() }).await;
    let mut store = tokio_rustls::rustls::RootCertStore::empty();
    store.add(world.authority.der()).unwrap();
    let client = crate::harness::client::Client::new(world.scrim.proxy, store);
    let tls = client.tls("claude.ai:443", "claude.ai", &[b"h2"]).await.unwrap();
    assert_eq!(tls.get_ref().1.peer_certificates().unwrap().first().unwrap().as_ref(), world.origin.leaf());
    let reply = world.client().ask(Dialect::ChatGpt, Delivery::Streamed, HARMLESS).await;
    assert_eq!(reply.status, 200, "the others are still inspected");
}
