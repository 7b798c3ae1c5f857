//! Words of a name side by side: «Anna», «J.», «van der», «García López». Finds where such a run begins and ends.
//! Does not say whether it is a name.

use super::walk::is_ideograph;
use std::ops::Range;

/// Words of one name at most, particles and titles not counted.
const WORDS_MAX: usize = 5;
/// Longest word of a name, bytes.
const WORD_BYTES: usize = 60;

/// Words between the parts of a name, in lower case.
const PARTICLES: [&str; 36] = [
    "van", "von", "vom", "zu", "zum", "zur", "de", "der", "den", "del", "della", "di", "da", "das", "dos", "do", "du",
    "des", "la", "le", "el", "al", "bin", "bint", "ibn", "ben", "ter", "ten", "te", "y", "e", "af", "av", "'t", "of",
    "und",
];

/// Starts of names that are followed by a capital within one word: `McDonald`, `DeLuca`.
const INNER: [&str; 14] = ["Mc", "Mac", "De", "La", "Le", "Di", "Da", "Du", "Van", "O'", "D'", "L'", "Fitz", "O’"];

/// What a word is to a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::detect) enum Kind {
    /// Begins with a capital, or is of a script without case.
    Word,
    /// One capital and a full stop: `J.`
    Initial,
    /// `van`, `de la`.
    Particle,
}

/// One word of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::detect) struct Part {
    pub(in crate::detect) kind: Kind,
    /// Where it stands; without the full stop of an initial.
    pub(in crate::detect) range: Range<usize>,
}

/// The word of letters at `start`: with a capital or without case, apostrophes and hyphens inside it included. `None`
/// where it goes on into digits, `_` or a dotted name, or mixes cases as identifiers do.
pub(in crate::detect) fn word_at(text: &str, start: usize) -> Option<Range<usize>> {
    let rest = text.get(start..)?;
    let first = rest.chars().next().filter(|c| c.is_alphabetic() && !c.is_lowercase())?;
    let mut end = start + first.len_utf8();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((offset, c)) = chars.next() {
        let joins = matches!(c, '-' | '\'' | '’') && chars.peek().is_some_and(|(_, next)| next.is_alphabetic());
        if !(joins || belongs(c)) || offset > WORD_BYTES {
            break;
        }
        end = start + offset + c.len_utf8();
    }
    let word = text.get(start..end)?;
    let is_owned = word.len() > 3 && word.ends_with(['s', 'S']);
    let owned = ["'s", "’s", "'S"].iter().find(|ending| is_owned && word.ends_with(*ending));
    (!goes_on(text, end) && is_spelled(word)).then(|| start..end - owned.map_or(0, |ending| ending.len()))
}

/// A letter, or a mark on one.
fn belongs(c: char) -> bool {
    c.is_alphabetic()
        || matches!(c, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{dff}' | '\u{e31}'..='\u{e4e}' | '\u{200c}' | '\u{200d}')
}

/// Whether the word is the beginning of an identifier, an address or a file's name.
fn goes_on(text: &str, end: usize) -> bool {
    let mut after = text.get(end..).unwrap_or_default().chars();
    match after.next() {
        Some('_' | '@' | '(' | '=' | '/' | '\\') => true,
        Some('.') => after.next().is_some_and(|c| c.is_alphanumeric() && !c.is_uppercase()),
        Some(':') => after.next() == Some(':'),
        Some(c) => c.is_ascii_digit(),
        None => false,
    }
}

/// No capital after a small letter, but for `McDonald` and the parts of a double name.
fn is_spelled(word: &str) -> bool {
    if word.is_ascii() && !word.bytes().skip(1).any(|byte| byte.is_ascii_uppercase()) {
        return true;
    }
    word.split('-').all(|part| {
        let part = INNER.iter().find_map(|start| part.strip_prefix(start)).unwrap_or(part);
        let mut small = false;
        part.chars().all(|c| {
            let fits = !(small && c.is_uppercase());
            small |= c.is_lowercase();
            fits
        })
    })
}

fn initial_at(text: &str, start: usize) -> Option<Range<usize>> {
    let mut chars = text.get(start..)?.chars();
    let letter = chars.next().filter(|c| c.is_uppercase())?;
    (chars.next() == Some('.')).then(|| start..start + letter.len_utf8())
}

fn particle_at(text: &str, start: usize) -> Option<Range<usize>> {
    let rest = text.get(start..)?;
    let length = rest.find([' ', '\u{a0}'])?;
    rest.get(..length).filter(|word| PARTICLES.contains(word)).map(|_| start..start + length)
}

/// The part that begins at `start`.
fn part_at(text: &str, start: usize) -> Option<Part> {
    if let Some(range) = initial_at(text, start) {
        return Some(Part { kind: Kind::Initial, range });
    }
    if let Some(range) = word_at(text, start) {
        return Some(Part { kind: Kind::Word, range });
    }
    particle_at(text, start).map(|range| Part { kind: Kind::Particle, range })
}

/// Where the next part may begin: after one blank, or a full stop and at most one.
fn next_start(text: &str, part: &Part) -> Option<usize> {
    let dot = usize::from(part.kind == Kind::Initial);
    let after = part.range.end + dot;
    let rest = text.get(after..)?;
    let blank = rest.chars().next().filter(|c| matches!(c, ' ' | '\u{a0}' | '\u{3000}'));
    match blank {
        Some(c) => Some(after + c.len_utf8()),
        None => (dot == 1 && rest.starts_with(char::is_uppercase)).then_some(after),
    }
}

/// The run that begins at `start`, particles only between words.
#[must_use]
pub(in crate::detect) fn forwards(text: &str, start: usize) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut at = Some(start);
    while let Some(part) = at.and_then(|at| part_at(text, at)) {
        let n_words = parts.iter().filter(|part| part.kind != Kind::Particle).count();
        let unspaced = parts.first().is_some_and(|first| is_unspaced_script(text, first));
        if n_words == WORDS_MAX || unspaced && !is_unspaced_script(text, &part) {
            break;
        }
        at = next_start(text, &part);
        parts.push(part);
    }
    while parts.last().is_some_and(|part| part.kind == Kind::Particle) {
        parts.pop();
    }
    parts
}

fn is_unspaced_script(text: &str, part: &Part) -> bool {
    text.get(part.range.clone()).is_some_and(|word| word.starts_with(is_ideograph))
}

/// The words right before `end`, nearest first, at most two: family names that stand first.
#[must_use]
pub(in crate::detect) fn before(text: &str, end: usize) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut end = end;
    while parts.len() < 2 {
        let Some(head) = text.get(..end).and_then(|head| head.strip_suffix([' ', '\u{a0}', '\u{3000}'])) else { break };
        let start = head
            .rfind([' ', '\u{a0}', '\u{3000}', '\n', '\t', '"', '(', ',', ';', ':', '>', '\''])
            .map_or(0, |at| at + head.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
        if head.len() - start > WORD_BYTES {
            break;
        }
        let range = match (word_at(text, start), initial_at(text, start)) {
            (_, Some(range)) if range.end + 1 == head.len() => Part { kind: Kind::Initial, range },
            (Some(range), _) if range.end == head.len() => Part { kind: Kind::Word, range },
            _ => break,
        };
        end = range.range.start;
        parts.push(range);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str) -> Vec<&str> {
        forwards(text, 0).into_iter().map(|part| text.get(part.range).unwrap()).collect()
    }

    #[test]
    fn a_run_is_the_words_of_a_name() {
        assert_eq!(run("José García López, Madrid"), ["José", "García", "López"]);
        assert_eq!(run("Loes van den Berg is"), ["Loes", "van", "den", "Berg"]);
        assert_eq!(run("Robert J. McMiller-Smith."), ["Robert", "J", "McMiller-Smith"]);
        assert_eq!(run("J.R.R. Tolkien"), ["J", "R", "R", "Tolkien"]);
        assert_eq!(run("Sarah O'Connor's"), ["Sarah", "O'Connor"]);
        assert_eq!(run("Иван Петров"), ["Иван", "Петров"]);
        assert!(run("AnnaService x").is_empty() && run("Anna_x").is_empty() && run("Anna(").is_empty());
    }

    #[test]
    fn words_before_are_found_nearest_first() {
        let text = "says Nagy Éva";
        let found: Vec<&str> =
            before(text, text.find("Éva").unwrap()).into_iter().map(|part| text.get(part.range).unwrap()).collect();
        assert_eq!(found, ["Nagy"]);
    }
}
