//! `scrim rules show`: one rule as a person reads it, with what starts it, what it looks for near, and its examples.

use serde::Serialize;

use super::{
    super::{
        CliError, Outcome,
        output::{Format, Stdout, printable},
    },
    list::{Listed, listed, listed_own},
    named, own,
};
use crate::detect::{
    Detector, Rule,
    company::CompanyRule,
    rule::{Anchor, Context, ContextRole, Reach},
};

/// Words of a context that are printed; a list may hold hundreds.
const WORDS_SHOWN: usize = 40;

/// One rule with its examples
#[derive(Debug, clap::Args)]
pub(super) struct Show {
    /// Id, as `rules list` prints it
    rule: String,
    /// Form of the rule
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    listed: Listed<'a>,
    description: &'a str,
    source: &'a str,
    anchor: String,
    pattern: &'a str,
    validator: Option<&'a str>,
    entropy: Option<f64>,
    context: Option<ShownContext<'a>>,
    finds: Vec<&'a str>,
    near_misses: Vec<ShownMiss<'a>>,
}

#[derive(Serialize)]
struct ShownContext<'a> {
    words: Vec<&'a str>,
    distance: usize,
    raise: Option<f32>,
}

#[derive(Serialize)]
struct ShownMiss<'a> {
    text: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct ShownOwn<'a> {
    #[serde(flatten)]
    listed: Listed<'a>,
    description: &'a str,
}

impl Show {
    pub(super) fn run(self, detector: &Detector) -> Result<Outcome, CliError> {
        let mut out = Stdout::open();
        match (own(detector, &self.rule), self.format) {
            (Some(rule), Format::Json) => {
                out.pretty(&ShownOwn { listed: listed_own(rule), description: &rule.description })?;
            }
            (Some(rule), Format::Text) => show_own(rule, &mut out)?,
            (None, Format::Json) => out.pretty(&shown(named(detector, &self.rule)?))?,
            (None, Format::Text) => show(named(detector, &self.rule)?, &mut out)?,
        }
        out.flush()?;
        Ok(Outcome::Fine)
    }
}

fn show(rule: &Rule, out: &mut Stdout) -> Result<(), CliError> {
    out.line(&format!("{}: {}", rule.id, rule.title))?;
    out.line(&rule.description)?;
    let (category, severity, confidence) = (&rule.category, rule.severity.as_str(), rule.confidence);
    out.line(&format!("category {category}, severity {severity}, confidence {confidence}"))?;
    out.line(&format!("from {} ({})", rule.source, rule.place))?;
    out.line(&format!("starts at {}", anchor(&rule.anchor)))?;
    rule.validator_name().map_or(Ok(()), |name| out.line(&format!("checked by {name}")))?;
    rule.entropy.map_or(Ok(()), |bits| out.line(&format!("entropy at least {bits} bits a character")))?;
    rule.context.as_ref().map_or(Ok(()), |near| out.line(&context(near)))?;
    out.line("pattern")?;
    rule.pattern()
        .lines()
        .filter(|line| !line.trim().is_empty())
        .try_for_each(|line| out.line(&format!("  {}", line.trim())))?;
    out.line("finds")?;
    rule.finds.iter().try_for_each(|find| out.line(&format!("  {}", printable(&find.text))))?;
    out.line("does not find")?;
    rule.near_misses.iter().try_for_each(|miss| {
        out.line(&format!("  {}", printable(&miss.text)))?;
        out.line(&format!("      {}", miss.reason))
    })
}

fn show_own(rule: &CompanyRule, out: &mut Stdout) -> Result<(), CliError> {
    out.line(&printable(&format!("{}: {}", rule.id, rule.title)))?;
    out.line(&printable(&rule.description))?;
    out.line(&format!("category {}, severity {}", rule.category, rule.severity.as_str()))?;
    out.line(&printable(&format!("from {}", rule.source)))
}

/// What starts a rule, in words.
fn anchor(anchor: &Anchor) -> String {
    let mut kinds = Vec::new();
    if !anchor.literals.is_empty() {
        let case = if anchor.ignore_case { " in any case" } else { "" };
        kinds.push(format!("{}{case}", some(anchor.literals.iter().map(String::as_str))));
    }
    if let Some(digits) = &anchor.digits {
        kinds.push(format!("a number of {}–{} digits", digits.start(), digits.end()));
    }
    if let Some(token) = &anchor.token {
        kinds.push(format!("a token of {}–{} bytes that looks random", token.start(), token.end()));
    }
    if anchor.names {
        kinds.push("a given name".to_owned());
    }
    let reach = match &anchor.reach {
        Reach::AtAnchor => String::new(),
        Reach::Back { limit, .. } => format!(", walking back over at most {limit} bytes"),
        Reach::Before(before) => format!(", looking {before} bytes before it"),
    };
    format!("{}{reach}, and sees {} bytes behind it", kinds.join(" or "), anchor.after)
}

fn context(context: &Context) -> String {
    let effect = match context.role {
        ContextRole::Required => "needs".to_owned(),
        ContextRole::Raises(by) => format!("is {by} surer beside"),
    };
    format!("{effect} one of these within {} bytes: {}", context.distance, some(context.all_words()))
}

/// The first words, quoted, and how many more there are.
fn some<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.collect();
    let shown: Vec<String> = words.iter().take(WORDS_SHOWN).map(|word| format!("`{}`", printable(word))).collect();
    match words.len().saturating_sub(WORDS_SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn shown(rule: &Rule) -> Shown<'_> {
    let context = rule.context.as_ref().map(|context| ShownContext {
        words: context.all_words().collect(),
        distance: context.distance,
        raise: match context.role {
            ContextRole::Required => None,
            ContextRole::Raises(by) => Some(by),
        },
    });
    Shown {
        listed: listed(rule),
        description: &rule.description,
        source: &rule.source,
        anchor: anchor(&rule.anchor),
        pattern: rule.pattern(),
        validator: rule.validator_name(),
        entropy: rule.entropy,
        context,
        finds: rule.finds.iter().map(|find| find.text.as_str()).collect(),
        near_misses: rule.near_misses.iter().map(|miss| ShownMiss { text: &miss.text, reason: &miss.reason }).collect(),
    }
}
