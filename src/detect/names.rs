//! The lists of given and family names, and how names are written: one word, a run of words, a walk over a text.
//! Says only what stands on a list: a name on a list is no finding yet.

pub(super) mod run;
pub(super) mod walk;

use super::listed::Listed;
use std::sync::LazyLock;

/// Names, blanks between them, `?` behind one that is also a word or a place; lines beginning with `#` are comments.
const GIVEN: &str = include_str!("../../rules/pii/given-names.txt");
const FAMILY: &str = include_str!("../../rules/pii/family-names.txt");

/// How a word stands on a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// A name, and rarely anything else.
    Name,
    /// A name, and also a word, a place, a product.
    Word,
}

type List = Listed<Standing>;

static GIVEN_NAMES: LazyLock<List> = LazyLock::new(|| list(GIVEN));
static FAMILY_NAMES: LazyLock<List> = LazyLock::new(|| list(FAMILY));

fn list(text: &'static str) -> List {
    let words = text.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace);
    words.map(|word| word.strip_suffix('?').map_or((word, Standing::Name), |name| (name, Standing::Word))).collect()
}

/// How a word stands on the list of given names; of a double name, its first part.
#[must_use]
pub(super) fn given(word: &str) -> Option<Standing> {
    standing(&GIVEN_NAMES, word)
}

/// How a word stands on the list of family names; of a double name, either part.
#[must_use]
pub(super) fn family(word: &str) -> Option<Standing> {
    standing(&FAMILY_NAMES, word)
        .or_else(|| word.rsplit_once('-').and_then(|(_, last)| FAMILY_NAMES.get(last).copied()))
}

fn standing(list: &List, word: &str) -> Option<Standing> {
    let whole = list.get(word).copied();
    whole.or_else(|| word.split_once('-').and_then(|(first, _)| list.get(first).copied()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_long_and_sane() {
        assert!(GIVEN_NAMES.len() >= 30_000 && FAMILY_NAMES.len() >= 30_000, "{}", GIVEN_NAMES.len());
        for name in GIVEN_NAMES.keys().chain(FAMILY_NAMES.keys()) {
            assert!(
                !name.starts_with(char::is_lowercase) && name.chars().all(|c| c != '?' && !c.is_ascii_digit()),
                "{name}"
            );
        }
        assert!(["Anna", "Karl-Heinz", "Ольга"].iter().all(|name| given(name).is_some()) && given("Parser").is_none());
        assert_eq!((family("Müller"), family("Nguyen")), (Some(Standing::Name), Some(Standing::Name)));
        assert_eq!((given("Paris"), family("Baker")), (Some(Standing::Word), Some(Standing::Word)));
    }
}
