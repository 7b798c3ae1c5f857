//! Findings that are known already: a file with a salt and a keyed hash of each, never a value. Says which findings are
//! in it; does not scan.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::super::CliError;

/// Bytes of the salt.
const SALT: usize = 16;

/// Bytes of a mark.
const MARK: usize = 16;

/// Bytes of a baseline file at most: a million marks.
const FILE_MAX: u64 = 64 << 20;

/// Stands for one finding: rule and value, hashed.
pub(super) type Mark = [u8; MARK];

/// Keys the hashes of one file.
#[derive(Debug, Clone)]
pub(super) struct Salt([u8; SALT]);

impl Salt {
    /// A new one.
    pub(super) fn random() -> Result<Self, CliError> {
        let mut salt = [0; SALT];
        getrandom::fill(&mut salt).map_err(CliError::Random)?;
        Ok(Self(salt))
    }

    /// The mark of a value that a rule found, wherever it stands.
    pub(super) fn mark(&self, rule: &str, value: &str) -> Mark {
        // A key of any length is a key: it cannot fail.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return Mark::default() };
        mac.update(rule.as_bytes());
        mac.update(&[0]);
        mac.update(value.as_bytes());
        let digest = mac.finalize().into_bytes();
        let mut mark = Mark::default();
        mark.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        mark
    }
}

/// What the file holds.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    /// What the file is, for whoever opens it.
    about: String,
    salt: String,
    findings: Vec<String>,
}

/// Known findings.
#[derive(Debug)]
pub(super) struct Baseline {
    pub(super) salt: Salt,
    marks: BTreeSet<Mark>,
}

impl Baseline {
    /// With nothing in it.
    pub(super) fn empty() -> Result<Self, CliError> {
        Ok(Self { salt: Salt::random()?, marks: BTreeSet::new() })
    }

    /// Reads a file.
    pub(super) fn read(path: &Path) -> Result<Self, CliError> {
        let failed = |cause| CliError::File { path: path.to_path_buf(), cause };
        if std::fs::metadata(path).map_err(failed)?.len() > FILE_MAX {
            return Err(failed(std::io::Error::other(format!("larger than {} MiB", FILE_MAX >> 20))));
        }
        let bytes = std::fs::read(path).map_err(failed)?;
        let written: Written = serde_json::from_slice(&bytes).map_err(|error| wrong(path, &error.to_string()))?;
        let salt = bytes_of(&written.salt).ok_or_else(|| wrong(path, "`salt` is not 32 hexadecimal digits"))?;
        let marks = written.findings.iter().map(|mark| bytes_of(mark)).collect::<Option<BTreeSet<Mark>>>();
        let marks = marks.ok_or_else(|| wrong(path, "a finding is not 32 hexadecimal digits"))?;
        Ok(Self { salt: Salt(salt), marks })
    }

    /// Writes it.
    pub(super) fn write(&self, path: &Path) -> Result<(), CliError> {
        let written = Written {
            about: "Findings that `scrim scan --baseline` passes over: keyed hashes, no values".to_owned(),
            salt: HEXLOWER.encode(&self.salt.0),
            findings: self.marks.iter().map(|mark| HEXLOWER.encode(mark)).collect(),
        };
        let mut text = serde_json::to_string_pretty(&written).unwrap_or_default();
        text.push('\n');
        std::fs::write(path, text).map_err(|cause| CliError::Write { path: path.to_path_buf(), cause })
    }

    /// Whether a finding is known.
    pub(super) fn holds(&self, mark: &Mark) -> bool {
        self.marks.contains(mark)
    }

    /// Makes a finding known.
    pub(super) fn add(&mut self, mark: Mark) {
        self.marks.insert(mark);
    }

    /// Number of known findings.
    pub(super) fn len(&self) -> usize {
        self.marks.len()
    }
}

fn bytes_of<const N: usize>(hex: &str) -> Option<[u8; N]> {
    HEXLOWER.decode(hex.as_bytes()).ok()?.try_into().ok()
}

fn wrong(path: &Path, why: &str) -> CliError {
    CliError::Argument {
        what: format!("`{}` is no baseline: {why}", path.display()),
        hint: "`scrim scan --write-baseline FILE` makes one".to_owned(),
    }
}

/// Which of the two options was given.
#[derive(Debug, Default)]
pub(super) enum Use {
    #[default]
    None,
    /// Known findings are passed over.
    Read(Baseline),
    /// Every finding becomes known.
    Write(Baseline, PathBuf),
}

impl Use {
    pub(super) fn of(read: Option<&Path>, write: Option<&Path>) -> Result<Self, CliError> {
        match (read, write) {
            (_, Some(path)) => Ok(Self::Write(Baseline::empty()?, path.to_path_buf())),
            (Some(path), None) => Ok(Self::Read(Baseline::read(path)?)),
            (None, None) => Ok(Self::None),
        }
    }

    /// Key of the marks, where marks are needed.
    pub(super) fn salt(&self) -> Option<Salt> {
        match self {
            Self::None => None,
            Self::Read(baseline) | Self::Write(baseline, _) => Some(baseline.salt.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_baseline_knows_its_findings_and_holds_no_value() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("baseline.json");
        let mut baseline = Baseline::empty().unwrap();
        baseline.add(baseline.salt.mark("acme.key", "hunter2hunter2"));
        baseline.write(&path).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains("hunter2") && !text.contains("acme"), "{text}");
        let read = Baseline::read(&path).unwrap();
        assert!(read.holds(&read.salt.mark("acme.key", "hunter2hunter2")));
        assert!(!read.holds(&read.salt.mark("acme.key", "hunter3hunter3")));
        assert!(!read.holds(&read.salt.mark("other.key", "hunter2hunter2")));
        assert_eq!(read.len(), 1);
    }

    #[test]
    fn a_broken_baseline_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("baseline.json");
        for text in ["", "[]", r#"{"about":"","salt":"zz","findings":[]}"#] {
            std::fs::write(&path, text).unwrap();
            assert!(Baseline::read(&path).unwrap_err().to_string().contains("is no baseline"), "{text}");
        }
    }
}
