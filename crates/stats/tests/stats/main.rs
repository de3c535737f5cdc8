//! The statistics against independent implementations, against a published experiment, and against themselves.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests fail by panicking and say what they skip"
)]
#![expect(
    clippy::float_cmp,
    reason = "where two numbers must be the same, they must be the same to the last bit"
)]

mod continuity;
mod conversions;
mod cookie_cats;
mod dimensions;
mod distributions;
mod effects;
mod hostile;
mod inference;
mod methods;
mod moments;
mod payload;
mod properties;
mod ratios_and_quantiles;
mod results;
mod sample_ratio;
mod series;
mod simulated;
mod support;
