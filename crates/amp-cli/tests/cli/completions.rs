//! `amp completions`: a script for each shell.

use crate::rig::{Rig, bare, ran};

#[test]
fn every_shell_gets_a_script_that_knows_the_commands() {
    let rig = Rig::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = ran(bare(rig.home()).args(["completions", shell]));
        assert_eq!(
            (script.code, script.stderr.as_str()),
            (Some(0), ""),
            "{shell}"
        );
        assert!(script.stdout.contains("set-default-gaid"), "{shell}");
    }
    let unknown = ran(bare(rig.home()).args(["completions", "csh"]));
    assert_eq!(unknown.code, Some(2), "{unknown:?}");
}
