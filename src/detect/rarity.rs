//! How rare a string is beside words and the names that programmers give: a table of how letters follow each other,
//! counted over prose, code and the words of sixty languages by `eval/rarity.py`. Knows no rule.

/// Made by `eval/rarity.py`, which documents its layout.
static TABLE: &[u8; SYMBOLS * SYMBOLS * SYMBOLS / 2 + 16] = include_bytes!("rarity.bin");

/// 26 letters without case, a digit, anything else.
const SYMBOLS: usize = 28;
/// Bits that one step of the table stands for.
const STEP: f64 = 0.8;
/// Surprise of which digit it is, where ten are alike: log2 10.
const DIGIT: f64 = 3.3;
/// Where the capitals begin in the table.
const CAPITALS: usize = SYMBOLS * SYMBOLS * SYMBOLS / 2;

/// How a letter is written.
#[derive(Debug, Clone, Copy)]
enum Case {
    Small = 0,
    Capital = 1,
    Digit = 2,
    Other = 3,
}

impl Case {
    fn of(byte: u8) -> Self {
        match byte {
            b'a'..=b'z' => Self::Small,
            b'A'..=b'Z' => Self::Capital,
            b'0'..=b'9' => Self::Digit,
            _ => Self::Other,
        }
    }
}

fn symbol(byte: u8) -> usize {
    match byte.to_ascii_lowercase() {
        letter @ b'a'..=b'z' => usize::from(letter - b'a'),
        b'0'..=b'9' => 26,
        _ => 27,
    }
}

fn level(first: usize, second: usize, third: usize) -> f64 {
    let index = (first * SYMBOLS + second) * SYMBOLS + third;
    let pair = TABLE.get(index / 2).copied().unwrap_or(0);
    STEP * f64::from(if index.is_multiple_of(2) { pair & 15 } else { pair >> 4 })
}

/// Bits by which the case of a letter, or the value of a digit, surprises after two others.
fn case_surprise(first: Case, second: Case, third: Case) -> f64 {
    let share = TABLE.get(CAPITALS + first as usize * 4 + second as usize).copied().unwrap_or(1);
    let capital = f64::from(share) / 255.0;
    match third {
        Case::Small => -(1.0 - capital).log2(),
        Case::Capital => -capital.log2(),
        Case::Digit => DIGIT,
        Case::Other => 0.0,
    }
}

/// How much the string surprises who knows words and names only, in bits a character. Names have 2–6, random letters
/// and digits 7–11, hexadecimal 5–7. 0 for the empty string.
#[must_use]
pub fn surprise(value: &str) -> f64 {
    let (mut first, mut second) = (27, 27);
    let (mut first_case, mut second_case) = (Case::Other, Case::Other);
    let mut bits = 0.0;
    for byte in value.bytes() {
        let (third, third_case) = (symbol(byte), Case::of(byte));
        bits += level(first, second, third) + case_surprise(first_case, second_case, third_case);
        (first, second) = (second, third);
        (first_case, second_case) = (second_case, third_case);
    }
    let length = u32::try_from(value.len()).unwrap_or(u32::MAX);
    if length == 0 { 0.0 } else { bits / f64::from(length) }
}

/// Surprise at which a string of this length is as likely a name as random: half-way between the rarest hundredth of
/// names and the commonest hundredth of random small letters and digits.
fn even(length: usize) -> f64 {
    match length {
        0..=9 => 6.4,
        10..=13 => 6.2,
        14..=19 => 6.0,
        20..=27 => 5.9,
        _ => 5.7,
    }
}

/// The same for hexadecimal digits alone: no name is made of them.
const EVEN_HEXADECIMAL: f64 = 4.6;

/// Bits a character between even and certain.
const SPREAD: f64 = 2.4;

/// From 0 (a word, a name) over 0.5 (could be either) to 1 (random), calibrated by length. `None` for fewer than 4
/// bytes, of which nobody can tell.
#[must_use]
pub fn rarity(value: &str) -> Option<f64> {
    if value.len() < 4 {
        return None;
    }
    let hexadecimal = value.len() >= 12
        && value.bytes().all(|byte| byte.is_ascii_hexdigit())
        && value.bytes().any(|byte| byte.is_ascii_digit());
    let even = if hexadecimal { EVEN_HEXADECIMAL } else { even(value.len()) };
    Some((0.5 + (surprise(value) - even) / SPREAD).clamp(0.0, 1.0))
}

/// Surprise of a piece of three letters and more up to which it is a word, in bits a character.
const WORD: f64 = 5.0;

/// Share of the value that consists of words: humps of `CamelCase`, small letters between other bytes, rows of four
/// capitals. Up to 0.3 in 99 of 100 random tokens, more in nearly all names.
#[must_use]
pub fn word_share(value: &str) -> f64 {
    let words: usize = pieces(value).filter(|piece| surprise(piece) < WORD).map(str::len).sum();
    let count = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    if value.is_empty() { 0.0 } else { count(words) / count(value.len()) }
}

/// Pieces that could be words.
fn pieces(value: &str) -> impl Iterator<Item = &str> {
    let bytes = value.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(first) = bytes.get(at) {
            let rest = bytes.get(at + 1..).unwrap_or_default();
            let small = rest.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
            let capitals = rest.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
            let length = match first {
                b'a'..=b'z' | b'A'..=b'Z' if small >= 2 => 1 + small,
                b'A'..=b'Z' if capitals >= 3 => 1 + capitals,
                _ => 0,
            };
            let start = at;
            at += length.max(1);
            if length > 0 {
                return value.get(start..start + length);
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_and_names_are_common() {
        for name in [
            "authentication",
            "internal_service",
            "configuration",
            "passwordResetController",
            "HTTPBasicAuthHandler",
            "user-session-token-12",
            "getProviderApiKeyFromVault",
            "x86_64-unknown-linux-gnu",
            "utf8mb4_unicode_ci",
            "Bundesversicherungsanstalt",
            "anticonstitutionnellement",
            "node_modules/react-dom/index.js",
            "DATABASE_CONNECTION_TIMEOUT",
            "IllegalArgumentException",
            "correcthorsebatterystaple",
        ] {
            let of_name = rarity(name).unwrap();
            assert!(of_name < 0.3, "{name}: {of_name}, {:.2} bits", surprise(name));
        }
    }

    #[test]
    fn passwords_that_generators_make_are_rare() {
        for password in ["Zq8!vT2m", "Kx93LmQz", "aX3$kk9!", "xK7#mP2$vL9q"] {
            assert!(rarity(password).unwrap() > 0.7, "{password}: {:.2} bits", surprise(password));
        }
    }

    #[test]
    fn names_consist_of_words() {
        for name in [
            "EvpPkeyCtxCtrlStrTest",
            "dwMPPESendKeyLen",
            "PSTV1VOPRFTestVector1",
            "user-session-token-12",
            "KspGetTokenFn",
        ] {
            assert!(word_share(name) > 0.34, "{name}: {:.2}", word_share(name));
        }
        for token in ["q8ZkP3xWv9Lt2Rj7Bn4M", "wPqXjZrTkLmNvBcDfGhY", "x7k2m9p4q8zkp3xwv9lt"] {
            assert!(word_share(token) < 0.2, "{token}: {:.2}", word_share(token));
        }
    }

    #[test]
    fn fewer_than_four_bytes_say_nothing() {
        assert_eq!(rarity("q8Z"), None);
        assert!(surprise("").abs() < f64::EPSILON);
    }

    proptest! {
        #[test]
        fn random_base62_is_rare(value in "[0-9A-Za-z]{20,64}") {
            prop_assert!(rarity(&value).unwrap() > 0.6, "{value}: {:.2} bits", surprise(&value));
        }

        #[test]
        fn random_small_letters_and_digits_are_rarer_than_not(value in "[0-9a-z]{24,64}") {
            prop_assert!(rarity(&value).unwrap() > 0.5, "{value}: {:.2} bits", surprise(&value));
        }

        #[test]
        fn random_base32_is_rarer_than_not(value in "[A-Z2-7]{24,64}") {
            prop_assert!(rarity(&value).unwrap() > 0.5, "{value}: {:.2} bits", surprise(&value));
        }

        #[test]
        fn random_hexadecimal_is_rarer_than_not(value in "[0-9a-f]{32,64}") {
            prop_assert!(rarity(&value).unwrap() > 0.5, "{value}: {:.2} bits", surprise(&value));
        }
    }
}
