//! The faults over HTTP/2.

use std::any::Any;
use std::future::poll_fn;
use std::io;
use std::sync::LazyLock;

use bytes::Bytes;
use h2::server::{Connection, SendResponse};
use h2::{Reason, RecvStream, SendStream};
use http::header::{CONTENT_LENGTH, RETRY_AFTER};
use http::{HeaderValue, Response};
use tokio::time::{Duration, sleep, timeout};

use super::{Io, Server, hold};
use crate::fault::Fault;

/// A mebibyte, which is checked byte by byte when it is made.
static HUGE: LazyLock<HeaderValue> = LazyLock::new(|| "x".repeat(1024 * 1024).try_into().unwrap());

pub(super) async fn serve(server: Server, number: usize, io: impl Io) -> io::Result<()> {
    let mut connection = h2::server::handshake(io).await.map_err(io::Error::other)?;
    let mut closing = false;
    while let Some(incoming) = connection.accept().await {
        let (request, respond) = incoming.map_err(io::Error::other)?;
        let path = request.uri().path().to_owned();
        let token = request.headers().get("authorization");
        let token = token.map_or("no token", |value| value.to_str().unwrap());
        if closing {
            server.note_arrival(number, &path, token, None);
            return Ok(());
        }
        let fault = server.arrive(number, &path, token).await;
        closing = fault == Some(Fault::CloseAfterNext);
        tokio::spawn(read(request.into_body()));
        match answer(fault, Answer(respond)).map_err(io::Error::other)? {
            Next::Request => {}
            Next::Farewell => connection.graceful_shutdown(),
            Next::Goaway => {
                connection.abrupt_shutdown(Reason::NO_ERROR);
                flush(&mut connection).await;
                return Ok(());
            }
            Next::Cut(mut stream) => {
                flush(&mut connection).await;
                stream.send_reset(Reason::NO_ERROR);
            }
            Next::Close(_kept) => {
                flush(&mut connection).await;
                return Ok(());
            }
            Next::Stall(kept) => {
                flush(&mut connection).await;
                return hold((connection, kept)).await;
            }
        }
    }
    Ok(())
}

/// What becomes of the connection, and of an answer whose handle would end it when it is dropped.
enum Next {
    Request,
    Farewell,
    Goaway,
    Cut(SendStream<Bytes>),
    Close(Kept),
    Stall(Kept),
}

type Kept = Box<dyn Any + Send>;

fn answer(fault: Option<Fault>, mut answer: Answer) -> Result<Next, h2::Error> {
    match fault {
        None | Some(Fault::CloseAfterNext) => answer.whole(2, "ok")?,
        Some(Fault::ShortBody) => answer.whole(100, "half")?,
        Some(Fault::LongBody) => answer.whole(2, "ok and evil")?,
        Some(Fault::CloseAfter) => {
            answer.whole(2, "ok")?;
            return Ok(Next::Close(Box::new(answer)));
        }
        Some(Fault::GoawayAfter) => {
            answer.whole(2, "ok")?;
            return Ok(Next::Farewell);
        }
        Some(Fault::HalfBody) => return Ok(Next::Close(Box::new(answer.half()?))),
        Some(Fault::StallBody) => return Ok(Next::Stall(Box::new(answer.half()?))),
        Some(Fault::StallHead) => return Ok(Next::Stall(Box::new(answer))),
        Some(Fault::CutBody) => return Ok(Next::Cut(answer.half()?)),
        Some(Fault::Drip) => drop(tokio::spawn(drip(answer.begin(Response::new(()))?))),
        Some(Fault::EndlessBody) => drop(tokio::spawn(pour(answer.begin(Response::new(()))?))),
        Some(Fault::HugeHead) => {
            let head = Response::builder().header("x", &*HUGE);
            drop(answer.begin(head.body(()).unwrap())?);
        }
        Some(Fault::RefuseStream) => answer.0.send_reset(Reason::REFUSED_STREAM),
        Some(Fault::ResetStream) => answer.0.send_reset(Reason::INTERNAL_ERROR),
        Some(Fault::Goaway) => return Ok(Next::Goaway),
        Some(Fault::UnauthorizedAfter(delay)) => drop(tokio::spawn(async move {
            sleep(Duration::from_secs(delay.into())).await;
            answer.refusal(401, Fault::Unauthorized)
        })),
        Some(fault) => match fault.status() {
            Some(status) => answer.refusal(status, fault)?,
            None => return Ok(Next::Close(Box::new(answer))),
        },
    }
    Ok(Next::Request)
}

/// The ways to answer one request.
struct Answer(SendResponse<Bytes>);

impl Answer {
    fn begin(&mut self, head: Response<()>) -> Result<SendStream<Bytes>, h2::Error> {
        self.0.send_response(head, false)
    }

    /// A body that ends, whatever length it stated.
    fn whole(&mut self, length: usize, body: &'static str) -> Result<(), h2::Error> {
        let mut stream = self.begin(of_length(length))?;
        stream.send_data(body.into(), true)
    }

    fn half(&mut self) -> Result<SendStream<Bytes>, h2::Error> {
        let mut stream = self.begin(of_length(100))?;
        stream.send_data("half".into(), false)?;
        Ok(stream)
    }

    fn refusal(&mut self, status: u16, fault: Fault) -> Result<(), h2::Error> {
        let mut head = Response::builder().status(status).body(()).unwrap();
        if let Some(wait) = fault.retry_after() {
            let wait = HeaderValue::try_from(wait).unwrap();
            head.headers_mut().insert(RETRY_AFTER, wait);
        }
        self.begin(head)?.send_data("no".into(), true)
    }
}

fn of_length(length: usize) -> Response<()> {
    let head = Response::builder().header(CONTENT_LENGTH, length);
    head.body(()).unwrap()
}

/// Reads a request to its end.
async fn read(mut body: RecvStream) {
    while let Some(Ok(data)) = body.data().await {
        let _ = body.flow_control().release_capacity(data.len());
    }
}

/// Writes what is queued; whatever else comes of it is the client's business.
async fn flush(connection: &mut Connection<impl Io, Bytes>) {
    let closed = poll_fn(|cx| connection.poll_closed(cx));
    let _ = timeout(Duration::from_millis(1), closed).await;
}

/// A byte every second.
async fn drip(mut stream: SendStream<Bytes>) {
    for left in (0..100).rev() {
        sleep(Duration::from_secs(1)).await;
        if stream.send_data("x".into(), left == 0).is_err() {
            return;
        }
    }
}

/// As much as the client's window takes, for as long as it wants.
async fn pour(mut stream: SendStream<Bytes>) {
    loop {
        stream.reserve_capacity(16 * 1024);
        let Some(Ok(capacity)) = poll_fn(|cx| stream.poll_capacity(cx)).await else {
            return;
        };
        if stream
            .send_data(vec![b'x'; capacity].into(), false)
            .is_err()
        {
            return;
        }
    }
}
