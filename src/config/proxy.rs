//! `[proxy]`: where Scrim listens, who may use it, where it may go, and its bounds.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ipnet::IpNet;

use super::section::Section;

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

impl Proxy {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Self {
        let default = Self::default();
        let proxy = Self {
            listen: section.get(
                "listen",
                default.listen,
                "Address the proxy listens on. Wider than loopback needs `[[proxy.user]]` or `allow_sources`.",
            ),
            allow_sources: section.get(
                "allow_sources",
                default.allow_sources,
                "Client address ranges that may connect; empty: everyone who reaches `listen`.",
            ),
            allow_private: section.get(
                "allow_private",
                default.allow_private,
                "Private, loopback or otherwise special target ranges that may be reached through Scrim (intranets).",
            ),
            connect_ports: section.get("connect_ports", default.connect_ports, "Ports that CONNECT may name."),
            http_ports: section.get("http_ports", default.http_ports, "Ports that plain `http://` requests may name."),
            limits: section.table(
                "limits",
                "Bounds. Each protects memory, time or other people's share.",
                ProxyLimits::read,
            ),
            users: section.tables(
                "user",
                "A person known by proxy credentials (Basic). Without any, the source address is the person.",
                User::read,
            ),
        };
        let open = proxy.users.is_empty() && proxy.allow_sources.is_empty();
        if !proxy.listen.ip().is_loopback() && open {
            section.reject(
                "listen",
                format!("the proxy cannot listen on `{}` for everyone", proxy.listen),
                Some("a loopback address, or `[[proxy.user]]` or `allow_sources` beside it"),
                Some("`allow_sources = [\"10.0.0.0/8\"]` lets one range in"),
            );
        }
        proxy
    }
}

impl User {
    fn read(section: &mut Section<'_, '_>) -> Option<Self> {
        let name: Option<String> = section.required("name", "\"alice\"", "Name, as policies and the log use it.");
        let token_sha256: Option<[u8; 32]> = section.required(
            "token_sha256",
            "\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"",
            "SHA-256 of the token (the Basic password) in hex. Tokens must be long and random.",
        );
        let groups = section.get("groups", Vec::new(), "Groups, for policies.");
        Some(Self { name: name?, token_sha256: token_sha256?, groups })
    }
}

impl ProxyLimits {
    fn read(section: &mut Section<'_, '_>) -> Self {
        let default = Self::default();
        Self {
            connections: section.count("connections", default.connections, 1..=1 << 20, "Connections in all."),
            connections_per_client: section.count(
                "connections_per_client",
                default.connections_per_client,
                1..=1 << 20,
                "Connections of one client address.",
            ),
            handshake_secs: section.secs("handshake_secs", default.handshake_secs, "Seconds for a TLS handshake."),
            header_secs: section.secs("header_secs", default.header_secs, "Seconds for a request head."),
            header_kib: section.count(
                "header_kib",
                default.header_kib,
                8..=1024,
                "KiB of a request head. Browsers send large cookies to AI sites.",
            ),
            body_secs: section.secs("body_secs", default.body_secs, "Seconds for a whole inspected request body."),
            body_mib: section.count("body_mib", default.body_mib, 1..=4096, "MiB of one inspected request body."),
            decoded_mib: section.count(
                "decoded_mib",
                default.decoded_mib,
                1..=4096,
                "MiB that a compressed body may expand to. Absolute: 203 bytes of brotli can be 256 MiB.",
            ),
            memory_mib: section.count(
                "memory_mib",
                default.memory_mib,
                16..=1 << 20,
                "MiB of bodies held by all exchanges together.",
            ),
            streams: section.count("streams", default.streams, 1..=65_535, "HTTP/2 streams of one connection."),
            idle_secs: section.secs("idle_secs", default.idle_secs, "Seconds an idle connection is kept."),
            tunnel_idle_secs: section.secs(
                "tunnel_idle_secs",
                default.tunnel_idle_secs,
                "Seconds a tunnel may stay without a byte.",
            ),
            connect_secs: section.secs(
                "connect_secs",
                default.connect_secs,
                "Seconds for connecting to a site, with TLS.",
            ),
            first_byte_secs: section.secs(
                "first_byte_secs",
                default.first_byte_secs,
                "Seconds until a site's answer begins. Reasoning models think for minutes.",
            ),
            drain_secs: section.count(
                "drain_secs",
                default.drain_secs,
                0..=86_400,
                "Seconds open exchanges get after SIGTERM.",
            ),
        }
    }
}
