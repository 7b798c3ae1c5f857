//! What a client connection is doing, shared between its socket, its requests and the watchdog that closes it when it is
//! slow or idle. hyper's own header time-out also counts the idle time between requests, so it cannot do this.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, sleep},
};

use super::framing::{Fault, Framing, Phase};

/// The state of one connection.
#[derive(Debug)]
pub struct Pulse {
    born: Instant,
    phase: AtomicU8,
    /// Milliseconds after `born` at which the phase began or the last exchange ended.
    since: AtomicU64,
    in_flight: AtomicUsize,
    /// Milliseconds after `born`, plus one, at which the client stopped reading; 0 while it reads.
    stalled: AtomicU64,
    fault: OnceLock<Fault>,
}

/// Why the watchdog ended a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// No request for `idle_secs`.
    Idle,
    /// A head that did not end within `header_secs`.
    SlowHead,
    /// A client that has not read its answer for `idle_secs`.
    NotReading,
}

const IDLE: u8 = 0;
const HEAD: u8 = 1;
const OTHER: u8 = 2;

impl Default for Pulse {
    fn default() -> Self {
        Self {
            born: Instant::now(),
            phase: AtomicU8::new(IDLE),
            since: AtomicU64::new(0),
            in_flight: AtomicUsize::new(0),
            stalled: AtomicU64::new(0),
            fault: OnceLock::new(),
        }
    }
}

impl Pulse {
    /// An exchange has begun; it lasts until the guard is dropped.
    #[must_use]
    pub fn exchange(self: &Arc<Self>) -> InFlight {
        self.in_flight.fetch_add(1, Relaxed);
        InFlight(Arc::clone(self))
    }

    /// The framing fault that was met, if any. Whatever comes from this connection is refused from then on.
    #[must_use]
    pub fn fault(&self) -> Option<Fault> {
        self.fault.get().copied()
    }

    /// Waits until the connection is to be closed.
    pub async fn watch(&self, header: Duration, idle: Duration) -> Stopped {
        let tick = (header.min(idle) / 4).clamp(Duration::from_millis(100), Duration::from_secs(5));
        loop {
            sleep(tick).await;
            if let Some(stopped) = self.overdue(header, idle) {
                return stopped;
            }
        }
    }

    fn overdue(&self, header: Duration, idle: Duration) -> Option<Stopped> {
        let stalled = self.stalled.load(Relaxed);
        if stalled > 0 && self.since(stalled - 1) >= idle {
            return Some(Stopped::NotReading);
        }
        if self.in_flight.load(Relaxed) > 0 {
            return None;
        }
        let waited = self.since(self.since.load(Relaxed));
        match self.phase.load(Relaxed) {
            HEAD if waited >= header => Some(Stopped::SlowHead),
            IDLE | OTHER if waited >= idle => Some(Stopped::Idle),
            _ => None,
        }
    }

    fn enter(&self, phase: Phase) {
        let code = match phase {
            Phase::Idle => IDLE,
            Phase::Head => HEAD,
            Phase::Body | Phase::Off => OTHER,
        };
        if self.phase.swap(code, Relaxed) != code {
            self.touch();
        }
    }

    fn touch(&self) {
        self.since.store(self.now(), Relaxed);
    }

    /// Notes whether the client takes what is written to it.
    fn wrote<T>(&self, polled: &Poll<T>) {
        match polled {
            Poll::Ready(_) => self.stalled.store(0, Relaxed),
            // The first moment counts; it stays until something is taken.
            Poll::Pending if self.stalled.load(Relaxed) == 0 => self.stalled.store(self.now() + 1, Relaxed),
            Poll::Pending => {}
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX - 1)
    }

    fn since(&self, millis: u64) -> Duration {
        self.born.elapsed().saturating_sub(Duration::from_millis(millis))
    }
}

/// One exchange under way.
#[derive(Debug)]
pub struct InFlight(Arc<Pulse>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.touch();
        self.0.in_flight.fetch_sub(1, Relaxed);
    }
}

/// A client stream whose bytes are watched as they are read.
#[derive(Debug)]
pub struct Watched<S> {
    stream: S,
    framing: Framing,
    pulse: Arc<Pulse>,
}

impl<S> Watched<S> {
    /// Watches an HTTP/1.1 connection.
    pub fn new(stream: S, pulse: Arc<Pulse>) -> Self {
        Self { stream, framing: Framing::default(), pulse }
    }

    /// Watches a connection that speaks something else than HTTP/1.1: only for clients that do not read.
    pub fn unread(stream: S, pulse: Arc<Pulse>) -> Self {
        Self { stream, framing: Framing::off(), pulse }
    }

    /// The stream, no longer watched.
    pub fn into_inner(self) -> S {
        self.stream
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        let fresh = buf.filled().get(before..).unwrap_or_default();
        if !fresh.is_empty() {
            if let Err(fault) = self.framing.push(fresh) {
                // The first fault stays.
                let _first = self.pulse.fault.set(fault);
            }
            self.pulse.enter(self.framing.phase());
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.pulse.wrote(&polled);
        polled
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.pulse.wrote(&polled);
        polled
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    const HEADER: Duration = Duration::from_millis(400);
    const IDLE_LIMIT: Duration = Duration::from_secs(4);

    async fn after(bytes: &[u8]) -> Arc<Pulse> {
        let (near, mut far) = tokio::io::duplex(1024);
        let pulse = Arc::new(Pulse::default());
        let mut watched = Watched::new(near, Arc::clone(&pulse));
        far.write_all(bytes).await.unwrap();
        watched.read_buf(&mut Vec::with_capacity(1024)).await.unwrap();
        pulse
    }

    #[tokio::test]
    async fn a_head_that_does_not_end_is_stopped_long_before_an_idle_connection() {
        let pulse = after(b"GET / HT").await;
        assert_eq!(pulse.watch(HEADER, IDLE_LIMIT).await, Stopped::SlowHead);
        assert!(pulse.born.elapsed() < IDLE_LIMIT);
    }

    #[tokio::test]
    async fn an_exchange_under_way_keeps_the_connection() {
        let pulse = after(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
        let exchange = pulse.exchange();
        let short = Duration::from_millis(200);
        assert!(tokio::time::timeout(3 * short, pulse.watch(short, short)).await.is_err());
        drop(exchange);
        assert_eq!(pulse.watch(short, short).await, Stopped::Idle);
    }

    #[tokio::test]
    async fn a_client_that_does_not_read_its_answer_is_stopped_in_the_middle_of_it() {
        let (near, _far) = tokio::io::duplex(16);
        let pulse = Arc::new(Pulse::default());
        let mut watched = Watched::unread(near, Arc::clone(&pulse));
        let _exchange = pulse.exchange();
        let short = Duration::from_millis(200);
        tokio::select! {
            _written = watched.write_all(&[0; 64]) => panic!("nobody reads"),
            stopped = pulse.watch(short, short) => assert_eq!(stopped, Stopped::NotReading),
        }
    }

    #[tokio::test]
    async fn a_fault_is_known_as_soon_as_its_head_was_read() {
        let pulse = after(b"GET / HTTP/1.1\r\n\r\n").await;
        assert_eq!(pulse.fault(), Some(Fault::Host));
    }
}
