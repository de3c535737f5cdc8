//! How many units an experiment needs, and what it can see (contract, statistics section 13).

use crate::confidence_sequence::SequentialTuning;
use crate::error::{InvalidStatistics, in_range, positive};
use crate::normal;
use crate::root::bracketed_root;
use crate::significance::SignificanceLevel;

/// The metric as it is without treatment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Baseline {
    /// A mean and the standard deviation between units.
    Mean {
        /// Mean; not zero.
        mean: f64,
        /// Standard deviation, above 0.
        standard_deviation: f64,
    },
    /// A proportion, strictly between 0 and 1.
    Proportion(f64),
}

/// What an experiment is planned to show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PowerPlan {
    baseline: Baseline,
    allocation_ratio: f64,
    variance_left: f64,
    power: f64,
    /// Level of one comparison, `alpha / m`.
    alpha: SignificanceLevel,
    z: f64,
    z_power: f64,
    /// The standardised effect that has the wanted power.
    standardised_effect: f64,
}

/// Plans of two-sided tests, as their parts are given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PowerParameters {
    /// The metric without treatment.
    pub baseline: Baseline,
    /// Level of the family.
    pub alpha: SignificanceLevel,
    /// `m`: comparisons that share the level, at least 1.
    pub comparisons: u32,
    /// Wanted probability of showing the effect, above the level of one comparison and below 1.
    pub power: f64,
    /// Units of treatment for each unit of control, above 0.
    pub allocation_ratio: f64,
    /// Share of the variance that a covariate removes, 0 to below 1.
    pub variance_reduction: f64,
}

impl PowerPlan {
    /// Checks a plan.
    ///
    /// # Errors
    /// [`InvalidStatistics::OutOfRange`] for a part outside the range stated at its field.
    pub fn new(parameters: &PowerParameters) -> Result<Self, InvalidStatistics> {
        let comparisons = f64::from(parameters.comparisons);
        positive("comparisons", comparisons)?;
        let alpha = SignificanceLevel::new(parameters.alpha.get() / comparisons)?;
        in_range(
            "power",
            "above the level of one comparison and below 1",
            parameters.power,
            parameters.power > alpha.get() && parameters.power < 1.0,
        )?;
        let z = normal::two_sided_quantile(alpha);
        let z_power = normal_quantile(parameters.power);
        Self {
            baseline: parameters.baseline,
            allocation_ratio: parameters.allocation_ratio,
            variance_left: 1.0,
            power: parameters.power,
            alpha,
            z,
            z_power,
            standardised_effect: standardised_effect(z, z_power, parameters.power),
        }
        .with_metric(
            parameters.baseline,
            parameters.allocation_ratio,
            parameters.variance_reduction,
        )
    }

    /// The same plan for another metric.
    ///
    /// # Errors
    /// As [`PowerPlan::new`].
    pub fn with_metric(
        &self,
        baseline: Baseline,
        allocation_ratio: f64,
        variance_reduction: f64,
    ) -> Result<Self, InvalidStatistics> {
        match baseline {
            Baseline::Mean {
                mean,
                standard_deviation,
            } => {
                in_range("baseline_mean", "a finite number other than 0", mean, mean != 0.0)?;
                positive("baseline_sd", standard_deviation)?;
            }
            Baseline::Proportion(p) => {
                in_range("baseline_mean", "above 0 and below 1", p, p > 0.0 && p < 1.0)?;
            }
        }
        positive("allocation_ratio", allocation_ratio)?;
        in_range(
            "variance_reduction",
            "at least 0 and below 1",
            variance_reduction,
            (0.0..1.0).contains(&variance_reduction),
        )?;
        Ok(Self {
            baseline,
            allocation_ratio,
            variance_left: 1.0 - variance_reduction,
            ..*self
        })
    }

    /// Units of control at which the plan has its power, not rounded; `None` if the lift is zero or impossible.
    ///
    /// # Formula
    /// The standardised effect `delta` of the wanted power solves `Phi(delta - z) + Phi(-delta - z) = power`, with
    /// `z = z_{1-a/(2m)}`; then `n_c = delta^2 (s_c^2 + s_t^2/ratio) / d^2`. A proportion has `s_t^2 = p_t (1 - p_t)` at the
    /// target.
    ///
    /// # Source
    /// Chow, Shao & Wang (2008), *Sample Size Calculations in Clinical Research*, chapters 3 and 4. Confirmed by statsmodels
    /// `NormalIndPower` and scipy `brentq` (vectors `power`).
    pub fn control_units(&self, lift: f64) -> Option<f64> {
        let effect = self.effect(lift)?;
        let delta = self.standardised_effect;
        let units = delta * delta * (self.variance_per_control_unit(lift) / effect) / effect;
        (units.is_finite() && units > 0.0).then_some(units)
    }

    /// Power at a number of control units, 0 to 1; `None` if the lift is impossible.
    ///
    /// # Formula
    /// `Phi(d/se - z) + Phi(-d/se - z)`, `se^2 = s_c^2/n_c + s_t^2/n_t`.
    ///
    /// # Source
    /// As [`PowerPlan::control_units`].
    pub fn power_at(&self, control_units: f64, lift: f64) -> Option<f64> {
        if control_units <= 0.0 {
            return None;
        }
        let standardised = self.standardised(control_units, lift)?;
        Some(two_sided_power(standardised, self.z).min(1.0))
    }

    /// The least lift that is shown with the wanted power at a number of control units, a share above 0; `None` without
    /// units. For a proportion the variance of treatment is that at `target_lift`, so that the figure stays comparable with
    /// the plan; it may then exceed what a proportion can reach.
    ///
    /// # Formula
    /// `delta se / |baseline|`, `delta` and `se` as in [`PowerPlan::control_units`] and [`PowerPlan::power_at`].
    ///
    /// # Source
    /// As [`PowerPlan::control_units`].
    pub fn detectable_lift(&self, control_units: f64, target_lift: f64) -> Option<f64> {
        let delta = self.standardised_effect;
        if control_units <= 0.0 {
            return None;
        }
        let standard_error = (self.variance_per_control_unit(target_lift) / control_units).sqrt();
        let baseline = match self.baseline {
            Baseline::Mean { mean, .. } => mean,
            Baseline::Proportion(p) => p,
        };
        let lift = delta * standard_error / baseline.abs();
        lift.is_finite().then_some(lift)
    }

    /// How many times the units of one look a confidence sequence needs that is tuned for `total_units`, with the
    /// multiplier it has there.
    ///
    /// # Formula
    /// `((k(N*) + z_power) / (z + z_power))^2` at the level of one comparison.
    ///
    /// # Errors
    /// [`InvalidStatistics::OutOfRange`] for less than one unit.
    ///
    /// # Source
    /// Contract, statistics section 13. Confirmed by scipy (vectors `power`).
    pub fn sequential_inflation(&self, total_units: f64) -> Result<SequentialInflation, InvalidStatistics> {
        let tuning = SequentialTuning::new(self.alpha, total_units)?;
        let multiplier = tuning.multiplier(total_units);
        let ratio = (multiplier + self.z_power) / (self.z + self.z_power);
        Ok(SequentialInflation {
            multiplier,
            factor: ratio * ratio,
        })
    }

    /// Units of treatment for each of control.
    pub fn allocation_ratio(&self) -> f64 {
        self.allocation_ratio
    }

    fn standardised(&self, control_units: f64, lift: f64) -> Option<f64> {
        let effect = self.effect(lift)?;
        Some(effect.abs() / (self.variance_per_control_unit(lift) / control_units).sqrt())
    }

    /// The absolute effect of a lift; `None` if the target is not a proportion.
    fn effect(&self, lift: f64) -> Option<f64> {
        match self.baseline {
            Baseline::Mean { mean, .. } => lift.is_finite().then(|| lift * mean.abs()),
            Baseline::Proportion(p) => {
                let target = p * (1.0 + lift);
                ((0.0..=1.0).contains(&target)).then_some(p * lift)
            }
        }
    }

    /// `(s_c^2 + s_t^2 / ratio)` after variance reduction.
    fn variance_per_control_unit(&self, lift: f64) -> f64 {
        let (control, treatment) = match self.baseline {
            Baseline::Mean {
                standard_deviation, ..
            } => {
                let variance = standard_deviation * standard_deviation;
                (variance, variance)
            }
            Baseline::Proportion(p) => {
                let target = (p * (1.0 + lift)).clamp(0.0, 1.0);
                (p * (1.0 - p), target * (1.0 - target))
            }
        };
        self.variance_left * (control + treatment / self.allocation_ratio)
    }
}

/// What reading at every look costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SequentialInflation {
    /// `k(N*)`.
    pub multiplier: f64,
    /// Units over the units of one look.
    pub factor: f64,
}

fn two_sided_power(standardised: f64, z: f64) -> f64 {
    normal::cdf(standardised - z) + normal::cdf(-standardised - z)
}

/// The root of [`two_sided_power`]` = power`: `z + z_power`, less what the other tail adds.
fn standardised_effect(z: f64, z_power: f64, power: f64) -> f64 {
    let most = (z + z_power).max(0.0);
    bracketed_root(|delta| two_sided_power(delta, z) - power, 0.0, most).unwrap_or(most)
}

/// `z` with `Phi(z) = p`.
fn normal_quantile(p: f64) -> f64 {
    let tail = 2.0 * p.min(1.0 - p);
    let z = SignificanceLevel::new(tail).map_or(0.0, normal::two_sided_quantile);
    if p < 0.5 { -z } else { z }
}
