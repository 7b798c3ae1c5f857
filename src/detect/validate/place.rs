//! Places on earth: pairs of decimal degrees (ISO 6709), with what may stand between them.

use super::{Judgement, Subject};

/// Bytes of a pair at most: `latitude: 52.520008, longitude: 13.404954`.
const REACH: usize = 90;

/// Check `coordinates`: latitude and longitude with four decimals or more, in this order or the other. The value is the first number.
pub(super) fn coordinates(subject: &Subject<'_>) -> Judgement {
    let signed = subject.before(1).starts_with(['-', '+']);
    let start = subject.range.start - usize::from(signed);
    let window = super::super::matcher::to_characters(subject.text, start..start.saturating_add(REACH));
    let Some(rest) = subject.text.get(window) else { return Judgement::Fails };
    let Some((first, after)) = degrees(rest, 0) else { return Judgement::Fails };
    let between = rest.get(after..).unwrap_or_default();
    let gap = between.char_indices().take_while(|(_, c)| is_between(*c)).last().map_or(0, |(at, c)| at + c.len_utf8());
    let next = after + gap - usize::from(between.get(..gap).is_some_and(|gap| gap.ends_with(['-', '+'])));
    let Some((second, end)) = degrees(rest, next) else { return Judgement::Fails };
    let pair = first.abs() <= 90.0 && second.abs() <= 180.0 || first.abs() <= 180.0 && second.abs() <= 90.0;
    if gap == 0 || !pair {
        return Judgement::Fails;
    }
    let reason = "latitude and longitude".to_owned();
    Judgement::Stretch { range: start..start + end, confidence: 0.75, reason }
}

/// What may stand between two coordinates: separators, quotes, `lng`, `"longitude":`, degree signs and directions.
fn is_between(character: char) -> bool {
    matches!(character, ' ' | ',' | ';' | '/' | '|' | '"' | '\'' | ':' | '=' | '-' | '+' | '°' | '\n' | '\t' | '\r')
        || character.is_ascii_alphabetic()
}

/// A number with four to ten decimals at `at`, and where it ends: more come out of arithmetic, not of a receiver.
fn degrees(text: &str, at: usize) -> Option<(f64, usize)> {
    let rest = text.get(at..)?;
    let sign = usize::from(rest.starts_with(['-', '+']));
    let length = sign + rest.get(sign..)?.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let number = rest.get(..length)?.trim_end_matches('.');
    let (_, decimals) = number.split_once('.')?;
    let value: f64 = number.parse().ok()?;
    (4..=10).contains(&decimals.len()).then_some((value, at + number.len()))
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn pairs_are_found_whole() {
        for value in ["52.520008, 13.404954", "-33.8688,151.2093", "48.8566° N, 2.3522° E", "40.712776;-74.005974"] {
            let found = check(coordinates, value);
            assert!(matches!(found, Judgement::Stretch { .. }), "{value}: {found:?}");
        }
        for value in ["52.5, 13.4", "152.520008, 193.404954", "52.520008"] {
            assert_eq!(check(coordinates, value), Judgement::Fails, "{value}");
        }
    }
}
