//! Random arms, drawn as sums rather than unit by unit wherever the distribution of the sums is known.

use rand_distr::weighted::WeightedAliasIndex;
use rand_distr::{Binomial, ChiSquared, Distribution as _, LogNormal, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng as _;

use super::scenario::{Metric, Scenario};
use crate::arm::count_as_f64;
use crate::error::InvalidStatistics;

/// The generator of one trial.
pub(super) fn generator(seed: u64, trial: u64) -> Xoshiro256PlusPlus {
    // An odd constant keeps the seeds of trials apart; the seeding itself mixes the bits.
    const STRIDE: u64 = 0x9e37_79b9_7f4a_7c15;
    Xoshiro256PlusPlus::seed_from_u64(seed ^ trial.wrapping_add(1).wrapping_mul(STRIDE))
}

/// Sums over the units of an arm so far: numerator, denominator, their squares and products. Metrics that are means have
/// the unit itself as denominator; with a covariate, that stands in its place.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
    pub(super) units: u64,
    pub(super) numerator: f64,
    pub(super) numerator_squares: f64,
    pub(super) denominator: f64,
    pub(super) denominator_squares: f64,
    pub(super) cross: f64,
}

/// Draws the units of one arm.
pub(super) enum Source {
    Occurrence(f64),
    Revenue {
        spending_share: f64,
        amount: LogNormal<f64>,
        factor: f64,
        cap: f64,
    },
    Ratio {
        table: WeightedAliasIndex<f64>,
        outcomes: Vec<(u32, u32)>,
    },
    Normal {
        mean: f64,
        standard_deviation: f64,
        covariate_correlation: Option<f64>,
    },
}

impl Source {
    /// The source of a scenario's metric with a lift on it, all checked.
    pub(super) fn new(scenario: &Scenario, lift: f64) -> Result<Self, InvalidStatistics> {
        let factor = 1.0 + lift;
        Ok(match scenario.metric {
            Metric::Occurrence { rate } => Self::Occurrence(rate * factor),
            Metric::Revenue {
                spending_share,
                log_mean,
                log_standard_deviation,
            } => Self::Revenue {
                spending_share,
                amount: LogNormal::new(log_mean, log_standard_deviation)
                    .map_err(|_| refused("log standard deviation", log_standard_deviation))?,
                factor,
                cap: scenario.cap().unwrap_or(f64::INFINITY),
            },
            Metric::Ratio {
                more_sessions,
                rate,
                concentration,
            } => {
                let outcomes = clicks_and_sessions(more_sessions, rate * factor, concentration);
                let weights = outcomes.iter().map(|(_, weight)| *weight).collect();
                Self::Ratio {
                    table: WeightedAliasIndex::new(weights)
                        .map_err(|_| refused("concentration", concentration))?,
                    outcomes: outcomes.into_iter().map(|(outcome, _)| outcome).collect(),
                }
            }
            Metric::Normal {
                mean,
                standard_deviation,
            } => Self::Normal {
                mean: mean + lift * mean.abs(),
                standard_deviation,
                covariate_correlation: scenario.covariate_correlation,
            },
        })
    }

    /// Adds `units` more units to the sums.
    pub(super) fn extend(&self, sums: &mut Sums, units: u64, random: &mut Xoshiro256PlusPlus) {
        sums.units += units;
        match self {
            Self::Occurrence(rate) => {
                let conversions = count_as_f64(binomial(units, *rate, random));
                sums.numerator += conversions;
                sums.numerator_squares += conversions;
            }
            Self::Revenue {
                spending_share,
                amount,
                factor,
                cap,
            } => {
                for _ in 0..binomial(units, *spending_share, random) {
                    let value = (factor * amount.sample(random)).min(*cap);
                    sums.numerator += value;
                    sums.numerator_squares += value * value;
                }
            }
            Self::Ratio { table, outcomes } => {
                let mut counts = [0_u64; 5];
                for _ in 0..units {
                    let (clicks, sessions) = outcomes[table.sample(random)];
                    let (clicks, sessions) = (u64::from(clicks), u64::from(sessions));
                    let products = [
                        clicks,
                        clicks * clicks,
                        sessions,
                        sessions * sessions,
                        clicks * sessions,
                    ];
                    for (count, product) in counts.iter_mut().zip(products) {
                        *count += product;
                    }
                }
                let [clicks, clicks_squares, sessions, sessions_squares, cross] = counts.map(count_as_f64);
                sums.numerator += clicks;
                sums.numerator_squares += clicks_squares;
                sums.denominator += sessions;
                sums.denominator_squares += sessions_squares;
                sums.cross += cross;
            }
            Self::Normal {
                mean,
                standard_deviation,
                covariate_correlation,
            } => {
                let n = count_as_f64(units);
                let (mean, scale) = (*mean, *standard_deviation);
                let [total, squares] = match covariate_correlation {
                    None => normal_sums(units, random),
                    Some(correlation) => {
                        let pair = PairSums::draw(units, *correlation, random);
                        sums.denominator += pair.x;
                        sums.denominator_squares += pair.x_squares;
                        sums.cross += mean * pair.x + scale * pair.products;
                        [pair.y, pair.y_squares]
                    }
                };
                sums.numerator += n * mean + scale * total;
                sums.numerator_squares +=
                    n * mean * mean + 2.0 * mean * scale * total + scale * scale * squares;
            }
        }
    }
}

/// Sum and sum of squares of standard normal values, from their joint distribution.
fn normal_sums(units: u64, random: &mut Xoshiro256PlusPlus) -> [f64; 2] {
    let n = count_as_f64(units);
    let total = n.sqrt() * standard_normal(random);
    [total, chi_squared(n - 1.0, random) + total * total / n]
}

/// Sums over pairs of standard normal values.
pub(super) struct PairSums {
    pub(super) x: f64,
    pub(super) x_squares: f64,
    pub(super) y: f64,
    pub(super) y_squares: f64,
    pub(super) products: f64,
}

impl PairSums {
    /// Draws the sums of `units` pairs (at least two) of a correlation.
    ///
    /// Means are normal; the scatter matrix is Wishart, by Bartlett's decomposition (1933), Proc. R. Soc. Edinburgh 53.
    pub(super) fn draw(units: u64, correlation: f64, random: &mut Xoshiro256PlusPlus) -> Self {
        let n = count_as_f64(units);
        let rest = (1.0 - correlation * correlation).sqrt();
        let (first, second) = (standard_normal(random), standard_normal(random));
        let (x, y) = (n.sqrt() * first, n.sqrt() * (correlation * first + rest * second));
        let diagonal = chi_squared(n - 1.0, random).sqrt();
        let below = standard_normal(random);
        let other = chi_squared(n - 2.0, random).sqrt();
        let (y_along, y_across) = (correlation * diagonal + rest * below, rest * other);
        Self {
            x,
            x_squares: diagonal * diagonal + x * x / n,
            y,
            y_squares: y_along * y_along + y_across * y_across + y * y / n,
            products: diagonal * y_along + x * y / n,
        }
    }
}

/// A standard normal value.
pub(super) fn standard_normal(random: &mut Xoshiro256PlusPlus) -> f64 {
    StandardNormal.sample(random)
}

/// A chi-square value; 0 without degrees of freedom.
pub(super) fn chi_squared(degrees_of_freedom: f64, random: &mut Xoshiro256PlusPlus) -> f64 {
    ChiSquared::new(degrees_of_freedom).map_or(0.0, |distribution| distribution.sample(random))
}

/// How many of `units` succeed.
pub(super) fn binomial(units: u64, share: f64, random: &mut Xoshiro256PlusPlus) -> u64 {
    Binomial::new(units, share).map_or(0, |distribution| distribution.sample(random))
}

/// All pairs of clicks and sessions of a unit with their probabilities, up to a share of 1e-15 that is left out.
///
/// Sessions less one are Poisson; given `s` sessions, clicks are beta-binomial:
/// `P(c) = C(s, c) B(c + a, s - c + b) / B(a, b)`.
fn clicks_and_sessions(more_sessions: f64, rate: f64, concentration: f64) -> Vec<((u32, u32), f64)> {
    const LEFT_OUT: f64 = 1e-15;
    const MOST_SESSIONS: u32 = 1000;
    let (a, b) = (rate * concentration, (1.0 - rate) * concentration);
    let log_beta = |a: f64, b: f64| libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
    let mut pairs = Vec::new();
    let mut left = 1.0;
    for sessions in 1..=MOST_SESSIONS {
        let more = f64::from(sessions - 1);
        let probability = (more * more_sessions.ln() - more_sessions - libm::lgamma(more + 1.0)).exp();
        let s = f64::from(sessions);
        for clicks in 0..=sessions {
            let c = f64::from(clicks);
            let ways = -(s + 1.0).ln() - log_beta(c + 1.0, s - c + 1.0);
            let share = (ways + log_beta(c + a, s - c + b) - log_beta(a, b)).exp();
            pairs.push(((clicks, sessions), probability * share));
        }
        left -= probability;
        if left < LEFT_OUT && more > more_sessions {
            break;
        }
    }
    pairs
}

fn refused(name: &'static str, value: f64) -> InvalidStatistics {
    InvalidStatistics::OutOfRange {
        name,
        range: "one that can be drawn from",
        value,
    }
}
