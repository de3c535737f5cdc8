//! Guardrails: is the treatment not worse than control by more than a margin? (contract, statistics section 12)

use serde::{Deserialize, Serialize};

use crate::confidence_sequence::SequentialTuning;
use crate::effect::{EffectMoments, welch_satterthwaite};
use crate::error::{InvalidStatistics, Unestimable, positive};
use crate::posterior::Direction;
use crate::significance::SignificanceLevel;
use crate::student;

/// Largest harm that a guardrail tolerates by default, relative to control.
pub const DEFAULT_MARGIN: f64 = 0.02;

/// Largest harm that a secondary metric tolerates by default, relative to control.
pub const DEFAULT_SECONDARY_MARGIN: f64 = 0.05;

/// The largest harm that is tolerated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Margin {
    /// A share of the control value's magnitude, above 0.
    Relative(f64),
    /// In the metric's unit, above 0.
    Absolute(f64),
}

/// What a guardrail says.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GuardrailVerdict {
    /// The treatment is shown not to be worse by the margin.
    Pass,
    /// The treatment is shown to be worse by more than the margin.
    Fail,
    /// Neither is shown.
    Uncertain,
}

/// Non-inferiority test: the distance from the worst tolerated value, positive where the treatment is safe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NonInferiority {
    /// Distance over its standard error.
    pub statistic: f64,
    /// Welch-Satterthwaite degrees of freedom.
    pub degrees_of_freedom: f64,
    /// p-value of the treatment being worse by the margin or more; small means safe.
    pub p_value_noninferior: f64,
    /// p-value of the treatment being within the margin; small means harm.
    pub p_value_inferior: f64,
    /// Which of the two is below the level.
    pub verdict: GuardrailVerdict,
}

/// One-sided Welch tests of non-inferiority and of inferiority, at one look.
///
/// # Formula
/// Higher is better: `f = 1 - d` (`1 + d` where the control value is negative), `D = t - f c`. Lower is better: `f = 1 + d`
/// (`1 - d`), `D = f c - t`. An absolute margin adds to the effect instead. `V = v_t + f^2 v_c`, an exact linear contrast
/// without the delta method; `T = D / sqrt V` has a t distribution.
///
/// # Errors
/// In this order: [`Unestimable::ZeroBaseline`] for a relative margin of a control value of zero;
/// [`Unestimable::ZeroVariance`] if `V` is zero; [`Unestimable::Overflow`] for a margin so large that `V` or `D` is none.
///
/// # Source
/// Wellek (2010), *Testing Statistical Hypotheses of Equivalence and Noninferiority*. Confirmed by scipy
/// `ttest_ind_from_stats` with scaled control (vectors `noninferiority`).
pub fn noninferiority_test(
    effect: &EffectMoments,
    margin: Margin,
    direction: Direction,
    alpha: SignificanceLevel,
) -> Result<NonInferiority, NoGuardrail> {
    let contrast = Contrast::new(effect, margin, direction)?;
    let statistic = contrast.statistic();
    let tail = 0.5 * student::two_sided_tail(statistic, contrast.degrees_of_freedom);
    let (p_value_noninferior, p_value_inferior) = if statistic >= 0.0 {
        (tail, 1.0 - tail)
    } else {
        (1.0 - tail, tail)
    };
    Ok(NonInferiority {
        statistic,
        degrees_of_freedom: contrast.degrees_of_freedom,
        p_value_noninferior,
        p_value_inferior,
        verdict: verdict(p_value_noninferior, p_value_inferior, alpha.get()),
    })
}

/// The same question at any number of looks: one-sided confidence sequences of the same contrast. Automation may act on
/// this one only.
///
/// # Errors
/// As [`noninferiority_test`].
///
/// # Source
/// [`SequentialTuning::one_sided_p_value`].
pub fn sequential_noninferiority_test(
    effect: &EffectMoments,
    margin: Margin,
    direction: Direction,
    tuning: &SequentialTuning,
    alpha: SignificanceLevel,
) -> Result<NonInferiority, NoGuardrail> {
    let contrast = Contrast::new(effect, margin, direction)?;
    let statistic = contrast.statistic();
    let units = crate::arm::count_as_f64(effect.units);
    let p_value_noninferior = tuning.one_sided_p_value(units, statistic);
    let p_value_inferior = tuning.one_sided_p_value(units, -statistic);
    Ok(NonInferiority {
        statistic,
        degrees_of_freedom: contrast.degrees_of_freedom,
        p_value_noninferior,
        p_value_inferior,
        verdict: verdict(p_value_noninferior, p_value_inferior, alpha.get()),
    })
}

/// Why there is no guardrail test.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NoGuardrail {
    /// The data carry none.
    #[error(transparent)]
    Unestimable(#[from] Unestimable),
    /// The margin is not above zero.
    #[error(transparent)]
    Invalid(#[from] InvalidStatistics),
}

/// `D` and `V`.
struct Contrast {
    distance: f64,
    variance: f64,
    degrees_of_freedom: f64,
}

impl Contrast {
    fn new(effect: &EffectMoments, margin: Margin, direction: Direction) -> Result<Self, NoGuardrail> {
        let sign = if direction == Direction::Down { -1.0 } else { 1.0 };
        // `tolerated` is what the effect may lose, `factor` is f.
        let (tolerated, factor) = match margin {
            Margin::Absolute(margin) => (positive("margin_absolute", margin)?, 1.0),
            Margin::Relative(margin) => {
                let margin = positive("margin_relative", margin)?;
                if effect.baseline == 0.0 {
                    return Err(Unestimable::ZeroBaseline.into());
                }
                let tolerated = margin * effect.baseline.abs();
                (tolerated, 1.0 - sign * margin * effect.baseline.signum())
            }
        };
        // What control explains of the variance of A - (f - 1) B: f^2 v_c for independent arms.
        let control_part = if effect.baseline_variance > 0.0 {
            let slope = effect.covariance / effect.baseline_variance - (factor - 1.0);
            effect.baseline_variance * slope * slope
        } else {
            0.0
        };
        let variance = effect.residual_variance + control_part;
        if variance <= 0.0 {
            return Err(Unestimable::ZeroVariance.into());
        }
        let distance = sign.mul_add(effect.estimate, tolerated);
        if !(variance.is_finite() && distance.is_finite()) {
            return Err(Unestimable::Overflow.into());
        }
        Ok(Self {
            distance,
            variance,
            degrees_of_freedom: welch_satterthwaite(
                [control_part, effect.residual_variance],
                [
                    effect.control_degrees_of_freedom,
                    effect.treatment_degrees_of_freedom,
                ],
            ),
        })
    }

    fn statistic(&self) -> f64 {
        (self.distance / self.variance.sqrt()).clamp(f64::MIN, f64::MAX)
    }
}

fn verdict(p_value_noninferior: f64, p_value_inferior: f64, alpha: f64) -> GuardrailVerdict {
    if p_value_noninferior < alpha {
        GuardrailVerdict::Pass
    } else if p_value_inferior < alpha {
        GuardrailVerdict::Fail
    } else {
        GuardrailVerdict::Uncertain
    }
}
