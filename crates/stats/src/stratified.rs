//! Post-stratification on what is known before the exposure (contract, statistics section 8).

use crate::arm::{Arm, count_as_f64};
use crate::effect::EffectMoments;
use crate::error::Unestimable;

/// Control and treatment within one stratum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stratum {
    /// The control arm.
    pub control: Arm,
    /// The treatment arm.
    pub treatment: Arm,
}

/// Effect on a mean, averaged over strata by their size. With periods as strata it is the estimate of an experiment whose
/// weights change: raw arms of different periods must never be pooled.
///
/// # Formula
/// `w_k = N_k / N` of both arms together; `A = sum w_k A_k`, `V_A = sum w_k^2 V_k`, `B = sum w_k B_k`,
/// `V_B = sum w_k^2 v_ck`, `C_AB = -V_B`; degrees of freedom `V_A^2 / sum (w_k^2 V_k)^2/df_k`.
///
/// # Errors
/// [`Unestimable::InsufficientData`] without strata; [`Unestimable::SparseStratum`] if an arm of a stratum has fewer than two
/// units; [`Unestimable::ZeroVariance`] if nothing varies within any stratum.
///
/// # Source
/// Miratrix, Sekhon & Yu (2013), *Adjusting treatment effect estimates by post-stratification in randomized experiments*,
/// J. R. Statist. Soc. B 75. Confirmed by statsmodels, saturated regression with HC2 (vectors `poststratification`).
pub fn post_stratified(strata: &[Stratum]) -> Result<EffectMoments, Unestimable> {
    if strata.is_empty() {
        return Err(Unestimable::InsufficientData);
    }
    let total: f64 = strata.iter().map(Stratum::units).sum();
    let mut pooled = EffectMoments {
        estimate: 0.0,
        variance: 0.0,
        baseline: 0.0,
        baseline_variance: 0.0,
        covariance: 0.0,
        residual_variance: 0.0,
        degrees_of_freedom: 0.0,
        control_degrees_of_freedom: 0.0,
        treatment_degrees_of_freedom: 0.0,
        units: 0,
    };
    let mut parts = Vec::with_capacity(strata.len());
    for stratum in strata {
        let effect =
            EffectMoments::of_means(&stratum.control, &stratum.treatment).map_err(|reason| match reason {
                Unestimable::InsufficientData => Unestimable::SparseStratum,
                other => other,
            })?;
        let weight = stratum.units() / total;
        let square = weight * weight;
        pooled.estimate += weight * effect.estimate;
        pooled.variance += square * effect.variance;
        pooled.baseline += weight * effect.baseline;
        pooled.baseline_variance += square * effect.baseline_variance;
        pooled.residual_variance += square * effect.residual_variance;
        pooled.units = pooled.units.saturating_add(effect.units);
        parts.push((square, effect));
    }
    if pooled.variance <= 0.0 {
        return Err(Unestimable::ZeroVariance);
    }
    pooled.covariance = -pooled.baseline_variance;
    pooled.degrees_of_freedom = combined(&parts, pooled.variance, |effect| {
        (effect.variance, effect.degrees_of_freedom)
    });
    pooled.control_degrees_of_freedom = combined(&parts, pooled.baseline_variance, |effect| {
        (effect.baseline_variance, effect.control_degrees_of_freedom)
    });
    pooled.treatment_degrees_of_freedom = combined(&parts, pooled.residual_variance, |effect| {
        (effect.residual_variance, effect.treatment_degrees_of_freedom)
    });
    pooled.finite(Unestimable::Overflow)
}

impl Stratum {
    /// Units of both arms together.
    fn units(&self) -> f64 {
        count_as_f64(self.control.n()) + count_as_f64(self.treatment.n())
    }
}

/// Welch-Satterthwaite over any number of parts; the sum of theirs without variance.
fn combined(parts: &[(f64, EffectMoments)], variance: f64, of: impl Fn(&EffectMoments) -> (f64, f64)) -> f64 {
    if variance <= 0.0 {
        return parts.iter().map(|(_, effect)| of(effect).1).sum();
    }
    let inverse: f64 = parts
        .iter()
        .map(|(weight, effect)| {
            let (part, degrees_of_freedom) = of(effect);
            let share = weight * part / variance;
            share * share / degrees_of_freedom
        })
        .sum();
    1.0 / inverse
}
