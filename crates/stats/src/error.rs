//! Why a number cannot be accepted or cannot be given.

use serde::Serialize;
use thiserror::Error;

/// Input that no computation may start from (contract, statistics section 1: `invalid_statistics`).
#[derive(Clone, Debug, Error, PartialEq)]
pub enum InvalidStatistics {
    /// A sum or a sum of squares is NaN or infinite.
    #[error("invalid_statistics: {field} must be a finite number, got {value}")]
    NotFinite {
        /// Name of the field as it stands in the payload.
        field: &'static str,
        /// What was given.
        value: f64,
    },
    /// The sum of squares is below zero.
    #[error("invalid_statistics: sum_squares must not be negative, got {0}")]
    NegativeSumSquares(f64),
    /// More units than an `f64` counts exactly ([`MAX_UNITS`](crate::MAX_UNITS)).
    #[error("invalid_statistics: n must be at most 2^53, got {0}")]
    TooManyUnits(u64),
    /// No set of `n` real numbers has this sum and this sum of squares.
    #[error(
        "invalid_statistics: no {n} numbers have sum {sum} and sum of squares {sum_squares}; check how the sums were made"
    )]
    Inconsistent {
        /// Units.
        n: u64,
        /// Sum over the units.
        sum: f64,
        /// Sum of squares over the units.
        sum_squares: f64,
    },
    /// An expected share is neither 0 nor between 1e-100 and 1e100.
    #[error("invalid_statistics: expected share of variant {variant:?} is {share}")]
    Share {
        /// Key of the variant.
        variant: String,
        /// What was given.
        share: f64,
    },
    /// One variant has two expected shares.
    #[error("invalid_statistics: variant {0:?} has two expected shares")]
    DuplicateVariant(String),
    /// The percentage allocations of the treatments exceed 100.
    #[error("invalid_statistics: percentage allocations sum to {0}, more than 100")]
    OverAllocated(f64),
    /// A parameter outside the range in which the method is defined.
    #[error("invalid_statistics: {name} must be {range}, got {value}")]
    OutOfRange {
        /// Name of the parameter.
        name: &'static str,
        /// Where it must lie, in words.
        range: &'static str,
        /// What was given.
        value: f64,
    },
    /// Two lists that belong together have different lengths.
    #[error("invalid_statistics: {names} must have the same length, got {lengths:?}")]
    Lengths {
        /// Names of the lists.
        names: &'static str,
        /// Their lengths.
        lengths: [usize; 2],
    },
    /// A significance level outside 1e-100 to 1 (exclusive).
    #[error("invalid_statistics: significance level must be in [1e-100, 1), got {0}")]
    SignificanceLevel(f64),
}

/// A parameter that must lie strictly above zero and be finite.
pub(crate) fn positive(name: &'static str, value: f64) -> Result<f64, InvalidStatistics> {
    in_range(name, "a finite number above 0", value, value > 0.0)
}

/// Numbers beyond this, or positive ones below its inverse, are not taken: squares and quotients of what is left cannot
/// overflow.
const LARGEST_MAGNITUDE: f64 = 1e100;

/// A parameter of either sign whose square must not overflow.
pub(crate) fn moderate(name: &'static str, value: f64) -> Result<f64, InvalidStatistics> {
    in_range(
        name,
        "between -1e100 and 1e100",
        value,
        value.abs() <= LARGEST_MAGNITUDE,
    )
}

/// A parameter above zero whose square and inverse must not overflow.
pub(crate) fn moderate_positive(name: &'static str, value: f64) -> Result<f64, InvalidStatistics> {
    in_range(
        name,
        "between 1e-100 and 1e100",
        value,
        (1.0 / LARGEST_MAGNITUDE..=LARGEST_MAGNITUDE).contains(&value),
    )
}

/// A parameter that must satisfy a condition and be finite.
pub(crate) fn in_range(
    name: &'static str,
    range: &'static str,
    value: f64,
    holds: bool,
) -> Result<f64, InvalidStatistics> {
    if holds && value.is_finite() {
        Ok(value)
    } else {
        Err(InvalidStatistics::OutOfRange { name, range, value })
    }
}

/// Why valid statistics carry no estimate of the kind asked for. The variants stand in the order in which they are
/// checked (contract, statistics section 3); the `status` of an estimate that exists is `ok`.
#[derive(Clone, Copy, Debug, Eq, Error, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unestimable {
    /// An arm has fewer than two units, hence no variance.
    #[error("insufficient_data: an arm has fewer than two units")]
    InsufficientData,
    /// The denominator of a ratio metric is zero.
    #[error("zero_denominator: the denominator of the ratio is zero")]
    ZeroDenominator,
    /// The variance of the absolute effect is zero.
    #[error("zero_variance: no unit differs from another in its arm")]
    ZeroVariance,
    /// The control value is zero, or so near to zero that the relative effect has no useful magnitude.
    #[error("zero_baseline: the control value is zero")]
    ZeroBaseline,
    /// The delta-method variance of the relative effect is zero although control varies.
    #[error("degenerate_relative: the relative effect has no delta-method variance")]
    DegenerateRelative,
    /// The control value cannot be told from zero, so no bounded set of relative effects fits the data.
    #[error("unbounded_relative: the control value cannot be told from zero; read the absolute effect")]
    UnboundedRelative,
    /// A stratum has an arm with fewer than two units.
    #[error("sparse_stratum: an arm of a stratum has fewer than two units; merge the stratum into another")]
    SparseStratum,
    /// A number on the way exceeds what a double holds.
    #[error("overflow: a number on the way exceeds what a double holds; use another unit for the metric")]
    Overflow,
}
