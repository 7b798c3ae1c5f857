//! `[rules]`: more rules and sites, laid out like `rules/`.

use std::path::PathBuf;

/// `[rules]`
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Directories whose files add to the built-in ones or replace them by id.
    pub dirs: Vec<PathBuf>,
}
