//! Numbers of Israel, Iran, Egypt, Saudi Arabia, the Emirates and Kuwait.

use crate::detect::validate::{
    Judgement, Subject, Validator,
    digits::{at, complement, digits, is_day, last, luhn_holds, numeric, part, weighted},
};

/// The checks of this file.
pub(in crate::detect::validate) const CHECKS: &[(&str, Validator)] = &[
    ("il-id", il_id),
    ("ir-melli", ir_melli),
    ("eg-national", eg_national),
    ("sa-national", sa_national),
    ("ae-emirates", ae_emirates),
    ("kw-civil", kw_civil),
    ("bh-cpr", bh_cpr),
];

/// Check `il-id`: Luhn over nine digits, shorter ones filled with zeros (רשות האוכלוסין, מספר זהות).
pub fn il_id(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 9, luhn_holds)
}

/// Check `ir-melli`: weights 10–2 modulo 11 (سازمان ثبت احوال کشور).
pub fn ir_melli(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 10, |d| {
        let rest = weighted(d, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
        last(d) == if rest < 2 { rest } else { 11 - rest }
    })
}

/// Check `eg-national`: century 2 or 3, birth date, governorate; how the check digit is computed is not published (وزارة الداخلية).
pub fn eg_national(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 14, |d| {
        let year = 1700 + 100 * part(d, 0..1) + part(d, 1..3);
        let governorate = matches!(part(d, 7..9), 1..=4 | 11..=19 | 21..=29 | 31..=35 | 88);
        matches!(at(d, 0), 2 | 3) && is_day(year, part(d, 3..5), part(d, 5..7)) && governorate
    })
}

/// Check `sa-national`: ten digits beginning with 1 (citizens) or 2 (Iqama), Luhn (وزارة الداخلية السعودية).
pub fn sa_national(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 10, |d| matches!(at(d, 0), 1 | 2) && luhn_holds(d))
}

/// Check `ae-emirates`: 784, year of birth, seven digits, Luhn (Federal Authority for Identity and Citizenship).
pub fn ae_emirates(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 15, |d| part(d, 0..3) == 784 && matches!(part(d, 3..7), 1900..=2035) && luhn_holds(d))
}

/// Check `kw-civil`: century, birth date, weights 2-1-6-3-7-9-10-5-8-4-2 modulo 11 (Public Authority for Civil Information).
pub fn kw_civil(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 12, |d| {
        let year = 1700 + 100 * part(d, 0..1) + part(d, 1..3);
        let check = 11 - weighted(d, &[2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11;
        matches!(at(d, 0), 1..=3) && is_day(year, part(d, 3..5), part(d, 5..7)) && last(d) == check
    })
}

/// Check `bh-cpr`: year and month of birth, serial, weights 9–2 modulo 11 (Information & eGovernment Authority).
pub fn bh_cpr(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let month = matches!(part(&digits, 2..4), 1..=12);
    let check = complement(weighted(&digits, &[9, 8, 7, 6, 5, 4, 3, 2]), 11) % 10;
    Judgement::holds(digits.len() == 9 && month && last(&digits) == check)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::validate::check;

    #[test]
    fn published_examples_hold_and_their_neighbours_do_not() {
        let cases: &[(Validator, &str, &str)] = &[
            (il_id, "039337423", "039337424"),
            (ir_melli, "0499370899", "0499370898"),
            (eg_national, "29001010100017", "29013010100017"),
            (sa_national, "1000000008", "1000000009"),
            (ae_emirates, "784-1987-1234567-1", "784-1987-1234567-4"),
            (kw_civil, "288051012349", "288051012348"),
        ];
        for (validator, right, wrong) in cases {
            assert_eq!(check(*validator, wrong), Judgement::Fails, "{wrong}");
            assert_eq!(check(*validator, right), Judgement::Holds, "{right}");
        }
    }
}
