//! One identity's flags by three engines in one run: ours, Flagsmith's own in Rust, and the one of Unleash's SDKs.
//!
//! Ours and Flagsmith's are asked about the same environment in the same schema. Unleash has no segments that stand by
//! themselves, so its flags carry the same conditions as strategies, of which one must hold.

use std::collections::HashMap;

use divan::{AllocProfiler, Bencher, black_box};
use flagsmith_flag_engine::engine::get_evaluation_result;
use flagsmith_flag_engine::engine_eval::context::EngineEvaluationContext;
use liftgate_engine::{Environment, IdentityContext};
use serde_json::{Value, json};
use unleash_types::client_features::ClientFeatures;
use unleash_yggdrasil::{Context, EngineState};

#[path = "../../crates/engine/benches/evaluate/environment.rs"]
mod environment;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

#[divan::bench]
fn liftgate(bencher: Bencher) {
    let context = serde_json::from_value(environment::context()).expect("a context");
    let environment = Environment::compile(&context);
    let identity: IdentityContext = serde_json::from_value(environment::identity()).expect("an identity");
    bencher.bench(|| environment.evaluate(black_box(&identity)));
}

#[divan::bench]
fn flagsmith(bencher: Bencher) {
    let mut context = environment::context();
    context["identity"] = environment::identity();
    let context: EngineEvaluationContext = serde_json::from_value(context).expect("a context");
    assert_eq!(get_evaluation_result(&context).flags.len(), 50);
    bencher.bench(|| get_evaluation_result(black_box(&context)));
}

#[divan::bench]
fn unleash(bencher: Bencher) {
    let state = EngineState::default();
    let features: ClientFeatures = serde_json::from_value(toggles()).expect("toggles");
    assert!(state.apply_client_features(features).is_none(), "no warnings");
    let context = who();
    assert_eq!(state.resolve_all(&context, &None).expect("a state").len(), 50);
    bencher.bench(|| state.resolve_all(black_box(&context), &None));
}

/// The identity in Unleash's words.
fn who() -> Context {
    let identity = environment::identity();
    let traits = identity["traits"].as_object().expect("traits");
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let properties: HashMap<String, String> =
        traits.iter().map(|(key, value)| (key.clone(), text(value))).collect();
    Context {
        user_id: Some("alice".to_owned()),
        session_id: None,
        environment: None,
        app_name: None,
        current_time: None,
        remote_address: None,
        properties: Some(properties),
    }
}

/// The flags of the environment in Unleash's words.
fn toggles() -> Value {
    let environment = environment::context();
    let segments = environment["segments"].as_object().expect("segments");
    let features = environment["features"].as_object().expect("features");
    let features: Vec<Value> = features
        .iter()
        .map(|(name, feature)| {
            let mut strategies = Vec::new();
            for segment in segments.values() {
                let overrides = segment["overrides"].as_array().expect("overrides");
                if overrides.iter().any(|one| one["name"] == name.as_str()) {
                    let conditions = segment["rules"][0]["rules"][0]["conditions"].as_array();
                    strategies.extend(conditions.expect("conditions").iter().map(strategy));
                }
            }
            if strategies.is_empty() {
                strategies.push(json!({"name": "default"}));
            }
            let variants: Vec<Value> = feature["variants"]
                .as_array()
                .expect("variants")
                .iter()
                .map(|variant| {
                    json!({"name": variant["key"], "weight": 300, "stickiness": "default",
                        "payload": {"type": "string", "value": variant["value"]}})
                })
                .collect();
            json!({"name": name, "enabled": true, "strategies": strategies, "variants": variants})
        })
        .collect();
    json!({"version": 2, "features": features})
}

/// A condition as a strategy. Unleash has no regular expressions: that condition looks for the end of the text.
fn strategy(condition: &Value) -> Value {
    let name = condition["property"].as_str().expect("a property");
    let name = if name.starts_with("$.") { "userId" } else { name };
    let value = condition["value"].as_str().expect("a value");
    let list: Vec<&str> = value.split(',').collect();
    let constraint = match condition["operator"].as_str().expect("an operator") {
        "EQUAL" | "IN" => json!({"contextName": name, "operator": "IN", "values": list}),
        "NOT_EQUAL" => json!({"contextName": name, "operator": "NOT_IN", "values": list}),
        "GREATER_THAN_INCLUSIVE" => json!({"contextName": name, "operator": "NUM_GTE", "value": value}),
        "LESS_THAN" => {
            let version = value.trim_end_matches(":semver");
            json!({"contextName": name, "operator": "SEMVER_LT", "value": version})
        }
        "REGEX" => json!({"contextName": name, "operator": "STR_ENDS_WITH", "values": ["@example.com"]}),
        "NOT_CONTAINS" => {
            json!({"contextName": name, "operator": "STR_CONTAINS", "values": list, "inverted": true})
        }
        "PERCENTAGE_SPLIT" => {
            let parameters = json!({"rollout": value, "stickiness": "default", "groupId": "split"});
            return json!({"name": "flexibleRollout", "parameters": parameters});
        }
        other => unreachable!("{other} is not among the conditions"),
    };
    json!({"name": "default", "constraints": [constraint]})
}
