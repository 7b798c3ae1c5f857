//! What happens before a sled directory is opened, and when it must not be: one owner, a check on a copy after an
//! unclean stop, and setting a damaged store aside. Does not know records.
//!
//! sled 0.34.7 can open a store whose end was cut off as an *empty* one and truncate its file (measured; see
//! `conformance`). So a directory is opened in place only when its last stop was orderly and nobody has changed its
//! file since, or when a copy of it has been opened and holds what it should.

use std::{
    fs::{self, File, OpenOptions},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use rustix::fs::FlockOperation;

use super::{StoreError, private};

/// The right to use a store's directory; held as long as the store is open.
#[derive(Debug)]
pub(super) struct Ownership {
    _file: File,
}

impl Ownership {
    /// Takes the right, or says who must have it.
    pub(super) fn take(directory: &Path) -> Result<Self, StoreError> {
        let path = private::with_suffix(directory, ".lock");
        let opened = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = opened.map_err(|error| StoreError::io("open", &path, error))?;
        rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive)
            .map_err(|_held| StoreError::Owned { path: directory.to_owned() })?;
        Ok(Self { _file: file })
    }
}

/// How a directory may be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Approach {
    /// Nothing is there.
    Fresh,
    /// It was closed in order and looks as it did then.
    InPlace,
    /// Only a copy, first.
    CopyFirst,
}

/// Decides, and takes the mark of an orderly stop away: it is true only until the store is opened.
pub(super) fn approach(directory: &Path) -> Result<Approach, StoreError> {
    let mark = private::with_suffix(directory, ".clean");
    let left = private::read(&mark, 64)?;
    if left.is_some() {
        fs::remove_file(&mark).map_err(|error| StoreError::io("remove", &mark, error))?;
        private::sync_parent(&mark)?;
    }
    let Ok(seen) = fs::metadata(database_file(directory)) else { return Ok(Approach::Fresh) };
    let as_left = left.is_some_and(|left| left == look(&seen).as_bytes());
    Ok(if as_left { Approach::InPlace } else { Approach::CopyFirst })
}

/// Leaves the mark of an orderly stop: how the database file looks.
pub(super) fn mark_clean(directory: &Path) -> Result<(), StoreError> {
    let file = database_file(directory);
    let seen = fs::metadata(&file).map_err(|error| StoreError::io("open", &file, error))?;
    private::write_atomic(&private::with_suffix(directory, ".clean"), look(&seen).as_bytes())
}

/// Length and time of the last change.
fn look(seen: &fs::Metadata) -> String {
    format!("{} {}.{:09}", seen.len(), seen.mtime(), seen.mtime_nsec())
}

/// sled's one large file.
pub(super) fn database_file(directory: &Path) -> PathBuf {
    directory.join("db")
}

/// A copy of a directory that is removed when dropped.
#[derive(Debug)]
pub(super) struct Copy {
    path: PathBuf,
}

impl Copy {
    /// Copies a directory beside itself; where the file system can, without using space.
    pub(super) fn of(directory: &Path, suffix: &str) -> Result<Self, StoreError> {
        let copy = Self { path: private::with_suffix(directory, suffix) };
        copy.remove()?;
        copy_tree(directory, &copy.path)?;
        Ok(copy)
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn remove(&self) -> Result<(), StoreError> {
        if !self.path.exists() {
            return Ok(());
        }
        fs::remove_dir_all(&self.path).map_err(|error| StoreError::io("remove", &self.path, error))
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        if let Err(error) = self.remove() {
            tracing::warn!(%error, "a copy made for checking a store stays behind");
        }
    }
}

fn copy_tree(from: &Path, to: &Path) -> Result<(), StoreError> {
    private::directory(to)?;
    let entries = fs::read_dir(from).map_err(|error| StoreError::io("read", from, error))?;
    for entry in entries {
        let entry = entry.map_err(|error| StoreError::io("read", from, error))?;
        let target = to.join(entry.file_name());
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            copy_tree(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target).map_err(|error| StoreError::io("copy", entry.path(), error))?;
        }
    }
    Ok(())
}

/// Renames a damaged store to `….damaged-<time>`, byte for byte, so that a new one can start. `keep` are files that
/// belong to it (checkpoints): they are copied inside. Returns the new name.
///
/// # Errors
/// When another process owns the store or the directory cannot be renamed.
pub fn set_aside(directory: &Path, time_ms: u64, keep: &[PathBuf]) -> Result<PathBuf, StoreError> {
    let _ownership = Ownership::take(directory)?;
    let aside = unused(private::with_suffix(directory, &format!(".damaged-{}", stamp(time_ms))));
    fs::rename(directory, &aside).map_err(|error| StoreError::io("rename", directory, error))?;
    for file in keep.iter().filter(|file| file.exists()) {
        let name = unused(aside.join(file.file_name().unwrap_or_default()));
        fs::copy(file, name).map_err(|error| StoreError::io("copy", file, error))?;
    }
    private::sync_parent(directory)?;
    Ok(aside)
}

/// The path itself, or the first of `…-2`, `…-3` … that nothing has.
fn unused(path: PathBuf) -> PathBuf {
    let mut free = path.clone();
    for n in 2..100 {
        if !free.exists() {
            break;
        }
        free = private::with_suffix(&path, &format!("-{n}"));
    }
    free
}

/// `20261124T231834Z`.
fn stamp(time_ms: u64) -> String {
    let at = i64::try_from(time_ms).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    at.map_or_else(|| time_ms.to_string(), |at| at.strftime("%Y%m%dT%H%M%SZ").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_has_one_owner() {
        let state = tempfile::tempdir().unwrap();
        let directory = state.path().join("log");
        let first = Ownership::take(&directory).unwrap();
        let told = Ownership::take(&directory).unwrap_err().to_string();
        assert!(told.contains("another scrim owns") && told.contains("log"), "{told}");
        drop(first);
        assert!(Ownership::take(&directory).is_ok());
    }

    #[test]
    fn a_store_set_aside_twice_in_a_second_keeps_both() {
        let state = tempfile::tempdir().unwrap();
        let directory = state.path().join("log");
        let head = state.path().join("log.head");
        fs::write(&head, b"head").unwrap();
        let aside: Vec<PathBuf> = (0..2)
            .map(|n| {
                fs::create_dir(&directory).unwrap();
                fs::write(directory.join("db"), [n; 9]).unwrap();
                set_aside(&directory, 1_795_562_314_000, std::slice::from_ref(&head)).unwrap()
            })
            .collect();
        assert!(aside[0].to_string_lossy().ends_with("log.damaged-20261124T231834Z"), "{aside:?}");
        for (n, path) in aside.iter().enumerate() {
            assert_eq!(fs::read(path.join("db")).unwrap(), [u8::try_from(n).unwrap(); 9]);
            assert_eq!(fs::read(path.join("log.head")).unwrap(), b"head");
        }
    }
}
