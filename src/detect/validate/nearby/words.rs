//! Words round a token: how text is cut into them, and which of them say «secret» or «hash». Data and cutting only.

use crate::detect::listed::Listed;
use std::{borrow::Cow, ops::Range, sync::LazyLock};

/// What a word says about the token near it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It opens something.
    Secret,
    /// «key»: of a door or of a table.
    Weak,
    /// It is a hash, an id, a place.
    Harmless,
    /// Nothing, and it does not stand in the way: «value», «the».
    Neutral,
    /// Nothing.
    Other,
}

/// A word in small letters and where it begins.
#[derive(Debug)]
pub(super) struct Word<'t> {
    /// Empty for a row of letters and digits that is longer than any word.
    pub(super) lower: Cow<'t, str>,
    pub(super) start: usize,
    pub(super) kind: Kind,
}

impl Word<'_> {
    pub(super) fn says_secret(&self) -> bool {
        matches!(self.kind, Kind::Secret | Kind::Weak)
    }
}

/// Bytes in a row from which letters and digits are no name.
const TOO_LONG: usize = 40;
/// … and from which they are none when so many of them are digits.
const LONG: usize = 16;
const LONG_DIGITS: usize = 4;

/// Whether a row of letters and digits is a token instead of a name.
fn is_token(row: &str) -> bool {
    let digits = || row.bytes().filter(u8::is_ascii_digit).count();
    row.len() > TOO_LONG && row.is_ascii() || row.len() >= LONG && digits() >= LONG_DIGITS
}

/// Words that join a name and its value.
pub(super) const COPULAS: [&str; 28] = [
    "is", "ist", "lautet", "est", "es", "è", "é", "e", "jest", "to", "är", "er", "on", "это", "was", "war", "be",
    "being", "equals", "becomes", "of", "with", "using", "used", "invalid", "expired", "valid", "as",
];

const SECRET: &str = "\
    token tokens secret secrets apikey apikeys apitoken apisecret accesstoken accesskey authtoken authkey secretkey \
    privatekey clientsecret appsecret appkey password passwd pass pwd passphrase passcode auth authorization \
    authenticate authentication bearer basic credential credentials creds cred pat jwt sas signingkey masterkey \
    encryptionkey licensekey sk xoxb oauth login psk otp refreshtoken personalaccesstoken sessiontoken xapikey \
    servicekey sharedkey consumersecret schlüssel zugangsschlüssel geheimnis kennwort passwort zugangstoken jeton \
    secrète clave contraseña secreto chiave segreto chave senha segredo sleutel wachtwoord geheim klucz hasło nyckel \
    nøkkel nøgle avain klíč anahtar ключ токен секрет пароль 密钥 令牌 密码 秘钥 キー トークン 토큰 비밀번호 credenciales signingsecret \
    webhooksecret bottoken admintoken usertoken";

const WEAK: &str = "key keys clé cle";

const HARMLESS: &str = "\
    id ids uuid guid uid oid jti kid sub sha sha1 sha224 sha256 sha384 sha512 md5 crc crc32 blake2 blake3 xxhash \
    hash hashes hashed commit commits digest digests checksum checksums etag rev revision build version ref refs \
    branch tag trace traceid spanid traceparent span request requestid correlation correlationid fingerprint \
    fingerprints thumbprint integrity nonce salt iv image container layer blob tree parent object cache chunk file \
    filename path host hostname domain email index tenant tenantid workspace organization org project account page \
    node transaction tx txid txhash order invoice snapshot release merge change device block address pubkey \
    publickey certificate cert serial modulus exponent gitcommit gitsha cursor offset partition shard bucket asset \
    bundle font magnet btih torrent messageid eventid event clientid nextpagetoken pagetoken continuation csrf xsrf \
    csrftoken uri href src url slug sku resolved locked lockfile gpg keyid keygrip rpc signed encrypted ciphertext \
    dedup idempotency challenge verifier signature sig signaturevalue digestvalue hmac mac state sid tsig ds lsn \
    mime ean sequence keytoken publickeytoken enc gcm aes256 sops";

const NEUTRAL: &str = "\
    value values val default string str const let var static final public private self this name data content text \
    set get put add new the a an my our your for in at on to of is and or with api http https www com io net env \
    export x v v1 v2 v3 live test prod production staging dev app application user config settings der die das ist \
    mein für von le la de du di el i ma mi here hier using use as it entry param we you have used code es est e \
    service services provider request requests header headers field lautet und et y server website account cfg conf \
    options opts option params args system os environ process k s";

/// Every listed word; where a word is in two lists, the first of these decides.
static KINDS: LazyLock<Listed<Kind>> = LazyLock::new(|| {
    let lists = [(NEUTRAL, Kind::Neutral), (HARMLESS, Kind::Harmless), (WEAK, Kind::Weak), (SECRET, Kind::Secret)];
    lists.into_iter().flat_map(|(words, kind)| words.split_ascii_whitespace().map(move |word| (word, kind))).collect()
});

/// What a word says.
pub(super) fn kind_of(word: &str) -> Kind {
    if let Some(kind) = KINDS.get(word) {
        return *kind;
    }
    if word.is_ascii() {
        let number = word.len() == 1 || word.bytes().all(|byte| byte.is_ascii_digit());
        return if number { Kind::Neutral } else { within(word) };
    }
    // Words of languages without blanks stand in longer ones.
    let mut foreign = SECRET.split_ascii_whitespace().filter(|listed| !listed.is_ascii());
    if foreign.any(|listed| word.contains(listed)) {
        Kind::Secret
    } else if word.contains("clé") {
        Kind::Weak
    } else {
        Kind::Neutral
    }
}

/// Names written in one: `mytoken`, `dbsecret`, `acmeapikey`.
fn within(word: &str) -> Kind {
    const ENDINGS: [&str; 8] = ["apikey", "token", "secret", "secretkey", "password", "passwd", "authkey", "accesskey"];
    let ends = |ending: &&str| word.ends_with(*ending);
    if ENDINGS.iter().any(ends) && !word.ends_with("csrftoken") && !word.ends_with("pagetoken") {
        Kind::Secret
    } else if word.len() > 5 && word.ends_with("key") && word != "monkey" && word != "turkey" && word != "hotkey" {
        Kind::Weak
    } else {
        Kind::Other
    }
}

/// The name before the word for a key: `mailchimp` of `mailchimpkey`.
pub(super) fn without_key(word: &str) -> &str {
    const ENDINGS: [&str; 7] = ["apikey", "apitoken", "token", "secret", "key", "api", "client"];
    ENDINGS.iter().find_map(|ending| word.strip_suffix(ending)).filter(|name| name.len() >= 4).unwrap_or("")
}

/// Words before «key» and «token» that make them harmless.
pub(super) fn is_public(word: &str) -> bool {
    const PUBLIC: [&str; 39] = [
        "public",
        "pub",
        "cache",
        "primary",
        "foreign",
        "partition",
        "sort",
        "row",
        "object",
        "lookup",
        "hash",
        "idempotency",
        "translation",
        "group",
        "unique",
        "natural",
        "index",
        "range",
        "registry",
        "dedup",
        "routing",
        "bucket",
        "host",
        "page",
        "csrf",
        "xsrf",
        "next",
        "continuation",
        "cursor",
        "verify",
        "verification",
        "react",
        "websocket",
        "hpke",
        "parse",
        "parser",
        "syntax",
        "lexer",
        "csrfmiddleware",
    ];
    PUBLIC.contains(&word)
}

/// What is worked out from a secret and is none: «hash of the token».
pub(super) fn is_worked_out(word: &str) -> bool {
    const WORKED_OUT: [&str; 12] = [
        "hash",
        "hashes",
        "sha1",
        "sha256",
        "sha512",
        "md5",
        "digest",
        "checksum",
        "fingerprint",
        "hmac",
        "signature",
        "encrypted",
    ];
    WORKED_OUT.contains(&word)
}

/// Words before «key» that leave no doubt.
pub(super) fn makes_secret(word: &str) -> bool {
    const SECRET: [&str; 24] = [
        "api",
        "access",
        "secret",
        "private",
        "auth",
        "signing",
        "encryption",
        "master",
        "license",
        "licence",
        "app",
        "service",
        "account",
        "webhook",
        "admin",
        "session",
        "client",
        "server",
        "consumer",
        "write",
        "ingest",
        "deploy",
        "my",
        "our",
    ];
    SECRET.contains(&word)
}

/// Words and the parts of `snake_case`, `kebab-case` and `camelCase` names.
pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let mut found = Vec::with_capacity(text.len() / 4);
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let run = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        let (name, behind) = rest.split_at(run);
        if is_token(name) {
            found.push(Word { lower: Cow::Borrowed(""), start: at, kind: Kind::Other });
        } else {
            parts(name, at, &mut found);
        }
        at += run + behind.chars().next().map_or(0, char::len_utf8);
    }
    found
}

/// Of small letters of ASCII and digits: one part, as it is.
fn is_small(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase())
}

/// The parts of a name that capitals or another script begin.
fn parts<'t>(name: &'t str, from: usize, found: &mut Vec<Word<'t>>) {
    if is_small(name) {
        found.extend(word(name, 0..name.len(), from));
        return;
    }
    let mut last = ' ';
    let mut start = 0;
    for (at, character) in name.char_indices() {
        let hump = character.is_uppercase() && last.is_lowercase();
        let script = character.is_ascii() != last.is_ascii() && !character.is_lowercase() && !last.is_lowercase();
        if at > 0 && (hump || script) {
            found.extend(word(name, start..at, from));
            start = at;
        }
        last = character;
    }
    found.extend(word(name, start..name.len(), from));
}

fn word(name: &str, range: Range<usize>, from: usize) -> Option<Word<'_>> {
    let start = from + range.start;
    let part = name.get(range).filter(|part| !part.is_empty())?;
    let lower: Cow<'_, str> = if is_small(part) { part.into() } else { part.to_lowercase().into() };
    Some(Word { kind: kind_of(&lower), lower, start })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_into_words() {
        let cut = |text| words(text).into_iter().map(|word| word.lower).collect::<Vec<_>>();
        assert_eq!(cut("myApi_key-v2 = "), ["my", "api", "key", "v2"]);
        assert_eq!(cut("Schlüssel für X"), ["schlüssel", "für", "x"]);
        assert_eq!(cut("API密钥是"), ["api", "密钥是"]);
    }

    #[test]
    fn words_say_what_a_token_is() {
        assert_eq!(kind_of("token"), Kind::Secret);
        assert_eq!(kind_of("dbsecret"), Kind::Secret);
        assert_eq!(kind_of("密钥是"), Kind::Secret);
        assert_eq!(kind_of("key"), Kind::Weak);
        assert_eq!(kind_of("sha256"), Kind::Harmless);
        assert_eq!(kind_of("value"), Kind::Neutral);
        assert_eq!(kind_of("elephant"), Kind::Other);
    }
}
