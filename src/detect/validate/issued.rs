//! Keys that providers issue: whether a value of the right form was drawn by a machine, and whether the words between a
//! provider's name and a value of a plain form (32 hexadecimal digits, a UUID) speak of a key or of a hash. Knows no provider.

use super::{Judgement, Subject};
use crate::detect::{entropy::shannon, rarity::rarity};

/// Least rarity of a random value: the form already speaks for it, so that it may be nearer to a word than to chance.
const RARE_LEAST: f64 = 0.4;
/// Places with digits that no word or identifier has.
const DIGIT_RUNS: usize = 4;
/// Shorter parts between signs say too little alone: they are judged together.
const PART_LEAST: usize = 8;
/// Bytes before a value in which its name is looked for.
const NAME_BYTES: usize = 40;
/// Confidence of a value beside a provider's name that nothing calls a key.
const UNNAMED: f32 = 0.7;

/// Words that say: what follows opens something.
const OPENS: [&str; 24] = [
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
    "salt",
    "pepper",
];

/// Words that say: what follows names or proves something.
const NAMES: [&str; 52] = [
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
    "version",
    "ver",
    "v",
    "job",
    "cache",
    "object",
    "event",
    "message",
];

/// Words before `id` that make it a part of what opens something.
const IDS_OF_KEYS: [&str; 5] = ["key", "client", "access", "api", "consumer"];

/// Words before `id` that leave it open what the id is.
const IDS_OF_PROGRAMS: [&str; 3] = ["app", "application", "project"];

/// Words before `key` whose keys open nothing.
const PLAIN_KEYS: [&str; 8] = ["cache", "public", "primary", "foreign", "sort", "partition", "object", "routing"];

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
    let refused = is_pinned(subject) || in_a_file_name(subject) || goes_on(subject);
    if refused || !(is_random(subject.value) || digits_only) {
        return Judgement::Fails;
    }
    match nearest_word(subject.before(NAME_BYTES)) {
        Some(Naming::Key) => Judgement::Holds,
        Some(Naming::Other) => Judgement::Fails,
        None if digits_only || is_uuid(subject.value) || subject.before(1) == "/" => Judgement::Fails,
        None => Judgement::scored(UNNAMED, "a provider's name before it"),
    }
}

/// Check `app-password`: groups of four letters or digits that are no words, behind a word for a key or a password.
pub(super) fn app_password(subject: &Subject<'_>) -> Judgement {
    let named = nearest_word(subject.before(NAME_BYTES)) == Some(Naming::Key);
    Judgement::holds(named && is_random(subject.value))
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

/// Whether the longest part between signs, or short parts together, look like no word, or digits stand all over.
fn is_random(value: &str) -> bool {
    let joined: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
    let parts = value.split(|c: char| !c.is_ascii_alphanumeric());
    let longest = parts.max_by_key(|part| part.len()).filter(|part| part.len() >= PART_LEAST).unwrap_or(&joined);
    let scattered = digit_runs(&joined) >= DIGIT_RUNS;
    shannon(value) >= 2.5 && (scattered || rarity(longest).is_none_or(|rare| rare >= RARE_LEAST))
}

/// Places with digits, those side by side counted once.
fn digit_runs(value: &str) -> usize {
    value.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()).count()
}

fn is_uuid(value: &str) -> bool {
    value.len() == 36 && value.bytes().filter(|b| *b == b'-').count() == 4
}

/// `owner/action@<commit>`, `package.tgz#<hash>`.
fn is_pinned(subject: &Subject<'_>) -> bool {
    let hexadecimal = subject.value.bytes().all(|b| b.is_ascii_hexdigit());
    hexadecimal && subject.before(1).contains(['@', '#'])
}

/// Part of a longer token: a hyphen with a letter or digit beyond it.
fn goes_on(subject: &Subject<'_>) -> bool {
    let mut before = subject.before(2).bytes().rev();
    let mut after = subject.after(2).bytes();
    before.next() == Some(b'-') && before.next().is_some_and(|b| b.is_ascii_alphanumeric())
        || after.next() == Some(b'-') && after.next().is_some_and(|b| b.is_ascii_alphanumeric())
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
    let words: Vec<String> =
        before.split(|c: char| !c.is_ascii_alphanumeric()).flat_map(humps).map(str::to_ascii_lowercase).collect();
    let earlier = |at: usize| at.checked_sub(1).and_then(|at| words.get(at)).map_or("", String::as_str);
    words.iter().enumerate().rev().filter(|(_, word)| !word.is_empty()).enumerate().find_map(|(nth, (at, word))| {
        match word.as_str() {
            "id" | "ids" if IDS_OF_KEYS.contains(&earlier(at)) => Some(Naming::Key),
            "id" | "ids" if nth == 0 && !IDS_OF_PROGRAMS.contains(&earlier(at)) => Some(Naming::Other),
            "key" | "keys" if PLAIN_KEYS.contains(&earlier(at)) => Some(Naming::Other),
            _ => naming(word),
        }
    })
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
    let hash = word.starts_with("md5") || word.starts_with("sha") || word == "v";
    let word = if hash { word } else { word.trim_end_matches(|c: char| c.is_ascii_digit()) };
    if OPENS.contains(&word) || ["key", "token", "secret", "salt"].iter().any(|tail| word.ends_with(tail)) {
        return Some(Naming::Key);
    }
    let version_of_a_path = word == "v" && !hash;
    (!version_of_a_path && NAMES.contains(&word)).then_some(Naming::Other)
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
        for before in [
            "MAILJET_API_KEY=",
            "mailjetApiKey: \"",
            "X-Mailjet-Token: ",
            "mailjet apikey2 is ",
            "<mailjet><secret>",
            "mailjet client id ",
        ] {
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
            ("mailjet_webhook_id=", ""),
            ("mailjet cache key ", ""),
            ("mailjet/", ""),
            ("mailjet 4f1c-", ""),
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
