//! Programs the commands call that do not come with cargo.

use std::{
    fmt,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};

use crate::workspace;

/// Exit code when a tool or a setting is missing.
pub(crate) const EXIT_MISSING: u8 = 3;

/// A program and the command that installs it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    /// The command that succeeds exactly when the tool is there.
    pub(crate) probe: &'static [&'static str],
    /// The command that installs it.
    pub(crate) install: &'static [&'static str],
}

/// A missing tool and how to get it.
#[derive(Debug)]
pub(crate) struct Missing(Tool);

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tool { name, install, .. } = self.0;
        let install = as_typed(install);
        write!(
            f,
            "{name} is missing: run `{install}`, or add --install to this command"
        )
    }
}

impl std::error::Error for Missing {}

/// Makes sure each tool is there; installs it when `install` says so, fails with [`Missing`] otherwise.
pub(crate) fn ensure_all(tools: &[Tool], install: bool) -> Result<()> {
    for tool in tools {
        if is_there(tool) {
            continue;
        }
        if !install {
            return Err(Missing(*tool).into());
        }
        add(tool)?;
    }
    Ok(())
}

fn is_there(tool: &Tool) -> bool {
    let Some((program, arguments)) = tool.probe.split_first() else {
        return false;
    };
    Command::new(program)
        .args(arguments)
        .current_dir(workspace::root())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn add(tool: &Tool) -> Result<()> {
    println!("installing {}: {}", tool.name, as_typed(tool.install));
    let (program, arguments) = tool.install.split_first().context("no install command")?;
    let status = Command::new(program)
        .args(arguments)
        .current_dir(workspace::root())
        // Debug information of a tool would only take time.
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .status()
        .with_context(|| format!("cannot start {program}"))?;
    ensure!(status.success(), "installing {} failed", tool.name);
    ensure!(
        is_there(tool),
        "{} was installed but does not start: is cargo's bin directory in PATH?",
        tool.name
    );
    Ok(())
}

/// A command as one types it; one for the shell is typed without naming the shell.
fn as_typed(command: &[&str]) -> String {
    match command {
        ["sh", "-c", line] => (*line).to_owned(),
        _ => command.join(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABSENT: Tool = Tool {
        name: "no-such-tool",
        probe: &["no-such-tool-anywhere", "--version"],
        install: &["cargo", "install", "--locked", "no-such-tool"],
    };

    #[test]
    fn a_missing_tool_is_named_with_the_command_that_installs_it() {
        let error = ensure_all(&[ABSENT], false).unwrap_err();
        assert!(error.is::<Missing>(), "{error:?}");
        assert_eq!(
            error.to_string(),
            "no-such-tool is missing: run `cargo install --locked no-such-tool`, or add --install to this command"
        );
    }

    #[test]
    fn an_installation_by_the_shell_is_told_as_one_types_it() {
        let tool = Tool {
            install: &["sh", "-c", "cd elsewhere && install it"],
            ..ABSENT
        };
        let text = Missing(tool).to_string();
        assert!(text.contains("run `cd elsewhere && install it`"), "{text}");
    }

    #[test]
    fn a_tool_that_is_there_is_not_installed() {
        let present = Tool {
            name: "cargo",
            probe: &["cargo", "--version"],
            ..ABSENT
        };
        ensure_all(&[present], true).unwrap();
    }
}
