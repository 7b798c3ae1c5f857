//! Numbers of France, Belgium, the Netherlands, Luxembourg, the United Kingdom and Ireland.

use crate::detect::validate::{
    Judgement, Subject, Validator,
    digits::{
        at, compact, complement, digits, is_date, is_ddmmyy, is_one_digit, is_yyyymmdd, last, lettered, luhn_holds,
        number, numeric, ordinal, part, verhoeff_holds, weighted,
    },
};

/// The checks of this file.
pub(in crate::detect::validate) const CHECKS: &[(&str, Validator)] = &[
    ("fr-nir", fr_nir),
    ("fr-spi", fr_spi),
    ("fr-siren", fr_siren),
    ("fr-tva", fr_tva),
    ("nl-bsn", nl_bsn),
    ("nl-btw", nl_btw),
    ("be-rijksregister", be_rijksregister),
    ("be-vat", be_vat),
    ("lu-matricule", lu_matricule),
    ("lu-tva", lu_tva),
    ("gb-nhs", gb_nhs),
    ("gb-chi", gb_chi),
    ("gb-nino", gb_nino),
    ("gb-utr", gb_utr),
    ("gb-vat", gb_vat),
    ("gb-licence", gb_licence),
    ("ie-pps", ie_pps),
];

/// Check `fr-nir`: 97 minus the first thirteen modulo 97; Corsica's 2A and 2B count as 19 and 18 (INSEE, décret 82-103).
pub fn fr_nir(subject: &Subject<'_>) -> Judgement {
    let written = compact(subject.value);
    let corsica = match (written.get(5), written.get(6)) {
        (Some(b'2'), Some(b'A')) => Some("19"),
        (Some(b'2'), Some(b'B')) => Some("18"),
        _ => None,
    };
    let mut plain = String::from_utf8_lossy(&written).into_owned();
    if let Some(stands_for) = corsica {
        plain.replace_range(5..7, stands_for);
    }
    let digits = digits(&plain);
    let (body, key) = (part(&digits, 0..13), part(&digits, 13..15));
    let month = part(&digits, 3..5);
    let plausible = matches!(digits.first(), Some(1..=4 | 7 | 8)) && matches!(month, 1..=12 | 20..=42 | 50..=99);
    Judgement::holds(digits.len() == 15 && plausible && key == 97 - body % 97)
}

/// Check `fr-spi`: thirteen digits, the last three the first ten modulo 511 (Direction générale des Finances publiques).
pub fn fr_spi(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 13, |d| at(d, 0) <= 3 && part(d, 10..13) == part(d, 0..10) % 511)
}

/// Check `fr-siren`: Luhn over nine digits, or fourteen for a SIRET (INSEE, Sirene).
pub fn fr_siren(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let siren = digits.get(..9).is_some_and(luhn_holds);
    Judgement::holds(matches!(digits.len(), 9 | 14) && siren && luhn_holds(&digits) && !is_one_digit(&digits))
}

/// Check `fr-tva`: key of the SIREN modulo 97 (Code général des impôts, article 286 ter).
pub fn fr_tva(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 11, |d| {
        luhn_holds(d.get(2..).unwrap_or_default()) && part(d, 0..2) == (12 + 3 * (part(d, 2..11) % 97)) % 97
    })
}

/// Check `nl-bsn`: the «elfproef» with −1 for the last digit (Wet algemene bepalingen burgerservicenummer).
pub fn nl_bsn(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 9, eleven_test)
}

fn eleven_test(digits: &[u32]) -> bool {
    let sum = weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2]);
    (sum + 11 - last(digits)).is_multiple_of(11) && sum > 0
}

/// Check `nl-btw`: the «elfproef» over the nine digits, or modulo 97 over all characters (Belastingdienst, btw-id since 2020).
pub fn nl_btw(subject: &Subject<'_>) -> Judgement {
    lettered(subject, 14, |characters| {
        let digits = digits(&String::from_utf8_lossy(characters));
        let rest = characters.iter().fold(0, |rest, byte| match ordinal(*byte) {
            letter @ 10.. => (rest * 100 + letter) % 97,
            digit => (rest * 10 + digit) % 97,
        });
        digits.len() == 11 && (rest == 1 || digits.get(..9).is_some_and(eleven_test))
    })
}

/// Check `be-rijksregister`: 97 minus the first nine modulo 97, with a 2 before them for births from 2000 on; +20 or +40 on
/// the month for a BIS number (KB 25/11/1997, KB 8/2/1991).
pub fn be_rijksregister(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 11, |d| {
        let (body, check) = (part(d, 0..9), part(d, 9..11));
        let (day, month) = (part(d, 4..6), part(d, 2..4) % 20);
        let date = is_date(day, month) || month == 0 && day <= 31;
        date && (check == 97 - body % 97 || part(d, 0..2) <= 35 && check == 97 - (2_000_000_000 + body) % 97)
    })
}

/// Check `be-vat`: 97 minus the first eight modulo 97 (Kruispuntbank van Ondernemingen).
pub fn be_vat(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let ten = if digits.len() == 9 { std::iter::once(0).chain(digits).collect() } else { digits };
    Judgement::holds(ten.len() == 10 && at(&ten, 0) <= 1 && part(&ten, 8..10) == 97 - part(&ten, 0..8) % 97)
}

/// Check `lu-matricule`: birth date, Luhn over twelve digits, Verhoeff over eleven and the last (Loi du 19 juin 2013,
/// Centre des technologies de l'information de l'État).
pub fn lu_matricule(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 13, |d| {
        let mut without_first_check = d.get(..11).unwrap_or_default().to_vec();
        without_first_check.push(last(d));
        is_yyyymmdd(d, 0) && luhn_holds(d.get(..12).unwrap_or_default()) && verhoeff_holds(&without_first_check)
    })
}

/// Check `lu-tva`: first six modulo 89 (Administration de l'enregistrement, des domaines et de la TVA).
pub fn lu_tva(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 8, |d| part(d, 6..8) == part(d, 0..6) % 89)
}

/// Check `gb-nhs`: modulo 11 with weights 10–2 (NHS Data Dictionary, NHS NUMBER).
pub fn gb_nhs(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 10, |d| last(d) == complement(weighted(d, &[10, 9, 8, 7, 6, 5, 4, 3, 2]), 11))
}

/// Check `gb-chi`: birth date, modulo 11 with weights 10–2 (NHS Scotland, Community Health Index).
pub fn gb_chi(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 10, |d| is_ddmmyy(d, 0) && last(d) == complement(weighted(d, &[10, 9, 8, 7, 6, 5, 4, 3, 2]), 11))
}

/// Check `gb-nino`: prefixes that are not used, suffix A–D (HMRC, National Insurance Manual NIM39110); `ZZ … T` is what
/// documents write for an example. No checksum exists.
pub fn gb_nino(subject: &Subject<'_>) -> Judgement {
    const UNUSED: [&[u8]; 7] = [b"BG", b"GB", b"NK", b"KN", b"TN", b"NT", b"ZZ"];
    lettered(subject, 9, |compact| {
        let letters = compact.get(..2).is_some_and(|prefix| {
            let used = matches!(prefix, [first, second] if !b"DFIQUV".contains(first) && !b"DFIQUVO".contains(second));
            used && !UNUSED.contains(&prefix)
        });
        let suffix = compact.last().copied().unwrap_or(0);
        letters && b"ABCD".contains(&suffix) || compact.starts_with(b"ZZ") && suffix == b'T'
    })
}

/// Check `gb-utr`: first digit from the other nine with weights 6-7-8-9-10-5-4-3-2 modulo 11 (HMRC, Unique Taxpayer Reference).
pub fn gb_utr(subject: &Subject<'_>) -> Judgement {
    const CHECKS: [u32; 11] = [2, 1, 9, 8, 7, 6, 5, 4, 3, 2, 1];
    numeric(subject, 10, |d| {
        let rest = weighted(d.get(1..).unwrap_or_default(), &[6, 7, 8, 9, 10, 5, 4, 3, 2]) % 11;
        usize::try_from(rest).ok().and_then(|rest| CHECKS.get(rest)) == d.first()
    })
}

/// Check `gb-vat`: weights 8–2 and the last two digits modulo 97, or 42 for numbers since 2010; GD and HA are government and
/// health authorities (HMRC, VAT notice 700/21).
pub fn gb_vat(subject: &Subject<'_>) -> Judgement {
    let compact = compact(subject.value);
    let body = compact.strip_prefix(b"GB").or_else(|| compact.strip_prefix(b"XI")).unwrap_or(&compact);
    if let [kind @ (b'G' | b'H'), b'D' | b'A', serial @ ..] = body {
        let low = number(&digits(&String::from_utf8_lossy(serial))) < 500;
        return Judgement::holds(serial.len() == 3 && low == (*kind == b'G'));
    }
    let digits = digits(&String::from_utf8_lossy(body));
    let sum = weighted(&digits, &[8, 7, 6, 5, 4, 3, 2, 10, 1]) % 97;
    Judgement::holds(matches!(digits.len(), 9 | 12) && matches!(sum, 0 | 42 | 55) && !is_one_digit(&digits))
}

/// Check `gb-licence`: five characters of the surname filled with 9, birth date with 5 on the month's tens for women, initials,
/// check characters (Driver and Vehicle Licensing Agency).
pub fn gb_licence(subject: &Subject<'_>) -> Judgement {
    lettered(subject, 16, |characters| {
        let text = String::from_utf8_lossy(characters).into_owned();
        let number = digits(text.get(5..11).unwrap_or_default());
        let month = part(&number, 1..3) % 50;
        number.len() == 6 && is_date(part(&number, 3..5), month)
    })
}

/// Check `ie-pps`: weights 8–2 modulo 23, a second letter counting 9 (Department of Social Protection, PPSN).
pub fn ie_pps(subject: &Subject<'_>) -> Judgement {
    let compact = compact(subject.value);
    let (Some(head), Some(check)) = (compact.get(..7), compact.get(7)) else { return Judgement::Fails };
    let digits = digits(&String::from_utf8_lossy(head));
    let second = match compact.get(8) {
        Some(b'W') | None => 0,
        Some(letter @ b'A'..=b'I') => ordinal(*letter) - 9,
        Some(_) => return Judgement::Fails,
    };
    let rest = (weighted(&digits, &[8, 7, 6, 5, 4, 3, 2]) + second * 9) % 23;
    let expected = if rest == 0 { u32::from(b'W') } else { u32::from(b'A') + rest - 1 };
    Judgement::holds(digits.len() == 7 && matches!(compact.len(), 8 | 9) && u32::from(*check) == expected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::validate::check;

    #[test]
    fn published_examples_hold_and_their_neighbours_do_not() {
        assert_eq!(check(fr_nir, "2 55 08 14 168 025 38"), Judgement::Holds);
        assert_eq!(check(fr_nir, "2 55 08 14 168 025 39"), Judgement::Fails);
        assert_eq!(check(nl_bsn, "111222333"), Judgement::Holds);
        assert_eq!(check(nl_bsn, "111222334"), Judgement::Fails);
        assert_eq!(check(be_rijksregister, "85.07.30-033 28"), Judgement::Holds);
        assert_eq!(check(be_rijksregister, "85.07.30-033 29"), Judgement::Fails);
        assert_eq!(check(lu_matricule, "1983030512348"), Judgement::Fails);
        assert_eq!(check(gb_nhs, "943 476 5919"), Judgement::Holds);
        assert_eq!(check(gb_nhs, "943 476 5918"), Judgement::Fails);
        assert_eq!(check(gb_nino, "AB 12 34 56 C"), Judgement::Holds);
        assert_eq!(check(gb_nino, "QQ 12 34 56 C"), Judgement::Fails);
        assert_eq!(check(gb_utr, "1955839661"), Judgement::Holds);
        assert_eq!(check(gb_utr, "2955839661"), Judgement::Fails);
        assert_eq!(check(gb_vat, "GB 980 7806 84"), Judgement::Holds);
        assert_eq!(check(gb_vat, "GB 802 3116 89"), Judgement::Fails);
        assert_eq!(check(ie_pps, "6433435F"), Judgement::Holds);
        assert_eq!(check(ie_pps, "6433435E"), Judgement::Fails);
        assert_eq!(check(ie_pps, "6433435OA"), Judgement::Holds);
    }
}
