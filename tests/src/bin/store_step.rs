//! One step of a store, for a tracer to interrupt: `store_step STEP KIND DIRECTORY`.
//!
//! Two looks at names that do not exist, `begin-step` and `end-step`, tell the tracer where the
//! step begins and ends. It says what the step says, and an error with all that its texts tell.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::{env, fs};

use integration_tests::rig::say;
use integration_tests::steps::Step;
use integration_tests::stores::Kind;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let mut next = || arguments.next().ok_or("store_step: an argument is missing");
    let step: Step = next()?.parse()?;
    let kind: Kind = next()?.parse()?;
    let place = PathBuf::from(next()?);

    let _ = fs::symlink_metadata("begin-step");
    let done = step.run(kind, &place);
    let _ = fs::symlink_metadata("end-step");

    let Err(error) = done else {
        return Ok(ExitCode::SUCCESS);
    };
    say(format_args!("error {:?}", error.kind()));
    let mut cause: Option<&dyn Error> = Some(&error);
    while let Some(told) = cause {
        say(format_args!("{told} {told:?}"));
        cause = told.source();
    }
    Ok(ExitCode::from(9))
}
