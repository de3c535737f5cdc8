//! Two proportions with few events (contract, statistics section 5).

use crate::arm::count_as_f64;
use crate::error::{InvalidStatistics, Unestimable};
use crate::normal;
use crate::posterior::Interval;
use crate::root::bracketed_root;
use crate::significance::SignificanceLevel;

/// Successes or failures of an arm below which the interval of an occurrence metric is the score interval.
pub const FEW_EVENTS: u64 = 30;

/// Converted units among all units of an arm.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Proportion {
    units: u64,
    conversions: u64,
}

impl Proportion {
    /// Checks and keeps the counts.
    ///
    /// # Errors
    /// [`InvalidStatistics::TooManyUnits`]; [`InvalidStatistics::OutOfRange`] for more conversions than units.
    pub fn new(units: u64, conversions: u64) -> Result<Self, InvalidStatistics> {
        if units > crate::MAX_UNITS {
            return Err(InvalidStatistics::TooManyUnits(units));
        }
        if conversions > units {
            return Err(InvalidStatistics::OutOfRange {
                name: "conversions",
                range: "at most n",
                value: count_as_f64(conversions),
            });
        }
        Ok(Self { units, conversions })
    }

    /// Units.
    pub fn units(&self) -> u64 {
        self.units
    }

    /// Converted units.
    pub fn conversions(&self) -> u64 {
        self.conversions
    }

    /// Units that did not convert.
    pub fn failures(&self) -> u64 {
        self.units - self.conversions
    }

    /// Whether the normal approximation is not to be trusted: fewer than [`FEW_EVENTS`] successes or failures.
    pub fn has_few_events(&self) -> bool {
        self.conversions.min(self.failures()) < FEW_EVENTS
    }

    fn n(&self) -> f64 {
        count_as_f64(self.units)
    }

    fn x(&self) -> f64 {
        count_as_f64(self.conversions)
    }

    /// `p`; the arm must not be empty.
    fn rate(&self) -> f64 {
        self.x() / self.n()
    }
}

/// Newcombe's hybrid score interval of treatment minus control.
///
/// # Formula
/// With the Wilson bounds `l`, `u` of each proportion: `d - sqrt((p_t - l_t)^2 + (u_c - p_c)^2)` to
/// `d + sqrt((u_t - p_t)^2 + (p_c - l_c)^2)`.
///
/// # Errors
/// [`Unestimable::InsufficientData`] if an arm is empty.
///
/// # Source
/// Newcombe (1998), *Interval estimation for the difference between independent proportions*, Statist. Med. 17, method 10.
/// Confirmed by statsmodels `confint_proportions_2indep` (vectors `proportions`).
pub fn newcombe_interval(
    control: &Proportion,
    treatment: &Proportion,
    alpha: SignificanceLevel,
) -> Result<Interval, Unestimable> {
    check(control, treatment)?;
    let z = normal::two_sided_quantile(alpha);
    let (below_control, above_control) = wilson_distances(control, z);
    let (below_treatment, above_treatment) = wilson_distances(treatment, z);
    let difference = difference(control, treatment);
    Ok(Interval {
        low: difference - below_treatment.hypot(above_control),
        high: difference + above_treatment.hypot(below_control),
    })
}

/// How far the Wilson interval reaches below and above the proportion.
fn wilson_distances(arm: &Proportion, z: f64) -> (f64, f64) {
    let (n, p, q) = (arm.n(), arm.rate(), count_as_f64(arm.failures()) / arm.n());
    let square = z * z;
    let denominator = n + square;
    let half_width = z * (n * p * q + 0.25 * square).sqrt() / denominator;
    let shift = square * (0.5 - p) / denominator;
    let below = if arm.conversions == 0 {
        0.0
    } else {
        half_width - shift
    };
    let above = if arm.failures() == 0 {
        0.0
    } else {
        half_width + shift
    };
    (below.max(0.0), above.max(0.0))
}

/// Agresti and Caffo's interval of treatment minus control: Wald's, after a success and a failure more in each arm.
///
/// # Errors
/// [`Unestimable::InsufficientData`] if an arm is empty.
///
/// # Source
/// Agresti & Caffo (2000), *Simple and effective confidence intervals for proportions*, Am. Statist. 54. Confirmed by
/// statsmodels `confint_proportions_2indep` (vectors `proportions`).
pub fn agresti_caffo_interval(
    control: &Proportion,
    treatment: &Proportion,
    alpha: SignificanceLevel,
) -> Result<Interval, Unestimable> {
    check(control, treatment)?;
    let adjusted = |arm: &Proportion| {
        let n = arm.n() + 2.0;
        let p = (arm.x() + 1.0) / n;
        (p, p * (1.0 - p) / n)
    };
    let ((p_c, v_c), (p_t, v_t)) = (adjusted(control), adjusted(treatment));
    let half_width = normal::two_sided_quantile(alpha) * (v_c + v_t).sqrt();
    Ok(Interval {
        low: p_t - p_c - half_width,
        high: p_t - p_c + half_width,
    })
}

/// p-value of the pooled score test of equal proportions.
///
/// # Formula
/// `z = (p_t - p_c) / sqrt(p (1 - p) (1/n_t + 1/n_c))` with the pooled `p`; `p-value = 2 Phi(-|z|)`.
///
/// # Errors
/// [`Unestimable::InsufficientData`] if an arm is empty; [`Unestimable::ZeroVariance`] if nobody or everybody converted.
///
/// # Source
/// Pearson (1900). Confirmed by statsmodels `test_proportions_2indep` (vectors `proportions`).
pub fn score_p_value(control: &Proportion, treatment: &Proportion) -> Result<f64, Unestimable> {
    check(control, treatment)?;
    check_pooled(control, treatment)?;
    let n = control.n() + treatment.n();
    let pooled = (control.x() + treatment.x()) / n;
    let failed = (count_as_f64(control.failures()) + count_as_f64(treatment.failures())) / n;
    let variance = pooled * failed * (1.0 / control.n() + 1.0 / treatment.n());
    let z = (treatment.rate() - control.rate()) / variance.sqrt();
    Ok((2.0 * normal::cdf(-z.abs())).min(1.0))
}

/// Koopman's score interval of the lift, `p_t / p_c - 1`.
///
/// # Formula
/// All `phi` with `(p_t - phi p_c)^2 <= z^2 (p~_t (1 - p~_t)/n_t + phi^2 p~_c (1 - p~_c)/n_c)`, less 1, where `p~` are the
/// likeliest proportions of ratio `phi`: `p~_t = phi p~_c`, and `p~_c` the smaller root of
/// `(n_c + n_t) phi p^2 - (n_t phi + x_t + n_c + x_c phi) p + (x_c + x_t) = 0`.
///
/// # Errors
/// [`Unestimable::InsufficientData`] if an arm is empty; [`Unestimable::ZeroBaseline`] if in one arm nobody or everybody
/// converted: the set of ratios is then open to one side, or rests on the edge of what is possible.
///
/// # Source
/// Koopman (1984), *Confidence intervals for the ratio of two binomial proportions*, Biometrics 40; Miettinen & Nurminen
/// (1985), Statist. Med. 4, without their factor `n/(n-1)`. Confirmed by statsmodels `confint_proportions_2indep` (vectors
/// `proportions`).
pub fn score_lift_interval(
    control: &Proportion,
    treatment: &Proportion,
    alpha: SignificanceLevel,
) -> Result<Interval, Unestimable> {
    check(control, treatment)?;
    let on_the_edge = |arm: &Proportion| arm.conversions == 0 || arm.failures() == 0;
    if on_the_edge(control) || on_the_edge(treatment) {
        return Err(Unestimable::ZeroBaseline);
    }
    let z = normal::two_sided_quantile(alpha);
    let excess = |log_ratio: f64| score_statistic(control, treatment, log_ratio).abs() - z;
    let estimate = (difference(control, treatment) / control.rate()).ln_1p();
    let low = root_beyond(&excess, estimate, -1.0).ok_or(Unestimable::ZeroBaseline)?;
    let high = root_beyond(&excess, estimate, 1.0).ok_or(Unestimable::ZeroBaseline)?;
    Ok(Interval {
        low: low.exp_m1(),
        high: high.exp_m1(),
    })
}

/// The standardised distance of the data from the ratio `phi`, given as its logarithm.
fn score_statistic(control: &Proportion, treatment: &Proportion, log_ratio: f64) -> f64 {
    let (p_c, q_c) = constrained(control, treatment, log_ratio);
    let (p_t, q_t) = constrained(treatment, control, -log_ratio);
    let phi = log_ratio.exp();
    let variance = p_t * q_t / treatment.n() + phi * phi * p_c * q_c / control.n();
    (difference(control, treatment) - log_ratio.exp_m1() * control.rate()) / variance.sqrt()
}

/// The likeliest proportion of `own`, and its complement, if that of `other` is `phi` times as large.
///
/// With `u = n_o phi - n`, `v = x phi - x_o` and failures `f`, the discriminant is `(u + v)^2 + 4 phi f f_o`, a sum; the
/// complement solves a quadratic of its own with the product of roots `f (phi - 1)`. So neither rates near 0 nor rates near
/// 1 lose digits.
fn constrained(own: &Proportion, other: &Proportion, log_ratio: f64) -> (f64, f64) {
    let (n, x, f) = (own.n(), own.x(), count_as_f64(own.failures()));
    let (n_o, x_o, f_o) = (other.n(), other.x(), count_as_f64(other.failures()));
    let (phi, change) = (log_ratio.exp(), log_ratio.exp_m1());
    let sum = (n_o + x) * change + (n_o - n) + (x - x_o);
    let root = (sum * sum + 4.0 * phi * f * f_o).sqrt();
    let proportion = 2.0 * (x + x_o) / (n_o * phi + x_o + n + x * phi + root);
    let half = f + f_o + change * (f + n_o + n);
    let complement = if half >= 0.0 {
        (half + root) / (2.0 * (n + n_o) * phi)
    } else {
        2.0 * f * change / (half - root)
    };
    (proportion.clamp(0.0, 1.0), complement.clamp(0.0, 1.0))
}

/// `p_t - p_c`, from the failures where they are rarer.
fn difference(control: &Proportion, treatment: &Proportion) -> f64 {
    let failed = |arm: &Proportion| count_as_f64(arm.failures()) / arm.n();
    if control.conversions > control.failures() {
        failed(control) - failed(treatment)
    } else {
        treatment.rate() - control.rate()
    }
}

/// The root nearest to `start` in a direction, in which the function climbs from below zero.
fn root_beyond(function: &impl Fn(f64) -> f64, start: f64, direction: f64) -> Option<f64> {
    const WIDEST: f64 = 500.0;
    let mut width = 0.125;
    while width < WIDEST {
        let far = start + direction * width;
        if function(far) > 0.0 {
            return bracketed_root(function, start, far);
        }
        width *= 2.0;
    }
    None
}

fn check(control: &Proportion, treatment: &Proportion) -> Result<(), Unestimable> {
    if control.units == 0 || treatment.units == 0 {
        Err(Unestimable::InsufficientData)
    } else {
        Ok(())
    }
}

/// Whether the pooled proportion is neither 0 nor 1.
pub(crate) fn check_pooled(control: &Proportion, treatment: &Proportion) -> Result<(), Unestimable> {
    let nobody = control.conversions == 0 && treatment.conversions == 0;
    let everybody = control.failures() == 0 && treatment.failures() == 0;
    if nobody || everybody {
        Err(Unestimable::ZeroVariance)
    } else {
        Ok(())
    }
}
