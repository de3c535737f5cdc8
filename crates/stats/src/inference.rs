//! The `inference` of the results payload, number for number as existing clients know it.

use serde::Serialize;
use thiserror::Error;

use crate::arm::Arm;
use crate::effect::EffectMoments;
use crate::error::Unestimable;
use crate::fixed_horizon::flat_relative;
use crate::posterior::{Direction, Interval};

/// Half-width of a 95 % normal interval in standard errors.
pub const Z_95: f64 = 1.959_963_984_540_054;

/// Units that each arm needs before an inference is shown.
pub const MIN_UNITS_PER_ARM: u64 = 50;

/// Conversions that each arm of an occurrence metric needs before an inference is shown.
pub const MIN_CONVERSIONS_PER_ARM: f64 = 5.0;

/// How a unit's events become its one value.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Aggregation {
    /// 1 if there was any event, else 0.
    Occurrence,
    /// Number of events.
    Count,
    /// Sum of the events' values.
    Sum,
    /// Mean of the events' values, 0 without events.
    Mean,
}

/// A treatment compared with control on the relative scale. All numbers finite.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Inference {
    /// Relative effect, a share: 0.12 is 12 % above control.
    pub lift: f64,
    /// Lower end of the 95 % interval of the lift.
    pub ci_low: f64,
    /// Upper end of the 95 % interval of the lift.
    pub ci_high: f64,
    /// Probability that the treatment is better than control, 0 to 1.
    pub chance_to_win: f64,
}

/// Why a treatment has no inference; the payload then says `null`.
#[derive(Clone, Copy, Debug, Eq, Error, Hash, PartialEq)]
pub enum NoInference {
    /// The metric has no control arm.
    #[error("there is no control arm")]
    ControlMissing,
    /// An arm has fewer than [`MIN_UNITS_PER_ARM`] units.
    #[error("an arm has fewer than {MIN_UNITS_PER_ARM} units")]
    TooFewUnits,
    /// An arm of an occurrence metric has fewer than [`MIN_CONVERSIONS_PER_ARM`] conversions.
    #[error("an arm has fewer than {MIN_CONVERSIONS_PER_ARM} conversions")]
    TooFewConversions,
    /// The control mean is zero or negative (or too near to zero to divide by).
    #[error("the control mean is not positive")]
    BaselineNotPositive,
}

/// Compares a treatment with control: lift, its 95 % interval and the chance to win, under a flat prior.
///
/// # Formula
/// `lift = (m_t - m_c)/m_c`, `se^2 = v_t/m_c^2 + m_t^2 v_c/m_c^4` with `v = s^2/n`, interval `lift -+ 1.96 se`
/// ([`Z_95`]), chance `Phi(lift/se)`. Lift and interval are never flipped; for [`Direction::Down`] the chance is that
/// of a fall.
///
/// # Errors
/// In this order: [`NoInference::ControlMissing`], [`NoInference::TooFewUnits`], [`NoInference::TooFewConversions`],
/// [`NoInference::BaselineNotPositive`].
///
/// # Source
/// Delta method, Deng, Knoblich & Lu (2018). Confirmed by gbstats and mpmath (vectors `relative_delta`), and by the
/// published table of a real experiment.
///
/// # Compatibility
/// The nulls are exactly those of the contract, admin-api section 7.8. Without any variance the interval has no width
/// and the chance is 0.5, 1 or 0, as there: old clients read it so. New ones should look at the absolute effect, whose
/// status is `zero_variance`.
pub fn infer(
    control: Option<&Arm>,
    treatment: &Arm,
    aggregation: Aggregation,
    direction: Direction,
) -> Result<Inference, NoInference> {
    let control = control.ok_or(NoInference::ControlMissing)?;
    let arms = [control, treatment];
    if arms.iter().any(|arm| arm.n() < MIN_UNITS_PER_ARM) {
        return Err(NoInference::TooFewUnits);
    }
    if aggregation == Aggregation::Occurrence && arms.iter().any(|arm| arm.sum() < MIN_CONVERSIONS_PER_ARM) {
        return Err(NoInference::TooFewConversions);
    }
    let effect = EffectMoments::of_means(control, treatment).map_err(|_| NoInference::TooFewUnits)?;
    infer_from_effect(&effect, direction)
}

/// The same of an effect on whatever number the arms were reduced to: a ratio, a quantile.
///
/// # Errors
/// [`NoInference::BaselineNotPositive`].
pub(crate) fn infer_from_effect(
    effect: &EffectMoments,
    direction: Direction,
) -> Result<Inference, NoInference> {
    if effect.baseline <= 0.0 {
        return Err(NoInference::BaselineNotPositive);
    }
    match flat_relative(effect) {
        Ok(posterior) => {
            let Interval { low, high } = posterior.interval(Z_95);
            Ok(Inference {
                lift: posterior.mean,
                ci_low: low,
                ci_high: high,
                chance_to_win: posterior.chance_to_win(direction),
            })
        }
        Err(Unestimable::ZeroVariance | Unestimable::DegenerateRelative) => {
            let lift = effect.lift().map_err(|_| NoInference::BaselineNotPositive)?;
            Ok(Inference {
                lift,
                ci_low: lift,
                ci_high: lift,
                chance_to_win: certainty(lift, direction),
            })
        }
        Err(_) => Err(NoInference::BaselineNotPositive),
    }
}

/// Chance to win of an effect that is taken to be known exactly.
fn certainty(lift: f64, direction: Direction) -> f64 {
    let gain = if direction == Direction::Down { -lift } else { lift };
    if gain > 0.0 {
        1.0
    } else if gain < 0.0 {
        0.0
    } else {
        0.5
    }
}
