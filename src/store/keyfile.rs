//! A key of 32 random bytes in a file of its own: made once, 0600, refused when others could have read it. Does not
//! derive anything from it.

use std::{
    fmt,
    fs::OpenOptions,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

use super::{StoreError, private};

/// Bytes of a key.
const KEY_BYTES: usize = 32;

/// A secret key. Wiped when dropped; not shown by `Debug`.
pub struct SecretKey(Zeroizing<[u8; KEY_BYTES]>);

impl SecretKey {
    /// A key from its bytes.
    #[must_use]
    pub fn new(bytes: [u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes, for deriving.
    #[must_use]
    pub fn expose(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// HMAC-SHA256 under this key, with `domain` taken in first.
    #[must_use]
    pub fn mac(&self, domain: &str) -> Hmac<Sha256> {
        // HMAC pads a short key with zeros to a block (RFC 2104); a whole block is a key that cannot be refused.
        let mut block = Zeroizing::new([0_u8; 64]);
        for (to, from) in block.iter_mut().zip(self.0.iter()) {
            *to = *from;
        }
        let keyed = <Hmac<Sha256> as KeyInit>::new((&*block).into());
        keyed.chain_update(domain.as_bytes())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({KEY_BYTES} bytes)")
    }
}

/// Reads a key file.
///
/// # Errors
/// [`StoreError::NotPrivate`] when others can use it, [`StoreError::Damaged`] when it is not 32 bytes,
/// [`StoreError::Io`] when it is not there.
pub fn load(path: &Path) -> Result<SecretKey, StoreError> {
    private::check_private(path)?;
    let missing = || StoreError::io("read", path, io::ErrorKind::NotFound.into());
    let mut bytes = private::read(path, 1024)?.ok_or_else(missing)?;
    let key = <[u8; KEY_BYTES]>::try_from(bytes.as_slice());
    let length = bytes.len();
    bytes.zeroize();
    match key {
        Ok(key) => Ok(SecretKey::new(key)),
        Err(_) => Err(StoreError::Damaged {
            path: path.to_owned(),
            reason: format!("a key file has {KEY_BYTES} bytes, this one has {length}\nhint: restore it from a backup"),
        }),
    }
}

/// Makes a key file. An existing one is never overwritten.
///
/// # Errors
/// When there is one already, or it cannot be written.
pub fn create(path: &Path) -> Result<SecretKey, StoreError> {
    let key = SecretKey::new(super::random()?);
    let refused = |error| StoreError::io("create", path, error);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(refused)?;
    file.write_all(key.expose()).map_err(refused)?;
    file.sync_all().map_err(refused)?;
    private::sync_parent(path)?;
    Ok(key)
}

/// Reads a key file, or makes it where there is none.
///
/// # Errors
/// As [`load`] and [`create`].
pub fn load_or_create(path: &Path) -> Result<SecretKey, StoreError> {
    if path.exists() { load(path) } else { create(path) }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_open_to_others_is_refused_with_the_way_out() {
        let state = tempfile::tempdir().unwrap();
        let path = state.path().join("vault.key");
        let made = load_or_create(&path).unwrap();
        assert_eq!(load(&path).unwrap().expose(), made.expose());
        assert!(create(&path).is_err(), "an existing key is kept");

        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let told = load(&path).unwrap_err().to_string();
        assert!(told.contains("mode 644") && told.contains(&format!("chmod 600 {}", path.display())), "{told}");
    }

    #[test]
    fn a_cut_key_is_damaged_and_no_key_shows_itself() {
        let state = tempfile::tempdir().unwrap();
        let path = state.path().join("vault.key");
        private::write_atomic(&path, b"short").unwrap();
        assert!(load(&path).unwrap_err().to_string().contains("this one has 5"));
        assert_eq!(format!("{:?}", SecretKey::new([65; 32])), "SecretKey(32 bytes)");
    }
}
