//! `amp auth status`: what is known about the token, from the store alone.

use std::time::SystemTime;

use amp_client::{ApiClient, TokenInfo};
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use token_core::Clock as _;
use token_manager::SystemClock;
use token_store::ChosenStore;

use crate::context::Context;
use crate::error::Failure;
use crate::session::Session;
use crate::settings::Settings;

/// What is known. The names are part of the contract; what is not known is null.
#[derive(Debug, Serialize)]
struct Status {
    base_url: String,
    username: Option<String>,
    has_token: bool,
    expires_at: Option<String>,
    obtained_at: Option<String>,
    expires_in_seconds: Option<i64>,
    is_expired: Option<bool>,
    expires_soon: Option<bool>,
    store: &'static str,
    path: Option<String>,
    /// Of a server, without the login there; no key of any other store.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    encrypted: bool,
    key_source: Option<String>,
}

/// Prints what is stored. The service is not asked.
pub(crate) async fn run(context: &Context) -> Result<(), Failure> {
    let session = Session::open(Settings::read(context, None)?, context, None).await?;
    let record = session.place().load().await?.record;
    let info = record.map(|record| record.token.info(&SystemClock::default().now()));
    let status = Status::new(&session, info);
    match context.output.is_json() {
        true => context.output.value(&status),
        false => context.output.fields(&status.fields()),
    }
}

/// Says what was done and what came of it; with `--json`, the whole status is the result.
pub(crate) async fn report(
    done: &str,
    session: &Session,
    client: &ApiClient,
    context: &Context,
) -> Result<(), Failure> {
    let status = Status::new(session, client.get_token_info().await);
    session.close_after(&Ok(()), client).await;
    if context.output.is_json() {
        return context.output.value(&status);
    }
    let user = status.username.as_deref().unwrap_or("the sandbox's user");
    let service = &status.base_url;
    let until = status.expires_at.as_deref().unwrap_or("an unknown time");
    context
        .output
        .message(format_args!("{done}: {user} at {service}, until {until}"));
    Ok(())
}

impl Status {
    fn new(session: &Session, info: Option<TokenInfo>) -> Self {
        let kept = session.place().kept();
        let path = kept.and_then(|kept| Some(kept.path()?.display().to_string()));
        Self {
            base_url: session.base_url().to_string(),
            username: session.place().user().map(str::to_owned),
            has_token: info.is_some(),
            expires_at: info.map(|info| rfc3339(info.expires_at)),
            obtained_at: info.map(|info| rfc3339(info.obtained_at)),
            expires_in_seconds: info.map(|info| info.expires_in.whole_seconds()),
            is_expired: info.map(|info| info.is_expired),
            expires_soon: info.map(|info| info.expires_soon),
            store: session.place().store_name(),
            path,
            address: kept.and_then(|kept| Some(kept.server()?.to_string())),
            encrypted: kept.is_some_and(ChosenStore::is_encrypted),
            key_source: kept.and_then(|kept| Some(kept.key_source()?.to_string())),
        }
    }

    fn fields(&self) -> Vec<(&'static str, String)> {
        let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let token = match (self.is_expired, self.expires_soon) {
            (None, _) => "none",
            (Some(true), _) => "expired",
            (_, Some(true)) => "expires soon",
            _ => "usable",
        };
        let place = match &self.address {
            Some(address) => ("address", address.clone()),
            None => ("path", text(&self.path)),
        };
        vec![
            ("service", self.base_url.clone()),
            ("user", text(&self.username)),
            ("token", token.to_owned()),
            ("obtained at", text(&self.obtained_at)),
            ("expires at", text(&self.expires_at)),
            ("store", self.store.to_owned()),
            place,
            (
                "encrypted",
                if self.encrypted { "yes" } else { "no" }.to_owned(),
            ),
            ("key", text(&self.key_source)),
        ]
    }
}

/// Whole seconds in UTC: finer ones say nothing about a token.
fn rfc3339(at: SystemTime) -> String {
    let at = OffsetDateTime::from(at);
    let whole = at.replace_nanosecond(0).unwrap_or(at);
    whole.format(&Rfc3339).unwrap_or_default()
}
