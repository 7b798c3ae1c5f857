//! Work on several threads with results in the order of the jobs: threads take one job after another and wait when they
//! are too far ahead of the oldest unfinished one, so that neither jobs nor results pile up. Does not know what a job is.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc},
};

/// Jobs that may be taken while an older one is unfinished, for each thread.
const AHEAD: usize = 64;

/// Where threads take jobs.
struct Line<J> {
    state: Mutex<State<J>>,
    moved: Condvar,
    ahead: usize,
}

struct State<J> {
    jobs: J,
    /// Number of the next job.
    next: usize,
    /// Results handed on.
    done: usize,
    stopped: bool,
}

impl<J: Iterator> Line<J> {
    fn take(&self) -> Option<(usize, J::Item)> {
        let mut state = self.lock();
        while !state.stopped && state.next - state.done >= self.ahead {
            state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.stopped {
            return None;
        }
        let job = state.jobs.next()?;
        let number = state.next;
        state.next += 1;
        Some((number, job))
    }

    fn done(&self, done: usize, stopped: bool) {
        let mut state = self.lock();
        state.done = done;
        state.stopped |= stopped;
        self.moved.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does `work` for every job on `n_threads` threads and hands the results to `take` in order. A job that panics comes to
/// `crashed()`: it must not look like one without findings.
///
/// # Errors
/// The first error of `take`; jobs that are not begun by then are left.
pub(super) fn run<J, R, E>(
    jobs: J,
    n_threads: usize,
    work: impl Fn(J::Item) -> R + Sync,
    crashed: impl Fn() -> R + Sync,
    mut take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E>
where
    J: Iterator + Send,
    R: Send,
{
    let n_threads = n_threads.max(1);
    let state = State { jobs, next: 0, done: 0, stopped: false };
    let line = Line { state: Mutex::new(state), moved: Condvar::new(), ahead: AHEAD * n_threads };
    let (sender, receiver) = mpsc::sync_channel(n_threads);
    let worker = |sender: mpsc::SyncSender<(usize, R)>| {
        while let Some((number, job)) = line.take() {
            let result = catch_unwind(AssertUnwindSafe(|| work(job))).unwrap_or_else(|_| crashed());
            if sender.send((number, result)).is_err() {
                return;
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..n_threads {
            let sender = sender.clone();
            scope.spawn(|| worker(sender));
        }
        drop(sender);
        let mut outcome = Ok(());
        let mut early = BTreeMap::new();
        let mut due = 0;
        for (number, result) in receiver {
            early.insert(number, result);
            while let Some(result) = early.remove(&due) {
                due += 1;
                if outcome.is_ok() {
                    outcome = take(result);
                }
                line.done(due, outcome.is_err());
            }
        }
        outcome
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn results_come_in_order_whatever_the_threads_do() {
        let work = |number: u64| {
            std::thread::sleep(std::time::Duration::from_micros(number * 7919 % 300));
            number
        };
        let mut seen = Vec::new();
        let take = |number| {
            seen.push(number);
            Ok::<(), ()>(())
        };
        run(0..2000, 7, work, || u64::MAX, take).unwrap();
        assert_eq!(seen, (0..2000).collect::<Vec<u64>>());
    }

    #[test]
    fn a_slow_job_lets_others_pass_but_not_without_end() {
        let begun = AtomicUsize::new(0);
        let work = |number: usize| {
            begun.fetch_add(1, Ordering::SeqCst);
            if number == 0 {
                std::thread::sleep(std::time::Duration::from_millis(100));
                return begun.load(Ordering::SeqCst);
            }
            0
        };
        let mut first = 0;
        let take = |seen: usize| {
            first = first.max(seen);
            Ok::<(), ()>(())
        };
        run(0..100_000, 2, work, || 0, take).unwrap();
        assert!(first > 1 && first <= 2 * AHEAD, "{first} jobs begun beside the slow one");
    }

    #[test]
    fn an_error_ends_it_and_a_panic_is_a_result() {
        let outcome =
            run(0..100_000, 3, |number| number, || 0, |number| if number == 5 { Err(number) } else { Ok(()) });
        assert_eq!(outcome, Err(5));
        let mut crashed = 0;
        let work = |number: i32| if number == 3 { panic!("on purpose") } else { 0 };
        let take = |result: i32| {
            crashed += result;
            Ok::<(), ()>(())
        };
        run(0..10, 2, work, || 1, take).unwrap();
        assert_eq!(crashed, 1);
    }
}
