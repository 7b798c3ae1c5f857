//! Looking at the bytes around a place without caring for the ends of the text. Judges nothing.

/// The byte at `at`; 0 beyond the end.
pub(super) fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(0)
}

/// The byte before `at`; 0 at the beginning.
pub(super) fn before(bytes: &[u8], at: usize) -> u8 {
    at.checked_sub(1).map_or(0, |index| byte(bytes, index))
}

/// Bytes from `at` on, at most `limit`, that pass the test.
pub(super) fn ahead(bytes: &[u8], at: usize, limit: usize, test: impl Fn(u8) -> bool) -> usize {
    bytes.get(at..).unwrap_or_default().iter().take(limit).take_while(|byte| test(**byte)).count()
}

/// Bytes before `at`, at most `limit`, that pass the test.
pub(super) fn behind(bytes: &[u8], at: usize, limit: usize, test: impl Fn(u8) -> bool) -> usize {
    bytes.get(..at).unwrap_or_default().iter().rev().take(limit).take_while(|byte| test(**byte)).count()
}

/// Letters and digits.
pub(super) fn is_alnum(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// Bytes that an address or a key is made of.
pub(super) fn in_value(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"@._-+/:=".contains(&byte)
}

/// Bytes looked at on each side for a number.
const NUMBER_REACH: usize = 56;

/// Digits in the number around `at..end`, which stands between them: separators and one-letter pieces (IBAN) belong to it.
pub(super) fn digits_around(bytes: &[u8], at: usize, end: usize) -> usize {
    let in_number = |byte: u8| {
        byte.is_ascii_digit() || byte.is_ascii_uppercase() || byte >= 0x80 || b" -./()\t\n\\u%&#;".contains(&byte)
    };
    let left = behind(bytes, at, NUMBER_REACH, in_number);
    let right = ahead(bytes, end, NUMBER_REACH, in_number);
    let digits = |part: Option<&[u8]>| part.unwrap_or_default().iter().filter(|byte| byte.is_ascii_digit()).count();
    digits(bytes.get(at - left..at)) + digits(bytes.get(end..end + right))
}

/// Digits that a number has at least for its separators to matter: telephone numbers.
pub(super) const NUMBER_LEAST: usize = 9;

/// Bytes looked at on each side for a token.
const TOKEN_REACH: usize = 48;

/// Whether the token around `at..end` has something of a value: an `@`, or digits and letters in it.
pub(super) fn is_in_token(bytes: &[u8], at: usize, end: usize) -> bool {
    let in_token = |byte: u8| in_value(byte) || byte >= 0x80;
    let left = behind(bytes, at, TOKEN_REACH, in_token);
    let right = ahead(bytes, end, TOKEN_REACH, in_token);
    let parts = [bytes.get(at - left..at), bytes.get(end..end + right)];
    let any = |test: fn(&u8) -> bool| parts.iter().any(|part| part.unwrap_or_default().iter().any(test));
    let long = left + right >= 14;
    any(|byte| *byte == b'@') || long && any(u8::is_ascii_digit) && any(u8::is_ascii_alphabetic)
}
