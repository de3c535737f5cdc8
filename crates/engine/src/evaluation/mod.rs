//! Evaluations: the compact outcome of asking a compiled environment about one identity.

mod dependencies;
mod flag;
mod observer;
mod subject;

use crate::context::IdentityContext;
use crate::environment::Environment;
use crate::overrides::IdentityOverrides;
pub use flag::Flag;
pub(crate) use observer::Observer;
use subject::Subject;

/// The outcome for every feature, and the segments that matched. Holds indexes only; names and values stay in the
/// [`Environment`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    flags: Vec<FlagOutcome>,
    segments: Vec<u32>,
}

/// The outcome for one feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlagOutcome {
    /// The state that won.
    pub source: Source,
    /// The variant chosen. `None`: the state has no options, or there is no identity.
    pub variant: Option<Variant>,
    /// Whether the flag is part of a dependency cycle.
    pub is_circular: bool,
}

/// Where the winning state comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// The feature's default in the environment.
    EnvironmentDefault,
    /// An override of a matching segment.
    SegmentOverride {
        /// The segment's index.
        segment: u32,
        /// The override's index in the segment.
        index: u32,
    },
    /// An override of the identity.
    IdentityOverride {
        /// The override's position among those compiled.
        index: u32,
    },
}

/// The outcome of a multivariate split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Variant {
    /// No option was hit.
    Control,
    /// The option at this index, in the order the context gave them.
    Option(u32),
}

impl Evaluation {
    /// The outcomes, by feature index.
    pub fn flags(&self) -> &[FlagOutcome] {
        &self.flags
    }

    /// The indexes of the segments that matched, ascending.
    pub fn segments(&self) -> &[u32] {
        &self.segments
    }
}

impl Environment {
    /// Evaluates all features for an identity without overrides of its own.
    ///
    /// Never fails; see the crate page for what unreadable parts do.
    pub fn evaluate(&self, identity: &IdentityContext) -> Evaluation {
        self.evaluate_with_overrides(identity, &IdentityOverrides::default())
    }

    /// Evaluates all features for an identity with its overrides, which must have been compiled for this environment.
    pub fn evaluate_with_overrides(
        &self,
        identity: &IdentityContext,
        overrides: &IdentityOverrides,
    ) -> Evaluation {
        Subject::new(self, Some(identity), overrides).evaluate(()).0
    }

    /// The outcome of one feature, by its index: what evaluating all features says of it, for less where no condition reads
    /// a flag.
    pub fn evaluate_flag(
        &self,
        feature: usize,
        identity: &IdentityContext,
        overrides: &IdentityOverrides,
    ) -> FlagOutcome {
        if self.reads_flags {
            return self.evaluate_with_overrides(identity, overrides).flags[feature];
        }
        Subject::new(self, Some(identity), overrides).evaluate_flag(feature)
    }

    /// Evaluates all features without an identity, as the engine does: segments that ask for nothing of an identity can
    /// match, and no variant is chosen.
    pub fn evaluate_without_identity(&self) -> Evaluation {
        Subject::new(self, None, &IdentityOverrides::default())
            .evaluate(())
            .0
    }

    /// Evaluates with somebody who watches, who is given back with the identity's key.
    pub(crate) fn evaluate_watched<O: Observer>(
        &self,
        identity: Option<&IdentityContext>,
        overrides: &IdentityOverrides,
        observer: O,
    ) -> (Evaluation, O, Option<String>) {
        let subject = Subject::new(self, identity, overrides);
        let (evaluation, observer) = subject.evaluate(observer);
        (evaluation, observer, subject.identity_key().map(str::to_owned))
    }

    /// The environment's own flags, as the API serves them (contract, sdk-api section 6, point 5): every feature at its
    /// default, segments ignored.
    pub fn evaluate_environment(&self) -> Evaluation {
        let default = FlagOutcome {
            source: Source::EnvironmentDefault,
            variant: None,
            is_circular: false,
        };
        Evaluation {
            flags: vec![default; self.features().len()],
            segments: Vec::new(),
        }
    }
}

/// An index in the compact form outcomes carry.
pub(crate) fn compact(index: usize) -> u32 {
    u32::try_from(index).expect("a context in memory holds fewer than 2^32 items")
}
