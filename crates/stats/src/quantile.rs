//! Quantiles of symmetric distributions by inverting their tail.

use crate::significance::SignificanceLevel;

/// The `t > 0` at which a two-sided tail probability equals `alpha`.
///
/// Newton's method on `ln tail` as a function of `ln t`. For the normal and the t distributions that function is
/// concave and decreasing, so the iteration converges from every start: a start left of the root jumps right of it
/// once, and from there the steps shrink monotonically. Power-law tails are straight lines in these coordinates.
pub(crate) fn two_sided_root(
    alpha: SignificanceLevel,
    tail: impl Fn(f64) -> f64,
    density: impl Fn(f64) -> f64,
) -> f64 {
    const MAX_STEPS: u32 = 100;
    const CONVERGED: f64 = 4.0 * f64::EPSILON;
    let target = alpha.get().ln();
    // Chernoff's bound on the normal tail, 2 Phi(-t) <= exp(-t^2/2), inverted.
    let mut t = (-2.0 * target).sqrt();
    for _ in 0..MAX_STEPS {
        let p = tail(t);
        let step = (p.ln() - target) * p / (2.0 * t * density(t));
        t *= step.exp();
        if step.abs() <= CONVERGED {
            break;
        }
    }
    t
}
