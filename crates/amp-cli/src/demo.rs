//! `amp demo`: the life of a token on the embedded service, step by step. Each step checks its own
//! claim against what the service recorded; a claim that does not hold fails the demo.

mod clock;
mod stage;
mod steps;
mod timeline;

use crate::context::Context;
use crate::error::Failure;
use crate::settings;

use self::stage::Stage;
use self::timeline::Timeline;

/// Plays all steps. It needs no environment and no network, and leaves nothing behind.
pub(crate) async fn run(context: &Context) -> Result<(), Failure> {
    settings::no_service(&context.globals, "demo")?;
    play(context)
        .await
        .map_err(|error| Failure::unexpected(format!("{error:#}")))
}

async fn play(context: &Context) -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let mut timeline = Timeline::begin(&stage, &context.output)?;
    timeline.step("log in", steps::log_in(&stage)).await?;
    timeline
        .step("call with the held token", steps::call(&stage))
        .await?;
    timeline
        .step("refresh ahead of the end", steps::refresh_ahead(&stage))
        .await?;
    timeline
        .step("obey a 429", steps::obey_a_limit(&stage))
        .await?;
    timeline
        .step(
            "replace a revoked token",
            steps::replace_a_revoked_token(&stage),
        )
        .await?;
    timeline
        .step("200 first callers at once", steps::share_one_login(&stage))
        .await?;
    timeline
        .step(
            "lose the answer to an issue",
            steps::never_pay_twice(&stage),
        )
        .await?;
    timeline
        .step("restart from disk", steps::restart(&stage))
        .await?;
    timeline.end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Globals;
    use crate::output::Output;
    use crate::vars::Vars;

    #[tokio::test]
    async fn a_claim_that_does_not_hold_fails_the_demo_and_is_named() {
        let stage = Stage::set().await.unwrap();
        let globals = Globals {
            json: true,
            ..Globals::default()
        };
        let output = Output::new(&globals, &Vars::of(&[]));
        let mut timeline = Timeline::begin(&stage, &output).unwrap();
        // Nobody has logged in yet, so the calls are not served by a held token.
        let failed = timeline.step("call", steps::call(&stage)).await;
        let said = format!("{:#}", failed.unwrap_err());
        assert!(said.contains("the step \"call\" failed"), "{said}");
        assert!(said.contains("were (1, 0), not (0, 0)"), "{said}");
    }
}
