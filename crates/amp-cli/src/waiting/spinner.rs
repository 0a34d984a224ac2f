//! The line on stderr that lives while a command waits.

use std::future::Future;
use std::io::{self, Write as _};
use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::state::Progress;
use crate::context::Context;
use crate::show::{Screen, cut};

/// Before this nobody wonders, and a line that comes and goes at once is only unrest.
const PATIENCE: Duration = Duration::from_millis(400);

/// How often the line is drawn.
const BEAT: Duration = Duration::from_millis(100);

const DOTS: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const BARS: [&str; 4] = ["|", "/", "-", "\\"];

/// The start of the line, and nothing on it (ECMA-48, EL).
pub(crate) const ERASED: &str = "\r\u{1b}[2K";

/// Tells a person at a terminal what the command waits for.
pub(crate) struct Waiting {
    progress: Progress,
    screen: Option<Screen>,
}

impl Waiting {
    /// Silent with `--quiet`, `--json` and `-v`, and where stderr is no terminal.
    pub(crate) fn new(context: &Context) -> Self {
        let globals = &context.globals;
        let is_silent = globals.quiet || globals.json || globals.verbose > 0;
        let screen = Screen::of_stderr(&context.vars).filter(|screen| screen.steerable);
        Self {
            progress: Progress::default(),
            screen: screen.filter(|_| !is_silent),
        }
    }

    /// Where waits are noted.
    pub(crate) fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Waits for the work, and tells meanwhile. The line is gone when this ends, also where it is
    /// dropped.
    pub(crate) async fn during<T>(&self, work: impl Future<Output = T>) -> T {
        let Some(screen) = self.screen else {
            return work.await;
        };
        let mut work = pin!(work);
        let mut beats = interval_at(Instant::now() + PATIENCE, BEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut line = Line::default();
        let mut count = 0;
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                now = beats.tick() => {
                    let text = self.progress.state().text(now, screen.unicode);
                    line.draw(&frame(&screen, count, &text));
                    count += 1;
                }
            }
        }
    }
}

/// One picture of the line, which must not fill the terminal's: the next would then not hit it.
fn frame(screen: &Screen, count: usize, text: &str) -> String {
    let dot = match screen.unicode {
        true => DOTS[count % DOTS.len()],
        false => BARS[count % BARS.len()],
    };
    let line = format!("{dot} {text}");
    cut(&line, screen.width.saturating_sub(1), screen.ellipsis())
}

/// What is drawn now; it is wiped when this is dropped.
#[derive(Default)]
struct Line {
    is_drawn: bool,
}

impl Line {
    fn draw(&mut self, text: &str) {
        self.is_drawn = true;
        write(&format!("{ERASED}{text}"));
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.is_drawn {
            write(ERASED);
        }
    }
}

fn write(text: &str) {
    let mut stderr = io::stderr();
    // A terminal that is gone leaves nothing to be done.
    let _ = stderr
        .write_all(text.as_bytes())
        .and_then(|()| stderr.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_moves_and_never_fills_the_line() {
        let mut screen = Screen {
            width: 20,
            unicode: false,
            styled: true,
            steerable: true,
        };
        assert_eq!(frame(&screen, 0, "logging in"), "| logging in");
        assert_eq!(frame(&screen, 5, "logging in"), "/ logging in");
        let long = frame(&screen, 0, "rate limited: 12 s left, then try 2 of 3");
        assert_eq!(long, "| rate limited: 1..");
        screen.unicode = true;
        assert_eq!(frame(&screen, 10, "logging in"), "⠋ logging in");
    }
}
