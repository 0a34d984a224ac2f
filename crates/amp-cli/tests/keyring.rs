//! The command `amp` beside a real keyring, in a session of the test's own.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::process::{Command, Output};

use amp_sandbox::Sandbox;
use serde_json::Value;

const USER: &str = "issuer";
const PASSWORD: &str = "canary-pass-3f9c";

/// Runs this script against a service, beside an unlocked keyring that nobody else knows.
fn in_session(script: &str) -> Output {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sandbox = Sandbox::builder().seed(7).credentials(USER, PASSWORD);
    let sandbox = runtime.block_on(sandbox.start()).unwrap();
    let home = tempfile::tempdir().unwrap();
    let unlock =
        "printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1";
    Command::new("dbus-run-session")
        .args(["--", "sh", "-ec", &format!("{unlock}\n{script}")])
        .env_clear()
        .current_dir(home.path())
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home.path())
        .env("XDG_RUNTIME_DIR", home.path())
        .env("AMP", env!("CARGO_BIN_EXE_amp"))
        .env("BASE_URL", sandbox.base_url())
        .env("AMP_USERNAME", USER)
        .env("AMP_PASSWORD", PASSWORD)
        .output()
        .unwrap()
}

fn lines(output: &Output) -> Vec<&str> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    assert!(output.status.success(), "{output:?}");
    text.lines().collect()
}

// C-28
#[test]
fn a_login_is_kept_in_the_keyring_and_no_file_has_the_token() {
    let output = in_session(
        r#"
        amp() { "$AMP" --base-url "$BASE_URL" "$@"; }
        export AMP_TOKEN_STORE=keyring
        amp --quiet auth login
        unset AMP_USERNAME AMP_PASSWORD
        token=$(amp auth token)
        amp auth status --json | tr -d '\n'; echo
        grep -r "$token" . >&2 && echo "in a file" || echo "in no file"
        amp --quiet auth migrate --to encrypted
        export AMP_TOKEN_STORE=encrypted
        test "$(amp auth token)" = "$token" && echo "the same"
        amp auth status --json | tr -d '\n'; echo
        amp auth rotate-key --json | tr -d '\n'; echo
        test "$(amp auth token)" = "$token" && echo "still the same"
        ls .local/state/token-store
        "#,
    );
    let said = lines(&output);
    let status: Value = serde_json::from_str(said[0]).unwrap();
    assert_eq!(status["store"], "keyring", "{status}");
    assert_eq!(
        (&status["encrypted"], &status["path"]),
        (&true.into(), &Value::Null)
    );
    assert_eq!(said[1..3], ["in no file", "the same"], "{output:?}");
    let status: Value = serde_json::from_str(said[3]).unwrap();
    assert_eq!(status["key_source"], "the keyring of the operating system");
    let rotated: Value = serde_json::from_str(said[4]).unwrap();
    assert_eq!(rotated["rewritten"], 1, "{rotated}");
    assert_eq!(said[5], "still the same");
    assert!(!said[6..].contains(&"master.key"), "{said:?}");
    assert!(!String::from_utf8_lossy(&output.stderr).contains(PASSWORD));
}
