//! Power cuts under a writer: `power_cut KIND full|file|none TRIALS DIRECTORY`, as root in a mount
//! namespace of its own.
//!
//! The file system is an image in a file. At each trial the writer is stopped, the image is read
//! until two readings in a row agree, so that they are what the disk held at one moment, and the
//! copy is mounted, as after a power cut. A store that does not flush everything is on trial until
//! it is found out. It says `CUTS n TORN n LOST n`, or `NOT HERE` and why.

use std::error::Error;
use std::fs;
use std::hint::spin_loop;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};

use integration_tests::kept_at;
use integration_tests::rig::{self, say};
use integration_tests::stores::Kind;

/// The names that are flushed are those of the writer: nothing is done by the file system itself
/// before a flush, and its own flush comes once a second.
const OPTIONS: &str = "loop,noauto_da_alloc,commit=1";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("power_cut: an argument is missing");
    let (kind, durability, trials) = (next()?.parse()?, next()?, next()?.parse::<u32>()?);
    let place = next()?;
    let place = Path::new(&place);
    let [image, copy] = ["image", "copy"].map(|name| place.join(name));
    let [disk, after] = ["disk", "after"].map(|name| place.join(name));
    fs::File::create(&image)?.set_len(16 << 20)?;
    fs::create_dir(&disk)?;
    fs::create_dir(&after)?;
    if let Err(reason) = make(&image).and_then(|()| mount(&image, &disk)) {
        say(format_args!("NOT HERE {reason}"));
        return Ok(());
    }
    let place = disk.join("tokens");
    let mut rig = Rig::start(kind, &place.join("token"), &durability)?;
    let (mut cuts, mut torn, mut lost) = (0, 0, 0);
    let flushes = durability == "full";
    while cuts < trials && (flushes || torn + lost == 0) {
        cuts += 1;
        let acknowledged = rig.stop()?;
        fs::write(&copy, image_at_one_moment(&image)?)?;
        rig::go_on(&rig.writer)?;
        mount(&copy, &after)?;
        match visible(kind, &after.join("tokens").join("token")) {
            Err(_) => torn += 1,
            Ok(visible) if visible < acknowledged => lost += 1,
            Ok(_) => {}
        }
        run("umount", &[&after])?;
    }
    rig.writer.kill()?;
    rig.writer.wait()?;
    run("umount", &[&disk])?;
    say(format_args!("CUTS {cuts} TORN {torn} LOST {lost}"));
    Ok(())
}

/// A writer and what it acknowledged.
struct Rig {
    writer: Child,
    acknowledged: Arc<AtomicU64>,
    heard: Receiver<()>,
}

impl Rig {
    fn start(kind: Kind, path: &Path, durability: &str) -> Result<Self, Box<dyn Error>> {
        let program = std::env::current_exe()?.with_file_name("store_writer");
        let mut command = Command::new(program);
        command.args(["endless", &kind.name()]).arg(path);
        command.arg(durability).stdin(Stdio::null());
        let mut writer = command.stdout(Stdio::piped()).spawn()?;
        let stdout = writer.stdout.take().ok_or("the writer has no output")?;
        let acknowledged = Arc::new(AtomicU64::new(0));
        let (tell, heard) = channel();
        let noted = Arc::clone(&acknowledged);
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Ok(generation) = line.parse() {
                    noted.store(generation, Ordering::SeqCst);
                    let _ = tell.send(());
                }
            }
        });
        Ok(Self {
            writer,
            acknowledged,
            heard,
        })
    }

    /// Lets it go on to its next acknowledged store and a little further, stops it, and answers
    /// what it acknowledged.
    fn stop(&mut self) -> Result<u64, Box<dyn Error>> {
        while self.heard.try_recv().is_ok() {}
        self.heard.recv()?;
        // Half of the time at once, before the next store can flush what this one did not.
        for _ in 0..fastrand::u32(0..400_000).saturating_sub(200_000) {
            spin_loop();
        }
        rig::stop(&self.writer)?;
        Ok(self.acknowledged.load(Ordering::SeqCst))
    }
}

fn image_at_one_moment(image: &Path) -> std::io::Result<Vec<u8>> {
    let mut earlier = fs::read(image)?;
    loop {
        let later = fs::read(image)?;
        if later == earlier {
            return Ok(later);
        }
        earlier = later;
    }
}

/// The generation that is there, if it is whole.
fn visible(kind: Kind, path: &Path) -> Result<u64, String> {
    let loaded = kind.judge(path).and_then(|store| store.read_now());
    let loaded = loaded.map_err(|error| error.to_string())?;
    let is_whole = loaded.notice.is_none() && loaded.record == kept_at(loaded.generation);
    is_whole
        .then_some(loaded.generation.number())
        .ok_or_else(|| "it is torn".to_owned())
}

fn make(image: &Path) -> Result<(), String> {
    run("mkfs.ext4", &[Path::new("-q"), Path::new("-F"), image])
}

fn mount(image: &Path, at: &Path) -> Result<(), String> {
    run("mount", &[Path::new("-o"), Path::new(OPTIONS), image, at])
}

fn run(program: &str, arguments: &[&Path]) -> Result<(), String> {
    let output = Command::new(program).args(arguments).output();
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
    }
}
