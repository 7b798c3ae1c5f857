//! Credentials that travel in requests: cookies, parameters of web addresses, webhooks. Judges whether a value opens
//! something or only says something; the patterns found the names.

use super::{Judgement, Subject, secret::is_rare_token};
use crate::detect::rarity::rarity;

/// Check `cookie`: the value of a session's cookie: rare, not an identifier of a record.
pub(super) fn cookie(subject: &Subject<'_>) -> Judgement {
    let value = subject.value;
    let body = value.strip_prefix("s%3A").or_else(|| value.strip_prefix("s:")).unwrap_or(value);
    Judgement::holds(is_rare_token(body) && !is_uuid(body))
}

/// Check `url-parameter`: a parameter whose value is rare. `code` and `auth` need a long one: short codes are
/// countries, errors and discounts.
pub(super) fn url_parameter(subject: &Subject<'_>) -> Judgement {
    let value = subject.value;
    let before = subject.before(60).to_ascii_lowercase();
    let name = before.trim_end_matches('=').rsplit(['?', '&', ';', '#']).next().unwrap_or_default();
    if is_harmless_parameter(name) || value.contains("://") || value.contains("%7B") {
        return Judgement::Fails;
    }
    let password = ["password", "pwd", "passwd", "pass"].iter().any(|ending| name.ends_with(ending));
    if password {
        let digits = value.bytes().any(|byte| byte.is_ascii_digit());
        let odd =
            digits && value.bytes().any(|byte| byte.is_ascii_alphabetic()) || value.contains(['!', '$', '*', '@']);
        return if odd { Judgement::scored(0.8, "a password in a web address") } else { Judgement::Fails };
    }
    if is_uuid(value) && !name.contains("key") && !name.contains("token") && !name.contains("secret") {
        return Judgement::Fails;
    }
    let least = if ["code", "auth", "ticket", "sig"].iter().any(|ending| name.ends_with(ending)) { 20 } else { 14 };
    if value.len() < least || !is_rare_token(value) {
        return Judgement::Fails;
    }
    Judgement::scored(0.85, format!("a rare value of the parameter `{name}`"))
}

/// Parameters whose names end like a secret's and are none.
fn is_harmless_parameter(name: &str) -> bool {
    const NAMES: [&str; 16] = [
        "page_token",
        "pagetoken",
        "next_token",
        "nexttoken",
        "continuation_token",
        "continuationtoken",
        "sync_token",
        "cache_key",
        "cachekey",
        "sort_key",
        "sortkey",
        "public_key",
        "publickey",
        "idempotency_key",
        "zip_code",
        "item_key",
    ];
    NAMES.iter().any(|harmless| name.ends_with(harmless))
}

/// Check `webhook`: the path holds a part that nobody can guess.
pub(super) fn webhook(subject: &Subject<'_>) -> Judgement {
    let address = subject.value;
    let path = address.splitn(4, '/').nth(3).unwrap_or_default();
    let secret = path.split(['/', '?', '=', '&', '@']).any(|part| {
        is_uuid(part)
            || part.len() >= 16 && is_rare_token(part)
            || part.len() >= 6 && part.len() < 16 && is_short_code(part)
    });
    let filler = ["example.com", "XXXX", "0000000", "your-", "YOUR"].iter().any(|filler| address.contains(filler));
    Judgement::holds(secret && !filler)
}

/// `b7k2x9q`: digits among letters, in no word.
fn is_short_code(part: &str) -> bool {
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    let letters = part.bytes().filter(u8::is_ascii_alphabetic).count();
    digits >= 2 && letters >= 3 && digits + letters == part.len() && rarity(part).unwrap_or(0.0) > 0.6
}

/// Whether the value has the form of RFC 9562.
pub(super) fn is_uuid(value: &str) -> bool {
    let groups: Vec<usize> = value.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12] && value.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(text: &str, value: &str) -> bool {
        let start = text.find(value).unwrap();
        let subject = Subject { value, text, range: start..start + value.len() };
        url_parameter(&subject) != Judgement::Fails
    }

    #[test]
    fn rare_parameters_open_something() {
        assert!(judge("?api_key=q8ZkP3xWv9Lt2Rj7Bn4M", "q8ZkP3xWv9Lt2Rj7Bn4M"));
        assert!(judge("?user=a&password=Winter2024!", "Winter2024!"));
        assert!(!judge("?page_token=q8ZkP3xWv9Lt2Rj7Bn4M", "q8ZkP3xWv9Lt2Rj7Bn4M"));
        assert!(!judge("?code=DE-12345", "DE-12345"));
        assert!(!judge("?key=authentication-settings", "authentication-settings"));
    }

    #[test]
    fn a_uuid_has_five_groups() {
        assert!(is_uuid("6ba7b810-9dad-11d1-80b4-00c04fd430c8"));
        assert!(!is_uuid("6ba7b810-9dad-11d1-80b4-00c04fd430cg"));
    }
}
