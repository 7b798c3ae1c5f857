//! How random a string looks: Shannon entropy, and rarity of its letter pairs. Knows no rule.

/// Shannon entropy of the bytes, in bits a character. 0 for the empty string.
#[must_use]
pub fn shannon(value: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in value.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let total = f64::from(u32::try_from(value.len()).unwrap_or(u32::MAX));
    counts
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| {
            let share = f64::from(count) / total;
            -share * share.log2()
        })
        .sum()
}

/// Letter pairs that are common in English and in the names programmers give things, as rows: first letter, then the
/// letters that often follow it. Counted by hand over word lists; about a third of all pairs.
const COMMON_PAIRS: [&str; 26] = [
    "bcdgilmnprstuvwy",
    "aeilorsuy",
    "acehikloru",
    "aeiorsuy",
    "acdeflmnprstvwxy",
    "aefiloru",
    "aehilnorsu",
    "aeiotuy",
    "acdefglmnoprstvz",
    "aeou",
    "aeilnos",
    "adefilostuy",
    "abeimopsuy",
    "acdefginostuvy",
    "bcdfghiklmnoprstuvwy",
    "aehilorstu",
    "u",
    "acdegikmnorstuvy",
    "aceghiklmopqstuwy",
    "aehiorstuwy",
    "abcdegilmnprst",
    "aeio",
    "aehinors",
    "acept",
    "aelmopst",
    "aeioz",
];

/// Share of neighbouring letters that common words would not put side by side, 0–1; case is ignored, digits and
/// signs between letters count as rare. `None` for fewer than 4 characters.
#[must_use]
pub fn rarity(value: &str) -> Option<f64> {
    let bytes = value.as_bytes();
    if bytes.len() < 4 {
        return None;
    }
    let pairs = bytes.windows(2);
    let total = u32::try_from(pairs.len()).unwrap_or(u32::MAX);
    let rare = pairs.filter(|pair| !matches!(pair, [a, b] if common(*a, *b))).count();
    Some(f64::from(u32::try_from(rare).unwrap_or(u32::MAX)) / f64::from(total))
}

fn common(first: u8, second: u8) -> bool {
    let row = first.to_ascii_lowercase().checked_sub(b'a').and_then(|i| COMMON_PAIRS.get(usize::from(i)));
    row.is_some_and(|row| row.as_bytes().contains(&second.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_tokens_are_rarer_than_words() {
        let random = rarity("q8ZkP3xWv9Lt2Rj7").unwrap();
        for word in ["authentication", "internal_service", "configuration", "passwordResetController"] {
            let of_word = rarity(word).unwrap();
            assert!(of_word < 0.35 && random > 0.6, "{word}: {of_word}, random: {random}");
        }
    }

    #[test]
    fn entropy_is_in_bits_a_character() {
        assert!(shannon("aaaaaaaa") < 0.01);
        assert!((shannon("abcdefgh") - 3.0).abs() < 1e-9);
    }
}
