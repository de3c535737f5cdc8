//! What is simulated.

use crate::error::{InvalidStatistics, in_range, positive};
use crate::normal;
use crate::significance::SignificanceLevel;
use crate::spending::Spending;

/// How the values of a metric arise in control. A lift of the treatment multiplies the metric by `1 + lift`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Metric {
    /// A unit converts or does not; the lift is one of the rate.
    Occurrence {
        /// Share of units that convert.
        rate: f64,
    },
    /// Nearly all units spend nothing, the others a log-normal amount; the lift multiplies the amounts.
    Revenue {
        /// Share of units that spend.
        spending_share: f64,
        /// Mean of the logarithm of an amount.
        log_mean: f64,
        /// Standard deviation of the logarithm of an amount.
        log_standard_deviation: f64,
    },
    /// Clicks over sessions. A unit has one session and a Poisson number more, and clicks in each with a rate of its own,
    /// which is beta distributed; the lift is one of the mean rate, at the same concentration.
    Ratio {
        /// Mean of the sessions beyond the first.
        more_sessions: f64,
        /// Mean of the units' rates.
        rate: f64,
        /// Concentration of the units' rates, the sum of the parameters of the beta distribution.
        concentration: f64,
    },
    /// A normal value; the lift moves the mean.
    Normal {
        /// Mean, not zero.
        mean: f64,
        /// Standard deviation.
        standard_deviation: f64,
    },
}

impl Metric {
    /// Checks the parameters, also with a lift on them.
    pub(super) fn check(&self, lift: f64) -> Result<(), InvalidStatistics> {
        let share =
            |name, share: f64| in_range(name, "above 0 and below 1", share, share > 0.0 && share < 1.0);
        in_range("lift", "a finite number above -1", lift, lift > -1.0)?;
        match *self {
            Self::Occurrence { rate } => {
                share("rate", rate)?;
                share("rate with the lift", rate * (1.0 + lift))?;
            }
            Self::Revenue {
                spending_share,
                log_mean,
                log_standard_deviation,
            } => {
                share("spending share", spending_share)?;
                in_range(
                    "log mean",
                    "between -100 and 100",
                    log_mean,
                    log_mean.abs() <= 100.0,
                )?;
                positive("log standard deviation", log_standard_deviation)?;
                in_range(
                    "log standard deviation",
                    "at most 10",
                    log_standard_deviation,
                    log_standard_deviation <= 10.0,
                )?;
            }
            Self::Ratio {
                more_sessions,
                rate,
                concentration,
            } => {
                positive("sessions", more_sessions)?;
                in_range("sessions", "at most 100", more_sessions, more_sessions <= 100.0)?;
                share("rate", rate)?;
                share("rate with the lift", rate * (1.0 + lift))?;
                positive("concentration", concentration)?;
            }
            Self::Normal {
                mean,
                standard_deviation,
            } => {
                in_range("mean", "a finite number other than 0", mean, mean != 0.0)?;
                positive("standard deviation", standard_deviation)?;
            }
        }
        Ok(())
    }
}

/// One simulated experiment of two arms, divided evenly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scenario {
    /// The metric.
    pub metric: Metric,
    /// Units of each arm at the last look.
    pub units_per_arm: u64,
    /// Relative effect, a share; 0 is an A/A test.
    pub lift: f64,
    /// Correlation of a normal value with its covariate, above -1 and below 1; then the effect is adjusted for it (CUPED).
    pub covariate_correlation: Option<f64>,
    /// The share of the amounts of control, 0.5 to below 1, above which amounts of revenue are capped.
    pub upper_percentile: Option<f64>,
}

impl Scenario {
    /// Two arms of a metric, neither adjusted nor capped.
    pub fn new(metric: Metric, units_per_arm: u64, lift: f64) -> Self {
        Self {
            metric,
            units_per_arm,
            lift,
            covariate_correlation: None,
            upper_percentile: None,
        }
    }

    /// Checks what can be wrong with the two arms, but for their units.
    pub(super) fn check(&self) -> Result<(), InvalidStatistics> {
        self.metric.check(self.lift)?;
        if let Some(correlation) = self.covariate_correlation {
            let is_normal = matches!(self.metric, Metric::Normal { .. });
            in_range(
                "covariate correlation",
                "above -1 and below 1, of a normal value",
                correlation,
                is_normal && correlation.abs() < 1.0,
            )?;
        }
        if let Some(share) = self.upper_percentile {
            let is_revenue = matches!(self.metric, Metric::Revenue { .. });
            in_range(
                "upper percentile",
                "a share of 0.5 to below 1, of revenue",
                share,
                is_revenue && (0.5..1.0).contains(&share),
            )?;
        }
        Ok(())
    }

    /// Where amounts are capped; `None` for nowhere.
    ///
    /// # Formula
    /// `exp(mu + z sigma)` with `Phi(z)` the share.
    pub(super) fn cap(&self) -> Option<f64> {
        let (
            share,
            Metric::Revenue {
                log_mean,
                log_standard_deviation,
                ..
            },
        ) = (self.upper_percentile?, self.metric)
        else {
            return None;
        };
        let z = SignificanceLevel::new(2.0 * (1.0 - share)).map_or(0.0, normal::two_sided_quantile);
        Some((log_mean + z * log_standard_deviation).exp())
    }

    /// The lift of what is compared: with a cap, less than that of the amounts.
    ///
    /// # Formula
    /// `E min(X, c) = exp(mu + sigma^2/2) Phi((ln c - mu)/sigma - sigma) + c Phi((mu - ln c)/sigma)` of a log-normal amount, with
    /// `mu` greater by `ln(1 + lift)` in the treatment. Confirmed by numeric integration (mpmath).
    pub fn true_lift(&self) -> f64 {
        let (
            Some(cap),
            Metric::Revenue {
                log_mean,
                log_standard_deviation: sigma,
                ..
            },
        ) = (self.cap(), self.metric)
        else {
            return self.lift;
        };
        let capped_mean = |mu: f64| {
            let z = (cap.ln() - mu) / sigma;
            (mu + 0.5 * sigma * sigma).exp() * normal::cdf(z - sigma) + cap * normal::cdf(-z)
        };
        capped_mean(log_mean + self.lift.ln_1p()) / capped_mean(log_mean) - 1.0
    }
}

/// How the simulated experiments are read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The experiment.
    pub scenario: Scenario,
    /// Equally spaced looks, 1 to 1000.
    pub looks: u32,
    /// Level.
    pub alpha: SignificanceLevel,
    /// Units of both arms for which the confidence sequence is tuned; `None` for those at the last look.
    pub n_star: Option<f64>,
    /// Spending of the group sequential test.
    pub spending: Spending,
    /// Experiments to simulate, at least 1.
    pub simulations: u64,
    /// Where all randomness comes from.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            scenario: Scenario::new(Metric::Occurrence { rate: 0.05 }, 10_000, 0.0),
            looks: 20,
            alpha: SignificanceLevel::FIVE_PERCENT,
            n_star: None,
            spending: Spending::OBrienFleming,
            simulations: 10_000,
            seed: 1,
        }
    }
}

impl Settings {
    /// Checks everything that can be wrong.
    pub(super) fn check(&self) -> Result<(), InvalidStatistics> {
        const MOST_LOOKS: u32 = 1000;
        const MOST_UNITS: u64 = 100_000_000;
        self.scenario.check()?;
        in_range(
            "looks",
            "between 1 and 1000",
            f64::from(self.looks),
            (1..=MOST_LOOKS).contains(&self.looks),
        )?;
        let units = self.scenario.units_per_arm;
        in_range(
            "units per arm",
            "at least two a look and at most 100 million",
            crate::arm::count_as_f64(units),
            (u64::from(self.looks) * 2..=MOST_UNITS).contains(&units),
        )?;
        in_range(
            "simulations",
            "at least 1",
            crate::arm::count_as_f64(self.simulations),
            self.simulations > 0,
        )?;
        Ok(())
    }

    /// Units of each arm at look `look`, counted from 1.
    pub(super) fn units_at(&self, look: u32) -> u64 {
        self.scenario.units_per_arm * u64::from(look) / u64::from(self.looks)
    }
}
