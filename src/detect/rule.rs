//! A detection rule as it is used: parsed, compiled, with its own examples. Reading rule files is `load`.

use super::{
    Category,
    error::Place,
    matcher::{Allowed, Matcher},
    validate::{self, Validator},
    words::WordList,
};
use std::{ops::RangeInclusive, sync::Arc};

/// How bad it is when a value of this kind leaves the company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Identifies nobody alone (a private address, a host).
    Low,
    /// Personal data.
    Medium,
    /// Personal data that is hard to change (national ids, cards), secrets of limited reach.
    High,
    /// Opens something.
    Critical,
}

impl Severity {
    /// Lower-case name, as in rule files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// What starts a rule: it costs nothing on a text that holds none of these.
#[derive(Debug, Clone)]
pub struct Anchor {
    /// Literal strings; any one suffices. The pattern must match them.
    pub literals: Vec<String>,
    /// Upper and lower case of the literals are the same.
    pub ignore_case: bool,
    /// A number of this many digits, single separators not counted.
    pub digits: Option<RangeInclusive<usize>>,
    /// A run of `A-Za-z0-9_+/-` of this many bytes that looks random; trailing `=` not counted.
    pub token: Option<RangeInclusive<usize>>,
    /// A word of the list of given names.
    pub names: bool,
    /// Where the pattern is tried, relative to the anchor.
    pub reach: Reach,
    /// Bytes after the anchor that the pattern may see.
    pub after: usize,
    /// What may stand before the place where the pattern starts.
    pub left: Left,
    /// How the bytes begin where the pattern starts, any one of these: spares most tries. Empty when it says nothing.
    pub shapes: Vec<Shape>,
}

impl Anchor {
    /// Bytes before the anchor at which the pattern may begin.
    #[must_use]
    pub fn before(&self) -> usize {
        match &self.reach {
            Reach::AtAnchor => 0,
            Reach::Back { limit, .. } => *limit,
            Reach::Before(before) => *before,
        }
    }
}

/// How bytes begin: `d` a digit, `h` a hexadecimal digit, `l` an ASCII letter, `t` a character of a token
/// (`A-Za-z0-9_-`), anything else itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape(pub String);

impl Shape {
    /// Whether the bytes begin like this.
    #[must_use]
    pub fn fits(&self, bytes: &[u8]) -> bool {
        bytes.len() >= self.0.len() && self.0.bytes().zip(bytes).all(|(mask, byte)| fits_mask(mask, *byte))
    }
}

/// Whether a byte is what a character of a [`Shape`] says.
pub(super) fn fits_mask(mask: u8, byte: u8) -> bool {
    match mask {
        b'd' => byte.is_ascii_digit(),
        b'h' => byte.is_ascii_hexdigit(),
        b'l' => byte.is_ascii_alphabetic(),
        b't' => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
        _ => mask == byte,
    }
}

/// Where a pattern may begin.
#[derive(Debug, Clone)]
pub enum Reach {
    /// Exactly at the anchor. Nearly all rules: one anchored try.
    AtAnchor,
    /// After walking back over bytes of this set, at most so many.
    Back {
        /// Byte set, indexed by byte value.
        bytes: Box<[bool; 256]>,
        /// Most bytes walked.
        limit: usize,
    },
    /// Anywhere in this many bytes before the anchor; the match must still reach into the anchor.
    Before(usize),
}

/// What may stand before a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Left {
    /// Not a letter, a digit or `_`. The default.
    #[default]
    Word,
    /// Not a letter or digit; `_` is fine (`my_password = …`).
    Part,
    /// Anything.
    Any,
}

/// Words near a match that make it likelier.
#[derive(Debug, Clone)]
pub struct Context {
    /// Lower-case words; `word*` also matches longer words, `*word` endings.
    pub words: Vec<String>,
    /// Lists shared with other rules.
    pub lists: Vec<Arc<WordList>>,
    /// Bytes between word and match at most.
    pub distance: usize,
    /// What the words do.
    pub role: ContextRole,
}

impl Context {
    /// Own words and those of the lists.
    pub fn all_words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().chain(self.lists.iter().flat_map(|list| &list.words)).map(String::as_str)
    }
}

/// What context words do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ContextRole {
    /// Without one of them there is no finding.
    Required,
    /// Adds so much confidence.
    Raises(f32),
}

/// A text in which the rule must fire.
#[derive(Debug, Clone)]
pub struct Find {
    /// The text.
    pub text: String,
    /// What exactly must be found, where stated.
    pub value: Option<String>,
    /// Line in the rule file.
    pub line: usize,
}

/// A text in which the rule must not fire.
#[derive(Debug, Clone)]
pub struct NearMiss {
    /// The text.
    pub text: String,
    /// Why not.
    pub reason: String,
    /// Line in the rule file.
    pub line: usize,
}

/// One detection rule.
#[derive(Debug)]
pub struct Rule {
    /// `provider.kind`, lower case.
    pub id: Arc<str>,
    /// Shown to people: «GitHub token».
    pub title: String,
    /// One or two sentences: what it is, what it opens.
    pub description: String,
    /// Kind of data.
    pub category: Category,
    /// How bad.
    pub severity: Severity,
    /// Standard or document the form is taken from.
    pub source: String,
    /// Where the rule stands.
    pub place: Place,
    /// Confidence of a match that passes all checks, before context. 0–1.
    pub confidence: f32,
    /// What starts it.
    pub anchor: Anchor,
    /// The pattern.
    pub(super) matcher: Matcher,
    /// What the check can say about the first bytes alone.
    pub(super) opening: Option<validate::Opening>,
    /// What the check can say about what stands round an anchor.
    pub(super) surroundings: Option<validate::Surroundings>,
    /// Name of the check a value must pass, with its function.
    pub(super) validator: Option<(String, Validator)>,
    /// Least Shannon entropy of the value, bits a character.
    pub entropy: Option<f64>,
    /// Words near it.
    pub context: Option<Context>,
    /// Values that are never a finding of this rule.
    pub(super) allow: Allowed,
    /// Values that look like placeholders are findings too (cards, e-mail addresses, ids: people test with them).
    pub keeps_placeholders: bool,
    /// Examples.
    pub finds: Vec<Find>,
    /// Counter-examples.
    pub near_misses: Vec<NearMiss>,
}

impl Rule {
    /// The pattern as written, free-spaced.
    #[must_use]
    pub fn pattern(&self) -> &str {
        self.matcher.written()
    }

    /// Name of the value check, if the rule has one.
    #[must_use]
    pub fn validator_name(&self) -> Option<&str> {
        self.validator.as_ref().map(|(name, _)| name.as_str())
    }
}
