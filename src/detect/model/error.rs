//! What can be wrong with a model, in words that name the file and the field. Does not name folders: whoever opened
//! them does.

/// A model that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// This build has no engine for networks.
    #[error("this `scrim` was built without the feature `model`")]
    NotBuilt,
    /// `tokenizer.json` is none, or of another kind.
    #[error("`tokenizer.json`: {0}")]
    Tokenizer(String),
    /// `labels.json` or `config.json` names no labels.
    #[error("`{file}`: {reason}")]
    Labels {
        /// Which file.
        file: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// None of the model's kinds has a category.
    #[error("none of the model's kinds ({kinds}) has a category")]
    NoKinds {
        /// As the labels name them.
        kinds: String,
    },
    /// `kinds` names one that the model does not have.
    #[error("`kinds` names `{kind}`, and the model knows {kinds}")]
    UnknownKind {
        /// As it is written.
        kind: String,
        /// As the labels name them.
        kinds: String,
    },
    /// Another number of outputs than labels.
    #[error("the network gives {found} numbers a token, and there are {expected} labels")]
    Shape {
        /// Numbers a token.
        found: usize,
        /// Labels.
        expected: usize,
    },
    /// The network is none, or does not run.
    #[error("the network cannot be used: {0}")]
    Network(String),
}
