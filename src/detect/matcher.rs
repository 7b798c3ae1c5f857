//! One pattern and how it is tried in a window of a text: compiled when it is first needed, linear by default, with
//! look-around where a rule asks for it. Does not know anchors or rules.

use super::prefix::Prefix;
use regex_automata::{Anchored, Input, meta, util::syntax};
use std::{ops::Range, sync::OnceLock};

/// Steps a pattern with look-around may go back in one try before the text counts as unreadable.
const BACKTRACK_LIMIT: usize = 20_000;
/// Groups of a pattern up to the one named `value`, at most.
const GROUPS_MAX: usize = 16;
/// Bytes one compiled pattern may take.
const SIZE_LIMIT: usize = 2 << 20;

/// Which engine runs a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Engine {
    /// Linear in the window, always.
    #[default]
    Linear,
    /// With look-around.
    Fancy,
}

/// A pattern as written, free-spaced, and its compiled form from the first try on: most texts try few rules.
#[derive(Debug)]
pub(super) struct Matcher {
    written: String,
    engine: Engine,
    /// `None` when it does not compile.
    compiled: OnceLock<Option<Pattern>>,
    prefix: OnceLock<Prefix>,
}

impl Matcher {
    /// Does not compile the pattern yet.
    pub(super) fn new(written: String, engine: Engine) -> Self {
        Self { written, engine, compiled: OnceLock::new(), prefix: OnceLock::new() }
    }

    /// The pattern as written.
    pub(super) fn written(&self) -> &str {
        &self.written
    }

    /// Compiles the pattern to see whether it can be.
    ///
    /// # Errors
    /// What is wrong with it, in one line.
    pub(super) fn prove(&self) -> Result<(), String> {
        let compiled = Pattern::compile(&self.written, self.engine)?;
        self.compiled.get_or_init(|| Some(compiled));
        Ok(())
    }

    /// Whether a match may begin with these bytes. `false` is certain, and told without starting an engine.
    pub(super) fn may_begin(&self, bytes: &[u8]) -> bool {
        let prefix = self.prefix.get_or_init(|| match self.engine {
            Engine::Linear => Prefix::of(&self.written, linear_syntax(), SIZE_LIMIT),
            Engine::Fancy => Prefix::default(),
        });
        prefix.fits(bytes)
    }

    /// First match in the window. Bytes outside of it are seen by `\b` alone.
    ///
    /// # Errors
    /// When the backtrack limit was hit. A pattern that does not compile, which [`Matcher::prove`] tells beforehand,
    /// counts as such.
    pub(super) fn find(&self, text: &str, window: Range<usize>, begin: Begin) -> Result<Option<Matched>, LimitHit> {
        let compiled = self.compiled.get_or_init(|| Pattern::compile(&self.written, self.engine).ok());
        compiled.as_ref().ok_or(LimitHit)?.find(text, window, begin)
    }
}

/// A compiled pattern. ASCII classes unless it says `(?u)`.
#[derive(Debug)]
enum Pattern {
    /// Linear in the window, always.
    Linear {
        /// The engine.
        regex: Box<meta::Regex>,
        /// Index of the group `value`.
        value: Option<usize>,
    },
    /// With look-around, bounded by [`BACKTRACK_LIMIT`].
    Fancy {
        /// The engine.
        regex: Box<fancy_regex::Regex>,
    },
}

/// Where a pattern matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Matched {
    /// The whole match.
    pub(super) whole: Range<usize>,
    /// The group `value`, or the whole match.
    pub(super) value: Range<usize>,
}

/// The backtrack limit was hit: nobody knows whether the pattern matches.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LimitHit;

/// Whether a match must begin where the window does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begin {
    /// Yes.
    Here,
    /// Anywhere in the window.
    Anywhere,
}

impl Pattern {
    fn compile(written: &str, engine: Engine) -> Result<Self, String> {
        match engine {
            Engine::Linear => Self::linear(written),
            Engine::Fancy => Self::fancy(written),
        }
    }

    fn linear(pattern: &str) -> Result<Self, String> {
        let regex = meta::Regex::builder()
            .syntax(linear_syntax())
            .configure(meta::Config::new().utf8_empty(false).nfa_size_limit(Some(SIZE_LIMIT)).onepass_size_limit(None))
            .build(pattern)
            .map_err(|error| {
                error.syntax_error().map_or_else(|| error.to_string(), |syntax| last_line(&syntax.to_string()))
            })?;
        let value = regex.group_info().to_index(regex_automata::PatternID::ZERO, "value");
        if value.is_some_and(|group| group >= GROUPS_MAX) {
            return Err(format!("the group `value` is not among the first {GROUPS_MAX} groups"));
        }
        Ok(Self::Linear { regex: Box::new(regex), value })
    }

    fn fancy(pattern: &str) -> Result<Self, String> {
        let free_spaced = format!("(?x){pattern}");
        fancy_regex::RegexBuilder::new(&free_spaced)
            .backtrack_limit(BACKTRACK_LIMIT)
            .build()
            .map(|regex| Self::Fancy { regex: Box::new(regex) })
            .map_err(|error| last_line(&error.to_string()))
    }

    fn find(&self, text: &str, window: Range<usize>, begin: Begin) -> Result<Option<Matched>, LimitHit> {
        match self {
            Self::Linear { regex, value } => Ok(find_linear(regex, *value, text, window, begin)),
            Self::Fancy { regex } => find_fancy(regex, text, window, begin),
        }
    }
}

fn linear_syntax() -> syntax::Config {
    syntax::Config::new().unicode(false).utf8(false).ignore_whitespace(true)
}

/// The engines' messages are drawings; their last line says what is wrong.
fn last_line(message: &str) -> String {
    message.lines().last().unwrap_or(message).trim_start_matches("error: ").to_owned()
}

fn find_linear(
    regex: &meta::Regex,
    value: Option<usize>,
    text: &str,
    window: Range<usize>,
    begin: Begin,
) -> Option<Matched> {
    let anchored = match begin {
        Begin::Here => Anchored::Yes,
        Begin::Anywhere => Anchored::No,
    };
    let input = Input::new(text).range(window).anchored(anchored);
    let Some(group) = value else {
        return Some(whole_match(text, regex.search(&input)?.range()));
    };
    let mut slots = [None; 2 * GROUPS_MAX];
    regex.search_slots(&input, slots.get_mut(..2 * (group + 1))?)?;
    let range = |group: usize| Some(slots.get(2 * group).copied()??.get()..slots.get(2 * group + 1).copied()??.get());
    let whole = range(0)?;
    Some(match range(group) {
        Some(span) => Matched { value: to_characters(text, span), whole: to_characters(text, whole) },
        None => whole_match(text, whole),
    })
}

fn whole_match(text: &str, whole: Range<usize>) -> Matched {
    let whole = to_characters(text, whole);
    Matched { value: whole.clone(), whole }
}

fn find_fancy(
    regex: &fancy_regex::Regex,
    text: &str,
    window: Range<usize>,
    begin: Begin,
) -> Result<Option<Matched>, LimitHit> {
    let window = to_characters(text, window);
    let Some(seen) = text.get(..window.end) else { return Ok(None) };
    let captures = regex.captures_from_pos(seen, window.start).map_err(|_| LimitHit)?;
    let Some(captures) = captures else { return Ok(None) };
    let Some(whole) = captures.get(0).map(|found| found.range()) else { return Ok(None) };
    if begin == Begin::Here && whole.start != window.start {
        return Ok(None);
    }
    let value = captures.name("value").map_or(whole.clone(), |found| found.range());
    Ok(Some(Matched { whole, value }))
}

/// Widens a byte range to whole characters.
pub(super) fn to_characters(text: &str, range: Range<usize>) -> Range<usize> {
    let mut start = range.start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = range.end.min(text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

/// Patterns of values that are never found; each compiled when it is first needed.
#[derive(Debug, Default)]
pub(super) struct Allowed(Vec<(String, OnceLock<Option<regex::Regex>>)>);

impl Allowed {
    /// Does not compile the patterns yet.
    pub(super) fn new(written: Vec<String>) -> Self {
        Self(written.into_iter().map(|pattern| (pattern, OnceLock::new())).collect())
    }

    /// Compiles the patterns to see whether they can be.
    ///
    /// # Errors
    /// What is wrong with the first that cannot, in one line.
    pub(super) fn prove(&self) -> Result<(), String> {
        for (written, compiled) in &self.0 {
            let regex = compile_allowed(written)?;
            compiled.get_or_init(|| Some(regex));
        }
        Ok(())
    }

    /// Whether one of them matches the value.
    pub(super) fn holds(&self, value: &str) -> bool {
        self.0.iter().any(|(written, compiled)| {
            let regex = compiled.get_or_init(|| compile_allowed(written).ok());
            regex.as_ref().is_some_and(|regex| regex.is_match(value))
        })
    }
}

fn compile_allowed(written: &str) -> Result<regex::Regex, String> {
    let mut builder = regex::RegexBuilder::new(written);
    builder.ignore_whitespace(true).size_limit(SIZE_LIMIT).build().map_err(|error| last_line(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linear(pattern: &str) -> Matcher {
        Matcher::new(pattern.to_owned(), Engine::Linear)
    }

    #[test]
    fn a_pattern_that_does_not_compile_is_told_and_never_clean() {
        let broken = linear("a(b");
        assert!(broken.prove().is_err());
        assert_eq!(broken.find("ab", 0..2, Begin::Here), Err(LimitHit));
        assert!(Allowed::new(vec!["a".to_owned(), "(".to_owned()]).prove().is_err());
        assert!(Allowed::new(vec!["x".to_owned(), "^ a $".to_owned()]).holds("a"));
    }

    #[test]
    fn the_group_named_value_is_the_finding() {
        let pattern = linear(r"key \s* = \s* (?P<value> [a-z]+ )");
        let found = pattern.find("my key = abc;", 3..13, Begin::Here).unwrap().unwrap();
        assert_eq!(found, Matched { whole: 3..12, value: 9..12 });
    }

    #[test]
    fn a_match_never_cuts_a_character() {
        let pattern = linear(r"p= .{3}");
        let found = pattern.find("p=aéé", 0..7, Begin::Here).unwrap().unwrap();
        assert_eq!(found.value, 0..5);
        let cut = pattern.find("p=éé", 0..6, Begin::Here).unwrap().unwrap();
        assert_eq!(cut.value, 0..6);
    }

    #[test]
    fn a_backtrack_limit_is_reported_not_taken_for_no_match() {
        let pattern = Matcher::new(r"(?: (a+) \1? )+ b".to_owned(), Engine::Fancy);
        let text = "a".repeat(4000) + "!";
        assert_eq!(pattern.find(&text, 0..text.len(), Begin::Here), Err(LimitHit));
    }
}
