//! A small neural network that looks where no rule can: names and addresses in running text. Decides which tokens it
//! is shown, remembers what it said about them, and turns that into claims. Holds no file, no clock and no thread: the
//! network itself is whoever implements [`Network`], and it tells how long it took.
//!
//! ```text
//! text ─ wordpiece ─▶ tokens (what rules cover is one unknown token) ─ windows ─▶ ≤ 254 tokens each
//!                     window seen before? (cache, by keyed hash of its tokens)  else Network ─ guess ─▶ kinds
//!                     tokens' kinds ─ entities ─▶ whole words, given name + surname, street + postcode ─▶ claims
//! ```

// what a model is made of
pub mod error;
pub mod labels;
pub mod kinds;
pub mod wordpiece;
// how one text is read
mod windows;
mod guess;
mod cache;
mod entities;
mod surroundings;

pub use error::ModelError;
pub use kinds::{Kind, Kinds};

use std::{fmt, ops::Range, sync::Arc, time::Duration};

use super::{Category, Finding, Severity, company::Key, overlap::Claim};
use cache::Cache;
use entities::Entity;
use guess::Guess;
use labels::Labels;
use wordpiece::{Token, Wordpiece};

/// Surest that a finding of a model can be: what it learned, nobody can check.
const SURE: f32 = 0.75;
/// Least that a finding of a model counts: the detector's default minimum.
const UNSURE: f32 = 0.5;

/// What computes. Object-safe: the detector does not care by which means.
pub trait Network: Send + Sync {
    /// Runs once over token ids, the marks of begin and end among them, and gives for each token one number a label
    /// (before softmax), token after token.
    ///
    /// # Errors
    /// What the engine says. The text then counts as not looked at.
    fn run(&self, ids: &[u32]) -> Result<Answer, ModelError>;
}

/// What a [`Network`] says of some tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Number of tokens × number of labels.
    pub logits: Vec<f32>,
    /// How long it took, waiting for a place included.
    pub took: Duration,
}

/// Bounds of what the model does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Least score of a word from which it is an entity. 0–1.
    pub min_score: f32,
    /// Tokens of one text that are looked at. A count and not a time: the same text is masked alike every time.
    pub tokens: usize,
    /// Time of one prompt after which no further window is looked at.
    pub time: Duration,
}

/// Why only rules looked at part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skipped {
    /// It has more tokens than the model may look at.
    Tokens,
    /// The prompt's time was over.
    Time,
    /// The network gave no answer.
    Failed,
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tokens => "the text is longer than the model's budget",
            Self::Time => "the model's time was over",
            Self::Failed => "the model failed",
        })
    }
}

/// What the model may still spend on one prompt, over all of its texts.
#[derive(Debug, Clone, Default)]
pub struct Effort {
    spent: Duration,
    unhurried: bool,
    skipped: Option<Skipped>,
}

impl Effort {
    /// Nobody waits: the time does not count.
    #[must_use]
    pub fn unhurried() -> Self {
        Self { unhurried: true, ..Self::default() }
    }

    /// Why only rules looked at part of the prompt; the first reason.
    #[must_use]
    pub fn skipped(&self) -> Option<Skipped> {
        self.skipped
    }

    fn skip(&mut self, why: Skipped) {
        self.skipped.get_or_insert(why);
    }
}

/// A model, ready to look. Immutable but for its memory of windows; share it in an `Arc`.
pub struct Model {
    name: String,
    version: String,
    pieces: Wordpiece,
    labels: Labels,
    kinds: Kinds,
    /// For each label, what a token of it is part of.
    meanings: Vec<guess::Meaning>,
    network: Box<dyn Network>,
    bounds: Bounds,
    cache: Cache,
}

/// Everything a model is made of.
pub struct Parts {
    /// Shown to people: the folder's name.
    pub name: String,
    /// Changes whenever a file of it does.
    pub version: String,
    /// The tokenizer.
    pub pieces: Wordpiece,
    /// What the numbers mean.
    pub labels: Labels,
    /// What the labels are worth.
    pub kinds: Kinds,
    /// What computes.
    pub network: Box<dyn Network>,
    /// Bounds.
    pub bounds: Bounds,
    /// The key under which windows are remembered.
    pub key: Key,
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Model({}, {} labels)", self.name, self.labels.len())
    }
}

impl Model {
    /// Joins the parts, after a first question to the network: one of another shape is told at the start.
    ///
    /// # Errors
    /// When the labels do not fit the network, no kind has a category, or the network gives no answer.
    pub fn new(parts: Parts) -> Result<Self, ModelError> {
        let Parts { name, version, pieces, labels, kinds, network, bounds, key } = parts;
        let meanings = guess::meanings(&labels, &kinds)?;
        let model = Self { name, version, pieces, labels, kinds, meanings, network, bounds, cache: Cache::new(key) };
        let probe = [model.pieces.unknown; 2];
        let answer = model.network.run(&model.framed(&probe))?;
        let (found, tokens) = (answer.logits.len(), probe.len() + 2);
        if found != tokens * model.labels.len() {
            return Err(ModelError::Shape { found: found / tokens, expected: model.labels.len() });
        }
        Ok(model)
    }

    /// Shown to people.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Changes whenever what it finds may change.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The kinds that are looked for, by the ids of their findings.
    pub fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.kinds.used()
    }

    /// What people are shown of a finding's rule.
    #[must_use]
    pub fn title(&self, rule: &str) -> Option<&str> {
        self.kinds.title(rule)
    }

    /// Claims beside what is covered already. `covered` is ascending and disjoint.
    pub(super) fn claims(&self, text: &str, covered: &[Range<usize>], effort: &mut Effort) -> Vec<Claim> {
        let pieces = self.pieces.tokens(text, covered, self.bounds.tokens);
        if pieces.cut {
            effort.skip(Skipped::Tokens);
        }
        let guesses = self.guesses(text, &pieces.tokens, effort);
        let entities = entities::find(text, &pieces.tokens, &guesses, &self.kinds, self.bounds.min_score);
        entities.into_iter().filter_map(|entity| self.claim(entity)).collect()
    }

    /// What the network says of each token, window by window.
    fn guesses(&self, text: &str, tokens: &[Token], effort: &mut Effort) -> Vec<Option<Guess>> {
        let mut guesses = vec![None; tokens.len()];
        for window in windows::plan(tokens) {
            let Some(seen) = tokens.get(window.seen.clone()) else { continue };
            if !has_letters(text, seen) {
                continue;
            }
            let Some(said) = self.ask(seen, effort) else { continue };
            for guess in said.iter() {
                let at = window.seen.start + usize::from(guess.token);
                if window.kept.contains(&at)
                    && let Some(place) = guesses.get_mut(at)
                {
                    *place = Some(*guess);
                }
            }
        }
        guesses
    }

    /// From memory, or from the network while there is time.
    fn ask(&self, tokens: &[Token], effort: &mut Effort) -> Option<Arc<[Guess]>> {
        let ids: Vec<u32> = tokens.iter().map(|token| token.id).collect();
        let place = self.cache.place(&ids);
        if let Some(known) = self.cache.get(&place) {
            return Some(known);
        }
        if effort.spent >= self.bounds.time && !effort.unhurried {
            effort.skip(Skipped::Time);
            return None;
        }
        let Ok(answer) = self.network.run(&self.framed(&ids)) else {
            effort.skip(Skipped::Failed);
            return None;
        };
        effort.spent = effort.spent.saturating_add(answer.took);
        let Some(guesses) = guess::read(&answer.logits, &self.meanings, ids.len()) else {
            effort.skip(Skipped::Failed);
            return None;
        };
        let guesses: Arc<[Guess]> = guesses.into();
        self.cache.put(place, Arc::clone(&guesses));
        Some(guesses)
    }

    fn framed(&self, ids: &[u32]) -> Vec<u32> {
        let mut framed = Vec::with_capacity(ids.len() + 2);
        framed.push(self.pieces.begin);
        framed.extend_from_slice(ids);
        framed.push(self.pieces.end);
        framed
    }

    fn claim(&self, entity: Entity) -> Option<Claim> {
        let first = self.kinds.get(*entity.kinds.first()?)?;
        let category: Category = first.category.clone()?;
        let rule = match entity.kinds.as_slice() {
            [_only] => first.rule.clone(),
            _ => first.joined.clone(),
        };
        let names: Vec<&str> =
            entity.kinds.iter().filter_map(|kind| Some(self.kinds.get(*kind)?.title.as_str())).collect();
        let span = (1.0 - self.bounds.min_score).max(f32::EPSILON);
        let above = ((entity.score - self.bounds.min_score) / span).clamp(0.0, 1.0);
        let finding = Finding {
            rule,
            category,
            ranges: vec![entity.range],
            confidence: UNSURE + above * (SURE - UNSURE),
            reasons: vec![format!("model {}: {}, score {:.2}", self.name, names.join(", "), entity.score)],
        };
        Some(Claim { finding, severity: Severity::Medium })
    }
}

fn has_letters(text: &str, tokens: &[Token]) -> bool {
    let letters = |range: &Range<usize>| text.get(range.clone()).is_some_and(|part| part.contains(char::is_alphabetic));
    tokens.iter().any(|token| !token.hidden && letters(&token.range))
}

#[cfg(test)]
mod tests;
