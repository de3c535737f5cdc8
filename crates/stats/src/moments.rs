//! Moments that are built up value by value and merged part by part.

use crate::arm::{Arm, count_as_f64};
use crate::error::InvalidStatistics;

/// Count, mean and sum of squared deviations of a growing set of values.
///
/// This is the form to keep while data arrive in parts: unlike raw sums of squares it does not lose the spread when
/// the mean is large. Turn it into an [`Arm`] for the payload with [`RunningMoments::arm`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RunningMoments {
    n: u64,
    mean: f64,
    /// Sum of squared deviations from the mean.
    m2: f64,
}

impl RunningMoments {
    /// Moments of no values.
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of values.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Mean of the values; `None` before the first.
    pub fn mean(&self) -> Option<f64> {
        (self.n > 0).then_some(self.mean)
    }

    /// Unbiased sample variance; `None` below two values.
    pub fn variance(&self) -> Option<f64> {
        (self.n >= 2).then(|| self.m2 / count_as_f64(self.n - 1))
    }

    /// Adds one value.
    ///
    /// # Formula
    /// With `d = x - mean`: `mean += d/n`, `M2 += d (x - mean_new)`.
    ///
    /// # Source
    /// Welford (1962), *Note on a method for calculating corrected sums of squares and products*, Technometrics 4.
    /// Confirmed against integer sums of a published data set and against [`Arm::variance`].
    pub fn push(&mut self, value: f64) {
        self.n = self.n.saturating_add(1);
        let deviation = value - self.mean;
        self.mean += deviation / count_as_f64(self.n);
        self.m2 += deviation * (value - self.mean);
    }

    /// Adds the values of another part, in any order of parts.
    ///
    /// # Formula
    /// With `d = mean_b - mean_a`, `n = n_a + n_b`: `mean = mean_a + d n_b/n`, `M2 = M2_a + M2_b + d^2 n_a n_b/n`.
    ///
    /// # Source
    /// Chan, Golub & LeVeque (1983), *Algorithms for computing the sample variance*, The American Statistician 37,
    /// eq. 2.1. Confirmed against [`RunningMoments::push`] over the joined values.
    pub fn merge(&mut self, other: &Self) {
        if other.n == 0 {
            return;
        }
        if self.n == 0 {
            *self = *other;
            return;
        }
        let n = self.n.saturating_add(other.n);
        let weight = count_as_f64(other.n) / count_as_f64(n);
        let difference = other.mean - self.mean;
        self.mean += difference * weight;
        self.m2 += other.m2 + difference * difference * count_as_f64(self.n) * weight;
        self.n = n;
    }

    /// The sufficient statistics of the payload: `sum = n mean`, `sum_squares = M2 + n mean^2`.
    ///
    /// # Errors
    /// As [`Arm::new`], if a value was not finite or the squares overflow.
    pub fn arm(&self) -> Result<Arm, InvalidStatistics> {
        let sum = self.mean * count_as_f64(self.n);
        Arm::new(self.n, sum, self.mean.mul_add(sum, self.m2))
    }
}

impl From<Arm> for RunningMoments {
    /// The moments that the arm's doubles have, compensated.
    fn from(arm: Arm) -> Self {
        Self {
            n: arm.n(),
            mean: arm.mean().unwrap_or(0.0),
            m2: arm.centred_sum_of_squares(),
        }
    }
}
