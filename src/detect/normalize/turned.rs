//! Values read backwards or with the alphabet turned by thirteen. Looks only where an address or a key's prefix shows
//! it, so that ordinary words are never turned.

use super::{
    around::{ahead, behind, in_value},
    edit::{Disguise, Edit, With},
    tops,
    walk::Signs,
};
use std::ops::Range;

/// Bytes of a token on each side at most.
const TOKEN_MAX: usize = 255;
/// Bytes of a turned key file at most.
const KEY_MAX: usize = 6 << 10;

const ROTATED: Disguise = Disguise::Turned("with its letters turned by 13");
const REVERSED: Disguise = Disguise::Turned("backwards");

/// The token around the `@` at `at`, when it is an address only after it is turned.
pub(super) fn address(text: &str, at: usize, signs: &mut Signs) {
    let bytes = text.as_bytes();
    let in_address = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+');
    let start = at - behind(bytes, at, TOKEN_MAX, in_address);
    let end = at + 1 + ahead(bytes, at + 1, TOKEN_MAX, in_address);
    let Some(token) = text.get(start..end).map(|token| token.trim_end_matches('.')) else { return };
    let range = start..start + token.len();
    let domain = token.rsplit('@').next().unwrap_or_default();
    if domain.contains('.') && tops::ends_in_known(domain) {
        return;
    }
    let rotated_top = domain.rsplit('.').next().map(rotate).filter(|_| domain.contains('.'));
    if rotated_top.is_some_and(|top| tops::is_generic(&top)) {
        signs.sound.push(Edit::strong(range, With::Text(rotate(token).into()), ROTATED));
        return;
    }
    let first: Option<String> = token.split_once('.').map(|(first, _)| first.chars().rev().collect());
    let is_top = |top: &String| if domain.contains('.') { tops::is_generic(top) } else { tops::is_known(top) };
    if first.as_ref().is_some_and(is_top) {
        signs.sound.push(Edit::strong(range, With::Text(reverse(token).into()), REVERSED));
    }
}

/// How a mark says that its token is turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Letters by thirteen.
    Rotated,
    /// A key file with its letters turned.
    RotatedFile,
    /// Last character first.
    Reversed,
    /// Behind a right-to-left override.
    Overridden,
}

/// The token around a mark. Returns where it ends.
pub(super) fn token(text: &str, mark: Range<usize>, turn: Turn, signs: &mut Signs) -> Option<usize> {
    let bytes = text.as_bytes();
    let in_token = |byte: u8| in_value(byte) && !matches!(byte, b'=' | b':' | b'@');
    let start = mark.start - behind(bytes, mark.start, TOKEN_MAX, in_token);
    let end = mark.end + ahead(bytes, mark.end, TOKEN_MAX, in_token);
    let (range, disguise) = match turn {
        Turn::Rotated => (start..end, ROTATED),
        Turn::Reversed => (start..end, REVERSED),
        Turn::RotatedFile => {
            let length = ahead(bytes, mark.end, KEY_MAX, |byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace());
            (mark.start..mark.end + length, ROTATED)
        }
        Turn::Overridden => {
            let length = ahead(bytes, mark.end, TOKEN_MAX, |byte| (b' '..0x7F).contains(&byte));
            (mark.end..mark.end + length, REVERSED)
        }
    };
    let token = text.get(range.clone()).filter(|token| token.len() >= 8)?;
    let turned = if disguise == ROTATED { rotate(token) } else { reverse(token) };
    let end = range.end;
    signs.sound.push(Edit::strong(range, With::Text(turned.into()), disguise));
    Some(end)
}

fn rotate(text: &str) -> String {
    let turn = |character: char| match character {
        'a'..='m' | 'A'..='M' => char::from_u32(u32::from(character) + 13).unwrap_or(character),
        'n'..='z' | 'N'..='Z' => char::from_u32(u32::from(character) - 13).unwrap_or(character),
        _ => character,
    };
    text.chars().map(turn).collect()
}

fn reverse(text: &str) -> String {
    text.chars().rev().collect()
}
