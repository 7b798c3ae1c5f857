//! Walks over a text from one listed given name to the next: where rules with `anchor.names` are tried.
//! Looks at words with a capital and at words of scripts without case, nothing else.

use super::{family, given, run::word_at};
use std::ops::Range;

/// Longest name of a script written without blanks, characters: 2 of the family, 2 or 3 of the person.
const UNSPACED_MAX: usize = 5;

/// All words that are on the list of given names, ascending.
pub(in crate::detect) fn given_names(text: &str, mut found: impl FnMut(Range<usize>)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(offset) = bytes.get(at..).and_then(|rest| rest.iter().position(begins_word)) {
        let start = at + offset;
        if !text.is_char_boundary(start) {
            at = start + 1;
            continue;
        }
        let Some(word) = word_at(text, start) else {
            at = start + text.get(start..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
            continue;
        };
        if text.get(word.clone()).is_some_and(|word| given(word).is_some() || is_unspaced(word))
            && !continues(bytes, start)
        {
            found(word.clone());
        }
        at = word.end.max(start + 1);
    }
}

/// A capital of ASCII, or the first byte of any other character.
fn begins_word(byte: &u8) -> bool {
    byte.is_ascii_uppercase() || *byte >= 0xC3
}

/// A letter or digit stands right before: the word began earlier.
fn continues(bytes: &[u8], start: usize) -> bool {
    let before = start.checked_sub(1).and_then(|at| bytes.get(at));
    before.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'/' | b'@' | b'-' | b'$'))
}

/// Whether a word without blanks is a family name followed by a given name: `王芳`, `김영수`.
#[must_use]
pub(in crate::detect) fn is_unspaced(word: &str) -> bool {
    if !word.starts_with(is_ideograph) {
        return false;
    }
    let starts: Vec<usize> = word.char_indices().map(|(at, _)| at).take(UNSPACED_MAX + 1).collect();
    if !(2..=UNSPACED_MAX).contains(&starts.len()) {
        return false;
    }
    starts.iter().skip(1).take(2).any(|split| {
        let (before, after) = (word.get(..*split), word.get(*split..));
        before.is_some_and(|name| family(name).is_some()) && after.is_some_and(|name| given(name).is_some())
    })
}

/// A character of a script that writes names without a blank: Chinese characters, kana, Hangul.
#[must_use]
pub(in crate::detect) fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&str> {
        let mut all = Vec::new();
        given_names(text, |range| all.push(text.get(range).unwrap()));
        all
    }

    #[test]
    fn listed_words_are_found_and_parts_of_identifiers_are_not() {
        assert_eq!(names("ask Anna or Jürgen, Ольга"), ["Anna", "Jürgen", "Ольга"]);
        assert_eq!(names("the name is 김영수."), ["김영수"]);
        assert!(names("getAnna() ANNA_KEY x.Anna a/Anna Annabelle2 AnnaService").is_empty());
    }
}
