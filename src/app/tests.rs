//! A whole instance in this process: console and control socket answer, a wrong reload changes nothing, nothing is left.

use std::path::Path;

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UnixListener, UnixStream},
};

use super::*;

struct Running {
    app: App,
    state: StateFolder,
    _folder: tempfile::TempDir,
}

/// An instance on ports of its own, with this configuration.
async fn start(text: &str) -> Running {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scrim.toml");
    std::fs::write(&file, format!("{PORTS}{text}")).unwrap();
    let state = StateFolder::open(&folder.path().join("state")).unwrap();
    let app = App::start(Config::load(Some(&file)).unwrap(), state.clone()).await.unwrap();
    Running { app, state, _folder: folder }
}

const PORTS: &str =
    "[proxy]\nlisten = \"127.0.0.1:0\"\n[console]\nlisten = \"127.0.0.1:0\"\n[local]\nautodetect = false\n";

async fn ask<S: AsyncReadExt + AsyncWriteExt + Unpin>(mut stream: S, method: &str, path: &str, host: &str) -> String {
    let request = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

impl Running {
    async fn console(&self, path: &str) -> String {
        let console = self.app.instance().console;
        ask(TcpStream::connect(console).await.unwrap(), "GET", path, &console.to_string()).await
    }

    async fn control(&self, method: &str, path: &str) -> (String, Value) {
        let stream = UnixStream::connect(self.state.control_socket()).await.unwrap();
        let answer = ask(stream, method, path, "scrim").await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.lines().next().unwrap().to_owned(), serde_json::from_str(body).unwrap_or(Value::Null))
    }

    fn configure(&self, text: &str) {
        std::fs::write(self.app.instance().config_file.as_ref().unwrap(), format!("{PORTS}{text}")).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_answers_on_both_sides_and_leaves_in_order() {
    let running = start("").await;
    let health = running.console("/health").await;
    assert!(health.starts_with("HTTP/1.1 200") && health.contains("\"status\":\"ok\""), "{health}");
    assert!(running.console("/proxy.pac").await.contains("\"chatgpt.com\": 1"));
    assert!(running.console("/ca.pem").await.contains("BEGIN CERTIFICATE"));
    assert!(running.console("/metrics").await.contains("scrim_build_info{version="));
    let page = running.console("/me").await;
    assert!(page.contains("default-src 'none'") && page.contains("Nothing was hidden"), "{page}");

    let (_, status) = running.control("GET", "/status").await;
    assert_eq!(status.get("proxy"), Some(&Value::from(running.app.instance().proxy.to_string())));
    let (_, events) = running.control("GET", "/log?limit=5").await;
    assert_eq!(events.pointer("/events/0/kind"), Some(&Value::from("start")));
    let (_, report) = running.control("GET", "/log/verify").await;
    assert_eq!(report.get("sound"), Some(&Value::from(true)));

    let Running { app, state, _folder } = running;
    app.drain().await;
    assert!(!state.control_socket().exists());
    let last = audit::Reader::open(state.path()).unwrap().list(&audit::Filter::default()).unwrap();
    assert_eq!(last.first().and_then(|entry| entry.event.as_ref()).map(|event| event.kind), Some(Kind::Stop));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_answers_under_its_own_name_only() {
    let running = start("").await;
    let console = running.app.instance().console;
    for path in ["/health", "/me", "/ca.pem"] {
        let foreign = ask(TcpStream::connect(console).await.unwrap(), "GET", path, "rebound.example:8878").await;
        assert!(foreign.starts_with("HTTP/1.1 421"), "{foreign}");
    }
    let changing = ask(TcpStream::connect(console).await.unwrap(), "POST", "/reload", &console.to_string()).await;
    assert!(changing.starts_with("HTTP/1.1 404"), "{changing}");
    running.app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_configuration_changes_nothing_and_is_told_with_its_place() {
    let running = start("").await;
    running.configure("[detect]\nmin_confidence = 7\n");
    let (status, told) = running.control("POST", "/reload").await;
    assert!(status.contains("422"), "{status}");
    let words = told.get("error").and_then(Value::as_str).unwrap().to_owned();
    assert!(words.contains("scrim.toml:8:18"), "{words}");
    assert_eq!(running.app.instance().inspector().settings.min_confidence.to_string(), "0.5");

    running.configure("[detect]\nmin_confidence = 0.75\n");
    let (status, _) = running.control("POST", "/reload").await;
    assert!(status.contains("200"), "{status}");
    assert_eq!(running.app.instance().inspector().settings.min_confidence.to_string(), "0.75");
    running.app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_has_one_instance_and_a_dead_ones_socket_is_replaced() {
    let running = start("").await;
    let mut config = Config::default();
    config.proxy.listen = "127.0.0.1:0".parse().unwrap();
    config.console.listen = config.proxy.listen;
    let second = App::start(config.clone(), running.state.clone()).await;
    assert!(matches!(second, Err(AppError::Running { .. })));
    let Running { app, state, _folder } = running;
    app.drain().await;

    // A socket that a killed instance left behind.
    drop(UnixListener::bind(state.control_socket()).unwrap());
    let third = App::start(config, state).await.unwrap();
    third.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_is_counted_while_it_lasts_and_does_not_keep_an_instance_from_leaving() {
    let running = start("").await;
    let mut held = UnixStream::connect(running.state.control_socket()).await.unwrap();
    held.write_all(b"GET /hold HTTP/1.1\r\nhost: scrim\r\n\r\n").await.unwrap();
    let mut head = [0; 12];
    held.read_exact(&mut head).await.unwrap();
    let holds = &running.app.instance().holds;
    assert_eq!(holds.number(), 1);
    drop(held);
    tokio::time::timeout(Duration::from_secs(5), holds.none()).await.unwrap();

    let mut held = UnixStream::connect(running.state.control_socket()).await.unwrap();
    held.write_all(b"GET /hold HTTP/1.1\r\nhost: scrim\r\n\r\n").await.unwrap();
    held.read_exact(&mut head).await.unwrap();
    let Running { app, .. } = running;
    tokio::time::timeout(Duration::from_secs(4), app.drain()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_taken_leaves_nothing_behind() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let state = StateFolder::open(folder.path()).unwrap();
    let mut config = Config::default();
    config.proxy.listen = taken.local_addr().unwrap();
    config.console.listen = "127.0.0.1:0".parse().unwrap();
    let told = App::start(config, state.clone()).await.err().unwrap().to_string();
    assert!(told.contains("address already in use") && told.contains("[proxy] listen"), "{told}");
    assert!(!Path::new(&state.control_socket()).exists());
}
