//! The verdict on an exchange: each finding takes the first policy that matches it, the exchange takes the strictest.
//! Does not carry it out, and does not know the global mode: that caps what is enforced, not what is decided.

use std::cell::OnceCell;

use super::{Policies, PolicyRule, Subject, Verdict, source};
use crate::{detect::Category, site::Class};

/// Who asks where.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// Who.
    pub subject: &'a Subject,
    /// Id of the site.
    pub site: &'a str,
    /// What the endpoint is for.
    pub class: Class,
}

/// What a policy can see of a finding.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// Id of the detector's rule.
    pub rule: &'a str,
    /// Kind of data.
    pub category: &'a Category,
    /// 0–1.
    pub confidence: f32,
}

/// What is done, and because of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The strictest over all findings; `Allow` without findings.
    pub verdict: Verdict,
    /// For each finding its own verdict and the id of the policy that gave it. [`UNMATCHED`] where none did.
    pub by: Vec<(Verdict, String)>,
}

/// Stands for a policy's id where no policy matched: such a finding is masked, because something found is never
/// passed on by omission.
pub const UNMATCHED: &str = "unmatched";

/// Stands for a policy's id on account endpoints, which are never touched.
pub const ACCOUNT: &str = "account";

/// Decides over all findings of one exchange.
#[must_use]
pub fn decide(policies: &Policies, situation: &Situation<'_>, grounds: &[Ground<'_>]) -> Decision {
    // Log-in and billing cannot work with a placeholder in place of an e-mail address.
    if situation.class == Class::Account {
        return Decision { verdict: Verdict::Allow, by: vec![(Verdict::Allow, ACCOUNT.to_owned()); grounds.len()] };
    }
    let here: Vec<&PolicyRule> = policies.rules().iter().filter(|rule| applies_here(rule, situation)).collect();
    let by: Vec<(Verdict, String)> = grounds.iter().map(|ground| judge(&here, ground, grounds)).collect();
    let verdict = by.iter().map(|(verdict, _)| *verdict).max().unwrap_or(Verdict::Allow);
    Decision { verdict, by }
}

fn judge(here: &[&PolicyRule], ground: &Ground<'_>, all: &[Ground<'_>]) -> (Verdict, String) {
    let count = OnceCell::new();
    let count = || *count.get_or_init(|| all.iter().filter(|other| other.category == ground.category).count());
    let matched = here.iter().find(|rule| {
        any(&rule.categories, ground.category.as_str())
            && any(&rule.rules, ground.rule)
            && rule.min_confidence.is_none_or(|least| ground.confidence >= least)
            && rule.min_count.is_none_or(|least| count() >= least)
    });
    match matched {
        Some(rule) => (rule.action, rule.id.clone().unwrap_or_default()),
        None => (Verdict::Mask, UNMATCHED.to_owned()),
    }
}

fn applies_here(rule: &PolicyRule, situation: &Situation<'_>) -> bool {
    let subject = situation.subject;
    let in_group = rule.groups.is_empty() || subject.groups.iter().any(|group| any(&rule.groups, group));
    in_group
        && any(&rule.users, subject.id())
        && any(&rule.sites, situation.site)
        && any(&rule.classes, situation.class.as_str())
        && from(&rule.sources, subject)
}

/// True when the list has no condition or one of its patterns matches.
fn any(patterns: &[String], name: &str) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| matches(pattern, name))
}

fn from(sources: &[String], subject: &Subject) -> bool {
    let written = subject.source.to_canonical().to_string();
    let holds = |source: &String| match source::Range::parse(source) {
        Some(range) => range.holds(subject.source),
        None => matches(source, &written),
    };
    sources.is_empty() || sources.iter().any(holds)
}

/// `*` stands for any run of characters; everything else for itself.
fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part).and_then(|at| rest.get(at + part.len()..)) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;
    use crate::{policy::PolicyError, rules::Source};

    fn policies(text: &str) -> Policies {
        let source = Source { path: "test".to_owned(), text: text.to_owned() };
        Policies::read(&source).and_then(Policies::new).unwrap_or_else(|error: PolicyError| panic!("{error}"))
    }

    /// Decides over `(rule, category, confidence)` for alice of group `dev` on chatgpt's prompt endpoint.
    fn decided(policies: &Policies, found: &[(&str, &str, f32)]) -> Decision {
        decided_at(policies, Class::Prompt, found)
    }

    fn decided_at(policies: &Policies, class: Class, found: &[(&str, &str, f32)]) -> Decision {
        let subject = Subject::named("alice", vec!["dev".to_owned()], IpAddr::from([10, 1, 2, 3]));
        let categories: Vec<Category> = found.iter().map(|(_, name, _)| Category::parse(name).unwrap()).collect();
        let grounds: Vec<Ground<'_>> = found
            .iter()
            .zip(&categories)
            .map(|((rule, _, confidence), category)| Ground { rule, category, confidence: *confidence })
            .collect();
        decide(policies, &Situation { subject: &subject, site: "chatgpt", class }, &grounds)
    }

    fn built_in(rule: &str, category: &str) -> Verdict {
        decided(&Policies::built_in().unwrap(), &[(rule, category, 0.9)]).verdict
    }

    #[test]
    fn defaults_reroute_what_opens_a_door_and_mask_the_rest() {
        for category in ["PRIVATEKEY", "PASSWORD", "CONNECTION"] {
            assert_eq!(built_in("x", category), Verdict::Reroute, "{category}");
        }
        for category in ["APIKEY", "JWT", "CARD", "EMAIL", "PERSON", "IBAN", "PHONE", "NATIONALID", "IP", "ACME7"] {
            assert_eq!(built_in("x", category), Verdict::Mask, "{category}");
        }
    }

    #[test]
    fn the_strictest_finding_decides_and_each_keeps_its_own_verdict() {
        let decision = decided(&Policies::built_in().unwrap(), &[("a", "EMAIL", 0.9), ("b", "PASSWORD", 0.9)]);
        assert_eq!(decision.verdict, Verdict::Reroute);
        let verdicts: Vec<Verdict> = decision.by.iter().map(|(verdict, _)| *verdict).collect();
        assert_eq!(verdicts, [Verdict::Mask, Verdict::Reroute]);
    }

    #[test]
    fn an_exchange_without_findings_is_allowed() {
        assert_eq!(decided(&Policies::built_in().unwrap(), &[]).verdict, Verdict::Allow);
    }

    #[test]
    fn account_endpoints_are_never_touched() {
        let decision = decided_at(&policies("[[policy]]\naction = \"block\""), Class::Account, &[("a", "EMAIL", 1.0)]);
        assert_eq!((decision.verdict, decision.by[0].1.as_str()), (Verdict::Allow, ACCOUNT));
    }

    #[test]
    fn a_finding_that_no_policy_matches_is_masked() {
        let decision = decided(&policies("[[policy]]\nusers = [\"bob\"]\naction = \"allow\""), &[("a", "EMAIL", 1.0)]);
        assert_eq!((decision.verdict, decision.by[0].1.as_str()), (Verdict::Mask, UNMATCHED));
    }

    #[test]
    fn the_first_policy_that_matches_decides() {
        let check = |conditions: &str, matches: bool| {
            let text = format!("[[policy]]\n{conditions}\naction = \"block\"\n[[policy]]\naction = \"allow\"");
            let found = [("aws.access-key-id", "APIKEY", 0.8), ("x", "EMAIL", 0.6)];
            let expect = if matches { Verdict::Block } else { Verdict::Allow };
            assert_eq!(decided(&policies(&text), &found).by[0].0, expect, "{conditions}");
        };
        check("", true);
        check("users = [\"al*\"]", true);
        check("users = [\"bob\"]", false);
        check("groups = [\"ops\", \"dev\"]", true);
        check("groups = [\"ops\"]", false);
        check("sources = [\"10.1.0.0/16\"]", true);
        check("sources = [\"10.2.*\"]", false);
        check("sources = [\"10.1.*\"]", true);
        check("sites = [\"claude\", \"chat*\"]", true);
        check("sites = [\"claude\"]", false);
        check("classes = [\"prompt\"]", true);
        check("classes = [\"upload\"]", false);
        check("categories = [\"API*\"]", true);
        check("categories = [\"EMAIL\"]", false);
        check("rules = [\"aws.*\"]", true);
        check("rules = [\"*.key\"]", false);
        check("min_confidence = 0.8", true);
        check("min_confidence = 0.9", false);
        check("min_count = 1", true);
        check("min_count = 2", false);
        check("users = [\"alice\"]\ncategories = [\"EMAIL\"]", false);
    }

    #[test]
    fn counts_are_of_the_same_category() {
        let policies = policies("[[policy]]\nmin_count = 3\naction = \"block\"\n[[policy]]\naction = \"mask\"");
        let two = [("a", "EMAIL", 0.9), ("a", "EMAIL", 0.9), ("b", "IBAN", 0.9)];
        assert_eq!(decided(&policies, &two).verdict, Verdict::Mask);
        let three = [("a", "EMAIL", 0.9), ("a", "EMAIL", 0.9), ("b", "EMAIL", 0.9)];
        assert_eq!(decided(&policies, &three).verdict, Verdict::Block);
    }

    #[test]
    fn a_star_stands_for_any_run() {
        for (pattern, name) in [("*", ""), ("*", "x"), ("a*", "a"), ("*b", "ab"), ("a*c*e", "abcde"), ("a**b", "ab")] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("a", "ab"), ("a*a", "a"), ("*b*", "ac"), ("", "x"), ("a*b*b", "ab")] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }
}
