//! The numbers of `certs/profile.toml`, compiled in: validity, path length and bounds of root, issuing CA and leaf.
//! Makes no certificate.

use std::sync::OnceLock;

use serde::Deserialize;

use super::Error;

const TEXT: &str = include_str!("../../certs/profile.toml");

/// What the certificates look like that Scrim makes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The root that clients trust.
    pub root: Root,
    /// The CA that signs leaves.
    pub issuing: Issuing,
    /// What a site's place is taken with.
    pub leaf: Leaf,
}

/// `[root]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Root {
    /// Common name; eight random hex digits are added, so that two installations differ.
    pub common_name: String,
    /// Days of validity.
    pub days: u64,
    /// CAs that may stand below it.
    pub path_length: u8,
}

/// `[issuing]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuing {
    /// Common name; eight random hex digits are added.
    pub common_name: String,
    /// Days of validity.
    pub days: u64,
    /// CAs that may stand below it.
    pub path_length: u8,
    /// Signed again when fewer days are left.
    pub renew_days: u64,
    /// Names in the constraint from which on Scrim warns.
    pub names_warn: usize,
    /// Names in the constraint at most.
    pub names_max: usize,
    /// Bytes of leaf and issuing CA together at most.
    pub chain_max_bytes: usize,
}

/// `[leaf]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaf {
    /// Days of validity, backdating included.
    pub days: u64,
    /// Days of it that lie in the past when it is minted.
    pub backdate_days: u64,
    /// Hours before its end at which it leaves the cache.
    pub retire_hours: u64,
    /// Leaves kept.
    pub cached: usize,
    /// New leaves that one client can cause in a minute.
    pub minted_per_minute: u32,
}

impl Profile {
    /// The compiled-in profile.
    ///
    /// # Errors
    /// When `certs/profile.toml` is broken; a test keeps that from being released.
    pub fn built_in() -> Result<&'static Self, Error> {
        static PROFILE: OnceLock<Result<Profile, String>> = OnceLock::new();
        PROFILE
            .get_or_init(|| toml::from_str(TEXT).map_err(|cause| cause.to_string()))
            .as_ref()
            .map_err(|why| Error::Profile(why.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiled_in_profile_keeps_the_promises_of_the_readme() {
        let profile = Profile::built_in().unwrap();
        assert_eq!(profile.root.path_length, 1);
        assert_eq!(profile.issuing.path_length, 0);
        assert!(profile.issuing.days <= 365, "an issuing CA lives a year at most");
        assert!(profile.leaf.days <= 30, "a leaf lives 30 days at most");
        assert!(profile.leaf.retire_hours < (profile.leaf.days - profile.leaf.backdate_days) * 24);
        assert!(profile.issuing.names_max <= 800 && profile.issuing.chain_max_bytes <= 24_000);
    }
}
