//! Where an address begins, seen from a street word, a postal code or a word that announces it. Does not read on.

use super::{
    BEFORE,
    token::{self, Kind, Token},
    words,
};
use std::ops::Range;

/// Names between a house number and the street word at most.
const NAMES_MAX: usize = 6;
/// Pieces between a word that announces an address and the address: `is`, `at`, `:`.
const FILLERS_MAX: usize = 6;

/// A beginning.
#[derive(Debug, Clone, Copy)]
pub(super) struct Begin {
    /// Bytes into the text.
    pub(super) at: usize,
    /// A house number stands there.
    pub(super) numbered: bool,
}

/// The pieces before `at`, first to last, from a blank on.
fn pieces(text: &str, at: usize) -> Vec<Token<'_>> {
    let mut from = at.saturating_sub(BEFORE);
    while from < at
        && (!text.is_char_boundary(from)
            || from > 0 && !text.as_bytes().get(from - 1).is_some_and(u8::is_ascii_whitespace))
    {
        from += 1;
    }
    let mut pieces = Vec::new();
    while let Some(token) = token::next(text, from, at) {
        from = token.end;
        pieces.push(token);
    }
    pieces
}

fn is_digits(token: &Token<'_>) -> bool {
    matches!(token.kind, Kind::Number | Kind::Code) && token.text.starts_with(|first: char| first.is_numeric())
}

/// `12`, `B-12`: what stands before a comma and a street.
fn is_house(token: &Token<'_>) -> bool {
    matches!(token.kind, Kind::Number | Kind::Code)
}

/// `5th`, `42nd`: part of a street's name.
fn is_ordinal(token: &Token<'_>) -> bool {
    token
        .text
        .get(token.text.len().saturating_sub(2)..)
        .is_some_and(|end| ["st", "nd", "rd", "th"].contains(&end.to_lowercase().as_str()))
}

fn is_unit(token: &Token<'_>) -> bool {
    matches!(token.kind, Kind::Name | Kind::Small) && words::is_unit(&token.text.to_lowercase())
}

/// `221B Baker`, before `Street`: the number, with a unit before it (`Flat 3, 221B Baker`).
pub(super) fn number_first(text: &str, word: &Range<usize>) -> Option<Begin> {
    let pieces = pieces(text, word.start);
    let (mut n_names, mut separated) = (0, false);
    for (index, token) in pieces.iter().enumerate().rev() {
        let earlier = index.checked_sub(1).and_then(|index| pieces.get(index));
        match token.kind {
            Kind::Number | Kind::Code if is_digits(token) && !is_ordinal(token) => {
                return Some(Begin { at: with_unit(&pieces, index), numbered: true });
            }
            Kind::Name if n_names > 0 && words::is_spelled_number(token.text) => {
                return Some(Begin { at: token.start, numbered: true });
            }
            Kind::Code if separated => return Some(Begin { at: token.start, numbered: true }),
            Kind::Name | Kind::Number | Kind::Code => n_names += 1,
            Kind::Small if n_names > 0 => {}
            Kind::Mark(',' | '\'' | '\u{2019}' | '-') | Kind::Line if earlier.is_some_and(is_house) => separated = true,
            Kind::Small | Kind::Other | Kind::Line | Kind::Mark(_) => {
                return first_name(&pieces, index + 1).map(|at| Begin { at, numbered: false });
            }
        }
        if n_names > NAMES_MAX {
            return None;
        }
    }
    first_name(&pieces, 0).map(|at| Begin { at, numbered: false })
}

fn first_name(pieces: &[Token<'_>], from: usize) -> Option<usize> {
    pieces.iter().skip(from).find(|token| token.kind == Kind::Name).map(|token| token.start)
}

/// Where the number at `index` begins when what belongs before it is counted in: `No.`, `#`, `Apt 4,`, `Suite 600⏎`.
fn with_unit(pieces: &[Token<'_>], index: usize) -> usize {
    let at = |back: usize| index.checked_sub(back).and_then(|index| pieces.get(index));
    let start = pieces.get(index).map_or(0, |token| token.start);
    let own = at(1).filter(|token| is_unit(token) || token.kind == Kind::Mark('#') || token.kind == Kind::Mark('№'));
    if let Some(own) = own {
        return at(2).filter(|token| is_unit(token) && !token.text.is_empty()).unwrap_or(own).start;
    }
    let separated =
        usize::from(at(1).is_some_and(|token| matches!(token.kind, Kind::Mark(',' | '/' | '-') | Kind::Line)));
    let number = at(1 + separated).filter(|token| matches!(token.kind, Kind::Number | Kind::Code | Kind::Name));
    match (number, at(2 + separated)) {
        (Some(number), Some(unit)) if is_unit(unit) && number.kind != Kind::Name => {
            with_unit(pieces, index.saturating_sub(1 + separated))
        }
        (Some(_), Some(unit)) if is_unit(unit) => unit.start,
        (Some(number), _) if number.kind == Kind::Code && !is_digits(number) && separated == 0 => {
            with_unit(pieces, index.saturating_sub(1))
        }
        _ => start,
    }
}

/// The number before a street word, `12 rue`, `3, avenue`; the places before it, `г. Псков, ул.`; else the word itself.
/// `None` behind a name, which it then goes on: `Rafael R. Sevilla`.
pub(super) fn word_first(text: &str, word: usize) -> Option<Begin> {
    let pieces = pieces(text, word);
    // `12 bis rue`
    let again = usize::from(pieces.last().is_some_and(|token| ["bis", "ter", "quater"].contains(&token.text)));
    let last = pieces.len().checked_sub(1 + again);
    let comma = usize::from(pieces.last().is_some_and(|token| matches!(token.kind, Kind::Mark(',') | Kind::Line)));
    let number = last
        .and_then(|last| last.checked_sub(comma))
        .filter(|index| pieces.get(*index).is_some_and(|token| is_digits(token) && !is_dated(&pieces, *index)));
    if let Some(index) = number.filter(|_| pieces.last().is_some_and(|token| token.kind != Kind::Line)) {
        return Some(Begin { at: with_unit(&pieces, index), numbered: true });
    }
    let places = places(&pieces);
    let named =
        pieces.last().is_some_and(|last| last.kind == Kind::Name && !words::is_stranger(last.text) && !is_unit(last));
    if named && places.is_none() {
        return None;
    }
    Some(Begin { at: places.unwrap_or(word), numbered: false })
}

/// `2024 rue`: a year with a word before it that is none of an address. Four digits after a comma or nothing may be a number.
fn is_dated(pieces: &[Token<'_>], index: usize) -> bool {
    pieces.get(index).is_some_and(|token| token.text.len() > 5 && token.kind == Kind::Code)
}

/// Parts before a street word that name a place: a postal code, `г. Псков`, `Gəncə şəhəri`, `Москва`.
fn places(pieces: &[Token<'_>]) -> Option<usize> {
    let mut start = None;
    let mut end = pieces.len();
    for _ in 0..3 {
        let Some(comma) = end.checked_sub(1) else { return start };
        end = comma;
        if pieces.get(end).is_none_or(|token| token.kind != Kind::Mark(',')) {
            return start;
        }
        let before = pieces.get(..end)?;
        let from = before
            .iter()
            .rposition(|token| matches!(token.kind, Kind::Other | Kind::Line | Kind::Mark(_)))
            .map_or(0, |at| at + 1);
        let part = before.get(from..)?;
        if !is_place(part) {
            return start;
        }
        start = part.first().map(|token| token.start);
        end = from;
    }
    start
}

fn is_place(part: &[Token<'_>]) -> bool {
    let coded = part.iter().any(|token| token.kind == Kind::Code);
    let locality = part.first().is_some_and(|token| token.kind == Kind::Small && token.dotted)
        || part.last().is_some_and(|token| token.kind == Kind::Small);
    let eastern = part.len() <= 2
        && part.iter().all(|token| token.kind == Kind::Name && token.text.starts_with(|first: char| first > '\u{370}'));
    !part.is_empty() && part.len() <= 5 && (coded || locality || eastern)
}

/// Street words before which people write a given name in lower case.
const HUNGARIAN: [&str; 4] = ["utca", "út", "tér", "köz"];

/// The beginning of `Große Hauptstraße`, seen from `straße`: the word, and names before it.
pub(super) fn name_first(text: &str, word: &Range<usize>) -> Option<usize> {
    let before = text.get(..word.start)?;
    let letters = |c: char| c.is_alphabetic() || matches!(c, '-' | '\'' | '\u{2019}' | '.');
    let glued = before.trim_end_matches(letters).len();
    let glued = glued + text.get(glued..word.start)?.len()
        - text.get(glued..word.start)?.trim_start_matches(['-', '.', '\'', '\u{2019}']).len();
    let own = text.get(glued..word.end)?;
    let ends = !text.get(word.end..)?.starts_with(|c: char| c.is_alphanumeric());
    let pieces = pieces(text, glued);
    let mut start =
        own.starts_with(char::is_uppercase).then_some(glued).filter(|_| glued < word.start || own.chars().count() > 4);
    for token in pieces.iter().rev().take(4) {
        match token.kind {
            Kind::Name if !words::is_stranger(token.text) => start = Some(token.start),
            Kind::Number if token.dotted || is_ordinal(token) => start = Some(token.start),
            Kind::Small if !token.dotted => {}
            // `Arany jános utca`
            Kind::Other if HUNGARIAN.iter().any(|word| own.starts_with(word)) && start.is_none() => {}
            Kind::Name | Kind::Number | Kind::Small | Kind::Code | Kind::Other | Kind::Line | Kind::Mark(_) => break,
        }
    }
    start.filter(|_| ends)
}

/// The street line before a postal code at `code`.
pub(super) fn before_code(text: &str, code: usize) -> Option<usize> {
    let pieces = pieces(text, code);
    let stops = |token: &Token<'_>| match token.kind {
        Kind::Other => {
            token.text.is_ascii()
                || !token::next(text, token.end, text.len()).is_some_and(|next| next.kind == Kind::Number)
        }
        Kind::Mark(mark) => !matches!(mark, ',' | '-' | '/' | '#' | '(' | ')' | '\'' | '.'),
        Kind::Name => words::is_stranger(token.text),
        Kind::Number | Kind::Code | Kind::Small | Kind::Line => false,
    };
    let from = pieces.iter().rposition(stops).map_or(0, |at| at + 1);
    let run = pieces.get(from..)?;
    let number =
        run.iter().rposition(|token| token.kind == Kind::Number || token.kind == Kind::Code && is_digits(token))?;
    let line = run.get(..number)?.iter().rposition(|token| matches!(token.kind, Kind::Line | Kind::Mark(',')));
    let part = line.map_or(0, |at| at + 1);
    let street = run.get(part..number)?;
    let behind = street.iter().rposition(|token| words::is_preposition(token.text)).map_or(0, |at| at + 1);
    let begins = |token: &&Token<'_>| match token.kind {
        Kind::Name => true,
        Kind::Small => token.dotted || is_unit(token) || words::is_street(token.text),
        Kind::Number | Kind::Code | Kind::Other | Kind::Line | Kind::Mark(_) => false,
    };
    let named = street.iter().skip(behind).find(begins);
    match named {
        Some(first) if !is_unit(first) => Some(first.start),
        Some(unit) => Some(before_unit(run, number).unwrap_or(unit.start)),
        None => Some(with_unit(run, number)),
    }
}

/// `9390 Yvonne Route Suite 858`, `78 Main, Apt 5`: the house number before a unit.
fn before_unit(run: &[Token<'_>], unit_number: usize) -> Option<usize> {
    let index = run.get(..unit_number)?.iter().rposition(is_digits)?;
    Some(with_unit(run, index))
}

/// The first piece behind a word that announces an address that may begin one.
pub(super) fn after_cue(text: &str, cue: usize) -> Option<usize> {
    let mut limit = (cue + 60).min(text.len());
    while !text.is_char_boundary(limit) {
        limit -= 1;
    }
    let mut at = cue;
    for _ in 0..FILLERS_MAX {
        let token = token::next(text, at, limit)?;
        match token.kind {
            Kind::Number | Kind::Code => return Some(token.start),
            Kind::Name if !words::is_stranger(token.text) => {
                return Some(next_line(text, &token).unwrap_or(token.start));
            }
            Kind::Small if token.dotted || is_unit(&token) || is_street(text, &token) => return Some(token.start),
            Kind::Mark('.' | ';' | '?' | '!' | '{' | '}' | '<' | '>' | '[') => return None,
            Kind::Line if token.text.len() > 1 => return None,
            Kind::Name | Kind::Small | Kind::Other | Kind::Line | Kind::Mark(_) => at = token.end,
        }
    }
    None
}

/// The line below a name, when the name stands alone on its line and a number on the next: `Anna Schmidt⏎Hauptstraße 12`.
fn next_line(text: &str, name: &Token<'_>) -> Option<usize> {
    let rest = text.get(name.start..)?;
    let (line, below) = rest.split_once('\n')?;
    let numbered = |line: &str| line.contains(|c: char| c.is_numeric());
    let below_line = below.split('\n').next().unwrap_or_default();
    let alone = line.len() < 48 && !numbered(line) && !line.contains(',') && numbered(below_line);
    let start = name.start + line.len() + 1;
    alone.then(|| token::next(text, start, text.len())).flatten().map(|token| token.start)
}

/// A lower-case word of a street before its name: `rue Lucy`, `ulica Rynek`.
fn is_street(text: &str, token: &Token<'_>) -> bool {
    token.text.chars().count() > 2
        && words::is_street(token.text)
        && token::next(text, token.end, text.len())
            .is_some_and(|next| matches!(next.kind, Kind::Name | Kind::Small | Kind::Number))
}
