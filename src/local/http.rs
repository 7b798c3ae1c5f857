//! One HTTP/1.1 request to a local model's server: connect, send, read with limits. Follows no redirect, keeps no
//! connection; dropping the response closes it, which stops the model.

use std::{path::PathBuf, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Method, StatusCode, body::Incoming, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    task::JoinHandle,
    time::timeout,
};

use super::{
    LocalError,
    target::{Target, Transport},
};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);

trait Socket: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Socket for T {}

/// A response whose head has come.
pub(super) struct Response {
    pub(super) status: StatusCode,
    headers: hyper::HeaderMap,
    body: Incoming,
    url: String,
    _connection: Connection,
}

/// The task that drives the connection; ends with it.
struct Connection(JoinHandle<()>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Asks for `path` below the target's base; a body makes it a POST of JSON. `within` bounds all until the head.
pub(super) async fn send(
    target: &Target,
    path: &str,
    body: Option<Vec<u8>>,
    within: Duration,
) -> Result<Response, LocalError> {
    timeout(within, exchange(target, path, body))
        .await
        .unwrap_or_else(|_| Err(LocalError::TimedOut { url: target.url.clone(), secs: within.as_secs() }))
}

/// Reads a small JSON document from `path`; `None` for anything but status 200 with JSON.
pub(super) async fn get_json(target: &Target, path: &str, within: Duration) -> Result<Option<Json>, LocalError> {
    let response = send(target, path, None, within).await?;
    let ok = response.status == StatusCode::OK;
    let server = response.header("server").unwrap_or_default().to_owned();
    let body = response.read(super::probe::DOCUMENT_MAX, within).await?;
    Ok(serde_json::from_slice(&body).ok().filter(|_| ok).map(|value| Json { value, server }))
}

/// A document and who sent it.
pub(super) struct Json {
    pub(super) value: serde_json::Value,
    /// The `server` header.
    pub(super) server: String,
}

async fn exchange(target: &Target, path: &str, body: Option<Vec<u8>>) -> Result<Response, LocalError> {
    let unreachable = |why: String| LocalError::Unreachable { url: target.url.clone(), why };
    let socket = connect(target).await?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(socket)).await.map_err(|error| unreachable(error.to_string()))?;
    // The task ends with the connection; its error reaches us through the response.
    let connection = Connection(tokio::spawn(async move { drop(connection.await) }));
    let method = if body.is_some() { Method::POST } else { Method::GET };
    let mut request = hyper::Request::builder()
        .method(method)
        .uri(format!("{}{path}", target.prefix))
        .header(header::HOST, target.authority())
        .header(header::ACCEPT, "application/json, text/event-stream, application/x-ndjson");
    if body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    if let Some(key) = &target.key {
        request = request.header(header::AUTHORIZATION, format!("Bearer {}", key.as_str()));
    }
    let request = request.body(Full::new(Bytes::from(body.unwrap_or_default())));
    let request = request.map_err(|error| unreachable(error.to_string()))?;
    let response = sender.send_request(request).await.map_err(|error| unreachable(error.to_string()))?;
    if response.status().is_redirection() {
        return Err(LocalError::Redirect { url: target.url.clone() });
    }
    let (head, body) = response.into_parts();
    Ok(Response { status: head.status, headers: head.headers, body, url: target.url.clone(), _connection: connection })
}

async fn connect(target: &Target) -> Result<Box<dyn Socket>, LocalError> {
    let unreachable = |why: String| LocalError::Unreachable { url: target.url.clone(), why };
    let addresses = target.addresses().await?;
    let tcp = timeout(CONNECT, TcpStream::connect(addresses.as_slice())).await;
    let tcp = tcp.map_err(|_| unreachable(format!("no connection within {} s", CONNECT.as_secs())))?;
    let tcp = tcp.map_err(|error| unreachable(error.to_string()))?;
    tcp.set_nodelay(true).map_err(|error| unreachable(error.to_string()))?;
    match &target.tls {
        Transport::Plain => Ok(Box::new(tcp)),
        Transport::Tls(config) => {
            let name = ServerName::try_from(target.host.clone()).map_err(|error| unreachable(error.to_string()))?;
            let stream = tokio_rustls::TlsConnector::from(config.clone()).connect(name, tcp).await;
            Ok(Box::new(stream.map_err(|error| unreachable(error.to_string()))?))
        }
    }
}

impl Response {
    /// First header of that name, when it is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The next bytes; `None` at the end.
    pub(super) async fn chunk(&mut self, within: Duration) -> Result<Option<Bytes>, LocalError> {
        loop {
            let frame = timeout(within, self.body.frame()).await;
            let frame = frame.map_err(|_| LocalError::TimedOut { url: self.url.clone(), secs: within.as_secs() })?;
            match frame {
                None => return Ok(None),
                Some(Err(error)) => return Err(LocalError::Broken { why: error.to_string() }),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) if data.is_empty() => {}
                    Ok(data) => return Ok(Some(data)),
                    // Trailers say nothing here.
                    Err(_) => {}
                },
            }
        }
    }

    /// The whole body, at most `max` bytes.
    pub(super) async fn read(mut self, max: usize, within: Duration) -> Result<Vec<u8>, LocalError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = self.chunk(within).await? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > max {
                return Err(LocalError::Broken {
                    why: format!("more than {max} bytes where a short document was due"),
                });
            }
        }
        Ok(bytes)
    }
}

/// TLS with the system's roots and those of `ca_files`.
pub(super) fn tls(ca_files: &[PathBuf]) -> Result<Transport, String> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    for file in ca_files {
        let certificates = CertificateDer::pem_file_iter(file);
        let certificates = certificates.map_err(|error| format!("cannot read `{}`: {error}", file.display()))?;
        roots.add_parsable_certificates(certificates.filter_map(Result::ok));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Transport::Tls(Arc::new(config)))
}
