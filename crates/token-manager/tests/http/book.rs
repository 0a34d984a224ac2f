//! What the book of a call says that waits for a token.

use std::time::Duration;

use http::Request;
use token_core::{CallContext, ErrorClass, Idempotency, Ledger, TokenError, TokenFailure};
use token_manager::ScriptedProvider;
use tokio::time::timeout;

use crate::api::{Api, ApiService, BASE, manager};

const LATENCY: Duration = Duration::from_secs(1);

/// Makes a call that a retry layer counted already.
async fn book_of(service: &impl ApiService, leaves: bool) -> Ledger {
    let call = CallContext::new(Idempotency::Never);
    call.note(Ledger::note_attempt);
    let request = Request::post(BASE).extension(call.clone());
    let request = request.body(Default::default()).unwrap();
    let patience = if leaves { LATENCY / 2 } else { 10 * LATENCY };
    let answer = timeout(patience, service.send(request)).await;
    assert_eq!(answer.is_err(), leaves, "{answer:?}");
    call.ledger()
}

// A-55, W-A19: whoever leaves while he waits for a token, or hears that there is none, sent nothing.
#[tokio::test(start_paused = true)]
async fn a_call_counts_only_what_was_sent_with_a_token() {
    for (rejected, leaves, refused, sent) in [
        (false, false, false, 1),
        (false, true, false, 0),
        (false, false, true, 0),
        (true, false, false, 2),
        (true, true, false, 1),
        (true, false, true, 1),
    ] {
        let provider = ScriptedProvider::with_latency(LATENCY);
        let api = Api::default();
        let service = api.authorized(&manager(&provider));
        if rejected {
            assert_eq!(service.status().await, 200);
            api.accept_only(["token-2"]);
        }
        if refused {
            let failure = TokenFailure::new(ErrorClass::Refused, "wrong password");
            provider.on_obtain(Err(TokenError::ObtainFailed(failure)));
        }
        let before = api.requests();
        let book = book_of(&service, leaves).await;
        let name = format!("rejected {rejected}, leaves {leaves}, refused {refused}");
        assert_eq!(api.requests() - before, sent, "{name}");
        assert_eq!(book.sends() as usize, sent, "{name}");
    }
}
