//! Forms in which numbers are written within a country and in which hardly anything else is: `(415) 555-2671`,
//! `06 12 34 56 78`, `0171 1234567`. They need no word near them. Forms that tables, dates and amounts share
//! (`612 345 678`) are not here. From the national numbering plans and the notations ITU-T E.123 allows.

use super::{
    plans::{self, Use},
    written::{Group, Written},
};

/// One form. In a mask `X` is a digit, `Z` 1–9, `N` 2–9, `Y` 3–9, `W` 6–9, `~` a blank, dash or dot (the same
/// everywhere in the number), `_` a blank or nothing, and everything else itself.
struct Form {
    mask: &'static str,
    country: &'static str,
    confidence: f32,
}

const fn form(mask: &'static str, country: &'static str, confidence: f32) -> Form {
    Form { mask, country, confidence }
}

/// Forms that are no digits behind a trunk 0.
const FORMS: &[Form] = &[
    form("(NXX)_NXX-XXXX", NANP, 0.85),
    form("(NXX)_NXX.XXXX", NANP, 0.8),
    form("(NXX)_NXX XXXX", NANP, 0.8),
    form("1_(NXX)_NXX-XXXX", NANP, 0.85),
    form("1~NXX~NXX~XXXX", NANP, 0.8),
    form("NXX-NXX-XXXX", NANP, 0.75),
    form("NXX.NXX.XXXX", NANP, 0.7),
    form("8_(XXX)_XXX-XX-XX", "Russia", 0.85),
    form("8_(XXX)_XXX XX XX", "Russia", 0.85),
    form("8_(XXX)_XXX-XXXX", "Russia", 0.8),
    form("8~9XX~XXX~XX~XX", "Russia", 0.8),
    form("8 9XX XXX-XX-XX", "Russia", 0.85),
    form("1YX~XXXX~XXXX", "China", 0.7),
    form("(ZZ)_9XXXX-XXXX", "Brazil", 0.85),
    form("(ZZ)_9XXXX XXXX", "Brazil", 0.7),
    form("(ZZ)_NXXX-XXXX", "Brazil, Mexico", 0.7),
    form("ZZ 9XXXX-XXXX", "Brazil", 0.75),
    form("6XX XX XX XX", "Spain", 0.6),
    form("WXXXX-XXXXX", "India", 0.55),
    form("(XXXX) XXX-XXX", "several plans", 0.6),
    form("(XXX) XXX-XX-XX", "Ukraine, Turkey", 0.7),
];

/// Plan of the United States, Canada and the Caribbean.
const NANP: &str = "North America";

/// A form that was recognised.
#[derive(Debug, PartialEq)]
pub(super) struct Found {
    /// Bytes it takes, without an extension.
    pub(super) bytes: usize,
    /// 0–1.
    pub(super) confidence: f32,
    /// Whose form.
    pub(super) country: &'static str,
}

/// The form at the beginning of `rest`, which begins with a digit or an opening bracket.
pub(super) fn find(rest: &str) -> Option<Found> {
    let bytes = rest.as_bytes();
    let fitting = FORMS.iter().find_map(|form| {
        let length = fits(form.mask, bytes)?;
        let american = form.country != NANP || is_american(rest.get(..length)?);
        american.then_some(Found { bytes: length, confidence: form.confidence, country: form.country })
    });
    fitting.or_else(|| trunk(rest)).filter(|found| !goes_on(bytes, found.bytes))
}

/// Whether the bytes may begin a form: spares nearly every number the walk over the masks.
pub(super) fn opens(bytes: &[u8]) -> bool {
    let at = |index: usize| bytes.get(index).copied().unwrap_or(0);
    let between = |index: usize| matches!(at(index), b' ' | b'-' | b'.' | b')' | b'/');
    match at(0) {
        b'0' => matches!(at(1), b'1'..=b'9') && (2..6).any(between),
        b'1' if between(1) || at(1) == b'(' => matches!(at(2), b'(' | b'2'..=b'9') || at(3) == b'(',
        b'8' if between(1) || at(1) == b'(' => matches!(at(2), b'(' | b'0'..=b'9'),
        b'1'..=b'9' => {
            matches!(at(2), b')') && at(3) != b'.'
                || matches!(at(3), b'-' | b'.') && at(7) == at(3)
                || at(3) == b')'
                || at(4) == b')'
                || between(3) && between(8) && at(0) == b'1'
                || at(2) == b' ' && at(3) == b'9' && at(8) == b'-'
                || at(3) == b' ' && at(6) == b' ' && at(9) == b' '
                || at(5) == b'-' && at(0) >= b'6'
        }
        _ => false,
    }
}

/// Bytes the mask takes at the beginning of `bytes`.
fn fits(mask: &str, bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    let mut separator = 0;
    for sign in mask.bytes() {
        let byte = bytes.get(at).copied().unwrap_or(0);
        let fitting = match sign {
            b'X' => byte.is_ascii_digit(),
            b'Z' => matches!(byte, b'1'..=b'9'),
            b'N' => matches!(byte, b'2'..=b'9'),
            b'Y' => matches!(byte, b'3'..=b'9'),
            b'W' => matches!(byte, b'6'..=b'9'),
            b'~' if separator == 0 => {
                separator = byte;
                matches!(byte, b' ' | b'-' | b'.')
            }
            b'~' => byte == separator,
            b'_' if byte != b' ' => continue,
            b'_' => true,
            other => byte == other,
        };
        if !fitting {
            return None;
        }
        at += 1;
    }
    Some(at)
}

/// Area and exchange begin with 2–9 and are no service code.
fn is_american(value: &str) -> bool {
    let digits: Vec<u8> = value.bytes().filter(u8::is_ascii_digit).collect();
    let national = digits.get(digits.len().saturating_sub(10)..).unwrap_or_default();
    let service = |from: usize| national.get(from + 1..from + 3) == Some(b"11");
    national.len() == 10 && !service(0) && !service(3) && !national.iter().all(|digit| Some(digit) == national.first())
}

/// `0171 1234567`, `06 12 34 56 78`, `(0171) 1234567`, `020 7946 0958`: a trunk 0, an area, and groups as people write
/// them, of a length that some plan has.
fn trunk(rest: &str) -> Option<Found> {
    let written = Written::read(rest);
    let groups = written.groups();
    let first = groups.first()?;
    let opening = written.digits_of(first);
    let area = opening.starts_with('0') && !opening.starts_with("00") && (2..=5).contains(&opening.len());
    if !area {
        return None;
    }
    let candidates = (2..=groups.len().min(5)).rev().filter_map(|count| groups.get(..count));
    let (last, use_) = candidates.filter_map(|groups| trunk_of(&written, groups)).next()?;
    let (confidence, country) = match use_ {
        Use::Mobile => (0.7, "mobile numbers behind a trunk 0"),
        Use::Any => (0.55, "numbers behind a trunk 0"),
    };
    Some(Found { bytes: last, confidence, country })
}

/// The end of these groups, when they are such a number.
fn trunk_of(written: &Written, groups: &[Group]) -> Option<(usize, Use)> {
    let last = groups.last()?;
    let digits = written.digits_to(last);
    // `901820-0`: the extension of a switchboard.
    let own = groups.len().saturating_sub(usize::from(last.n_digits == 1 && last.before == b'-' && groups.len() > 2));
    let sizes = |least, most| groups.iter().take(own).skip(1).all(|group| (least..=most).contains(&group.n_digits));
    let pairs = groups.len() == 5 && groups.iter().all(|group| group.n_digits == 2);
    let human = pairs || sizes(2, 8) && !groups.iter().all(|group| group.n_digits == 2);
    let one_way = groups.iter().skip(2).all(|group| {
        group.before == b' ' || group.before == b'-' || Some(group.before) == groups.get(1).map(|second| second.before)
    });
    let postal = matches!(groups, [area, more] if area.n_digits == 5 && more.n_digits == 4 && more.before == b'-');
    if !human
        || !one_way
        || postal
        || !(9..=13).contains(&digits.len())
        || is_date(written, groups)
        || is_counting(written, groups)
    {
        return None;
    }
    let insured =
        matches!(groups, [area, group, serial] if (area.n_digits, group.n_digits, serial.n_digits) == (3, 2, 4));
    let (_, use_) = plans::of_national(digits, "0")?;
    // `0328.0020.0004`: code points and weights stand in fours.
    let fours = groups.len() > 2
        && groups.iter().all(|group| group.n_digits == 4)
        && (use_ == Use::Any || groups.iter().any(|group| group.before == b'.'));
    (!insured && !fours).then_some((last.end, use_))
}

/// `01.02.2024 12`, `05-2024-11`: a date with more behind it.
fn is_date(written: &Written, groups: &[Group]) -> bool {
    let year = |group: &Group| matches!(written.digits_of(group).parse(), Ok(1900..=2099));
    groups.iter().skip(1).take(2).any(|group| group.n_digits == 4 && year(group))
        && groups.first().is_some_and(|group| group.n_digits == 2)
}

/// `01 02 03 04 05`: somebody counts.
fn is_counting(written: &Written, groups: &[Group]) -> bool {
    let numbers: Vec<u32> = groups.iter().filter_map(|group| written.digits_of(group).parse().ok()).collect();
    let step = |pair: &[u32]| match pair {
        [first, second] => second.checked_sub(*first),
        _ => None,
    };
    let first = numbers.get(..2).and_then(step);
    numbers.len() > 2 && first.is_some() && numbers.windows(2).all(|pair| step(pair) == first)
}

/// Whether more of a number, or of a word, follows.
fn goes_on(bytes: &[u8], end: usize) -> bool {
    let at = |index: usize| bytes.get(end + index).copied().unwrap_or(0);
    let pair = end >= 3 && bytes.get(end - 3).is_some_and(|byte| !byte.is_ascii_digit());
    match at(0) {
        b'x' => !at(1).is_ascii_digit(),
        b'-' | b'.' | b'/' | b':' => at(1).is_ascii_digit(),
        b' ' => pair && at(1).is_ascii_hexdigit() && at(2).is_ascii_hexdigit() && !at(3).is_ascii_alphanumeric(),
        b'%' | b'_' => true,
        byte => byte.is_ascii_alphanumeric(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distinctive_forms_are_found_whole() {
        for value in [
            "(415) 555-2671",
            "(212)736-5000",
            "415-555-2671",
            "415.555.2671",
            "1-800-555-0199",
            "06 12 34 56 78",
            "0171 1234567",
            "07911 123456",
            "020 7946 0958",
            "090-1234-5678",
            "138 0013 8000",
            "(11) 91234-5678",
            "8 (912) 345-67-89",
            "(030) 901820-0",
            "0412 345 678",
            "06-12345678",
            "01/23456789",
            "052-1234567",
        ] {
            assert_eq!(find(value).map(|found| found.bytes), Some(value.len()), "{value}");
            let opening = value.trim_start_matches('(');
            assert!(opens(opening.as_bytes()), "{value}");
        }
    }

    #[test]
    fn dates_counting_and_longer_things_are_no_numbers() {
        for value in [
            "01.02.2024 12",
            "01 02 03 04 05",
            "06 12 34 56 78 9a",
            "415-555-2671-9",
            "123-456-7890",
            "0123 4567 89ab",
            "00 12 34 56 78",
            "2024-01-31",
            "612 345 678",
            "911-211-1111",
        ] {
            assert_eq!(find(value), None, "{value}");
        }
    }
}
