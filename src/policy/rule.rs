//! `[[policy]]`: what one entry asks for, and the ordered list of them. Does not judge anything: `decide` does.

use serde::Deserialize;

use super::Verdict;
use crate::{detect::Category, rules, site::Class};

/// One `[[policy]]` as written. Everything but `action` is a condition; what is missing is no condition. All that are
/// there must hold; in a list one entry must. `*` stands for any run of characters.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyRule {
    /// Name in the log and in `scrim policy explain`. Default: `policy-<number>`, counted from 1.
    #[serde(default)]
    pub id: Option<String>,
    /// Canonical names of people, lower case: `alice`, `svc-*`.
    #[serde(default)]
    pub users: Vec<String>,
    /// Groups of the configuration.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Addresses or ranges that connections come from: `10.1.0.0/16`, `::1`, `192.168.*`.
    #[serde(default)]
    pub sources: Vec<String>,
    /// Site ids: `chatgpt`, `openai*`.
    #[serde(default)]
    pub sites: Vec<String>,
    /// Endpoint classes: `prompt`, `draft`, `side`, `upload`, `history`, `telemetry`, `account`, `other`.
    #[serde(default)]
    pub classes: Vec<String>,
    /// Kinds of data: `EMAIL`, `APIKEY`.
    #[serde(default)]
    pub categories: Vec<String>,
    /// Rule ids: `aws.*`.
    #[serde(default)]
    pub rules: Vec<String>,
    /// Only findings at least this sure, 0–1.
    #[serde(default)]
    pub min_confidence: Option<f32>,
    /// Only when the exchange has at least this many findings of the category.
    #[serde(default)]
    pub min_count: Option<usize>,
    /// `allow`, `mask`, `reroute` or `block`.
    pub action: Verdict,
}

/// Policies in the order in which they are asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Policies {
    rules: Vec<PolicyRule>,
}

/// A policy that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// The file is no TOML, or a field has the wrong type or is unknown. The text names the place.
    #[error("{path}: {why}")]
    Syntax {
        /// The file.
        path: String,
        /// What the reader says, with line and column.
        why: String,
    },
    /// A value that means nothing.
    #[error("unknown value `{found}` in `{field}` of `[[policy]]` `{policy}`\n  expected {expected}{}", hint_line(.hint.as_deref()))]
    Value {
        /// Id of the policy.
        policy: String,
        /// Its field.
        field: &'static str,
        /// What is written there.
        found: String,
        /// What may be written there.
        expected: String,
        /// The nearest thing that may be.
        hint: Option<String>,
    },
    /// Two policies of one name.
    #[error("two `[[policy]]` entries have the id `{0}`\n  hint: an id names one entry in the log; rename one of them")]
    Duplicate(String),
}

fn hint_line(hint: Option<&str>) -> String {
    hint.map_or_else(String::new, |hint| format!("\n  hint: did you mean `{hint}`?"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    policy: Vec<PolicyRule>,
}

impl Policies {
    /// The list compiled in: `rules/policy/*.toml`.
    ///
    /// # Errors
    /// When a built-in file is broken; a test makes sure that none is.
    pub fn built_in() -> Result<Self, PolicyError> {
        let mut rules = Vec::new();
        for source in rules::built_in("policy") {
            rules.extend(Self::read(&source)?);
        }
        Self::new(rules)
    }

    /// The `[[policy]]` entries of a file, unchecked but for their form.
    ///
    /// # Errors
    /// When the file is no TOML or has other fields.
    pub fn read(source: &rules::Source) -> Result<Vec<PolicyRule>, PolicyError> {
        toml::from_str::<File>(&source.text).map(|file| file.policy).map_err(|error| PolicyError::Syntax {
            path: source.path.clone(),
            why: error.to_string().trim_end().to_owned(),
        })
    }

    /// Checks the entries and names those without a name.
    ///
    /// # Errors
    /// When a value means nothing or two entries have one name.
    pub fn new(mut rules: Vec<PolicyRule>) -> Result<Self, PolicyError> {
        for (index, rule) in rules.iter_mut().enumerate() {
            let id = rule.id.get_or_insert_with(|| format!("policy-{}", index + 1)).clone();
            check(rule, &id)?;
        }
        for (index, rule) in rules.iter().enumerate() {
            if rules.iter().skip(index + 1).any(|other| other.id == rule.id) {
                return Err(PolicyError::Duplicate(rule.id.clone().unwrap_or_default()));
            }
        }
        Ok(Self { rules })
    }

    /// These entries first, then `others`: the company's own before the built-in ones. An entry of `others` whose id is
    /// taken is left out, so that naming a built-in entry replaces it.
    #[must_use]
    pub fn before(mut self, others: Self) -> Self {
        let new = others.rules.into_iter().filter(|rule| !self.rules.iter().any(|own| own.id == rule.id));
        let new: Vec<PolicyRule> = new.collect();
        self.rules.extend(new);
        self
    }

    /// In order.
    #[must_use]
    pub fn rules(&self) -> &[PolicyRule] {
        &self.rules
    }
}

fn check(rule: &PolicyRule, id: &str) -> Result<(), PolicyError> {
    let wrong = |field, found: &str, expected: &str, hint| PolicyError::Value {
        policy: id.to_owned(),
        field,
        found: found.to_owned(),
        expected: expected.to_owned(),
        hint,
    };
    for class in &rule.classes {
        if !class.contains('*') && !CLASSES.iter().any(|known| known.as_str() == class) {
            let names: Vec<&str> = CLASSES.iter().map(|class| class.as_str()).collect();
            return Err(wrong("classes", class, &in_words(&names), nearest(class, &names)));
        }
    }
    for category in &rule.categories {
        let form = category.replace('*', "");
        if !(form.len() <= 16 && form.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())) {
            let upper = category.to_uppercase();
            let hint = Category::parse(&upper).ok().map(|category| category.to_string());
            return Err(wrong("categories", category, "upper-case letters and digits, `*` for any", hint));
        }
    }
    for source in &rule.sources {
        if !(source.contains('*') || super::source::Range::parse(source).is_some()) {
            return Err(wrong("sources", source, "an address, a range such as `10.1.0.0/16`, or `*` for any", None));
        }
    }
    match rule.min_confidence {
        Some(least) if !(0.0..=1.0).contains(&least) => {
            Err(wrong("min_confidence", &least.to_string(), "a number from 0 to 1", None))
        }
        Some(_) | None => Ok(()),
    }
}

const CLASSES: &[Class] = &[
    Class::Prompt,
    Class::Draft,
    Class::Side,
    Class::Upload,
    Class::History,
    Class::Telemetry,
    Class::Account,
    Class::Other,
];

fn in_words(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}

/// The name that shares the longest beginning with `found`, when that is at least two letters.
fn nearest(found: &str, names: &[&str]) -> Option<String> {
    let shared = |name: &str| name.chars().zip(found.to_lowercase().chars()).take_while(|(a, b)| a == b).count();
    names.iter().map(|name| (shared(name), *name)).filter(|(n, _)| *n >= 2).max().map(|(_, name)| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Policies, PolicyError> {
        let source = rules::Source { path: "scrim.toml".to_owned(), text: text.to_owned() };
        Policies::new(Policies::read(&source)?)
    }

    #[test]
    fn the_built_in_policies_are_well_formed() {
        let policies = Policies::built_in().unwrap();
        assert!(policies.rules().len() >= 4);
        assert!(policies.rules().iter().all(|rule| !rule.id.as_ref().unwrap().starts_with("policy-")));
    }

    #[test]
    fn entries_without_a_name_are_numbered() {
        let policies = read("[[policy]]\naction = \"mask\"\n[[policy]]\nid = \"x\"\naction = \"block\"").unwrap();
        let ids: Vec<_> = policies.rules().iter().map(|rule| rule.id.clone().unwrap()).collect();
        assert_eq!(ids, ["policy-1", "x"]);
    }

    #[test]
    fn mistakes_are_named_with_the_way_out() {
        let shown = |text: &str| read(text).unwrap_err().to_string();
        insta::assert_snapshot!(shown("[[policy]]\nid = \"a\"\nclasses = [\"promt\"]\naction = \"mask\""), @r"
        unknown value `promt` in `classes` of `[[policy]]` `a`
          expected `prompt`, `draft`, `side`, `upload`, `history`, `telemetry`, `account` or `other`
          hint: did you mean `prompt`?
        ");
        insta::assert_snapshot!(shown("[[policy]]\nid = \"a\"\ncategories = [\"Email\"]\naction = \"mask\""), @r"
        unknown value `Email` in `categories` of `[[policy]]` `a`
          expected upper-case letters and digits, `*` for any
          hint: did you mean `EMAIL`?
        ");
        insta::assert_snapshot!(shown("[[policy]]\nid = \"a\"\nsources = [\"10.1.0.0/99\"]\naction = \"mask\""), @r"
        unknown value `10.1.0.0/99` in `sources` of `[[policy]]` `a`
          expected an address, a range such as `10.1.0.0/16`, or `*` for any
        ");
        insta::assert_snapshot!(shown("[[policy]]\nmin_confidence = 50\naction = \"mask\""), @r"
        unknown value `50` in `min_confidence` of `[[policy]]` `policy-1`
          expected a number from 0 to 1
        ");
        insta::assert_snapshot!(shown("[[policy]]\nid = \"a\"\naction = \"masc\""), @r#"
        scrim.toml: TOML parse error at line 3, column 10
          |
        3 | action = "masc"
          |          ^^^^^^
        unknown variant `masc`, expected one of `allow`, `mask`, `reroute`, `block`
        "#);
        insta::assert_snapshot!(shown("[[policy]]\naction = \"mask\"\nuser = \"alice\""), @r#"
        scrim.toml: TOML parse error at line 3, column 1
          |
        3 | user = "alice"
          | ^^^^
        unknown field `user`, expected one of `id`, `users`, `groups`, `sources`, `sites`, `classes`, `categories`, `rules`, `min_confidence`, `min_count`, `action`
        "#);
        insta::assert_snapshot!(shown("[[policy]]\nid=\"a\"\naction = \"mask\"\n[[policy]]\nid=\"a\"\naction = \"mask\""), @r"
        two `[[policy]]` entries have the id `a`
          hint: an id names one entry in the log; rename one of them
        ");
    }

    #[test]
    fn a_company_entry_replaces_the_built_in_one_of_its_name() {
        let own = read("[[policy]]\nid = \"cards\"\ncategories = [\"CARD\"]\naction = \"block\"").unwrap();
        let all = own.before(Policies::built_in().unwrap());
        let cards: Vec<_> = all.rules().iter().filter(|rule| rule.id.as_deref() == Some("cards")).collect();
        assert_eq!(cards.len(), 1);
        assert_eq!(cards[0].action, Verdict::Block);
        assert_eq!(all.rules()[0].id.as_deref(), Some("cards"));
    }
}
