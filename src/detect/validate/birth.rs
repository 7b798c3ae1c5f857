//! Dates of birth: a day that exists, in any order and language, of somebody who may be alive (ISO 8601; HIPAA Safe
//! Harbor, 45 CFR 164.514(b)(2)(i)(C)).

use super::{Judgement, Subject, digits};

/// Years of birth.
const YEARS: std::ops::RangeInclusive<u64> = 1900..=2030;

/// Check `birth-date`.
pub(super) fn birth_date(subject: &Subject<'_>) -> Judgement {
    Judgement::holds(is_date(subject.value) && !ends_row(subject))
}

/// The last of several fields of a row: what the next line says does not speak of it.
fn ends_row(subject: &Subject<'_>) -> bool {
    let line = subject.before(80).rsplit('\n').next().unwrap_or_default();
    let ends = subject.after(1).is_empty() || subject.after(1).starts_with(['\n', '\r']);
    let fields = line.matches([',', ';', '\t']).count();
    ends && fields >= 2 && !line.contains(char::is_whitespace)
}

/// Whether numbers, with or without a month's name among them, are a date.
pub(super) fn is_date(value: &str) -> bool {
    let numbers: Vec<&str> = value.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let number = |part: &str| part.parse::<u64>().unwrap_or(0);
    match numbers.as_slice() {
        [first, second, third] => is_day(number(first), number(second), number(third), first.len() == 4),
        // The month is a word.
        [first, second] if value.chars().any(char::is_alphabetic) => {
            let (day, year) = if first.len() == 4 { (second, first) } else { (first, second) };
            (1..=31).contains(&number(day)) && is_year(number(year), year.len())
        }
        [all] if all.len() == 8 => {
            let part = |from: usize, to: usize| all.get(from..to).map_or(0, number);
            is_day(part(0, 4), part(4, 6), part(6, 8), true) || is_day(part(0, 2), part(2, 4), part(4, 8), false)
        }
        _ => false,
    }
}

fn is_year(year: u64, length: usize) -> bool {
    YEARS.contains(&year) || length == 2
}

/// Year first, or last with day and month in either order.
fn is_day(first: u64, second: u64, third: u64, year_first: bool) -> bool {
    if year_first {
        return YEARS.contains(&first) && (digits::is_date(third, second) || digits::is_date(second, third));
    }
    let year = YEARS.contains(&third) || third < 100;
    year && (digits::is_date(first, second) || digits::is_date(second, first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_exist_in_any_order() {
        for value in [
            "12/03/1985",
            "1985-03-12",
            "03/25/1985",
            "12.3.85",
            "19850312",
            "12 March 1985",
            "March 12, 1985",
            "1985年3月12日",
        ] {
            assert!(is_date(value), "{value}");
        }
        for value in ["32/13/1985", "1985-13-32", "12/03/1799", "1234567", "31.02.1985"] {
            assert!(!is_date(value), "{value}");
        }
    }
}
