//! An answer's body that goes through inspection on its way to the client, frame by frame. Holds no more than
//! `inspect` does.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame};
use hyper::{HeaderMap, body::Incoming};

use super::body::AnswerError;
use crate::inspect::Exchange;

/// The body.
pub struct Restoring {
    from: Incoming,
    exchange: Exchange,
    rest: Rest,
}

/// What is still to come.
enum Rest {
    /// Frames of the site.
    Open,
    /// Trailers, or the error that ended the stream; what was held back has been delivered before it.
    Ending(Option<Result<HeaderMap, AnswerError>>),
}

impl fmt::Debug for Restoring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Restoring")
    }
}

impl Restoring {
    /// The exchange has seen the answer's head.
    #[must_use]
    pub fn new(from: Incoming, exchange: Exchange) -> Self {
        Self { from, exchange, rest: Rest::Open }
    }

    pub(super) fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, AnswerError>>> {
        loop {
            if let Rest::Ending(last) = &mut self.rest {
                return Poll::Ready(last.take().map(|last| last.map(Frame::trailers)));
            }
            let frame = match Pin::new(&mut self.from).poll_frame(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(frame) => frame,
            };
            let out = match frame {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.data(&data),
                    Err(frame) => self.end(frame.into_trailers().ok().map(Ok)),
                },
                Some(Err(error)) => self.end(Some(Err(error.into()))),
                None => self.end(None),
            };
            if !out.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(Bytes::from(out)))));
            }
        }
    }

    fn data(&mut self, data: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(data.len() + 64);
        if let Err(unreadable) = self.exchange.answer(data, &mut out) {
            out.extend(self.end(Some(Err(unreadable.into()))));
        }
        out
    }

    /// Delivers what was held back; `last` comes after it.
    fn end(&mut self, last: Option<Result<HeaderMap, AnswerError>>) -> Vec<u8> {
        let mut out = Vec::new();
        let flushed = self.exchange.answer_end(&mut out).map_err(AnswerError::from);
        let last = match (last, flushed) {
            (None, Err(error)) => Some(Err(error)),
            (last, Ok(()) | Err(_)) => last,
        };
        self.rest = Rest::Ending(last);
        out
    }
}
