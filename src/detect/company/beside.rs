//! Puts copied passages beside the findings that lie inside them: a passage goes round a key or a name, so that neither
//! is lost. Does not find anything.

use crate::detect::{Finding, overlap::Claim};
use std::ops::Range;

/// Findings of less confidence inside a passage say less than the passage does.
const COUNTS_FROM: f32 = 0.5;

/// Both, ascending by start. No two ranges overlap; the hull of a passage may hold other findings.
pub(in crate::detect) fn beside(mut findings: Vec<Finding>, mut passages: Vec<Claim>) -> Vec<Finding> {
    if passages.is_empty() {
        return findings;
    }
    passages.sort_by(|a, b| {
        let (left, right) = (&a.finding, &b.finding);
        right.confidence.total_cmp(&left.confidence).then(right.hull().len().cmp(&left.hull().len()))
    });
    let mut kept: Vec<Finding> = Vec::new();
    for Claim { mut finding, .. } in passages {
        for other in &kept {
            without(&mut finding.ranges, &other.ranges);
        }
        if !finding.ranges.is_empty() {
            kept.push(finding);
        }
    }
    let inside = |finding: &Finding| {
        let hull = finding.hull();
        kept.iter().flat_map(|passage| &passage.ranges).any(|range| range.start <= hull.start && hull.end <= range.end)
    };
    findings.retain(|finding| finding.confidence >= COUNTS_FROM || !inside(finding));
    for passage in &mut kept {
        for finding in &findings {
            without(&mut passage.ranges, &finding.ranges);
        }
    }
    findings.extend(kept.into_iter().filter(|passage| !passage.ranges.is_empty()));
    findings.sort_by_key(|finding| finding.hull().start);
    findings
}

/// Cuts `taken` out of `ranges`; both ascending and disjoint.
fn without(ranges: &mut Vec<Range<usize>>, taken: &[Range<usize>]) {
    let overlapping = |range: &Range<usize>, taken: &Range<usize>| range.start < taken.end && taken.start < range.end;
    for taken in taken {
        if !ranges.iter().any(|range| overlapping(range, taken)) {
            continue;
        }
        let parts = ranges.iter().flat_map(|range| {
            if overlapping(range, taken) {
                [range.start..range.end.min(taken.start), range.start.max(taken.end)..range.end]
            } else {
                [range.clone(), 0..0]
            }
        });
        *ranges = parts.filter(|part| part.start < part.end).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Category, Severity};

    fn finding(range: Range<usize>, confidence: f32) -> Finding {
        let category = Category::parse("EMAIL").unwrap();
        Finding { rule: "a.b".into(), category, ranges: vec![range], confidence, reasons: Vec::new() }
    }

    fn passage(range: Range<usize>, confidence: f32) -> Claim {
        Claim { finding: finding(range, confidence), severity: Severity::High }
    }

    fn ranges(findings: Vec<Finding>, passages: Vec<Claim>) -> Vec<Vec<Range<usize>>> {
        beside(findings, passages).into_iter().map(|finding| finding.ranges).collect()
    }

    #[test]
    fn a_passage_goes_round_what_lies_in_it() {
        let found = ranges(vec![finding(10..20, 0.9), finding(95..120, 0.9)], vec![passage(0..100, 0.95)]);
        assert_eq!(found, [vec![0..10, 20..95], vec![10..20], vec![95..120]]);
    }

    #[test]
    fn guesses_inside_a_passage_give_way() {
        assert_eq!(ranges(vec![finding(10..20, 0.3)], vec![passage(0..100, 0.6)]), [vec![0..100]]);
        assert_eq!(ranges(vec![finding(90..120, 0.3)], vec![passage(0..100, 0.6)]), [vec![0..90], vec![90..120]]);
    }

    #[test]
    fn the_surer_passage_keeps_its_bytes() {
        assert_eq!(ranges(Vec::new(), vec![passage(0..60, 0.6), passage(50..100, 0.95)]), [vec![0..50], vec![50..100]]);
        assert_eq!(ranges(vec![finding(0..9, 0.9)], vec![passage(0..9, 0.95)]), [vec![0..9]]);
    }
}
