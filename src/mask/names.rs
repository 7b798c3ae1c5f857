//! The live names of one scope: which placeholder stands for which original, as a snapshot that costs nothing to copy.
//! Does not store anything: the vault fills it. A category that is never restored simply has no entry here.
//!
//! Layers make both true: a copy shares them, and what a turn adds goes into a layer of its own. Small layers are
//! merged into their neighbour as they pile up, so there are about log₂ of the entries.

use std::{
    collections::BTreeMap,
    fmt,
    ops::{Bound, Range},
    sync::{Arc, OnceLock},
};

use super::{
    Original, Placeholder, ScopeKey, placeholder,
    placeholder::{LENGTH_MAX, TAG_CHARS},
    sweep::Sweeper,
};
use crate::detect::Category;

/// Live names of one scope. `Clone` shares; an insertion changes this copy only.
#[derive(Clone)]
pub struct Names {
    key: Arc<ScopeKey>,
    layers: Vec<Arc<Layer>>,
}

/// How far a text has got on its way to becoming a live placeholder.
#[derive(Debug)]
pub(crate) enum Progress {
    /// No live placeholder begins like this.
    Dead,
    /// Some live placeholder begins like this and is longer.
    Growing,
    /// It is this live placeholder, in full length.
    Complete(Arc<Original>),
}

#[derive(Default)]
struct Layer {
    /// Sorted, so that "does any begin like this" is one look.
    originals: BTreeMap<Placeholder, Arc<Original>>,
    /// Bit n: a placeholder begins with the n-th letter.
    first_letters: u32,
    sweeper: OnceLock<Sweeper>,
}

impl Names {
    /// No live names yet.
    #[must_use]
    pub fn new(key: ScopeKey) -> Self {
        Self { key: Arc::new(key), layers: Vec::new() }
    }

    /// Makes `placeholder` stand for `original`. False, and nothing changed, when it already stands for another
    /// original (two tags collided): that one is masked and not restorable.
    pub fn insert(&mut self, placeholder: Placeholder, original: Original) -> bool {
        if let Some(existing) = self.original(placeholder.as_str()) {
            return existing.expose() == original.expose();
        }
        let shared = self.layers.last_mut().is_none_or(|layer| Arc::get_mut(layer).is_none());
        if shared {
            self.merge_small_layers();
            self.layers.push(Arc::default());
        }
        if let Some(layer) = self.layers.last_mut().and_then(Arc::get_mut) {
            layer.insert(placeholder, Arc::new(original));
        }
        true
    }

    /// The original that this placeholder stands for; both spellings (with and without the last `_`) are known.
    #[must_use]
    pub fn original(&self, placeholder: &str) -> Option<&Original> {
        let mut buffer = [0; LENGTH_MAX];
        let full = full_spelling(placeholder, &mut buffer)?;
        self.layers.iter().find_map(|layer| layer.originals.get(full)).map(AsRef::as_ref)
    }

    /// The scope's naming key.
    #[must_use]
    pub fn key(&self) -> &ScopeKey {
        &self.key
    }

    /// True when nothing can be restored.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.layers.iter().all(|layer| layer.originals.is_empty())
    }

    /// Live names.
    #[must_use]
    pub fn len(&self) -> usize {
        self.layers.iter().map(|layer| layer.originals.len()).sum()
    }

    /// Placeholders issued in this scope that stand in `text`, live or not. They are cut out before a text is
    /// scanned: a placeholder is never masked again.
    #[must_use]
    pub fn issued(&self, text: &str) -> Vec<Range<usize>> {
        let ours = |range: &Range<usize>| {
            text.get(range.clone()).and_then(Placeholder::parse).is_some_and(|name| self.key.verifies(&name))
        };
        placeholder::candidates(text).filter(ours).collect()
    }

    /// The placeholder that `original` has in this scope, live or not.
    #[must_use]
    pub fn name(&self, category: &Category, original: &str) -> Placeholder {
        self.key.name(category, original)
    }

    /// Live originals that stand in `text`, in order, not overlapping: the page sends back what it was shown.
    /// Originals under 6 bytes are left out, those under 12 count only as whole words.
    #[must_use]
    pub fn sweep(&self, text: &str) -> Vec<(Range<usize>, Placeholder)> {
        let mut found: Vec<(Range<usize>, Placeholder)> = Vec::new();
        for layer in &self.layers {
            found.extend(layer.sweeper().find(text).map(|(range, name)| (range, name.clone())));
        }
        // A longer original wins over a shorter one that it overlaps: leaving a part of it would leak more.
        found.sort_by_key(|(range, _)| (std::cmp::Reverse(range.len()), range.start));
        let mut kept: BTreeMap<usize, (Range<usize>, Placeholder)> = BTreeMap::new();
        for (range, name) in found {
            let clear_before = kept.range(..range.end).next_back().is_none_or(|(_, (r, _))| r.end <= range.start);
            if clear_before {
                kept.insert(range.start, (range, name));
            }
        }
        kept.into_values().collect()
    }

    /// True when these bytes (a header, a cookie, an opaque field) hold a live secret or any long live original,
    /// as it is or percent-encoded. Short personal data do not count: they would break log-ins and ids.
    #[must_use]
    pub fn sweep_bytes(&self, bytes: &[u8]) -> bool {
        let decoded = memchr::memchr(b'%', bytes).map(|_| percent_decoded(bytes));
        self.layers.iter().any(|layer| {
            let sweeper = layer.sweeper();
            sweeper.leaks(bytes) || decoded.as_ref().is_some_and(|decoded| sweeper.leaks(decoded))
        })
    }

    /// Bit n is set when some live placeholder begins with the n-th letter.
    pub(crate) fn first_letters(&self) -> u32 {
        self.layers.iter().fold(0, |letters, layer| letters | layer.first_letters)
    }

    /// How far `held` (letters, digits and `_`) has got on its way to a live placeholder.
    pub(crate) fn progress(&self, held: &str) -> Progress {
        let mut buffer = [0; LENGTH_MAX];
        let Some(full) = full_spelling(held, &mut buffer) else { return Progress::Dead };
        for layer in &self.layers {
            let next = layer.originals.range::<str, _>((Bound::Included(full), Bound::Unbounded)).next();
            match next {
                Some((name, original)) if name.as_str() == full => return Progress::Complete(original.clone()),
                Some((name, _)) if name.as_str().starts_with(full) => return Progress::Growing,
                Some(_) | None => {}
            }
        }
        Progress::Dead
    }

    /// Merges the last layer into the one before it as long as it is at least half as large.
    fn merge_small_layers(&mut self) {
        while let [.., before, last] = self.layers.as_slice() {
            if last.originals.len() * 2 < before.originals.len() {
                return;
            }
            let merged = before.joined(last);
            self.layers.truncate(self.layers.len() - 2);
            self.layers.push(Arc::new(merged));
        }
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Names({} live)", self.len())
    }
}

// === impl Layer ===

impl Layer {
    fn insert(&mut self, placeholder: Placeholder, original: Arc<Original>) {
        let first = placeholder.as_str().bytes().next().unwrap_or(b'A');
        self.first_letters |= letter_bit(first);
        self.originals.insert(placeholder, original);
        self.sweeper = OnceLock::new();
    }

    fn joined(&self, other: &Self) -> Self {
        let originals = self.originals.iter().chain(&other.originals).map(|(p, o)| (p.clone(), o.clone())).collect();
        Self { originals, first_letters: self.first_letters | other.first_letters, sweeper: OnceLock::new() }
    }

    fn sweeper(&self) -> &Sweeper {
        self.sweeper.get_or_init(|| Sweeper::new(self.originals.iter().map(|(p, o)| (p.clone(), o.clone()))))
    }
}

/// The bit of an upper-case letter; 0 for anything else.
pub(crate) fn letter_bit(byte: u8) -> u32 {
    if byte.is_ascii_uppercase() { 1 << (byte - b'A') } else { 0 }
}

/// `text` with the last `_` put in where it is missing; `None` when it is too long for any placeholder. Works on
/// beginnings of placeholders too.
fn full_spelling<'a>(text: &'a str, buffer: &'a mut [u8; LENGTH_MAX]) -> Option<&'a str> {
    if text.len() > LENGTH_MAX {
        return None;
    }
    let Some(underscore) = memchr::memchr(b'_', text.as_bytes()) else { return Some(text) };
    let Some((head, tail)) = text.as_bytes().split_at_checked(underscore + 1 + TAG_CHARS) else { return Some(text) };
    if tail.is_empty() || tail.first() == Some(&b'_') {
        return Some(text);
    }
    let filled = head.len() + 1 + tail.len();
    let target = buffer.get_mut(..filled)?;
    for (to, from) in target.iter_mut().zip(head.iter().chain(b"_").chain(tail)) {
        *to = *from;
    }
    std::str::from_utf8(target).ok()
}

fn percent_decoded(bytes: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&first, after)) = rest.split_first() {
        let escape = after.get(..2).filter(|_| first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        match escape.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                decoded.push(first);
                rest = after;
            }
        }
    }
    decoded
}

#[cfg(test)]
mod tests;
