//! Numbers of Spain, Portugal, Italy, Greece, Cyprus and Malta.

use crate::detect::validate::{
    Judgement, Subject, Validator,
    digits::{
        at, compact, digits, is_ddmmyy, is_one_digit, last, lettered, luhn_holds, number, numeric, ordinal, part,
        weighted,
    },
};

/// The checks of this file.
pub(in crate::detect::validate) const CHECKS: &[(&str, Validator)] = &[
    ("es-dni", es_dni),
    ("es-cif", es_cif),
    ("es-nuss", es_nuss),
    ("pt-nif", pt_nif),
    ("pt-cc", pt_cc),
    ("pt-niss", pt_niss),
    ("it-codice-fiscale", it_codice_fiscale),
    ("it-iva", it_iva),
    ("gr-amka", gr_amka),
    ("gr-afm", gr_afm),
    ("cy-tic", cy_tic),
    ("mt-vat", mt_vat),
];

/// Check `es-dni`: letter by the number modulo 23; a leading X, Y, Z of a NIE counts as 0, 1, 2 (Ministerio del Interior).
pub fn es_dni(subject: &Subject<'_>) -> Judgement {
    const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let mut compact = compact(subject.value);
    match compact.first_mut() {
        Some(first @ b'X'..=b'Z') => *first = *first - b'X' + b'0',
        Some(_) => {}
        None => return Judgement::Fails,
    }
    let Some((letter, body)) = compact.split_last().filter(|(_, body)| body.len() == 8) else {
        return Judgement::Fails;
    };
    let digits = digits(&String::from_utf8_lossy(body));
    let index = usize::try_from(number(&digits) % 23).unwrap_or(0);
    Judgement::holds(digits.len() == 8 && !is_one_digit(&digits) && LETTERS.get(index) == Some(letter))
}

/// Check `es-cif`: a letter of the kind, seven digits, a digit or letter of control by Luhn (Orden EHA/451/2008).
pub fn es_cif(subject: &Subject<'_>) -> Judgement {
    const LETTERS: &[u8; 10] = b"JABCDEFGHI";
    lettered(subject, 9, |characters| {
        let text = String::from_utf8_lossy(characters).into_owned();
        let mut digits = digits(text.get(1..8).unwrap_or_default());
        let whole = digits.len() == 7;
        let check = (0..10).find(|check| {
            digits.push(*check);
            let holds = luhn_holds(&digits);
            digits.pop();
            holds
        });
        let written = characters.last().copied().unwrap_or(0);
        let letter = check.and_then(|check| usize::try_from(check).ok()).and_then(|index| LETTERS.get(index));
        whole && (letter == Some(&written) || written.is_ascii_digit() && check == Some(ordinal(written)))
    })
}

/// Check `es-nuss`: province, serial, their number modulo 97 (Tesorería General de la Seguridad Social).
pub fn es_nuss(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 12, |d| {
        let (province, serial) = (part(d, 0..2), part(d, 2..10));
        let whole = if serial < 10_000_000 { province * 10_000_000 + serial } else { part(d, 0..10) };
        matches!(province, 1..=53 | 66) && part(d, 10..12) == whole % 97
    })
}

/// Check `pt-nif`: modulo 11 with weights 9–2 (Autoridade Tributária, Decreto-Lei 14/2013).
pub fn pt_nif(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 9, |d| {
        let kind = matches!(at(d, 0), 1 | 2 | 3 | 5..=9) || part(d, 0..2) == 45;
        let rest = weighted(d, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
        kind && last(d) == if rest < 2 { 0 } else { 11 - rest }
    })
}

/// Check `pt-cc`: nine digits, two characters of the version, Luhn in which letters count 10–35 (Cartão de Cidadão,
/// Autoridade de Certificação).
pub fn pt_cc(subject: &Subject<'_>) -> Judgement {
    lettered(subject, 12, |characters| {
        let sum: u32 = characters
            .iter()
            .rev()
            .enumerate()
            .map(|(place, byte)| match (place % 2, ordinal(*byte)) {
                (0, value) => value,
                (_, value @ 5..) => value * 2 - 9,
                (_, value) => value * 2,
            })
            .sum();
        sum.is_multiple_of(10)
    })
}

/// Check `pt-niss`: eleven digits beginning with 1 or 2, primes as weights modulo 10 (Instituto de Informática da Segurança Social).
pub fn pt_niss(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 11, |d| {
        matches!(at(d, 0), 1 | 2) && last(d) == 9 - weighted(d, &[29, 23, 19, 17, 13, 11, 7, 5, 3, 2]) % 10
    })
}

/// Check `it-codice-fiscale`: last letter from the odd and even places' tables (D.M. 23/12/1976).
pub fn it_codice_fiscale(subject: &Subject<'_>) -> Judgement {
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    lettered(subject, 16, |characters| {
        let value = |byte: &u8| ordinal(*byte) - if byte.is_ascii_digit() { 0 } else { 10 };
        let odd = |byte: &u8| usize::try_from(value(byte)).ok().and_then(|index| ODD.get(index)).copied().unwrap_or(0);
        let body = characters.get(..15).unwrap_or_default();
        let sum: u32 =
            body.iter().enumerate().map(|(index, byte)| if index % 2 == 1 { value(byte) } else { odd(byte) }).sum();
        characters.last().is_some_and(|check| check.is_ascii_uppercase() && value(check) == sum % 26)
    })
}

/// Check `it-iva`: Luhn over eleven digits, office 001–100 or one of the special ones (Agenzia delle Entrate, DPR 633/1972).
pub fn it_iva(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 11, |d| {
        luhn_holds(d) && part(d, 0..7) > 0 && matches!(part(d, 7..10), 1..=100 | 120 | 121 | 888 | 999)
    })
}

/// Check `gr-amka`: birth date and Luhn over eleven digits (ΗΔΙΚΑ, ν. 3655/2008).
pub fn gr_amka(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 11, |d| is_ddmmyy(d, 0) && luhn_holds(d))
}

/// Check `gr-afm`: powers of two modulo 11 (Ανεξάρτητη Αρχή Δημοσίων Εσόδων).
pub fn gr_afm(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 9, |d| last(d) == weighted(d, &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10)
}

/// Check `cy-tic`: eight digits and a letter, digits of odd places by a table, modulo 26 (Τμήμα Φορολογίας).
pub fn cy_tic(subject: &Subject<'_>) -> Judgement {
    const ODD: [u32; 10] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
    lettered(subject, 9, |characters| {
        let digits = digits(&String::from_utf8_lossy(characters));
        let odd = |digit: u32| usize::try_from(digit).ok().and_then(|index| ODD.get(index)).copied().unwrap_or(0);
        let places = digits.iter().enumerate();
        let sum: u32 = places.map(|(index, digit)| if index % 2 == 0 { odd(*digit) } else { *digit }).sum();
        let check = characters.last().copied().unwrap_or(0);
        digits.len() == 8 && part(&digits, 0..2) != 12 && check.is_ascii_uppercase() && ordinal(check) - 10 == sum % 26
    })
}

/// Check `mt-vat`: weights 3-4-6-7-8-9 modulo 37 (Malta Commissioner for Revenue).
pub fn mt_vat(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 8, |d| {
        let check = 37 - weighted(d, &[3, 4, 6, 7, 8, 9]) % 37;
        at(d, 0) > 0 && part(d, 6..8) == u64::from(check)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::validate::check;

    #[test]
    fn published_examples_hold_and_their_neighbours_do_not() {
        assert_eq!(check(es_dni, "12345678Z"), Judgement::Holds);
        assert_eq!(check(es_dni, "12345678A"), Judgement::Fails);
        assert_eq!(check(es_dni, "X1234567L"), Judgement::Holds);
        assert_eq!(check(es_cif, "J99216582"), Judgement::Holds);
        assert_eq!(check(es_cif, "J99216583"), Judgement::Fails);
        assert_eq!(check(it_codice_fiscale, "RSSMRA85T10A562S"), Judgement::Holds);
        assert_eq!(check(it_codice_fiscale, "RSSMRA85T10A562T"), Judgement::Fails);
        assert_eq!(check(it_iva, "00743110157"), Judgement::Holds);
        assert_eq!(check(it_iva, "00743110158"), Judgement::Fails);
        assert_eq!(check(pt_nif, "501964843"), Judgement::Holds);
        assert_eq!(check(pt_nif, "501964842"), Judgement::Fails);
        assert_eq!(check(pt_cc, "00000000 0 ZZ4"), Judgement::Holds);
        assert_eq!(check(pt_cc, "00000000 0 ZZ3"), Judgement::Fails);
        assert_eq!(check(gr_amka, "01013099997"), Judgement::Holds);
        assert_eq!(check(gr_amka, "01013099999"), Judgement::Fails);
        assert_eq!(check(gr_afm, "094259216"), Judgement::Holds);
        assert_eq!(check(gr_afm, "123456781"), Judgement::Fails);
        assert_eq!(check(cy_tic, "10259033P"), Judgement::Holds);
        assert_eq!(check(cy_tic, "10259033Z"), Judgement::Fails);
        assert_eq!(check(mt_vat, "11679112"), Judgement::Holds);
        assert_eq!(check(mt_vat, "11679113"), Judgement::Fails);
    }
}
