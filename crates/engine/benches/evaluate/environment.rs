//! The environment and the identity that engines are asked about, in the published schema: 50 flags, of which 5 are
//! multivariate and 10 overridden, and 20 segments of 3 conditions each.

use serde_json::{Map, Value, json};

/// Flags, named `flag_0` and so on.
const FLAGS: usize = 50;
const SEGMENTS: usize = 20;

/// An identity of 6 traits.
pub fn identity() -> Value {
    json!({"identifier": "alice", "key": "env-key_alice", "traits": {
        "plan": "pro", "country": "DE", "age": 34, "version": "2.3.1", "email": "alice@example.com", "beta": true
    }})
}

/// The environment without an identity.
pub fn context() -> Value {
    let features: Map<String, Value> = (0..FLAGS).map(|at| (format!("flag_{at}"), feature(at))).collect();
    let segments: Map<String, Value> = (0..SEGMENTS).map(|at| (at.to_string(), segment(at))).collect();
    json!({
        "environment": {"key": "env-key", "name": "Production"}, "features": features, "segments": segments
    })
}

fn feature(at: usize) -> Value {
    let variants = if at % 10 == 9 {
        json!([{"key": "a", "value": "A", "weight": 30.0, "priority": 1}, {"key": "b", "value": "B", "weight": 30.0, "priority": 2}])
    } else {
        json!([])
    };
    json!({"key": at.to_string(), "name": format!("flag_{at}"), "enabled": true, "value": "value", "variants": variants})
}

fn segment(at: usize) -> Value {
    let condition = |turn: usize| match (at * 3 + turn) % 9 {
        0 => json!({"property": "plan", "operator": "EQUAL", "value": "pro"}),
        1 => json!({"property": "country", "operator": "IN", "value": "DE,AT,CH,FR,IT"}),
        2 => json!({"property": "age", "operator": "GREATER_THAN_INCLUSIVE", "value": "18"}),
        3 => json!({"property": "version", "operator": "LESS_THAN", "value": "3.0.0:semver"}),
        4 => json!({"property": "email", "operator": "REGEX", "value": "^[^@]+@example\\.com$"}),
        5 => json!({"property": "beta", "operator": "EQUAL", "value": "true"}),
        6 => json!({"property": "$.identity.identifier", "operator": "NOT_CONTAINS", "value": "test"}),
        7 => json!({"property": "plan", "operator": "NOT_EQUAL", "value": "free"}),
        _ => json!({"property": "", "operator": "PERCENTAGE_SPLIT", "value": "50"}),
    };
    let overrides = if at.is_multiple_of(2) {
        json!([{"key": "900", "name": format!("flag_{at}"), "enabled": false, "value": "other", "priority": 1}])
    } else {
        json!([])
    };
    json!({"key": at.to_string(), "name": format!("segment-{at}"), "overrides": overrides, "rules": [
        {"type": "ALL", "rules": [{"type": "ANY", "conditions": [condition(0), condition(1), condition(2)]}]}
    ]})
}
