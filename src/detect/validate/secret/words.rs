//! Words that tell code, names and messages from values that open something. Data only; `secret` says what they mean.

use std::{collections::HashSet, sync::LazyLock};

/// What follows `password` in names of things that are no password.
pub(super) const NAME_TAILS: [&str; 46] = [
    "hash",
    "hashed",
    "length",
    "len",
    "min",
    "max",
    "size",
    "count",
    "policy",
    "reset",
    "field",
    "input",
    "label",
    "hint",
    "file",
    "path",
    "url",
    "uri",
    "link",
    "type",
    "name",
    "id",
    "error",
    "message",
    "msg",
    "strength",
    "regex",
    "pattern",
    "rule",
    "rules",
    "valid",
    "validator",
    "encoder",
    "manager",
    "provider",
    "service",
    "timeout",
    "ttl",
    "expiry",
    "expires",
    "age",
    "changed",
    "updated",
    "enabled",
    "required",
    "prompt",
];

/// What precedes `key` in names of things that open nothing.
pub(super) const PLAIN_KEYS: [&str; 27] = [
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
    "message",
    "group",
    "unique",
    "natural",
    "index",
    "range",
    "registry",
    "map",
    "dedup",
    "routing",
    "s3",
    "bucket",
    "query",
    "verify",
];

/// Beginnings of values that a program works out.
pub(super) const COMPUTED: [&str; 50] = [
    "os.",
    "process.",
    "env.",
    "env[",
    "env(",
    "getenv",
    "system.",
    "config.",
    "config[",
    "settings.",
    "secrets.",
    "vault:",
    "vault.",
    "ssm:",
    "arn:",
    "ref+",
    "file:",
    "op://",
    "var.",
    "local.",
    "data.",
    "self.",
    "this.",
    "request.",
    "req.",
    "import.meta",
    "enc[",
    "$ansible_vault",
    "ref:",
    "secretref",
    "keyvault",
    "@microsoft.keyvault",
    "aws:",
    "gcp:",
    "env:",
    "awssm:",
    "awsps:",
    "projects/",
    "{cipher}",
    "{aes}",
    "pass:env",
    "options.",
    "opts.",
    "args.",
    "kwargs.",
    "params.",
    "props.",
    "context.",
    "ctx.",
    "app.",
];

/// Words that values of code and messages are made of.
pub(super) const CODE_WORDS: [&str; 44] = [
    "password",
    "passwd",
    "passwort",
    "pwd",
    "token",
    "secret",
    "string",
    "user",
    "value",
    "param",
    "input",
    "field",
    "null",
    "none",
    "true",
    "false",
    "undefined",
    "config",
    "default",
    "key",
    "arg",
    "base64",
    "sha256",
    "sha512",
    "sha1",
    "md5",
    "utf8",
    "utf-8",
    "oauth2",
    "bcrypt",
    "argon2",
    "x509",
    "varchar",
    "plaintext",
    "pbkdf2",
    "scrypt",
    "md5crypt",
    "hmac",
    "ntlm",
    "aes128",
    "aes256",
    "rfc",
    "iso8859",
    "latin1",
];

/// Where the technical words begin in [`CODE_WORDS`].
pub(super) const TECHNICAL: usize = 21;

/// Words of messages about passwords.
pub(super) const MESSAGES: [&str; 55] = ["must", "should", "required", "enter", "your", "please", "invalid", "least", "characters", "password", "passwort", "contain", "cannot", "can't", "not", "optional", "the", "user", "field", "used", "will", "zeichen", "muss", "bitte", "ihr", "votre", "doit", "debe", "kennwort", "confirm", "repeat", "forgot", "reset", "value", "mot", "passe", "contraseña", "senha", "wachtwoord", "hasło", "lösenord", "adgangskode", "is", "are", "new", "old", "sign", "forgotten", "vergessen", "oublié", "secret", "here", "something", "phrase", "example"];

/// Verbs between a name and its value.
pub(super) const VERBS: [&str; 12] =
    [" is", " ist", " lautet", " est", " es", " è", " é", " was", " to", " er", " är", " jest"];

/// What stands behind a number that is no PIN.
pub(super) const UNITS: [&str; 26] = [
    "digit", "stellig", "chiffre", "cifr", "mv", "v", "hz", "khz", "mhz", "ms", "px", "mm", "cm", "%", "eur", "usd", "€",
    "times", "seconds", "sekunden", "minutes", "bytes", "bits", "characters", "zeichen", "points",
];

/// Passwords of every list of weak ones, and what people say to their pets, several a line; `#` for comments.
const WEAK: &str = include_str!("../../../../rules/secrets/weak-passwords.txt");

static WEAK_SET: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| WEAK.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_ascii_whitespace).collect());

/// Whether a word in small letters is a password of every list of weak ones.
pub(super) fn is_weak(word: &str) -> bool {
    WEAK_SET.contains(word)
}
