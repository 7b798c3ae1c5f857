//! `GET /log/export`: the whole log as JSON lines, piece by piece: it may be larger than memory.

use std::{
    io::{self, Write},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{body::Body, extract::State, response::Response};
use bytes::Bytes;
use http_body::Frame;
use tokio::sync::mpsc;

use super::super::Instance;

/// Bytes of a piece, about.
const PIECE_BYTES: usize = 64 << 10;
/// Pieces that wait for the reader.
const PIECES_MAX: usize = 8;

pub(super) async fn export(State(instance): State<Arc<Instance>>) -> Response {
    let (sender, pieces) = mpsc::channel(PIECES_MAX);
    let reader = instance.log().reader();
    tokio::task::spawn_blocking(move || {
        let mut out = Sending { piece: Vec::new(), sender };
        let written = reader.export(&mut out).map_err(|error| io::Error::other(error.to_string()));
        let ended = written.and_then(|_| out.flush());
        if let Err(error) = ended {
            // The reader sees a broken answer, never a short one that looks whole.
            drop(out.sender.blocking_send(Err(error)));
        }
    });
    Response::new(Body::new(Pieces { pieces }))
}

struct Sending {
    piece: Vec<u8>,
    sender: mpsc::Sender<io::Result<Bytes>>,
}

impl Write for Sending {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = Bytes::from(std::mem::take(&mut self.piece));
        self.sender.blocking_send(Ok(piece)).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

struct Pieces {
    pieces: mpsc::Receiver<io::Result<Bytes>>,
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.pieces.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}
