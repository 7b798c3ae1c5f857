//! Whether a run of token characters looks random or like words: what decides that `anchor.token` fires. Cheap and
//! generous; the rule's pattern and check judge what it lets through. Does not find the runs.

use super::rarity;

/// Hexadecimal digits that a random run of nothing else has at least.
const HEX_LEAST: usize = 16;
/// Share of neighbours in a row of random characters that words would not put side by side. See [`entropy::rarity`].
const RARE: f64 = 0.45;

/// Whether the bytes, `A-Za-z0-9_+/-` all of them, look random.
///
/// Hexadecimal runs and UUIDs do, base64, letters and digits interleaved, both cases irregularly. Words do not, joined
/// by `_`, `-`, `/` or as `CamelCase`, nor do numbers.
#[must_use]
pub(super) fn looks_random(run: &[u8]) -> bool {
    let tally = Tally::of(run);
    let pairs = run.len().saturating_sub(1);
    if tally.digits == run.len() - tally.signs || tally.is_word() {
        return false;
    }
    if tally.is_hex() {
        return tally.digit_changes >= 2;
    }
    if tally.digit_changes * 5 >= pairs {
        return true;
    }
    let mixed = tally.digit_changes >= 2 && tally.digit_changes * 12 >= pairs;
    let irregular = tally.humps >= 2 && (tally.digit_changes + tally.humps) * 5 >= pairs;
    (mixed || irregular) && is_rare(run)
}

fn is_rare(run: &[u8]) -> bool {
    std::str::from_utf8(run).ok().and_then(rarity::rarity).is_some_and(|share| share >= RARE)
}

/// What one walk over a run counts.
#[derive(Default)]
struct Tally {
    digits: usize,
    lower: usize,
    upper: usize,
    /// `_`, `+`, `/`, `-`.
    signs: usize,
    /// Letters that are no hexadecimal digits, and signs other than `-`.
    beyond_hex: usize,
    /// A letter beside a digit.
    digit_changes: usize,
    /// A capital after a small letter.
    humps: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Digit,
    Lower,
    Upper,
    Sign,
}

impl Tally {
    fn of(run: &[u8]) -> Self {
        let mut tally = Self::default();
        let mut last = Kind::Sign;
        for &byte in run {
            let kind = tally.count(byte);
            match (last, kind) {
                (Kind::Lower, Kind::Upper) => tally.humps += 1,
                (Kind::Digit, Kind::Lower | Kind::Upper) | (Kind::Lower | Kind::Upper, Kind::Digit) => {
                    tally.digit_changes += 1;
                }
                (Kind::Sign, _)
                | (_, Kind::Sign)
                | (Kind::Digit, Kind::Digit)
                | (Kind::Lower | Kind::Upper, Kind::Lower)
                | (Kind::Upper, Kind::Upper) => {}
            }
            last = kind;
        }
        tally
    }

    fn count(&mut self, byte: u8) -> Kind {
        let (slot, kind) = match byte {
            b'0'..=b'9' => (&mut self.digits, Kind::Digit),
            b'a'..=b'z' => (&mut self.lower, Kind::Lower),
            b'A'..=b'Z' => (&mut self.upper, Kind::Upper),
            _ => (&mut self.signs, Kind::Sign),
        };
        *slot += 1;
        self.beyond_hex += usize::from(!byte.is_ascii_hexdigit() && byte != b'-');
        kind
    }

    /// Letters of one case and nothing else but signs.
    fn is_word(&self) -> bool {
        self.digits == 0 && (self.lower == 0 || self.upper == 0)
    }

    fn is_hex(&self) -> bool {
        let one_case = self.lower == 0 || self.upper == 0;
        self.beyond_hex == 0 && one_case && self.digits + self.lower + self.upper >= HEX_LEAST
    }
}

/// Whether the bytes are a path: they begin with `/`, or a part of them between `/` is a plain word.
#[must_use]
pub(super) fn is_path(run: &[u8]) -> bool {
    if !run.contains(&b'/') {
        return false;
    }
    let plain = |part: &[u8]| {
        let inside = part.get(1..).unwrap_or_default();
        inside.len() >= 2
            && part.first().is_some_and(u8::is_ascii_alphabetic)
            && inside.iter().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'-'))
    };
    run.first() == Some(&b'/') || run.split(|b| *b == b'/').any(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_runs_look_random() {
        for run in [
            "9f86d081884c7d65",
            "9f86d081884c7d659a2feaa0c55ad015",
            "E3B0C44298FC1C149AFBF4C8996FB924",
            "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
            "Qz7LmXp2vK4tRw6Yb1Nc3Hd5",
            "q8zkp3xwv9lt2rj7m4yb",
            "Kx2bN+7/aQv1dGZz8wTr4Y",
            "aGVsbG8gd29ybGQgaGVsbG8",
            "MFZWIZLTOQXGK3TFOR2WK2LO",
            "KRUGKIDROVUWG2ZAMJZG653OEBTG66BA",
            "vQeXoZkWmYbTdHsGfJrPcNaL",
            "a1b2_c3d4-e5f6_g7h8-k9",
        ] {
            assert!(looks_random(run.as_bytes()), "{run}");
        }
    }

    #[test]
    fn words_numbers_and_paths_do_not() {
        for run in [
            "user_account_identifier",
            "user-account-identifier-2",
            "getUserAccountIdentifier",
            "HttpServerRequestHandlerFactory",
            "MAX_CONNECTION_ATTEMPTS",
            "sha256WithRSAEncryption",
            "1234567890123456",
            "2024-01-15-10-30-00",
            "deadbeefdeadbeefdeadbeef",
            "usr/share/perl5/Encode/Unicode",
            "node_modules/typescript/lib/tsc",
            "x86_64-unknown-linux-gnu",
            "application/vnd-openxmlformats",
            "aaaaaaaaaaaaaaaaaaaaaaaa",
            "------------------------",
            "ThisIsAReallyLongSentenceInCamelCase",
        ] {
            assert!(!looks_random(run.as_bytes()), "{run}");
        }
    }

    /// Tokens drawn from an alphabet: nearly all must fire.
    #[test]
    fn drawn_tokens_fire_nearly_always() {
        let alphabets = [
            "0123456789abcdef",
            "0123456789abcdefghijklmnopqrstuvwxyz",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
            "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-",
            "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/",
        ];
        let mut state = 7_u64;
        let mut next = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap() % below
        };
        for alphabet in alphabets {
            let bytes = alphabet.as_bytes();
            for (length, missed_max) in [(20, 80), (32, 20), (40, 10), (64, 10)] {
                let missed = (0..1000)
                    .filter(|_| {
                        let run: Vec<u8> = (0..length).map(|_| bytes[next(bytes.len())]).collect();
                        !looks_random(&run)
                    })
                    .count();
                assert!(missed <= missed_max, "{alphabet}: {missed} of 1000 of length {length}");
            }
        }
    }

    #[test]
    fn a_path_has_a_plain_word() {
        for path in ["/usr/lib", "v1/accounts/9f86d081884c7d65", "Ab3/lib"] {
            assert!(is_path(path.as_bytes()), "{path}");
        }
        for token in ["Kx2bN+7/aQv1dGZz8wTr4Y", "nothing", "aG/Vs1/8gd29"] {
            assert!(!is_path(token.as_bytes()), "{token}");
        }
    }
}
