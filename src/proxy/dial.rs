//! From a target to a connected socket: resolve once, judge every address, connect to one that was judged. Nothing here
//! speaks TLS or HTTP, but for the CONNECT to a company's proxy.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use bytes::BytesMut;
use ipnet::IpNet;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, lookup_host},
    time::{Instant, timeout_at},
};

use super::{address, error::UpstreamError};
use crate::{config, site::host::Authority};

/// Addresses of one name that are tried.
const ADDRESSES_MAX: usize = 6;

/// Bytes of the answer of a company's proxy to CONNECT.
const CHAIN_HEAD_MAX: usize = 16 << 10;

/// How sites are reached.
#[derive(Debug)]
pub struct Dialer {
    resolve: HashMap<Authority, SocketAddr>,
    chain: Option<Authority>,
    allow_private: Vec<IpNet>,
    /// Scrim's own listeners.
    own: Vec<SocketAddr>,
    limit: Duration,
}

impl Dialer {
    /// `own` are the addresses that Scrim listens on. An entry of `[upstream] resolve` that is no `host:port` is skipped:
    /// the configuration has refused it.
    #[must_use]
    pub fn new(upstream: &config::upstream::Upstream, proxy: &config::proxy::Proxy, own: Vec<SocketAddr>) -> Self {
        let resolve =
            upstream.resolve.iter().filter_map(|(name, address)| Some((Authority::parse(name).ok()?, *address)));
        let chain = upstream.proxy.as_deref().and_then(|url| {
            Authority::parse_or(url.strip_prefix("http://").unwrap_or(url).trim_end_matches('/'), 3128).ok()
        });
        Self {
            resolve: resolve.collect(),
            chain,
            allow_private: proxy.allow_private.clone(),
            own,
            limit: Duration::from_secs(proxy.limits.connect_secs),
        }
    }

    /// Connects.
    ///
    /// # Errors
    /// When the target may not be reached, or cannot.
    pub async fn connect(&self, target: &Authority) -> Result<TcpStream, UpstreamError> {
        let deadline = Instant::now() + self.limit;
        let slow =
            |_| UpstreamError::Slow { host: target.host.to_string(), what: "connection", secs: self.limit.as_secs() };
        timeout_at(deadline, self.connect_any(target, deadline)).await.map_err(slow)?
    }

    async fn connect_any(&self, target: &Authority, deadline: Instant) -> Result<TcpStream, UpstreamError> {
        if let Some(&address) = self.resolve.get(target) {
            self.check_own(target, address)?;
            return first_reachable(target, &[address], deadline).await;
        }
        if let Some(chain) = &self.chain {
            return self.through(chain, target, deadline).await;
        }
        let addresses = self.permitted(target, lookup(target).await?)?;
        first_reachable(target, &addresses, deadline).await
    }

    /// The addresses that may be connected to; the others are as if they were not there. (On networks with DNS64 every
    /// name has a NAT64 address beside its real one.)
    fn permitted(&self, target: &Authority, addresses: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, UpstreamError> {
        let mut refused = None;
        let mut kept = Vec::with_capacity(addresses.len());
        for address in addresses {
            match self.check(target, address) {
                Ok(()) => kept.push(address),
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        match refused {
            Some(error) if kept.is_empty() => Err(error),
            Some(_) | None => Ok(kept),
        }
    }

    fn check(&self, target: &Authority, address: SocketAddr) -> Result<(), UpstreamError> {
        self.check_own(target, address)?;
        self.check_address(target, address.ip())
    }

    fn check_own(&self, target: &Authority, address: SocketAddr) -> Result<(), UpstreamError> {
        if address::is_own(address, &self.own) {
            return Err(UpstreamError::Own { host: target.host.to_string() });
        }
        Ok(())
    }

    fn check_address(&self, target: &Authority, address: IpAddr) -> Result<(), UpstreamError> {
        match address::special(address) {
            Some(kind) if !address::is_allowed(address, &self.allow_private) => {
                Err(UpstreamError::Private { host: target.host.to_string(), address, kind })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The company's proxy resolves the name; only a literal address can be judged here.
    async fn through(
        &self,
        chain: &Authority,
        target: &Authority,
        deadline: Instant,
    ) -> Result<TcpStream, UpstreamError> {
        if let Some(address) = target.host.address() {
            self.check(target, SocketAddr::new(address, target.port))?;
        }
        let failed =
            |why: String| UpstreamError::Chain { proxy: chain.to_string(), host: target.host.to_string(), why };
        let addresses = lookup(chain).await?;
        let mut socket =
            first_reachable(chain, &addresses, deadline).await.map_err(|error| failed(error.to_string()))?;
        ask_chain(&mut socket, target).await.map_err(failed)?;
        Ok(socket)
    }
}

async fn ask_chain(socket: &mut TcpStream, target: &Authority) -> Result<(), String> {
    let request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n");
    socket.write_all(request.as_bytes()).await.map_err(|error| error.to_string())?;
    let mut head = BytesMut::with_capacity(1024);
    loop {
        // Nothing of the target can be in this buffer: in TLS and HTTP the client speaks first.
        let n = socket.read_buf(&mut head).await.map_err(|error| error.to_string())?;
        if head.windows(4).any(|end| end == b"\r\n\r\n") {
            break;
        }
        if n == 0 || head.len() > CHAIN_HEAD_MAX {
            return Err("its answer to CONNECT has no end".to_owned());
        }
    }
    let line = head.as_ref().split(|&byte| byte == b'\r').next().unwrap_or_default();
    let status = String::from_utf8_lossy(line).into_owned();
    if status.split(' ').nth(1) == Some("200") { Ok(()) } else { Err(status) }
}

async fn lookup(target: &Authority) -> Result<Vec<SocketAddr>, UpstreamError> {
    if let Some(address) = target.host.address() {
        return Ok(vec![SocketAddr::new(address, target.port)]);
    }
    let failed = |why: String| UpstreamError::Name { host: target.host.to_string(), why };
    let found = lookup_host((target.host.as_str(), target.port)).await.map_err(|error| failed(plain(&error)))?;
    let addresses: Vec<SocketAddr> = found.take(ADDRESSES_MAX).collect();
    if addresses.is_empty() { Err(failed("it has no address".to_owned())) } else { Ok(addresses) }
}

async fn first_reachable(
    target: &Authority,
    addresses: &[SocketAddr],
    deadline: Instant,
) -> Result<TcpStream, UpstreamError> {
    let mut why = "it has no address".to_owned();
    for (index, &address) in addresses.iter().enumerate() {
        // Each address gets an equal share of what is left, so that a dead first one does not eat the whole limit.
        let left = deadline.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(addresses.len() - index).unwrap_or(1);
        match timeout_at(Instant::now() + share, TcpStream::connect(address)).await {
            Ok(Ok(socket)) => {
                socket.set_nodelay(true).map_err(|error| refused(target, &plain(&error)))?;
                return Ok(socket);
            }
            Ok(Err(error)) => why = plain(&error),
            Err(_) if index + 1 == addresses.len() => {
                let host = target.host.to_string();
                return Err(UpstreamError::Slow { host, what: "connection", secs: share.as_secs().max(1) });
            }
            Err(_) => "no answer".clone_into(&mut why),
        }
    }
    Err(refused(target, &why))
}

fn refused(target: &Authority, why: &str) -> UpstreamError {
    UpstreamError::Connect { host: target.to_string(), why: why.to_owned() }
}

/// `Connection refused (os error 111)` → `connection refused`.
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialer(resolve: &[(&str, &str)], allow: &[&str], own: &[&str]) -> Dialer {
        let upstream = config::upstream::Upstream {
            resolve: resolve.iter().map(|(name, to)| ((*name).to_owned(), to.parse().unwrap())).collect(),
            ..Default::default()
        };
        let proxy = config::proxy::Proxy {
            allow_private: allow.iter().map(|range| range.parse().unwrap()).collect(),
            ..Default::default()
        };
        Dialer::new(&upstream, &proxy, own.iter().map(|address| address.parse().unwrap()).collect())
    }

    async fn tried(dialer: &Dialer, target: &str) -> Result<TcpStream, UpstreamError> {
        dialer.connect(&Authority::parse(target).unwrap()).await
    }

    #[tokio::test]
    async fn addresses_inside_are_refused_in_every_spelling_and_by_name() {
        let dialer = dialer(&[], &[], &[]);
        for target in [
            "127.0.0.1:443",
            "2130706433:443",
            "0x7f.1:443",
            "[::1]:443",
            "[::ffff:127.0.0.1]:443",
            "169.254.169.254:443",
            "localhost:443",
        ] {
            let refused = tried(&dialer, target).await.unwrap_err();
            assert!(matches!(refused, UpstreamError::Private { .. }), "{target}: {refused}");
        }
    }

    #[tokio::test]
    async fn an_allowed_range_and_a_resolve_entry_are_reached_but_scrim_itself_never() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap().to_string();
        tried(&dialer(&[], &["127.0.0.0/8"], &[]), &here).await.unwrap();
        tried(&dialer(&[("chatgpt.com:443", &here)], &[], &[]), "chatgpt.com:443").await.unwrap();
        let itself = tried(&dialer(&[("chatgpt.com:443", &here)], &["127.0.0.0/8"], &[&here]), "chatgpt.com:443").await;
        assert!(matches!(itself, Err(UpstreamError::Own { .. })));
    }

    #[test]
    fn a_name_with_a_public_and_a_private_address_is_reached_at_the_public_one() {
        let target = Authority::parse("mixed.test:443").unwrap();
        let both = ["10.0.0.1:443", "93.184.216.34:443", "[64:ff9b::5db8:d822]:443"].map(|text| text.parse().unwrap());
        let kept = dialer(&[], &[], &[]).permitted(&target, both.to_vec()).unwrap();
        assert_eq!(kept, ["93.184.216.34:443".parse().unwrap()]);
        let private = dialer(&[], &[], &[]).permitted(&target, vec![both[0]]);
        assert!(matches!(private, Err(UpstreamError::Private { .. })));
    }

    #[tokio::test]
    async fn a_refused_connection_names_the_target_and_the_reason() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap().to_string();
        drop(listener);
        let error = tried(&dialer(&[("site.test:443", &here)], &[], &[]), "site.test:443").await.unwrap_err();
        assert_eq!(error.to_string(), "no connection to `site.test:443`: connection refused");
    }
}
