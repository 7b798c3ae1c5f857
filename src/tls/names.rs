//! The names an issuing CA may sign for: brought into one form, without those that a parent covers, and bounded.
//! Knows nothing about sites; the list is passed in.

use super::{Error, profile::Issuing};

/// Suffixes shared by strangers: permitting one would let a stolen key stand in for any of them.
const SHARED: &[&str] = &[
    "amazonaws.com",
    "azure.com",
    "cloudfront.net",
    "cloudflare.com",
    "googleapis.com",
    "google.com",
    "googleusercontent.com",
    "herokuapp.com",
    "microsoft.com",
    "office.com",
    "pages.dev",
    "vercel.app",
    "windows.net",
    "workers.dev",
    "co.uk",
    "com.cn",
];

/// What the issuing CA is allowed to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permitted {
    /// These hosts and their subdomains.
    Hosts(Vec<String>),
    /// Any name: a company's own CA without a constraint.
    Any,
}

impl Permitted {
    /// Whether a leaf for this lower-case host would be accepted by clients.
    #[must_use]
    pub fn covers(&self, host: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Hosts(parents) => parents.iter().any(|parent| is_within(host, parent)),
        }
    }
}

/// The constraint's list: lower case, `*.` and trailing dots removed, sorted, entries covered by another one dropped.
///
/// # Errors
/// When the list is empty, an entry is no host name or a shared parent, or more are left than `limits` allow.
pub fn constrain(names: &[String], limits: &Issuing) -> Result<Vec<String>, Error> {
    let mut hosts = names.iter().map(|name| normal(name)).collect::<Result<Vec<_>, _>>()?;
    hosts.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    let mut kept: Vec<String> = Vec::new();
    for host in hosts {
        if !kept.iter().any(|parent| is_within(&host, parent)) {
            kept.push(host);
        }
    }
    kept.sort();
    match kept.len() {
        0 => Err(Error::NoNames),
        n if n > limits.names_max => Err(Error::TooManyNames {
            n_names: n,
            n_bytes: kept.iter().map(|host| host.len() + 4).sum(),
            max_names: limits.names_max,
            max_bytes: limits.chain_max_bytes,
        }),
        _ => Ok(kept),
    }
}

/// `host` is `parent` or a subdomain of it.
fn is_within(host: &str, parent: &str) -> bool {
    host.strip_suffix(parent).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn normal(name: &str) -> Result<String, Error> {
    let refuse = |why| Error::Name { name: name.to_owned(), why };
    let lower = name.trim().trim_end_matches('.').to_ascii_lowercase();
    let host = lower.strip_prefix("*.").unwrap_or(&lower);
    if !host.contains('.') {
        return Err(refuse("a host has at least two labels"));
    }
    if host.parse::<std::net::Ipv4Addr>().is_ok() || host.contains(':') {
        return Err(refuse("an address is never permitted"));
    }
    if SHARED.contains(&host) {
        return Err(refuse("strangers share this domain; list the exact hosts"));
    }
    let letters = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if host.len() > 253 || !host.split('.').all(letters) {
        return Err(refuse("labels are 1–63 letters, digits and `-` (punycode for others), 253 bytes in all"));
    }
    Ok(host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::profile::Profile;

    fn constrained(names: &[&str]) -> Result<Vec<String>, Error> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        constrain(&names, &Profile::built_in().unwrap().issuing)
    }

    #[test]
    fn subdomains_of_a_listed_host_are_dropped_and_look_alikes_are_not() {
        let kept =
            constrained(&["api.openai.com", "ChatGPT.com.", "*.chatgpt.com", "openai.com", "notopenai.com"]).unwrap();
        assert_eq!(kept, ["chatgpt.com", "notopenai.com", "openai.com"]);
    }

    #[test]
    fn an_empty_list_is_an_error_because_rcgen_would_write_no_constraint() {
        assert!(matches!(constrained(&[]), Err(Error::NoNames)));
    }

    #[test]
    fn shared_parents_addresses_and_broken_names_are_refused() {
        for bad in ["amazonaws.com", "com", "192.0.2.1", "::1", "a..b", "exa mple.com", "müller.de", "*.*.com"] {
            assert!(matches!(constrained(&[bad]), Err(Error::Name { .. })), "{bad}");
        }
    }

    #[test]
    fn the_eight_hundred_and_first_name_is_too_much() {
        let names = |n: usize| (0..n).map(|i| format!("site-{i:04}.example")).collect::<Vec<_>>();
        let limits = &Profile::built_in().unwrap().issuing;
        assert_eq!(constrain(&names(800), limits).unwrap().len(), 800);
        assert!(matches!(constrain(&names(801), limits), Err(Error::TooManyNames { n_names: 801, .. })));
    }

    #[test]
    fn a_host_is_covered_by_its_parent_and_not_by_a_suffix_of_letters() {
        let permitted = Permitted::Hosts(vec!["chatgpt.com".to_owned()]);
        assert!(permitted.covers("chatgpt.com") && permitted.covers("ws.chatgpt.com"));
        assert!(!permitted.covers("notchatgpt.com") && !permitted.covers("com"));
    }
}
