//! Files and directories that only their owner may use: made 0600 and 0700, written atomically, synced. Does not know
//! what they hold.
//!
//! The process's umask stays as it is: programs that Scrim starts would inherit it. A library that makes 0644 files
//! (sled) makes them in a 0700 directory, and they are tightened as soon as it is done.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use super::StoreError;

/// Makes a directory 0700, parents too, and tightens one that is there.
///
/// # Errors
/// When it cannot be made, is no directory, or belongs to somebody else.
pub fn directory(path: &Path) -> Result<(), StoreError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|error| StoreError::io("create", path, error))?;
    let seen = fs::metadata(path).map_err(|error| StoreError::io("open", path, error))?;
    owned_by_us(path, seen.uid())?;
    tighten(path, &seen, 0o700)
}

/// Takes every right of group and others from the files directly inside a directory.
///
/// # Errors
/// When one of them cannot be changed.
pub fn tighten_files(directory: &Path) -> Result<(), StoreError> {
    let entries = fs::read_dir(directory).map_err(|error| StoreError::io("read", directory, error))?;
    for entry in entries.filter_map(Result::ok) {
        // A file that its owner has just removed is nobody's loss.
        let Ok(seen) = entry.metadata() else { continue };
        let mode = if seen.is_dir() { 0o700 } else { 0o600 };
        tighten(&entry.path(), &seen, mode)?;
    }
    Ok(())
}

fn tighten(path: &Path, seen: &fs::Metadata, mode: u32) -> Result<(), StoreError> {
    if seen.mode() & 0o077 == 0 {
        return Ok(());
    }
    let changed = fs::set_permissions(path, fs::Permissions::from_mode(mode));
    match changed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::io("change the mode of", path, error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Replaces a file as a whole: written beside it, synced, renamed, directory synced. After a crash the old or the new
/// one is there, never half of one.
///
/// # Errors
/// When any of these steps fails; the old file is untouched then.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let beside = with_suffix(path, ".new");
    let refused = |error| StoreError::io("write", path, error);
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside).map_err(refused)?;
    file.write_all(bytes).map_err(refused)?;
    file.sync_all().map_err(refused)?;
    fs::rename(&beside, path).map_err(refused)?;
    sync_parent(path)
}

/// Makes a renamed, created or removed name durable.
///
/// # Errors
/// When the directory cannot be synced.
pub fn sync_parent(path: &Path) -> Result<(), StoreError> {
    let Some(parent) = path.parent() else { return Ok(()) };
    let synced = File::open(parent).and_then(|directory| directory.sync_all());
    synced.map_err(|error| StoreError::io("sync", parent, error))
}

/// Reads a file of at most `limit` bytes; `None` when there is none.
///
/// # Errors
/// When it is there and cannot be read, or is larger.
pub fn read(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, StoreError> {
    let seen = match fs::metadata(path) {
        Ok(seen) => seen,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StoreError::io("read", path, error)),
    };
    if seen.len() > limit {
        let source = io::Error::other(format!("{} bytes, at most {limit} expected", seen.len()));
        return Err(StoreError::io("read", path, source));
    }
    fs::read(path).map(Some).map_err(|error| StoreError::io("read", path, error))
}

/// Refuses a file that others could read or that others own.
///
/// # Errors
/// [`StoreError::NotPrivate`], with the command that mends it.
pub fn check_private(path: &Path) -> Result<(), StoreError> {
    let seen = fs::metadata(path).map_err(|error| StoreError::io("open", path, error))?;
    owned_by_us(path, seen.uid())?;
    if seen.mode() & 0o077 == 0 {
        return Ok(());
    }
    Err(StoreError::NotPrivate {
        path: path.to_owned(),
        fault: format!("can be used by others (mode {:o})", seen.mode() & 0o777),
        mend: format!("`chmod 600 {}`", path.display()),
    })
}

fn owned_by_us(path: &Path, owner: u32) -> Result<(), StoreError> {
    let us = rustix::process::geteuid().as_raw();
    if owner == us {
        return Ok(());
    }
    Err(StoreError::NotPrivate {
        path: path.to_owned(),
        fault: format!("belongs to user {owner}, and scrim runs as user {us}"),
        mend: format!("`chown {us} {}`, or run scrim as its owner", path.display()),
    })
}

/// Bytes that may still be written on the disk of `path`.
///
/// # Errors
/// When the system does not say.
pub fn free_bytes(path: &Path) -> Result<u64, StoreError> {
    let seen = rustix::fs::statvfs(path).map_err(|error| StoreError::io("measure", path, error.into()))?;
    Ok(seen.f_bavail.saturating_mul(seen.f_frsize))
}

/// `log` + `.lock` = `log.lock`, in the same directory.
#[must_use]
pub fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn what_is_written_is_its_owners_alone() {
        let state = tempfile::tempdir().unwrap();
        let folder = state.path().join("a/b");
        directory(&folder).unwrap();
        write_atomic(&folder.join("file"), b"one").unwrap();
        write_atomic(&folder.join("file"), b"two").unwrap();
        assert_eq!((mode(&folder), mode(&folder.join("file"))), (0o700, 0o600));
        assert_eq!(read(&folder.join("file"), 3).unwrap().unwrap(), b"two");
        assert!(read(&folder.join("file"), 2).is_err());
        assert!(read(&folder.join("none"), 2).unwrap().is_none());
    }

    #[test]
    fn a_directory_open_to_others_is_tightened() {
        let state = tempfile::tempdir().unwrap();
        let folder = state.path().join("open");
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(folder.join("db"), b"x").unwrap();
        fs::set_permissions(folder.join("db"), fs::Permissions::from_mode(0o644)).unwrap();
        directory(&folder).unwrap();
        tighten_files(&folder).unwrap();
        assert_eq!((mode(&folder), mode(&folder.join("db"))), (0o700, 0o600));
    }
}
