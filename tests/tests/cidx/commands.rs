//! Many short commands of one project, each a process of its own, on one encrypted token file.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, SystemTime};

use amp_sandbox::{DEFAULT_PASSWORD, DEFAULT_USERNAME, Sandbox};
use cidx_client::Project;
use tempfile::TempDir;
use token_core::TokenData;
use token_store::{Change, Commit, Committed, EncryptedFileStore, Key, KeySet, OpId, Record};
use tokio::task::spawn_blocking;

use super::legacy::token_file;

/// How many commands there are at once.
const COMMANDS: usize = 16;

/// A project, its key, and the server that it is indexed on.
struct Rig {
    sandbox: Sandbox,
    root: TempDir,
    key: Key,
}

impl Rig {
    /// A project that nobody has logged in from.
    async fn new() -> Self {
        let sandbox = Sandbox::builder().cidx().seed(7).start().await.unwrap();
        let project = Self {
            sandbox,
            root: TempDir::new().unwrap(),
            key: Key::generate().unwrap(),
        };
        fs::write(project.key_file(), project.key.to_base64().as_bytes()).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        fs::set_permissions(project.key_file(), mode).unwrap();
        project.keep_password(DEFAULT_PASSWORD);
        project
    }

    /// The same after the first command.
    async fn logged_in() -> Self {
        let project = Self::new().await;
        project.succeed_at_once(1).await;
        assert_eq!(project.asked(), (1, 0));
        project
    }

    fn key_file(&self) -> PathBuf {
        self.root.path().join("key")
    }

    fn token_file(&self) -> PathBuf {
        self.root.path().join(".code-indexer/.token")
    }

    fn project_of(&self, root: &Path, user: &str) -> Project {
        let keys = KeySet::new(self.key.clone());
        Project::new(root, self.sandbox.base_url(), user, keys).unwrap()
    }

    fn keep_password(&self, password: &str) {
        let project = self.project_of(self.root.path(), DEFAULT_USERNAME);
        let credentials = project.credentials().unwrap();
        credentials.file().write(&password.into()).unwrap();
    }

    fn store(&self) -> EncryptedFileStore {
        let project = self.project_of(self.root.path(), DEFAULT_USERNAME);
        project.token_store().unwrap()
    }

    fn record(&self) -> Record {
        self.store().read_now().unwrap().record.unwrap()
    }

    /// Stores the token as one that ended so long ago; its refresh token stays good.
    fn end_token(&self, ago: Duration) {
        let loaded = self.store().read_now().unwrap();
        let held = loaded.record.unwrap().token;
        let ended = now() - ago;
        let token = held.token().clone();
        let ended = TokenData::new(token, ended - Duration::from_secs(600), ended)
            .with_refresh_token(held.refresh_token().cloned());
        let change = Change::Put(Record::new(ended));
        let commit = Commit::new(loaded.generation, change, OpId::random());
        let committed = self.store().commit_now(commit).unwrap();
        assert!(
            matches!(committed, Committed::Stored { .. }),
            "{committed:?}"
        );
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cidx_command"));
        command.arg(self.sandbox.base_url()).arg(self.root.path());
        command.arg(self.key_file()).arg(DEFAULT_USERNAME);
        command
    }

    /// Starts so many commands, lets them go at the same moment, and answers what they said.
    async fn run_at_once(&self, count: usize) -> Vec<Output> {
        let commands = (0..count).map(|_| self.command()).collect();
        spawn_blocking(move || run(commands)).await.unwrap()
    }

    async fn succeed_at_once(&self, count: usize) {
        for output in self.run_at_once(count).await {
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{said}");
            assert_eq!(output.stdout, b"1\n");
        }
    }

    /// Runs a command that dies with the answer of the server in its hands.
    async fn die_with_the_answer(&self) {
        let mut command = self.command();
        command.arg("dies");
        let output = spawn_blocking(move || run(vec![command])).await.unwrap();
        assert_eq!(output[0].status.code(), None, "{output:?}");
    }

    /// How many logins and how many refreshes the server has seen.
    fn asked(&self) -> (usize, usize) {
        (
            self.sandbox.count("POST", "/auth/login"),
            self.sandbox.count("POST", "/auth/refresh"),
        )
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the commands read the clock, too"
)]
fn now() -> SystemTime {
    SystemTime::now()
}

/// Waits until each is ready; the end of its input starts it.
fn run(commands: Vec<Command>) -> Vec<Output> {
    let start = |mut command: Command| {
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        piped.stderr(Stdio::piped()).spawn().unwrap()
    };
    let mut started: Vec<Child> = commands.into_iter().map(start).collect();
    for process in &mut started {
        let mut line = [0; 6];
        process
            .stdout
            .as_mut()
            .unwrap()
            .read_exact(&mut line)
            .unwrap();
        assert_eq!(&line, b"ready\n");
    }
    for process in &mut started {
        drop(process.stdin.take());
    }
    let end = |process: Child| process.wait_with_output().unwrap();
    started.into_iter().map(end).collect()
}

// C-01, C-02, C-03, C-04, C-17, C-28: the first acceptance criterion of the story.
#[tokio::test]
async fn later_commands_use_the_encrypted_token_of_the_first() {
    use std::os::unix::fs::PermissionsExt as _;

    let project = Rig::new().await;
    for _ in 0..5 {
        project.succeed_at_once(1).await;
    }
    assert_eq!(project.asked(), (1, 0));
    assert_eq!(project.sandbox.count("GET", "/repos"), 5);

    let file = project.token_file();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
    assert!(file.with_file_name(".token.lock").exists());
    let bytes = String::from_utf8_lossy(&fs::read(file).unwrap()).into_owned();
    let token = project.record().token;
    let refresh_token = token.refresh_token().unwrap();
    for secret in [
        token.token().expose_secret(),
        refresh_token.expose_secret(),
        DEFAULT_USERNAME,
        DEFAULT_PASSWORD,
    ] {
        assert!(!bytes.contains(secret), "{secret}");
    }
}

// C-32, C-48, W-A19: X-31
#[tokio::test]
async fn commands_that_start_together_log_in_once() {
    let project = Rig::new().await;
    project.succeed_at_once(COMMANDS).await;
    assert_eq!(project.asked(), (1, 0));
}

// C-22, C-24, C-48, W-C16, the token that the first of them brings serves all.
#[tokio::test]
async fn commands_that_meet_an_ended_token_refresh_it_once() {
    let project = Rig::logged_in().await;
    for round in 1..=2 {
        project.end_token(Duration::from_secs(5));
        project.succeed_at_once(COMMANDS).await;
        assert_eq!(project.asked(), (1, round));
    }
    assert_eq!(project.sandbox.refresh_replays(), 0);
}

// C-14, C-24, C-48: X-13, the second criterion: refused refresh, one login, no error.
#[tokio::test]
async fn where_the_refresh_is_refused_one_command_logs_in_for_all() {
    let project = Rig::logged_in().await;
    project.sandbox.spend_refresh_tokens();
    project.end_token(Duration::from_secs(5));
    project.succeed_at_once(COMMANDS).await;
    assert_eq!(project.asked(), (2, 1));

    project.end_token(Duration::from_secs(3_600));
    project.succeed_at_once(COMMANDS).await;
    assert_eq!(project.asked(), (3, 1), "it had ended for too long");
}

// C-46, W-C09: each call is sent again once, with the token that one of them obtained.
#[tokio::test]
async fn a_revoked_token_is_renewed_by_one_command_and_all_calls_are_replayed() {
    let project = Rig::logged_in().await;
    project.sandbox.revoke_tokens();
    project.succeed_at_once(COMMANDS).await;
    assert_eq!(project.asked(), (1, 1));
    let calls = project.sandbox.count("GET", "/repos");
    assert!(calls <= 1 + 2 * COMMANDS, "{calls}");
}

// C-10, C-15, C-58, W-C08: the fifth criterion.
#[tokio::test]
async fn a_broken_token_file_costs_one_login_and_is_kept_for_a_look() {
    let project = Rig::logged_in().await;
    let file = project.token_file();
    let mut bytes = fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&file, &bytes).unwrap();
    project.succeed_at_once(COMMANDS).await;
    assert_eq!(project.asked(), (2, 0));
    let names = fs::read_dir(file.parent().unwrap()).unwrap();
    let mut names = names.map(|entry| entry.unwrap().path());
    let rejected = names.find(|path| path.display().to_string().contains("rejected"));
    assert_eq!(fs::read(rejected.unwrap()).unwrap(), bytes);
}

// C-51, C-52, C-53: no login, and nothing of the old form is left.
#[tokio::test]
async fn a_token_of_the_cidx_client_itself_is_taken_over_once() {
    let project = Rig::logged_in().await;
    let token = project.record().token;
    let root = project.root.path().canonicalize().unwrap();
    let server = project.sandbox.base_url();
    let old = token_file(&token, DEFAULT_USERNAME, root.to_str().unwrap(), server);
    fs::write(project.token_file(), old).unwrap();
    project.succeed_at_once(COMMANDS).await;
    assert_eq!(project.asked(), (1, 0));
    let written = fs::read(project.token_file()).unwrap();
    assert!(written.starts_with(b"\x89TKST"), "it is written anew");
    assert_eq!(project.record().token.token(), token.token());
}

// C-29, W-C03
#[tokio::test]
async fn the_token_file_of_one_project_is_of_no_use_in_another() {
    let project = Rig::logged_in().await;
    let other = TempDir::new().unwrap();
    let directory = other.path().join(".code-indexer");
    fs::create_dir(&directory).unwrap();
    fs::copy(project.token_file(), directory.join(".token")).unwrap();
    let elsewhere = project.project_of(other.path(), DEFAULT_USERNAME);
    let loaded = elsewhere.token_store().unwrap().read_now().unwrap();
    assert_eq!(loaded.record, None);
}

// C-63: neither user is served the token of the other.
#[tokio::test]
async fn where_another_user_takes_a_project_over_the_token_of_the_first_is_set_aside() {
    let project = Rig::logged_in().await;
    let other = project.project_of(project.root.path(), "bob");
    let found = other.token_store().unwrap().read_now().unwrap();
    assert_eq!(found.record, None);
    project.succeed_at_once(1).await;
    assert_eq!(project.asked(), (2, 0), "the first user comes back");
}

// C-34, C-36, C-63, W-C18: the password is read at every login.
#[tokio::test]
async fn a_corrected_password_is_seen_by_the_next_command() {
    let project = Rig::new().await;
    project.keep_password("outdated-canary");
    let refused = &project.run_at_once(1).await[0];
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(
        !refused.status.success() && !said.contains("canary"),
        "{said}"
    );
    project.keep_password(DEFAULT_PASSWORD);
    project.succeed_at_once(1).await;
    assert_eq!(project.asked(), (2, 0));
}

// C-48, W-C16: rotated at the server, lost here: whoever comes next must not show the old one.
#[tokio::test]
async fn a_command_that_dies_between_answer_and_file_leaves_word_that_the_refresh_token_is_spent() {
    let project = Rig::logged_in().await;
    project.end_token(Duration::from_secs(5));
    project.die_with_the_answer().await;
    assert_eq!(project.asked(), (1, 1));
    assert!(project.record().token.is_expired(now()));

    project.succeed_at_once(COMMANDS).await;
    assert_eq!(project.asked(), (2, 1), "a login, and no second refresh");
    assert_eq!(project.sandbox.refresh_replays(), 0);

    // What the login brought may be refreshed again.
    project.end_token(Duration::from_secs(5));
    project.succeed_at_once(COMMANDS).await;
    assert_eq!(project.asked(), (2, 2));
    assert_eq!(project.sandbox.refresh_replays(), 0);
}

// C-48, W-C16: the same where the command lives, and nothing but the mark tells the next one.
#[tokio::test]
async fn a_refresh_without_an_answer_is_not_repeated_by_the_next_command() {
    let project = Rig::logged_in().await;
    project.end_token(Duration::from_secs(5));
    let fault = "POST /auth/refresh=reset-after".parse().unwrap();
    project.sandbox.inject(fault);
    project.keep_password("outdated");
    let failed = project.run_at_once(1).await;
    assert!(!failed[0].status.success(), "{failed:?}");
    assert_eq!(project.asked(), (2, 1));

    project.keep_password(DEFAULT_PASSWORD);
    project.succeed_at_once(1).await;
    assert_eq!(
        project.asked(),
        (3, 1),
        "the refresh token is not shown again"
    );
    assert_eq!(project.sandbox.refresh_replays(), 0);
}
