//! `[rules]`: more rules and sites, laid out like `rules/`.

use std::path::PathBuf;

use super::section::Section;

/// `[rules]`
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Directories whose files add to the built-in ones or replace them by id.
    pub dirs: Vec<PathBuf>,
}

impl Rules {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Self {
        Self {
            dirs: section.get(
                "dirs",
                Vec::new(),
                "Directories with more rules and sites, laid out like `rules/`. Their files add to the built-in ones or replace them by id. Relative to this file.",
            ),
        }
    }
}
