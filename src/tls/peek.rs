//! A look at the first bytes of a connection without taking them away: they are read into a buffer and replayed.
//! Does not decide what is done with the connection.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

use super::client_hello::{self, HelloState};

/// A stream whose first bytes have already been read, and are read again from `prefix`.
#[derive(Debug)]
pub struct Prefixed<S> {
    prefix: Bytes,
    stream: S,
}

impl<S> Prefixed<S> {
    /// Puts bytes in front of a stream.
    pub fn new(prefix: Bytes, stream: S) -> Self {
        Self { prefix, stream }
    }

    /// Bytes not yet read again, and the stream.
    pub fn into_parts(self) -> (Bytes, S) {
        (self.prefix, self.stream)
    }

    /// The stream below.
    pub fn get_ref(&self) -> &S {
        &self.stream
    }
}

/// Reads until `seen` holds a whole client hello or shows that there is none. The caller sets the time limit. An end of
/// the stream before that counts as no TLS.
///
/// # Errors
/// When the socket fails.
pub async fn peek<S: AsyncRead + Unpin>(stream: &mut S, seen: &mut BytesMut) -> io::Result<HelloState> {
    loop {
        let state = client_hello::sni(seen);
        if state != HelloState::Incomplete {
            return Ok(state);
        }
        seen.reserve(2048);
        if stream.read_buf(seen).await? == 0 {
            return Ok(HelloState::NotTls);
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Prefixed<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.prefix.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buf);
        }
        let n = self.prefix.len().min(buf.remaining());
        buf.put_slice(self.prefix.get(..n).unwrap_or_default());
        self.prefix.advance(n);
        if self.prefix.is_empty() {
            // Gives the memory back; an idle connection keeps nothing of its hello.
            self.prefix = Bytes::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Prefixed<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
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
    use tokio::io::AsyncWriteExt;

    use super::*;

    #[tokio::test]
    async fn what_was_peeked_is_read_again_before_the_rest() {
        let (mut near, mut far) = tokio::io::duplex(64);
        far.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
        let mut seen = BytesMut::new();
        assert_eq!(peek(&mut near, &mut seen).await.unwrap(), HelloState::NotTls);
        far.write_all(b"rest").await.unwrap();
        drop(far);
        let mut all = Vec::new();
        Prefixed::new(seen.freeze(), near).read_to_end(&mut all).await.unwrap();
        assert_eq!(all, b"GET / HTTP/1.1\r\nrest");
    }

    #[tokio::test]
    async fn a_hello_in_single_bytes_is_waited_for() {
        let (mut near, mut far) = tokio::io::duplex(1);
        let hello = b"\x16\x03\x01\x00\x31\x01\x00\x00\x2d\x03\x03aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\x00\x00\x02\x13\x01\x01\x00\x00\x02\x00\x00";
        let hello = hello.to_vec();
        tokio::spawn(async move { far.write_all(&hello).await });
        let state = peek(&mut near, &mut BytesMut::new()).await.unwrap();
        assert!(!matches!(state, HelloState::Incomplete), "{state:?}");
    }
}
