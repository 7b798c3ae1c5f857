//! Keys that have no form of their own and stand behind their provider's name: whether the words before such a value
//! and what touches it speak for a key or for a hash, an id, a path. Does not know providers: the patterns do.

use super::{Judgement, Subject};
use crate::detect::rarity::rarity;

/// Last parts of names whose values are public: hashes, ids, places.
const HARMLESS: [&str; 69] = [
    "id",
    "ids",
    "uuid",
    "guid",
    "sha",
    "sha1",
    "sha256",
    "sha512",
    "md5",
    "hash",
    "hashes",
    "commit",
    "commits",
    "digest",
    "checksum",
    "etag",
    "rev",
    "revision",
    "build",
    "version",
    "ref",
    "refs",
    "branch",
    "tag",
    "trace",
    "traceid",
    "span",
    "request",
    "requestid",
    "correlation",
    "fingerprint",
    "thumbprint",
    "integrity",
    "nonce",
    "salt",
    "image",
    "container",
    "layer",
    "blob",
    "tree",
    "parent",
    "object",
    "cache",
    "chunk",
    "file",
    "filename",
    "path",
    "host",
    "hostname",
    "domain",
    "email",
    "index",
    "tenant",
    "workspace",
    "organization",
    "org",
    "project",
    "account",
    "session",
    "page",
    "node",
    "transaction",
    "order",
    "invoice",
    "snapshot",
    "release",
    "merge",
    "change",
    "device",
];

/// Parts of names whose values open something.
const SECRET: [&str; 24] = [
    "key",
    "keys",
    "apikey",
    "token",
    "tokens",
    "secret",
    "secrets",
    "password",
    "passwd",
    "pass",
    "pwd",
    "auth",
    "authorization",
    "bearer",
    "credential",
    "credentials",
    "creds",
    "access",
    "license",
    "licence",
    "appkey",
    "pat",
    "authtoken",
    "accesstoken",
];

/// Bytes before the value in which its name is looked for.
const NAME_WITHIN: usize = 56;
/// Parts of names looked at, from the value backwards.
const PARTS: usize = 6;

/// Check `provider-key`: a random value of a provider's length, not touched by what makes it part of a path or a longer
/// id, and not called a hash or an id by the words before it.
pub(super) fn provider_key(subject: &Subject<'_>) -> Judgement {
    Judgement::holds(is_random(subject.value) && stands_alone(subject) && !called_harmless(subject.before(NAME_WITHIN)))
}

/// Check `provider-token`: behind a prefix of its own; random, whatever stands round it.
pub(super) fn provider_token(subject: &Subject<'_>) -> Judgement {
    Judgement::holds(is_random(subject.value))
}

/// Digits and letters, or both cases, or letters of no language; and no words.
fn is_random(value: &str) -> bool {
    let count = |test: fn(&u8) -> bool| value.bytes().filter(test).count();
    let (digits, letters) = (count(u8::is_ascii_digit), count(u8::is_ascii_alphabetic));
    let mut seen = [false; 256];
    let distinct = value.bytes().filter(|byte| !std::mem::replace(&mut seen[usize::from(*byte)], true)).count();
    let cased = count(u8::is_ascii_uppercase) >= 3 && count(u8::is_ascii_lowercase) >= 3;
    let hexadecimal = count(|byte| byte.is_ascii_hexdigit() || *byte == b'-') == value.len();
    let rare = rarity(value).unwrap_or(0.0);
    // Words change case at their humps only: `E2bEECadULUt` is none.
    let restless = case_changes(value) * 4 >= value.len() && rare >= 0.3;
    let digital = digits * 4 >= value.len();
    let words = !hexadecimal && !restless && !digital && rare < if digits >= 2 { 0.35 } else { 0.45 };
    letters >= 2 && (digits >= 2 || cased || rare >= 0.6) && distinct >= 8.min(value.len() / 3) && !words
}

/// Neighbouring letters of different case.
fn case_changes(value: &str) -> usize {
    let letters = |pair: &&[u8]| pair.iter().all(u8::is_ascii_alphabetic);
    let changes = |pair: &&[u8]| pair.first().map(u8::is_ascii_uppercase) != pair.last().map(u8::is_ascii_uppercase);
    value.as_bytes().windows(2).filter(letters).filter(changes).count()
}

/// Nothing before or after says that the value is a part of a path, a file's name, a version or a longer id.
fn stands_alone(subject: &Subject<'_>) -> bool {
    let after = subject.after(2).as_bytes();
    let goes_on = match after {
        [b'/' | b'@' | b'+', ..] => true,
        [b'.' | b'-', next, ..] => next.is_ascii_alphanumeric(),
        _ => false,
    };
    !goes_on && !subject.before(1).ends_with(['/', '.', '@', '#', '-', '+', '$', '%'])
}

/// Whether the nearest telling word before the value names something public.
fn called_harmless(before: &str) -> bool {
    for part in parts(before).iter().rev().take(PARTS) {
        if SECRET.contains(&part.as_str()) {
            return false;
        }
        if HARMLESS.contains(&part.as_str()) {
            return true;
        }
    }
    false
}

/// Words and the parts of snake_case and camelCase names, in lower case.
fn parts(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = vec![String::new()];
    let mut last = ' ';
    for character in text.chars() {
        let hump = character.is_uppercase() && last.is_lowercase();
        if (hump || !character.is_alphanumeric()) && parts.last().is_some_and(|part: &String| !part.is_empty()) {
            parts.push(String::new());
        }
        if let (true, Some(part)) = (character.is_alphanumeric(), parts.last_mut()) {
            part.extend(character.to_lowercase());
        }
        last = character;
    }
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "9c1e4d8b2a6f03957e1c4b8d2f6a0e35";

    fn judge(before: &str, after: &str) -> bool {
        let text = format!("{before}{KEY}{after}");
        let range = before.len()..before.len() + KEY.len();
        provider_key(&Subject { value: KEY, text: &text, range }) == Judgement::Holds
    }

    #[test]
    fn a_key_is_what_is_called_one() {
        for before in ["ACME_API_KEY=", "acme: ", "acmeToken = \"", "<id>acme</id>\n<secret>{acme ", "acme key is "] {
            assert!(judge(before, "\n"), "{before}");
        }
    }

    #[test]
    fn hashes_ids_and_paths_are_not() {
        for before in ["acme commit ", "acmeTokenHash: ", "acme_key_id=", "acme api request id: ", "acme md5 = "] {
            assert!(!judge(before, "\n"), "{before}");
        }
        for (before, after) in [("acme key /", ""), ("acme key: ", ".min.js"), ("acme key: ", "-9c1e"), ("key #", "")] {
            assert!(!judge(before, after), "{before} {after}");
        }
    }
}
