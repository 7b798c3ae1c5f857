//! Sees through disguises: views of a text in which escapes are decoded, invisible characters dropped, look-alikes
//! folded and split literals joined, each with the way back to the original bytes. Runs no rule; a text without
//! anything to normalise yields no view and costs one walk over its bytes.

mod characters;
mod encoded;
mod escapes;
mod joins;

use super::{Finding, overlap::Claim, test::COUNTS_FROM};
use crate::wire::OffsetMap;
use std::ops::Range;

/// Layers of escapes undone: `%2540`, `&amp;#64;` are two.
const LAYERS: usize = 2;
/// Bytes kept before a disguised place, so that context words and anchors are in the view.
const MARGIN_BEFORE: usize = 256;
/// Bytes kept after it, so that a value ends inside the view.
const MARGIN_AFTER: usize = 512;

/// A text as it would read without its disguise.
#[derive(Debug)]
pub(super) struct View {
    pub(super) text: String,
    back: Back,
}

/// The way back.
#[derive(Debug)]
enum Back {
    /// Piece by piece.
    Mapped {
        map: OffsetMap,
        /// Bytes of the original that belong to no value: the `" + "` between joined literals. Ascending.
        gaps: Vec<Range<usize>>,
        /// Invisible characters that were dropped. Ascending.
        dropped: Vec<Range<usize>>,
    },
    /// Anything found inside is the whole token.
    Token { token: Range<usize>, coding: &'static str },
}

/// One replacement in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Edit {
    range: Range<usize>,
    with: With,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum With {
    /// Another spelling.
    Text(String),
    /// Nothing; part of the value around it.
    Nothing,
    /// Nothing; the value around it is in pieces.
    Gap,
}

/// All views of a text.
pub(super) fn views(text: &str) -> Vec<View> {
    let mut views = decoded(text);
    views.extend(
        encoded::tokens(text)
            .into_iter()
            .map(|token| View { text: token.text, back: Back::Token { token: token.range, coding: token.coding } }),
    );
    views
}

impl View {
    /// The claim in terms of the original text. Guesses inside an encoded token are dropped.
    pub(super) fn lead_back(&self, claim: Claim) -> Option<Claim> {
        let Claim { mut finding, severity } = claim;
        match &self.back {
            Back::Token { token, coding } => {
                if finding.confidence < COUNTS_FROM {
                    return None;
                }
                finding.ranges = vec![token.clone()];
                finding.reasons.push(format!("inside a {coding} token"));
            }
            Back::Mapped { map, gaps, dropped } => lead_back_mapped(&mut finding, map, gaps, dropped),
        }
        (!finding.ranges.is_empty()).then_some(Claim { finding, severity })
    }
}

fn lead_back_mapped(finding: &mut Finding, map: &OffsetMap, gaps: &[Range<usize>], dropped: &[Range<usize>]) {
    let mut hull = map.source_range(finding.hull());
    // What was left out right behind the last character is not part of the value.
    while let Some(left_out) = ending_at(dropped, hull.end).or_else(|| ending_at(gaps, hull.end)) {
        if left_out.start <= hull.start {
            break;
        }
        hull.end = left_out.start;
    }
    let mut ranges = Vec::new();
    let mut start = hull.start;
    let first = gaps.partition_point(|gap| gap.start <= hull.start);
    for gap in gaps.iter().skip(first).take_while(|gap| gap.end < hull.end) {
        ranges.push(start..gap.start);
        start = gap.end;
    }
    ranges.push(start..hull.end);
    if ranges.len() > 1 {
        finding.reasons.push(format!("written in {} pieces", ranges.len()));
    }
    ranges.retain(|range| !range.is_empty());
    finding.ranges = ranges;
}

/// The one of these ascending, disjoint ranges that ends at `end`.
fn ending_at(ranges: &[Range<usize>], end: usize) -> Option<&Range<usize>> {
    ranges.binary_search_by_key(&end, |range| range.end).ok().and_then(|index| ranges.get(index))
}

/// Views of the places that hold something to decode, and of what still does after that.
fn decoded(text: &str) -> Vec<View> {
    let mut views: Vec<View> = Vec::new();
    for part in parts(text, &edits(text)) {
        let mut layer = vec![part];
        for _ in 1..LAYERS {
            let Some(outer) = layer.last() else { break };
            let again: Vec<Edit> = edits(&outer.text).into_iter().filter(is_escape).collect();
            let Some(inner) = whole(&outer.text, &again) else { break };
            layer.push(compose(inner, outer));
        }
        views.extend(layer.into_iter().map(|part| View {
            text: part.text,
            back: Back::Mapped { map: part.map, gaps: part.gaps, dropped: part.dropped },
        }));
    }
    views
}

fn is_escape(edit: &Edit) -> bool {
    matches!(edit.with, With::Text(_))
}

/// A decoded stretch of a text.
struct Part {
    text: String,
    map: OffsetMap,
    gaps: Vec<Range<usize>>,
    dropped: Vec<Range<usize>>,
}

fn compose(inner: Part, outer: &Part) -> Part {
    let map = inner.map.then(&outer.map);
    Part { text: inner.text, map, gaps: outer.gaps.clone(), dropped: outer.dropped.clone() }
}

fn whole(text: &str, edits: &[Edit]) -> Option<Part> {
    if edits.is_empty() { None } else { Some(part(text, 0..text.len(), edits)) }
}

/// One part for each neighbourhood of edits.
fn parts(text: &str, edits: &[Edit]) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = edits;
    while let Some(first) = rest.first() {
        let reach = |edit: &Edit| edit.range.end + MARGIN_AFTER;
        let mut end = reach(first);
        let together = rest.iter().take_while(|edit| {
            let near = edit.range.start <= end + MARGIN_BEFORE;
            if near {
                end = reach(edit);
            }
            near
        });
        let (group, later) = rest.split_at(together.count());
        let start = first.range.start.saturating_sub(MARGIN_BEFORE);
        parts.push(part(text, super::matcher::to_characters(text, start..end), group));
        rest = later;
    }
    parts
}

fn part(text: &str, span: Range<usize>, edits: &[Edit]) -> Part {
    let mut out = Part {
        text: String::with_capacity(span.len()),
        map: OffsetMap::shifted(span.start),
        gaps: Vec::new(),
        dropped: Vec::new(),
    };
    let mut at = span.start;
    for edit in edits {
        if edit.range.start < at {
            continue;
        }
        out.copy(text, at..edit.range.start);
        match &edit.with {
            With::Text(with) => {
                out.map.push(out.text.len(), edit.range.start);
                out.text.push_str(with);
            }
            With::Nothing => out.dropped.push(edit.range.clone()),
            With::Gap => out.gaps.push(edit.range.clone()),
        }
        at = edit.range.end;
    }
    out.copy(text, at..span.end);
    out.map.push(out.text.len(), span.end);
    out
}

impl Part {
    fn copy(&mut self, text: &str, range: Range<usize>) {
        self.map.push(self.text.len(), range.start);
        self.text.push_str(text.get(range).unwrap_or_default());
    }
}

/// What a byte may begin.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begins {
    Nothing,
    Backslash,
    Percent,
    Entity,
    Quote,
    LineBreak,
    Character,
}

static BEGINS: [Begins; 256] = begins();

const fn begins() -> [Begins; 256] {
    let mut table = [Begins::Nothing; 256];
    table[b'\\' as usize] = Begins::Backslash;
    table[b'%' as usize] = Begins::Percent;
    table[b'&' as usize] = Begins::Entity;
    table[b'"' as usize] = Begins::Quote;
    table[b'\'' as usize] = Begins::Quote;
    table[b'`' as usize] = Begins::Quote;
    table[b'\n' as usize] = Begins::LineBreak;
    let mut byte = 0xC2;
    while byte < 0xF5 {
        table[byte] = Begins::Character;
        byte += 1;
    }
    table
}

/// All replacements, ascending.
fn edits(text: &str) -> Vec<Edit> {
    let bytes = text.as_bytes();
    let mut edits = Vec::new();
    let mut at = 0;
    while let Some(offset) =
        bytes.get(at..).and_then(|rest| rest.iter().position(|b| BEGINS[usize::from(*b)] != Begins::Nothing))
    {
        at += offset;
        let before = edits.len();
        match bytes.get(at).map_or(Begins::Nothing, |b| BEGINS[usize::from(*b)]) {
            Begins::Nothing => {}
            Begins::Backslash => edits.extend(escapes::backslash(text, at)),
            Begins::Percent => escapes::percent(text, at, &mut edits),
            Begins::Entity => edits.extend(escapes::entity(text, at)),
            Begins::Quote => edits.extend(joins::literals(text, at)),
            Begins::LineBreak => edits.extend(joins::line_break(text, at)),
            Begins::Character => edits.extend(characters::fold(text, at)),
        }
        let after = edits.get(before..).and_then(|new| new.last()).map_or(at + 1, |edit: &Edit| edit.range.end);
        at = after.max(at + 1);
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Severity;

    /// Each view's text, and what the bytes of `value` in it lead back to.
    fn check(text: &str, value: &str, expected: &[&str]) {
        let views = views(text);
        let view = views.iter().find(|view| view.text.contains(value));
        let view = view.unwrap_or_else(|| panic!("`{value}` in no view of `{text}`: {views:?}"));
        let start = view.text.find(value).unwrap();
        let finding = Finding {
            rule: "x.y".into(),
            category: crate::detect::Category::parse("EMAIL").unwrap(),
            ranges: std::iter::once(start..start + value.len()).collect(),
            confidence: 0.9,
            reasons: Vec::new(),
        };
        let claim = view.lead_back(Claim { finding, severity: Severity::Low }).unwrap();
        let pieces: Vec<&str> = claim.finding.ranges.iter().map(|range| text.get(range.clone()).unwrap()).collect();
        assert_eq!(pieces, expected, "{text}");
    }

    #[test]
    fn plain_text_has_no_view() {
        for text in
            ["", "hello, \"world\" & all: 100 % of it", "größer, señor, Москва, 日本", "a\nb\n\nc \\d", "x = \"a\" + b"]
        {
            assert!(views(text).is_empty(), "{text}: {:?}", views(text));
        }
    }

    #[test]
    fn every_disguise_leads_back_to_its_own_bytes() {
        check("x 4111\u{200b}1111 y", "41111111", &["4111\u{200b}1111"]);
        check("x ４１１１ y", "4111", &["４１１１"]);
        check("x 𝐚𝐛𝐜 y", "abc", &["𝐚𝐛𝐜"]);
        check("x ٤١١ y", "411", &["٤١١"]);
        check(r"x a\u0040b.de y", "a@b.de", &[r"a\u0040b.de"]);
        check("x a%40b.de y", "a@b.de", &["a%40b.de"]);
        check("x a%2540b.de y", "a@b.de", &["a%2540b.de"]);
        check("x a&#64;b.de y", "a@b.de", &["a&#64;b.de"]);
        check("x a&#x40;b&period;de y", "a@b.de", &["a&#x40;b&period;de"]);
        check("x a&amp;#64;b.de y", "a@b.de", &["a&amp;#64;b.de"]);
        check(r#"k = "sk-" + "abc1" + "def2""#, "sk-abc1def2", &["sk-", "abc1", "def2"]);
        check("раssword", "password", &["раssword"]);
    }

    #[test]
    fn an_encoded_token_is_found_whole() {
        check("see bWFpbCBhbGljZUBleGFtcGxlLm9yZw== there", "alice@example.org", &["bWFpbCBhbGljZUBleGFtcGxlLm9yZw=="]);
        check(
            "see 6d61696c20616c696365406578616d706c652e6f7267 there",
            "alice@example.org",
            &["6d61696c20616c696365406578616d706c652e6f7267"],
        );
    }
}
