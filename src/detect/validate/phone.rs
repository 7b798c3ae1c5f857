//! Telephone numbers: ITU-T E.164 calling codes with the lengths of national numbers, and national forms. Lengths are
//! those of subscriber numbers in general use, not every special service.

use super::{
    Judgement, Subject,
    digits::{digits, is_one_digit, part},
};
use std::ops::RangeInclusive;

/// Calling code and digits after it (ITU Operational Bulletin, national numbering plans), by length and value of the code.
const PLANS: &[(&str, RangeInclusive<usize>)] = &[
    ("1", 10..=10),
    ("7", 10..=10),
    ("20", 8..=10),
    ("27", 9..=9),
    ("30", 10..=10),
    ("31", 9..=9),
    ("32", 8..=9),
    ("33", 9..=9),
    ("34", 9..=9),
    ("36", 8..=9),
    ("39", 6..=11),
    ("40", 9..=9),
    ("41", 9..=9),
    ("43", 6..=13),
    ("44", 9..=10),
    ("45", 8..=8),
    ("46", 7..=10),
    ("47", 8..=8),
    ("48", 9..=9),
    ("49", 6..=12),
    ("51", 8..=9),
    ("52", 10..=10),
    ("53", 6..=8),
    ("54", 10..=11),
    ("55", 10..=11),
    ("56", 9..=9),
    ("57", 8..=10),
    ("58", 10..=10),
    ("60", 8..=10),
    ("61", 9..=9),
    ("62", 8..=12),
    ("63", 8..=10),
    ("64", 8..=10),
    ("65", 8..=8),
    ("66", 8..=9),
    ("81", 9..=10),
    ("82", 8..=10),
    ("84", 9..=10),
    ("86", 9..=11),
    ("90", 10..=10),
    ("91", 10..=10),
    ("92", 9..=10),
    ("93", 9..=9),
    ("94", 9..=9),
    ("95", 7..=10),
    ("98", 10..=10),
    ("212", 9..=9),
    ("213", 8..=9),
    ("216", 8..=8),
    ("218", 8..=9),
    ("220", 7..=7),
    ("221", 9..=9),
    ("225", 10..=10),
    ("233", 9..=9),
    ("234", 8..=10),
    ("237", 8..=9),
    ("243", 9..=9),
    ("249", 9..=9),
    ("250", 9..=9),
    ("251", 9..=9),
    ("254", 9..=9),
    ("255", 9..=9),
    ("256", 9..=9),
    ("258", 8..=9),
    ("260", 9..=9),
    ("263", 8..=9),
    ("264", 8..=9),
    ("350", 8..=8),
    ("351", 9..=9),
    ("352", 6..=9),
    ("353", 7..=9),
    ("354", 7..=7),
    ("355", 8..=9),
    ("356", 8..=8),
    ("357", 8..=8),
    ("358", 6..=12),
    ("359", 8..=9),
    ("370", 8..=8),
    ("371", 8..=8),
    ("372", 7..=8),
    ("373", 8..=8),
    ("374", 8..=8),
    ("375", 9..=9),
    ("376", 6..=6),
    ("377", 8..=9),
    ("380", 9..=9),
    ("381", 8..=9),
    ("382", 8..=8),
    ("383", 8..=8),
    ("385", 8..=9),
    ("386", 8..=8),
    ("387", 8..=8),
    ("389", 8..=8),
    ("420", 9..=9),
    ("421", 9..=9),
    ("423", 7..=9),
    ("502", 8..=8),
    ("503", 8..=8),
    ("504", 8..=8),
    ("505", 8..=8),
    ("506", 8..=8),
    ("507", 7..=8),
    ("591", 8..=8),
    ("593", 8..=9),
    ("595", 9..=9),
    ("598", 8..=8),
    ("852", 8..=8),
    ("853", 8..=8),
    ("855", 8..=9),
    ("856", 8..=10),
    ("880", 8..=10),
    ("886", 8..=9),
    ("960", 7..=7),
    ("961", 7..=8),
    ("962", 8..=9),
    ("963", 8..=9),
    ("964", 8..=10),
    ("965", 8..=8),
    ("966", 8..=9),
    ("968", 8..=8),
    ("971", 8..=9),
    ("972", 8..=9),
    ("973", 8..=8),
    ("974", 8..=8),
    ("975", 7..=8),
    ("976", 8..=8),
    ("977", 8..=10),
    ("992", 9..=9),
    ("993", 8..=8),
    ("994", 9..=9),
    ("995", 9..=9),
    ("996", 9..=9),
    ("998", 9..=9),
];

/// Check `phone-international`: `+` or `00`, a calling code, a national number of its length. A trunk `(0)` is left out.
pub(super) fn international(subject: &Subject<'_>) -> Judgement {
    let (head, tail) = subject.value.split_once("(0)").unwrap_or((subject.value, ""));
    let mut all = [0_u8; DIGITS_MAX];
    let written = head.bytes().chain(tail.bytes()).filter(u8::is_ascii_digit);
    let length = all.iter_mut().zip(written).map(|(slot, digit)| *slot = digit).count();
    let number = all.get(..length).and_then(|digits| std::str::from_utf8(digits).ok()).unwrap_or_default();
    let number = if head.starts_with('+') { number } else { number.strip_prefix("00").unwrap_or(number) };
    let Some(code) = (1..=3).find_map(|length| plan_of(number, length)) else { return Judgement::Fails };
    let digits = digits(number);
    let american = digits.get(1..).is_some_and(is_nanp);
    if is_one_digit(&digits) || code == "1" && !american {
        return Judgement::Fails;
    }
    Judgement::scored(0.9, format!("number of the plan of +{code}"))
}

/// The calling code of so many digits, if the number has the length of its plan.
fn plan_of(number: &str, code_length: usize) -> Option<&str> {
    let (code, national) = number.split_at_checked(code_length)?;
    let index = PLANS.binary_search_by(|(known, _)| (known.len(), *known).cmp(&(code_length, code))).ok()?;
    PLANS.get(index).filter(|(_, lengths)| lengths.contains(&national.len())).map(|_| code)
}

/// Digits of a number read at most: E.164 has 15.
const DIGITS_MAX: usize = 20;

/// Area and exchange begin with 2–9 and are no service code (North American Numbering Plan).
fn is_nanp(national: &[u32]) -> bool {
    let (area, exchange) = (part(national, 0..3), part(national, 3..6));
    national.len() == 10
        && (200..1000).contains(&area)
        && (200..1000).contains(&exchange)
        && area % 100 != 11
        && exchange % 100 != 11
}

/// Check `phone-national`: plausible length. For rules that ask for a word near it, or for a form that says enough.
pub(super) fn national(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let odd = is_one_digit(&digits) || is_calendar(subject.value) || is_postal(subject.value) || is_constant(subject);
    if odd || !(7..=12).contains(&digits.len()) {
        return Judgement::Fails;
    }
    let american = is_nanp(&digits) && subject.value.bytes().any(|b| !b.is_ascii_digit());
    let trunk = digits.first() == Some(&0) && digits.get(1) != Some(&0) && digits.len() >= 8;
    match (american, trunk) {
        (true, _) => Judgement::scored(0.8, "form of a North American number"),
        (false, true) => Judgement::scored(0.75, "trunk prefix 0"),
        (false, false) => Judgement::scored(0.6, "length of a telephone number"),
    }
}

/// Check `phone-nanp`: a grouped number of North America, which says enough in itself.
pub(super) fn nanp(subject: &Subject<'_>) -> Judgement {
    Judgement::holds(is_nanp(&digits(subject.value)))
}

/// `15213-3890`: a postal code of the United States with its extension.
fn is_postal(value: &str) -> bool {
    value.len() == 10
        && value.as_bytes().get(5) == Some(&b'-')
        && value.bytes().filter(|b| !b.is_ascii_digit()).count() == 1
}

/// `…: u32 = 2147790711`: the value of a typed constant.
fn is_constant(subject: &Subject<'_>) -> bool {
    let before = subject.before(7);
    ["u32 = ", "i32 = ", "u64 = ", "i64 = ", "int = "].iter().any(|tail| before.ends_with(tail))
}

/// `2024-01-31 12`, `31.01.2024`: a date.
fn is_calendar(value: &str) -> bool {
    let digits = digits(value);
    let year_first = matches!(part(&digits, 0..4), 1900..=2099)
        && matches!(part(&digits, 4..6), 1..=12)
        && value.as_bytes().get(4).is_some_and(|b| !b.is_ascii_digit());
    let year_first = year_first || matches!(part(&digits, 0..4), 1900..=2099) && value.starts_with('(');
    let year_last = digits.len() == 8 && matches!(part(&digits, 4..8), 1900..=2099) && part(&digits, 0..2) <= 31;
    year_first || year_last
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn international_numbers_follow_their_plan() {
        for value in
            ["+49 30 901820", "+1 (415) 555-2671", "+44 (0)20 7946 0958", "0033 1 23 45 67 89", "+91 98765 43210"]
        {
            assert!(matches!(check(international, value), Judgement::Scored { .. }), "{value}");
        }
        for value in ["+1 123 456 7890", "+999 12345678", "+49 1", "+3312345"] {
            assert_eq!(check(international, value), Judgement::Fails, "{value}");
        }
    }

    #[test]
    fn plans_are_in_order() {
        assert!(PLANS.is_sorted_by_key(|(code, _)| (code.len(), *code)));
    }

    #[test]
    fn dates_are_no_telephone_numbers() {
        for value in ["2024-01-31 12", "31.01.2024"] {
            assert_eq!(check(national, value), Judgement::Fails, "{value}");
        }
    }
}
