//! Key and certificate files: made for the owner alone, replaced atomically, and refused when others may read a key.
//! Does not parse them.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

use zeroize::Zeroizing;

use super::Error;

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrecy {
    /// The owner alone, 0600.
    Private,
    /// Everybody, 0644.
    Public,
}

/// Makes a folder 0700 (and narrows one that is there).
///
/// # Errors
/// When the system refuses.
pub fn private_dir(path: &Path) -> Result<(), Error> {
    let failed = |cause| Error::File { doing: "create", path: path.to_owned(), cause };
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(failed)
}

/// Reads a private key's PEM.
///
/// # Errors
/// When it cannot be read, or others than the owner may.
pub fn read_key(path: &Path) -> Result<Zeroizing<String>, Error> {
    let failed = |cause| Error::File { doing: "read", path: path.to_owned(), cause };
    let mode = fs::metadata(path).map_err(failed)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(Error::KeyOpen { path: path.to_owned(), mode });
    }
    fs::read_to_string(path).map(Zeroizing::new).map_err(failed)
}

/// Reads a file that holds no secret.
///
/// # Errors
/// When it cannot be read.
pub fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|cause| Error::File { doing: "read", path: path.to_owned(), cause })
}

/// Replaces a file as a whole: a reader, or a start after a power cut, meets the old one or the new one.
///
/// # Errors
/// When the system refuses.
pub fn write(path: &Path, text: &str, secrecy: Secrecy) -> Result<(), Error> {
    let failed = |cause| Error::File { doing: "write", path: path.to_owned(), cause };
    let mode = match secrecy {
        Secrecy::Private => 0o600,
        Secrecy::Public => 0o644,
    };
    let fresh = path.with_extension("new");
    match fs::remove_file(&fresh) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => return Err(failed(cause)),
        Ok(()) | Err(_) => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&fresh).map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&fresh, path).map_err(failed)?;
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    fs::File::open(folder).and_then(|dir| dir.sync_all()).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_private_file_and_its_folder_belong_to_the_owner_alone() {
        let state = tempfile::tempdir().unwrap();
        let dir = state.path().join("ca");
        private_dir(&dir).unwrap();
        write(&dir.join("a.key"), "first", Secrecy::Private).unwrap();
        write(&dir.join("a.key"), "second", Secrecy::Private).unwrap();
        assert_eq!((mode(&dir), mode(&dir.join("a.key"))), (0o700, 0o600));
        assert_eq!(read_key(&dir.join("a.key")).unwrap().as_str(), "second");
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_key_that_others_may_read_is_refused_with_the_command_that_mends_it() {
        let state = tempfile::tempdir().unwrap();
        let path = state.path().join("a.key");
        write(&path, "secret", Secrecy::Private).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let message = read_key(&path).unwrap_err().to_string();
        assert!(message.contains(&format!("chmod 600 {}", path.display())), "{message}");
        assert!(!message.contains("secret"));
    }
}
