//! What remains when several rules claim the same bytes: the strictest, then the surest, then the longest, and of the
//! others what they claim beside it. Does not judge a single finding.

use super::{Finding, rule::Severity};
use std::{cmp::Ordering, collections::BTreeMap, ops::Range};

/// A finding on its way through overlap resolution.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) finding: Finding,
    pub(super) severity: Severity,
}

/// Findings below this confidence are informational: they never displace a surer one, however severe their rule, and
/// what they claim beside it is dropped.
const SURE: f32 = 0.5;

/// Bytes that sure claims cover, ascending and disjoint.
pub(super) fn covered(claims: &[Claim]) -> Vec<Range<usize>> {
    let mut covered = Vec::new();
    let sure = claims.iter().filter(|claim| claim.finding.confidence >= SURE);
    unite(&mut covered, sure.flat_map(|claim| claim.finding.ranges.iter().cloned()).collect());
    covered
}

/// Findings in order of their start, none overlapping another. Every byte that a sure claim covers is covered: what of
/// a loser stands beside the winners stays a finding of its own. Claims come in the order of their rules.
pub(super) fn resolve(mut claims: Vec<Claim>) -> Vec<Finding> {
    claims.retain(|claim| !claim.finding.hull().is_empty());
    claims.sort_by_key(|claim| claim.finding.hull().start);
    let mut resolved = Vec::with_capacity(claims.len());
    let mut rest = claims.into_iter().peekable();
    while let Some(claim) = rest.next() {
        let mut end = claim.finding.hull().end;
        if rest.peek().is_none_or(|next| next.finding.hull().start >= end) {
            resolved.push(claim.finding);
            continue;
        }
        let mut rivals = vec![claim];
        while let Some(rival) = rest.next_if(|claim| claim.finding.hull().start < end) {
            end = end.max(rival.finding.hull().end);
            rivals.push(rival);
        }
        resolved.extend(settle(rivals));
    }
    resolved
}

/// The winner of two claims comes first. Equal ones stay in the order of their rules.
fn strictest(a: &Claim, b: &Claim) -> Ordering {
    let sure = |claim: &Claim| claim.finding.confidence >= SURE;
    let (left, right) = (a.finding.hull(), b.finding.hull());
    sure(b)
        .cmp(&sure(a))
        .then(b.severity.cmp(&a.severity))
        .then(b.finding.confidence.total_cmp(&a.finding.confidence))
        .then(right.len().cmp(&left.len()))
        .then(left.start.cmp(&right.start))
}

/// Findings kept so far, by their start.
type Kept = BTreeMap<usize, Finding>;

/// Decides between claims of which each overlaps another.
fn settle(mut rivals: Vec<Claim>) -> impl Iterator<Item = Finding> {
    rivals.sort_by(strictest);
    let mut kept = Kept::new();
    for Claim { finding, .. } in rivals {
        let hull = finding.hull();
        let winners: Vec<usize> = kept
            .range(..hull.end)
            .rev()
            .take_while(|(_, winner)| winner.hull().end > hull.start)
            .map(|(start, _)| *start)
            .collect();
        if winners.is_empty() {
            kept.insert(hull.start, finding);
        } else if finding.confidence >= SURE && !widened(&mut kept, &winners, &finding) {
            add_rest(&mut kept, &winners, &finding);
        }
    }
    kept.into_values()
}

/// Of two matches of one rule, one inside the other, the wider is the finding.
fn widened(kept: &mut Kept, winners: &[usize], loser: &Finding) -> bool {
    let ([only], hull) = (winners, loser.hull()) else { return false };
    let inside = |winner: &&Finding| {
        winner.rule == loser.rule && hull.start <= winner.hull().start && winner.hull().end <= hull.end
    };
    if kept.get(only).filter(inside).is_none() {
        return false;
    }
    if let Some(mut winner) = kept.remove(only) {
        unite(&mut winner.ranges, loser.ranges.clone());
        kept.insert(hull.start, winner);
    }
    true
}

/// Keeps what a loser covers beside its winners, given from the last to the first.
fn add_rest(kept: &mut Kept, winners: &[usize], loser: &Finding) {
    let mut rest = loser.ranges.clone();
    for start in winners {
        let Some(winner) = kept.get_mut(start) else { continue };
        let hull = winner.hull();
        cover(winner, &rest);
        let behind: Vec<Range<usize>> = cut(&rest, hull.end..usize::MAX);
        rest = cut(&rest, 0..hull.start);
        let rule = winner.rule.clone();
        insert_rest(kept, loser, behind, &rule);
    }
    if let Some(rule) = winners.last().and_then(|start| kept.get(start)).map(|winner| winner.rule.clone()) {
        insert_rest(kept, loser, rest, &rule);
    }
}

fn insert_rest(kept: &mut Kept, loser: &Finding, ranges: Vec<Range<usize>>, winner: &str) {
    let Some(first) = ranges.first() else { return };
    let start = first.start;
    let mut finding = Finding { ranges, ..loser.clone() };
    finding.reasons.push(format!("{REST}{winner}"));
    kept.insert(start, finding);
}

/// How the reason of a rest begins.
const REST: &str = "the rest of it is part of ";
/// Letters and digits that a rest must have: fewer tell nothing, and a placeholder for a `/` would only be in the way.
const REST_LEAST: usize = 3;

/// Whether a finding is worth keeping: all are but rests of a sign or two.
pub(super) fn tells(text: &str, finding: &Finding) -> bool {
    if !finding.reasons.last().is_some_and(|reason| reason.starts_with(REST)) {
        return true;
    }
    let rest = finding.ranges.iter().filter_map(|range| text.get(range.clone()));
    rest.flat_map(str::chars).filter(|c| c.is_alphanumeric()).nth(REST_LEAST - 1).is_some()
}

/// The parts of `ranges` within `bounds`.
fn cut(ranges: &[Range<usize>], bounds: Range<usize>) -> Vec<Range<usize>> {
    let parts = ranges.iter().map(|range| range.start.max(bounds.start)..range.end.min(bounds.end));
    parts.filter(|part| !part.is_empty()).collect()
}

/// Adds to a winner written in pieces what a loser covers between its pieces.
fn cover(winner: &mut Finding, ranges: &[Range<usize>]) {
    if winner.ranges.len() < 2 {
        return;
    }
    let within = cut(ranges, winner.hull());
    unite(&mut winner.ranges, within);
}

/// Ascending and disjoint, what both cover.
fn unite(ranges: &mut Vec<Range<usize>>, mut more: Vec<Range<usize>>) {
    more.append(ranges);
    more.sort_by_key(|range| range.start);
    for range in more {
        match ranges.last_mut().filter(|last| range.start <= last.end) {
            Some(last) => last.end = last.end.max(range.end),
            None => ranges.push(range),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Category;
    use proptest::prelude::*;

    fn claim(rule: &str, ranges: &[Range<usize>], severity: Severity, confidence: f32) -> Claim {
        let finding = Finding {
            rule: rule.into(),
            category: Category::parse("APIKEY").unwrap(),
            ranges: ranges.to_vec(),
            confidence,
            reasons: Vec::new(),
        };
        Claim { finding, severity }
    }

    fn one(rule: &str, range: Range<usize>, severity: Severity, confidence: f32) -> Claim {
        claim(rule, &[range], severity, confidence)
    }

    /// Resolves and compares with `rule ranges`.
    fn check(claims: Vec<Claim>, expected: &[&str]) {
        let kept = resolve(claims);
        let kept: Vec<String> = kept.iter().map(|finding| format!("{} {:?}", finding.rule, finding.ranges)).collect();
        assert_eq!(kept, expected);
    }

    #[test]
    fn the_strictest_wins_then_the_surest_then_the_longest() {
        let medium = || one("medium", 10..30, Severity::Medium, 0.9);
        check(vec![medium(), one("critical", 10..30, Severity::Critical, 0.8)], &["critical [10..30]"]);
        check(vec![medium(), one("surer", 10..30, Severity::Medium, 0.95)], &["surer [10..30]"]);
        check(vec![medium(), one("shorter", 15..22, Severity::Medium, 0.9)], &["medium [10..30]"]);
        check(vec![medium(), one("beside", 30..40, Severity::Low, 0.2)], &["medium [10..30]", "beside [30..40]"]);
    }

    #[test]
    fn what_a_loser_covers_beside_the_winner_stays_found() {
        let long = || one("long", 0..30, Severity::Medium, 0.9);
        let critical = |range| one("critical", range, Severity::Critical, 0.8);
        check(vec![long(), critical(10..20)], &["long [0..10]", "critical [10..20]", "long [20..30]"]);
        check(vec![long(), critical(20..40)], &["long [0..20]", "critical [20..40]"]);
        check(
            vec![long(), critical(25..30), critical(0..5)],
            &["critical [0..5]", "long [5..25]", "critical [25..30]"],
        );
    }

    #[test]
    fn a_rest_of_a_sign_is_no_finding() {
        let text = "AKIAQ3EGRZ2XN7LMVC4J/ and AKIAQ3EGRZ2XN7LMVC4J/q8Zk";
        let claims = |at: usize, length: usize| {
            let long = one("long", at..at + length, Severity::Medium, 0.9);
            vec![long, one("key", at..at + 20, Severity::Critical, 0.9)]
        };
        let kept = |claims| resolve(claims).iter().filter(|finding| tells(text, finding)).count();
        assert_eq!((kept(claims(0, 21)), kept(claims(26, 25))), (1, 2));
    }

    #[test]
    fn an_unsure_finding_never_displaces_a_sure_one_and_leaves_nothing() {
        let mail = || one("mail", 0..20, Severity::Medium, 0.9);
        check(vec![mail(), one("guess", 0..25, Severity::Critical, 0.3)], &["mail [0..20]"]);
    }

    #[test]
    fn of_one_rule_the_wider_match_is_the_finding() {
        let key = |range, confidence| one("key", range, Severity::High, confidence);
        check(vec![key(0..20, 0.9), key(0..30, 0.8)], &["key [0..30]"]);
        check(vec![key(5..20, 0.9), key(0..30, 0.8), key(2..9, 0.7)], &["key [0..30]"]);
    }

    #[test]
    fn a_value_in_pieces_keeps_its_gaps_unless_they_are_claimed() {
        let pieces = || claim("pieces", &[0..5, 10..20], Severity::Critical, 0.9);
        check(vec![pieces(), one("low", 5..8, Severity::Low, 0.9)], &["pieces [0..8, 10..20]"]);
        check(vec![pieces(), one("low", 8..25, Severity::Low, 0.9)], &["pieces [0..5, 8..20]", "low [20..25]"]);
        let lost = claim("lost", &[0..4, 12..16, 22..26], Severity::Low, 0.9);
        check(
            vec![lost, one("won", 3..14, Severity::High, 0.9)],
            &["lost [0..3]", "won [3..14]", "lost [14..16, 22..26]"],
        );
    }

    proptest! {
        #[test]
        fn every_byte_of_a_sure_claim_is_found(
            spans in prop::collection::vec((0_usize..80, 1_usize..30, 0_usize..3, 0_usize..4, 0_u8..10), 1..14)
        ) {
            let claims: Vec<Claim> = spans
                .iter()
                .map(|(start, length, gap, rule, confidence)| {
                    let end = start + length;
                    let ranges = if *gap == 0 { vec![*start..end] } else { vec![*start..end, end + gap..end + gap + 4] };
                    let severity = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical][*rule];
                    claim(["a.a", "b.b", "c.c", "d.d"][*rule], &ranges, severity, f32::from(*confidence) / 10.0)
                })
                .collect();
            let sure = claims.iter().filter(|claim| claim.finding.confidence >= SURE);
            let claimed: Vec<Range<usize>> = sure.flat_map(|claim| claim.finding.ranges.clone()).collect();
            let findings = resolve(claims);
            let mut end = 0;
            for range in findings.iter().flat_map(|finding| &finding.ranges) {
                prop_assert!(range.start >= end && !range.is_empty(), "{findings:?}");
                end = range.end;
            }
            for byte in claimed.into_iter().flatten() {
                let found = findings.iter().flat_map(|finding| &finding.ranges).any(|range| range.contains(&byte));
                prop_assert!(found, "{byte} in {findings:?}");
            }
        }
    }
}
