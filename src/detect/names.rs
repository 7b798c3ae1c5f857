//! The list of common given names, as one sorted table. Says only whether a word is on it: a name alone is no finding.

use std::{collections::HashSet, sync::LazyLock};

/// One name a word, several languages; lines beginning with `#` are comments.
const LIST: &str = include_str!("../../rules/pii/given-names.txt");

static GIVEN: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| LIST.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace).collect());

/// Whether a capitalised word is a common given name.
#[must_use]
pub(super) fn is_given(word: &str) -> bool {
    GIVEN.contains(word)
        || word.split('-').next().is_some_and(|first| first.len() < word.len() && GIVEN.contains(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_long_and_sane() {
        assert!(GIVEN.len() >= 1_000, "{}", GIVEN.len());
        for name in GIVEN.iter() {
            assert!(name.chars().next().is_some_and(char::is_uppercase) && name.chars().count() >= 2, "{name}");
        }
        assert!(is_given("Anna") && is_given("Karl-Heinz") && !is_given("Server"));
    }
}
