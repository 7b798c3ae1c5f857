//! What an endpoint of a site is for: the word that policies, refusals and the log go by. Decides nothing.

/// What an endpoint of a site is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// A prompt that gets an answer.
    Prompt,
    /// Text that leaves before "send": prepare calls, autocompletion.
    Draft,
    /// Title generation, token counts, classifiers: a copy of the prompt with another kind of answer.
    Side,
    /// A file.
    Upload,
    /// Reading or editing earlier conversations.
    History,
    /// Analytics, error reports, session replay.
    Telemetry,
    /// Log-in, profile, billing: never masked.
    Account,
    /// Anything not described: schema-agnostic walk.
    Other,
}

impl Class {
    /// The name used in site files, policies and the log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prompt => "prompt",
            Self::Draft => "draft",
            Self::Side => "side",
            Self::Upload => "upload",
            Self::History => "history",
            Self::Telemetry => "telemetry",
            Self::Account => "account",
            Self::Other => "other",
        }
    }
}
