//! The one thread that writes the log: takes what waits, chains it, appends it as one batch, answers. A panic or a
//! refusal of the store fails the batch, and the store is opened anew. Does not read for others.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::{
    AuditError, Event, Kind,
    chain::{Body, Link, Record},
    checkpoint::{self, Head},
    event::{self, Previews},
    log::{Health, Shared},
    opening::Opened,
};
use crate::store::{self, LogStore, clock::Clock, keyfile::SecretKey, private};

/// Records of one commit. With 300-byte records one commit takes below a millisecond.
const BATCH_MAX: usize = 512;

/// Records after which a checkpoint is due, whatever the time.
const CHECKPOINT_RECORDS: u64 = 1000;

/// Time after which a checkpoint is due; the disk's space is looked at as often.
const TICK_MS: u64 = 1000;

/// Time after which counters are written.
const COUNTERS_MS: u64 = 60_000;

/// Time between tries to open a store that failed.
const REOPEN_MS: u64 = 5000;

/// Difference between wall clock and monotonic clock that is recorded.
const STEP_MS: u64 = 5000;

/// An event that waits.
pub(super) struct Job {
    /// What to write.
    pub(super) event: Box<Event>,
    /// Who waits for it.
    pub(super) done: oneshot::Sender<Result<u64, AuditError>>,
    /// Its place in the queue; free when the job is done.
    pub(super) place: OwnedSemaphorePermit,
}

/// Opens the store, again if need be.
pub(super) type Opener = Box<dyn Fn() -> Result<Opened, AuditError> + Send>;

/// What the writer works with.
pub(super) struct Desk {
    /// What readers and callers see.
    pub(super) shared: Arc<Shared>,
    /// Opens the store.
    pub(super) opener: Opener,
    /// Key of the checkpoint.
    pub(super) key: Arc<SecretKey>,
    /// The time.
    pub(super) clock: Clock,
    /// The state folder.
    pub(super) state: PathBuf,
    /// Whether previews are kept.
    pub(super) previews: Previews,
    /// Free space below which a warning is due; below half of it nothing is recorded.
    pub(super) min_free_mib: u64,
    /// The machine.
    pub(super) node: String,
    /// This run.
    pub(super) boot: String,
}

/// The writer; lives on its own thread.
pub(super) struct Writer {
    desk: Desk,
    /// `None` after a failure, until the store could be opened again.
    chain: Option<Chain>,
    due: Due,
}

/// Where the chain stands.
struct Chain {
    store: Arc<dyn LogStore>,
    first: u64,
    seq: u64,
    link: Link,
    /// Records since the last checkpoint.
    unmarked: u64,
}

/// When something is due, by the monotonic clock.
#[derive(Default)]
struct Due {
    tick: u64,
    counters: u64,
    reopen: u64,
    /// Wall clock minus monotonic clock, as last seen.
    offset: Option<i128>,
    free_mib: Option<u64>,
}

impl Writer {
    /// Takes over a store that was opened, and records what is due about that.
    pub(super) fn new(desk: Desk, opened: Opened) -> Result<Self, AuditError> {
        let mut writer = Self { desk, chain: None, due: Due::default() };
        writer.take_over(opened)?;
        Ok(writer)
    }

    /// Works until nobody can send any more, then leaves everything in order.
    pub(super) fn run(mut self, jobs: &Receiver<Job>) {
        loop {
            match jobs.recv_timeout(Duration::from_millis(TICK_MS)) {
                Ok(job) => self.commit(gather(job, jobs)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.tick();
        }
        self.checkpoint();
        self.save_counters();
        self.let_go();
    }

    fn take_over(&mut self, opened: Opened) -> Result<(), AuditError> {
        let Opened { store, first, seq, link, due } = opened;
        self.desk.shared.offer(Some(Arc::clone(&store)));
        self.chain = Some(Chain { store, first, seq, link, unmarked: 0 });
        if let Some(event) = due {
            self.desk.shared.alarm(&event.note);
            self.write(vec![event])?;
        }
        self.checkpoint();
        Ok(())
    }

    // === writing ===

    fn commit(&mut self, jobs: Vec<Job>) {
        let split = |Job { event, done, place }: Job| (*event, (done, place));
        let (events, waiting): (Vec<_>, Vec<_>) = jobs.into_iter().map(split).unzip();
        let written = catch_unwind(AssertUnwindSafe(|| self.write(events)));
        let outcome = match written {
            Ok(Ok(numbers)) => Ok(numbers),
            Ok(Err(error)) => Err(self.failed(&error.to_string(), matches!(error, AuditError::NearlyFull { .. }))),
            Err(_panic) => Err(self.failed("the store panicked", false)),
        };
        for (n, (done, place)) in waiting.into_iter().enumerate() {
            let answer = match &outcome {
                Ok(numbers) => numbers.get(n).copied().ok_or(AuditError::Closed),
                Err(reason) => Err(AuditError::NotWritten(reason.clone())),
            };
            // Whoever asked may have gone: the event is on the disk all the same.
            drop(done.send(answer));
            drop(place);
        }
    }

    /// Chains and appends events; returns their numbers in order.
    fn write(&mut self, events: Vec<Event>) -> Result<Vec<u64>, AuditError> {
        self.enough_space()?;
        self.reopen()?;
        let step = self.clock_step();
        let ahead = usize::from(step.is_some());
        let mut records = Vec::with_capacity(events.len() + ahead);
        let Some(chain) = &self.chain else { return Err(AuditError::Closed) };
        let (mut seq, mut link) = (chain.seq, chain.link);
        for mut event in step.into_iter().chain(events) {
            seq += 1;
            self.stamp(&mut event, seq)?;
            let body = Body { salt: store::random()?, payload: event.payload()? };
            let record = Record::chained(seq, &link, body);
            link = record.link;
            records.push((seq, record.encode()));
        }
        chain.store.append(&records)?;
        let numbers = records.iter().skip(ahead).map(|(seq, _)| *seq).collect();
        if let Some(chain) = &mut self.chain {
            chain.unmarked += seq - chain.seq;
            (chain.seq, chain.link) = (seq, link);
        }
        Ok(numbers)
    }

    fn stamp(&self, event: &mut Event, seq: u64) -> Result<(), AuditError> {
        event.time = self.desk.clock.wall_ms();
        event.monotonic = self.desk.clock.monotonic_ms();
        event.seq = seq;
        event.boot.clone_from(&self.desk.boot);
        event.node.clone_from(&self.desk.node);
        if event.id.is_empty() {
            event.id = event::new_id(event.time)?;
        }
        event.settle(self.desk.previews);
        Ok(())
    }

    /// An event about the wall clock, when it moved against the monotonic one since the last batch.
    fn clock_step(&mut self) -> Option<Event> {
        let now = i128::from(self.desk.clock.wall_ms()) - i128::from(self.desk.clock.monotonic_ms());
        let moved = now - self.due.offset.replace(now)?;
        let note = || format!("the wall clock moved by {moved} ms against the monotonic clock");
        (moved.unsigned_abs() > u128::from(STEP_MS)).then(|| Event::note(Kind::ClockStep, note()))
    }

    // === failing and recovering ===

    /// Lets go of the store and says why. A full disk is no fault of the store.
    fn failed(&mut self, reason: &str, store_is_sound: bool) -> String {
        if !store_is_sound {
            tracing::error!(reason, "the log cannot be written");
            self.let_go();
            self.due.reopen = self.desk.clock.monotonic_ms();
            self.desk.shared.set_health(Health::Failing { reason: reason.to_owned() });
        }
        reason.to_owned()
    }

    /// Opens the store again after a failure, not more often than every few seconds.
    fn reopen(&mut self) -> Result<(), AuditError> {
        if self.chain.is_some() {
            return Ok(());
        }
        let now = self.desk.clock.monotonic_ms();
        if now < self.due.reopen {
            return Err(AuditError::NotWritten("the store failed and is opened again in a few seconds".to_owned()));
        }
        self.due.reopen = now + REOPEN_MS;
        let opened = (self.desk.opener)()?;
        self.take_over(opened)?;
        tracing::info!("the log can be written again");
        self.desk.shared.set_health(Health::Good);
        Ok(())
    }

    /// Drops the store, after a checkpoint that names what was acknowledged.
    fn let_go(&mut self) {
        self.checkpoint();
        self.desk.shared.offer(None);
        let chain = self.chain.take();
        if catch_unwind(AssertUnwindSafe(|| drop(chain))).is_err() {
            tracing::error!("the log's store panicked while closing");
        }
    }

    // === what is due now and then ===

    fn tick(&mut self) {
        let now = self.desk.clock.monotonic_ms();
        let many = self.chain.as_ref().is_some_and(|chain| chain.unmarked >= CHECKPOINT_RECORDS);
        if now < self.due.tick && !many {
            return;
        }
        self.due.tick = now + TICK_MS;
        self.checkpoint();
        self.measure_space();
        if now >= self.due.counters {
            self.due.counters = now + COUNTERS_MS;
            self.save_counters();
        }
    }

    fn checkpoint(&mut self) {
        let Some(chain) = &mut self.chain else { return };
        if chain.unmarked == 0 && chain.seq >= chain.first {
            return;
        }
        let head = Head::new(chain.first, chain.seq, &chain.link, self.desk.clock.wall_ms());
        match checkpoint::write(&self.desk.state, &self.desk.key, &head) {
            Ok(()) => chain.unmarked = 0,
            Err(error) => tracing::error!(%error, "the log's checkpoint cannot be written"),
        }
    }

    fn save_counters(&self) {
        if let Err(error) = self.desk.shared.counters.save() {
            tracing::warn!(%error, "counts of exchanges cannot be written");
        }
    }

    fn measure_space(&mut self) {
        let free = private::free_bytes(&self.desk.state).map(|bytes| bytes / (1024 * 1024));
        self.due.free_mib = free.ok();
        let Some(free_mib) = self.due.free_mib else { return };
        let low = free_mib < self.desk.min_free_mib;
        match self.desk.shared.health() {
            Health::Good if low => {
                tracing::warn!(free_mib, "the log's disk is nearly full");
                self.desk.shared.set_health(Health::LowSpace { free_mib });
            }
            Health::LowSpace { .. } if low => self.desk.shared.set_health(Health::LowSpace { free_mib }),
            Health::LowSpace { .. } => self.desk.shared.set_health(Health::Good),
            Health::Good | Health::Failing { .. } => {}
        }
    }

    fn enough_space(&mut self) -> Result<(), AuditError> {
        if self.due.free_mib.is_none() {
            self.measure_space();
        }
        match self.due.free_mib {
            Some(free_mib) if free_mib < self.desk.min_free_mib / 2 => Err(AuditError::NearlyFull { free_mib }),
            Some(_) | None => Ok(()),
        }
    }
}

/// The job and those that came while the last batch was written: nobody waits for a batch to fill.
fn gather(first: Job, jobs: &Receiver<Job>) -> Vec<Job> {
    let mut batch = vec![first];
    while batch.len() < BATCH_MAX {
        match jobs.try_recv() {
            Ok(job) => batch.push(job),
            Err(_empty) => break,
        }
    }
    batch
}
