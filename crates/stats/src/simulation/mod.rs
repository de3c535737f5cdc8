//! Simulated experiments: how often each rule errs, covers the truth and finds it.
//!
//! All randomness comes from the seed. Trial `i` of a seed draws from a generator of its own, so the same seed gives the
//! same report, whatever else was simulated.
//!
//! ```
//! use liftgate_stats::simulation::{Metric, Rule, Scenario, Settings, simulate};
//!
//! let settings = Settings {
//!     scenario: Scenario::new(Metric::Occurrence { rate: 0.05 }, 2_000, 0.0),
//!     simulations: 50,
//!     seed: 7,
//!     ..Settings::default()
//! };
//! let report = simulate(&settings, &mut |_| {})?;
//! assert!(report.of(Rule::ConfidenceSequence).any_look.share() <= 0.2);
//! # Ok::<(), liftgate_stats::InvalidStatistics>(())
//! ```

mod generator;
mod report;
mod rule;
mod scenario;
mod sources;
mod trial;

pub use report::{Rate, RuleReport, SimulationReport};
pub use rule::Rule;
pub use scenario::{Metric, Scenario, Settings};
pub use sources::{CovariateReport, SplitReport, simulate_covariate, simulate_split};
pub use trial::simulate;
