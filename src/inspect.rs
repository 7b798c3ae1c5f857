//! The order of one exchange, as sans-io machines: [`Exchange`] for request and answer, [`Channel`] for messages both
//! ways. Joins what `site` finds, `detect` judges, `policy` decides and `mask` changes. Waits for nothing: what needs
//! waiting (vault, local model, log) is handed out as values and handed back in.

pub mod inspector;
pub mod words;
pub mod scan;
pub mod verdict;
pub mod masking;
pub mod report;
pub mod refusal;
pub mod local_turn;
pub mod deciding;
pub mod exchange;
pub mod answer;
pub mod channel;

pub use answer::AnswerPlan;
pub use channel::{Channel, Passage};
pub use exchange::{Action, Exchange, Interest, Known, Outcome};
pub use inspector::{Inspector, Settings};
pub use local_turn::LocalTurn;
pub use report::{FoundGroup, Report};

#[cfg(test)]
mod tests;
