//! Walks over a text from one random-looking token to the next: where rules with `anchor.token` are tried.
//! What looks random is `random`'s to say.

use super::{
    context::Marks,
    gate::Gate,
    prefilter::{Hit, RuleIndex},
    random::{is_path, looks_random},
};
use std::ops::{Range, RangeInclusive};

/// A rule that starts at a token.
#[derive(Debug)]
pub(super) struct TokenUse {
    pub(super) rule: RuleIndex,
    /// Bytes, trailing `=` not counted.
    pub(super) lengths: RangeInclusive<usize>,
}

/// Hits of the rules of a gate, token by token.
pub(super) fn run(gate: &Gate<TokenUse>, bytes: &[u8], marks: &Marks, hits: &mut Vec<Hit>) {
    let mut passing = gate.walk(marks);
    let least = gate.all().map(|used| *used.lengths.start()).min().unwrap_or(0);
    let most = gate.all().map(|used| *used.lengths.end()).max().unwrap_or(0);
    if passing.is_over() {
        return;
    }
    tokens(bytes, &(least..most.saturating_add(1)), |token| {
        let Token { range, length } = token;
        let mut push = |used: &TokenUse| {
            if used.lengths.contains(&length) {
                hits.push(Hit { rule: used.rule, start: range.start, end: range.end });
            }
        };
        gate.free().iter().for_each(&mut push);
        passing.each_bound(&range, push);
    });
}

/// Bytes that tokens consist of: `A-Za-z0-9_+/-`.
static IS_TOKEN: [bool; 256] = token_bytes();

const fn token_bytes() -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = (byte as u8).is_ascii_alphanumeric() || matches!(byte as u8, b'_' | b'+' | b'/' | b'-');
        byte += 1;
    }
    table
}

/// A random-looking run.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Token {
    /// Where, up to two trailing `=` included.
    range: Range<usize>,
    /// Bytes without trailing `=`.
    length: usize,
}

/// All random-looking runs whose length is in `lengths`, ascending. Of a path, its parts are runs of their own.
///
/// Most bytes are not looked at: where the last byte of the shortest run could be and is none, no run is.
fn tokens(bytes: &[u8], lengths: &Range<usize>, mut found: impl FnMut(Token)) {
    let least = lengths.start.max(1);
    let mut at = 0;
    while let Some(window) = bytes.get(at..at + least) {
        if let Some(offset) = window.iter().rposition(|b| !IS_TOKEN[usize::from(*b)]) {
            at += offset + 1;
            continue;
        }
        let rest = bytes.get(at + least..).unwrap_or_default();
        let end = at + least + rest.iter().take_while(|b| IS_TOKEN[usize::from(**b)]).count();
        pieces(bytes, at..end, lengths, &mut found);
        at = end + 1;
    }
}

fn pieces(bytes: &[u8], range: Range<usize>, lengths: &Range<usize>, found: &mut impl FnMut(Token)) {
    let whole = bytes.get(range.clone()).unwrap_or_default();
    if !is_path(whole) {
        return piece(bytes, range, lengths, found);
    }
    let mut start = range.start;
    for part in whole.split(|b| *b == b'/') {
        piece(bytes, start..start + part.len(), lengths, found);
        start += part.len() + 1;
    }
}

fn piece(bytes: &[u8], range: Range<usize>, lengths: &Range<usize>, found: &mut impl FnMut(Token)) {
    let length = range.len();
    if lengths.contains(&length) && bytes.get(range.clone()).is_some_and(looks_random) {
        let padding = bytes.iter().skip(range.end).take(2).take_while(|b| **b == b'=').count();
        found(Token { range: range.start..range.end + padding, length });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let mut got = Vec::new();
        tokens(text.as_bytes(), &(16..40), |token| got.push(text.get(token.range).unwrap()));
        assert_eq!(got, expected, "{text}");
    }

    #[test]
    fn runs_are_whole_and_between_other_bytes() {
        check("key=9f86d081884c7d659a2f;", &["9f86d081884c7d659a2f"]);
        check("9f86d081884c7d659a2f", &["9f86d081884c7d659a2f"]);
        check(
            "f(\"Qz7LmXp2vK4tRw6Yb1Nc3Hd5\", 'Kx2bN+7/aQv1dGZz8wTr4Y==')",
            &["Qz7LmXp2vK4tRw6Yb1Nc3Hd5", "Kx2bN+7/aQv1dGZz8wTr4Y=="],
        );
        check("é9f86d081884c7d659a2fé", &["9f86d081884c7d659a2f"]);
    }

    #[test]
    fn parts_of_a_path_are_runs() {
        check("https://x.io/v1/accounts/9f86d081884c7d659a2f/list", &["9f86d081884c7d659a2f"]);
    }

    #[test]
    fn longer_and_shorter_runs_do_not_fire() {
        check(&"9f86d081884c7d65".repeat(3), &[]);
        check("9f86d081884c7d6 9f86d08", &[]);
        check("nothing here is_a_random_token but_long_identifiers_are", &[]);
        check("", &[]);
    }
}
