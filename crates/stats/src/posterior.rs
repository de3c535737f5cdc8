//! A normal belief about an effect, and what follows from it.

use crate::normal;

/// Which way of a metric is good, its `direction`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Direction {
    /// Higher is better.
    Up,
    /// Lower is better.
    Down,
    /// Neither; read as higher is better wherever a side must be taken.
    Informational,
}

/// Two ends of an interval, `low <= high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Normal posterior of an effect `delta`, absolute or relative (contract, statistics section 14).
///
/// None of its numbers is a stopping rule: read at every look they err far more often than once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormalPosterior {
    /// `mu`: posterior mean.
    pub mean: f64,
    /// `s`: posterior standard deviation, positive.
    pub standard_deviation: f64,
}

impl NormalPosterior {
    /// The interval `mu -+ multiplier s`; 1.959963984540054 for 95 %.
    pub fn interval(&self, multiplier: f64) -> Interval {
        let half_width = multiplier * self.standard_deviation;
        Interval {
            low: self.mean - half_width,
            high: self.mean + half_width,
        }
    }

    /// Probability that the treatment is better than control, 0 to 1.
    ///
    /// # Formula
    /// `Phi(mu/s)`; `Phi(-mu/s)` where lower is better.
    ///
    /// # Source
    /// Contract, statistics section 14. Confirmed by gbstats (vectors `relative_delta`, `bayesian`).
    pub fn chance_to_win(&self, direction: Direction) -> f64 {
        normal::cdf(self.gain(direction) / self.standard_deviation)
    }

    /// Expected loss from shipping the treatment, in the effect's unit, not negative.
    ///
    /// # Formula
    /// `E[max(0, -delta)] = s phi(z) - mu Phi(-z)`, `z = mu/s`; `delta` changes sign where lower is better.
    ///
    /// # Source
    /// Stucchio (2015), *Bayesian A/B testing at VWO*; closed form as [`normal::unit_loss`]. Confirmed by gbstats
    /// (vectors `bayesian`) and mpmath at 50 digits.
    pub fn risk_ship(&self, direction: Direction) -> f64 {
        expected_loss(self.gain(direction), self.standard_deviation)
    }

    /// Expected loss from keeping control, `E[max(0, delta)]`; otherwise as [`NormalPosterior::risk_ship`].
    pub fn risk_keep(&self, direction: Direction) -> f64 {
        expected_loss(-self.gain(direction), self.standard_deviation)
    }

    /// The mean, positive where the treatment is better.
    fn gain(&self, direction: Direction) -> f64 {
        match direction {
            Direction::Up | Direction::Informational => self.mean,
            Direction::Down => -self.mean,
        }
    }
}

/// `s * unit_loss(mean / s)`; far on the losing side it is the loss itself, whatever `s` underflows to.
fn expected_loss(mean: f64, standard_deviation: f64) -> f64 {
    const CERTAIN: f64 = -40.0;
    let z = mean / standard_deviation;
    if z < CERTAIN {
        -mean
    } else {
        standard_deviation * normal::unit_loss(z)
    }
}
