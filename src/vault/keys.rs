//! The keys that the master key gives, and the names that scopes have in the store. Does not read the store.

use data_encoding::HEXLOWER;
use hkdf::Hkdf;
use hmac::Mac;
use sha2::Sha256;

use super::VaultError;
use crate::{mask::ScopeKey, store::keyfile::SecretKey};

/// Bytes of an id in a row key.
pub(super) const ID_BYTES: usize = 16;

/// Hex characters of a fingerprint: 64 bits.
const FINGERPRINT_BYTES: usize = 8;

/// Who and which family, as a row key names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ScopeId {
    /// Keyed hash of the subject.
    pub subject: [u8; ID_BYTES],
    /// Keyed hash of subject and family.
    pub family: [u8; ID_BYTES],
}

/// Everything derived from the master key.
#[derive(Debug)]
pub struct Keys {
    master: SecretKey,
    ids: SecretKey,
    wrapping: SecretKey,
    fingerprints: SecretKey,
}

impl Keys {
    /// Derives the keys.
    ///
    /// # Errors
    /// Never in practice: the lengths are fixed.
    pub fn new(master: SecretKey) -> Result<Self, VaultError> {
        Ok(Self {
            ids: derive(&master, None, b"scrim/ids/1")?,
            wrapping: derive(&master, None, b"scrim/wrap/1")?,
            fingerprints: derive(&master, None, b"scrim/fingerprint/1")?,
            master,
        })
    }

    /// The id of a subject.
    #[must_use]
    pub fn subject(&self, subject: &str) -> [u8; ID_BYTES] {
        shortened(&self.ids, "subject", &[subject])
    }

    /// The id of a scope.
    #[must_use]
    pub fn scope(&self, subject: &str, family: &str) -> ScopeId {
        ScopeId { subject: self.subject(subject), family: shortened(&self.ids, "family", &[subject, family]) }
    }

    /// The id of a conversation.
    #[must_use]
    pub fn conversation(&self, conversation: &str) -> [u8; ID_BYTES] {
        shortened(&self.ids, "conversation", &[conversation])
    }

    /// Wraps salts and epoch keys.
    #[must_use]
    pub fn wrapping(&self) -> &SecretKey {
        &self.wrapping
    }

    /// The naming key of a scope, from the salt that is kept for it.
    ///
    /// # Errors
    /// Never in practice: the lengths are fixed.
    pub fn naming(&self, salt: &[u8], scope: ScopeId) -> Result<ScopeKey, VaultError> {
        let info = [b"scrim/naming/1".as_slice(), &scope.subject, &scope.family].concat();
        Ok(ScopeKey::new(*derive(&self.master, Some(salt), &info)?.expose()))
    }

    /// What the log shows of a value so that two events can be seen to concern the same one. Whoever holds the key can
    /// try out short values.
    #[must_use]
    pub fn fingerprint(&self, value: &str) -> String {
        let tag = self.fingerprints.mac("value").chain_update(value.as_bytes()).finalize().into_bytes();
        HEXLOWER.encode(tag.get(..FINGERPRINT_BYTES).unwrap_or_default())
    }
}

/// HKDF-SHA256 (RFC 5869) to 32 bytes.
pub(super) fn derive(master: &SecretKey, salt: Option<&[u8]>, info: &[u8]) -> Result<SecretKey, VaultError> {
    let mut key = [0; 32];
    let expanded = Hkdf::<Sha256>::new(salt, master.expose()).expand(info, &mut key);
    expanded.map_err(|_length| VaultError::Cipher)?;
    Ok(SecretKey::new(key))
}

/// HMAC over parts, each with its length before it, cut to an id.
fn shortened(key: &SecretKey, domain: &str, parts: &[&str]) -> [u8; ID_BYTES] {
    let mut mac = key.mac(domain);
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    let tag = mac.finalize().into_bytes();
    let mut id = [0; ID_BYTES];
    for (to, from) in id.iter_mut().zip(tag) {
        *to = from;
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_differ_by_subject_and_family_and_by_where_the_border_lies() {
        let keys = Keys::new(SecretKey::new([1; 32])).unwrap();
        let scopes = [("alice", "openai"), ("bob", "openai"), ("alice", "anthropic"), ("aliceo", "penai")];
        let ids: std::collections::HashSet<_> = scopes.iter().map(|(s, f)| keys.scope(s, f)).collect();
        assert_eq!(ids.len(), 4);
        assert_eq!(keys.scope("alice", "openai").subject, keys.subject("alice"));
        let other = Keys::new(SecretKey::new([2; 32])).unwrap();
        assert_ne!(other.scope("alice", "openai"), keys.scope("alice", "openai"));
    }

    #[test]
    fn a_naming_key_depends_on_salt_and_scope() {
        let keys = Keys::new(SecretKey::new([1; 32])).unwrap();
        let category = crate::detect::Category::parse("EMAIL").unwrap();
        let name = |salt: &[u8], subject| {
            keys.naming(salt, keys.scope(subject, "openai")).unwrap().name(&category, "a@b.example").as_str().to_owned()
        };
        assert_eq!(name(&[1; 16], "alice"), name(&[1; 16], "alice"));
        assert_ne!(name(&[1; 16], "alice"), name(&[2; 16], "alice"));
        assert_ne!(name(&[1; 16], "alice"), name(&[1; 16], "bob"));
    }

    #[test]
    fn a_fingerprint_is_short_and_keyed() {
        let [one, other] = [[1; 32], [2; 32]].map(|key| Keys::new(SecretKey::new(key)).unwrap().fingerprint("hunter2"));
        assert!(one.len() == 16 && one != other);
        assert!(!format!("{:?}", Keys::new(SecretKey::new([65; 32])).unwrap()).contains("65"));
    }
}
