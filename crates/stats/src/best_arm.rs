//! Which of several arms is best, and how a bandit divides the units (contract, statistics section 14).

use crate::error::{InvalidStatistics, in_range, moderate, moderate_positive};
use crate::normal;
use crate::posterior::{Direction, NormalPosterior};

/// Least share of an arm of a bandit by default.
pub const DEFAULT_FLOOR: f64 = 0.05;

/// Arms that are compared at once.
pub const MAX_ARMS: usize = 100;

/// Probability of each arm to be the best of all, in the order given; they sum to 1.
///
/// # Formula
/// `P_i = integral phi_i(x) prod_{j != i} Phi_j(x) dx` with the posteriors' densities and distribution functions (of minus
/// the value where lower is better). Gauss-Legendre on panels that are three of the smallest standard deviations wide
/// among the arms that change within them; all integrals share their points. Deterministic, no seed.
///
/// # Errors
/// [`InvalidStatistics::OutOfRange`] without arms, for more than [`MAX_ARMS`], for a mean beyond 1e100, or for a standard
/// deviation outside 1e-100 to 1e100.
///
/// # Source
/// Thompson (1933), Biometrika 25; Scott (2010), *A modern Bayesian look at the multi-armed bandit*. Confirmed by scipy
/// `quad` (vectors `thompson`).
pub fn best_arm_probabilities(
    posteriors: &[NormalPosterior],
    direction: Direction,
) -> Result<Vec<f64>, InvalidStatistics> {
    let count = posteriors.len();
    in_range(
        "arms",
        "between 1 and 100",
        crate::arm::count_as_f64(count as u64),
        (1..=MAX_ARMS).contains(&count),
    )?;
    let sign = if direction == Direction::Down { -1.0 } else { 1.0 };
    let mut arms = Vec::with_capacity(count);
    for posterior in posteriors {
        moderate("posterior_mean", posterior.mean)?;
        moderate_positive("posterior_sd", posterior.standard_deviation)?;
        arms.push((sign * posterior.mean, posterior.standard_deviation));
    }
    centre(&mut arms);
    let mut sums = vec![0.0; count];
    let mut below = vec![0.0; count];
    let mut density = vec![0.0; count];
    for (from, to) in panels(&arms) {
        let (middle, half) = (0.5 * (from + to), 0.5 * (to - from));
        for (node, weight) in GAUSS_LEGENDRE {
            for x in [middle - half * node, middle + half * node] {
                for (index, (mean, standard_deviation)) in arms.iter().enumerate() {
                    let z = (x - mean) / standard_deviation;
                    below[index] = normal::cdf(z);
                    density[index] = normal::density(z) / standard_deviation;
                }
                for (index, sum) in sums.iter_mut().enumerate() {
                    let others: f64 = below
                        .iter()
                        .enumerate()
                        .filter(|(other, _)| *other != index)
                        .map(|(_, below)| below)
                        .product();
                    *sum += half * weight * density[index] * others;
                }
            }
        }
    }
    let total: f64 = sums.iter().sum();
    Ok(sums.into_iter().map(|sum| sum / total).collect())
}

/// Shares of a bandit: Thompson's, above a floor that keeps every arm measured.
///
/// # Formula
/// `w_i = f + (1 - k f) P_i` for `k` arms.
///
/// # Errors
/// [`InvalidStatistics::OutOfRange`] for a floor outside 0 to `1/k`.
///
/// # Source
/// Contract, statistics section 14. Confirmed by scipy (vectors `thompson`).
pub fn bandit_weights(probabilities: &[f64], floor: f64) -> Result<Vec<f64>, InvalidStatistics> {
    let count = crate::arm::count_as_f64(probabilities.len() as u64);
    let rest = 1.0 - count * floor;
    in_range(
        "floor",
        "between 0 and one over the number of arms",
        floor,
        floor >= 0.0 && rest >= 0.0,
    )?;
    Ok(probabilities
        .iter()
        .map(|probability| floor + rest * probability)
        .collect())
}

/// Counts values from the greatest mean, near which the best one lies, so that spreads that are small beside the means are
/// told apart. A spread that is lost there even so is given a width that the points of the integrals can resolve.
fn centre(arms: &mut [(f64, f64)]) {
    const RESOLVED: f64 = 1e-12;
    let greatest = arms
        .iter()
        .map(|(mean, _)| *mean)
        .fold(f64::NEG_INFINITY, f64::max);
    for (mean, standard_deviation) in arms {
        *mean -= greatest;
        *standard_deviation = standard_deviation.max(RESOLVED * mean.abs());
    }
}

/// Standard deviations on each side of a mean beyond which an arm is taken not to change.
const REACH: f64 = 8.5;

/// Consecutive panels over the range in which the best value can lie.
fn panels(arms: &[(f64, f64)]) -> Vec<(f64, f64)> {
    const WIDTH: f64 = 3.0;
    const MOST: usize = 100_000;
    let end = |arms: &[(f64, f64)], side: f64| {
        arms.iter()
            .map(|(mean, standard_deviation)| mean + side * REACH * standard_deviation)
            .fold(f64::NEG_INFINITY, f64::max)
    };
    let (mut from, last) = (end(arms, -1.0), end(arms, 1.0));
    let mut panels = Vec::new();
    while from < last && panels.len() < MOST {
        let mut to = last;
        for (mean, standard_deviation) in arms {
            let starts = mean - REACH * standard_deviation;
            if starts > from {
                to = to.min(starts);
            } else if mean + REACH * standard_deviation > from {
                to = to.min(from + WIDTH * standard_deviation);
            }
        }
        if to <= from {
            break;
        }
        panels.push((from, to));
        from = to;
    }
    panels
}

/// Half of the 12 points, with weights, of Gauss-Legendre quadrature on -1 to 1 (Abramowitz & Stegun 25.4.30).
const GAUSS_LEGENDRE: [(f64, f64); 6] = [
    (0.125_233_408_511_468_9, 0.249_147_045_813_402_78),
    (0.367_831_498_998_180_2, 0.233_492_536_538_354_8),
    (0.587_317_954_286_617_4, 0.203_167_426_723_065_92),
    (0.769_902_674_194_304_7, 0.160_078_328_543_346_23),
    (0.904_117_256_370_474_9, 0.106_939_325_995_318_43),
    (0.981_560_634_246_719_2, 0.047_175_336_386_511_83),
];
