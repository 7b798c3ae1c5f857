//! Numbers spelled out digit by digit: «four one double one», «vier eins eins», 四一一一. Looks at every 24th byte, which
//! a row of seven such words cannot escape.

use super::{
    around::{ahead, behind, byte},
    edit::{Disguise, Edit, With},
};
use std::ops::Range;

/// Bytes between two looks.
const STRIDE: usize = 24;
/// Digits of a row at least: telephone numbers.
const DIGITS_LEAST: usize = 7;
/// Words for digits among them at least.
const WORDS_LEAST: usize = 5;
/// Words of one row at most.
const ROW_MAX: usize = 96;
/// Bytes of a word at most.
const WORD_MAX: usize = 14;
/// Bytes between two words at most.
const GAP_MAX: usize = 6;

/// Words of numbers in English, German, French, Spanish, Italian, Portuguese and Dutch, ascending.
const WORDS: [(&str, Word); 120] = [
    ("acht", Word::Digit(8)),
    ("bindestrich", Word::Filler),
    ("cero", Word::Digit(0)),
    ("cinco", Word::Digit(5)),
    ("cinq", Word::Digit(5)),
    ("cinque", Word::Digit(5)),
    ("cuatro", Word::Digit(4)),
    ("dash", Word::Filler),
    ("deux", Word::Digit(2)),
    ("doble", Word::Times(2)),
    ("dois", Word::Digit(2)),
    ("doppel", Word::Times(2)),
    ("doppio", Word::Times(2)),
    ("dos", Word::Digit(2)),
    ("double", Word::Times(2)),
    ("drei", Word::Digit(3)),
    ("dreifach", Word::Times(3)),
    ("drie", Word::Digit(3)),
    ("duas", Word::Digit(2)),
    ("dubbel", Word::Times(2)),
    ("dubbele", Word::Times(2)),
    ("due", Word::Digit(2)),
    ("een", Word::Digit(1)),
    ("eight", Word::Digit(8)),
    ("eighteen", Word::Two(1, 8)),
    ("eighty", Word::Tens(8)),
    ("eins", Word::Digit(1)),
    ("eleven", Word::Two(1, 1)),
    ("espace", Word::Filler),
    ("espacio", Word::Filler),
    ("fifteen", Word::Two(1, 5)),
    ("fifty", Word::Tens(5)),
    ("five", Word::Digit(5)),
    ("forty", Word::Tens(4)),
    ("four", Word::Digit(4)),
    ("fourteen", Word::Two(1, 4)),
    ("fourty", Word::Tens(4)),
    ("fuenf", Word::Digit(5)),
    ("fünf", Word::Digit(5)),
    ("guion", Word::Filler),
    ("guión", Word::Filler),
    ("huit", Word::Digit(8)),
    ("hyphen", Word::Filler),
    ("leerzeichen", Word::Filler),
    ("mais", Word::Plus),
    ("meia", Word::Digit(6)),
    ("minus", Word::Filler),
    ("más", Word::Plus),
    ("naught", Word::Digit(0)),
    ("negen", Word::Digit(9)),
    ("neuf", Word::Digit(9)),
    ("neun", Word::Digit(9)),
    ("nil", Word::Digit(0)),
    ("nine", Word::Digit(9)),
    ("niner", Word::Digit(9)),
    ("nineteen", Word::Two(1, 9)),
    ("ninety", Word::Tens(9)),
    ("nought", Word::Digit(0)),
    ("nove", Word::Digit(9)),
    ("nueve", Word::Digit(9)),
    ("nul", Word::Digit(0)),
    ("null", Word::Digit(0)),
    ("ocho", Word::Digit(8)),
    ("oh", Word::Digit(0)),
    ("oito", Word::Digit(8)),
    ("one", Word::Digit(1)),
    ("otto", Word::Digit(8)),
    ("più", Word::Plus),
    ("plus", Word::Plus),
    ("quatre", Word::Digit(4)),
    ("quatro", Word::Digit(4)),
    ("quattro", Word::Digit(4)),
    ("sechs", Word::Digit(6)),
    ("sei", Word::Digit(6)),
    ("seis", Word::Digit(6)),
    ("sept", Word::Digit(7)),
    ("sete", Word::Digit(7)),
    ("sette", Word::Digit(7)),
    ("seven", Word::Digit(7)),
    ("seventeen", Word::Two(1, 7)),
    ("seventy", Word::Tens(7)),
    ("sieben", Word::Digit(7)),
    ("siete", Word::Digit(7)),
    ("six", Word::Digit(6)),
    ("sixteen", Word::Two(1, 6)),
    ("sixty", Word::Tens(6)),
    ("space", Word::Filler),
    ("spazio", Word::Filler),
    ("streepje", Word::Filler),
    ("strich", Word::Filler),
    ("ten", Word::Two(1, 0)),
    ("thirteen", Word::Two(1, 3)),
    ("thirty", Word::Tens(3)),
    ("three", Word::Digit(3)),
    ("tiret", Word::Filler),
    ("trattino", Word::Filler),
    ("tre", Word::Digit(3)),
    ("treble", Word::Times(3)),
    ("tres", Word::Digit(3)),
    ("triple", Word::Times(3)),
    ("trois", Word::Digit(3)),
    ("três", Word::Digit(3)),
    ("twee", Word::Digit(2)),
    ("twelve", Word::Two(1, 2)),
    ("twenty", Word::Tens(2)),
    ("two", Word::Digit(2)),
    ("um", Word::Digit(1)),
    ("uma", Word::Digit(1)),
    ("un", Word::Digit(1)),
    ("una", Word::Digit(1)),
    ("une", Word::Digit(1)),
    ("uno", Word::Digit(1)),
    ("vier", Word::Digit(4)),
    ("vijf", Word::Digit(5)),
    ("zero", Word::Digit(0)),
    ("zes", Word::Digit(6)),
    ("zeven", Word::Digit(7)),
    ("zwei", Word::Digit(2)),
    ("zwo", Word::Digit(2)),
    ("zéro", Word::Digit(0)),
];

/// Chinese numerals, plain and financial.
const NUMERALS: [(char, u8); 24] = [
    ('〇', 0),
    ('零', 0),
    ('一', 1),
    ('二', 2),
    ('三', 3),
    ('四', 4),
    ('五', 5),
    ('六', 6),
    ('七', 7),
    ('八', 8),
    ('九', 9),
    ('壹', 1),
    ('壱', 1),
    ('贰', 2),
    ('貳', 2),
    ('叁', 3),
    ('參', 3),
    ('肆', 4),
    ('伍', 5),
    ('陆', 6),
    ('陸', 6),
    ('柒', 7),
    ('捌', 8),
    ('玖', 9),
];

/// What a word of a row says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Digit(u8),
    /// 10 to 99.
    Two(u8, u8),
    /// 20, 30 …: one digit when a unit follows.
    Tens(u8),
    /// The next digit twice or three times.
    Times(u8),
    /// Written as digits or one capital letter: stands for itself.
    Itself(usize),
    /// «plus», at the beginning.
    Plus,
    /// «dash», «space»: nothing.
    Filler,
}

/// All rows.
pub(super) fn edits(text: &str, out: &mut Vec<Edit>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut from = 0;
    while at < bytes.len() {
        let first = byte(bytes, at);
        let numeral = if first >= 0x80 { numeral_near(text, at) } else { None };
        let hit = numeral.or_else(|| word_near(text, at));
        at = match hit {
            Some(place) => {
                from = row(text, from, place, out).max(from);
                from.max(at + STRIDE)
            }
            None => at + STRIDE,
        };
    }
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80
}

/// The start of the word for a digit at `at`.
fn word_near(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    // Between two words: the one that follows.
    let at = at + ahead(bytes, at, 2, |byte| !is_letter(byte));
    let start = at - behind(bytes, at, WORD_MAX, is_letter);
    let end = at + ahead(bytes, at, WORD_MAX, is_letter);
    match meaning(text.get(start..end)?)? {
        Word::Digit(_) | Word::Two(..) | Word::Tens(_) | Word::Times(_) => Some(start),
        Word::Itself(_) | Word::Plus | Word::Filler => None,
    }
}

fn numeral_near(text: &str, at: usize) -> Option<usize> {
    let start = crate::detect::matcher::to_characters(text, at..at).start;
    let character = text.get(start..)?.chars().next()?;
    numeral(character).map(|_| start)
}

fn numeral(character: char) -> Option<u8> {
    NUMERALS.iter().find(|(known, _)| *known == character).map(|(_, digit)| *digit)
}

/// Two letters, or one and the first byte of another character.
const BEGINNINGS: usize = 27 * 27;

/// For each beginning, the lengths of [`WORDS`] that have it: one bit a length. Spares most words the search.
static LENGTHS: [u16; BEGINNINGS] = lengths();

const fn lengths() -> [u16; BEGINNINGS] {
    let mut table = [0; BEGINNINGS];
    let mut index = 0;
    while index < WORDS.len() {
        let word = WORDS[index].0.as_bytes();
        table[beginning(word[0], word[1])] |= 1 << word.len();
        index += 1;
    }
    table
}

const fn beginning(first: u8, second: u8) -> usize {
    letter(first) * 27 + letter(second)
}

const fn letter(byte: u8) -> usize {
    if byte.is_ascii_alphabetic() { (byte.to_ascii_lowercase() - b'a') as usize } else { 26 }
}

fn meaning(word: &str) -> Option<Word> {
    if matches!(word, "o" | "O") {
        return Some(Word::Digit(0));
    }
    let index = beginning(byte(word.as_bytes(), 0), byte(word.as_bytes(), 1));
    let lengths = LENGTHS.get(index).copied().unwrap_or(0);
    if word.len() > WORD_MAX || lengths >> word.len() & 1 == 0 {
        return None;
    }
    let lower = word.to_lowercase();
    let index = WORDS.binary_search_by(|(known, _)| known.as_bytes().cmp(lower.as_bytes())).ok()?;
    WORDS.get(index).map(|(_, meaning)| *meaning)
}

/// A word of a row with its place.
struct Spoken {
    range: Range<usize>,
    word: Word,
}

/// Reads the row around the word at `at`, no part of which stands before `from`; returns where it ends.
fn row(text: &str, from: usize, at: usize, out: &mut Vec<Edit>) -> usize {
    let mut start = at;
    for _ in 0..ROW_MAX {
        let Some(previous) = previous(text, start).filter(|previous| *previous >= from) else { break };
        start = previous;
    }
    let mut words: Vec<Spoken> = Vec::new();
    let mut place = start;
    while let Some(spoken) = next(text, place).filter(|_| words.len() < ROW_MAX) {
        place = spoken.range.end;
        words.push(spoken);
    }
    // What is no digit does not end a number.
    while words
        .last()
        .is_some_and(|last| matches!(last.word, Word::Filler | Word::Plus | Word::Times(_) | Word::Itself(0)))
    {
        words.pop();
    }
    let end = words.last().map_or(at, |last| last.range.end);
    if is_number(&words) {
        write(&words, out);
    }
    end
}

/// The start of the word before `at`, when it belongs to the row.
fn previous(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let character = text.get(..at)?.chars().next_back()?;
    if numeral(character).is_some() {
        return Some(at - character.len_utf8());
    }
    let gap = behind(bytes, at, GAP_MAX, is_gap);
    let end = at - gap;
    let letters = behind(bytes, end, WORD_MAX, is_letter);
    if letters > 0 {
        let word = text.get(end - letters..end)?;
        let joins = gap > 0 && (meaning(word).is_some() || is_code(word));
        return joins.then_some(end - letters);
    }
    let digits = behind(bytes, end, 5, |byte| byte.is_ascii_digit());
    (gap > 0 && (1..=4).contains(&digits)).then_some(end - digits)
}

fn is_gap(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'-' | b',' | b'.' | b'/' | b'_')
}

/// One capital letter, or the two of a country: parts of account numbers.
fn is_code(word: &str) -> bool {
    (1..=4).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// The word behind `at`, blanks left out.
fn next(text: &str, at: usize) -> Option<Spoken> {
    let bytes = text.as_bytes();
    let start = at + ahead(bytes, at, GAP_MAX, is_gap);
    let character = text.get(start..)?.chars().next()?;
    if let Some(digit) = numeral(character) {
        return Some(Spoken { range: start..start + character.len_utf8(), word: Word::Digit(digit) });
    }
    let letters = ahead(bytes, start, WORD_MAX + 1, is_letter);
    if letters > 0 {
        let word = text.get(start..start + letters)?;
        let meaning = meaning(word).or_else(|| is_code(word).then_some(Word::Itself(0)))?;
        return Some(Spoken { range: start..start + letters, word: meaning });
    }
    let digits = ahead(bytes, start, 5, |byte| byte.is_ascii_digit());
    (1..=4).contains(&digits).then(|| Spoken { range: start..start + digits, word: Word::Itself(digits) })
}

/// Enough digits, enough of them spelled, and not somebody counting.
fn is_number(words: &[Spoken]) -> bool {
    let mut digits = 0;
    let mut n_words = 0;
    let mut ascending = true;
    let mut last: Option<u8> = None;
    for spoken in words {
        let (n, value) = match spoken.word {
            Word::Digit(digit) => (1, Some(digit)),
            Word::Two(tens, unit) => (2, Some(10 * tens + unit)),
            Word::Tens(tens) => (1, Some(10 * tens)),
            Word::Times(n) => (usize::from(n) - 1, None),
            Word::Itself(n) => (n, None),
            Word::Plus | Word::Filler => (0, None),
        };
        digits += n;
        n_words += usize::from(!matches!(spoken.word, Word::Itself(_) | Word::Plus | Word::Filler));
        if let (Some(before), Some(value)) = (last, value) {
            ascending &= value == before + 1;
        }
        ascending &= !matches!(spoken.word, Word::Times(_));
        last = value;
    }
    digits >= DIGITS_LEAST && n_words >= WORDS_LEAST && !ascending
}

fn write(words: &[Spoken], out: &mut Vec<Edit>) {
    let ascii = |digit: u8| char::from(b'0' + digit.min(9));
    let mut times = 1;
    let mut end = None;
    for (index, spoken) in words.iter().enumerate() {
        if let Some(end) = end.filter(|end| *end < spoken.range.start) {
            out.push(Edit::strong(end..spoken.range.start, With::Nothing, Disguise::Spelled));
        }
        end = Some(spoken.range.end);
        let unit_follows = matches!(words.get(index + 1).map(|next| next.word), Some(Word::Digit(1..=9)));
        let with = match spoken.word {
            Word::Digit(digit) if times == 1 => With::One(ascii(digit)),
            Word::Digit(digit) if times == 2 => With::Two(ascii(digit), ascii(digit)),
            Word::Digit(digit) => With::Text(ascii(digit).to_string().repeat(times).into()),
            Word::Two(tens, unit) => With::Two(ascii(tens), ascii(unit)),
            Word::Tens(tens) if unit_follows => With::One(ascii(tens)),
            Word::Tens(tens) => With::Two(ascii(tens), '0'),
            Word::Plus => With::One('+'),
            Word::Itself(_) => {
                times = 1;
                continue;
            }
            Word::Times(_) | Word::Filler => With::Nothing,
        };
        times = if let Word::Times(n) = spoken.word { usize::from(n) } else { 1 };
        out.push(Edit::strong(spoken.range.clone(), with, Disguise::Spelled));
    }
}
