//! Which files a scan looks at: named files always, folders as `.gitignore` says, in the order of their names.

use std::path::{Path, PathBuf};

use super::super::CliError;

/// Every file to be scanned.
pub(in crate::cli) fn targets(named: &[PathBuf]) -> Result<Vec<PathBuf>, CliError> {
    let mut files = Vec::new();
    for path in named {
        let about = std::fs::metadata(path).map_err(|cause| CliError::File { path: path.clone(), cause })?;
        if about.is_dir() {
            walk(path, &mut files)?;
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

/// Hidden files are looked at: `.env` is where secrets are. `.git` itself is not.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), CliError> {
    let walk = ignore::WalkBuilder::new(folder)
        .hidden(false)
        .require_git(false)
        .filter_entry(|entry| entry.file_name() != ".git")
        .sort_by_file_name(std::cmp::Ord::cmp)
        .build();
    for entry in walk {
        let entry = entry.map_err(|error| {
            let cause = std::io::Error::other(error.to_string());
            CliError::File { path: folder.to_path_buf(), cause }
        })?;
        if entry.file_type().is_some_and(|kind| kind.is_file()) {
            files.push(entry.into_path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_walked_as_gitignore_says_and_hidden_files_are_seen() {
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
        write("target/built.txt", "x");
        write(".git/config", "x");
        let found = targets(&[folder.path().to_path_buf()]).unwrap();
        let names: Vec<String> =
            found.iter().map(|path| path.strip_prefix(folder.path()).unwrap().display().to_string()).collect();
        assert_eq!(names, [".env", ".gitignore", "b/a.txt", "b/z.txt"]);
        let named = folder.path().join("target/built.txt");
        assert_eq!(targets(std::slice::from_ref(&named)).unwrap(), [named]);
    }
}
