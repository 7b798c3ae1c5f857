//! Numbers of Singapore, Malaysia, Indonesia, Thailand, Vietnam, the Philippines, Australia and New Zealand.

use crate::detect::validate::{
    Judgement, Subject, Validator,
    digits::{
        at, compact, complement, digits, is_date, is_one_digit, is_yymmdd, last, lettered, luhn_holds, numeric,
        ordinal, part, weighted,
    },
};

/// The checks of this file.
pub(in crate::detect::validate) const CHECKS: &[(&str, Validator)] = &[
    ("sg-nric", sg_nric),
    ("my-kad", my_kad),
    ("id-nik", id_nik),
    ("id-npwp", id_npwp),
    ("th-id", th_id),
    ("vn-cccd", vn_cccd),
    ("vn-cccd-named", vn_cccd_named),
    ("vn-mst", vn_mst),
    ("au-tfn", au_tfn),
    ("au-medicare", au_medicare),
    ("au-abn", au_abn),
    ("au-acn", au_acn),
    ("nz-ird", nz_ird),
    ("nz-nhi", nz_nhi),
];

/// Check `sg-nric`: weights 2-7-6-5-4-3-2 modulo 11, letters by series (Immigration & Checkpoints Authority).
pub fn sg_nric(subject: &Subject<'_>) -> Judgement {
    lettered(subject, 9, |characters| {
        let (Some(series), Some(check)) = (characters.first(), characters.last()) else { return false };
        let (offset, letters): (u32, &[u8; 11]) = match series {
            b'S' => (0, b"JZIHGFEDCBA"),
            b'T' => (4, b"JZIHGFEDCBA"),
            b'F' => (0, b"XWUTRQPNMLK"),
            b'G' => (4, b"XWUTRQPNMLK"),
            b'M' => (3, b"KLJNPQRTUWX"),
            _ => return false,
        };
        let digits = digits(&String::from_utf8_lossy(characters));
        let sum = weighted(&digits, &[2, 7, 6, 5, 4, 3, 2]) + offset;
        let index = usize::try_from(sum % 11).unwrap_or(0);
        digits.len() == 7 && letters.get(index) == Some(check)
    })
}

/// Check `my-kad`: birth date and code of the state or country of birth; no check digit (Jabatan Pendaftaran Negara).
pub fn my_kad(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 12, |d| {
        let place = matches!(part(d, 6..8), 1..=16 | 21..=68 | 71 | 72 | 74..=79 | 82..=93 | 98 | 99);
        is_yymmdd(d, 0) && place && part(d, 8..12) > 0
    })
}

/// Check `id-nik`: province, regency, district, birth date with 40 added to a woman's day (Kementerian Dalam Negeri, UU 23/2006).
pub fn id_nik(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 16, |d| {
        let province =
            matches!(part(d, 0..2), 11..=19 | 21 | 31..=36 | 51..=53 | 61..=65 | 71..=76 | 81 | 82 | 91..=97);
        let day = part(d, 6..8);
        let date = is_date(if day > 40 { day - 40 } else { day }, part(d, 8..10));
        province && part(d, 2..4) > 0 && part(d, 4..6) > 0 && date && part(d, 12..16) > 0
    })
}

/// Check `id-npwp`: Luhn over the first nine of fifteen digits (Direktorat Jenderal Pajak).
pub fn id_npwp(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 15, |d| d.get(..9).is_some_and(luhn_holds))
}

/// Check `th-id`: weights 13–2 modulo 11, first digit 1–8 (กรมการปกครอง; also the tax number).
pub fn th_id(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 13, |d| {
        let sum = weighted(d, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
        matches!(at(d, 0), 0..=8) && last(d) == (11 - sum % 11) % 10
    })
}

/// Check `vn-cccd`: province 001–096, sex and century, year of birth, serial (Thông tư 59/2021/TT-BCA).
pub fn vn_cccd(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 12, |d| matches!(part(d, 0..3), 1..=96) && at(d, 3) <= 3 && part(d, 6..12) > 0)
}

/// Check `vn-cccd-named`: as `vn-cccd`, or the nine digits of a CMND, which carry no check (Bộ Công an).
pub fn vn_cccd_named(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    if digits.len() == 9 { Judgement::holds(!is_one_digit(&digits)) } else { vn_cccd(subject) }
}

/// Check `vn-mst`: weights 31-29-23-19-17-13-7-5-3 modulo 11; three digits of a branch may follow (Tổng cục Thuế).
pub fn vn_mst(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let check = 10 - weighted(&digits, &[31, 29, 23, 19, 17, 13, 7, 5, 3]) % 11;
    Judgement::holds(matches!(digits.len(), 10 | 13) && part(&digits, 2..9) > 0 && at(&digits, 9) == check)
}

/// Check `au-tfn`: weights 1-4-3-7-5-8-6-9-10 modulo 11; older ones have eight digits (Australian Taxation Office).
pub fn au_tfn(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let sum = weighted(&digits, &[1, 4, 3, 7, 5, 8, 6, 9, 10]);
    Judgement::holds(matches!(digits.len(), 8 | 9) && !is_one_digit(&digits) && sum.is_multiple_of(11))
}

/// Check `au-medicare`: first digit 2–6, ninth from weights 1-3-7-9 modulo 10, issue and person behind (Services Australia).
pub fn au_medicare(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let check = weighted(&digits, &[1, 3, 7, 9, 1, 3, 7, 9]) % 10;
    Judgement::holds(matches!(digits.len(), 10 | 11) && matches!(at(&digits, 0), 2..=6) && at(&digits, 8) == check)
}

/// Check `au-abn`: 1 less on the first digit, weights 10 and odd numbers modulo 89 (Australian Business Register).
pub fn au_abn(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 11, |d| {
        let sum = weighted(d, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
        at(d, 0) > 0 && (sum - 10).is_multiple_of(89)
    })
}

/// Check `au-acn`: weights 8–1 modulo 10 (Australian Securities & Investments Commission).
pub fn au_acn(subject: &Subject<'_>) -> Judgement {
    numeric(subject, 9, |d| last(d) == complement(weighted(d, &[8, 7, 6, 5, 4, 3, 2, 1]), 10))
}

/// Check `nz-ird`: weights 3-2-7-6-5-4-3-2 modulo 11, then 7-4-3-2-5-2-7-6 (Inland Revenue, NRWT specification).
pub fn nz_ird(subject: &Subject<'_>) -> Judgement {
    let mut digits = digits(subject.value);
    if digits.len() == 8 {
        digits.insert(0, 0);
    }
    let first = complement(weighted(&digits, &[3, 2, 7, 6, 5, 4, 3, 2]), 11);
    let check = if first == 10 { complement(weighted(&digits, &[7, 4, 3, 2, 5, 2, 7, 6]), 11) } else { first };
    let issued = matches!(part(&digits, 0..9), 10_000_000..=150_000_000);
    Judgement::holds(digits.len() == 9 && issued && !is_one_digit(&digits) && last(&digits) == check)
}

/// Check `nz-nhi`: three letters without I and O, weights 7–2; check digit modulo 11, in the newer form a letter modulo 23
/// (HISO 10046).
pub fn nz_nhi(subject: &Subject<'_>) -> Judgement {
    const ALPHABET: &[u8; 24] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";
    let value = |byte: &u8| match ALPHABET.iter().position(|known| known == byte) {
        Some(place) => u32::try_from(place + 1).unwrap_or(0),
        None => ordinal(*byte),
    };
    let characters = compact(subject.value);
    let values: Vec<u32> = characters.iter().map(value).collect();
    let sum = weighted(&values, &[7, 6, 5, 4, 3, 2]);
    let check = characters.last().copied().unwrap_or(0);
    let holds = if check.is_ascii_digit() {
        !sum.is_multiple_of(11) && ordinal(check) == (11 - sum % 11) % 10
    } else {
        last(&values) == 23 - sum % 23
    };
    Judgement::holds(values.len() == 7 && holds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::validate::check;

    #[test]
    fn published_examples_hold_and_their_neighbours_do_not() {
        let cases: &[(Validator, &str, &str)] = &[
            (sg_nric, "S1234567D", "S1234567E"),
            (my_kad, "770305-02-1234", "771305-02-1234"),
            (id_nik, "3171011708450001", "3171011713450001"),
            (id_npwp, "01.300.066.6-091.000", "01.300.067.6-091.000"),
            (th_id, "1-2345-45678-78-1", "1-2345-45678-78-9"),
            (vn_mst, "0100233488", "0100233480"),
            (vn_cccd, "001090012345", "097090012345"),
            (au_tfn, "123 456 782", "123 456 789"),
            (au_medicare, "2123 45670 1", "2123 45671 1"),
            (au_abn, "83 914 571 673", "83 914 571 672"),
            (au_acn, "004 085 616", "004 085 617"),
            (nz_ird, "49-098-576", "49-098-575"),
            (nz_nhi, "ZZZ0016", "ZZZ0017"),
        ];
        for (validator, right, wrong) in cases {
            assert_eq!(check(*validator, right), Judgement::Holds, "{right}");
            assert_eq!(check(*validator, wrong), Judgement::Fails, "{wrong}");
        }
    }
}
