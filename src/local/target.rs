//! Address of one server: parsed once, resolved at each connection, public addresses refused. Opens no socket.

use std::net::{IpAddr, SocketAddr};

use zeroize::Zeroizing;

use super::LocalError;
use crate::config::local::Endpoint;

/// Where a server listens and how it is spoken to.
pub(super) struct Target {
    /// Base URL without `/v1`, as people see it.
    pub(super) url: String,
    pub(super) tls: Transport,
    /// Host without brackets.
    pub(super) host: String,
    pub(super) port: u16,
    /// Path before `/v1`, without a slash at its end.
    pub(super) prefix: String,
    pub(super) key: Option<Zeroizing<String>>,
    allow_remote: bool,
}

/// How the connection is protected.
#[derive(Debug, Clone)]
pub(super) enum Transport {
    /// As it is: loopback, or a network that the company trusts.
    Plain,
    /// TLS with these roots.
    Tls(std::sync::Arc<rustls::ClientConfig>),
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Target({})", self.url)
    }
}

impl Target {
    /// A server on this machine.
    pub(super) fn loopback(port: u16) -> Self {
        Self {
            url: format!("http://127.0.0.1:{port}"),
            tls: Transport::Plain,
            host: "127.0.0.1".to_owned(),
            port,
            prefix: String::new(),
            key: None,
            allow_remote: false,
        }
    }

    /// A configured server. `tls` is asked only for `https`.
    pub(super) async fn configured(
        endpoint: &Endpoint,
        tls: impl FnOnce() -> Result<Transport, String>,
    ) -> Result<Self, LocalError> {
        let wrong = |why: &str| LocalError::Address { url: endpoint.url.clone(), why: why.to_owned() };
        let (secure, rest) = match endpoint.url.split_once("://") {
            Some(("http", rest)) => (false, rest),
            Some(("https", rest)) => (true, rest),
            Some(_) | None => return Err(wrong("it must begin with `http://` or `https://`")),
        };
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) = split_port(authority, if secure { 443 } else { 80 }).ok_or_else(|| wrong("bad port"))?;
        if host.is_empty() || authority.contains('@') || path.contains(['?', '#']) {
            return Err(wrong("it must be a scheme, a host and perhaps a port and a path"));
        }
        let path = path.trim_end_matches('/');
        let path = path.strip_suffix("v1").map_or(path, |before| before.trim_end_matches('/'));
        let prefix = if path.is_empty() { String::new() } else { format!("/{path}") };
        let tls = if secure { tls().map_err(|why| wrong(&why))? } else { Transport::Plain };
        let key = match &endpoint.api_key_file {
            Some(file) => Some(read_key(file).await.map_err(|why| wrong(&why))?),
            None => None,
        };
        let url = endpoint.url.trim_end_matches('/').trim_end_matches("/v1").to_owned();
        Ok(Self { url, tls, host: host.to_owned(), port, prefix, key, allow_remote: endpoint.allow_remote })
    }

    /// The `host` header.
    pub(super) fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// Addresses to connect to, none of them public unless permitted. One public address among several refuses all:
    /// whoever controls the name would choose.
    pub(super) async fn addresses(&self) -> Result<Vec<SocketAddr>, LocalError> {
        let unreachable = |why: String| LocalError::Unreachable { url: self.url.clone(), why };
        let found = tokio::net::lookup_host((self.host.as_str(), self.port)).await;
        let addresses: Vec<SocketAddr> = found.map_err(|error| unreachable(error.to_string()))?.collect();
        if addresses.is_empty() {
            return Err(unreachable("the name has no address".to_owned()));
        }
        match addresses.iter().map(SocketAddr::ip).find(|ip| !self.allow_remote && !in_house(*ip)) {
            Some(address) => Err(LocalError::Public { host: self.host.clone(), address }),
            None => Ok(addresses),
        }
    }
}

/// `host`, `host:port`, `[v6]:port`.
fn split_port(authority: &str, default: u16) -> Option<(&str, u16)> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, after) = rest.split_once(']')?;
        return match after.strip_prefix(':') {
            Some(port) => Some((host, port.parse().ok()?)),
            None => after.is_empty().then_some((host, default)),
        };
    }
    match authority.split_once(':') {
        Some((host, port)) => Some((host, port.parse().ok()?)),
        None => Some((authority, default)),
    }
}

async fn read_key(file: &std::path::Path) -> Result<Zeroizing<String>, String> {
    let key = tokio::fs::read_to_string(file).await.map(Zeroizing::new);
    let key = key.map_err(|error| format!("cannot read `{}`: {error}", file.display()))?;
    Ok(Zeroizing::new(key.trim().to_owned()))
}

/// Loopback, private and link-local addresses, and those shared behind a carrier's or cluster's NAT.
fn in_house(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let shared = v4.octets().first() == Some(&100) && v4.octets().get(1).is_some_and(|b| b & 0xc0 == 64);
            v4.is_loopback() || v4.is_private() || v4.is_link_local() || shared
        }
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(url: &str) -> Endpoint {
        Endpoint { url: url.to_owned(), model: None, api_key_file: None, allow_remote: false }
    }

    async fn parse(url: &str) -> Result<Target, LocalError> {
        Target::configured(&endpoint(url), || Ok(Transport::Plain)).await
    }

    #[tokio::test]
    async fn addresses_are_read_with_and_without_v1() {
        for (url, host, port, prefix) in [
            ("http://127.0.0.1:11434", "127.0.0.1", 11434, ""),
            ("http://127.0.0.1:11434/v1/", "127.0.0.1", 11434, ""),
            ("https://models.corp/engines/v1", "models.corp", 443, "/engines"),
            ("http://[::1]:8080/", "::1", 8080, ""),
            ("http://gpu", "gpu", 80, ""),
        ] {
            let target = parse(url).await.unwrap();
            assert_eq!((target.host.as_str(), target.port, target.prefix.as_str()), (host, port, prefix), "{url}");
        }
        for bad in ["ftp://x", "127.0.0.1:80", "http://", "http://u:p@x", "http://x:99999", "http://x/?a=b"] {
            assert!(matches!(parse(bad).await, Err(LocalError::Address { .. })), "{bad}");
        }
    }

    #[tokio::test]
    async fn a_public_address_is_refused_unless_permitted() {
        let public = parse("http://8.8.8.8:80").await.unwrap();
        assert!(matches!(public.addresses().await, Err(LocalError::Public { .. })));
        let permitted = Endpoint { allow_remote: true, ..endpoint("http://8.8.8.8:80") };
        let permitted = Target::configured(&permitted, || Ok(Transport::Plain)).await.unwrap();
        assert_eq!(permitted.addresses().await.unwrap().len(), 1);
        assert!(parse("http://10.2.3.4").await.unwrap().addresses().await.is_ok());
    }

    #[test]
    fn in_house_addresses_are_those_that_the_internet_does_not_route() {
        for ours in
            ["127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.9", "169.254.1.1", "100.64.0.1", "::1", "fd00::1"]
        {
            assert!(in_house(ours.parse().unwrap()), "{ours}");
        }
        for public in ["8.8.8.8", "100.128.0.1", "172.32.0.1", "2001:4860::1", "::ffff:8.8.8.8", "0.0.0.0"] {
            assert!(!in_house(public.parse().unwrap()), "{public}");
        }
    }
}
