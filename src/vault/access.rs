//! The way into the vault for everything that must not wait for a disk on its own thread. One call at a time for each
//! scope; a call that is given up half-way is finished all the same.

use std::{
    collections::HashSet,
    num::NonZeroUsize,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use data_encoding::HEXLOWER;
use tokio::sync::OwnedMutexGuard;

use super::{
    VaultError,
    core::{Core, Persisted},
    keys::{Keys, ScopeId},
    rows, sealed,
    slots::{Loaded, Slots},
};
use crate::{
    config,
    mask::{Names, Original, Placeholder},
    site::Turn,
    store::{
        self, MapStore, StoreError,
        clock::Clock,
        keyfile::{self, SecretKey},
        preflight, private,
        sled_store::{Sled, Tuning},
    },
};

/// Scopes whose names are held in memory.
const SCOPES_HELD: NonZeroUsize = NonZeroUsize::new(1024).unwrap();

/// How a vault is kept.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Days without use after which an original cannot be restored.
    pub lifetime_days: u32,
    /// Categories whose originals never enter.
    pub never_restore: Vec<String>,
}

impl Settings {
    /// What `[mask]` says.
    #[must_use]
    pub fn new(mask: &config::mask::Mask) -> Self {
        Self { lifetime_days: mask.lifetime_days, never_restore: mask.never_restore.clone() }
    }
}

/// The open vault. Share it in an `Arc`.
pub struct Vault {
    core: Arc<Core>,
    slots: Mutex<Slots>,
    alarm: Option<String>,
}

impl Vault {
    /// Opens the vault of a state folder; makes one where there is none. Reads and writes the disk.
    ///
    /// # Errors
    /// When another process owns it, its key is gone, wrong or open to others, or the disk refuses. A damaged store is
    /// set aside and [`Vault::alarm`] says so.
    pub fn open(state: &Path, settings: Settings, clock: Clock) -> Result<Self, VaultError> {
        private::directory(&state.join("keys"))?;
        let (directory, key_file) = (state.join("vault"), state.join("keys").join("vault.key"));
        if !key_file.exists() && directory.join("db").exists() {
            return Err(VaultError::KeyMissing { key: key_file, vault: directory });
        }
        let keys = Keys::new(keyfile::load_or_create(&key_file)?)?;
        let (map, alarm) = open_map(state, &directory, clock.wall_ms())?;
        let birth = match known_birth(&map, keys.wrapping()) {
            Err(VaultError::Forged) => return Err(VaultError::WrongKey { key: key_file, vault: directory }),
            known => known?,
        };
        private::write_atomic(&state.join("vault.birth"), birth.as_bytes())?;
        let vault = Self::over(Box::new(map), keys, settings, clock, alarm);
        vault.core.expire()?;
        Ok(vault)
    }

    pub(super) fn over(
        map: Box<dyn MapStore>,
        keys: Keys,
        settings: Settings,
        clock: Clock,
        alarm: Option<String>,
    ) -> Self {
        let never_restore = settings.never_restore.into_iter().collect();
        let core = Core { map, keys, clock, lifetime_days: settings.lifetime_days, never_restore };
        Self { core: Arc::new(core), slots: Mutex::new(Slots::new(SCOPES_HELD)), alarm }
    }

    /// What a person has to know about how the vault was found, in words.
    #[must_use]
    pub fn alarm(&self) -> Option<&str> {
        self.alarm.as_deref()
    }

    /// The live names of a scope, as a snapshot.
    ///
    /// # Errors
    /// When the store cannot be read, or a new scope not be written.
    pub async fn names(&self, subject: &str, family: &str) -> Result<Names, VaultError> {
        let scope = self.core.keys.scope(subject, family);
        let mut slot = self.slot(scope).await;
        let today = self.core.epoch();
        if let Some(loaded) = slot.as_ref().filter(|loaded| loaded.epoch == today) {
            return Ok(loaded.names.clone());
        }
        self.aside(move |core| {
            let names = core.load(scope)?;
            *slot = Some(Loaded { epoch: today, names: names.clone(), kept: HashSet::new() });
            Ok(names)
        })
        .await
    }

    /// Keeps entries of a turn; durable when it returns. Returns the placeholders that stand for more than one original
    /// or whose category never enters: they are not restorable.
    ///
    /// # Errors
    /// When the store cannot be written: nothing of the turn may leave then.
    pub async fn persist(
        &self,
        subject: &str,
        family: &str,
        entries: Vec<(Placeholder, Original)>,
    ) -> Result<Vec<Placeholder>, VaultError> {
        let scope = self.core.keys.scope(subject, family);
        let mut slot = self.slot(scope).await;
        let today = self.core.epoch();
        let mut entries = entries;
        if let Some(loaded) = slot.as_ref().filter(|loaded| loaded.epoch == today) {
            // A client that sends its whole history repeats what was kept a moment ago.
            entries.retain(|(placeholder, original)| !loaded.has_kept(placeholder, original));
        }
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        self.aside(move |core| {
            let persisted = core.persist(scope, &entries)?;
            follow(&mut slot, &persisted, entries);
            let Persisted { collided, kept_out } = persisted;
            Ok([collided, kept_out].concat())
        })
        .await
    }

    /// The turns of a conversation that were answered locally, oldest first; `None` when there is none.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn local_turns(
        &self,
        subject: &str,
        family: &str,
        conversation: &str,
    ) -> Result<Option<Vec<Turn>>, VaultError> {
        let (scope, conversation) = (self.core.keys.scope(subject, family), conversation.to_owned());
        let _slot = self.slot(scope).await;
        self.aside(move |core| core.turns(scope, &conversation)).await
    }

    /// Appends turns to a conversation; the last 64 are kept. Durable when it returns.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn remember(
        &self,
        subject: &str,
        family: &str,
        conversation: &str,
        turns: Vec<Turn>,
    ) -> Result<(), VaultError> {
        let (scope, conversation) = (self.core.keys.scope(subject, family), conversation.to_owned());
        let slot = self.slot(scope).await;
        self.aside(move |core| {
            let remembered = core.remember(scope, &conversation, turns);
            drop(slot);
            remembered
        })
        .await
    }

    /// What the log shows of a value: 16 hex characters, the same for the same value in this installation.
    #[must_use]
    pub fn fingerprint(&self, value: &str) -> String {
        self.core.keys.fingerprint(value)
    }

    /// Deletes everything about a subject, also what makes its placeholders; returns how many rows.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn erase(&self, subject: &str) -> Result<u64, VaultError> {
        let slots = {
            let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            slots.of_subject(&self.core.keys.subject(subject))
        };
        let mut held = Vec::with_capacity(slots.len());
        for slot in slots {
            held.push(slot.lock_owned().await);
        }
        let subject = subject.to_owned();
        self.aside(move |core| {
            held.iter_mut().for_each(|slot| **slot = None);
            let erased = core.erase(&subject);
            drop(held);
            erased
        })
        .await
    }

    /// Deletes what has outlived its time; returns how many rows. To be called now and then, at least daily.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn expire(&self) -> Result<u64, VaultError> {
        self.aside(Core::expire).await
    }

    #[cfg(test)]
    pub(super) fn core_scope(&self, subject: &str, family: &str) -> ScopeId {
        self.core.keys.scope(subject, family)
    }

    async fn slot(&self, scope: ScopeId) -> OwnedMutexGuard<Option<Loaded>> {
        let slot = self.slots.lock().unwrap_or_else(PoisonError::into_inner).of(scope);
        slot.lock_owned().await
    }

    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Core) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let core = Arc::clone(&self.core);
        let task = tokio::task::spawn_blocking(move || work(&core));
        task.await.map_err(|error| VaultError::Interrupted(error.to_string()))?
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

/// Brings the names in memory in step with what was written.
fn follow(slot: &mut Option<Loaded>, persisted: &Persisted, entries: Vec<(Placeholder, Original)>) {
    if !persisted.collided.is_empty() {
        // A placeholder may have lost its meaning: the next reader loads afresh.
        *slot = None;
    }
    let Some(loaded) = slot else { return };
    for (placeholder, original) in entries {
        if persisted.kept_out.contains(&placeholder) {
            continue;
        }
        loaded.kept.insert(placeholder.clone());
        if loaded.names.original(placeholder.as_str()).is_none() {
            loaded.names.insert(placeholder, original);
        }
    }
}

fn open_map(state: &Path, directory: &Path, time_ms: u64) -> Result<(Sled, Option<String>), VaultError> {
    let born = private::read(&state.join("vault.birth"), 256)?;
    let check = |store: &Sled| match (&born, MapStore::get(store, rows::BIRTH)) {
        (Some(_), Ok(None)) => Err("it is empty, and it was not".to_owned()),
        (_, Err(error)) => Err(error.to_string()),
        (Some(_) | None, Ok(_)) => Ok(()),
    };
    let reason = match Sled::open(directory, Tuning::Vault, &check) {
        Ok(map) => return Ok((map, None)),
        Err(StoreError::Damaged { reason, .. }) => reason,
        Err(error) => return Err(error.into()),
    };
    let aside = preflight::set_aside(directory, time_ms, &[state.join("vault.birth")])?;
    tracing::error!(aside = %aside.display(), reason, "the vault was damaged and set aside; a new one begins");
    let name = aside.file_name().unwrap_or_default().to_string_lossy();
    let alarm = format!("the vault was set aside as `{name}`: {reason}; earlier placeholders are not restored");
    Ok((Sled::open(directory, Tuning::Vault, &|_| Ok(()))?, Some(alarm)))
}

/// The vault's birth, made when it has none: it proves that key and store belong together, and that a store found empty
/// was not always so.
fn known_birth(map: &Sled, wrapping: &SecretKey) -> Result<String, VaultError> {
    if let Some(held) = MapStore::get(map, rows::BIRTH)? {
        return Ok(HEXLOWER.encode(&sealed::open(wrapping, rows::BIRTH, &held)?));
    }
    let birth = store::random::<16>()?;
    map.put(rows::BIRTH, &sealed::seal(wrapping, rows::BIRTH, &birth)?)?;
    map.flush()?;
    Ok(HEXLOWER.encode(&birth))
}
