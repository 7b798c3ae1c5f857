//! The one walk over a text that finds what may be a disguise, byte by byte: each kind of sign begins with a byte of its
//! own. Knows where to look, not what it means.

use super::{
    address,
    around::{ahead, before, byte, in_value},
    characters,
    edit::{Disguise, Edit, Sign, With},
    entities, escapes, lines, literals, markup, percent,
};

/// Replacements found in a text.
#[derive(Debug, Default)]
pub(super) struct Signs {
    /// Another way to write the same.
    pub(super) plain: Vec<Edit>,
    /// Joined or dropped on a guess: only what proves itself counts in the result.
    pub(super) sound: Vec<Edit>,
}

/// What a byte may begin.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begins {
    Nothing,
    Control,
    Backslash,
    Percent,
    Entity,
    Quote,
    LineBreak,
    Equals,
    Plus,
    At,
    Markup,
    Character,
}

static BEGINS: [Begins; 256] = begins();

const fn begins() -> [Begins; 256] {
    let mut table = [Begins::Nothing; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = Begins::Control;
        byte += 1;
    }
    table[b'\t' as usize] = Begins::Nothing;
    table[b'\r' as usize] = Begins::Nothing;
    table[0x7F] = Begins::Control;
    table[b'\\' as usize] = Begins::Backslash;
    table[b'%' as usize] = Begins::Percent;
    table[b'&' as usize] = Begins::Entity;
    table[b'"' as usize] = Begins::Quote;
    table[b'\'' as usize] = Begins::Quote;
    table[b'`' as usize] = Begins::Quote;
    table[b'\n' as usize] = Begins::LineBreak;
    table[b'=' as usize] = Begins::Equals;
    table[b'+' as usize] = Begins::Plus;
    table[b'@' as usize] = Begins::At;
    table[b'<' as usize] = Begins::Markup;
    table[b'*' as usize] = Begins::Markup;
    table[b'{' as usize] = Begins::Markup;
    let mut byte = 0xC2;
    while byte < 0xF5 {
        table[byte] = Begins::Character;
        byte += 1;
    }
    table
}

fn begins_at(byte: u8) -> Begins {
    BEGINS[usize::from(byte)]
}

/// All signs in a text.
pub(super) fn signs(text: &str) -> Signs {
    let bytes = text.as_bytes();
    let mut signs = Signs::default();
    let mut at = 0;
    while let Some(offset) =
        bytes.get(at..).and_then(|rest| rest.iter().position(|byte| begins_at(*byte) != Begins::Nothing))
    {
        at += offset;
        let end = match begins_at(byte(bytes, at)) {
            Begins::Nothing => at + 1,
            Begins::Control => control(bytes, at, &mut signs),
            Begins::Backslash => escapes::read(text, at, &mut signs),
            Begins::Percent => percent::percent(text, at, &mut signs),
            Begins::Entity => entities::read(text, at, &mut signs),
            Begins::Quote => literals::joint(text, at, &mut signs),
            Begins::LineBreak => lines::line_break(text, at, &mut signs),
            Begins::Equals => percent::quoted_printable(text, at, &mut signs),
            Begins::Plus => percent::utf7(text, at, &mut signs),
            Begins::At => address::at_sign(text, at, &mut signs),
            Begins::Markup => markup::read(text, at, &mut signs),
            Begins::Character => characters::run(text, at, &mut signs.plain),
        };
        at = end.max(at + 1);
    }
    signs
}

/// Bytes of a terminal's colour sequence at most.
const SEQUENCE_MAX: usize = 16;

/// A control character within a value, or a terminal's colour sequence (ECMA-48 section 5.4): UTF-16 read as bytes has a
/// NUL after each letter.
fn control(bytes: &[u8], at: usize, signs: &mut Signs) -> usize {
    let mut end = at + 1;
    if byte(bytes, at) == 0x1B && byte(bytes, end) == b'[' {
        let length = ahead(bytes, end + 1, SEQUENCE_MAX, |byte| byte.is_ascii_digit() || byte == b';');
        end += 2 + length;
    }
    let inside = in_value(before(bytes, at)) && in_value(byte(bytes, end));
    if at < end && end <= bytes.len() {
        signs.plain.push(Edit::new(at..end, With::Nothing, Disguise::Invisible, Sign::strong_if(inside)));
    }
    end
}
