//! `[audit]`: what happens when the log cannot be written, and how long it is kept.

/// What a prompt gets when its event cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnFailure {
    /// Passed on.
    Allow,
    /// Refused, with the reason. The default.
    #[default]
    Refuse,
}

/// `[audit]`
#[derive(Debug, Clone)]
pub struct Audit {
    /// Default `refuse`.
    pub on_failure: OnFailure,
    /// MiB of free disk below which Scrim warns; below half of it prompts follow `on_failure`. Default 256.
    pub min_free_mib: u64,
    /// Events waiting for the writer. Default 4096.
    pub queue: usize,
    /// Previews (first characters of a long value) in events. Default true.
    pub previews: bool,
}

impl Default for Audit {
    fn default() -> Self {
        Self { on_failure: OnFailure::Refuse, min_free_mib: 256, queue: 4096, previews: true }
    }
}
