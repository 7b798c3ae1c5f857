//! From located findings to what is decided and what is enforced: policies, opaque places, the cap `mode`, the sticky
//! local conversation. Does not change any text.

use crate::{
    policy::{Class, Ground, Mode, Policies, Situation, Subject, Verdict, decide},
    site::{Prompt, Role},
};

use super::scan::Located;

/// What stands behind a verdict besides findings.
#[derive(Debug, Clone, Copy, Default)]
pub struct Circumstances {
    /// The conversation already has a local turn: it stays local.
    pub sticky: bool,
    /// A live original stands where it cannot be masked (an opaque field, a header, a path).
    pub cornered: bool,
    /// The prompt could not be read and the configuration says to refuse then.
    pub unreadable: bool,
    /// A local model answers.
    pub local_available: bool,
    /// This endpoint's answer can be given by a local model.
    pub local_possible: bool,
}

/// A judged exchange.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// What the policies say, before cap and availability.
    pub decided: Verdict,
    /// What is carried out.
    pub enforced: Verdict,
    /// Verdict for each located finding, same order; `Allow` for those left alone.
    pub each: Vec<Verdict>,
    /// Policies that decided, each once, in order of first use.
    pub policies: Vec<String>,
}

/// Who, where.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Who.
    pub subject: &'a Subject,
    /// Site id.
    pub site: &'a str,
    /// Endpoint class.
    pub class: Class,
}

/// Judges an exchange.
#[must_use]
pub fn judge(
    policies: &Policies,
    mode: Mode,
    place: Place<'_>,
    prompt: &Prompt,
    located: &[Located],
    around: Circumstances,
) -> Judgement {
    let situation = Situation { subject: place.subject, site: place.site, class: place.class };
    let grounds: Vec<Ground<'_>> = located.iter().map(ground).collect();
    let decision = decide(policies, &situation, &grounds);
    let mut each = Vec::with_capacity(located.len());
    let mut by = Vec::new();
    for ((verdict, policy), found) in decision.by.iter().zip(located) {
        let opaque = prompt.spans.get(found.span).is_some_and(|span| span.role == Role::Opaque);
        // An id or token cannot be masked without breaking the request. What may be masked elsewhere is recorded
        // only; what must not leave at all still must not.
        each.push(if opaque && *verdict == Verdict::Mask { Verdict::Allow } else { *verdict });
        if !by.contains(policy) {
            by.push(policy.clone());
        }
    }
    let mut decided = each.iter().copied().max().unwrap_or(Verdict::Allow);
    if around.sticky {
        decided = decided.max(Verdict::Reroute);
        by.push("sticky: the conversation has a local turn".to_owned());
    }
    if around.cornered {
        decided = Verdict::Block;
        by.push("a masked value stands where it cannot be masked".to_owned());
    }
    if around.unreadable {
        decided = Verdict::Block;
        by.push("detect.on_unreadable".to_owned());
    }
    let enforced = match mode {
        Mode::Observe | Mode::Warn => Verdict::Allow,
        Mode::Enforce => carried_out(decided, around),
    };
    Judgement { decided, enforced, each, policies: by }
}

/// Reroute needs a model that answers and an endpoint whose answer can be given.
fn carried_out(decided: Verdict, around: Circumstances) -> Verdict {
    match decided {
        Verdict::Reroute if around.local_available && around.local_possible => Verdict::Reroute,
        Verdict::Reroute => Verdict::Block,
        Verdict::Allow | Verdict::Mask | Verdict::Block => decided,
    }
}

fn ground(located: &Located) -> Ground<'_> {
    Ground { rule: &located.finding.rule, category: &located.finding.category, confidence: located.finding.confidence }
}
