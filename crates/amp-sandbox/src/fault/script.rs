//! The faults that are still to happen, in order.

use std::time::Duration;

use super::{Fault, FaultKind, Skew};

/// The faults that are still to happen, in order.
pub(crate) struct FaultScript {
    faults: Vec<Fault>,
    /// What chances are drawn from. Nothing else is, so that faults change no name and no id.
    rng: fastrand::Rng,
}

/// Everything the script has in store for one request.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) delay: Duration,
    pub(crate) skew: Option<Skew>,
    /// Neither latency nor clock.
    pub(crate) failure: Option<FaultKind>,
}

impl FaultScript {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            faults: Vec::new(),
            rng: fastrand::Rng::with_seed(seed),
        }
    }

    pub(crate) fn extend(&mut self, faults: Vec<Fault>) {
        self.faults.extend(faults);
    }

    pub(crate) fn clear(&mut self) {
        self.faults.clear();
    }

    /// Uses up what this request meets.
    pub(crate) fn take(&mut self, method: &str, path: &str) -> Plan {
        let mut plan = Plan::default();
        for group in [is_latency, is_clock, is_failure] {
            if let Some(kind) = self.take_first(method, path, group) {
                plan.note(kind);
            }
        }
        self.faults.retain(|fault| !fault.is_used_up());
        plan
    }

    fn take_first(
        &mut self,
        method: &str,
        path: &str,
        group: fn(&FaultKind) -> bool,
    ) -> Option<FaultKind> {
        let rng = &mut self.rng;
        let next = |fault: &&mut Fault| {
            group(&fault.kind) && fault.matches(method, path) && fault.happens(rng)
        };
        let fault = self.faults.iter_mut().find(next)?;
        fault.use_once();
        Some(fault.kind.clone())
    }
}

impl Plan {
    fn note(&mut self, kind: FaultKind) {
        match kind {
            FaultKind::Latency(delay) => self.delay = delay,
            FaultKind::WrongClock(skew) => self.skew = Some(skew),
            failure => self.failure = Some(failure),
        }
    }
}

fn is_latency(kind: &FaultKind) -> bool {
    matches!(kind, FaultKind::Latency(_))
}

fn is_clock(kind: &FaultKind) -> bool {
    matches!(kind, FaultKind::WrongClock(_))
}

fn is_failure(kind: &FaultKind) -> bool {
    !is_latency(kind) && !is_clock(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(lines: &[&str]) -> FaultScript {
        let mut script = FaultScript::new(7);
        script.extend(lines.iter().map(|line| line.parse().unwrap()).collect());
        script
    }

    fn failures(script: &mut FaultScript, count: usize) -> Vec<String> {
        let name = |plan: Plan| {
            plan.failure
                .map_or("none".to_owned(), |kind| Fault::new(kind).to_string())
        };
        (0..count)
            .map(|_| name(script.take("GET", "/assets")))
            .collect()
    }

    #[test]
    fn faults_happen_in_their_order_and_as_often_as_they_say() {
        let mut script = script(&["503*2", "429:1", "stall*0"]);
        assert_eq!(failures(&mut script, 4), ["503", "503", "429:1", "none"]);
    }

    #[test]
    fn a_fault_for_another_request_waits_for_it() {
        let mut script = script(&[
            "POST /assets/issue=reset-after",
            "/assets/*/lock=stall",
            "500",
        ]);
        assert_eq!(failures(&mut script, 2), ["500", "none"]);
        let reset = script.take("POST", "/assets/issue").failure;
        assert_eq!(
            reset.map(|kind| Fault::new(kind).to_string()),
            Some("reset-after".to_owned())
        );
        assert!(script.take("PUT", "/assets/a/b/lock").failure.is_none());
        assert!(
            script.take("PUT", "/assets/a/lock/").failure.is_some(),
            "a trailing slash does not matter"
        );
    }

    #[test]
    fn a_chance_is_drawn_for_each_request_and_the_same_by_every_script_of_a_seed() {
        let lines = ["reset*5%", "503*5%"];
        let met = failures(&mut script(&lines), 10_000);
        let count = |name: &str| met.iter().filter(|met| *met == name).count();
        assert!((400..600).contains(&count("reset")), "{}", count("reset"));
        // Of the requests that the first one spares.
        assert!((375..575).contains(&count("503")), "{}", count("503"));
        assert_eq!(failures(&mut script(&lines), 10_000), met);
        assert_eq!(failures(&mut script(&["503*100%"]), 2), ["503", "503"]);
        assert_eq!(failures(&mut script(&["503*0%"]), 1), ["none"]);
    }

    #[test]
    fn latency_and_clock_combine_with_a_failure() {
        let mut script = script(&["latency:2s*always", "clock:-1h", "429:date:3"]);
        let plan = script.take("GET", "/info");
        assert_eq!(plan.delay, Duration::from_secs(2));
        assert_eq!(plan.skew, Some(Skew::Behind(Duration::from_secs(3600))));
        assert!(plan.failure.is_some());
        let next = script.take("GET", "/info");
        assert_eq!(
            next,
            Plan {
                delay: Duration::from_secs(2),
                ..Plan::default()
            }
        );
        script.clear();
        assert_eq!(script.take("GET", "/info"), Plan::default());
    }
}
