//! Machine readable lines of passports, identity cards and visas (ICAO Doc 9303), whatever the country.

use crate::detect::validate::{
    Judgement, Subject, Validator,
    digits::{digits, is_date, is_one_digit, ordinal, part, seven_three_one},
};
use std::ops::Range;

/// The checks of this file.
pub(in crate::detect::validate) const CHECKS: &[(&str, Validator)] =
    &[("icao-mrz", icao_mrz), ("document-number", document_number), ("document-code", document_code)];

/// Check `icao-mrz`: check digits of the document number, birth and expiry, weights 7-3-1 (ICAO 9303-3 §4.9). One or
/// more lines of 30, 36 or 44 characters.
pub fn icao_mrz(subject: &Subject<'_>) -> Judgement {
    let line: Vec<u8> = subject.value.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let from = |start: usize| line.get(start..).unwrap_or_default();
    Judgement::holds(match line.len() {
        44 | 36 => long_line_holds(&line),
        88 => long_line_holds(from(44)),
        72 => long_line_holds(from(36)),
        60 | 90 => field_holds(&line, 5..14) && short_line_holds(from(30)),
        _ => false,
    })
}

fn long_line_holds(line: &[u8]) -> bool {
    field_holds(line, 0..9) && field_holds(line, 13..19) && field_holds(line, 21..27) && date_holds(line, 13)
}

fn short_line_holds(line: &[u8]) -> bool {
    field_holds(line, 0..6) && field_holds(line, 8..14) && date_holds(line, 0)
}

/// The byte behind a field is its check digit; a document number that goes on in the optional field has `<` there.
fn field_holds(line: &[u8], field: Range<usize>) -> bool {
    let Some(check) = line.get(field.end) else { return false };
    *check == b'<' && field.start == 5 || line.get(field).map(seven_three_one) == Some(ordinal(*check))
}

fn date_holds(line: &[u8], start: usize) -> bool {
    let date = digits(&String::from_utf8_lossy(line.get(start..start + 6).unwrap_or_default()));
    date.len() == 6 && is_date(part(&date, 4..6), part(&date, 2..4))
}

/// Check `document-number`: at least four digits, not all the same: what numbers without a public checksum can be asked.
pub fn document_number(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    Judgement::holds(digits.len() >= 4 && !is_one_digit(&digits))
}

/// Check `document-code`: letters and digits both, as in codes without a checksum.
pub fn document_code(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value).len();
    Judgement::holds((1..subject.value.len()).contains(&digits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::validate::check;

    #[test]
    fn specimens_of_the_standard_hold_and_their_neighbours_do_not() {
        assert_eq!(check(icao_mrz, "L898902C36UTO7408122F1204159ZE184226B<<<<<10"), Judgement::Holds);
        assert_eq!(check(icao_mrz, "L898902C37UTO7408122F1204159ZE184226B<<<<<10"), Judgement::Fails);
        let card = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6";
        assert_eq!(check(icao_mrz, card), Judgement::Holds);
        assert_eq!(check(icao_mrz, &card.replace("7408122", "7408123")), Judgement::Fails);
    }
}
