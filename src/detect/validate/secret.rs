//! Values after `password =`, `token:` and their like: whether a person or a generator made them, or a programmer
//! wrote code, a path, a type or a message. Judges the value and the name before it; the pattern found both.

mod words;

use super::{Judgement, Subject};
use crate::detect::{entropy::shannon, rarity::rarity};
use words::{CODE_WORDS, COMPUTED, KNOWN_WEAK, NAME_TAILS, PLAIN_KEYS, TECHNICAL};

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
            || value.contains("?.")
            || value.contains("(?")
            || value.contains("[a-")
            || value.contains("&quot")
            || value.contains("&lt")
            || value.contains("&gt")
            || self.letters == 0 && self.digits == 0
            || value.starts_with('_') && self.symbols == value.matches('_').count()
            || self.is_call()
            || self.is_path()
            || self.is_format()
    }

    fn is_call(&self) -> bool {
        let Some((name, rest)) = self.value.split_once(['(', '[']) else { return false };
        let element = self.value.contains('[');
        let identifier =
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'$'));
        identifier
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && (rest.is_empty()
                || rest.contains([')', ']', '"', '\''])
                || name.contains(['.', '_'])
                || element && rest.bytes().all(|b| b.is_ascii_alphanumeric())
                || (!self.is_strong() || is_wordy(name)) && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
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
            || number && self.symbols > 0
            || self.value.contains("%(")
            || self.value.contains("{0}")
            || self.value.contains("...")
            || self.value.contains("…")
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
        CODE_WORDS.iter().any(|word| self.lower.contains(word))
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
    words.iter().any(|word| NAME_TAILS.contains(&word.as_str()))
}

fn is_quoted(subject: &Subject<'_>) -> bool {
    subject.before(1).contains(['"', '\'', '`'])
}

/// Check `password`: a value assigned to a password's name.
pub(super) fn password(subject: &Subject<'_>) -> Judgement {
    let shape = Shape::of(subject.value);
    if shape.is_code() || name_disclaims(subject.before(64)) {
        return Judgement::Fails;
    }
    let quoted = is_quoted(subject);
    // One of a list of strings: `"HTTPPasswordMgr", "urllib2"`.
    let listed = subject.before(4).contains(',') && !(shape.is_strong() || shape.digits >= 2 && shape.classes >= 2);
    let named = quoted && shape.is_identifier() && shape.value.contains('_') && shape.digits < 4;
    if listed || named {
        return Judgement::Fails;
    }
    if shape.digits == 0 && shape.symbols == 0 {
        return words_only(&shape, quoted);
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
    let weak = KNOWN_WEAK.iter().any(|weak| shape.lower == *weak);
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

/// Check `spoken`: «the password is …». Words alone are the rest of a sentence.
pub(super) fn spoken(subject: &Subject<'_>) -> Judgement {
    let shape = Shape::of(subject.value);
    let number_words = shape.digits > 0 && (shape.letters > 0 || shape.symbols > 0) || shape.digits >= 6;
    let hyphenated = shape.symbols > 0 && shape.digits == 0 && shape.is_identifier();
    let technical = CODE_WORDS.iter().skip(TECHNICAL).any(|word| shape.lower.contains(word));
    let odd = number_words || shape.symbols > 0 && !hyphenated || is_quoted(subject) && shape.value.len() >= 6;
    let ordinary = shape.lower.ends_with('%')
        || shape.lower.contains("'s")
        || shape.lower.contains("n't")
        || shape.lower.contains('…');
    // «A password to section4 of it»: a word with a digit says too little behind `to`.
    let weak = subject.before(4) == " to " && shape.classes < 3 && shape.digits < 2;
    if shape.is_code() || technical || ordinary || weak || !odd {
        return Judgement::Fails;
    }
    Judgement::scored(0.8, "told as a password")
}

/// Check `beside-password`: what follows the word «password» without a verb: only what nobody would say otherwise.
pub(super) fn beside(subject: &Subject<'_>) -> Judgement {
    let shape = Shape::of(subject.value);
    let identifier = shape.value.contains(['_', '.', '/']) && shape.symbols < 3 && shape.is_identifier();
    let mixed = shape.digits >= 1 && shape.letters >= 3 && (shape.classes >= 3 || shape.digits >= 2);
    let unit = shape.lower.starts_with(|c: char| c.is_ascii_digit()) && shape.classes == 2 && shape.value.len() < 8;
    let told = matches!(spoken(subject), Judgement::Scored { .. });
    if !told || !mixed || identifier || unit || follows_code(subject) {
        return Judgement::Fails;
    }
    Judgement::scored(0.65, "stands beside the word password")
}

/// Check `url-password`: the password between `://user:` and `@`.
pub(super) fn url_password(subject: &Subject<'_>) -> Judgement {
    let shape = Shape::of(subject.value);
    let filler =
        matches!(shape.lower.as_str(), "password" | "pass" | "passwd" | "pw" | "pwd" | "secret" | "token" | "port");
    let variable = subject.value.starts_with(['$', '{', '<', '%', ':']) && shape.classes < 3;
    let told = shape.digits == 0 && ["secret", "password", "token", "anonymous"].iter().any(|word| shape.lower.contains(word));
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
    let refused = shape.is_code() || name_disclaims(subject.before(64)) || names_public(subject.before(96)) || !is_quoted(subject) && follows_code(subject);
    // Letters of both cases in no order are as good as digits: `aBZMW3GIQRCweVwWFEzL`.
    let cases = case_changes(subject.value) * 4 >= subject.value.len();
    let random = shape.digits >= 2 && shape.letters >= 2 && rare >= 0.5 || cases && shape.letters >= 12 && rare >= 0.55;
    let longest = longest_word(subject.value);
    let dotted = shape.value.contains('.') && longest >= 6;
    let wordy = !cases && shape.is_identifier() || longest * 2 > subject.value.len() || dotted;
    if refused || bits < 3.0 || !random || wordy {
        return Judgement::Fails;
    }
    let confidence: f32 = if subject.value.len() >= 20 && rare >= 0.6 { 0.8 } else { 0.65 };
    Judgement::scored(confidence, format!("rarity {:.0} %, {bits:.1} bits a character", rare * 100.0))
}

/// Whether the words before say hash or page: `next_page_token`, «hash of the token».
fn names_public(before: &str) -> bool {
    const PUBLIC: [&str; 16] = [
        "page_token", "pagetoken", "page token", "next_token", "nexttoken", "continuation", "cursor", "csrf", "xsrf", "hash of",
        "digest of", "checksum", "fingerprint", "sha256", "public", "verification_token",
    ];
    let line = before.rsplit(['\n', ';', '{', '&', '?']).next().unwrap_or_default().to_lowercase();
    PUBLIC.iter().any(|word| line.contains(word))
}

/// Check `named-key`: a value assigned to a name that ends in `key`, which many harmless names do.
pub(super) fn named_key(subject: &Subject<'_>) -> Judgement {
    let before = subject.before(48).to_lowercase();
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
        && longest_word(value) * 2 <= value.len()
}

/// Places where a letter's case changes.
fn case_changes(value: &str) -> usize {
    let letters: Vec<bool> = value.bytes().filter(u8::is_ascii_alphabetic).map(|b| b.is_ascii_uppercase()).collect();
    letters.windows(2).filter(|pair| matches!(pair, [a, b] if a != b)).count()
}

/// Longest stretch of letters in common pairs.
fn longest_word(value: &str) -> usize {
    let (mut best, mut current) = (0, 0);
    for pair in value.as_bytes().windows(2) {
        let word = pair.iter().all(u8::is_ascii_lowercase);
        let common =
            word && std::str::from_utf8(pair).is_ok_and(|two| rarity(&two.repeat(2)).is_some_and(|rare| rare < 0.5));
        current = if common { current + 1 } else { 0 };
        best = best.max(current);
    }
    best + 1
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
