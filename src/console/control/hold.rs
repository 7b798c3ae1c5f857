//! `GET /hold`: an answer that ends when the instance does. While one is open, a private instance stays up: another
//! `scrim run` uses it.

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
    leaving: watch::Sender<bool>,
}

impl Holds {
    /// Nobody.
    #[must_use]
    pub(crate) fn new() -> Self {
        Self { number: watch::Sender::new(0), leaving: watch::Sender::new(false) }
    }

    /// Ends every hold: the instance leaves whether or not somebody still uses it.
    pub fn release(&self) {
        self.leaving.send_replace(true);
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
    left: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.instance.holds.number.send_modify(|number| *number = number.saturating_sub(1));
    }
}

impl http_body::Body for Held {
    type Data = Bytes;
    type Error = Infallible;

    /// No piece ever comes; the connection's end drops the answer.
    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.left.as_mut().poll(context).map(|()| None)
    }
}

pub(super) async fn hold(State(instance): State<Arc<Instance>>) -> Response {
    instance.holds.number.send_modify(|number| *number += 1);
    let mut leaving = instance.holds.leaving.subscribe();
    let left = Box::pin(async move { drop(leaving.wait_for(|leaving| *leaving).await) });
    Response::new(Body::new(Held { instance, left }))
}
