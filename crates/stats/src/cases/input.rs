//! Arms as documents have them.

use serde::Deserialize;

use super::Fault;
use crate::arm::Arm;
use crate::covariate::CovariateArm;
use crate::effect::EffectMoments;
use crate::error::{InvalidStatistics, in_range};
use crate::posterior::Direction;
use crate::ratio::RatioArm;
use crate::significance::SignificanceLevel;

/// `{n, sum, sum_squares}`.
#[derive(Debug, Deserialize)]
pub(super) struct ArmInput {
    n: f64,
    sum: f64,
    sum_squares: f64,
}

impl ArmInput {
    pub(super) fn arm(&self) -> Result<Arm, InvalidStatistics> {
        Arm::new(count("n", self.n)?, self.sum, self.sum_squares)
    }
}

/// An arm with its covariate.
#[derive(Debug, Deserialize)]
pub(super) struct CovariateInput {
    #[serde(flatten)]
    outcome: ArmInput,
    pre_sum: f64,
    pre_sum_squares: f64,
    cross: f64,
}

impl CovariateInput {
    pub(super) fn arm(&self) -> Result<CovariateArm, InvalidStatistics> {
        let outcome = self.outcome.arm()?;
        let covariate = Arm::new(outcome.n(), self.pre_sum, self.pre_sum_squares)?;
        CovariateArm::new(outcome, covariate, self.cross)
    }
}

/// An arm of a ratio metric.
#[derive(Debug, Deserialize)]
pub(super) struct RatioInput {
    n: f64,
    num_sum: f64,
    num_sum_squares: f64,
    den_sum: f64,
    den_sum_squares: f64,
    cross: f64,
}

impl RatioInput {
    pub(super) fn arm(&self) -> Result<RatioArm, InvalidStatistics> {
        let n = count("n", self.n)?;
        let numerator = Arm::new(n, self.num_sum, self.num_sum_squares)?;
        let denominator = Arm::new(n, self.den_sum, self.den_sum_squares)?;
        RatioArm::new(numerator, denominator, self.cross)
    }
}

/// Control, treatment, and the level that most methods take.
#[derive(Debug, Deserialize)]
pub(super) struct Comparison {
    pub(super) control: ArmInput,
    pub(super) treatment: ArmInput,
    #[serde(default = "five_percent")]
    alpha: f64,
}

impl Comparison {
    pub(super) fn effect(&self) -> Result<EffectMoments, Fault> {
        let (control, treatment) = (self.control.arm()?, self.treatment.arm()?);
        Ok(EffectMoments::of_means(&control, &treatment)?)
    }

    pub(super) fn alpha(&self) -> Result<SignificanceLevel, InvalidStatistics> {
        SignificanceLevel::new(self.alpha)
    }
}

/// The level of every default.
pub(super) fn five_percent() -> f64 {
    SignificanceLevel::FIVE_PERCENT.get()
}

/// Which way is good.
pub(super) fn direction(lower_is_better: bool) -> Direction {
    if lower_is_better {
        Direction::Down
    } else {
        Direction::Up
    }
}

/// A count that a document may write as `1000000000` or `1e9`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be a whole number that fits"
)]
pub(super) fn count(name: &'static str, value: f64) -> Result<u64, InvalidStatistics> {
    const MOST: f64 = 9_007_199_254_740_992.0;
    let whole = value.fract() == 0.0 && (0.0..=MOST).contains(&value);
    in_range(name, "a whole number between 0 and 2^53", value, whole)?;
    Ok(value as u64)
}
