//! One request to the token endpoint, and the grant it brings.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use token_core::{Clock, Grant, TokenError, TokenValidator};
use tower_service::Service;

use super::answer::{AnswerShape, TokenAnswer};
use super::complaint::Complaints;
use super::failure::{Endpoint, of_answer, of_error};
use super::{FlightContext, TokenService};

/// How an authority answers.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    pub(super) shape: AnswerShape,
    pub(super) complaints: Complaints,
    pub(super) validator: TokenValidator,
    pub(super) assumed_lifetime: Duration,
}

impl Terms {
    /// Sends a request and makes a grant of its answer.
    pub(super) async fn exchange<S: TokenService>(
        &self,
        endpoint: Endpoint,
        service: S,
        request: Request<Bytes>,
        flight: &FlightContext,
        clock: &dyn Clock,
    ) -> Result<Grant, TokenError> {
        let call = flight.call();
        let answer = oneshot(service, request)
            .await
            .map_err(|error| of_error(endpoint, error, call))?;
        let now = clock.now().wall;
        if !answer.status().is_success() {
            return Err(of_answer(endpoint, &answer, self.complaints, call, now));
        }
        let answer = TokenAnswer::read(answer.body(), self.shape)?;
        let assumed = self.assumed_lifetime;
        let lifetime = self
            .validator
            .lifetime(&answer.access, answer.stated, assumed, now)?;
        Ok(Grant::new(answer.access, lifetime).with_refresh(answer.refresh))
    }
}

async fn oneshot<S: TokenService>(
    mut service: S,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, S::Error> {
    std::future::poll_fn(|context| service.poll_ready(context)).await?;
    Service::call(&mut service, request).await
}
