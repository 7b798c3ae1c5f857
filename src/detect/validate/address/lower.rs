//! English addresses in lower case, as people type them: no capitals tell names from other words, so only the narrow
//! form counts: number, one to three words, street word, and perhaps town, state and ZIP code behind it.

/// Words between a number and the street word at most.
const WORDS_MAX: usize = 3;
/// Words that no street is named.
const NO_NAMES: [&str; 30] = [
    "the",
    "of",
    "a",
    "an",
    "down",
    "up",
    "minutes",
    "minute",
    "miles",
    "mile",
    "meters",
    "km",
    "hours",
    "on",
    "in",
    "to",
    "from",
    "and",
    "or",
    "is",
    "for",
    "at",
    "by",
    "cars",
    "lanes",
    "people",
    "days",
    "years",
    "different",
    "more",
];
/// Pieces after the street word that are looked at for a ZIP code.
const PIECES_MAX: usize = 9;

/// Where the number stands that the words before the street word follow.
pub(super) fn begin(text: &str, word: usize) -> Option<usize> {
    let before = text.get(..word)?.strip_suffix(' ')?;
    let mut end = before.len();
    for n_words in 0..=WORDS_MAX {
        let rest = before.get(..end)?;
        let start = rest.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '\'').map_or(0, |at| at + 1);
        let piece = rest.get(start..)?;
        if piece.starts_with(|first: char| first.is_ascii_digit()) {
            let ordinal = ["st", "nd", "rd", "th"].iter().any(|tail| piece.ends_with(tail));
            if !ordinal {
                return (n_words > 0 && piece.len() < 7).then_some(start);
            }
        }
        if piece.is_empty() || NO_NAMES.contains(&piece) {
            return None;
        }
        end = rest.get(..start)?.strip_suffix(' ')?.len();
    }
    None
}

/// Where the address ends, and whether a state and a ZIP code stand there.
pub(super) fn finish(text: &str, street: usize) -> (usize, bool) {
    let mut at = street;
    let mut state = false;
    for _ in 0..PIECES_MAX {
        let rest = text.get(at..).unwrap_or_default();
        let gap = rest.bytes().take(3).take_while(|byte| matches!(byte, b' ' | b',' | b'.' | b'\n')).count();
        let piece = rest.get(gap..).unwrap_or_default();
        let length = piece.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let Some(piece) = piece.get(..length).filter(|piece| !piece.is_empty() && gap > 0) else { break };
        at += gap + length;
        let zip = piece.len() == 5 && piece.bytes().all(|byte| byte.is_ascii_digit());
        if zip && state {
            return (at, true);
        }
        state = piece.len() == 2 && piece.bytes().all(|byte| byte.is_ascii_lowercase());
    }
    (street, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_name_stand_before_the_street_word() {
        assert_eq!(begin("i live at 12 main street", 18), Some(10));
        assert_eq!(begin("5 minutes down the street", 19), None);
        assert_eq!(begin("on 5th street", 7), None);
    }

    #[test]
    fn a_zip_code_ends_it() {
        let text = "12 main street, springfield, il 62704 and";
        assert_eq!(finish(text, 14), (37, true));
        assert_eq!(finish("12 main street and then", 14), (14, false));
    }
}
