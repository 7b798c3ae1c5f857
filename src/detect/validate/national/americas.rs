//! Numbers of the United States, Canada and Brazil.

use crate::detect::validate::{
    Judgement, Subject,
    digits::{digits, is_one_digit, luhn_holds, part, weighted},
};

/// Numbers printed in advertisements and examples; the Social Security Administration lists them as invalid.
const NEVER_ISSUED: [u64; 4] = [78_051_120, 219_099_999, 457_555_462, 123_456_789];

/// Check `us-ssn`: no area 000, 666 or 9xx, no group 00, no serial 0000 (SSA, «Social Security Number Randomization»).
pub fn us_ssn(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let (area, group, serial) = (part(&digits, 0..3), part(&digits, 3..5), part(&digits, 5..9));
    let valid = digits.len() == 9 && area != 0 && area != 666 && area < 900 && group != 0 && serial != 0;
    Judgement::holds(valid && !NEVER_ISSUED.contains(&part(&digits, 0..9)) && !is_one_digit(&digits))
}

/// Check `us-itin`: 9xx with a group of 50–65, 70–88, 90–92 or 94–99 (IRS publication 1915).
pub fn us_itin(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let group = part(&digits, 3..5);
    let issued = matches!(group, 50..=65 | 70..=88 | 90..=92 | 94..=99);
    Judgement::holds(digits.len() == 9 && part(&digits, 0..1) == 9 && issued)
}

/// Check `ca-sin`: Luhn, first digit not 0 or 8 (Employment and Social Development Canada).
pub fn ca_sin(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let first = part(&digits, 0..1);
    Judgement::holds(digits.len() == 9 && first != 0 && first != 8 && luhn_holds(&digits) && !is_one_digit(&digits))
}

/// Check `br-cpf`: two check digits modulo 11 (Receita Federal, Instrução Normativa 1548/2015).
pub fn br_cpf(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let first = brazilian(&digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2]);
    let second = brazilian(&digits, &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    Judgement::holds(digits.len() == 11 && !is_one_digit(&digits) && digits.get(9..) == Some(&[first, second]))
}

/// Check `br-cnpj`: two check digits modulo 11 (Receita Federal, Instrução Normativa 2119/2022).
pub fn br_cnpj(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let first = brazilian(&digits, &[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]);
    let second = brazilian(&digits, &[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]);
    Judgement::holds(digits.len() == 14 && !is_one_digit(&digits) && digits.get(12..) == Some(&[first, second]))
}

fn brazilian(digits: &[u32], weights: &[u32]) -> u32 {
    match weighted(digits, weights) % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::validate::check;

    #[test]
    fn published_examples_hold_and_their_neighbours_do_not() {
        assert_eq!(check(br_cpf, "529.982.247-25"), Judgement::Holds);
        assert_eq!(check(br_cpf, "529.982.247-26"), Judgement::Fails);
        assert_eq!(check(br_cnpj, "11.222.333/0001-81"), Judgement::Holds);
        assert_eq!(check(br_cnpj, "11.222.333/0001-82"), Judgement::Fails);
        assert_eq!(check(ca_sin, "130 692 544"), Judgement::Holds);
        assert_eq!(check(ca_sin, "046 454 286"), Judgement::Fails);
        assert_eq!(check(us_ssn, "536-90-4399"), Judgement::Holds);
        for never in ["000-12-3456", "666-12-3456", "900-12-3456", "123-00-4567", "123-45-0000", "078-05-1120"] {
            assert_eq!(check(us_ssn, never), Judgement::Fails, "{never}");
        }
        assert_eq!(check(us_itin, "912-70-1234"), Judgement::Holds);
        assert_eq!(check(us_itin, "912-69-1234"), Judgement::Fails);
    }
}
