//! The operations that steer the sandbox itself, under `/_sandbox`. They are not recorded.

use http::{Method, StatusCode};
use serde_json::json;

use crate::answer::{self, Answer};
use crate::fault::Fault;
use crate::handle::SandboxHandle;
use crate::node::NodeCommand;
use crate::record::RecordRow;

pub(crate) const PREFIX: &str = "/_sandbox/";

/// Carries out one control request; `name` is its path after [`PREFIX`].
pub(crate) fn answer(sandbox: &SandboxHandle, method: &Method, name: &str, body: &[u8]) -> Answer {
    let wanted = match name {
        "requests" | "counts" | "ledger" => Method::GET,
        "reset" | "revoke-tokens" | "faults" | "new-gaid" => Method::POST,
        _ if node_command(name).is_some() => Method::POST,
        _ => return answer::not_found(),
    };
    if *method != wanted {
        return answer::method_not_allowed(method, &[wanted]);
    }
    match name {
        "requests" => requests(sandbox),
        "counts" => Answer::ok(&sandbox.counts()),
        "ledger" => Answer::ok(&sandbox.ledger()),
        "reset" => {
            sandbox.reset();
            Answer::ok(&json!({}))
        }
        "revoke-tokens" => Answer::ok(&json!({ "revoked": sandbox.revoke_tokens() })),
        "new-gaid" => Answer::ok(&json!({ "gaid": sandbox.new_gaid() })),
        "faults" => inject(sandbox, body),
        _ => node_command(name)
            .map_or_else(answer::not_found, |command| node(sandbox, command, body)),
    }
}

/// The command to the simulated node that a path names.
fn node_command(name: &str) -> Option<NodeCommand> {
    name.strip_prefix("node/")?.parse().ok()
}

fn node(sandbox: &SandboxHandle, command: NodeCommand, order: &[u8]) -> Answer {
    match command.carry_out(&mut sandbox.lock().state, order) {
        Ok(report) => Answer::raw_json(report),
        Err(reason) => refusal(&reason.to_string()),
    }
}

/// A 400 in the words of the sandbox, which are not those of the service.
fn refusal(reason: &str) -> Answer {
    Answer::json(StatusCode::BAD_REQUEST, &json!({ "error": reason }))
}

fn requests(sandbox: &SandboxHandle) -> Answer {
    let records = sandbox.requests();
    let rows: Vec<RecordRow<'_>> = records.iter().map(RecordRow::from).collect();
    Answer::ok(&rows)
}

/// All of the faults or none.
fn inject(sandbox: &SandboxHandle, body: &[u8]) -> Answer {
    match read_faults(body) {
        Ok(faults) => {
            let injected = faults.len();
            sandbox.inject_all(faults);
            Answer::ok(&json!({ "injected": injected }))
        }
        Err(reason) => refusal(&reason),
    }
}

/// A JSON array of texts, or one fault in each line; empty lines do not count.
fn read_faults(body: &[u8]) -> Result<Vec<Fault>, String> {
    let text = std::str::from_utf8(body)
        .map_err(|_| "the faults are not UTF-8".to_owned())?
        .trim();
    let lines: Vec<String> = match text.starts_with('[') {
        true => serde_json::from_str(text)
            .map_err(|error| format!("not a JSON array of texts: {error}"))?,
        false => text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(str::to_owned)
            .collect(),
    };
    if lines.is_empty() {
        return Err("no fault was given".to_owned());
    }
    lines
        .iter()
        .map(|line| line.parse().map_err(|error| format!("{error}")))
        .collect()
}
