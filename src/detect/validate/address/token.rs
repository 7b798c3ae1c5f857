//! The next piece of an address: a number, a code, a word, a mark. Does not judge where an address ends.

use super::words;

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `12`, `221B`, `7/98`, `5-4`, `2ºB`.
    Number,
    /// Letters and digits of a postal code: `SW1A`, `6XE`, `H-5493`; or four to seven digits.
    Code,
    /// A word with a capital, or of a script without them.
    Name,
    /// A lower-case word that addresses have: `rue`, `de`, `kv.`.
    Small,
    /// Any other lower-case word: the address is over.
    Other,
    /// A line ends.
    Line,
    /// `,`, `-`, `/`, `(`, `)`, `#`, `;` and the like.
    Mark(char),
}

/// A piece with its place in the text, in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind,
    pub(super) text: &'t str,
    pub(super) start: usize,
    pub(super) end: usize,
    /// A full stop stands right after it and belongs to it: `St.`, `ул.`.
    pub(super) dotted: bool,
}

/// The piece at `at` or after blanks.
pub(super) fn next(text: &str, at: usize, limit: usize) -> Option<Token<'_>> {
    let rest = text.get(at..limit)?;
    let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\u{a0}', '\u{3000}']).len();
    let (start, rest) = (at + blank, rest.get(blank..)?);
    let first = rest.chars().next()?;
    if let Some(bytes) = escaped_line(rest) {
        return Some(Token { kind: Kind::Line, text: rest.get(..bytes)?, start, end: start + bytes, dotted: false });
    }
    if !first.is_alphanumeric() {
        let kind = if first == '\n' { Kind::Line } else { Kind::Mark(first) };
        let length = first.len_utf8();
        return Some(Token { kind, text: rest.get(..length)?, start, end: start + length, dotted: false });
    }
    if let Some(length) = spaced_code(rest) {
        return Some(Token { kind: Kind::Code, text: rest.get(..length)?, start, end: start + length, dotted: false });
    }
    let length = if first.is_numeric() { number_length(rest) } else { word_length(rest) };
    let word = rest.get(..length)?;
    let dotted = rest.get(length..).is_some_and(|after| after.starts_with('.')) && may_be_short(word);
    Some(Token { kind: kind(word, first), text: word, start, end: start + length + usize::from(dotted), dotted })
}

/// `\n` written as an escape, as in JSON.
fn escaped_line(rest: &str) -> Option<usize> {
    ["\\r\\n", "\\n", "<br>", "<br/>", "<br />"].iter().find(|mark| rest.starts_with(**mark)).map(|mark| mark.len())
}

/// `393 90 Lázně`: a postal code in two groups, as in Czechia, Slovakia, Sweden and Greece.
fn spaced_code(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let digit = |index: usize| bytes.get(index).is_some_and(u8::is_ascii_digit);
    let grouped = [0, 1, 2, 4, 5].into_iter().all(digit) && bytes.get(3) == Some(&b' ');
    let town = rest.get(6..)?.strip_prefix([' ', '\n'])?;
    (grouped && town.starts_with(char::is_uppercase)).then_some(6)
}

/// Bytes of `12`, `221B`, `7/98`, `4c/0`, `5º`, `30-та`.
fn number_length(rest: &str) -> usize {
    let mut end = 0;
    let mut letters = 0;
    let mut characters = rest.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let inner = matches!(character, '/' | '-' | '\u{2013}')
            && characters.peek().is_some_and(|(_, next)| next.is_alphanumeric());
        letters = if character.is_alphabetic() { letters + 1 } else { 0 };
        if !(character.is_alphanumeric() || inner || matches!(character, 'º' | 'ª' | '°')) || letters > 3 {
            break;
        }
        end = at + character.len_utf8();
    }
    end
}

/// Bytes of a word: letters, marks on letters, inner apostrophes, hyphens and dots (`J.B.`, `S.Vurğun`).
fn word_length(rest: &str) -> usize {
    let mut end = 0;
    let mut characters = rest.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let next_is_letter = characters.peek().is_some_and(|(_, next)| next.is_alphanumeric());
        let inner = matches!(character, '\'' | '\u{2019}' | '-' | '\u{2010}' | '/' | '.') && next_is_letter;
        let letter =
            character.is_alphanumeric() || words::is_mark(character) || matches!(character, '\u{200c}' | '\u{200d}');
        if !letter && !inner {
            break;
        }
        end = at + character.len_utf8();
    }
    end
}

/// A word so short, or so well known, that a full stop after it is its own.
fn may_be_short(word: &str) -> bool {
    word.chars().count() <= 2 && !word.starts_with(char::is_numeric) || words::is_abbreviation(&word.to_lowercase())
}

fn kind(word: &str, first: char) -> Kind {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    if first.is_numeric() {
        let plain = word.chars().all(char::is_numeric);
        let code = plain && matches!(word.chars().count(), 4..=8 | 10)
            || is_alphanumeric_code(word, digits)
            || is_hyphenated_code(word);
        return if code { Kind::Code } else { Kind::Number };
    }
    if digits > 0 && (is_alphanumeric_code(word, digits) || ends_in_code(word)) {
        return Kind::Code;
    }
    if words::is_small(&word.to_lowercase()) && !first.is_uppercase() {
        return Kind::Small;
    }
    // Georgian has small letters only.
    let small = first.is_lowercase() && !('\u{10D0}'..='\u{10FF}').contains(&first);
    let hyphened = word.split('-').skip(1).any(|part| part.starts_with(char::is_uppercase));
    if small && !hyphened && !word.chars().skip(1).take(2).any(char::is_uppercase) { Kind::Other } else { Kind::Name }
}

/// `SW1A`, `6XE`, `X8P9Y5`, `3909BO`, `H-5493`: capitals and digits, nothing else.
fn is_alphanumeric_code(word: &str, digits: usize) -> bool {
    let capitals = word.bytes().filter(u8::is_ascii_uppercase).count();
    let dashes = word.bytes().filter(|byte| *byte == b'-').count();
    let all = digits + capitals + dashes == word.len() && dashes <= 1 && (2..=8).contains(&word.len());
    !(capitals == 1 && word.starts_with(|first: char| first.is_ascii_digit()))
        && all
        && digits > 0
        && capitals > 0
        && (capitals > 1 || word.len() > 3 || word.starts_with(|first: char| first.is_ascii_uppercase()))
}

/// `Mirzapur-267837`: a town and its code.
fn ends_in_code(word: &str) -> bool {
    word.rsplit_once('-').is_some_and(|(_, code)| code.len() > 3 && code.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `78-218`, `9926-685`, `49390-926`, `02110-1301`.
fn is_hyphenated_code(word: &str) -> bool {
    let Some((left, right)) = word.split_once('-') else { return false };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    digits(left) && digits(right) && matches!((left.len(), right.len()), (2 | 4 | 5, 3) | (5, 4) | (3, 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        let mut at = 0;
        let mut kinds = Vec::new();
        while let Some(token) = next(text, at, text.len()) {
            kinds.push(token.kind);
            at = token.end;
        }
        kinds
    }

    #[test]
    fn pieces_are_told_apart() {
        use Kind::{Code, Line, Mark, Name, Number, Other, Small};
        assert_eq!(kinds("221B Baker St., London NW1 6XE"), [Number, Name, Name, Mark(','), Name, Code, Code]);
        assert_eq!(kinds("rue de la Paix\n75002 Paris"), [Small, Small, Small, Name, Line, Code, Name]);
        assert_eq!(kinds("ul. Długa 7/3, 78-218 Krotoszyn jest"), [Small, Name, Number, Mark(','), Code, Name, Other]);
    }
}
