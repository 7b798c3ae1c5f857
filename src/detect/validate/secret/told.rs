//! Passwords that people tell: what follows «the password is», stands beside «password», in pairs, in calls, and PINs.
//! Refuses what sentences go on with.

use super::{
    super::{Judgement, Subject},
    Shape, follows_code, is_quoted, rarity,
    words::{CODE_WORDS, MESSAGES, TECHNICAL, UNITS, VERBS, is_weak},
};

/// Check `spoken`: «the password is …». Words alone are the rest of a sentence.
pub(crate) fn spoken(subject: &Subject<'_>) -> Judgement {
    let shape = Shape::of(subject.value);
    let number_words = shape.digits > 0 && (shape.letters > 0 || shape.symbols > 0) || shape.digits >= 6;
    let hyphenated = shape.symbols > 0 && shape.digits == 0 && shape.is_identifier();
    let technical = CODE_WORDS.iter().skip(TECHNICAL).any(|word| shape.lower.contains(word));
    let odd = number_words || shape.symbols > 0 && !hyphenated || is_enclosed(subject) && shape.value.len() >= 6;
    let ordinary = shape.lower.ends_with('%')
        || shape.lower.contains("'s")
        || shape.lower.contains("n't")
        || shape.lower.contains('…');
    // «A password to section4 of it»: a word with a digit says too little behind `to`.
    let weak = subject.before(4) == " to " && shape.classes < 3 && shape.digits < 2;
    if is_weak(&shape.lower) && (is_enclosed(subject) || ends_sentence(subject)) {
        return Judgement::scored(0.6, "a password of every list of weak ones");
    }
    if shape.is_code() || technical || ordinary || weak || !odd {
        return Judgement::Fails;
    }
    Judgement::scored(0.8, "told as a password")
}

/// Check `beside-password`: what follows the word «password» without a verb: only what nobody would say otherwise.
pub(crate) fn beside(subject: &Subject<'_>) -> Judgement {
    let shape = Shape::of(subject.value);
    let name = shape.value.contains(['_', '.', '/']) && shape.symbols < 3 && shape.is_identifier();
    let identifier = name && shape.digits < 3;
    let mixed = shape.digits >= 1 && shape.letters >= 3 && (shape.classes >= 3 || shape.digits >= 2);
    let unit = shape.lower.starts_with(|c: char| c.is_ascii_digit()) && shape.classes == 2 && shape.value.len() < 8;
    let told = matches!(spoken(subject), Judgement::Scored { .. });
    if !told || !mixed || identifier || unit || follows_code(subject) {
        return Judgement::Fails;
    }
    Judgement::scored(0.65, "stands beside the word password")
}

/// Between two quotes: not the first word of a quoted sentence.
fn is_enclosed(subject: &Subject<'_>) -> bool {
    is_quoted(subject) && subject.after(1).contains(['"', '\'', '`'])
}

/// Nothing of the sentence follows.
fn ends_sentence(subject: &Subject<'_>) -> bool {
    let after = subject.after(4);
    after.is_empty()
        || after.starts_with(['\n', '\r', '"', '\''])
        || matches!(after.trim_end(), "." | "," | "!" | ")" | "?")
        || after.starts_with(['.', ',', '!', ';']) && after.contains(char::is_whitespace)
}

/// Check `paired-password`: what stands behind a user and a `/` or `:`.
pub(crate) fn paired(subject: &Subject<'_>) -> Judgement {
    let shape = Shape::of(subject.value);
    let name = shape.digits < 2 && (shape.symbols == 0 || shape.is_identifier());
    let number = shape.letters == 0 && shape.value.len() < 6;
    if is_weak(&shape.lower) {
        return Judgement::scored(0.6, "a password of every list of weak ones behind a user");
    }
    let path = shape.value.contains('/') && rarity(shape.value).unwrap_or(0.0) < 0.5;
    if number || path || name && !shape.is_strong() {
        return Judgement::Fails;
    }
    spoken(subject)
}

/// Check `named-behind`: «… as the password»: anything with digits or signs that is no technical name.
pub(crate) fn named_behind(subject: &Subject<'_>) -> Judgement {
    let shape = Shape::of(subject.value);
    let capitals = shape.value.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if capitals && shape.value.len() < 8 {
        return Judgement::Fails;
    }
    if is_weak(&shape.lower) {
        return Judgement::scored(0.6, "a password of every list of weak ones");
    }
    spoken(subject)
}

/// Check `called-password`: a string handed over behind a user.
pub(crate) fn called(subject: &Subject<'_>) -> Judgement {
    let shape = Shape::of(subject.value);
    let of_host = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let host = shape.value.contains('.') && shape.lower.bytes().all(of_host);
    let capital = shape.value.contains(char::is_uppercase);
    let scope = shape.value.contains([':', '/']) && !(capital && shape.is_strong());
    let template = shape.value.contains(' ') || shape.value.starts_with(['$', '{', '%', '<']);
    let mixed = shape.digits > 0 && (shape.letters > 0 || shape.symbols > 0);
    if host && !capital || scope || template || !mixed || spoken(subject) == Judgement::Fails {
        return Judgement::Fails;
    }
    Judgement::scored(0.75, "handed over behind a user")
}

/// Check `passphrase`: three words and more that are no message about passwords.
pub(crate) fn passphrase(subject: &Subject<'_>) -> Judgement {
    let lower = subject.value.to_lowercase();
    let words: Vec<&str> = lower.split([' ', '-', '_', '.']).filter(|word| !word.is_empty()).collect();
    let messages = words.iter().any(|word| MESSAGES.contains(&word.trim_end_matches([',', ':', '!', '.'])));
    let plain = words.iter().all(|word| word.chars().all(|c| c.is_alphanumeric() || "!?#&'$".contains(c)));
    if words.len() < 3 || messages || !plain || lower.contains(['{', '<', '%']) {
        return Judgement::Fails;
    }
    Judgement::scored(0.7, "words behind a word for a passphrase")
}

/// Check `pin`: 4 to 8 digits, no length, no voltage, no pin of a chip.
pub(crate) fn pin(subject: &Subject<'_>) -> Judgement {
    let before = subject.before(90).to_lowercase();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let says = |words: &[&str]| words.iter().any(|word| line.contains(word));
    let technical = says(&["gpio", "board", "header", "chip", "arduino", "postal", "bowling", "zip"]);
    let link = line.trim_end_matches(['"', '\'', '`', ' ']);
    let told = link.ends_with([':', '=']) || VERBS.iter().any(|verb| link.ends_with(verb));
    let owned = says(&["sim pin", "my pin", "meine pin", "card pin", "puk", "bank pin", "mon code"]);
    let after = subject.after(12).trim_start_matches([' ', '-']).to_lowercase();
    let unit = UNITS.iter().any(|unit| {
        after.strip_prefix(unit).is_some_and(|rest| unit.len() > 4 || !rest.starts_with(char::is_alphabetic))
    });
    Judgement::holds((told || owned) && !technical && !unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(validator: fn(&Subject<'_>) -> Judgement, template: &str, value: &str) -> bool {
        let start = template.find('§').unwrap();
        let text = template.replace('§', value);
        validator(&Subject { value, text: &text, range: start..start + value.len() }) != Judgement::Fails
    }

    #[test]
    fn what_sentences_go_on_with_is_no_password() {
        for word in ["incorrect", "base64-encoded", "too", "at", "user's"] {
            assert!(!judge(spoken, "the password is §", word), "{word}");
        }
        for password in ["hunter2", "Blume#42", "Ete2024!", "sunshine"] {
            assert!(judge(spoken, "the password is §", password), "{password}");
        }
        assert!(!judge(spoken, "the password is § hot", "sunshine"));
    }

    #[test]
    fn a_pin_is_told_and_has_no_unit() {
        assert!(judge(pin, "my PIN is §", "4821"));
        assert!(judge(pin, "Türcode: §", "73519"));
        assert!(!judge(pin, "GPIO pin: §", "4821"));
        assert!(!judge(pin, "the pin is § mV", "3300"));
        assert!(!judge(pin, "the PIN has §", "4821"));
    }

    #[test]
    fn passphrases_are_words_and_no_messages() {
        assert!(judge(passphrase, "passphrase: \"§\"", "correct horse battery staple"));
        assert!(!judge(passphrase, "password: \"§\"", "must be at least 8 long"));
    }

    #[test]
    fn pairs_and_calls_hold_no_names() {
        assert!(judge(paired, "creds: bob / §", "wp7Lm2XqZ9"));
        assert!(!judge(paired, "vpn: server1 / §", "server2"));
        assert!(judge(called, "auth=(\"bob\", \"§\")", "katze1!"));
        assert!(!judge(called, "login(\"bob\", \"§\")", "host2.example.com"));
    }
}
