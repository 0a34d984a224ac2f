//! What happened when, how long it took, and how many requests it needed.

use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde::Serialize;

use super::stage::Stage;
use crate::output::Output;

/// Prints each step as it ends; with `--json` all of them at the end.
pub(super) struct Timeline<'a> {
    stage: &'a Stage,
    output: &'a Output,
    began: Instant,
    steps: Vec<Step>,
}

#[derive(Debug, Serialize)]
struct Step {
    step: &'static str,
    claim: String,
    began_at_ms: u128,
    took_ms: u128,
    requests: usize,
    logins: usize,
    refreshes: usize,
}

#[derive(Serialize)]
struct Report<'a> {
    service: &'a str,
    took_ms: u128,
    steps: &'a [Step],
}

impl<'a> Timeline<'a> {
    pub(super) fn begin(stage: &'a Stage, output: &'a Output) -> anyhow::Result<Self> {
        let timeline = Self {
            stage,
            output,
            began: Instant::now(),
            steps: Vec::new(),
        };
        let service = stage.sandbox.base_url();
        timeline.say(&format!(
            "The life of a token, on an embedded AMP service at {service}\n"
        ))?;
        timeline.say(
            "     at      took  requests  step                         what the service saw",
        )?;
        Ok(timeline)
    }

    /// Plays one step, which answers what it has proven. The service's record begins anew.
    pub(super) async fn step(
        &mut self,
        name: &'static str,
        play: impl Future<Output = anyhow::Result<String>>,
    ) -> anyhow::Result<()> {
        let sandbox = &self.stage.sandbox;
        sandbox.clear_requests();
        let began_at = self.began.elapsed();
        let claim = play
            .await
            .with_context(|| format!("the step \"{name}\" failed"))?;
        let step = Step {
            step: name,
            claim,
            began_at_ms: began_at.as_millis(),
            took_ms: self.began.elapsed().saturating_sub(began_at).as_millis(),
            requests: sandbox.total(),
            logins: sandbox.count("POST", "/user/obtain_token"),
            refreshes: sandbox.count("GET", "/user/refresh-token"),
        };
        self.say(&step.line())?;
        self.steps.push(step);
        Ok(())
    }

    pub(super) fn end(self) -> anyhow::Result<()> {
        let took = self.began.elapsed();
        if self.output.is_json() {
            let report = Report {
                service: self.stage.sandbox.base_url(),
                took_ms: took.as_millis(),
                steps: &self.steps,
            };
            return self.output.value(&report).map_err(anyhow::Error::msg);
        }
        let (count, took) = (self.steps.len(), seconds(took));
        self.say(&format!("\nAll {count} claims held, in {took}."))
    }

    fn say(&self, line: &str) -> anyhow::Result<()> {
        match self.output.is_json() {
            true => Ok(()),
            false => self.output.line(line).map_err(anyhow::Error::msg),
        }
    }
}

impl Step {
    fn line(&self) -> String {
        let began = seconds(Duration::from_millis(self.began_at_ms as u64));
        let took = format!("{} ms", self.took_ms);
        let Self {
            step,
            claim,
            requests,
            ..
        } = self;
        format!("{began:>7}  {took:>8}  {requests:>8}  {step:<27}  {claim}")
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}
