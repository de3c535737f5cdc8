//! Segments: named sets of identities, defined by rules.

use crate::{FeatureId, ProjectId, SegmentId, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A segment of a project.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Segment {
    /// Id; also the salt of its percentage splits, so it never changes.
    pub id: SegmentId,
    /// Public id.
    pub uuid: Uuid,
    /// The project.
    pub project: ProjectId,
    /// Name.
    pub name: String,
    /// Free text.
    pub description: Option<String>,
    /// The one feature it may be used for, if it is bound to one.
    pub feature: Option<FeatureId>,
    /// Whether the server made it for its own use (an experiment's rollout); hidden from lists.
    pub is_system: bool,
    /// The rules; all must match.
    pub rules: Vec<Rule>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// How the conditions of a rule combine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RuleType {
    /// Every one matches.
    All,
    /// At least one matches.
    Any,
    /// None matches.
    None,
}

/// A rule; rules nest at most two levels deep.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Rule {
    /// Id, unique on the server; 0 for one not stored yet.
    pub id: i32,
    /// How conditions and sub-rules combine.
    #[serde(rename = "type")]
    pub kind: RuleType,
    /// Sub-rules.
    pub rules: Vec<Rule>,
    /// Conditions.
    pub conditions: Vec<Condition>,
}

/// A condition on a trait or on a property of the context.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Condition {
    /// Id, unique on the server; 0 for one not stored yet.
    pub id: i32,
    /// The comparison.
    pub operator: Operator,
    /// A trait key, or a JSONPath that starts with `$.`; none or empty for the identity key of a percentage split.
    pub property: Option<String>,
    /// What is compared with; always text.
    pub value: Option<String>,
    /// Free text.
    pub description: Option<String>,
}

/// Declares the operators with their wire names.
macro_rules! operators {
    ($($variant:ident = $name:literal,)+) => {
        /// The comparison of a condition (contract, SDK API, section 6).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Operator {
            $(#[doc = $name] #[serde(rename = $name)] $variant,)+
        }

        impl Operator {
            /// Every operator, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The wire name.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The operator of that name.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|operator| operator.as_str() == name)
            }
        }
    };
}

operators! {
    Equal = "EQUAL",
    GreaterThan = "GREATER_THAN",
    LessThan = "LESS_THAN",
    Contains = "CONTAINS",
    GreaterThanInclusive = "GREATER_THAN_INCLUSIVE",
    LessThanInclusive = "LESS_THAN_INCLUSIVE",
    NotContains = "NOT_CONTAINS",
    NotEqual = "NOT_EQUAL",
    Regex = "REGEX",
    PercentageSplit = "PERCENTAGE_SPLIT",
    Modulo = "MODULO",
    IsSet = "IS_SET",
    IsNotSet = "IS_NOT_SET",
    In = "IN",
}

impl RuleType {
    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "ALL",
            Self::Any => "ANY",
            Self::None => "NONE",
        }
    }

    /// The type of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::All, Self::Any, Self::None]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}
