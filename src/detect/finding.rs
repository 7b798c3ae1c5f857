//! What the detector hands on: where something was found, what it is, and how sure the rule is.
//! Holds offsets, never the found text itself.

use std::{fmt, ops::Range, sync::Arc};

/// Kind of data, as policies, placeholders and the log name it: upper-case letters and digits (`EMAIL`, `APIKEY`,
/// `PRIVATEKEY`, `PASSWORD`, `CARD`, `IBAN`, `PHONE`, `PERSON`, `IP`, `NATIONALID`, `JWT`, `CONNECTION`).
/// 2–16 characters; rules may bring categories of their own.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Category(Arc<str>);

/// A category name that breaks the form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("category `{0}` is not 2–16 upper-case letters and digits starting with a letter")]
pub struct CategoryError(pub String);

impl Category {
    /// Parses a category name.
    ///
    /// # Errors
    /// When the name is not 2–16 of `A–Z0–9` starting with a letter.
    pub fn parse(name: &str) -> Result<Self, CategoryError> {
        let form = (2..=16).contains(&name.len())
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if form { Ok(Self(name.into())) } else { Err(CategoryError(name.to_owned())) }
    }

    /// `COMPANY`: what a company wants to keep to itself, when nothing closer is said.
    #[must_use]
    pub fn company() -> Self {
        Self("COMPANY".into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One thing found in one text.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Id of the rule, `aws.access-key-id`.
    pub rule: Arc<str>,
    /// Kind of data.
    pub category: Category,
    /// Byte ranges in the scanned text, ascending, not overlapping, on character boundaries, never empty. Several
    /// when a value was written in pieces (joined string literals).
    pub ranges: Vec<Range<usize>>,
    /// 0–1.
    pub confidence: f32,
    /// Why, in words a security analyst reads: `checksum mod97 holds`, `keyword "iban" 6 bytes before`.
    pub reasons: Vec<String>,
}

impl Finding {
    /// From the first byte of the first range to the last byte of the last.
    #[must_use]
    pub fn hull(&self) -> Range<usize> {
        let start = self.ranges.first().map_or(0, |r| r.start);
        let end = self.ranges.last().map_or(start, |r| r.end);
        start..end
    }
}

/// What may be shown of a found value in logs and pages: at most its first 4 characters and only when at least 12
/// more stay hidden, then its length. Control characters and bidi overrides never appear.
#[must_use]
pub fn preview(value: &str) -> String {
    let length = value.chars().count();
    let shown: String =
        if length >= 16 { value.chars().take(4).take_while(|c| c.is_ascii_graphic()).collect() } else { String::new() };
    format!("{shown}… ({length} characters)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_never_shows_a_short_value() {
        assert_eq!(preview("hunter2"), "… (7 characters)");
        assert_eq!(preview("AKIAZ2J4N7Q5W8E3R6T9"), "AKIA… (20 characters)");
    }

    #[test]
    fn category_names_are_upper_case_words() {
        assert!(Category::parse("EMAIL").is_ok());
        for bad in ["", "E", "email", "E_MAIL", "1AB", "ABCDEFGHIJKLMNOPQ"] {
            assert!(Category::parse(bad).is_err(), "{bad}");
        }
    }
}
