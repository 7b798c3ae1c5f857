//! The time as log and vault see it, so that tests can move it. Does not sleep or schedule.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Instant, SystemTime, UNIX_EPOCH},
};

/// Milliseconds of a day.
pub const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Wall clock and monotonic clock, in milliseconds.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System { started: Instant },
    Manual { wall: Arc<AtomicU64>, monotonic: Arc<AtomicU64> },
}

impl Clock {
    /// The machine's clock; the monotonic one starts at zero here.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System { started: Instant::now() })
    }

    /// A clock that only moves when it is told to.
    #[must_use]
    pub fn manual(wall_ms: u64) -> Self {
        Self(Source::Manual { wall: Arc::new(AtomicU64::new(wall_ms)), monotonic: Arc::new(AtomicU64::new(0)) })
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn wall_ms(&self) -> u64 {
        match &self.0 {
            Source::System { .. } => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
            }
            Source::Manual { wall, .. } => wall.load(Ordering::SeqCst),
        }
    }

    /// Milliseconds since this clock was made; never goes back.
    #[must_use]
    pub fn monotonic_ms(&self) -> u64 {
        match &self.0 {
            Source::System { started } => u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            Source::Manual { monotonic, .. } => monotonic.load(Ordering::SeqCst),
        }
    }

    /// Lets time pass on a manual clock. A system clock ignores it.
    pub fn advance(&self, ms: u64) {
        if let Source::Manual { wall, monotonic } = &self.0 {
            wall.fetch_add(ms, Ordering::SeqCst);
            monotonic.fetch_add(ms, Ordering::SeqCst);
        }
    }

    /// Sets the wall clock of a manual clock, as an administrator or NTP would. A system clock ignores it.
    pub fn set_wall(&self, ms: u64) {
        if let Source::Manual { wall, .. } = &self.0 {
            wall.store(ms, Ordering::SeqCst);
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({} ms)", self.wall_ms())
    }
}
