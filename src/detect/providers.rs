//! The list of names of companies and products that give out keys. Says only whether a word is on it: a name alone is no
//! finding.

use super::listed::Listed;
use std::sync::LazyLock;

/// Names without separators, several a line; `*` behind those that are ordinary words; `#` for comments.
const LIST: &str = include_str!("../../rules/secrets/providers.txt");

/// How much a name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    /// Nobody says it but for the provider.
    Distinct,
    /// Also an ordinary word, or the name of a thing that texts are full of: counts within the name of a key only.
    Ordinary,
}

static NAMES: LazyLock<Listed<Name>> = LazyLock::new(|| {
    let lines = LIST.lines().filter(|line| !line.starts_with('#'));
    let name = |word: &'static str| match word.strip_suffix('*') {
        Some(word) => (word, Name::Ordinary),
        None => (word, Name::Distinct),
    };
    lines.flat_map(str::split_ascii_whitespace).map(name).collect()
});

/// Which lengths names have that begin with two bytes: one bit a length, those from 63 on as one. Nearly every word of
/// a text ends here.
static LENGTHS: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let mut lengths = vec![0; 1 << 16];
    for name in NAMES.keys() {
        if let Some(slot) = beginning(name).and_then(|beginning| lengths.get_mut(beginning)) {
            *slot |= length_bit(name);
        }
    }
    lengths
});

fn beginning(word: &str) -> Option<usize> {
    match word.as_bytes() {
        [first, second, ..] => Some(usize::from(*first) << 8 | usize::from(*second)),
        [_] | [] => None,
    }
}

fn length_bit(word: &str) -> u64 {
    1 << word.len().min(63)
}

/// What a word, in small letters and without separators, is on the list.
#[must_use]
pub(super) fn named(word: &str) -> Option<Name> {
    let lengths = beginning(word).and_then(|beginning| LENGTHS.get(beginning)).copied();
    lengths.filter(|lengths| lengths & length_bit(word) != 0)?;
    NAMES.get(word).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_tells_names_from_words() {
        assert_eq!(named("mailchimp"), Some(Name::Distinct));
        assert_eq!(named("box"), Some(Name::Ordinary));
        assert_eq!(named("understandable"), None);
        assert!(NAMES.keys().all(|name| named(name).is_some()));
    }

    #[test]
    fn names_are_small_letters_and_digits_and_stand_once() {
        let words: Vec<&str> = LIST
            .lines()
            .filter(|line| !line.starts_with('#'))
            .flat_map(str::split_ascii_whitespace)
            .map(|word| word.trim_end_matches('*'))
            .collect();
        let odd = words.iter().find(|word| !word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
        assert_eq!(odd, None);
        assert_eq!(words.len(), NAMES.len());
        assert!(words.len() >= 1200, "{}", words.len());
    }
}
