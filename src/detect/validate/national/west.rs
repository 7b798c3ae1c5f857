//! Numbers of France, Spain, Italy, Portugal, the Netherlands, Belgium and the United Kingdom.

use crate::detect::validate::{
    Judgement, Subject,
    digits::{digits, is_date, is_one_digit, number, part, weighted},
};

fn compact(value: &str) -> Vec<u8> {
    value.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_uppercase()).collect()
}

/// Check `fr-nir`: 97 minus the first thirteen modulo 97; Corsica's 2A and 2B count as 19 and 18 (INSEE, décret 82-103).
pub fn fr_nir(subject: &Subject<'_>) -> Judgement {
    let written = String::from_utf8_lossy(&compact(subject.value)).replace("2A", "19").replace("2B", "18");
    let digits = digits(&written);
    let (body, key) = (part(&digits, 0..13), part(&digits, 13..15));
    let month = part(&digits, 3..5);
    let plausible = matches!(digits.first(), Some(1..=4 | 7 | 8)) && matches!(month, 1..=12 | 20..=42 | 50..=99);
    Judgement::holds(digits.len() == 15 && plausible && key == 97 - body % 97)
}

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

/// Check `it-codice-fiscale`: last letter from the odd and even places' tables (D.M. 23/12/1976).
pub fn it_codice_fiscale(subject: &Subject<'_>) -> Judgement {
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let compact = compact(subject.value);
    let Some((check, body)) = compact.split_last().filter(|(_, body)| body.len() == 15) else {
        return Judgement::Fails;
    };
    let sum: u32 = body
        .iter()
        .enumerate()
        .map(|(index, byte)| {
            let ordinal = if byte.is_ascii_digit() { byte - b'0' } else { byte - b'A' };
            if index % 2 == 1 { u32::from(ordinal) } else { ODD.get(usize::from(ordinal)).copied().unwrap_or(0) }
        })
        .sum();
    Judgement::holds(u32::from(check.wrapping_sub(b'A')) == sum % 26)
}

/// Check `pt-nif`: modulo 11 with weights 9–2 (Autoridade Tributária, Decreto-Lei 14/2013).
pub fn pt_nif(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let rest = weighted(&digits, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    let expected = if rest < 2 { 0 } else { 11 - rest };
    let kind = matches!(digits.first(), Some(1 | 2 | 3 | 5 | 6 | 8 | 9));
    Judgement::holds(digits.len() == 9 && kind && !is_one_digit(&digits) && digits.get(8) == Some(&expected))
}

/// Check `nl-bsn`: the «elfproef» with −1 for the last digit (Wet algemene bepalingen burgerservicenummer).
pub fn nl_bsn(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let sum = weighted(&digits, &[9, 8, 7, 6, 5, 4, 3, 2]);
    let last = digits.get(8).copied().unwrap_or(0);
    Judgement::holds(digits.len() == 9 && !is_one_digit(&digits) && (sum + 11 - last).is_multiple_of(11) && sum > 0)
}

/// Check `be-rijksregister`: 97 minus the first nine modulo 97, with a 2 before them for births from 2000 on (KB 25/11/1997).
pub fn be_rijksregister(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let (body, check) = (part(&digits, 0..9), part(&digits, 9..11));
    let date = is_date(part(&digits, 4..6), part(&digits, 2..4) % 20);
    let holds = check == 97 - body % 97 || check == 97 - (2_000_000_000 + body) % 97;
    Judgement::holds(digits.len() == 11 && date && holds)
}

/// Check `gb-nhs`: modulo 11 with weights 10–2 (NHS Data Dictionary, NHS NUMBER).
pub fn gb_nhs(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let rest = weighted(&digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    let expected = (11 - rest) % 11;
    Judgement::holds(digits.len() == 10 && !is_one_digit(&digits) && digits.get(9) == Some(&expected))
}

/// Check `gb-nino`: prefixes that are not used, suffix A–D (HMRC, National Insurance Manual NIM39110). No checksum exists.
pub fn gb_nino(subject: &Subject<'_>) -> Judgement {
    const UNUSED: [&[u8]; 7] = [b"BG", b"GB", b"NK", b"KN", b"TN", b"NT", b"ZZ"];
    let compact = compact(subject.value);
    let Some(prefix) = compact.get(..2) else { return Judgement::Fails };
    let letters = matches!(prefix, [first, second]
        if !b"DFIQUV".contains(first) && !b"DFIQUVO".contains(second));
    Judgement::holds(
        compact.len() == 9
            && letters
            && !UNUSED.contains(&prefix)
            && compact.last().is_some_and(|b| b"ABCD".contains(b)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::validate::check;

    #[test]
    fn published_examples_hold_and_their_neighbours_do_not() {
        assert_eq!(check(fr_nir, "2 55 08 14 168 025 38"), Judgement::Holds);
        assert_eq!(check(fr_nir, "2 55 08 14 168 025 39"), Judgement::Fails);
        assert_eq!(check(es_dni, "12345678Z"), Judgement::Holds);
        assert_eq!(check(es_dni, "12345678A"), Judgement::Fails);
        assert_eq!(check(es_dni, "X1234567L"), Judgement::Holds);
        assert_eq!(check(it_codice_fiscale, "RSSMRA85T10A562S"), Judgement::Holds);
        assert_eq!(check(it_codice_fiscale, "RSSMRA85T10A562T"), Judgement::Fails);
        assert_eq!(check(pt_nif, "501964843"), Judgement::Holds);
        assert_eq!(check(pt_nif, "501964842"), Judgement::Fails);
        assert_eq!(check(nl_bsn, "111222333"), Judgement::Holds);
        assert_eq!(check(nl_bsn, "111222334"), Judgement::Fails);
        assert_eq!(check(be_rijksregister, "85.07.30-033 28"), Judgement::Holds);
        assert_eq!(check(be_rijksregister, "85.07.30-033 29"), Judgement::Fails);
        assert_eq!(check(gb_nhs, "943 476 5919"), Judgement::Holds);
        assert_eq!(check(gb_nhs, "943 476 5918"), Judgement::Fails);
        assert_eq!(check(gb_nino, "AB 12 34 56 C"), Judgement::Holds);
        assert_eq!(check(gb_nino, "QQ 12 34 56 C"), Judgement::Fails);
    }
}
