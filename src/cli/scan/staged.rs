//! What is staged in git, for a hook before a commit: files of the index that differ from the last commit, read from the
//! index, not from the working tree. Asks the `git` program.

use std::{path::Path, process::Command};

use super::{super::CliError, targets::Excluded};

/// Kinds of entries that are no files: symbolic links and submodules.
const NO_FILES: [&str; 2] = ["120000", "160000"];

/// A staged file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Staged {
    /// Path from the top of the repository.
    pub(super) path: String,
    /// Name of its content in git.
    pub(super) blob: String,
}

/// Every staged file.
pub(super) fn staged(excluded: &Excluded) -> Result<Vec<Staged>, CliError> {
    // Outside a repository `git diff` compares files and would only explain its own usage.
    git(&["rev-parse", "--git-dir"])?;
    let arguments = ["diff", "--cached", "--raw", "-z", "--no-renames", "--no-abbrev", "--diff-filter=ACMT"];
    let mut staged = parse(&git(&arguments)?);
    staged.retain(|file| !excluded.holds(Path::new(&file.path)));
    Ok(staged)
}

/// Content of a staged file.
pub(super) fn content(blob: &str) -> Result<Vec<u8>, CliError> {
    git(&["cat-file", "blob", blob])
}

fn git(arguments: &[&str]) -> Result<Vec<u8>, CliError> {
    let output = Command::new("git").args(arguments).output();
    let output = output.map_err(|cause| CliError::Program { program: "git".to_owned(), cause })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let told = String::from_utf8_lossy(&output.stderr);
    Err(CliError::Argument {
        what: format!("`git {}` failed: {}", arguments.join(" "), told.lines().next().unwrap_or("it says nothing")),
        hint: "`--staged` is for the inside of a git repository".to_owned(),
    })
}

/// `:100644 100644 OLD NEW M\0path\0` for each file.
fn parse(raw: &[u8]) -> Vec<Staged> {
    let mut parts = raw.split(|byte| *byte == 0).map(String::from_utf8_lossy);
    let mut staged = Vec::new();
    while let (Some(about), Some(path)) = (parts.next(), parts.next()) {
        let mut words = about.split(' ');
        let (mode, blob) = (words.nth(1), words.nth(1));
        if let (Some(mode), Some(blob)) = (mode, blob)
            && !NO_FILES.contains(&mode)
        {
            staged.push(Staged { path: path.into_owned(), blob: blob.to_owned() });
        }
    }
    staged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_git_are_read_and_links_left_out() {
        let raw = b":000000 100644 0000 aa11 A\0new file.txt\0:100644 120000 bb22 cc33 T\0link\0:100755 100755 dd44 ee55 M\0b.sh\0";
        let seen: Vec<(String, String)> = parse(raw).into_iter().map(|file| (file.path, file.blob)).collect();
        assert_eq!(seen, [("new file.txt".to_owned(), "aa11".to_owned()), ("b.sh".to_owned(), "ee55".to_owned())]);
    }
}
