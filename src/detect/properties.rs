//! What holds for every text: findings are in order, apart, on characters and within the text, each says why, and
//! masking by them leaves no byte of a known value. Texts are made of values that rules find, disguises, pieces of
//! both, and anything.

use super::{Detector, tests::DETECTOR};
use crate::{
    mask::{Edit, splice},
    rules::Source,
};
use proptest::prelude::*;

/// Values that are found wherever they stand alone.
const KNOWN: [[&str; 2]; 4] = [
    ["4111 1111 ", "1111 1111"],
    ["maria.rossi@", "kunde-gmbh.de"],
    ["ghp", "_9f8Qz7LmXp2vK4tRw6Yb1Nc3Hd5Jg00HBCEY"],
    ["AKIA", "Z2J4N7Q5W8E3R6T7"],
];

fn piece() -> impl Strategy<Value = String> {
    let cue = prop::sample::select(vec![
        "password = \"",
        "-----BEGIN ",
        "eyJ",
        "\u{200b}",
        "%4",
        "&#",
        "\\u00",
        "\" + \"",
        "４1é",
        "my name is Ännä ",
        "passport no: ",
        "=\n",
        "` ",
        "\\n",
    ]);
    prop_oneof![
        2 => "\\PC{0,12}",
        5 => cue.prop_map(str::to_owned),
        3 => "[A-Za-z0-9+/=_.-]{20,60}",
        2 => "[0-9 .-]{5,30}",
    ]
}

/// Something of which everything is found, with blanks round it.
fn known() -> impl Strategy<Value = String> {
    (0..KNOWN.len()).prop_map(|index| format!("\n {} \n", KNOWN[index].concat()))
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop_oneof![6 => piece(), 1 => known()], 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn findings_are_sound_in_any_text(text in text()) {
        let scan = DETECTOR.scan(&text);
        let mut end = 0;
        for finding in &scan.findings {
            prop_assert!(!finding.ranges.is_empty());
            prop_assert!(!finding.reasons.is_empty() && finding.reasons.iter().all(|reason| !reason.is_empty()));
            prop_assert!((0.0..1.0).contains(&finding.confidence));
            for range in &finding.ranges {
                prop_assert!(range.start >= end && !range.is_empty() && range.end <= text.len(), "{:?}", scan.findings);
                prop_assert!(text.is_char_boundary(range.start) && text.is_char_boundary(range.end), "{:?}", finding);
                end = range.end;
            }
        }
        prop_assert_eq!(scan, DETECTOR.scan(&text));
    }

    #[test]
    fn masking_leaves_nothing_of_a_known_value(
        before in prop::collection::vec(piece(), 0..5), index in 0..KNOWN.len(), after in prop::collection::vec(piece(), 0..5)
    ) {
        let value = KNOWN[index].concat();
        let text = format!("{}\n\n {value} \n\n{}", before.concat(), after.concat());
        let findings = DETECTOR.scan(&text).findings;
        let ranges = findings.iter().flat_map(|finding| finding.ranges.clone());
        let mut edits: Vec<Edit> = ranges.map(|range| Edit { range, bytes: b"#".to_vec() }).collect();
        let masked = String::from_utf8(splice(text.as_bytes(), &mut edits)).unwrap();
        let filler = before.concat() + &after.concat();
        for part in value.as_bytes().windows(5).filter_map(|part| std::str::from_utf8(part).ok()) {
            prop_assert!(!masked.contains(part) || filler.contains(part), "{part} in {masked:?}: {findings:?}");
        }
    }
}

#[test]
fn a_million_findings_are_found_in_order() {
    let text = "alice@corp.io ".repeat(20_000);
    let scan = DETECTOR.scan(&text);
    assert_eq!(scan.findings.len(), 20_000);
    assert!(scan.findings.windows(2).all(|pair| pair[0].hull().end <= pair[1].hull().start));
}

#[test]
fn a_pattern_that_goes_back_too_often_makes_a_text_unreadable() {
    let text = "[[rule]]\nid = \"x.y\"\ntitle = \"t\"\ndescription = \"d\"\ncategory = \"APIKEY\"\nseverity = \"low\"\nsource = \"s\"\nconfidence = 0.9\nengine = \"fancy\"\nanchor = { literals = [\"a\"], left = \"any\", after = 4000 }\npattern = '''(?: (a+) \\1? )+ b'''\nfinds = [\"aab\"]\nnear_misses = []\n";
    let source = Source { path: "rules/test/back.toml".to_owned(), text: text.to_owned() };
    let detector = Detector::compile(&[source], &[]).unwrap();
    assert!(detector.scan(&"a".repeat(3_000)).unreadable);
    assert!(!detector.scan("an aab and no more").unreadable);
}
