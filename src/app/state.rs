//! The state folder: where it is, and that nobody else can read it. Does not know what modules keep in it.

use std::{
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{Path, PathBuf},
};

use crate::config::problem::plain;

/// A state folder that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Neither `--state` nor anything to derive a place from.
    #[error(
        "cannot tell where to keep state: neither HOME nor XDG_STATE_HOME is set\n  hint: name a folder with `--state DIR` or SCRIM_STATE"
    )]
    Nowhere,
    /// It cannot be made.
    #[error("cannot create state folder `{}`: {}\n  hint: `--state DIR` or SCRIM_STATE names another one", path.display(), plain(cause))]
    Create {
        /// Where.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// It cannot be read or written.
    #[error("cannot use state folder `{}`: {}\n  hint: it must be a folder that you own and can write; `--state DIR` or SCRIM_STATE names another one", path.display(), plain(cause))]
    Unusable {
        /// Where.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// It belongs to somebody else.
    #[error("state folder `{}` belongs to user {owner}, and this is user {user}\n  hint: run as its owner, or name another one with `--state DIR` or SCRIM_STATE", path.display())]
    Foreign {
        /// Where.
        path: PathBuf,
        /// Its owner's id.
        owner: u32,
        /// Our id.
        user: u32,
    },
    /// Others can look into it.
    #[error("state folder `{}` can be read by others (mode {mode:04o})\n  hint: `chmod 700 {}`", path.display(), path.display())]
    Open {
        /// Where.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
}

/// A state folder that is ours alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateFolder {
    path: PathBuf,
}

impl StateFolder {
    /// Where state is kept: `--state`, else `SCRIM_STATE`, else `/var/lib/scrim` for root, else
    /// `$XDG_STATE_HOME/scrim` or `~/.local/state/scrim`. Touches nothing.
    ///
    /// # Errors
    /// When none of these says a place.
    pub fn locate(named: Option<&Path>) -> Result<PathBuf, StateError> {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let chosen = Chosen {
            named: named.map(Path::to_path_buf),
            variable: variable("SCRIM_STATE"),
            root: rustix::process::geteuid().is_root(),
            xdg: variable("XDG_STATE_HOME"),
            home: variable("HOME"),
        };
        chosen.path().ok_or(StateError::Nowhere)
    }

    /// Opens the folder, making it when it is missing.
    ///
    /// # Errors
    /// When it cannot be made, read or written, is somebody else's, or others may look into it.
    pub fn open(path: &Path) -> Result<Self, StateError> {
        let create = |cause| StateError::Create { path: path.to_path_buf(), cause };
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(create)?;
        Self::existing(path)
    }

    /// Opens the folder only if it is there.
    ///
    /// # Errors
    /// As [`StateFolder::open`], and when it does not exist.
    pub fn existing(path: &Path) -> Result<Self, StateError> {
        let unusable = |cause| StateError::Unusable { path: path.to_path_buf(), cause };
        let path = std::fs::canonicalize(path).map_err(unusable)?;
        let about = std::fs::metadata(&path).map_err(unusable)?;
        if !about.is_dir() {
            return Err(unusable(io::ErrorKind::NotADirectory.into()));
        }
        let user = rustix::process::geteuid().as_raw();
        if about.uid() != user {
            return Err(StateError::Foreign { path, owner: about.uid(), user });
        }
        let mut entries = std::fs::read_dir(&path).map_err(unusable)?;
        let mode = about.mode() & 0o7777;
        if mode & 0o077 != 0 {
            // A folder made for us by `mkdir` is simply closed; one with something in it may have been read already.
            if entries.next().is_some() {
                return Err(StateError::Open { path, mode });
            }
            let closed = std::os::unix::fs::PermissionsExt::from_mode(0o700);
            std::fs::set_permissions(&path, closed).map_err(unusable)?;
        }
        rustix::fs::access(
            &path,
            rustix::fs::Access::READ_OK | rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK,
        )
        .map_err(|cause| unusable(cause.into()))?;
        Ok(Self { path })
    }

    /// The folder, absolute.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The control socket.
    #[must_use]
    pub fn control_socket(&self) -> PathBuf {
        self.path.join("control.sock")
    }

    /// The CA that people trust.
    #[must_use]
    pub fn ca(&self) -> PathBuf {
        self.path.join("ca.pem")
    }

    /// System roots and the CA together, for programs whose variable replaces the system's roots.
    #[must_use]
    pub fn bundle(&self) -> PathBuf {
        self.path.join("ca.bundle.pem")
    }
}

struct Chosen {
    named: Option<PathBuf>,
    variable: Option<PathBuf>,
    root: bool,
    xdg: Option<PathBuf>,
    home: Option<PathBuf>,
}

impl Chosen {
    fn path(self) -> Option<PathBuf> {
        let system = || self.root.then(|| PathBuf::from("/var/lib/scrim"));
        let xdg = || self.xdg.filter(|path| path.is_absolute()).map(|path| path.join("scrim"));
        let home = || self.home.map(|path| path.join(".local/state/scrim"));
        self.named.or(self.variable).or_else(system).or_else(xdg).or_else(home)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn chosen() -> Chosen {
        Chosen {
            named: Some("/n".into()),
            variable: Some("/v".into()),
            root: true,
            xdg: Some("/x".into()),
            home: Some("/h".into()),
        }
    }

    #[test]
    fn the_nearest_word_about_the_place_wins() {
        let path = |chosen: Chosen| chosen.path().unwrap().display().to_string();
        assert_eq!(path(chosen()), "/n");
        assert_eq!(path(Chosen { named: None, ..chosen() }), "/v");
        assert_eq!(path(Chosen { named: None, variable: None, ..chosen() }), "/var/lib/scrim");
        assert_eq!(path(Chosen { named: None, variable: None, root: false, ..chosen() }), "/x/scrim");
        let relative = Chosen { named: None, variable: None, root: false, xdg: Some("x".into()), ..chosen() };
        assert_eq!(path(relative), "/h/.local/state/scrim");
    }

    #[test]
    fn a_new_folder_is_closed_to_others() {
        let parent = tempfile::tempdir().unwrap();
        let folder = StateFolder::open(&parent.path().join("a/b")).unwrap();
        assert_eq!(std::fs::metadata(folder.path()).unwrap().mode() & 0o777, 0o700);
    }

    #[test]
    fn an_open_empty_folder_is_closed_and_one_with_files_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        std::fs::set_permissions(parent.path(), PermissionsExt::from_mode(0o755)).unwrap();
        StateFolder::open(parent.path()).unwrap();
        std::fs::write(parent.path().join("x"), "").unwrap();
        std::fs::set_permissions(parent.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let refused = StateFolder::open(parent.path()).unwrap_err().to_string();
        assert!(refused.contains("mode 0755") && refused.contains("chmod 700"), "{refused}");
    }

    #[test]
    fn a_file_in_the_place_of_the_folder_is_told() {
        let parent = tempfile::tempdir().unwrap();
        let file = parent.path().join("state");
        std::fs::write(&file, "").unwrap();
        let refused = StateFolder::existing(&file).unwrap_err().to_string();
        assert!(refused.contains("not a directory"), "{refused}");
    }
}
