//! Many processes on one token file.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use token_store::{Binding, FileStore};

const PROCESSES: u64 = 64;
const TURNS: u64 = 10;

// W-A04, C-20, X-31: upstream's writers overwrite each other.
#[test]
fn sixty_four_processes_lose_no_compare_and_swap() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("token.json");
    let mut writers: Vec<Child> = (0..PROCESSES).map(|_| start(&path)).collect();
    // The end of its input starts each of them.
    for writer in &mut writers {
        drop(writer.stdin.take());
    }
    for mut writer in writers {
        let mut said = String::new();
        let mut stderr = writer.stderr.take().unwrap();
        stderr.read_to_string(&mut said).unwrap();
        assert!(writer.wait().unwrap().success(), "{said}");
    }
    let binding = Binding::new("https://amp.example/api", "alice").unwrap();
    let loaded = FileStore::open(&path, binding).unwrap().read_now().unwrap();
    assert_eq!(loaded.generation.number(), PROCESSES * TURNS);
}

fn start(path: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_store_writer"));
    command.arg("turns").arg(path).arg(TURNS.to_string());
    command.stdin(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}
