//! The rule tree of a segment as it is sent.

use std::borrow::Cow;
use std::marker::PhantomData;

use liftgate_model::segment::{Condition, Operator, Rule, RuleType};
use serde_json::Value;
use utoipa::ToSchema;

use crate::form::rule::{Boolean, Objects, Text};
use crate::form::{self, FieldError, Form, Mode, Parse, wording};

/// A rule; rules nest at most two levels deep.
#[derive(Debug, ToSchema)]
#[schema(as = NewSegmentRule)]
pub struct RuleForm {
    /// The id of the rule that this one is, in a change.
    id: Option<i32>,
    /// How sub-rules and conditions combine.
    #[schema(rename = "type", value_type = String, example = "ALL")]
    kind: RuleType,
    /// Sub-rules.
    #[schema(required = false, no_recursion)]
    rules: Vec<RuleForm>,
    /// Conditions.
    #[schema(required = false)]
    conditions: Vec<ConditionForm>,
}

/// A condition.
#[derive(Debug, ToSchema)]
#[schema(as = NewSegmentCondition)]
pub struct ConditionForm {
    /// The id of the condition that this one is, in a change.
    id: Option<i32>,
    /// The comparison.
    #[schema(value_type = String, example = "EQUAL")]
    operator: Operator,
    /// A trait key, or a path into the evaluation context that starts with `$.`.
    #[schema(max_length = 1000, example = "plan")]
    property: Option<String>,
    /// What is compared with; becomes text.
    #[schema(max_length = 1000, example = "pro")]
    value: Option<String>,
    /// Free text.
    description: Option<String>,
}

// Rules and conditions are complete or refused in a PATCH too: what is sent of a tree replaces what is there.
impl Parse for RuleForm {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let id = form.json("id").nullable().optional();
        let kind = form.choice("type", RuleType::parse).required();
        let rules = form.field("rules", Nodes::default()).or(Vec::new());
        let conditions = form.field("conditions", Nodes::default()).or(Vec::new());
        Some(Self {
            id: known_id(id?),
            kind: kind?,
            rules: rules?,
            conditions: conditions?,
        })
    }
}

impl Parse for ConditionForm {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let id = form.json("id").nullable().optional();
        let operator = form.choice("operator", Operator::parse).required();
        let property = form.text("property").max(1000).nullable().optional();
        let value = form.field("value", ConditionValue).nullable().optional();
        let description = form.text("description").blank().nullable().optional();
        Some(Self {
            id: known_id(id?),
            operator: operator?,
            property: property?,
            value: value?,
            description: description?,
        })
    }
}

/// An id that a node can have; anything else names none.
fn known_id(sent: Option<Value>) -> Option<i32> {
    sent?.as_i64().and_then(|id| i32::try_from(id).ok())
}

impl From<RuleForm> for Rule {
    fn from(rule: RuleForm) -> Self {
        Self {
            id: rule.id.unwrap_or_default(),
            kind: rule.kind,
            rules: rule.rules.into_iter().map(Self::from).collect(),
            conditions: rule.conditions.into_iter().map(Condition::from).collect(),
        }
    }
}

impl From<ConditionForm> for Condition {
    fn from(condition: ConditionForm) -> Self {
        Self {
            id: condition.id.unwrap_or_default(),
            operator: condition.operator,
            property: condition.property,
            value: condition.value,
            description: condition.description,
        }
    }
}

/// A list of nodes, without those that say `"delete": true`: they are as if they were not there.
#[derive(Debug)]
pub struct Nodes<T> {
    filled: bool,
    item: PhantomData<fn() -> T>,
}

impl<T> Default for Nodes<T> {
    fn default() -> Self {
        Self {
            filled: false,
            item: PhantomData,
        }
    }
}

impl<T> Nodes<T> {
    /// A list in which a node must be left.
    pub fn filled() -> Self {
        Self {
            filled: true,
            item: PhantomData,
        }
    }
}

impl<T: Parse> form::Rule for Nodes<T> {
    type Out = Vec<T>;

    fn read(&self, value: &Value, mode: Mode) -> Result<Vec<T>, FieldError> {
        let kept = match value {
            Value::Array(nodes) => {
                let kept: Vec<Value> = nodes.iter().filter(|node| !is_deleted(node)).cloned().collect();
                Cow::Owned(Value::Array(kept))
            }
            other => Cow::Borrowed(other),
        };
        if self.filled && kept.as_array().is_some_and(Vec::is_empty) {
            return Err(FieldError::whole("This list may not be empty."));
        }
        Objects::default().read(&kept, mode)
    }
}

fn is_deleted(node: &Value) -> bool {
    let says = node.get("delete");
    says.is_some_and(|says| form::Rule::read(&Boolean, says, Mode::Create) == Ok(true))
}

/// What a condition compares with: any JSON, kept as the text the contract's server makes of it (`true` is `True`).
#[derive(Debug)]
struct ConditionValue;

impl form::Rule for ConditionValue {
    type Out = String;

    fn read(&self, value: &Value, mode: Mode) -> Result<String, FieldError> {
        let text = Value::from(wording::text(value));
        Text::default().blank().max(1000).read(&text, mode)
    }

    fn takes_blank(&self) -> bool {
        true
    }
}
