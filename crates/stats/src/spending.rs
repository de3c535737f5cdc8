//! How a level is spent over the looks of a group sequential test.

use crate::normal;
use crate::significance::SignificanceLevel;

/// Type of spending function (contract, statistics section 7).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Spending {
    /// O'Brien-Fleming type: almost nothing early, almost everything at the end. The default.
    OBrienFleming,
    /// Pocock type: nearly equal bounds.
    Pocock,
    /// `alpha t^2`.
    Power2,
}

impl Spending {
    /// The level spent by information fraction `t`, 0 to 1.
    ///
    /// # Formula
    /// O'Brien-Fleming `4 - 4 Phi(z_{1-a/4} / sqrt t)` as a tail, Pocock `a ln(1 + (e - 1) t)`, power `a t^2`.
    ///
    /// # Source
    /// Lan & DeMets (1983), *Discrete sequential boundaries for clinical trials*, Biometrika 70. The power family is
    /// confirmed by spotify-confidence (vectors `group_sequential`).
    pub fn spent(self, alpha: SignificanceLevel, t: f64) -> f64 {
        let level = alpha.get();
        if t <= 0.0 {
            return 0.0;
        }
        if t >= 1.0 {
            return level;
        }
        match self {
            Self::OBrienFleming => {
                // z_{1 - a/4} is the two-sided quantile of a/2.
                let z = SignificanceLevel::new(0.5 * level).map_or(f64::INFINITY, normal::two_sided_quantile);
                4.0 * normal::cdf(-z / t.sqrt())
            }
            Self::Pocock => level * ((std::f64::consts::E - 1.0) * t).ln_1p(),
            Self::Power2 => level * t * t,
        }
    }
}
