//! What the AI site sees in place of an original: `EMAIL_7K2QX4M9TD_R4`. The form and how to find it in a text.
//! Does not make placeholders (`naming` does) and does not know which of them are live.
//!
//! ```text
//! CATEGORY _ 10 × base32 _ 2 × base32        base32: Crockford's alphabet, upper case, no I L O U
//! └ kind    └ tag, 50 bits └ keyed check      the last `_` may be missing: models drop it
//! ```
//!
//! Letters, digits and `_` only: the same in JSON, URLs, shells, XML and source code. A placeholder begins where no
//! upper-case letter or digit stands before it and ends where none follows. Lower-case letters may touch it, because
//! `\n` does in source code that a model writes (`"Dear all,\nEMAIL_…"`).

use std::{
    borrow::Borrow,
    fmt,
    hash::{Hash, Hasher},
    ops::Range,
    sync::Arc,
};

use crate::detect::Category;

/// Base32 characters of the tag; 5 bits each.
pub(crate) const TAG_CHARS: usize = 10;
/// Base32 characters of the check.
pub(crate) const CHECK_CHARS: usize = 2;
/// Longest category name, as [`Category`] allows.
const CATEGORY_MAX: usize = 16;
/// Bytes of the longest placeholder: the most that is ever held back.
pub(crate) const LENGTH_MAX: usize = CATEGORY_MAX + 1 + TAG_CHARS + 1 + CHECK_CHARS;
/// Crockford's base32 alphabet.
pub(crate) const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A well-formed placeholder in its full spelling (with both `_`). Whether it was issued is another question:
/// [`ScopeKey::verifies`](super::ScopeKey::verifies), [`Names::original`](super::Names::original).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Placeholder {
    text: Arc<str>,
    category: Category,
}

impl Placeholder {
    /// Reads a placeholder, with or without its last `_`. `None` when `text` is anything else or has more around it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (name, rest) = text.split_once('_')?;
        let category = Category::parse(name).ok()?;
        let digits = rest.as_bytes();
        let (tag, check) = (digits.get(..TAG_CHARS)?, digits.get(TAG_CHARS..)?);
        let check = check.strip_prefix(b"_").unwrap_or(check);
        let well_formed = check.len() == CHECK_CHARS && tag.iter().chain(check).all(|b| ALPHABET.contains(b));
        if !well_formed {
            return None;
        }
        Some(Self::assemble(&category, std::str::from_utf8(tag).ok()?, std::str::from_utf8(check).ok()?))
    }

    /// Puts the parts together. `tag` and `check` must be of the right length and alphabet.
    pub(crate) fn assemble(category: &Category, tag: &str, check: &str) -> Self {
        Self { text: format!("{category}_{tag}_{check}").into(), category: category.clone() }
    }

    /// The full spelling.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Kind of data that it stands for.
    #[must_use]
    pub fn category(&self) -> &Category {
        &self.category
    }

    /// Tag and check characters.
    pub(crate) fn parts(&self) -> Option<(&str, &str)> {
        self.text.split_once('_').and_then(|(_, rest)| rest.split_once('_'))
    }
}

// The text names the category, so it alone decides: as `Borrow` demands.
impl Hash for Placeholder {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl Borrow<str> for Placeholder {
    fn borrow(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// True for the bytes that may not touch a placeholder: its own alphabet without `_`.
pub(crate) fn glues(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

/// Everything in `text` that has the form of a placeholder, left to right, not overlapping; issued or not.
pub fn candidates(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let bytes = text.as_bytes();
    let mut end_of_last = 0;
    memchr::memchr_iter(b'_', bytes).filter_map(move |underscore| {
        let found = candidate_at(bytes, underscore)?;
        if found.start < end_of_last {
            return None;
        }
        end_of_last = found.end;
        Some(found)
    })
}

/// The candidate whose first `_` stands at `underscore`.
fn candidate_at(bytes: &[u8], underscore: usize) -> Option<Range<usize>> {
    let before = bytes.get(..underscore)?;
    let name_length = before.iter().rev().take(CATEGORY_MAX + 1).take_while(|b| glues(**b)).count();
    let start = underscore - name_length;
    let named = (2..=CATEGORY_MAX).contains(&name_length) && before.get(start)?.is_ascii_uppercase();
    if !named {
        return None;
    }
    let is_digit = |at: usize| bytes.get(at).is_some_and(|b| ALPHABET.contains(b));
    let tag_end = underscore + 1 + TAG_CHARS;
    let check_start = tag_end + usize::from(bytes.get(tag_end) == Some(&b'_'));
    let end = check_start + CHECK_CHARS;
    let well_formed = (underscore + 1..tag_end).chain(check_start..end).all(is_digit);
    let ended = !bytes.get(end).is_some_and(|b| glues(*b));
    (well_formed && ended).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        candidates(text).map(|range| text.get(range).unwrap()).collect()
    }

    #[test]
    fn the_last_underscore_may_be_missing() {
        let full = Placeholder::parse("EMAIL_7K2QX4M9TD_R4").unwrap();
        assert_eq!(Placeholder::parse("EMAIL_7K2QX4M9TDR4").unwrap(), full);
        assert_eq!((full.as_str(), full.category().as_str()), ("EMAIL_7K2QX4M9TD_R4", "EMAIL"));
        assert_eq!(full.parts(), Some(("7K2QX4M9TD", "R4")));
    }

    #[test]
    fn other_forms_are_no_placeholder() {
        for bad in [
            "",
            "EMAIL",
            "EMAIL_7K2QX4M9TD",
            "EMAIL_7K2QX4M9TD_R",
            "EMAIL_7K2QX4M9TD_R45",
            "EMAIL_7K2QX4M9TI_R4",
            "email_7k2qx4m9td_r4",
            "EMAIL_7K2QX4M9TD__R4",
            " EMAIL_7K2QX4M9TD_R4",
            "E_7K2QX4M9TD_R4",
            "9MAIL_7K2QX4M9TD_R4",
            "ÉMAIL_7K2QX4M9TD_R4",
        ] {
            assert!(Placeholder::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn candidates_need_a_boundary_on_both_sides() {
        let p = "EMAIL_7K2QX4M9TD_R4";
        for text in ["{p}", "<{p}>", "\\n{p}", "my_{p}", "{p}s", "{p}_x", "邮箱{p}。", "({p},{p})", "{p}."] {
            let text = text.replace("{p}", p);
            assert!(found(&text).iter().all(|f| *f == p) && !found(&text).is_empty(), "{text}");
        }
        for text in ["X{p}", "7{p}", "{p}X", "{p}0"] {
            let text = text.replace("{p}", p);
            assert!(!found(&text).contains(&p), "{text}");
        }
        assert_eq!(found("a EMAIL_7K2QX4M9TDR4 b IBAN2_0000000000_00"), ["EMAIL_7K2QX4M9TDR4", "IBAN2_0000000000_00"]);
    }

    #[test]
    fn the_longest_form_is_the_bound() {
        let longest = format!("{}_{}_{}", "A".repeat(16), "0".repeat(10), "00");
        assert_eq!(longest.len(), LENGTH_MAX);
        assert!(Placeholder::parse(&longest).is_some());
    }
}
