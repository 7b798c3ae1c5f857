//! Finds secrets and personal data in text: normalised views → anchors → patterns → validators → context → overlap.
//! Does not decide what happens to a finding, and never sees where a text came from.

pub mod finding;

pub use finding::{Category, Finding, preview};
