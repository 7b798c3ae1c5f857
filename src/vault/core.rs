//! The vault's own work on its map, call by call: scopes, epochs, originals, erasure. Waits for the disk; `access` puts
//! it where waiting is allowed and keeps two calls of one scope apart.

use std::collections::{HashMap, HashSet};

use super::{
    VaultError,
    keys::{Keys, ScopeId},
    rows::{self, Epoch, Kind, Row},
    sealed,
};
use crate::{
    mask::{Names, Original, Placeholder},
    store::{
        self, MapStore,
        clock::{Clock, DAY_MS},
        keyfile::SecretKey,
    },
};

/// Rows that are read at a time.
const PAGE: usize = 512;

/// Live originals of one scope that are held in memory; the rest of the store stays unread.
const NAMES_MAX: usize = 50_000;

/// The blocking half of the vault.
pub struct Core {
    pub(super) map: Box<dyn MapStore>,
    pub(super) keys: Keys,
    pub(super) clock: Clock,
    /// Days without use after which an original cannot be restored.
    pub(super) lifetime_days: u32,
    /// Categories whose originals never enter.
    pub(super) never_restore: HashSet<String>,
}

/// What became of entries.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Persisted {
    /// Stand for more than one original: not restorable.
    pub(super) collided: Vec<Placeholder>,
    /// May not be restored, by category.
    pub(super) kept_out: Vec<Placeholder>,
}

/// How a held row stands to an original that is to be kept under the same placeholder.
enum Standing {
    /// The same, of today.
    Current,
    /// The same of an earlier day, or a row that is over or damaged: a new one takes its place.
    Due,
    /// Another original.
    Other,
    /// Two originals have met here already.
    Collided,
}

impl Core {
    /// Today.
    pub(super) fn epoch(&self) -> Epoch {
        Epoch::try_from(self.clock.wall_ms() / DAY_MS).unwrap_or(Epoch::MAX)
    }

    fn is_live(&self, epoch: Epoch) -> bool {
        self.epoch() <= epoch.saturating_add(self.lifetime_days)
    }

    /// All live names of a scope. Makes the scope when it is new: its salt is durable before anybody names by it.
    pub(super) fn load(&self, scope: ScopeId) -> Result<Names, VaultError> {
        let mut names = Names::new(self.keys.naming(&self.salt(scope)?, scope)?);
        let mut epochs = HashMap::new();
        let prefix = rows::key(Kind::Name, scope, &[]);
        for row in self.each(&prefix) {
            let (key, bytes) = row?;
            let placeholder = key.get(prefix.len()..).and_then(|rest| std::str::from_utf8(rest).ok());
            let Some(placeholder) = placeholder.and_then(Placeholder::parse) else { continue };
            if names.len() >= NAMES_MAX {
                tracing::warn!(limit = NAMES_MAX, "a scope has more live originals than are held in memory");
                break;
            }
            match self.open_row(scope, &key, &bytes, &mut epochs) {
                Ok(Some(plain)) => drop(names.insert(placeholder, original(&plain)?)),
                Ok(None) => {}
                Err(VaultError::Forged) => tracing::error!("a row of the vault does not decrypt where it lies"),
                Err(error) => return Err(error),
            }
        }
        Ok(names)
    }

    /// Keeps entries; durable when it returns. An original that is held already lives on from today.
    pub(super) fn persist(&self, scope: ScopeId, entries: &[(Placeholder, Original)]) -> Result<Persisted, VaultError> {
        let mut persisted = Persisted::default();
        let today = self.epoch();
        let epoch_key = self.todays_key(scope, today)?;
        for (placeholder, original) in entries {
            if self.never_restore.contains(placeholder.category().as_str()) {
                persisted.kept_out.push(placeholder.clone());
            } else if !self.keep(scope, placeholder, original, (today, &epoch_key))? {
                persisted.collided.push(placeholder.clone());
            }
        }
        self.map.flush()?;
        Ok(persisted)
    }

    /// False when the placeholder stands for another original already.
    fn keep(
        &self,
        scope: ScopeId,
        placeholder: &Placeholder,
        original: &Original,
        (today, epoch_key): (Epoch, &SecretKey),
    ) -> Result<bool, VaultError> {
        let key = rows::key(Kind::Name, scope, placeholder.as_str().as_bytes());
        let held = self.map.get(&key)?;
        let fresh = || -> Result<Row, VaultError> {
            let sealed = sealed::seal(epoch_key, &rows::associated(&key, today), original.expose().as_bytes())?;
            rows::lay_out(self.map.as_ref(), &key, today, &sealed)
        };
        let Some(held) = held else {
            // Another node of a shared store may be quicker; then its row decides.
            let Some(quicker) = self.map.put_if_absent(&key, &fresh()?.encode())? else { return Ok(true) };
            return self.settle(scope, &key, &quicker, original, &fresh);
        };
        self.settle(scope, &key, &held, original, &fresh)
    }

    /// Compares an original with the row that is held under its placeholder, and replaces the row where that is due.
    fn settle(
        &self,
        scope: ScopeId,
        key: &[u8],
        held: &[u8],
        original: &Original,
        fresh: &dyn Fn() -> Result<Row, VaultError>,
    ) -> Result<bool, VaultError> {
        let old = Row::decode(held);
        let (row, restorable) = match self.standing(scope, key, held, original)? {
            Standing::Current => return Ok(true),
            Standing::Collided => return Ok(false),
            Standing::Due => (fresh()?, true),
            Standing::Other => (Row::Collided { epoch: self.epoch() }, false),
        };
        self.map.put(key, &row.encode())?;
        if let Some(old) = old.filter(|old| old.epoch() != row.epoch() || !restorable) {
            rows::remove_parts(self.map.as_ref(), key, &old)?;
        }
        Ok(restorable)
    }

    fn standing(&self, scope: ScopeId, key: &[u8], held: &[u8], original: &Original) -> Result<Standing, VaultError> {
        let plain = match self.open_row(scope, key, held, &mut HashMap::new()) {
            Err(VaultError::Forged) => return Ok(Standing::Due),
            opened => opened?,
        };
        let epoch = Row::decode(held).map_or(0, |row| row.epoch());
        let collided = matches!(Row::decode(held), Some(Row::Collided { .. }));
        Ok(match plain {
            None if collided && self.is_live(epoch) => Standing::Collided,
            None => Standing::Due,
            Some(plain) if plain.as_slice() != original.expose().as_bytes() => Standing::Other,
            Some(_) if epoch >= self.epoch() => Standing::Current,
            Some(_) => Standing::Due,
        })
    }

    /// The plain text of a row; `None` when its time is over or it holds none.
    pub(super) fn open_row(
        &self,
        scope: ScopeId,
        key: &[u8],
        bytes: &[u8],
        epochs: &mut HashMap<Epoch, Option<SecretKey>>,
    ) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, VaultError> {
        let Some(row) = Row::decode(bytes) else { return Err(VaultError::Forged) };
        let Row::Value { epoch, parts, piece } = row else { return Ok(None) };
        if !self.is_live(epoch) {
            return Ok(None);
        }
        if let std::collections::hash_map::Entry::Vacant(vacant) = epochs.entry(epoch) {
            vacant.insert(self.epoch_key(scope, epoch)?);
        }
        let Some(Some(epoch_key)) = epochs.get(&epoch) else { return Ok(None) };
        let sealed = rows::join(self.map.as_ref(), key, epoch, parts, piece)?;
        sealed::open(epoch_key, &rows::associated(key, epoch), &sealed).map(Some)
    }

    // === salts and epoch keys ===

    fn salt(&self, scope: ScopeId) -> Result<[u8; 16], VaultError> {
        let key = rows::key(Kind::Salt, scope, &[]);
        self.wrapped(&key)?.map_or_else(|| self.wrap_new(&key), Ok)
    }

    pub(super) fn todays_key(&self, scope: ScopeId, today: Epoch) -> Result<SecretKey, VaultError> {
        let key = rows::key(Kind::EpochKey, scope, &today.to_be_bytes());
        Ok(SecretKey::new(self.wrapped(&key)?.map_or_else(|| self.wrap_new(&key), Ok)?))
    }

    fn epoch_key(&self, scope: ScopeId, epoch: Epoch) -> Result<Option<SecretKey>, VaultError> {
        let key = rows::key(Kind::EpochKey, scope, &epoch.to_be_bytes());
        Ok(self.wrapped(&key)?.map(SecretKey::new))
    }

    fn wrapped<const N: usize>(&self, key: &[u8]) -> Result<Option<[u8; N]>, VaultError> {
        self.map.get(key)?.map(|held| self.unwrap(key, &held)).transpose()
    }

    fn unwrap<const N: usize>(&self, key: &[u8], held: &[u8]) -> Result<[u8; N], VaultError> {
        let plain = sealed::open(self.keys.wrapping(), &rows::associated(key, 0), held)?;
        plain.as_slice().try_into().map_err(|_length| VaultError::Forged)
    }

    /// Random bytes, kept under `key` and durable; those of whoever was quicker where there are some.
    fn wrap_new<const N: usize>(&self, key: &[u8]) -> Result<[u8; N], VaultError> {
        let fresh = store::random::<N>()?;
        let sealed = sealed::seal(self.keys.wrapping(), &rows::associated(key, 0), &fresh)?;
        let quicker = self.map.put_if_absent(key, &sealed)?;
        self.map.flush()?;
        quicker.map_or(Ok(fresh), |held| self.unwrap(key, &held))
    }

    // === ends ===

    /// Deletes the keys of epochs that are over, then the rows that only they could open; returns how many of these.
    pub(super) fn expire(&self) -> Result<u64, VaultError> {
        for row in self.each(&rows::all(Kind::EpochKey)) {
            let (key, _) = row?;
            let epoch = key.last_chunk::<4>().map(|bytes| Epoch::from_be_bytes(*bytes));
            if epoch.is_some_and(|epoch| !self.is_live(epoch)) {
                self.map.delete(&key)?;
            }
        }
        let mut removed = 0;
        for kind in [Kind::Name, Kind::Turn] {
            for row in self.each(&rows::all(kind)) {
                let (key, bytes) = row?;
                if let Some(row) = Row::decode(&bytes).filter(|row| !self.is_live(row.epoch())) {
                    rows::remove(self.map.as_ref(), &key, &row)?;
                    removed += 1;
                }
            }
        }
        self.map.flush()?;
        Ok(removed)
    }

    /// Deletes everything about a subject: keys and salts first.
    pub(super) fn erase(&self, subject: &str) -> Result<u64, VaultError> {
        let id = self.keys.subject(subject);
        let mut removed = 0;
        for kind in Kind::ALL {
            for row in self.each(&rows::of_subject(kind, &id)) {
                self.map.delete(&row?.0)?;
                removed += 1;
            }
        }
        self.map.flush()?;
        Ok(removed)
    }

    /// Rows whose key begins with `prefix`, read page by page; deleting the row at hand is allowed.
    pub(super) fn each(&self, prefix: &[u8]) -> impl Iterator<Item = Result<store::Row, store::StoreError>> {
        let (mut page, mut after, mut over) = (Vec::new().into_iter(), None::<Vec<u8>>, false);
        let prefix = prefix.to_vec();
        std::iter::from_fn(move || {
            if page.len() == 0 && !over {
                match self.map.scan_prefix(&prefix, after.as_deref(), PAGE) {
                    Ok(rows) => {
                        over = rows.len() < PAGE;
                        after = rows.last().map(|(key, _)| key.clone());
                        page = rows.into_iter();
                    }
                    Err(error) => {
                        over = true;
                        return Some(Err(error));
                    }
                }
            }
            page.next().map(Ok)
        })
    }
}

fn original(plain: &[u8]) -> Result<Original, VaultError> {
    let text = std::str::from_utf8(plain).map_err(|_odd| VaultError::Forged)?;
    Ok(Original::new(text.to_owned()))
}
