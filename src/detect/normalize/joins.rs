//! Values written in pieces: string literals joined by an operator, and long tokens broken over two lines.
//! Does not join words of prose.

use super::{Edit, With};

/// Bytes between two literals at most: blanks, an operator, a line break, indentation.
const BETWEEN_MAX: usize = 96;

/// Signs between two literals at most, blanks not counted.
const OPERATOR_MAX: usize = 3;

/// `" + "` beginning with the quote at `at` that ends one literal. Operators: `+` `.` `..` `&` `||` `<>` `++` `\`, or a line
/// break alone (C, Python).
pub(super) fn literals(text: &str, at: usize) -> Option<Edit> {
    let bytes = text.as_bytes();
    let before = *at.checked_sub(1).and_then(|i| bytes.get(i))?;
    let opens = matches!(before, b'(' | b'[' | b'{' | b',' | b'\\' | b'"' | b'\'');
    if opens || !before.is_ascii_graphic() {
        return None;
    }
    let rest = bytes.get(at + 1..)?;
    let between = rest.iter().take(BETWEEN_MAX).position(|b| matches!(b, b'"' | b'\'' | b'`'))?;
    let mut operator = [0_u8; OPERATOR_MAX];
    let signs = rest.iter().take(between).filter(|b| !matches!(b, b' ' | b'\t' | b'\r'));
    let length = signs.clone().count();
    if !(1..=OPERATOR_MAX).contains(&length) {
        return None;
    }
    operator.iter_mut().zip(signs).for_each(|(slot, sign)| *slot = *sign);
    let joins = matches!(
        operator.get(..length)?,
        b"+" | b"."
            | b".."
            | b"&"
            | b"||"
            | b"<>"
            | b"++"
            | b"\\\n"
            | b"+\n"
            | b"\n+"
            | b".\n"
            | b"\n."
            | b"&_\n"
            | b"||\n"
            | b"\n||"
            | b"\n"
    );
    let same_quote = rest.get(between) == bytes.get(at);
    let goes_on =
        rest.get(between + 1).is_some_and(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b',' | b')'));
    (joins && same_quote && goes_on).then(|| Edit { range: at..at + between + 2, with: With::Gap })
}

/// Characters of the piece before a line break at least: shorter tokens are words.
const PIECE_LEAST: usize = 12;
/// Characters of a piece looked at.
const PIECE_MAX: usize = 64;
/// Characters of the piece after it at least.
const REST_LEAST: usize = 4;
/// Indentation of the second line at most.
const INDENT_MAX: usize = 16;

/// The line break at `at` between two halves of one token: no blank before it, digits and letters mixed on both sides
/// or a token that began with a key's prefix.
pub(super) fn line_break(text: &str, at: usize) -> Option<Edit> {
    let bytes = text.as_bytes();
    let end = if at > 0 && bytes.get(at - 1) == Some(&b'\r') { at - 1 } else { at };
    let before = bytes.get(..end)?;
    let piece = before.get(before.len().saturating_sub(PIECE_MAX)..)?;
    let piece = piece.get(piece.len() - piece.iter().rev().take_while(in_token).count()..)?;
    if piece.len() < PIECE_LEAST || !is_mixed(piece) {
        return None;
    }
    let indent = bytes.get(at + 1..)?.iter().take(INDENT_MAX).take_while(|b| matches!(b, b' ' | b'\t')).count();
    let rest = bytes.get(at + 1 + indent..)?;
    let rest = rest.get(..rest.iter().take(PIECE_MAX).take_while(in_token).count())?;
    let broken = rest.len() >= REST_LEAST && is_mixed(rest);
    broken.then(|| Edit { range: end..at + 1 + indent, with: With::Nothing })
}

fn in_token(byte: &&u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// Digits and letters, and not all hexadecimal: lists of hashes are not broken tokens.
fn is_mixed(piece: &[u8]) -> bool {
    let digit = piece.iter().any(u8::is_ascii_digit);
    let letter = piece.iter().any(u8::is_ascii_alphabetic);
    digit && letter && !piece.iter().all(|b| b.is_ascii_hexdigit() || *b == b'-')
}
