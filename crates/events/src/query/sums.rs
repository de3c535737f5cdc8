//! Sums that hardly round, and those of a variant.

use crate::metric::{RatioBefore, SecondStatistics, VariantStatistics};

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

    /// Adds the product of two numbers. One with 0 is 0, whatever the other.
    fn add_product(&mut self, first: Capped, second: Capped) {
        if first.number != 0.0 && second.number != 0.0 {
            self.add(first.number * second.number);
        }
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
#[derive(Clone, Debug, Default)]
pub(crate) struct VariantSums {
    n: u64,
    first: NumberSums,
    second: NumberSums,
    cross: CompensatedSum,
    /// Apart, because few metrics have them and a hostile client can make many variants.
    before: Option<Box<BeforeSums>>,
}

/// The running sums of numerators and denominators before the exposure.
#[derive(Clone, Copy, Debug, Default)]
struct BeforeSums {
    numbers: [NumberSums; 2],
    cross: CompensatedSum,
    /// First and second number times those before.
    products: [[CompensatedSum; 2]; 2],
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
        self.cross.add_product(first, second);
    }

    /// Adds what the identity that was added last did before its exposure.
    pub(crate) fn add_before(&mut self, after: [Capped; 2], before: [Capped; 2]) {
        let sums = self.before.get_or_insert_default();
        for (sums, number) in sums.numbers.iter_mut().zip(before) {
            sums.add(number);
        }
        sums.cross.add_product(before[0], before[1]);
        for (products, after) in sums.products.iter_mut().zip(after) {
            for (product, before) in products.iter_mut().zip(before) {
                product.add_product(after, before);
            }
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
            before: self.before.map(|sums| sums.finish()),
            quantile: None,
        }
    }
}

impl BeforeSums {
    fn finish(self) -> RatioBefore {
        RatioBefore {
            sums: self.numbers.map(|sums| sums.sum.value()),
            sums_squares: self.numbers.map(|sums| sums.sum_squares.value()),
            cross: self.cross.value(),
            products: self.products.map(|products| products.map(CompensatedSum::value)),
            n_capped: self.numbers.map(|sums| sums.n_capped),
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
