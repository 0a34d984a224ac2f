//! What a person sees, on a terminal of the test's own.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::process::{Child, Command};

use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::rig::Rig;

/// A terminal, and the side of it that a person sits at.
struct Terminal {
    person: File,
    terminal: OwnedFd,
}

impl Terminal {
    fn of_width(columns: u16) -> Self {
        let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&person).unwrap();
        unlockpt(&person).unwrap();
        let name = ptsname(&person, Vec::new()).unwrap();
        let terminal = open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        let size = Winsize {
            ws_row: 24,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&terminal, size).unwrap();
        Self {
            person: person.into(),
            terminal,
        }
    }

    fn start(&self, mut command: Command) -> Child {
        let stream = || self.terminal.try_clone().unwrap();
        command.stdin(stream()).stdout(stream()).stderr(stream());
        command.spawn().unwrap()
    }

    fn types(&mut self, text: &str) {
        self.person.write_all(text.as_bytes()).unwrap();
    }

    /// Reads until this was shown.
    fn shows(&mut self, text: &str) -> String {
        let mut shown = String::new();
        let mut some = [0; 1024];
        while !shown.contains(text) {
            let read = self.person.read(&mut some).unwrap_or(0);
            assert!(read > 0, "{text} is not in {shown}");
            shown += &String::from_utf8_lossy(&some[..read]);
        }
        shown
    }

    /// Everything that the command shows from now on; its end closes the terminal.
    fn ends(mut self, mut child: Child) -> (Option<i32>, String) {
        drop(self.terminal);
        let mut shown = Vec::new();
        // Where nobody is left at the other side, Linux says EIO.
        let _ = self.person.read_to_end(&mut shown);
        let code = child.wait().unwrap().code();
        (code, String::from_utf8_lossy(&shown).replace("\r\n", "\n"))
    }
}

/// What a command shows on a terminal, in the test's locale or in this one.
pub(crate) fn shown(
    rig: &Rig,
    words: &[&str],
    columns: u16,
    vars: &[(&str, &str)],
) -> (Option<i32>, String) {
    let terminal = Terminal::of_width(columns);
    let mut command = rig.process_as_user(words);
    command.env("LANG", "C.UTF-8").envs(vars.iter().copied());
    let child = terminal.start(command);
    terminal.ends(child)
}

const PLAIN: (&str, &str) = ("NO_COLOR", "1");

#[test]
fn a_list_is_a_table_that_fits_the_terminal() {
    let rig = Rig::logged_in();
    let (code, wide) = shown(&rig, &["assets", "list"], 100, &[PLAIN]);
    assert_eq!(code, Some(0), "{wide}");
    assert!(wide.starts_with("ASSET UUID  "), "{wide}");
    assert_eq!(wide.lines().count(), rig.sandbox.asset_count() + 1);

    let (_, narrow) = shown(&rig, &["assets", "list"], 30, &[PLAIN]);
    assert!(narrow.starts_with("asset uuid: "), "{narrow}");
    let (_, styled) = shown(&rig, &["assets", "list"], 100, &[]);
    assert!(styled.starts_with("\u{1b}[1mASSET UUID"), "{styled}");
}

#[test]
fn a_person_is_asked_before_money_is_spent_and_only_a_yes_spends_it() {
    let rig = Rig::logged_in();
    let data = serde_json::json!({
        "name": "Gold coin", "amount": 1000, "destination_address": "vjU8gold",
        "domain": "gold.example", "ticker": "GOLD", "pubkey": format!("02{}", "ab".repeat(32)),
    });
    let data = data.to_string();
    let words = ["assets", "issue", "--data", &data];
    for (answer, expected, issued) in [("\n", 130, 0), ("n\n", 130, 0), ("y\n", 0, 1)] {
        let mut terminal = Terminal::of_width(80);
        let child = terminal.start(rig.process_as_user(&words));
        let question = terminal.shows("[y/N] ");
        assert!(question.contains("1000 units of Gold coin"), "{question}");
        assert!(question.contains(rig.sandbox.base_url()), "{question}");
        terminal.types(answer);
        let (code, said) = terminal.ends(child);
        assert_eq!(code, Some(expected), "{answer:?}: {said}");
        assert_eq!(rig.sandbox.issued_count(), issued, "{answer:?}");
    }
}

/// Whether any second of a wait was told between these texts; which ones are drawn is up to the machine.
fn told(said: &str, before: &str, after: &str) -> bool {
    (1..=3).any(|left| said.contains(&format!("{before}{left} s left{after}")))
}

#[test]
fn a_wait_is_told_with_its_reason_and_leaves_no_trace_behind_it() {
    let rig = Rig::logged_in();
    rig.inject("GET /assets=429:3");
    let (code, said) = shown(&rig, &["assets", "list"], 100, &[PLAIN]);
    assert_eq!(code, Some(0), "{said}");
    assert!(told(&said, "rate limited: ", ", then try 2 of 3"), "{said}");
    let (_, result) = said.rsplit_once("\r\u{1b}[2K").unwrap();
    assert!(result.starts_with("ASSET UUID"), "{said}");

    let (asset, path) = (rig.some_asset(), "POST /assets/*/assignments/create=429:3");
    rig.inject(path);
    let user = rig
        .run(&["users", "create", "--name", "Ann", "--json"])
        .json()["id"]
        .to_string();
    let words = [
        "assignments",
        "create",
        &asset,
        "--user",
        &user,
        "--amount",
        "5",
    ];
    let (code, said) = shown(&rig, &words, 100, &[PLAIN]);
    assert_eq!(code, Some(0), "{said}");
    let bar = "░░░░░░░░░░░░░░░░░░░░ 0/1 assignments  rate limited: ";
    assert!(told(&said, bar, ""), "{said}");

    for silent in [
        &["assets", "list", "--quiet"][..],
        &["assets", "list", "--json"],
    ] {
        rig.sandbox.clear_requests();
        rig.inject("GET /assets=429:3");
        let (code, said) = shown(&rig, silent, 100, &[PLAIN]);
        assert_eq!(code, Some(0), "{said}");
        assert!(!said.contains("rate limited"), "{said}");
        assert_eq!(rig.sandbox.count("GET", "/assets"), 2, "{silent:?}");
    }
}
