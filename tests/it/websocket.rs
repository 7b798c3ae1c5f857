//! WebSockets pass, and what is said on those of AI sites is masked on the way up and restored on the way down.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        Message,
        protocol::frame::{
            Frame,
            coding::{Data, OpCode},
        },
    },
};

use crate::harness::{
    dialect::{Delivery, Dialect},
    readers::document,
    samples::{CLOUD_KEY, EMAIL, HARMLESS, key_lines, placeholders, private_key, two_values},
    within,
    world::World,
};

type Socket = WebSocketStream<TlsStream<TcpStream>>;

/// A message that asks for something, from a text.
type Asking = fn(&str) -> Value;

/// Endpoints that speak over websockets, each with its way of asking.
const ENDPOINTS: [(&str, Asking); 2] =
    [("/v1/responses", response_create), ("/v1/realtime?model=m", conversation_item)];

fn response_create(text: &str) -> Value {
    json!({"type": "response.create", "model": "gpt-test", "input": text})
}

fn conversation_item(text: &str) -> Value {
    let content = json!([{"type": "input_text", "text": text}]);
    json!({"type": "conversation.item.create", "item": {"type": "message", "role": "user", "content": content}})
}

async fn open(world: &World, path: &str) -> Socket {
    let tls = world.client().tls("api.openai.com:443", "api.openai.com", &[b"http/1.1"]).await.unwrap();
    let (socket, _) = within("the upgrade", client_async(format!("wss://api.openai.com{path}"), tls)).await.unwrap();
    socket
}

async fn say(socket: &mut Socket, message: &Value) {
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
    for (path, message) in ENDPOINTS {
        let mut socket = open(&world, path).await;
        for turn in 0..3 {
            let text = format!("{HARMLESS} ({turn})");
            say(&mut socket, &message(&text)).await;
            assert_eq!(deltas(&hear(&mut socket).await.expect("an answer")), format!("You said: {text}"), "{path}");
            assert_eq!(world.origin.frames().pop().unwrap(), message(&text).to_string(), "{path}");
        }
    }
    assert_eq!(world.origin.frames().len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn values_in_messages_are_masked_and_restored() {
    let world = World::start().await;
    for (path, message) in ENDPOINTS {
        let mut socket = open(&world, path).await;
        say(&mut socket, &message(&two_values())).await;
        let heard = hear(&mut socket).await.expect("an answer");
        assert!(!world.origin.received(EMAIL) && !world.origin.received(CLOUD_KEY), "{path}");
        assert_eq!(placeholders(&world.origin.frames().pop().unwrap()).len(), 2, "{path}");
        assert_eq!(deltas(&heard), format!("You said: {}", two_values()), "{path}");
        let whole = &heard.last().unwrap()["response"]["output"][0]["content"][0]["text"];
        assert_eq!(*whole, format!("You said: {}", two_values()), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_key_in_a_message_does_not_leave() {
    let world = World::start().await;
    for (path, message) in ENDPOINTS {
        let mut socket = open(&world, path).await;
        let key = private_key();
        say(&mut socket, &message(&key)).await;
        let _answered = within("an end or an error", socket.next()).await;
        for line in key_lines(&key) {
            assert!(!world.origin.received(&line), "{path}");
        }
    }
    assert_eq!(world.log().len(), ENDPOINTS.len(), "{:?}", world.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_in_several_frames_is_read_as_one() {
    let world = World::start().await;
    let mut socket = open(&world, "/v1/responses").await;
    let message = response_create(&two_values()).to_string();
    let (first, second) = message.split_at(message.find(EMAIL).unwrap() + 9);
    let part = |text: &str, code, last| Message::Frame(Frame::message(text.to_owned(), OpCode::Data(code), last));
    socket.send(part(first, Data::Text, false)).await.unwrap();
    socket.send(part(second, Data::Continue, true)).await.unwrap();
    assert_eq!(deltas(&hear(&mut socket).await.expect("an answer")), format!("You said: {}", two_values()));
    assert!(!world.origin.received(EMAIL));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_of_a_page_is_restored_inside_its_events() {
    let world = World::start().await;
    world.client().ask(Dialect::ChatGpt, Delivery::Streamed, &two_values()).await;
    let tls = world.client().tls("ws.chatgpt.com:443", "ws.chatgpt.com", &[b"http/1.1"]).await.unwrap();
    let (mut socket, _) = within("the upgrade", client_async("wss://ws.chatgpt.com/p/ws/user/u", tls)).await.unwrap();
    let names = placeholders(&world.origin.only_prompt().asked());
    // The stand-in says back what stands in `echo`, framed as the page's socket frames a turn.
    say(&mut socket, &json!([{"type": "subscribe", "echo": format!("{} and {}", names[0], names[1])}])).await;
    let Some(Ok(Message::Text(text))) = within("a message", socket.next()).await else { panic!("no message") };
    let item = document(text.as_bytes())[0]["payload"]["payload"]["encoded_item"].as_str().unwrap().to_owned();
    assert!(item.contains(EMAIL) && item.contains(CLOUD_KEY), "{item}");
    assert!(item.starts_with("event: delta\ndata: {") && item.ends_with("\n\n"), "{item}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_is_told_of_a_refusal_in_the_words_of_its_socket() {
    let world = World::start().await;
    let mut socket = open(&world, "/v1/responses").await;
    let key = private_key();
    socket.send(Message::text(response_create(&key).to_string())).await.unwrap();
    let said = within("the error", socket.next()).await.unwrap().unwrap();
    let said = document(said.into_text().unwrap().as_bytes());
    assert_eq!((said["type"].as_str(), said["status"].as_u64()), (Some("error"), Some(400)), "{said}");
    assert!(said["error"]["message"].as_str().unwrap().contains("a private key"), "{said}");
    for line in key_lines(&key) {
        assert!(!world.origin.received(&line));
    }
}
