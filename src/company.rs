//! The company's own lists on this machine: reads tables, documents, secrets and dictionaries, makes parts of the index
//! out of them, and keeps these in the state folder. Does not search: that is `detect::company`.

pub mod folder;
pub mod extract;
pub mod add;
pub mod dictionary;

pub use crate::config::company::is_name;
pub use folder::Folder;

use std::{io, path::PathBuf};

use crate::{
    config::problem::plain,
    detect::company::{FormatError, entries::EntriesError, table::TableError},
    store::StoreError,
    vault::VaultError,
};

/// Why the index cannot be used or changed. Never holds a value.
#[derive(Debug, thiserror::Error)]
pub enum CompanyError {
    /// The installation's key.
    #[error(transparent)]
    Key(#[from] VaultError),
    /// A file of the index cannot be read or written.
    #[error("the index: {0}")]
    Store(#[from] StoreError),
    /// A file of the index is not usable. Nothing is searched for with half an index.
    #[error("cannot use `{}`: {why}\n  hint: restore it from a backup, or remove it with `scrim index remove {name}` and add it again", path.display())]
    Part {
        /// The file.
        path: PathBuf,
        /// Name of the part, as its file says.
        name: String,
        /// What is wrong.
        why: FormatError,
    },
    /// Another command is changing the index.
    #[error("another `scrim index` is at work in `{}`\n  hint: wait for it", .0.display())]
    Busy(PathBuf),
    /// There is no such part.
    #[error("nothing in the index is called `{0}`\n  hint: `scrim index list` shows all")]
    Unknown(String),
    /// A name that a rule id cannot hold.
    #[error(
        "`{0}` cannot be a name\n  hint: 1 to 64 lower-case letters, digits and `-`, beginning with a letter or digit"
    )]
    Name(String),
    /// A file that was to be read cannot be.
    #[error("cannot read `{}`: {}", path.display(), plain(cause))]
    Unreadable {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A table is broken or lacks a column.
    #[error("cannot read `{}`: {why}", path.display())]
    Table {
        /// The file.
        path: PathBuf,
        /// Line and column.
        why: TableError,
    },
    /// A file of secrets is of no known form.
    #[error("cannot read `{}`: {why}", path.display())]
    Secrets {
        /// The file.
        path: PathBuf,
        /// Line and form.
        why: EntriesError,
    },
    /// Nothing could be taken from what was named.
    #[error("nothing was added from `{}`: {why}", path.display())]
    Nothing {
        /// What was named.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// An option that does not fit what is there.
    #[error("{what}\n  hint: {hint}")]
    Option {
        /// What does not fit.
        what: String,
        /// The way out.
        hint: String,
    },
}

/// A name out of a file's or folder's: `Pläne 2027` is `pl-ne-2027`.
#[must_use]
pub fn name_of(path: &std::path::Path) -> Option<String> {
    let stem = if path.is_dir() { path.file_name() } else { path.file_stem() };
    let stem = stem?.to_string_lossy().trim_start_matches('.').to_lowercase();
    let mut name = String::new();
    for character in stem.chars() {
        let kept = character.is_ascii_lowercase() || character.is_ascii_digit();
        if kept {
            name.push(character);
        } else if !name.ends_with('-') && !name.is_empty() {
            name.push('-');
        }
    }
    name.truncate(64);
    let name = name.trim_end_matches('-').to_owned();
    is_name(&name).then_some(name)
}

#[cfg(test)]
mod tests;
