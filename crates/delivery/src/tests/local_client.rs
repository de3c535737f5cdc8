//! How a local-evaluation client reads an environment document.

use liftgate_engine::{EvaluationContext, FeatureContext, SegmentContext, VariantContext};
use serde_json::{Value, json};

/// Reads the document as a local-evaluation client does (contract, sdk-api sections 5 and 6).
pub fn context_of(document: &Value) -> EvaluationContext {
    let features = list(&document["feature_states"])
        .iter()
        .map(|state| (text(&state["feature"]["name"]), feature(state, None)));
    let segments = list(&document["project"]["segments"]).iter().map(|segment| {
        let overrides = list(&segment["feature_states"]);
        let context = SegmentContext {
            key: segment["id"].to_string(),
            name: text(&segment["name"]),
            rules: serde_json::from_value(rules(&segment["rules"])).unwrap(),
            overrides: overrides
                .iter()
                .map(|state| feature(state, state["feature_segment"]["priority"].as_f64()))
                .collect(),
            metadata: None,
        };
        (context.key.clone(), context)
    });
    let identities = list(&document["identity_overrides"]).iter().map(|identity| {
        let rule = json!([{"type": "ALL", "rules": [], "conditions": [
            {"property": "$.identity.identifier", "operator": "IN", "value": [identity["identifier"]]}]}]);
        let context = SegmentContext {
            key: String::new(),
            name: "identity_overrides".to_owned(),
            rules: serde_json::from_value(rule).unwrap(),
            overrides: list(&identity["identity_features"])
                .iter()
                .map(|state| feature(state, Some(f64::NEG_INFINITY)))
                .collect(),
            metadata: None,
        };
        (format!("identity {}", identity["django_id"]), context)
    });
    EvaluationContext {
        environment: serde_json::from_value(json!({"key": document["api_key"], "name": document["name"]}))
            .unwrap(),
        features: features.collect(),
        segments: segments.chain(identities).collect(),
        ..EvaluationContext::default()
    }
}

fn feature(state: &Value, priority: Option<f64>) -> FeatureContext {
    let variants = list(&state["multivariate_feature_state_values"])
        .iter()
        .map(|variant| {
            let Value::Number(weight) = &variant["percentage_allocation"] else {
                panic!("a number")
            };
            VariantContext {
                key: variant["multivariate_feature_option"]["key"]
                    .as_str()
                    .map(str::to_owned),
                value: variant["multivariate_feature_option"]["value"].clone(),
                weight: weight.clone(),
                priority: variant["id"].as_f64(),
            }
        });
    FeatureContext {
        key: state["django_id"].to_string(),
        name: text(&state["feature"]["name"]),
        enabled: state["enabled"].as_bool().unwrap(),
        value: state["feature_state_value"].clone(),
        variants: variants.collect(),
        priority,
        metadata: None,
    }
}

fn rules(list_of_rules: &Value) -> Value {
    let rule = |rule: &Value| {
        let condition = |condition: &Value| json!({"property": condition["property_"], "operator": condition["operator"], "value": condition["value"]});
        let conditions: Vec<Value> = list(&rule["conditions"]).iter().map(condition).collect();
        json!({"type": rule["type"], "conditions": conditions, "rules": rules(&rule["rules"])})
    };
    list(list_of_rules).iter().map(rule).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
