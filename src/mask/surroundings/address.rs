//! Addresses written out in a text: `https://…`, `//host/…`, `www.…`, `data:…`, `javascript:…`, `\\host\share`.
//! Connection strings (`postgres://…`) are none: nothing loads them. Does not know Markdown or HTML.

use std::borrow::Cow;

/// Bytes of one word kept for looking back. A longer word is judged when it reaches this and keeps the judgement.
const WORD_MAX: usize = 2048;
/// Bytes of a longer word that stay, so that a scheme across the cut is seen.
const WORD_KEPT: usize = 256;
/// Rounds of percent- and entity-decoding undone before a word is judged.
const DECODE_ROUNDS: usize = 3;

/// Schemes that no page and no tool loads: databases, caches, queues. Everything else with `://` counts as loaded.
const CONNECTIONS: &[&str] = &[
    "postgres",
    "postgresql",
    "mysql",
    "mariadb",
    "mongodb",
    "redis",
    "rediss",
    "valkey",
    "amqp",
    "amqps",
    "mssql",
    "sqlserver",
    "oracle",
    "clickhouse",
    "cassandra",
    "cockroachdb",
    "snowflake",
    "redshift",
    "kafka",
    "nats",
    "mqtt",
    "mqtts",
    "memcached",
    "neo4j",
    "bolt",
    "couchbase",
    "db2",
    "sqlite",
    "jdbc",
    "odbc",
    "smtp",
    "smtps",
    "ldap",
    "ldaps",
    "etcd",
    "zookeeper",
];
/// Schemes that are loaded or run even without `//`.
const WITHOUT_SLASHES: &[&str] = &[
    "http",
    "https",
    "ws",
    "wss",
    "ftp",
    "ftps",
    "file",
    "javascript",
    "vbscript",
    "livescript",
    "blob",
    "filesystem",
    "view-source",
    "intent",
    "ms-appx",
    "jar",
    "feed",
];

/// The word that is being written: everything since the last white space or `<`.
#[derive(Debug, Clone, Default)]
pub(super) struct Address {
    word: String,
    /// The word's beginning has been dropped.
    cut: bool,
    /// The dropped part held an address.
    loads: bool,
}

impl Address {
    pub(super) fn push(&mut self, c: char) {
        if c.is_whitespace() || c == '<' {
            self.end();
        }
        if !c.is_whitespace() {
            self.word.push(c);
        }
        if self.word.len() > WORD_MAX {
            self.shorten();
        }
    }

    /// The word is over.
    pub(super) fn end(&mut self) {
        self.word.clear();
        self.cut = false;
        self.loads = false;
    }

    /// True when the word so far is or holds an address that goes on.
    pub(super) fn loads(&self) -> bool {
        self.loads || loads(&self.word, self.cut)
    }

    fn shorten(&mut self) {
        self.loads = self.loads();
        self.cut = true;
        let mut from = self.word.len() - WORD_KEPT;
        while !self.word.is_char_boundary(from) {
            from += 1;
        }
        self.word.drain(..from);
    }
}

/// True when `text` holds an address anywhere that has not ended: for arguments of tools, word by word.
pub(crate) fn any_address(text: &str) -> bool {
    text.split(|c: char| c.is_whitespace() || c == '<').any(|word| {
        let plain = decoded(word);
        next_start(&plain, 0, false).is_some()
    })
}

fn loads(word: &str, cut: bool) -> bool {
    // Without one of these no rule below can hold.
    if memchr::memchr3(b':', b'/', b'\\', word.as_bytes()).is_none()
        && memchr::memchr3(b'&', b'%', b'.', word.as_bytes()).is_none()
    {
        return false;
    }
    let plain = decoded(word);
    let mut at = 0;
    while let Some(start) = next_start(&plain, at, cut) {
        let opener = plain.get(..start).and_then(|before| before.chars().next_back());
        match opener.and_then(closer).and_then(|close| plain.get(start..)?.find(close)) {
            Some(end) => at = start + end + 1,
            None => return true,
        }
    }
    false
}

/// What ends an address that was opened by `opener`. A parenthesis does not: Markdown takes it into a bare address.
fn closer(opener: char) -> Option<char> {
    match opener {
        '"' | '\'' | '`' => Some(opener),
        '<' => Some('>'),
        _ => None,
    }
}

/// Where the first address at or after `from` begins.
fn next_start(plain: &str, from: usize, cut: bool) -> Option<usize> {
    let mut connection = false;
    let bytes = plain.as_bytes();
    let mut previous = from.checked_sub(1).and_then(|before| bytes.get(before)).copied();
    for (at, &byte) in bytes.iter().enumerate().skip(from) {
        let rest = plain.get(at..).unwrap_or_default();
        let opened = previous.map_or(!cut, opens);
        match byte {
            b':' => match scheme(plain.get(from..at).unwrap_or_default(), rest) {
                Scheme::Loaded(length) => return Some(at - length),
                Scheme::Connection => connection = true,
                Scheme::Other => {}
            },
            b'/' if opened && rest.strip_prefix("//").is_some_and(|host| host_begins(host, '/')) => return Some(at),
            b'\\' if opened && network_share(rest) => return Some(at),
            _ if opened && !connection && (rest.starts_with("www.") || bare_domain(rest)) => return Some(at),
            _ => {}
        }
        previous = Some(byte);
    }
    None
}

/// Bytes after which a new address can begin inside a word.
fn opens(byte: u8) -> bool {
    matches!(
        byte,
        b'"' | b'\'' | b'`' | b'(' | b'[' | b'{' | b'<' | b'>' | b'=' | b',' | b';' | b'|' | b'*' | b'~' | b'!'
    )
}

enum Scheme {
    /// Loaded; bytes of the scheme's name.
    Loaded(usize),
    Connection,
    Other,
}

/// Judges what stands before a `:` together with `rest`, which begins with it.
fn scheme(before: &str, rest: &str) -> Scheme {
    let in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let name = before.rsplit(|c: char| !in_name(c)).next().unwrap_or_default();
    let after = rest.strip_prefix(':').unwrap_or_default();
    if after.starts_with("//") || after.starts_with("\\\\") {
        let mut parts = name.split('+');
        let known = parts.next().is_some_and(|first| CONNECTIONS.contains(&first));
        let tunnelled = parts.any(|part| WITHOUT_SLASHES.contains(&part));
        return if known && !tunnelled { Scheme::Connection } else { Scheme::Loaded(name.len()) };
    }
    let loaded = match name {
        "data" => after.contains([',', ';', '/']),
        "mailto" => after.contains('?'),
        _ => WITHOUT_SLASHES.contains(&name),
    };
    if loaded { Scheme::Loaded(name.len()) } else { Scheme::Other }
}

/// True when `host` can be the beginning of a host name, or nothing has come yet.
fn host_begins(host: &str, separator: char) -> bool {
    host.chars().next().is_none_or(|c| c != separator && (c.is_alphanumeric() || c == '['))
}

/// `\\host\…`, which Windows fetches over the network.
fn network_share(rest: &str) -> bool {
    let Some(host) = rest.strip_prefix("\\\\") else { return false };
    host.is_empty() || (host_begins(host, '\\') && host.contains('\\'))
}

/// `evil.example/…` or `evil.example?…`: many pages make a link of it.
fn bare_domain(rest: &str) -> bool {
    let length = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-')).count();
    let (Some(host), Some(after)) = (rest.get(..length), rest.get(length..)) else { return false };
    let Some((name, top)) = host.rsplit_once('.') else { return false };
    let after = after.strip_prefix(':').map_or(after, |port| port.trim_start_matches(|c: char| c.is_ascii_digit()));
    let is_domain = !name.is_empty() && (2..=24).contains(&top.len()) && top.bytes().all(|b| b.is_ascii_alphabetic());
    is_domain && after.starts_with(['/', '?'])
}

/// The word in lower case with encodings undone that a page undoes before it looks for an address. Quotes and angle
/// brackets stay encoded: they must not seem to end an address.
fn decoded(word: &str) -> String {
    let mut text = word.to_lowercase();
    for _ in 0..DECODE_ROUNDS {
        let next = match decoded_once(&text) {
            Cow::Owned(next) if next != text => next,
            Cow::Owned(_) | Cow::Borrowed(_) => break,
        };
        text = next;
    }
    text
}

fn decoded_once(text: &str) -> Cow<'_, str> {
    if memchr::memchr3(b'%', b'&', b'\\', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (c, length) = encoded(rest).unwrap_or((first, first.len_utf8()));
        out.push(c);
        rest = rest.get(length..).unwrap_or_default();
    }
    Cow::Owned(out)
}

/// The character that an encoding at the start of `rest` stands for, and the encoding's length. Only characters that
/// addresses are made of, and those that further encodings are made of.
fn encoded(rest: &str) -> Option<(char, usize)> {
    let part_of_address = |c: &char| c.is_ascii_alphanumeric() || ":/\\.?&%#;-".contains(*c);
    let (code, length) = if let Some(hex) = rest.strip_prefix('%') {
        (u32::from_str_radix(hex.get(..2)?, 16).ok()?, 3)
    } else if rest.starts_with("\\/") {
        (u32::from(b'/'), 2)
    } else {
        entity(rest)?
    };
    let c = char::from_u32(code)?.to_ascii_lowercase();
    part_of_address(&c).then_some((c, length))
}

/// `&#58;`, `&#x3a;`, `&colon;`. Browsers accept numbers without the `;`.
fn entity(rest: &str) -> Option<(u32, usize)> {
    const NAMED: &[(&str, char)] = &[
        ("colon;", ':'),
        ("sol;", '/'),
        ("bsol;", '\\'),
        ("period;", '.'),
        ("quest;", '?'),
        ("amp;", '&'),
        ("num;", '#'),
        ("semi;", ';'),
        ("percnt;", '%'),
        ("hyphen;", '-'),
        ("dash;", '-'),
    ];
    let body = rest.strip_prefix('&')?;
    if let Some((name, c)) = NAMED.iter().find(|(name, _)| body.starts_with(name)) {
        return Some((u32::from(*c), 1 + name.len()));
    }
    let number = body.strip_prefix('#')?;
    let (digits, radix, prefix) = number.strip_prefix('x').map_or((number, 10, 2), |hex| (hex, 16, 3));
    let length = digits.chars().take_while(|c| c.is_digit(radix)).count();
    let code = u32::from_str_radix(digits.get(..length)?, radix).ok()?;
    let semicolon = usize::from(digits.get(length..)?.starts_with(';'));
    Some((code, prefix + length + semicolon))
}
