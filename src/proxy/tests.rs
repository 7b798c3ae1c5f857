//! The proxy as a whole, through real sockets: a client, Scrim with everything built in, and stand-in sites whose CA is
//! made for the run. The program itself is tested in `tests/it`.

mod harness;
mod model;

use std::time::Duration;

use hyper::Version;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::wire::websocket::Role;
use harness::{Ask, Site, World};

const CHAT: &str = r#"{"model":"m","messages":[{"role":"user","content":"Write to anna.schmidt@corp-mail.de today"}]}"#;

fn chat(body: &str) -> Ask {
    Ask::post("/v1/chat/completions", body)
}

#[tokio::test]
async fn a_host_that_is_no_site_is_tunnelled_unseen() {
    let world = World::start(&[]).await;
    let mut tunnel = world.connect("files.test:443").await;
    tunnel.write_all(b"hello").await.unwrap();
    let mut echoed = [0; 5];
    tunnel.read_exact(&mut echoed).await.unwrap();
    assert_eq!(&echoed, b"hello");
    drop(tunnel);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(world.services.counters.tunnels.get(), 1);
}

#[tokio::test]
async fn a_prompt_reaches_the_site_masked_and_its_answer_comes_back_restored() {
    for (client, site) in [(false, false), (true, true), (true, false), (false, true)] {
        let world = World::start(&[Site::speaking("api.openai.com", site)]).await;
        let answer = world.ask("api.openai.com", client, chat(CHAT)).await;
        assert_eq!(answer.status, 200, "client h2 {client}, site h2 {site}: {}", answer.text());
        let seen = world.seen();
        assert!(!seen.contains("anna.schmidt") && seen.contains("EMAIL_"), "h2 {client}/{site}: {seen}");
        assert!(answer.text().contains("anna.schmidt@corp-mail.de"), "h2 {client}/{site}: {}", answer.text());
        assert_eq!(answer.headers["x-scrim-verdict"], "mask");
        assert!(!answer.headers.contains_key("alt-svc"));
        let expected = if client && site { Version::HTTP_2 } else { Version::HTTP_11 };
        assert_eq!(answer.version, expected, "h2 is promised only where the site speaks it");
    }
}

/// In two pieces, so that scanners of repositories do not take it for a real one.
const SECRET: &str = concat!(
    r#"{"model":"m","stream":true,"messages":[{"role":"user","content":"Why does my login fail? token = ghp"#,
    r#"_Zx7Qm2Vt9Lk4Rw8Yb1Nc6Hd3Fg5Js0Pa2Eu7"}]}"#
);

#[tokio::test]
async fn a_secret_is_answered_by_the_companys_own_model() {
    let model = model::start().await;
    let world = World::with_model(&[Site::speaking("api.openai.com", false)], Some(model)).await;
    let answer = world.ask("api.openai.com", false, chat(SECRET)).await;
    assert_eq!(answer.status, 200, "{:?}: {}", world.services.local.status(), answer.text());
    assert_eq!(answer.headers["x-scrim-verdict"], "reroute", "{}", answer.text());
    let text = answer.text();
    assert!(text.contains("Answered ") && text.contains("at home.") && text.contains("house-model"), "{text}");
    assert!(text.trim_end().ends_with("data: [DONE]"), "{text}");
    assert_eq!(world.seen(), "", "nothing went upstream");
}

#[tokio::test]
async fn without_a_model_a_secret_is_refused_in_the_sites_own_shape_and_recorded() {
    let world = World::start(&[Site::speaking("api.openai.com", false)]).await;
    let answer = world.ask("api.openai.com", false, chat(SECRET)).await;
    assert_eq!(answer.headers["x-scrim-verdict"], "block", "{}", answer.text());
    assert!(answer.text().contains("Scrim"), "{}", answer.text());
    assert_eq!(world.seen(), "");
    let events = world.services.audit.list(crate::audit::Filter::default()).await.unwrap();
    let text = format!("{events:?}");
    assert!(text.contains("Block") && !text.contains("Zx7Qm2Vt9Lk4"), "{text}");
}

#[tokio::test]
async fn an_untouched_prompt_arrives_bit_for_bit() {
    let world = World::start(&[Site::speaking("api.openai.com", false)]).await;
    let body = "{ \"model\":\"m\",\n\t\"messages\":[{\"role\":\"user\",\"content\":\"\\u0048ello\"}], \"n\": 1.0e0 }";
    let answer = world.ask("api.openai.com", false, chat(body)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(world.seen(), body);
}

#[tokio::test]
async fn proxy_credentials_never_reach_the_site() {
    let world = World::start(&[Site::speaking("api.openai.com", false)]).await;
    let ask =
        chat("{}").with("proxy-authorization", "Basic eDp5").with("connection", "keep-alive, x-hop").with("x-hop", "1");
    world.ask("api.openai.com", false, ask).await;
    let headers = world.seen_headers();
    assert!(
        !headers.contains("proxy-") && !headers.contains("x-hop") && headers.contains("host: api.openai.com"),
        "{headers}"
    );
}

#[tokio::test]
async fn a_site_named_only_in_the_tls_hello_is_intercepted_all_the_same() {
    let world = World::start(&[Site::speaking("api.openai.com", false)]).await;
    let tunnel = world.connect("files.test:443").await;
    let answer = world.ask_over(tunnel, "api.openai.com", false, chat(CHAT)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(world.seen().contains("EMAIL_"));
}

#[tokio::test]
async fn what_is_not_tls_inside_a_connect_to_a_site_is_closed() {
    let world = World::start(&[Site::speaking("api.openai.com", false)]).await;
    let mut tunnel = world.connect("api.openai.com:443").await;
    tunnel.write_all(b"POST / HTTP/1.1\r\nHost: api.openai.com\r\n\r\n").await.unwrap();
    let mut rest = Vec::new();
    let _closed = tunnel.read_to_end(&mut rest).await;
    assert!(rest.is_empty());
    assert_eq!(world.services.counters.not_tls.get(), 1);
}

#[tokio::test]
async fn another_host_on_the_same_connection_is_misdirected() {
    let world = World::start(&[Site::speaking("api.openai.com", false)]).await;
    let answer = world.ask("api.openai.com", false, chat("{}").with("host", "api.anthropic.com")).await;
    assert_eq!(answer.status, 421, "{}", answer.text());
    assert_eq!(world.seen(), "");
}

#[tokio::test]
async fn ambiguous_framing_is_refused_and_the_connection_closed() {
    for head in [
        "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 2\r\nContent-Length: 2\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
    ] {
        let world = World::start(&[Site::speaking("api.openai.com", false)]).await;
        let mut stream = world.tls("api.openai.com", false).await;
        let request = format!("POST /v1/chat/completions HTTP/1.1\r\nHost: api.openai.com\r\n{head}\r\n{{}}");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _closed = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with("HTTP/1.1 400"), "{head}: {answer}");
        assert_eq!(world.seen(), "");
    }
}

#[tokio::test]
async fn a_site_that_cannot_be_verified_gets_nothing_and_the_client_is_told_why() {
    let world = World::start(&[Site::untrusted("api.openai.com")]).await;
    let answer = world.ask("api.openai.com", false, chat(CHAT)).await;
    assert_eq!(answer.status, 502);
    assert!(answer.text().contains("an authority that this machine does not trust"), "{}", answer.text());
    assert_eq!(world.seen(), "");
}

#[tokio::test]
async fn private_targets_and_foreign_ports_are_refused_at_connect() {
    let world = World::start(&[]).await;
    for target in ["127.0.0.1:443", "2130706433:443", "[::1]:443", "169.254.169.254:443", "files.test:25"] {
        let refused = world.try_connect(target).await;
        assert!(refused.starts_with("HTTP/1.1 403"), "{target}: {refused}");
    }
}

#[tokio::test]
async fn websocket_messages_are_masked_on_the_way_out() {
    let world = World::start(&[Site::speaking("chatgpt.com", true)]).await;
    let mut socket = world.tls("chatgpt.com", false).await;
    let upgrade = "GET /socket HTTP/1.1\r\nHost: chatgpt.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
    socket.write_all(upgrade.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    assert!(head.starts_with("HTTP/1.1 101") && !head.contains("permessage-deflate"), "{head}");
    harness::say(&mut socket, r#"{"text":"Write to anna.schmidt@corp-mail.de today"}"#, Some([1, 2, 3, 4])).await;
    let back = harness::hear(&mut socket, Role::Server).await.unwrap();
    assert!(world.seen().contains("EMAIL_") && !world.seen().contains("anna.schmidt"), "{}", world.seen());
    assert!(back.contains("anna.schmidt@corp-mail.de"), "{back}");
}

#[tokio::test]
async fn a_cleartext_request_to_a_site_is_inspected_too() {
    let world = World::start(&[]).await;
    let mut socket = world.plain().await;
    let body = CHAT;
    let request = format!(
        "POST http://api.openai.com/v1/chat/completions HTTP/1.1\r\nHost: api.openai.com\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("x-scrim-verdict: mask"), "{answer}");
    assert!(world.seen().contains("EMAIL_"), "{}", world.seen());
}

#[tokio::test]
async fn a_drain_waits_for_open_connections_and_no_longer_than_it_may() {
    let world = World::start(&[]).await;
    let _tunnel = world.connect("files.test:443").await;
    let left = world.stop().await;
    assert_eq!(left, 1, "the limit was one second and the tunnel stayed open");
}
