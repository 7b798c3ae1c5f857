//! String literals that a call joins: `"".join(["a", "b"])`, `["a", "b"].join("")`, `CONCAT('a', 'b')`,
//! `.append("a").append("b")`. Knows the shape of such calls, not the languages.

use super::{
    around::{ahead, before, behind, byte},
    edit::{Disguise, Edit, With},
    walk::Signs,
};
use std::ops::Range;

/// Bytes of a call's list at most.
const LIST_MAX: usize = 2 << 10;
/// Bytes between two literals at most.
const GAP_MAX: usize = 80;

/// The call whose `(` stands at `paren`. Returns where its list ends.
pub(super) fn read(text: &str, paren: usize, signs: &mut Signs) -> Option<usize> {
    let bytes = text.as_bytes();
    let list = list_before(bytes, paren).unwrap_or(paren + 1..(paren + LIST_MAX).min(bytes.len()));
    let mut edits = Vec::new();
    let mut literals = 0;
    let mut at = list.start + ahead(bytes, list.start, GAP_MAX, |byte| !is_quote(byte) && byte != b')');
    let mut end_of_last: Option<usize> = None;
    while at < list.end && is_quote(byte(bytes, at)) {
        let quote = byte(bytes, at);
        let length = ahead(bytes, at + 1, LIST_MAX, |byte| byte != quote && byte != b'\n');
        let close = at + 1 + length;
        if byte(bytes, close) != quote {
            break;
        }
        if length > 0 {
            edits.extend(end_of_last.map(|end| Edit::strong(end..at + 1, With::Gap, Disguise::Literals)));
            end_of_last = Some(close);
            literals += 1;
        }
        let Some(next) = next_literal(bytes, close + 1) else { break };
        at = next;
    }
    if literals < 2 {
        return None;
    }
    signs.plain.extend(edits);
    end_of_last
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// The list in brackets right before `.join(`.
fn list_before(bytes: &[u8], paren: usize) -> Option<Range<usize>> {
    let name = behind(bytes, paren, 12, |byte| byte.is_ascii_alphanumeric() || byte == b'.');
    let close = paren - name;
    if !matches!(before(bytes, close), b']' | b')') || byte(bytes, close) != b'.' {
        return None;
    }
    let open = if before(bytes, close) == b']' { b'[' } else { b'(' };
    let length = behind(bytes, close - 1, LIST_MAX, |byte| byte != open);
    Some((close - 1).checked_sub(length)?..close - 1)
}

/// Where the next literal of the list begins: behind a comma, or in the next call of a chain.
fn next_literal(bytes: &[u8], at: usize) -> Option<usize> {
    let gap = ahead(bytes, at, GAP_MAX, |byte| !is_quote(byte));
    let between = bytes.get(at..at + gap)?;
    let blank = |byte: &u8| byte.is_ascii_whitespace();
    let comma = between.iter().all(|byte| blank(byte) || b",[({".contains(byte)) && between.contains(&b',');
    let chained = between.first() == Some(&b')')
        && between.ends_with(b"(")
        && between.iter().all(|byte| byte.is_ascii_alphanumeric() || blank(byte) || b").(_".contains(byte));
    (comma || chained).then_some(at + gap)
}
