//! Stand-in sites: one server on loopback with real TLS that plays every host, answers as `answers` says, and keeps
//! every byte that reached it. Pages for browsers come from `tests/browser/pages`.

use std::{
    collections::HashMap,
    convert::Infallible,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use hyper::{
    Request, Response, StatusCode, Version,
    body::Incoming,
    header::{self, HeaderMap, HeaderValue},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc},
    task::JoinHandle,
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, handshake::derive_accept_key, protocol::Role},
};

use super::{
    answers::{self, Answer, Cuts},
    authority::{Authority, Validity},
    dialect::Dialect,
};

/// Hosts that the server has a certificate for.
pub(crate) const HOSTS: [&str; 7] = [
    "chatgpt.com",
    "ws.chatgpt.com",
    "claude.ai",
    "api.openai.com",
    "api.anthropic.com",
    "plain.scrim-test.com",
    "other.scrim-test.com",
];

/// A site that is no AI site.
pub(crate) const PLAIN: &str = "plain.scrim-test.com";

/// Protocols the server offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Offer {
    /// h2 and http/1.1.
    Both,
    /// http/1.1 alone.
    Http1,
    /// h2 alone.
    Http2,
}

/// How the bytes of an answer leave the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sending {
    /// Each event in random small frames.
    Cut,
    /// Each event in one frame.
    Events,
    /// Gzipped, whatever the client accepts.
    Gzipped,
}

/// What the server is like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) offer: Offer,
    pub(crate) sending: Sending,
    pub(crate) validity: Validity,
}

impl Default for Plan {
    fn default() -> Self {
        Self { offer: Offer::Both, sending: Sending::Cut, validity: Validity::Current }
    }
}

/// A request as it arrived, and what was answered.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) host: String,
    pub(crate) version: Version,
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// The answer's body as it left.
    pub(crate) answer: Vec<u8>,
}

impl Seen {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        super::readers::document(&self.body)
    }

    /// The person's text as the site reads it.
    pub(crate) fn asked(&self) -> String {
        let path = self.target.split('?').next().unwrap();
        Dialect::of(&self.host, path).expect("a prompt's path").asked(&self.json())
    }
}

/// Everything the server keeps.
#[derive(Default)]
struct Book {
    seen: Mutex<Vec<Seen>>,
    raw: Mutex<Vec<u8>>,
    frames: Mutex<Vec<String>>,
    conversations: Mutex<HashMap<String, String>>,
    n_requests: AtomicU64,
    n_connections: AtomicU64,
}

/// The running server.
pub(crate) struct Origin {
    address: SocketAddr,
    leaf: Vec<u8>,
    book: Arc<Book>,
    gate: Arc<Gate>,
    accepting: JoinHandle<()>,
}

/// Stops streams in the middle until a test lets them go on.
struct Gate {
    closed: std::sync::atomic::AtomicBool,
    permits: Semaphore,
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Origin {
    /// Starts a server.
    pub(crate) async fn start(authority: &Authority, plan: Plan) -> Self {
        let leaf = authority.leaf(&HOSTS, plan.validity);
        let certificate = leaf.certificate.to_vec();
        let mut tls = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![leaf.certificate, authority.der()], leaf.key)
            .unwrap();
        tls.alpn_protocols = match plan.offer {
            Offer::Both => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
            Offer::Http1 => vec![b"http/1.1".to_vec()],
            Offer::Http2 => vec![b"h2".to_vec()],
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let book = Arc::new(Book::default());
        let gate = Arc::new(Gate { closed: false.into(), permits: Semaphore::new(0) });
        let site = Site { plan, book: Arc::clone(&book), gate: Arc::clone(&gate) };
        let accepting = tokio::spawn(accept(listener, TlsAcceptor::from(Arc::new(tls)), site));
        Self { address, leaf: certificate, book, gate, accepting }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its own certificate, DER.
    pub(crate) fn leaf(&self) -> &[u8] {
        &self.leaf
    }

    /// Every request so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.book.seen.lock().unwrap().clone()
    }

    /// Prompts so far.
    pub(crate) fn prompts(&self) -> Vec<Seen> {
        let prompt = |seen: &Seen| Dialect::of(&seen.host, seen.target.split('?').next().unwrap()).is_some();
        self.seen().into_iter().filter(prompt).collect()
    }

    /// The one prompt that arrived.
    pub(crate) fn only_prompt(&self) -> Seen {
        let mut prompts = self.prompts();
        assert_eq!(prompts.len(), 1, "one prompt should have arrived");
        prompts.remove(0)
    }

    /// Text messages that arrived over websockets.
    pub(crate) fn frames(&self) -> Vec<String> {
        self.book.frames.lock().unwrap().clone()
    }

    /// TLS connections so far.
    pub(crate) fn n_connections(&self) -> u64 {
        self.book.n_connections.load(Ordering::SeqCst)
    }

    /// Whether these bytes arrived in any form: on the wire after TLS, in a header, a target or a body.
    pub(crate) fn received(&self, needle: &str) -> bool {
        let needle = needle.as_bytes();
        super::holds(&self.book.raw.lock().unwrap(), needle)
            || self.frames().iter().any(|frame| super::holds(frame.as_bytes(), needle))
            || self.seen().iter().any(|seen| {
                super::holds(seen.target.as_bytes(), needle)
                    || super::holds(&seen.body, needle)
                    || seen.headers.values().any(|value| super::holds(value.as_bytes(), needle))
            })
    }

    /// From here on streams stop in the middle.
    pub(crate) fn hold_streams(&self) {
        self.gate.closed.store(true, Ordering::SeqCst);
    }

    /// Lets one stopped stream go on.
    pub(crate) fn release_one(&self) {
        self.gate.permits.add_permits(1);
    }
}

/// What a connection needs to know.
#[derive(Clone)]
struct Site {
    plan: Plan,
    book: Arc<Book>,
    gate: Arc<Gate>,
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, site: Site) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, acceptor.clone(), site.clone()));
    }
}

/// One connection. Whatever goes wrong on it is the client's to report.
async fn serve(stream: TcpStream, acceptor: TlsAcceptor, site: Site) {
    stream.set_nodelay(true).unwrap();
    let Ok(tls) = acceptor.accept(stream).await else { return };
    site.book.n_connections.fetch_add(1, Ordering::SeqCst);
    let h2 = tls.get_ref().1.alpn_protocol() == Some(b"h2");
    let io = TokioIo::new(Recording { inner: tls, book: Arc::clone(&site.book) });
    let service = service_fn(move |request| answer(site.clone(), request));
    if h2 {
        let _closed =
            hyper::server::conn::http2::Builder::new(TokioExecutor::new()).serve_connection(io, service).await;
    } else {
        let _closed = hyper::server::conn::http1::Builder::new().serve_connection(io, service).with_upgrades().await;
    }
}

async fn answer(site: Site, mut request: Request<Incoming>) -> Result<Response<Pieces>, Infallible> {
    if request.headers().contains_key(header::UPGRADE) {
        return Ok(websocket(&site, &mut request));
    }
    let (head, body) = request.into_parts();
    let body = read_body(body).await;
    let host = head.uri.host().map(str::to_owned).or_else(|| named_host(&head.headers)).unwrap_or_default();
    let number = site.book.n_requests.fetch_add(1, Ordering::SeqCst);
    let seen = Seen {
        version: head.version,
        method: head.method.to_string(),
        target: head.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        headers: head.headers,
        host,
        body,
        answer: Vec::new(),
    };
    let reply = reply(&site, &seen, &mut Cuts::new(number + 1));
    let response = send(&site, &reply, &mut Cuts::new(number + 77));
    site.book.seen.lock().unwrap().push(Seen { answer: reply.pieces.concat(), ..seen });
    Ok(response)
}

fn named_host(headers: &HeaderMap) -> Option<String> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    Some(host.split(':').next()?.to_owned())
}

async fn read_body(mut body: Incoming) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Some(Ok(frame)) = body.frame().await {
        if let Some(data) = frame.data_ref() {
            bytes.extend_from_slice(data);
        }
    }
    bytes
}

/// What is answered to a request.
fn reply(site: &Site, seen: &Seen, cuts: &mut Cuts) -> Answer {
    let path = seen.target.split('?').next().unwrap();
    if let Some(dialect) = Dialect::of(&seen.host, path) {
        return match decoded(seen) {
            Some(body) => prompt(site, dialect, &body, cuts),
            None => {
                Answer { status: 200, content_type: "application/json", pieces: vec![b"{\"read\":false}".to_vec()] }
            }
        };
    }
    match (seen.host.as_str(), path) {
        ("chatgpt.com", "/backend-api/f/conversation/prepare") => {
            document(&json!({"status": "ok", "conduit_token": "conduit-1"}))
        }
        ("chatgpt.com", path) if path.starts_with("/backend-api/conversation/") => {
            let id = path.rsplit('/').next().unwrap();
            match site.book.conversations.lock().unwrap().get(id) {
                Some(asked) => answers::chatgpt_history(id, asked),
                None => Answer { status: 404, ..document(&json!({"detail": "Can't load conversation"})) },
            }
        }
        ("chatgpt.com", "/") => page("chatgpt.html"),
        ("claude.ai", "/" | "/new") => page("claude.html"),
        _ => document(&json!({"host": seen.host, "path": path, "n_bytes": seen.body.len(),
                              "said": String::from_utf8_lossy(&seen.body)})),
    }
}

fn prompt(site: &Site, dialect: Dialect, body: &Value, cuts: &mut Cuts) -> Answer {
    if dialect == Dialect::ChatGpt {
        let id = body["conversation_id"].as_str().unwrap_or(answers::CHATGPT_CONVERSATION);
        site.book.conversations.lock().unwrap().insert(id.to_owned(), dialect.asked(body));
    }
    answers::answer(dialect, body, cuts)
}

/// The body as JSON, after its content-encoding.
fn decoded(seen: &Seen) -> Option<Value> {
    let coding = seen.headers.get(header::CONTENT_ENCODING).and_then(|value| value.to_str().ok());
    serde_json::from_slice(&decode(coding, &seen.body)?).ok()
}

/// Undoes a content-encoding.
pub(crate) fn decode(coding: Option<&str>, body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    match coding {
        None | Some("identity") => out.extend_from_slice(body),
        Some("gzip") => drop(io::Read::read_to_end(&mut flate2::read::GzDecoder::new(body), &mut out).ok()?),
        Some("zstd") => out = zstd::decode_all(body).ok()?,
        Some("br") => brotli::BrotliDecompress(&mut &*body, &mut out).ok()?,
        Some(_) => return None,
    }
    Some(out)
}

/// Does a content-encoding.
pub(crate) fn encode(coding: &str, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    match coding {
        "gzip" => {
            let mut writer = flate2::write::GzEncoder::new(&mut out, flate2::Compression::default());
            io::Write::write_all(&mut writer, body).unwrap();
            writer.finish().unwrap();
        }
        "zstd" => out = zstd::encode_all(body, 3).unwrap(),
        "br" => {
            let mut writer = brotli::CompressorWriter::new(&mut out, 4096, 5, 20);
            io::Write::write_all(&mut writer, body).unwrap();
        }
        other => panic!("no coding `{other}`"),
    }
    out
}

fn document(value: &Value) -> Answer {
    Answer { status: 200, content_type: "application/json", pieces: vec![value.to_string().into_bytes()] }
}

fn page(name: &str) -> Answer {
    let path = format!("{}/tests/browser/pages/{name}", env!("CARGO_MANIFEST_DIR"));
    let html = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    Answer { status: 200, content_type: "text/html; charset=utf-8", pieces: vec![html] }
}

/// Sends an answer as the plan says, stopping in the middle of a stream while the gate is closed.
fn send(site: &Site, reply: &Answer, cuts: &mut Cuts) -> Response<Pieces> {
    let stream = reply.content_type.starts_with("text/event-stream");
    let whole = reply.pieces.concat();
    let mut response = Response::new(Pieces::empty());
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(reply.content_type));
    let frames = match site.plan.sending {
        Sending::Cut if stream => cuts.bytes(&whole, 48),
        Sending::Cut | Sending::Events => reply.pieces.clone(),
        Sending::Gzipped => {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            let packed = encode("gzip", &whole);
            if stream { cuts.bytes(&packed, 48) } else { vec![packed] }
        }
    };
    if !stream {
        let length = frames.iter().map(Vec::len).sum::<usize>();
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    let hold = stream && site.gate.closed.load(Ordering::SeqCst);
    *response.body_mut() = Pieces::sending(frames, hold.then(|| Arc::clone(&site.gate)));
    response
}

/// A body that is sent frame by frame.
pub(crate) struct Pieces(mpsc::Receiver<Bytes>);

impl Pieces {
    fn empty() -> Self {
        Self(mpsc::channel(1).1)
    }

    fn sending(frames: Vec<Vec<u8>>, gate: Option<Arc<Gate>>) -> Self {
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(async move {
            let middle = frames.len() / 2;
            for (number, frame) in frames.into_iter().enumerate() {
                if let Some(gate) = gate.as_ref().filter(|_| number == middle) {
                    gate.permits.acquire().await.unwrap().forget();
                }
                if sender.send(Bytes::from(frame)).await.is_err() {
                    return;
                }
                tokio::task::yield_now().await;
            }
        });
        Self(receiver)
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}

/// Accepts a websocket and says every message back as the realtime API does.
fn websocket(site: &Site, request: &mut Request<Incoming>) -> Response<Pieces> {
    let mut response = Response::new(Pieces::empty());
    let Some(key) = request.headers().get(header::SEC_WEBSOCKET_KEY) else {
        *response.status_mut() = StatusCode::BAD_REQUEST;
        return response;
    };
    let accept = HeaderValue::from_str(&derive_accept_key(key.as_bytes())).unwrap();
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    response.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    response.headers_mut().insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    let upgrade = hyper::upgrade::on(request);
    let book = Arc::clone(&site.book);
    tokio::spawn(async move {
        if let Ok(upgraded) = upgrade.await {
            converse(TokioIo::new(upgraded), &book).await;
        }
    });
    response
}

async fn converse(io: impl AsyncRead + AsyncWrite + Unpin, book: &Book) {
    let mut socket = WebSocketStream::from_raw_socket(io, Role::Server, None).await;
    let mut cuts = Cuts::new(5);
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else { continue };
        book.frames.lock().unwrap().push(text.to_string());
        for said in answer_message(&text, &mut cuts) {
            if socket.send(Message::text(said)).await.is_err() {
                return;
            }
        }
    }
}

/// What is said to a message: on chatgpt.com's socket a turn in its frame, else the events of a response.
fn answer_message(text: &str, cuts: &mut Cuts) -> Vec<String> {
    let message: Value = serde_json::from_str(text).unwrap_or_default();
    if let Some(echo) = message[0]["echo"].as_str() {
        return vec![answers::chatgpt_message(echo).to_string()];
    }
    let item = message["item"]["content"][0]["text"].as_str().map(str::to_owned);
    let asked = item.unwrap_or_else(|| Dialect::OpenAiResponses.asked(&message));
    let answer = answers::answer(Dialect::OpenAiResponses, &json!({"stream": true, "input": asked}), cuts);
    super::readers::events(&answer.pieces.concat()).into_iter().map(|event| event.data).collect()
}

/// A stream that keeps a copy of what it reads.
struct Recording<S> {
    inner: S,
    book: Arc<Book>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Recording<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(context, buffer);
        let (_, new) = buffer.filled().split_at(before);
        self.book.raw.lock().unwrap().extend_from_slice(new);
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Recording<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}
