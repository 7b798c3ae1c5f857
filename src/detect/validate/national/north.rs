//! Numbers of Denmark, Sweden, Norway, Finland, Iceland, Estonia, Latvia and Lithuania.

use crate::detect::validate::{
    Judgement, Subject, Validator,
    digits::{
        at, complement, digits, is_date, is_ddmmyy, is_one_digit, is_yymmdd, last, luhn_holds, number, numeric, part,
        weighted,
    },
};

/// The checks of this file.
pub(in crate::detect::validate) const CHECKS: &[(&str, Validator)] = &[
    ("se-personnummer", se_personnummer),
    ("se-organisation", se_organisation),
    ("dk-cpr", dk_cpr),
    ("dk-cvr", dk_cvr),
    ("fi-hetu", fi_hetu),
    ("fi-business", fi_business),
    ("no-fodselsnummer", no_fodselsnummer),
    ("no-organisation", no_organisation),
    ("is-kennitala", is_kennitala),
    ("ee-isikukood", baltic),
    ("lv-personas", lv_personas),
    ("lt-pvm", lt_pvm),
    ("ee-kmkr", ee_kmkr),
    ("baltic-vat", baltic_vat),
];

/// Check `se-personnummer`: Luhn over the last ten digits, birth date; +60 on the day for a samordningsnummer
/// (Skatteverket, SKV 704).
pub fn se_personnummer(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let Some(ten) = digits.len().checked_sub(10).and_then(|from| digits.get(from..)) else { return Judgement::Fails };
    let day = part(ten, 4..6);
    let date = is_date(if day > 60 { day - 60 } else { day }, part(ten, 2..4));
    let century = digits.len() == 10 || matches!(part(&digits, 0..2), 18..=20);
    Judgement::holds(matches!(digits.len(), 10 | 12) && century && date && luhn_holds(ten))
}

/// Check `se-organisation`: Luhn, third digit at least 2; twelve digits begin with 16, a VAT number ends with 01
/// (Bolagsverket, SKV 709).
pub fn se_organisation(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let ten = match digits.len() {
        10 => digits.get(..),
        12 if part(&digits, 10..12) == 1 => digits.get(..10),
        12 => digits.get(2..).filter(|_| part(&digits, 0..2) == 16),
        14 => digits.get(2..12).filter(|_| part(&digits, 0..2) == 16 && part(&digits, 12..14) == 1),
        _ => None,
    };
    Judgement::holds(ten.is_some_and(|ten| at(ten, 2) >= 2 && !is_one_digit(ten) && luhn_holds(ten)))
}

/// Check `dk-cpr`: a birth date and modulo 11. Since 2007 numbers without it are issued where those with it are used up:
/// for births on the first of January of some years (CPR-kontoret).
pub fn dk_cpr(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    if digits.len() != 10 || !is_ddmmyy(&digits, 0) {
        return Judgement::Fails;
    }
    if weighted(&digits, &[4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11) {
        return Judgement::scored(0.9, "birth date and modulo 11 hold");
    }
    if part(&digits, 0..4) == 101 && matches!(part(&digits, 4..6), 60..=99) {
        return Judgement::scored(0.6, "one of the birth dates whose numbers with a check digit are used up");
    }
    Judgement::Fails
}

/// Check `dk-cvr`: weights 2-7-6-5-4-3-2-1 modulo 11 (Erhvervsstyrelsen, CVR).
pub fn dk_cvr(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 8, |d| at(d, 0) > 0 && weighted(d, &[2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11))
}

/// Check `fi-hetu`: check character by the nine digits modulo 31 (Digi- ja väestötietovirasto).
pub fn fi_hetu(subject: &Subject<'_>) -> Judgement {
    const CHECKS: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
    let Some((body, check)) =
        subject.value.char_indices().next_back().map(|(at, check)| (subject.value.get(..at), check))
    else {
        return Judgement::Fails;
    };
    let digits = digits(body.unwrap_or_default());
    let index = usize::try_from(number(&digits) % 31).unwrap_or(0);
    let holds = CHECKS.get(index).is_some_and(|expected| char::from(*expected) == check.to_ascii_uppercase());
    Judgement::holds(digits.len() == 9 && is_ddmmyy(&digits, 0) && holds)
}

/// Check `fi-business`: weights 7-9-10-5-8-4-2 modulo 11 (Patentti- ja rekisterihallitus, Y-tunnus).
pub fn fi_business(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 8, |d| weighted(d, &[7, 9, 10, 5, 8, 4, 2, 1]).is_multiple_of(11))
}

/// Check `no-fodselsnummer`: two check digits modulo 11; +40 on the day for a D-nummer, +40 on the month for an
/// H-nummer (Skatteetaten).
pub fn no_fodselsnummer(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 11, |d| {
        let first = weighted(d, &[3, 7, 6, 1, 8, 9, 4, 5, 2, 1]).is_multiple_of(11);
        let second = weighted(d, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11);
        first && second && is_date(part(d, 0..2) % 40, part(d, 2..4) % 40)
    })
}

/// Check `no-organisation`: weights 3-2-7-6-5-4-3-2 modulo 11, first digit 8 or 9 (Brønnøysundregistrene).
pub fn no_organisation(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 9, |d| at(d, 0) >= 8 && weighted(d, &[3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11))
}

/// Check `is-kennitala`: weights 3-2-7-6-5-4-3-2-1 modulo 11, birth date, century digit 8, 9 or 0; +40 on the day for
/// companies (Þjóðskrá Íslands).
pub fn is_kennitala(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 10, |d| {
        let date = is_date(part(d, 0..2) % 40, part(d, 2..4));
        date && matches!(last(d), 0 | 8 | 9) && weighted(d, &[3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
    })
}

/// Check `ee-isikukood`: sex and century, birth date, check digit modulo 11 in two rounds; the same number in Estonia (EVS
/// 585:2007) and Lithuania (Gyventojų registro įstatymas).
pub fn baltic(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 11, |d| matches!(at(d, 0), 1..=8) && is_yymmdd(d, 1) && last(d) == two_rounds(d))
}

fn two_rounds(digits: &[u32]) -> u32 {
    match weighted(digits, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11 {
        10 => weighted(digits, &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11 % 10,
        rest => rest,
    }
}

/// Check `lv-personas`: birth date and a check digit modulo 11; numbers from 2017 on begin with 32 and have none
/// (Pilsonības un migrācijas lietu pārvalde).
pub fn lv_personas(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 11, |d| {
        let check = (1 + weighted(d, &[10, 5, 8, 4, 2, 1, 6, 3, 7, 9])) % 11 % 10;
        part(d, 0..2) == 32 || is_ddmmyy(d, 0) && at(d, 6) <= 2 && last(d) == check
    })
}

/// Check `lt-pvm`: nine digits with a 1 before the check digit, or twelve (Valstybinė mokesčių inspekcija).
pub fn lt_pvm(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let Some((check, body)) = digits.split_last() else { return Judgement::Fails };
    let sum = |from: u32| -> u32 { body.iter().zip(from..).map(|(digit, place)| digit * (1 + place % 9)).sum() };
    let expected = match sum(0) % 11 {
        10 => sum(2) % 11 % 10,
        rest => rest,
    };
    let marked = body.last() == Some(&1);
    Judgement::holds(matches!(digits.len(), 9 | 12) && marked && !is_one_digit(&digits) && *check == expected)
}

/// Check `ee-kmkr`: weights 3-7-1 modulo 10 (Maksu- ja Tolliamet).
pub fn ee_kmkr(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 9, |d| last(d) == complement(weighted(d, &[3, 7, 1, 3, 7, 1, 3, 7]), 10))
}

/// Check `baltic-vat`: by the two letters before (Maksu- ja Tolliamet; Valstybinė mokesčių inspekcija).
pub fn baltic_vat(subject: &Subject<'_>) -> Judgement {
    if subject.value.starts_with("EE") { ee_kmkr(subject) } else { lt_pvm(subject) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::validate::check;

    #[test]
    fn published_examples_hold_and_their_neighbours_do_not() {
        assert_eq!(check(se_personnummer, "811218-9876"), Judgement::Holds);
        assert_eq!(check(se_personnummer, "811218-9875"), Judgement::Fails);
        assert_eq!(check(se_personnummer, "19811218-9876"), Judgement::Holds);
        assert!(matches!(check(dk_cpr, "070761-4285"), Judgement::Scored { confidence, .. } if confidence > 0.8));
        assert_eq!(check(dk_cpr, "320761-4285"), Judgement::Fails);
        assert_eq!(check(fi_hetu, "131052-308T"), Judgement::Holds);
        assert_eq!(check(fi_hetu, "131052-308U"), Judgement::Fails);
        assert_eq!(check(no_fodselsnummer, "15108695088"), Judgement::Holds);
        assert_eq!(check(no_fodselsnummer, "15108695089"), Judgement::Fails);
        assert_eq!(check(is_kennitala, "120174-3399"), Judgement::Holds);
        assert_eq!(check(is_kennitala, "120174-3389"), Judgement::Fails);
        assert_eq!(check(baltic, "36805280109"), Judgement::Holds);
        assert_eq!(check(baltic, "36805280108"), Judgement::Fails);
        assert_eq!(check(lv_personas, "161175-19997"), Judgement::Holds);
        assert_eq!(check(lv_personas, "161175-19996"), Judgement::Fails);
    }
}
