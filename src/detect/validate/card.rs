//! Payment card numbers: ISO/IEC 7812-1 check digit, and the issuers' published number ranges with their lengths.

use super::{
    Judgement, Subject,
    digits::{digits, is_one_digit, luhn_holds, part},
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
    Network { name: "JCB", ranges: &[352_800..=358_999], lengths: &[16, 17, 18, 19] },
    Network {
        name: "Maestro",
        ranges: &[500_000..=509_999, 560_000..=589_999, 630_000..=639_999, 670_000..=679_999],
        lengths: &[12, 13, 14, 15, 16, 17, 18, 19],
    },
    Network { name: "Mir", ranges: &[220_000..=220_499], lengths: &[16, 17, 18, 19] },
    Network { name: "RuPay", ranges: &[600_000..=609_999, 652_100..=653_199, 817_200..=819_999], lengths: &[16] },
];

/// Check `card`: the digits are a card number of a known network. Without any separator and with an unusual length the
/// confidence is lower: order numbers pass one time in ten. Digits that follow after a blank may be something else (the
/// card's CVC): the longest beginning that holds is the number.
pub(super) fn card(subject: &Subject<'_>) -> Judgement {
    let issuer = part(&digits(subject.value), 0..6);
    if !NETWORKS.iter().any(|network| network.ranges.iter().any(|range| range.contains(&issuer))) {
        return Judgement::Fails;
    }
    beginnings(subject.value).find_map(judge).unwrap_or(Judgement::Fails)
}

/// The value, and its beginnings that end where a group of digits does, longest first.
fn beginnings(value: &str) -> impl Iterator<Item = &str> {
    let bytes = value.as_bytes();
    let ends = (1..=bytes.len()).rev().filter(move |end| {
        let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        digit(end - 1) && !digit(*end)
    });
    ends.filter_map(|end| value.get(..end)).take(GROUPS_MAX)
}

/// Groups left out at the end, at most.
const GROUPS_MAX: usize = 8;

fn judge(value: &str) -> Option<Judgement> {
    let digits = digits(value);
    let issuer = part(&digits, 0..6);
    let network = NETWORKS.iter().find(|network| {
        network.ranges.iter().any(|range| range.contains(&issuer)) && network.lengths.contains(&digits.len())
    });
    let network = network.filter(|_| luhn_holds(&digits) && !is_one_digit(&digits))?;
    let usual = network.lengths.first() == Some(&digits.len()) && network.name != "Maestro";
    let grouped = value.bytes().any(|b| !b.is_ascii_digit());
    let confidence = match (usual, grouped) {
        (true, true) => 0.95,
        (true, false) => 0.85,
        (false, true) => 0.6,
        (false, false) => 0.35,
    };
    let reason = format!("{} number range and check digit", network.name);
    Some(Judgement::First { bytes: value.len(), confidence: Some(confidence), reason })
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
