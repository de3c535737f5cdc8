//! Several variants compared by the shares of their units that converted.

use std::f64::consts::FRAC_PI_2;

use crate::arm::count_as_f64;
use crate::best_arm::MAX_ARMS;
use crate::chi_square;
use crate::error::{InvalidStatistics, in_range};
use crate::proportions::Proportion;

/// What an empty cell counts in the G-test, so that its logarithm is finite.
const EMPTY_CELL: f64 = 0.5;

/// Probability of shares at least as uneven by chance alone; 1 for fewer than two variants. Read at every look it errs
/// far more often than once.
///
/// # Formula
/// `G = 2 sum o ln(o / e)` over converted and not converted of every variant, `e` the products of the margins over the
/// total, cells of zero as 0.5; `p = Q(df/2, G/2)`, `df = variants - 1`.
///
/// # Source
/// Sokal & Rohlf, *Biometry*, likelihood-ratio test of independence. Confirmed by scipy `chi2_contingency` with
/// `lambda_="log-likelihood"`.
pub fn g_test(variants: &[Proportion]) -> f64 {
    let cells: Vec<[f64; 2]> = variants
        .iter()
        .map(|variant| {
            [variant.conversions(), variant.failures()].map(|count| count_as_f64(count).max(EMPTY_CELL))
        })
        .collect();
    let degrees = u32::try_from(cells.len().saturating_sub(1)).unwrap_or(u32::MAX);
    if degrees == 0 {
        return 1.0;
    }
    let columns = [0, 1].map(|column| cells.iter().map(|row| row[column]).sum::<f64>());
    let total = columns[0] + columns[1];
    let statistic: f64 = cells
        .iter()
        .flat_map(|row| {
            let units = row[0] + row[1];
            [0, 1].map(|column| row[column] * (row[column] * total / (units * columns[column])).ln())
        })
        .sum();
    chi_square::upper_tail(2.0 * statistic, degrees)
}

/// Probability of each variant to have the highest share, in the order given; they sum to 1.
///
/// # Formula
/// `P_i = integral f_i prod_{j != i} F_j` with the posteriors of the shares after a uniform prior, `Beta(1 + x, 1 + n - x)`.
/// Trapezoids over the angle `asin sqrt share`, in which a posterior is about `1 / (2 sqrt(n + 2))` wide wherever it lies;
/// every posterior has points of its own, 32 to that width. Deterministic, no seed; within 1e-4.
///
/// # Errors
/// [`InvalidStatistics::OutOfRange`] without variants, or for more than [`MAX_ARMS`].
///
/// # Source
/// Thompson (1933), Biometrika 25. Confirmed by scipy: `quad` over products of `beta`.
pub fn highest_share_probabilities(variants: &[Proportion]) -> Result<Vec<f64>, InvalidStatistics> {
    let count = variants.len();
    in_range(
        "variants",
        "between 1 and 100",
        count_as_f64(count as u64),
        (1..=MAX_ARMS).contains(&count),
    )?;
    let posteriors: Vec<AnglePosterior> = variants.iter().map(AnglePosterior::new).collect();
    let mut grid: Vec<f64> = posteriors.iter().flat_map(AnglePosterior::points).collect();
    grid.sort_by(f64::total_cmp);
    grid.dedup();
    let densities: Vec<Vec<f64>> = posteriors.iter().map(|one| one.densities(&grid)).collect();

    let mut below = vec![0.0; count];
    let mut chances = vec![0.0; count];
    // Of the point before: each density times the probability that all others are below.
    let mut before = vec![0.0; count];
    for (at, angle) in grid.iter().enumerate() {
        let half = if at > 0 { 0.5 * (angle - grid[at - 1]) } else { 0.0 };
        if at > 0 {
            for (below, density) in below.iter_mut().zip(&densities) {
                *below += half * (density[at - 1] + density[at]);
            }
        }
        for index in 0..count {
            let others = below.iter().enumerate().filter(|(other, _)| *other != index);
            let now = densities[index][at] * others.map(|(_, below)| below).product::<f64>();
            chances[index] += half * (before[index] + now);
            before[index] = now;
        }
    }
    let total: f64 = chances.iter().sum();
    Ok(chances.into_iter().map(|chance| chance / total).collect())
}

/// The posterior of a share, as one of the angle whose squared sine is the share.
struct AnglePosterior {
    /// `2 (1 + x) - 1` and `2 (1 + n - x) - 1`, the powers of sine and cosine in the density.
    powers: [f64; 2],
    /// The angle of the mean.
    middle: f64,
    /// About one standard deviation.
    width: f64,
}

impl AnglePosterior {
    /// Widths on each side of the middle beyond which the density is nothing.
    const REACH: i32 = 10;
    /// Points to a width.
    const POINTS: i32 = 32;

    fn new(variant: &Proportion) -> Self {
        let [a, b] = [variant.conversions(), variant.failures()].map(|count| 1.0 + count_as_f64(count));
        Self {
            powers: [2.0 * a - 1.0, 2.0 * b - 1.0],
            middle: a.sqrt().atan2(b.sqrt()),
            width: 0.5 / (a + b).sqrt(),
        }
    }

    fn points(&self) -> impl Iterator<Item = f64> {
        let (middle, step) = (self.middle, self.width / f64::from(Self::POINTS));
        let reach = Self::REACH * Self::POINTS;
        (-reach..=reach).map(move |at| (middle + f64::from(at) * step).clamp(0.0, FRAC_PI_2))
    }

    /// The density at the points of a grid, such that its trapezoids sum to 1.
    fn densities(&self, grid: &[f64]) -> Vec<f64> {
        let power = |base: f64, power: f64| power * base.max(f64::MIN_POSITIVE).ln();
        let log = |angle: f64| power(angle.sin(), self.powers[0]) + power(angle.cos(), self.powers[1]);
        let highest = log(self.middle);
        let mut densities: Vec<f64> = grid.iter().map(|angle| (log(*angle) - highest).exp()).collect();
        let pairs = grid.windows(2).zip(densities.windows(2));
        let total: f64 = pairs
            .map(|(angles, densities)| 0.5 * (angles[1] - angles[0]) * (densities[0] + densities[1]))
            .sum();
        for density in &mut densities {
            *density /= total;
        }
        densities
    }
}
