//! Bounds: whoever goes over one is refused, and everybody else is served.

use tokio::{io::AsyncReadExt, net::TcpStream};

use crate::harness::{
    client::Http,
    dialect::{Delivery, Dialect},
    origin::Plan,
    samples::{HARMLESS, two_values},
    settings::Settings,
    within,
    world::World,
};

#[tokio::test(flavor = "multi_thread")]
async fn one_client_does_not_take_all_connections() {
    let limits = "connections_per_client = 4".to_owned();
    let world = World::with(Plan::default(), Settings { limits, ..Settings::default() }).await;
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(world.client().tunnel("chatgpt.com:443").await.unwrap());
    }
    let mut fifth = TcpStream::connect(world.scrim.proxy).await.unwrap();
    let mut back = Vec::new();
    let _ended = within("the end of the fifth connection", fifth.read_to_end(&mut back)).await;
    assert!(!back.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&back));
    drop(held);
    let mut served = false;
    for _ in 0..100 {
        served = world.client().try_open("api.openai.com", Http::One).await.is_ok();
        if served {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(served, "the places are free again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_prompt_is_masked_wherever_the_value_stands() {
    let world = World::start().await;
    for n_before in [1_000, 100_000] {
        let text = format!("{}{} {}", "word ".repeat(n_before), two_values(), "end ".repeat(1_000));
        let reply = world.client().ask(Dialect::OpenAiChat, Delivery::Whole, &text).await;
        let reading = reply.reading(Dialect::OpenAiChat, Delivery::Whole);
        assert!(reading.text == format!("You said: {text}"), "the long answer differs");
        assert!(!world.origin.received(&two_values()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_of_many_megabytes_to_another_endpoint_passes() {
    let world = World::start().await;
    let mut connection = world.client().open("chatgpt.com", Http::Two).await;
    let body = serde_json::json!({"note": HARMLESS.repeat(50_000)}).to_string().into_bytes();
    let n_bytes = body.len();
    let reply = connection.post("/backend-api/some-endpoint", &[], body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.json()["n_bytes"], n_bytes);
}
