//! Known secrets: exactly the values of a company's env files and vault exports, kept as keyed hashes, found in a prompt
//! whatever stands around them. Named by their key names. Holds no value.

use super::{
    format::{FormatError, Reader, Writer},
    key::{Key, Sip, first_u64},
};
use crate::detect::Category;
use hmac::Mac;
use std::{ops::Range, sync::Arc};

/// Bytes of a secret at least; also of the end by which it is looked up.
pub(super) const SECRET_LEAST: usize = 8;
/// Bytes of a secret at most.
pub(super) const SECRET_MAX: usize = 16 << 10;
/// Bits that are kept of the hash of a secret's end: too few to learn the end by trying.
const TAIL_BITS: u32 = 20;

/// Secrets of one file, as keyed hashes.
#[derive(Debug)]
pub struct Secrets {
    pub(super) name: Arc<str>,
    /// Key names with the kind of data, and the file they stand in.
    names: Vec<Name>,
    /// Sorted by `edges & TAIL`.
    entries: Vec<Entry>,
    /// One bit for each possible end.
    tails: Vec<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Name {
    key: String,
    file: String,
    category: Category,
}

/// One secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    /// [`TAIL_BITS`] of a hash of its last 8 bytes, above them bits of a hash of its first 8.
    edges: u32,
    /// Bytes.
    length: u32,
    /// Index in `names`.
    name: u32,
    /// HMAC-SHA256, cut.
    tag: [u8; TAG],
}

/// Bytes kept of a secret's HMAC.
const TAG: usize = 12;

/// A known secret in a text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Match {
    pub(super) range: Range<usize>,
    pub(super) category: Category,
    pub(super) reason: String,
}

impl Secrets {
    /// Number of different secrets.
    #[must_use]
    pub fn secrets(&self) -> usize {
        self.entries.len()
    }

    /// Key names with their files.
    pub fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.names.iter().map(|name| (name.key.as_str(), name.file.as_str()))
    }

    /// Hash of all it keeps.
    pub(super) fn digest(&self, sip: &Sip) -> u64 {
        sip.hash(self.entries.iter().map(|entry| first_u64(&entry.tag)))
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.text(&self.name);
        writer.length(self.names.len());
        for name in &self.names {
            writer.text(&name.key);
            writer.text(&name.file);
            writer.text(name.category.as_str());
        }
        writer.length(self.entries.len());
        for entry in &self.entries {
            writer.u32(entry.edges);
            writer.u32(entry.length);
            writer.u32(entry.name);
            entry.tag.iter().for_each(|byte| writer.u8(*byte));
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let name = reader.text()?;
        let mut names = Vec::new();
        for _ in 0..reader.length(12)? {
            let (key, file, category) = (reader.text()?, reader.text()?, reader.text()?);
            let category = Category::parse(&category).map_err(|_| FormatError::Damaged("its category is none"))?;
            names.push(Name { key, file, category });
        }
        let mut entries = Vec::new();
        for _ in 0..reader.length(12 + TAG)? {
            let mut entry = Entry { edges: reader.u32()?, length: reader.u32()?, name: reader.u32()?, tag: [0; TAG] };
            for byte in &mut entry.tag {
                *byte = reader.u8()?;
            }
            entries.push(entry);
        }
        let fits =
            entries.iter().all(|entry| (entry.name as usize) < names.len() && entry.length as usize >= SECRET_LEAST);
        if !fits {
            return Err(FormatError::Damaged("its lists do not fit together"));
        }
        Ok(Self::from_parts(&name, names, entries))
    }

    fn from_parts(name: &str, names: Vec<Name>, mut entries: Vec<Entry>) -> Self {
        entries.sort_by_key(|entry| (entry.edges & TAIL, entry.length, entry.tag, entry.name));
        entries.dedup_by_key(|entry| (entry.length, entry.tag));
        let mut tails = vec![0; 1 << (TAIL_BITS - 6)];
        for entry in &entries {
            let tail = entry.edges & TAIL;
            if let Some(word) = tails.get_mut((tail >> 6) as usize) {
                *word |= 1 << (tail & 63);
            }
        }
        Self { name: name.into(), names, entries, tails }
    }

    /// Known secrets that stand in the text.
    pub(super) fn find(&self, hashing: &Hashing, text: &str) -> Vec<Match> {
        let bytes = text.as_bytes();
        let mut matches = Vec::new();
        let nexts = bytes.iter().skip(1).chain([&b' ']);
        for (index, (last, next)) in bytes.iter().zip(nexts).enumerate().skip(SECRET_LEAST - 1) {
            if !may_end(*last, *next) {
                continue;
            }
            let end = index + 1;
            let Some(tail) = bytes.get(..end).and_then(<[u8]>::last_chunk::<SECRET_LEAST>) else { continue };
            let tail = hashing.tail(tail);
            if self.tails.get((tail >> 6) as usize).is_some_and(|word| word & 1 << (tail & 63) != 0) {
                matches.extend(self.ending_at(hashing, text, end, tail));
            }
        }
        matches
    }

    fn ending_at(&self, hashing: &Hashing, text: &str, end: usize, tail: u32) -> Vec<Match> {
        let first = self.entries.partition_point(|entry| entry.edges & TAIL < tail);
        let mut matches = Vec::new();
        for entry in self.entries.iter().skip(first).take_while(|entry| entry.edges & TAIL == tail) {
            let start = end.checked_sub(entry.length as usize);
            let Some((start, value)) = start.and_then(|start| Some((start, text.get(start..end)?))) else { continue };
            let same = hashing.edges(value) == entry.edges && hashing.tag(value) == entry.tag;
            if let Some(name) = self.names.get(entry.name as usize).filter(|_| same) {
                let reason = format!("value of `{}` in `{}`", name.key, name.file);
                matches.push(Match { range: start..end, category: name.category.clone(), reason });
            }
        }
        matches
    }
}

const TAIL: u32 = (1 << TAIL_BITS) - 1;

/// Whether a secret may end between these bytes: not in the middle of a word, and not with a blank.
fn may_end(last: u8, next: u8) -> bool {
    let in_word = |byte: u8| byte.is_ascii_alphanumeric() || byte >= 0x80;
    if in_word(last) { !in_word(next) } else { !last.is_ascii_whitespace() }
}

/// How secrets are hashed under one key.
#[derive(Debug, Clone)]
pub(super) struct Hashing {
    key: Key,
    tails: Sip,
    heads: Sip,
}

impl Hashing {
    pub(super) fn new(key: &Key) -> Self {
        let sip = |purpose: &[u8; 8]| key.sip(u64::from_le_bytes(*purpose));
        Self { key: key.clone(), tails: sip(b"tails__1"), heads: sip(b"heads__1") }
    }

    fn tail(&self, tail: &[u8; SECRET_LEAST]) -> u32 {
        u32::try_from(self.tails.hash([u64::from_le_bytes(*tail)]) & u64::from(TAIL)).unwrap_or(0)
    }

    fn edges(&self, value: &str) -> u32 {
        let tail = value.as_bytes().last_chunk().map_or(0, |tail| self.tail(tail));
        let head = self.heads.hash([first_u64(value.as_bytes())]);
        tail | u32::try_from(head & u64::from(u32::MAX >> TAIL_BITS)).unwrap_or(0) << TAIL_BITS
    }

    fn tag(&self, value: &str) -> [u8; TAG] {
        let mac = self.key.mac("scrim/company/secret/1").chain_update(value.as_bytes()).finalize().into_bytes();
        let mut tag = [0; TAG];
        tag.iter_mut().zip(mac).for_each(|(to, from)| *to = from);
        tag
    }
}

/// Makes a set of secrets.
#[derive(Debug)]
pub struct SecretsBuilder {
    hashing: Hashing,
    name: Arc<str>,
    names: Vec<Name>,
    entries: Vec<Entry>,
}

impl SecretsBuilder {
    /// An empty set.
    #[must_use]
    pub fn new(key: &Key, name: &str) -> Self {
        Self { hashing: Hashing::new(key), name: name.into(), names: Vec::new(), entries: Vec::new() }
    }

    /// Goes on with a set, without what it has of `file`.
    #[must_use]
    pub fn going_on(key: &Key, old: Secrets, file: &str) -> Self {
        let of_file = |entry: &Entry| old.names.get(entry.name as usize).is_some_and(|name| name.file == file);
        let mut builder = Self::new(key, &old.name);
        for entry in old.entries.iter().filter(|entry| !of_file(entry)) {
            if let Some(name) = old.names.get(entry.name as usize) {
                let index = builder.name_index(name.clone());
                builder.entries.push(Entry { name: index, ..*entry });
            }
        }
        builder
    }

    /// Takes in a secret. False when it is shorter than 8 or longer than 16 Ki bytes.
    pub fn add(&mut self, key_name: &str, file: &str, category: &Category, value: &str) -> bool {
        if !(SECRET_LEAST..=SECRET_MAX).contains(&value.len()) {
            return false;
        }
        let name = Name { key: key_name.to_owned(), file: file.to_owned(), category: category.clone() };
        let name = self.name_index(name);
        let length = u32::try_from(value.len()).unwrap_or(u32::MAX);
        self.entries.push(Entry { edges: self.hashing.edges(value), length, name, tag: self.hashing.tag(value) });
        true
    }

    fn name_index(&mut self, name: Name) -> u32 {
        if self.names.last() != Some(&name) {
            self.names.push(name);
        }
        u32::try_from(self.names.len() - 1).unwrap_or(u32::MAX)
    }

    /// The set.
    #[must_use]
    pub fn finish(self) -> Secrets {
        Secrets::from_parts(&self.name, self.names, self.entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: [(&str, &str); 5] = [
        ("DB_PASSWORD", "correct;horse battery'staple"),
        ("API_KEY", "q8Zr2Lm0Vx7Tn4Kp"),
        ("DSN", "postgres://svc:Winter!2031@db.corp.example/crm"),
        ("PIN_PHRASE", "größtes Geheimnis €"),
        ("SHORT", "ab3$ef7!"),
    ];

    fn secrets(key: &Key) -> Secrets {
        let category = Category::parse("PASSWORD").unwrap();
        let mut builder = SecretsBuilder::new(key, "prod");
        assert!(VALUES.iter().all(|(name, value)| builder.add(name, "prod.env", &category, value)));
        assert!(!builder.add("NO", "prod.env", &category, "7 bytes"));
        let mut writer = Writer::default();
        builder.finish().write(&mut writer);
        Secrets::read(&mut Reader::new(&writer.finish())).unwrap()
    }

    #[test]
    fn a_known_value_is_found_whatever_stands_around_it() {
        let key = Key::new([9; 32]);
        let (secrets, hashing) = (secrets(&key), Hashing::new(&key));
        for (name, value) in VALUES {
            for around in
                ["{}", "x={}", "pw:'{}'", "say \"{}\".", "({})", "a {}, b", "url?k={}&x=1", "[{}]\nnext", "größe{}"]
            {
                let text = around.replace("{}", value);
                let found = secrets.find(&hashing, &text);
                assert_eq!(found.len(), 1, "{text}");
                assert_eq!(&text[found[0].range.clone()], value);
                assert_eq!(found[0].reason, format!("value of `{name}` in `prod.env`"));
            }
        }
    }

    #[test]
    fn nothing_else_is_found() {
        let key = Key::new([9; 32]);
        let (secrets, hashing) = (secrets(&key), Hashing::new(&key));
        for text in [
            "q8Zr2Lm0Vx7Tn4KpQ",
            "q8Zr2Lm0Vx7Tn4K",
            "Q8ZR2LM0VX7TN4KP",
            "correct horse battery staple",
            "",
            "ab3$ef7",
            "€",
        ] {
            assert!(secrets.find(&hashing, text).is_empty(), "{text}");
        }
        let other = Hashing::new(&Key::new([8; 32]));
        assert!(secrets.find(&other, VALUES[1].1).is_empty(), "another key");
    }

    #[test]
    fn adding_a_file_again_replaces_what_it_had() {
        let key = Key::new([9; 32]);
        let category = Category::parse("APIKEY").unwrap();
        let mut builder = SecretsBuilder::going_on(&key, secrets(&key), "prod.env");
        builder.add("API_KEY", "prod.env", &category, "n3wValue-0f-the-key");
        builder.add("OTHER", "other.env", &category, "an0ther-value-here");
        let mut builder = SecretsBuilder::going_on(&key, builder.finish(), "prod.env");
        builder.add("API_KEY", "prod.env", &category, "thirdVa1ue-0f-the-key");
        let secrets = builder.finish();
        assert_eq!(secrets.secrets(), 2);
        let found = |text: &str| secrets.find(&Hashing::new(&key), text).len();
        assert_eq!((found(VALUES[1].1), found("n3wValue-0f-the-key"), found("an0ther-value-here")), (0, 0, 1));
    }
}
