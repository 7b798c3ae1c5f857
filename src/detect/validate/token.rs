//! Tokens with an inner structure: checksums of GitHub's form, JSON Web Tokens, basic credentials, and the mix of
//! characters that random tokens have.

use super::{Judgement, Subject, provider::provider_token};
use crate::detect::{entropy::shannon, rarity::rarity};
use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL_NOPAD};

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// CRC-32 (ISO-HDLC, as in zip) of the bytes.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |mut rest, byte| {
        rest ^= u32::from(*byte);
        for _ in 0..8 {
            rest = if rest & 1 == 1 { (rest >> 1) ^ 0xEDB8_8320 } else { rest >> 1 };
        }
        rest
    })
}

/// Six base62 digits, most significant first.
fn base62(mut number: u32) -> [u8; 6] {
    let mut out = [b'0'; 6];
    for slot in out.iter_mut().rev() {
        let index = usize::try_from(number % 62).unwrap_or(0);
        *slot = BASE62.get(index).copied().unwrap_or(b'0');
        number /= 62;
    }
    out
}

/// Check `github-checksum`: the last six characters are the CRC-32 of the random part in base62 («Behind GitHub's new
/// authentication token formats», 2021; npm's tokens likewise). A wrong checksum lowers the confidence: forms change.
pub(super) fn github_checksum(subject: &Subject<'_>) -> Judgement {
    let body = subject.value.split_once('_').map_or("", |(_, body)| body).as_bytes();
    let Some(split) = body.len().checked_sub(6) else { return Judgement::Fails };
    let (random, check) = body.split_at(split);
    if check == base62(crc32(random)) {
        return Judgement::scored(0.98, "checksum crc32 holds");
    }
    match provider_token(subject) {
        Judgement::Fails => Judgement::Fails,
        Judgement::Holds | Judgement::First { .. } | Judgement::Stretch { .. } | Judgement::Scored { .. } => {
            Judgement::scored(0.8, "form right, checksum does not hold")
        }
    }
}

/// Check `jwt`: the first part is a JSON object with `alg` (RFC 7519, RFC 7515 § 4).
pub(super) fn jwt(subject: &Subject<'_>) -> Judgement {
    let header = subject.value.split('.').next().unwrap_or_default();
    let decoded = BASE64URL_NOPAD.decode(header.as_bytes()).unwrap_or_default();
    let object: Option<serde_json::Map<String, serde_json::Value>> = serde_json::from_slice(&decoded).ok();
    Judgement::holds(object.is_some_and(|object| object.contains_key("alg") || object.contains_key("enc")))
}

/// Check `mixed`: digits and letters, no long repetition; what identifiers and words do not have.
pub(super) fn mixed(subject: &Subject<'_>) -> Judgement {
    let bytes = subject.value.as_bytes();
    let digits = bytes.iter().filter(|b| b.is_ascii_digit()).count();
    let letters = bytes.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let mut seen = [false; 256];
    let distinct = bytes.iter().filter(|b| !std::mem::replace(&mut seen[usize::from(**b)], true)).count();
    Judgement::holds(digits >= 2 && letters >= 2 && distinct >= 8.min(bytes.len() / 2))
}

/// Check `random`: for prefixes that nothing else has, tokens that may hold few digits or none. Refuses words.
pub(super) fn random(subject: &Subject<'_>) -> Judgement {
    let value = subject.value;
    let body = value.get(value.find(['_', '-', '.']).map_or(0, |at| at + 1)..).unwrap_or(value);
    let digits = body.bytes().filter(u8::is_ascii_digit).count();
    let mixed_case = body.contains(|c: char| c.is_ascii_uppercase()) && body.contains(|c: char| c.is_ascii_lowercase());
    let rare = rarity(body).unwrap_or(0.0);
    Judgement::holds(shannon(body) >= 3.0 && (digits >= 2 && rare >= 0.4 || mixed_case && rare >= 0.45))
}

/// Check `basic-auth`: base64 of `name:password`, both not empty and printable (RFC 7617).
pub(super) fn basic_auth(subject: &Subject<'_>) -> Judgement {
    let bytes = subject.value.as_bytes();
    let decoded =
        BASE64.decode(bytes).or_else(|_| BASE64_NOPAD.decode(bytes)).ok().and_then(|raw| String::from_utf8(raw).ok());
    let pair = decoded.as_deref().and_then(|text| text.split_once(':'));
    let Some((name, password)) = pair else { return Judgement::Fails };
    let printable = !name.is_empty()
        && !password.is_empty()
        && !name.contains(char::is_control)
        && !password.contains(char::is_control);
    let filler = matches!(password, "password" | "pass" | "PASSWORD" | "x-oauth-basic");
    Judgement::holds(printable && !filler)
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn crc32_and_base62_follow_their_definitions() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(&base62(0), b"000000");
        assert_eq!(&base62(61), b"00000z");
        assert_eq!(&base62(62), b"000010");
    }

    #[test]
    fn a_jwt_has_a_header_with_an_algorithm() {
        assert_eq!(check(jwt, "eyJhbGciOiJIUzI1NiJ9.e30.x"), Judgement::Holds);
        assert_eq!(check(jwt, "eyJhIjoxfQ.e30.x"), Judgement::Fails);
    }

    #[test]
    fn basic_credentials_are_a_pair() {
        assert_eq!(check(basic_auth, "YWxpY2U6aHVudGVyMg=="), Judgement::Holds);
        assert_eq!(check(basic_auth, "YXV0aGVudGljYXRpb24="), Judgement::Fails);
    }
}
