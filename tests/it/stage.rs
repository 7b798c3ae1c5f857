//! The stage itself: what the stand-in sites say is what their readers understand, before Scrim comes between them.

use serde_json::json;
use tokio_rustls::rustls::RootCertStore;

use crate::harness::{
    answers::Cuts,
    authority::Authority,
    client::{Client, Http},
    dialect::{Delivery, Dialect},
    origin::{Origin, Plan},
    readers,
    samples::two_values,
};

async fn stage() -> (Origin, Client) {
    let authority = Authority::mint();
    let origin = Origin::start(&authority, Plan::default()).await;
    let mut store = RootCertStore::empty();
    store.add(authority.der()).unwrap();
    let client = Client::direct(origin.address(), store);
    (origin, client)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_site_says_the_prompt_back() {
    let (origin, client) = stage().await;
    for (dialect, delivery) in Dialect::deliveries() {
        let reply = client.ask(dialect, delivery, &two_values()).await;
        let reading = reply.reading(dialect, delivery);
        assert_eq!(reading.text, format!("You said: {}", two_values()), "{dialect:?} {delivery:?}");
        assert!(reading.ended, "{dialect:?} {delivery:?}");
        let seen = origin.prompts().pop().unwrap();
        assert_eq!((seen.method.as_str(), seen.asked()), ("POST", two_values()));
        assert_eq!(
            readers::events(&seen.answer).len(),
            if delivery == Delivery::Streamed { reading.n_events } else { 0 }
        );
    }
    assert!(origin.received(&two_values()) && !origin.received("what nobody sent"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_program_gets_a_tool_call() {
    let (_origin, client) = stage().await;
    for dialect in Dialect::APIS {
        for delivery in [Delivery::Streamed, Delivery::Whole] {
            let reply = client.post(dialect, &dialect.body_with_tool("it", delivery)).await;
            let arguments = readers::document(reply.reading(dialect, delivery).arguments.as_bytes());
            assert_eq!(arguments["content"], json!("He said \"it\"\n\tand left."), "{dialect:?} {delivery:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_stream_stops_in_the_middle() {
    let (origin, client) = stage().await;
    origin.hold_streams();
    let mut connection = client.open("claude.ai", Http::Two).await;
    let body = Dialect::Claude.body(&two_values(), Delivery::Streamed).to_string().into_bytes();
    let response = connection.begin("POST", &Dialect::Claude.path("c"), &[], body).await.unwrap();
    let mut incoming = response.into_body();
    let first = crate::harness::client::next_bytes(&mut incoming).await.unwrap();
    assert!(!crate::harness::holds(&first, b"message_stop"));
    origin.release_one();
    let mut got = first.to_vec();
    while let Some(bytes) = crate::harness::client::next_bytes(&mut incoming).await {
        got.extend_from_slice(&bytes);
    }
    assert!(readers::read(Dialect::Claude, Delivery::Streamed, &got).ended);
}

#[test]
fn random_cuts_lose_nothing() {
    for seed in 0..200 {
        let text = format!("grün {} — 漢字", two_values());
        assert_eq!(Cuts::new(seed).text(&text).concat(), text);
        assert_eq!(Cuts::new(seed).bytes(text.as_bytes(), 9).concat(), text.as_bytes());
    }
}
