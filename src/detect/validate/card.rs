//! Payment card numbers: ISO/IEC 7812-1 check digit, and the issuers' published number ranges with their lengths.

use super::{
    Judgement, Subject,
    digits::{is_one_digit, luhn_holds, part},
};
use std::ops::RangeInclusive;

/// A network's first six digits and the lengths it issues.
struct Network {
    name: &'static str,
    ranges: &'static [RangeInclusive<u64>],
    lengths: &'static [usize],
}

/// Ranges as the networks publish them, first six digits.
const NETWORKS: &[Network] = &[
    Network { name: "Visa", ranges: &[400_000..=499_999], lengths: &[16, 13, 19] },
    Network { name: "Mastercard", ranges: &[510_000..=559_999, 222_100..=272_099], lengths: &[16] },
    Network { name: "American Express", ranges: &[340_000..=349_999, 370_000..=379_999], lengths: &[15] },
    Network {
        name: "Discover",
        ranges: &[601_100..=601_199, 644_000..=659_999, 622_126..=622_925],
        lengths: &[16, 17, 18, 19],
    },
    Network { name: "UnionPay", ranges: &[620_000..=629_999, 810_000..=817_199], lengths: &[16, 17, 18, 19] },
    Network {
        name: "Diners Club",
        ranges: &[300_000..=305_999, 309_500..=309_599, 360_000..=369_999, 380_000..=399_999],
        lengths: &[14, 16, 17, 18, 19],
    },
    Network { name: "JCB", ranges: &[350_000..=359_999], lengths: &[16, 17, 18, 19] },
    Network { name: "JCB", ranges: &[180_000..=180_099, 213_100..=213_199], lengths: &[15] },
    Network {
        name: "Maestro",
        ranges: &[60_400..=60_499, 500_000..=509_999, 560_000..=589_999, 630_000..=639_999, 670_000..=679_999],
        lengths: &[12, 13, 14, 15, 16, 17, 18, 19],
    },
    Network { name: "Mir", ranges: &[220_000..=220_499], lengths: &[16, 17, 18, 19] },
    Network { name: "RuPay", ranges: &[600_000..=609_999, 652_100..=653_199, 817_200..=819_999], lengths: &[16] },
    Network { name: "Troy", ranges: &[979_200..=979_289], lengths: &[16] },
    Network { name: "Elo", ranges: &[627_780..=627_780, 636_297..=636_297, 636_368..=636_368], lengths: &[16] },
    Network { name: "Humo", ranges: &[986_000..=986_099], lengths: &[16] },
    Network { name: "UzCard", ranges: &[860_000..=860_099], lengths: &[16] },
];

/// Check `card`: the digits are a card number of a known network. Without any separator and with an unusual length the
/// confidence is lower: order numbers pass one time in ten. Digits that follow after a blank may be something else (the
/// card's CVC): the longest beginning that holds is the number.
pub(super) fn card(subject: &Subject<'_>) -> Judgement {
    if !opens(subject.value.as_bytes()) || is_tail(subject) {
        return Judgement::Fails;
    }
    let (written, ends) = groups(subject.value);
    let uniform = one_separator(subject.value);
    let ends = ends.iter().rev().filter(|end| end.digits > 0 && end.bytes <= uniform).take(GROUPS_MAX);
    let number = subject.value;
    let fitting = |end: &Ending| judge(written.get(..end.digits)?, number.get(..end.bytes)?);
    match ends.into_iter().find_map(fitting) {
        Some(Judgement::First { bytes, confidence: Some(UNUSUAL), .. })
            if bytes == number.len() && in_prose(subject) =>
        {
            let reason = "number range, length and check digit, among words".to_owned();
            Judgement::First { bytes, confidence: Some(AMONG_WORDS), reason }
        }
        found => found.unwrap_or(Judgement::Fails),
    }
}

/// Confidence of digits in one piece whose network or length is rare.
const UNUSUAL: f32 = 0.4;
/// … that stand in a sentence: tables, logs and code are full of such numbers, sentences are not.
const AMONG_WORDS: f32 = 0.55;

/// Whether the number stands between the words of a sentence: «paid with … yesterday».
fn in_prose(subject: &Subject<'_>) -> bool {
    let is_word = |word: &str| word.len() > 1 && word.bytes().all(|b| b.is_ascii_lowercase());
    let before = subject.before(24);
    let mut words = before.rsplit(' ');
    let led = words.next() == Some("") && words.next().is_some_and(is_word);
    let after = subject.after(24);
    let next = after.strip_prefix(' ').and_then(|rest| rest.split([' ', '.', ',', '\n']).next());
    led && (next.is_some_and(is_word)
        || matches!(after, "" | "." | "!" | "?")
        || after.starts_with([',', '\n'])
        || after.starts_with(". "))
}

/// Whether the bytes begin with six digits that a network issues. Up to three separators stand between digits.
pub(super) fn opens(bytes: &[u8]) -> bool {
    let issuer = bytes.iter().take(ISSUER_BYTES).filter(|b| b.is_ascii_digit()).take(6);
    let issuer = issuer.fold(0, |number, digit| number * 10 + u64::from(digit - b'0'));
    NETWORKS.iter().any(|network| network.ranges.iter().any(|range| range.contains(&issuer)))
}

/// Bytes that six digits may take: each with its separators.
const ISSUER_BYTES: usize = 24;

/// Bytes up to where a separator of another kind stands, or a group that is none of four: `4111.1111-1111 1111` yes,
/// `58\t0.0005` no.
fn one_separator(value: &str) -> usize {
    let first = value.bytes().find(|b| !b.is_ascii_digit());
    let uniform = value.bytes().position(|b| !b.is_ascii_digit() && Some(b) != first).unwrap_or(value.len());
    let groups = value.split(|c: char| !c.is_ascii_digit());
    let fours = groups.take_while(|group| group.len() == 4).fold(0, |end, group| end + group.len() + 1);
    uniform.max(fours.saturating_sub(1))
}

/// Where a group of digits ends: so many digits, so many bytes into the value.
#[derive(Clone, Copy, Default)]
struct Ending {
    digits: usize,
    bytes: usize,
}

/// Digits of the longest number of any network.
const DIGITS_MAX: usize = 19;
/// Groups left out at the end, at most.
const GROUPS_MAX: usize = 8;

/// The digits of a value, and where its groups end.
fn groups(value: &str) -> ([u32; DIGITS_MAX], [Ending; DIGITS_MAX]) {
    let (mut digits, mut ends) = ([0; DIGITS_MAX], [Ending::default(); DIGITS_MAX]);
    let (mut n_digits, mut n_ends) = (0, 0);
    let bytes = value.as_bytes();
    for (at, byte) in bytes.iter().enumerate().filter(|(_, byte)| byte.is_ascii_digit()) {
        let Some(slot) = digits.get_mut(n_digits) else { break };
        *slot = u32::from(byte - b'0');
        n_digits += 1;
        let ends_group = !bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        if let (true, Some(end)) = (ends_group, ends.get_mut(n_ends)) {
            *end = Ending { digits: n_digits, bytes: at + 1 };
            n_ends += 1;
        }
    }
    (digits, ends)
}

/// `0.4111…` and `PH29 4111 …`: digits behind a decimal point, or a part of an account number.
fn is_tail(subject: &Subject<'_>) -> bool {
    let before = subject.before(5).as_bytes();
    let decimal = matches!(before, [.., digit, b'.'] if digit.is_ascii_digit());
    let account = matches!(before, [a, b, c, d, b' ' | b'-'] if a.is_ascii_uppercase() && b.is_ascii_uppercase() && c.is_ascii_digit() && d.is_ascii_digit());
    // Code points stand in fours too: `501E 5005 5007 5013`.
    let hexadecimal =
        |bytes: &[u8]| bytes.len() == 4 && bytes.iter().all(|b| b.is_ascii_digit() || matches!(b, b'A'..=b'F'));
    let row = matches!(before, [four @ .., b' '] if hexadecimal(four) && four.iter().any(u8::is_ascii_uppercase));
    decimal || account || row
}

/// How the digits stand together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Grouping {
    /// Without separators.
    Plain,
    /// As cards bear them, or one by one.
    Card,
    /// In another way.
    Odd,
}

fn grouping(written: &str) -> Grouping {
    let groups = written.split(|c: char| !c.is_ascii_digit()).map(str::len).filter(|length| *length > 0);
    let sizes: Vec<usize> = groups.collect();
    match sizes.as_slice() {
        [_] => Grouping::Plain,
        [4, 6, 4 | 5] => Grouping::Card,
        [all @ .., 1..=5] if all.iter().all(|size| *size == 4) && all.len() > 1 => Grouping::Card,
        all if all.iter().all(|size| *size == 1) => Grouping::Card,
        _ => Grouping::Odd,
    }
}

fn judge(digits: &[u32], written: &str) -> Option<Judgement> {
    let issuer = part(digits, 0..6);
    let network = NETWORKS.iter().find(|network| {
        network.lengths.contains(&digits.len()) && network.ranges.iter().any(|range| range.contains(&issuer))
    });
    let network = network.filter(|_| luhn_holds(digits) && !is_one_digit(digits))?;
    let plain =
        !matches!(network.name, "Maestro" | "Humo" | "UzCard") && digits.len() > 14 && digits.first() != Some(&1);
    let usual = network.lengths.first() == Some(&digits.len()) && plain && issuer / 100 != 2131;
    let confidence = match (usual, grouping(written)) {
        (true, Grouping::Card) => 0.95,
        (true, Grouping::Plain) => 0.85,
        (true, Grouping::Odd) => 0.45,
        (false, Grouping::Card) => 0.65,
        (false, Grouping::Plain) => UNUSUAL,
        (false, Grouping::Odd) => 0.3,
    };
    let reason = format!("{} number range and check digit", network.name);
    Some(Judgement::First { bytes: written.len(), confidence: Some(confidence), reason })
}

/// Check `beside-card`: a card number stands within [`BESIDE`] bytes: what makes `12/27` an expiry date.
pub(super) fn beside(subject: &Subject<'_>) -> Judgement {
    let (before, after) = (subject.before(BESIDE), subject.after(BESIDE));
    Judgement::holds(holds_card(before) || holds_card(after))
}

/// Bytes between a card number and what belongs to it.
const BESIDE: usize = 100;

fn holds_card(text: &str) -> bool {
    let starts = text.char_indices().filter(|(at, c)| {
        let inner = at.checked_sub(1).and_then(|i| text.as_bytes().get(i)).is_some_and(u8::is_ascii_digit);
        c.is_ascii_digit() && !inner
    });
    starts.filter_map(|(at, _)| text.get(at..)).any(|rest| {
        let value = rest.get(..rest.bytes().take_while(|b| b.is_ascii_digit() || matches!(b, b' ' | b'-')).count());
        let subject = |value| Subject { value, text: value, range: 0..value.len() };
        value.is_some_and(|value| {
            value.len() > 11 && card(&subject(value.trim_end_matches([' ', '-']))) != Judgement::Fails
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn test_numbers_of_the_networks_hold() {
        for value in
            ["4111 1111 1111 1111", "5555-5555-5555-4444", "378282246310005", "6011111111111117", "3530111333300000"]
        {
            assert!(
                matches!(check(card, value), Judgement::First { confidence: Some(sure), .. } if sure > 0.8),
                "{value}"
            );
        }
    }

    #[test]
    fn wrong_digit_unknown_issuer_or_length_fail() {
        for value in ["4111 1111 1111 1112", "9111 1111 1111 1115", "0000000000000000", "41111111111111"] {
            assert_eq!(check(card, value), Judgement::Fails, "{value}");
        }
    }
}
