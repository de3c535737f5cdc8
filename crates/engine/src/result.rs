//! The evaluation result: the published schema that every Flagsmith engine returns.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The outcome of one evaluation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EvaluationResult {
    /// Flags by feature name, in the context's order.
    pub flags: IndexMap<String, FlagResult>,
    /// The segments that matched, in the context's order.
    pub segments: Vec<SegmentResult>,
}

/// The outcome for one feature.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FlagResult {
    /// The feature's name.
    pub name: String,
    /// Whether the flag is on.
    pub enabled: bool,
    /// The value served.
    pub value: Value,
    /// Why, in the contract's words (see [`Reason`](crate::Reason)).
    pub reason: String,
    /// The chosen option's key, `control`, or null where the feature has no options or the option no key.
    pub variant: Option<String>,
    /// The winning state's metadata; absent when empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
}

/// A segment that matched.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SegmentResult {
    /// The segment's name.
    pub name: String,
    /// The segment's metadata; absent when empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
}
