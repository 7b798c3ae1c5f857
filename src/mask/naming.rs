//! From an original to its placeholder, keyed: the same spelling gets the same placeholder in one scope, always and
//! everywhere, and no other scope can tell. Does not know where the key comes from and keeps no list.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::placeholder::{ALPHABET, CHECK_CHARS, Placeholder, TAG_CHARS};
use crate::detect::Category;

/// Separates the check's key from the tag's.
const CHECK_LABEL: &[u8] = b"scrim placeholder check 1";

/// The naming key of one scope (subject and site family). Never rotated: a new key would change every placeholder
/// and with it the providers' prompt caches and the files that agents have written.
pub struct ScopeKey {
    tag: Zeroizing<[u8; 32]>,
    check: Zeroizing<[u8; 32]>,
}

impl ScopeKey {
    /// From 32 uniformly distributed bytes.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        let check = Zeroizing::new(keyed(&key, &[CHECK_LABEL]));
        Self { tag: Zeroizing::new(key), check }
    }

    /// The placeholder of `original`, byte for byte as it was written.
    #[must_use]
    pub fn name(&self, category: &Category, original: &str) -> Placeholder {
        let digest = keyed(&self.tag, &[category.as_str().as_bytes(), &[0], original.as_bytes()]);
        let tag = base32::<TAG_CHARS>(&digest);
        Placeholder::assemble(category, &tag, &self.check(category, &tag))
    }

    /// True when the check characters were made with this key: the placeholder was issued in this scope, now or
    /// earlier. A guess succeeds once in 1024 and still names no live original.
    #[must_use]
    pub fn verifies(&self, placeholder: &Placeholder) -> bool {
        placeholder.parts().is_some_and(|(tag, check)| self.check(placeholder.category(), tag) == check)
    }

    fn check(&self, category: &Category, tag: &str) -> String {
        base32::<CHECK_CHARS>(&keyed(&self.check, &[category.as_str().as_bytes(), &[0], tag.as_bytes()]))
    }
}

impl fmt::Debug for ScopeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ScopeKey(32 bytes)")
    }
}

/// HMAC-SHA256. A 32-byte key is padded to the block with zeros, as RFC 2104 says.
fn keyed(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut block = Zeroizing::new([0; 64]);
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    let mut mac = Hmac::<Sha256>::new(&(*block).into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The first `CHARS` × 5 bits, most significant first.
fn base32<const CHARS: usize>(digest: &[u8; 32]) -> String {
    let bit = |index: usize| digest.get(index / 8).map_or(0, |byte| (byte >> (7 - index % 8)) & 1);
    (0..CHARS)
        .filter_map(|char| {
            let value = (0..5).fold(0, |value, offset| value << 1 | usize::from(bit(char * 5 + offset)));
            ALPHABET.get(value).map(|byte| char::from(*byte))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn email() -> Category {
        Category::parse("EMAIL").unwrap()
    }

    #[test]
    fn one_spelling_has_one_placeholder_and_another_spelling_another() {
        let key = ScopeKey::new([7; 32]);
        let name = key.name(&email(), "alice@corp.example");
        assert_eq!(name, key.name(&email(), "alice@corp.example"));
        assert_ne!(name, key.name(&email(), "Alice@corp.example"));
        assert_ne!(name.parts(), key.name(&Category::parse("PHONE").unwrap(), "alice@corp.example").parts());
        assert_eq!(Placeholder::parse(name.as_str()), Some(name));
    }

    #[test]
    fn placeholders_stay_the_same_across_versions_of_scrim() {
        let name = ScopeKey::new([7; 32]).name(&email(), "alice@corp.example");
        assert_eq!(name.as_str(), "EMAIL_QAMG47WVEB_Y8");
    }

    #[test]
    fn a_placeholder_of_another_scope_does_not_verify() {
        let (ours, theirs) = (ScopeKey::new([1; 32]), ScopeKey::new([2; 32]));
        let verified = (0..200)
            .map(|n| theirs.name(&email(), &format!("user{n}@corp.example")))
            .inspect(|name| assert!(theirs.verifies(name)))
            .filter(|name| ours.verifies(name))
            .count();
        assert!(verified <= 4, "{verified} of 200 forged checks passed; 1 in 1024 is expected");
    }

    #[test]
    fn debug_output_hides_the_key() {
        assert_eq!(format!("{:?}", ScopeKey::new([b'k'; 32])), "ScopeKey(32 bytes)");
    }
}
