//! The body of an answer, collected up to a limit.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame};

/// Why a body could not be collected.
#[derive(Debug)]
pub(crate) enum BodyError<E> {
    TooLarge,
    Broken(E),
    CutOff,
}

/// Collects a body; a body in one piece is handed on without a copy.
///
/// Error bodies are collected like all others, so their connections stay usable. The rest of a body
/// that is too large is not read: a new connection costs less.
#[derive(Debug)]
pub(crate) struct Collect<B> {
    body: B,
    limit: usize,
    says_its_end: bool,
    whole: Bytes,
    pieces: BytesMut,
}

impl<B> Collect<B>
where
    B: Body<Data = Bytes> + Unpin,
{
    /// `says_its_end` is for HTTP/2, where a stream that was ended by the server is told apart from one that
    /// was reset without an error: hyper takes both for the end of the body.
    pub(crate) fn new(body: B, limit: usize, says_its_end: bool) -> Self {
        Self {
            body,
            limit,
            says_its_end,
            whole: Bytes::new(),
            pieces: BytesMut::new(),
        }
    }

    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Bytes, BodyError<B::Error>>> {
        if self.body.size_hint().lower() > self.limit as u64 {
            return Poll::Ready(Err(BodyError::TooLarge));
        }
        while let Some(frame) = ready!(self.poll_frame(cx)) {
            let Ok(data) = frame.map_err(BodyError::Broken)?.into_data() else {
                continue;
            };
            if data.len() > self.limit - self.collected() {
                return Poll::Ready(Err(BodyError::TooLarge));
            }
            self.keep(data);
        }
        if self.says_its_end && !self.body.is_end_stream() {
            return Poll::Ready(Err(BodyError::CutOff));
        }
        Poll::Ready(Ok(self.take()))
    }

    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    /// The length so far; it never exceeds the limit.
    fn collected(&self) -> usize {
        self.whole.len() + self.pieces.len()
    }

    fn keep(&mut self, data: Bytes) {
        if self.collected() == 0 {
            self.whole = data;
            return;
        }
        if self.pieces.is_empty() {
            self.pieces
                .extend_from_slice(&std::mem::take(&mut self.whole));
        }
        self.pieces.extend_from_slice(&data);
    }

    fn take(&mut self) -> Bytes {
        if self.pieces.is_empty() {
            return std::mem::take(&mut self.whole);
        }
        self.pieces.split().freeze()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::convert::Infallible;

    use super::*;

    struct Pieces(VecDeque<&'static [u8]>);

    impl Body for Pieces {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            let piece = self.0.pop_front().map(Bytes::from_static);
            Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
        }
    }

    fn collect(pieces: &[&'static [u8]], limit: usize) -> Option<Bytes> {
        let mut collect = Collect::new(Pieces(pieces.iter().copied().collect()), limit, false);
        let mut cx = Context::from_waker(std::task::Waker::noop());
        match collect.poll(&mut cx) {
            Poll::Ready(Ok(bytes)) => Some(bytes),
            Poll::Ready(Err(BodyError::TooLarge)) => None,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn pieces_become_one_body_up_to_exactly_the_limit() {
        assert_eq!(collect(&[], 0).unwrap(), "");
        assert_eq!(collect(&[b"abc"], 3).unwrap(), "abc");
        assert_eq!(collect(&[b"", b"ab", b"", b"c"], 3).unwrap(), "abc");
        assert_eq!(collect(&[b"ab", b"cd", b"ef"], 6).unwrap(), "abcdef");
        assert_eq!(collect(&[b"ab", b"cd", b"ef"], 5), None);
        assert_eq!(collect(&[b"abc"], 2), None);
        assert_eq!(collect(&[b"a"], 0), None);
    }

    #[test]
    fn a_body_in_one_piece_is_not_copied() {
        static TEXT: &[u8] = b"hello";
        let bytes = collect(&[TEXT], 100).unwrap();
        assert!(std::ptr::eq(bytes.as_ptr(), TEXT.as_ptr()));
    }
}
