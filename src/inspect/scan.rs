//! Runs the detector over the spans of a prompt, including what is cut over two neighbouring spans.
//! Does not judge findings.

use std::ops::Range;

use crate::{
    detect::{Detector, Finding},
    mask::Names,
    site::{Prompt, Role, Span},
};

/// Bytes of each neighbour looked at for values cut over a border: longer than any single-line secret.
const BORDER: usize = 512;

/// A finding, and the span of the prompt it lies in.
#[derive(Debug, Clone)]
pub struct Located {
    /// Index in `Prompt::spans`.
    pub span: usize,
    /// Offsets are those of that span's text.
    pub finding: Finding,
}

/// All findings of a prompt.
#[derive(Debug, Default)]
pub struct Scanned {
    /// In the order of the spans.
    pub located: Vec<Located>,
    /// A pattern gave up on some text: the prompt counts as unreadable.
    pub gave_up: bool,
}

/// Scans every span. Placeholders issued in this scope are blanked first, so that no rule takes one for a secret.
#[must_use]
pub fn scan(detector: &Detector, prompt: &Prompt, names: &Names, min_confidence: f32) -> Scanned {
    let mut scanned = Scanned::default();
    for (index, span) in prompt.spans.iter().enumerate() {
        if span.role == Role::Media {
            continue;
        }
        let text = blanked(&span.text, &names.issued(&span.text));
        let result = detector.scan(&text);
        scanned.gave_up |= result.unreadable;
        scanned.located.extend(result.findings.into_iter().map(|finding| Located { span: index, finding }));
    }
    for (index, pair) in prompt.spans.windows(2).enumerate() {
        if let [left, right] = pair {
            let cut = across(detector, names, index, left, right);
            scanned.located.retain(|found| !cut.iter().any(|piece| covers(piece, found)));
            scanned.located.extend(cut);
        }
    }
    scanned.located.retain(|located| located.finding.confidence >= min_confidence);
    scanned.located.sort_by_key(|located| (located.span, located.finding.hull().start));
    scanned
}

/// Findings of text cut over two sibling spans, as one finding a side.
fn across(detector: &Detector, names: &Names, index: usize, left: &Span, right: &Span) -> Vec<Located> {
    let siblings = left.part == right.part
        && left.role == Role::Text
        && right.role == Role::Text
        && without_last_index(&left.path) == without_last_index(&right.path)
        && left.path != right.path;
    if !siblings {
        return Vec::new();
    }
    let from = floor_boundary(&left.text, left.text.len().saturating_sub(BORDER));
    let until = floor_boundary(&right.text, right.text.len().min(BORDER));
    let (Some(tail), Some(head)) = (left.text.get(from..), right.text.get(..until)) else { return Vec::new() };
    let joined = format!("{tail}{head}");
    let text = blanked(&joined, &names.issued(&joined));
    let border = tail.len();
    let mut located = Vec::new();
    for finding in detector.scan(&text).findings {
        if finding.hull().start >= border || finding.hull().end <= border {
            continue;
        }
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for range in &finding.ranges {
            if range.start < border {
                before.push(range.start + from..range.end.min(border) + from);
            }
            if range.end > border {
                after.push(range.start.max(border) - border..range.end - border);
            }
        }
        for (span, ranges) in [(index, before), (index + 1, after)] {
            located.push(Located { span, finding: Finding { ranges, ..finding.clone() } });
        }
    }
    located
}

/// What one side alone looked like gives way to the longer value over the border.
fn covers(piece: &Located, found: &Located) -> bool {
    let (longer, hull) = (piece.finding.hull(), found.finding.hull());
    found.span == piece.span && hull.start < longer.end && longer.start < hull.end
}

/// `messages[0].content[1].text` → `messages[0].content[].text`: equal for neighbours in one array.
fn without_last_index(path: &str) -> String {
    match (path.rfind('['), path.rfind(']')) {
        (Some(open), Some(close)) if open < close => {
            let (before, after) = (path.get(..=open).unwrap_or(path), path.get(close..).unwrap_or(""));
            format!("{before}{after}")
        }
        _ => path.to_owned(),
    }
}

/// The text with the ranges overwritten by spaces: same offsets, nothing left to find.
fn blanked<'a>(text: &'a str, ranges: &[Range<usize>]) -> std::borrow::Cow<'a, str> {
    if ranges.is_empty() {
        return text.into();
    }
    let mut copy = String::with_capacity(text.len());
    let mut done = 0;
    for range in ranges {
        copy.push_str(text.get(done..range.start).unwrap_or(""));
        copy.extend(std::iter::repeat_n(' ', range.len()));
        done = range.end;
    }
    copy.push_str(text.get(done..).unwrap_or(""));
    copy.into()
}

fn floor_boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanking_keeps_every_offset() {
        assert_eq!(blanked("key EMAIL_X end", &[4..11]), "key         end");
    }

    #[test]
    fn neighbours_in_one_array_share_a_shape() {
        assert_eq!(without_last_index("m[0].c[1].text"), without_last_index("m[0].c[2].text"));
        assert_ne!(without_last_index("m[0].c"), without_last_index("m[1].d"));
    }
}
