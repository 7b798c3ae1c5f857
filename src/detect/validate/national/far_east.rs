//! Numbers of China, Taiwan, Hong Kong, Macau, Japan, South Korea and Mongolia.

use crate::detect::validate::{
    Judgement, Subject, Validator,
    digits::{at, compact, complement, digits, is_day, is_yymmdd, last, lettered, numeric, ordinal, part, weighted},
};

/// The checks of this file.
pub(in crate::detect::validate) const CHECKS: &[(&str, Validator)] = &[
    ("cn-resident", cn_resident),
    ("cn-uscc", cn_uscc),
    ("tw-id", tw_id),
    ("tw-ubn", tw_ubn),
    ("hk-id", hk_id),
    ("jp-my-number", jp_my_number),
    ("jp-corporate", jp_corporate),
    ("kr-rrn", kr_rrn),
    ("kr-rrn-named", kr_rrn_named),
    ("kr-brn", kr_brn),
    ("mn-register", mn_register),
];

/// Check `cn-resident`: province, birth date, ISO 7064 MOD 11-2 (GB 11643-1999).
pub fn cn_resident(subject: &Subject<'_>) -> Judgement {
    const CHECKS: &[u8; 11] = b"10X98765432";
    lettered(subject, 18, |characters| {
        let digits = digits(&String::from_utf8_lossy(characters));
        let sum = weighted(&digits, &[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]);
        let check = usize::try_from(sum % 11).ok().and_then(|index| CHECKS.get(index));
        let province = matches!(part(&digits, 0..2), 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83 | 91);
        let date = is_day(part(&digits, 6..10), part(&digits, 10..12), part(&digits, 12..14));
        province && date && check == characters.last()
    })
}

/// Check `cn-uscc`: weights of powers of 3 modulo 31 over an alphabet without I, O, S, V, Z (GB 32100-2015).
pub fn cn_uscc(subject: &Subject<'_>) -> Judgement {
    const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    const WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    lettered(subject, 18, |characters| {
        let places: Option<Vec<u32>> = characters
            .iter()
            .map(|byte| ALPHABET.iter().position(|known| known == byte).and_then(|place| u32::try_from(place).ok()))
            .collect();
        places.is_some_and(|places| last(&places) == complement(weighted(&places, &WEIGHTS), 31))
    })
}

/// What a letter of Taiwan or a first letter of an id counts: tens + 9 × ones of its number.
fn taiwan_letter(letter: u8) -> Option<u32> {
    const ORDER: &[u8; 26] = b"ABCDEFGHJKLMNPQRSTUVXYWZIO";
    let number = ORDER.iter().position(|known| *known == letter).and_then(|place| u32::try_from(place + 10).ok())?;
    Some(number / 10 + number % 10 * 9)
}

/// Check `tw-id`: letter of the place, sex 1 or 2 (residents 8, 9 or a letter A–D), weights 8–1 modulo 10 (內政部戶政司; 移民署).
pub fn tw_id(subject: &Subject<'_>) -> Judgement {
    lettered(subject, 10, |characters| {
        let (Some(place), Some(sex), Some(serial)) = (characters.first(), characters.get(1), characters.get(2..))
        else {
            return false;
        };
        let second = match sex {
            b'1' | b'2' | b'8' | b'9' => u32::from(sex - b'0'),
            b'A'..=b'D' => u32::from(sex - b'A'),
            _ => return false,
        };
        let mut all = vec![second];
        all.extend(serial.iter().map(|byte| ordinal(*byte)));
        let Some(letter) = taiwan_letter(*place) else { return false };
        serial.iter().all(u8::is_ascii_digit)
            && (letter + weighted(&all, &[8, 7, 6, 5, 4, 3, 2, 1, 1])).is_multiple_of(10)
    })
}

/// Check `tw-ubn`: cross sums with weights 1-2-1-2-1-2-4-1 modulo 5, a 7 at the seventh place counting 1 less (財政部財政資訊中心).
pub fn tw_ubn(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 8, |d| {
        let products = d.iter().zip([1, 2, 1, 2, 1, 2, 4, 1]).map(|(digit, weight)| digit * weight);
        let sum: u32 = products.map(|product| product / 10 + product % 10).sum();
        sum.is_multiple_of(5) || at(d, 6) == 7 && (sum + 1).is_multiple_of(5)
    })
}

/// Check `hk-id`: one or two letters, six digits, check digit or A modulo 11, a missing first letter counting 36 (入境事務處).
pub fn hk_id(subject: &Subject<'_>) -> Judgement {
    let mut characters = compact(subject.value);
    let letters = characters.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let Some(check) = characters.pop() else { return Judgement::Fails };
    let mut places: Vec<u32> = if letters == 1 { vec![36] } else { Vec::new() };
    places.extend(characters.iter().map(|byte| ordinal(*byte)));
    let sum = weighted(&places, &[9, 8, 7, 6, 5, 4, 3, 2]) + ordinal(check);
    Judgement::holds(matches!(letters, 1 | 2) && places.len() == 8 && ordinal(check) <= 10 && sum.is_multiple_of(11))
}

/// Check `jp-my-number`: weights 6-5-4-3-2-7-6-5-4-3-2 modulo 11 (総務省令第85号, 個人番号).
pub fn jp_my_number(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 12, |d| {
        let rest = weighted(d, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
        last(d) == if rest <= 1 { 0 } else { 11 - rest }
    })
}

/// Check `jp-corporate`: thirteen digits, the first 9 minus a sum modulo 9 (国税庁, 法人番号).
pub fn jp_corporate(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 13, |d| {
        let sum = weighted(d.get(1..).unwrap_or_default(), &[2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]);
        at(d, 0) == 9 - sum % 9
    })
}

/// Check `kr-rrn`: birth date, sex and century, weights 2–9 and 2–5 modulo 11, two more for foreigners (주민등록법 시행규칙).
pub fn kr_rrn(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 13, korean)
}

/// Check `kr-rrn-named`: as `kr-rrn`, but of births from October 2020 on the date alone: those numbers have no check digit (행정안전부).
pub fn kr_rrn_named(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 13, |d| {
        let recent = part(d, 0..4) >= 2010 && part(d, 0..4) <= 3512 && matches!(at(d, 6), 3 | 4 | 7 | 8);
        recent && is_yymmdd(d, 0) || korean(d)
    })
}

fn korean(digits: &[u32]) -> bool {
    let sum = weighted(digits, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]);
    let foreign = matches!(at(digits, 6), 5..=8);
    let check = ((if foreign { 13 } else { 11 }) - sum % 11) % 10;
    is_yymmdd(digits, 0) && last(digits) == check
}

/// Check `kr-brn`: weights 1-3-7-1-3-7-1-3-5 modulo 10, the last product's tens added (국세청, 사업자등록번호).
pub fn kr_brn(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 10, |d| {
        let sum = weighted(d, &[1, 3, 7, 1, 3, 7, 1, 3, 5]) + at(d, 8) * 5 / 10;
        part(d, 0..3) >= 101 && part(d, 3..5) > 0 && last(d) == complement(sum, 10)
    })
}

/// Check `mn-register`: two Cyrillic letters, birth date with 20 added to the month from 2000 on (Улсын бүртгэлийн ерөнхий газар).
pub fn mn_register(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 8, |d| {
        let (year, month, day) = (part(d, 0..2), part(d, 2..4), part(d, 4..6));
        is_day(1900 + year, month, day) || month > 20 && is_day(2000 + year, month - 20, day)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::validate::check;

    #[test]
    fn published_examples_hold_and_their_neighbours_do_not() {
        let cases: &[(Validator, &str, &str)] = &[
            (cn_resident, "11010519491231002X", "110105194912310021"),
            (cn_uscc, "91110000600037341L", "91110000600037342L"),
            (tw_id, "A123456789", "A123456788"),
            (tw_ubn, "00501503", "00501502"),
            (hk_id, "A123456(3)", "A123456(4)"),
            (hk_id, "AB987654(3)", "AB987654(4)"),
            (jp_my_number, "123456789018", "123456789017"),
            (jp_corporate, "5-8356-7825-6246", "2-8356-7825-6246"),
            (kr_rrn, "971013-9019902", "971013-9019903"),
            (kr_brn, "116-82-00276", "116-82-00277"),
        ];
        for (validator, right, wrong) in cases {
            assert_eq!(check(*validator, right), Judgement::Holds, "{right}");
            assert_eq!(check(*validator, wrong), Judgement::Fails, "{wrong}");
        }
    }
}
