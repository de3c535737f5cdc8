//! Flag dependencies: conditions that read other flags.
//!
//! A flag is resolved when a condition first reads it, which evaluates the segments that override it, which may read
//! further flags. A flag met again while it is being resolved closes a cycle: it reads as not set, every flag between is
//! part of the cycle, and no segment whose verdict passed through that cut matches (contract, sdk-api section 6, flag
//! dependencies).
//!
//! # Compatibility
//! The reference explores a cycle anew whenever one of its flags is read, which takes factorial time in the number of
//! flags. Here a flag is explored once. Reading a member of a known cycle counts as a cut, and if members of the same
//! cycle are still being resolved, everything being resolved since the first of them joins the cycle; that is what
//! exploring again would find.

use super::FlagOutcome;
use super::observer::Observer;
use super::subject::Subject;
use crate::environment::Environment;

/// The most nested rules and flags an evaluation may be inside of; a flag read deeper counts as a cut. Bounds the stack.
const MAX_DEPTH: usize = 256;

/// What is known about flags that conditions read. Takes no memory in an environment where none does.
pub(super) struct Dependencies<O> {
    pub(super) observer: O,
    /// Outcomes by feature; `None` is not resolved, or in a cycle.
    outcomes: Vec<Option<FlagOutcome>>,
    /// The cycle each feature is part of, named by one of its features.
    cycles: Vec<Option<usize>>,
    /// Verdicts by segment; `None` is not evaluated, or passed through a cut.
    verdicts: Vec<Option<bool>>,
    /// The features being resolved, outermost first.
    resolving: Vec<usize>,
    /// How many reads have been cut.
    cuts: usize,
    depth: usize,
}

impl<O: Observer> Dependencies<O> {
    pub(super) fn new(environment: &Environment, observer: O) -> Self {
        let (features, segments) = if environment.reads_flags {
            (environment.features().len(), environment.segments().len())
        } else {
            (0, 0)
        };
        Self {
            observer,
            outcomes: vec![None; features],
            cycles: vec![None; features],
            verdicts: vec![None; segments],
            resolving: Vec::new(),
            cuts: 0,
            depth: 0,
        }
    }

    /// Whether the subject is in a segment.
    pub(super) fn segment_matches(&mut self, subject: &Subject<'_>, index: usize) -> bool {
        if let Some(Some(verdict)) = self.verdicts.get(index) {
            return *verdict;
        }
        let cuts = self.cuts;
        self.observer.enter_segment();
        let matches = subject.is_in(&subject.environment().segments()[index], self);
        let is_cut = self.cuts != cuts;
        self.observer.leave_segment(index, is_cut);
        if is_cut {
            return false;
        }
        if let Some(verdict) = self.verdicts.get_mut(index) {
            *verdict = Some(matches);
        }
        matches
    }

    /// The outcome of a flag that a condition reads; `None` if it cannot be resolved.
    pub(super) fn resolve(&mut self, subject: &Subject<'_>, feature: usize) -> Option<FlagOutcome> {
        if let Some(outcome) = self.outcomes[feature] {
            return Some(outcome);
        }
        if let Some(start) = self.resolving.iter().position(|open| *open == feature) {
            self.cut(Some(start), feature);
            return None;
        }
        if let Some(cycle) = self.cycles[feature] {
            let start = self
                .resolving
                .iter()
                .position(|open| self.cycles[*open] == Some(cycle));
            self.cut(start, cycle);
            return None;
        }
        if self.depth >= MAX_DEPTH {
            self.cut(None, feature);
            return None;
        }

        self.enter();
        self.resolving.push(feature);
        // What a segment says now counts: it may say something else once the segments behind it have been evaluated.
        let matching: Vec<u32> = subject.environment().features()[feature]
            .targeting
            .iter()
            .copied()
            .filter(|segment| {
                let matches = self.segment_matches(subject, *segment as usize);
                self.observer.asked(feature, *segment);
                matches
            })
            .collect();
        self.resolving.pop();
        self.leave();

        if self.cycles[feature].is_some() {
            return None;
        }
        let outcome = subject.outcome(feature, |segment| matching.contains(&segment), &mut self.observer);
        self.outcomes[feature] = Some(outcome);
        Some(outcome)
    }

    /// The outcome of a feature that a condition has read. It holds even where it disagrees with the verdicts of the
    /// segments: a segment that was cut when first evaluated may match once what it reads has been resolved.
    pub(super) fn outcome(&self, feature: usize) -> Option<FlagOutcome> {
        self.outcomes.get(feature).copied().flatten()
    }

    /// Whether a feature was found to be part of a cycle.
    pub(super) fn is_circular(&self, feature: usize) -> bool {
        self.cycles.get(feature).is_some_and(Option::is_some)
    }

    /// Goes one rule or flag deeper.
    pub(super) fn enter(&mut self) {
        self.depth += 1;
    }

    /// Comes back from it.
    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Counts a cut; from `start` on, everything being resolved joins `cycle`.
    fn cut(&mut self, start: Option<usize>, cycle: usize) {
        self.cuts += 1;
        let Some(start) = start else { return };
        let members = &self.resolving[start..];
        let merged: Vec<usize> = members.iter().filter_map(|member| self.cycles[*member]).collect();
        for joined in self.cycles.iter_mut().flatten() {
            if merged.contains(joined) {
                *joined = cycle;
            }
        }
        for member in members {
            self.cycles[*member] = Some(cycle);
        }
    }
}
