//! What simulations found.

use super::rule::{Reading, Rule};
use crate::arm::count_as_f64;

/// How often something happened.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rate {
    /// How often.
    pub hits: u64,
    /// Of how many times.
    pub trials: u64,
}

impl Rate {
    /// Hits over trials, 0 to 1; 0 without trials.
    pub fn share(&self) -> f64 {
        if self.trials == 0 {
            0.0
        } else {
            count_as_f64(self.hits) / count_as_f64(self.trials)
        }
    }

    /// Monte-Carlo standard error of the share; never 0, by a hit and a miss more (Laplace's rule).
    pub fn standard_error(&self) -> f64 {
        let trials = count_as_f64(self.trials) + 2.0;
        let share = (count_as_f64(self.hits) + 1.0) / trials;
        (share * (1.0 - share) / trials).sqrt()
    }

    pub(super) fn add(&mut self, hit: bool) {
        self.trials += 1;
        self.hits += u64::from(hit);
    }
}

/// One rule over all simulated experiments.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RuleReport {
    /// Experiments in which the rule saw an effect at some look: the error under no effect, the power under one.
    pub any_look: Rate,
    /// Experiments in which it did at the last look.
    pub final_look: Rate,
    /// Experiments whose interval of the lift held the truth at every look.
    pub coverage_all_looks: Rate,
    /// Experiments whose last interval of the lift held the truth.
    pub coverage_final_look: Rate,
    /// Sum of the shares of the sample used when stopping at the first effect seen.
    sample_fractions: f64,
}

impl RuleReport {
    /// Mean share of the sample that is used by who stops at the first effect seen.
    pub fn mean_sample_fraction(&self) -> f64 {
        if self.any_look.trials == 0 {
            1.0
        } else {
            self.sample_fractions / count_as_f64(self.any_look.trials)
        }
    }

    /// Adds one experiment, read look by look.
    fn add(&mut self, readings: impl Fn(usize) -> Reading, looks: usize) {
        let first = (0..looks).find(|look| readings(*look).rejects);
        let last = looks.checked_sub(1).map(&readings).unwrap_or_default();
        self.any_look.add(first.is_some());
        self.final_look.add(last.rejects);
        self.coverage_all_looks
            .add((0..looks).all(|look| readings(look).covers));
        self.coverage_final_look.add(last.covers);
        let used = first.map_or(looks, |look| look + 1);
        self.sample_fractions += count_as_f64(used as u64) / count_as_f64(looks as u64);
    }
}

/// All rules over the same simulated experiments.
#[derive(Clone, Debug, PartialEq)]
pub struct SimulationReport {
    pub(super) rules: [RuleReport; Rule::ALL.len()],
}

impl SimulationReport {
    /// Adds one experiment: what each rule said at each look.
    pub(super) fn add(&mut self, looks: &[[Reading; Rule::ALL.len()]]) {
        for (index, rule) in self.rules.iter_mut().enumerate() {
            rule.add(|look| looks[look][index], looks.len());
        }
    }

    /// What one rule did.
    pub fn of(&self, rule: Rule) -> &RuleReport {
        &self.rules[rule.index()]
    }
}
