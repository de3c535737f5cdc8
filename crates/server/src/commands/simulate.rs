//! `liftgate simulate`.

use super::say;
use anyhow::Context as _;
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use liftgate_stats::simulation::{self, Metric, Rate, Rule, Scenario, Settings, SimulationReport};
use liftgate_stats::{SignificanceLevel, Spending};
use serde_json::{Map, Value, json};

/// Simulates a design.
#[derive(Debug, Args)]
pub struct Simulate {
    /// What the units have.
    #[arg(long, value_enum, default_value_t = Kind::Occurrence)]
    metric: Kind,
    /// The metric without treatment: the converting share (occurrence), the mean (mean), the spending share (revenue), or
    /// clicks per session (ratio).
    #[arg(long, default_value_t = 0.05, allow_negative_numbers = true)]
    baseline: f64,
    /// Standard deviation between units (mean), or of the logarithm of an amount (revenue).
    #[arg(long, default_value_t = 1.0)]
    sd: f64,
    /// Units of each arm at the last look.
    #[arg(long, default_value_t = 10_000)]
    units_per_arm: u64,
    /// True lift of the A/B tests, a share: 0.1 is 10 %.
    #[arg(long, default_value_t = 0.1, allow_negative_numbers = true)]
    lift: f64,
    /// Correlation of the values with those before the exposure (mean): the effect is adjusted for them, as by a covariate.
    #[arg(long, allow_negative_numbers = true)]
    correlation: Option<f64>,
    /// Percentile of the amounts at which they are capped, 50 to below 100 (revenue).
    #[arg(long)]
    upper_percentile: Option<f64>,
    /// What judges the experiment, as in the settings of its analysis; its error, power and coverage are told by themselves.
    #[arg(long, value_enum, default_value_t = Judge::Sequential)]
    method: Judge,
    /// Equally spaced looks.
    #[arg(long, default_value_t = 20)]
    looks: u32,
    /// Level.
    #[arg(long, default_value_t = 0.05)]
    alpha: f64,
    /// Units of both arms for which the confidence sequence is tuned; without, those at the last look.
    #[arg(long)]
    n_star: Option<f64>,
    /// How the group sequential test spends its level.
    #[arg(long, value_enum, default_value_t = SpendingKind::ObrienFleming)]
    spending: SpendingKind,
    /// Experiments to simulate, of A/A and A/B each.
    #[arg(long, default_value_t = 2000)]
    simulations: u64,
    /// Where all randomness comes from: the same seed gives the same figures.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// A unit converts or does not.
    Occurrence,
    /// A normal value.
    Mean,
    /// Mostly nothing, else a log-normal amount around e^3.
    Revenue,
    /// Clicks over sessions; four sessions on average, rates that differ between units.
    Ratio,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Judge {
    /// Confidence sequences, at every look.
    Sequential,
    /// The group sequential test, at every look.
    GroupSequential,
    /// The test of a fixed horizon, at the last look.
    Fixed,
}

impl Judge {
    fn name(self) -> &'static str {
        match self {
            Self::Sequential => "sequential",
            Self::GroupSequential => "group_sequential",
            Self::Fixed => "fixed",
        }
    }

    /// How often it sees an effect, and how often its interval holds the truth at every look that it takes.
    fn rates(self, report: &SimulationReport) -> (Rate, Rate) {
        match self {
            Self::Sequential => {
                let of = report.of(Rule::ConfidenceSequence);
                (of.any_look, of.coverage_all_looks)
            }
            Self::GroupSequential => {
                let of = report.of(Rule::GroupSequential);
                (of.any_look, of.coverage_all_looks)
            }
            Self::Fixed => {
                let of = report.of(Rule::Welch);
                (of.final_look, of.coverage_final_look)
            }
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SpendingKind {
    /// Little early, most at the end.
    ObrienFleming,
    /// Nearly equal bounds.
    Pocock,
    /// The square of the information.
    Power2,
}

impl Simulate {
    /// Runs the simulations and prints what they found.
    pub fn run(&self) -> anyhow::Result<()> {
        let bar = ProgressBar::new(2 * self.simulations)
            .with_style(ProgressStyle::with_template("{msg} {bar:40} {pos}/{len} {eta}")?);
        let none = self.simulate(0.0, "A/A", 0, &bar)?;
        let some = self.simulate(self.lift, "A/B", self.simulations, &bar)?;
        bar.finish_and_clear();
        if self.json {
            say(serde_json::to_string_pretty(&self.document(&none, &some))?);
        } else {
            self.print(&none, &some);
        }
        Ok(())
    }

    fn simulate(
        &self,
        lift: f64,
        label: &'static str,
        done_before: u64,
        bar: &ProgressBar,
    ) -> anyhow::Result<SimulationReport> {
        bar.set_message(label);
        let settings = Settings {
            scenario: Scenario {
                covariate_correlation: self.correlation,
                upper_percentile: self.upper_percentile.map(|percentile| percentile / 100.0),
                ..Scenario::new(self.metric(), self.units_per_arm, lift)
            },
            looks: self.looks,
            alpha: SignificanceLevel::new(self.alpha)?,
            n_star: self.n_star,
            spending: match self.spending {
                SpendingKind::ObrienFleming => Spending::OBrienFleming,
                SpendingKind::Pocock => Spending::Pocock,
                SpendingKind::Power2 => Spending::Power2,
            },
            simulations: self.simulations,
            seed: self.seed,
        };
        simulation::simulate(&settings, &mut |done| bar.set_position(done_before + done))
            .with_context(|| format!("simulating {label} tests"))
    }

    fn metric(&self) -> Metric {
        /// The amounts and units of the calibration's scenarios.
        const LOG_MEAN: f64 = 3.0;
        const MORE_SESSIONS: f64 = 3.0;
        const CONCENTRATION: f64 = 20.0;
        match self.metric {
            Kind::Occurrence => Metric::Occurrence { rate: self.baseline },
            Kind::Mean => Metric::Normal {
                mean: self.baseline,
                standard_deviation: self.sd,
            },
            Kind::Revenue => Metric::Revenue {
                spending_share: self.baseline,
                log_mean: LOG_MEAN,
                log_standard_deviation: self.sd,
            },
            Kind::Ratio => Metric::Ratio {
                more_sessions: MORE_SESSIONS,
                rate: self.baseline,
                concentration: CONCENTRATION,
            },
        }
    }

    fn print(&self, none: &SimulationReport, some: &SimulationReport) {
        say(format_args!(
            "{} experiments each, {} looks, {} units per arm, lift {:+.1} %, level {}, seed {}",
            self.simulations,
            self.looks,
            self.units_per_arm,
            100.0 * self.lift,
            self.alpha,
            self.seed
        ));
        say(format_args!(
            "{:54} {:>12} {:>12} {:>12} {:>12} {:>9}",
            "", "A/A error", "A/A error", "A/B power", "A/B coverage", "sample"
        ));
        say(format_args!(
            "{:54} {:>12} {:>12} {:>12} {:>12} {:>9}",
            "rule", "any look", "last look", "any look", "all looks", "used"
        ));
        for rule in Rule::ALL {
            let (null, effect) = (none.of(rule), some.of(rule));
            say(format_args!(
                "{:54} {:>12} {:>12} {:>12} {:>12} {:>9.2}",
                rule.label(),
                with_error(null.any_look),
                with_error(null.final_look),
                with_error(effect.any_look),
                with_error(effect.coverage_all_looks),
                effect.mean_sample_fraction(),
            ));
        }
        let ((error, covered_null), (power, covered)) = (self.method.rates(none), self.method.rates(some));
        say(format_args!(
            "judged by {}: error {}, power {}, coverage {} (A/A) and {} (A/B)",
            self.method.name(),
            with_error(error),
            with_error(power),
            with_error(covered_null),
            with_error(covered),
        ));
    }

    fn document(&self, none: &SimulationReport, some: &SimulationReport) -> Value {
        let rules = |report: &SimulationReport| -> Value {
            let rules: Map<String, Value> = Rule::ALL
                .into_iter()
                .map(|rule| {
                    let of = report.of(rule);
                    let fields = json!({
                        "any_look": of.any_look.share(),
                        "final_look": of.final_look.share(),
                        "coverage_all_looks": of.coverage_all_looks.share(),
                        "coverage_final_look": of.coverage_final_look.share(),
                        "mean_sample_fraction": of.mean_sample_fraction(),
                    });
                    (rule.label().to_owned(), fields)
                })
                .collect();
            Value::Object(rules)
        };
        let ((error, covered_null), (power, covered)) = (self.method.rates(none), self.method.rates(some));
        json!({
            "judged": {
                "method": self.method.name(),
                "error": error.share(),
                "power": power.share(),
                "coverage_a_a": covered_null.share(),
                "coverage_a_b": covered.share(),
            },
            "simulations": self.simulations,
            "seed": self.seed,
            "lift": self.lift,
            "a_a": rules(none),
            "a_b": rules(some),
        })
    }
}

/// A share with its Monte-Carlo standard error.
fn with_error(rate: Rate) -> String {
    format!("{:.3}±{:.3}", rate.share(), rate.standard_error())
}
