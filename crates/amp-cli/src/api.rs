//! `amp api METHOD PATH`: any request, with its answer as received.

use amp_client::{Reply, Request};

use crate::call;
use crate::cli::ApiArgs;
use crate::context::Context;
use crate::data;
use crate::error::Failure;
use crate::interrupt::or_interrupted;
use crate::output::Output;
use crate::session::Session;
use crate::settings::Settings;

/// Sends the request. The body of any answer goes to stdout; one without success is a failure.
pub(crate) async fn run(args: ApiArgs, context: &Context) -> Result<(), Failure> {
    let request = request(&args)?;
    if args.dry_run {
        return call::dry_run(&[request], context);
    }
    let settings = match request.auth() {
        amp_api::Auth::None => Settings::read(context, None)?,
        amp_api::Auth::Required | amp_api::Auth::Optional => Settings::read_for_token(context)?,
    };
    let (session, client) = or_interrupted(Session::with_client(settings, context)).await?;
    let work = async { client.request(&request).await.map_err(Failure::from) };
    let reply = session.during(or_interrupted(work)).await;
    let answered = reply.and_then(|reply| answer(&reply, &args, &context.output));
    session.close_after(&answered, &client).await;
    answered
}

fn answer(reply: &Reply, args: &ApiArgs, output: &Output) -> Result<(), Failure> {
    if args.include {
        output.bytes(&[&head(reply)])?;
    }
    output.bytes(&[reply.body()])?;
    match reply.error() {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}

fn request(args: &ApiArgs) -> Result<Request, Failure> {
    let request = Request::raw(args.method.clone(), &args.path)
        .map_err(|error| Failure::usage(error.to_string()))?;
    let request = match &args.data {
        Some(data) => request.with_body(data::read("--data", data)?),
        None => request,
    };
    Ok(match args.no_auth {
        true => request.without_token(),
        false => request,
    })
}

/// The status, the headers as they came, and an empty line.
fn head(reply: &Reply) -> Vec<u8> {
    let mut head = format!("HTTP {}\r\n", reply.status()).into_bytes();
    for (name, value) in reply.headers() {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    head
}
