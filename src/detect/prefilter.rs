//! The one pass over a text that says where a rule is worth trying: literal anchors and context words by one
//! automaton, numbers by one walk over the digits. Runs no pattern.

use super::{
    error::RuleError,
    rule::{Context, ContextRole, Left, Reach, Rule, Shape},
    tokens::tokens,
    validate::Opening,
};
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::{
    collections::HashMap,
    ops::{Range, RangeInclusive},
};

/// Index of a rule in the detector's list.
pub(super) type RuleIndex = u16;

/// A place where a rule's pattern is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) rule: RuleIndex,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A context word standing in the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    pub(super) literal: u32,
    pub(super) start: usize,
    pub(super) end: usize,
    /// A word begins where it begins.
    opens: bool,
    /// A word ends where it ends.
    closes: bool,
}

/// What one pass found.
#[derive(Debug, Default)]
pub(super) struct Hits {
    pub(super) anchors: Vec<Hit>,
    pub(super) marks: Vec<Mark>,
}

/// All anchors and context words of all rules.
#[derive(Debug)]
pub(super) struct Prefilter {
    automaton: AhoCorasick,
    literals: Vec<Literal>,
    numbers: Vec<NumberUse>,
    tokens: Vec<TokenUse>,
    token_lengths: Range<usize>,
}

/// What one literal is to the rules. The automaton ignores case; a use that does not compares again.
#[derive(Debug, Default)]
struct Literal {
    word: String,
    anchors: Vec<AnchorUse>,
    contexts: Vec<ContextUse>,
    /// Some rule takes it for a context word within a longer word.
    longer_before: bool,
    longer_after: bool,
}

#[derive(Debug)]
struct AnchorUse {
    rule: RuleIndex,
    exact: Option<String>,
    left: Left,
}

#[derive(Debug)]
struct ContextUse {
    rule: RuleIndex,
    longer_before: bool,
    longer_after: bool,
}

#[derive(Debug)]
struct NumberUse {
    rule: RuleIndex,
    least: usize,
    most: usize,
    each_group: bool,
    /// The byte before the group must be one of these.
    back: Option<Box<[bool; 256]>>,
    /// How a match begins, where it begins at the group.
    shapes: Vec<Shape>,
    opening: Option<Opening>,
    /// The rule is nothing without a context word.
    needs_context: bool,
}

#[derive(Debug)]
struct TokenUse {
    rule: RuleIndex,
    lengths: RangeInclusive<usize>,
    needs_context: bool,
}

impl Prefilter {
    pub(super) fn build(rules: &[Rule]) -> Result<Self, RuleError> {
        let mut table = Table::default();
        let mut numbers = Vec::new();
        let mut tokens: Vec<TokenUse> = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            let index = RuleIndex::try_from(index)
                .map_err(|_| RuleError::Automaton { why: "more than 65 535 rules".to_owned() })?;
            table.add(index, rule);
            if let Some(digits) = &rule.anchor.digits {
                numbers.push(NumberUse::new(index, rule, digits));
            }
            if let Some(lengths) = &rule.anchor.token {
                tokens.push(TokenUse { rule: index, lengths: lengths.clone(), needs_context: needs_context(rule) });
            }
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(table.literals.iter().map(|literal| &literal.word))
            .map_err(|error| RuleError::Automaton { why: error.to_string() })?;
        numbers.sort_by_key(|number: &NumberUse| number.least);
        let least = tokens.iter().map(|token| *token.lengths.start()).min().unwrap_or(0);
        let most = tokens.iter().map(|token| *token.lengths.end()).max().unwrap_or(0);
        Ok(Self { automaton, literals: table.literals, numbers, tokens, token_lengths: least..most.saturating_add(1) })
    }

    /// The word of a mark.
    pub(super) fn word(&self, mark: &Mark) -> &str {
        usize::try_from(mark.literal).ok().and_then(|i| self.literals.get(i)).map_or("", |literal| &literal.word)
    }

    /// Whether a mark is a context word of this rule, as the rule wrote it.
    pub(super) fn speaks_for(&self, mark: &Mark, rule: RuleIndex) -> bool {
        let literal = usize::try_from(mark.literal).ok().and_then(|i| self.literals.get(i));
        literal.is_some_and(|literal| {
            literal.contexts.iter().any(|context| {
                context.rule == rule && (mark.opens || context.longer_before) && (mark.closes || context.longer_after)
            })
        })
    }

    /// One pass.
    pub(super) fn run(&self, text: &str) -> Hits {
        let mut hits = Hits::default();
        let bytes = text.as_bytes();
        for found in self.automaton.find_overlapping_iter(text) {
            if let Some(literal) = self.literals.get(found.pattern().as_usize()) {
                hits.literal(literal, found.pattern().as_u32(), found.start(), found.end(), bytes);
            }
        }
        let spoken = self.spoken_for(&hits.marks);
        self.run_numbers(bytes, &spoken, &mut hits);
        self.run_tokens(bytes, &spoken, &mut hits);
        hits
    }

    /// Rules that have a context word somewhere in this text, ascending.
    fn spoken_for(&self, marks: &[Mark]) -> Vec<RuleIndex> {
        let mut seen = vec![false; self.literals.len()];
        for mark in marks {
            usize::try_from(mark.literal).ok().and_then(|i| seen.get_mut(i)).into_iter().for_each(|slot| *slot = true);
        }
        let standing = self.literals.iter().zip(&seen).filter(|(_, seen)| **seen);
        let mut spoken: Vec<RuleIndex> =
            standing.flat_map(|(literal, _)| literal.contexts.iter().map(|context| context.rule)).collect();
        spoken.sort_unstable();
        spoken
    }

    fn run_tokens(&self, bytes: &[u8], spoken: &[RuleIndex], hits: &mut Hits) {
        let worth = |token: &&TokenUse| !token.needs_context || spoken.binary_search(&token.rule).is_ok();
        let uses: Vec<&TokenUse> = self.tokens.iter().filter(worth).collect();
        if uses.is_empty() {
            return;
        }
        tokens(bytes, &self.token_lengths, |token| {
            let Range { start, end } = token.range;
            let fitting = uses.iter().filter(|used| used.lengths.contains(&token.length));
            hits.anchors.extend(fitting.map(|used| Hit { rule: used.rule, start, end }));
        });
    }

    fn run_numbers(&self, bytes: &[u8], spoken: &[RuleIndex], hits: &mut Hits) {
        let worth = |number: &&NumberUse| !number.needs_context || spoken.binary_search(&number.rule).is_ok();
        let numbers: Vec<&NumberUse> = self.numbers.iter().filter(worth).collect();
        let mut at = 0;
        let mut groups: Vec<Group> = Vec::new();
        while let Some(start) = next_digit(bytes, at) {
            groups.clear();
            at = number(bytes, start, &mut groups);
            let total: usize = groups.iter().map(Group::digits).sum();
            push_number(&numbers, bytes, &groups, total, hits);
        }
    }
}

fn push_number(numbers: &[&NumberUse], bytes: &[u8], groups: &[Group], total: usize, hits: &mut Hits) {
    let (Some(first), Some(last)) = (groups.first(), groups.last()) else { return };
    for number in numbers.iter().take_while(|number| number.least <= total) {
        if !number.each_group {
            hits.anchors.push(Hit { rule: number.rule, start: first.start, end: last.end });
            continue;
        }
        let mut left = total;
        for group in groups {
            let fits = left >= number.least && group.digits() <= number.most;
            if fits && number.may_begin(bytes, group.start) {
                hits.anchors.push(Hit { rule: number.rule, start: group.start, end: group.end });
            }
            left -= group.digits();
        }
    }
}

fn needs_context(rule: &Rule) -> bool {
    rule.context.as_ref().is_some_and(|context| context.role == ContextRole::Required)
}

impl NumberUse {
    fn new(index: RuleIndex, rule: &Rule, digits: &RangeInclusive<usize>) -> Self {
        let at_anchor = matches!(rule.anchor.reach, Reach::AtAnchor);
        Self {
            rule: index,
            least: *digits.start(),
            most: *digits.end(),
            each_group: matches!(rule.anchor.reach, Reach::AtAnchor | Reach::Back { .. }),
            back: match &rule.anchor.reach {
                Reach::Back { bytes, .. } => Some(bytes.clone()),
                Reach::AtAnchor | Reach::Before(_) => None,
            },
            shapes: if at_anchor { rule.anchor.shapes.clone() } else { Vec::new() },
            opening: rule.opening.filter(|_| at_anchor),
            needs_context: needs_context(rule),
        }
    }

    /// Whether the rule may begin at the group, or walk back from it: what stands before, and the first bytes.
    fn may_begin(&self, bytes: &[u8], start: usize) -> bool {
        let before = start.checked_sub(1).and_then(|at| bytes.get(at));
        if let Some(back) = &self.back {
            return before.is_some_and(|byte| back[usize::from(*byte)]);
        }
        let begin = bytes.get(start..).unwrap_or_default();
        (self.shapes.is_empty() || self.shapes.iter().any(|shape| shape.fits(begin)))
            && self.opening.is_none_or(|opens| opens(begin))
            && left_holds(bytes, start, Left::Word)
    }
}

impl Hits {
    fn literal(&mut self, literal: &Literal, id: u32, start: usize, end: usize, bytes: &[u8]) {
        for anchor in &literal.anchors {
            let same_case = anchor.exact.as_ref().is_none_or(|exact| bytes.get(start..end) == Some(exact.as_bytes()));
            if same_case && left_holds(bytes, start, anchor.left) {
                self.anchors.push(Hit { rule: anchor.rule, start, end });
            }
        }
        if !literal.contexts.is_empty() {
            let (opens, closes) = (word_opens(bytes, start), word_closes(bytes, end));
            if (opens || literal.longer_before) && (closes || literal.longer_after) {
                self.marks.push(Mark { literal: id, start, end, opens, closes });
            }
        }
    }
}

/// The literals while they are collected, each once.
#[derive(Default)]
struct Table {
    literals: Vec<Literal>,
    by_word: HashMap<String, usize>,
}

impl Table {
    fn add(&mut self, index: RuleIndex, rule: &Rule) {
        let at_anchor = matches!(rule.anchor.reach, Reach::AtAnchor);
        let left = if at_anchor { rule.anchor.left } else { Left::Any };
        for literal in &rule.anchor.literals {
            let exact = (!rule.anchor.ignore_case).then(|| literal.clone());
            if let Some(entry) = self.entry(literal) {
                entry.anchors.push(AnchorUse { rule: index, exact, left });
            }
        }
        for word in rule.context.iter().flat_map(Context::all_words) {
            let (longer_before, longer_after) = (word.starts_with('*'), word.ends_with('*'));
            for written in as_written(word.trim_matches('*')) {
                if let Some(entry) = self.entry(&written) {
                    entry.longer_before |= longer_before;
                    entry.longer_after |= longer_after;
                    entry.contexts.push(ContextUse { rule: index, longer_before, longer_after });
                }
            }
        }
    }

    fn entry(&mut self, word: &str) -> Option<&mut Literal> {
        let word = word.to_ascii_lowercase();
        let next = self.literals.len();
        let index = *self.by_word.entry(word.clone()).or_insert(next);
        if index == next {
            self.literals.push(Literal { word, ..Literal::default() });
        }
        self.literals.get_mut(index)
    }
}

/// A context word as people write it. The automaton folds the case of ASCII alone: of other letters each case is a word.
fn as_written(word: &str) -> Vec<String> {
    let mut forms = vec![word.to_owned()];
    if !word.is_ascii() {
        let upper = word.to_uppercase();
        let mut rest = word.chars();
        let capitalised: String = rest.next().into_iter().flat_map(char::to_uppercase).chain(rest).collect();
        forms.extend([upper, capitalised]);
        forms.iter_mut().for_each(|form| form.make_ascii_lowercase());
        forms.sort_unstable();
        forms.dedup();
    }
    forms
}

/// A run of digits within a number.
#[derive(Debug, Clone, Copy)]
struct Group {
    start: usize,
    end: usize,
}

impl Group {
    fn digits(&self) -> usize {
        self.end - self.start
    }
}

fn next_digit(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.iter().position(u8::is_ascii_digit).map(|offset| from + offset)
}

/// Most bytes between two groups of one number: `) `, ` - `.
const SEPARATOR_MAX: usize = 3;
/// Most groups of one number. A longer row of numbers is several.
const GROUPS_MAX: usize = 40;

/// Collects the groups of the number at `start`; returns where the next number may begin.
fn number(bytes: &[u8], start: usize, groups: &mut Vec<Group>) -> usize {
    let mut at = start;
    loop {
        let mut end = at;
        while bytes.get(end).is_some_and(u8::is_ascii_digit) {
            end += 1;
        }
        groups.push(Group { start: at, end });
        let separator = bytes.iter().skip(end).take(SEPARATOR_MAX + 1).take_while(|b| b" -./()\t".contains(b)).count();
        let next = end + separator;
        let goes_on = (1..=SEPARATOR_MAX).contains(&separator) && bytes.get(next).is_some_and(u8::is_ascii_digit);
        if !goes_on || groups.len() == GROUPS_MAX {
            return end;
        }
        at = next;
    }
}

/// Whether what stands before `start` lets a match begin there. The letter of an escape (`\n`, `\t`, `\r`) is none.
pub(super) fn left_holds(bytes: &[u8], start: usize, left: Left) -> bool {
    let Some(before) = start.checked_sub(1).and_then(|i| bytes.get(i)) else { return true };
    let fits = match left {
        Left::Any => true,
        Left::Part => !before.is_ascii_alphanumeric(),
        Left::Word => !before.is_ascii_alphanumeric() && *before != b'_',
    };
    fits || ends_escape(bytes, start)
}

fn ends_escape(bytes: &[u8], start: usize) -> bool {
    let at = |back: usize| start.checked_sub(back).and_then(|i| bytes.get(i)).copied();
    matches!(at(1), Some(b'n' | b't' | b'r')) && at(2) == Some(b'\\') && at(3) != Some(b'\\')
}

/// A word begins at `start`: no letter before, or a hump of camelCase.
fn word_opens(bytes: &[u8], start: usize) -> bool {
    let Some(before) = start.checked_sub(1).and_then(|i| bytes.get(i)) else { return true };
    let hump = before.is_ascii_lowercase() && bytes.get(start).is_some_and(u8::is_ascii_uppercase);
    hump || !(before.is_ascii_alphanumeric() || *before >= 0x80) || ends_escape(bytes, start)
}

/// A word ends at `end`: no letter after, or the next hump.
fn word_closes(bytes: &[u8], end: usize) -> bool {
    let Some(after) = bytes.get(end) else { return true };
    let hump =
        after.is_ascii_uppercase() && end.checked_sub(1).and_then(|i| bytes.get(i)).is_some_and(u8::is_ascii_lowercase);
    hump || !(after.is_ascii_alphabetic() || *after >= 0x80)
}
