//! Named sets of settings, from a file: what flags and variables leave open.

mod file;

use std::num::NonZeroU64;
use std::path::PathBuf;

use amp_api::BaseUrl;
use amp_client::{DEFAULT_BASE_URL, LIVE_HOST};

use self::file::Profile;
use crate::cli::{Globals, StoreChoice};
use crate::credentials::USERNAME;
use crate::error::Failure;
use crate::vars::Vars;

/// The variable that names a profile where no flag does.
pub(crate) const PROFILE: &str = "AMP_PROFILE";

const BASE_URL: &str = "AMP_API_BASE_URL";

/// Flags and variables with the settings of the profile that they name, where they say nothing
/// themselves. A flag comes before a variable, a variable before the profile.
pub(crate) fn apply(globals: Globals, vars: Vars) -> Result<(Globals, Vars), Failure> {
    let named = globals.profile.clone().or_else(|| vars.text(PROFILE));
    let Some(name) = named else {
        return Ok((globals, vars));
    };
    let path = path(&vars);
    let profile = match path.as_deref().map(file::read).transpose()?.flatten() {
        Some(mut profiles) => profiles.remove(&name).or_else(|| built_in(&name)),
        None => built_in(&name),
    };
    match profile {
        Some(profile) => Ok(merged(globals, vars, profile, &name)?),
        None => Err(unknown(&name, path)),
    }
}

/// Where the file is: `amp/config.toml` in the place of this user's settings.
pub(crate) fn path(vars: &Vars) -> Option<PathBuf> {
    let absolute = |name: &str| {
        let path = PathBuf::from(vars.raw(name)?);
        path.is_absolute().then_some(path)
    };
    let base = if cfg!(windows) {
        absolute("APPDATA")
    } else if cfg!(target_os = "macos") {
        absolute("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")))
    };
    base.map(|base| base.join("amp").join("config.toml"))
}

/// Profiles that need no file. The live one still needs its opt-in.
fn built_in(name: &str) -> Option<Profile> {
    let base_url = match name {
        "test" => DEFAULT_BASE_URL.to_owned(),
        "live" => format!("https://{LIVE_HOST}/api"),
        _ => return None,
    };
    Some(Profile {
        base_url: Some(base_url),
        ..Profile::default()
    })
}

fn merged(
    mut globals: Globals,
    mut vars: Vars,
    profile: Profile,
    name: &str,
) -> Result<(Globals, Vars), Failure> {
    if globals.base_url.is_none() {
        match vars.text(BASE_URL) {
            Some(url) => check_live(&url, &profile, name)?,
            None => {
                globals.base_url = profile.base_url;
                // What a profile allows it allows for its own service.
                let told = vars.has("AMP_ALLOW_LIVE");
                globals.allow_live = profile.allow_live.filter(|_| !told);
            }
        }
    }
    // Store and file are one choice.
    let chosen = globals.store.is_some() || globals.token_file.is_some();
    if !chosen && !vars.has("AMP_TOKEN_STORE") && !vars.has("AMP_TOKEN_FILE") {
        globals.store = profile.store.map(|text| store(&text, name)).transpose()?;
        globals.token_file = profile.token_file;
    }
    if globals.key_file.is_none()
        && !vars.has("TOKEN_STORE_KEY_FILE")
        && !vars.has("TOKEN_STORE_KEY")
    {
        globals.key_file = profile.key_file;
    }
    globals.timeout = globals.timeout.or(profile.timeout.map(NonZeroU64::get));
    if let Some(username) = profile.username.filter(|_| !vars.has(USERNAME)) {
        vars = vars.with_username(username);
    }
    Ok((globals, vars))
}

/// A variable comes before the profile, but nobody who names the profile of another service shall
/// end up where money moves.
fn check_live(url: &str, profile: &Profile, name: &str) -> Result<(), Failure> {
    let is_live = |url: &str| {
        let url = BaseUrl::parse(url).ok();
        url.is_some_and(|url| url.host().trim_end_matches('.') == LIVE_HOST)
    };
    let of_profile = profile.base_url.as_deref();
    if is_live(url) && of_profile.is_some_and(|url| !is_live(url)) {
        let problem = format!(
            "{BASE_URL} names the live service and the profile {name} another one; unset one of them"
        );
        return Err(Failure::configuration(&[problem]));
    }
    Ok(())
}

fn store(text: &str, name: &str) -> Result<StoreChoice, Failure> {
    text.parse().map_err(|expected| {
        Failure::configuration(&[format!("the store of the profile {name}: {expected}")])
    })
}

fn unknown(name: &str, path: Option<PathBuf>) -> Failure {
    let place = path.map_or_else(
        || "a file, for which there is no place".to_owned(),
        |path| path.display().to_string(),
    );
    Failure::configuration(&[format!(
        "there is no profile {name}; test and live are built in, others are tables in {place}"
    )])
}

#[cfg(test)]
mod tests;
