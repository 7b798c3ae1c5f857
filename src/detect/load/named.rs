//! Keys that have no form of their own and stand behind their provider's name: one line of a rule file each, under
//! `named`. Turns such a line into a whole rule, examples included. Does not parse and does not compile.

use super::{RawAnchor, RawCheck, RawFind, RawFindTable, RawNearMiss, RawRule};
use crate::detect::rule::{Left, Severity};
use serde::Deserialize;
use toml::Spanned;

/// Bytes between a provider's name and its key at most.
const BETWEEN: usize = 90;
/// Confidence of a key of the right form behind its provider's name: below that of a form which says all in itself.
const CONFIDENCE: f32 = 0.9;

/// `{ id = "acme.key", of = "Acme", names = ["acme mail"], form = "[0-9a-f]{32}", sample = ["3f1", "c9a…"], source = "https://…" }`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawNamed {
    id: String,
    /// Whose key it is, as people write it.
    of: String,
    /// What stands before the key, lower case; a blank may be nothing, `_` or `-` in the text.
    names: Vec<String>,
    /// Pattern of the key itself.
    form: String,
    /// A made-up key in pieces, so that its form is not in the file.
    sample: Vec<String>,
    source: String,
    /// The name is a word of the language: nothing is found without a word for a key between it and the value.
    #[serde(default)]
    is_word: bool,
}

/// The rule that a line stands for.
pub(super) fn rule(named: Spanned<RawNamed>) -> Spanned<RawRule> {
    let span = named.span();
    let named = named.into_inner();
    let key = named.sample.concat();
    let kind = named.id.rsplit_once('.').map_or("key", |(_, kind)| kind).replace('-', " ");
    let literals: Vec<String> = named.names.iter().flat_map(|name| spellings(name)).collect();
    let is_short = named.is_word || literals.iter().any(|name| name.len() < LONG);
    let raw = RawRule {
        title: format!("{} {kind}", named.of),
        description: format!("A {kind} of {}: a value of its form behind the name.", named.of),
        category: "APIKEY".to_owned(),
        severity: Severity::High,
        source: named.source,
        confidence: CONFIDENCE,
        pattern: format!(
            r"{} (?s: . ){{1,{BETWEEN}}}? \b{{start-half}} (?P<value> {} ) \b{{end-half}}",
            names_pattern(&literals),
            named.form
        ),
        engine: super::Engine::default(),
        check: RawCheck {
            validate: Some(if named.is_word { "named-secret" } else { "beside-name" }.to_owned()),
            ..RawCheck::default()
        },
        context: None,
        finds: finds(&literals, &key).into_iter().map(|find| Spanned::new(span.clone(), find)).collect(),
        near_misses: near_misses(&literals, &key).into_iter().map(|miss| Spanned::new(span.clone(), miss)).collect(),
        anchor: RawAnchor {
            literals,
            ignore_case: true,
            left: if is_short { Left::Part } else { Left::Any },
            after: Some(BETWEEN + key.len() + 16),
            ..RawAnchor::default()
        },
        id: named.id,
    };
    Spanned::new(span, raw)
}

/// Names of this length may stand inside a longer word (`myMailjetKey`); shorter ones are often parts of words.
const LONG: usize = 7;

/// The names; a short one must end where it ends, or go on with a word for a key.
fn names_pattern(literals: &[String]) -> String {
    let quoted = |short: bool| {
        let chosen = literals.iter().filter(|name| (name.len() < LONG) == short);
        chosen.map(|name| regex::escape(name).replace(' ', r"\x20").replace('#', r"\#")).collect::<Vec<_>>().join(" | ")
    };
    let (long, short) = (quoted(false), quoted(true));
    let end = "(?: [^a-zA-Z] | (?i: api | key | tok | sec | auth | cli | acc | app | pass | pat ) )";
    match (long.is_empty(), short.is_empty()) {
        (false, true) => format!("(?i: {long} )"),
        (true, _) => format!("(?i: {short} ) {end}"),
        (false, false) => format!("(?: (?i: {long} ) | (?i: {short} ) {end} )"),
    }
}

/// A name with a blank is written in four ways.
fn spellings(name: &str) -> Vec<String> {
    if name.contains(' ') {
        ["", " ", "_", "-"].map(|mark| name.replace(' ', mark)).to_vec()
    } else {
        vec![name.to_owned()]
    }
}

fn finds(literals: &[String], key: &str) -> Vec<RawFind> {
    let name = literals.first().map_or("", String::as_str);
    let capitals = name.replace([' ', '-'], "_").to_uppercase();
    let texts = [
        format!("{capitals}_API_KEY={key}\nRETRIES=3\n"),
        format!("{{\"{name}\": {{\"secret\": \"{key}\"}}}}"),
        format!("the {name} token is {key}, why does it answer 401?"),
    ];
    let value = Some(key.to_owned());
    texts.map(|text| RawFind::Table(RawFindTable { text: Some(text), join: Vec::new(), value: value.clone() })).into()
}

fn near_misses(literals: &[String], key: &str) -> Vec<RawNearMiss> {
    let name = literals.first().map_or("", String::as_str);
    let miss =
        |text: String, reason: &str| RawNearMiss { text: Some(text), join: Vec::new(), reason: reason.to_owned() };
    vec![
        miss(format!("{name} commit {key}"), "the word before it is that of a hash"),
        miss(format!("{name} is here, request_id={key}"), "the word before it is that of an id"),
        miss(format!("the parcel {key} has left the house"), "no provider is named"),
    ]
}

#[cfg(test)]
mod tests {
    use crate::{detect::Detector, rules::Source};

    #[test]
    fn a_line_is_a_rule_that_proves_itself() {
        let text = r#"named = [
  { id = "acmemail.key", of = "AcmeMail", names = ["acme mail"], form = "[0-9a-f]{32}", sample = ["3f1c9a7be24d5f60", "718293a4b5c6d7e8"], source = "https://acmemail.example/docs" },
]"#;
        let source = Source { path: "rules/secrets/own.toml".to_owned(), text: text.to_owned() };
        let detector = Detector::compile(&[source], &[]).unwrap();
        assert_eq!(crate::detect::test::run(&detector), []);
        let rule = detector.rule("acmemail.key").unwrap();
        assert_eq!((rule.title.as_str(), rule.place.line), ("AcmeMail key", 2));
        let found = |text: &str| detector.scan(text).findings.len();
        assert_eq!(found("ACMEMAIL_KEY=91f0c9a7be24d5f60718293a4b5c6d7e"), 1);
        assert_eq!(found("acme-mail.key = '91f0c9a7be24d5f60718293a4b5c6d7e'"), 1);
        assert_eq!(found("acmemail md5 91f0c9a7be24d5f60718293a4b5c6d7e"), 0);
    }
}
