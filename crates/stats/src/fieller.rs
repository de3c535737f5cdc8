//! Intervals of the relative effect that stay right when control is small or noisy.

use crate::effect::EffectMoments;
use crate::error::Unestimable;
use crate::posterior::Interval;

/// The relative effect with the set of relative effects that fit the data (contract, statistics section 4).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RelativeInterval {
    /// `A / |B|`, a share; `None` where the control value is zero.
    pub lift: Option<f64>,
    /// `g = q^2 V_B / B^2`: how far the control value is from being told from zero. Below 1 there is an interval; near 0
    /// it is that of the delta method. `None` where the control value is zero.
    pub g: Option<f64>,
    /// The interval, in shares; `None` where the set is unbounded (`unbounded_relative`).
    pub interval: Option<Interval>,
}

/// Fieller's interval of the relative effect: all `r` with `|A - r B| <= q sqrt(V_A - 2 r C_AB + r^2 V_B)`.
///
/// `multiplier` is `q`: a t quantile for a fixed horizon, the multiplier of a confidence sequence for monitoring. The
/// interval excludes 0 exactly where `|A| > q sqrt(V_A)`, so it never disagrees with the absolute test.
///
/// # Formula
/// Everything in units of `B`: `R = A/B`, `u = V_A/B^2`, `w = V_B/B^2`, `h = C_AB/V_B`, `g = q^2 w`. The roots of
/// `(1 - g) r^2 - 2 (R - g h) r + (R^2 - q^2 u) = 0` have the discriminant
/// `q^2 ((1 - g) V_A|B/B^2 + w (h - R)^2)`, a sum of squares; the second root follows from the product of the two, so
/// that nothing cancels. `g >= 1`: unbounded. For `B < 0` the ends change sign and place.
///
/// # Errors
/// [`Unestimable::ZeroVariance`] if `V_A` is zero.
///
/// # Source
/// Fieller (1954), *Some problems in interval estimation*, J. R. Statist. Soc. B 16. Confirmed by substitution of the
/// roots at 60 digits (vectors `fieller`).
pub fn fieller_interval(effect: &EffectMoments, multiplier: f64) -> Result<RelativeInterval, Unestimable> {
    if effect.variance <= 0.0 {
        return Err(Unestimable::ZeroVariance);
    }
    let Ok(lift) = effect.lift() else {
        return Ok(RelativeInterval {
            lift: None,
            g: None,
            interval: None,
        });
    };
    let g = square(multiplier * effect.baseline_variance.sqrt() / effect.baseline);
    Ok(RelativeInterval {
        lift: Some(lift),
        g: g.is_finite().then_some(g),
        interval: if g < 1.0 {
            bounded(effect, multiplier, g)
        } else {
            None
        },
    })
}

/// The two roots, in shares of `|B|`; `None` where they are too far out to be told from infinity.
fn bounded(effect: &EffectMoments, multiplier: f64, g: f64) -> Option<Interval> {
    let baseline = effect.baseline;
    let ratio = effect.estimate / baseline;
    let (slope, explained) = if effect.baseline_variance > 0.0 {
        let slope = effect.covariance / effect.baseline_variance;
        let spread = effect.baseline_variance.sqrt() / baseline;
        (slope, spread * (slope - ratio))
    } else {
        (0.0, 0.0)
    };
    let residual = effect.residual_variance.max(0.0).sqrt() / baseline;
    let root_of_discriminant = multiplier * ((1.0 - g).sqrt() * residual).hypot(explained);
    let centre = ratio - g * slope;
    let sum = centre.abs() + root_of_discriminant;
    let far = sum / (1.0 - g);
    // R^2 - q^2 u by its factors.
    let margin = multiplier * effect.variance.sqrt() / baseline.abs();
    let product = (ratio.abs() - margin) * (ratio.abs() + margin);
    let near = if sum > 0.0 { product / sum } else { 0.0 };
    let flipped = (centre < 0.0) != (baseline < 0.0);
    let (low, high) = if flipped { (-far, -near) } else { (near, far) };
    (low.is_finite() && high.is_finite()).then(|| Interval {
        low: low.min(high),
        high: high.max(low),
    })
}

fn square(x: f64) -> f64 {
    x * x
}
