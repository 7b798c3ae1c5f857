//! The network's numbers → what each token is part of, and how likely. Does not know words or bytes.

use super::{Kinds, ModelError, labels::Labels};

/// What a label says once kinds have their categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Meaning {
    /// Kind, and the group of kinds that share its category; `None`: nothing that is looked for.
    kind: Option<(usize, usize)>,
    begins: bool,
}

/// What the network says of one token.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Guess {
    /// Which token of its window.
    pub(super) token: u16,
    /// The likeliest kind of the group.
    pub(super) kind: u16,
    /// Which group: kinds of one category are joined.
    pub(super) group: u16,
    /// An entity of the kind begins here.
    pub(super) begins: bool,
    /// Probability of the group, all its labels together. 0–1.
    pub(super) score: f32,
}

/// Likelihood below which a token counts as nothing.
const SCORE_MIN: f32 = 0.2;

/// Joins labels with categories.
pub(super) fn meanings(labels: &Labels, kinds: &Kinds) -> Result<Vec<Meaning>, ModelError> {
    let mut groups: Vec<&str> = Vec::new();
    let mut meanings = Vec::with_capacity(labels.len());
    for label in labels.iter() {
        let category = |kind: usize| Some((kind, kinds.get(kind)?.category.as_ref()?.as_str()));
        let kind = label.kind.and_then(category).map(|(kind, category)| {
            let known = groups.iter().position(|group| *group == category);
            let group = known.unwrap_or_else(|| {
                groups.push(category);
                groups.len() - 1
            });
            (kind, group)
        });
        meanings.push(Meaning { kind, begins: label.begins });
    }
    if groups.is_empty() { Err(ModelError::NoKinds { kinds: labels.kinds().join(", ") }) } else { Ok(meanings) }
}

/// Guesses for the tokens between the two marks that are anything. `None` when the numbers are not as many as they
/// must be, or none.
pub(super) fn read(logits: &[f32], meanings: &[Meaning], n_tokens: usize) -> Option<Vec<Guess>> {
    let width = meanings.len();
    if logits.len() != (n_tokens + 2) * width || logits.iter().any(|logit| !logit.is_finite()) {
        return None;
    }
    let inner = logits.chunks(width).skip(1).take(n_tokens);
    Some(inner.enumerate().filter_map(|(token, row)| guess(token, row, meanings)).collect())
}

/// Softmax, then the sum of each group.
fn guess(token: usize, row: &[f32], meanings: &[Meaning]) -> Option<Guess> {
    let highest = row.iter().copied().fold(f32::MIN, f32::max);
    let weights: Vec<f32> = row.iter().map(|logit| (logit - highest).exp()).collect();
    let total: f32 = weights.iter().sum();
    let told =
        || weights.iter().zip(meanings).filter_map(|(weight, meaning)| Some((weight, meaning.kind?, meaning.begins)));
    let sum = |holds: &dyn Fn((usize, usize)) -> bool| -> f32 {
        told().filter(|(_, kind, _)| holds(*kind)).map(|(weight, ..)| weight).sum()
    };
    let likeliest = |places: Vec<usize>, of: &dyn Fn((usize, usize)) -> usize| {
        let scored = places.into_iter().map(|place| (place, sum(&|kind| of(kind) == place)));
        scored.reduce(|best, next| if next.1 > best.1 { next } else { best })
    };
    let groups = told().map(|(_, (_, group), _)| group).collect();
    let (group, weight) = likeliest(groups, &|(_, group)| group)?;
    let kinds = told().filter(|(_, kind, _)| kind.1 == group).map(|(_, (kind, _), _)| kind).collect();
    let (kind, of_kind) = likeliest(kinds, &|(kind, _)| kind)?;
    let begin: f32 =
        told().filter(|(_, (known, _), begins)| *known == kind && *begins).map(|(weight, ..)| weight).sum();
    let score = weight / total;
    (score >= SCORE_MIN).then_some(Guess {
        token: u16::try_from(token).ok()?,
        kind: u16::try_from(kind).ok()?,
        group: u16::try_from(group).ok()?,
        begins: begin * 2.0 > of_kind,
        score,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const LABELS: &str = r#"["O", "B-GIVEN_NAME", "I-GIVEN_NAME", "B-SURNAME", "URL", "CITY"]"#;

    fn all() -> Vec<Meaning> {
        let labels = Labels::read("labels.json", LABELS.as_bytes()).unwrap();
        let kinds = Kinds::new(labels.kinds(), &BTreeMap::new()).unwrap();
        meanings(&labels, &kinds).unwrap()
    }

    /// Rows for the two marks round these.
    fn logits(rows: &[[f32; 6]]) -> Vec<f32> {
        let mark = [[0.0; 6]];
        mark.iter().chain(rows).chain(&mark).flatten().copied().collect()
    }

    #[test]
    fn labels_of_one_category_add_up() {
        let rows = [[0.0, 2.0, 2.0, 2.0, -9.0, -9.0], [9.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 9.0, 0.0]];
        let guesses = read(&logits(&rows), &all(), 3).unwrap();
        let [only] = guesses.as_slice() else { panic!("{guesses:?}") };
        assert_eq!((only.token, only.kind, only.group), (0, 0, 0));
        assert!(only.score > 0.95, "{only:?}");
    }

    #[test]
    fn the_likelier_of_begin_and_inside_is_told() {
        let rows = [[0.0, 9.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 9.0, 0.0, 0.0, 0.0]];
        let begins: Vec<bool> = read(&logits(&rows), &all(), 2).unwrap().iter().map(|guess| guess.begins).collect();
        assert_eq!(begins, [true, false]);
    }

    #[test]
    fn numbers_that_are_none_are_no_answer() {
        assert_eq!(read(&[0.0; 6], &all(), 3), None);
        assert_eq!(read(&logits(&[[f32::NAN; 6]]), &all(), 1), None);
    }
}
