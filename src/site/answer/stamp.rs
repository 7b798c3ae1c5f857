//! Ids and times for answers that Scrim makes itself: from a seed and a clock reading that are handed in.
//! Draws no randomness and reads no clock.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// The first 16 bytes of a hash over seed and label: one seed gives as many unrelated ids as there are labels.
fn derived(seed: &[u8], label: &str) -> [u8; 16] {
    let digest = Sha256::new().chain_update(seed).chain_update([0]).chain_update(label).finalize();
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(digest.iter()) {
        *to = *from;
    }
    bytes
}

/// A version 4 UUID.
pub(super) fn uuid(seed: &[u8], label: &str) -> String {
    let mut bytes = derived(seed, label);
    let [_, _, _, _, _, _, version, _, variant, ..] = &mut bytes;
    *version = (*version & 0x0F) | 0x40;
    *variant = (*variant & 0x3F) | 0x80;
    let mut text = HEXLOWER.encode(&bytes);
    for at in [20, 16, 12, 8] {
        text.insert(at, '-');
    }
    text
}

/// 32 hexadecimal digits.
pub(super) fn hex(seed: &[u8], label: &str) -> String {
    HEXLOWER.encode(&derived(seed, label))
}

/// Unix seconds as RFC 3339 in UTC: `2026-11-24T23:00:00Z`. Civil date by H. Hinnant's days algorithm.
pub(super) fn rfc3339(unix_seconds: u64) -> String {
    let (days, second) = (unix_seconds / 86_400, unix_seconds % 86_400);
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_different_ids_in_the_form_of_a_uuid() {
        let id = uuid(&[7; 16], "message");
        assert_eq!(id.len(), 36);
        assert_eq!(id.as_bytes()[14], b'4');
        assert_ne!(id, uuid(&[7; 16], "conversation"));
        assert_ne!(id, uuid(&[8; 16], "message"));
    }

    #[test]
    fn times_are_written_as_the_calendar_says() {
        for (unix, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_795_561_199, "2026-11-24T22:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(unix), text);
        }
    }
}
