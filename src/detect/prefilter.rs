//! Says where in a text a rule is worth trying, and where context words stand: literals all at once, numbers and
//! tokens by a walk each. Runs no pattern.

use super::{
    context::{Mark, Marks, SetIndex},
    error::RuleError,
    gate::Gate,
    literals::{Begins, Literals},
    names::walk::given_names,
    numbers::{NumberUse, Numbers},
    proof::Proof,
    rule::{ContextRole, Left, Reach, Rule},
    tokens::{self, TokenUse},
};
use std::{collections::HashMap, ops::Range};

/// Index of a rule in the detector's list.
pub(super) type RuleIndex = u16;

/// A place where a rule's pattern is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) rule: RuleIndex,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What one pass found.
#[derive(Debug, Default)]
pub(super) struct Hits {
    pub(super) anchors: Vec<Hit>,
    pub(super) marks: Marks,
}

/// All anchors and context words of all rules.
#[derive(Debug)]
pub(super) struct Prefilter {
    literals: Literals,
    /// By the place of their word in `literals`.
    uses: Vec<Literal>,
    numbers: Numbers,
    tokens: Gate<TokenUse>,
    /// Rules that start at listed given names.
    names: Vec<RuleIndex>,
    /// For each rule, its sets of context words.
    sets: Vec<Box<[SetIndex]>>,
    n_sets: usize,
    /// For each rule, what a match of it proves.
    proofs: Vec<Proof>,
}

/// What one literal is to the rules. It is found in either case; a use that is particular compares again.
#[derive(Debug, Default)]
struct Literal {
    word: String,
    anchors: Vec<AnchorUse>,
    contexts: Vec<ContextUse>,
    /// Some set takes it for a context word at the end of a longer word.
    longer_before: bool,
}

#[derive(Debug)]
struct AnchorUse {
    rule: RuleIndex,
    exact: Option<String>,
    left: Left,
}

#[derive(Debug)]
struct ContextUse {
    set: SetIndex,
    longer_before: bool,
    longer_after: bool,
}

impl Prefilter {
    pub(super) fn build(rules: &[Rule]) -> Result<Self, RuleError> {
        let mut table = Table::default();
        let (mut numbers, mut tokens) = (Gate::default(), Gate::default());
        let mut sets = Vec::new();
        let mut names = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            let index = RuleIndex::try_from(index).map_err(|_| too_many("rules"))?;
            table.add_anchors(index, rule);
            let own = table.add_context(rule)?;
            if let Some(digits) = &rule.anchor.digits {
                hold(&mut numbers, NumberUse::new(index, rule, digits), rule, &own);
            }
            if rule.anchor.names {
                names.push(index);
            }
            if let Some(lengths) = &rule.anchor.token {
                hold(&mut tokens, TokenUse { rule: index, lengths: lengths.clone() }, rule, &own);
            }
            sets.push(own);
        }
        let Table { literals: uses, n_sets, .. } = table;
        let words = uses.iter().map(|literal| (literal.word.as_bytes().into(), literal.begins())).collect();
        Ok(Self {
            literals: Literals::new(words),
            uses,
            numbers: Numbers::new(numbers),
            tokens,
            names,
            sets,
            n_sets,
            proofs: rules.iter().map(Proof::of).collect(),
        })
    }

    /// The word of a mark.
    pub(super) fn word(&self, mark: &Mark) -> &str {
        usize::try_from(mark.literal).ok().and_then(|i| self.uses.get(i)).map_or("", |literal| &literal.word)
    }

    /// The sets of context words of a rule.
    pub(super) fn sets(&self, rule: RuleIndex) -> &[SetIndex] {
        self.sets.get(usize::from(rule)).map_or(&[], |sets| &**sets)
    }

    /// What a match of the rule proves.
    pub(super) fn proof(&self, rule: RuleIndex) -> Proof {
        self.proofs.get(usize::from(rule)).copied().unwrap_or(Proof::Guess)
    }

    /// One pass.
    pub(super) fn run(&self, text: &str) -> Hits {
        let mut anchors = Vec::with_capacity(text.len() / 8);
        let mut marks = Vec::with_capacity(text.len() / 16);
        self.literals.find(text.as_bytes(), |index, start, end| {
            let Some(literal) = self.uses.get(index) else { return };
            literal.push_anchors(text.as_bytes(), start, end, &mut anchors);
            if !literal.contexts.is_empty() {
                literal.push_marks(text, index, start, end, &mut marks);
            }
        });
        marks.sort_by_key(|mark| mark.end);
        let marks = Marks::new(marks, self.n_sets);
        self.numbers.run(text.as_bytes(), &marks, &mut anchors);
        tokens::run(&self.tokens, text.as_bytes(), &marks, &mut anchors);
        if !self.names.is_empty() {
            given_names(text, |Range { start, end }| {
                anchors.extend(self.names.iter().map(|rule| Hit { rule: *rule, start, end }));
            });
        }
        Hits { anchors, marks }
    }
}

/// Puts a rule's use into a gate, bound to its sets of words when it needs one of them.
fn hold<T>(gate: &mut Gate<T>, used: T, rule: &Rule, sets: &[SetIndex]) {
    match rule.context.as_ref().filter(|context| context.role == ContextRole::Required) {
        Some(context) => gate.add_bound(used, sets, context.distance + after_anchor(rule)),
        None => gate.add_free(used),
    }
}

fn too_many(what: &'static str) -> RuleError {
    RuleError::TooMany { what, most: u16::MAX }
}

impl Literal {
    /// Whether it is of no use inside of a word.
    fn begins(&self) -> Begins {
        let anchored = self.anchors.iter().any(|anchor| anchor.left == Left::Any);
        if anchored || self.longer_before { Begins::Anywhere } else { Begins::Words }
    }

    fn push_anchors(&self, bytes: &[u8], start: usize, end: usize, anchors: &mut Vec<Hit>) {
        for anchor in &self.anchors {
            let same_case = anchor.exact.as_ref().is_none_or(|exact| bytes.get(start..end) == Some(exact.as_bytes()));
            if same_case && left_holds(bytes, start, anchor.left) {
                anchors.push(Hit { rule: anchor.rule, start, end });
            }
        }
    }

    fn push_marks(&self, text: &str, index: usize, start: usize, end: usize, marks: &mut Vec<Mark>) {
        let opens = word_opens(text, start);
        if !opens && !self.longer_before {
            return;
        }
        let closes = word_closes(text, end);
        let (Ok(length), Ok(literal)) = (u8::try_from(end - start), u32::try_from(index)) else { return };
        for context in &self.contexts {
            if (opens || context.longer_before) && (closes || context.longer_after) {
                marks.push(Mark { set: context.set, length, literal, end });
            }
        }
    }
}

/// The literals and sets of words while they are collected, each once.
#[derive(Default)]
struct Table {
    literals: Vec<Literal>,
    by_word: HashMap<String, usize>,
    /// Sets by their words.
    by_words: HashMap<Vec<String>, SetIndex>,
    n_sets: usize,
}

impl Table {
    fn add_anchors(&mut self, index: RuleIndex, rule: &Rule) {
        let at_anchor = matches!(rule.anchor.reach, Reach::AtAnchor);
        let left = if at_anchor { rule.anchor.left } else { Left::Any };
        for literal in &rule.anchor.literals {
            let exact = (!rule.anchor.ignore_case).then(|| literal.clone());
            let spellings = if exact.is_some() { vec![literal.clone()] } else { spellings(literal) };
            for spelling in spellings {
                if let Some(entry) = self.entry(&spelling) {
                    entry.anchors.push(AnchorUse { rule: index, exact: exact.clone(), left });
                }
            }
        }
    }

    /// The sets of the rule's context words: its own, and one for each list.
    fn add_context(&mut self, rule: &Rule) -> Result<Box<[SetIndex]>, RuleError> {
        let Some(context) = &rule.context else { return Ok(Box::default()) };
        let own = Some(&context.words).filter(|words| !words.is_empty());
        let mut sets = Vec::new();
        for words in own.into_iter().chain(context.lists.iter().map(|list| &list.words)) {
            sets.push(self.set(words)?);
        }
        Ok(sets.into_boxed_slice())
    }

    fn set(&mut self, words: &[String]) -> Result<SetIndex, RuleError> {
        if let Some(set) = self.by_words.get(words) {
            return Ok(*set);
        }
        let set = SetIndex::try_from(self.n_sets).map_err(|_| too_many("sets of context words"))?;
        self.by_words.insert(words.to_vec(), set);
        self.n_sets += 1;
        for word in words {
            let bare = word.trim_matches('*');
            let joined = has_no_spaces(bare);
            let (longer_before, longer_after) = (joined || word.starts_with('*'), joined || word.ends_with('*'));
            for spelling in spellings(bare) {
                if let Some(entry) = self.entry(&spelling) {
                    entry.longer_before |= longer_before;
                    entry.contexts.push(ContextUse { set, longer_before, longer_after });
                }
            }
        }
        Ok(set)
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

/// A match may begin behind its anchor: so much farther may a context word stand from the anchor than from the match.
pub(super) fn after_anchor(rule: &Rule) -> usize {
    rule.anchor.after.min(64)
}

/// A word in the cases that are not the same to [`Literals`], which ignores case in ASCII alone.
fn spellings(word: &str) -> Vec<String> {
    let mut spellings = vec![word.to_owned()];
    if !word.is_ascii() {
        let mut letters = word.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        for other in [first.chain(letters).collect(), word.to_uppercase()] {
            if !spellings.contains(&other) {
                spellings.push(other);
            }
        }
    }
    spellings
}

/// Whether a word is of a script that is written without spaces: it has no beginning and no end to look for.
fn has_no_spaces(word: &str) -> bool {
    word.chars().any(|letter| {
        matches!(u32::from(letter),
            0x0E00..=0x0EFF // Thai, Lao
            | 0x1000..=0x109F // Myanmar
            | 0x1780..=0x17FF // Khmer
            | 0x3040..=0x30FF // Kana
            | 0x3400..=0x9FFF // Han
            | 0xAC00..=0xD7AF // Hangul: particles follow without a space
        )
    })
}

/// Whether what stands before `start` lets a match begin there. The letter of an escape (`\n`, `\t`, `\r`) or the end of a terminal's colour is none.
pub(super) fn left_holds(bytes: &[u8], start: usize, left: Left) -> bool {
    let Some(before) = start.checked_sub(1).and_then(|i| bytes.get(i)) else { return true };
    let fits = match left {
        Left::Any => true,
        Left::Part => !before.is_ascii_alphanumeric(),
        Left::Word => !before.is_ascii_alphanumeric() && *before != b'_',
    };
    fits || ends_escape(bytes, start)
}

/// Whether a match may begin behind this byte, as far as the byte alone tells.
pub(super) fn left_may_hold(before: u8, left: Left) -> bool {
    left_holds(&[before], 1, left) || matches!(before, b'n' | b't' | b'r' | b'm')
}

fn ends_escape(bytes: &[u8], start: usize) -> bool {
    let at = |back: usize| start.checked_sub(back).and_then(|i| bytes.get(i)).copied();
    match at(1) {
        Some(b'n' | b't' | b'r') => at(2) == Some(b'\\') && at(3) != Some(b'\\'),
        Some(b'm') => ends_colour(bytes.get(..start - 1).unwrap_or_default()),
        _ => false,
    }
}

/// Longest row of parameters in a colour sequence of a terminal.
const COLOUR_MAX: usize = 16;

/// `ESC [ 1;32`, before its `m` (ECMA-48 § 8.3.117), the ESC itself or as code and JSON write it.
fn ends_colour(before: &[u8]) -> bool {
    let row = before.iter().rev().take(COLOUR_MAX).take_while(|b| b.is_ascii_digit() || **b == b';').count();
    let head = before.get(..before.len() - row).and_then(|head| head.strip_suffix(b"["));
    head.is_some_and(|head| {
        [&b"\x1b"[..], b"\\u001b", b"\\u001B", b"\\x1b", b"\\x1B", b"\\033", b"\\e"]
            .iter()
            .any(|esc| head.ends_with(esc))
    })
}

/// A word begins at `start`: no letter before, or a hump of camelCase.
fn word_opens(text: &str, start: usize) -> bool {
    let bytes = text.as_bytes();
    let Some(before) = start.checked_sub(1).and_then(|i| bytes.get(i)) else { return true };
    if !before.is_ascii() {
        return !text.get(..start).and_then(|before| before.chars().next_back()).is_some_and(char::is_alphanumeric);
    }
    let hump = before.is_ascii_lowercase() && bytes.get(start).is_some_and(u8::is_ascii_uppercase);
    hump || !before.is_ascii_alphanumeric() || ends_escape(bytes, start)
}

/// A word ends at `end`: no letter after, or the next hump.
fn word_closes(text: &str, end: usize) -> bool {
    let bytes = text.as_bytes();
    let Some(after) = bytes.get(end) else { return true };
    if !after.is_ascii() {
        return !text.get(end..).and_then(|after| after.chars().next()).is_some_and(char::is_alphanumeric);
    }
    let hump =
        after.is_ascii_uppercase() && end.checked_sub(1).and_then(|i| bytes.get(i)).is_some_and(u8::is_ascii_lowercase);
    hump || !after.is_ascii_alphabetic()
}
