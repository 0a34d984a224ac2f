//! Distributions: handing out what was assigned.

mod confirm;
mod distribution;
mod instructions;

pub use confirm::ConfirmDistribution;
pub use distribution::{
    ConfirmationStatus, Distribution, DistributionAssignment, DistributionTransaction,
};
pub use instructions::DistributionInstructions;
