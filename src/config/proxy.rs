//! `[proxy]`: where Scrim listens, who may use it, where it may go, and its bounds.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ipnet::IpNet;

/// `[proxy]`
#[derive(Debug, Clone)]
pub struct Proxy {
    /// Address the proxy listens on. Wider than loopback needs `auth` or `allow_sources`.
    pub listen: SocketAddr,
    /// `[[proxy.user]]`: people known by Basic proxy credentials. Empty: the source address is the subject.
    pub users: Vec<User>,
    /// Client address ranges that may connect; empty: any that can reach `listen`.
    pub allow_sources: Vec<IpNet>,
    /// Private or otherwise special target ranges that may be reached.
    pub allow_private: Vec<IpNet>,
    /// Ports that CONNECT may name.
    pub connect_ports: Vec<u16>,
    /// Ports that absolute-form `http://` requests may name.
    pub http_ports: Vec<u16>,
    /// `[proxy.limits]`
    pub limits: ProxyLimits,
}

/// A person known by proxy credentials.
#[derive(Debug, Clone)]
pub struct User {
    /// Canonical name.
    pub name: String,
    /// SHA-256 of the token (the Basic password), 32 bytes. Tokens are long and random, so a plain hash holds.
    pub token_sha256: [u8; 32],
    /// Groups, for policies.
    pub groups: Vec<String>,
}

/// Bounds of the proxy. Every one has a key of its own under `[proxy.limits]`.
#[derive(Debug, Clone, Copy)]
pub struct ProxyLimits {
    /// Connections in all. 4096.
    pub connections: usize,
    /// Connections of one client address. 1024.
    pub connections_per_client: usize,
    /// Seconds for a TLS handshake. 10.
    pub handshake_secs: u64,
    /// Seconds for a request head. 10.
    pub header_secs: u64,
    /// KiB of a request head. 64.
    pub header_kib: usize,
    /// Seconds for a whole request body that is inspected. 120.
    pub body_secs: u64,
    /// MiB of one request body that is inspected. 64.
    pub body_mib: usize,
    /// MiB that a body may expand to by content-encoding. 32.
    pub decoded_mib: usize,
    /// MiB of bodies held in memory by all exchanges together. 512.
    pub memory_mib: usize,
    /// h2 streams of one connection. 128.
    pub streams: u32,
    /// Seconds an idle connection is kept. 120.
    pub idle_secs: u64,
    /// Seconds a tunnel may stay without a byte. 3600.
    pub tunnel_idle_secs: u64,
    /// Seconds for connecting and TLS towards a site. 10.
    pub connect_secs: u64,
    /// Seconds until the site's answer begins. 600.
    pub first_byte_secs: u64,
    /// Seconds open exchanges get after SIGTERM. 30.
    pub drain_secs: u64,
}

impl Default for ProxyLimits {
    fn default() -> Self {
        Self {
            connections: 4096,
            connections_per_client: 1024,
            handshake_secs: 10,
            header_secs: 10,
            header_kib: 64,
            body_secs: 120,
            body_mib: 64,
            decoded_mib: 32,
            memory_mib: 512,
            streams: 128,
            idle_secs: 120,
            tunnel_idle_secs: 3600,
            connect_secs: 10,
            first_byte_secs: 600,
            drain_secs: 30,
        }
    }
}

impl Default for Proxy {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8877),
            users: Vec::new(),
            allow_sources: Vec::new(),
            allow_private: Vec::new(),
            connect_ports: vec![443, 8443],
            http_ports: vec![80, 8080],
            limits: ProxyLimits::default(),
        }
    }
}
