//! How much a match of a rule proves by itself. Decides nothing about texts: views in which characters were joined
//! or reordered ask for rules that cannot be fooled by that.

use super::rule::{Reach, Rule};

/// How much a match proves by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Proof {
    /// Rarity, words and context: a table of digits or a list of letters can look like it.
    Guess,
    /// A checksum, a country's numbering plan, or a provider's prefix with a fixed form behind it.
    Sound,
}

/// Kinds whose checks are checksums or complete grammars.
const CHECKED: [&str; 5] = ["CARD", "IBAN", "EMAIL", "JWT", "PRIVATEKEY"];
/// Kinds of values that nothing but rarity and words around them tell.
const GUESSED: [&str; 5] = ["PASSWORD", "PERSON", "ADDRESS", "IP", "MAC"];
/// Characters of a provider's prefix at least.
const PREFIX_LEAST: usize = 3;

impl Proof {
    /// What a match of this rule proves.
    pub(super) fn of(rule: &Rule) -> Self {
        let category = rule.category.as_str();
        let checked = rule.validator_name().is_some();
        let number = checked && rule.anchor.digits.is_some();
        let telephone = checked && category == "PHONE";
        let sound = telephone
            || CHECKED.contains(&category)
            || !GUESSED.contains(&category) && (number || begins_with_prefix(rule));
        if sound { Self::Sound } else { Self::Guess }
    }
}

/// Whether the pattern begins with literal text that is no word: `AKIA`, `ghp_`, `sk-`.
fn begins_with_prefix(rule: &Rule) -> bool {
    let literals = &rule.anchor.literals;
    let long = literals.iter().all(|literal| literal.len() >= PREFIX_LEAST);
    let formed = literals.iter().any(|literal| literal.bytes().any(|byte| !byte.is_ascii_lowercase()));
    matches!(rule.anchor.reach, Reach::AtAnchor) && !rule.anchor.ignore_case && !literals.is_empty() && long && formed
}
