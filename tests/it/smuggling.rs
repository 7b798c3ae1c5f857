//! Requests that two readers could take differently never reach a site, and slow clients hold nothing.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::harness::{origin::Plan, settings::Settings, within, world::World};

/// Sends bytes on an intercepted connection and returns what came back until its end.
async fn exchange(world: &World, bytes: &str) -> String {
    let mut tls = world.client().tls("api.openai.com:443", "api.openai.com", &[b"http/1.1"]).await.unwrap();
    // A connection may be closed before all has been sent: that is a refusal too.
    let _sent = tls.write_all(bytes.as_bytes()).await;
    let mut back = Vec::new();
    // A connection that ends without TLS's own farewell is as good an end as any here.
    let _ended = within("the end of the connection", tls.read_to_end(&mut back)).await;
    String::from_utf8_lossy(&back).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_of_two_meanings_are_refused() {
    let world = World::start().await;
    let second = "GET /smuggled HTTP/1.1\r\nHost: api.openai.com\r\n\r\n";
    let cases = [
        ("both lengths", format!("POST /v1/chat/completions HTTP/1.1\r\nHost: api.openai.com\r\nContent-Length: {}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{second}", 5 + second.len())),
        ("two lengths that differ", format!("POST /v1/x HTTP/1.1\r\nHost: api.openai.com\r\nContent-Length: 3\r\nContent-Length: 0\r\n\r\n{second}")),
        ("two equal lengths", "POST /v1/x HTTP/1.1\r\nHost: api.openai.com\r\nContent-Length: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned()),
        ("a coding before chunked", "POST /v1/x HTTP/1.1\r\nHost: api.openai.com\r\nTransfer-Encoding: gzip, chunked\r\nConnection: close\r\n\r\n0\r\n\r\n".to_owned()),
        ("two hosts", "GET /v1/x HTTP/1.1\r\nHost: api.openai.com\r\nHost: other.scrim-test.com\r\nConnection: close\r\n\r\n".to_owned()),
        ("no host", "GET /v1/x HTTP/1.1\r\nConnection: close\r\n\r\n".to_owned()),
        ("another host in the target", "GET https://claude.ai/v1/x HTTP/1.1\r\nHost: api.openai.com\r\nConnection: close\r\n\r\n".to_owned()),
        ("a host that is not the server's name", "GET /v1/x HTTP/1.1\r\nHost: plain.scrim-test.com\r\nConnection: close\r\n\r\n".to_owned()),
        ("white space before the colon", "GET /v1/x HTTP/1.1\r\nHost : api.openai.com\r\nConnection: close\r\n\r\n".to_owned()),
    ];
    for (what, bytes) in cases {
        let back = exchange(&world, &bytes).await;
        assert!(!back.starts_with("HTTP/1.1 2"), "{what}: {back}");
        assert!(world.origin.seen().is_empty(), "{what}: reached the site as {:?}", world.origin.seen());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_comes_too_slowly_is_cut_off() {
    let limits = "header_secs = 1".to_owned();
    let world = World::with(Plan::default(), Settings { limits, ..Settings::default() }).await;
    // Inside TLS: half a head, then nothing.
    exchange(&world, "POST /v1/chat/completions HTTP/1.1\r\nHost: api.open").await;
    // Before CONNECT: the same towards the proxy itself.
    let mut stream = tokio::net::TcpStream::connect(world.scrim.proxy).await.unwrap();
    stream.write_all(b"CONNECT chatgpt.com:443 HTTP/1.1\r\nHo").await.unwrap();
    let mut back = Vec::new();
    let _ended = within("the end of a slow client", stream.read_to_end(&mut back)).await;
    assert!(world.origin.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_never_comes_is_cut_off() {
    let limits = "body_secs = 1".to_owned();
    let world = World::with(Plan::default(), Settings { limits, ..Settings::default() }).await;
    let head = "POST /v1/chat/completions HTTP/1.1\r\nHost: api.openai.com\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{\"model\":";
    let back = exchange(&world, head).await;
    assert!(!back.starts_with("HTTP/1.1 2"), "{back}");
    assert!(world.origin.prompts().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_over_the_limit_is_refused() {
    let world = World::start().await;
    let cookie = "c=".to_owned() + &"x".repeat(200 * 1024);
    let bytes = format!("GET /v1/x HTTP/1.1\r\nHost: api.openai.com\r\nCookie: {cookie}\r\n\r\n");
    let back = exchange(&world, &bytes).await;
    assert!(!back.starts_with("HTTP/1.1 2"), "{back}");
    assert!(world.origin.seen().is_empty());
}
