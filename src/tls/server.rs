//! TLS towards the client: one `ServerConfig` for each set of protocols, shared by all hosts, so that sessions resume and a
//! new host costs one mint. Accepts no connection itself.

use std::{sync::Arc, time::SystemTime};

use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use super::{Error, leaf::Signer};

/// What is offered to the client by ALPN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// `http/1.1` only: the site or the client speaks nothing better.
    Http1,
    /// `h2`, then `http/1.1`.
    Http2,
}

/// The server side's configurations.
#[derive(Debug)]
pub struct Configs {
    signer: Arc<Signer>,
    http1: Arc<ServerConfig>,
    http2: Arc<ServerConfig>,
}

impl Configs {
    /// Builds both.
    ///
    /// # Errors
    /// When the TLS library refuses.
    pub fn new(signer: Arc<Signer>) -> Result<Self, Error> {
        let resolver: Arc<dyn ResolvesServerCert> = Arc::new(BySni(Arc::clone(&signer)));
        let mut http1 = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
            .with_no_client_auth()
            .with_cert_resolver(resolver);
        http1.alpn_protocols = vec![b"http/1.1".to_vec()];
        // Early data can be replayed, and a replayed prompt is sent twice.
        http1.max_early_data_size = 0;
        http1.ticketer = aws_lc_rs::Ticketer::new()?;
        http1.send_tls13_tickets = 1;
        let mut http2 = http1.clone();
        http2.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { signer, http1: Arc::new(http1), http2: Arc::new(http2) })
    }

    /// The configuration for a client that named its host by SNI.
    #[must_use]
    pub fn by_sni(&self, offer: Offer) -> Arc<ServerConfig> {
        Arc::clone(match offer {
            Offer::Http1 => &self.http1,
            Offer::Http2 => &self.http2,
        })
    }

    /// The configuration for a client without SNI: the host is known from CONNECT.
    ///
    /// # Errors
    /// When no leaf can be minted for the host.
    pub fn for_host(&self, offer: Offer, host: &str) -> Result<Arc<ServerConfig>, Error> {
        let leaf = self.signer.leaf(host, SystemTime::now())?;
        let mut config = ServerConfig::clone(&self.by_sni(offer));
        config.cert_resolver = Arc::new(rustls::sign::SingleCertAndKey::from(leaf));
        Ok(Arc::new(config))
    }
}

#[derive(Debug)]
struct BySni(Arc<Signer>);

impl ResolvesServerCert for BySni {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let host = hello.server_name()?.trim_end_matches('.').to_ascii_lowercase();
        match self.0.leaf(&host, SystemTime::now()) {
            Ok(leaf) => Some(leaf),
            Err(error) => {
                tracing::warn!(host, %error, "no leaf");
                None
            }
        }
    }
}
