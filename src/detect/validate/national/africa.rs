//! Numbers of South Africa, Nigeria, Kenya, Ghana, Mauritius, Algeria and others.

use crate::detect::validate::{
    Judgement, Subject, Validator,
    digits::{
        at, compact, complement, digits, is_date, is_one_digit, is_yymmdd, is_yyyymmdd, luhn_holds, numeric, ordinal,
        part, weighted,
    },
};

/// The checks of this file.
pub(in crate::detect::validate) const CHECKS: &[(&str, Validator)] = &[
    ("za-id", za_id),
    ("gh-tin", gh_tin),
    ("mu-nid", mu_nid),
    ("tz-nida", tz_nida),
    ("rw-id", rw_id),
    ("dz-nin", dz_nin),
    ("plain-number", plain_number),
];

/// Check `za-id`: birth date, citizenship 0–2, Luhn (Department of Home Affairs, Identification Act 68 of 1997).
pub fn za_id(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 13, |d| is_yymmdd(d, 0) && at(d, 10) <= 2 && luhn_holds(d))
}

/// Check `gh-tin`: kind of holder, places as weights modulo 11, X for ten (Ghana Revenue Authority).
pub fn gh_tin(subject: &Subject<'_>) -> Judgement {
    let characters = compact(subject.value);
    let digits: Vec<u32> = characters.iter().skip(1).take(9).map(|byte| ordinal(*byte)).collect();
    let check = match weighted(&digits, &[1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11 {
        10 => b'X',
        rest => u8::try_from(rest).unwrap_or(0) + b'0',
    };
    Judgement::holds(characters.len() == 11 && characters.last() == Some(&check))
}

/// Check `mu-nid`: initial of the surname, birth date, serial, weights 14–2 modulo 17 (Civil Status Division of Mauritius).
pub fn mu_nid(subject: &Subject<'_>) -> Judgement {
    let characters = compact(subject.value);
    let values: Vec<u32> = characters.iter().map(|byte| ordinal(*byte)).collect();
    let digits = digits(subject.value);
    let weights: Vec<u32> = (2..=14).rev().collect();
    let date = is_date(part(&digits, 0..2), part(&digits, 2..4));
    let check = complement(weighted(&values, &weights), 17);
    Judgement::holds(values.len() == 14 && date && values.last() == Some(&check))
}

/// Check `tz-nida`: birth date, postcode, serial, twenty digits (National Identification Authority of Tanzania).
pub fn tz_nida(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 20, |d| is_yyyymmdd(d, 0))
}

/// Check `rw-id`: kind of holder 1–3, year of birth, sex 7 or 8 (National Identification Agency of Rwanda).
pub fn rw_id(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 16, |d| {
        matches!(at(d, 0), 1..=3) && matches!(part(d, 1..5), 1900..=2035) && matches!(at(d, 5), 7 | 8)
    })
}

/// Check `dz-nin`: eighteen digits, kind 1 or 2, sex 0 or 1, three digits of the year of birth; no Chinese number, whose century stands further behind (Ministère de l'Intérieur, décret exécutif 10-210).
pub fn dz_nin(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 18, |d| {
        let year = matches!(part(d, 2..5), 0..=35 | 900..=999);
        matches!(at(d, 0), 1 | 2) && at(d, 1) <= 1 && year && !matches!(part(d, 6..8), 19 | 20)
    })
}

/// Check `plain-number`: digits that are not all the same, and no letter or further number belongs to them: what numbers without
/// a checksum can be asked.
pub fn plain_number(subject: &Subject<'_>) -> Judgement {
    let after = subject.after(3);
    let next = after.trim_start_matches(['-', ' ']).as_bytes();
    let letter = next.first().is_some_and(u8::is_ascii_uppercase) && !next.get(1).is_some_and(u8::is_ascii_alphabetic);
    let goes_on = after.starts_with(['-', '/', '.', ',']) && after.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
    let before = subject.before(2).as_bytes();
    let began = before.first().is_some_and(u8::is_ascii_digit) && before.last().is_some_and(|b| b"-/.".contains(b));
    Judgement::holds(!(is_one_digit(&digits(subject.value)) || letter || goes_on || began))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::validate::check;

    #[test]
    fn published_examples_hold_and_their_neighbours_do_not() {
        let cases: &[(Validator, &str, &str)] = &[
            (za_id, "7503305044089", "8503305044089"),
            (za_id, "8001015009087", "9125568"),
            (gh_tin, "C0000803561", "C0000803562"),
            (rw_id, "1199080012345678", "1299080012345678"),
        ];
        for (validator, right, wrong) in cases {
            assert_eq!(check(*validator, right), Judgement::Holds, "{right}");
            assert_eq!(check(*validator, wrong), Judgement::Fails, "{wrong}");
        }
    }

    #[test]
    fn a_plain_number_has_no_letter_of_its_own() {
        let text = "DNI 12345678-A y 30123456.";
        let at = |range: std::ops::Range<usize>| {
            let value = text.get(range.clone()).unwrap();
            plain_number(&Subject { value, text, range })
        };
        assert_eq!(at(4..12), Judgement::Fails);
        assert_eq!(at(17..25), Judgement::Holds);
    }
}
