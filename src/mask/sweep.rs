//! Finds live originals in a text or in raw bytes, all of them in one pass. Does not decide what a hit means.

use std::{ops::Range, sync::Arc};

use aho_corasick::AhoCorasick;

use super::{Original, Placeholder};

/// Shorter originals are in too many texts by chance.
const SWEPT_MIN_BYTES: usize = 6;
/// From here on an original needs no word boundary.
const LONG_MIN_BYTES: usize = 12;
/// From here on anything counts in headers and opaque fields. E-mail addresses and names are shorter: a page sends its
/// user's own in log-ins and ids, and must go on working.
const ANYWHERE_MIN_BYTES: usize = 40;
/// A secret counts in headers and opaque fields from here on.
const SECRET_MIN_BYTES: usize = 8;
/// Categories whose values open something.
const SECRETS: &[&str] = &["APIKEY", "PASSWORD", "PRIVATEKEY", "JWT", "CONNECTION", "TOKEN", "SECRET"];

/// One automaton over the originals of a layer. It holds a copy of their bytes for as long as the layer lives.
pub(super) struct Sweeper {
    /// `None`: nothing to look for, or more than an automaton takes (then each original is looked for by itself).
    automaton: Option<AhoCorasick>,
    entries: Vec<(Placeholder, Arc<Original>)>,
}

impl Sweeper {
    pub(super) fn new(originals: impl Iterator<Item = (Placeholder, Arc<Original>)>) -> Self {
        let entries: Vec<_> = originals.filter(|(_, original)| original.expose().len() >= SWEPT_MIN_BYTES).collect();
        let automaton = if entries.is_empty() {
            None
        } else {
            AhoCorasick::new(entries.iter().map(|(_, original)| original.expose())).ok()
        };
        Self { automaton, entries }
    }

    /// Every place where an original stands in `text`; may overlap.
    pub(super) fn find<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (Range<usize>, &'a Placeholder)> {
        self.hits(text.as_bytes()).into_iter().filter_map(move |(index, range)| {
            let (name, original) = self.entries.get(index)?;
            let counts = original.expose().len() >= LONG_MIN_BYTES || whole_word(text, &range);
            counts.then_some((range, name))
        })
    }

    /// True when a secret, or any long original, stands in `bytes`.
    pub(super) fn leaks(&self, bytes: &[u8]) -> bool {
        self.hits(bytes).iter().any(|(index, _)| {
            self.entries.get(*index).is_some_and(|(name, original)| {
                let length = original.expose().len();
                let secret = SECRETS.contains(&name.category().as_str());
                length >= ANYWHERE_MIN_BYTES || (secret && length >= SECRET_MIN_BYTES)
            })
        })
    }

    fn hits(&self, bytes: &[u8]) -> Vec<(usize, Range<usize>)> {
        match &self.automaton {
            Some(automaton) => {
                automaton.find_overlapping_iter(bytes).map(|hit| (hit.pattern().as_usize(), hit.range())).collect()
            }
            None => self
                .entries
                .iter()
                .enumerate()
                .flat_map(|(index, (_, original))| {
                    let wanted = original.expose().as_bytes();
                    memchr::memmem::find_iter(bytes, wanted).map(move |at| (index, at..at + wanted.len()))
                })
                .collect(),
        }
    }
}

/// True when no word goes on at either end of `range`. Scripts written without spaces have no such ends: there every
/// place counts.
fn whole_word(text: &str, range: &Range<usize>) -> bool {
    let joins = |a: Option<char>, b: Option<char>| a.is_some_and(spaced_word) && b.is_some_and(spaced_word);
    let (Some(before), Some(inside), Some(after)) =
        (text.get(..range.start), text.get(range.clone()), text.get(range.end..))
    else {
        return false;
    };
    !joins(before.chars().next_back(), inside.chars().next())
        && !joins(inside.chars().next_back(), after.chars().next())
}

fn spaced_word(c: char) -> bool {
    /// Thai, then CJK and everything after it: scripts that put no spaces between words.
    const UNSPACED: [Range<u32>; 2] = [0x0e00..0x0f00, 0x2e80..0x11_0000];
    c.is_alphanumeric() && !UNSPACED.iter().any(|range| range.contains(&u32::from(c)))
}
