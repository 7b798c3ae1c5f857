//! Which values are rare enough to be looked for in every prompt, by their names and their forms. An ordinary word would
//! be found everywhere. Reads no file.

use super::{
    super::known::{SECRET_LEAST, SECRET_MAX},
    Entry, url_password,
};
use crate::detect::{allow, entropy};

/// What becomes of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// Looked for, as this category.
    Taken(&'static str),
    /// Shorter than 8 bytes, or longer than 16 Ki.
    Length,
    /// An ordinary word, number, path, host or address, or a placeholder: it would be found everywhere.
    Ordinary,
}

/// Words within a part of a key name that say that the value is a secret, and of which kind.
const TELLING: [(&str, &str); 11] = [
    ("password", "PASSWORD"),
    ("passwd", "PASSWORD"),
    ("passphrase", "PASSWORD"),
    ("kennwort", "PASSWORD"),
    ("passwort", "PASSWORD"),
    ("secret", "APIKEY"),
    ("token", "APIKEY"),
    ("credential", "APIKEY"),
    ("authorization", "APIKEY"),
    ("webhook", "APIKEY"),
    ("connectionstring", "CONNECTION"),
];

/// The same at the end of a part: `dbpass`, `apikey`; not `passenger`, `keyboard`.
const TELLING_ENDS: [(&str, &str); 11] = [
    ("pass", "PASSWORD"),
    ("pwd", "PASSWORD"),
    ("pw", "PASSWORD"),
    ("key", "APIKEY"),
    ("keys", "APIKEY"),
    ("auth", "APIKEY"),
    ("salt", "APIKEY"),
    ("otp", "APIKEY"),
    ("pat", "APIKEY"),
    ("dsn", "CONNECTION"),
    ("connection", "CONNECTION"),
];

/// The kind of secret that a key name says its value is.
fn telling(key: &str) -> Option<&'static str> {
    let mut parts = String::new();
    let mut last_small = false;
    for letter in key.chars() {
        let begins_part = letter.is_uppercase() && last_small;
        if begins_part || !letter.is_alphanumeric() {
            parts.push(' ');
        }
        last_small = letter.is_lowercase();
        parts.extend(letter.to_lowercase().filter(|letter| letter.is_alphanumeric()));
    }
    if parts.contains("public") {
        return None;
    }
    let inside = TELLING.iter().find(|(word, _)| parts.contains(word));
    let ends = || TELLING_ENDS.iter().find(|(end, _)| parts.split(' ').any(|part| part.ends_with(end)));
    inside.or_else(ends).map(|(_, category)| *category)
}

/// Whether a value is looked for, by its name and its form.
#[must_use]
pub fn judge(entry: &Entry) -> Judgement {
    let value = entry.value.trim();
    if !(SECRET_LEAST..=SECRET_MAX).contains(&value.len()) {
        return Judgement::Length;
    }
    if value.contains("PRIVATE KEY-----") || entry.key.starts_with("line of ") {
        return Judgement::Taken("PRIVATEKEY");
    }
    if url_password(value).is_some() {
        return Judgement::Taken("CONNECTION");
    }
    if is_ordinary(value) {
        return Judgement::Ordinary;
    }
    match telling(&entry.key) {
        Some(category) if !is_word(value) => Judgement::Taken(category),
        None if is_random(value) => Judgement::Taken("APIKEY"),
        Some(_) | None => Judgement::Ordinary,
    }
}

/// Numbers, paths, hosts, addresses and placeholders.
fn is_ordinary(value: &str) -> bool {
    let number =
        value.len() < 12 && value.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b':'));
    let path = value.starts_with(['/', '~', '.']) && !value.contains(' ') && value.matches('/').count() >= 2;
    let address = value.contains("://")
        || value.contains('@') && value.contains('.') && !value.contains(' ') && value.len() < 64 && is_mail(value);
    let host = value.contains('.')
        && value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b':'));
    number || path || address || host || allow::is_placeholder(value)
}

fn is_mail(value: &str) -> bool {
    let Some((person, domain)) = value.split_once('@') else { return false };
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'+'));
    !person.is_empty() && plain(person) && plain(domain) && domain.contains('.')
}

/// Letters of a word alone that many people would write.
const WORD_MAX: usize = 12;

/// A word, or a word with a digit or two: `production`, `Sommer24`.
fn is_word(value: &str) -> bool {
    let stem = value.trim_end_matches(|c: char| c.is_ascii_digit());
    let common =
        matches!(stem.to_lowercase().as_str(), "password" | "passwort" | "changeme" | "welcome" | "administrator");
    let letters = value.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '_'));
    let one_case = value.chars().skip(1).all(|c| !c.is_uppercase()) || value.chars().all(|c| !c.is_lowercase());
    common || letters && one_case && value.chars().count() <= WORD_MAX
}

/// Characters of a value at least that is taken for a secret by its look alone.
const RANDOM_LEAST: usize = 16;
/// Bits a character of such a value at least.
const RANDOM_BITS: f64 = 3.3;

fn is_random(value: &str) -> bool {
    let (digits, letters) = (value.bytes().any(|b| b.is_ascii_digit()), value.bytes().any(|b| b.is_ascii_alphabetic()));
    let uuid = value.len() == 36 && value.matches('-').count() == 4;
    let token = value.bytes().all(|b| b.is_ascii_graphic()) && !value.contains(['{', '<', '(']);
    digits
        && letters
        && token
        && !uuid
        && value.len() >= RANDOM_LEAST
        && entropy::shannon(value) >= RANDOM_BITS
        && !is_version(value)
}

/// `node-18.2.0-alpine`, `2031-01-05T10:00:00Z`: mostly words and numbers with signs between.
fn is_version(value: &str) -> bool {
    let parts = value.split(['-', '.', '_', ':', '/', '+', 'T']);
    parts.clone().all(|part| {
        part.len() <= 8
            && (part.bytes().all(|b| b.is_ascii_digit()) || part.bytes().all(|b| b.is_ascii_lowercase() || b == b'Z'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_name_says_that_its_value_is_a_secret() {
        for key in
            ["DB_PASSWORD", "dbPass", "apiKey", "X-Auth", "github token", "SECRET_KEY_BASE", "JWT_SECRET", "loginPwd"]
        {
            assert!(telling(key).is_some(), "{key}");
        }
        for key in ["AUTHOR", "KEYBOARD_LAYOUT", "passenger_name", "PUBLIC_KEY", "title", "compute"] {
            assert!(telling(key).is_none(), "{key}");
        }
    }
}
