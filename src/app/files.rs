//! Which rule, site and policy files are in force: the built-in ones, then those of `[rules] dirs`, laid out alike.
//! Reads files; does not understand them.

use std::path::{Path, PathBuf};

use crate::{
    config::{self, problem::plain},
    rules::{self, Source, built_in},
};

/// Bytes of one rule file at most. The largest built-in one has a tenth of it.
const FILE_MAX: u64 = 4 << 20;

/// A folder or file of `[rules] dirs` that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// Cannot be read.
    #[error("cannot read `{}`: {}\n  hint: `[rules] dirs` names folders laid out like `rules/`", path.display(), plain(cause))]
    Unreadable {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// Larger than any rule file.
    #[error("`{}` is larger than {} MiB: no rule file is", path.display(), FILE_MAX >> 20)]
    TooLarge {
        /// Which one.
        path: PathBuf,
    },
    /// None of the known folders is in it.
    #[error("`{}` holds no rules\n  expected a folder `pii`, `secrets`, `words`, `sites` or `policy` in it", path.display())]
    Empty {
        /// Which one.
        path: PathBuf,
    },
    /// No rule file is in it.
    #[error("`{}` holds no detection rules\n  expected `*.toml` files in it, or in a folder `pii` or `secrets` in it", path.display())]
    Untried {
        /// Which one.
        path: PathBuf,
    },
}

/// Every file in force; later ones replace earlier ones by the ids in them.
#[derive(Debug, Clone)]
pub struct RuleFiles {
    /// `pii/*.toml`, `secrets/*.toml` and `words/*.txt`.
    pub detection: Vec<Source>,
    /// `sites/*.toml`.
    pub sites: Vec<Source>,
    /// `ai-hosts.toml`; a later one replaces an earlier one as a whole.
    pub hosts: Source,
    /// `policy/*.toml` of the configured folders; the built-in ones are `policy`'s own.
    pub policies: Vec<Source>,
}

impl RuleFiles {
    /// The built-in files and those of the configured folders.
    ///
    /// # Errors
    /// When a configured folder cannot be read or holds nothing.
    pub fn read(rules: &config::rules::Rules) -> Result<Self, FilesError> {
        let mut files = Self {
            detection: rules::detection(),
            sites: built_in("sites"),
            hosts: rules::file("ai-hosts.toml").unwrap_or(Source { path: String::new(), text: String::new() }),
            policies: Vec::new(),
        };
        for folder in &rules.dirs {
            files.add(folder)?;
        }
        Ok(files)
    }

    /// Puts detection rules over those in force that are not deployed yet: a rule file, a folder of rule files, or one
    /// laid out like `rules/`. Returns the paths of its rule files, as rules name them.
    ///
    /// # Errors
    /// When it cannot be read or holds no detection rule.
    pub fn add_untried(&mut self, path: &Path) -> Result<Vec<PathBuf>, FilesError> {
        let about = std::fs::metadata(path).map_err(|cause| unreadable(path, cause))?;
        let (mut rules, words) = if about.is_dir() {
            let under = |name: &str| in_folder(&path.join(name), "toml");
            let loose = in_folder(path, "toml")?.into_iter().filter(|source| !source.path.ends_with("ai-hosts.toml"));
            (loose.chain(under("pii")?).chain(under("secrets")?).collect(), in_folder(&path.join("words"), "txt")?)
        } else {
            // The lists of a folder belong to each of its files.
            let lists = path.parent().and_then(Path::parent).map(|folder| folder.join("words"));
            let words = lists.map(|folder| in_folder(&folder, "txt")).transpose()?.unwrap_or_default();
            (vec![source(path)?], words)
        };
        if rules.is_empty() {
            return Err(FilesError::Untried { path: path.to_path_buf() });
        }
        let real = |path: &str| std::fs::canonicalize(path).ok();
        let named: Vec<PathBuf> = rules.iter().chain(&words).filter_map(|source| real(&source.path)).collect();
        self.detection.retain(|source| real(&source.path).is_none_or(|path| !named.contains(&path)));
        let paths = rules.iter().map(|source| PathBuf::from(&source.path)).collect();
        self.detection.append(&mut rules);
        self.detection.extend(words);
        Ok(paths)
    }

    fn add(&mut self, folder: &Path) -> Result<(), FilesError> {
        std::fs::read_dir(folder).map_err(|cause| unreadable(folder, cause))?;
        let files = |name: &str, extension: &str| in_folder(&folder.join(name), extension);
        let detection = [files("pii", "toml")?, files("secrets", "toml")?, files("words", "txt")?].concat();
        let sites = files("sites", "toml")?;
        let policies = files("policy", "toml")?;
        let hosts_file = folder.join("ai-hosts.toml");
        let hosts = if hosts_file.is_file() { Some(source(&hosts_file)?) } else { None };
        if detection.is_empty() && sites.is_empty() && policies.is_empty() && hosts.is_none() {
            return Err(FilesError::Empty { path: folder.to_path_buf() });
        }
        self.detection.extend(detection);
        self.sites.extend(sites);
        self.policies.extend(policies);
        if let Some(hosts) = hosts {
            self.hosts = hosts;
        }
        Ok(())
    }
}

/// Files of a folder with this extension in the order of their names; nothing when there is no such folder.
fn in_folder(folder: &Path, extension: &str) -> Result<Vec<Source>, FilesError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(cause) => return Err(unreadable(folder, cause)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(|cause| unreadable(folder, cause))?.path();
        if path.extension().is_some_and(|found| found == extension) {
            paths.push(path);
        }
    }
    paths.sort();
    paths.iter().map(|path| source(path)).collect()
}

fn source(path: &Path) -> Result<Source, FilesError> {
    let size = std::fs::metadata(path).map_err(|cause| unreadable(path, cause))?.len();
    if size > FILE_MAX {
        return Err(FilesError::TooLarge { path: path.to_path_buf() });
    }
    let text = std::fs::read_to_string(path).map_err(|cause| unreadable(path, cause))?;
    Ok(Source { path: path.display().to_string(), text })
}

fn unreadable(path: &Path, cause: std::io::Error) -> FilesError {
    FilesError::Unreadable { path: path.to_path_buf(), cause }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(folder: &Path) -> config::rules::Rules {
        config::rules::Rules { dirs: vec![folder.to_path_buf()] }
    }

    #[test]
    fn files_of_a_folder_come_after_the_built_in_ones() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("pii")).unwrap();
        std::fs::write(folder.path().join("pii/own.toml"), "# own").unwrap();
        std::fs::write(folder.path().join("pii/notes.txt"), "no rule").unwrap();
        let files = RuleFiles::read(&rules(folder.path())).unwrap();
        let last = files.detection.last().unwrap();
        assert!(last.path.ends_with("pii/own.toml"), "{}", last.path);
        assert_eq!(files.detection.iter().filter(|source| source.text == "# own").count(), 1);
    }

    #[test]
    fn word_lists_of_a_folder_are_read() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("words")).unwrap();
        std::fs::write(folder.path().join("words/own.txt"), "word").unwrap();
        let files = RuleFiles::read(&rules(folder.path())).unwrap();
        assert!(files.detection.last().unwrap().path.ends_with("words/own.txt"));
    }

    #[test]
    fn a_folder_that_is_missing_or_holds_nothing_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let empty = RuleFiles::read(&rules(folder.path())).unwrap_err().to_string();
        assert!(empty.contains("holds no rules"), "{empty}");
        let missing = RuleFiles::read(&rules(&folder.path().join("none"))).unwrap_err().to_string();
        assert!(missing.contains("no such file or directory"), "{missing}");
    }
}
