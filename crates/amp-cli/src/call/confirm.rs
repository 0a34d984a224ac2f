//! Asking before money is spent or something is gone for good.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use super::Sending;
use crate::error::Failure;
use crate::settings::Settings;
use crate::show::harmless;

/// Who is there to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Nobody,
    Person,
}

/// What is done about a risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    GoOn,
    Ask,
    Refuse,
}

/// Goes on where nothing is risked, where `--yes` says so, or where a person does. This blocks.
pub(super) fn confirm(
    risk: Option<&str>,
    sending: Sending,
    settings: &Settings,
) -> Result<(), Failure> {
    let Some(risk) = risk else {
        return Ok(());
    };
    let asked = match io::stdin().is_terminal() && io::stderr().is_terminal() {
        true => Asked::Person,
        false => Asked::Nobody,
    };
    match decide(sending.yes, settings.sandbox, asked) {
        Decision::GoOn => Ok(()),
        Decision::Ask => ask(risk, &settings.config.base_url().to_string()),
        Decision::Refuse => {
            let hint = "add --yes to do it without being asked, or --dry-run to see the request";
            Err(Failure::usage(risk).with_hint(hint))
        }
    }
}

/// The embedded service of `--sandbox` ends with the command, so nothing is at stake there.
const fn decide(yes: bool, sandbox: bool, asked: Asked) -> Decision {
    match (yes || sandbox, asked) {
        (true, _) => Decision::GoOn,
        (false, Asked::Person) => Decision::Ask,
        (false, Asked::Nobody) => Decision::Refuse,
    }
}

fn ask(risk: &str, service: &str) -> Result<(), Failure> {
    let question = format!("{}\nGo on at {service}? [y/N] ", harmless(risk));
    let mut answer = String::new();
    let mut stderr = io::stderr();
    stderr
        .write_all(question.as_bytes())
        .and_then(|()| stderr.flush())
        .and_then(|()| io::stdin().lock().read_line(&mut answer))
        .map_err(|error| Failure::unexpected(format!("nobody could be asked: {error}")))?;
    match is_yes(&answer) {
        true => Ok(()),
        false => Err(Failure::declined()),
    }
}

fn is_yes(answer: &str) -> bool {
    let answer = answer.trim();
    answer.eq_ignore_ascii_case("y") || answer.eq_ignore_ascii_case("yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_asked_a_script_must_say_yes_and_the_embedded_service_risks_nothing() {
        use Asked::{Nobody, Person};
        use Decision::{Ask, GoOn, Refuse};

        let table = [
            ((false, false, Person), Ask),
            ((false, false, Nobody), Refuse),
            ((true, false, Person), GoOn),
            ((true, false, Nobody), GoOn),
            ((false, true, Person), GoOn),
            ((false, true, Nobody), GoOn),
        ];
        for ((yes, sandbox, asked), expected) in table {
            let decision = decide(yes, sandbox, asked);
            assert_eq!(decision, expected, "{yes} {sandbox} {asked:?}");
        }
    }

    #[test]
    fn only_a_yes_is_a_yes() {
        for yes in ["y\n", "Y", " yes \r\n"] {
            assert!(is_yes(yes), "{yes}");
        }
        for no in ["", "\n", "n\n", "ye", "yes please"] {
            assert!(!is_yes(no), "{no}");
        }
    }
}
