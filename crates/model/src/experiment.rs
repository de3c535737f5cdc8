//! Experiments: their life cycle, their rollout and their computations.

use crate::metric::wire_enum;
use crate::{EnvironmentId, ExperimentId, FeatureId, FlagValue, OptionId, SegmentId, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;

wire_enum! {
    /// Where an experiment stands.
    ExperimentStatus {
        /// Set up, not started.
        Created = "created",
        /// Measuring.
        Running = "running",
        /// Stopped for a while.
        Paused = "paused",
        /// Over.
        Completed = "completed",
    }
}

impl ExperimentStatus {
    /// Whether the life cycle allows the step (contract, admin API, section 7.4).
    pub fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Created | Self::Paused, Self::Running)
                | (Self::Running, Self::Paused)
                | (Self::Running | Self::Paused, Self::Completed)
        )
    }
}

/// An experiment on a multivariate feature in an environment.
#[derive(Debug, Clone)]
pub struct Experiment {
    /// Id.
    pub id: ExperimentId,
    /// The environment.
    pub environment: EnvironmentId,
    /// The feature; fixed.
    pub feature: FeatureId,
    /// Name.
    pub name: String,
    /// What is believed, in words.
    pub hypothesis: String,
    /// Where it stands.
    pub status: ExperimentStatus,
    /// The system segment that draws the cohort, once a rollout was configured.
    pub rollout_segment: Option<SegmentId>,
    /// The allocations of the environment default before the first rollout set them to 0, to give back.
    pub saved_allocations: Vec<(OptionId, f64)>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was first started.
    pub started_at: Option<Timestamp>,
    /// When it was completed.
    pub ended_at: Option<Timestamp>,
}

/// A rollout: whom an experiment serves what. Never stored as such: written to, and read back from, the rollout
/// segment and the live state of its override.
#[derive(Debug, Clone, PartialEq)]
pub struct Rollout {
    /// Whether the override is on.
    pub enabled: bool,
    /// The share of identities that enter, 0 to 100.
    pub rollout_percentage: f64,
    /// The control value inside the cohort.
    pub value: FlagValue,
    /// The shares of the options inside the cohort; the rest is control.
    pub allocations: Vec<(OptionId, f64)>,
}

wire_enum! {
    /// What is computed for an experiment.
    ComputationKind {
        /// Who entered, when, into which variant.
        Exposures = "exposures",
        /// What the metrics say.
        Results = "results",
    }
}

/// A time during which the split of an experiment stayed the same. It ends where the next one begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Phase {
    /// When it began.
    pub started_at: Timestamp,
    /// The share of each treatment, 0 to 100, by the key of its option; control has the rest. `None` when a treatment has no
    /// key, so that nobody can tell its units.
    pub allocations: Option<BTreeMap<String, f64>>,
}

/// The state of one kind of computation of an experiment.
#[derive(Debug, Clone)]
pub struct Computation {
    /// The experiment.
    pub experiment: ExperimentId,
    /// Which.
    pub kind: ComputationKind,
    /// When the run behind `payload` began.
    pub as_of: Option<Timestamp>,
    /// When the last run failed, unless one succeeded since.
    pub last_error_at: Option<Timestamp>,
    /// When one was last asked for.
    pub refresh_requested_at: Option<Timestamp>,
    /// What the last successful run found.
    pub payload: Option<Value>,
}

impl Computation {
    /// Whether the experiment had ended when the run behind the payload began, so that it stays as it is.
    pub fn is_final(&self, ended_at: Option<Timestamp>) -> bool {
        matches!((ended_at, self.as_of), (Some(ended), Some(as_of)) if as_of >= ended)
    }

    /// Whether a request waits for a run.
    pub fn is_pending(&self) -> bool {
        self.refresh_requested_at.is_some_and(|asked| {
            self.as_of.is_none_or(|done| done < asked)
                && self.last_error_at.is_none_or(|failed| failed < asked)
        })
    }
}
