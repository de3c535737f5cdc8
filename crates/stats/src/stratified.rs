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

/// The strata with those that are too small for a variance put together into one, the "other" of a pre-exposure attribute;
/// if that is too small as well, with the smallest of the rest, and so on. What is left in the end may still be too small.
///
/// Not for periods of different weights, whose arms must not be pooled.
///
/// # Errors
/// [`Unestimable::Overflow`] if the sums of an arm exceed what a double holds.
///
/// # Source
/// Contract, statistics section 8 (`sparse_stratum`).
pub fn merge_sparse_strata(strata: &[Stratum]) -> Result<Vec<Stratum>, Unestimable> {
    let (mut other, mut kept): (Vec<Stratum>, Vec<Stratum>) =
        strata.iter().partition(|stratum| stratum.is_sparse());
    if other.is_empty() {
        return Ok(kept);
    }
    // The smallest last, to be taken first.
    kept.sort_by(|a, b| b.units().total_cmp(&a.units()));
    let mut merged = pooled(&other)?;
    while merged.is_sparse() {
        let Some(smallest) = kept.pop() else { break };
        other.push(smallest);
        merged = pooled(&other)?;
    }
    kept.push(merged);
    Ok(kept)
}

fn pooled(strata: &[Stratum]) -> Result<Stratum, Unestimable> {
    let arm = |of: fn(&Stratum) -> &Arm| {
        let arms = || strata.iter().map(of);
        let units = arms().fold(0_u64, |sum, arm| sum.saturating_add(arm.n()));
        Arm::new(
            units,
            arms().map(Arm::sum).sum(),
            arms().map(Arm::sum_squares).sum(),
        )
        .map_err(|_| Unestimable::Overflow)
    };
    Ok(Stratum {
        control: arm(|stratum| &stratum.control)?,
        treatment: arm(|stratum| &stratum.treatment)?,
    })
}

impl Stratum {
    /// Whether an arm has no variance.
    fn is_sparse(&self) -> bool {
        self.control.n().min(self.treatment.n()) < 2
    }

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
