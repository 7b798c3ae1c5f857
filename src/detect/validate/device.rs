//! Vehicles and devices: VIN (ISO 3779), number plates, IMEI (3GPP TS 23.003), ICCID (ITU-T E.118).

use super::{
    Judgement, Subject,
    digits::{digits, is_one_digit, luhn_holds},
};

/// Check `vin`: seventeen characters without I, O and Q. With the check digit of North America (ISO 3779, 49 CFR 565) it
/// says enough in itself; without, a word must stand near it.
pub(super) fn vin(subject: &Subject<'_>) -> Judgement {
    let Some(values) = transliterated(subject.value) else { return Judgement::Fails };
    let digits = subject.value.bytes().filter(u8::is_ascii_digit).count();
    let ends = subject.value.bytes().rev().take(3).all(|byte| byte.is_ascii_digit());
    if !(4..=15).contains(&digits) || !ends {
        return Judgement::Fails;
    }
    let weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let sum: u32 = values.iter().zip(weights).map(|(value, weight)| value * weight).sum();
    let expected = char::from_digit(sum % 11, 10).unwrap_or('X');
    if subject.value.chars().nth(8) == Some(expected) {
        return Judgement::scored(0.75, "check digit (position 9) holds");
    }
    Judgement::scored(0.35, "form of a vehicle identification number, no check digit")
}

/// Letters as the digits they stand for; `None` for other characters.
fn transliterated(value: &str) -> Option<Vec<u32>> {
    let letter = |byte: u8| match byte {
        b'A'..=b'H' => Some(u32::from(byte - b'A') + 1),
        b'J'..=b'N' => Some(u32::from(byte - b'J') + 1),
        b'P' => Some(7),
        b'R' => Some(9),
        b'S'..=b'Z' => Some(u32::from(byte - b'S') + 2),
        b'0'..=b'9' => Some(u32::from(byte - b'0')),
        _ => None,
    };
    let values: Vec<u32> = value.bytes().map_while(letter).collect();
    (values.len() == 17 && value.len() == 17).then_some(values)
}

/// Check `plate`: letters and digits in groups, neither alone (ISO 3166 countries have no common form).
pub(super) fn plate(subject: &Subject<'_>) -> Judgement {
    let letters = subject.value.chars().filter(|c| c.is_alphabetic()).count();
    let digits = subject.value.bytes().filter(u8::is_ascii_digit).count();
    let year =
        subject.value.split([' ', '-']).any(|part| matches!(part.parse::<u32>(), Ok(1990..=2039)) && letters > 3);
    let unit = letters <= 2 && digits <= 2;
    Judgement::holds(letters >= 1 && digits >= 1 && (4..=10).contains(&(letters + digits)) && !year && !unit)
}

/// Check `imei`: fifteen digits with a Luhn check digit, or sixteen with a software version (3GPP TS 23.003 § 6.2).
pub(super) fn imei(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let holds = match digits.len() {
        15 => luhn_holds(&digits),
        16 => true,
        _ => false,
    };
    Judgement::holds(holds && !is_one_digit(&digits))
}

/// Check `iccid`: nineteen or twenty digits that begin with 89, Luhn over nineteen or all (ITU-T E.118).
pub(super) fn iccid(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let holds = luhn_holds(&digits) || digits.get(..19).is_some_and(luhn_holds);
    Judgement::holds(digits.starts_with(&[8, 9]) && (19..=20).contains(&digits.len()) && holds)
}

/// Check `serial`: a number of a device, a patient or a licence: digits, perhaps letters, not a word, not a date.
pub(super) fn serial(subject: &Subject<'_>) -> Judgement {
    let value = subject.value.trim_end_matches(['-', '.', '/']);
    let digits = digits(value);
    let dated = super::birth::is_date(value);
    let words = value
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|part| part.len() > 3 && part.bytes().all(|b| b.is_ascii_lowercase()));
    let fits = digits.len() >= 4 && !is_one_digit(&digits) && !dated && !words;
    if !fits {
        return Judgement::Fails;
    }
    Judgement::First { bytes: value.len(), confidence: None, reason: "digits of a number".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn the_check_digit_of_a_vin_decides() {
        let sure = |value| matches!(check(vin, value), Judgement::Scored { confidence, .. } if confidence > 0.5);
        assert!(sure("1M8GDM9AXKP042788"));
        assert!(!sure("1M8GDM9A1KP042788"));
        assert_eq!(check(vin, "1M8GDM9AXKP04278O"), Judgement::Fails);
    }

    #[test]
    fn plates_have_letters_and_digits() {
        for value in ["B-AB 1234", "AB12 CDE", "1234 BCD", "AA-229-AA", "7ABC123"] {
            assert_eq!(check(plate, value), Judgement::Holds, "{value}");
        }
        for value in ["1234", "ABCDEF", "A 1", "MODEL 2019"] {
            assert_eq!(check(plate, value), Judgement::Fails, "{value}");
        }
    }

    #[test]
    fn numbers_of_telephones_have_a_check_digit() {
        assert_eq!(check(imei, "490154203237518"), Judgement::Holds);
        assert_eq!(check(imei, "490154203237519"), Judgement::Fails);
        assert_eq!(check(iccid, "8944500102198304826"), Judgement::Holds);
    }
}
