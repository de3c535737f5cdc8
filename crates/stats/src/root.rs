//! Roots of functions of one variable.

/// Root of `function` between `low` and `high`, at which it must have opposite signs (or be zero); `None` if it has
/// not, or is NaN there. Exact to a few units in the last place of the root.
///
/// # Formula
/// Bisection that takes an inverse quadratic step where three points say that it converges.
///
/// # Source
/// Chandrupatla (1997), *A new hybrid quadratic/bisection algorithm for finding the zero of a nonlinear function without
/// using derivatives*, Advances in Engineering Software 28.
pub(crate) fn bracketed_root(function: impl Fn(f64) -> f64, low: f64, high: f64) -> Option<f64> {
    const MAX_STEPS: u32 = 200;
    let (mut a, mut b) = (high, low);
    let (mut at_a, mut at_b) = (function(a), function(b));
    if at_a == 0.0 {
        return Some(a);
    }
    if at_b == 0.0 {
        return Some(b);
    }
    if at_a.is_nan() || at_b.is_nan() || at_a.is_sign_negative() == at_b.is_sign_negative() {
        return None;
    }
    let mut share = 0.5;
    for _ in 0..MAX_STEPS {
        let middle = a + share * (b - a);
        let at_middle = function(middle);
        let (c, at_c);
        if at_middle.is_sign_negative() == at_a.is_sign_negative() {
            (c, at_c) = (a, at_a);
        } else {
            (c, at_c) = (b, at_b);
            (b, at_b) = (a, at_a);
        }
        (a, at_a) = (middle, at_middle);
        let best = if at_a.abs() < at_b.abs() { a } else { b };
        let tolerance = 2.0 * f64::EPSILON * best.abs();
        let width = (b - a).abs();
        if at_a == 0.0 || width <= tolerance {
            return Some(if at_a == 0.0 { a } else { best });
        }
        let xi = (a - b) / (c - b);
        let phi = (at_a - at_b) / (at_c - at_b);
        share = if phi * phi < xi && (1.0 - phi) * (1.0 - phi) < 1.0 - xi {
            at_a / (at_b - at_a) * at_c / (at_b - at_c)
                + (c - a) / (b - a) * at_a / (at_c - at_a) * at_b / (at_c - at_b)
        } else {
            0.5
        };
        let least = 0.5 * tolerance / width;
        share = share.clamp(least, 1.0 - least);
        if share.is_nan() {
            share = 0.5;
        }
    }
    Some(a)
}
