//! AES-256-GCM-SIV (RFC 8452) with a fresh random nonce before the ciphertext. Does not choose keys.

use aes_gcm_siv::{
    Aes256GcmSiv, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use zeroize::Zeroizing;

use super::VaultError;
use crate::store::{self, keyfile::SecretKey};

/// Bytes of a nonce.
const NONCE_BYTES: usize = 12;

/// Bytes that sealing adds: nonce and tag.
pub const OVERHEAD_BYTES: usize = NONCE_BYTES + 16;

/// Encrypts `plain` so that it opens only with this key and these associated data.
///
/// # Errors
/// When the system gives no random bytes.
pub fn seal(key: &SecretKey, associated: &[u8], plain: &[u8]) -> Result<Vec<u8>, VaultError> {
    let nonce = store::random::<NONCE_BYTES>()?;
    let payload = Payload { msg: plain, aad: associated };
    let sealed = cipher(key).encrypt(&Nonce::from(nonce), payload).map_err(|_opaque| VaultError::Cipher)?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// Opens what [`seal`] made.
///
/// # Errors
/// [`VaultError::Forged`] when key, associated data or a single bit differ.
pub fn open(key: &SecretKey, associated: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(VaultError::Forged)?;
    let payload = Payload { msg: sealed, aad: associated };
    let plain = cipher(key).decrypt(&Nonce::from(*nonce), payload).map_err(|_opaque| VaultError::Forged)?;
    Ok(Zeroizing::new(plain))
}

fn cipher(key: &SecretKey) -> Aes256GcmSiv {
    Aes256GcmSiv::new(key.expose().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_with_its_key_and_its_place() {
        let key = SecretKey::new([1; 32]);
        let sealed = seal(&key, b"place", b"hunter2-hunter2").unwrap();
        assert_eq!(sealed.len(), 15 + OVERHEAD_BYTES);
        assert_eq!(open(&key, b"place", &sealed).unwrap().as_slice(), b"hunter2-hunter2");
        assert_ne!(seal(&key, b"place", b"hunter2-hunter2").unwrap(), sealed, "each nonce is fresh");
        assert!(open(&key, b"other", &sealed).is_err());
        assert!(open(&SecretKey::new([2; 32]), b"place", &sealed).is_err());
        for n in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[n] ^= 1;
            assert!(open(&key, b"place", &bent).is_err());
            assert!(open(&key, b"place", &sealed[..n]).is_err());
        }
    }
}
