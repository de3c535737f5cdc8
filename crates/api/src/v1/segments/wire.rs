//! What segments look like on the wire.

use liftgate_app::segments::{NewSegment, SegmentChange};
use liftgate_model::segment::{Condition, Rule, Segment};
use liftgate_model::{FeatureId, Timestamp};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::rules::{Nodes, RuleForm};
use crate::form::{Form, Parse, Patch};

/// A segment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Segment)]
pub struct SegmentBody {
    /// Id.
    pub id: i32,
    /// Public id.
    pub uuid: Uuid,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// Name.
    #[schema(max_length = 2000, example = "Pro customers")]
    pub name: String,
    /// Free text.
    pub description: Option<String>,
    /// The id of the project.
    pub project: i32,
    /// The id of the one feature it may be used for.
    pub feature: Option<i32>,
    /// Its own id: what it was before is kept, but never shown.
    pub version_of: i32,
    /// The rules, all of which must match.
    pub rules: Vec<RuleBody>,
    /// Custom fields: always empty.
    pub metadata: Vec<Value>,
    /// Numbers of members: always empty.
    pub membership_counts: Vec<Value>,
    /// What maintains it: always empty text, people do.
    #[schema(example = "")]
    pub managed_by: &'static str,
}

/// A rule of the first level.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SegmentRule)]
pub struct RuleBody {
    /// Id.
    pub id: i32,
    /// How its sub-rules and conditions combine: `ALL`, `ANY` or `NONE`.
    #[serde(rename = "type")]
    #[schema(example = "ALL")]
    pub kind: &'static str,
    /// Sub-rules.
    pub rules: Vec<SubRuleBody>,
    /// Conditions.
    pub conditions: Vec<ConditionBody>,
}

/// A rule of the second level.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SegmentSubRule)]
pub struct SubRuleBody {
    /// Id.
    pub id: i32,
    /// How its conditions combine: `ALL`, `ANY` or `NONE`.
    #[serde(rename = "type")]
    #[schema(example = "ANY")]
    pub kind: &'static str,
    /// Conditions.
    pub conditions: Vec<ConditionBody>,
}

/// A condition.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SegmentCondition)]
pub struct ConditionBody {
    /// Id.
    pub id: i32,
    /// The comparison.
    #[schema(example = "EQUAL")]
    pub operator: &'static str,
    /// A trait key, or a path into the evaluation context that starts with `$.`.
    #[schema(example = "plan")]
    pub property: Option<String>,
    /// What is compared with; always text.
    #[schema(example = "pro")]
    pub value: Option<String>,
    /// Free text.
    pub description: Option<String>,
}

impl From<Segment> for SegmentBody {
    fn from(segment: Segment) -> Self {
        Self {
            id: segment.id.0,
            uuid: segment.uuid,
            created_at: segment.created_at,
            updated_at: segment.updated_at,
            name: segment.name,
            description: segment.description,
            project: segment.project.0,
            feature: segment.feature.map(|id| id.0),
            version_of: segment.id.0,
            rules: segment.rules.into_iter().map(RuleBody::from).collect(),
            metadata: Vec::new(),
            membership_counts: Vec::new(),
            managed_by: "",
        }
    }
}

impl From<Rule> for RuleBody {
    fn from(rule: Rule) -> Self {
        Self {
            id: rule.id,
            kind: rule.kind.as_str(),
            rules: rule.rules.into_iter().map(SubRuleBody::from).collect(),
            conditions: rule.conditions.into_iter().map(ConditionBody::from).collect(),
        }
    }
}

impl From<Rule> for SubRuleBody {
    fn from(rule: Rule) -> Self {
        Self {
            id: rule.id,
            kind: rule.kind.as_str(),
            conditions: rule.conditions.into_iter().map(ConditionBody::from).collect(),
        }
    }
}

impl From<Condition> for ConditionBody {
    fn from(condition: Condition) -> Self {
        Self {
            id: condition.id,
            operator: condition.operator.as_str(),
            property: condition.property,
            value: condition.value,
            description: condition.description,
        }
    }
}

/// A segment to make.
#[derive(Debug, ToSchema)]
pub struct NewSegmentBody {
    /// Name.
    #[schema(max_length = 2000, example = "Pro customers")]
    name: String,
    /// Free text.
    description: Option<String>,
    /// The id of the one feature it may be used for.
    feature: Option<i32>,
    /// The rules, all of which must match.
    rules: Vec<RuleForm>,
}

impl Parse for NewSegmentBody {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let name = form.text("name").max(2000).required();
        let description = form.text("description").blank().nullable().optional();
        let feature = form.id::<FeatureId>("feature").nullable().optional();
        let rules = form.field("rules", Nodes::filled()).required();
        Some(Self {
            name: name?,
            description: description?,
            feature: feature?.map(|id| id.0),
            rules: rules?,
        })
    }
}

impl From<NewSegmentBody> for NewSegment {
    fn from(new: NewSegmentBody) -> Self {
        Self {
            name: new.name,
            description: new.description,
            feature: new.feature.map(FeatureId),
            rules: new.rules.into_iter().map(Into::into).collect(),
        }
    }
}

/// What may change about a segment.
#[derive(Debug, ToSchema)]
pub struct SegmentChangeBody {
    /// Name.
    #[schema(value_type = Option<String>, max_length = 2000)]
    name: Patch<String>,
    /// Free text.
    #[schema(value_type = Option<String>)]
    description: Patch<String>,
    /// The id of the one feature it may be used for.
    #[schema(value_type = Option<i32>)]
    feature: Patch<FeatureId>,
    /// The whole rule tree: nodes with the id of one that is there are changed, others are new, the rest is removed.
    #[schema(value_type = Option<Vec<RuleForm>>)]
    rules: Patch<Vec<RuleForm>>,
}

impl Parse for SegmentChangeBody {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let name = form.text("name").max(2000).change_required();
        let description = form.text("description").blank().nullable().change();
        let feature = form.id("feature").nullable().change();
        let rules = form.field("rules", Nodes::filled()).change_required();
        Some(Self {
            name: name?,
            description: description?,
            feature: feature?,
            rules: rules?,
        })
    }
}

impl From<SegmentChangeBody> for SegmentChange {
    fn from(change: SegmentChangeBody) -> Self {
        let rules = change.rules.value();
        Self {
            name: change.name.value(),
            description: change.description.change(),
            feature: change.feature.change(),
            rules: rules.map(|rules| rules.into_iter().map(Into::into).collect()),
        }
    }
}

/// The name of a copy.
#[derive(Debug, ToSchema)]
pub struct SegmentCopy {
    /// Name.
    #[schema(max_length = 2000, example = "Pro customers, 2027")]
    pub name: String,
}

impl Parse for SegmentCopy {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let name = form.text("name").max(2000).required();
        Some(Self { name: name? })
    }
}

/// One use of a segment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SegmentUse)]
pub struct AssociatedFeatureBody {
    /// The id of the feature state that overrides.
    pub id: i32,
    /// The id of the feature.
    pub feature: i32,
    /// The id of the environment.
    pub environment: i32,
}
