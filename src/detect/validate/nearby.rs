//! Rare tokens and what stands round them: the name they are given, the words of their sentence, a provider's name.
//! Decides whether such a token opens something or is a hash, an id, a file's name. What a token is made of is `secret`'s.

mod words;

use super::{
    Judgement, Subject,
    request::is_uuid,
    secret::{is_public_key, is_rare_token},
};
use crate::detect::{providers, rarity::rarity};
use data_encoding::BASE64_NOPAD;
use words::{Kind, Word, kind_of, words};

/// Bytes before the token that are looked at.
const BEFORE: usize = 220;
/// Bytes behind the token that are looked at.
const AFTER: usize = 64;
/// Words that say nothing which may stand between a token and the word that names it.
const PASSED_MAX: usize = 3;

/// What a token is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// RFC 9562: ids far more often than keys.
    Uuid,
    /// Hexadecimal of the length of a digest: 32, 40, 56, 64, 96, 128.
    Digest,
    /// Hexadecimal of another length.
    Hexadecimal,
    /// Letters of the whole alphabet and digits.
    Mixed,
    /// More than anybody calls a key: data in base64.
    Long,
}

impl Form {
    fn of(value: &str) -> Option<Self> {
        let hexadecimal = value.bytes().all(|byte| byte.is_ascii_hexdigit());
        if value.starts_with("0x") && value.len() <= 18 {
            return None;
        }
        if is_uuid(value) {
            return Some(Self::Uuid);
        }
        if hexadecimal && value.len() >= 16 {
            let digest = matches!(value.len(), 32 | 40 | 56 | 64 | 96 | 128);
            return Some(if digest { Self::Digest } else { Self::Hexadecimal });
        }
        if value.len() < 16 || !is_rare_token(value) || !all_parts_rare(value) || is_text(value) || is_public_key(value)
        {
            return None;
        }
        Some(if value.len() > 120 { Self::Long } else { Self::Mixed })
    }
}

/// Of `Ab3….githubusercontent` the second part is a word, so that the whole is a host's name.
fn all_parts_rare(value: &str) -> bool {
    let wordy = |part: &str| {
        part.len() >= 6 && part.bytes().all(|b| b.is_ascii_lowercase()) && rarity(part).unwrap_or(0.0) < 0.4
    };
    !(value.contains(['.', '~']) && value.split(['.', '~']).any(wordy))
}

/// Base64 of readable text, which the normaliser looks into.
fn is_text(value: &str) -> bool {
    let bytes = BASE64_NOPAD.decode(value.trim_end_matches('=').as_bytes()).unwrap_or_default();
    !bytes.is_empty() && bytes.iter().all(|byte| byte.is_ascii_graphic() || b" \r\n\t".contains(byte))
}

/// How the token hangs on what is before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    /// `=`, `:`, `=>`, «is», an opening tag.
    Assigned,
    /// `,` or `|`: a neighbour in a list, a row, a call.
    Listed,
    /// `(`: an argument.
    Called,
    /// Blanks only.
    Bare,
}

/// What the words before and behind a token say about it.
#[derive(Debug)]
struct Surroundings {
    link: Link,
    quoted: bool,
    /// The nearest word before that says what the token is.
    called: Option<Kind>,
    /// Words passed on the way to it.
    passed: usize,
    /// A provider's name within the token's own name.
    own_provider: bool,
    /// A provider's name on the line or close before it.
    near_provider: bool,
    /// A word of secrets anywhere in the lines before.
    secret_before: bool,
    /// A word of hashes and ids anywhere on the line.
    harmless_on_line: bool,
    /// The words behind: «… as the Mailtrap token».
    called_behind: Option<Kind>,
    provider_behind: bool,
    /// A `Cookie:` line, `curl -u`.
    credential_line: bool,
    /// Within the brackets of a call that connects.
    connects: bool,
    /// In a row of a table whose head says that it holds secrets.
    below_head: bool,
}

/// Words in a call that hands over a key: `new Client("…")`, `connect("…")`.
const CONNECTING: [&str; 18] = [
    "new",
    "client",
    "connect",
    "connection",
    "configure",
    "init",
    "initialize",
    "login",
    "authenticate",
    "auth",
    "setup",
    "sdk",
    "session",
    "api",
    "register",
    "credentials",
    "start",
    "sign",
];

/// Check `nearby`: a rare token that its surroundings call a key.
pub(super) fn nearby(subject: &Subject<'_>) -> Judgement {
    if !stands_alone(subject) {
        return Judgement::Fails;
    }
    let Some(form) = Form::of(subject.value) else { return Judgement::Fails };
    let around = Surroundings::of(subject);
    let Some((confidence, reason)) = weigh(form, &around) else { return Judgement::Fails };
    Judgement::scored(confidence, reason)
}

/// Confidence and its reason, or `None` for a token that nothing calls a key.
fn weigh(form: Form, around: &Surroundings) -> Option<(f32, &'static str)> {
    let provider = around.own_provider || around.near_provider;
    let direct = around.link != Link::Bare || around.passed == 0;
    match around.called {
        Some(Kind::Harmless) => None,
        Some(Kind::Secret) if direct || provider => match (form, around.passed) {
            (Form::Uuid | Form::Digest, 2..) if !provider => None,
            (Form::Long, _) if around.link != Link::Assigned => None,
            (Form::Uuid, _) => Some((0.65, "an id behind a word for a secret")),
            (Form::Digest | Form::Hexadecimal | Form::Mixed | Form::Long, _) => {
                Some((0.75, "a rare value behind a word for a secret"))
            }
        },
        Some(Kind::Weak) if direct || provider => match form {
            Form::Uuid | Form::Digest | Form::Hexadecimal => {
                provider.then_some((0.65, "a rare value behind «key», with a provider's name near"))
            }
            Form::Mixed if around.passed < 2 || provider => Some((0.65, "a rare value behind «key»")),
            Form::Mixed | Form::Long => None,
        },
        Some(Kind::Secret | Kind::Weak | Kind::Neutral | Kind::Other) | None => weigh_unnamed(form, around),
    }
}

/// The same where no word before names the token.
fn weigh_unnamed(form: Form, around: &Surroundings) -> Option<(f32, &'static str)> {
    let set_off = around.quoted || around.link != Link::Bare;
    if around.harmless_on_line {
        return None;
    }
    if around.credential_line && form != Form::Uuid {
        return Some((0.7, "a credential of a request"));
    }
    let behind = matches!(around.called_behind, Some(Kind::Secret | Kind::Weak));
    let sure = around.called_behind == Some(Kind::Secret) || around.provider_behind || around.near_provider;
    if behind && (form == Form::Mixed || sure && form != Form::Uuid) {
        return Some((0.6, "a rare value called a key behind it"));
    }
    match form {
        Form::Mixed | Form::Hexadecimal if around.own_provider => Some((0.65, "a rare value behind a provider's name")),
        Form::Digest if around.own_provider && set_off => Some((0.6, "a rare value behind a provider's name")),
        Form::Mixed if around.near_provider && set_off => Some((0.6, "a rare value near a provider's name")),
        Form::Mixed | Form::Digest | Form::Hexadecimal | Form::Uuid
            if around.near_provider && around.secret_before && set_off =>
        {
            Some((0.6, "a rare value near a provider's name and a word for a secret"))
        }
        Form::Mixed if around.connects => Some((0.6, "a rare argument of a call that connects")),
        Form::Uuid if around.own_provider && around.link == Link::Assigned => {
            Some((0.55, "an id behind a provider's name"))
        }
        Form::Mixed if around.below_head => Some((0.55, "a rare value in a row below a word for a secret")),
        Form::Uuid | Form::Digest | Form::Hexadecimal | Form::Mixed | Form::Long => None,
    }
}

/// Nothing that touches the token makes it a part of a path, a file's name, a version, a colour, a longer id.
fn stands_alone(subject: &Subject<'_>) -> bool {
    let goes_on = match subject.after(2).as_bytes() {
        [b'/' | b'@' | b'+' | b'%' | b'$' | b'!' | b'*' | b'#' | b'^', ..] => true,
        [b'.' | b'-' | b':' | b'~', next, ..] => next.is_ascii_alphanumeric(),
        [b'(' | b'[', ..] => true,
        [b'&', next, ..] => !next.is_ascii_alphabetic(),
        [first, ..] => !first.is_ascii(),
        [] => false,
    };
    let before = subject.before(2);
    let part = before.ends_with(['/', '.', '#', '-', '+', '$', '%', '&', '?', '!', '^', '~', '_'])
        || before.ends_with('@')
        || before.ends_with('\\');
    let escape = before.ends_with("\\\\");
    !goes_on && (!part || escape)
}

impl Surroundings {
    fn of(subject: &Subject<'_>) -> Self {
        let before = last_lines(subject.before(BEFORE));
        let behind = subject.after(AFTER);
        let behind = behind.split(['\n', ';']).next().unwrap_or_default();
        let (rest, link, quoted) = unlink(before);
        let row = words(rest);
        let line_from = own_line(rest);
        let (called, passed) = if below_data(before, rest) { (None, 0) } else { called(&row, line_from) };
        let providers = find_providers(&row);
        let names_from = row.len().saturating_sub(passed + 6);
        let behind_words = words(behind);
        let line = rest.get(line_from..).unwrap_or_default();
        let connecting = row.iter().rev().take(2).any(|word| CONNECTING.contains(&word.lower.as_str()));
        let head = row.iter().take_while(|word| word.start < line_from);
        let says_secret = |word: &Word| matches!(kind_of(&word.lower), Kind::Secret | Kind::Weak);
        Self {
            connects: link == Link::Called && quoted && connecting,
            below_head: link == Link::Listed && !quoted && is_row(before) && head.into_iter().any(says_secret),
            link,
            quoted,
            called,
            passed,
            own_provider: providers.iter().any(|found| found.in_name(&row, names_from)),
            near_provider: providers.iter().any(|found| found.distinct),
            secret_before: row.iter().any(says_secret),
            harmless_on_line: row
                .iter()
                .filter(|word| word.start >= line_from)
                .chain(behind_words.iter().take(3))
                .any(|word| kind_of(&word.lower) == Kind::Harmless),
            called_behind: called_behind(&behind_words),
            provider_behind: find_providers(&behind_words).iter().any(|found| found.distinct),
            credential_line: is_credential_line(line),
        }
    }
}

/// Where the line begins that the token's name stands on: the token's own, or the one above when there is nothing else
/// on its own.
fn own_line(rest: &str) -> usize {
    rest.rfind('\n').map_or(0, |at| at + 1)
}

/// The separator of a row of data: `|`, a tabulator, or `,` and `;` without a blank.
fn is_row(before: &str) -> bool {
    before.trim_end_matches(' ').ends_with('|') || before.ends_with([',', ';', '\t'])
}

/// The token is a line of its own below a line of data: rows of base64.
fn below_data(before: &str, rest: &str) -> bool {
    let last = rest.rsplit('\n').next().unwrap_or_default().trim();
    before.get(rest.len()..).is_some_and(|between| between.contains('\n')) && last.len() > 30 && !last.contains(' ')
}

/// `Cookie: …`, `curl -u …`.
fn is_credential_line(line: &str) -> bool {
    let lower = line.trim_start().to_ascii_lowercase();
    lower.starts_with("cookie:")
        || lower.starts_with("set-cookie:")
        || lower.contains("'cookie: ")
        || lower.contains("\"cookie: ")
        || lower.trim_end_matches(['"', '\'', ' ']).ends_with(" -u")
}

/// The last four lines.
fn last_lines(before: &str) -> &str {
    let from = before.rmatch_indices('\n').nth(3).map_or(0, |(at, _)| at + 1);
    before.get(from..).unwrap_or(before)
}

/// Takes off what links the token to what is before it: quotes, brackets, signs, «is».
fn unlink(before: &str) -> (&str, Link, bool) {
    const OPENING: [char; 9] = ['"', '\'', '`', '(', '[', '{', '*', '\\', '@'];
    let quoted = before.ends_with(['"', '\'', '`']);
    let mut called = false;
    let mut rest = before;
    loop {
        let shorter = rest.trim_end_matches(|c: char| c.is_whitespace() || OPENING.contains(&c));
        called |= rest.get(shorter.len()..).is_some_and(|taken| taken.contains('('));
        rest = shorter;
        let linked = rest.trim_end_matches(['=', ':', '>', '：', '<']);
        if linked.len() < rest.len() {
            return (
                linked.trim_end_matches(|c: char| c.is_whitespace() || OPENING.contains(&c)),
                Link::Assigned,
                quoted,
            );
        }
        if rest.ends_with([',', '|', ';']) || rest.ends_with("\\t") {
            return (rest.trim_end_matches([',', '|', ';', ' ']), Link::Listed, quoted);
        }
        // «-», «--»: a list's mark.
        let marked = rest.trim_end_matches(['-', '•']);
        if marked.len() < rest.len() && marked.ends_with(['\n', ' ']) {
            rest = marked;
            continue;
        }
        break;
    }
    let last = rest.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let copula = words::COPULAS.contains(&last.to_lowercase().as_str());
    if copula {
        rest = rest.get(..rest.len() - last.len()).unwrap_or(rest).trim_end();
    }
    let link = match (copula, called) {
        (true, _) => Link::Assigned,
        (false, true) => Link::Called,
        (false, false) => Link::Bare,
    };
    (rest, link, quoted)
}

/// The nearest word that says what the token is, and the words passed on the way. Of lines above, only words for
/// secrets count: a hash there is another value's name.
fn called(row: &[Word], line_from: usize) -> (Option<Kind>, usize) {
    let mut passed = 0;
    for (at, word) in row.iter().enumerate().rev() {
        match called_by(row, at) {
            Kind::Harmless if word.start < line_from => passed += 1,
            found @ (Kind::Secret | Kind::Weak | Kind::Harmless) => return (Some(found), passed),
            Kind::Neutral => {}
            Kind::Other if providers::named(&word.lower).is_some() => {}
            Kind::Other => passed += 1,
        }
        if passed > PASSED_MAX {
            break;
        }
    }
    (None, passed)
}

/// What a word says together with those beside it: «public key», «api key», «clé API».
fn called_by(row: &[Word], at: usize) -> Kind {
    let beside = |place: Option<usize>| place.and_then(|place| row.get(place)).map_or("", |word| word.lower.as_str());
    let (before, earlier, after) = (beside(at.checked_sub(1)), beside(at.checked_sub(2)), beside(Some(at + 1)));
    let kind = row.get(at).map_or(Kind::Other, |word| kind_of(&word.lower));
    let public = words::is_public(before) || kind_of(before) == Kind::Weak && words::is_public(earlier);
    let joins = |word: &str| matches!(word, "of" | "the" | "der" | "des" | "de" | "du");
    let worked_out = joins(before) && (1..4).any(|back| words::is_worked_out(beside(at.checked_sub(back))));
    match kind {
        Kind::Weak | Kind::Secret if public || worked_out => Kind::Harmless,
        Kind::Weak if words::makes_secret(before) || after == "api" => Kind::Secret,
        Kind::Secret | Kind::Weak | Kind::Harmless | Kind::Neutral | Kind::Other => kind,
    }
}

/// The word behind that says what the token is: «as the Mailtrap key». Other words than names end the search.
fn called_behind(row: &[Word]) -> Option<Kind> {
    for at in 0..row.len().min(6) {
        let named = row.get(at).is_some_and(|word| providers::named(&word.lower).is_some());
        match called_by(row, at) {
            found @ (Kind::Secret | Kind::Weak | Kind::Harmless) => return Some(found),
            Kind::Other if !named && at != 2 => return None,
            Kind::Other | Kind::Neutral => {}
        }
    }
    None
}

/// A provider's name among words.
struct Found {
    /// Indices of its words.
    first: usize,
    last: usize,
    distinct: bool,
}

impl Found {
    /// Whether the name is part of the token's own name: within its last words; one that is an ordinary word only right
    /// beside a word for a key.
    fn in_name(&self, row: &[Word], names_from: usize) -> bool {
        let beside = |at: Option<usize>| {
            at.and_then(|at| row.get(at)).is_some_and(|word| matches!(kind_of(&word.lower), Kind::Secret | Kind::Weak))
        };
        let key_beside = beside(Some(self.last + 1)) || beside(self.first.checked_sub(1));
        self.first >= names_from && (self.distinct || key_beside)
    }
}

/// Names of one, two or three words; `sendgridkey` as well.
fn find_providers(row: &[Word]) -> Vec<Found> {
    let mut found = Vec::new();
    for first in 0..row.len() {
        let mut joined = String::new();
        for last in first..row.len().min(first + 3) {
            let Some(word) = row.get(last) else { break };
            joined.push_str(&word.lower);
            let name = providers::named(&joined).or_else(|| providers::named(words::without_key(&joined)));
            if let Some(name) = name {
                let distinct = name == providers::Name::Distinct && joined.len() >= 4;
                found.push(Found { first, last, distinct });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIXED: &str = "q8ZkP3xWv9Lt2Rj7Bn4M";
    const DIGEST: &str = "9c1e4d8b2a6f03957e1c4b8d2f6a0e35";
    const ID: &str = "6ba7b810-9dad-41d1-80b4-00c04fd430c8";

    /// `§` stands for the value.
    fn judge(template: &str, value: &str) -> bool {
        let start = template.find('§').unwrap();
        let text = template.replace('§', value);
        nearby(&Subject { value, text: &text, range: start..start + value.len() }) != Judgement::Fails
    }

    #[test]
    fn tokens_that_are_called_secrets_are_found() {
        for template in [
            "MAILTRAP_TOKEN=§",
            "  - name: ACME_API_KEY\n    value: §\n",
            "<add key=\"ApiKey\" value=\"§\"/>",
            "<id>x</id>\n<secret>§</secret>",
            "hier ist der Schlüssel: §",
            "mi clave de acme es §",
            "我的API密钥是§",
            "Authorization: Token §",
            "client.setApiKey(\"§\")",
        ] {
            assert!(judge(template, MIXED), "{template} {MIXED}");
            assert!(judge(template, DIGEST), "{template} {DIGEST}");
        }
    }

    #[test]
    fn a_providers_name_speaks_for_a_token() {
        for template in
            ["mailtrap: §", "new Mailtrap('§')", "[INFO] calling mailtrap\n[DEBUG] Using Key=§", "SEND_GRID=§"]
        {
            assert!(judge(template, MIXED), "{template}");
        }
        assert!(judge("Use § as the mailtrap token", MIXED));
        assert!(judge("BOX_API_KEY=§", DIGEST));
        assert!(!judge("put it into the box: §", DIGEST));
    }

    #[test]
    fn hashes_ids_and_names_of_files_are_not_keys() {
        for template in [
            "commit §",
            "md5: §",
            "token hash: §",
            "public_key = \"§\"",
            "request_id=§ token=ok",
            "cache key: §",
            "/api/token/§",
            "token §.js",
            "mailtrap request id §",
            "key: §",
        ] {
            assert!(!judge(template, DIGEST), "{template} {DIGEST}");
            assert!(!judge(template, ID), "{template} {ID}");
        }
    }
}
