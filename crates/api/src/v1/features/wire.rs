//! What features look like on the wire.

use liftgate_app::features::{FeatureOption, FeatureView, NewFeatureOption, Within};
use liftgate_model::feature::MultivariateOption;
use liftgate_model::feature_state::{FeatureState, Line};
use liftgate_model::{EnvironmentId, OptionId, SegmentId, Timestamp};
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use crate::form::{Form, Parse};
use crate::v1::groups::wire::GroupSummary;
use crate::v1::users::wire::UserSummary;
use crate::v1::value::{Columns, NewColumns, Plain, beside_columns};

/// A feature.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Feature)]
pub struct FeatureBody {
    /// Id.
    pub id: i32,
    /// Name, unique in the project in any case.
    #[schema(example = "checkout")]
    pub name: String,
    /// `STANDARD` or `MULTIVARIATE`.
    #[serde(rename = "type")]
    #[schema(example = "MULTIVARIATE")]
    pub kind: &'static str,
    /// Whether new states start enabled.
    pub default_enabled: bool,
    /// The text new states start from.
    #[schema(example = "control")]
    pub initial_value: Option<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_date: Timestamp,
    /// Free text.
    pub description: Option<String>,
    /// Ids of its tags.
    pub tags: Vec<i32>,
    /// Its options, by id.
    pub multivariate_options: Vec<OptionBody>,
    /// Whether it is archived.
    pub is_archived: bool,
    /// Who answers for it.
    pub owners: Vec<UserSummary>,
    /// Groups that answer for it.
    pub group_owners: Vec<GroupSummary>,
    /// Public id.
    pub uuid: Uuid,
    /// The id of the project.
    pub project: i32,
    /// Its live default in the environment of the query.
    pub environment_feature_state: Option<SmallStateBody>,
    /// Its live override for the segment of the query.
    pub segment_feature_state: Option<SmallStateBody>,
    /// Live segment overrides in the environment of the query.
    pub num_segment_overrides: u64,
    /// Identity overrides in the environment of the query; null without any.
    pub num_identity_overrides: Option<u64>,
    /// Always true.
    pub is_num_identity_overrides_complete: bool,
    /// Whether client-side keys never see it.
    pub is_server_key_only: bool,
    /// When its last published version was made in any environment.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_modified_in_any_environment: Option<Timestamp>,
    /// The same in the environment of the query.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_modified_in_current_environment: Option<Timestamp>,
    /// Always empty.
    #[schema(value_type = Vec<Object>)]
    pub metadata: Vec<Value>,
    /// Always empty.
    #[schema(value_type = Vec<Object>)]
    pub code_references_counts: Vec<Value>,
    /// Where it stands; only with an environment in the query.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "new")]
    pub lifecycle_stage: Option<&'static str>,
}

/// An option of a feature.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FeatureMultivariateOption)]
pub struct OptionBody {
    /// Id.
    pub id: i32,
    /// Public id.
    pub uuid: Uuid,
    /// `int`, `unicode` or `bool`: which column is the value.
    #[serde(rename = "type")]
    #[schema(example = "unicode")]
    pub kind: &'static str,
    /// The value of the type `int`.
    pub integer_value: Option<i32>,
    /// The value of the type `unicode`.
    #[schema(example = "green")]
    pub string_value: Option<String>,
    /// The value of the type `bool`.
    pub boolean_value: Option<bool>,
    /// The share new environments start from, 0 to 100.
    #[schema(example = 30.0)]
    pub default_percentage_allocation: f64,
    /// The name of the variant.
    #[schema(example = "green")]
    pub key: Option<String>,
}

impl From<MultivariateOption> for OptionBody {
    fn from(option: MultivariateOption) -> Self {
        let columns = Columns::from(&option.value);
        Self {
            id: option.id.0,
            uuid: option.uuid,
            kind: columns.kind,
            integer_value: columns.integer_value,
            string_value: columns.string_value,
            boolean_value: columns.boolean_value,
            default_percentage_allocation: option.default_percentage_allocation,
            key: option.key,
        }
    }
}

/// A state within a feature.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FeatureStateSummary)]
pub struct SmallStateBody {
    /// Id.
    pub id: i32,
    /// The value.
    pub feature_state_value: Plain,
    /// The id of the environment.
    pub environment: i32,
    /// Always null.
    pub identity: Option<i32>,
    /// The id of the link of a segment override.
    pub feature_segment: Option<i32>,
    /// On or off.
    pub enabled: bool,
}

impl From<FeatureState> for SmallStateBody {
    fn from(state: FeatureState) -> Self {
        Self {
            id: state.id.0,
            environment: state.environment.0,
            identity: match state.line {
                Line::Identity(id) => Some(id.0),
                Line::Default | Line::Segment(_) => None,
            },
            feature_segment: state.feature_segment.map(|link| link.id.0),
            enabled: state.enabled,
            feature_state_value: Plain(state.value),
        }
    }
}

impl From<FeatureView> for FeatureBody {
    fn from(view: FeatureView) -> Self {
        let feature = view.feature;
        Self {
            id: feature.id.0,
            name: feature.name,
            kind: feature.kind.as_str(),
            default_enabled: feature.default_enabled,
            initial_value: feature.initial_value,
            created_date: feature.created_at,
            description: feature.description,
            tags: feature.tags.iter().map(|tag| tag.0).collect(),
            multivariate_options: view.options.into_iter().map(Into::into).collect(),
            is_archived: feature.is_archived,
            owners: view.owners.iter().map(Into::into).collect(),
            group_owners: view.group_owners.into_iter().map(Into::into).collect(),
            uuid: feature.uuid,
            project: feature.project.0,
            environment_feature_state: view.environment_state.map(Into::into),
            segment_feature_state: view.segment_state.map(Into::into),
            num_segment_overrides: view.segment_overrides,
            num_identity_overrides: Some(view.identity_overrides).filter(|count| *count > 0),
            is_num_identity_overrides_complete: true,
            is_server_key_only: feature.is_server_key_only,
            last_modified_in_any_environment: view.last_modified,
            last_modified_in_current_environment: view.last_modified_here,
            metadata: Vec::new(),
            code_references_counts: Vec::new(),
            lifecycle_stage: view.stage.map(liftgate_app::features::LifecycleStage::as_str),
        }
    }
}

/// A feature as the endpoints of owners answer it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FeatureWithOwners)]
pub struct OwnedFeatureBody {
    /// Id.
    pub id: i32,
    /// Name.
    #[schema(example = "checkout")]
    pub name: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_date: Timestamp,
    /// Free text.
    pub description: Option<String>,
    /// The text new states start from.
    pub initial_value: Option<String>,
    /// Whether new states start enabled.
    pub default_enabled: bool,
    /// `STANDARD` or `MULTIVARIATE`.
    #[serde(rename = "type")]
    #[schema(example = "STANDARD")]
    pub kind: &'static str,
    /// Who answers for it.
    pub owners: Vec<UserSummary>,
    /// Groups that answer for it.
    pub group_owners: Vec<GroupSummary>,
    /// Whether client-side keys never see it.
    pub is_server_key_only: bool,
}

impl From<FeatureView> for OwnedFeatureBody {
    fn from(view: FeatureView) -> Self {
        let feature = view.feature;
        Self {
            id: feature.id.0,
            name: feature.name,
            created_date: feature.created_at,
            description: feature.description,
            initial_value: feature.initial_value,
            default_enabled: feature.default_enabled,
            kind: feature.kind.as_str(),
            owners: view.owners.iter().map(Into::into).collect(),
            group_owners: view.group_owners.into_iter().map(Into::into).collect(),
            is_server_key_only: feature.is_server_key_only,
        }
    }
}

/// An option of a feature as it is written. Its key is written where options are.
#[derive(Debug)]
pub struct OptionInput {
    fields: OptionFields,
    value: NewColumns,
}

/// What stands beside the value.
#[derive(Debug, ToSchema)]
pub struct OptionFields {
    /// The option there is; without one, it is new.
    id: Option<i32>,
    /// The share new environments start from; new options start with 100.
    #[schema(minimum = 0, maximum = 100, example = 30.0)]
    default_percentage_allocation: Option<f64>,
}

impl PartialSchema for OptionInput {
    fn schema() -> RefOr<Schema> {
        beside_columns::<OptionFields>()
    }
}

impl ToSchema for OptionInput {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("NewFeatureMultivariateOption")
    }
}

impl Parse for OptionInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let id = form.integer("id").optional();
        let value = NewColumns::parse(form);
        let share = form
            .number("default_percentage_allocation")
            .min(0.0)
            .max(100.0)
            .optional();
        Some(Self {
            fields: OptionFields {
                id: id?,
                default_percentage_allocation: share?,
            },
            value: value?,
        })
    }
}

impl From<OptionInput> for NewFeatureOption {
    fn from(input: OptionInput) -> Self {
        Self {
            value: input.value.into(),
            default_percentage_allocation: input.fields.default_percentage_allocation.unwrap_or(100.0),
        }
    }
}

impl From<OptionInput> for FeatureOption {
    fn from(input: OptionInput) -> Self {
        Self {
            id: input.fields.id.map(OptionId),
            value: input.value.into(),
            default_percentage_allocation: input.fields.default_percentage_allocation,
        }
    }
}

/// Where features are seen, as queries say it.
pub struct WithinQuery(pub Within);

impl Parse for WithinQuery {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let environment = form.integer("environment").optional();
        let segment = form.integer("segment").optional();
        Some(Self(Within {
            environment: environment?.map(EnvironmentId),
            segment: segment?.map(SegmentId),
        }))
    }
}
