//! Capping extreme unit totals (contract, statistics section 8).

use crate::error::{InvalidStatistics, in_range};
use crate::moments::RunningMoments;

/// Where to cap, as shares of the pooled sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WinsoriseSettings {
    /// Share of values below the lower threshold; `None` or 0 for no lower threshold.
    pub lower_percentile: Option<f64>,
    /// Share of values below the upper threshold; `None` or 1 for no upper threshold.
    pub upper_percentile: Option<f64>,
    /// Whether zeros count neither towards the thresholds nor are moved by them.
    pub ignore_zeros: bool,
}

/// Thresholds, fixed once the experiment completes. `None` caps nothing on that side.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Thresholds {
    /// Values below become this.
    pub lower: Option<f64>,
    /// Values above become this.
    pub upper: Option<f64>,
    /// Whether zeros are left alone.
    pub ignore_zeros: bool,
}

impl Thresholds {
    /// Takes the thresholds from the values of all variants together, one per unit, in any order.
    ///
    /// # Formula
    /// The quantile of type 7: with `h = (n - 1) q` on the sorted values, linear between `y_floor(h)` and the next.
    ///
    /// # Errors
    /// [`InvalidStatistics::OutOfRange`] for a percentile outside 0 to 1 or a value that is not finite.
    ///
    /// # Source
    /// Hyndman & Fan (1996), *Sample quantiles in statistical packages*, Am. Statist. 50. Confirmed by numpy (vectors
    /// `winsorise`).
    pub fn of_pooled(values: &[f64], settings: &WinsoriseSettings) -> Result<Self, InvalidStatistics> {
        let share = |percentile: Option<f64>| match percentile {
            Some(share) => in_range(
                "percentile",
                "between 0 and 1",
                share,
                (0.0..=1.0).contains(&share),
            )
            .map(Some),
            None => Ok(None),
        };
        let lower = share(settings.lower_percentile)?.filter(|share| *share > 0.0);
        let upper = share(settings.upper_percentile)?.filter(|share| *share < 1.0);
        let mut sorted = Vec::with_capacity(values.len());
        for value in values {
            in_range("value", "a finite number", *value, true)?;
            if !(settings.ignore_zeros && *value == 0.0) {
                sorted.push(*value);
            }
        }
        sorted.sort_by(f64::total_cmp);
        Ok(Self {
            lower: lower.and_then(|share| linear_quantile(&sorted, share)),
            upper: upper.and_then(|share| linear_quantile(&sorted, share)),
            ignore_zeros: settings.ignore_zeros,
        })
    }

    /// The value after capping.
    pub fn cap(&self, value: f64) -> f64 {
        if self.ignore_zeros && value == 0.0 {
            return value;
        }
        let raised = self.lower.map_or(value, |lower| value.max(lower));
        self.upper.map_or(raised, |upper| raised.min(upper))
    }

    /// Caps the values of one arm and adds them up. The sums are infinite where a double does not hold them.
    pub fn apply(&self, values: &[f64]) -> CappedValues {
        let mut capped = CappedValues {
            moments: RunningMoments::new(),
            n_capped: 0,
            sum: 0.0,
            sum_squares: 0.0,
        };
        for value in values {
            let kept = self.cap(*value);
            capped.n_capped += u64::from((kept - *value).abs() > 0.0);
            capped.moments.push(kept);
            capped.sum += kept;
            capped.sum_squares += kept * kept;
        }
        capped
    }
}

/// Sums over capped values; squares are taken after capping.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CappedValues {
    /// Count, mean and spread.
    pub moments: RunningMoments,
    /// Values that were moved.
    pub n_capped: u64,
    /// Sum.
    pub sum: f64,
    /// Sum of squares.
    pub sum_squares: f64,
}

/// Type 7 quantile of sorted values; `None` if there are none.
fn linear_quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let position = crate::arm::count_as_f64(last as u64) * share;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a position within the slice"
    )]
    let below = (position.floor() as usize).min(last);
    let fraction = position - position.floor();
    let (low, high) = (sorted[below], sorted[(below + 1).min(last)]);
    let difference = high - low;
    Some(if fraction < 0.5 {
        low + difference * fraction
    } else {
        high - difference * (1.0 - fraction)
    })
}
