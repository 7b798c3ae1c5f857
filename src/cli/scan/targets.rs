//! Which files a scan looks at: named files always, folders as `.gitignore` says, in the order of their names, what
//! `--exclude` names left out. Opens no file.

use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::super::CliError;

/// A file to be looked at.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct File {
    pub(super) path: PathBuf,
    /// Bytes; `None` for what is no regular file, like a pipe.
    pub(super) size: Option<u64>,
}

/// Files, and what is in the way of further ones.
#[derive(Debug, Default)]
pub(super) struct Listed {
    pub(super) files: Vec<File>,
    pub(super) troubles: Vec<String>,
}

/// Patterns of `--exclude`, written as in `.gitignore`.
#[derive(Debug)]
pub(super) struct Excluded(Gitignore);

impl Excluded {
    pub(super) fn new(patterns: &[String]) -> Result<Self, CliError> {
        let mut builder = GitignoreBuilder::new("");
        for pattern in patterns {
            builder.add_line(None, pattern).map_err(|error| bad_pattern(pattern, &error))?;
        }
        builder.build().map(Self).map_err(|error| bad_pattern(&patterns.join(" "), &error))
    }

    /// Whether a path or one of its folders is left out.
    pub(super) fn holds(&self, path: &Path) -> bool {
        let path = path.strip_prefix(".").unwrap_or(path);
        self.0.matched(path, false).is_ignore() || path.ancestors().skip(1).any(|folder| self.holds_folder(folder))
    }

    fn holds_folder(&self, folder: &Path) -> bool {
        !folder.as_os_str().is_empty() && self.0.matched(folder, true).is_ignore()
    }
}

fn bad_pattern(pattern: &str, error: &ignore::Error) -> CliError {
    CliError::Argument {
        what: format!("`--exclude {pattern}`: {error}"),
        hint: "patterns are written as in .gitignore: `*.lock`, `vendor/`, `/docs/*.md`".to_owned(),
    }
}

/// Every file to be scanned.
pub(in crate::cli) fn targets(named: &[PathBuf]) -> Result<Vec<PathBuf>, CliError> {
    let listed = list(named, &Excluded(Gitignore::empty()))?;
    if let Some(trouble) = listed.troubles.into_iter().next() {
        return Err(CliError::Input(std::io::Error::other(trouble)));
    }
    Ok(listed.files.into_iter().map(|file| file.path).collect())
}

/// Every file to be scanned; what cannot be read inside a folder is told beside them.
pub(super) fn list(named: &[PathBuf], excluded: &Excluded) -> Result<Listed, CliError> {
    let mut listed = Listed::default();
    for path in named {
        let about = std::fs::metadata(path).map_err(|cause| CliError::File { path: path.clone(), cause })?;
        if about.is_dir() {
            walk(path, excluded, &mut listed);
        } else if !excluded.holds(path) {
            listed.files.push(File { path: path.clone(), size: about.is_file().then_some(about.len()) });
        }
    }
    Ok(listed)
}

/// Hidden files are looked at: `.env` is where secrets are. `.git` itself is not.
fn walk(folder: &Path, excluded: &Excluded, listed: &mut Listed) {
    let patterns = excluded.0.clone();
    let root = folder.to_path_buf();
    let kept = move |entry: &ignore::DirEntry| {
        let inside = entry.path().strip_prefix(&root).unwrap_or(entry.path());
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        entry.file_name() != ".git"
            && (inside.as_os_str().is_empty() || !patterns.matched(inside, is_folder).is_ignore())
    };
    let walk = ignore::WalkBuilder::new(folder)
        .hidden(false)
        .require_git(false)
        .filter_entry(kept)
        .sort_by_file_name(std::cmp::Ord::cmp)
        .build();
    for entry in walk {
        match entry {
            Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                let size = entry.metadata().ok().map(|about| about.len());
                listed.files.push(File { path: entry.into_path(), size });
            }
            Ok(_) => {}
            Err(error) => listed.troubles.push(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write(".gitignore", "target/\n");
        write(".env", "x");
        write("b/z.txt", "x");
        write("b/a.txt", "x");
        write("b/c/a.lock", "x");
        write("target/built.txt", "x");
        write(".git/config", "x");
        folder
    }

    fn names(folder: &Path, patterns: &[&str]) -> Vec<String> {
        let patterns: Vec<String> = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
        let listed = list(&[folder.to_path_buf()], &Excluded::new(&patterns).unwrap()).unwrap();
        let name = |file: &File| file.path.strip_prefix(folder).unwrap().display().to_string();
        listed.files.iter().map(name).collect()
    }

    #[test]
    fn a_folder_is_walked_as_gitignore_says_and_hidden_files_are_seen() {
        let folder = folder();
        assert_eq!(names(folder.path(), &[]), [".env", ".gitignore", "b/a.txt", "b/c/a.lock", "b/z.txt"]);
        let named = folder.path().join("target/built.txt");
        assert_eq!(targets(std::slice::from_ref(&named)).unwrap(), [named]);
    }

    #[test]
    fn excluded_files_and_folders_are_left_out() {
        let folder = folder();
        assert_eq!(names(folder.path(), &["*.lock", ".gitignore"]), [".env", "b/a.txt", "b/z.txt"]);
        assert_eq!(names(folder.path(), &["c/", ".git*"]), [".env", "b/a.txt", "b/z.txt"]);
        assert_eq!(names(folder.path(), &["/b"]), [".env", ".gitignore"]);
        let excluded = Excluded::new(&["vendor/".to_owned()]).unwrap();
        assert!(excluded.holds(Path::new("./vendor/a.js")) && excluded.holds(Path::new("web/vendor/a/b.js")));
        assert!(!excluded.holds(Path::new("vendor.js")));
    }
}
