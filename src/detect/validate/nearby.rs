//! Rare tokens and what stands round them: the name they are given, the words of their sentence, a provider's name.
//! Decides whether such a token opens something or is a hash, an id, a file's name. What a token is made of is `secret`'s.

mod surroundings;
mod words;

use super::{
    Judgement, Subject,
    request::is_uuid,
    secret::{is_public_key, is_rare_token},
};
use crate::detect::rarity::rarity;
use data_encoding::BASE64_NOPAD;
use surroundings::{Link, Surroundings, is_named_harmless};
use words::Kind;

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

/// Check `nearby`: a rare token that its surroundings call a key.
pub(super) fn nearby(subject: &Subject<'_>) -> Judgement {
    if !stands_alone(subject) {
        return Judgement::Fails;
    }
    let Some(form) = Form::of(subject.value) else { return Judgement::Fails };
    if is_named_harmless(subject) {
        return Judgement::Fails;
    }
    let around = Surroundings::of(subject);
    let Some((confidence, reason)) = weigh(form, &around) else { return Judgement::Fails };
    Judgement::scored(confidence, reason)
}

/// Confidence and its reason, or `None` for a token that nothing calls a key.
fn weigh(form: Form, around: &Surroundings) -> Option<(f32, &'static str)> {
    let provider = || around.own_provider() || around.near_provider();
    let direct = around.link != Link::Bare || around.passed == 0;
    match around.called {
        Some(Kind::Harmless) => None,
        Some(Kind::Secret) if direct || provider() => match (form, around.passed) {
            (Form::Uuid | Form::Digest, 2..) if !provider() => None,
            (Form::Long, _) if around.link != Link::Assigned => None,
            (Form::Uuid, _) => Some((0.65, "an id behind a word for a secret")),
            (Form::Digest | Form::Hexadecimal | Form::Mixed | Form::Long, _) => {
                Some((0.75, "a rare value behind a word for a secret"))
            }
        },
        Some(Kind::Weak) if direct || provider() => match form {
            Form::Uuid | Form::Digest | Form::Hexadecimal => {
                provider().then_some((0.65, "a rare value behind «key», with a provider's name near"))
            }
            Form::Mixed if around.passed < 2 || provider() => Some((0.65, "a rare value behind «key»")),
            Form::Mixed | Form::Long => None,
        },
        Some(Kind::Secret | Kind::Weak | Kind::Neutral | Kind::Other) | None => weigh_unnamed(form, around),
    }
}

/// The same where no word before names the token.
fn weigh_unnamed(form: Form, around: &Surroundings) -> Option<(f32, &'static str)> {
    let set_off = around.quoted || !matches!(around.link, Link::Bare | Link::Told);
    if around.harmless_on_line() {
        return None;
    }
    if around.credential_line() && form != Form::Uuid {
        return Some((0.7, "a credential of a request"));
    }
    let behind = around.called_behind();
    let named = || around.provider_behind() && form != Form::Digest || around.near_provider() && form != Form::Uuid;
    let sure = behind == Some(Kind::Secret) && form != Form::Uuid || around.provider_behind();
    if matches!(behind, Some(Kind::Secret | Kind::Weak)) && (form == Form::Mixed || sure || named()) {
        return Some((0.6, "a rare value called a key behind it"));
    }
    weigh_provider(form, around, set_off)
}

/// The same where nothing but a provider, a call or the head of a table speaks for the token.
fn weigh_provider(form: Form, around: &Surroundings, set_off: bool) -> Option<(f32, &'static str)> {
    match form {
        Form::Mixed | Form::Hexadecimal if around.own_provider() => {
            Some((0.65, "a rare value behind a provider's name"))
        }
        Form::Digest if around.own_provider() && set_off => Some((0.6, "a rare value behind a provider's name")),
        Form::Mixed if around.near_provider() && set_off => Some((0.6, "a rare value near a provider's name")),
        Form::Mixed | Form::Digest | Form::Hexadecimal | Form::Uuid
            if around.near_provider() && around.secret_before() && set_off =>
        {
            Some((0.6, "a rare value near a provider's name and a word for a secret"))
        }
        Form::Mixed if around.provider_behind() && set_off => Some((0.55, "a rare value before a provider's name")),
        Form::Mixed if around.connects() => Some((0.6, "a rare argument of a call that connects")),
        Form::Uuid if around.own_provider() && around.link == Link::Assigned => {
            Some((0.55, "an id behind a provider's name"))
        }
        Form::Mixed if around.below_head() => Some((0.55, "a rare value in a row below a word for a secret")),
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
            "updated mailtrap to §",
            "key: §",
        ] {
            assert!(!judge(template, DIGEST), "{template} {DIGEST}");
            assert!(!judge(template, ID), "{template} {ID}");
        }
    }
}
