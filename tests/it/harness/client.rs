//! A client behind the proxy, close to the wire: CONNECT by hand, TLS that trusts Scrim's authority alone, then
//! HTTP/1.1, HTTP/2 or raw bytes.

use std::{io, net::SocketAddr, path::Path, sync::Arc};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response, Version,
    body::Incoming,
    client::conn::{http1, http2},
    header::{self, HeaderMap},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};

use super::{
    dialect::{Delivery, Dialect},
    readers::{self, Reading},
    within,
};

/// Protocol towards the proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Http {
    One,
    Two,
}

/// Somebody behind the proxy.
#[derive(Clone)]
pub(crate) struct Client {
    proxy: Option<SocketAddr>,
    direct: Option<SocketAddr>,
    roots: Arc<RootCertStore>,
    credentials: Option<(String, String)>,
}

/// A CONNECT that was not granted; status 0 when the proxy did not answer at all.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) text: String,
}

/// Roots from a PEM file.
pub(crate) fn roots(pem: &Path) -> RootCertStore {
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(pem).unwrap() {
        store.add(certificate.unwrap()).unwrap();
    }
    store
}

impl Client {
    /// Behind the proxy, trusting these roots.
    pub(crate) fn new(proxy: SocketAddr, roots: RootCertStore) -> Self {
        Self { proxy: Some(proxy), direct: None, roots: Arc::new(roots), credentials: None }
    }

    /// Without any proxy: every host is at this address. For comparisons.
    pub(crate) fn direct(address: SocketAddr, roots: RootCertStore) -> Self {
        Self { proxy: None, direct: Some(address), roots: Arc::new(roots), credentials: None }
    }

    /// The same as somebody with proxy credentials.
    pub(crate) fn named(&self, name: &str, token: &str) -> Self {
        Self { credentials: Some((name.to_owned(), token.to_owned())), ..self.clone() }
    }

    /// Opens a tunnel by CONNECT.
    pub(crate) async fn tunnel(&self, authority: &str) -> Result<TcpStream, Refusal> {
        if let Some(address) = self.direct {
            return connect(address).await.map_err(|error| Refusal { status: 0, text: error.to_string() });
        }
        let mut stream =
            self.ask_for(authority).await.map_err(|error| Refusal { status: 0, text: error.to_string() })?;
        let head = within("the answer to CONNECT", read_head(&mut stream)).await;
        let status: u16 = head.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
        if status == 200 {
            return Ok(stream);
        }
        let mut rest = Vec::new();
        let length = content_length(&head);
        rest.resize(length, 0);
        // A refusal that is cut short is shown as far as it came.
        let _cut = within("the refusal of CONNECT", stream.read_exact(&mut rest)).await;
        Err(Refusal { status, text: format!("{head}{}", String::from_utf8_lossy(&rest)) })
    }

    async fn ask_for(&self, authority: &str) -> io::Result<TcpStream> {
        let mut stream = connect(self.proxy.unwrap()).await?;
        stream.write_all(self.connect_head(authority).as_bytes()).await?;
        Ok(stream)
    }

    fn connect_head(&self, authority: &str) -> String {
        let mut head = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n");
        if let Some((name, token)) = &self.credentials {
            let basic = data_encoding::BASE64.encode(format!("{name}:{token}").as_bytes());
            head.push_str(&format!("Proxy-Authorization: Basic {basic}\r\n"));
        }
        head.push_str("\r\n");
        head
    }

    /// TLS with `name` as server name through a tunnel to `authority`.
    pub(crate) async fn tls(&self, authority: &str, name: &str, alpn: &[&[u8]]) -> io::Result<TlsStream<TcpStream>> {
        let stream = self.tunnel(authority).await.map_err(|refusal| io::Error::other(refusal.text))?;
        let mut config = ClientConfig::builder().with_root_certificates(Arc::clone(&self.roots)).with_no_client_auth();
        config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        within("the TLS handshake", TlsConnector::from(Arc::new(config)).connect(name, stream)).await
    }

    /// A connection that speaks HTTP to a host.
    pub(crate) async fn open(&self, host: &str, http: Http) -> Connection {
        match self.try_open(host, http).await {
            Ok(connection) => connection,
            Err(error) => panic!("cannot open {host}: {error}"),
        }
    }

    /// A connection that speaks HTTP to a host, if it lets us.
    pub(crate) async fn try_open(&self, host: &str, http: Http) -> io::Result<Connection> {
        let alpn: &[&[u8]] = match http {
            Http::One => &[b"http/1.1"],
            Http::Two => &[b"h2"],
        };
        let tls = self.tls(&format!("{host}:443"), host, alpn).await?;
        let io = TokioIo::new(tls);
        let sender = match http {
            Http::One => {
                let (sender, connection) = http1::handshake(io).await.map_err(io::Error::other)?;
                tokio::spawn(connection.with_upgrades());
                Sender::One(sender)
            }
            Http::Two => {
                let (sender, connection) =
                    http2::handshake(TokioExecutor::new(), io).await.map_err(io::Error::other)?;
                tokio::spawn(connection);
                Sender::Two(sender)
            }
        };
        Ok(Connection { host: host.to_owned(), sender })
    }

    /// One prompt on a connection of its own.
    pub(crate) async fn ask(&self, dialect: Dialect, delivery: Delivery, text: &str) -> Reply {
        self.post(dialect, &dialect.body(text, delivery)).await
    }

    /// One prompt with a body of the test's making.
    pub(crate) async fn post(&self, dialect: Dialect, body: &Value) -> Reply {
        let http = if dialect == Dialect::Claude { Http::One } else { Http::Two };
        let mut connection = self.open(dialect.host(), http).await;
        connection.post(&dialect.path(super::world::CONVERSATION), &[], body.to_string().into_bytes()).await
    }
}

async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Bytes up to the blank line.
pub(crate) async fn read_head(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}

fn content_length(head: &str) -> usize {
    let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-length:"));
    line.and_then(|line| line.split(':').nth(1)?.trim().parse().ok()).unwrap_or(0)
}

/// An open HTTP connection.
pub(crate) struct Connection {
    host: String,
    sender: Sender,
}

enum Sender {
    One(http1::SendRequest<Full<Bytes>>),
    Two(http2::SendRequest<Full<Bytes>>),
}

impl Connection {
    /// POSTs JSON and reads the whole answer. Headers named here replace ours.
    pub(crate) async fn post(&mut self, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Reply {
        self.request("POST", path, headers, body).await
    }

    /// GETs and reads the whole answer.
    pub(crate) async fn get(&mut self, path: &str) -> Reply {
        self.request("GET", path, &[], Vec::new()).await
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn request(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Reply {
        let response = self.begin(method, path, headers, body).await.unwrap_or_else(|error| panic!("{path}: {error}"));
        Reply::read(response).await
    }

    /// Sends a request and returns as soon as the answer's head is there.
    pub(crate) async fn begin(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Response<Incoming>, hyper::Error> {
        let mut request = Request::new(Full::from(body));
        *request.method_mut() = method.parse().unwrap();
        let map = request.headers_mut();
        if method != "GET" {
            map.insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
        }
        for (name, value) in headers {
            map.insert(header::HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        match &mut self.sender {
            Sender::One(sender) => {
                *request.uri_mut() = path.parse().unwrap();
                request.headers_mut().insert(header::HOST, self.host.parse().unwrap());
                // hyper's client takes a request only once its task has put the last answer away.
                within("the connection to be free", sender.ready()).await?;
                within("the answer's head", sender.send_request(request)).await
            }
            Sender::Two(sender) => {
                *request.uri_mut() = format!("https://{}{path}", self.host).parse().unwrap();
                *request.version_mut() = Version::HTTP_2;
                within("the answer's head", sender.send_request(request)).await
            }
        }
    }
}

/// The next bytes of an answer; `None` at its end.
pub(crate) async fn next_bytes(body: &mut Incoming) -> Option<Bytes> {
    loop {
        let frame = within("the next bytes of an answer", body.frame()).await?.expect("the answer goes on");
        if let Ok(data) = frame.into_data() {
            return Some(data);
        }
    }
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    async fn read(response: Response<Incoming>) -> Self {
        let (head, mut incoming) = response.into_parts();
        let mut body = Vec::new();
        while let Some(bytes) = next_bytes(&mut incoming).await {
            body.extend_from_slice(&bytes);
        }
        Self { status: head.status.as_u16(), headers: head.headers, body }
    }

    /// First header of that name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        readers::document(&self.body)
    }

    /// The answer as its reader understands it; fails when it is no success.
    pub(crate) fn reading(&self, dialect: Dialect, delivery: Delivery) -> Reading {
        assert_eq!(self.status, 200, "{}", self.text());
        readers::read(dialect, delivery, &self.body)
    }

    /// Like `reading` with the way of delivery that the answer's type shows.
    pub(crate) fn stream(&self, dialect: Dialect) -> Reading {
        self.reading(dialect, Delivery::Streamed)
    }
}
