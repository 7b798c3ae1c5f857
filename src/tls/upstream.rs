//! TLS towards a site: always verified, resumed where possible, never with early data. Opens no socket and pools nothing.

use std::{sync::Arc, time::SystemTime};

use rustls::{
    CipherSuite, ClientConfig,
    client::Resumption,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, ServerName},
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{Error, failure, roots};
use crate::config;

/// What is offered to the site by ALPN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// `h2`, then `http/1.1`.
    Best,
    /// `http/1.1` only: for WebSocket upgrades.
    Http1,
}

/// What the site chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoken {
    /// HTTP/1.1, also when the site did not choose.
    Http1,
    /// HTTP/2.
    Http2,
}

/// Tickets and sessions kept, over all sites.
const SESSIONS: usize = 1024;

/// The client side's configurations.
#[derive(Clone)]
pub struct Client {
    best: TlsConnector,
    http1: TlsConnector,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client")
    }
}

/// The suites in the order of current browsers: AES-128 first. Some sites look at the order, and the others take the
/// first one.
fn provider() -> CryptoProvider {
    let mut provider = aws_lc_rs::default_provider();
    provider.cipher_suites.sort_by_key(|suite| suite.suite() != CipherSuite::TLS13_AES_128_GCM_SHA256);
    provider
}

impl Client {
    /// Trusts the system's roots and `[upstream] ca_files`, and never a certificate in `own`.
    ///
    /// # Errors
    /// When no root is found, or a `ca_files` entry is unusable.
    pub fn new<'a>(
        settings: &config::upstream::Upstream,
        own: impl Iterator<Item = &'a CertificateDer<'static>>,
    ) -> Result<Self, Error> {
        let store = roots::load(&settings.ca_files, own, SystemTime::now())?;
        let mut best = ClientConfig::builder_with_provider(Arc::new(provider()))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
            .with_root_certificates(store)
            .with_no_client_auth();
        best.enable_early_data = false;
        best.resumption = Resumption::in_memory_sessions(SESSIONS);
        best.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let mut http1 = best.clone();
        http1.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { best: TlsConnector::from(Arc::new(best)), http1: TlsConnector::from(Arc::new(http1)) })
    }

    /// Shakes hands as a client of `host`.
    ///
    /// # Errors
    /// In words for people, naming the host, when the site is not who it should be or the handshake fails.
    pub async fn connect(
        &self,
        socket: TcpStream,
        host: &str,
        wish: Wish,
    ) -> Result<(TlsStream<TcpStream>, Spoken), String> {
        let name =
            ServerName::try_from(host.to_owned()).map_err(|_| format!("`{host}` is no name that TLS can verify"))?;
        let connector = match wish {
            Wish::Best => &self.best,
            Wish::Http1 => &self.http1,
        };
        let stream = connector.connect(name, socket).await.map_err(|error| failure::words(&error, host))?;
        let spoken = match stream.get_ref().1.alpn_protocol() {
            Some(b"h2") => Spoken::Http2,
            Some(_) | None => Spoken::Http1,
        };
        Ok((stream, spoken))
    }
}
