//! A server on loopback that follows a script: one request a connection, bytes as they are.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// A step of an answer.
pub(super) enum Say {
    Bytes(Vec<u8>),
    Wait(Duration),
    /// Waits until the client closes.
    UntilClosed,
}

impl Say {
    pub(super) fn bytes(text: &str) -> Self {
        Self::Bytes(text.as_bytes().to_vec())
    }
}

/// A whole JSON response.
pub(super) fn json_reply(status: u16, body: &str) -> Vec<Say> {
    let length = body.len();
    vec![Say::bytes(&format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    ))]
}

/// A stream of events that the connection's end ends.
pub(super) fn events(data: &[&str]) -> Vec<Say> {
    let mut script = vec![Say::bytes("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")];
    script.extend(data.iter().map(|data| Say::bytes(&format!("data: {data}\r\n\r\n"))));
    script
}

type Script = dyn Fn(&str, &serde_json::Value) -> Vec<Say> + Send + Sync;

pub(super) struct Server {
    port: u16,
    paths: Arc<Mutex<Vec<String>>>,
    closed: Arc<Notify>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub(super) fn start(script: impl Fn(&str, &serde_json::Value) -> Vec<Say> + Send + Sync + 'static) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let listener = TcpListener::from_std(listener).unwrap();
        let (paths, closed) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Notify::new()));
        let script: Arc<Script> = Arc::new(script);
        let (seen, notify) = (paths.clone(), closed.clone());
        let task = tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(socket, script.clone(), seen.clone(), notify.clone()));
            }
        });
        Self { port, paths, closed, task }
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Requests for this path so far.
    pub(super) fn count(&self, path: &str) -> usize {
        self.paths.lock().unwrap().iter().filter(|seen| *seen == path).count()
    }

    /// Returns when a client has closed a connection that waits for it.
    pub(super) async fn closed(&self) {
        tokio::time::timeout(Duration::from_secs(5), self.closed.notified()).await.unwrap();
    }
}

async fn serve(mut socket: TcpStream, script: Arc<Script>, seen: Arc<Mutex<Vec<String>>>, closed: Arc<Notify>) {
    let Some((path, body)) = request(&mut socket).await else { return };
    seen.lock().unwrap().push(path.clone());
    let body = serde_json::from_slice(&body).unwrap_or_default();
    for step in script(&path, &body) {
        match step {
            Say::Bytes(bytes) => {
                if socket.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            Say::Wait(time) => tokio::time::sleep(time).await,
            Say::UntilClosed => {
                let mut rest = [0; 64];
                while socket.read(&mut rest).await.is_ok_and(|n| n > 0) {}
                closed.notify_one();
            }
        }
    }
}

async fn request(socket: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let head = loop {
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        if let Some(end) = memchr::memmem::find(&bytes, b"\r\n\r\n") {
            break end + 4;
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).to_lowercase();
    let length: usize =
        text.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok()).unwrap_or(0);
    while bytes.len() < head + length {
        socket.read_buf(&mut bytes).await.ok()?;
    }
    let path = text.split(' ').nth(1)?.to_owned();
    Some((path, bytes[head..].to_vec()))
}
