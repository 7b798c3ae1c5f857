//! One Scrim, its client and its sites.

use std::{
    convert::Infallible,
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{HeaderMap, Request, Response, Version, body::Incoming, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};
use tokio_rustls::{TlsAcceptor, TlsConnector, client::TlsStream};

use crate::{
    audit,
    config::{self, Config},
    detect::Detector,
    inspect::{Inspector, Settings},
    local::Local,
    policy::Policies,
    proxy::{Parts, Services, serve},
    site::Catalogue,
    store::clock::Clock,
    tls::{Authority, Offer},
    vault::{self, Vault},
    wire::{
        Limits,
        websocket::{FrameReader, Kind, Role, write},
    },
};

/// A stand-in site.
pub(super) struct Site {
    host: &'static str,
    http2: bool,
    trusted: bool,
}

impl Site {
    pub(super) fn speaking(host: &'static str, http2: bool) -> Self {
        Self { host, http2, trusted: true }
    }

    pub(super) fn untrusted(host: &'static str) -> Self {
        Self { host, http2: false, trusted: false }
    }
}

/// A request.
pub(super) struct Ask {
    path: &'static str,
    body: String,
    headers: Vec<(&'static str, &'static str)>,
}

impl Ask {
    pub(super) fn post(path: &'static str, body: &str) -> Self {
        Self { path, body: body.to_owned(), headers: Vec::new() }
    }

    pub(super) fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// An answer.
pub(super) struct Got {
    pub(super) status: u16,
    pub(super) version: Version,
    pub(super) headers: HeaderMap,
    body: Bytes,
}

impl Got {
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// What the sites were sent.
#[derive(Default)]
struct Seen {
    body: String,
    headers: String,
}

pub(super) struct World {
    pub(super) services: Arc<Services>,
    address: SocketAddr,
    authority: Arc<Authority>,
    seen: Arc<Mutex<Seen>>,
    stop: watch::Sender<bool>,
    serving: JoinHandle<usize>,
    _folders: [tempfile::TempDir; 2],
}

impl World {
    pub(super) async fn start(sites: &[Site]) -> Self {
        Self::with_model(sites, None).await
    }

    pub(super) async fn with_model(sites: &[Site], model: Option<SocketAddr>) -> Self {
        let [state, outside] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let seen = Arc::new(Mutex::new(Seen::default()));
        let mut config = Config::default();
        config.proxy.limits.drain_secs = 1;
        config.local.autodetect = false;
        config.local.endpoints.extend(model.map(|address| config::local::Endpoint {
            url: format!("http://{address}"),
            model: None,
            api_key_file: None,
            allow_remote: false,
        }));
        let echo = echo().await;
        config.upstream.resolve.insert("files.test:443".to_owned(), echo);
        config.upstream.resolve.insert("api.openai.com:80".to_owned(), cleartext(Arc::clone(&seen)).await);
        for site in sites {
            let address = stand_in(site, outside.path(), Arc::clone(&seen)).await;
            config.upstream.resolve.insert(format!("{}:443", site.host), address);
            if site.trusted {
                config.upstream.ca_files.push(outside.path().join(site.host).join("ca.pem"));
            }
        }
        let (services, authority) = services(&config, state.path());
        services.local.refresh().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        let serving = tokio::spawn(serve(listener, Arc::clone(&services), stopped));
        Self { services, address, authority, seen, stop, serving, _folders: [state, outside] }
    }

    pub(super) async fn stop(self) -> usize {
        self.stop.send(true).unwrap();
        self.serving.await.unwrap()
    }

    /// The last body that a site has received.
    pub(super) fn seen(&self) -> String {
        self.seen.lock().unwrap().body.clone()
    }

    pub(super) fn seen_headers(&self) -> String {
        self.seen.lock().unwrap().headers.clone()
    }

    pub(super) async fn plain(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends a CONNECT and returns the head of the answer.
    pub(super) async fn try_connect(&self, target: &str) -> String {
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        let request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n");
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut head = vec![0; 4096];
        let n = socket.read(&mut head).await.unwrap();
        String::from_utf8_lossy(&head[..n]).into_owned()
    }

    pub(super) async fn connect(&self, target: &str) -> TcpStream {
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        let request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n");
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(socket.read_u8().await.unwrap());
        }
        assert!(head.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&head));
        socket
    }

    pub(super) async fn tls(&self, host: &'static str, http2: bool) -> TlsStream<TcpStream> {
        let socket = self.connect(&format!("{host}:443")).await;
        self.secure(socket, host, http2).await
    }

    async fn secure(&self, socket: TcpStream, host: &'static str, http2: bool) -> TlsStream<TcpStream> {
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.root().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols =
            if http2 { vec![b"h2".to_vec(), b"http/1.1".to_vec()] } else { vec![b"http/1.1".to_vec()] };
        let name = ServerName::try_from(host).unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, socket).await.unwrap()
    }

    pub(super) async fn ask(&self, host: &'static str, http2: bool, ask: Ask) -> Got {
        let socket = self.connect(&format!("{host}:443")).await;
        self.ask_over(socket, host, http2, ask).await
    }

    pub(super) async fn ask_over(&self, socket: TcpStream, host: &'static str, http2: bool, ask: Ask) -> Got {
        let stream = self.secure(socket, host, http2).await;
        let chosen = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        let mut request = Request::post(ask.path).body(Full::new(Bytes::from(ask.body))).unwrap();
        request.headers_mut().insert("content-type", "application/json".parse().unwrap());
        for (name, value) in ask.headers {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        if chosen {
            *request.uri_mut() = format!("https://{host}{}", ask.path).parse().unwrap();
            let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
            let (mut sender, connection) = handshake.await.unwrap();
            tokio::spawn(connection);
            return got(sender.send_request(request).await.unwrap()).await;
        }
        request.headers_mut().entry("host").or_insert(host.parse().unwrap());
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        got(sender.send_request(request).await.unwrap()).await
    }
}

async fn got(response: Response<Incoming>) -> Got {
    let (parts, body) = response.into_parts();
    Got { status: parts.status.as_u16(), version: parts.version, headers: parts.headers, body: whole(body).await }
}

#[expect(clippy::disallowed_methods, reason = "bounded by `Limited`")]
pub(super) async fn whole(body: Incoming) -> Bytes {
    Limited::new(body, 1 << 20).collect().await.unwrap().to_bytes()
}

fn services(config: &Config, state: &Path) -> (Arc<Services>, Arc<Authority>) {
    let catalogue = Catalogue::built_in().unwrap();
    let names = catalogue.constraint_names();
    let authority = Arc::new(Authority::open_or_create(state, &config.tls, &names).unwrap());
    let inspector = Inspector {
        detector: Detector::built_in().unwrap(),
        catalogue,
        policies: policies(),
        settings: Settings::default(),
    };
    let clock = Clock::system();
    let parts = Parts {
        inspector: Arc::new(inspector),
        vault: Arc::new(Vault::open(state, vault::Settings::new(&config.mask), clock.clone()).unwrap()),
        audit: Arc::new(audit::Log::open(state, audit::Settings::new(&config.audit), clock).unwrap()),
        local: Arc::new(Local::new(&config.local)),
        authority: Arc::clone(&authority),
        listeners: Vec::new(),
    };
    (Arc::new(Services::new(config, parts).unwrap()), authority)
}

/// The built-in ones, and one category that never leaves.
fn policies() -> Policies {
    let home = "id = \"home\"\ncategories = [\"APIKEY\"]\naction = \"reroute\"";
    Policies::new(vec![toml::from_str(home).unwrap()]).unwrap()
}

async fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let (mut read, mut write) = socket.split();
                tokio::io::copy(&mut read, &mut write).await
            });
        }
    });
    address
}

/// A site that notes what it is sent and repeats the last words of the prompt in its answer.
async fn stand_in(site: &Site, outside: &Path, seen: Arc<Mutex<Seen>>) -> SocketAddr {
    let folder = outside.join(site.host);
    let names = [site.host.to_owned()];
    let authority = Authority::open_or_create(&folder, &config::tls::Tls::default(), &names).unwrap();
    let offer = if site.http2 { Offer::Http2 } else { Offer::Http1 };
    let acceptor = TlsAcceptor::from(authority.server_config(offer));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            let (acceptor, seen) = (acceptor.clone(), Arc::clone(&seen));
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(socket).await else { return };
                let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                answer_all(stream, http2, seen).await;
            });
        }
    });
    address
}

/// The same without TLS.
async fn cleartext(seen: Arc<Mutex<Seen>>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            tokio::spawn(answer_all(socket, false, Arc::clone(&seen)));
        }
    });
    address
}

async fn answer_all(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, http2: bool, seen: Arc<Mutex<Seen>>) {
    let service = service_fn(move |request: Request<Incoming>| {
        let seen = Arc::clone(&seen);
        async move {
            if request.headers().contains_key("upgrade") {
                return Ok(repeat(request, seen));
            }
            let (parts, body) = request.into_parts();
            let body = String::from_utf8_lossy(&whole(body).await).into_owned();
            let text = answer_to(&body);
            let headers =
                parts.headers.iter().map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap_or("?")));
            *seen.lock().unwrap() = Seen { body, headers: headers.collect() };
            let response = Response::builder()
                .header("content-type", "application/json")
                .header("alt-svc", "h3=\":443\"")
                .body(Full::new(Bytes::from(text)))
                .unwrap();
            Ok::<_, Infallible>(response)
        }
    });
    let io = TokioIo::new(stream);
    let _ended = if http2 {
        hyper::server::conn::http2::Builder::new(TokioExecutor::new()).serve_connection(io, service).await
    } else {
        hyper::server::conn::http1::Builder::new().serve_connection(io, service).with_upgrades().await
    };
}

/// Takes a websocket and repeats every text, noting it.
fn repeat(mut request: Request<Incoming>, seen: Arc<Mutex<Seen>>) -> Response<Full<Bytes>> {
    let offered = request.headers().get("sec-websocket-extensions").is_some();
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let mut socket = TokioIo::new(upgrade.await.unwrap());
        while let Some(text) = hear(&mut socket, Role::Client).await {
            seen.lock().unwrap().body.clone_from(&text);
            say(&mut socket, &text, None).await;
        }
    });
    Response::builder()
        .status(if offered { 400 } else { 101 })
        .header("connection", "Upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        .body(Full::default())
        .unwrap()
}

/// The next text message of the other side, which is a `role`.
pub(super) async fn hear(socket: &mut (impl AsyncRead + Unpin), role: Role) -> Option<String> {
    let mut reader = FrameReader::new(role, &Limits::default());
    let mut messages = Vec::new();
    while messages.is_empty() {
        let mut bytes = Vec::with_capacity(4096);
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        reader.push(&bytes, &mut messages).ok()?;
    }
    let message = messages.pop()?;
    (message.kind == Kind::Text).then(|| String::from_utf8(message.payload).unwrap())
}

pub(super) async fn say(socket: &mut (impl AsyncWrite + Unpin), text: &str, mask: Option<[u8; 4]>) {
    let mut out = Vec::new();
    write(Kind::Text, text.as_bytes(), mask, &mut out);
    socket.write_all(&out).await.unwrap();
    socket.flush().await.unwrap();
}

fn answer_to(body: &str) -> String {
    let asked: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let content = asked["messages"][0]["content"].as_str().unwrap_or("nothing");
    serde_json::json!({
        "id": "c1", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{ "index": 0, "message": { "role": "assistant", "content": format!("You said: {content}.") }, "finish_reason": "stop" }]
    })
    .to_string()
}
