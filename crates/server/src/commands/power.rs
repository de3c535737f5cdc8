//! `liftgate power`.

use super::say;
use anyhow::Context as _;
use clap::{Args, ValueEnum};
use liftgate_stats::{
    Baseline, PowerParameters, PowerPlan, RuntimeForecast, SignificanceLevel, forecast_runtime,
};
use serde::Serialize;

/// Plans an experiment.
#[derive(Debug, Args)]
pub struct Power {
    /// Whether units convert or have a value.
    #[arg(long, value_enum, default_value_t = Kind::Proportion)]
    metric: Kind,
    /// The metric without treatment: a share of 0 to 1, or a mean.
    #[arg(long, allow_negative_numbers = true)]
    baseline: f64,
    /// Standard deviation between units; needed for a mean.
    #[arg(long, required_if_eq("metric", "mean"))]
    sd: Option<f64>,
    /// The lift to be found, a share: 0.05 is 5 %.
    #[arg(long, allow_negative_numbers = true)]
    lift: f64,
    /// Level of the whole family of comparisons.
    #[arg(long, default_value_t = 0.05)]
    alpha: f64,
    /// Comparisons that share the level: goal metrics times treatments.
    #[arg(long, default_value_t = 1)]
    comparisons: u32,
    /// Wanted probability of finding the lift.
    #[arg(long = "power", default_value_t = 0.8)]
    wanted: f64,
    /// Units of treatment for each unit of control.
    #[arg(long, default_value_t = 1.0)]
    allocation_ratio: f64,
    /// Share of the variance that a covariate removes.
    #[arg(long, default_value_t = 0.0)]
    variance_reduction: f64,
    /// Units of control there are; prints what they can find.
    #[arg(long)]
    control_units: Option<f64>,
    /// New eligible units of each of the last full days, separated by commas; one number for a mean.
    #[arg(long, value_delimiter = ',')]
    daily_units: Vec<f64>,
    /// Share of the eligible units that enters the experiment, 0 to 1.
    #[arg(long, default_value_t = 1.0)]
    rollout_share: f64,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// A share of units that convert.
    Proportion,
    /// A mean over units.
    Mean,
}

/// What a plan comes to.
#[derive(Debug, Serialize)]
struct Plan {
    /// Units of control and treatment for one look at the end or a group sequential test.
    control_units: f64,
    treatment_units: f64,
    /// The same for a confidence sequence, which may be read at any time.
    sequential_control_units: f64,
    sequential_treatment_units: f64,
    sequential_inflation: f64,
    days: Option<Days>,
    sequential_days: Option<Days>,
    at_current_units: Option<Current>,
}

/// Days to run, at least a week.
#[derive(Debug, Serialize)]
struct Days {
    expected: u64,
    low: u64,
    high: Option<u64>,
}

/// What a number of units finds.
#[derive(Debug, Serialize)]
struct Current {
    control_units: f64,
    power: Option<f64>,
    detectable_lift: Option<f64>,
}

impl Power {
    /// Prints the plan.
    pub fn run(&self) -> anyhow::Result<()> {
        let plan = self.plan()?;
        if self.json {
            say(serde_json::to_string_pretty(&plan)?);
            return Ok(());
        }
        say(format_args!(
            "units, one look or group sequential: {} control, {} treatment",
            plan.control_units, plan.treatment_units
        ));
        say(format_args!(
            "units, read at any time:             {} control, {} treatment ({:.2} times)",
            plan.sequential_control_units, plan.sequential_treatment_units, plan.sequential_inflation
        ));
        for (label, days) in [
            ("days, one look or group sequential:  ", &plan.days),
            ("days, read at any time:              ", &plan.sequential_days),
        ] {
            if let Some(days) = days {
                let high = days.high.map_or("unknown".to_owned(), |high| high.to_string());
                say(format_args!(
                    "{label}{} (90 % between {} and {high})",
                    days.expected, days.low
                ));
            }
        }
        if let Some(current) = &plan.at_current_units {
            let percent = |share: Option<f64>| {
                share.map_or("none".to_owned(), |share| format!("{:.2} %", 100.0 * share))
            };
            say(format_args!(
                "with {} units of control:             power {}, detectable lift {}",
                current.control_units,
                percent(current.power),
                percent(current.detectable_lift)
            ));
        }
        Ok(())
    }

    fn plan(&self) -> anyhow::Result<Plan> {
        let baseline = match self.metric {
            Kind::Proportion => Baseline::Proportion(self.baseline),
            Kind::Mean => Baseline::Mean {
                mean: self.baseline,
                standard_deviation: self.sd.context("a mean needs --sd")?,
            },
        };
        let plan = PowerPlan::new(&PowerParameters {
            baseline,
            alpha: SignificanceLevel::new(self.alpha)?,
            comparisons: self.comparisons,
            power: self.wanted,
            allocation_ratio: self.allocation_ratio,
            variance_reduction: self.variance_reduction,
        })?;
        let exact = plan
            .control_units(self.lift)
            .context("no number of units finds a lift of zero, or one that no metric can have")?;
        let arms = |exact: f64| {
            let control = exact.ceil();
            (control, (control * self.allocation_ratio).ceil())
        };
        let (control_units, treatment_units) = arms(exact);
        let inflation = plan.sequential_inflation(control_units + treatment_units)?.factor;
        let (sequential_control_units, sequential_treatment_units) = arms(exact * inflation);
        Ok(Plan {
            control_units,
            treatment_units,
            sequential_control_units,
            sequential_treatment_units,
            sequential_inflation: inflation,
            days: self.days(control_units + treatment_units)?,
            sequential_days: self.days(sequential_control_units + sequential_treatment_units)?,
            at_current_units: self.control_units.map(|units| Current {
                control_units: units,
                power: plan.power_at(units, self.lift),
                detectable_lift: plan.detectable_lift(units, self.lift),
            }),
        })
    }

    fn days(&self, units: f64) -> anyhow::Result<Option<Days>> {
        if self.daily_units.is_empty() {
            return Ok(None);
        }
        let forecast = forecast_runtime(units, &self.daily_units, self.rollout_share)?;
        Ok(forecast.map(
            |RuntimeForecast {
                 days,
                 days_low,
                 days_high,
             }| Days {
                expected: days,
                low: days_low,
                high: days_high,
            },
        ))
    }
}
