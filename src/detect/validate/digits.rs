//! Arithmetic that many numbers share: digits without separators, Luhn, weighted sums. Knows no country.

use super::{Judgement, Subject};

/// The digits of a value as numbers 0–9, whatever stands between them. At most 40.
#[must_use]
pub fn digits(value: &str) -> Vec<u32> {
    value.bytes().filter(u8::is_ascii_digit).take(40).map(|b| u32::from(b - b'0')).collect()
}

/// Digits as one number. 0 when they do not fit.
#[must_use]
pub fn number(digits: &[u32]) -> u64 {
    digits.iter().try_fold(0_u64, |sum, digit| sum.checked_mul(10)?.checked_add(u64::from(*digit))).unwrap_or(0)
}

/// Sum of digit × weight, as far as the shorter goes.
#[must_use]
pub fn weighted(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}

/// Luhn formula, ISO/IEC 7812-1 annex B, over all digits, the last being the check digit.
#[must_use]
pub fn luhn_holds(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, &digit)| match (index % 2, digit * 2) {
            (0, _) => digit,
            (_, doubled) => doubled / 10 + doubled % 10,
        })
        .sum();
    digits.len() > 1 && sum.is_multiple_of(10)
}

/// All digits are the same: passes many checksums and belongs to nobody.
#[must_use]
pub fn is_one_digit(digits: &[u32]) -> bool {
    digits.windows(2).all(|pair| matches!(pair, [a, b] if a == b))
}

/// A day and month that exist in some year.
#[must_use]
pub fn is_date(day: u64, month: u64) -> bool {
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 29,
        _ => 0,
    };
    (1..=last).contains(&day)
}

/// A part of the digits as a number; 0 outside.
#[must_use]
pub fn part(digits: &[u32], range: std::ops::Range<usize>) -> u64 {
    number(digits.get(range).unwrap_or_default())
}

/// Check `luhn`: Luhn over the digits of the value.
pub(super) fn luhn(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    Judgement::holds(luhn_holds(&digits) && !is_one_digit(&digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luhn_knows_the_example_of_the_standard() {
        assert!(luhn_holds(&digits("4992 7398 716")));
        assert!(!luhn_holds(&digits("4992 7398 717")));
        assert!(!luhn_holds(&[]));
    }
}
