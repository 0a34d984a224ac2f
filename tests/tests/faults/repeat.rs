//! The same faults have the same consequences, to the millisecond.

use token_core::Idempotency;

use crate::catalogue::{CATALOGUE, run};
use crate::server::{Protocol, Server};

const RUNS: usize = 50;

/// Everything that happens in the whole catalogue.
async fn trace(protocol: Protocol) -> Vec<String> {
    let mut trace = Vec::new();
    for case in CATALOGUE
        .iter()
        .filter(|case| case.over.contains(&protocol))
    {
        for class in [Idempotency::Safe, Idempotency::OnlyIfUnprocessed] {
            let server = Server::new(protocol, &[case.fault]);
            run(case, &server, class).await;
            trace.extend(server.trace());
        }
    }
    trace
}

fn runs(protocol: Protocol) {
    let once = || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build();
        runtime.unwrap().block_on(trace(protocol))
    };
    let first = once();
    assert!(first.len() > 100, "{first:#?}");
    for _ in 1..RUNS {
        assert_eq!(once(), first);
    }
}

// Pitfall 17.
#[test]
fn fifty_runs_of_the_catalogue_over_http1_leave_one_trace() {
    runs(Protocol::Http1);
}

// Pitfall 17.
#[test]
fn fifty_runs_of_the_catalogue_over_http2_leave_one_trace() {
    runs(Protocol::Http2);
}
