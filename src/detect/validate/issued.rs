//! Keys that providers issue: whether a value of the right form was drawn by a machine, and whether the words between a
//! provider's name and a value of a plain form (32 hexadecimal digits, a UUID) speak of a key or of a hash. Knows no provider.

use super::{Judgement, Subject};
use crate::detect::{entropy::shannon, rarity::rarity};

/// Least share of rare pairs in a random value. Words have 0.1–0.3, random letters and digits about 0.75.
const RARE_LEAST: f64 = 0.4;
/// Bytes before a value in which its name is looked for.
const NAME_BYTES: usize = 40;
/// Confidence of a value beside a provider's name that nothing calls a key.
const UNNAMED: f32 = 0.7;

/// Words that say: what follows opens something.
const OPENS: [&str; 22] = [
    "key",
    "keys",
    "token",
    "secret",
    "apikey",
    "password",
    "passwd",
    "pass",
    "pwd",
    "auth",
    "authtoken",
    "bearer",
    "authorization",
    "credential",
    "credentials",
    "creds",
    "pat",
    "hmac",
    "webhook",
    "apitoken",
    "basic",
    "appsecret",
];

/// Words that say: what follows names or proves something.
const NAMES: [&str; 44] = [
    "md5",
    "sha",
    "sha1",
    "sha2",
    "sha256",
    "sha384",
    "sha512",
    "hash",
    "hashes",
    "digest",
    "checksum",
    "checksums",
    "commit",
    "commits",
    "revision",
    "rev",
    "ref",
    "etag",
    "build",
    "trace",
    "traceid",
    "span",
    "request",
    "requestid",
    "correlation",
    "fingerprint",
    "integrity",
    "uuid",
    "guid",
    "blob",
    "tree",
    "head",
    "parent",
    "merge",
    "image",
    "layer",
    "tag",
    "txid",
    "tx",
    "transaction",
    "block",
    "address",
    "snapshot",
    "thumbprint",
];

/// Endings of files: what stands before or after them is part of a file's name.
const FILES: [&str; 25] = [
    "js", "mjs", "css", "map", "png", "jpg", "jpeg", "gif", "svg", "webp", "html", "htm", "php", "zip", "gz", "tgz",
    "bz2", "xz", "whl", "jar", "exe", "pdf", "woff", "woff2", "md",
];

/// Check `issued`: letters and digits in no order that words or identifiers have. Few digits or none are fine.
pub(super) fn issued(subject: &Subject<'_>) -> Judgement {
    Judgement::holds(is_random(subject.value))
}

/// Check `beside-name`: a random value whose nearest naming word is not that of a hash, a revision or a file. A UUID
/// and digits alone need a word for a key; other forms are less sure without one.
pub(super) fn beside_name(subject: &Subject<'_>) -> Judgement {
    let digits_only = subject.value.bytes().all(|b| b.is_ascii_digit());
    if !(is_random(subject.value) || digits_only) || is_pinned(subject) || in_a_file_name(subject) {
        return Judgement::Fails;
    }
    match nearest_word(subject.before(NAME_BYTES)) {
        Some(Naming::Key) => Judgement::Holds,
        Some(Naming::Other) => Judgement::Fails,
        None if digits_only || is_uuid(subject.value) => Judgement::Fails,
        None => Judgement::scored(UNNAMED, "a provider's name before it"),
    }
}

/// Check `named-secret`: as `beside-name`, for providers whose names are words: nothing without a word for a key.
pub(super) fn named_secret(subject: &Subject<'_>) -> Judgement {
    match beside_name(subject) {
        Judgement::Holds => Judgement::Holds,
        Judgement::Fails | Judgement::Scored { .. } | Judgement::First { .. } | Judgement::Stretch { .. } => {
            Judgement::Fails
        }
    }
}

fn is_random(value: &str) -> bool {
    let (mut rare, mut pairs) = (0.0, 0.0);
    for part in value.split(|c: char| !c.is_ascii_alphanumeric()) {
        if let Some(share) = rarity(part) {
            let count = f64::from(u32::try_from(part.len()).unwrap_or(u32::MAX)) - 1.0;
            rare += share * count;
            pairs += count;
        }
    }
    shannon(value) >= 2.5 && (pairs == 0.0 || rare / pairs >= RARE_LEAST)
}

fn is_uuid(value: &str) -> bool {
    value.len() == 36 && value.bytes().filter(|b| *b == b'-').count() == 4
}

/// `owner/action@<commit>`, `package.tgz#<hash>`.
fn is_pinned(subject: &Subject<'_>) -> bool {
    let hexadecimal = subject.value.bytes().all(|b| b.is_ascii_hexdigit());
    hexadecimal && subject.before(1).contains(['@', '#'])
}

/// `logo.<hash>.png`, `app-1.2.zip <hash>`, `/static/<hash>.js`.
fn in_a_file_name(subject: &Subject<'_>) -> bool {
    let after = subject.after(6).strip_prefix('.').unwrap_or_default();
    let ending: &str = after.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    let before = subject.before(NAME_BYTES).trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    let last = before.rsplit_once('.').map_or("", |(_, last)| last);
    FILES.contains(&ending) || FILES.contains(&last)
}

/// What the words before a value say that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Naming {
    Key,
    Other,
}

/// The last word that says something. Words end at signs and at humps: `mailjetApiKey`, `X-Mailjet-Token`.
fn nearest_word(before: &str) -> Option<Naming> {
    before.split(|c: char| !c.is_ascii_alphanumeric()).rev().find_map(|run| humps(run).rev().find_map(naming))
}

/// The words of `apiKeyID`, `APIKey`, `key2`; the run itself first, for `apikey` and `md5`.
fn humps(run: &str) -> impl DoubleEndedIterator<Item = &str> {
    let mut starts = vec![0];
    for (at, pair) in run.as_bytes().windows(3).enumerate() {
        if let [before, here, after] = pair
            && (before.is_ascii_lowercase() && here.is_ascii_uppercase()
                || before.is_ascii_uppercase() && here.is_ascii_uppercase() && after.is_ascii_lowercase())
        {
            starts.push(at + 1);
        }
    }
    let ends: Vec<usize> = starts.iter().skip(1).copied().chain([run.len()]).collect();
    starts.into_iter().zip(ends).filter_map(|(from, to)| run.get(from..to))
}

fn naming(word: &str) -> Option<Naming> {
    let lower = word.to_ascii_lowercase();
    let word = if lower.starts_with("md5") || lower.starts_with("sha") {
        lower.as_str()
    } else {
        lower.trim_end_matches(|c: char| c.is_ascii_digit())
    };
    if OPENS.contains(&word) || ["key", "token", "secret"].iter().any(|tail| word.ends_with(tail)) {
        return Some(Naming::Key);
    }
    NAMES.contains(&word).then_some(Naming::Other)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "9f86d081884c7d659a2feaa0c55ad015";

    fn beside(before: &str, value: &str, after: &str) -> Judgement {
        let text = format!("{before}{value}{after}");
        beside_name(&Subject { value, text: &text, range: before.len()..before.len() + value.len() })
    }

    #[test]
    fn a_word_for_a_key_makes_it_one() {
        for before in
            ["MAILJET_API_KEY=", "mailjetApiKey: \"", "X-Mailjet-Token: ", "mailjet apikey2 is ", "<mailjet><secret>"]
        {
            assert_eq!(beside(before, HEX, "\""), Judgement::Holds, "{before}");
        }
        assert!(matches!(beside("mailjet: ", HEX, ""), Judgement::Scored { .. }));
    }

    #[test]
    fn hashes_revisions_and_files_are_none() {
        for (before, after) in [
            ("mailjet md5: ", ""),
            ("mailjet_sha1 = \"", "\""),
            ("mailjet commit ", ""),
            ("mailjet/mailjet-action@", ""),
            ("mailjet-1.2.tgz#", ""),
            ("mailjet-1.2.tar.gz  ", ""),
            ("/static/mailjet.", ".js"),
            ("mailjet requestId=", ""),
        ] {
            assert_eq!(beside(before, HEX, after), Judgement::Fails, "{before}");
        }
    }

    #[test]
    fn a_uuid_needs_a_word_for_a_key() {
        let uuid = "3f2b8c1e-7a4d-4e9b-b6c5-1d0f9a8e7c64";
        assert_eq!(beside("postmark build ", uuid, ""), Judgement::Fails);
        assert_eq!(beside("postmark ", uuid, ""), Judgement::Fails);
        assert_eq!(beside("POSTMARK_SERVER_TOKEN=", uuid, ""), Judgement::Holds);
    }

    #[test]
    fn identifiers_are_not_issued() {
        let judge = |value| issued(&Subject { value, text: value, range: 0..value.len() });
        for value in ["user_session_token_handler", "getConfigurationForRequest", "to-be-or-not-to-be-that-is"] {
            assert_eq!(judge(value), Judgement::Fails, "{value}");
        }
        for value in ["aBZMWGIQRCweVwWFEzLk", "9f86d081884c7d65", "q8ZkP3xWv9Lt2Rj7Bn4M"] {
            assert_eq!(judge(value), Judgement::Holds, "{value}");
        }
    }
}
