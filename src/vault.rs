//! What stands behind placeholders: originals by scope, encrypted, with a lifetime; and the turns a local model has
//! answered. Does not decide what is masked, and never logs.
//!
//! ```text
//! keys/vault.key ─HKDF─┬─ ids of subjects and families in row keys (HMAC: names do not stand in the store)
//!                      ├─ wrapping of scope salts and epoch keys
//!                      ├─ naming key of a scope   = HKDF(master, salt of the scope, "scrim/naming/1" ‖ scope)
//!                      ├─ the key of the company's index
//!                      └─ fingerprints
//! epoch key (one a scope and day, random, wrapped) ─ AES-256-GCM-SIV ─▶ rows; AAD = row key (scope, placeholder) ‖ epoch
//! ```
//!
//! An original lives as long as it is masked again within its lifetime: then its row moves to the day's epoch. When an
//! epoch ends its key is deleted and with it every row that stayed behind. Both keep their old bytes in sled's dead
//! space for a while; without `keys/vault.key` these are noise.

pub mod keys;
pub mod sealed;
pub mod rows;
pub mod core;
pub mod ledger;
mod slots;
mod index_key;
pub mod access;
#[cfg(test)]
mod tests;

pub use access::{Settings, Vault};
pub use index_key::index_key;

use std::path::PathBuf;

use crate::store::StoreError;

/// What goes wrong with the vault. Never holds a value.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The store or the key file cannot be used.
    #[error("the vault: {0}")]
    Store(#[from] StoreError),
    /// There is a vault and no key.
    #[error(
        "the vault's key `{key}` is gone, and `{vault}` was written with it\nhint: restore the key from a backup, or \
         move the vault away: what it held cannot be restored in answers then"
    )]
    KeyMissing {
        /// The key file.
        key: PathBuf,
        /// The store's directory.
        vault: PathBuf,
    },
    /// The key is not the one the vault was written with.
    #[error("`{key}` is not the key that `{vault}` was written with\nhint: restore the key from a backup")]
    WrongKey {
        /// The key file.
        key: PathBuf,
        /// The store's directory.
        vault: PathBuf,
    },
    /// A row does not decrypt where it lies: it was changed, or moved from another scope.
    #[error("a row of the vault does not belong where it lies")]
    Forged,
    /// Encrypting or deriving failed.
    #[error("the vault cannot encrypt")]
    Cipher,
    /// A turn cannot be brought into its form.
    #[error("a local turn cannot be kept")]
    Turn,
    /// A task that used the vault panicked.
    #[error("using the vault failed: {0}")]
    Interrupted(String),
}
