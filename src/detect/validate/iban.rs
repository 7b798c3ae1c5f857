//! International bank account numbers: ISO 13616-1, check digits by ISO/IEC 7064 MOD 97-10, lengths of the SWIFT IBAN registry.

use super::{Judgement, Subject};

/// Country and length (SWIFT IBAN registry, release 99).
const LENGTHS: &[(&str, usize)] = &[
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AT", 20),
    ("AZ", 28),
    ("BA", 20),
    ("BE", 16),
    ("BG", 22),
    ("BH", 22),
    ("BI", 27),
    ("BR", 29),
    ("BY", 28),
    ("CH", 21),
    ("CR", 22),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DJ", 27),
    ("DK", 18),
    ("DO", 28),
    ("EE", 20),
    ("EG", 29),
    ("ES", 24),
    ("FI", 18),
    ("FK", 18),
    ("FO", 18),
    ("FR", 27),
    ("GB", 22),
    ("GE", 22),
    ("GI", 23),
    ("GL", 18),
    ("GR", 27),
    ("GT", 28),
    ("HN", 28),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IQ", 23),
    ("IS", 26),
    ("IT", 27),
    ("JO", 30),
    ("KW", 30),
    ("KZ", 20),
    ("LB", 28),
    ("LC", 32),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("LY", 25),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MK", 19),
    ("MN", 20),
    ("MR", 27),
    ("MT", 31),
    ("MU", 30),
    ("NI", 28),
    ("NL", 18),
    ("NO", 15),
    ("OM", 23),
    ("PK", 24),
    ("PL", 28),
    ("PS", 29),
    ("PT", 25),
    ("QA", 29),
    ("RO", 24),
    ("RS", 22),
    ("RU", 33),
    ("SA", 24),
    ("SC", 31),
    ("SD", 18),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("SO", 23),
    ("ST", 25),
    ("SV", 28),
    ("TL", 23),
    ("TN", 24),
    ("TR", 26),
    ("UA", 29),
    ("VA", 22),
    ("VG", 24),
    ("XK", 20),
    ("YE", 30),
];

/// Check `iban`: country known, remainder 1 over the country's length. Words that follow are left out. Numbers of other
/// countries and lengths count less: the registry grows, and test data invents them.
pub(super) fn iban(subject: &Subject<'_>) -> Judgement {
    let written = subject.value.bytes().enumerate().filter(|(_, b)| b.is_ascii_alphanumeric());
    let (places, compact): (Vec<usize>, Vec<u8>) = written.map(|(at, b)| (at, b.to_ascii_uppercase())).unzip();
    let registered = length(&compact).and_then(|length| ending(subject.value, &places, &compact, length));
    if let Some(bytes) = registered {
        let reason = "length of its country and check digits (mod 97) hold".to_owned();
        return Judgement::First { bytes, confidence: None, reason };
    }
    let lengths = (LENGTH_MIN..=compact.len().min(LENGTH_MAX)).rev();
    let other = lengths.filter(|length| is_plain(compact.get(..*length).unwrap_or_default()));
    let found = other.filter_map(|length| ending(subject.value, &places, &compact, length)).next();
    found.filter(|_| is_one_case(subject.value)).map_or(Judgement::Fails, |bytes| {
        let reason = "check digits (mod 97) hold, though its country is not registered with this length".to_owned();
        Judgement::First { bytes, confidence: Some(0.85), reason }
    })
}

/// Lengths of numbers that the registry does not know.
const LENGTH_MIN: usize = 13;
/// ISO 13616-1 allows no more.
const LENGTH_MAX: usize = 34;

/// Bytes of the number of so many characters, if it ends there and its check digits hold.
fn ending(value: &str, places: &[usize], compact: &[u8], length: usize) -> Option<usize> {
    let number = compact.get(..length)?;
    let end = length.checked_sub(1).and_then(|last| places.get(last)).map(|at| at + 1)?;
    let ends = !value.as_bytes().get(end).is_some_and(u8::is_ascii_alphanumeric);
    (ends && remainder(number) == 1).then_some(end)
}

/// Country, check digits, up to four letters of a bank, digits.
fn is_plain(number: &[u8]) -> bool {
    let account = number.get(4..).unwrap_or_default();
    let bank = account.iter().take_while(|b| b.is_ascii_uppercase()).count();
    let country = number.iter().take(2).all(u8::is_ascii_uppercase);
    country
        && matches!(bank, 0 | 4)
        && account.get(bank..).is_some_and(|rest| rest.len() > 7 && rest.iter().all(u8::is_ascii_digit))
}

fn is_one_case(value: &str) -> bool {
    let head = value.get(..2).unwrap_or_default();
    let letters = || value.bytes().take(12).filter(u8::is_ascii_alphabetic);
    head.bytes().all(|b| b.is_ascii_uppercase()) && letters().all(|b| b.is_ascii_uppercase())
        || letters().all(|b| b.is_ascii_lowercase())
}

fn length(compact: &[u8]) -> Option<usize> {
    let country = compact.get(..2)?;
    LENGTHS.iter().find(|(code, _)| code.as_bytes() == country).map(|(_, length)| *length)
}

/// First four characters to the end, letters as 10–35, modulo 97.
fn remainder(compact: &[u8]) -> u32 {
    let turned = compact.iter().skip(4).chain(compact.iter().take(4));
    turned.fold(0, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte.saturating_sub(b'A')) + 10) % 97,
    })
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn examples_of_the_registry_hold() {
        for value in [
            "DE89 3704 0044 0532 0130 00",
            "GB29 NWBK 6016 1331 9268 19",
            "FR14 2004 1010 0505 0001 3M02 606",
            "NL91ABNA0417164300",
            "NO9386011117947",
            "MT84MALT011000012345MTLCAST001S",
            "CH93 0076 2011 6238 5295 7",
        ] {
            assert!(matches!(check(iban, value), Judgement::First { bytes, .. } if bytes == value.len()), "{value}");
        }
    }

    #[test]
    fn wrong_digits_length_or_country_fail() {
        for value in ["DE88 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 0", "QQ89370400440532013000", "DE"] {
            assert_eq!(check(iban, value), Judgement::Fails, "{value}");
        }
    }
}
