//! Replacements that undo a disguise, and which of them are worth a view. Does not look for them.

use std::ops::Range;

/// Bytes kept before a disguised place, so that context words and anchors are in the view.
const MARGIN_BEFORE: usize = 112;
/// Bytes kept after it.
const MARGIN_AFTER: usize = 112;
/// Bytes more that a margin may grow, so that it begins and ends between words.
const WHOLE_WORD: usize = 1 << 10;
/// Bytes more when a private key stands there: the longest value there is.
const WHOLE_KEY: usize = 8 << 10;
/// Weak signs in a row, with less than [`ROW_GAP`] bytes between, that make a strong one.
const ROW_LEAST: usize = 6;
/// Bytes between two signs of one row at most.
const ROW_GAP: usize = 6;

/// One replacement in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) range: Range<usize>,
    pub(super) with: With,
    pub(super) disguise: Disguise,
    pub(super) sign: Sign,
}

/// What stands there without the disguise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum With {
    One(char),
    Two(char, char),
    /// The content of an encoded token: anything found in it is the whole token.
    Text(Box<str>),
    /// Nothing; part of the value around it.
    Nothing,
    /// Nothing; the value around it is in pieces.
    Gap,
}

/// Whether a replacement alone is a reason to look again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// Ordinary texts are full of them: no-break spaces, `&amp;`, accents.
    Weak,
    /// Hardly anything but a value in disguise has it.
    Strong,
}

impl Sign {
    pub(super) fn strong_if(condition: bool) -> Self {
        if condition { Self::Strong } else { Self::Weak }
    }
}

/// How a value was hidden, as the finding's reasons name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Disguise {
    Invisible,
    LookAlike,
    Escape,
    Percent,
    Entity,
    QuotedPrintable,
    Utf7,
    Literals,
    Lines,
    Markup,
    Spaced,
    Separators,
    Spelled,
    Address,
    Numbers,
    Encoded(&'static str),
    Turned(&'static str),
}

impl Disguise {
    /// For a person.
    pub(super) fn reason(self) -> String {
        let words = match self {
            Self::Invisible => "invisible characters dropped",
            Self::LookAlike => "look-alike characters folded",
            Self::Escape => "escapes decoded",
            Self::Percent => "percent-decoded",
            Self::Entity => "entities decoded",
            Self::QuotedPrintable => "quoted-printable decoded",
            Self::Utf7 => "UTF-7 decoded",
            Self::Literals => "joined literals",
            Self::Lines => "joined lines",
            Self::Markup => "markup dropped",
            Self::Spaced => "spaced-out characters joined",
            Self::Separators => "digit groups joined",
            Self::Spelled => "spelled-out digits read",
            Self::Address => "spelled-out address read",
            Self::Numbers => "character codes decoded",
            Self::Encoded(coding) => return format!("inside a {coding} token"),
            Self::Turned(how) => return format!("read {how}"),
        };
        words.to_owned()
    }
}

impl Edit {
    pub(super) fn new(range: Range<usize>, with: With, disguise: Disguise, sign: Sign) -> Self {
        Self { range, with, disguise, sign }
    }

    pub(super) fn strong(range: Range<usize>, with: With, disguise: Disguise) -> Self {
        Self::new(range, with, disguise, Sign::Strong)
    }
}

/// A stretch of the text with the edits in it.
pub(super) struct Window<'e> {
    pub(super) span: Range<usize>,
    pub(super) edits: &'e [Edit],
}

/// The neighbourhoods of strong signs, ascending and apart. Sorts the edits; of two that overlap the first stays, of two
/// that begin together the longer.
pub(super) fn windows<'e>(text: &str, edits: &'e mut [Edit]) -> Vec<Window<'e>> {
    let order = |edit: &Edit| (edit.range.start, std::cmp::Reverse(edit.range.end));
    if !edits.is_sorted_by_key(order) {
        edits.sort_by_key(order);
    }
    strengthen_rows(edits);
    let mut spans: Vec<Range<usize>> = Vec::new();
    for edit in edits.iter().filter(|edit| edit.sign == Sign::Strong) {
        match spans.last_mut() {
            Some(last) if edit.range.start <= last.end + MARGIN_BEFORE => {
                last.end = last.end.max(edit.range.end + MARGIN_AFTER);
            }
            _ => spans.push(edit.range.start.saturating_sub(MARGIN_BEFORE)..edit.range.end + MARGIN_AFTER),
        }
    }
    let mut out: Vec<Window<'e>> = Vec::new();
    for span in spans {
        let from = out.last().map_or(0, |window| window.span.end);
        let span = between_words(text, span.start.max(from), span.end.max(from));
        let first = edits.partition_point(|edit| edit.range.start < span.start);
        let last = edits.partition_point(|edit| edit.range.end <= span.end);
        let edits = edits.get(first..last).unwrap_or_default();
        if !edits.is_empty() {
            out.push(Window { span, edits });
        }
    }
    out
}

/// Weak signs that stand close together are a strong one: a whole word of escapes, a number in another script's digits.
fn strengthen_rows(edits: &mut [Edit]) {
    let mut from = 0;
    for at in 1..=edits.len() {
        let goes_on = matches!((edits.get(at - 1), edits.get(at)),
            (Some(before), Some(next)) if next.range.start.saturating_sub(before.range.end) <= ROW_GAP);
        if !goes_on {
            if at - from >= ROW_LEAST {
                edits.get_mut(from..at).unwrap_or_default().iter_mut().for_each(|edit| edit.sign = Sign::Strong);
            }
            from = at;
        }
    }
}

/// Widens a span so that it begins and ends where words do.
fn between_words(text: &str, start: usize, end: usize) -> Range<usize> {
    let bytes = text.as_bytes();
    let ends_word = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`<>,;".contains(byte);
    let span = crate::detect::matcher::to_characters(text, start..end);
    let before = bytes.get(..span.start).unwrap_or_default();
    let back = before.iter().rev().take(WHOLE_WORD / 8).position(ends_word).unwrap_or(0);
    let after = bytes.get(span.end..).unwrap_or_default();
    let is_key = bytes.get(span.clone()).is_some_and(|part| memchr::memmem::find(part, b"-----").is_some());
    let forth =
        if is_key { WHOLE_KEY } else { after.iter().take(WHOLE_WORD).position(ends_word).unwrap_or(WHOLE_WORD) };
    crate::detect::matcher::to_characters(text, span.start - back..span.end + forth)
}
