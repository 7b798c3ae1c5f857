//! What remains when several rules claim the same bytes: the strictest, then the surest, then the longest.
//! Does not judge a single finding.

use super::{Finding, rule::Severity};

/// A finding on its way through overlap resolution.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) finding: Finding,
    pub(super) severity: Severity,
}

/// Keeps the winners, in order of their start, none overlapping another.
pub(super) fn resolve(mut claims: Vec<Claim>) -> Vec<Finding> {
    claims.sort_by(|a, b| {
        let certain = |claim: &Claim| claim.finding.confidence >= SURE;
        let (left, right) = (a.finding.hull(), b.finding.hull());
        certain(b)
            .cmp(&certain(a))
            .then(b.severity.cmp(&a.severity))
            .then(b.finding.confidence.total_cmp(&a.finding.confidence))
            .then(right.len().cmp(&left.len()))
            .then(left.start.cmp(&right.start))
    });
    let mut kept: std::collections::BTreeMap<usize, Finding> = std::collections::BTreeMap::new();
    for claim in claims {
        let hull = claim.finding.hull();
        let before = kept.range(..hull.end).next_back();
        let free = before.is_none_or(|(_, other)| other.hull().end <= hull.start);
        if free && !hull.is_empty() {
            kept.insert(hull.start, claim.finding);
        }
    }
    kept.into_values().collect()
}

/// Findings below this confidence are informational: they never displace a surer one, however severe their rule.
const SURE: f32 = 0.5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Category;

    fn claim(rule: &str, range: std::ops::Range<usize>, severity: Severity, confidence: f32) -> Claim {
        let finding = Finding {
            rule: rule.into(),
            category: Category::parse("APIKEY").unwrap(),
            ranges: vec![range],
            confidence,
            reasons: Vec::new(),
        };
        Claim { finding, severity }
    }

    fn check(claims: Vec<Claim>, expected: &[&str]) {
        let kept = resolve(claims);
        let kept: Vec<&str> = kept.iter().map(|finding| &*finding.rule).collect();
        assert_eq!(kept, expected);
    }

    #[test]
    fn the_strictest_wins_then_the_surest_then_the_longest() {
        let medium = || claim("medium", 0..30, Severity::Medium, 0.9);
        check(vec![medium(), claim("critical", 10..20, Severity::Critical, 0.8)], &["critical"]);
        check(vec![medium(), claim("surer", 5..12, Severity::Medium, 0.95)], &["surer"]);
        check(vec![medium(), claim("shorter", 5..12, Severity::Medium, 0.9)], &["medium"]);
        check(vec![medium(), claim("beside", 30..40, Severity::Low, 0.2)], &["medium", "beside"]);
    }

    #[test]
    fn an_unsure_finding_never_displaces_a_sure_one() {
        check(
            vec![claim("mail", 0..20, Severity::Medium, 0.9), claim("guess", 0..20, Severity::Critical, 0.3)],
            &["mail"],
        );
    }
}
