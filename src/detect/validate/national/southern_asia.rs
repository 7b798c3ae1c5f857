//! Numbers of India, Pakistan, Bangladesh and Sri Lanka.

use crate::detect::validate::{
    Judgement, Subject, Validator,
    digits::{
        at, compact, digits, is_one_digit, lettered, luhn_36_holds, luhn_holds, number, numeric, part, verhoeff_holds,
    },
};

/// The checks of this file.
pub(in crate::detect::validate) const CHECKS: &[(&str, Validator)] = &[
    ("in-aadhaar", in_aadhaar),
    ("in-vid", in_vid),
    ("in-pan", in_pan),
    ("in-gstin", in_gstin),
    ("in-epic", in_epic),
    ("in-licence", in_licence),
    ("pk-cnic", pk_cnic),
    ("lk-nic", lk_nic),
];

/// Check `in-aadhaar`: Verhoeff, first digit 2–9 (UIDAI, Aadhaar numbering scheme).
pub fn in_aadhaar(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 12, |d| at(d, 0) >= 2 && verhoeff_holds(d))
}

/// Check `in-vid`: sixteen digits, Verhoeff, first digit 2–9 (UIDAI, Virtual ID).
pub fn in_vid(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 16, |d| at(d, 0) >= 2 && verhoeff_holds(d))
}

/// Check `in-pan`: fourth letter is a kind of holder, serial not 0000 (Income Tax Department of India).
pub fn in_pan(subject: &Subject<'_>) -> Judgement {
    lettered(subject, 10, |characters| {
        let kind = characters.get(3).is_some_and(|kind| b"PCHFATBLJGKE".contains(kind));
        kind && number(&digits(&String::from_utf8_lossy(characters))) > 0
    })
}

/// Check `in-gstin`: state, PAN, count, Z, Luhn modulo 36 (Goods and Services Tax Network).
pub fn in_gstin(subject: &Subject<'_>) -> Judgement {
    lettered(subject, 15, |characters| {
        let state = part(&digits(&String::from_utf8_lossy(characters)), 0..2);
        matches!(state, 1..=38 | 97 | 99) && luhn_36_holds(characters)
    })
}

/// Check `in-epic`: three letters and seven digits, Luhn (Election Commission of India).
pub fn in_epic(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    Judgement::holds(digits.len() == 7 && luhn_holds(&digits))
}

/// Check `in-licence`: code of the state, office, year, seven digits (Ministry of Road Transport, Sarathi).
pub fn in_licence(subject: &Subject<'_>) -> Judgement {
    const STATES: &[&[u8; 2]] = &[
        b"AN", b"AP", b"AR", b"AS", b"BR", b"CG", b"CH", b"DD", b"DL", b"DN", b"GA", b"GJ", b"HP", b"HR", b"JH", b"JK",
        b"KA", b"KL", b"LA", b"LD", b"MH", b"ML", b"MN", b"MP", b"MZ", b"NL", b"OD", b"OR", b"PB", b"PY", b"RJ", b"SK",
        b"TG", b"TN", b"TR", b"TS", b"UA", b"UK", b"UP", b"WB",
    ];
    let compact = compact(subject.value);
    let state = STATES.iter().any(|state| compact.starts_with(*state));
    let digits = digits(subject.value);
    let year = matches!(part(&digits, digits.len().saturating_sub(11)..digits.len().saturating_sub(7)), 1950..=2035);
    Judgement::holds(state && matches!(digits.len(), 12 | 13) && year)
}

/// Check `pk-cnic`: province 1–7, last digit not 0 (NADRA).
pub fn pk_cnic(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 13, |d| matches!(at(d, 0), 1..=7) && at(d, 12) > 0)
}

/// Check `lk-nic`: year, day of the year (+500 for women), serial; nine digits and V or X, or twelve (Department for Registration of Persons).
pub fn lk_nic(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let (years, day) = match digits.len() {
        9 => (true, part(&digits, 2..5)),
        12 => (matches!(part(&digits, 0..4), 1900..=2035), part(&digits, 4..7)),
        _ => return Judgement::Fails,
    };
    Judgement::holds(years && matches!(day, 1..=366 | 501..=866) && !is_one_digit(&digits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::validate::check;

    #[test]
    fn published_examples_hold_and_their_neighbours_do_not() {
        let cases: &[(Validator, &str, &str)] = &[
            (in_aadhaar, "2341 2341 2346", "2341 2341 2347"),
            (in_pan, "ACUPA7085R", "ACUXA7085R"),
            (in_gstin, "27AAPFU0939F1ZV", "27AAPFU0939F1ZO"),
            (in_epic, "WKH1186253", "WKH1186263"),
            (in_licence, "KA-01-2011-0000123", "ZZ-01-2011-0000123"),
            (pk_cnic, "34201-0891231-8", "84201-0891231-8"),
            (lk_nic, "853400937V", "859400937V"),
        ];
        for (validator, right, wrong) in cases {
            assert_eq!(check(*validator, right), Judgement::Holds, "{right}");
            assert_eq!(check(*validator, wrong), Judgement::Fails, "{wrong}");
        }
    }
}
