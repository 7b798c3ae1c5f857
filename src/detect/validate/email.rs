//! E-mail addresses: what has the form (RFC 5321 local part and domain) and is none, or belongs to nobody.

use super::{Judgement, Subject};

/// «Domains» that are names of files or units: `logo@2x.png`, `app@latest.js`, `getty@tty1.service`.
const FILES: [&str; 29] = [
    "service", "socket", "target", "timer", "mount", "slice", "scope", "png", "jpg", "jpeg", "gif", "svg", "webp",
    "ico", "css", "js", "ts", "mjs", "json", "xml", "html", "py", "rs", "zip", "gz", "pdf", "yml", "yaml", "md",
];

/// Local parts that are roles of software, not people.
const NOBODY: [&str; 6] = ["git", "hg", "svn", "mailer-daemon", "postmaster", "notifications"];

/// Local parts that documentation uses with the reserved domains of RFC 2606.
const DOCUMENTED: [&str; 14] = [
    "user",
    "username",
    "you",
    "your",
    "yourname",
    "your-name",
    "your.name",
    "your-email",
    "your.email",
    "youremail",
    "name",
    "email",
    "someone",
    "me",
];

/// Check `email`.
pub(super) fn email(subject: &Subject<'_>) -> Judgement {
    let Some((local, domain)) = subject.value.rsplit_once('@') else { return Judgement::Fails };
    let (local, domain) = (local.to_lowercase(), domain.to_lowercase());
    let reserved = ["example.com", "example.org", "example.net"].contains(&domain.as_str());
    let top = domain.rsplit('.').next().unwrap_or_default();
    let form = !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && !domain.contains("..")
        && local.len() <= 64;
    let nobody = NOBODY.contains(&local.as_str());
    let software = ["noreply", "no-reply", "donotreply", "do-not-reply"].iter().any(|role| local.contains(role));
    let documented = reserved && DOCUMENTED.contains(&local.as_str());
    // `git clone user@host:path` and `user:password@host` are addresses of machines.
    let machine = subject.after(1) == ":"
        && subject.after(2).as_bytes().get(1).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'/' || *b == b'~');
    if !form || nobody || documented || FILES.contains(&top) {
        return Judgement::Fails;
    }
    match (machine, software) {
        (true, _) => Judgement::scored(0.4, "a machine's address: a path follows"),
        (false, true) => Judgement::scored(0.5, "a mailbox that nobody reads"),
        (false, false) => Judgement::Holds,
    }
}

/// Top-level domains that people spell out. A spelled address needs one: «look at this dot» is prose.
const SPELLED_TOPS: [&str; 28] = [
    "com", "org", "net", "edu", "gov", "io", "de", "fr", "es", "it", "nl", "be", "pl", "uk", "eu", "ch", "at", "se",
    "dk", "no", "fi", "pt", "br", "in", "ai", "dev", "info", "us",
];

/// Check `email-spelled`: «alice at example dot org».
pub(super) fn spelled(subject: &Subject<'_>) -> Judgement {
    let lower = subject.value.to_lowercase();
    let top = lower.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    let local = lower.split(|c: char| c.is_whitespace() || "([{<".contains(c)).next().unwrap_or_default();
    let prose = [
        "look",
        "be",
        "is",
        "are",
        "was",
        "meet",
        "only",
        "or",
        "and",
        "available",
        "us",
        "me",
        "it",
        "hosted",
        "live",
    ];
    Judgement::holds(SPELLED_TOPS.contains(&top) && !prose.contains(&local))
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn files_roles_and_documented_addresses_are_nobody() {
        for value in ["logo@2x.png", "git@github.com", "user@example.com", "a..b@x.org", "you@example.org"] {
            assert_eq!(check(email, value), Judgement::Fails, "{value}");
        }
        assert_eq!(check(email, "alice@example.org"), Judgement::Holds);
        assert!(matches!(check(email, "noreply@corp.io"), Judgement::Scored { .. }));
    }
}
