//! Simulated splits and simulated covariates.

use super::generator::{PairSums, binomial, generator};
use super::report::Rate;
use crate::arm::{Arm, count_as_f64};
use crate::chi_square;
use crate::covariate::{CovariateArm, covariate_adjusted};
use crate::effect::EffectMoments;
use crate::error::{InvalidStatistics, in_range, positive};
use crate::fixed_horizon::welch_test;
use crate::significance::SignificanceLevel;
use crate::srm_sequential::{SRM_ALARM_LEVEL, sequential_sample_ratio};

/// How often the checks of an even split raise the alarm.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SplitReport {
    /// The e-process at 1/0.01.
    pub e_process: Rate,
    /// Pearson's test at 0.001, read at every look.
    pub chi_square_peeked: Rate,
    /// Pearson's test at 0.001, read at the last look.
    pub chi_square_final: Rate,
    /// Pearson's test at 0.05, read at every look.
    pub chi_square_5_percent_peeked: Rate,
}

/// Simulates experiments that are meant to divide evenly, while control gets `share` of the units.
///
/// # Errors
/// [`InvalidStatistics::OutOfRange`] for a share outside 0 to 1 or a concentration that is not above 0.
pub fn simulate_split(
    share: f64,
    looks: u32,
    units_per_look: u64,
    concentration: f64,
    simulations: u64,
    seed: u64,
) -> Result<SplitReport, InvalidStatistics> {
    const STRICT: f64 = 0.001;
    const LAX: f64 = 0.05;
    in_range("share", "above 0 and below 1", share, share > 0.0 && share < 1.0)?;
    positive("concentration", concentration)?;
    let alarm = -SRM_ALARM_LEVEL.ln();
    let mut report = SplitReport::default();
    for trial in 0..simulations {
        let mut random = generator(seed, trial);
        let (mut first, mut total) = (0, 0);
        let (mut largest, mut smallest, mut last) = (f64::NEG_INFINITY, 1.0_f64, 1.0);
        for _ in 0..looks {
            first += binomial(units_per_look, share, &mut random);
            total += units_per_look;
            let split = [(0.5, first), (0.5, total - first)];
            largest = largest.max(sequential_sample_ratio(&split, concentration).log_e_value);
            let difference = 2.0 * count_as_f64(first) - count_as_f64(total);
            last = chi_square::upper_tail(difference * difference / count_as_f64(total), 1);
            smallest = smallest.min(last);
        }
        report.e_process.add(largest >= alarm);
        report.chi_square_peeked.add(smallest < STRICT);
        report.chi_square_final.add(last < STRICT);
        report.chi_square_5_percent_peeked.add(smallest < LAX);
    }
    Ok(report)
}

/// What a covariate of a given correlation does to A/A tests.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CovariateReport {
    /// Mean share of the variance that is removed.
    pub variance_reduction: f64,
    /// A/A tests in which the adjusted Welch test sees an effect.
    pub error: Rate,
}

/// Simulates A/A tests of normal values with a covariate, from the joint distribution of their sums.
///
/// # Formula
/// Means are normal; the scatter matrix is Wishart, drawn by Bartlett's decomposition.
///
/// # Errors
/// [`InvalidStatistics::OutOfRange`] for a correlation outside -1 to 1 or fewer than 3 units.
///
/// # Source
/// Bartlett (1933), Proc. R. Soc. Edinburgh 53.
pub fn simulate_covariate(
    correlation: f64,
    units_per_arm: u64,
    alpha: SignificanceLevel,
    simulations: u64,
    seed: u64,
) -> Result<CovariateReport, InvalidStatistics> {
    in_range(
        "correlation",
        "above -1 and below 1",
        correlation,
        correlation.abs() < 1.0,
    )?;
    in_range(
        "units per arm",
        "at least 3",
        count_as_f64(units_per_arm),
        units_per_arm >= 3,
    )?;
    let mut report = CovariateReport::default();
    let mut reductions = 0.0;
    for trial in 0..simulations {
        let mut random = generator(seed, trial);
        let mut draw = || -> Result<CovariateArm, InvalidStatistics> {
            let pair = PairSums::draw(units_per_arm, correlation, &mut random);
            CovariateArm::new(
                Arm::new(units_per_arm, pair.y, pair.y_squares)?,
                Arm::new(units_per_arm, pair.x, pair.x_squares)?,
                pair.products,
            )
        };
        let (control, treatment) = (draw()?, draw()?);
        let tested = covariate_adjusted(&control, &treatment)
            .and_then(|adjusted| Ok((adjusted.variance_reduction, test(&adjusted.effect, alpha)?)));
        let (reduction, rejects) = tested.unwrap_or((0.0, false));
        reductions += reduction;
        report.error.add(rejects);
    }
    report.variance_reduction = reductions / count_as_f64(simulations.max(1));
    Ok(report)
}

fn test(effect: &EffectMoments, alpha: SignificanceLevel) -> Result<bool, crate::Unestimable> {
    Ok(welch_test(effect, alpha)?.p_value < alpha.get())
}
