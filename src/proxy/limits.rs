//! Bounds that connections share: how many there are, how many of one client, and how much memory inspected bodies may
//! take together. The numbers stand in `config::proxy`.

use std::{
    collections::HashMap,
    net::IpAddr,
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use lru::LruCache;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout},
};

/// Connections, in all and by client.
#[derive(Debug)]
pub struct Connections {
    all: Arc<Semaphore>,
    max: usize,
    per_client: usize,
    by_client: Mutex<HashMap<IpAddr, usize>>,
}

/// One admitted connection; its place is free again when this is dropped.
#[derive(Debug)]
pub struct Admitted {
    connections: Arc<Connections>,
    client: IpAddr,
    _permit: OwnedSemaphorePermit,
}

/// Why a connection is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// `connections`
    All,
    /// `connections_per_client`
    Client,
}

impl Connections {
    /// So many in all, so many of one address.
    #[must_use]
    pub fn new(max: usize, per_client: usize) -> Arc<Self> {
        let max = max.clamp(1, Semaphore::MAX_PERMITS);
        Arc::new(Self { all: Arc::new(Semaphore::new(max)), max, per_client, by_client: Mutex::default() })
    }

    /// Takes a connection in.
    ///
    /// # Errors
    /// Which bound is met.
    pub fn admit(self: &Arc<Self>, client: IpAddr) -> Result<Admitted, Full> {
        let client = client.to_canonical();
        let permit = Arc::clone(&self.all).try_acquire_owned().map_err(|_| Full::All)?;
        let mut by_client = self.by_client.lock().unwrap_or_else(PoisonError::into_inner);
        let count = by_client.entry(client).or_insert(0);
        if *count >= self.per_client {
            return Err(Full::Client);
        }
        *count += 1;
        drop(by_client);
        Ok(Admitted { connections: Arc::clone(self), client, _permit: permit })
    }

    /// Connections at this moment.
    #[must_use]
    pub fn open(&self) -> usize {
        self.max - self.all.available_permits()
    }

    /// Waits until none is left, at most for `limit`. Returns how many are left.
    pub async fn drained(&self, limit: Duration) -> usize {
        let all = u32::try_from(self.max).unwrap_or(u32::MAX);
        match timeout(limit, self.all.acquire_many(all)).await {
            Ok(Ok(_) | Err(_)) => 0,
            // The waiting `acquire_many` has taken the free places; they are back by now.
            Err(_) => self.open(),
        }
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut by_client = self.connections.by_client.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = by_client.get_mut(&self.client) {
            *count -= 1;
            if *count == 0 {
                by_client.remove(&self.client);
            }
        }
    }
}

/// Clients whose mints are counted; of more, those not seen for longest begin anew.
const MINTING_CLIENTS: usize = 4096;

/// New leaves by client, so that nobody has them made without end.
#[derive(Debug)]
pub struct Mints(Mutex<LruCache<IpAddr, Minute>>);

/// Leaves minted for one client since a moment less than a minute ago.
#[derive(Debug)]
struct Minute {
    since: Instant,
    count: u32,
}

impl Default for Mints {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(NonZeroUsize::new(MINTING_CLIENTS).unwrap_or(NonZeroUsize::MIN))))
    }
}

impl Mints {
    /// Whether another leaf may be minted for this client, at most so many a minute.
    #[must_use]
    pub fn admit(&self, client: IpAddr, per_minute: u32, now: Instant) -> bool {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = clients.get_or_insert_mut(client.to_canonical(), || Minute { since: now, count: 0 });
        if now.duration_since(minute.since) >= Duration::from_secs(60) {
            *minute = Minute { since: now, count: 0 };
        }
        minute.count = minute.count.saturating_add(1);
        minute.count <= per_minute
    }
}

/// How long a body waits for memory before it is refused.
const MEMORY_WAIT: Duration = Duration::from_secs(10);

/// Memory of inspected bodies, counted in KiB.
#[derive(Debug)]
pub struct Memory {
    kib: Arc<Semaphore>,
    max_kib: usize,
    wait: Duration,
}

/// Memory set aside for one body.
#[derive(Debug)]
pub struct Reserved {
    permit: OwnedSemaphorePermit,
}

impl Memory {
    /// So much for all bodies together.
    #[must_use]
    pub fn new(mib: usize) -> Self {
        let max_kib = (mib * 1024).clamp(1, Semaphore::MAX_PERMITS);
        Self { kib: Arc::new(Semaphore::new(max_kib)), max_kib, wait: MEMORY_WAIT }
    }

    /// Sets memory aside, waiting for others to finish. `None` when the wait was too long. One body never needs more
    /// than all there is: the largest allowed one then runs alone.
    pub async fn reserve(&self, bytes: usize) -> Option<Reserved> {
        let permit = timeout(self.wait, Arc::clone(&self.kib).acquire_many_owned(self.kib_for(bytes))).await;
        permit.ok()?.ok().map(|permit| Reserved { permit })
    }

    fn kib_for(&self, bytes: usize) -> u32 {
        u32::try_from(bytes.div_ceil(1024).min(self.max_kib)).unwrap_or(u32::MAX)
    }
}

impl Reserved {
    /// Raises the reservation to `bytes`, in steps of at least a half so that a stream does not ask for each frame.
    pub async fn grow(&mut self, memory: &Memory, bytes: usize) -> Option<()> {
        let has = self.permit.num_permits();
        let needed = usize::try_from(memory.kib_for(bytes)).unwrap_or(usize::MAX);
        if needed <= has {
            return Some(());
        }
        let more = needed.max((has + has / 2).min(memory.max_kib)) - has;
        self.permit.merge(memory.reserve(more * 1024).await?.permit);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_client_cannot_take_every_place() {
        let connections = Connections::new(3, 2);
        let (alice, bob) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let first = connections.admit(alice).unwrap();
        let second = connections.admit(alice).unwrap();
        assert_eq!(connections.admit(alice).unwrap_err(), Full::Client);
        let third = connections.admit(bob).unwrap();
        assert_eq!(connections.admit(bob).unwrap_err(), Full::All);
        assert_eq!(connections.drained(Duration::from_millis(50)).await, 3);
        drop((first, second, third));
        assert_eq!(connections.drained(Duration::from_secs(5)).await, 0);
        assert!(connections.by_client.lock().unwrap().is_empty());
    }

    #[test]
    fn one_client_has_no_leaves_minted_without_end() {
        let (mints, now) = (Mints::default(), Instant::now());
        let (alice, bob) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        assert!(mints.admit(alice, 2, now) && mints.admit(alice, 2, now));
        assert!(!mints.admit(alice, 2, now) && mints.admit(bob, 2, now));
        assert!(mints.admit(alice, 2, now + Duration::from_secs(60)));
    }

    #[tokio::test]
    async fn memory_over_the_bound_is_waited_for_and_then_refused() {
        let memory = Memory { wait: Duration::from_millis(50), ..Memory::new(1) };
        let mut first = memory.reserve(600 << 10).await.unwrap();
        assert!(memory.reserve(600 << 10).await.is_none());
        assert!(first.grow(&memory, 2 << 20).await.is_some(), "never more than all there is");
        assert!(memory.reserve(1).await.is_none());
        drop(first);
        assert!(memory.reserve(5 << 20).await.is_some());
    }
}
