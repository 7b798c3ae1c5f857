//! The key of the company's index: derived from the vault's master key, so that there is one key file to guard and to
//! back up. Opens no store.

use std::path::Path;

use super::{VaultError, keys::derive};
use crate::{
    detect::company::Key,
    store::{keyfile, private},
};

/// The key of the index in a state folder; the master key is made when there is none.
///
/// # Errors
/// When the master key is gone though a vault was written with it, is open to others, or cannot be read or made.
pub fn index_key(state: &Path) -> Result<Key, VaultError> {
    let (vault, key) = (state.join("vault"), state.join("keys").join("vault.key"));
    if !key.exists() && vault.join("db").exists() {
        return Err(VaultError::KeyMissing { key, vault });
    }
    private::directory(&state.join("keys"))?;
    let master = keyfile::load_or_create(&key)?;
    Ok(Key::new(*derive(&master, None, b"scrim/company/1")?.expose()))
}
