//! Numbers of Brazil, Argentina, Chile, Uruguay and Paraguay.

use crate::detect::validate::{
    Judgement, Subject, Validator,
    digits::{at, compact, complement, digits, is_one_digit, is_tail, last, lettered, numeric, part, weighted},
};

/// The checks of this file.
pub(in crate::detect::validate) const CHECKS: &[(&str, Validator)] = &[
    ("br-cpf", br_cpf),
    ("br-cnpj", br_cnpj),
    ("br-pis", br_pis),
    ("br-cnh", br_cnh),
    ("br-titulo", br_titulo),
    ("br-cns", br_cns),
    ("ar-cuit", ar_cuit),
    ("cl-rut", cl_rut),
    ("uy-ci", uy_ci),
    ("uy-rut", uy_rut),
    ("py-ruc", py_ruc),
];

/// Check `br-cpf`: two check digits modulo 11 (Receita Federal, Instrução Normativa 1548/2015).
pub fn br_cpf(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 11, |d| {
        let first = brazilian(d, &[10, 9, 8, 7, 6, 5, 4, 3, 2]);
        let second = brazilian(d, &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
        d.get(9..) == Some(&[first, second])
    })
}

/// Check `br-cnpj`: two check digits modulo 11; the first twelve places may be letters, counted by their code less 48
/// (Receita Federal, Instruções Normativas 2119/2022 and 2229/2024).
pub fn br_cnpj(subject: &Subject<'_>) -> Judgement {
    lettered(subject, 14, |characters| {
        let values: Vec<u32> = characters.iter().map(|byte| u32::from(byte - b'0')).collect();
        let first = brazilian(&values, &[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]);
        let second = brazilian(&values, &[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]);
        !is_one_digit(&values) && values.get(12..) == Some(&[first, second])
    })
}

fn brazilian(digits: &[u32], weights: &[u32]) -> u32 {
    match weighted(digits, weights) % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    }
}

/// Check `br-pis`: weights 3-2-9-8-7-6-5-4-3-2 modulo 11 (Caixa Econômica Federal, PIS/PASEP/NIT/NIS).
pub fn br_pis(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 11, |d| last(d) == brazilian(d, &[3, 2, 9, 8, 7, 6, 5, 4, 3, 2]))
}

/// Check `br-cnh`: weights 9–1 and 1–9 modulo 11, the second 2 less where the first was 10 (Senatran, Registro Nacional).
pub fn br_cnh(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 11, |d| {
        let first = weighted(d, &[9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11;
        let second = weighted(d, &[1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11;
        let less = if first == 10 { 2 } else { 0 };
        let second = if second == 10 { 0 } else { (second + 11 - less) % 11 % 10 };
        at(d, 9) == first % 10 && at(d, 10) == second
    })
}

/// Check `br-titulo`: serial, state 01–28, two check digits modulo 11 (Tribunal Superior Eleitoral, Resolução 23.659).
pub fn br_titulo(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 12, |d| {
        let state = part(d, 8..10);
        let digit = |sum: u32| match sum % 11 {
            10 => 0,
            0 if matches!(state, 1 | 2) => 1,
            rest => rest,
        };
        let first = digit(weighted(d, &[2, 3, 4, 5, 6, 7, 8, 9]));
        let second = digit(at(d, 8) * 7 + at(d, 9) * 8 + first * 9);
        matches!(state, 1..=28) && at(d, 10) == first && at(d, 11) == second
    })
}

/// Check `br-cns`: weights 15–1 modulo 11, first digit 1, 2, 7, 8 or 9 (Ministério da Saúde, Cartão Nacional de Saúde).
pub fn br_cns(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 15, |d| {
        let weights: Vec<u32> = (1..=15).rev().collect();
        matches!(at(d, 0), 1 | 2 | 7..=9) && weighted(d, &weights).is_multiple_of(11)
    })
}

/// Check `ar-cuit`: kind of holder, weights 5-4-3-2-7-6-5-4-3-2 modulo 11 (ARCA, RG 10/97).
pub fn ar_cuit(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 11, |d| {
        let kind = matches!(part(d, 0..2), 20 | 23 | 24 | 25 | 26 | 27 | 30 | 33 | 34 | 50 | 51 | 55);
        let check = match complement(weighted(d, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]), 11) {
            10 => 9,
            check => check,
        };
        kind && last(d) == check
    })
}

/// Check `cl-rut`: weights 2–7 from the right modulo 11, K for ten (Servicio de Registro Civil e Identificación).
pub fn cl_rut(subject: &Subject<'_>) -> Judgement {
    let characters = compact(subject.value);
    let Some((check, body)) = characters.split_last() else { return Judgement::Fails };
    let digits = digits(&String::from_utf8_lossy(body));
    let sum =
        digits.iter().rev().zip([2, 3, 4, 5, 6, 7].into_iter().cycle()).map(|(digit, weight)| digit * weight).sum();
    let expected = match complement(sum, 11) {
        10 => b'K',
        digit => u8::try_from(digit).unwrap_or(0) + b'0',
    };
    let length = !is_tail(subject) && digits.len() == body.len() && (7..=8).contains(&body.len());
    Judgement::holds(length && !is_one_digit(&digits) && *check == expected)
}

/// Check `uy-ci`: weights 2-9-8-7-6-3-4 modulo 10 (Dirección Nacional de Identificación Civil).
pub fn uy_ci(subject: &Subject<'_>) -> Judgement {
    let mut digits = digits(subject.value);
    if digits.len() == 7 {
        digits.insert(0, 0);
    }
    let check = complement(weighted(&digits, &[2, 9, 8, 7, 6, 3, 4]), 10);
    Judgement::holds(digits.len() == 8 && !is_tail(subject) && !is_one_digit(&digits) && last(&digits) == check)
}

/// Check `uy-rut`: weights 4-3-2-9-8-7-6-5-4-3-2 modulo 11, two digits of the kind first (Dirección General Impositiva).
pub fn uy_rut(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 12, |d| {
        let check = complement(weighted(d, &[4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]), 11);
        matches!(part(d, 0..2), 1..=22) && part(d, 8..11) == 1 && last(d) == check
    })
}

/// Check `py-ruc`: weights from 2 rising from the right modulo 11 (Subsecretaría de Estado de Tributación).
pub fn py_ruc(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let Some((check, body)) = digits.split_last().filter(|(_, body)| (5..=8).contains(&body.len())) else {
        return Judgement::Fails;
    };
    let sum = body.iter().rev().zip(2..).map(|(digit, weight)| digit * weight).sum();
    Judgement::holds(!is_tail(subject) && *check == complement(sum, 11) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::validate::check;

    #[test]
    fn published_examples_hold_and_their_neighbours_do_not() {
        let cases: &[(Validator, &str, &str)] = &[
            (br_cpf, "529.982.247-25", "529.982.247-26"),
            (br_cnpj, "11.222.333/0001-81", "11.222.333/0001-82"),
            (br_cnpj, "12.ABC.345/01DE-35", "12.ABC.345/01DE-36"),
            (ar_cuit, "20-05536168-2", "20-05536168-3"),
            (cl_rut, "12.531.909-2", "12.531.909-3"),
            (uy_ci, "1.234.567-2", "1.234.567-3"),
            (uy_rut, "21-100342-001-7", "21-100342-001-8"),
            (py_ruc, "80028061-0", "80028061-1"),
        ];
        for (validator, right, wrong) in cases {
            assert_eq!(check(*validator, right), Judgement::Holds, "{right}");
            assert_eq!(check(*validator, wrong), Judgement::Fails, "{wrong}");
        }
    }
}
