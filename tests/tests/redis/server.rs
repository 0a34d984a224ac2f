//! A redis-server of our own, on a socket in a folder of its own.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

/// What it says when it listens, on a port or on a socket: "Ready" or "ready".
const READY: &str = "eady to accept connections";

/// A server that takes longer to start is stuck.
const PATIENCE: Duration = Duration::from_secs(60);

/// Ends with its owner. What it acknowledged is in its log and survives a kill.
pub(crate) struct RedisServer {
    folder: TempDir,
    process: Option<Child>,
}

impl RedisServer {
    pub(crate) fn start() -> Self {
        Self::prepared(|_| {})
    }

    /// Starts one after something was put into its folder; `redis.conf` there is its settings.
    pub(crate) fn prepared(prepare: impl FnOnce(&Path)) -> Self {
        let folder = folder();
        prepare(folder.path());
        let mut server = Self {
            folder,
            process: None,
        };
        server.restart();
        server
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn url(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    pub(crate) fn process(&self) -> u32 {
        self.process.as_ref().unwrap().id()
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("redis.sock")
    }

    /// SIGKILL; returns when the process is gone.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Starts it, again perhaps; returns when it says that it takes connections.
    pub(crate) fn restart(&mut self) {
        self.kill();
        let settings = Some("redis.conf").filter(|name| self.folder().join(name).exists());
        let mut process = Command::new("redis-server")
            .current_dir(self.folder())
            .args(settings)
            .args(["--port", "0", "--save", "", "--loglevel", "notice"])
            .args(["--appendonly", "yes", "--appendfsync", "always"])
            .args(["--auto-aof-rewrite-percentage", "0"])
            .arg("--unixsocket")
            .arg(self.socket())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("redis-server is there: `cargo xtask test redis --install`");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        self.process = Some(process);
        let (says, heard) = mpsc::channel();
        thread::spawn(move || {
            let is_ready = |line: io::Result<String>| line.unwrap().contains(READY);
            says.send(lines.any(is_ready)).unwrap();
            // Nobody else reads what it says, and it must not wait for that.
            lines.for_each(drop);
        });
        let ready = heard.recv_timeout(PATIENCE);
        assert_eq!(ready, Ok(true), "redis-server ended before it was ready");
    }

    /// Forgets everything, as a server does that was set up anew.
    pub(crate) fn wipe(&mut self) {
        self.kill();
        fs::remove_dir_all(self.log_folder()).unwrap();
        self.restart();
    }

    pub(crate) fn log_folder(&self) -> PathBuf {
        self.folder.path().join("appendonlydir")
    }
}

/// In memory where the system has such a place: the kernel outlives a killed server, and its log is
/// flushed at each change, which takes milliseconds on a disk.
fn folder() -> TempDir {
    TempDir::new_in("/dev/shm").unwrap_or_else(|_| TempDir::new().unwrap())
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}
