//! `[detect]`: what the detector leaves out, and what happens to what cannot be read.

/// What happens to a prompt that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnUnreadable {
    /// Passed on, recorded.
    Allow,
    /// Refused with the reason. The default: a prompt on an AI site fails closed.
    #[default]
    Block,
}

/// `[detect]`
#[derive(Debug, Clone)]
pub struct Detect {
    /// Rule ids that are switched off.
    pub disable: Vec<String>,
    /// Findings below this confidence are dropped. 0–1, default 0.5.
    pub min_confidence: f32,
    /// Default `block`.
    pub on_unreadable: OnUnreadable,
}

impl Default for Detect {
    fn default() -> Self {
        Self { disable: Vec::new(), min_confidence: 0.5, on_unreadable: OnUnreadable::Block }
    }
}
