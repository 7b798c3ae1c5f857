//! Leaves: minted on demand with a key of their own, kept in a bounded cache, never twice at the same time for one host.
//! Does not know files; the issuing CA is handed in.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use lru::LruCache;
use rcgen::{Issuer, KeyPair};
use rustls::{
    crypto::aws_lc_rs::sign::any_ecdsa_type,
    pki_types::{CertificateDer, PrivateKeyDer},
    sign::CertifiedKey,
};

use super::{
    Error,
    issue::{self, Validity},
    names::Permitted,
    profile::Leaf,
};

/// The issuing CA at work.
pub struct Signer {
    issuer: Issuer<'static, KeyPair>,
    /// Issuing CA first, then its parents without the root.
    chain: Vec<CertificateDer<'static>>,
    validity: Validity,
    permitted: Permitted,
    profile: Leaf,
    /// Bounded by `profile.cached`; the least recently used leaf goes first.
    slots: Mutex<LruCache<Arc<str>, Arc<Slot>>>,
}

/// Locked while its leaf is minted, so that a page's thirty connections cost one mint.
#[derive(Default)]
struct Slot(Mutex<Option<Minted>>);

struct Minted {
    key: Arc<CertifiedKey>,
    /// Not handed out after this moment, Unix seconds.
    retire_at: u64,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer")
            .field("permitted", &self.permitted)
            .field("validity", &self.validity)
            .finish_non_exhaustive()
    }
}

impl Signer {
    /// Puts an issuing CA to work.
    #[must_use]
    pub fn new(
        issuer: Issuer<'static, KeyPair>,
        chain: Vec<CertificateDer<'static>>,
        validity: Validity,
        permitted: Permitted,
        profile: Leaf,
    ) -> Self {
        let cached = NonZeroUsize::new(profile.cached).unwrap_or(NonZeroUsize::MIN);
        Self { issuer, chain, validity, permitted, profile, slots: Mutex::new(LruCache::new(cached)) }
    }

    /// What it may sign.
    #[must_use]
    pub fn permitted(&self) -> &Permitted {
        &self.permitted
    }

    /// Validity of the issuing CA.
    #[must_use]
    pub fn validity(&self) -> Validity {
        self.validity
    }

    /// The certificates sent after a leaf.
    #[must_use]
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        &self.chain
    }

    /// Leaf and key for a lower-case host, from the cache or minted.
    ///
    /// # Errors
    /// When the issuing CA may not sign for the host, has ended, or generation fails.
    pub fn leaf(&self, host: &str, now: SystemTime) -> Result<Arc<CertifiedKey>, Error> {
        if !self.permitted.covers(host) || host.parse::<std::net::IpAddr>().is_ok() {
            return Err(Error::NotPermitted { host: host.to_owned() });
        }
        let slot = self.slot(host);
        let mut minted = slot.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(live) = minted.as_ref().filter(|minted| issue::unix(now) < minted.retire_at) {
            return Ok(Arc::clone(&live.key));
        }
        let fresh = self.mint(host, now)?;
        let key = Arc::clone(&fresh.key);
        *minted = Some(fresh);
        Ok(key)
    }

    /// Whether a leaf for the host is at hand, so that none has to be minted.
    #[must_use]
    pub fn holds(&self, host: &str, now: SystemTime) -> bool {
        let slot = self.slots.lock().unwrap_or_else(PoisonError::into_inner).get(host).map(Arc::clone);
        let Some(slot) = slot else { return false };
        let minted = slot.0.lock().unwrap_or_else(PoisonError::into_inner);
        minted.as_ref().is_some_and(|minted| issue::unix(now) < minted.retire_at)
    }

    /// New leaves that one client may cause in a minute.
    #[must_use]
    pub fn minted_per_minute(&self) -> u32 {
        self.profile.minted_per_minute
    }

    fn slot(&self, host: &str) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get(host) {
            return Arc::clone(slot);
        }
        let slot = Arc::new(Slot::default());
        slots.put(host.into(), Arc::clone(&slot));
        slot
    }

    fn mint(&self, host: &str, now: SystemTime) -> Result<Minted, Error> {
        let key = KeyPair::generate().map_err(|cause| Error::Generate { subject: host.to_owned(), cause })?;
        let validity = Validity::around(now, self.profile.days, self.profile.backdate_days, Some(self.validity));
        let certificate = issue::leaf(host, &key, &self.issuer, validity)?;
        let mut chain = Vec::with_capacity(1 + self.chain.len());
        chain.push(certificate.into());
        chain.extend(self.chain.iter().cloned());
        let signing = any_ecdsa_type(&PrivateKeyDer::from(key))?;
        let retire_at = validity.until.saturating_sub(Duration::from_secs(self.profile.retire_hours * 3600).as_secs());
        Ok(Minted { key: Arc::new(CertifiedKey::new(chain, signing)), retire_at })
    }
}
