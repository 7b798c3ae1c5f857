//! What can be wrong with a rule, said to the person who wrote it: which rule, which file and line, and the way out.

use std::fmt;

/// Where something stands in a rule file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Path as given with the source: `rules/pii/iban.toml`.
    pub path: String,
    /// Line, counted from 1.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.path, self.line)
    }
}

/// A set of rules that cannot be used. The first thing found wrong.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    /// The file is not TOML, or a field is missing, unknown or of the wrong kind.
    #[error("cannot read rules: {why}\n  --> {place}\n  hint: `rules/README.md` describes every field")]
    Syntax {
        /// Where.
        place: Place,
        /// The parser's words.
        why: String,
    },
    /// A field holds something that makes no sense.
    #[error("rule `{rule}`: {why}\n  --> {place}\n  hint: {hint}")]
    Field {
        /// Rule id.
        rule: String,
        /// Where the rule begins.
        place: Place,
        /// What is wrong.
        why: String,
        /// What to do.
        hint: String,
    },
    /// A pattern that does not compile.
    #[error(
        "rule `{rule}`: the pattern does not compile: {why}\n  --> {place}\n  hint: patterns are free-spaced: write a blank as `\\x20` and `#` as `\\#`"
    )]
    Pattern {
        /// Rule id.
        rule: String,
        /// Where the rule begins.
        place: Place,
        /// The engine's words.
        why: String,
    },
    /// Two rules of one set have the same id.
    #[error(
        "rule `{rule}` is described twice: {first} and {second}\n  --> {second}\n  hint: ids are unique within one folder; a file in `[rules] dirs` replaces a built-in rule by its id"
    )]
    Twice {
        /// Rule id.
        rule: String,
        /// First description.
        first: Place,
        /// Second description.
        second: Place,
    },
    /// An id in the list of switched-off rules that no rule has.
    #[error("`[detect] disable` names `{rule}`, and no rule has that id\n  hint: `scrim rules list` shows all ids")]
    UnknownDisabled {
        /// The id.
        rule: String,
    },
    /// More than can be counted in 16 bits.
    #[error("more than {most} {what}\n  hint: `[detect] disable` leaves rules out; `context.lists` shares words")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        most: u16,
    },
}
