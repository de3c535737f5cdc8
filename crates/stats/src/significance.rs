//! The significance level of a test.

use crate::error::InvalidStatistics;

/// Two-sided significance level `alpha`: the accepted probability of a false alarm; `1 - alpha` is the confidence.
/// Between 1e-100 and 1 (exclusive).
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct SignificanceLevel(f64);

impl SignificanceLevel {
    /// 5 %, the level of every default.
    pub const FIVE_PERCENT: Self = Self(0.05);

    /// Checks a level.
    ///
    /// # Errors
    /// [`InvalidStatistics::SignificanceLevel`] outside the range, NaN included.
    pub fn new(alpha: f64) -> Result<Self, InvalidStatistics> {
        const SMALLEST: f64 = 1e-100;
        if (SMALLEST..1.0).contains(&alpha) {
            Ok(Self(alpha))
        } else {
            Err(InvalidStatistics::SignificanceLevel(alpha))
        }
    }

    /// The level as a probability.
    pub fn get(self) -> f64 {
        self.0
    }
}
