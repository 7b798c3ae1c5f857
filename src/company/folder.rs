//! `index/` in the state folder: one file a part, 0600, replaced as a whole. A file that is there and cannot be used is
//! an error: a list that cannot be read must not look like an empty one.

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Arc, LazyLock, Mutex, PoisonError, Weak},
};

use rustix::fs::{FlockOperation, flock};

use super::CompanyError;
use crate::{
    detect::company::{Key, Kind, Part},
    store::{StoreError, private},
    vault,
};

/// Extension of a part's file.
const EXTENSION: &str = "idx";
/// Bytes of a part's file at most: about 4 GB of documents.
const FILE_MAX: u64 = 4 << 30;

/// The index of one state folder.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    key: Key,
}

/// One state of one file, read under one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Version {
    key: u64,
    file: (u64, u64),
    changed: (i64, i64),
    bytes: u64,
    mode: u32,
}

/// By file: the state that was read, and what came of it.
type InUse = HashMap<PathBuf, (Version, Weak<Part>)>;

/// Parts that something in this process searches with.
static IN_USE: LazyLock<Mutex<InUse>> = LazyLock::new(Mutex::default);

/// Keeps other commands from changing the index until it is dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Folder {
    /// The index of a state folder, if anything was ever added there. Changes nothing.
    ///
    /// # Errors
    /// When it is there and cannot be read, or its key is gone.
    pub fn existing(state: &Path) -> Result<Option<Self>, CompanyError> {
        let path = state.join("index");
        match files(&path) {
            Ok(files) if files.is_empty() => Ok(None),
            Ok(_) => Ok(Some(Self { key: vault::index_key(state)?, path })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(CompanyError::Unreadable { path, cause }),
        }
    }

    /// The index of a state folder, made when it is missing.
    ///
    /// # Errors
    /// When it cannot be made, or its key cannot be read or made.
    pub fn open(state: &Path) -> Result<Self, CompanyError> {
        let path = state.join("index");
        private::directory(&path)?;
        Ok(Self { key: vault::index_key(state)?, path })
    }

    /// The key that parts are hashed under.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Waits for nobody.
    ///
    /// # Errors
    /// When another command holds it.
    pub fn lock(&self) -> Result<Lock, CompanyError> {
        let path = self.path.join("lock");
        let refused = |cause| CompanyError::Unreadable { path: path.clone(), cause };
        let file =
            OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path).map_err(refused)?;
        flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|_| CompanyError::Busy(self.path.clone()))?;
        Ok(Lock { _file: file })
    }

    /// Every part, in the order of their files' names.
    ///
    /// # Errors
    /// When one of them cannot be used.
    pub fn parts(&self) -> Result<Vec<Arc<Part>>, CompanyError> {
        let unreadable = |cause| CompanyError::Unreadable { path: self.path.clone(), cause };
        files(&self.path).map_err(unreadable)?.iter().map(|file| self.in_use(file)).collect()
    }

    /// The part of a file: the one that is in use already while the file is the same, so that a reload does not hold
    /// everything twice.
    fn in_use(&self, path: &Path) -> Result<Arc<Part>, CompanyError> {
        let about = fs::metadata(path).map_err(|cause| CompanyError::Unreadable { path: path.to_owned(), cause })?;
        let version = Version {
            key: self.key.check(),
            file: (about.dev(), about.ino()),
            changed: (about.mtime(), about.mtime_nsec()),
            bytes: about.len(),
            mode: about.mode(),
        };
        let known = IN_USE.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        if let Some(part) = known.filter(|(held, _)| *held == version).and_then(|(_, part)| part.upgrade()) {
            return Ok(part);
        }
        let part = Arc::new(self.read(path)?);
        let mut in_use = IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
        in_use.retain(|_, (_, part)| part.strong_count() > 0);
        in_use.insert(path.to_owned(), (version, Arc::downgrade(&part)));
        Ok(part)
    }

    /// One part, if it is there.
    ///
    /// # Errors
    /// When it is and cannot be used.
    pub fn part(&self, kind: Kind, name: &str) -> Result<Option<Part>, CompanyError> {
        let path = self.file(kind, name);
        if path.exists() { self.read(&path).map(Some) } else { Ok(None) }
    }

    fn read(&self, path: &Path) -> Result<Part, CompanyError> {
        private::check_private(path)?;
        let missing = || StoreError::io("read", path, io::ErrorKind::NotFound.into());
        let bytes = private::read(path, FILE_MAX)?.ok_or_else(missing)?;
        Part::from_bytes(&self.key, &bytes).map_err(|why| CompanyError::Part {
            path: path.to_owned(),
            name: named(path).map_or_else(|| "NAME".to_owned(), |(_, name)| name),
            why,
        })
    }

    /// Keeps a part; one of the same kind and name is replaced. Durable when it returns.
    ///
    /// # Errors
    /// When it cannot be written; an old one is untouched then.
    pub fn put(&self, part: &Part) -> Result<u64, CompanyError> {
        let bytes = part.to_bytes(&self.key);
        private::write_atomic(&self.file(part.kind(), part.name()), &bytes)?;
        Ok(bytes.len() as u64)
    }

    /// Removes what is called so, damaged or not; returns the kinds that were.
    ///
    /// # Errors
    /// When nothing is, or it cannot be removed.
    pub fn remove(&self, name: &str, kind: Option<Kind>) -> Result<Vec<Kind>, CompanyError> {
        let mut removed = Vec::new();
        for kind in Kind::ALL.into_iter().filter(|each| kind.is_none_or(|kind| kind == *each)) {
            let path = self.file(kind, name);
            match fs::remove_file(&path) {
                Ok(()) => removed.push(kind),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(cause) => return Err(StoreError::io("remove", &path, cause).into()),
            }
        }
        private::sync_parent(&self.path.join("lock"))?;
        if removed.is_empty() { Err(CompanyError::Unknown(name.to_owned())) } else { Ok(removed) }
    }

    fn file(&self, kind: Kind, name: &str) -> PathBuf {
        self.path.join(format!("{}.{name}.{EXTENSION}", kind.as_str()))
    }
}

/// Files of parts, in the order of their names.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == EXTENSION) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Kind and name that a part's file says.
fn named(path: &Path) -> Option<(String, String)> {
    let stem = path.file_stem()?.to_str()?;
    stem.split_once('.').map(|(kind, name)| (kind.to_owned(), name.to_owned()))
}
