//! Values after `password =`, `token:` and their like: whether a person or a generator made them, or a programmer
//! wrote code, a path, a type or a message. Judges the value and the name before it; the pattern found both.

pub(super) mod told;
mod words;

use super::{Judgement, Subject};
use crate::detect::{
    entropy::shannon,
    rarity::{rarity, word_share},
};
use words::{CODE_WORDS, COMPUTED, NAME_TAILS, PLAIN_KEYS, is_weak};

/// How a value is made up, as far as judging needs it.
struct Shape<'a> {
    value: &'a str,
    lower: String,
    digits: usize,
    letters: usize,
    symbols: usize,
    classes: usize,
}

impl<'a> Shape<'a> {
    fn of(value: &'a str) -> Self {
        let count = |test: fn(char) -> bool| value.chars().filter(|c| test(*c)).count();
        let digits = count(|c| c.is_ascii_digit());
        let letters = count(char::is_alphabetic);
        let symbols = value.chars().count() - digits - letters;
        let upper = count(char::is_uppercase);
        let classes =
            [digits > 0, upper > 0, letters > upper, symbols > 0].into_iter().filter(|present| *present).count();
        Self { value, lower: value.to_lowercase(), digits, letters, symbols, classes }
    }

    /// Code, a path, a type, a format: nothing that opens anything.
    fn is_code(&self) -> bool {
        let value = self.value;
        COMPUTED.iter().any(|begin| self.lower.starts_with(begin))
            || value.starts_with(['$', '&', '@', ':', '?', '%', '{', '<', '(', '[', '*', '!', '|', '>', '~', '.'])
                && !self.is_strong()
            || value.contains("://")
            || value.contains("()")
            || value.contains("=>")
            || value.contains("->")
            || value.contains("::")
            || value.trim_end_matches('=').contains("==")
            || value.contains("?.") && !self.is_strong()
            || value.contains("(?")
            || value.contains("[a-")
            || value.contains("&quot")
            || value.contains("&lt")
            || value.contains("&gt")
            || self.letters == 0 && self.digits == 0
            || value.starts_with('_') && self.symbols == value.matches('_').count()
            || self.is_call()
            || self.ends_code()
            || self.is_path()
            || self.is_format()
    }

    fn is_call(&self) -> bool {
        let Some((name, rest)) = self.value.split_once(['(', '[']) else { return false };
        let element = self.value.contains('[');
        let identifier = !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'$' | b'!'));
        identifier
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && (rest.is_empty()
                || rest.contains([')', ']', '"', '\'', '(', '=', '$', '&', '.'])
                || name.contains(['.', '_'])
                || element && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b';')
                || (!self.is_strong() || is_wordy(name)) && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
    }

    /// `password)`, `None]`: a name and what closes the expression; `code:`.
    fn ends_code(&self) -> bool {
        let name = self.value.trim_end_matches([')', ']', '}', ',', ':']);
        name.len() < self.value.len() && name.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'.'))
    }

    fn is_path(&self) -> bool {
        let separators = self.value.matches(['/', '\\']).count();
        let rooted =
            self.value.starts_with(['/', '~']) || self.value.starts_with("./") || self.value.starts_with("../");
        separators >= 2 && rarity(self.value).unwrap_or(0.0) < 0.5
            || rooted && separators >= 1 && rarity(self.value).unwrap_or(0.0) < 0.6
    }

    fn is_format(&self) -> bool {
        let number = self.value.bytes().all(|b| b.is_ascii_digit() || b":.,/-".contains(&b));
        matches!(self.value, "%s" | "%d" | "{}")
            || self.is_literal_number()
            || number && self.symbols > 0
            || self.value.contains("%(")
            || self.value.contains("{0}")
            || self.value.contains("...")
            || self.value.contains("…")
    }

    /// `0x0001`, `16u32`.
    fn is_literal_number(&self) -> bool {
        let digits = self.value.trim_end_matches(|c: char| c.is_ascii_digit());
        let typed = digits
            .strip_suffix(['u', 'i', 'f'])
            .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
        let hexadecimal =
            self.lower.strip_prefix("0x").is_some_and(|n| n.len() <= 16 && n.bytes().all(|b| b.is_ascii_hexdigit()));
        typed || hexadecimal
    }

    /// Dotted, snake or camel words: `request.user.password2`.
    fn is_identifier(&self) -> bool {
        let body = self.value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
        let start = self.value.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        body && start && self.words_share() > 0.5
    }

    /// Share of the letters that stand in common pairs.
    fn words_share(&self) -> f64 {
        1.0 - rarity(self.value).unwrap_or(0.0)
    }

    fn says_code_word(&self) -> bool {
        // Short ones stand in other words: mon-key, b-arg-ain.
        let parts = || self.lower.split(|c: char| !c.is_alphabetic());
        CODE_WORDS
            .iter()
            .any(|word| if word.len() > 3 { self.lower.contains(word) } else { parts().any(|part| part == *word) })
    }

    fn is_strong(&self) -> bool {
        self.classes >= 3 && self.value.len() >= 8 && shannon(self.value) >= 2.75
    }
}

/// Letters alone, of common pairs: `HTTPBasicAuthHandler`.
fn is_wordy(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii_alphabetic()) && rarity(name).unwrap_or(0.0) < 0.5
}

/// Whether the name before the value is about a password instead of being one: `password_length = …`.
fn name_disclaims(before: &str) -> bool {
    let name =
        before.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '=' | ':' | '"' | '\'' | '`' | '\\' | '>'));
    let name_from = name.rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))).map_or(0, |at| at + 1);
    let name = name.get(name_from..).unwrap_or(name);
    // The last word of snake_case, kebab-case or camelCase.
    let cut = name.rfind(['_', '-', '.']).map_or(0, |at| at + 1);
    let last = name.get(cut..).unwrap_or(name);
    let hump =
        last.rfind(char::is_uppercase).filter(|at| *at > 0 && !last.chars().all(char::is_uppercase)).unwrap_or(0);
    let words = [last, last.get(hump..).unwrap_or(last)].map(str::to_lowercase);
    let salt = name.to_lowercase().contains("salt");
    salt || words.iter().any(|word| NAME_TAILS.contains(&word.as_str()))
}

fn is_quoted(subject: &Subject<'_>) -> bool {
    subject.before(1).contains(['"', '\'', '`'])
}

/// Assigned by a sign or a verb, not only by standing behind the name.
fn is_linked(subject: &Subject<'_>) -> bool {
    let before = subject.before(12).trim_end_matches([' ', '"', '\'', '`', '\t', '\n', '*', '\\']);
    before.ends_with(['=', ':', '>', '：', ',', '(', 'p'])
        || [" is", " ist", " est", " es", "lautet", "jest", " er"].iter().any(|verb| before.ends_with(verb))
}

/// Beginnings of public keys and certificates in base64: what SubjectPublicKeyInfo (RFC 5480, 8410), OpenSSH keys (RFC 4253)
/// and PEM headers coded once more begin with.
const PUBLIC_BEGINS: [&str; 13] = [
    "MFkwEwYHKoZIzj0C",
    "MFYwEAYHKoZIzj0C",
    "MHYwEAYHKoZIzj0C",
    "MIGbMBAGByqGSM49",
    "MIIBIjANBgkqhkiG",
    "MIICIjANBgkqhkiG",
    "MIGfMA0GCSqGSIb3",
    "MCowBQYDK2VwAyEA",
    "MCowBQYDK2VuAyEA",
    "AAAAB3NzaC1",
    "AAAAC3NzaC1",
    "AAAAE2VjZHNh",
    "LS0tLS1CRUdJTiBDRVJ",
];

/// Whether a value is a public key or a certificate.
pub(super) fn is_public_key(value: &str) -> bool {
    PUBLIC_BEGINS.iter().any(|begin| value.starts_with(begin))
        || value.starts_with("LS0tLS1CRUdJTiBQVUJ")
        || value.starts_with("MII") && value.len() > 400
}

/// Check `password`: a value assigned to a password's name.
pub(super) fn password(subject: &Subject<'_>) -> Judgement {
    let shape = Shape::of(subject.value);
    if shape.is_code() || name_disclaims(subject.before(64)) || is_test_result(subject) {
        return Judgement::Fails;
    }
    let quoted = is_quoted(subject);
    // One of a list of strings: `"HTTPPasswordMgr", "urllib2"`.
    let defined = ["define(", "env(", "put(", "set(", "property("].iter().any(|call| subject.before(60).contains(call));
    let listed =
        !defined && subject.before(4).contains(',') && !(shape.is_strong() || shape.digits >= 2 && shape.classes >= 2);
    let named = quoted && shape.is_identifier() && shape.value.contains('_') && shape.digits < 4;
    if listed || named {
        return Judgement::Fails;
    }
    if CODE_WORDS.contains(&shape.lower.as_str()) {
        return Judgement::Fails;
    }
    if shape.digits == 0 && shape.symbols == 0 {
        return if is_linked(subject) { words_only(&shape, quoted) } else { Judgement::Fails };
    }
    if shape.letters == 0 && shape.symbols == 0 {
        let reason = "digits assigned to a password's name";
        return if shape.digits >= 6 { Judgement::scored(0.55, reason) } else { Judgement::Fails };
    }
    if !quoted && (shape.is_identifier() && (shape.digits == 0 || shape.says_code_word()) || follows_code(subject)) {
        return Judgement::Fails;
    }
    if shape.symbols > 0 && shape.digits == 0 && shape.is_identifier() {
        return Judgement::Fails;
    }
    if subject.value.contains(' ') && shape.digits == 0 {
        return Judgement::Fails;
    }
    let confidence = match (shape.is_strong(), shape.classes) {
        (true, _) => 0.9,
        (false, 3..) => 0.8,
        (false, _) => 0.7,
    };
    Judgement::scored(confidence, format!("{} kinds of characters assigned to a password's name", shape.classes))
}

fn words_only(shape: &Shape<'_>, quoted: bool) -> Judgement {
    let weak = is_weak(&shape.lower);
    let random = shape.value.len() >= 8 && shape.words_share() < 0.55 && (quoted || shape.classes == 2);
    if weak || random && !shape.says_code_word() {
        return Judgement::scored(0.6, "letters of no common word assigned to a password's name");
    }
    Judgement::Fails
}

/// What follows says that the value is an expression: `.strip()`, `[0]`, `(`.
fn follows_code(subject: &Subject<'_>) -> bool {
    subject.after(3) == " = "
        || subject.after(1).contains(['(', '['])
        || subject.after(1) == "." && subject.after(2).ends_with(char::is_alphabetic)
}

/// `PASS: gdb.base/break.exp: …`: a line of a test's log.
fn is_test_result(subject: &Subject<'_>) -> bool {
    let before = subject.before(8);
    let line = before.rsplit('\n').next().unwrap_or_default();
    line == "PASS: " && (subject.value.contains(['/', ':']) || subject.after(2).starts_with([':', ' ']))
}

/// Check `url-password`: the password between `://user:` and `@`.
pub(super) fn url_password(subject: &Subject<'_>) -> Judgement {
    let shape = Shape::of(subject.value);
    let filler = matches!(
        shape.lower.as_str(),
        "password" | "pass" | "passwd" | "pw" | "pwd" | "secret" | "token" | "port" | "opensesame"
    );
    let variable = subject.value.starts_with(['$', '{', '<', '%', ':']) && shape.classes < 3;
    let told =
        shape.digits == 0 && ["secret", "password", "token", "anonymous"].iter().any(|word| shape.lower.contains(word));
    let documented = subject.after(12).starts_with("@example.") && !shape.is_strong();
    if filler || variable || told || documented || shape.value.chars().count() < 4 || shape.value.contains("${") {
        return Judgement::Fails;
    }
    Judgement::Holds
}

/// Check `generic-key`: a value assigned to `token`, `secret`, `api_key`: rare, not a word, not a hash's or an id's name.
pub(super) fn generic_key(subject: &Subject<'_>) -> Judgement {
    let shape = Shape::of(subject.value);
    let rare = rarity(subject.value).unwrap_or(0.0);
    let bits = shannon(subject.value);
    let refused = shape.is_code()
        || is_public_key(subject.value)
        || name_disclaims(subject.before(64))
        || names_public(subject.before(96))
        || !is_quoted(subject) && follows_code(subject);
    // Letters of both cases in no order are as good as digits: `aBZMW3GIQRCweVwWFEzL`.
    let cases = case_changes(subject.value) * 4 >= subject.value.len();
    let random = shape.digits >= 2 && shape.letters >= 2 && rare >= 0.5 || cases && shape.letters >= 12 && rare >= 0.55;
    let words = word_share(subject.value);
    let dotted = shape.value.contains('.') && words >= 0.2;
    let wordy = !cases && shape.is_identifier() || words > WORDS_MOST || dotted;
    // Short values are numbers of versions, sizes and codes far more often than keys.
    let short = subject.value.len() < 12;
    let doubtful = short && (rare < 0.75 || shape.symbols > 0 || digit_changes(subject.value) < 3);
    if refused || bits < if short { 2.7 } else { 3.0 } || !random || wordy || doubtful {
        return Judgement::Fails;
    }
    let confidence: f32 = if subject.value.len() >= 20 && rare >= 0.6 { 0.8 } else { 0.65 };
    let reason = format!("rarity {:.0} %, {bits:.1} bits a character", rare * 100.0);
    match parameter_end(subject.value) {
        Some(bytes) => Judgement::First { bytes, confidence: Some(confidence), reason },
        None => Judgement::scored(confidence, reason),
    }
}

/// Where the next parameter of a query begins: `q8Zk…&next=1`.
fn parameter_end(value: &str) -> Option<usize> {
    let (first, rest) = value.split_once('&')?;
    let name = rest.split_once('=').map_or(rest, |(name, _)| name);
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    (named && first.len() >= 12).then_some(first.len())
}

/// Whether the words before say hash or page: `next_page_token`, «hash of the token».
fn names_public(before: &str) -> bool {
    const PUBLIC: [&str; 16] = [
        "page_token",
        "pagetoken",
        "page token",
        "next_token",
        "nexttoken",
        "continuation",
        "cursor",
        "csrf",
        "xsrf",
        "hash of",
        "digest of",
        "checksum",
        "fingerprint",
        "sha256",
        "public",
        "verification_token",
    ];
    let line = before.rsplit(['\n', ';', '{', '&', '?']).next().unwrap_or_default().to_lowercase();
    PUBLIC.iter().any(|word| line.contains(word))
}

/// Check `named-key`: a value assigned to a name that ends in `key`, which many harmless names do.
pub(super) fn named_key(subject: &Subject<'_>) -> Judgement {
    let before = subject.before(48).to_lowercase();
    let before = before.rsplit('\n').next().unwrap_or_default();
    let name = before.rfind("key").and_then(|at| before.get(..at)).unwrap_or_default();
    let name = name.trim_end_matches([' ', '_', '-', '.']);
    let last = name.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    let hexadecimal = subject.value.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let of_somebody =
        before.contains('_') || before.contains("my ") || before.contains("our ") || before.contains("api");
    if PLAIN_KEYS.contains(&last) || hexadecimal && !of_somebody {
        return Judgement::Fails;
    }
    generic_key(subject)
}

/// Most of a random token that words make up by chance.
const WORDS_MOST: f64 = 0.34;

/// Whether a token of 12 characters or more is random instead of made of words: the common part of all checks of keys.
pub(super) fn is_rare_token(value: &str) -> bool {
    let shape = Shape::of(value);
    let rare = rarity(value).unwrap_or(0.0);
    let hexadecimal = value.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let both_cases = case_changes(value) * 4 >= value.len();
    let mixed = shape.digits >= 2 && shape.letters >= 2 && (rare >= 0.45 || hexadecimal && shape.letters >= 3);
    value.len() >= 12
        && shannon(value) >= 2.7
        && (mixed || (both_cases || shape.digits == 0 && value.len() >= 20) && rare >= 0.6)
        && word_share(value) <= WORDS_MOST
}

/// Places where a digit stands beside a letter.
fn digit_changes(value: &str) -> usize {
    let digits: Vec<bool> = value.bytes().map(|b| b.is_ascii_digit()).collect();
    digits.windows(2).filter(|pair| matches!(pair, [a, b] if a != b)).count()
}

/// Places where a letter's case changes.
fn case_changes(value: &str) -> usize {
    let letters: Vec<bool> = value.bytes().filter(u8::is_ascii_alphabetic).map(|b| b.is_ascii_uppercase()).collect();
    letters.windows(2).filter(|pair| matches!(pair, [a, b] if a != b)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(validator: super::super::Validator, text: &str, value: &str) -> f32 {
        let start = text.rfind(value).unwrap();
        match validator(&Subject { value, text, range: start..start + value.len() }) {
            Judgement::Holds => 1.0,
            Judgement::Fails => 0.0,
            Judgement::Scored { confidence, .. } => confidence,
            Judgement::First { .. } | Judgement::Stretch { .. } => 1.0,
        }
    }

    #[test]
    fn made_passwords_are_found() {
        for (text, value) in [
            ("password = \"hunter2\"", "hunter2"),
            ("PASSWORD=Sommer2024!", "Sommer2024!"),
            ("pwd: 'aX3$kk9!'", "aX3$kk9!"),
            ("db_password: Tr0ub4dor&3", "Tr0ub4dor&3"),
            ("password=hunter2", "hunter2"),
            ("password = \"letmein\"", "letmein"),
        ] {
            assert!(judge(password, text, value) >= 0.5, "{text}: {}", judge(password, text, value));
        }
    }

    #[test]
    fn code_types_paths_and_messages_are_not() {
        for (text, value) in [
            ("password = os.environ[\"X\"]", "os.environ["),
            ("password: string", "string"),
            ("password = user.password2", "user.password2"),
            ("password_length = 123456", "123456"),
            ("password: /run/secrets/db", "/run/secrets/db"),
            ("passwordHash = \"a1b2c3d4\"", "a1b2c3d4"),
            ("password = getpass.getpass()", "getpass.getpass()"),
            ("password = process.env.DB_PASS", "process.env.DB_PASS"),
            ("\"password\": \"required\"", "required"),
            ("password = input(\"x\")", "input("),
            ("password: \"%s1x\"", "%s1x"),
        ] {
            assert!(judge(password, text, value) < 0.5, "{text}: {}", judge(password, text, value));
        }
    }

    #[test]
    fn generic_keys_are_rare_tokens() {
        assert!(judge(generic_key, "api_key = \"q8ZkP3xWv9Lt2Rj7Bn4M\"", "q8ZkP3xWv9Lt2Rj7Bn4M") >= 0.5);
        for value in ["authentication_service_v2_token1", "com.example.app2.tokenService3", "user-session-token-12"] {
            assert!(judge(generic_key, &format!("token = \"{value}\""), value) < 0.5, "{value}");
        }
    }
}
