//! Numbers of the United States, Canada and Mexico.

use crate::detect::validate::{
    Judgement, Subject, Validator,
    digits::{
        at, compact, complement, digits, is_date, is_one_digit, is_yymmdd, last, lettered, luhn_holds, numeric, part,
        weighted,
    },
};

/// The checks of this file.
pub(in crate::detect::validate) const CHECKS: &[(&str, Validator)] = &[
    ("us-ssn", us_ssn),
    ("us-itin", us_itin),
    ("us-ein", us_ein),
    ("us-npi", us_npi),
    ("us-dea", us_dea),
    ("us-mbi", us_mbi),
    ("ca-sin", ca_sin),
    ("ca-ohip", ca_ohip),
    ("ca-ramq", ca_ramq),
    ("ca-phn", ca_phn),
    ("ca-bn", ca_bn),
    ("mx-curp", mx_curp),
    ("mx-rfc", mx_rfc),
    ("mx-rfc-checked", mx_rfc_checked),
    ("mx-nss", mx_nss),
    ("mx-elector", mx_elector),
];

/// Numbers printed in advertisements and examples; the Social Security Administration lists them as invalid.
const NEVER_ISSUED: [u64; 4] = [78_051_120, 219_099_999, 457_555_462, 123_456_789];

/// Check `us-ssn`: no area 000, 666 or 9xx, no group 00, no serial 0000 (SSA, «Social Security Number Randomization»).
pub fn us_ssn(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 9, |d| {
        let (area, group, serial) = (part(d, 0..3), part(d, 3..5), part(d, 5..9));
        let valid = area != 0 && area != 666 && area < 900 && group != 0 && serial != 0;
        valid && !NEVER_ISSUED.contains(&part(d, 0..9))
    })
}

/// Check `us-itin`: 9xx with a group of 50–65, 70–88, 90–92 or 94–99; 93 is an ATIN (IRS publication 1915, form W-7A).
pub fn us_itin(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 9, |d| at(d, 0) == 9 && matches!(part(d, 3..5), 50..=65 | 70..=88 | 90..=99))
}

/// Check `us-ein`: a prefix that a campus of the IRS has given out (IRS, «How EINs are assigned and valid EIN prefixes»).
pub fn us_ein(subject: &Subject<'_>) -> Judgement {
    numeric(
        subject,
        9,
        |d| !matches!(part(d, 0..2), 0 | 7..=9 | 17..=19 | 28 | 29 | 49 | 69 | 70 | 78 | 79 | 89 | 96 | 97),
    )
}

/// Check `us-npi`: Luhn with 80840 before it, first digit 1 or 2 (CMS, National Provider Identifier, 45 CFR 162.406).
pub fn us_npi(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 10, |d| {
        let whole: Vec<u32> = [8, 0, 8, 4, 0].iter().chain(d).copied().collect();
        matches!(at(d, 0), 1 | 2) && luhn_holds(&whole)
    })
}

/// Check `us-dea`: odd places and twice the even ones modulo 10, kind of registrant (Drug Enforcement Administration).
pub fn us_dea(subject: &Subject<'_>) -> Judgement {
    lettered(subject, 9, |characters| {
        let digits = digits(&String::from_utf8_lossy(characters.get(2..).unwrap_or_default()));
        let kind = characters.first().is_some_and(|kind| b"ABCDEFGHJKLMPRSTUX".contains(kind));
        kind && digits.len() == 7 && weighted(&digits, &[1, 2, 1, 2, 1, 2]) % 10 == last(&digits)
    })
}

/// Check `us-mbi`: eleven places, each with its own set, no S, L, O, I, B, Z (CMS, Medicare Beneficiary Identifier format).
pub fn us_mbi(subject: &Subject<'_>) -> Judgement {
    lettered(subject, 11, |characters| {
        characters.iter().zip(b"CAXNAXNAANN").all(|(byte, place)| {
            let letter = byte.is_ascii_uppercase() && !b"SLOIBZ".contains(byte);
            match place {
                b'C' => matches!(byte, b'1'..=b'9'),
                b'A' => letter,
                b'N' => byte.is_ascii_digit(),
                _ => letter || byte.is_ascii_digit(),
            }
        })
    })
}

/// Check `ca-sin`: Luhn, first digit not 0 or 8 (Employment and Social Development Canada).
pub fn ca_sin(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 9, |d| !matches!(at(d, 0), 0 | 8) && luhn_holds(d))
}

/// Check `ca-ohip`: Luhn over ten digits, two letters of the version may follow (Ontario Ministry of Health).
pub fn ca_ohip(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 10, |d| at(d, 0) > 0 && luhn_holds(d))
}

/// Check `ca-ramq`: four letters of the names, birth date with 50 on a woman's month (Régie de l'assurance maladie du Québec).
pub fn ca_ramq(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 8, |d| is_date(part(d, 4..6), part(d, 2..4) % 50))
}

/// Check `ca-phn`: ten digits beginning with 9, weights 2-4-8-5-10-9-7-3 modulo 11 (British Columbia Ministry of Health).
pub fn ca_phn(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 10, |d| {
        let check = complement(weighted(d.get(1..).unwrap_or_default(), &[2, 4, 8, 5, 10, 9, 7, 3]), 11);
        at(d, 0) == 9 && last(d) == check
    })
}

/// Check `ca-bn`: Luhn over the first nine digits (Canada Revenue Agency, business number).
pub fn ca_bn(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let nine = digits.get(..9).is_some_and(|nine| luhn_holds(nine) && !is_one_digit(nine));
    Judgement::holds(matches!(digits.len(), 9 | 13) && nine)
}

/// What a character counts in a CURP: its place in the alphabet with Ñ behind N.
fn curp_value(byte: u8) -> u32 {
    match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        b'A'..=b'N' => u32::from(byte - b'A') + 10,
        b'O'..=b'Z' => u32::from(byte - b'A') + 11,
        _ => 24,
    }
}

/// Check `mx-curp`: birth date, weights 18–2 modulo 10 (RENAPO, Instructivo normativo para la asignación de la CURP).
pub fn mx_curp(subject: &Subject<'_>) -> Judgement {
    lettered(subject, 18, |characters| {
        let date = digits(&String::from_utf8_lossy(characters.get(4..10).unwrap_or_default()));
        let values: Vec<u32> = characters.iter().map(|byte| curp_value(*byte)).collect();
        let weights: Vec<u32> = (2..=18).rev().collect();
        date.len() == 6 && is_yymmdd(&date, 0) && last(&values) == complement(weighted(&values, &weights), 10)
    })
}

/// Check `mx-rfc`: three or four letters, a date; sure where the check character holds too, which many issued before 1992 do
/// not (Servicio de Administración Tributaria).
pub fn mx_rfc(subject: &Subject<'_>) -> Judgement {
    let characters = compact_with_signs(subject.value);
    let Some(date) = characters.len().checked_sub(9).and_then(|from| characters.get(from..from + 6)) else {
        return Judgement::Fails;
    };
    let date = digits(&String::from_utf8_lossy(date));
    if date.len() != 6 || !is_yymmdd(&date, 0) {
        return Judgement::Fails;
    }
    if rfc_check_holds(&characters) {
        return Judgement::scored(0.95, "date and check character hold");
    }
    Judgement::scored(0.75, "date holds")
}

/// Check `mx-rfc-checked`: the date and the check character modulo 11 (Servicio de Administración Tributaria).
pub fn mx_rfc_checked(subject: &Subject<'_>) -> Judgement {
    let checked = rfc_check_holds(&compact_with_signs(subject.value));
    Judgement::holds(checked && mx_rfc(subject) != Judgement::Fails)
}

fn compact_with_signs(value: &str) -> Vec<u8> {
    value.replace('Ñ', "~").bytes().filter(|b| b.is_ascii_alphanumeric() || b"&~".contains(b)).collect()
}

fn rfc_check_holds(characters: &[u8]) -> bool {
    let value = |byte: &u8| match byte {
        b'&' => 24,
        b'~' => 38,
        b'O'..=b'Z' => u32::from(byte - b'A') + 11,
        other => curp_value(*other),
    };
    let Some((check, body)) = characters.split_last().filter(|(_, body)| matches!(body.len(), 11 | 12)) else {
        return false;
    };
    let pad = if body.len() == 11 { 37 * 13 } else { 0 };
    let sum: u32 = body.iter().rev().zip(2..).map(|(byte, weight)| value(byte) * weight).sum::<u32>() + pad;
    match complement(sum, 11) {
        10 => *check == b'A',
        digit => u32::from(check.wrapping_sub(b'0')) == digit,
    }
}

/// Check `mx-nss`: Luhn over eleven digits (Instituto Mexicano del Seguro Social).
pub fn mx_nss(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 11, luhn_holds)
}

/// Check `mx-elector`: six letters, birth date, state, sex, three digits (Instituto Nacional Electoral, clave de elector).
pub fn mx_elector(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let letters = compact(subject.value).iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let state = matches!(part(&digits, 6..8), 1..=32 | 87 | 88);
    Judgement::holds(letters == 7 && digits.len() == 11 && is_yymmdd(&digits, 0) && state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::validate::check;

    #[test]
    fn published_examples_hold_and_their_neighbours_do_not() {
        let cases: &[(Validator, &str, &str)] = &[
            (us_ssn, "536-90-4399", "000-12-3456"),
            (us_itin, "912-70-1234", "912-69-1234"),
            (us_npi, "1234567893", "1234567890"),
            (us_dea, "AB1234563", "AB1234564"),
            (us_mbi, "1EG4-TE5-MK73", "1SG4-TE5-MK73"),
            (ca_sin, "130 692 544", "046 454 286"),
            (ca_bn, "12302 6635 RC 0001", "12345 6783 RC 0001"),
            (ca_phn, "9698 658 215", "9698 648 215"),
            (mx_curp, "BOXW310820HNERXN09", "BOXW310820HNERXN08"),
            (mx_rfc_checked, "GODE561231GR8", "GODE561231GR9"),
        ];
        for (validator, right, wrong) in cases {
            assert_eq!(check(*validator, right), Judgement::Holds, "{right}");
            assert_eq!(check(*validator, wrong), Judgement::Fails, "{wrong}");
        }
        for never in ["666-12-3456", "900-12-3456", "123-00-4567", "123-45-0000", "078-05-1120"] {
            assert_eq!(check(us_ssn, never), Judgement::Fails, "{never}");
        }
    }
}
