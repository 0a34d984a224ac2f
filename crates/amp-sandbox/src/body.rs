//! The body of an answer as it goes on the wire, also when it goes wrong on purpose.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;

const CHUNK: usize = 64 * 1024;

/// How much of a body goes out.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    Whole,
    /// Its half, and then the end of the connection.
    Half,
    /// That many bytes that mean nothing in its place.
    Filler(u64),
}

/// The body of an answer. hyper takes the length that it states and ends the connection when it fails.
#[derive(Debug)]
pub(crate) enum AnswerBody {
    Whole(Full<Bytes>),
    Half(Half),
    Filler { left: u64 },
}

/// States the whole length, sends the half and fails.
#[derive(Debug)]
pub(crate) struct Half {
    first: Bytes,
    left: u64,
    step: Step,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Send,
    /// hyper flushes what it has when the body is not ready, and not before.
    Flush,
    Fail,
}

/// The connection ends on purpose.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut;

impl AnswerBody {
    pub(crate) fn new(body: Bytes, shape: Shape) -> Self {
        match shape {
            Shape::Whole => Self::Whole(Full::new(body)),
            Shape::Half => Self::Half(Half::new(body)),
            Shape::Filler(bytes) => Self::Filler { left: bytes },
        }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        match self.get_mut() {
            Self::Whole(body) => Pin::new(body)
                .poll_frame(cx)
                .map_err(|never: Infallible| match never {}),
            Self::Half(half) => half.poll_frame(cx).map(Some),
            Self::Filler { left: 0 } => Poll::Ready(None),
            Self::Filler { left } => {
                let chunk = filler_chunk(*left);
                *left -= chunk.len() as u64;
                Poll::Ready(Some(Ok(Frame::data(chunk))))
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => body.size_hint(),
            Self::Half(half) => SizeHint::with_exact(half.first.len() as u64 + half.left),
            Self::Filler { left } => SizeHint::with_exact(*left),
        }
    }
}

impl Half {
    fn new(mut body: Bytes) -> Self {
        let first = body.split_to(body.len() / 2);
        Self {
            first,
            left: body.len() as u64,
            step: Step::Send,
        }
    }

    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Result<Frame<Bytes>, Cut>> {
        match self.step {
            Step::Send if !self.first.is_empty() => {
                self.step = Step::Flush;
                Poll::Ready(Ok(Frame::data(std::mem::take(&mut self.first))))
            }
            Step::Send | Step::Flush => {
                self.step = Step::Fail;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Step::Fail => Poll::Ready(Err(Cut)),
        }
    }
}

fn filler_chunk(left: u64) -> Bytes {
    static FILLER: [u8; CHUNK] = [b' '; CHUNK];
    let length = usize::try_from(left).map_or(CHUNK, |left| left.min(CHUNK));
    Bytes::from_static(&FILLER[..length])
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the fault script ends the connection")
    }
}

impl std::error::Error for Cut {}
