//! Reads rule files into rules: parse, resolve, compile, and refuse what could never fire. Does not run a rule.

mod named;

use super::{
    Category,
    error::{Place, RuleError},
    matcher::{Allowed, Engine, Matcher},
    rule::{Anchor, Context, ContextRole, Find, Left, NearMiss, Reach, Rule, Severity, Shape},
    validate,
    words::{self, WordLists},
};
use crate::rules::{self, Source};
use serde::Deserialize;
use std::collections::HashMap;
use toml::Spanned;

/// Bytes after the anchor that a pattern may see unless the rule says otherwise.
const AFTER: usize = 256;
/// Most bytes a rule may ask for after its anchor: private keys are the longest.
const AFTER_MAX: usize = 16 << 10;
/// Most bytes before the anchor.
const BEFORE_MAX: usize = 256;
/// Bytes between a context word and the match unless the rule says otherwise.
const DISTANCE: usize = 48;
/// Most bytes a rule may look for context words.
const DISTANCE_MAX: usize = 200;
/// Shortest random token that a rule may start at, bytes.
const TOKEN_LEAST: usize = 12;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    rule: Vec<Spanned<RawRule>>,
    #[serde(default)]
    named: Vec<Spanned<named::RawNamed>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    id: String,
    title: String,
    description: String,
    category: String,
    severity: Severity,
    source: String,
    confidence: f32,
    anchor: RawAnchor,
    pattern: String,
    #[serde(default)]
    engine: Engine,
    #[serde(default)]
    check: RawCheck,
    context: Option<RawContext>,
    finds: Vec<Spanned<RawFind>>,
    near_misses: Vec<Spanned<RawNearMiss>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawAnchor {
    #[serde(default)]
    literals: Vec<String>,
    #[serde(default)]
    ignore_case: bool,
    digits: Option<[usize; 2]>,
    token: Option<[usize; 2]>,
    #[serde(default)]
    names: bool,
    back: Option<String>,
    before: Option<usize>,
    after: Option<usize>,
    #[serde(default)]
    left: Left,
    #[serde(default)]
    shapes: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawCheck {
    validate: Option<String>,
    entropy: Option<f64>,
    allow: Vec<String>,
    keeps_placeholders: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawContext {
    #[serde(default)]
    words: Vec<String>,
    #[serde(default)]
    lists: Vec<String>,
    distance: Option<usize>,
    raise: Option<f32>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawFind {
    Text(String),
    Table(RawFindTable),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFindTable {
    text: Option<String>,
    #[serde(default)]
    join: Vec<String>,
    value: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNearMiss {
    text: Option<String>,
    #[serde(default)]
    join: Vec<String>,
    reason: String,
}

/// All rules of all sources, in order; `.txt` sources are word lists. A later source replaces a rule of an earlier *folder* by its id.
pub(super) fn rules(sources: &[Source]) -> Result<Vec<Rule>, RuleError> {
    let mut rules: Vec<Rule> = Vec::new();
    let mut by_id: HashMap<String, usize> = HashMap::new();
    let lists = WordLists::read(sources)?;
    for source in sources.iter().filter(|source| words::name(&source.path).is_none()) {
        for rule in file(source, &lists)? {
            let Some(&earlier) = by_id.get(&*rule.id) else {
                by_id.insert(rule.id.to_string(), rules.len());
                rules.push(rule);
                continue;
            };
            let Some(slot) = rules.get_mut(earlier) else { continue };
            if folder(&slot.place.path) == folder(&rule.place.path) {
                let (first, second) = (slot.place.clone(), rule.place);
                return Err(RuleError::Twice { rule: rule.id.to_string(), first, second });
            }
            *slot = rule;
        }
    }
    Ok(rules)
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn file(source: &Source, lists: &WordLists) -> Result<Vec<Rule>, RuleError> {
    let lines = Lines::of(source);
    let raw: RawFile = toml::from_str(&source.text).map_err(|error| RuleError::Syntax {
        place: lines.place(error.span().map_or(0, |span| span.start)),
        why: error.message().to_owned(),
    })?;
    let all = raw.rule.into_iter().chain(raw.named.into_iter().map(named::rule));
    let rules: Vec<Rule> = all.map(|rule| Building::new(rule, &lines, lists)?.build()).collect::<Result<_, _>>()?;
    if !rules::is_built_in(source) {
        rules.iter().try_for_each(prove)?;
    }
    Ok(rules)
}

/// Compiles the patterns of a rule. Those of built-in rules are known to compile and wait for their first use.
pub(super) fn prove(rule: &Rule) -> Result<(), RuleError> {
    let proved = rule.matcher.prove().and_then(|()| rule.allow.prove());
    proved.map_err(|why| RuleError::Pattern { rule: rule.id.to_string(), place: rule.place.clone(), why })
}

/// Turns byte offsets of one file into lines.
struct Lines<'a> {
    path: &'a str,
    /// Offsets of the line breaks.
    breaks: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn of(source: &'a Source) -> Self {
        Self { path: &source.path, breaks: memchr::memchr_iter(b'\n', source.text.as_bytes()).collect() }
    }

    fn line(&self, offset: usize) -> usize {
        1 + self.breaks.partition_point(|at| *at < offset)
    }

    fn place(&self, offset: usize) -> Place {
        Place { path: self.path.to_owned(), line: self.line(offset) }
    }
}

/// One raw rule on its way to a `Rule`; knows where to point when something is wrong.
struct Building<'a> {
    raw: RawRule,
    place: Place,
    lines: &'a Lines<'a>,
    lists: &'a WordLists,
}

impl<'a> Building<'a> {
    fn new(rule: Spanned<RawRule>, lines: &'a Lines<'a>, lists: &'a WordLists) -> Result<Self, RuleError> {
        let place = lines.place(rule.span().start);
        let building = Self { raw: rule.into_inner(), place, lines, lists };
        let id = &building.raw.id;
        let form = id.contains('.')
            && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-');
        if form {
            Ok(building)
        } else {
            Err(building.wrong("the id is not `provider.kind`", "lower-case letters, digits, `-` and at least one `.`"))
        }
    }

    fn wrong(&self, why: impl Into<String>, hint: impl Into<String>) -> RuleError {
        RuleError::Field { rule: self.raw.id.clone(), place: self.place.clone(), why: why.into(), hint: hint.into() }
    }

    fn build(self) -> Result<Rule, RuleError> {
        let category = Category::parse(&self.raw.category)
            .map_err(|error| self.wrong(error.to_string(), "for example `APIKEY` or `EMAIL`"))?;
        if !(0.0..=1.0).contains(&self.raw.confidence) {
            return Err(self.wrong("`confidence` is not between 0 and 1", "0.9 for a form nothing else has"));
        }
        let anchor = self.anchor()?;
        let validator = self.validator()?;
        let context = self.context()?;
        let finds = self.finds()?;
        let near_misses = self.near_misses()?;
        self.can_fire(&anchor, &finds)?;
        let Self { raw, place, .. } = self;
        Ok(Rule {
            id: raw.id.into(),
            title: raw.title,
            description: raw.description,
            category,
            severity: raw.severity,
            source: raw.source,
            place,
            confidence: raw.confidence,
            anchor,
            matcher: Matcher::new(raw.pattern, raw.engine),
            surroundings: raw.check.validate.as_deref().and_then(validate::surroundings),
            opening: raw.check.validate.as_deref().and_then(validate::opening),
            validator,
            entropy: raw.check.entropy,
            context,
            allow: Allowed::new(raw.check.allow),
            keeps_placeholders: raw.check.keeps_placeholders,
            finds,
            near_misses,
        })
    }

    fn anchor(&self) -> Result<Anchor, RuleError> {
        let raw = &self.raw.anchor;
        if raw.literals.is_empty() && raw.digits.is_none() && raw.token.is_none() && !raw.names {
            let hint = "give `anchor.literals`, `anchor.digits`, `anchor.token` or `anchor.names`";
            return Err(self.wrong("nothing anchors the rule", hint));
        }
        if raw.literals.iter().any(String::is_empty) {
            return Err(self.wrong("an anchor is empty", "an anchor is a literal part of the text"));
        }
        let after = raw.after.unwrap_or(AFTER);
        if after > AFTER_MAX || raw.before.unwrap_or(0) > BEFORE_MAX {
            let hint = format!("at most {BEFORE_MAX} bytes before and {AFTER_MAX} after an anchor");
            return Err(self.wrong("the window round the anchor is too wide", hint));
        }
        let reach = match (&raw.back, raw.before) {
            (Some(set), limit) => Reach::Back { bytes: byte_set(set), limit: limit.unwrap_or(64) },
            (None, Some(before)) if before > 0 => Reach::Before(before),
            (None, _) => Reach::AtAnchor,
        };
        let digits = raw.digits.map(|[least, most]| least..=most);
        let token = raw.token.map(|[least, most]| least..=most);
        if token.as_ref().is_some_and(|length| *length.start() < TOKEN_LEAST || length.is_empty()) {
            let hint = format!(
                "`[least, most]` bytes, {TOKEN_LEAST} at least: shorter runs do not show whether they are random"
            );
            return Err(self.wrong("`anchor.token` is no length of a token", hint));
        }
        let literals = raw.literals.clone();
        if !raw.shapes.is_empty() && matches!(reach, Reach::Before(_)) {
            return Err(self.wrong("`shapes` beside `before`", "a shape is for a pattern that begins at a known place"));
        }
        let shapes = raw.shapes.iter().cloned().map(Shape).collect();
        let (names, ignore_case, left) = (raw.names, raw.ignore_case, raw.left);
        Ok(Anchor { literals, ignore_case, digits, token, names, reach, after, left, shapes })
    }

    fn validator(&self) -> Result<Option<(String, validate::Validator)>, RuleError> {
        let Some(name) = &self.raw.check.validate else { return Ok(None) };
        match validate::by_name(name) {
            Some(validator) => Ok(Some((name.clone(), validator))),
            None => {
                let known: Vec<&str> = validate::names().collect();
                Err(self.wrong(format!("unknown check `{name}`"), format!("one of {}", known.join(", "))))
            }
        }
    }

    fn context(&self) -> Result<Option<Context>, RuleError> {
        let Some(raw) = &self.raw.context else { return Ok(None) };
        let distance = raw.distance.unwrap_or(DISTANCE);
        if distance > DISTANCE_MAX {
            let hint = format!("at most {DISTANCE_MAX} bytes");
            return Err(self.wrong("`context.distance` is too wide", hint));
        }
        if let Some((word, why)) = raw.words.iter().find_map(|word| Some((word, words::fault(word)?))) {
            return Err(
                self.wrong(format!("context word `{word}` {why}"), "`word*` matches longer words, `*word` endings")
            );
        }
        let mut lists = Vec::new();
        for name in &raw.lists {
            let Some(list) = self.lists.by_name(name) else {
                let hint = format!("one of {}: files of `rules/words/`", self.lists.names().join(", "));
                return Err(self.wrong(format!("unknown word list `{name}`"), hint));
            };
            lists.push(list);
        }
        if raw.words.is_empty() && lists.is_empty() {
            return Err(self.wrong("`context` holds no words", "give `context.words` or `context.lists`"));
        }
        let role = raw.raise.map_or(ContextRole::Required, ContextRole::Raises);
        Ok(Some(Context { words: raw.words.clone(), lists, distance, role }))
    }

    fn finds(&self) -> Result<Vec<Find>, RuleError> {
        let mut finds = Vec::new();
        for find in &self.raw.finds {
            let (text, value) = match find.get_ref() {
                RawFind::Text(text) => (text.clone(), None),
                RawFind::Table(table) => (self.example(table.text.as_ref(), &table.join)?, table.value.clone()),
            };
            finds.push(Find { text, value, line: self.lines.line(find.span().start) });
        }
        Ok(finds)
    }

    fn near_misses(&self) -> Result<Vec<NearMiss>, RuleError> {
        let mut near_misses = Vec::new();
        for miss in &self.raw.near_misses {
            let table = miss.get_ref();
            let text = self.example(table.text.as_ref(), &table.join)?;
            let line = self.lines.line(miss.span().start);
            near_misses.push(NearMiss { text, reason: table.reason.clone(), line });
        }
        Ok(near_misses)
    }

    /// Text of an example. `join` keeps a secret's form out of the file, so that no scanner of repositories reports it.
    fn example(&self, text: Option<&String>, join: &[String]) -> Result<String, RuleError> {
        match (text, join) {
            (Some(text), []) => Ok(text.clone()),
            (None, [_, ..]) => Ok(join.concat()),
            (Some(_), [_, ..]) | (None, []) => Err(self.wrong(
                "an example needs either `text` or `join`",
                "`{ text = \"…\" }` or `{ join = [\"…\", \"…\"] }`",
            )),
        }
    }

    /// A rule none of whose own finds holds an anchor would be silently dead.
    fn can_fire(&self, anchor: &Anchor, finds: &[Find]) -> Result<(), RuleError> {
        if finds.is_empty()
            || anchor.digits.is_some()
            || anchor.token.is_some()
            || anchor.names
            || finds.iter().any(|find| holds_anchor(anchor, &find.text))
        {
            return Ok(());
        }
        Err(self.wrong(
            "cannot fire: none of its finds holds an anchor",
            "each anchor is a literal part of the text, in its case",
        ))
    }
}

fn holds_anchor(anchor: &Anchor, text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    anchor.literals.iter().any(|literal| {
        if anchor.ignore_case { lower.contains(&literal.to_ascii_lowercase()) } else { text.contains(literal.as_str()) }
    })
}

/// A set of bytes written as in a character class without brackets: `a-z0-9._`. A `-` at the end is itself.
/// Bytes of non-ASCII characters are in every set: where they end is for the pattern to say.
fn byte_set(written: &str) -> Box<[bool; 256]> {
    let mut set = Box::new([false; 256]);
    let bytes = written.as_bytes();
    let mut at = 0;
    while let Some(&first) = bytes.get(at) {
        let range_end = match (bytes.get(at + 1), bytes.get(at + 2)) {
            (Some(b'-'), Some(&last)) if last >= first => Some(last),
            _ => None,
        };
        for byte in first..=range_end.unwrap_or(first) {
            set[usize::from(byte)] = true;
        }
        at += if range_end.is_some() { 3 } else { 1 };
    }
    for slot in set.iter_mut().skip(128) {
        *slot = true;
    }
    set
}
