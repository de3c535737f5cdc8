//! Features and their multivariate options.

use crate::{FeatureId, FlagValue, GroupId, OptionId, ProjectId, TagId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Whether a feature has variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FeatureType {
    /// One value.
    Standard,
    /// A control value and options. A feature becomes this when it gets its first option.
    Multivariate,
}

impl FeatureType {
    /// The wire and database name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "STANDARD",
            Self::Multivariate => "MULTIVARIATE",
        }
    }

    /// The type of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Standard, Self::Multivariate]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}

/// A feature: a flag with a value, defined once for a project.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Feature {
    /// Id.
    pub id: FeatureId,
    /// Public id.
    pub uuid: Uuid,
    /// The project.
    pub project: ProjectId,
    /// Name, unique in the project without regard to case.
    pub name: String,
    /// Standard or multivariate.
    pub kind: FeatureType,
    /// The text new environments start from; see [`FlagValue::from_initial`].
    pub initial_value: Option<String>,
    /// Whether new environments start enabled.
    pub default_enabled: bool,
    /// Free text.
    pub description: Option<String>,
    /// Archived features are served but not shown.
    pub is_archived: bool,
    /// Whether client-side keys never see it.
    pub is_server_key_only: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Tags, ascending.
    pub tags: Vec<TagId>,
    /// Owners, ascending.
    pub owners: Vec<UserId>,
    /// Groups that own it, ascending.
    pub group_owners: Vec<GroupId>,
}

/// A variant a multivariate feature can take beside its control value.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MultivariateOption {
    /// Id.
    pub id: OptionId,
    /// Public id.
    pub uuid: Uuid,
    /// The feature.
    pub feature: FeatureId,
    /// The name of the variant, unique in the feature; exposures need one.
    pub key: Option<String>,
    /// The value.
    pub value: FlagValue,
    /// The share new environments start from, 0 to 100.
    #[serde(with = "crate::exact")]
    pub default_percentage_allocation: f64,
}
