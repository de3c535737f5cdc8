//! Sums that hardly round, and those of a variant.

use crate::metric::{SecondStatistics, VariantStatistics};

/// A sum whose rounding errors are collected beside it.
///
/// # Source
/// The sum of Kahan and Babuska in the form of Neumaier (1974), "Rundungsfehleranalyse einiger Verfahren zur Summation
/// endlicher Summen", the error of each addition by Knuth's two-sum, which needs no comparison. Exact for integers whose
/// partial sums stay below 2^53, and in practice independent of the order otherwise.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CompensatedSum {
    sum: f64,
    compensation: f64,
}

impl CompensatedSum {
    pub(crate) fn add(&mut self, value: f64) {
        let total = self.sum + value;
        let added = total - self.sum;
        self.compensation += (self.sum - (total - added)) + (value - added);
        self.sum = total;
    }

    pub(crate) fn value(self) -> f64 {
        // When the sum has overflowed the compensation means nothing.
        if self.compensation.is_finite() {
            self.sum + self.compensation
        } else {
            self.sum
        }
    }
}

/// The running sums of one metric and variant.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct VariantSums {
    n: u64,
    first: NumberSums,
    second: NumberSums,
    cross: CompensatedSum,
}

/// The running sums of one number.
#[derive(Clone, Copy, Debug, Default)]
struct NumberSums {
    sum: CompensatedSum,
    sum_squares: CompensatedSum,
    n_capped: u64,
}

/// A number of an identity, and whether a cap has moved it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Capped {
    pub number: f64,
    pub was_moved: bool,
}

impl VariantSums {
    /// Adds an identity.
    pub(crate) fn add(&mut self, first: Capped, second: Capped) {
        self.n += 1;
        self.first.add(first);
        self.second.add(second);
        if first.number != 0.0 && second.number != 0.0 {
            self.cross.add(first.number * second.number);
        }
    }

    pub(crate) fn finish(self, has_second: bool) -> VariantStatistics {
        VariantStatistics {
            n: self.n,
            sum: self.first.sum.value(),
            sum_squares: self.first.sum_squares.value(),
            n_capped: self.first.n_capped,
            second: has_second.then(|| SecondStatistics {
                sum: self.second.sum.value(),
                sum_squares: self.second.sum_squares.value(),
                cross: self.cross.value(),
                n_capped: self.second.n_capped,
            }),
            quantile: None,
        }
    }
}

impl NumberSums {
    fn add(&mut self, capped: Capped) {
        if capped.number != 0.0 {
            self.sum.add(capped.number);
            self.sum_squares.add(capped.number * capped.number);
        }
        self.n_capped += u64::from(capped.was_moved);
    }
}
