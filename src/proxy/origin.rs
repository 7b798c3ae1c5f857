//! What a request is for: scheme, host and port, in one form. Resolves nothing.

use std::fmt;

use hyper::{Uri, http::uri::PathAndQuery};

use crate::site::host::{Authority, HostError};

/// How the origin is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Cleartext.
    Http,
    /// TLS.
    Https,
}

impl Scheme {
    /// The port that is meant when none is written.
    #[must_use]
    pub fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }

    /// As in a URI.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    /// How.
    pub scheme: Scheme,
    /// Where.
    pub authority: Authority,
}

impl Origin {
    /// The host's canonical form.
    #[must_use]
    pub fn host(&self) -> &str {
        self.authority.host.as_str()
    }

    /// The value of a `Host` header or `:authority`: the port only where it is not the scheme's own.
    #[must_use]
    pub fn host_header(&self) -> String {
        if self.authority.port == self.scheme.default_port() {
            self.authority.host.to_string()
        } else {
            self.authority.to_string()
        }
    }

    /// Whether a `Host` header or `:authority` is written exactly as this origin's own.
    #[must_use]
    pub fn is_written(&self, text: &str) -> bool {
        self.authority.port == self.scheme.default_port() && self.host() == text
    }

    /// Reads a `Host` header or `:authority` of a request for this scheme.
    ///
    /// # Errors
    /// When it is no host.
    pub fn parse_authority(scheme: Scheme, text: &str) -> Result<Authority, HostError> {
        Authority::parse_or(text, scheme.default_port())
    }

    /// The absolute form of a path on this origin.
    #[must_use]
    pub fn uri(&self, path: Option<PathAndQuery>) -> Option<Uri> {
        Uri::builder()
            .scheme(self.scheme.as_str())
            .authority(self.host_header())
            .path_and_query(path.unwrap_or_else(|| PathAndQuery::from_static("/")))
            .build()
            .ok()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.as_str(), self.host_header())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_port_is_left_out_of_the_host_header() {
        let origin = |scheme, text| Origin { scheme, authority: Authority::parse(text).unwrap() };
        assert_eq!(origin(Scheme::Https, "ChatGPT.com.:443").host_header(), "chatgpt.com");
        assert_eq!(origin(Scheme::Http, "chatgpt.com:443").host_header(), "chatgpt.com:443");
        assert_eq!(origin(Scheme::Https, "[::1]:8443").host_header(), "[::1]:8443");
        assert_eq!(origin(Scheme::Https, "a.test:8443").uri(None).unwrap().to_string(), "https://a.test:8443/");
    }
}
