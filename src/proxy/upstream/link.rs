//! One connection to a site that speaks HTTP. Knows whether it can take another request; does not pool itself.

use std::time::Duration;

use hyper::{
    Request, Response,
    body::Incoming,
    client::conn::{http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::{proxy::body::Outgoing, tls::upstream::Spoken};

/// A stream to a site.
pub trait Io: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Io for T {}

/// Window of one HTTP/2 stream: what a client that stops reading can make Scrim hold.
pub const STREAM_WINDOW: u32 = 1 << 20;

/// Window of an HTTP/2 connection.
pub const CONNECTION_WINDOW: u32 = 4 << 20;

/// Bytes of an answer's head.
const HEAD_MAX: u32 = 256 << 10;

/// An open connection.
#[derive(Debug)]
pub enum Link {
    /// One request at a time.
    Http1(http1::SendRequest<Outgoing>),
    /// Many at a time; clones share it.
    Http2(http2::SendRequest<Outgoing>),
}

/// What became of a request.
#[derive(Debug)]
pub enum Sent {
    /// The head of the answer is here.
    Answered(Response<Incoming>),
    /// Nothing was sent; here it is again.
    Unsent(Request<Outgoing>),
    /// The connection ended before any answer: the site had closed it.
    Broken(hyper::Error),
    /// Anything else.
    Failed(hyper::Error),
}

impl Link {
    /// Begins HTTP/1.1 on a stream.
    ///
    /// # Errors
    /// When hyper refuses.
    pub async fn http1<S: Io + 'static>(stream: S) -> Result<Self, hyper::Error> {
        let (sender, connection) =
            http1::Builder::new().preserve_header_case(true).handshake(TokioIo::new(stream)).await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection to a site ended");
            }
        });
        Ok(Self::Http1(sender))
    }

    /// Begins HTTP/2 on a stream.
    ///
    /// # Errors
    /// When the site's preface is broken.
    pub async fn http2<S: Io + 'static>(stream: S) -> Result<Self, hyper::Error> {
        let (sender, connection) = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_header_list_size(HEAD_MAX)
            .keep_alive_interval(Duration::from_secs(30))
            .keep_alive_timeout(Duration::from_secs(15))
            .handshake(TokioIo::new(stream))
            .await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection to a site ended");
            }
        });
        Ok(Self::Http2(sender))
    }

    /// The protocol.
    #[must_use]
    pub fn spoken(&self) -> Spoken {
        match self {
            Self::Http1(_) => Spoken::Http1,
            Self::Http2(_) => Spoken::Http2,
        }
    }

    /// It has ended.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        match self {
            Self::Http1(sender) => sender.is_closed(),
            Self::Http2(sender) => sender.is_closed(),
        }
    }

    /// It takes a request at once.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        match self {
            Self::Http1(sender) => sender.is_ready(),
            Self::Http2(sender) => sender.is_ready(),
        }
    }

    /// Carries many requests at a time.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Http2(_))
    }

    /// A second handle, where the protocol has such.
    #[must_use]
    pub fn share(&self) -> Option<Self> {
        match self {
            Self::Http1(_) => None,
            Self::Http2(sender) => Some(Self::Http2(sender.clone())),
        }
    }

    /// Sends a request.
    pub async fn send(&mut self, request: Request<Outgoing>) -> Sent {
        let outcome = match self {
            Self::Http1(sender) => sender.try_send_request(request).await,
            Self::Http2(sender) => sender.try_send_request(request).await,
        };
        match outcome {
            Ok(response) => Sent::Answered(response),
            Err(mut error) => match error.take_message() {
                Some(request) => Sent::Unsent(request),
                None => {
                    let error = error.into_error();
                    let closed = error.is_closed() || error.is_incomplete_message() || error.is_canceled();
                    if closed { Sent::Broken(error) } else { Sent::Failed(error) }
                }
            },
        }
    }
}
