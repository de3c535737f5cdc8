//! Quotients that remember what rounding took from them.

/// A quotient as the sum of two doubles, so that differences of nearly equal means keep their digits.
///
/// Source: Dekker (1971), *A floating-point technique for extending the available precision*, Numer. Math. 18.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quotient {
    high: f64,
    low: f64,
}

impl Quotient {
    /// `denominator` must not be zero.
    pub(crate) fn new(numerator: f64, denominator: f64) -> Self {
        let high = numerator / denominator;
        let low = (-high).mul_add(denominator, numerator) / denominator;
        Self {
            high,
            low: if low.is_finite() { low } else { 0.0 },
        }
    }

    /// A number that is exact as it stands.
    pub(crate) fn exact(value: f64) -> Self {
        Self {
            high: value,
            low: 0.0,
        }
    }

    /// The quotient, correctly rounded.
    pub(crate) fn value(self) -> f64 {
        self.high
    }

    /// `self - other`; the first difference is exact where the two are within a factor of two (Sterbenz).
    pub(crate) fn minus(self, other: Self) -> f64 {
        (self.high - other.high) + (self.low - other.low)
    }
}
