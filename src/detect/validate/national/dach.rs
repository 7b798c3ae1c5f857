//! Numbers of Germany, Austria and Switzerland.

use crate::detect::validate::{
    Judgement, Subject, Validator,
    digits::{
        at, compact, complement, digits, is_date, last, luhn_holds, mod_11_10_holds, numeric, ordinal, part,
        seven_three_one, weighted,
    },
};

/// The checks of this file.
pub(in crate::detect::validate) const CHECKS: &[(&str, Validator)] = &[
    ("de-steuer-id", de_steuer_id),
    ("de-sozialversicherung", de_sozialversicherung),
    ("de-krankenversicherung", de_krankenversicherung),
    ("de-document", de_document),
    ("de-ust", de_ust),
    ("at-svnr", at_svnr),
    ("at-tax", at_tax),
    ("at-uid", at_uid),
    ("ch-ahv", ch_ahv),
    ("ch-uid", ch_uid),
];

/// Check `de-steuer-id`: ISO/IEC 7064 MOD 11,10; among the first ten digits exactly one stands twice or thrice, not three
/// in a row (Bundeszentralamt für Steuern, § 139b AO).
pub fn de_steuer_id(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 11, |d| {
        let body = d.get(..10).unwrap_or_default();
        let mut counts = [0_usize; 10];
        for digit in body {
            let slot = usize::try_from(*digit).ok().and_then(|index| counts.get_mut(index));
            slot.into_iter().for_each(|count| *count += 1);
        }
        let repeated = counts.iter().filter(|count| **count > 1).count() == 1 && counts.iter().all(|count| *count <= 3);
        let in_a_row = body.windows(3).any(|three| matches!(three, [a, b, c] if a == b && b == c));
        at(d, 0) != 0 && repeated && !in_a_row && mod_11_10_holds(d)
    })
}

/// Check `de-sozialversicherung`: area, birth date, letter, serial, check digit by cross sums
/// (Deutsche Rentenversicherung, VKVV § 4).
pub fn de_sozialversicherung(subject: &Subject<'_>) -> Judgement {
    let compact = compact(subject.value);
    let Some(letter) = compact.get(8).filter(|b| b.is_ascii_alphabetic()) else { return Judgement::Fails };
    let letter = ordinal(*letter) - 9;
    let plain = digits(subject.value);
    let (Some(head), Some(tail)) = (plain.get(..8), plain.get(8..11)) else { return Judgement::Fails };
    let mut all = head.to_vec();
    all.extend([letter / 10, letter % 10]);
    all.extend(tail.iter().take(2));
    let sum = cross_sums(&all, &[2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1]);
    let date = is_date(part(&plain, 2..4) % 50, part(&plain, 4..6));
    Judgement::holds(compact.len() == 12 && date && Some(&(sum % 10)) == tail.get(2))
}

/// Sum of the digits of digit × weight.
fn cross_sums(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).map(|product| product / 10 + product % 10).sum()
}

/// Check `de-krankenversicherung`: a letter and nine digits, the last a check by cross sums with weights 1-2; the long form
/// carries the insurer's number behind (GKV-Spitzenverband, § 290 SGB V).
pub fn de_krankenversicherung(subject: &Subject<'_>) -> Judgement {
    let compact = compact(subject.value);
    let (Some(letter), Some(rest)) = (compact.first(), compact.get(1..10)) else { return Judgement::Fails };
    if !letter.is_ascii_alphabetic() || !rest.iter().all(u8::is_ascii_digit) || !matches!(compact.len(), 10 | 20 | 30) {
        return Judgement::Fails;
    }
    let letter = ordinal(*letter) - 9;
    let mut all = vec![letter / 10, letter % 10];
    all.extend(rest.iter().take(8).map(|byte| ordinal(*byte)));
    let sum = cross_sums(&all, &[1, 2, 1, 2, 1, 2, 1, 2, 1, 2]);
    Judgement::holds(rest.last().map(|byte| ordinal(*byte)) == Some(sum % 10))
}

/// Check `de-document`: nine characters of the serial and a check digit with weights 7-3-1 (ICAO 9303-3; Personalausweisverordnung).
pub fn de_document(subject: &Subject<'_>) -> Judgement {
    let compact = compact(subject.value);
    let Some(serial) = compact.get(..9) else { return Judgement::Fails };
    let written = serial.iter().all(|byte| byte.is_ascii_digit() || b"CFGHJKLMNPRTVWXYZ".contains(byte));
    let mixed = serial.iter().any(u8::is_ascii_digit);
    match compact.get(9) {
        Some(check) => Judgement::holds(written && mixed && ordinal(*check) == seven_three_one(serial)),
        None => Judgement::holds(written && mixed),
    }
}

/// Check `de-ust`: ISO/IEC 7064 MOD 11,10 over nine digits (Bundeszentralamt für Steuern, USt-IdNr.).
pub fn de_ust(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 9, |d| at(d, 0) > 0 && mod_11_10_holds(d))
}

/// Check `at-svnr`: fourth digit is the weighted sum modulo 11, last six a birth date, month 13 and up when the day is full
/// (Dachverband der Sozialversicherungsträger).
pub fn at_svnr(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 10, |d| {
        let sum = weighted(d, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11;
        let month = part(d, 6..8);
        let date = is_date(part(d, 4..6), if month > 12 { month - 12 } else { month });
        at(d, 0) != 0 && at(d, 3) == sum && date
    })
}

/// Check `at-tax`: Luhn over nine digits, the first two the office (Bundesministerium für Finanzen, Abgabenkontonummer).
pub fn at_tax(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 9, |d| part(d, 0..2) >= 3 && luhn_holds(d))
}

/// Check `at-uid`: `U` and eight digits, Luhn with 4 added (Bundesministerium für Finanzen, UID).
pub fn at_uid(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 8, |d| last(d) == (6 + complement(cross_sums(d, &[1, 2, 1, 2, 1, 2, 1]), 10)) % 10)
}

/// Check `ch-ahv`: 756 and an EAN-13 check digit (Bundesamt für Sozialversicherungen, AHVN13).
pub fn ch_ahv(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 13, |d| {
        let sum = weighted(d, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3]);
        part(d, 0..3) == 756 && last(d) == complement(sum, 10)
    })
}

/// Check `ch-uid`: CHE and nine digits, weights 5-4-3-2-7-6-5-4 modulo 11 (Bundesamt für Statistik, UID).
pub fn ch_uid(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 9, |d| last(d) == complement(weighted(d, &[5, 4, 3, 2, 7, 6, 5, 4]), 11))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::validate::check;

    #[test]
    fn published_examples_hold_and_their_neighbours_do_not() {
        assert_eq!(check(de_steuer_id, "86 095 742 719"), Judgement::Holds);
        assert_eq!(check(de_steuer_id, "86 095 742 718"), Judgement::Fails);
        assert_eq!(check(de_sozialversicherung, "65 170839 J 003"), Judgement::Holds);
        assert_eq!(check(de_sozialversicherung, "65 170839 J 004"), Judgement::Fails);
        assert_eq!(check(de_sozialversicherung, "15 070649 C 103"), Judgement::Holds);
        assert_eq!(check(de_krankenversicherung, "A123456780"), Judgement::Holds);
        assert_eq!(check(de_krankenversicherung, "A123456781"), Judgement::Fails);
        assert_eq!(check(de_document, "T220001293"), Judgement::Holds);
        assert_eq!(check(de_document, "T220001294"), Judgement::Fails);
        assert_eq!(check(at_svnr, "1237 010180"), Judgement::Holds);
        assert_eq!(check(at_svnr, "1238 010180"), Judgement::Fails);
        assert_eq!(check(at_uid, "ATU13585627"), Judgement::Holds);
        assert_eq!(check(at_uid, "ATU13585626"), Judgement::Fails);
        assert_eq!(check(ch_ahv, "756.9217.0769.85"), Judgement::Holds);
        assert_eq!(check(ch_ahv, "756.9217.0769.84"), Judgement::Fails);
        assert_eq!(check(ch_uid, "CHE-100.155.212"), Judgement::Holds);
        assert_eq!(check(ch_uid, "CHE-100.155.213"), Judgement::Fails);
    }
}
