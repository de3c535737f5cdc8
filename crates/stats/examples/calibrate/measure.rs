//! The simulations of one seed.

use liftgate_stats::simulation::{
    CovariateReport, Metric, Scenario, Settings, SimulationReport, SplitReport, simulate, simulate_covariate,
    simulate_split,
};
use liftgate_stats::{InvalidStatistics, SRM_CONCENTRATION, SignificanceLevel};

/// A metric with its sample and the lift that one look finds in about four of five cases.
pub struct Design {
    pub name: &'static str,
    pub description: &'static str,
    pub metric: Metric,
    pub units_per_arm: u64,
    pub lift: f64,
}

/// The scenarios, 20 equally spaced looks each.
pub const DESIGNS: [Design; 5] = [
    Design {
        name: "B1",
        description: "conversion, 5 %",
        metric: Metric::Occurrence { rate: 0.05 },
        units_per_arm: 10_000,
        lift: 0.173,
    },
    Design {
        name: "B2",
        description: "conversion, 0.5 %",
        metric: Metric::Occurrence { rate: 0.005 },
        units_per_arm: 20_000,
        lift: 0.395,
    },
    Design {
        name: "R1",
        description: "revenue, 95 % zeros, log-normal(3, 1)",
        metric: Metric::Revenue {
            spending_share: 0.05,
            log_mean: 3.0,
            log_standard_deviation: 1.0,
        },
        units_per_arm: 20_000,
        lift: 0.205,
    },
    Design {
        name: "R2",
        description: "revenue, 95 % zeros, log-normal(3, 1.5)",
        metric: Metric::Revenue {
            spending_share: 0.05,
            log_mean: 3.0,
            log_standard_deviation: 1.5,
        },
        units_per_arm: 20_000,
        lift: 0.38,
    },
    Design {
        name: "Q",
        description: "clicks / sessions, sessions 1 + Poisson(3), rates Beta(2, 18)",
        metric: Metric::Ratio {
            more_sessions: 3.0,
            rate: 0.1,
            concentration: 20.0,
        },
        units_per_arm: 5_000,
        lift: 0.091,
    },
];

/// Shares of control among units that should divide evenly.
pub const SPLITS: [f64; 4] = [0.5, 0.51, 0.52, 0.55];

/// Concentrations of the prior on the split.
pub const CONCENTRATIONS: [f64; 4] = [1.0, 100.0, SRM_CONCENTRATION, 10_000.0];

/// Correlations of the covariate.
pub const CORRELATIONS: [f64; 3] = [0.0, 0.5, 0.8];

/// Everything that was simulated from one seed.
pub struct Run {
    pub seed: u64,
    pub simulations: u64,
    /// A/A tests, by design.
    pub null: Vec<SimulationReport>,
    /// A/B tests, by design.
    pub effect: Vec<SimulationReport>,
    /// Splits, by concentration and share.
    pub splits: Vec<Vec<SplitReport>>,
    /// By correlation.
    pub covariates: Vec<CovariateReport>,
}

impl Run {
    pub fn new(seed: u64, simulations: u64, say: &mut dyn FnMut(&str)) -> Result<Self, InvalidStatistics> {
        const LOOKS: u32 = 20;
        const UNITS_PER_LOOK: u64 = 1000;
        const COVARIATE_UNITS: u64 = 5000;
        let (mut null, mut effect) = (Vec::new(), Vec::new());
        for (index, design) in (0_u64..).zip(&DESIGNS) {
            for (tests, lift, stream) in [(&mut null, 0.0, 0), (&mut effect, design.lift, 1)] {
                let settings = Settings {
                    scenario: Scenario::new(design.metric, design.units_per_arm, lift),
                    looks: LOOKS,
                    simulations,
                    seed: seed + 10 * index + stream,
                    ..Settings::default()
                };
                tests.push(simulate(&settings, &mut |_| {})?);
                say(&format!("seed {seed}: {} with lift {lift}", design.name));
            }
        }
        let splits = CONCENTRATIONS
            .iter()
            .map(|concentration| {
                SPLITS
                    .iter()
                    .map(|share| {
                        simulate_split(
                            *share,
                            LOOKS,
                            UNITS_PER_LOOK,
                            *concentration,
                            simulations,
                            seed + 100,
                        )
                    })
                    .collect()
            })
            .collect::<Result<_, _>>()?;
        let covariates = (seed + 200..)
            .zip(&CORRELATIONS)
            .map(|(seed, correlation)| {
                simulate_covariate(
                    *correlation,
                    COVARIATE_UNITS,
                    SignificanceLevel::FIVE_PERCENT,
                    simulations,
                    seed,
                )
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            seed,
            simulations,
            null,
            effect,
            splits,
            covariates,
        })
    }
}
