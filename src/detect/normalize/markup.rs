//! Markup inside a value: tags and comments of HTML, `**` of Markdown, `{}` of LaTeX. Markup around a value is no
//! disguise: it ends the value.

use super::{
    around::{ahead, before, byte, is_alnum},
    edit::{Disguise, Edit, With},
    walk::Signs,
};

/// Elements that change how text looks and not where it stands.
const INLINE: [&[u8]; 26] = [
    b"a", b"b", b"big", b"br", b"code", b"del", b"em", b"font", b"i", b"ins", b"kbd", b"mark", b"s", b"small", b"span",
    b"strike", b"strong", b"sub", b"sup", b"tt", b"u", b"wbr", b"nobr", b"img", b"abbr", b"bdi",
];

/// Bytes of one tag or comment at most.
const TAG_MAX: usize = 160;
/// Tags in a row at most.
const TAGS_MAX: usize = 8;

/// The markup at `at`; returns where it ends.
pub(super) fn read(text: &str, at: usize, signs: &mut Signs) -> usize {
    let bytes = text.as_bytes();
    let end = match byte(bytes, at) {
        b'<' => tags(bytes, at),
        b'*' => at + ahead(bytes, at, 3, |byte| byte == b'*'),
        _ => return braces(bytes, at, signs),
    };
    let stars = byte(bytes, at) == b'*';
    let spaced_digits = before(bytes, at) == b' '
        && before(bytes, at.saturating_sub(1)).is_ascii_digit()
        && byte(bytes, end).is_ascii_digit()
        || before(bytes, at).is_ascii_digit() && byte(bytes, end) == b' ' && byte(bytes, end + 1).is_ascii_digit();
    let inside = in_token(before(bytes, at)) && in_token(byte(bytes, end)) || spaced_digits;
    // `2**10` is a power; numbers with stars in them are read by `groups`.
    let power = before(bytes, at).is_ascii_digit() && byte(bytes, end).is_ascii_digit();
    if end > at && inside && (!stars || end - at == 2 && !power) {
        signs.sound.push(Edit::strong(at..end, With::Nothing, Disguise::Markup));
    }
    end.max(at + 1)
}

fn in_token(byte: u8) -> bool {
    is_alnum(byte) || matches!(byte, b'@' | b'.' | b'_' | b'-')
}

/// Where the tags and comments that begin at `at` end; `at` when there are none.
fn tags(bytes: &[u8], at: usize) -> usize {
    let mut end = at;
    for _ in 0..TAGS_MAX {
        match tag(bytes, end) {
            Some(next) => end = next,
            None => break,
        }
    }
    end
}

fn tag(bytes: &[u8], at: usize) -> Option<usize> {
    if byte(bytes, at) != b'<' {
        return None;
    }
    if bytes.get(at..)?.starts_with(b"<!--") {
        let body = bytes.get(at..at + TAG_MAX).or_else(|| bytes.get(at..))?;
        return memchr::memmem::find(body, b"-->").map(|length| at + length + 3);
    }
    let start = at + 1 + usize::from(byte(bytes, at + 1) == b'/');
    let length = ahead(bytes, start, 8, |byte| byte.is_ascii_alphabetic());
    let name = bytes.get(start..start + length)?.to_ascii_lowercase();
    if !INLINE.contains(&name.as_slice()) {
        return None;
    }
    let rest = start + length;
    let attributes = ahead(bytes, rest, TAG_MAX, |byte| !matches!(byte, b'>' | b'<' | b'\n'));
    (byte(bytes, rest + attributes) == b'>').then_some(rest + attributes + 1)
}

/// `{}` between two characters of a value, and `{@}`.
fn braces(bytes: &[u8], at: usize, signs: &mut Signs) -> usize {
    let empty = byte(bytes, at + 1) == b'}' && in_token(before(bytes, at)) && in_token(byte(bytes, at + 2));
    if empty {
        signs.sound.push(Edit::strong(at..at + 2, With::Nothing, Disguise::Markup));
        return at + 2;
    }
    let held = byte(bytes, at + 1);
    let around = is_alnum(before(bytes, at)) && in_token(byte(bytes, at + 3));
    if byte(bytes, at + 2) == b'}' && around && matches!(held, b'@' | b'.' | b'_' | b'-') {
        signs.sound.push(Edit::strong(at..at + 3, With::One(char::from(held)), Disguise::Markup));
        return at + 3;
    }
    at + 1
}
