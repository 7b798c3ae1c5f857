//! The log as the running Scrim uses it: record, count, look, close. Writing itself is `writer`'s.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        mpsc::{SyncSender, TrySendError, sync_channel},
    },
    thread::JoinHandle,
    time::Duration,
};

use data_encoding::HEXLOWER;
use tokio::sync::{Semaphore, oneshot};

use super::{
    AuditError, Count, Entry, Event, Filter, Reader, Report,
    counters::Counters,
    event::Previews,
    opening::{self, Opened},
    writer::{Desk, Job, Opener, Writer},
};
use crate::{
    config,
    policy::Verdict,
    store::{self, LogStore, StoreError, clock::Clock, keyfile, private},
};

/// How long an event waits for a place in the queue.
const QUEUE_WAIT: Duration = Duration::from_secs(2);

/// How a log is kept.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Events that may wait for the writer.
    pub queue: usize,
    /// Free space below which Scrim warns; below half of it nothing is recorded.
    pub min_free_mib: u64,
    /// Whether previews are kept.
    pub previews: Previews,
    /// Name of the machine.
    pub node: String,
}

impl Settings {
    /// What `[audit]` says, for this machine.
    #[must_use]
    pub fn new(audit: &config::audit::Audit) -> Self {
        let previews = if audit.previews { Previews::Keep } else { Previews::Drop };
        Self { queue: audit.queue.max(1), min_free_mib: audit.min_free_mib, previews, node: this_node() }
    }
}

fn this_node() -> String {
    let name =
        std::fs::read_to_string("/proc/sys/kernel/hostname").or_else(|_| std::fs::read_to_string("/etc/hostname"));
    name.map_or_else(|_| "localhost".to_owned(), |name| name.trim().to_owned())
}

/// How the log is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// Events are durable.
    Good,
    /// The disk gets full.
    LowSpace {
        /// MiB that are left.
        free_mib: u64,
    },
    /// Events cannot be written.
    Failing {
        /// Why.
        reason: String,
    },
}

/// What the writer shows to everybody else.
pub(super) struct Shared {
    store: RwLock<Option<Arc<dyn LogStore>>>,
    health: Mutex<Health>,
    alarm: Mutex<Option<String>>,
    pub(super) counters: Counters,
}

impl Shared {
    pub(super) fn new(counters: Counters) -> Self {
        Self { store: RwLock::new(None), health: Mutex::new(Health::Good), alarm: Mutex::new(None), counters }
    }

    pub(super) fn offer(&self, store: Option<Arc<dyn LogStore>>) {
        *self.store.write().unwrap_or_else(PoisonError::into_inner) = store;
    }

    pub(super) fn store(&self) -> Option<Arc<dyn LogStore>> {
        self.store.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn health(&self) -> Health {
        self.health.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set_health(&self, health: Health) {
        *self.health.lock().unwrap_or_else(PoisonError::into_inner) = health;
    }

    pub(super) fn alarm(&self, words: &str) {
        *self.alarm.lock().unwrap_or_else(PoisonError::into_inner) = Some(words.to_owned());
    }
}

/// An open log. Dropping it closes it in order; so does `close`.
pub struct Log {
    shared: Arc<Shared>,
    reader: Reader,
    places: Arc<Semaphore>,
    queue: usize,
    /// `None` once closed.
    jobs: Mutex<Option<SyncSender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Log {
    /// Opens the log of a state folder; makes one where there is none. Reads and writes the disk.
    ///
    /// # Errors
    /// When another process owns it, its key is open to others, or the disk refuses. Damage is no error: the store is
    /// set aside, a new chain begins, and [`Log::alarm`] says so.
    pub fn open(state: &Path, settings: Settings, clock: Clock) -> Result<Self, AuditError> {
        private::directory(&state.join("keys"))?;
        let key = Arc::new(keyfile::load_or_create(&state.join("keys").join("log.key"))?);
        let (folder, again, time) = (state.to_owned(), Arc::clone(&key), clock.clone());
        let opener: Opener = Box::new(move || opening::open(&folder, &again, time.wall_ms()));
        let opened = opener()?;
        Self::start(state, settings, clock, key, opener, opened)
    }

    /// Starts the writer on a store that is open.
    pub(super) fn start(
        state: &Path,
        settings: Settings,
        clock: Clock,
        key: Arc<keyfile::SecretKey>,
        opener: Opener,
        opened: Opened,
    ) -> Result<Self, AuditError> {
        let shared = Arc::new(Shared::new(Counters::open(state)?));
        let reader = Reader::live(Arc::clone(&shared), state.to_owned(), Arc::clone(&key));
        let boot = HEXLOWER.encode(&store::random::<8>()?);
        let Settings { queue, min_free_mib, previews, node } = settings;
        let (seen, folder) = (Arc::clone(&shared), state.to_owned());
        let desk = Desk { shared: seen, opener, key, clock, state: folder, previews, min_free_mib, node, boot };
        let writer = Writer::new(desk, opened)?;
        let (jobs, waiting) = sync_channel(queue);
        let thread = std::thread::Builder::new().name("scrim-log".to_owned()).spawn(move || writer.run(&waiting));
        let thread = thread.map_err(|error| StoreError::io("start a writer for", state, error))?;
        let places = Arc::new(Semaphore::new(queue));
        let (jobs, thread) = (Mutex::new(Some(jobs)), Mutex::new(Some(thread)));
        Ok(Self { shared, reader, places, queue, jobs, thread })
    }

    /// Records an event and returns its number when it is durable. `v`, `seq`, `time`, `monotonic`, `boot`, `node` are
    /// filled in here, and `id` where it is empty.
    ///
    /// # Errors
    /// When the queue stays full for two seconds, the disk is full or refuses, or the log is closed: the caller follows
    /// `[audit] on_failure`.
    pub async fn record(&self, event: Event) -> Result<u64, AuditError> {
        let places = Arc::clone(&self.places).acquire_owned();
        let place = tokio::time::timeout(QUEUE_WAIT, places).await;
        let place =
            place.map_err(|_late| AuditError::Busy { queue: self.queue })?.map_err(|_closed| AuditError::Closed)?;
        let (done, written) = oneshot::channel();
        self.send(Job { event: Box::new(event), done, place })?;
        written.await.map_err(|_gone| AuditError::Closed)?
    }

    fn send(&self, job: Job) -> Result<(), AuditError> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(jobs) = jobs.as_ref() else { return Err(AuditError::Closed) };
        jobs.try_send(job).map_err(|refused| match refused {
            TrySendError::Full(_) => AuditError::Busy { queue: self.queue },
            TrySendError::Disconnected(_) => AuditError::Closed,
        })
    }

    /// Counts an exchange, whether or not it leaves an event.
    pub fn count(&self, site: &str, verdict: Verdict) {
        self.shared.counters.count(site, verdict);
    }

    /// What was counted, since this log began.
    #[must_use]
    pub fn counts(&self) -> Vec<Count> {
        self.shared.counters.all()
    }

    /// How the log is.
    #[must_use]
    pub fn health(&self) -> Health {
        self.shared.health()
    }

    /// What a person has to know about how the log was found, in words: damage, a missing checkpoint.
    #[must_use]
    pub fn alarm(&self) -> Option<String> {
        self.shared.alarm.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// For reading on a thread that may wait.
    #[must_use]
    pub fn reader(&self) -> Reader {
        self.reader.clone()
    }

    /// Entries that a filter lets through, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn list(&self, filter: Filter) -> Result<Vec<Entry>, AuditError> {
        self.aside(move |reader| reader.list(&filter)).await
    }

    /// One entry.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn get(&self, seq: u64) -> Result<Option<Entry>, AuditError> {
        self.aside(move |reader| reader.get(seq)).await
    }

    /// Whether the log is complete and untouched.
    ///
    /// # Errors
    /// When the checkpoint files cannot be read.
    pub async fn verify(&self) -> Result<Report, AuditError> {
        self.aside(|reader| reader.verify()).await
    }

    /// Writes every record as JSON lines (see [`super::export`]); returns how many.
    ///
    /// # Errors
    /// When the store cannot be read or `out` cannot be written.
    pub async fn export(&self, mut out: impl std::io::Write + Send + 'static) -> Result<u64, AuditError> {
        self.aside(move |reader| reader.export(&mut out)).await
    }

    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(Reader) -> Result<T, AuditError> + Send + 'static,
    ) -> Result<T, AuditError> {
        let reader = self.reader();
        let task = tokio::task::spawn_blocking(move || work(reader));
        task.await.map_err(|error| AuditError::Interrupted(error.to_string()))?
    }

    /// Takes no more events, writes those that wait, leaves a checkpoint and the counters, and lets go of the store.
    /// Waits for the disk.
    pub fn close(&self) {
        drop(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the log's writer ended in a panic");
        }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.close();
    }
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Log({:?})", self.health())
    }
}

/// The state folder's files that belong to the log, for `doctor` and backups.
#[must_use]
pub fn files(state: &Path) -> Vec<PathBuf> {
    let mut files = vec![opening::directory(state), state.join("log.counts"), state.join("keys").join("log.key")];
    files.extend(super::checkpoint::files(state));
    files
}
