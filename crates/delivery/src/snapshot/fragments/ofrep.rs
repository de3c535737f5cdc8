//! Flags as OFREP has them (contract, sdk-api section 11).

use bytes::Bytes;
use liftgate_engine::Reason;
use liftgate_model::feature_state::Line;
use serde::Serialize;
use serde_json::Value;

use super::{Fragment, json};
use crate::data::EnvironmentData;
use crate::snapshot::catalogue::ServedState;

/// The reason of a flag in a dependency cycle. Clients look reasons up among a fixed set of bare words, so there is no
/// detail behind them.
pub(super) const UNKNOWN: &str = "UNKNOWN";
const STATIC: &str = "STATIC";
const TARGETING_MATCH: &str = "TARGETING_MATCH";
const SPLIT: &str = "SPLIT";
const DISABLED: &str = "DISABLED";

/// Seconds after which a page that nobody looks at may leave the stream.
const INACTIVITY_SECONDS: u32 = 120;

/// An evaluated flag without its reason and metadata.
#[derive(Serialize)]
struct FlagWire<'a> {
    key: &'a str,
    /// `None`: the client takes its own default.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Value>,
    /// Null is sent: clients index it.
    variant: Option<&'a str>,
}

/// Flat, because clients drop everything else.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MetadataWire {
    enabled: bool,
    feature_id: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    experiment_id: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_experiment: Option<bool>,
}

/// The flag of a state for an identity.
pub(super) fn identified(
    served: &ServedState<'_>,
    value: &Value,
    variant: Option<&str>,
    reason: Reason<'_>,
) -> Fragment {
    let is_own = matches!(served.state.line, Line::Identity(_));
    let word = match reason {
        _ if !served.state.enabled => DISABLED,
        Reason::CircularDependency => UNKNOWN,
        Reason::Split { .. } => SPLIT,
        // The control group of a split is part of it; an identity that was given its value is in none.
        _ if variant.is_some() && !(is_own && served.variants.is_empty()) => SPLIT,
        Reason::TargetingMatch { .. } => TARGETING_MATCH,
        Reason::Static | Reason::Default => STATIC,
    };
    fragment(served, value, variant, word)
}

/// The flag of an environment default without an identity.
pub(in crate::snapshot) fn plain(served: &ServedState<'_>) -> Vec<u8> {
    let word = if served.state.enabled { STATIC } else { DISABLED };
    fragment(served, &served.state.value.to_json(), None, word)
        .json
        .into()
}

/// The answer about all flags, a JSON array; `streams` as [`event_streams`] gives it.
pub(in crate::snapshot) fn bulk(flags: &[u8], streams: &[u8]) -> Bytes {
    [br#"{"flags":"#.as_slice(), flags, streams, b"}"].concat().into()
}

/// The member that says where the client is told of changes, with the comma before it; nothing where it is told of none.
/// The stream is named by its path, which proxies leave as it is.
pub(in crate::snapshot) fn event_streams(data: &EnvironmentData) -> Vec<u8> {
    if !data.project.enable_realtime_updates {
        return Vec::new();
    }
    let key = &data.environment.api_key;
    let member = format!(
        r#","eventStreams":[{{"type":"sse","endpoint":{{"requestUri":"/ofrep/v1/environments/{key}/stream"}},"inactivityDelaySec":{INACTIVITY_SECONDS}}}]"#
    );
    member.into_bytes()
}

fn fragment(served: &ServedState<'_>, value: &Value, variant: Option<&str>, reason: &str) -> Fragment {
    let enabled = served.state.enabled;
    let value = match value {
        // A flag without a value is its switch.
        Value::Null => Some(Value::Bool(enabled)),
        value => enabled.then(|| value.clone()),
    };
    let mut head = json(&FlagWire {
        key: &served.definition.name,
        value,
        variant,
    });
    head.pop();
    let metadata = MetadataWire {
        enabled,
        feature_id: served.definition.id.0,
        experiment_id: served.experiment.map(|(experiment, _)| experiment.id.0),
        in_experiment: served.experiment.map(|(_, in_experiment)| in_experiment),
    };
    Fragment::new(head, reason, Some(json(&metadata)))
}
