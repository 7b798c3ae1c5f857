//! The one pass over a JSON document: grammar, limits and repeated keys. Iterative, so that nesting costs no stack.
//! Decodes nothing but keys that must be compared.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr2;

use super::{Kind, escape};
use crate::wire::{Limits, Unreadable};

/// Objects up to this size are checked for repeated keys pair by pair, larger ones by sorting their keys.
const PAIRWISE_MAX: usize = 8;

/// A value's place in the bytes. Entries stand in pre-order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    /// Index of the entry behind this value's whole sub-tree: its next sibling, if it has one.
    pub(super) after: u32,
    start: u32,
    end: u32,
    escaped: bool,
    key: Key,
}

/// Content of a member's key; empty for an element or the root.
#[derive(Debug, Clone, Copy, Default)]
struct Key {
    start: u32,
    end: u32,
    escaped: bool,
}

impl Entry {
    /// All bytes of the value.
    pub(super) fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The bytes between the quotes of a string.
    pub(super) fn content(&self) -> Range<usize> {
        self.start as usize + 1..(self.end as usize).saturating_sub(1)
    }

    /// A string's decoded text.
    pub(super) fn string<'a>(&self, text: &'a str) -> Cow<'a, str> {
        decoded(text, self.content(), self.escaped)
    }

    /// The bytes between the quotes of a member's key.
    pub(super) fn key_content(&self) -> Range<usize> {
        self.key.start as usize..self.key.end as usize
    }

    /// The decoded key of a member.
    pub(super) fn key<'a>(&self, text: &'a str) -> Cow<'a, str> {
        decoded(text, self.key_content(), self.key.escaped)
    }
}

fn decoded(text: &str, content: Range<usize>, escaped: bool) -> Cow<'_, str> {
    let raw = text.get(content).unwrap_or_default();
    if !escaped {
        return Cow::Borrowed(raw);
    }
    // Escapes were checked when the document was read, so there is always a decoded form.
    escape::decode(raw, 0).map_or(Cow::Borrowed(raw), |(text, _)| Cow::Owned(text))
}

/// Indices from `first` to before `end`, one a value: sub-trees are stepped over.
pub(super) fn siblings(entries: &[Entry], first: u32, end: u32) -> impl Iterator<Item = u32> + '_ {
    let within = move |index: &u32| *index < end;
    std::iter::successors(Some(first).filter(within), move |index| {
        entries.get(*index as usize).map(|entry| entry.after).filter(within)
    })
}

/// Reads one document.
pub(super) fn parse<'a>(bytes: &'a [u8], limits: &Limits) -> Result<(&'a str, Vec<Entry>), Unreadable> {
    let bytes_max = limits.body_bytes.max(limits.decoded_bytes).min(u32::MAX as usize);
    if bytes.len() > bytes_max {
        return Err(Unreadable::TooLarge { what: "JSON document", limit: bytes_max });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| Unreadable::Charset { at: error.valid_up_to() })?;
    let at = if text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
    let parser = Parser { text, bytes, at, limits, entries: Vec::new(), open: Vec::new() };
    Ok((text, parser.document()?))
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    limits: &'a Limits,
    /// At most `limits.nodes`.
    entries: Vec<Entry>,
    /// Containers not yet closed, at most `limits.depth`.
    open: Vec<Open>,
}

/// A container not yet closed.
struct Open {
    index: u32,
    kind: Kind,
    n_children: usize,
}

impl Parser<'_> {
    fn document(mut self) -> Result<Vec<Entry>, Unreadable> {
        self.skip_space();
        self.value(Key::default())?;
        while let Some(Open { kind, n_children, .. }) = self.open.last() {
            self.step(*kind, *n_children)?;
        }
        self.skip_space();
        if self.at < self.bytes.len() { Err(self.wrong("nothing may follow the document")) } else { Ok(self.entries) }
    }

    /// The next child of the innermost container, or its end.
    fn step(&mut self, kind: Kind, n_children: usize) -> Result<(), Unreadable> {
        let close = if kind == Kind::Object { b'}' } else { b']' };
        self.skip_space();
        if self.peek() == Some(close) {
            self.at += 1;
            return self.close();
        }
        if n_children > 0 {
            self.expect(b',', "expected a comma or the container's end")?;
            self.skip_space();
        }
        if let Some(open) = self.open.last_mut() {
            open.n_children += 1;
        }
        let key = if kind == Kind::Object { self.key()? } else { Key::default() };
        self.value(key)
    }

    fn close(&mut self) -> Result<(), Unreadable> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let (end, after) = (offset(self.at), offset(self.entries.len()));
        if let Some(entry) = self.entries.get_mut(open.index as usize) {
            (entry.end, entry.after) = (end, after);
        }
        if open.kind == Kind::Array {
            return Ok(());
        }
        let repeated =
            if open.n_children <= PAIRWISE_MAX { self.repeated_in_pairs(&open) } else { self.repeated_in_order(&open) };
        repeated.map_or(Ok(()), |at| Err(Unreadable::Ambiguous { at }))
    }

    /// Offset of the first key that stands before in the same object.
    fn repeated_in_pairs(&self, open: &Open) -> Option<usize> {
        let members = || siblings(&self.entries, open.index + 1, u32::MAX).filter_map(|i| self.entries.get(i as usize));
        members().enumerate().skip(1).find_map(|(nth, member)| {
            let repeated = members().take(nth).any(|earlier| self.same_key(earlier, member));
            repeated.then(|| (member.key.start as usize).saturating_sub(1))
        })
    }

    fn same_key(&self, a: &Entry, b: &Entry) -> bool {
        let same_length = a.key.end - a.key.start == b.key.end - b.key.start;
        (same_length || a.key.escaped || b.key.escaped) && a.key(self.text) == b.key(self.text)
    }

    /// As `repeated_in_pairs`, in n·log n: an object with 100 000 keys must not cost 100 000² comparisons. Sorted, not
    /// hashed: no key set is slow.
    fn repeated_in_order(&self, open: &Open) -> Option<usize> {
        let members = siblings(&self.entries, open.index + 1, u32::MAX).filter_map(|i| self.entries.get(i as usize));
        let mut keys: Vec<(Cow<'_, str>, u32)> = members.map(|entry| (entry.key(self.text), entry.key.start)).collect();
        keys.sort_unstable();
        let repeated = keys.windows(2).filter_map(|pair| match pair {
            [(first, _), (second, start)] if first == second => Some((*start as usize).saturating_sub(1)),
            _ => None,
        });
        repeated.min()
    }

    /// A key and its colon, up to where the value starts.
    fn key(&mut self) -> Result<Key, Unreadable> {
        self.expect(b'"', "expected a key in quotes")?;
        let start = offset(self.at);
        let escaped = self.rest_of_string()?;
        let key = Key { start, end: offset(self.at - 1), escaped };
        self.skip_space();
        self.expect(b':', "expected a colon after the key")?;
        self.skip_space();
        Ok(key)
    }

    /// A scalar whole, or a container's opening.
    fn value(&mut self, key: Key) -> Result<(), Unreadable> {
        let start = self.at;
        let index = self.entries.len();
        if index >= self.limits.nodes {
            return Err(Unreadable::TooLarge { what: "number of JSON values", limit: self.limits.nodes });
        }
        let mut escaped = false;
        let kind = match self.peek() {
            Some(b'{') => self.open(Kind::Object, index)?,
            Some(b'[') => self.open(Kind::Array, index)?,
            Some(b'"') => {
                self.at += 1;
                escaped = self.rest_of_string()?;
                Kind::String
            }
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word(b"true", Kind::Bool)?,
            Some(b'f') => self.word(b"false", Kind::Bool)?,
            Some(b'n') => self.word(b"null", Kind::Null)?,
            _ => return Err(self.wrong("expected a value")),
        };
        let after = offset(index + 1);
        self.entries.push(Entry { kind, after, start: offset(start), end: offset(self.at), escaped, key });
        Ok(())
    }

    fn open(&mut self, kind: Kind, index: usize) -> Result<Kind, Unreadable> {
        if self.open.len() >= self.limits.depth {
            return Err(Unreadable::TooLarge { what: "JSON nesting", limit: self.limits.depth });
        }
        self.at += 1;
        self.open.push(Open { index: offset(index), kind, n_children: 0 });
        Ok(kind)
    }

    /// From behind the opening quote to behind the closing one; says whether there was an escape.
    fn rest_of_string(&mut self) -> Result<bool, Unreadable> {
        let mut escaped = false;
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let Some(distance) = memchr2(b'"', b'\\', rest) else {
                self.at = self.bytes.len();
                return Err(self.wrong("the string has no end"));
            };
            let (plain, stop) = rest.split_at(distance);
            // Folded without early exit, so that it runs over many bytes at a time.
            if plain.iter().fold(false, |found, byte| found | (*byte < 0x20)) {
                self.at += plain.iter().position(|byte| *byte < 0x20).unwrap_or_default();
                return Err(self.wrong("a control character in a string must be escaped"));
            }
            self.at += distance;
            if stop.first() == Some(&b'"') {
                self.at += 1;
                return Ok(escaped);
            }
            escaped = true;
            self.at += escape::escape_length(stop).ok_or_else(|| self.wrong("unknown escape"))?;
        }
    }

    fn number(&mut self) -> Result<Kind, Unreadable> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(Kind::Number)
    }

    /// One digit or more.
    fn digits(&mut self) -> Result<(), Unreadable> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let n_digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += n_digits;
        if n_digits == 0 { Err(self.wrong("expected a digit")) } else { Ok(()) }
    }

    fn word(&mut self, word: &[u8], kind: Kind) -> Result<Kind, Unreadable> {
        if !self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            return Err(self.wrong("expected a value"));
        }
        self.at += word.len();
        Ok(kind)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn expect(&mut self, byte: u8, why: &'static str) -> Result<(), Unreadable> {
        if self.peek() != Some(byte) {
            return Err(self.wrong(why));
        }
        self.at += 1;
        Ok(())
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn wrong(&self, why: &'static str) -> Unreadable {
        Unreadable::Syntax { format: "JSON", at: self.at, why }
    }
}

/// Documents are at most 4 GiB (checked at the start), so every offset and index fits.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
