//! Characters that look like another or like nothing: which ones are invisible, and how a run of them between ASCII is
//! read. What single characters stand for is in `forms` and `confusables`. Leaves ordinary words of every script alone.

use super::{
    around::{NUMBER_LEAST, ahead, before, behind, byte, digits_around, in_value, is_alnum, is_in_token},
    confusables,
    edit::{Disguise, Edit, Sign, With},
    forms::{self, Form},
};
use std::ops::Range;

/// Reads the run of non-ASCII characters at `at`; returns where it ends.
pub(super) fn run(text: &str, at: usize, edits: &mut Vec<Edit>) -> usize {
    let bytes = text.as_bytes();
    let mut place = at;
    loop {
        place += ordinary(bytes, place);
        let Some(character) = text.get(place..).and_then(|rest| rest.chars().next()) else { return place };
        if character.is_ascii() {
            return place;
        }
        place = one(text, place, character, edits);
    }
}

/// Bytes of letters that stand for themselves: Latin with accents, Chinese, Korean. The numerals of Chinese are read by
/// `spelled`.
fn ordinary(bytes: &[u8], at: usize) -> usize {
    let mut place = at;
    loop {
        place += match byte(bytes, place) {
            0xC3 | 0xC5..=0xC6 => 2,
            0xC4 if byte(bytes, place + 1) != 0xB1 => 2,
            0xE4..=0xE9 | 0xEB..=0xEC => 3,
            _ => return (place - at).min(bytes.len() - at),
        };
    }
}

/// Reads one character, or the run of letters or tags that begins with it; returns where that ends.
fn one(text: &str, at: usize, character: char, edits: &mut Vec<Edit>) -> usize {
    let end = at + character.len_utf8();
    let bytes = text.as_bytes();
    if is_tag(character) {
        return tags(text, at, edits);
    }
    if matches!(character, '\u{FE00}'..='\u{FE0F}') && before(bytes, at).is_ascii_digit() {
        let in_number = digits_around(bytes, at, end) >= NUMBER_LEAST;
        attach(bytes, at..end, Sign::strong_if(in_number), edits);
        return end;
    }
    if is_invisible(character) {
        edits.push(Edit::new(at..end, With::Nothing, Disguise::Invisible, invisible_sign(bytes, at, end, character)));
        return end;
    }
    if is_mark(character) {
        if follows_ascii(text, at) {
            attach(bytes, at..end, mark_sign(bytes, at, character), edits);
        }
        return end;
    }
    let (with, sign) = match forms::of(character) {
        Some(Form::Digit(digit)) => (With::One(digit), Sign::strong_if(touches_value(bytes, at, end))),
        Some(Form::Separator(ascii)) => (With::One(ascii), separator_sign(bytes, at, end, ascii)),
        Some(Form::One(ascii)) => (With::One(ascii), styled_sign(bytes, at, end, character)),
        Some(Form::Two(first, second)) => (With::Two(first, second), Sign::Weak),
        None => return letters(text, at, end, character, edits),
    };
    edits.push(Edit::new(at..end, with, Disguise::LookAlike, sign));
    end
}

/// A mark belongs to the character that it is put on: both are one edit.
fn attach(bytes: &[u8], mark: Range<usize>, sign: Sign, edits: &mut Vec<Edit>) {
    if let Some(last) = edits.last_mut().filter(|last| last.range.end == mark.start && !matches!(last.with, With::Gap))
    {
        last.range.end = mark.end;
        if sign == Sign::Strong {
            last.sign = sign;
        }
        return;
    }
    let base = before(bytes, mark.start);
    if base.is_ascii_graphic() || base == b' ' {
        let with = With::One(char::from(base));
        edits.push(Edit::new(mark.start - 1..mark.end, with, Disguise::Invisible, sign));
    }
}

/// Default-ignorable code points (Unicode `DerivedCoreProperties.txt`), bidi controls among them.
pub(super) fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{80}'..='\u{84}' | '\u{86}'..='\u{9F}' | '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}'
        | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFFC}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Combining marks that are put on Latin letters and digits.
fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
        | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

/// Whether a decoded character is itself a disguise: escapes of such are undone in two steps.
pub(super) fn is_disguise(character: char) -> bool {
    is_invisible(character) || is_mark(character) || matches!(forms::of(character), Some(Form::Digit(_) | Form::One(_)))
}

/// Bytes over which marks and invisible characters may be heaped on one letter.
const HEAP: usize = 24;

fn follows_ascii(text: &str, at: usize) -> bool {
    let heaped = behind(text.as_bytes(), at, HEAP, |byte| byte >= 0x80);
    let base = before(text.as_bytes(), at - heaped);
    let all_marks =
        || text.get(at - heaped..at).is_some_and(|heap| heap.chars().all(|c| is_mark(c) || is_invisible(c)));
    (base.is_ascii_graphic() || base == b' ') && all_marks()
}

/// An accent on a letter is how some systems write accents.
fn mark_sign(bytes: &[u8], at: usize, character: char) -> Sign {
    let accent = matches!(character, '\u{300}'..='\u{30C}' | '\u{323}'..='\u{328}');
    Sign::strong_if(!accent && before(bytes, at) < 0x80 || before(bytes, at).is_ascii_digit())
}

fn invisible_sign(bytes: &[u8], at: usize, end: usize, character: char) -> Sign {
    let hidden = |byte: u8| byte >= 0x80;
    let left = before(bytes, at - behind(bytes, at, HEAP, hidden));
    let right = byte(bytes, end + ahead(bytes, end, HEAP, hidden));
    let inside = in_value(left) && in_value(right);
    let in_number =
        || (left.is_ascii_digit() || right.is_ascii_digit()) && digits_around(bytes, at, end) >= NUMBER_LEAST;
    Sign::strong_if(inside && (character != '\u{AD}' || is_in_token(bytes, at, end)) || in_number())
}

/// A digit of another script or a styled letter beside ASCII letters, digits or the signs of an address.
fn touches_value(bytes: &[u8], at: usize, end: usize) -> bool {
    let touches = |byte: u8| is_alnum(byte) || matches!(byte, b'@' | b'_');
    touches(before(bytes, at)) || touches(byte(bytes, end))
}

/// Raised digits, ordinals and letters in circles are ordinary when they stand alone.
fn styled_sign(bytes: &[u8], at: usize, end: usize, character: char) -> Sign {
    let ordinary = matches!(character,
        '\u{AA}' | '\u{B2}'..='\u{B3}' | '\u{B9}'..='\u{BA}' | '\u{2070}'..='\u{209C}' | '\u{2100}'..='\u{214F}'
        | '\u{2160}'..='\u{217F}' | '\u{2460}'..='\u{24FF}' | '\u{2776}'..='\u{2793}' | '\u{1F1E6}'..='\u{1F1FF}');
    let wide = matches!(character, '\u{FF01}'..='\u{FF5E}' | '\u{1D400}'..='\u{1D7FF}');
    let in_row = byte(bytes, end) >= 0xEF && before(bytes, at) >= 0x80;
    Sign::strong_if(!ordinary && (!wide || in_row || touches_value(bytes, at, end)))
}

/// Spaces, dashes and dots matter within a number or a token; `＠` nearly always does.
fn separator_sign(bytes: &[u8], at: usize, end: usize, ascii: char) -> Sign {
    let (left, right) = (before(bytes, at), byte(bytes, end));
    if ascii == '@' {
        return Sign::Strong;
    }
    let in_number = || {
        let digit = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
        digit(left) && digit(right) && digits_around(bytes, at, end) >= NUMBER_LEAST
    };
    let in_token = || {
        is_alnum(left)
            && is_alnum(right)
            && matches!(ascii, '.' | '-' | '_' | '+' | '/' | '=')
            && is_in_token(bytes, at, end)
    };
    Sign::strong_if(in_number() || in_token() || ascii == '_' && is_alnum(left) && is_alnum(right))
}

fn is_tag(character: char) -> bool {
    matches!(character, '\u{E0020}'..='\u{E007E}')
}

/// Tags in a row at least that are a hidden text; fewer are strewn into one.
const TAGS_LEAST: usize = 5;

/// Tag characters repeat ASCII invisibly: a row of them is text, unless it is part of a flag.
fn tags(text: &str, at: usize, edits: &mut Vec<Edit>) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let row = rest.chars().take_while(|character| is_tag(*character)).count();
    let flag = text.get(..at).is_some_and(|text| text.ends_with('\u{1F3F4}'));
    let mut place = at;
    for character in rest.chars().take(row) {
        let end = place + character.len_utf8();
        let ascii = char::from_u32(u32::from(character) - 0xE0000).filter(|_| row >= TAGS_LEAST && !flag);
        let with = ascii.map_or(With::Nothing, With::One);
        edits.push(Edit::new(place..end, with, Disguise::Invisible, Sign::strong_if(!flag)));
        place = end;
    }
    place
}

/// A run of letters of Greek, Cyrillic and others: look-alikes when the word holds ASCII too. A wholly Cyrillic word is a
/// word. Returns where the run ends.
fn letters(text: &str, at: usize, end: usize, character: char, edits: &mut Vec<Edit>) -> usize {
    if !is_letter(character) {
        return end;
    }
    let rest = text.get(at..).unwrap_or_default();
    let run: usize = rest.chars().take_while(|c| is_letter(*c)).map(char::len_utf8).sum();
    let end = at + run;
    let bytes = text.as_bytes();
    if !is_mixed(bytes, at, end) {
        return end;
    }
    let first = edits.len();
    let mut all = true;
    for (offset, letter) in rest.get(..run).unwrap_or_default().char_indices() {
        let range = at + offset..at + offset + letter.len_utf8();
        match confusables::ascii(letter) {
            Some(ascii) => edits.push(Edit::new(range, With::One(ascii), Disguise::LookAlike, Sign::Weak)),
            None => all = false,
        }
    }
    // «5-го», «2-х»: an ordinal.
    let ordinal = before(bytes, at) == b'-' && before(bytes, at.saturating_sub(1)).is_ascii_digit();
    if all && !ordinal {
        edits.get_mut(first..).unwrap_or_default().iter_mut().for_each(|edit| edit.sign = Sign::Strong);
    }
    end
}

fn is_letter(character: char) -> bool {
    matches!(character,
        '\u{131}' | '\u{180}'..='\u{2AF}' | '\u{370}'..='\u{482}' | '\u{48A}'..='\u{58F}' | '\u{10A0}'..='\u{10FF}' | '\u{13A0}'..='\u{167F}'
        | '\u{16A0}'..='\u{16FF}' | '\u{1D00}'..='\u{1D2B}' | '\u{1F00}'..='\u{1FFF}' | '\u{2C80}'..='\u{2D7F}' | '\u{212E}'
        | '\u{A4D0}'..='\u{A4F7}' | '\u{A640}'..='\u{A69F}' | '\u{A720}'..='\u{A7FF}')
}

/// Whether the word around a run has ASCII letters or digits, directly or across a sign of addresses and keys.
fn is_mixed(bytes: &[u8], at: usize, end: usize) -> bool {
    let sign = |byte: u8| matches!(byte, b'.' | b'-' | b'@' | b'_' | b'+');
    let (left, right) = (before(bytes, at), byte(bytes, end));
    let across = |sign_at: u8, beyond: u8| sign(sign_at) && (is_alnum(beyond) || sign_at == b'@');
    let spread = |place: u8| place >= 0x80;
    is_alnum(left)
        || is_alnum(right)
        || matches!((left, right), (b'_', _) | (_, b'_'))
        || across(left, before(bytes, at.saturating_sub(1)))
        || across(right, byte(bytes, end + 1))
        || spread(left) && is_alnum(before(bytes, at - behind(bytes, at, HEAP, spread)))
}
