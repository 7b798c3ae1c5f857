//! Characters that look like another or like nothing: invisible ones, full-width and mathematical forms, digits of
//! other scripts, Cyrillic and Greek look-alikes inside Latin words. Leaves ordinary letters of every script alone.

use super::{Edit, With};
use unicode_normalization::UnicodeNormalization;

/// What becomes of the character at `at`, if anything.
pub(super) fn fold(text: &str, at: usize) -> Option<Edit> {
    let character = text.get(at..)?.chars().next()?;
    if is_ordinary(character) {
        return None;
    }
    let range = at..at + character.len_utf8();
    let with = if is_invisible(character) || is_mark(character) && follows_ascii(text, at) {
        With::Nothing
    } else {
        let (first, second) = spelled_in_ascii(character).or_else(|| Some((look_alike(text, at, character)?, None)))?;
        With::Text(first, second)
    };
    Some(Edit { range, with })
}

/// Letters of large scripts that stand for themselves: spares most texts the tables below.
fn is_ordinary(character: char) -> bool {
    matches!(character, '\u{BF}'..='\u{24F}' | '\u{3041}'..='\u{3163}' | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}')
}

/// Default-ignorable code points (Unicode `DerivedCoreProperties.txt`), tag characters and bidi controls among them.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}')
}

/// Combining marks that are put on Latin letters.
fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36F}' | '\u{20D0}'..='\u{20FF}')
}

fn follows_ascii(text: &str, at: usize) -> bool {
    at.checked_sub(1).and_then(|i| text.as_bytes().get(i)).is_some_and(u8::is_ascii_alphanumeric)
}

/// One ASCII character, or two.
type Spelling = (char, Option<char>);

fn spelled_in_ascii(character: char) -> Option<Spelling> {
    let single = match character {
        '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}' => '-',
        '\u{2024}' | '\u{3002}' | '\u{FF61}' => '.',
        _ => return digit(character).or_else(|| compatible(character)),
    };
    Some((single, None))
}

/// Zeros of the scripts' decimal digits (`UnicodeData.txt`, category Nd); nine more follow each.
const ZEROS: [u32; 56] = [
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0, 0xF20,
    0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0,
    0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0x104A0, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0,
    0x11650, 0x116C0, 0x11730, 0x118E0, 0x11C50, 0x11D50, 0x16A60, 0x16B50, 0x1E140, 0x1E2F0, 0x1E950, 0x1FBF0,
    0x11DA0,
];

fn digit(character: char) -> Option<Spelling> {
    let code = u32::from(character);
    if code < 0x660 {
        return None;
    }
    let value = ZEROS.iter().find_map(|zero| code.checked_sub(*zero).filter(|value| *value < 10))?;
    char::from_digit(value, 10).map(|digit| (digit, None))
}

/// Blocks of compatibility forms: full-width, mathematical, circled, raised, letter-like.
fn compatible(character: char) -> Option<Spelling> {
    let in_block = matches!(character,
        '\u{B2}' | '\u{B3}' | '\u{B9}' | '\u{2070}'..='\u{209C}' | '\u{2100}'..='\u{214F}' | '\u{2460}'..='\u{24FF}'
        | '\u{FE50}'..='\u{FE6F}' | '\u{FF01}'..='\u{FF5E}' | '\u{1D400}'..='\u{1D7FF}' | '\u{1F100}'..='\u{1F189}');
    if !in_block {
        return None;
    }
    let mut spelled = std::iter::once(character).nfkc();
    let (first, second, third) = (spelled.next()?, spelled.next(), spelled.next());
    let ascii = first.is_ascii() && second.is_none_or(|second| second.is_ascii()) && third.is_none();
    ascii.then_some((first, second))
}

/// Letters drawn like Latin ones (Unicode `confusables.txt`), Cyrillic, Greek, Armenian.
const ALIKE: [(char, char); 52] = [
    ('а', 'a'),
    ('е', 'e'),
    ('о', 'o'),
    ('р', 'p'),
    ('с', 'c'),
    ('у', 'y'),
    ('х', 'x'),
    ('і', 'i'),
    ('ј', 'j'),
    ('ѕ', 's'),
    ('ԁ', 'd'),
    ('һ', 'h'),
    ('ӏ', 'l'),
    ('ԛ', 'q'),
    ('ԝ', 'w'),
    ('ѵ', 'v'),
    ('А', 'A'),
    ('В', 'B'),
    ('Е', 'E'),
    ('К', 'K'),
    ('М', 'M'),
    ('Н', 'H'),
    ('О', 'O'),
    ('Р', 'P'),
    ('С', 'C'),
    ('Т', 'T'),
    ('Х', 'X'),
    ('У', 'Y'),
    ('І', 'I'),
    ('Ѕ', 'S'),
    ('Ј', 'J'),
    ('α', 'a'),
    ('ο', 'o'),
    ('ρ', 'p'),
    ('ν', 'v'),
    ('υ', 'u'),
    ('ι', 'i'),
    ('Α', 'A'),
    ('Β', 'B'),
    ('Ε', 'E'),
    ('Ζ', 'Z'),
    ('Η', 'H'),
    ('Ι', 'I'),
    ('Κ', 'K'),
    ('Μ', 'M'),
    ('Ν', 'N'),
    ('Ο', 'O'),
    ('Ρ', 'P'),
    ('Τ', 'T'),
    ('Υ', 'Y'),
    ('Χ', 'X'),
    ('ѡ', 'w'),
];

/// Bytes of one word looked at on each side.
const WORD_MAX: usize = 32;

/// The Latin letter, when the word holds ASCII letters or digits too: a wholly Cyrillic word is a word.
fn look_alike(text: &str, at: usize, character: char) -> Option<char> {
    if !matches!(character, '\u{370}'..='\u{58F}') {
        return None;
    }
    let latin = ALIKE.iter().find(|(other, _)| *other == character)?.1;
    let bytes = text.as_bytes();
    let in_word = |b: &&u8| b.is_ascii_alphanumeric() || **b >= 0x80;
    let before = bytes.get(..at)?.iter().rev().take(WORD_MAX).take_while(in_word);
    let after = bytes.get(at..)?.iter().take(WORD_MAX).take_while(in_word);
    before.chain(after).any(u8::is_ascii_alphabetic).then_some(latin)
}
