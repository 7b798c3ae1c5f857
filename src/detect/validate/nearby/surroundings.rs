//! The text round a token, read: how the token hangs on what is before it, which words stand there, whose names they are.
//! Reads only what is asked for; does not judge.

use super::{
    super::Subject,
    words::{self, Kind, Word, kind_of, words},
};
use crate::detect::providers;
use std::cell::OnceCell;

/// Bytes before the token that are looked at.
const BEFORE: usize = 220;
/// Bytes behind the token that are looked at.
const AFTER: usize = 64;
/// Words that say nothing which may stand between a token and the word that names it.
const PASSED_MAX: usize = 3;

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

/// How the token hangs on what is before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    /// `=`, `:`, `=>`, an opening tag.
    Assigned,
    /// «is», «with», «to».
    Told,
    /// `,` or `|`: a neighbour in a list, a row, a call.
    Listed,
    /// `(`: an argument.
    Called,
    /// Blanks only.
    Bare,
}

/// What stands before and behind a token.
#[derive(Debug)]
pub(super) struct Surroundings<'a> {
    pub(super) link: Link,
    pub(super) quoted: bool,
    /// The nearest word before that says what the token is.
    pub(super) called: Option<Kind>,
    /// Words passed on the way to it.
    pub(super) passed: usize,
    /// The last four lines before the token, what links it included.
    before: &'a str,
    /// The rest of the line behind it.
    behind: &'a str,
    /// The words before, in order.
    row: Vec<Word<'a>>,
    /// Where the token's own line begins in the text of the words.
    line_from: usize,
    /// The token's own line without what links it.
    line: &'a str,
    /// Providers' names among the words before, once asked for.
    providers: OnceCell<Vec<Found>>,
}

impl<'a> Surroundings<'a> {
    pub(super) fn of(subject: &Subject<'a>) -> Self {
        let before = last_lines(subject.before(BEFORE));
        let behind = subject.after(AFTER).split(['\n', ';']).next().unwrap_or_default();
        let (rest, link, quoted) = unlink(before);
        let row = words(rest);
        let line_from = rest.rfind('\n').map_or(0, |at| at + 1);
        let line = rest.get(line_from..).unwrap_or_default();
        let (called, passed) = if below_data(before, rest) { (None, 0) } else { called(&row, line_from) };
        Self { link, quoted, called, passed, before, behind, row, line_from, line, providers: OnceCell::new() }
    }

    /// A provider's name within the token's own name.
    pub(super) fn own_provider(&self) -> bool {
        let names_from = self.row.len().saturating_sub(self.passed + 6);
        self.providers().iter().any(|found| found.in_name(&self.row, names_from))
    }

    /// A provider's name on the line or in the lines before it.
    pub(super) fn near_provider(&self) -> bool {
        self.providers().iter().any(|found| found.distinct)
    }

    fn providers(&self) -> &[Found] {
        self.providers.get_or_init(|| find_providers(&self.row))
    }

    /// A word of secrets anywhere in the lines before.
    pub(super) fn secret_before(&self) -> bool {
        self.row.iter().any(|word| word.says_secret())
    }

    /// A word of hashes and ids anywhere on the line before the token, or right behind it.
    pub(super) fn harmless_on_line(&self) -> bool {
        let before = self.row.iter().filter(|word| word.start >= self.line_from);
        let harmless = |word: &Word<'_>| word.kind == Kind::Harmless;
        before.into_iter().any(harmless) || words(self.behind).iter().take(3).any(harmless)
    }

    /// What the words behind call the token: «… as the Mailtrap token».
    pub(super) fn called_behind(&self) -> Option<Kind> {
        called_behind(&words(self.behind))
    }

    /// A provider's name behind the token.
    pub(super) fn provider_behind(&self) -> bool {
        find_providers(&words(self.behind)).iter().any(|found| found.distinct)
    }

    /// A `Cookie:` line, `curl -u`.
    pub(super) fn credential_line(&self) -> bool {
        is_credential_line(self.line)
    }

    /// Within the brackets of a call that connects.
    pub(super) fn connects(&self) -> bool {
        let connecting = self.row.iter().rev().take(2).any(|word| CONNECTING.contains(&word.lower.as_ref()));
        self.link == Link::Called && self.quoted && connecting
    }

    /// In a row of a table whose head says that it holds secrets.
    pub(super) fn below_head(&self) -> bool {
        let mut head = self.row.iter().take_while(|word| word.start < self.line_from);
        self.link == Link::Listed && !self.quoted && is_row(self.before) && head.any(|word| word.says_secret())
    }
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
        (true, _) => Link::Told,
        (false, true) => Link::Called,
        (false, false) => Link::Bare,
    };
    (rest, link, quoted)
}

/// Bytes right before a token that hold its name.
const NAME_BYTES: usize = 72;
/// Words before a word that may change what it says, and one that may be cut.
const NAME_WORDS: usize = 4;

/// Whether the words right before the token call it a hash, an id, a place: most tokens of logs and of code, told by a
/// look at few bytes. What [`called`] says of these words, it says of all words before the token.
pub(super) fn is_named_harmless(subject: &Subject<'_>) -> bool {
    let before = subject.before(NAME_BYTES);
    let (rest, ..) = unlink(before);
    let row = words(rest);
    let line_from = rest.rfind('\n').map_or(0, |at| at + 1);
    let harmless = |(at, kind): (usize, Kind)| kind == Kind::Harmless && at >= NAME_WORDS;
    !below_data(before, rest) && naming(&row, line_from).0.is_some_and(harmless)
}

/// The nearest word that says what the token is, and the words passed on the way. Of lines above, only words for
/// secrets count: a hash there is another value's name.
fn called(row: &[Word<'_>], line_from: usize) -> (Option<Kind>, usize) {
    let (named, passed) = naming(row, line_from);
    (named.map(|(_, kind)| kind), passed)
}

/// The same with the place of that word.
fn naming(row: &[Word<'_>], line_from: usize) -> (Option<(usize, Kind)>, usize) {
    let mut passed = 0;
    for (at, word) in row.iter().enumerate().rev() {
        match called_by(row, at) {
            Kind::Harmless if word.start < line_from => passed += 1,
            found @ (Kind::Secret | Kind::Weak | Kind::Harmless) => return (Some((at, found)), passed),
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
fn called_by(row: &[Word<'_>], at: usize) -> Kind {
    let beside = |place: Option<usize>| place.and_then(|place| row.get(place)).map_or("", |word| word.lower.as_ref());
    let (before, earlier, after) = (beside(at.checked_sub(1)), beside(at.checked_sub(2)), beside(Some(at + 1)));
    let kind = row.get(at).map_or(Kind::Other, |word| word.kind);
    let public = words::is_public(before) || kind_of(before) == Kind::Weak && words::is_public(earlier);
    let joins = |word: &str| matches!(word, "of" | "the" | "der" | "des" | "de" | "du");
    let worked_out = joins(before) && (1..4).any(|back| words::is_worked_out(beside(at.checked_sub(back))));
    match kind {
        Kind::Weak | Kind::Secret if public || worked_out => Kind::Harmless,
        Kind::Weak if words::makes_secret(before) || after == "api" => Kind::Secret,
        Kind::Secret | Kind::Weak | Kind::Harmless | Kind::Neutral | Kind::Other => kind,
    }
}

/// The word behind that says what the token is: «as the Mailtrap key». One unknown word may stand between, as a name,
/// where the first word leads on.
fn called_behind(row: &[Word<'_>]) -> Option<Kind> {
    let mut unknown =
        row.first().is_none_or(|word| !matches!(word.lower.as_ref(), "as" | "is" | "for" | "als" | "ist"));
    for (at, word) in row.iter().enumerate().take(6) {
        match called_by(row, at) {
            found @ (Kind::Secret | Kind::Weak | Kind::Harmless) => return Some(found),
            Kind::Other if providers::named(&word.lower).is_some() || words::makes_secret(&word.lower) => {}
            Kind::Other if unknown => return None,
            Kind::Other => unknown = true,
            Kind::Neutral => {}
        }
    }
    None
}

/// A provider's name among words.
#[derive(Debug)]
struct Found {
    /// Indices of its words.
    first: usize,
    last: usize,
    distinct: bool,
}

impl Found {
    /// Whether the name is part of the token's own name: within its last words; one that is an ordinary word only right
    /// beside a word for a key.
    fn in_name(&self, row: &[Word<'_>], names_from: usize) -> bool {
        let beside = |at: Option<usize>| {
            at.and_then(|at| row.get(at)).is_some_and(|word| matches!(word.kind, Kind::Secret | Kind::Weak))
        };
        let key_beside = beside(Some(self.last + 1)) || beside(self.first.checked_sub(1));
        self.first >= names_from && (self.distinct || key_beside)
    }
}

/// Names of one, two or three words; `sendgridkey` as well.
fn find_providers(row: &[Word<'_>]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut joined = String::new();
    for first in 0..row.len() {
        if row.get(first).is_none_or(|word| word.says_secret()) {
            continue;
        }
        joined.clear();
        for last in first..row.len().min(first + 3) {
            let Some(word) = row.get(last).filter(|word| !word.lower.is_empty()) else { break };
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
