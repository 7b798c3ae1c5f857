//! E-mail addresses in words and with blanks: `alice (at) example [dot] org`, `alice arobase exemple point fr`,
//! `alice @ example . com`. Reads only what ends in a known top-level domain. Addresses read backwards or rotated are
//! handed to `turned`.

use super::{
    around::{ahead, before, behind, byte, is_alnum},
    edit::{Disguise, Edit, With},
    tops, turned,
    walk::Signs,
};
use std::ops::Range;

/// «at» in several languages, lower case.
const AT_WORDS: [&str; 13] = [
    "at",
    "ät",
    "aet",
    "arobase",
    "arrobas",
    "arroba",
    "chiocciola",
    "klammeraffe",
    "apenstaartje",
    "kukac",
    "malpa",
    "małpa",
    "snabel-a",
];
/// «dot» in several languages, lower case.
const DOT_WORDS: [&str; 11] =
    ["dot", "punkt", "punto", "ponto", "point", "punt", "kropka", "period", "pont", "tečka", "piste"];

/// Those of them that English prose uses behind «at».
const COMMON: [&str; 5] = ["point", "punt", "period", "pont", "piste"];

/// Words before «at» that begin no address.
const PROSE: [&str; 40] = [
    "look",
    "looking",
    "looked",
    "be",
    "is",
    "are",
    "was",
    "were",
    "meet",
    "met",
    "only",
    "or",
    "and",
    "available",
    "us",
    "me",
    "it",
    "hosted",
    "live",
    "not",
    "still",
    "up",
    "out",
    "here",
    "him",
    "her",
    "them",
    "you",
    "arrive",
    "stop",
    "start",
    "starts",
    "begin",
    "ends",
    "point",
    "aim",
    "work",
    "works",
    "page",
    "that",
];

/// Words between an «at» and a «dot» at most.
const WORDS_BEFORE: usize = 6;
/// Bytes between an «at» and the last «dot» at most.
const ADDRESS_REACH: usize = 72;

/// How an «at» is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// `(at)`, `[@]`: hardly anything else.
    Bracketed,
    /// `@` with blanks, `_at_`, ` AT `: nearly so.
    Marked,
    /// ` at `: a word like others.
    Word,
}

/// The `@` at `at`: with blanks or brackets around it, or in a token that reads as an address in another way. Returns
/// where to look on.
pub(super) fn at_sign(text: &str, at: usize, signs: &mut Signs) -> usize {
    let bytes = text.as_bytes();
    let (left, right) = (before(bytes, at), byte(bytes, at + 1));
    let loose = |byte: u8| matches!(byte, b' ' | b'(' | b'[' | b'{' | b'<' | b')' | b']' | b'}' | b'>');
    if left == 0 || right == 0 {
        return at + 1;
    }
    if loose(left) || loose(right) {
        let region = widened(bytes, at..at + 1);
        let kind = if bracketed(bytes, &region) { At::Bracketed } else { At::Marked };
        return read(text, region, kind, signs).unwrap_or(at + 1);
    }
    if is_alnum(left) && is_alnum(right) {
        turned::address(text, at, signs);
        // `alice@example dot com`, `alice@example . com`
        return read(text, at..at + 1, At::Marked, signs).unwrap_or(at + 1);
    }
    at + 1
}

/// The word for «dot» at `at`: looks for the «at» before it.
pub(super) fn dot_word(text: &str, at: usize, signs: &mut Signs) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut end = at;
    for _ in 0..WORDS_BEFORE {
        end -= behind(bytes, end, 4, |byte| !is_letter(byte));
        let length = behind(bytes, end, PART_MAX, is_letter);
        let word = text.get(end - length..end).filter(|_| length > 0 && at - end < ADDRESS_REACH)?;
        if AT_WORDS.iter().any(|known| known.eq_ignore_ascii_case(word)) {
            return at_word(text, end - length..end, signs);
        }
        end -= length;
    }
    None
}

fn is_letter(byte: u8) -> bool {
    is_alnum(byte) || byte >= 0x80
}

/// The word for «at» at `word`, with what belongs to it. Returns where the address ends.
pub(super) fn at_word(text: &str, word: Range<usize>, signs: &mut Signs) -> Option<usize> {
    let bytes = text.as_bytes();
    if is_letter(before(bytes, word.start)) || is_letter(byte(bytes, word.end)) {
        return None;
    }
    let (left, right) = (before(bytes, word.start), byte(bytes, word.end));
    if matches!(left, b'_' | b'-') && left == right {
        return read(text, word.start - 1..word.end + 1, At::Marked, signs);
    }
    let capital = text.get(word.clone()) == Some("AT");
    let short = word.len() <= 3 && !capital;
    let region = widened(bytes, word);
    let kind = match bracketed(bytes, &region) {
        true => At::Bracketed,
        false if short => At::Word,
        false => At::Marked,
    };
    read(text, region, kind, signs)
}

/// With the blanks and one pair of brackets around it.
fn widened(bytes: &[u8], inner: Range<usize>) -> Range<usize> {
    let blank = |byte: u8| matches!(byte, b' ' | b'\t');
    let mut start = inner.start - behind(bytes, inner.start, 3, blank);
    let mut end = inner.end + ahead(bytes, inner.end, 3, blank);
    let pair = (before(bytes, start), byte(bytes, end));
    if matches!(pair, (b'(', b')') | (b'[', b']') | (b'{', b'}') | (b'<', b'>') | (b'*', b'*') | (b'|', b'|')) {
        start -= 1;
        end += 1;
        start -= behind(bytes, start, 3, blank);
        end += ahead(bytes, end, 3, blank);
    }
    start..end
}

fn bracketed(bytes: &[u8], region: &Range<usize>) -> bool {
    bytes.get(region.clone()).unwrap_or_default().iter().any(|byte| b"([{<".contains(byte))
}

/// Reads the address around an «at»; returns where it ends.
fn read(text: &str, at: Range<usize>, kind: At, signs: &mut Signs) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut edits = Vec::new();
    let local = local_part(text, at.start, &mut edits)?;
    let worded_local = !edits.is_empty();
    let domain = domain(text, at.end)?;
    let name = text.get(local..at.start).unwrap_or_default().to_ascii_lowercase();
    let is_prose = kind != At::Bracketed && PROSE.contains(&name.as_str());
    let enough = match kind {
        At::Bracketed => true,
        At::Marked => at.len() > 1 || domain.worded || worded_local,
        At::Word => domain.worded,
    };
    // «removed at some point in …»
    let words = text.get(at.end..domain.end).unwrap_or_default().to_ascii_lowercase();
    let is_talk = kind == At::Word && COMMON.iter().any(|word| words.contains(word));
    if is_prose || is_talk || !enough {
        return None;
    }
    if at.len() > 1 || byte(bytes, at.start) != b'@' {
        edits.push(Edit::strong(at, With::One('@'), Disguise::Address));
    }
    edits.extend(domain.dots.into_iter().map(|dot| Edit::strong(dot, With::One('.'), Disguise::Address)));
    signs.sound.extend(edits);
    Some(domain.end)
}

/// Bytes of one part of an address at most.
const PART_MAX: usize = 40;
/// Parts on either side at most.
const PARTS_MAX: usize = 5;

/// Where the local part that ends at `end` begins. Spelled dots in it become edits.
fn local_part(text: &str, end: usize, edits: &mut Vec<Edit>) -> Option<usize> {
    let bytes = text.as_bytes();
    let in_part = |byte: u8| is_alnum(byte) || matches!(byte, b'_' | b'-' | b'+' | b'.');
    let mut start = end - behind(bytes, end, PART_MAX, in_part);
    if start == end || !is_alnum(byte(bytes, start)) {
        return None;
    }
    for _ in 0..PARTS_MAX {
        let Some(dot) = dot_before(text, start) else { break };
        let length = behind(bytes, dot.start, PART_MAX, in_part);
        if length == 0 {
            break;
        }
        start = dot.start - length;
        edits.push(Edit::strong(dot, With::One('.'), Disguise::Address));
    }
    edits.reverse();
    Some(start)
}

/// A spelled dot that ends at `end`.
fn dot_before(text: &str, end: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let loose = |byte: u8| matches!(byte, b' ' | b')' | b']' | b'}');
    let word_end = end - behind(bytes, end, 4, loose);
    if word_end == end {
        return None;
    }
    let tail = text.get(crate::detect::matcher::to_characters(text, word_end.saturating_sub(8)..word_end))?;
    let lower = tail.to_ascii_lowercase();
    if lower.ends_with('.') && before(bytes, word_end - 1) == b' ' {
        return Some(widened(bytes, word_end - 1..word_end));
    }
    let word = DOT_WORDS.iter().find(|word| lower.ends_with(**word))?;
    let word_start = word_end - word.len();
    (!is_letter(before(bytes, word_start))).then(|| widened(bytes, word_start..word_end))
}

/// A domain read from words.
struct Domain {
    end: usize,
    dots: Vec<Range<usize>>,
    worded: bool,
}

fn domain(text: &str, start: usize) -> Option<Domain> {
    let bytes = text.as_bytes();
    let mut domain = Domain { end: start, dots: Vec::new(), worded: false };
    let mut known_end = None;
    let mut place = start;
    for _ in 0..PARTS_MAX {
        let label = label(text, place);
        if label.is_empty() {
            break;
        }
        domain.end = label.end;
        let is_top = place > start && text.get(label.clone()).is_some_and(tops::is_known);
        if is_top && !is_letter(byte(bytes, label.end)) {
            known_end = Some((label.end, domain.dots.len(), domain.worded));
        }
        let Some((dot, worded)) = dot_at(text, label.end) else { break };
        domain.worded |= worded;
        place = dot.end;
        domain.dots.push(dot);
    }
    let (end, n_dots, worded) = known_end?;
    domain.dots.truncate(n_dots);
    domain.dots.retain(|dot| dot.len() > 1);
    Some(Domain { end, dots: domain.dots, worded })
}

/// A label of a domain: ends before a spelled dot, even one with hyphens.
fn label(text: &str, start: usize) -> Range<usize> {
    let bytes = text.as_bytes();
    let mut end = start;
    while end - start < PART_MAX {
        let byte_here = byte(bytes, end);
        let hyphen = byte_here == b'-' && is_alnum(byte(bytes, end + 1)) && dot_at(text, end).is_none();
        if !(is_alnum(byte_here) || hyphen && end > start) {
            break;
        }
        end += 1;
    }
    start..end
}

/// A dot at `at`: plain, in a word or in brackets, with blanks. And whether it is anything but a plain one.
fn dot_at(text: &str, at: usize) -> Option<(Range<usize>, bool)> {
    let bytes = text.as_bytes();
    let loose = |byte: u8| matches!(byte, b' ' | b'\t' | b'(' | b'[' | b'{' | b'<' | b'-' | b'_' | b'*');
    let opening = ahead(bytes, at, 4, loose);
    let start = at + opening;
    if byte(bytes, start) == b'.' {
        let closing = ahead(bytes, start + 1, 3, |byte| matches!(byte, b' ' | b')' | b']' | b'}' | b'>'));
        let end = start + 1 + closing;
        return is_alnum(byte(bytes, end)).then(|| (at..end, end - at > 1));
    }
    let rest = text.get(start..crate::detect::matcher::to_characters(text, start..start + 8).end)?.to_ascii_lowercase();
    let word = DOT_WORDS.iter().find(|word| rest.starts_with(**word)).filter(|_| opening > 0)?;
    let word_end = start + word.len();
    let closing =
        ahead(bytes, word_end, 4, |byte| matches!(byte, b' ' | b')' | b']' | b'}' | b'>' | b'-' | b'_' | b'*'));
    (closing > 0).then_some((at..word_end + closing, true))
}
