//! What the layers below tell about waits.

use amp_client::{CallEnd, CallObserver, RetryWait, TokenEvent, TokenEvents};
use token_manager::FlightReason;
use tokio::time::Instant;

use super::state::{Pause, Progress, Renewal};

impl CallObserver for Progress {
    fn retry_waits(&self, wait: &RetryWait) {
        let pause = Pause::new(wait, Instant::now());
        self.update(|state| state.pause = Some(pause));
    }

    fn call_ended(&self, _: &CallEnd<'_>) {
        self.update(|state| state.pause = None);
    }
}

impl TokenEvents for Progress {
    fn on_event(&self, event: &TokenEvent) {
        match event {
            TokenEvent::FlightStarted { reason, .. } => {
                let renewal = match reason {
                    FlightReason::Missing => Renewal::First,
                    _ => Renewal::Another,
                };
                self.update(|state| state.renewal = Some(renewal));
            }
            TokenEvent::Obtained { .. }
            | TokenEvent::Failed { .. }
            | TokenEvent::FlightDiscarded { .. } => self.update(|state| {
                state.renewal = None;
                state.pause = None;
            }),
            _ => {}
        }
    }
}
