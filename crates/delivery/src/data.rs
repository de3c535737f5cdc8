//! What a snapshot is built from: everything one environment serves, as it is stored.

use std::collections::HashMap;

use liftgate_model::account::Organisation;
use liftgate_model::environment::Environment;
use liftgate_model::feature::{Feature, MultivariateOption};
use liftgate_model::feature_state::FeatureState;
use liftgate_model::identity::Identity;
use liftgate_model::project::Project;
use liftgate_model::segment::Segment;
use liftgate_model::{ExperimentId, FeatureId, SegmentId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::key::ServerKeyData;

/// Everything one environment serves.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EnvironmentData {
    /// The environment.
    pub environment: Environment,
    /// Its project.
    pub project: Project,
    /// The owner of the project.
    pub organisation: Organisation,
    /// The server-side keys; the client-side key is the environment's own.
    pub keys: Vec<ServerKeyData>,
    /// The features of the project, archived ones too, in any order.
    pub features: Vec<Feature>,
    /// The options of the multivariate features.
    pub options: HashMap<FeatureId, Vec<MultivariateOption>>,
    /// The live environment defaults and segment overrides, in any order. A feature without a default is not served.
    pub states: Vec<FeatureState>,
    /// The segments of the project with those the server made, ascending by id.
    pub segments: Vec<Segment>,
    /// The identities that have overrides, with these.
    pub identity_overrides: Vec<(Identity, Vec<FeatureState>)>,
    /// The experiments that say something about what is served.
    pub experiments: Vec<ExperimentInForce>,
    /// The versions whose time has not come, in the order in which they come into force. Where the source is always there,
    /// it need not be known what will be.
    #[serde(default)]
    pub scheduled: Vec<ScheduledVersion>,
}

/// What a feature will do, for everybody and for segments, from a time on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ScheduledVersion {
    /// From when.
    pub live_from: Timestamp,
    /// The feature.
    pub feature: FeatureId,
    /// Its default and its segment overrides.
    pub states: Vec<FeatureState>,
}

/// Which state of an environment something was made from. The time tells states apart that have one number, in databases
/// of which one was put in the other's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// How many changes of its answers the environment had seen.
    pub revision: i64,
    /// When the answers last changed.
    pub updated_at: Timestamp,
}

impl EnvironmentData {
    /// Which state this is.
    pub fn stamp(&self) -> Stamp {
        Stamp {
            revision: self.environment.revision,
            updated_at: self.environment.updated_at,
        }
    }

    /// Puts the scheduled versions into force whose time has come by `now`, each in place of the one before it.
    pub fn put_into_force(&mut self, now: Timestamp) {
        let due = self
            .scheduled
            .iter()
            .take_while(|version| version.live_from <= now)
            .count();
        for version in self.scheduled.drain(..due) {
            self.states.retain(|state| state.feature != version.feature);
            self.states.extend(version.states);
            self.environment.updated_at = self.environment.updated_at.max(version.live_from);
        }
    }
}

/// What an experiment says about the answers for its feature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExperimentInForce {
    /// Id.
    pub id: ExperimentId,
    /// Name.
    pub name: String,
    /// The feature.
    pub feature: FeatureId,
    /// The segment that draws the cohort, once a rollout was configured.
    pub rollout_segment: Option<SegmentId>,
    /// Whether it is measuring: answers for the feature then carry its metadata.
    pub is_running: bool,
    /// Whether it has set the allocations of the environment default to 0 and not given them back.
    pub owns_default: bool,
}
