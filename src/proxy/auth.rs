//! Who is asking: proxy credentials where the configuration has people, the source address where it has none.
//! What a client says about itself in other headers is never identity.

use std::net::IpAddr;

use data_encoding::BASE64;
use hyper::{HeaderMap, header::PROXY_AUTHORIZATION};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{config::proxy::User, policy::Subject};

/// Longest credentials looked at, in bytes.
const CREDENTIALS_MAX: usize = 4096;

/// The outcome of looking at a request's credentials.
#[derive(Debug)]
pub enum Known {
    /// This is who asks.
    As(Subject),
    /// Credentials are needed and none, or wrong ones, were given: 407.
    Nobody,
}

/// Finds the subject of a request.
#[must_use]
pub fn identify(users: &[User], headers: &HeaderMap, source: IpAddr) -> Known {
    if users.is_empty() {
        return Known::As(Subject::address(source));
    }
    let Some((name, token)) = credentials(headers) else { return Known::Nobody };
    let given = Subject::named(&name, Vec::new(), source);
    let hash = Sha256::digest(token.as_bytes());
    // Every user is compared, so that time does not tell which names exist.
    let mut found = None;
    for user in users {
        let named = Subject::named(&user.name, user.groups.clone(), source);
        let token_fits = bool::from(user.token_sha256.as_slice().ct_eq(hash.as_slice()));
        if token_fits && named.id() == given.id() {
            found = Some(named);
        }
    }
    found.map_or(Known::Nobody, Known::As)
}

fn credentials(headers: &HeaderMap) -> Option<(String, zeroize::Zeroizing<String>)> {
    let mut values = headers.get_all(PROXY_AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok().filter(|value| value.len() <= CREDENTIALS_MAX)?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(BASE64.decode(encoded.trim().as_bytes()).ok()?).ok()?;
    let decoded = zeroize::Zeroizing::new(decoded);
    let (name, token) = decoded.split_once(':')?;
    Some((name.to_owned(), zeroize::Zeroizing::new(token.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn users() -> Vec<User> {
        vec![User {
            name: "alice".to_owned(),
            token_sha256: Sha256::digest(b"s3cret:with colon").into(),
            groups: vec!["legal".to_owned()],
        }]
    }

    fn asked(value: &str) -> Known {
        let mut headers = HeaderMap::new();
        headers.insert(PROXY_AUTHORIZATION, value.parse().unwrap());
        identify(&users(), &headers, HERE)
    }

    fn basic(plain: &str) -> String {
        format!("Basic {}", BASE64.encode(plain.as_bytes()))
    }

    #[test]
    fn without_people_the_source_address_is_the_subject() {
        let Known::As(subject) = identify(&[], &HeaderMap::new(), HERE) else { panic!() };
        assert_eq!(subject.id(), "127.0.0.1");
    }

    #[test]
    fn right_credentials_give_name_and_groups_in_any_spelling() {
        for name in ["alice", "Alice", "CORP\\alice"] {
            let Known::As(subject) = asked(&basic(&format!("{name}:s3cret:with colon"))) else { panic!("{name}") };
            assert_eq!((subject.id(), subject.groups.as_slice()), ("alice", &["legal".to_owned()][..]));
        }
    }

    #[test]
    fn anything_else_is_nobody() {
        for value in [
            basic("alice:wrong"),
            basic("bob:s3cret:with colon"),
            basic("alice"),
            "Bearer x".to_owned(),
            "Basic !!".to_owned(),
        ] {
            assert!(matches!(asked(&value), Known::Nobody), "{value}");
        }
        assert!(matches!(identify(&users(), &HeaderMap::new(), HERE), Known::Nobody));
    }
}
