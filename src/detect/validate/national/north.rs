//! Numbers of Poland, Sweden, Denmark, Finland and Norway.

use crate::detect::validate::{
    Judgement, Subject,
    digits::{digits, is_date, luhn_holds, number, part, weighted},
};

/// Check `pl-pesel`: weights 1-3-7-9, birth date with the century in the month (Ustawa o ewidencji ludności).
pub fn pl_pesel(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let sum = weighted(&digits, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]);
    let expected = (10 - sum % 10) % 10;
    let date = is_date(part(&digits, 4..6), part(&digits, 2..4) % 20);
    Judgement::holds(digits.len() == 11 && date && digits.get(10) == Some(&expected))
}

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

/// Check `dk-cpr`: a birth date. Since 2007 numbers are issued without the modulo 11 (CPR-kontoret), so it only raises confidence.
pub fn dk_cpr(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    if digits.len() != 10 || !is_date(part(&digits, 0..2), part(&digits, 2..4)) {
        return Judgement::Fails;
    }
    if weighted(&digits, &[4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11) {
        return Judgement::scored(0.85, "birth date and modulo 11 hold");
    }
    Judgement::scored(0.6, "birth date holds")
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
    Judgement::holds(digits.len() == 9 && is_date(part(&digits, 0..2), part(&digits, 2..4)) && holds)
}

/// Check `no-fodselsnummer`: two check digits modulo 11; +40 on the day for a D-nummer (Skatteetaten).
pub fn no_fodselsnummer(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let first = weighted(&digits, &[3, 7, 6, 1, 8, 9, 4, 5, 2, 1]).is_multiple_of(11);
    let second = weighted(&digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11);
    let date = is_date(part(&digits, 0..2) % 40, part(&digits, 2..4) % 40);
    Judgement::holds(digits.len() == 11 && date && first && second)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::validate::check;

    #[test]
    fn published_examples_hold_and_their_neighbours_do_not() {
        assert_eq!(check(pl_pesel, "44051401359"), Judgement::Holds);
        assert_eq!(check(pl_pesel, "44051401358"), Judgement::Fails);
        assert_eq!(check(se_personnummer, "811218-9876"), Judgement::Holds);
        assert_eq!(check(se_personnummer, "811218-9875"), Judgement::Fails);
        assert_eq!(check(se_personnummer, "19811218-9876"), Judgement::Holds);
        assert!(matches!(check(dk_cpr, "070761-4285"), Judgement::Scored { confidence, .. } if confidence > 0.8));
        assert_eq!(check(dk_cpr, "320761-4285"), Judgement::Fails);
        assert_eq!(check(fi_hetu, "131052-308T"), Judgement::Holds);
        assert_eq!(check(fi_hetu, "131052-308U"), Judgement::Fails);
        assert_eq!(check(no_fodselsnummer, "15108695088"), Judgement::Holds);
        assert_eq!(check(no_fodselsnummer, "15108695089"), Judgement::Fails);
    }
}
