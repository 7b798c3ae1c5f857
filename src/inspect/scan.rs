//! Runs the detector over the spans of a prompt, including what is cut over two neighbouring spans.
//! Does not judge findings.

use std::ops::Range;

use crate::{
    detect::{
        Detector, Finding,
        model::{Effort, Skipped},
    },
    mask::Names,
    site::{Part, Prompt, Role, Span},
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
    /// Why only rules looked at some of it.
    pub skipped: Option<Skipped>,
}

/// Who looks at a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Rules and the company's own lists: again and again, until nothing is left to mask.
    Rules,
    /// … and the model, where there is one: once.
    Model,
}

/// Scans every span. Placeholders issued in this scope are blanked first, so that no rule takes one for a secret.
#[must_use]
pub fn scan(detector: &Detector, depth: Depth, prompt: &Prompt, names: &Names, min_confidence: f32) -> Scanned {
    let mut scanned = Scanned::default();
    let mut effort = Effort::default();
    for (index, span) in prompt.spans.iter().enumerate() {
        if span.role == Role::Media {
            continue;
        }
        let text = blanked(&span.text, &names.issued(&span.text));
        let result = match depth {
            Depth::Model if is_running_text(span) => detector.scan_deeply(&text, &mut effort),
            Depth::Model | Depth::Rules => detector.scan(&text),
        };
        scanned.gave_up |= result.unreadable;
        scanned.located.extend(result.findings.into_iter().map(|finding| Located { span: index, finding }));
    }
    scanned.skipped = effort.skipped();
    let cut = over_borders(detector, prompt, names);
    scanned.located.retain(|found| !cut.iter().any(|piece| covers(piece, found)));
    scanned.located.extend(cut);
    scanned.located.retain(|located| located.finding.confidence >= min_confidence);
    scanned.located.sort_by_key(|located| (located.span, located.finding.hull().start));
    scanned
}

/// Whether somebody wrote it: headers and paths are for machines.
pub(super) fn is_running_text(span: &Span) -> bool {
    span.part == Part::Body && span.role == Role::Text
}

/// Findings of text cut over sibling spans, as one finding a span. A value in many small pieces is seen from the first.
fn over_borders(detector: &Detector, prompt: &Prompt, names: &Names) -> Vec<Located> {
    let mut cut: Vec<Located> = Vec::new();
    for index in 1..prompt.spans.len() {
        let joined = Joined::around(&prompt.spans, index);
        if joined.pieces.len() < 2 {
            continue;
        }
        let text = blanked(&joined.text, &names.issued(&joined.text));
        for finding in detector.scan(&text).findings {
            if finding.hull().start >= joined.border || finding.hull().end <= joined.border {
                continue;
            }
            let pieces = joined.apart(&finding);
            let known = pieces.iter().any(|piece| cut.iter().any(|longer| covers(longer, piece)));
            if !known {
                cut.extend(pieces);
            }
        }
    }
    cut
}

/// The end of one span and what follows it in its siblings, as one text.
struct Joined {
    text: String,
    /// End of the first piece in `text`.
    border: usize,
    /// Span, where its piece begins in the span, and where in `text`.
    pieces: Vec<(usize, usize, usize)>,
}

impl Joined {
    /// Around the border between the spans `index - 1` and `index`.
    fn around(spans: &[Span], index: usize) -> Self {
        let mut joined = Self { text: String::new(), border: 0, pieces: Vec::new() };
        let Some((left, rest)) = spans.get(index - 1..).and_then(<[Span]>::split_first) else { return joined };
        let from = floor_boundary(&left.text, left.text.len().saturating_sub(BORDER));
        joined.push(index - 1, from, left.text.get(from..).unwrap_or_default());
        joined.border = joined.text.len();
        for (step, right) in rest.iter().enumerate() {
            let room = (joined.border + BORDER).saturating_sub(joined.text.len());
            if room == 0 || !siblings(left, right) {
                break;
            }
            let until = floor_boundary(&right.text, right.text.len().min(room));
            joined.push(index + step, 0, right.text.get(..until).unwrap_or_default());
        }
        joined
    }

    fn push(&mut self, span: usize, from: usize, text: &str) {
        self.pieces.push((span, from, self.text.len()));
        self.text.push_str(text);
    }

    /// A finding in the joined text, as findings in the spans.
    fn apart(&self, finding: &Finding) -> Vec<Located> {
        let ends = self.pieces.iter().skip(1).map(|(_, _, start)| *start).chain([self.text.len()]);
        let mut located = Vec::new();
        for ((span, from, start), end) in self.pieces.iter().zip(ends) {
            let within = |range: &Range<usize>| range.start.max(*start)..range.end.min(end);
            let ranges: Vec<Range<usize>> = finding
                .ranges
                .iter()
                .map(within)
                .filter(|range| range.start < range.end)
                .map(|range| range.start - start + from..range.end - start + from)
                .collect();
            if !ranges.is_empty() {
                located.push(Located { span: *span, finding: Finding { ranges, ..finding.clone() } });
            }
        }
        located
    }
}

/// Elements of one array, or the same member of each.
fn siblings(left: &Span, right: &Span) -> bool {
    left.part == right.part
        && left.role == Role::Text
        && right.role == Role::Text
        && without_last_index(&left.path) == without_last_index(&right.path)
        && left.path != right.path
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
