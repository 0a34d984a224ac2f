//! Assignments: who shall receive how much of an asset with the next distribution.

mod assignment;
mod create;

pub use assignment::{Assignment, AssignmentFilter};
pub use create::CreateAssignment;
