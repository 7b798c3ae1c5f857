//! Numbers of Russia, Ukraine, Belarus, Kazakhstan, Uzbekistan, Kyrgyzstan, Georgia and Turkey.

use crate::detect::validate::{
    Judgement, Subject, Validator,
    digits::{
        at, complement, digits, is_day, is_ddmmyy, is_yymmdd, is_yyyymmdd, last, lettered, numeric, part,
        seven_three_one, weighted,
    },
};

/// The checks of this file.
pub(in crate::detect::validate) const CHECKS: &[(&str, Validator)] = &[
    ("ru-inn", ru_inn),
    ("ru-inn-person", ru_inn_person),
    ("ru-snils", ru_snils),
    ("ru-ogrn", ru_ogrn),
    ("ru-passport", ru_passport),
    ("ua-rnokpp", ua_rnokpp),
    ("ua-unzr", ua_unzr),
    ("ua-edrpou", ua_edrpou),
    ("by-personal", by_personal),
    ("by-unp", by_unp),
    ("kz-iin", kz_iin),
    ("uz-pinfl", uz_pinfl),
    ("kg-pin", kg_pin),
    ("tr-tckn", tr_tckn),
    ("tr-vkn", tr_vkn),
];

/// Check `ru-inn`: ten digits with one check digit or twelve with two, modulo 11 (Приказ ФНС ЕД-7-14/559).
pub fn ru_inn(subject: &Subject<'_>) -> Judgement {
    match digits(subject.value).len() {
        12 => ru_inn_person(subject),
        _ => numeric(subject, 10, |d| {
            part(d, 0..2) > 0 && last(d) == weighted(d, &[2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10
        }),
    }
}

/// Check `ru-inn-person`: twelve digits with two check digits modulo 11 (Приказ ФНС ЕД-7-14/559).
pub fn ru_inn_person(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 12, |d| {
        let first = weighted(d, &[7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10;
        let second = weighted(d, &[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10;
        part(d, 0..2) > 0 && at(d, 10) == first && at(d, 11) == second
    })
}

/// Check `ru-snils`: weights 9–1 modulo 101, two digits (Постановление ПФР 192п); none up to 001-001-998.
pub fn ru_snils(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 11, |d| {
        let check = weighted(d, &[9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101 % 100;
        part(d, 0..9) > 1_001_998 && part(d, 9..11) == u64::from(check)
    })
}

/// Check `ru-ogrn`: thirteen digits, the first twelve modulo 11, or fifteen, modulo 13 (Приказ Минфина 165н).
pub fn ru_ogrn(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let holds = match digits.len() {
        13 => part(&digits, 0..12) % 11 % 10 == u64::from(last(&digits)),
        15 => part(&digits, 0..14) % 13 % 10 == u64::from(last(&digits)),
        _ => false,
    };
    Judgement::holds(holds && matches!(at(&digits, 0), 1..=5))
}

/// Check `ru-passport`: region by OKATO, year of the form from 1997 on, number not zero (Постановление Правительства 828).
pub fn ru_passport(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 10, |d| {
        let year = part(d, 2..4);
        matches!(part(d, 0..2), 1..=99) && (year <= 35 || year >= 97) && part(d, 4..10) >= 101
    })
}

/// Check `ua-rnokpp`: days since 1899, serial, weights −1-5-7-9-4-6-10-5-7 modulo 11 (Положення про реєстрацію фізичних осіб у
/// Державному реєстрі).
pub fn ua_rnokpp(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 10, |d| {
        let sum = weighted(d, &[10, 5, 7, 9, 4, 6, 10, 5, 7]);
        part(d, 0..5) <= 49_500 && part(d, 0..5) > 7_000 && last(d) == sum % 11 % 10
    })
}

/// Check `ua-unzr`: birth date, serial, weights 7-3-1 modulo 10 (Закон про Єдиний державний демографічний реєстр).
pub fn ua_unzr(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 13, |d| is_yyyymmdd(d, 0) && last(d) == weighted(d, &[7, 3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1]) % 10)
}

/// Check `ua-edrpou`: weights by the number's size modulo 11, in a second round two more (Порядок ведення ЄДРПОУ).
pub fn ua_edrpou(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 8, |d| {
        let middle = matches!(part(d, 0..8), 30_000_000..=60_000_000);
        let weights = if middle { [7, 1, 2, 3, 4, 5, 6] } else { [1, 2, 3, 4, 5, 6, 7] };
        let check = match weighted(d, &weights) % 11 {
            10 => weighted(d, &weights.map(|weight| weight + 2)) % 11 % 10,
            rest => rest,
        };
        last(d) == check
    })
}

/// Check `by-personal`: sex and century, birth date, letter of the region, serial, state, weights 7-3-1 modulo 10 (Указ 254/1992,
/// Закон о регистре населения).
pub fn by_personal(subject: &Subject<'_>) -> Judgement {
    lettered(subject, 14, |characters| {
        let digits = digits(&String::from_utf8_lossy(characters));
        let Some((check, body)) = characters.split_last() else { return false };
        let date = matches!(at(&digits, 0), 1..=6) && is_ddmmyy(&digits, 1);
        digits.len() == 11 && date && u32::from(check.wrapping_sub(b'0')) == seven_three_one(body)
    })
}

/// Check `by-unp`: nine digits, weights 29-23-19-17-13-7-5-3 modulo 11 (Министерство по налогам и сборам, УНП).
pub fn by_unp(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 9, |d| matches!(at(d, 0), 1..=7) && last(d) == weighted(d, &[29, 23, 19, 17, 13, 7, 5, 3]) % 11)
}

/// Check `kz-iin`: birth date, sex and century, places as weights modulo 11, a second round when 10 remains (Постановление
/// Правительства РК 853/2003).
pub fn kz_iin(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 12, |d| {
        let check = match weighted(d, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) % 11 {
            10 => weighted(d, &[3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]) % 11,
            rest => rest,
        };
        is_yymmdd(d, 0) && matches!(at(d, 6), 1..=6) && last(d) == check
    })
}

/// Check `uz-pinfl`: sex and century, birth date, weights 7-3-1 modulo 10 (Кабинет Министров РУз, ПИНФЛ).
pub fn uz_pinfl(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 14, |d| {
        let sum = weighted(d, &[7, 3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1, 7]);
        matches!(at(d, 0), 1..=6) && is_ddmmyy(d, 1) && last(d) == sum % 10
    })
}

/// Check `kg-pin`: sex and birth date in full; no check digit is published (Государственная регистрационная служба КР).
pub fn kg_pin(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 14, |d| matches!(at(d, 0), 1 | 2) && is_day(part(d, 5..9), part(d, 3..5), part(d, 1..3)))
}

/// Check `tr-tckn`: tenth digit from the odd and even places, eleventh the sum of ten (Nüfus ve Vatandaşlık İşleri).
pub fn tr_tckn(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 11, |d| {
        let odd = weighted(d, &[1, 0, 1, 0, 1, 0, 1, 0, 1]);
        let even = weighted(d, &[0, 1, 0, 1, 0, 1, 0, 1]);
        let ten: u32 = d.iter().take(10).sum();
        at(d, 0) > 0 && at(d, 9) == (odd * 7 + 100 - even) % 10 && at(d, 10) == ten % 10
    })
}

/// Check `tr-vkn`: powers of two modulo 9 by place (Gelir İdaresi Başkanlığı).
pub fn tr_vkn(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 10, |d| {
        let term = |(place, digit): (u32, &u32)| match (digit + 9 - place) % 10 {
            0 => 0,
            shifted => match (shifted * 2_u32.pow(9 - place)) % 9 {
                0 => 9,
                rest => rest,
            },
        };
        let sum: u32 = (0..9).zip(d).map(term).sum();
        last(d) == complement(sum, 10)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::validate::check;

    #[test]
    fn published_examples_hold_and_their_neighbours_do_not() {
        let cases: &[(Validator, &str, &str)] = &[
            (ru_inn, "7707083893", "7707083894"),
            (ru_inn, "500100732259", "500100732250"),
            (ru_snils, "112-233-445 95", "112-233-445 96"),
            (ru_ogrn, "1022200525819", "1022500001328"),
            (ru_ogrn, "385768585948949", "385768585948948"),
            (ua_rnokpp, "1759013776", "1759013770"),
            (ua_edrpou, "32855961", "32855968"),
            (by_unp, "200988541", "200988542"),
            (by_personal, "3190384A040PB8", "3190384A040PB6"),
            (tr_tckn, "17291716060", "17291716050"),
            (tr_vkn, "4540536920", "4540536921"),
        ];
        for (validator, right, wrong) in cases {
            assert_eq!(check(*validator, right), Judgement::Holds, "{right}");
            assert_eq!(check(*validator, wrong), Judgement::Fails, "{wrong}");
        }
    }
}
