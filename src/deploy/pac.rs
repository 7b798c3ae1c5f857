//! The PAC file: AI hosts through Scrim, everything else direct, so that an outage of Scrim cannot break the rest of the
//! web. Plain ES5 and a string table: no DNS, which would block the browser's few PAC threads.

use std::net::SocketAddr;

use super::variables::reachable;
use crate::site::host::{Authority, HostPattern};

/// MIME type of a PAC file.
pub const CONTENT_TYPE: &str = "application/x-ns-proxy-autoconfig";

/// The script. `hosts` are the names that go through `proxy`, `host:port` as [`proxy_name`] gives it.
#[must_use]
pub fn script<'a>(hosts: impl Iterator<Item = &'a HostPattern>, proxy: &str) -> String {
    let (mut exact, mut below) = (Vec::new(), Vec::new());
    for pattern in hosts {
        match pattern {
            HostPattern::Exact(host) => exact.push(host.as_str().to_owned()),
            HostPattern::Below(host) => below.push(host.as_str().to_owned()),
        }
    }
    format!(
        "// Made by Scrim: AI sites go through it, everything else goes direct.\n\
         var exact = {};\n\
         var below = {};\n\
         function FindProxyForURL(url, host) {{\n\
         \x20 host = host.toLowerCase();\n\
         \x20 if (host.charAt(host.length - 1) === \".\") host = host.substring(0, host.length - 1);\n\
         \x20 var scrim = \"PROXY {proxy}\";\n\
         \x20 if (exact.hasOwnProperty(host)) return scrim;\n\
         \x20 for (var dot = host.indexOf(\".\"); dot !== -1; dot = host.indexOf(\".\", dot + 1))\n\
         \x20   if (below.hasOwnProperty(host.substring(dot + 1))) return scrim;\n\
         \x20 return \"DIRECT\";\n\
         }}\n",
        table(exact),
        table(below),
    )
}

/// How clients name the proxy: its address; where it listens on all of them, the host of the console's public URL, and
/// without one loopback.
#[must_use]
pub fn proxy_name(listen: SocketAddr, public_url: Option<&str>) -> String {
    let rest = public_url.and_then(|url| url.split_once("://")).map(|(_, rest)| rest);
    let authority = rest.and_then(|rest| rest.split(['/', '?']).next());
    let host = authority.and_then(|authority| Authority::parse_or(authority, 443).ok()).map(|authority| authority.host);
    match host {
        Some(host) if listen.ip().is_unspecified() => format!("{host}:{}", listen.port()),
        Some(_) | None => reachable(listen).to_string(),
    }
}

/// `{"a.example": 1, …}`, sorted, so that the same catalogue gives the same bytes and the same ETag.
fn table(mut names: Vec<String>) -> String {
    names.sort();
    names.dedup();
    let entries: Vec<String> = names.iter().map(|name| format!("\"{name}\": 1")).collect();
    format!("{{{}}}", entries.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_given_a_name_that_they_can_reach() {
        let name = |listen: &str, url: Option<&str>| proxy_name(listen.parse().unwrap(), url);
        assert_eq!(name("127.0.0.1:8877", Some("https://scrim.corp.example/x")), "127.0.0.1:8877");
        assert_eq!(name("0.0.0.0:8877", Some("https://scrim.corp.example:8443/x")), "scrim.corp.example:8877");
        assert_eq!(name("0.0.0.0:8877", None), "127.0.0.1:8877");
        assert_eq!(name("10.1.2.3:8877", None), "10.1.2.3:8877");
    }

    #[test]
    fn ai_hosts_go_through_the_proxy_and_all_else_goes_direct() {
        let hosts = ["chatgpt.com", "*.openai.com", "claude.ai"].map(|name| HostPattern::parse(name).unwrap());
        insta::assert_snapshot!(script(hosts.iter(), "127.0.0.1:8877"));
    }
}
