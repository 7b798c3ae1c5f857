//! Numbers of Germany, Austria and Switzerland.

use crate::detect::validate::{
    Judgement, Subject,
    digits::{digits, is_date, part, weighted},
};

/// Check `de-steuer-id`: ISO/IEC 7064 MOD 11,10; among the first ten digits exactly one stands twice or thrice, not three
/// in a row (Bundeszentralamt für Steuern, § 139b AO).
pub fn de_steuer_id(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let Some((check, body)) = digits.split_last().filter(|(_, body)| body.len() == 10) else { return Judgement::Fails };
    let mut counts = [0_usize; 10];
    for digit in body {
        let slot = usize::try_from(*digit).ok().and_then(|index| counts.get_mut(index));
        slot.into_iter().for_each(|count| *count += 1);
    }
    let repeated = counts.iter().filter(|count| **count > 1).count() == 1 && counts.iter().all(|count| *count <= 3);
    let in_a_row = body.windows(3).any(|three| matches!(three, [a, b, c] if a == b && b == c));
    let product = body.iter().fold(10, |product, digit| {
        let sum = (digit + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    let expected = (11 - product) % 10;
    Judgement::holds(body.first() != Some(&0) && repeated && !in_a_row && *check == expected)
}

/// Check `de-sozialversicherung`: area, birth date, letter, serial, check digit by cross sums
/// (Deutsche Rentenversicherung, VKVV § 4).
pub fn de_sozialversicherung(subject: &Subject<'_>) -> Judgement {
    let compact: Vec<u8> = subject.value.bytes().filter(u8::is_ascii_alphanumeric).collect();
    let Some(letter) = compact.get(8).filter(|b| b.is_ascii_alphabetic()) else { return Judgement::Fails };
    let ordinal = u32::from(letter.to_ascii_uppercase() - b'A') + 1;
    let plain = digits(subject.value);
    let (Some(head), Some(tail)) = (plain.get(..8), plain.get(8..11)) else { return Judgement::Fails };
    let mut all = head.to_vec();
    all.extend([ordinal / 10, ordinal % 10]);
    all.extend(tail.iter().take(2));
    let sum: u32 = all.iter().zip([2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1]).map(|(d, w)| (d * w) / 10 + (d * w) % 10).sum();
    let date = is_date(part(&plain, 2..4) % 50, part(&plain, 4..6));
    Judgement::holds(compact.len() == 12 && date && Some(&(sum % 10)) == tail.get(2))
}

/// Check `at-svnr`: fourth digit is the weighted sum modulo 11, last six a birth date (Dachverband der
/// Sozialversicherungsträger).
pub fn at_svnr(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let sum = weighted(&digits, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11;
    let date = is_date(part(&digits, 4..6), part(&digits, 6..8));
    Judgement::holds(digits.len() == 10 && digits.first() != Some(&0) && digits.get(3) == Some(&sum) && date)
}

/// Check `ch-ahv`: 756 and an EAN-13 check digit (Bundesamt für Sozialversicherungen, AHVN13).
pub fn ch_ahv(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let sum = weighted(&digits, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3]);
    let expected = (10 - sum % 10) % 10;
    Judgement::holds(digits.len() == 13 && part(&digits, 0..3) == 756 && digits.get(12) == Some(&expected))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::validate::check;

    #[test]
    fn published_examples_hold_and_their_neighbours_do_not() {
        assert_eq!(check(de_steuer_id, "86 095 742 719"), Judgement::Holds);
        assert_eq!(check(de_steuer_id, "86 095 742 718"), Judgement::Fails);
        assert_eq!(check(de_sozialversicherung, "65 170839 J 003"), Judgement::Holds);
        assert_eq!(check(de_sozialversicherung, "65 170839 J 004"), Judgement::Fails);
        assert_eq!(check(de_sozialversicherung, "15 070649 C 103"), Judgement::Holds);
        assert_eq!(check(at_svnr, "1237 010180"), Judgement::Holds);
        assert_eq!(check(at_svnr, "1238 010180"), Judgement::Fails);
        assert_eq!(check(ch_ahv, "756.9217.0769.85"), Judgement::Holds);
        assert_eq!(check(ch_ahv, "756.9217.0769.84"), Judgement::Fails);
    }
}
