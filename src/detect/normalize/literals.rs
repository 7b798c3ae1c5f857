//! String literals that are joined into one value: by an operator, by standing side by side, or inside a template.
//! Knows the operators of many languages, not their grammars.

use super::{
    around::{ahead, before, behind, byte, is_alnum},
    edit::{Disguise, Edit, Sign, With},
    walk::Signs,
};

/// Blanks between two literals at most: a line break with its indentation.
const BLANKS_MAX: usize = 64;
/// Bytes of a literal looked at.
const PIECE_MAX: usize = 48;
/// Characters of two pieces together at least to be worth it when nothing else speaks for a value.
const JOINED_LEAST: usize = 8;

/// Operators that join strings, longest first.
const OPERATORS: [&[u8]; 10] = [b"++", b"..", b"||", b"<>", b"<<", b"+", b".", b"&", b"~", b"^"];

/// The quote at `at`: when it ends a literal and another begins behind an operator, that is a joint. Returns where to
/// look on.
pub(super) fn joint(text: &str, at: usize, signs: &mut Signs) -> usize {
    let bytes = text.as_bytes();
    if let Some(end) = template(bytes, at, signs) {
        return end;
    }
    let last = before(bytes, at);
    let number_before = last == b' ' && before(bytes, at.saturating_sub(1)).is_ascii_digit();
    if !(last.is_ascii_graphic() || last >= 0x80 || number_before) || opens(last) {
        return at + 1;
    }
    let Some((end, kind)) = between(bytes, at) else { return at + 1 };
    let first = byte(bytes, end);
    let number_after = last.is_ascii_digit() && first == b' ' && byte(bytes, end + 1).is_ascii_digit();
    let goes_on = number_after
        || (first.is_ascii_graphic() || first >= 0x80) && !matches!(first, b'"' | b'\'' | b',' | b')' | b']' | b'}');
    if !goes_on || number_before && !first.is_ascii_digit() {
        return at + 1;
    }
    let sign = Sign::strong_if(number_before || number_after || speaks_for_a_value(bytes, at, end, kind));
    let edit = Edit::new(at..end, With::Gap, Disguise::Literals, sign);
    match kind {
        Kind::Operator => signs.plain.push(edit),
        Kind::Neighbours => signs.sound.push(edit),
    }
    end
}

/// How two literals are joined.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// By an operator.
    Operator,
    /// By standing side by side: C, Python, shells.
    Neighbours,
}

/// Bytes after which a quote opens a literal.
fn opens(byte: u8) -> bool {
    matches!(byte, b'(' | b'[' | b'{' | b',' | b'\\' | b'"' | b'\'' | b'`')
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// From the quote at `at` to the first byte of the next literal.
fn between(bytes: &[u8], at: usize) -> Option<(usize, Kind)> {
    let blanks = |from: usize| from + ahead(bytes, from, BLANKS_MAX, is_blank);
    let mut place = blanks(at + 1);
    let continued = |place: usize| byte(bytes, place) == b'\\' && is_blank(byte(bytes, place + 1));
    if continued(place) {
        place = blanks(place + 1);
    }
    let rest = bytes.get(place..)?;
    let operator = OPERATORS.iter().find(|operator| rest.starts_with(operator)).map(|operator| operator.len());
    if let Some(length) = operator {
        place = blanks(place + length);
        // Visual Basic and shells mark that a line goes on.
        if continued(place) || byte(bytes, place) == b'_' && is_blank(byte(bytes, place + 1)) {
            place = blanks(place + 1);
        }
    } else if place == at + 1 && byte(bytes, place) != byte(bytes, at) && is_quote(byte(bytes, place)) {
        // A shell's 'a'"b"; two of the same quote are an escaped one.
        return Some((place + 1, Kind::Neighbours));
    }
    // f"", r'', L"", @"", $""
    let prefix = ahead(bytes, place, 2, |byte| b"fFrRbBuULl@$".contains(&byte));
    if !is_quote(byte(bytes, place + prefix)) {
        return None;
    }
    let same = byte(bytes, place + prefix) == byte(bytes, at);
    let kind = if operator.is_some() { Kind::Operator } else { Kind::Neighbours };
    (operator.is_some() || same && place > at + 1).then_some((place + prefix + 1, kind))
}

/// Whether the pieces on both sides look like halves of a value instead of a message's.
fn speaks_for_a_value(bytes: &[u8], at: usize, end: usize, kind: Kind) -> bool {
    let in_piece = |byte: u8| byte > b' ' && !is_quote(byte);
    let left = behind(bytes, at, PIECE_MAX, in_piece);
    let right = ahead(bytes, end, PIECE_MAX, in_piece);
    let pieces = [bytes.get(at - left..at), bytes.get(end..end + right)];
    let any = |test: fn(&u8) -> bool| pieces.iter().any(|piece| piece.unwrap_or_default().iter().any(test));
    let whole = is_quote(before(bytes, at - left)) && is_quote(byte(bytes, end + right));
    any(|byte| byte.is_ascii_digit() || *byte == b'@')
        || kind == Kind::Operator && whole && left + right >= JOINED_LEAST
}

/// A literal inside a template: `${"a"}b`, `#{'a'}`, `{'a'}` of f-strings. Both ends are dropped at its closing quote.
fn template(bytes: &[u8], at: usize, signs: &mut Signs) -> Option<usize> {
    if byte(bytes, at + 1) != b'}' {
        return None;
    }
    let quote = byte(bytes, at);
    let length = behind(bytes, at, PIECE_MAX, |byte| byte != quote && byte >= b' ');
    let opening = (at - length).checked_sub(2).filter(|opening| byte(bytes, *opening) == b'{')?;
    if before(bytes, at - length) != quote || length == 0 {
        return None;
    }
    let marker = before(bytes, opening);
    let inside = matches!(marker, b'$' | b'#') || is_alnum(marker) || is_quote(marker) || marker == b'}';
    if !inside {
        return None;
    }
    let opening = opening - usize::from(matches!(marker, b'$' | b'#'));
    let is_joined = is_alnum(byte(bytes, at + 2)) || is_alnum(before(bytes, opening)) || byte(bytes, at + 2) == b'$';
    let literal = bytes.get(at - length..at).unwrap_or_default();
    let sign = Sign::strong_if(is_joined || literal.iter().any(u8::is_ascii_digit) || byte(bytes, at + 2) == b'{');
    signs.plain.push(Edit::new(opening..at - length, With::Gap, Disguise::Literals, sign));
    signs.plain.push(Edit::new(at..at + 2, With::Gap, Disguise::Literals, sign));
    Some(at + 2)
}
