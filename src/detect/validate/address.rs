//! Street addresses, whole: from the street or house number over units to the postal code, town, region and country,
//! on one line or several. Rules anchor on a street word, a postal code or a word that says «address»; the checks here
//! read on from there in both directions and say where the address begins and ends. Follows the order of parts of UPU
//! S42 (templates of the countries) loosely, as people do. Knows no map: a street that does not exist is found too.

mod east;
mod lower;
mod read;
mod start;
mod token;
mod words;

use super::{Judgement, Subject};
use read::Reading;

pub(super) use east::eastern;

/// Bytes before an anchor in which an address may begin.
const BEFORE: usize = 120;
/// Bytes in which an address must end.
const AFTER: usize = 240;

/// Whether a street word alone says «street», or is an ordinary word too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Clear,
    Ordinary,
}

/// Check `address-number-first`: `221B Baker Street, London NW1 6XE`. The value is the street word.
pub(super) fn number_first(subject: &Subject<'_>) -> Judgement {
    number_before(subject, Word::Clear)
}

/// Check `address-number-first-ordinary`: the same for words like `Way` or `Court`, which need a postal code or unit.
pub(super) fn number_first_ordinary(subject: &Subject<'_>) -> Judgement {
    number_before(subject, Word::Ordinary)
}

fn number_before(subject: &Subject<'_>, word: Word) -> Judgement {
    if !follows_name(subject) {
        return Judgement::Fails;
    }
    let Some(begin) = start::number_first(subject.text, &subject.range) else { return Judgement::Fails };
    let Some(reading) = read::from(subject.text, begin.at, subject.range.end) else { return Judgement::Fails };
    let confidence = match (begin.numbered, word, reading.n_codes > 0) {
        (true, _, true) => 0.9,
        (true, Word::Clear, false) => 0.75,
        (true, Word::Ordinary, false) if reading.n_units > 0 => 0.7,
        (false, Word::Clear, true) => 0.6,
        (true, Word::Ordinary, false) => 0.45,
        (false, Word::Ordinary, _) | (false, Word::Clear, false) => return Judgement::Fails,
    };
    found(subject.text, &reading, confidence, "house number and street word")
}

/// A capital letter or a digit begins the word before: spares most words of ordinary text.
fn follows_name(subject: &Subject<'_>) -> bool {
    let Some(before) = subject.before(40).strip_suffix([' ', '\n']) else { return false };
    let word = before.rsplit([' ', '\n', '\t']).next().unwrap_or_default();
    word.starts_with(|first: char| first.is_uppercase() || first.is_numeric() || !first.is_ascii())
        || subject.value.chars().all(|c| !c.is_lowercase())
}

/// Check `address-lower`: `12 main street, springfield, il 62704`, all in lower case. The value is the street word.
pub(super) fn lower(subject: &Subject<'_>) -> Judgement {
    let Some(start) = lower::begin(subject.text, subject.range.start) else { return Judgement::Fails };
    let (end, coded) = lower::finish(subject.text, subject.range.end);
    let confidence = if coded { 0.8 } else { 0.4 };
    Judgement::Stretch {
        range: start..end,
        confidence,
        reason: "house number and street word in lower case".to_owned(),
    }
}

/// Check `address-word-first`: `12 rue de la Paix`, `Calle Mayor 5, 2ºB`, `ул. Ленина, д. 5`. The value is the street word.
pub(super) fn word_first(subject: &Subject<'_>) -> Judgement {
    number_around(subject, Word::Clear)
}

/// Check `address-word-first-ordinary`: the same for words like `Via` or `Parque`, which need more.
pub(super) fn word_first_ordinary(subject: &Subject<'_>) -> Judgement {
    number_around(subject, Word::Ordinary)
}

fn number_around(subject: &Subject<'_>, word: Word) -> Judgement {
    let ends_inside =
        subject.value.ends_with(char::is_alphanumeric) && subject.after(4).starts_with(char::is_alphanumeric);
    if ends_inside {
        return Judgement::Fails;
    }
    let Some(begin) = start::word_first(subject.text, subject.range.start) else { return Judgement::Fails };
    let lenient = if word == Word::Clear { 2 } else { 0 };
    let reading = read::from_street(subject.text, begin.at, subject.range.end, lenient);
    let Some(reading) = reading else { return Judgement::Fails };
    let near = reading.first_number.is_some_and(|at| at < subject.range.start + NAME_MAX);
    let named = reading.named_after(subject.text, token_end(subject));
    let confidence = match (begin.numbered || near, named, reading.n_codes > 0) {
        (true, true, true) => 0.9,
        (true, true, false) if word == Word::Clear => 0.75,
        (true, true, false) if reading.n_units > 0 => 0.7,
        (true, true, false) if reading.n_words > 1 => 0.4,
        (true, false, true) if word == Word::Clear => 0.6,
        (_, _, _) => return Judgement::Fails,
    };
    found(subject.text, &reading, confidence, "street word and house number")
}

/// Where the street word ends that begins with the value.
fn token_end(subject: &Subject<'_>) -> usize {
    token::next(subject.text, subject.range.start, subject.text.len()).map_or(subject.range.end, |token| token.end)
}

/// Bytes between a street word and its house number.
const NAME_MAX: usize = 70;

/// Check `address-name-first`: `Hauptstraße 12, 10115 Berlin`, `Béke út 189.`. The value ends where the street word does.
pub(super) fn name_first(subject: &Subject<'_>) -> Judgement {
    let Some(begin) = start::name_first(subject.text, &subject.range) else { return Judgement::Fails };
    let Some(reading) = read::from(subject.text, begin, subject.range.end) else { return Judgement::Fails };
    let follows = reading.first_number.is_some_and(|at| at >= subject.range.end && at <= subject.range.end + GAP_MAX);
    if !follows {
        return Judgement::Fails;
    }
    found(subject.text, &reading, if reading.n_codes > 0 { 0.9 } else { 0.75 }, "street name and house number")
}

/// Bytes between a street's name and its number: ` `, ` No: `, ` Nr. `.
const GAP_MAX: usize = 8;

/// Check `address-code`: a postal code with its town or state; a street or house number must stand before it.
pub(super) fn code(subject: &Subject<'_>) -> Judgement {
    let tail = subject.before(1).starts_with(['-', '/', '.', ':', '=']);
    if is_year(subject) || tail || !is_whole(subject) {
        return Judgement::Fails;
    }
    let Some(begin) = start::before_code(subject.text, subject.range.start) else { return Judgement::Fails };
    let Some(reading) = read::from(subject.text, begin, subject.range.end) else { return Judgement::Fails };
    let whole =
        reading.n_codes > 0 && reading.n_words > 1 && reading.first_number.is_some_and(|at| at < subject.range.start);
    if !whole {
        return Judgement::Fails;
    }
    found(subject.text, &reading, 0.7, "street line and postal code")
}

/// `3ND` alone is none: the first half of a British postcode stands before it.
fn is_whole(subject: &Subject<'_>) -> bool {
    let inward = subject.value.len() == 3 && subject.value.ends_with(|last: char| last.is_ascii_uppercase());
    let before = subject.before(5);
    let outward =
        before.strip_suffix(' ').and_then(|before| before.rsplit([' ', '\n', ',', '\t']).next()).unwrap_or_default();
    !inward
        || outward.starts_with(|first: char| first.is_ascii_uppercase())
            && outward.bytes().any(|byte| byte.is_ascii_digit())
}

/// Four digits that may be a year.
fn is_year(subject: &Subject<'_>) -> bool {
    let digits = subject.text.get(subject.range.start..).unwrap_or_default();
    read::is_year(digits.get(..digits.bytes().take_while(u8::is_ascii_digit).count()).unwrap_or_default())
}

/// Check `address-cued`: an address behind a word that announces one. The value ends where the address may begin.
pub(super) fn cued(subject: &Subject<'_>) -> Judgement {
    let Some(begin) = start::after_cue(subject.text, subject.range.end) else { return Judgement::Fails };
    let Some(reading) = read::from(subject.text, begin, begin) else { return Judgement::Fails };
    let street = token::next(subject.text, begin, subject.text.len())
        .is_some_and(|first| words::is_street(&first.text.to_lowercase()) && reading.n_words > 0);
    let numbered = reading.first_number.is_some() && reading.n_words > 0 && reading.is_worth_a_cue(subject.text);
    if !street && !numbered {
        return Judgement::Fails;
    }
    found(
        subject.text,
        &reading,
        if reading.n_codes > 0 { 0.85 } else { 0.65 },
        "behind a word that announces an address",
    )
}

/// Check `address-box`: `P.O. Box 123, Springfield, IL 62704`, `Postfach 12 34, 10115 Berlin`.
pub(super) fn post_box(subject: &Subject<'_>) -> Judgement {
    let start = subject.range.start;
    let Some(reading) = read::from(subject.text, start, subject.range.end) else { return Judgement::Fails };
    found(subject.text, &reading, if reading.n_codes > 0 { 0.85 } else { 0.65 }, "post-office box")
}

/// Addresses that licences print: they are nobody's home.
const PUBLISHED: [&str; 8] =
    ["51 Franklin", "59 Temple", "675 Mass", "31 Milk", "171 Second", "444 Castro", "559 Nathan", "1600 Amphi"];

fn found(text: &str, reading: &Reading, confidence: f32, reason: &str) -> Judgement {
    let written = text.get(reading.range.clone()).unwrap_or_default();
    // A row of numbers above words: `200 1532` at the end of a log's line.
    let numbers_first = written.split_once('\n').is_some_and(|(line, _)| !line.contains(char::is_alphabetic));
    let written = written.split_whitespace().collect::<Vec<_>>().join(" ");
    let number = reading.first_number.and_then(|at| token::next(text, at, text.len()));
    let dated = number.is_some_and(|number| read::is_year(number.text)) && reading.n_codes + reading.n_units == 0;
    if dated || numbers_first || PUBLISHED.iter().any(|start| written.contains(start)) {
        return Judgement::Fails;
    }
    Judgement::Stretch { range: reading.range.clone(), confidence, reason: reason.to_owned() }
}

/// Whether the bytes may begin a postal code that a town follows: spares the numbers of ordinary text.
/// Codes that begin in another way pass.
pub(super) fn opens_code(bytes: &[u8]) -> bool {
    let digits = |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
    let at = |index: usize| bytes.get(index).copied().unwrap_or(0);
    let first = digits(0);
    if first == 0 || at(first).is_ascii_uppercase() && first < 3 {
        return true;
    }
    let end = match (first, at(first)) {
        (2, b'-') if digits(3) == 3 => 6,
        (3, b' ') if digits(4) == 2 => 6,
        (4, b'-') if digits(5) == 3 => 8,
        (5, b'-') if digits(6) == 3 => 9,
        (4, b' ') if at(5).is_ascii_uppercase() && at(6).is_ascii_uppercase() && !at(7).is_ascii_alphanumeric() => 7,
        (4, letter) if letter.is_ascii_uppercase() && at(5).is_ascii_uppercase() && !at(6).is_ascii_alphanumeric() => 6,
        (4..=6, _) => first,
        _ => return false,
    };
    let town = match (at(end), at(end + 1)) {
        (b',', b' ') => at(end + 2),
        (b' ' | b'\n', next) => next,
        _ => return false,
    };
    town.is_ascii_uppercase() || town >= 0xC3
}

#[cfg(test)]
mod tests;
