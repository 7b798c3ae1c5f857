//! The ways to hide a value, as functions: every way alone, and random pairs of them, must be seen through, and what is
//! masked must be all of it. Cases with their exact bytes are in `tests/detect/disguises.toml`.

mod ways;

use super::*;
use proptest::prelude::*;
use std::{ops::Range, sync::LazyLock};
use ways::{Kind, Layer, WAYS, Way};

static DETECTOR: LazyLock<Detector> = LazyLock::new(|| Detector::built_in().unwrap());

/// Values as people write them, by kind. Made up; keys in two halves so that none stands whole in this file.
fn values(kind: Kind) -> Vec<String> {
    let joined = |parts: &[(&str, &str)]| parts.iter().map(|(left, right)| format!("{left}{right}")).collect();
    let plain = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    match kind {
        Kind::Card => plain(&[
            "4111111111111111",
            "5555555555554444",
            "4012 8888 8888 1881",
            "5105-1051-0510-5100",
            "4916338506082832",
        ]),
        Kind::Email => plain(&[
            "alice@corp.io",
            "bob.smith@mail.acme.com",
            "c_jones77@firma.de",
            "dora-k@uni.ac.uk",
            "ed+x@posteo.net",
        ]),
        Kind::Key => joined(&[
            ("AKIA", "Z2J4N7Q5W3E6R4T7"),
            ("ghp", "_0a1B2c3D4e5F6g7H8i9J0kLmNoPqRsTu4v5W"),
            ("sk_live", "_4eC39HqLyjWDarjtT1zdp7dc"),
            ("glpat", "-Zx8Qv2Lm9Tr4Wk7Hb3Nc"),
            ("xoxb", "-201948573610-294857361094-aB3dE6gH9jK2mN5pQ8sT1vW4"),
        ]),
        Kind::Iban => plain(&[
            "DE89370400440532013000",
            "GB29NWBK60161331926819",
            "NL91ABNA0417164300",
            "DE89 3704 0044 0532 0130 00",
            "FR1420041010050500013M02606",
        ]),
        Kind::Phone => {
            plain(&["+49 30 901820", "+14155552671", "+44 20 7946 0958", "+33 6 12 34 56 78", "+43 664 1234567"])
        }
    }
}

const SENTENCES: [(&str, &str); 5] = [
    ("Use ", " for the test."),
    ("value: ", "\n"),
    ("He sent me ", " yesterday"),
    ("{\"v\": \"", "\"}"),
    ("12:00:01 INFO got ", " from client\n"),
];

/// The text with the value in it, and where the value stands. A way may bring its own quotes and calls: the value is
/// what is between `⟦` and `⟧`.
fn placed(written: &str, sentence: (&str, &str)) -> (String, Vec<Range<usize>>) {
    let marked = if written.contains('⟦') { written.to_owned() } else { format!("⟦{written}⟧") };
    let mut text = format!("{}{marked}{}", sentence.0, sentence.1);
    let mut places = Vec::new();
    while let Some(start) = text.find('⟦') {
        text = text.replacen('⟦', "", 1);
        let end = text.find('⟧').unwrap();
        text = text.replacen('⟧', "", 1);
        places.push(start..end);
    }
    (text, places)
}

/// Whether every letter and digit of the value is in a finding that counts.
fn is_covered(text: &str, value: &[Range<usize>]) -> bool {
    let scan = DETECTOR.scan(text);
    let counts = scan.findings.iter().filter(|finding| finding.confidence >= test::COUNTS_FROM);
    let ranges: Vec<Range<usize>> = counts.flat_map(|finding| finding.ranges.clone()).collect();
    let is_masked = |at: usize| ranges.iter().any(|range| range.contains(&at));
    let says = |at: &usize| text[*at..].starts_with(char::is_alphanumeric);
    let mut hidden = value.iter().flat_map(Range::clone).filter(|at| text.is_char_boundary(*at));
    hidden.all(|at| is_masked(at) || !says(&at))
}

/// Values found, of values hidden, with the first text missed.
fn score(way: &Way, kind: Kind) -> (usize, usize, Option<String>) {
    let (mut found, mut total, mut missed) = (0, 0, None);
    for value in values(kind) {
        for sentence in SENTENCES {
            let (text, place) = placed(&(way.write)(&value), sentence);
            total += 1;
            if is_covered(&text, &place) {
                found += 1;
            } else {
                missed = missed.or(Some(text));
            }
        }
    }
    (found, total, missed)
}

#[test]
fn every_way_is_seen_through_for_every_kind_it_makes_sense_for() {
    let mut failures = Vec::new();
    for way in WAYS {
        for kind in way.kinds {
            let (found, total, missed) = score(way, *kind);
            if found < total {
                failures.push(format!(
                    "{} / {kind:?}: {found} of {total}, such as {:?}",
                    way.name,
                    missed.unwrap_or_default()
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}

/// Random values of a kind, check digits right.
fn made_up(kind: Kind, seed: u64) -> String {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut pick = |alphabet: &str, n: usize| -> String {
        let letters: Vec<char> = alphabet.chars().collect();
        let mut one = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            letters[usize::try_from(state >> 33).unwrap() % letters.len()]
        };
        (0..n).map(|_| one()).collect()
    };
    const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";
    const DIGITS: &str = "0123456789";
    const MIXED: &str = "a0B1c2D3e4F5g6H7i8J9kLmNpQrStUvWxYz";
    match kind {
        Kind::Card => {
            let body = format!("4{}", pick(DIGITS, 14));
            (0..10).map(|check| format!("{body}{check}")).find(|number| luhn(number)).unwrap()
        }
        Kind::Email => format!("{}.{}@{}.com", pick(LETTERS, 5), pick(LETTERS, 6), pick(LETTERS, 8)),
        Kind::Key => format!("ghp_{}", pick(MIXED, 36)),
        Kind::Iban => {
            let account = pick(DIGITS, 18);
            let sum =
                format!("{account}131400").bytes().fold(0, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % 97);
            format!("DE{:02}{account}", 98 - sum)
        }
        Kind::Phone => format!("+49 171 {}", pick("123456789", 7)),
    }
}

fn luhn(number: &str) -> bool {
    let digits: Vec<u32> = number.chars().filter_map(|c| c.to_digit(10)).collect();
    validate::digits::luhn_holds(&digits)
}

/// Share of pairs of ways that are seen through, of a hundred.
const PAIRS_LEAST: usize = 95;

#[test]
fn two_ways_one_inside_the_other_are_seen_through() {
    let mut missed = Vec::new();
    let (mut found, mut total) = (0, 0);
    let characters = Layer::Characters;
    let fits =
        |inner: &Way, outer: &Way| inner.layer < outer.layer || inner.layer == characters && outer.layer == characters;
    for (i, inner) in WAYS.iter().enumerate() {
        for (j, outer) in WAYS.iter().enumerate().filter(|(j, outer)| (i * 7 + j * 3) % 13 == 0 && fits(inner, outer)) {
            for kind in inner.kinds.iter().filter(|kind| outer.kinds.contains(kind)) {
                let value = made_up(*kind, u64::try_from(i * 1000 + j).unwrap());
                let written = (inner.write)(&value).replace(['⟦', '⟧'], "");
                // What is between pieces is no part of the value; escaped, it would count as such.
                if written.contains(['\n', '"', '\'', '(']) {
                    continue;
                }
                let (text, place) = placed(&(outer.write)(&written), SENTENCES[(i + j) % SENTENCES.len()]);
                total += 1;
                if is_covered(&text, &place) {
                    found += 1;
                } else {
                    missed.push(format!("{} in {} / {kind:?}: {text:?}", inner.name, outer.name));
                }
            }
        }
    }
    assert!(found * 100 >= total * PAIRS_LEAST, "{found} of {total}\n{}", missed.join("\n"));
}

/// Parts of texts that begin disguises, whole and broken.
const PARTS: &[&str] = &[
    "4111111111111111",
    "4111 1111",
    "alice@corp.io",
    "alice",
    " at ",
    " dot ",
    "[at]",
    "com",
    "\u{200b}",
    "\u{336}",
    "\u{202e}",
    "\u{fe0f}",
    "４",
    "а",
    "。",
    "·",
    "–",
    "%40",
    "%25",
    "&#64;",
    "&amp;",
    "&shy;",
    "\\u0040",
    "\\x4",
    "\\",
    "=40",
    "=\n",
    "\n# ",
    "\n    ",
    "\n",
    "+AEA-",
    "\" + \"",
    "\"",
    "'",
    "`${\"",
    "\"}",
    ".join([",
    "\", \"",
    "])",
    "chr(52)",
    ".",
    "[52, 49, 49, 49, ",
    "34 31 31 31 ",
    "one two two ",
    "double four ",
    "四一一",
    "<b>",
    "</b>",
    "**",
    "{}",
    "a l i c e @ c o . i o",
    "4*1*1*1*1*1*",
    "moc.proc@ecila",
    "NXVN",
    "DE89_3704_",
    "é",
    "日本",
    "🇩🇪",
    "\0",
    "YWxpY2VAY29ycC5pbw==",
    "616c69636540636f72702e696f",
];

fn part() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(PARTS);
    prop_oneof![fixed.prop_map(str::to_owned), "[ -~]{0,8}", "\\PC{0,4}", "[A-Za-z0-9+/]{16,40}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn every_place_of_a_view_leads_back_to_whole_characters(parts in prop::collection::vec(part(), 0..14)) {
        let text = parts.concat();
        let views = normalize::views(&text);
        prop_assert!(!views.cut);
        for view in &views.list {
            for (at, character) in view.text.char_indices() {
                for range in view.source_of(at..at + character.len_utf8()).unwrap_or_default() {
                    prop_assert!(text.get(range.clone()).is_some_and(|source| !source.is_empty()), "{:?} of {:?}", range, text);
                }
            }
        }
    }

    #[test]
    fn what_is_masked_is_gone(sentence in 0..SENTENCES.len(), kind in 0_usize..5, way in 0..WAYS.len(), seed in any::<u64>()) {
        let way = &WAYS[way];
        let kind = way.kinds[kind % way.kinds.len()];
        let (text, place) = placed(&(way.write)(&made_up(kind, seed)), SENTENCES[sentence]);
        let mut masked = text.clone();
        for finding in DETECTOR.scan(&text).findings.iter().rev().filter(|finding| finding.confidence >= test::COUNTS_FROM) {
            for range in finding.ranges.iter().rev() {
                prop_assert!(masked.is_char_boundary(range.start) && masked.is_char_boundary(range.end));
                masked.replace_range(range.clone(), "");
            }
        }
        prop_assert!(is_covered(&text, &place), "{}: {:?}", way.name, text);
        for piece in place.iter().filter_map(|place| text.get(place.clone())).filter(|piece| piece.len() >= 6) {
            prop_assert!(!masked.contains(piece), "{:?} in {:?}", piece, masked);
        }
    }
}
