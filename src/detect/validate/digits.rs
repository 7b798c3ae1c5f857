//! Arithmetic that many numbers share: digits without separators, dates, weighted sums, Luhn, Verhoeff, ISO 7064.
//! Knows no country.

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

/// Letters and digits of a value, upper case, whatever stands between them.
#[must_use]
pub fn compact(value: &str) -> Vec<u8> {
    value.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_uppercase()).collect()
}

/// 0–9 for a digit, 10–35 for a letter: what ICAO 9303, ISO 7064 and most authorities count a character as.
#[must_use]
pub fn ordinal(byte: u8) -> u32 {
    match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        b'A'..=b'Z' => u32::from(byte - b'A') + 10,
        b'a'..=b'z' => u32::from(byte - b'a') + 10,
        _ => 0,
    }
}

/// The value is the end of something longer: a digit and a dash, dot or slash stand right before it.
#[must_use]
pub fn is_tail(subject: &Subject<'_>) -> bool {
    let before = subject.before(2).as_bytes();
    matches!(before, [digit, separator] if digit.is_ascii_digit() && b"-./".contains(separator))
}

/// [`Judgement::Holds`] where the value has exactly so many digits, not all the same, is no [tail](is_tail), and they pass
/// the test.
pub fn numeric(subject: &Subject<'_>, length: usize, test: impl FnOnce(&[u32]) -> bool) -> Judgement {
    let digits = digits(subject.value);
    Judgement::holds(digits.len() == length && !is_one_digit(&digits) && !is_tail(subject) && test(&digits))
}

/// [`Judgement::Holds`] where letters and digits together are exactly so many and pass the test. Upper case.
pub fn lettered(subject: &Subject<'_>, length: usize, test: impl FnOnce(&[u8]) -> bool) -> Judgement {
    let compact = compact(subject.value);
    Judgement::holds(compact.len() == length && test(&compact))
}

/// What is missing to the next multiple; 0 when nothing is.
#[must_use]
pub fn complement(sum: u32, modulus: u32) -> u32 {
    (modulus - sum % modulus) % modulus
}

/// Last digit.
#[must_use]
pub fn last(digits: &[u32]) -> u32 {
    digits.last().copied().unwrap_or(0)
}

/// One digit; 0 outside.
#[must_use]
pub fn at(digits: &[u32], index: usize) -> u32 {
    digits.get(index).copied().unwrap_or(0)
}

/// A calendar day that exists, of a year from 1870 to 2035.
#[must_use]
pub fn is_day(year: u64, month: u64, day: u64) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    (1870..=2035).contains(&year) && is_date(day, month) && (month != 2 || day < 29 || leap)
}

/// The six digits at `from` are year, month and day.
#[must_use]
pub fn is_yymmdd(digits: &[u32], from: usize) -> bool {
    is_date(part(digits, from + 4..from + 6), part(digits, from + 2..from + 4))
}

/// The six digits at `from` are day, month and year.
#[must_use]
pub fn is_ddmmyy(digits: &[u32], from: usize) -> bool {
    is_date(part(digits, from..from + 2), part(digits, from + 2..from + 4))
}

/// The eight digits at `from` are year, month and day.
#[must_use]
pub fn is_yyyymmdd(digits: &[u32], from: usize) -> bool {
    is_day(part(digits, from..from + 4), part(digits, from + 4..from + 6), part(digits, from + 6..from + 8))
}

/// ISO/IEC 7064 MOD 11,10 over all digits, the last being the check digit.
#[must_use]
pub fn mod_11_10_holds(digits: &[u32]) -> bool {
    let Some((check, body)) = digits.split_last() else { return false };
    let product = body.iter().fold(10, |product, digit| match (product + digit) % 10 {
        0 => 20 % 11,
        sum => sum * 2 % 11,
    });
    (product + check) % 10 == 1
}

/// Remainder of a decimal number of any length.
#[must_use]
pub fn remainder(digits: &[u32], modulus: u64) -> u64 {
    digits.iter().fold(0, |rest, digit| (rest * 10 + u64::from(*digit)) % modulus)
}

/// Multiplication of the dihedral group D5.
const PRODUCT: [[usize; 10]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
    [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
    [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
    [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
];
/// Permutation applied once more at each place.
const STEP: [usize; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

/// Check digit of J. Verhoeff (Mathematical Centre Tracts 29, 1969), the last digit being the check.
#[must_use]
pub fn verhoeff_holds(digits: &[u32]) -> bool {
    let mut sum = 0;
    for (place, digit) in digits.iter().rev().enumerate() {
        let mut permuted = usize::try_from(*digit).unwrap_or(0);
        for _ in 0..place % 8 {
            permuted = STEP.get(permuted).copied().unwrap_or(0);
        }
        sum = PRODUCT.get(sum).and_then(|row| row.get(permuted)).copied().unwrap_or(0);
    }
    sum == 0
}

/// Luhn formula in base 36, letters counting 10–35, the last character being the check.
#[must_use]
pub fn luhn_36_holds(characters: &[u8]) -> bool {
    let sum: u32 = characters
        .iter()
        .rev()
        .enumerate()
        .map(|(index, &byte)| match (index % 2, ordinal(byte) * 2) {
            (0, doubled) => doubled / 2,
            (_, doubled) => doubled / 36 + doubled % 36,
        })
        .sum();
    sum.is_multiple_of(36)
}

/// Weights 7, 3, 1 over characters as ICAO 9303 counts them; the remainder modulo 10.
#[must_use]
pub fn seven_three_one(characters: &[u8]) -> u32 {
    let weights = [7, 3, 1].into_iter().cycle();
    characters.iter().zip(weights).map(|(byte, weight)| ordinal(*byte) * weight).sum::<u32>() % 10
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
    fn verhoeff_knows_its_authors_example() {
        assert!(verhoeff_holds(&digits("2363")) && !verhoeff_holds(&digits("2364")));
    }

    #[test]
    fn mod_11_10_knows_the_example_of_the_standard() {
        assert!(mod_11_10_holds(&digits("07945")) && !mod_11_10_holds(&digits("07946")));
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        assert!(is_day(2000, 2, 29) && !is_day(1900, 2, 29) && !is_day(2001, 2, 29) && !is_day(1800, 1, 1));
        assert!(is_yymmdd(&digits("991231"), 0) && !is_yymmdd(&digits("991331"), 0));
    }

    #[test]
    fn luhn_knows_the_example_of_the_standard() {
        assert!(luhn_holds(&digits("4992 7398 716")));
        assert!(!luhn_holds(&digits("4992 7398 717")));
        assert!(!luhn_holds(&[]));
    }
}
