//! Where nobody gets through Scrim: private addresses, its own ports, ports that are not the web's.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::harness::{origin::Plan, settings::Settings, within, world::World};

#[tokio::test(flavor = "multi_thread")]
async fn private_addresses_are_refused_with_the_way_to_allow_them() {
    let world = World::start().await;
    for authority in [
        "127.0.0.1:443",
        "localhost:443",
        "10.1.2.3:443",
        "192.168.0.1:443",
        "169.254.169.254:443",
        "0.0.0.0:443",
        "[::1]:443",
        "[::ffff:127.0.0.1]:443",
        "[fd00::1]:443",
        "100.64.0.1:443",
        "2130706433:443",
    ] {
        let refusal = world.client().tunnel(authority).await.expect_err(authority);
        assert!((400..600).contains(&refusal.status), "{authority}: {}", refusal.text);
    }
    let refusal = world.client().tunnel("10.1.2.3:443").await.unwrap_err();
    assert_eq!(refusal.status, 403, "{}", refusal.text);
    assert!(refusal.text.contains("allow_private"), "{}", refusal.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_range_that_is_allowed_can_be_reached_but_scrims_own_ports_cannot() {
    let proxy = "allow_private = [\"127.0.0.0/8\"]\nconnect_ports = [443, 1024]".to_owned();
    let world = World::with(Plan::default(), Settings { proxy, ..Settings::default() }).await;
    let gone = world.client().tunnel("127.0.0.1:443").await.unwrap_err();
    assert!(gone.status >= 500, "nobody listens there, but it may be tried: {}", gone.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn scrims_own_ports_are_refused_even_where_loopback_is_allowed() {
    // Every port may be named, so that nothing but the rule under test can refuse.
    let ports: Vec<String> = (30000..=65535).map(|port: u32| port.to_string()).collect();
    let proxy = format!("allow_private = [\"127.0.0.0/8\"]\nconnect_ports = [{}]", ports.join(","));
    let world = World::with(Plan::default(), Settings { proxy, ..Settings::default() }).await;
    for address in [world.scrim.proxy, world.scrim.console] {
        let refusal = world.client().tunnel(&address.to_string()).await.expect_err("an own port");
        assert_eq!(refusal.status, 403, "{}", refusal.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ports_that_are_not_the_webs_are_refused() {
    let world = World::start().await;
    for authority in ["plain.scrim-test.com:25", "chatgpt.com:22"] {
        let refusal = world.client().tunnel(authority).await.unwrap_err();
        assert_eq!(refusal.status, 403, "{authority}: {}", refusal.text);
        assert!(refusal.text.contains("connect_ports"), "{}", refusal.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_to_a_private_address_is_refused() {
    let world = World::start().await;
    for target in ["http://127.0.0.1:80/", "http://169.254.169.254/latest/meta-data/", "http://10.0.0.1:8080/"] {
        let mut stream = TcpStream::connect(world.scrim.proxy).await.unwrap();
        let host = target.trim_start_matches("http://").split('/').next().unwrap();
        let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut back = String::new();
        within("the refusal", stream.read_to_string(&mut back)).await.unwrap();
        assert!(back.starts_with("HTTP/1.1 403"), "{target}: {back}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_for_scrim_itself_says_what_this_port_is() {
    let world = World::start().await;
    let mut stream = TcpStream::connect(world.scrim.proxy).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut back = String::new();
    within("the answer", stream.read_to_string(&mut back)).await.unwrap();
    assert!(back.starts_with("HTTP/1.1 4"), "{back}");
    assert!(back.to_lowercase().contains("proxy"), "{back}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_says_that_scrim_is_well() {
    let world = World::start().await;
    let mut stream = TcpStream::connect(world.scrim.console).await.unwrap();
    let request = format!("GET /health HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", world.scrim.console);
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut back = String::new();
    within("the answer", stream.read_to_string(&mut back)).await.unwrap();
    assert!(back.starts_with("HTTP/1.1 200"), "{back}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_does_not_answer_to_a_foreign_name() {
    let world = World::start().await;
    let mut stream = TcpStream::connect(world.scrim.console).await.unwrap();
    stream.write_all(b"GET /log HTTP/1.1\r\nHost: attacker.scrim-test.com\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut back = String::new();
    within("the answer", stream.read_to_string(&mut back)).await.unwrap();
    assert!(!back.starts_with("HTTP/1.1 2"), "{back}");
}
