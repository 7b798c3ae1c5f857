//! Numbers of Colombia, Venezuela, Ecuador, Peru, Central America and the Caribbean.

use crate::detect::validate::{
    Judgement, Subject, Validator,
    digits::{
        at, compact, complement, digits, is_date, is_one_digit, is_tail, is_yymmdd, last, lettered, luhn_holds,
        numeric, part, weighted,
    },
};

/// The checks of this file.
pub(in crate::detect::validate) const CHECKS: &[(&str, Validator)] = &[
    ("co-nit", co_nit),
    ("ve-rif", ve_rif),
    ("ec-cedula", ec_cedula),
    ("ec-ruc", ec_ruc),
    ("pe-ruc", pe_ruc),
    ("do-cedula", do_cedula),
    ("do-rnc", do_rnc),
    ("gt-nit", gt_nit),
    ("gt-cui", gt_cui),
    ("sv-dui", sv_dui),
    ("sv-nit", sv_nit),
    ("hn-dni", hn_dni),
    ("ni-cedula", ni_cedula),
    ("cu-ni", cu_ni),
];

/// Check `co-nit`: primes from the right modulo 11 (DIAN, Número de Identificación Tributaria).
pub fn co_nit(subject: &Subject<'_>) -> Judgement {
    const PRIMES: [u32; 15] = [3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71];
    let digits = digits(subject.value);
    let Some((check, body)) = digits.split_last().filter(|(_, body)| (6..=15).contains(&body.len())) else {
        return Judgement::Fails;
    };
    let sum: u32 = body.iter().rev().zip(PRIMES).map(|(digit, weight)| digit * weight).sum();
    let rest = sum % 11;
    Judgement::holds(!is_tail(subject) && !is_one_digit(&digits) && *check == if rest < 2 { rest } else { 11 - rest })
}

/// Check `ve-rif`: kind of holder, nine digits, weights 3-2-7-6-5-4-3-2 modulo 11 (SENIAT, Registro Único de Información Fiscal).
pub fn ve_rif(subject: &Subject<'_>) -> Judgement {
    lettered(subject, 10, |characters| {
        let kind = match characters.first() {
            Some(b'V') => 4,
            Some(b'E') => 8,
            Some(b'J' | b'C') => 12,
            Some(b'P') => 16,
            Some(b'G') => 20,
            Some(_) | None => return false,
        };
        let digits = digits(&String::from_utf8_lossy(characters));
        let check = match complement(kind + weighted(&digits, &[3, 2, 7, 6, 5, 4, 3, 2]), 11) {
            10 => 0,
            check => check,
        };
        digits.len() == 9 && last(&digits) == check
    })
}

/// Check `ec-cedula`: province 01–24 or 30, third digit up to 6, Luhn (Dirección General de Registro Civil).
pub fn ec_cedula(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 10, ecuadorian)
}

fn ecuadorian(digits: &[u32]) -> bool {
    matches!(part(digits, 0..2), 1..=24 | 30 | 50) && at(digits, 2) < 7 && luhn_holds(digits)
}

/// Check `ec-ruc`: a cédula and 001, or a company's with a check digit modulo 11 (Servicio de Rentas Internas).
pub fn ec_ruc(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 13, |d| {
        let province = matches!(part(d, 0..2), 1..=24 | 30 | 50);
        let holds = match at(d, 2) {
            0..=5 => d.get(..10).is_some_and(ecuadorian),
            6 => weighted(d, &[3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11) && part(d, 9..13) > 0,
            9 => weighted(d, &[4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11),
            _ => false,
        };
        province && holds && part(d, 10..13) > 0
    })
}

/// Check `pe-ruc`: kind of holder, weights 5-4-3-2-7-6-5-4-3-2 modulo 11 (SUNAT, Registro Único de Contribuyentes).
pub fn pe_ruc(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 11, |d| {
        let check = (11 - weighted(d, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 10;
        matches!(part(d, 0..2), 10 | 15 | 16 | 17 | 20) && last(d) == check
    })
}

/// Check `do-cedula`: Luhn over eleven digits (Junta Central Electoral).
pub fn do_cedula(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 11, luhn_holds)
}

/// Check `do-rnc`: weights 7-9-8-6-5-4-3-2 modulo 11 and 9 (Dirección General de Impuestos Internos).
pub fn do_rnc(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 9, |d| {
        let rest = weighted(d, &[7, 9, 8, 6, 5, 4, 3, 2]) % 11;
        last(d) == (10 + 9 - rest) % 9 + 1
    })
}

/// Check `gt-nit`: weights from 2 rising from the right modulo 11, K for ten (Superintendencia de Administración Tributaria).
pub fn gt_nit(subject: &Subject<'_>) -> Judgement {
    let characters = compact(subject.value);
    let Some((check, body)) = characters.split_last().filter(|(_, body)| (5..=11).contains(&body.len())) else {
        return Judgement::Fails;
    };
    let digits = digits(&String::from_utf8_lossy(body));
    let sum = digits.iter().rev().zip(2..).map(|(digit, weight)| digit * weight).sum();
    let expected = match complement(sum, 11) {
        10 => b'K',
        digit => u8::try_from(digit).unwrap_or(0) + b'0',
    };
    Judgement::holds(!is_tail(subject) && digits.len() == body.len() && *check == expected)
}

/// Check `gt-cui`: eight digits and a check modulo 11, department 01–22, municipality (RENAP, Código Único de Identificación).
pub fn gt_cui(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 13, |d| {
        let check = weighted(d, &[2, 3, 4, 5, 6, 7, 8, 9]) % 11;
        at(d, 8) == check && matches!(part(d, 9..11), 1..=22) && part(d, 11..13) > 0
    })
}

/// Check `sv-dui`: weights 9–2 modulo 10 (Registro Nacional de las Personas Naturales).
pub fn sv_dui(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 9, |d| last(d) == complement(weighted(d, &[9, 8, 7, 6, 5, 4, 3, 2]), 10))
}

/// Check `sv-nit`: department and municipality, date, weights by the serial's age modulo 11 (Ministerio de Hacienda).
pub fn sv_nit(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 14, |d| {
        let check = if part(d, 10..13) <= 100 {
            weighted(d, &[14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11 % 10
        } else {
            complement(weighted(d, &[2, 7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]), 11) % 10
        };
        matches!(at(d, 0), 0 | 1 | 9) && is_date(part(d, 4..6), part(d, 6..8)) && last(d) == check
    })
}

/// Check `hn-dni`: department 01–18, municipality, year, serial; no check digit (Registro Nacional de las Personas).
pub fn hn_dni(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 13, |d| {
        matches!(part(d, 0..2), 1..=18) && matches!(part(d, 2..4), 1..=28) && matches!(part(d, 4..8), 1900..=2035)
    })
}

/// Check `ni-cedula`: municipality, birth date, serial, a letter (Consejo Supremo Electoral).
pub fn ni_cedula(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    Judgement::holds(digits.len() == 13 && is_date(part(&digits, 3..5), part(&digits, 5..7)))
}

/// Check `cu-ni`: birth date, century, serial (Ministerio del Interior, Registro de Población); no check digit.
pub fn cu_ni(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 11, |d| is_yymmdd(d, 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::validate::check;

    #[test]
    fn published_examples_hold_and_their_neighbours_do_not() {
        let cases: &[(Validator, &str, &str)] = &[
            (co_nit, "213123432-1", "213123432-0"),
            (ve_rif, "V-11470283-4", "V-11470283-3"),
            (ec_cedula, "1714307103", "1714307104"),
            (ec_ruc, "1792060346-001", "1763154690001"),
            (pe_ruc, "20512333797", "20512333798"),
            (do_cedula, "00113918205", "00113918204"),
            (do_rnc, "1-01-85004-3", "1018A0043"),
            (gt_nit, "576937-K", "7108-0"),
            (sv_nit, "0614-050707-104-8", "0614-050707-104-7"),
        ];
        for (validator, right, wrong) in cases {
            assert_eq!(check(*validator, right), Judgement::Holds, "{right}");
            assert_eq!(check(*validator, wrong), Judgement::Fails, "{wrong}");
        }
    }
}
