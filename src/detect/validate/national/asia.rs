//! Numbers of India, China, Singapore and Australia.

use crate::detect::validate::{
    Judgement, Subject,
    digits::{digits, is_date, is_one_digit, part, weighted},
};

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

/// Check `in-aadhaar`: Verhoeff, first digit 2–9 (UIDAI, Aadhaar numbering scheme).
pub fn in_aadhaar(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let first = digits.first().is_some_and(|first| *first >= 2);
    Judgement::holds(digits.len() == 12 && first && !is_one_digit(&digits) && verhoeff_holds(&digits))
}

/// Check `in-pan`: fourth letter is a kind of holder (Income Tax Department of India).
pub fn in_pan(subject: &Subject<'_>) -> Judgement {
    Judgement::holds(subject.value.as_bytes().get(3).is_some_and(|kind| b"PCHFATBLJG".contains(kind)))
}

/// Check `cn-resident`: ISO 7064 MOD 11-2 (GB 11643-1999), birth date.
pub fn cn_resident(subject: &Subject<'_>) -> Judgement {
    const CHECKS: &[u8; 11] = b"10X98765432";
    let digits = digits(subject.value);
    let sum = weighted(&digits, &[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]);
    let check = usize::try_from(sum % 11).ok().and_then(|index| CHECKS.get(index));
    let last = subject.value.bytes().last().map(|b| b.to_ascii_uppercase());
    let date = is_date(part(&digits, 12..14), part(&digits, 10..12)) && matches!(part(&digits, 6..8), 18..=20);
    Judgement::holds(subject.value.len() == 18 && date && check.copied() == last)
}

/// Check `au-tfn`: weights 1-4-3-7-5-8-6-9-10 modulo 11 (Australian Taxation Office).
pub fn au_tfn(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let sum = weighted(&digits, &[1, 4, 3, 7, 5, 8, 6, 9, 10]);
    Judgement::holds(digits.len() == 9 && !is_one_digit(&digits) && sum.is_multiple_of(11))
}

/// Check `sg-nric`: weights 2-7-6-5-4-3-2 modulo 11, letters by series (Immigration & Checkpoints Authority).
pub fn sg_nric(subject: &Subject<'_>) -> Judgement {
    let bytes = subject.value.as_bytes();
    let (Some(series), Some(check)) = (bytes.first(), bytes.last()) else { return Judgement::Fails };
    let offset = match series {
        b'T' | b'G' => 4,
        b'M' => 3,
        _ => 0,
    };
    let letters: &[u8; 11] = match series {
        b'S' | b'T' => b"JZIHGFEDCBA",
        b'F' | b'G' => b"XWUTRQPNMLK",
        _ => b"XWUTRQPNJLK",
    };
    let digits = digits(subject.value);
    let sum = weighted(&digits, &[2, 7, 6, 5, 4, 3, 2]) + offset;
    let index = usize::try_from(sum % 11).unwrap_or(0);
    let index = if *series == b'M' { 10 - index } else { index };
    Judgement::holds(digits.len() == 7 && letters.get(index) == Some(check))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::validate::check;

    #[test]
    fn published_examples_hold_and_their_neighbours_do_not() {
        assert!(verhoeff_holds(&digits("2363")) && !verhoeff_holds(&digits("2364")));
        assert_eq!(check(in_aadhaar, "2341 2341 2346"), Judgement::Holds);
        assert_eq!(check(in_aadhaar, "2341 2341 2347"), Judgement::Fails);
        assert_eq!(check(cn_resident, "11010519491231002X"), Judgement::Holds);
        assert_eq!(check(cn_resident, "110105194912310021"), Judgement::Fails);
        assert_eq!(check(au_tfn, "123 456 782"), Judgement::Holds);
        assert_eq!(check(au_tfn, "123 456 789"), Judgement::Fails);
        assert_eq!(check(sg_nric, "S1234567D"), Judgement::Holds);
        assert_eq!(check(sg_nric, "S1234567E"), Judgement::Fails);
    }
}
