//! Character references of HTML and XML: `&#64;`, `&#x40;`, `&commat;`, numeric ones also without their semicolon.
//! Decodes one layer.

use super::{
    around::{NUMBER_LEAST, ahead, before, byte, digits_around, is_in_token},
    characters::is_disguise,
    edit::{Disguise, Edit, Sign, With},
    escapes::hex,
    walk::Signs,
};

/// Named references that hide a sign detection needs, or nothing (HTML standard, section 13.5).
const NAMED: [(&str, &str); 50] = [
    ("amp", "&"),
    ("AMP", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("quot", "\""),
    ("QUOT", "\""),
    ("apos", "'"),
    ("nbsp", " "),
    ("NonBreakingSpace", " "),
    ("ensp", " "),
    ("emsp", " "),
    ("thinsp", " "),
    ("hairsp", " "),
    ("numsp", " "),
    ("puncsp", " "),
    ("Tab", " "),
    ("shy", ""),
    ("zwj", ""),
    ("zwnj", ""),
    ("ZeroWidthSpace", ""),
    ("NegativeThinSpace", ""),
    ("NoBreak", ""),
    ("lrm", ""),
    ("rlm", ""),
    ("InvisibleTimes", ""),
    ("InvisibleComma", ""),
    ("commat", "@"),
    ("period", "."),
    ("middot", "."),
    ("bull", "."),
    ("colon", ":"),
    ("semi", ";"),
    ("lowbar", "_"),
    ("UnderBar", "_"),
    ("hyphen", "-"),
    ("dash", "-"),
    ("ndash", "-"),
    ("mdash", "-"),
    ("minus", "-"),
    ("sol", "/"),
    ("bsol", "\\"),
    ("equals", "="),
    ("plus", "+"),
    ("num", "#"),
    ("dollar", "$"),
    ("percnt", "%"),
    ("excl", "!"),
    ("comma", ","),
    ("lpar", "("),
    ("rpar", ")"),
];

/// Longest name.
const NAME_MAX: usize = 20;

/// The reference at `at`; returns where it ends.
pub(super) fn read(text: &str, at: usize, signs: &mut Signs) -> usize {
    let bytes = text.as_bytes();
    let read = if byte(bytes, at + 1) == b'#' { numeric(text, at) } else { named(text, at) };
    let Some((with, end)) = read else { return at + 1 };
    let sign = Sign::strong_if(is_strong(bytes, at, end, &with));
    signs.plain.push(Edit::new(at..end, with, Disguise::Entity, sign));
    end
}

fn is_strong(bytes: &[u8], at: usize, end: usize, with: &With) -> bool {
    let in_value = || {
        is_in_token(bytes, at, end)
            || before(bytes, at).is_ascii_alphanumeric()
                && byte(bytes, end).is_ascii_alphanumeric()
                && digits_around(bytes, at, end) >= NUMBER_LEAST
    };
    match with {
        With::One('&') => byte(bytes, end) == b'#' || is_double(bytes, end),
        With::One('@' | '_') => true,
        With::One('"' | '\'') => follows_keyword(bytes, at),
        With::One(' ') => before(bytes, at).is_ascii_digit() && byte(bytes, end).is_ascii_digit(),
        With::One(character) if character.is_ascii_alphanumeric() => true,
        With::One(character) if !character.is_ascii() => is_disguise(*character),
        With::One(_) => in_value(),
        With::Nothing | With::Gap => true,
        With::Two(..) | With::Text(_) => false,
    }
}

/// `&amp;commat;`, but not `&amp;x=1`.
fn is_double(bytes: &[u8], end: usize) -> bool {
    let name = ahead(bytes, end, NAME_MAX, |byte| byte.is_ascii_alphabetic());
    let name_bytes = bytes.get(end..end + name).unwrap_or_default();
    byte(bytes, end + name) == b';' && NAMED.iter().any(|(known, _)| known.as_bytes() == name_bytes)
}

/// `password=&quot;`, `password&quot;:&quot;`: the last letters before are a password's or key's.
fn follows_keyword(bytes: &[u8], at: usize) -> bool {
    const REACH: usize = 24;
    let window = bytes.get(at.saturating_sub(REACH)..at).unwrap_or_default().to_ascii_lowercase();
    [&b"pass"[..], b"pwd", b"secret", b"token", b"key", b"kennwort"]
        .iter()
        .any(|word| window.windows(word.len()).any(|part| part == *word))
}

fn numeric(text: &str, at: usize) -> Option<(With, usize)> {
    let bytes = text.as_bytes();
    let is_hex = matches!(byte(bytes, at + 2), b'x' | b'X');
    let from = at + 2 + usize::from(is_hex);
    let digits = ahead(bytes, from, 8, |byte| if is_hex { byte.is_ascii_hexdigit() } else { byte.is_ascii_digit() });
    let code = match is_hex {
        true => hex(text, from..from + digits)?,
        false => text.get(from..from + digits)?.parse().ok()?,
    };
    let character = char::from_u32(code).filter(|character| !character.is_control() || is_disguise(*character))?;
    let end = from + digits;
    Some((With::One(character), end + usize::from(byte(bytes, end) == b';')))
}

fn named(text: &str, at: usize) -> Option<(With, usize)> {
    let bytes = text.as_bytes();
    let length = ahead(bytes, at + 1, NAME_MAX, |byte| byte.is_ascii_alphabetic());
    let end = at + 1 + length;
    let name = text.get(at + 1..end).filter(|_| length >= 2 && byte(bytes, end) == b';')?;
    let (_, spelled) = NAMED.iter().find(|(known, _)| *known == name)?;
    Some((spelled.chars().next().map_or(With::Nothing, With::One), end + 1))
}
