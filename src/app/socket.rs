//! The control socket's file: one listener a state folder, for its owner alone. Does not serve it.

use std::{
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use tokio::net::{UnixListener, UnixStream};

use super::{AppError, state::StateFolder};

/// Bytes of a unix socket's path, by the smallest limit of the systems we build for, its end included.
const PATH_MAX: usize = 104;

/// Opens the socket; one that nobody listens on any more is replaced.
///
/// # Errors
/// When another instance listens, or the system refuses.
pub(super) async fn bind(state: &StateFolder) -> Result<UnixListener, AppError> {
    let path = state.control_socket();
    if path.as_os_str().len() >= PATH_MAX {
        return Err(AppError::SocketPath { path });
    }
    match UnixStream::connect(&path).await {
        Ok(_) => return Err(AppError::Running { state: state.path().to_path_buf() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(_) => std::fs::remove_file(&path).map_err(|cause| socket(&path, cause))?,
    }
    let listener = UnixListener::bind(&path).map_err(|cause| socket(&path, cause))?;
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).map_err(|cause| socket(&path, cause))?;
    Ok(listener)
}

/// Removes the socket of an instance that ends.
pub(super) fn remove(state: &StateFolder) {
    if let Err(error) = std::fs::remove_file(state.control_socket()) {
        tracing::debug!(%error, "the control socket could not be removed");
    }
}

fn socket(path: &Path, cause: io::Error) -> AppError {
    AppError::Socket { path: PathBuf::from(path), cause }
}
