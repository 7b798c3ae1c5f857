//! The bodies that pass through: requests on their way up, answers on their way down, and the one place that reads a
//! whole body, with a limit, a deadline and reserved memory.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::{HeaderMap, body::Incoming};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout, timeout_at},
};

use super::{
    limits::{Memory, Reserved},
    pulse::InFlight,
    restoring::Restoring,
};
use crate::wire::Unreadable;

/// A request's body on its way to the site.
#[derive(Debug)]
pub enum Outgoing {
    /// All of it.
    Whole(Whole),
    /// As it comes from the client.
    Stream(Incoming),
}

/// A body held in memory.
#[derive(Debug, Clone, Default)]
pub struct Whole {
    /// The bytes; empty once they are handed on.
    pub data: Bytes,
    /// What follows them.
    pub trailers: Option<HeaderMap>,
}

impl Outgoing {
    /// No body.
    #[must_use]
    pub fn empty() -> Self {
        Self::Whole(Whole::default())
    }

    /// A second copy, when nothing of it is lost by sending the first.
    #[must_use]
    pub fn replay(&self) -> Option<Self> {
        match self {
            Self::Whole(whole) => Some(Self::Whole(whole.clone())),
            Self::Stream(body) if body.is_end_stream() => Some(Self::empty()),
            Self::Stream(_) => None,
        }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut *self {
            Self::Whole(whole) => Poll::Ready(whole.next().map(Ok)),
            Self::Stream(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(whole) => whole.data.is_empty() && whole.trailers.is_none(),
            Self::Stream(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(whole) => SizeHint::with_exact(whole.data.len() as u64),
            Self::Stream(body) => body.size_hint(),
        }
    }
}

impl Whole {
    fn next(&mut self) -> Option<Frame<Bytes>> {
        if !self.data.is_empty() {
            return Some(Frame::data(std::mem::take(&mut self.data)));
        }
        self.trailers.take().map(Frame::trailers)
    }
}

/// An answer's body on its way to the client.
#[derive(Debug)]
pub struct Answer {
    kind: Kind,
    /// Keeps the connection from being idle until the body is done.
    #[expect(dead_code, reason = "held for what its end does")]
    exchange: Option<InFlight>,
}

#[derive(Debug)]
enum Kind {
    Whole(Whole),
    Stream(Incoming),
    Restoring(Box<Restoring>),
    Written(mpsc::Receiver<Bytes>),
}

/// Why an answer broke off.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// The site.
    #[error(transparent)]
    Site(#[from] hyper::Error),
    /// Its content-encoding.
    #[error("the site's answer cannot be decoded: {0}")]
    Unreadable(#[from] Unreadable),
}

impl Answer {
    /// All of it.
    #[must_use]
    pub fn whole(data: Bytes) -> Self {
        Self { kind: Kind::Whole(Whole { data, trailers: None }), exchange: None }
    }

    /// As it comes from the site, untouched.
    #[must_use]
    pub fn stream(body: Incoming) -> Self {
        Self { kind: Kind::Stream(body), exchange: None }
    }

    /// Restored while it comes.
    #[must_use]
    pub fn restoring(restoring: Restoring) -> Self {
        Self { kind: Kind::Restoring(Box::new(restoring)), exchange: None }
    }

    /// Written by Scrim, piece by piece.
    #[must_use]
    pub fn written(pieces: mpsc::Receiver<Bytes>) -> Self {
        Self { kind: Kind::Written(pieces), exchange: None }
    }

    /// Holds the exchange open until the body is done.
    #[must_use]
    pub fn during(self, exchange: InFlight) -> Self {
        Self { exchange: Some(exchange), ..self }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = AnswerError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, AnswerError>>> {
        match &mut self.kind {
            Kind::Whole(whole) => Poll::Ready(whole.next().map(Ok)),
            Kind::Stream(body) => Pin::new(body).poll_frame(cx).map_err(AnswerError::from),
            Kind::Restoring(restoring) => restoring.poll_frame(cx),
            Kind::Written(pieces) => pieces.poll_recv(cx).map(|piece| piece.map(|piece| Ok(Frame::data(piece)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Whole(whole) => whole.data.is_empty() && whole.trailers.is_none(),
            Kind::Stream(body) => body.is_end_stream(),
            Kind::Restoring(_) | Kind::Written(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Whole(whole) => SizeHint::with_exact(whole.data.len() as u64),
            Kind::Stream(body) => body.size_hint(),
            Kind::Restoring(_) | Kind::Written(_) => SizeHint::default(),
        }
    }
}

/// Bounds for reading a whole body.
#[derive(Debug, Clone, Copy)]
pub struct ReadLimits {
    /// Bytes at most.
    pub bytes: usize,
    /// Time at most.
    pub time: Duration,
}

/// Why a body was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Over `body_mib`.
    #[error("the request's body is larger than the limit of {} MiB, `[proxy.limits] body_mib = {}`", limit >> 20, limit >> 20)]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// Over `body_secs`.
    #[error("the request's body took longer than {secs} s")]
    Slow {
        /// The limit.
        secs: u64,
    },
    /// `memory_mib` is used up.
    #[error("too many large prompts are being inspected")]
    Busy,
    /// The client went away or broke the framing.
    #[error("the request's body broke off: {0}")]
    Client(#[from] hyper::Error),
}

/// Inspecting takes about this many times the raw body: raw, decoded, spans with their maps, views, output.
const MEMORY_FACTOR: usize = 5;

/// Bytes of a refused body that are read and thrown away, so that its sender gets to read the refusal: a connection that
/// is closed with bytes unread is reset, and the answer lost with it.
const DISCARD_MAX: u64 = 16 << 20;

/// Time for that.
const DISCARD_TIME: Duration = Duration::from_secs(5);

/// Whether a connection is at the end of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// The next request can follow.
    Gone,
    /// Bytes of this one are still to come.
    Coming,
}

/// Throws away what is left of a refused body, where that is little.
pub async fn discard(body: &mut Incoming) -> Rest {
    if body.size_hint().lower() > DISCARD_MAX {
        return Rest::Coming;
    }
    let all = async {
        let mut n_bytes = 0;
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else { return Rest::Coming };
            n_bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
            if n_bytes > DISCARD_MAX {
                return Rest::Coming;
            }
        }
        Rest::Gone
    };
    timeout(DISCARD_TIME, all).await.unwrap_or(Rest::Coming)
}

/// Reads a whole body. The memory stays reserved until `Reserved` is dropped.
///
/// # Errors
/// When a limit is met or the client breaks off.
pub async fn read_limited(
    body: &mut Incoming,
    limits: ReadLimits,
    memory: &Memory,
) -> Result<(Whole, Reserved), ReadError> {
    let announced = body.size_hint().lower();
    let too_large = || ReadError::TooLarge { limit: limits.bytes };
    if usize::try_from(announced).map_or(true, |n| n > limits.bytes) {
        return Err(too_large());
    }
    let announced = usize::try_from(announced).unwrap_or(0);
    let mut reserved = memory.reserve(announced.max(1) * MEMORY_FACTOR).await.ok_or(ReadError::Busy)?;
    let deadline = Instant::now() + limits.time;
    let slow = |_| ReadError::Slow { secs: limits.time.as_secs() };
    let mut gathered = Gathered::default();
    while let Some(frame) = timeout_at(deadline, body.frame()).await.map_err(slow)? {
        match frame?.into_data() {
            Ok(data) => {
                if gathered.len() + data.len() > limits.bytes {
                    return Err(too_large());
                }
                reserved.grow(memory, (gathered.len() + data.len()) * MEMORY_FACTOR).await.ok_or(ReadError::Busy)?;
                gathered.push(data, announced);
            }
            Err(frame) => {
                let trailers = frame.into_trailers().ok();
                return Ok((Whole { data: gathered.finish(), trailers }, reserved));
            }
        }
    }
    Ok((Whole { data: gathered.finish(), trailers: None }, reserved))
}

/// One frame is kept as it is; only a second one makes a copy.
#[derive(Default)]
enum Gathered {
    #[default]
    Nothing,
    One(Bytes),
    Many(BytesMut),
}

impl Gathered {
    fn len(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::One(data) => data.len(),
            Self::Many(all) => all.len(),
        }
    }

    fn push(&mut self, data: Bytes, announced: usize) {
        *self = match std::mem::take(self) {
            Self::Nothing => Self::One(data),
            Self::One(first) => {
                let mut all = BytesMut::with_capacity(announced.max(2 * (first.len() + data.len())));
                all.extend_from_slice(&first);
                all.extend_from_slice(&data);
                Self::Many(all)
            }
            Self::Many(mut all) => {
                all.extend_from_slice(&data);
                Self::Many(all)
            }
        };
    }

    fn finish(self) -> Bytes {
        match self {
            Self::Nothing => Bytes::new(),
            Self::One(data) => data,
            Self::Many(all) => all.freeze(),
        }
    }
}
