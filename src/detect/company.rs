//! What a company wants to keep to itself and no rule can know: dictionaries, rows of its tables, its documents, its
//! secrets. Holds them as hashes under the installation's key and holds a text against all of them in one pass over its
//! letters. Reads no file: bytes and lists come in, claims go out.
//!
//! ```text
//! text ─ letters (folded, with the way back) ─┬─ words     → dictionary      entries as hashes, in memory only
//!                                             ├─ words     → exact           fields of rows: HMAC, two of a row or a unique one
//!                                             └─ 30-grams  → winnow, document which passages are copied, how much of it
//!      └ bytes ─ ends of tokens ───────────────────────────→ known           exactly these secrets
//! ```

// hashing and tables
pub mod key;
mod letters;
mod lookup;
// what is kept
pub mod dictionary;
pub mod exact;
pub mod known;
pub mod winnow;
pub mod document;
// how it is written
pub mod format;
mod part;
// what it is made from
pub mod table;
pub mod entries;
pub mod markup;
// how claims of passages and of rules lie together
mod beside;

pub(super) use beside::beside;
pub use dictionary::Dictionary;
pub use document::{Documents, Thresholds};
pub use exact::Data;
pub use format::{FormatError, Kind};
pub use key::Key;
pub use known::Secrets;
pub use part::Part;

use super::{Category, Finding, Severity, matcher::to_characters, overlap::Claim};
use crate::rules;
use letters::Letters;
use std::{ops::Range, sync::Arc};

/// Category of a passage of a document.
pub const DOCUMENT: &str = "DOCUMENT";

/// When a finding counts, from the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Shared text.
    pub documents: Thresholds,
    /// Bytes between two fields of one row at most.
    pub row_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        let documents = Thresholds { letters: 150, fingerprints: 5, boilerplate: 10 };
        Self { documents, row_bytes: 1000 }
    }
}

/// A dictionary, a table, a collection or a set of secrets, as rules are listed.
#[derive(Debug, Clone, PartialEq)]
pub struct CompanyRule {
    /// `company.dictionary.code-names`, as policies name it.
    pub id: Arc<str>,
    /// Shown to people.
    pub title: String,
    /// What is in it.
    pub description: String,
    /// Kind of data. Of secrets: of most of them; each has its own.
    pub category: Category,
    /// How bad.
    pub severity: Severity,
    /// Where it comes from.
    pub source: String,
}

/// Everything of the company, ready to be searched for. Immutable; share it in an `Arc`.
#[derive(Debug)]
pub struct Index {
    key: Key,
    settings: Settings,
    phrases: key::Sip,
    hashing: known::Hashing,
    winnow: winnow::Winnow,
    sides: document::Sides,
    dictionaries: Vec<(Arc<Dictionary>, CompanyRule)>,
    parts: Vec<(Arc<Part>, CompanyRule)>,
    /// Sorted hashes of text that anybody may know.
    public: Vec<u64>,
    /// Something in it is looked for by its letters; secrets are by their bytes.
    reads_letters: bool,
    version: String,
}

/// What one text holds of the company's.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Words, fields and secrets: they take part in the resolution of overlaps.
    pub(super) claims: Vec<Claim>,
    /// Passages: they lie round other findings.
    pub(super) passages: Vec<Claim>,
}

impl Index {
    /// Puts dictionaries and parts together; those whose rule is in `disable` are left out.
    #[must_use]
    pub fn new(
        key: &Key,
        settings: Settings,
        dictionaries: Vec<Arc<Dictionary>>,
        parts: Vec<Arc<Part>>,
        disable: &[String],
    ) -> Self {
        let enabled = |rule: &CompanyRule| !disable.iter().any(|id| **id == *rule.id);
        let dictionaries =
            dictionaries.into_iter().map(|dictionary| (Arc::clone(&dictionary), of_dictionary(&dictionary)));
        let dictionaries: Vec<_> = dictionaries.filter(|(_, rule)| enabled(rule)).collect();
        let parts: Vec<_> = parts
            .into_iter()
            .map(|part| (Arc::clone(&part), of_part(&part)))
            .filter(|(_, rule)| enabled(rule))
            .collect();
        let has_documents = parts.iter().any(|(part, _)| part.kind() == Kind::Documents);
        let public = if has_documents { public(key, &parts) } else { Vec::new() };
        let version = version(key, &dictionaries, &parts);
        let reads_letters = !dictionaries.is_empty() || parts.iter().any(|(part, _)| part.kind() != Kind::Secrets);
        Self {
            key: key.clone(),
            settings,
            phrases: dictionary::phrases(key),
            hashing: known::Hashing::new(key),
            winnow: winnow::Winnow::new(key),
            sides: document::Sides::new(key),
            dictionaries,
            parts,
            public,
            reads_letters,
            version,
        }
    }

    /// Nothing can be found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.dictionaries.is_empty() && self.parts.is_empty()
    }

    /// What is in it, as rules; text that anybody may know is none.
    pub fn rules(&self) -> impl Iterator<Item = &CompanyRule> {
        let parts = self.parts.iter().filter(|(part, _)| part.kind() != Kind::Public).map(|(_, rule)| rule);
        self.dictionaries.iter().map(|(_, rule)| rule).chain(parts)
    }

    /// Changes when what is in it does: 16 hexadecimal digits.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Holds a text against everything. A long one piece by piece, so that its letters need no memory of its size; what
    /// lies in two pieces is seen twice, and resolved as overlaps are.
    pub(super) fn search(&self, text: &str) -> Seen {
        if text.len() <= PIECE {
            return self.search_piece(text);
        }
        let mut seen = Seen::default();
        let mut start = 0;
        while start < text.len() {
            let end = to_characters(text, start..start + PIECE).end;
            let piece = self.search_piece(text.get(start..end).unwrap_or_default());
            seen.claims.extend(piece.claims.into_iter().map(|claim| shifted(claim, start)));
            seen.passages.extend(piece.passages.into_iter().map(|claim| shifted(claim, start)));
            start = if end == text.len() { end } else { to_characters(text, end - OVERLAP..end).start };
        }
        seen
    }

    fn search_piece(&self, text: &str) -> Seen {
        let letters = if self.reads_letters { Letters::of(text) } else { Letters::default() };
        let opening = |first: usize| {
            let rest = letters.codes.get(first..).unwrap_or_default();
            (first, lookup::opening(&self.phrases, rest))
        };
        let openings: Vec<_> = letters.word_begins().map(opening).collect();
        let mut seen = Seen::default();
        for (dictionary, rule) in &self.dictionaries {
            self.words(dictionary, rule, text, &letters, &openings, &mut seen);
        }
        for (part, rule) in &self.parts {
            match part.as_ref() {
                Part::Data(data) => {
                    let page = exact::Page { text, letters: &letters, openings: &openings };
                    let matches = data.find(&self.key, &self.phrases, &page, self.settings.row_bytes);
                    let claim = |found: exact::Match| {
                        claim(rule, letters.bytes(text, found.letters), FIELD, vec![found.reason])
                    };
                    seen.claims.extend(matches.into_iter().map(claim));
                }
                Part::Secrets(secrets) => {
                    let claim = |found: known::Match| {
                        let mut claim = claim(rule, found.range, SECRET, vec![found.reason]);
                        claim.finding.category = found.category;
                        claim
                    };
                    seen.claims.extend(secrets.find(&self.hashing, text).into_iter().map(claim));
                }
                Part::Documents(_) | Part::Public(_) => {}
            }
        }
        seen.passages = self.copied(text, &letters);
        seen
    }

    fn words(
        &self,
        dictionary: &Dictionary,
        rule: &CompanyRule,
        text: &str,
        letters: &Letters,
        openings: &[(usize, Option<u64>)],
        seen: &mut Seen,
    ) {
        let mut at = |(first, opening): (usize, Option<u64>)| {
            if let Some(found) = dictionary.at(&self.phrases, text, letters, first, opening) {
                let ending = if found.inflected { ", with an ending" } else { "" };
                let reason = format!("entry of the dictionary `{}`{ending}", dictionary.about().name);
                seen.claims.push(claim(rule, letters.bytes(text, found.letters), WORD, vec![reason]));
            }
        };
        match dictionary.about().matching {
            dictionary::Matching::Word => openings.iter().copied().for_each(at),
            dictionary::Matching::Substring => (0..letters.codes.len()).for_each(|first| {
                let rest = letters.codes.get(first..).unwrap_or_default();
                at((first, lookup::opening(&self.phrases, rest)));
            }),
        }
    }

    fn copied(&self, text: &str, letters: &Letters) -> Vec<Claim> {
        let mut claims = Vec::new();
        let mut page = document::Page { text, letters, picked: Vec::new(), sides: &self.sides };
        let mut window = 0;
        for (part, rule) in &self.parts {
            let Part::Documents(documents) = part.as_ref() else { continue };
            if window != documents.window {
                window = documents.window;
                page.picked = self.winnow.pick(&letters.codes, window);
            }
            let is_public = |hash: u64| self.public.binary_search(&hash).is_ok();
            for passage in documents.passages(&page, self.settings.documents, is_public) {
                let confidence = if passage.enough { PASSAGE } else { QUOTE };
                claims.push(claim(rule, passage.range, confidence, passage.reasons));
            }
        }
        claims
    }
}

/// Bytes of a text that are searched at a time.
const PIECE: usize = 1 << 20;
/// Bytes that two pieces share: the longest secret, and any sentence.
const OVERLAP: usize = 16 << 10;

fn shifted(mut claim: Claim, by: usize) -> Claim {
    for range in &mut claim.finding.ranges {
        *range = range.start + by..range.end + by;
    }
    claim
}

/// Confidence of a dictionary's word: the same word may mean something else.
const WORD: f32 = 0.9;
/// Confidence of a field of a row.
const FIELD: f32 = 0.95;
/// Confidence of a known secret: the value itself is there.
const SECRET: f32 = 0.99;
/// Confidence of a passage that is long enough to be sure.
const PASSAGE: f32 = 0.95;
/// Confidence of a sentence or two of a document.
const QUOTE: f32 = 0.6;

fn claim(rule: &CompanyRule, range: Range<usize>, confidence: f32, reasons: Vec<String>) -> Claim {
    let finding = Finding {
        rule: rule.id.clone(),
        category: rule.category.clone(),
        ranges: std::iter::once(range).collect(),
        confidence,
        reasons,
    };
    Claim { finding, severity: rule.severity }
}

fn of_dictionary(dictionary: &Dictionary) -> CompanyRule {
    let about = dictionary.about();
    CompanyRule {
        id: format!("company.dictionary.{}", about.name).into(),
        title: about.title.clone(),
        description: format!("{} entries", dictionary.entries()),
        category: about.category.clone(),
        severity: about.severity,
        source: about.source.clone(),
    }
}

fn of_part(part: &Part) -> CompanyRule {
    let (title, category, severity) = match part {
        Part::Documents(_) => ("Passage of a document of", DOCUMENT, Severity::High),
        Part::Data(data) => ("Row of", data.category.as_str(), Severity::High),
        Part::Secrets(_) => ("Known secret of", "APIKEY", Severity::Critical),
        Part::Public(_) => ("Public text of", DOCUMENT, Severity::Low),
    };
    CompanyRule {
        id: format!("company.{}.{}", part.kind().as_str(), part.name()).into(),
        title: format!("{title} `{}`", part.name()),
        description: part.summary(),
        category: category_or_company(category),
        severity,
        source: "`scrim index`".to_owned(),
    }
}

/// Names in this file are categories; whatever else comes in is the company's.
fn category_or_company(name: &str) -> Category {
    Category::parse(name).unwrap_or_else(|_| Category::company())
}

/// Hashes of the public parts and of the licences that come with the program.
fn public(key: &Key, parts: &[(Arc<Part>, CompanyRule)]) -> Vec<u64> {
    // The smallest window picks whatever a larger one does.
    let mut built_in = document::DocumentsBuilder::new(key, "licences", *winnow::WINDOWS.start());
    for source in rules::texts("public") {
        built_in.add(&source.path, &source.path, &source.text);
    }
    let mut hashes = built_in.finish().hashes().to_vec();
    for (part, _) in parts {
        match part.as_ref() {
            Part::Public(documents) => hashes.extend_from_slice(documents.hashes()),
            Part::Documents(_) | Part::Data(_) | Part::Secrets(_) => {}
        }
    }
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

fn version(key: &Key, dictionaries: &[(Arc<Dictionary>, CompanyRule)], parts: &[(Arc<Part>, CompanyRule)]) -> String {
    let sip = key.sip(u64::from_le_bytes(*b"version1"));
    let id = |rule: &CompanyRule| sip.hash(rule.id.as_bytes().chunks(8).map(key::first_u64));
    let mut each: Vec<u64> = Vec::new();
    for (dictionary, rule) in dictionaries {
        each.extend([id(rule), dictionary.digest(&sip)]);
    }
    for (part, rule) in parts {
        let digest = match part.as_ref() {
            Part::Documents(documents) | Part::Public(documents) => documents.digest(&sip),
            Part::Data(data) => data.digest(&sip),
            Part::Secrets(secrets) => secrets.digest(&sip),
        };
        each.extend([id(rule), digest]);
    }
    format!("{:016x}", sip.hash(each))
}

#[cfg(test)]
mod tests;
