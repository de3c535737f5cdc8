//! Sufficient statistics of one variant.

use serde::Serialize;

use crate::compensated::{centred_sum_of_squares, is_consistent};
use crate::error::InvalidStatistics;

/// Largest number of units of an arm: every count up to here is exact as an `f64`.
pub const MAX_UNITS: u64 = 1 << 53;

/// Sufficient statistics of one metric in one variant: how many units, and the sum and sum of squares of their values.
///
/// Valid by construction: finite, and attainable by some set of `n` real numbers. An arm may be empty. A Bernoulli
/// (occurrence) metric has `sum == sum_squares ==` conversions. Serialises as `{"n", "sum", "sum_squares"}`, the form
/// of the results payload (contract, admin-api section 7.8).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Arm {
    n: u64,
    sum: f64,
    sum_squares: f64,
}

impl Arm {
    /// Checks and keeps the statistics of one variant.
    ///
    /// `n`: units exposed and not quarantined, those without events included. `sum`, `sum_squares`: over one value per
    /// unit, in the metric's unit and its square.
    ///
    /// # Errors
    /// [`InvalidStatistics::NotFinite`], [`InvalidStatistics::NegativeSumSquares`],
    /// [`InvalidStatistics::TooManyUnits`]; [`InvalidStatistics::Inconsistent`] if
    /// `sum_squares * n < sum^2 * (1 - 1e-9)` (Cauchy-Schwarz), or if an empty arm has a sum (contract, statistics
    /// section 1).
    pub fn new(n: u64, sum: f64, sum_squares: f64) -> Result<Self, InvalidStatistics> {
        for (field, value) in [("sum", sum), ("sum_squares", sum_squares)] {
            if !value.is_finite() {
                return Err(InvalidStatistics::NotFinite { field, value });
            }
        }
        if sum_squares < 0.0 {
            return Err(InvalidStatistics::NegativeSumSquares(sum_squares));
        }
        if n > MAX_UNITS {
            return Err(InvalidStatistics::TooManyUnits(n));
        }
        let empty_with_values = n == 0 && sum_squares > 0.0;
        if empty_with_values || !is_consistent(count_as_f64(n), sum, sum_squares) {
            return Err(InvalidStatistics::Inconsistent { n, sum, sum_squares });
        }
        Ok(Self { n, sum, sum_squares })
    }

    /// Units of the arm.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Units of the arm as a real number, exact.
    pub fn units(&self) -> f64 {
        count_as_f64(self.n)
    }

    /// Sum of the units' values.
    pub fn sum(&self) -> f64 {
        self.sum
    }

    /// Sum of the squares of the units' values.
    pub fn sum_squares(&self) -> f64 {
        self.sum_squares
    }

    /// Sample mean, in the metric's unit; `None` for an empty arm.
    ///
    /// # Formula
    /// `m = sum / n`. Confirmed by exact rational arithmetic (vectors `moments`).
    pub fn mean(&self) -> Option<f64> {
        (self.n > 0).then(|| self.sum / self.units())
    }

    /// Unbiased sample variance, in the square of the metric's unit; `None` below two units.
    ///
    /// # Formula
    /// `s^2 = max(0, (sum_squares - sum^2/n) / (n - 1))`, the difference in compensated arithmetic: the value that the
    /// given doubles have, to 1e-12 relative (contract, statistics section 2).
    ///
    /// # Source
    /// Chan, Golub & LeVeque (1983), *Algorithms for computing the sample variance*, The American Statistician 37, for
    /// why the textbook difference fails in plain arithmetic. Confirmed by exact rational arithmetic (vectors
    /// `moments`).
    pub fn variance(&self) -> Option<f64> {
        (self.n >= 2).then(|| self.centred_sum_of_squares() / (self.units() - 1.0))
    }

    /// Sum of squared deviations from the mean, `M2`, in the square of the metric's unit; zero for an empty arm.
    pub(crate) fn centred_sum_of_squares(&self) -> f64 {
        centred_sum_of_squares(self.units(), self.sum, self.sum_squares)
    }

    /// Whether the given doubles no longer carry the spread: the variance is exact for them, but the rounding that made
    /// *them* may be of its size. The cure is to keep centred moments at ingest ([`RunningMoments`]).
    ///
    /// # Formula
    /// `kappa = sum_squares / (s^2 (n - 1)) > 1e9` (contract, statistics section 2). Where the deviations are exactly
    /// zero, kappa has no value; then sums that are whole numbers below 2^53 (say, every unit converted) are taken to
    /// be exact and raise no warning.
    ///
    /// # Source
    /// Condition number of the sample variance, Chan, Golub & LeVeque (1983).
    ///
    /// [`RunningMoments`]: crate::RunningMoments
    pub fn precision_warning(&self) -> bool {
        const LARGEST_KAPPA: f64 = 1e9;
        const FIRST_INEXACT_INTEGER: f64 = 9_007_199_254_740_992.0;
        let deviations = self.centred_sum_of_squares();
        if deviations == 0.0 {
            let exact = |x: f64| x.fract() == 0.0 && x.abs() < FIRST_INEXACT_INTEGER;
            return !(exact(self.sum) && exact(self.sum_squares));
        }
        self.n >= 2 && self.sum_squares / LARGEST_KAPPA > deviations
    }
}

/// A count as a real number: exact up to [`MAX_UNITS`], to the nearest double beyond.
#[expect(
    clippy::cast_precision_loss,
    reason = "exact for every count an arm accepts; a sum of counts may round"
)]
pub(crate) fn count_as_f64(count: u64) -> f64 {
    count as f64
}
