//! WebSockets pass, and what is said on those of AI sites is masked on the way up and restored on the way down. The
//! tests speak OpenAI's realtime dialect, which has no other transport.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

use crate::harness::{
    readers::document,
    samples::{CLOUD_KEY, EMAIL, HARMLESS, key_lines, placeholders, private_key, two_values},
    within,
    world::World,
};

type Socket = WebSocketStream<TlsStream<TcpStream>>;

async fn open(world: &World) -> Socket {
    let tls = world.client().tls("api.openai.com:443", "api.openai.com", &[b"http/1.1"]).await.unwrap();
    let (socket, _) =
        within("the upgrade", client_async("wss://api.openai.com/v1/realtime?model=m", tls)).await.unwrap();
    socket
}

async fn say(socket: &mut Socket, text: &str) {
    let content = json!([{"type": "input_text", "text": text}]);
    let item = json!({"type": "message", "role": "user", "content": content});
    let message = json!({"type": "conversation.item.create", "item": item});
    socket.send(Message::text(message.to_string())).await.unwrap();
}

/// Text messages until the response is complete; `None` when the socket ends before.
async fn hear(socket: &mut Socket) -> Option<Vec<Value>> {
    let mut heard = Vec::new();
    loop {
        let message = within("a message", socket.next()).await?.ok()?;
        let Message::Text(text) = message else { continue };
        let value = document(text.as_bytes());
        let last = value["type"] == "response.completed";
        heard.push(value);
        if last {
            return Some(heard);
        }
    }
}

fn deltas(heard: &[Value]) -> String {
    let deltas = heard.iter().filter(|event| event["type"] == "response.output_text.delta");
    deltas.map(|event| event["delta"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_pass_both_ways() {
    let world = World::start().await;
    let mut socket = open(&world).await;
    for turn in 0..3 {
        let text = format!("{HARMLESS} ({turn})");
        say(&mut socket, &text).await;
        assert_eq!(deltas(&hear(&mut socket).await.expect("an answer")), format!("You said: {text}"));
    }
    assert_eq!(world.origin.frames().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn values_in_messages_are_masked_and_restored() {
    let world = World::start().await;
    let mut socket = open(&world).await;
    say(&mut socket, &two_values()).await;
    let heard = hear(&mut socket).await.expect("an answer");
    assert!(!world.origin.received(EMAIL) && !world.origin.received(CLOUD_KEY));
    assert_eq!(placeholders(&world.origin.frames()[0]).len(), 2);
    assert_eq!(deltas(&heard), format!("You said: {}", two_values()));
    let whole = &heard.last().unwrap()["response"]["output"][0]["content"][0]["text"];
    assert_eq!(*whole, format!("You said: {}", two_values()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_key_in_a_message_does_not_leave() {
    let world = World::start().await;
    let mut socket = open(&world).await;
    let key = private_key();
    say(&mut socket, &key).await;
    let _answered = within("an end or an error", socket.next()).await;
    for line in key_lines(&key) {
        assert!(!world.origin.received(&line));
    }
    assert_eq!(world.log().len(), 1, "{:?}", world.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_on_the_responses_socket_is_masked_and_told_of_a_refusal_in_its_own_dialect() {
    let world = World::start().await;
    let tls = world.client().tls("api.openai.com:443", "api.openai.com", &[b"http/1.1"]).await.unwrap();
    let upgrade = client_async("wss://api.openai.com/v1/responses", tls);
    let (mut socket, _) = within("the upgrade", upgrade).await.unwrap();
    let key = private_key();
    let message = json!({"type": "response.create", "model": "gpt-test", "input": key});
    socket.send(Message::text(message.to_string())).await.unwrap();
    let said = within("the error", socket.next()).await.unwrap().unwrap();
    let said = document(said.into_text().unwrap().as_bytes());
    assert_eq!((said["type"].as_str(), said["status"].as_u64()), (Some("error"), Some(400)), "{said}");
    assert!(said["error"]["message"].as_str().unwrap().contains("a private key"), "{said}");
    for line in key_lines(&key) {
        assert!(!world.origin.received(&line));
    }
}
