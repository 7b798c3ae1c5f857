//! `[[policy]]`: who may send what where. Read here so that errors name their place; what a policy means is `policy`'s.

use super::{section::Section, value::Choice};
use crate::{
    policy::{
        Verdict,
        rule::{Policies, PolicyError, PolicyRule},
    },
    site::Class,
};

impl Choice for Verdict {
    const WORDS: &'static [(&'static str, Self)] =
        &[("allow", Self::Allow), ("mask", Self::Mask), ("reroute", Self::Reroute), ("block", Self::Block)];
}

/// Every class by its name.
pub(crate) const CLASSES: &[(&str, Class)] = &[
    ("prompt", Class::Prompt),
    ("draft", Class::Draft),
    ("side", Class::Side),
    ("upload", Class::Upload),
    ("history", Class::History),
    ("telemetry", Class::Telemetry),
    ("account", Class::Account),
    ("other", Class::Other),
];

impl Choice for Class {
    const WORDS: &'static [(&'static str, Self)] = CLASSES;
}

/// One entry.
pub(super) fn read(section: &mut Section<'_, '_>) -> Option<PolicyRule> {
    let id = section.optional("id", "\"ops-may-send-addresses\"", "Name in the log and in `scrim policy explain`.");
    let users = section.get("users", Vec::new(), "Names of people, `*` for any run of characters; empty: everyone.");
    let groups = section.get("groups", Vec::new(), "Groups of `[[proxy.user]]`.");
    let sources = section.get("sources", Vec::new(), "Addresses or ranges that connections come from.");
    let sites = section.get("sites", Vec::new(), "Site ids, as `scrim sites list` prints them.");
    let classes: Vec<Class> = section.get(
        "classes",
        Vec::new(),
        "What the endpoint is for: `prompt`, `draft`, `side`, `upload`, `history`, `telemetry`, `account`, `other`.",
    );
    let categories = section.get("categories", Vec::new(), "Kinds of data, like `EMAIL` or `APIKEY`.");
    let rules =
        section.get("rules", Vec::new(), "Rule ids, as `scrim rules list` prints them; `aws.*` means all of them.");
    let min_confidence = section.optional("min_confidence", "0.8", "Only findings at least this sure.");
    let min_count = section.optional_count(
        "min_count",
        "3",
        1..=1_000_000,
        "Only when the exchange has so many findings of the category.",
    );
    let action: Option<Verdict> = section.required(
        "action",
        "\"mask\"",
        "What happens: `allow`, `mask`, `reroute` (a local model answers, or it is refused) or `block`. The strictest over all findings counts.",
    );
    let rule = PolicyRule {
        id,
        users,
        groups,
        sources,
        sites,
        classes: classes.iter().map(|class| class.as_str().to_owned()).collect(),
        categories,
        rules,
        min_confidence,
        min_count,
        action: action?,
    };
    if let Err(PolicyError::Value { field, found, expected, hint, .. }) = Policies::new(vec![rule.clone()]) {
        let hint = hint.map(|near| format!("did you mean `{near}`?"));
        section.reject(field, format!("unknown {field} `{found}` in `[[policy]]`"), Some(&expected), hint.as_deref());
    }
    Some(rule)
}
