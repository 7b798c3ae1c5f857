//! Properties of finding and restoring in any text: ranges that can be cut out, the same result for the same text, and
//! restoring that does not depend on how the text arrives.

use std::sync::OnceLock;

use crate::{
    detect::{Category, Detector},
    mask::{Names, Original, Restorer, ScopeKey, property},
    site::Surface,
};

/// Findings: on characters, in order, apart, never empty, as sure as they may be, and the same a second time.
pub fn detect(bytes: &[u8]) {
    static DETECTOR: OnceLock<Option<Detector>> = OnceLock::new();
    let Some(detector) = DETECTOR.get_or_init(|| Detector::built_in().ok()) else { return };
    let text = text(bytes);
    let scan = detector.scan(&text);
    let mut taken: Vec<std::ops::Range<usize>> = Vec::new();
    let mut before = 0;
    for finding in &scan.findings {
        assert!(finding.hull().start >= before, "findings are out of order");
        assert!(finding.confidence > 0.0 && finding.confidence <= 1.0, "a confidence out of bounds");
        assert!(!finding.ranges.is_empty(), "a finding of nothing");
        before = finding.hull().start;
        let mut end = 0;
        for range in &finding.ranges {
            assert!(range.start >= end && range.start < range.end, "ranges of a finding overlap or are empty");
            assert!(text.get(range.clone()).is_some(), "a range cuts a character");
            end = range.end;
            taken.push(range.clone());
        }
    }
    taken.sort_by_key(|range| range.start);
    let apart = taken.windows(2).all(|pair| matches!(pair, [left, right] if left.end <= right.start));
    assert!(apart, "findings overlap");
    assert_eq!(detector.scan(&text).findings, scan.findings, "a second scan finds otherwise");
}

/// Restoring: any cut gives the same, text without live names stays as it is, and masking is undone.
///
/// The first byte chooses surface and cut; see `with_placeholders` for the marks in the text.
pub fn restore(bytes: &[u8]) {
    property::mask_and_restore(bytes);
    let Some((choice, rest)) = bytes.split_first() else { return };
    let surface = match choice & 7 {
        0 | 1 => Surface::Prose,
        2 => Surface::ToolJson { tool: Some("write_file".to_owned()) },
        3 => Surface::ToolJson { tool: None },
        4 => Surface::ToolText { tool: Some("apply_patch".to_owned()) },
        5 => Surface::ToolText { tool: None },
        6 => Surface::ToolJson { tool: Some("Edit".to_owned()) },
        _ => Surface::ToolJson { tool: Some("web_fetch".to_owned()) },
    };
    let names = names();
    let text = text(&with_placeholders(rest, &names));
    let whole = Restorer::whole(&text, &surface, &names);
    assert_eq!(whole, in_pieces(&text, usize::from(choice >> 3), &surface, &names), "a cut changes the text");
    let nobody = Names::new(ScopeKey::new([43; 32]));
    assert_eq!(Restorer::whole(&text, &surface, &nobody), (text, 0), "text changed without live names");
}

/// Restores `text` in pieces of `step` + 1 bytes, or a little more where that would cut a character.
fn in_pieces(text: &str, step: usize, surface: &Surface, names: &Names) -> (String, usize) {
    let mut restorer = Restorer::new(surface, None);
    let mut out = String::new();
    let mut piece = String::new();
    for c in text.chars() {
        piece.push(c);
        if piece.len() > step {
            restorer.push(&piece, names, &mut out);
            piece.clear();
        }
    }
    restorer.push(&piece, names, &mut out);
    restorer.finish(names, &mut out);
    (out, restorer.restored())
}

/// Originals that break whatever they are put into unescaped.
const ORIGINALS: [(&str, &str); 3] = [
    ("EMAIL", "alice.meyer@corp-example.org"),
    ("PERSON", "Zo\u{eb} \"Z\" O'Hara\n<b>"),
    ("PASSWORD", "tr0ub4dor\\and&3"),
];

/// A scope with three live names.
pub(super) fn names() -> Names {
    let mut names = Names::new(ScopeKey::new([42; 32]));
    for (category, original) in ORIGINALS {
        if let Ok(category) = Category::parse(category) {
            let placeholder = names.name(&category, original);
            names.insert(placeholder, Original::new(original.to_owned()));
        }
    }
    names
}

/// `<1>`, `<2>`, `<3>` become live placeholders, `<h>` and `<t>` the two halves of the first, so that a fuzzer need not
/// guess a keyed tag.
pub(super) fn with_placeholders(bytes: &[u8], names: &Names) -> Vec<u8> {
    let placeholder = |at: usize| {
        let (category, original) = ORIGINALS.get(at)?;
        Some(names.name(&Category::parse(category).ok()?, original).as_str().to_owned())
    };
    let first = placeholder(0).unwrap_or_default();
    let (head, tail) = first.split_at_checked(9).unwrap_or_default();
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((byte, after)) = rest.split_first() {
        let written = match rest.get(..3) {
            Some(b"<1>") => Some(first.clone()),
            Some(b"<2>") => placeholder(1),
            Some(b"<3>") => placeholder(2),
            Some(b"<h>") => Some(head.to_owned()),
            Some(b"<t>") => Some(tail.to_owned()),
            Some(_) | None => None,
        };
        match written {
            Some(text) => {
                out.extend_from_slice(text.as_bytes());
                rest = rest.get(3..).unwrap_or_default();
            }
            None => {
                out.push(*byte);
                rest = after;
            }
        }
    }
    out
}

/// What of the bytes is text.
pub(super) fn text(bytes: &[u8]) -> String {
    bytes.utf8_chunks().map(|chunk| chunk.valid()).collect()
}
