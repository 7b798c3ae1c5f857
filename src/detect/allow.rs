//! Values that stand for a secret and are none: placeholders of documentation, of templates, and Scrim's own.
//! Does not know rules; single rules add their own `check.allow`.

use std::{ops::Range, sync::LazyLock};

/// Words in a value that say it is made up. Five letters and more: shorter ones turn up in random strings.
const MADE_UP: [&str; 22] = [
    "example",
    "placeholder",
    "changeme",
    "change_me",
    "change-me",
    "redacted",
    "your_",
    "your-",
    "yourapi",
    "yourkey",
    "yourtoken",
    "yoursecret",
    "yourpassword",
    "xxxxx",
    "dummy",
    "sample",
    "insert",
    "replace",
    "not_a_real",
    "notareal",
    "removed",
    "masked",
];

/// Values printed in standards, copied into many documents: RFC 5849, 6749, 6750, 7617.
const PUBLISHED: [&str; 11] = [
    "QWxhZGRpbjpvcGVuc2VzYW1l",
    "2YotnFZFEjr1zCsicMWpAA",
    "tGzv3JOkF0XG5Qx2TlKWIA",
    "mF_9.B5f-4.1JqM",
    "czZCaGRSa3F0MzpnWDFmQmF0M2JW",
    "QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
    "dGVzdDoxMjPCow==",
    "h480djs93hd8",
    "ad180jjd733klru7",
    "0685bd9184jfhq22",
    "SplxlOBeZQQYbYS6WxSbIA",
];

/// Longest value in which made-up words count: in long random text they turn up by chance.
const MADE_UP_MAX: usize = 200;

/// Rows of characters that people type when they need filler.
const ROWS: [&str; 5] = [
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
    "01234567890123456789012345678901234567890123456789",
    "1234567890abcdef1234567890abcdef1234567890abcdef",
    "0123456789abcdef0123456789abcdef0123456789abcdef",
    "qwertyuiopasdfghjklzxcvbnm",
];

/// Whether a value is filler or a template instead of something real.
#[must_use]
pub(super) fn is_placeholder(value: &str) -> bool {
    is_template(value) || is_made_up(value) || is_filler(value) || PUBLISHED.contains(&value)
}

/// `${TOKEN}`, `{{ token }}`, `<token>`, `%TOKEN%`, `$(cat token)`, `[token]`, `$TOKEN`.
fn is_template(value: &str) -> bool {
    const PAIRS: [(&str, &str); 8] =
        [("${", "}"), ("{{", "}}"), ("<", ">"), ("%", "%"), ("$(", ")"), ("[", "]"), ("#{", "}"), ("{", "}")];
    let wrapped =
        PAIRS.iter().any(|(open, close)| value.len() > open.len() && value.starts_with(open) && value.ends_with(close));
    let variable = value.strip_prefix('$').is_some_and(|name| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    });
    wrapped || variable || value.contains("${") || value.contains("{{")
}

fn is_made_up(value: &str) -> bool {
    if value.len() > MADE_UP_MAX {
        return false;
    }
    let lower = value.to_ascii_lowercase();
    MADE_UP.iter().any(|word| lower.contains(word))
}

/// One or two characters over and over, a row of the keyboard, dots or stars.
fn is_filler(value: &str) -> bool {
    let mut seen = [false; 256];
    let distinct = value.bytes().filter(|b| !std::mem::replace(&mut seen[usize::from(*b)], true)).count();
    if value.len() >= 5 && distinct <= 1 || value.len() >= 8 && distinct <= 2 {
        return true;
    }
    longest_repeat(value) * 2 >= value.len().max(8) || longest_row(value) * 5 >= value.len().max(8) * 4
}

/// Longest stretch of one character.
fn longest_repeat(value: &str) -> usize {
    let (mut best, mut current, mut last) = (0, 0, None);
    for byte in value.bytes() {
        current = if last == Some(byte) { current + 1 } else { 1 };
        last = Some(byte);
        best = best.max(current);
    }
    best
}

/// Which of [`ROWS`] have one ASCII character right after another: one bit a row.
static FOLLOWS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut table = vec![0_u8; 128 * 128];
    for (row, bit) in ROWS.iter().zip([1, 2, 4, 8, 16]) {
        for pair in row.as_bytes().windows(2) {
            if let Some(slot) = pair_index(pair).and_then(|index| table.get_mut(index)) {
                *slot |= bit;
            }
        }
    }
    table
});

fn pair_index(pair: &[u8]) -> Option<usize> {
    match pair {
        [first, second] if first.is_ascii() && second.is_ascii() => {
            Some(usize::from(first.to_ascii_lowercase()) * 128 + usize::from(second.to_ascii_lowercase()))
        }
        _ => None,
    }
}

/// Longest stretch that is part of one of [`ROWS`].
fn longest_row(value: &str) -> usize {
    let mut current = [0_usize; ROWS.len()];
    let mut best = 0;
    for pair in value.as_bytes().windows(2) {
        let rows = pair_index(pair).and_then(|index| FOLLOWS.get(index)).copied().unwrap_or(0);
        for (row, length) in current.iter_mut().enumerate() {
            *length = if rows >> row & 1 == 1 { *length + 1 } else { 0 };
            best = best.max(*length);
        }
    }
    if best == 0 { 0 } else { best + 1 }
}

/// Whether the value is, or stands inside, a placeholder of Scrim: `EMAIL_7K2QX4M9TD_R4`, or without its last `_`.
#[must_use]
pub(super) fn is_own_placeholder(text: &str, value: &Range<usize>) -> bool {
    let bytes = text.as_bytes();
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let before = bytes.get(..value.start).unwrap_or_default();
    let from = value.start - before.iter().rev().take(LONGEST).take_while(|b| part(b)).count();
    let after = bytes.get(value.end..).unwrap_or_default();
    let to = value.end + after.iter().take(LONGEST).take_while(|b| part(b)).count();
    if to - from > 4 * LONGEST {
        return false;
    }
    let token = bytes.get(from..to).unwrap_or_default();
    token.contains(&b'_')
        && (0..token.len()).any(|at| token.get(at..).is_some_and(begins_own_placeholder))
        && token.iter().all(part)
}

/// Category (16), `_`, 10 characters, `_`, 2 characters.
const LONGEST: usize = 16 + 1 + 10 + 1 + 2;

fn begins_own_placeholder(bytes: &[u8]) -> bool {
    let category = bytes.iter().take(17).take_while(|b| b.is_ascii_uppercase() || b.is_ascii_digit()).count();
    let base32 = |range: Range<usize>| {
        bytes.get(range).is_some_and(|run| run.iter().all(|b| b"0123456789ABCDEFGHJKMNPQRSTVWXYZ".contains(b)))
    };
    let tag = category + 1;
    (2..=16).contains(&category)
        && bytes.first().is_some_and(u8::is_ascii_uppercase)
        && bytes.get(category) == Some(&b'_')
        && base32(tag..tag + 10)
        && (base32(tag + 10..tag + 12) || bytes.get(tag + 10) == Some(&b'_') && base32(tag + 11..tag + 13))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filler_and_templates_are_placeholders() {
        for value in [
            "YOUR_API_KEY",
            "${DB_PASSWORD}",
            "xxxxxxxxxxxx",
            "<token>",
            "{{ secret }}",
            "%SECRET%",
            "$API_KEY",
            "********",
            "AKIAIOSFODNN7EXAMPLE",
            "1234567890abcdef",
            "0000000000000000",
            "changeme",
            "sk-xxxxxxxxxxxxxxxx",
        ] {
            assert!(is_placeholder(value), "{value}");
        }
    }

    #[test]
    fn real_looking_values_are_not() {
        for value in ["hunter2", "Sommer2024!", "q8ZkP3xWv9Lt2Rj7", "AKIAZ2J4N7Q5W8E3R6T9", "aX3$kk9!", "S3cr3t-Pa55"] {
            assert!(!is_placeholder(value), "{value}");
        }
    }

    #[test]
    fn own_placeholders_are_known_inside_longer_words() {
        for text in ["EMAIL_7K2QX4M9TD_R4", "APIKEY_7K2QX4M9TDR4", "xEMAIL_7K2QX4M9TD_R4x"] {
            assert!(is_own_placeholder(text, &(2..6)), "{text}");
            assert!(is_own_placeholder(text, &(0..text.len())), "{text}");
        }
        assert!(!is_own_placeholder("EMAIL_7K2QX4M9TI_R4", &(0..5)));
    }
}
