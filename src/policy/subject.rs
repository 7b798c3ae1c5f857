//! Who is asking: one canonical name, whatever way it was learnt. Does not authenticate anybody.

use std::{fmt, net::IpAddr};

/// The person or machine behind a connection. Always exists: without log-in it is the source address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Subject {
    id: String,
    /// Groups from the configuration, for policies.
    pub groups: Vec<String>,
    /// Source address of the client's connection.
    pub source: IpAddr,
}

impl Subject {
    /// A named person. `alice`, `Alice` and `alice@CORP` are one: lower case, domain dropped.
    #[must_use]
    pub fn named(name: &str, groups: Vec<String>, source: IpAddr) -> Self {
        let lower = name.trim().to_lowercase();
        let bare = lower.rsplit('\\').next().unwrap_or(&lower);
        let id = bare.split('@').next().unwrap_or(bare).to_owned();
        Self { id, groups, source }
    }

    /// Nobody logged in: the address is the subject. IPv4-mapped IPv6 is IPv4.
    #[must_use]
    pub fn address(source: IpAddr) -> Self {
        Self { id: source.to_canonical().to_string(), groups: Vec::new(), source }
    }

    /// The canonical name: key of placeholder scopes, connection pools and the log.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_person_are_one_subject() {
        let from = IpAddr::from([127, 0, 0, 1]);
        for name in ["alice", "Alice", "alice@CORP", "CORP\\alice", " alice "] {
            assert_eq!(Subject::named(name, Vec::new(), from).id(), "alice");
        }
    }
}
