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
