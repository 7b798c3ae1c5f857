//! From findings to a verdict: who, where, what, how sure. Pure; does not find anything and does not carry anything out.

pub mod subject;
pub mod rule;
mod source;
pub mod decide;

pub use decide::{Decision, Ground, Situation, decide};
pub use rule::{Policies, PolicyError, PolicyRule};
pub use subject::Subject;

use std::fmt;

/// What happens to an exchange, from mild to strict; `Ord` is that order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The very bytes that came in.
    Allow,
    /// Only the masked spans change; the answer is restored.
    Mask,
    /// A local model answers in the site's own format.
    Reroute,
    /// A refusal in the site's own format.
    Block,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Allow => "allow",
            Self::Mask => "mask",
            Self::Reroute => "reroute",
            Self::Block => "block",
        })
    }
}

/// Global cap on what is enforced. Events keep what was decided as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Everything passes unchanged; the log says what would have happened.
    Observe,
    /// Everything passes unchanged and the person is told.
    Warn,
    /// Verdicts are carried out.
    #[default]
    Enforce,
}

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
