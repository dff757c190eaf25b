//! A seeded fleet: players with devices whose clocks are wrong and whose network loses, repeats and delays, against the
//! whole application, as it answers over HTTP, on the stores in memory. The same seed gives the same run, byte for byte.
//!
//! Invariants: nothing here knows a rule of the server's; what is counted is counted against what the devices truly hold
//! and what was truly played on from what.
#![deny(missing_docs)]

mod chance;
mod contents;
mod cycle;
mod device;
mod events;
mod history;
mod house;
mod judgement;
mod network;
mod report;
mod season;
mod wire;

pub use report::{Loss, Report};

use season::Season;

/// What is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// What chance is drawn from.
    pub seed: u64,
    /// How often something happens: a step of a device, or something from outside.
    pub steps: u64,
    /// What is broken on purpose.
    pub ablation: Option<Ablation>,
}

/// A rule to be left out, to see that its loss is counted. The server knows nothing of it: the clients go past the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ablation {
    /// The guard: each upload is told to overwrite.
    Guard,
    /// Conflicts: clients take the server's side without asking.
    Conflict,
}

/// Most steps of one season: each has a house of its own, and a history that is not too long to be read again and again.
const SEASON: u64 = 2_000;

/// The simulation itself failed: the application broke off, or answered what no client can read.
#[derive(Debug, thiserror::Error)]
#[error("the simulation failed: {0}")]
pub struct SimulationError(pub(crate) String);

/// Simulates, on this thread. A promise that is broken is no error but a loss in the report.
///
/// # Errors
/// See [`SimulationError`].
pub fn simulate(setting: Setting) -> Result<Report, SimulationError> {
    actix_web::rt::System::new().block_on(async {
        let mut report = Report::new(setting);
        let mut left = setting.steps;
        while left > 0 {
            let steps = left.min(SEASON);
            Season::begin(&mut report).await?.run(steps).await?;
            left -= steps;
        }
        Ok(report)
    })
}
