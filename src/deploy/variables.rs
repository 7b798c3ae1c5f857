//! The environment variables that send a program through Scrim and make it trust Scrim's CA. Which client reads which
//! one: `docs/deploy.md`. Starts no program.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
};

/// Hosts that a program reaches without Scrim.
const NO_PROXY: &str = "localhost,127.0.0.1,::1";

/// Name and value, in the order people read them.
pub type Variables = Vec<(&'static str, String)>;

/// Every variable. `ca` is the CA alone, `bundle` the system's roots with the CA.
///
/// Variables that add a CA (`NODE_EXTRA_CA_CERTS`) get the CA alone; those that replace the system's roots
/// (`SSL_CERT_FILE` and its like) get the bundle, or every other site would fail.
#[must_use]
pub fn variables(proxy: SocketAddr, ca: &Path, bundle: &Path) -> Variables {
    let url = format!("http://{}", reachable(proxy));
    let (ca, bundle) = (ca.display().to_string(), bundle.display().to_string());
    vec![
        ("HTTPS_PROXY", url.clone()),
        ("https_proxy", url.clone()),
        ("HTTP_PROXY", url.clone()),
        ("http_proxy", url),
        ("NO_PROXY", NO_PROXY.to_owned()),
        ("no_proxy", NO_PROXY.to_owned()),
        ("NODE_EXTRA_CA_CERTS", ca),
        ("NODE_USE_SYSTEM_CA", "1".to_owned()),
        ("NODE_USE_ENV_PROXY", "1".to_owned()),
        ("SSL_CERT_FILE", bundle.clone()),
        ("REQUESTS_CA_BUNDLE", bundle.clone()),
        ("CURL_CA_BUNDLE", bundle.clone()),
        ("AWS_CA_BUNDLE", bundle.clone()),
        ("CODEX_CA_CERTIFICATE", bundle.clone()),
        ("GIT_SSL_CAINFO", bundle.clone()),
        ("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", bundle),
    ]
}

/// The address a program on this machine connects to: a listener on every address is reached on loopback.
#[must_use]
pub fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
    };
    SocketAddr::new(ip, listen.port())
}

/// `export NAME='value'` for sh, bash, zsh and dash.
#[must_use]
pub fn posix(variables: &Variables) -> String {
    variables.iter().map(|(name, value)| format!("export {name}='{}'\n", value.replace('\'', "'\\''"))).collect()
}

/// `set -gx NAME 'value'` for fish.
#[must_use]
pub fn fish(variables: &Variables) -> String {
    let quoted = |value: &str| value.replace('\\', "\\\\").replace('\'', "\\'");
    variables.iter().map(|(name, value)| format!("set -gx {name} '{}'\n", quoted(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_adds_a_ca_gets_the_ca_and_what_replaces_the_roots_gets_the_bundle() {
        let made = variables("127.0.0.1:8877".parse().unwrap(), Path::new("/s/ca.pem"), Path::new("/s/ca.bundle.pem"));
        insta::assert_snapshot!(posix(&made));
    }

    #[test]
    fn values_are_quoted_for_the_shell() {
        let odd = vec![("A", "it's $HOME".to_owned())];
        assert_eq!(posix(&odd), "export A='it'\\''s $HOME'\n");
        assert_eq!(fish(&odd), "set -gx A 'it\\'s $HOME'\n");
    }

    #[test]
    fn a_listener_on_all_addresses_is_reached_on_loopback() {
        assert_eq!(reachable("0.0.0.0:8877".parse().unwrap()).to_string(), "127.0.0.1:8877");
        assert_eq!(reachable("[::]:8877".parse().unwrap()).to_string(), "[::1]:8877");
    }
}
