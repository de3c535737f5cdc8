//! The evaluation context: the published schema that every Flagsmith engine takes as input.
//!
//! Members that the schema does not know are accepted. Those of the root, the environment and the identity are kept,
//! because a JSONPath property may name them; those elsewhere are dropped. Maps keep the order they were given in:
//! where priorities tie, the first segment in order wins.

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Number, Value};

/// Everything one evaluation depends on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EvaluationContext {
    /// The environment whose flags are evaluated.
    #[serde(default)]
    pub environment: EnvironmentContext,
    /// Features by name, in the order flags are reported.
    #[serde(default, deserialize_with = "null_as_default")]
    pub features: IndexMap<String, FeatureContext>,
    /// Segments by key, in the order they are evaluated.
    #[serde(default, deserialize_with = "null_as_default")]
    pub segments: IndexMap<String, SegmentContext>,
    /// Who the flags are evaluated for. `None` (null, absent or an empty object) evaluates without an identity.
    #[serde(
        default,
        deserialize_with = "empty_as_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub identity: Option<IdentityContext>,
    /// Members unknown to the schema; JSONPath properties may read them.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// The environment part of a context.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EnvironmentContext {
    /// The environment's client-side key; the first half of a composite identity key.
    #[serde(default)]
    pub key: String,
    /// The name shown to people.
    #[serde(default)]
    pub name: String,
    /// Members unknown to the schema; JSONPath properties may read them.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// The identity part of a context.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct IdentityContext {
    /// The caller's own name for the identity.
    #[serde(default)]
    pub identifier: String,
    /// The text that is hashed for splits. `None` or empty: `<environment key>_<identifier>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Traits by key. Scalars; a null trait is the same as an absent one; a list or object counts as its JSON text.
    #[serde(default, deserialize_with = "null_as_default")]
    pub traits: Map<String, Value>,
    /// Members unknown to the schema; JSONPath properties may read them.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// One state of one feature: the environment's default, or an override.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FeatureContext {
    /// The salt of the multivariate split (contract, sdk-api section 7).
    #[serde(default)]
    pub key: String,
    /// The feature's name.
    #[serde(default)]
    pub name: String,
    /// Whether the flag is on; never depends on variants.
    #[serde(default)]
    pub enabled: bool,
    /// The value; of a multivariate feature, the control value.
    #[serde(default)]
    pub value: Value,
    /// The options of a multivariate feature, in any order. Empty: a standard feature.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub variants: Vec<VariantContext>,
    /// The rank among overrides of the same feature: lowest wins, `None` is weakest. Meaningless on a default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<f64>,
    /// Passed through to the flag's result unless empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
}

/// One option of a multivariate feature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VariantContext {
    /// The option's key, reported as the flag's variant. `None`: the variant is null when this option is chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The value served when this option is chosen.
    #[serde(default)]
    pub value: Value,
    /// The share of identities, as a percentage of 0 to 100. The number's own spelling (`30.0` or `50`) goes into the
    /// reason.
    #[serde(default = "no_weight")]
    pub weight: Number,
    /// The place in the walk over the options, ascending: the multivariate value's id. `None` comes last.
    #[serde(default)]
    pub priority: Option<f64>,
}

/// A segment with the feature states it overrides.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SegmentContext {
    /// The salt of the segment's percentage splits: the segment's id as text.
    #[serde(default)]
    pub key: String,
    /// The name given in results and reasons.
    #[serde(default)]
    pub name: String,
    /// Root rules, all of which must match. Empty: the segment never matches.
    #[serde(default, deserialize_with = "null_as_default")]
    pub rules: Vec<SegmentRule>,
    /// Feature states that apply to those in the segment.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub overrides: Vec<FeatureContext>,
    /// Passed through to the segment's result unless empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
}

/// A rule: conditions and sub-rules, each list combined by the same type.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SegmentRule {
    /// How the members of each list are combined.
    #[serde(rename = "type", default)]
    pub rule_type: RuleType,
    /// Conditions. Empty: this part matches.
    #[serde(default, deserialize_with = "null_as_default")]
    pub conditions: Vec<SegmentCondition>,
    /// Sub-rules. Empty: this part matches.
    #[serde(default, deserialize_with = "null_as_default")]
    pub rules: Vec<SegmentRule>,
}

/// How a rule combines its parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RuleType {
    /// Every one is true.
    #[default]
    All,
    /// At least one is true.
    Any,
    /// Not one is true.
    None,
    /// A type from a later version: matches only where it has nothing to combine.
    #[serde(other)]
    Unknown,
}

/// A comparison of one property of the context.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SegmentCondition {
    /// A trait key, or a JSONPath starting `$.`. Empty in a percentage split: the identity key.
    #[serde(default, deserialize_with = "null_as_default")]
    pub property: String,
    /// What is asked of the property's value.
    #[serde(default)]
    pub operator: Operator,
    /// What it is compared with: text; for [`Operator::In`] also an array.
    #[serde(default)]
    pub value: Value,
}

/// What a condition asks (contract, sdk-api section 6, operators).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Operator {
    /// Equal after casting the condition's text to the value's type.
    Equal,
    /// Not equal after a successful cast.
    NotEqual,
    /// Greater after casting.
    GreaterThan,
    /// Greater or equal after casting.
    GreaterThanInclusive,
    /// Less after casting.
    LessThan,
    /// Less or equal after casting.
    LessThanInclusive,
    /// The text value contains the condition's text.
    Contains,
    /// The text value does not contain it.
    NotContains,
    /// The pattern matches from the start of the value's text.
    Regex,
    /// The value is a member of the list.
    In,
    /// The remainder of a division is as given: `divisor|remainder`.
    Modulo,
    /// There is a value.
    IsSet,
    /// There is no value.
    IsNotSet,
    /// The hash of the identity (or of the property's value) is within the percentage.
    PercentageSplit,
    /// An operator from a later version: never true.
    #[default]
    #[serde(other)]
    Unknown,
}

impl Default for VariantContext {
    fn default() -> Self {
        Self {
            key: None,
            value: Value::Null,
            weight: no_weight(),
            priority: None,
        }
    }
}

fn no_weight() -> Number {
    Number::from(0)
}

fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// The reference asks whether the identity object is true, which `{}` is not.
fn empty_as_none<'de, D>(deserializer: D) -> Result<Option<IdentityContext>, D::Error>
where
    D: Deserializer<'de>,
{
    match Option::<Map<String, Value>>::deserialize(deserializer)? {
        Some(members) if !members.is_empty() => IdentityContext::deserialize(Value::Object(members))
            .map(Some)
            .map_err(serde::de::Error::custom),
        _ => Ok(None),
    }
}
