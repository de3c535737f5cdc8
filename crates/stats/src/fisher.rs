//! Fisher's exact test of two proportions.

use crate::arm::count_as_f64;
use crate::error::Unestimable;
use crate::proportions::{Proportion, check_pooled};

/// Units of both arms together from which the exact test is not computed: the score test agrees by then.
pub const FISHER_UNITS: u64 = 20_000;

/// Two-sided p-value of Fisher's exact test; `None` from [`FISHER_UNITS`] units on.
///
/// # Formula
/// Given all margins, conversions of control are hypergeometric; the p-value is the probability of all tables that are
/// not likelier than the one seen (to 1e-9 relative). Weights follow from one another by exact ratios, beginning at the
/// likeliest table, so nothing overflows.
///
/// # Errors
/// [`Unestimable::InsufficientData`] if an arm is empty; [`Unestimable::ZeroVariance`] if nobody or everybody converted.
///
/// # Source
/// Fisher (1935), J. R. Statist. Soc. 98. Confirmed by scipy `fisher_exact` (vectors `proportions`).
pub fn fisher_p_value(control: &Proportion, treatment: &Proportion) -> Result<Option<f64>, Unestimable> {
    const TIE: f64 = 1.0 + 1e-9;
    if control.units() == 0 || treatment.units() == 0 {
        return Err(Unestimable::InsufficientData);
    }
    check_pooled(control, treatment)?;
    let table = Margins::new(control, treatment);
    if control.units().saturating_add(treatment.units()) >= FISHER_UNITS {
        return Ok(None);
    }
    let weights = table.weights();
    let seen = weights[index(control.conversions() - table.least)] * TIE;
    let total: f64 = weights.iter().sum();
    let unlikely: f64 = weights.iter().filter(|weight| **weight <= seen).sum();
    Ok(Some((unlikely / total).min(1.0)))
}

/// What the margins leave open: the conversions of control, from `least` to `most`.
struct Margins {
    units: [u64; 2],
    conversions: u64,
    least: u64,
    most: u64,
}

impl Margins {
    fn new(control: &Proportion, treatment: &Proportion) -> Self {
        let conversions = control.conversions() + treatment.conversions();
        Self {
            units: [control.units(), treatment.units()],
            conversions,
            least: conversions.saturating_sub(treatment.units()),
            most: conversions.min(control.units()),
        }
    }

    /// Probabilities up to a common factor, of `least` to `most` conversions.
    fn weights(&self) -> Vec<f64> {
        let count = index(self.most - self.least) + 1;
        let units = count_as_f64(self.units[0]) + count_as_f64(self.units[1]);
        let share = (count_as_f64(self.units[0]) + 1.0) / (units + 2.0);
        let mode = (count_as_f64(self.conversions) + 1.0) * share;
        let start = (1..count)
            .take_while(|place| count_as_f64(self.least + *place as u64) <= mode)
            .last()
            .unwrap_or(0);
        let mut weights = vec![0.0; count];
        weights[start] = 1.0;
        for place in start + 1..count {
            weights[place] = weights[place - 1] * self.step(self.least + place as u64);
        }
        for place in (0..start).rev() {
            weights[place] = weights[place + 1] / self.step(self.least + place as u64 + 1);
        }
        weights
    }

    /// Probability of `x` conversions of control over that of `x - 1`.
    fn step(&self, x: u64) -> f64 {
        let others = self.conversions - x;
        count_as_f64(self.units[0] - x + 1) * count_as_f64(others + 1)
            / (count_as_f64(x) * count_as_f64(self.units[1] - others))
    }
}

/// A count below [`FISHER_UNITS`] as an index.
fn index(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
