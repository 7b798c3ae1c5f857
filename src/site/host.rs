//! Names of hosts: the one form in which Scrim compares them, and the patterns of the site files.
//! Does not resolve names and does not know which hosts are AI sites.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// Longest DNS name in characters, RFC 1035.
const NAME_MAX: usize = 253;
/// Longest DNS label in characters, RFC 1035.
const LABEL_MAX: usize = 63;

/// A host in canonical form: lower case, no trailing dot, no port, international names as `xn--`. An address in any
/// spelling a client would accept (`127.1`, `0x7f000001`, `[::1]`) is its plain form.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Host {
    name: String,
    address: Option<IpAddr>,
}

/// Why a text is no host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// Nothing there.
    #[error("host name is empty")]
    Empty,
    /// More than 253 characters, or a label of more than 63.
    #[error("host name is longer than DNS allows")]
    TooLong,
    /// `a..b` or a leading dot.
    #[error("host `{0}` has an empty label")]
    EmptyLabel(String),
    /// Letters outside ASCII: clients send the `xn--` form on the wire.
    #[error("host `{0}` is not ASCII; write its `xn--` form")]
    NotAscii(String),
    /// A character that no host name has.
    #[error("host `{name}` has the character `{character}`")]
    Character {
        /// The text as given.
        name: String,
        /// What does not belong there.
        character: char,
    },
    /// Looks like an address (last label numeric, or brackets) and is none.
    #[error("`{0}` is no valid IP address")]
    Address(String),
    /// The port is no number from 1 to 65535.
    #[error("port `{0}` is not a number from 1 to 65535")]
    Port(String),
    /// An authority without a port where one is needed.
    #[error("`{0}` has no port")]
    NoPort(String),
    /// A `*` anywhere but as the whole first label.
    #[error("pattern `{0}` has a `*` that is not its whole first label")]
    Wildcard(String),
}

impl Host {
    /// Parses a host as it stands in a CONNECT line, a `Host` header, an SNI or a site file.
    ///
    /// # Errors
    /// When the text is neither a DNS name nor an IP address.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        if let Some(inner) = text.strip_prefix('[') {
            let inner = inner.strip_suffix(']').ok_or_else(|| HostError::Address(text.to_owned()))?;
            return v6(inner).ok_or_else(|| HostError::Address(text.to_owned()));
        }
        if text.contains(':') {
            return v6(text).ok_or_else(|| HostError::Address(text.to_owned()));
        }
        let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        check_name(&name)?;
        let numeric = name.rsplit('.').next().is_some_and(looks_numeric);
        if numeric {
            let address = v4(&name).ok_or(HostError::Address(name))?;
            return Ok(Self { name: address.to_string(), address: Some(IpAddr::V4(address)) });
        }
        Ok(Self { name, address: None })
    }

    /// The canonical form. IPv6 without brackets.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// The address, when the host is one in any spelling.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address {
            Some(IpAddr::V6(_)) => write!(f, "[{}]", self.name),
            Some(IpAddr::V4(_)) | None => f.write_str(&self.name),
        }
    }
}

fn check_name(name: &str) -> Result<(), HostError> {
    if name.is_empty() {
        return Err(HostError::Empty);
    }
    if !name.is_ascii() {
        return Err(HostError::NotAscii(name.to_owned()));
    }
    if name.len() > NAME_MAX || name.split('.').any(|label| label.len() > LABEL_MAX) {
        return Err(HostError::TooLong);
    }
    if name.split('.').any(str::is_empty) {
        return Err(HostError::EmptyLabel(name.to_owned()));
    }
    let foreign = |c: &char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    match name.chars().find(foreign) {
        Some(character) => Err(HostError::Character { name: name.to_owned(), character }),
        None => Ok(()),
    }
}

/// Whether a last label makes the whole name an IPv4 address in the eyes of browsers (WHATWG URL, "ends in a number").
fn looks_numeric(label: &str) -> bool {
    label.bytes().all(|b| b.is_ascii_digit())
        || label.strip_prefix("0x").is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// The IPv4 parser of the WHATWG URL standard: one to four parts, decimal, octal or hexadecimal, the last one filling
/// the rest.
fn v4(name: &str) -> Option<Ipv4Addr> {
    let parts: Vec<u64> = name.split('.').map(number).collect::<Option<_>>()?;
    let (&last, front) = parts.split_last()?;
    if front.len() > 3 || front.iter().any(|&part| part > 255) {
        return None;
    }
    let rest_bits = 8 * (4 - u32::try_from(front.len()).ok()?);
    if last >= 1_u64 << rest_bits {
        return None;
    }
    let high = front.iter().enumerate().fold(0_u64, |sum, (index, part)| sum | (part << (24 - 8 * index)));
    u32::try_from(high | last).ok().map(Ipv4Addr::from)
}

fn number(part: &str) -> Option<u64> {
    if let Some(hex) = part.strip_prefix("0x") {
        return if hex.is_empty() { Some(0) } else { u64::from_str_radix(hex, 16).ok() };
    }
    match part.strip_prefix('0') {
        Some(octal) if !octal.is_empty() => u64::from_str_radix(octal, 8).ok(),
        Some(_) | None => part.parse().ok(),
    }
}

fn v6(text: &str) -> Option<Host> {
    let address: Ipv6Addr = text.parse().ok()?;
    Some(Host { name: address.to_string(), address: Some(IpAddr::V6(address)) })
}

/// A host with its port: what a CONNECT names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Authority {
    /// The host, canonical.
    pub host: Host,
    /// The port, 1–65535.
    pub port: u16,
}

impl Authority {
    /// Parses `host:port`.
    ///
    /// # Errors
    /// When the host is none, or the port is missing or out of range.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        let (host, port) = text.rsplit_once(':').ok_or_else(|| HostError::NoPort(text.to_owned()))?;
        // `::1` without brackets would lose its last group to the port.
        if host.contains(':') && !host.starts_with('[') {
            return Err(HostError::NoPort(text.to_owned()));
        }
        let digits = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
        let number = port.parse().ok().filter(|&n: &u16| digits && n != 0);
        let port = number.ok_or_else(|| HostError::Port(port.to_owned()))?;
        Ok(Self { host: Host::parse(host)?, port })
    }

    /// Parses `host` or `host:port`.
    ///
    /// # Errors
    /// When the host is none or a given port is out of range.
    pub fn parse_or(text: &str, default_port: u16) -> Result<Self, HostError> {
        let bare = !text.contains(':') || (text.starts_with('[') && text.ends_with(']'));
        if bare { Ok(Self { host: Host::parse(text)?, port: default_port }) } else { Self::parse(text) }
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// Which hosts an entry of a site file or of a never-intercept list means.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HostPattern {
    /// `chatgpt.com`: this host.
    Exact(Host),
    /// `*.chatgpt.com`: every host below it, at any depth; not the host itself.
    Below(Host),
}

impl HostPattern {
    /// Parses `chatgpt.com` or `*.chatgpt.com`.
    ///
    /// # Errors
    /// When the name is no host, or a `*` stands elsewhere.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        let below = text.strip_prefix("*.");
        if below.unwrap_or(text).contains('*') {
            return Err(HostError::Wildcard(text.to_owned()));
        }
        match below {
            Some(parent) => Ok(Self::Below(Host::parse(parent)?)),
            None => Ok(Self::Exact(Host::parse(text)?)),
        }
    }

    /// Whether the host is meant.
    #[must_use]
    pub fn matches(&self, host: &Host) -> bool {
        match self {
            Self::Exact(exact) => exact == host,
            Self::Below(parent) => is_below(host.as_str(), parent.as_str()),
        }
    }

    /// The host of the pattern without its `*.`: what a name constraint or an SNI table needs.
    #[must_use]
    pub fn base(&self) -> &Host {
        match self {
            Self::Exact(host) | Self::Below(host) => host,
        }
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(host) => write!(f, "{host}"),
            Self::Below(host) => write!(f, "*.{host}"),
        }
    }
}

/// Whether `name` lies strictly below `parent`.
pub(crate) fn is_below(name: &str, parent: &str) -> bool {
    name.strip_suffix(parent).and_then(|front| front.strip_suffix('.')).is_some_and(|front| !front.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_host_has_one_form() {
        for spelling in ["chatgpt.com", "ChatGPT.com", "chatgpt.com.", "CHATGPT.COM."] {
            assert_eq!(Host::parse(spelling).unwrap().as_str(), "chatgpt.com", "{spelling}");
        }
        assert_eq!(Host::parse("xn--bcher-kva.example").unwrap().as_str(), "xn--bcher-kva.example");
    }

    #[test]
    fn an_address_is_known_in_every_spelling() {
        let loopback = ["127.0.0.1", "127.1", "0x7f.1", "0x7f000001", "2130706433", "0177.0.0.1", "127.0.0.1."];
        for spelling in loopback {
            let host = Host::parse(spelling).unwrap();
            assert_eq!(host.address(), Some(IpAddr::V4(Ipv4Addr::LOCALHOST)), "{spelling}");
            assert_eq!(host.as_str(), "127.0.0.1");
        }
        assert_eq!(Host::parse("[::1]").unwrap().address(), Some(IpAddr::V6(Ipv6Addr::LOCALHOST)));
        assert_eq!(Host::parse("[0:0::1]").unwrap().to_string(), "[::1]");
        assert_eq!(Host::parse("1.2.3.4.example").unwrap().address(), None);
    }

    #[test]
    fn what_is_no_host_is_refused() {
        let bad = [
            "",
            ".",
            "a..b",
            ".a",
            "a b",
            "a/b",
            "a@b",
            "[::1",
            "::g",
            "1.2.3.4.5",
            "256.1.1.1",
            "0x100000000",
            "bücher.de",
            "a,b",
        ];
        for text in bad {
            assert!(Host::parse(text).is_err(), "{text}");
        }
        assert!(Host::parse(&"a".repeat(64)).is_err());
        assert!(Host::parse(&"a.".repeat(130)).is_err());
    }

    #[test]
    fn an_authority_needs_a_port_in_range() {
        let authority = Authority::parse("ChatGPT.com.:443").unwrap();
        assert_eq!(authority.to_string(), "chatgpt.com:443");
        assert_eq!(Authority::parse("[::1]:8443").unwrap().to_string(), "[::1]:8443");
        for bad in
            ["chatgpt.com", "chatgpt.com:", "chatgpt.com:0", "chatgpt.com:65536", "chatgpt.com:+4", "::1", ":443"]
        {
            assert!(Authority::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(Authority::parse_or("[::1]", 80).unwrap().port, 80);
        assert_eq!(Authority::parse_or("a.test:81", 80).unwrap().port, 81);
    }

    #[test]
    fn a_wildcard_means_hosts_below_and_not_the_host_itself() {
        let pattern = HostPattern::parse("*.chatgpt.com").unwrap();
        assert!(pattern.matches(&Host::parse("ws.chatgpt.com").unwrap()));
        assert!(pattern.matches(&Host::parse("a.b.chatgpt.com").unwrap()));
        for other in ["chatgpt.com", "evilchatgpt.com", "chatgpt.com.evil.test"] {
            assert!(!pattern.matches(&Host::parse(other).unwrap()), "{other}");
        }
        assert!(HostPattern::parse("q.*.amazonaws.com").is_err());
        assert!(HostPattern::parse("*").is_err());
    }
}
