//! Documents as fingerprints: which passages of a text are copied out of which document, and how much of it that is.
//! Keeps keyed hashes and names; no text can be made from them. Does not find paraphrases or translations.

mod build;

pub use build::{Added, DocumentsBuilder};

use super::{
    format::{FormatError, Reader, Writer},
    key::{Key, Sip},
    letters::Letters,
    lookup::Buckets,
    winnow::{Fingerprint, GRAM},
};
use std::{collections::HashMap, ops::Range, sync::Arc};

/// Letters of one block beside a fingerprint. What stands there is remembered in a few bits, so that a hit is known to
/// be part of a longer run, and how far it goes.
const BLOCK: usize = 13;
/// Blocks on each side: a window's worth of letters.
const BLOCKS: usize = 3;
/// Bits of one block; 0 says that the document has no such block.
const BLOCK_BITS: u32 = 5;
/// Letters that must be known to be shared before anything is said: a fingerprint and two blocks. Less is a phrase.
const RUN_LEAST: usize = GRAM + 2 * BLOCK;
/// Documents named for one text at most.
const NAMED_MAX: usize = 8;
/// Characters that a passage is widened by to the border of its sentence: what the last block could not see.
const SENTENCE_MAX: usize = 32;

/// What a document is called and how large it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Shown to people: its path within the folder that was added.
    pub name: String,
    /// Keyed hash of where it lies, so that adding it again replaces it.
    id: u64,
    /// Letters and digits in it.
    pub letters: u32,
}

/// A collection of documents, as fingerprints.
#[derive(Debug)]
pub struct Documents {
    pub(super) name: Arc<str>,
    pub(super) window: usize,
    documents: Vec<Document>,
    /// Sorted; the others are parallel to it.
    hashes: Vec<u64>,
    owners: Vec<u32>,
    sides: Vec<u32>,
    buckets: Buckets,
}

/// A copied passage.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Passage {
    /// Bytes of the text.
    pub(super) range: Range<usize>,
    pub(super) reasons: Vec<String>,
    /// The document's passages together are long enough to be sure.
    pub(super) enough: bool,
}

/// When shared text counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// Letters shared with one document from which a passage is a finding that is acted upon in full.
    pub letters: usize,
    /// … or fingerprints.
    pub fingerprints: usize,
    /// Fingerprints that occur in more documents of a collection than this are boilerplate.
    pub boilerplate: usize,
}

impl Documents {
    /// The documents.
    #[must_use]
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// Fingerprint letters between two picks at most.
    #[must_use]
    pub fn window(&self) -> usize {
        self.window
    }

    /// Number of fingerprints.
    #[must_use]
    pub fn fingerprints(&self) -> usize {
        self.hashes.len()
    }

    /// Sorted hashes of all fingerprints.
    pub(super) fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// Hash of all it keeps.
    pub(super) fn digest(&self, sip: &Sip) -> u64 {
        sip.hash(self.hashes.iter().copied())
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.text(&self.name);
        writer.u32(u32::try_from(self.window).unwrap_or(u32::MAX));
        writer.length(self.documents.len());
        for document in &self.documents {
            writer.text(&document.name);
            writer.u64(document.id);
            writer.u32(document.letters);
        }
        writer.u64s(&self.hashes);
        writer.u32s(&self.owners);
        writer.u32s(&self.sides);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let (name, window) = (reader.text()?, reader.u32()? as usize);
        let n_documents = reader.length(16)?;
        let mut documents = Vec::with_capacity(n_documents);
        for _ in 0..n_documents {
            documents.push(Document { name: reader.text()?, id: reader.u64()?, letters: reader.u32()? });
        }
        let (hashes, owners, sides) = (reader.u64s()?, reader.u32s()?, reader.u32s()?);
        let fits = hashes.len() == owners.len()
            && hashes.len() == sides.len()
            && hashes.is_sorted()
            && u32::try_from(hashes.len()).is_ok()
            && owners.iter().all(|owner| (*owner as usize) < documents.len());
        if !fits {
            return Err(FormatError::Damaged("its lists do not fit together"));
        }
        let buckets = Buckets::over(&hashes);
        Ok(Self { name: name.into(), window, documents, hashes, owners, sides, buckets })
    }

    /// Passages of a text that stand in these documents.
    pub(super) fn passages(
        &self,
        page: &Page<'_>,
        thresholds: Thresholds,
        is_public: impl Fn(u64) -> bool,
    ) -> Vec<Passage> {
        let hits = self.hits(page, thresholds.boilerplate, is_public);
        let mut shares: Vec<Share> =
            by_owner(hits).into_iter().filter_map(|(owner, hits)| Share::of(owner, &hits)).collect();
        shares.sort_by(|a, b| b.letters.cmp(&a.letters).then(a.owner.cmp(&b.owner)));
        let mut named: Vec<(&Share, Vec<Range<usize>>)> = Vec::new();
        for share in &shares {
            let free: Vec<Range<usize>> = share.runs.iter().filter(|run| !taken(&named, run)).cloned().collect();
            if !free.is_empty() && named.len() < NAMED_MAX {
                named.push((share, free));
            }
        }
        named.iter().flat_map(|(share, runs)| self.told(page, share, runs, &shares, thresholds)).collect()
    }

    fn hits(&self, page: &Page<'_>, boilerplate: usize, is_public: impl Fn(u64) -> bool) -> Vec<Hit> {
        let mut hits = Vec::new();
        for (pick, fingerprint) in page.picked.iter().enumerate() {
            let places = self.buckets.find(&self.hashes, fingerprint.hash);
            if places.is_empty() || places.len() > boilerplate || is_public(fingerprint.hash) {
                continue;
            }
            for place in places {
                let (Some(owner), Some(sides)) = (self.owners.get(place), self.sides.get(place)) else { continue };
                let (before, after) = page.sides.shared(&page.letters.codes, fingerprint.at, *sides);
                hits.push(Hit { owner: *owner, pick, letters: fingerprint.at - before..fingerprint.at + GRAM + after });
            }
        }
        hits
    }

    fn told(
        &self,
        page: &Page<'_>,
        share: &Share,
        runs: &[Range<usize>],
        all: &[Share],
        thresholds: Thresholds,
    ) -> Vec<Passage> {
        let Some(document) = self.documents.get(share.owner as usize) else { return Vec::new() };
        let others = all.iter().filter(|other| other.owner != share.owner && other.letters * 10 >= share.letters * 9);
        let others = others.filter(|other| other.runs.iter().any(|run| overlaps(run, share.runs.first()))).count();
        let mut reasons = vec![
            format!("{} of `{}`", percent(share.letters, document.letters as usize), document.name),
            format!("longest run about {} letters", share.longest),
        ];
        match others {
            0 => {}
            1 => reasons.push("also in 1 other document".to_owned()),
            others => reasons.push(format!("also in {others} other documents")),
        }
        let unseen = 2 * (BLOCK - 1);
        let enough = share.letters + unseen >= thresholds.letters || share.fingerprints >= thresholds.fingerprints;
        let passage = |run: &Range<usize>| Passage { range: page.bytes(run.clone()), reasons: reasons.clone(), enough };
        runs.iter().map(passage).collect()
    }
}

fn percent(part: usize, whole: usize) -> String {
    match (part * 100 + whole / 2) / whole.max(1) {
        0 => "less than 1 %".to_owned(),
        share => format!("{} %", share.min(100)),
    }
}

fn overlaps(run: &Range<usize>, other: Option<&Range<usize>>) -> bool {
    other.is_some_and(|other| run.start < other.end && other.start < run.end)
}

fn taken(named: &[(&Share, Vec<Range<usize>>)], run: &Range<usize>) -> bool {
    named.iter().any(|(_, runs)| {
        let after = runs.partition_point(|taken| taken.end <= run.start);
        overlaps(run, runs.get(after))
    })
}

/// One text as it is held against collections of one window.
pub(super) struct Page<'t> {
    pub(super) text: &'t str,
    pub(super) letters: &'t Letters,
    pub(super) picked: Vec<Fingerprint>,
    pub(super) sides: &'t Sides,
}

impl Page<'_> {
    /// Bytes of a run of letters: whole words, and the rest of the sentence where its border is near.
    fn bytes(&self, run: Range<usize>) -> Range<usize> {
        let words = self.letters.word_start(run.start)..self.letters.word_end(run.end.saturating_sub(1));
        let bytes = self.letters.bytes(self.text, words);
        let before = self.text.get(..bytes.start).unwrap_or_default();
        let after = self.text.get(bytes.end..).unwrap_or_default();
        let start = sentence_start(before).map_or(bytes.start, |start| start + blanks(before.get(start..)));
        let end =
            bytes.end + sentence_end(after).map_or(0, |end| after.get(..end).map_or(0, |rest| rest.trim_end().len()));
        start..end
    }
}

fn blanks(text: Option<&str>) -> usize {
    text.map_or(0, |text| text.len() - text.trim_start().len())
}

/// Where the sentence begins that goes on behind `before`, if that is near.
fn sentence_start(before: &str) -> Option<usize> {
    for (steps, (at, sign)) in before.char_indices().rev().enumerate() {
        let border =
            matches!(sign, '\n' | '.' | '!' | '?' | ':' | ';' | '"' | '“' | '„' | '«' | '»' | '(' | '>' | '|' | '。');
        if border {
            return Some(at + sign.len_utf8());
        }
        if steps == SENTENCE_MAX {
            return None;
        }
    }
    Some(0)
}

/// Where the sentence ends that `after` goes on with, if that is near.
fn sentence_end(after: &str) -> Option<usize> {
    for (steps, (at, sign)) in after.char_indices().enumerate() {
        if matches!(sign, '\n' | '.' | '!' | '?' | '"' | '”' | '“' | '»' | '<' | '|' | '。') {
            return Some(at);
        }
        if steps == SENTENCE_MAX {
            return None;
        }
    }
    Some(after.len())
}

/// A fingerprint of the text that a document has too.
#[derive(Debug, Clone)]
struct Hit {
    owner: u32,
    /// Index among the text's picks.
    pick: usize,
    /// Letters known to be shared.
    letters: Range<usize>,
}

fn by_owner(hits: Vec<Hit>) -> HashMap<u32, Vec<Hit>> {
    let mut owners: HashMap<u32, Vec<Hit>> = HashMap::new();
    for hit in hits {
        owners.entry(hit.owner).or_default().push(hit);
    }
    owners
}

/// What one document and the text share.
struct Share {
    owner: u32,
    /// Ascending, disjoint.
    runs: Vec<Range<usize>>,
    letters: usize,
    longest: usize,
    fingerprints: usize,
}

impl Share {
    /// Neighbouring hits are one run: between two fingerprints that follow one another nothing differs.
    fn of(owner: u32, hits: &[Hit]) -> Option<Self> {
        let mut runs: Vec<(Range<usize>, usize)> = Vec::new();
        let mut last_pick = None;
        for hit in hits {
            let follows = last_pick.is_some_and(|last| last + 1 >= hit.pick);
            last_pick = Some(hit.pick);
            match runs.last_mut() {
                Some((run, n)) if follows || hit.letters.start <= run.end => {
                    run.end = run.end.max(hit.letters.end);
                    *n += 1;
                }
                _ => runs.push((hit.letters.clone(), 1)),
            }
        }
        runs.retain(|(run, _)| run.len() >= RUN_LEAST);
        let longest = runs.iter().map(|(run, _)| run.len()).max()?;
        let letters = runs.iter().map(|(run, _)| run.len()).sum();
        let fingerprints = runs.iter().map(|(_, n)| n).sum();
        Some(Self { owner, runs: runs.into_iter().map(|(run, _)| run).collect(), letters, longest, fingerprints })
    }
}

/// What stands beside a fingerprint, in a few keyed bits a block.
#[derive(Debug, Clone)]
pub(super) struct Sides(Sip);

impl Sides {
    pub(super) fn new(key: &Key) -> Self {
        Self(key.sip(u64::from_le_bytes(*b"sides__1")))
    }

    /// The block of letters `index` steps before or after a fingerprint at `at`.
    fn block<'c>(&self, codes: &'c [u32], at: usize, index: usize, before: bool) -> Option<&'c [u32]> {
        let start = if before { at.checked_sub((index + 1) * BLOCK)? } else { at + GRAM + index * BLOCK };
        codes.get(start..start + BLOCK)
    }

    fn bits(&self, block: &[u32]) -> u32 {
        let bits = self.0.letters(block) % ((1 << BLOCK_BITS) - 1) + 1;
        u32::try_from(bits).unwrap_or(0)
    }

    /// The bits of all blocks, those before in the low half.
    fn of(&self, codes: &[u32], at: usize) -> u32 {
        let mut all = 0;
        for (place, (index, before)) in blocks().enumerate() {
            let bits = self.block(codes, at, index, before).map_or(0, |block| self.bits(block));
            all |= bits << (place as u32 * BLOCK_BITS);
        }
        all
    }

    /// Letters before and after a fingerprint of the text that are those of the document.
    fn shared(&self, codes: &[u32], at: usize, sides: u32) -> (usize, usize) {
        let mut reach = [0, 0];
        for (place, (index, before)) in blocks().enumerate() {
            let held = sides >> (place as u32 * BLOCK_BITS) & ((1 << BLOCK_BITS) - 1);
            let same = self.block(codes, at, index, before).is_some_and(|block| held != 0 && self.bits(block) == held);
            let side = &mut reach[usize::from(!before)];
            if same && *side == index {
                *side += 1;
            }
        }
        (reach[0] * BLOCK, reach[1] * BLOCK)
    }
}

fn blocks() -> impl Iterator<Item = (usize, bool)> {
    (0..BLOCKS).map(|index| (index, true)).chain((0..BLOCKS).map(|index| (index, false)))
}
