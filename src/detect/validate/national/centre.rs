//! Numbers of Poland, Czechia, Slovakia, Hungary, Romania, Moldova, Bulgaria, Albania and the successors of Yugoslavia.

use crate::detect::validate::{
    Judgement, Subject, Validator,
    digits::{
        at, complement, digits, is_date, is_day, is_one_digit, is_yymmdd, last, lettered, mod_11_10_holds, number,
        numeric, ordinal, part, weighted,
    },
};

/// The checks of this file.
pub(in crate::detect::validate) const CHECKS: &[(&str, Validator)] = &[
    ("pl-pesel", pl_pesel),
    ("pl-nip", pl_nip),
    ("pl-regon", pl_regon),
    ("pl-card", pl_card),
    ("pl-passport", pl_passport),
    ("cz-rodne-cislo", cz_rodne_cislo),
    ("cz-ico", cz_ico),
    ("sk-dic", sk_dic),
    ("hu-tax", hu_tax),
    ("hu-taj", hu_taj),
    ("hu-personal", hu_personal),
    ("hu-vat", hu_vat),
    ("ro-cnp", ro_cnp),
    ("ro-cui", ro_cui),
    ("md-idnp", md_idnp),
    ("bg-egn", bg_egn),
    ("bg-foreigner", bg_foreigner),
    ("bg-vat", bg_vat),
    ("al-nid", al_nid),
    ("yu-jmbg", yu_jmbg),
    ("hr-oib", hr_oib),
    ("si-tax", si_tax),
    ("rs-pib", rs_pib),
];

/// Check `pl-pesel`: weights 1-3-7-9, birth date with the century in the month (Ustawa o ewidencji ludności).
pub fn pl_pesel(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 11, |d| {
        let sum = weighted(d, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]);
        is_date(part(d, 4..6), part(d, 2..4) % 20) && last(d) == complement(sum, 10)
    })
}

/// Check `pl-nip`: weights 6-5-7-2-3-4-5-6-7 modulo 11 (Ustawa o zasadach ewidencji i identyfikacji podatników).
pub fn pl_nip(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 10, |d| part(d, 0..3) >= 100 && last(d) == weighted(d, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11)
}

/// Check `pl-regon`: weights 8-9-2-3-4-5-6-7 modulo 11; fourteen digits have a second check (Główny Urząd Statystyczny).
pub fn pl_regon(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let first = at(&digits, 8) == weighted(&digits, &[8, 9, 2, 3, 4, 5, 6, 7]) % 11 % 10;
    let second = weighted(&digits, &[2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8]) % 11 % 10;
    let length = digits.len() == 9 || digits.len() == 14 && last(&digits) == second;
    Judgement::holds(length && first && !is_one_digit(&digits))
}

fn ordinals(characters: &[u8]) -> Vec<u32> {
    characters.iter().map(|byte| ordinal(*byte)).collect()
}

/// Check `pl-card`: three letters and six digits, weights 7-3-1-9-7-3-1-7-3 modulo 10 (Ministerstwo Spraw Wewnętrznych, dowód osobisty).
pub fn pl_card(subject: &Subject<'_>) -> Judgement {
    lettered(subject, 9, |c| weighted(&ordinals(c), &[7, 3, 1, 9, 7, 3, 1, 7, 3]).is_multiple_of(10))
}

/// Check `pl-passport`: two letters and seven digits, weights 7-3-9-1-7-3-1-7-3 modulo 10 (Ministerstwo Spraw Wewnętrznych).
pub fn pl_passport(subject: &Subject<'_>) -> Judgement {
    lettered(subject, 9, |c| weighted(&ordinals(c), &[7, 3, 9, 1, 7, 3, 1, 7, 3]).is_multiple_of(10))
}

/// Check `cz-rodne-cislo`: birth date, +20, +50 or +70 on the month; ten digits divide by eleven, nine are of births before
/// 1954 (Zákon 133/2000 Sb.; the same number in Slovakia, zákon 301/1995 Z. z.).
pub fn cz_rodne_cislo(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let month = match part(&digits, 2..4) {
        month @ 71.. => month - 70,
        month @ 51.. => month - 50,
        month @ 21.. => month - 20,
        month => month,
    };
    let check = match digits.len() {
        9 => part(&digits, 0..2) < 54,
        10 => {
            let rest = part(&digits, 0..9) % 11;
            rest % 10 == u64::from(last(&digits))
        }
        _ => false,
    };
    Judgement::holds(check && is_date(part(&digits, 4..6), month) && !is_one_digit(&digits))
}

/// Check `cz-ico`: weights 8–2 modulo 11 (Český statistický úřad, IČO; also Slovakia).
pub fn cz_ico(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 8, |d| {
        let check = (11 - weighted(d, &[8, 7, 6, 5, 4, 3, 2]) % 11) % 11;
        let expected = if check == 0 { 1 } else { check % 10 };
        last(d) == expected
    })
}

/// Check `sk-dic`: ten digits dividing by eleven (Finančná správa, IČ DPH).
pub fn sk_dic(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 10, |d| at(d, 0) > 0 && matches!(at(d, 2), 2 | 3 | 4 | 7..=9) && number(d).is_multiple_of(11))
}

/// Check `hu-tax`: an 8, days since 1867, serial, places as weights modulo 11 (1996. évi XX. törvény, adóazonosító jel).
pub fn hu_tax(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 10, |d| at(d, 0) == 8 && last(d) == weighted(d, &[1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11)
}

/// Check `hu-taj`: weights 3 and 7 modulo 10 (1996. évi XX. törvény, TAJ szám).
pub fn hu_taj(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 9, |d| last(d) == weighted(d, &[3, 7, 3, 7, 3, 7, 3, 7]) % 10)
}

/// Check `hu-personal`: sex and century, birth date, places as weights modulo 11, rising before 1997 and falling since (1996. évi XX. törvény, személyi azonosító).
pub fn hu_personal(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 11, |d| {
        let born = part(d, 1..3) + if matches!(at(d, 0), 3 | 4 | 7 | 8) { 2000 } else { 1900 };
        let rising = weighted(d, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) % 11;
        let falling = weighted(d, &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11;
        let date = matches!(at(d, 0), 1..=8) && is_day(born, part(d, 3..5), part(d, 5..7));
        date && last(d) == if born < 1997 { rising } else { falling }
    })
}

/// Check `hu-vat`: weights 9-7-3-1 modulo 10 over the first eight; region 02–51 behind (Nemzeti Adó- és Vámhivatal, adószám).
pub fn hu_vat(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let sum = weighted(&digits, &[9, 7, 3, 1, 9, 7, 3, 1]);
    let kind = digits.len() == 8 || digits.len() == 11 && matches!(at(&digits, 8), 1..=5);
    Judgement::holds(kind && sum.is_multiple_of(10) && !is_one_digit(&digits))
}

/// Check `ro-cnp`: sex and century, birth date, county, weights 279146358279 modulo 11 (Legea 105/1996).
pub fn ro_cnp(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 13, |d| {
        let rest = weighted(d, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
        let county = matches!(part(d, 7..9), 1..=48 | 51 | 52 | 70 | 80..=83 | 90..);
        let date = at(d, 0) > 0 && is_yymmdd(d, 1);
        date && county && last(d) == if rest == 10 { 1 } else { rest }
    })
}

/// Check `ro-cui`: weights 753217532 × 10 modulo 11, two to ten digits (Codul de procedură fiscală).
pub fn ro_cui(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let Some((check, body)) = digits.split_last().filter(|(_, body)| (4..=9).contains(&body.len())) else {
        return Judgement::Fails;
    };
    let sum: u32 = body.iter().rev().zip([2, 3, 5, 7, 1, 2, 3, 5, 7]).map(|(digit, weight)| digit * weight).sum();
    Judgement::holds(at(body, 0) > 0 && *check == sum * 10 % 11 % 10)
}

/// Check `md-idnp`: thirteen digits, weights 7-3-1 modulo 10, first digit 0, 1 or 2 (Agenția Servicii Publice).
pub fn md_idnp(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 13, |d| {
        matches!(at(d, 0), 0..=2) && last(d) == weighted(d, &[7, 3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1]) % 10
    })
}

/// Check `bg-egn`: birth date with the century in the month, weights 2-4-8-5-10-9-7-3-6 modulo 11 (ГД ГРАО, Наредба РД-02-20-9).
pub fn bg_egn(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 10, |d| {
        let (year, month, day) = (part(d, 0..2), part(d, 2..4), part(d, 4..6));
        let date = match month {
            1..=12 => is_day(1900 + year, month, day),
            21..=32 => is_day(1800 + year, month - 20, day),
            41..=52 => is_day(2000 + year, month - 40, day),
            _ => false,
        };
        date && last(d) == weighted(d, &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10
    })
}

/// Check `bg-foreigner`: weights 21-19-17-13-11-9-7-3-1 modulo 10 (МВР, ЛНЧ).
pub fn bg_foreigner(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 10, |d| last(d) == weighted(d, &[21, 19, 17, 13, 11, 9, 7, 3, 1]) % 10)
}

/// Check `bg-vat`: places as weights modulo 11, in a second round from 3 (Агенция по вписванията, ЕИК); ten digits are a
/// person's number.
pub fn bg_vat(subject: &Subject<'_>) -> Judgement {
    if digits(subject.value).len() == 10 {
        return if bg_egn(subject) == Judgement::Holds { Judgement::Holds } else { bg_foreigner(subject) };
    }
    numeric(subject, 9, |d| {
        let check = match weighted(d, &[1, 2, 3, 4, 5, 6, 7, 8]) % 11 {
            10 => weighted(d, &[3, 4, 5, 6, 7, 8, 9, 10]) % 11 % 10,
            rest => rest,
        };
        last(d) == check
    })
}

/// Check `al-nid`: a letter of the decade, year digit, month (+50 for women), day, serial, check letter
/// (Drejtoria e Përgjithshme e Gjendjes Civile); only the date is checked.
pub fn al_nid(subject: &Subject<'_>) -> Judgement {
    lettered(subject, 10, |characters| {
        let digits = digits(&String::from_utf8_lossy(characters));
        let (month, day) = (part(&digits, 1..3), part(&digits, 3..5));
        digits.len() == 8 && is_date(day, if month > 50 { month - 50 } else { month % 30 })
    })
}

/// Check `yu-jmbg`: birth date, region, weights 7–2 twice modulo 11 (Zakon o uvođenju jedinstvenog matičnog broja; EMŠO, ЕМБГ).
pub fn yu_jmbg(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 13, |d| {
        let year = match part(d, 4..7) {
            year @ 870.. => 1000 + year,
            year => 2000 + year,
        };
        let check = complement(weighted(d, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]), 11);
        is_day(year, part(d, 2..4), part(d, 0..2)) && (last(d) == check || check == 10 && last(d) == 0)
    })
}

/// Check `hr-oib`: ISO/IEC 7064 MOD 11,10 over eleven digits (Zakon o osobnom identifikacijskom broju).
pub fn hr_oib(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 11, mod_11_10_holds)
}

/// Check `rs-pib`: ISO/IEC 7064 MOD 11,10 over nine digits (Пореска управа, ПИБ).
pub fn rs_pib(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 9, mod_11_10_holds)
}

/// Check `si-tax`: weights 8–2 modulo 11 (Finančna uprava Republike Slovenije, davčna številka).
pub fn si_tax(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 8, |d| {
        let check = 11 - weighted(d, &[8, 7, 6, 5, 4, 3, 2]) % 11;
        at(d, 0) > 0 && check < 11 && last(d) == check % 10
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::validate::check;

    #[test]
    fn published_examples_hold_and_their_neighbours_do_not() {
        let cases: &[(Validator, &str, &str)] = &[
            (pl_pesel, "44051401359", "44051401358"),
            (pl_nip, "856-734-62-15", "856-734-62-16"),
            (pl_regon, "192598184", "192598183"),
            (pl_card, "ABS123456", "ABS123457"),
            (cz_rodne_cislo, "710319/2745", "710319/2746"),
            (cz_ico, "25123891", "25123890"),
            (sk_dic, "2022749619", "2022749618"),
            (hu_vat, "12892312", "12892313"),
            (ro_cnp, "1630615123457", "1630615123458"),
            (ro_cui, "18547290", "18547291"),
            (bg_egn, "7523169263", "7552010005"),
            (bg_foreigner, "7111042925", "7111042922"),
            (bg_vat, "175074752", "175074751"),
            (yu_jmbg, "0101006500006", "0101006500007"),
            (hr_oib, "33392005961", "33392005962"),
            (si_tax, "15012557", "15012556"),
        ];
        for (validator, right, wrong) in cases {
            assert_eq!(check(*validator, right), Judgement::Holds, "{right}");
            assert_eq!(check(*validator, wrong), Judgement::Fails, "{wrong}");
        }
    }
}
