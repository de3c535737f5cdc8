//! The rules that read a simulated experiment.

use crate::confidence_sequence::SequentialTuning;
use crate::effect::EffectMoments;
use crate::fieller::fieller_interval;
use crate::fixed_horizon::{flat_relative, welch_test};
use crate::posterior::{Direction, NormalPosterior};
use crate::prior::{NormalPrior, Prior, posterior_relative};
use crate::significance::SignificanceLevel;
use crate::{normal, student};

/// A way to decide at a look that there is an effect.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Rule {
    /// Welch's t test; the relative interval is Fieller's.
    Welch,
    /// The same decisions, with the delta-method interval.
    WelchDelta,
    /// Flagsmith's: chance to win above 95 % or below 5 % under a flat prior.
    BayesFlat,
    /// The same rule under a prior of standard deviation 0.3.
    BayesPrior30,
    /// The same rule under a prior of standard deviation 0.1.
    BayesPrior10,
    /// The asymptotic confidence sequence on the delta-method lift, tuned for 5000 units: the defaults of gbstats, by its
    /// published formula.
    DeltaSequence5000,
    /// The same, tuned for the planned units.
    DeltaSequence,
    /// Liftgate's monitoring: the confidence sequence on the absolute effect, the relative interval Fieller's.
    ConfidenceSequence,
    /// Liftgate's ship decision: the group sequential test.
    GroupSequential,
}

impl Rule {
    /// All rules, in the order of reports.
    pub const ALL: [Self; 9] = [
        Self::Welch,
        Self::WelchDelta,
        Self::BayesFlat,
        Self::BayesPrior30,
        Self::BayesPrior10,
        Self::DeltaSequence5000,
        Self::DeltaSequence,
        Self::ConfidenceSequence,
        Self::GroupSequential,
    ];

    /// A name for tables.
    pub fn label(self) -> &'static str {
        match self {
            Self::Welch => "fixed-horizon Welch, Fieller interval",
            Self::WelchDelta => "fixed-horizon Welch, delta interval",
            Self::BayesFlat => "Bayesian, flat prior, >95 %/<5 % (Flagsmith's rule)",
            Self::BayesPrior30 => "Bayesian, prior sd 0.3, same rule",
            Self::BayesPrior10 => "Bayesian, prior sd 0.1, same rule",
            Self::DeltaSequence5000 => "confidence sequence, delta lift, N* = 5000",
            Self::DeltaSequence => "confidence sequence, delta lift, N* planned",
            Self::ConfidenceSequence => "confidence sequence, Fieller, N* planned (Liftgate)",
            Self::GroupSequential => "group sequential (Liftgate's ship decision)",
        }
    }

    /// Position in [`Rule::ALL`].
    pub(super) fn index(self) -> usize {
        self as usize
    }
}

/// What one rule says at one look.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reading {
    /// Whether there is an effect.
    pub(super) rejects: bool,
    /// Whether the interval of the lift holds the truth; without an interval nothing is excluded.
    pub(super) covers: bool,
}

/// What the rules need to know beside the data.
pub(super) struct Reader {
    pub(super) alpha: SignificanceLevel,
    /// Standard errors of a normal interval of the level.
    pub(super) z: f64,
    pub(super) planned: SequentialTuning,
    pub(super) tuned_5000: SequentialTuning,
    pub(super) true_lift: f64,
}

impl Reader {
    /// All rules at a look whose group sequential bound is `bound`; in the order of [`Rule::ALL`].
    pub(super) fn read(&self, effect: &EffectMoments, bound: Option<f64>) -> [Reading; Rule::ALL.len()] {
        let Ok(test) = welch_test(effect, self.alpha) else {
            return [Reading {
                rejects: false,
                covers: true,
            }; Rule::ALL.len()];
        };
        let z = effect.estimate / test.standard_error;
        let units = crate::arm::count_as_f64(effect.units);
        let delta = flat_relative(effect).ok();
        let welch = test.p_value < self.alpha.get();
        let t = student::two_sided_quantile(self.alpha, effect.degrees_of_freedom);
        let multiplier = self.planned.multiplier(units);
        let prior = |standard_deviation: f64| {
            let prior = NormalPrior::new(0.0, standard_deviation).ok()?;
            posterior_relative(effect, Prior::Normal(prior)).ok()
        };
        Rule::ALL.map(|rule| match rule {
            Rule::Welch => Reading {
                rejects: welch,
                covers: self.fieller_covers(effect, t),
            },
            Rule::WelchDelta => Reading {
                rejects: welch,
                covers: self.normal_covers(delta.as_ref(), self.z),
            },
            Rule::BayesFlat => self.bayes(delta.as_ref()),
            Rule::BayesPrior30 => self.bayes(prior(0.3).as_ref()),
            Rule::BayesPrior10 => self.bayes(prior(0.1).as_ref()),
            Rule::DeltaSequence5000 => self.delta_sequence(delta.as_ref(), self.tuned_5000.multiplier(units)),
            Rule::DeltaSequence => self.delta_sequence(delta.as_ref(), multiplier),
            Rule::ConfidenceSequence => Reading {
                rejects: z.abs() > multiplier,
                covers: self.fieller_covers(effect, multiplier),
            },
            Rule::GroupSequential => Reading {
                rejects: bound.is_some_and(|bound| z.abs() > bound),
                covers: bound.is_none_or(|bound| self.fieller_covers(effect, bound)),
            },
        })
    }

    fn fieller_covers(&self, effect: &EffectMoments, multiplier: f64) -> bool {
        fieller_interval(effect, multiplier)
            .ok()
            .and_then(|relative| relative.interval)
            .is_none_or(|interval| (interval.low..=interval.high).contains(&self.true_lift))
    }

    fn normal_covers(&self, posterior: Option<&NormalPosterior>, multiplier: f64) -> bool {
        posterior.is_none_or(|posterior| {
            (posterior.mean - self.true_lift).abs() <= multiplier * posterior.standard_deviation
        })
    }

    fn delta_sequence(&self, posterior: Option<&NormalPosterior>, multiplier: f64) -> Reading {
        Reading {
            rejects: posterior
                .is_some_and(|posterior| posterior.mean.abs() > multiplier * posterior.standard_deviation),
            covers: self.normal_covers(posterior, multiplier),
        }
    }

    fn bayes(&self, posterior: Option<&NormalPosterior>) -> Reading {
        /// The rule of the documentation that it is taken from, whatever the level.
        const SURE: f64 = 0.95;
        Reading {
            rejects: posterior.is_some_and(|posterior| {
                let chance = posterior.chance_to_win(Direction::Up);
                chance > SURE || normal::cdf(posterior.mean / posterior.standard_deviation) < 1.0 - SURE
            }),
            covers: self.normal_covers(posterior, self.z),
        }
    }
}
