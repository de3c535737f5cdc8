//! Feature states: what a feature does for the environment, for a segment or for one identity.

use crate::{
    AllocationId, EnvironmentId, FeatureId, FeatureSegmentId, FeatureStateId, FlagValue, IdentityId,
    Leftovers, OptionId, SegmentId, Timestamp, UserId,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Which line of a flag a state belongs to. Together with environment and feature it names the *lineage* whose salt
/// decides variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Line {
    /// Everybody in the environment.
    Default,
    /// The identities in a segment.
    Segment(SegmentId),
    /// One identity.
    Identity(IdentityId),
}

/// A feature state with its allocations.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FeatureState {
    /// Id of this row; changes with every version.
    pub id: FeatureStateId,
    /// Public id of this row.
    pub uuid: Uuid,
    /// The feature.
    pub feature: FeatureId,
    /// The environment.
    pub environment: EnvironmentId,
    /// Default, segment or identity.
    pub line: Line,
    /// The link that carries the priority; present exactly for segment overrides.
    pub feature_segment: Option<FeatureSegment>,
    /// On or off.
    pub enabled: bool,
    /// The value; for multivariate features the control value.
    pub value: FlagValue,
    /// What lies beside the value.
    pub leftovers: Leftovers,
    /// The multivariate salt: constant for the lineage, whatever is edited, versioned or published.
    pub salt: i32,
    /// The version it belongs to, in versioned environments; identity overrides have none.
    pub version: Option<Uuid>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// The shares of the options, ascending by row id: the order variants are walked in.
    pub allocations: Vec<Allocation>,
}

/// The share of one option within a feature state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Allocation {
    /// Row id.
    pub id: AllocationId,
    /// Public id of the row.
    pub uuid: Uuid,
    /// The option.
    pub option: OptionId,
    /// 0 to 100.
    #[serde(with = "crate::exact")]
    pub percentage: f64,
}

/// The link of a feature to a segment in an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeatureSegment {
    /// Id; changes with every version.
    pub id: FeatureSegmentId,
    /// Public id.
    pub uuid: Uuid,
    /// The feature.
    pub feature: FeatureId,
    /// The segment.
    pub segment: SegmentId,
    /// The environment.
    pub environment: EnvironmentId,
    /// 0 is the strongest.
    pub priority: i32,
    /// The version it belongs to, in versioned environments.
    pub version: Option<Uuid>,
}

/// One version of a feature in a versioned environment.
#[derive(Debug, Clone)]
pub struct FeatureVersion {
    /// Id.
    pub uuid: Uuid,
    /// The feature.
    pub feature: FeatureId,
    /// The environment.
    pub environment: EnvironmentId,
    /// Whether it is published; drafts are not served.
    pub published: bool,
    /// From when it is served, once published.
    pub live_from: Option<Timestamp>,
    /// Who published it.
    pub published_by: Option<UserId>,
    /// Who made it.
    pub created_by: Option<UserId>,
    /// What it is for.
    pub description: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl FeatureVersion {
    /// Whether it is published and its time has come.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.published && self.live_from.is_some_and(|from| from <= now)
    }
}
