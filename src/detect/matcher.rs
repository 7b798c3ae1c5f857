//! One compiled pattern and how it is tried in a window of a text: linear by default, with look-around where a rule
//! asks for it. Does not know anchors or rules.

use regex_automata::{Anchored, Input, meta, util::syntax};
use std::ops::Range;

/// Steps a pattern with look-around may go back in one try before the text counts as unreadable.
const BACKTRACK_LIMIT: usize = 20_000;
/// Bytes one compiled pattern may take.
const SIZE_LIMIT: usize = 2 << 20;

/// A compiled pattern. Free-spaced; ASCII classes unless it says `(?u)`.
#[derive(Debug)]
pub(super) enum Pattern {
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
    /// Compiles a pattern without look-around.
    pub(super) fn linear(pattern: &str) -> Result<Self, String> {
        let regex = meta::Regex::builder()
            .syntax(syntax::Config::new().unicode(false).utf8(false).ignore_whitespace(true))
            .configure(meta::Config::new().utf8_empty(false).nfa_size_limit(Some(SIZE_LIMIT)).onepass_size_limit(None))
            .build(pattern)
            .map_err(|error| {
                error.syntax_error().map_or_else(|| error.to_string(), |syntax| last_line(&syntax.to_string()))
            })?;
        let value = regex.group_info().to_index(regex_automata::PatternID::ZERO, "value");
        Ok(Self::Linear { regex: Box::new(regex), value })
    }

    /// Compiles a pattern with look-around.
    pub(super) fn fancy(pattern: &str) -> Result<Self, String> {
        let free_spaced = format!("(?x){pattern}");
        fancy_regex::RegexBuilder::new(&free_spaced)
            .backtrack_limit(BACKTRACK_LIMIT)
            .build()
            .map(|regex| Self::Fancy { regex: Box::new(regex) })
            .map_err(|error| last_line(&error.to_string()))
    }

    /// First match in the window. Bytes outside of it are seen by `\b` alone.
    pub(super) fn find(&self, text: &str, window: Range<usize>, begin: Begin) -> Result<Option<Matched>, LimitHit> {
        match self {
            Self::Linear { regex, value } => Ok(find_linear(regex, *value, text, window, begin)),
            Self::Fancy { regex } => find_fancy(regex, text, window, begin),
        }
    }
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
    let whole = regex.search(&Input::new(text).range(window).anchored(anchored))?.range();
    let Some(group) = value else { return whole_match(text, whole) };
    let mut captures = regex.create_captures();
    regex.search_captures(&Input::new(text).range(whole.clone()).anchored(Anchored::Yes), &mut captures);
    match captures.get_group(group) {
        Some(span) => Some(Matched { value: to_characters(text, span.range()), whole: to_characters(text, whole) }),
        None => whole_match(text, whole),
    }
}

fn whole_match(text: &str, whole: Range<usize>) -> Option<Matched> {
    let whole = to_characters(text, whole);
    Some(Matched { value: whole.clone(), whole })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_group_named_value_is_the_finding() {
        let pattern = Pattern::linear(r"key \s* = \s* (?P<value> [a-z]+ )").unwrap();
        let found = pattern.find("my key = abc;", 3..13, Begin::Here).unwrap().unwrap();
        assert_eq!(found, Matched { whole: 3..12, value: 9..12 });
    }

    #[test]
    fn a_match_never_cuts_a_character() {
        let pattern = Pattern::linear(r"p= .{3}").unwrap();
        let found = pattern.find("p=aéé", 0..7, Begin::Here).unwrap().unwrap();
        assert_eq!(found.value, 0..5);
        let cut = pattern.find("p=éé", 0..6, Begin::Here).unwrap().unwrap();
        assert_eq!(cut.value, 0..6);
    }

    #[test]
    fn a_backtrack_limit_is_reported_not_taken_for_no_match() {
        let pattern = Pattern::fancy(r"(?: (a+) \1? )+ b").unwrap();
        let text = "a".repeat(4000) + "!";
        assert_eq!(pattern.find(&text, 0..text.len(), Begin::Here), Err(LimitHit));
    }
}
