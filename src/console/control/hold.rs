//! `GET /hold`: an answer that never ends. While one is open, a private instance stays up: another `scrim run` uses it.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{body::Body, extract::State, response::Response};
use bytes::Bytes;
use http_body::Frame;
use tokio::sync::watch;

use super::super::Instance;

/// How many others hold the instance.
#[derive(Debug)]
pub struct Holds {
    number: watch::Sender<usize>,
}

impl Holds {
    /// Nobody.
    #[must_use]
    pub(crate) fn new() -> Self {
        Self { number: watch::Sender::new(0) }
    }

    /// How many there are.
    #[must_use]
    pub fn number(&self) -> usize {
        *self.number.borrow()
    }

    /// Returns when there are none.
    pub async fn none(&self) {
        // The sender is ours, so the channel cannot be closed.
        drop(self.number.subscribe().wait_for(|number| *number == 0).await);
    }
}

struct Held {
    instance: Arc<Instance>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.instance.holds.number.send_modify(|number| *number = number.saturating_sub(1));
    }
}

impl http_body::Body for Held {
    type Data = Bytes;
    type Error = Infallible;

    /// Never ready: the connection's end drops it.
    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

pub(super) async fn hold(State(instance): State<Arc<Instance>>) -> Response {
    instance.holds.number.send_modify(|number| *number += 1);
    Response::new(Body::new(Held { instance }))
}
