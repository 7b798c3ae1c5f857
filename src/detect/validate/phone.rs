//! Telephone numbers: ITU-T E.164 with the lengths of the national plans, and the forms they are written in within a
//! country. The checks read on from where a rule's pattern begins and say themselves where the number ends.

mod forms;
mod plans;
mod written;

use super::{Judgement, Subject, national::names::is_identity};
use plans::Use;
use written::{Group, Written};

/// Whether the bytes may begin a form of [`form`].
pub(super) fn opens(bytes: &[u8]) -> bool {
    forms::opens(bytes)
}

/// Check `phone-international`: `+` or an exit code, a calling code, a national number of its length. A number whose
/// length the plan does not have still counts when it is written as numbers are: plans change, and people mistype.
pub(super) fn international(subject: &Subject<'_>) -> Judgement {
    let start = subject.range.start;
    let Some(rest) = subject.text.get(start..) else { return Judgement::Fails };
    let plus = rest.trim_start_matches('(').starts_with('+');
    let written = Written::read(rest);
    let candidates = (1..=written.groups().len()).rev().filter_map(|count| written.groups().get(..count));
    let judged = candidates.filter_map(|groups| {
        let last = groups.last()?;
        let grade = international_of(&written, groups, plus)?;
        ends_here(rest, last.end).then_some((grade, last.end))
    });
    // The longest that its plan has, else the longest at all.
    let mut best: Option<(Grade, usize)> = None;
    for (grade, end) in judged {
        if best.is_none_or(|(kept, _)| kept.confidence < grade.confidence) {
            best = Some((grade, end));
        }
    }
    best.map_or(Judgement::Fails, |(grade, end)| stretch(subject, start, end, grade))
}

/// How sure a number is, and why.
#[derive(Debug, Clone, Copy)]
struct Grade {
    confidence: f32,
    country: &'static str,
}

fn international_of(written: &Written, groups: &[Group], plus: bool) -> Option<Grade> {
    let all = written.digits_to(groups.last()?);
    let number = if plus { all } else { all.strip_prefix("00").or_else(|| all.strip_prefix("011"))? };
    let (plan, national) = plans::of_international(number)?;
    // A trunk 0 written without brackets behind the calling code.
    let bare = national.strip_prefix('0').filter(|_| plan.trunk == "0").unwrap_or(national);
    let code_points = !plus && groups.iter().all(|group| group.n_digits == 4);
    if Written::is_one_digit(number) || is_dated(written, groups) || code_points {
        return None;
    }
    let american = plan.code != "1" || is_american(national);
    let fits = american && (plan.lengths.contains(&bare.len()) || plan.lengths.contains(&national.len()));
    let human = groups.len() >= 3
        && (8..=15).contains(&number.len())
        && groups.iter().skip(1).all(|group| group.n_digits > 1 || group.first < 4);
    let run = groups.len() <= 2
        && groups.iter().all(|group| group.before != b'.')
        && (9..=15).contains(&number.len())
        && plus;
    match (fits, human, run) {
        (true, _, _) => Some(Grade { confidence: if plus { 0.9 } else { 0.75 }, country: plan.country }),
        (false, true, _) => Some(Grade { confidence: if plus { 0.65 } else { 0.5 }, country: plan.country }),
        (false, false, true) => Some(Grade { confidence: 0.6, country: plan.country }),
        (false, false, false) => None,
    }
}

/// Area and exchange of North America begin with 2–9.
fn is_american(national: &str) -> bool {
    let digit = |index: usize| national.as_bytes().get(index).copied().unwrap_or(b'0');
    digit(0) >= b'2' && digit(3) >= b'2'
}

/// Check `phone-national`: a number in groups, near a word that says telephone.
pub(super) fn national(subject: &Subject<'_>) -> Judgement {
    let Some((start, rest)) = begin(subject) else { return Judgement::Fails };
    if let Some(found) = forms::find(rest) {
        let grade = Grade { confidence: found.confidence.max(0.8), country: found.country };
        return stretch(subject, start, found.bytes, grade);
    }
    let written = Written::read(rest);
    let candidates = (2..=written.groups().len().min(6)).rev().filter_map(|count| written.groups().get(..count));
    let judged = candidates.filter_map(|groups| {
        let last = groups.last()?;
        let grade = national_of(&written, groups)?;
        ends_here(rest, last.end).then(|| stretch(subject, start, last.end, grade))
    });
    judged.into_iter().next().unwrap_or(Judgement::Fails)
}

fn national_of(written: &Written, groups: &[Group]) -> Option<Grade> {
    let digits = written.digits_to(groups.last()?);
    let shape = (6..=13).contains(&digits.len()) && groups.iter().all(|group| group.n_digits <= 9);
    let short = groups.iter().filter(|group| group.n_digits == 1).count() > 1;
    let odd = Written::is_one_digit(digits)
        || is_dated(written, groups)
        || is_address(written, groups)
        || is_decimal(groups)
        || is_postal(groups);
    if !shape || short || odd {
        return None;
    }
    Some(grade(digits))
}

fn grade(digits: &str) -> Grade {
    let trunk = ["0", "8", "06", "1"].into_iter().find_map(|trunk| plans::of_national(digits, trunk));
    match trunk {
        Some((plan, Use::Mobile)) => Grade { confidence: 0.75, country: plan.country },
        Some((plan, Use::Any)) => Grade { confidence: 0.7, country: plan.country },
        None => Grade { confidence: 0.6, country: "its length" },
    }
}

/// Check `phone-plain`: digits without any separator, beside a word that says telephone.
pub(super) fn plain(subject: &Subject<'_>) -> Judgement {
    let Some((start, rest)) = begin(subject) else { return Judgement::Fails };
    let digits = rest.get(..rest.bytes().take_while(u8::is_ascii_digit).count()).unwrap_or_default();
    let odd = Written::is_one_digit(digits) || is_compact_time(digits) || is_constant(subject);
    if !(7..=13).contains(&digits.len()) || odd || !ends_here(rest, digits.len()) {
        return Judgement::Fails;
    }
    stretch(subject, start, digits.len(), grade(digits))
}

/// Check `phone-form`: a form that says enough in itself.
pub(super) fn form(subject: &Subject<'_>) -> Judgement {
    let Some((start, rest)) = begin(subject) else { return Judgement::Fails };
    let Some(found) = forms::find(rest) else { return Judgement::Fails };
    stretch(subject, start, found.bytes, Grade { confidence: found.confidence, country: found.country })
}

/// Where the number begins, an opening bracket before it counted in, and the text from there. `None` when it is the
/// tail of something longer, or a word before it says that it is an identity number.
fn begin<'t>(subject: &Subject<'t>) -> Option<(usize, &'t str)> {
    let bytes = subject.text.as_bytes();
    let at = |index: Option<usize>| index.and_then(|index| bytes.get(index)).copied().unwrap_or(b' ');
    let first = subject.range.start;
    let bracket =
        at(first.checked_sub(1)) == b'(' && bytes.get(first..first + 8).is_some_and(|seen| seen.contains(&b')'));
    let start = if bracket { first - 1 } else { first };
    let (before, earlier) = (at(start.checked_sub(1)), at(start.checked_sub(2)));
    let whole = bytes.get(start.saturating_sub(CODE_BYTES)..start).unwrap_or_default();
    let coded = whole.iter().rev().take_while(|byte| byte.is_ascii_digit() || b" -()".contains(byte)).count();
    let coded = coded < whole.len() && whole.iter().rev().nth(coded) == Some(&b'+');
    let tail = coded
        || match before {
            b' ' => {
                let written = bytes.get(start.saturating_sub(CODE_BYTES)..start).unwrap_or_default().trim_ascii_end();
                written.last().is_some_and(u8::is_ascii_digit)
                    || written.ends_with(b")") && written.iter().rev().nth(1).is_some_and(u8::is_ascii_digit)
            }
            b')' => true,
            b'-' | b'/' | b'+' => earlier.is_ascii_alphanumeric() || before == b'+',
            b'.' | b',' => earlier.is_ascii_digit(),
            b'$' | b'%' | b'#' | b'_' | b'\\' => true,
            b'(' => earlier.is_ascii_alphanumeric() || earlier == b'_',
            byte => {
                byte.is_ascii_alphanumeric() && (bracket || !subject.before(2).starts_with('\\'))
                    || earlier == 0xA3
                    || earlier == 0x82
            }
        };
    if tail || is_identity(subject) { None } else { Some((start, subject.text.get(start..)?)) }
}

/// Bytes before a number in which a plus sign says that its calling code stands there: `+351 (0) `.
const CODE_BYTES: usize = 9;

/// No letter, digit or further group follows; an extension may.
fn ends_here(rest: &str, end: usize) -> bool {
    let Some(after) = rest.get(end..) else { return false };
    let at = |index: usize| after.as_bytes().get(index).copied().unwrap_or(0);
    match at(0) {
        b'-' | b'.' | b'/' | b':' => !at(1).is_ascii_digit(),
        b'%' | b'_' => false,
        byte if byte.is_ascii_alphanumeric() => written::extension(after) > 0,
        _ => true,
    }
}

fn stretch(subject: &Subject<'_>, start: usize, bytes: usize, grade: Grade) -> Judgement {
    let end = start + bytes;
    let extension = subject.text.get(end..).map_or(0, written::extension);
    let reason = format!("number of the plan of {}", grade.country);
    Judgement::Stretch { range: start..end + extension, confidence: grade.confidence, reason }
}

/// `2024-01-31 12`, `31.01.2024`, `2019-2024`: a date, or years.
fn is_dated(written: &Written, groups: &[Group]) -> bool {
    let value = |group: &Group| written.digits_of(group).parse::<u32>().unwrap_or(0);
    let year = |group: &Group| group.n_digits == 4 && (1900..2100).contains(&value(group));
    let calendar = |group: &Group| group.n_digits <= 2 && (1..=31).contains(&value(group));
    groups.windows(3).any(|three| match three {
        [first, second, third] => {
            calendar(second) && (year(first) && calendar(third) || year(third) && calendar(first))
        }
        _ => false,
    }) || groups.len() == 2 && groups.iter().all(year)
}

/// `192.168.10.200`: an address of the internet protocol.
fn is_address(written: &Written, groups: &[Group]) -> bool {
    let octet =
        |group: &Group| written.digits_of(group).parse::<u32>().is_ok_and(|value| value < 256) && group.n_digits <= 3;
    groups.len() == 4 && groups.iter().all(octet) && groups.iter().skip(1).all(|group| group.before == b'.')
}

/// `1234567.89`: an amount or a measure.
fn is_decimal(groups: &[Group]) -> bool {
    matches!(groups, [whole, part] if part.before == b'.' && (part.n_digits <= 2 || whole.n_digits <= 2))
}

/// `15213-3890`: a postal code of the United States with its extension.
fn is_postal(groups: &[Group]) -> bool {
    matches!(groups, [area, more] if area.n_digits == 5 && more.n_digits == 4 && more.before == b'-')
}

/// `20240131`, `1700000000`, `1700000000000`: a day, seconds, milliseconds.
fn is_compact_time(digits: &str) -> bool {
    let part = |from: usize, to: usize| digits.get(from..to).and_then(|part| part.parse::<u32>().ok()).unwrap_or(0);
    let day = digits.len() == 8
        && (1900..2100).contains(&part(0, 4))
        && (1..=12).contains(&part(4, 6))
        && (1..=31).contains(&part(6, 8));
    let clock =
        digits.len() == 13 && (14..=19).contains(&part(0, 2)) || digits.len() == 10 && (15..=17).contains(&part(0, 2));
    day || clock
}

/// `…: u32 = 2147790711`: the value of a typed constant.
fn is_constant(subject: &Subject<'_>) -> bool {
    let before = subject.before(7);
    ["u32 = ", "i32 = ", "u64 = ", "i64 = ", "int = "].iter().any(|tail| before.ends_with(tail))
}

#[cfg(test)]
mod tests {
    use super::super::{Validator, check};
    use super::*;

    fn found(validator: Validator, value: &str) -> Option<String> {
        match check(validator, value) {
            Judgement::Stretch { range, .. } => value.get(range).map(str::to_owned),
            Judgement::Holds | Judgement::Fails | Judgement::First { .. } | Judgement::Scored { .. } => None,
        }
    }

    #[test]
    fn international_numbers_follow_their_plan() {
        for value in [
            "+49 30 901820",
            "+1 (415) 555-2671",
            "+44 (0)20 7946 0958",
            "0033 1 23 45 67 89",
            "+91 98765 43210",
            "+1-415-555-2671x123",
            "011 44 20 7946 0958",
            "+49(0)171 1234567",
            "+7 (912) 345-67-89",
            "+380 (44) 123-45-67",
        ] {
            assert_eq!(found(international, value).as_deref(), Some(value));
        }
        for value in ["+999 12345678", "+49 1", "+2 2024-01-31"] {
            assert_eq!(found(international, value), None, "{value}");
        }
        assert_eq!(found(international, "+49 30 901820 am Montag").as_deref(), Some("+49 30 901820"));
    }

    #[test]
    fn dates_amounts_and_times_are_no_telephone_numbers() {
        for value in ["2024-01-31 12", "31.01.2024", "1234567.89", "2019-2024", "192.168.10.200", "15213-3890"] {
            assert_eq!(found(national, value), None, "{value}");
        }
        for value in ["20240131", "1700000000", "1700000000000", "0000000"] {
            assert_eq!(found(plain, value), None, "{value}");
        }
    }

    #[test]
    fn an_extension_belongs_to_the_number() {
        assert_eq!(found(national, "555-123-4567 ext. 12, please").as_deref(), Some("555-123-4567 ext. 12"));
        assert_eq!(found(form, "(415) 555-2671 x7").as_deref(), Some("(415) 555-2671 x7"));
    }
}
