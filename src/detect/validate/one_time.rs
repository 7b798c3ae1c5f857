//! Seeds and codes of second factors: what tells them from words beside «2FA» and «recovery code».

use super::{Judgement, Subject};
use crate::detect::rarity::rarity;

/// Check `base32-seed`: the seed of RFC 6238 in base32 (RFC 4648), with or without blanks: random letters, in one case.
pub(super) fn base32_seed(subject: &Subject<'_>) -> Judgement {
    let body: String = subject.value.chars().filter(char::is_ascii_alphanumeric).collect();
    let digits = body.bytes().filter(u8::is_ascii_digit).count();
    let one_case =
        !(body.contains(|c: char| c.is_ascii_lowercase()) && body.contains(|c: char| c.is_ascii_uppercase()));
    let base32 = body.bytes().all(|byte| byte.is_ascii_alphabetic() || (b'2'..=b'7').contains(&byte));
    let rare = rarity(&body).unwrap_or(0.0);
    let hexadecimal = body.bytes().all(|byte| byte.is_ascii_hexdigit());
    Judgement::holds(
        one_case && base32 && !hexadecimal && body.len() >= 16 && rare >= 0.4 && (digits > 0 || rare >= 0.6),
    )
}

/// Check `recovery-codes`: pieces between blanks and signs that have digits, none of them a year or a word.
pub(super) fn recovery_codes(subject: &Subject<'_>) -> Judgement {
    let codes: Vec<&str> = subject
        .value
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '"' | '\'' | '|'))
        .filter(|piece| piece.len() >= 4)
        .collect();
    let with_digits = codes.iter().filter(|code| code.bytes().filter(u8::is_ascii_digit).count() >= 2).count();
    Judgement::holds(!codes.is_empty() && with_digits * 4 >= codes.len() * 3)
}

/// Check `device-password`: what stands behind `password 7` of a network device: Cisco's type 7 (two digits of a salt up
/// to 15, then hexadecimal), a crypt hash, or a mix of letters and digits.
pub(super) fn device_password(subject: &Subject<'_>) -> Judgement {
    let value = subject.value;
    let hexadecimal = value.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hexadecimal && value.len().is_multiple_of(2) {
        let salt: Option<u8> = value.get(..2).and_then(|salt| salt.parse().ok());
        return Judgement::holds(salt.is_some_and(|salt| salt <= 15) || value.len() >= 16);
    }
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    Judgement::holds(value.starts_with(['$', '%']) && value.len() >= 12 || digits >= 1 && letters >= 2)
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn seeds_are_random_base32() {
        assert_eq!(check(base32_seed, "K7XQ2MPZ4LW5RT6Y"), Judgement::Holds);
        assert_eq!(check(base32_seed, "k7xq 2mpz 4lw5 rt6y"), Judgement::Holds);
        assert_eq!(check(base32_seed, "AUTHENTICATIONREQUIRED"), Judgement::Fails);
        assert_eq!(check(base32_seed, "K7XQ2MPZ4LW5RT6Y1890"), Judgement::Fails);
    }

    #[test]
    fn recovery_codes_have_digits() {
        assert_eq!(check(recovery_codes, "a1b2c-3d4e5 f6g7h-8i9j0"), Judgement::Holds);
        assert_eq!(check(recovery_codes, "keep them in a safe place"), Judgement::Fails);
    }

    #[test]
    fn type_7_begins_with_a_salt() {
        assert_eq!(check(device_password, "094F471A1A0A57"), Judgement::Holds);
        assert_eq!(check(device_password, "994F47"), Judgement::Fails);
        assert_eq!(check(device_password, "characters"), Judgement::Fails);
    }
}
