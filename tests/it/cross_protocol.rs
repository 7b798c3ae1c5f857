//! Each side speaks the protocol it likes: every pairing of HTTP/1.1 and HTTP/2, with streams that are not held up.

use hyper::Version;

use crate::harness::{
    client::{Http, next_bytes},
    dialect::{Delivery, Dialect},
    origin::{Offer, Plan},
    readers,
    samples::{EMAIL, HARMLESS, two_values},
    settings::Settings,
    world::World,
};

/// Every pairing, with the version that the site should see.
const PAIRS: [(Http, Offer, Version); 4] = [
    (Http::One, Offer::Http1, Version::HTTP_11),
    (Http::One, Offer::Both, Version::HTTP_2),
    (Http::Two, Offer::Http1, Version::HTTP_11),
    (Http::Two, Offer::Http2, Version::HTTP_2),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_pairing_streams_while_the_site_is_still_talking() {
    for (http, offer, version) in PAIRS {
        let world = World::with(Plan { offer, ..Plan::default() }, Settings::default()).await;
        world.origin.hold_streams();
        let mut connection = world.client().open("api.openai.com", http).await;
        let body = Dialect::OpenAiChat.body(&two_values(), Delivery::Streamed).to_string().into_bytes();
        let response = connection.begin("POST", "/v1/chat/completions", &[], body).await.unwrap();
        let mut incoming = response.into_body();
        let mut got = next_bytes(&mut incoming).await.expect("the first half comes before the second is sent").to_vec();
        world.origin.release_one();
        while let Some(bytes) = next_bytes(&mut incoming).await {
            got.extend_from_slice(&bytes);
        }
        let reading = readers::read(Dialect::OpenAiChat, Delivery::Streamed, &got);
        assert_eq!(reading.text, format!("You said: {}", two_values()), "{http:?} to {offer:?}");
        let seen = world.origin.only_prompt();
        assert_eq!(seen.version, version, "{http:?} to {offer:?}: the best that the site offers");
        assert!(!world.origin.received(EMAIL));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_of_a_client_serves_many_prompts_over_few_upstream() {
    for http in [Http::One, Http::Two] {
        let world = World::start().await;
        let mut connection = world.client().open("api.openai.com", http).await;
        for turn in 0..12 {
            let text = format!("{HARMLESS} ({turn})");
            let body = Dialect::OpenAiChat.body(&text, Delivery::Whole).to_string().into_bytes();
            let reply = connection.post("/v1/chat/completions", &[], body).await;
            assert_eq!(reply.reading(Dialect::OpenAiChat, Delivery::Whole).text, format!("You said: {text}"));
        }
        assert!(world.origin.n_connections() <= 3, "{http:?}: {} connections upstream", world.origin.n_connections());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_streams_of_one_h2_connection_run_at_once() {
    let world = World::start().await;
    let client = world.client();
    let mut asking = Vec::new();
    for turn in 0..24 {
        let client = client.clone();
        asking.push(tokio::spawn(async move {
            let text = format!("{} Number {turn}.", two_values());
            let reply = client.ask(Dialect::ChatGpt, Delivery::Streamed, &text).await;
            (text, reply.stream(Dialect::ChatGpt).text)
        }));
    }
    for task in asking {
        let (text, answer) = task.await.unwrap();
        assert!(answer.starts_with(&format!("You said: {text}")), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_in_absolute_form_passes_to_a_site_that_is_no_ai_site() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let head = crate::harness::client::read_head(&mut stream).await;
        let body = head.lines().next().unwrap_or_default().to_owned();
        let reply = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
        tokio::io::AsyncWriteExt::write_all(&mut stream, reply.as_bytes()).await.unwrap();
    });
    let resolve = vec![("plain.scrim-test.com:80".to_owned(), address)];
    let world = World::with(Plan::default(), Settings { resolve, ..Settings::default() }).await;
    let mut stream = tokio::net::TcpStream::connect(world.scrim.proxy).await.unwrap();
    let request =
        "GET http://plain.scrim-test.com/a?b=c HTTP/1.1\r\nHost: plain.scrim-test.com\r\nConnection: close\r\n\r\n";
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes()).await.unwrap();
    let mut text = String::new();
    let reading = tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut text);
    crate::harness::within("the answer", reading).await.unwrap();
    assert!(text.starts_with("HTTP/1.1 200") && text.contains("GET /a?b=c HTTP/1.1"), "{text}");
}
