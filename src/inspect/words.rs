//! Names of categories as people read them in notices and refusals. Does not decide when anything is said.

use std::collections::BTreeMap;

use super::scan::Located;
use crate::detect::Finding;

/// Category, one of it, many of it.
const NAMES: &[(&str, &str, &str)] = &[
    ("APIKEY", "an API key", "API keys"),
    ("CARD", "a card number", "card numbers"),
    ("COMPANY", "a value that the company keeps to itself", "values that the company keeps to itself"),
    ("CONNECTION", "a connection string with a password", "connection strings with passwords"),
    ("DOCUMENT", "a passage of a company document", "passages of company documents"),
    ("EMAIL", "an e-mail address", "e-mail addresses"),
    ("IBAN", "a bank account number", "bank account numbers"),
    ("IP", "an IP address", "IP addresses"),
    ("JWT", "a signed token", "signed tokens"),
    ("NATIONALID", "a national id number", "national id numbers"),
    ("PASSWORD", "a password", "passwords"),
    ("PERSON", "a person's name", "people's names"),
    ("PHONE", "a phone number", "phone numbers"),
    ("PRIVATEKEY", "a private key", "private keys"),
    ("SSN", "a social security number", "social security numbers"),
];

/// `a password`, or `3 passwords`.
#[must_use]
pub fn counted(category: &str, count: usize) -> String {
    match (NAMES.iter().find(|(name, _, _)| *name == category), count) {
        (Some((_, one, _)), 0 | 1) => (*one).to_owned(),
        (Some((_, _, many)), n) => format!("{n} {many}"),
        (None, 0 | 1) => format!("a value of kind {category}"),
        (None, n) => format!("{n} values of kind {category}"),
    }
}

/// `an API key, 2 e-mail addresses and a password`, in order of category name.
#[must_use]
pub fn listed(counts: &BTreeMap<String, usize>) -> String {
    let mut items: Vec<String> = counts.iter().map(|(category, count)| counted(category, *count)).collect();
    let Some(last) = items.pop() else { return "something that must not leave".to_owned() };
    if items.is_empty() { last } else { format!("{} and {last}", items.join(", ")) }
}

/// Whether the company itself keeps a list of it.
#[must_use]
pub fn is_own(finding: &Finding) -> bool {
    finding.rule.starts_with("company.")
}

/// Lists of the company's own that are named in one message.
const OWN_MAX: usize = 3;

/// ` (34 % of `plan-2027.docx`)`: which document, table or secret the company's own findings are of; empty without any.
#[must_use]
pub fn sources(located: &[Located]) -> String {
    let mut named: Vec<&str> = Vec::new();
    for found in located.iter().filter(|found| is_own(&found.finding)) {
        let reason = found.finding.reasons.first().map_or("", String::as_str);
        if !reason.is_empty() && !named.contains(&reason) {
            named.push(reason);
        }
    }
    named.truncate(OWN_MAX);
    if named.is_empty() { String::new() } else { format!(" ({})", named.join(", ")) }
}

/// The line that ends a web chat answer to a masked prompt.
#[must_use]
pub fn masked_notice(counts: &BTreeMap<String, usize>, page: Option<&str>) -> String {
    told(format!("Scrim hid {} from this site: {}.", values(counts), listed(counts)), page)
}

/// The line that ends a web chat answer when Scrim only warns.
#[must_use]
pub fn warned_notice(counts: &BTreeMap<String, usize>, page: Option<&str>) -> String {
    told(format!("Scrim noticed {} in what you sent: {}.", values(counts), listed(counts)), page)
}

fn values(counts: &BTreeMap<String, usize>) -> String {
    match counts.values().sum::<usize>() {
        1 => "1 value".to_owned(),
        n => format!("{n} values"),
    }
}

fn told(sentence: String, page: Option<&str>) -> String {
    match page {
        Some(page) => format!("\n\n_{sentence}_ [Details]({page})"),
        None => format!("\n\n_{sentence}_"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_like_sentences() {
        let counts = BTreeMap::from([("EMAIL".to_owned(), 2), ("APIKEY".to_owned(), 1), ("PASSWORD".to_owned(), 1)]);
        assert_eq!(listed(&counts), "an API key, 2 e-mail addresses and a password");
        assert_eq!(
            masked_notice(&counts, None),
            "\n\n_Scrim hid 4 values from this site: an API key, 2 e-mail addresses and a password._"
        );
    }

    #[test]
    fn lists_of_the_companys_own_are_named_once() {
        let of = |rule: &str, reason: &str| Located {
            span: 0,
            finding: Finding {
                rule: rule.into(),
                category: crate::detect::Category::company(),
                ranges: Vec::new(),
                confidence: 0.9,
                reasons: vec![reason.to_owned()],
            },
        };
        let (plan, mail) = (of("company.document.x", "34 % of `plan`"), of("pii.email", "form of an address"));
        assert_eq!(sources(&[plan.clone(), mail.clone(), plan]), " (34 % of `plan`)");
        assert_eq!(sources(&[mail]), "");
    }

    #[test]
    fn a_category_from_a_company_rule_is_named_as_it_is() {
        assert_eq!(counted("PROJECT", 2), "2 values of kind PROJECT");
    }
}
