//! Evaluation never fails, never panics and always ends.

use liftgate_engine::{Environment, EvaluationContext, IdentityOverrides, evaluate};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Texts that mean something somewhere in a context, and texts that mean nothing.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "",
            "f",
            "g",
            "1",
            "07",
            "1.5",
            "-0",
            "ALL",
            "ANY",
            "NONE",
            "EQUAL",
            "NOT_EQUAL",
            "GREATER_THAN",
            "CONTAINS",
            "REGEX",
            "IN",
            "MODULO",
            "IS_SET",
            "IS_NOT_SET",
            "PERCENTAGE_SPLIT",
            "$.flags.f.enabled",
            "$.flags.g.value",
            "$.identity.key",
            "$.identity.traits.f",
            "$..name",
            "$.features.*",
            "$.a[?@.b == 1]",
            "1.2.3:semver",
            "1.2.3",
            "3|1",
            "0|0",
            "[1,2]",
            "[",
            "(a+)+$",
            "(?=a)*b",
            "(?P<n>a)(?P=n)",
            "\\",
            "100",
        ])
        .prop_map(str::to_owned),
        ".{0,12}",
        "[\\[\\](){}*+?|^$.\\\\a-c0-9,:<=!#P-]{0,20}",
        "\\$\\.[\\[\\](){}*?|@.'\"a-c0-9,:<=!& -]{0,20}",
    ]
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ]
}

fn object(member: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    prop::collection::vec((text(), member), 0..4)
        .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>()))
}

fn any_json() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            object(inner),
        ]
    })
}

fn condition() -> impl Strategy<Value = Value> {
    (text(), text(), any_json()).prop_map(
        |(property, operator, value)| json!({"property": property, "operator": operator, "value": value}),
    )
}

fn rule() -> impl Strategy<Value = Value> {
    let leaf = (text(), prop::collection::vec(condition(), 0..4))
        .prop_map(|(kind, conditions)| json!({"type": kind, "conditions": conditions}));
    leaf.prop_recursive(3, 8, 3, |inner| {
        (
            text(),
            prop::collection::vec(condition(), 0..3),
            prop::collection::vec(inner, 0..3),
        )
            .prop_map(
                |(kind, conditions, rules)| json!({"type": kind, "conditions": conditions, "rules": rules}),
            )
    })
}

fn feature() -> impl Strategy<Value = Value> {
    let variant = (any_json(), any::<f64>(), any::<Option<f64>>()).prop_map(
        |(value, weight, priority)| json!({"value": value, "weight": weight, "priority": priority}),
    );
    (
        text(),
        text(),
        any_json(),
        prop::collection::vec(variant, 0..4),
        any::<Option<f64>>(),
        any_json(),
    )
        .prop_map(|(key, name, value, variants, priority, metadata)| {
            json!({"key": key, "name": name, "enabled": true, "value": value, "variants": variants,
                "priority": priority, "metadata": metadata})
        })
}

fn context() -> impl Strategy<Value = Value> {
    let segment = (text(), prop::collection::vec(rule(), 0..3), prop::collection::vec(feature(), 0..3)).prop_map(
        |(key, rules, overrides)| json!({"key": key, "name": key, "rules": rules, "overrides": overrides}),
    );
    let identity = (text(), any::<Option<bool>>(), object(any_json())).prop_map(|(identifier, key, traits)| {
        json!({"identifier": identifier, "key": key.map(|key| key.to_string()), "traits": traits})
    });
    (
        object(any_json()),
        object(feature()),
        object(segment),
        prop::option::of(identity),
    )
        .prop_map(|(other, features, segments, identity)| {
            let mut context = json!({"features": features, "segments": segments, "identity": identity});
            for (name, value) in other.as_object().into_iter().flatten() {
                if context.get(name).is_none() {
                    context[name] = value.clone();
                }
            }
            context
        })
}

proptest! {
    #[test]
    fn every_context_has_a_result(context in context()) {
        if let Ok(context) = serde_json::from_value::<EvaluationContext>(context) {
            let result = evaluate(&context);
            prop_assert!(serde_json::to_string(&result).is_ok());
            let environment = Environment::compile(&context);
            prop_assert_eq!(environment.evaluate_environment().flags().len(), result.flags.len());
            let overrides = IdentityOverrides::compile(&environment, context.features.values());
            if let Some(identity) = &context.identity {
                let evaluation = environment.evaluate_with_overrides(identity, &overrides);
                prop_assert_eq!(environment.result(&evaluation, &overrides).flags.len(), result.flags.len());
            }
        }
    }

    #[test]
    fn anything_else_is_refused_without_a_panic(value in any_json()) {
        if let Ok(context) = serde_json::from_value::<EvaluationContext>(value) {
            evaluate(&context);
        }
    }
}

/// Features `f0`, `f1`, … and for each the flags that the segment overriding it reads.
fn dependent(reads: &[Vec<usize>]) -> EvaluationContext {
    let mut features = Map::new();
    let mut segments = Map::new();
    for (at, reads) in reads.iter().enumerate() {
        let name = format!("f{at}");
        features.insert(
            name.clone(),
            json!({"key": "1", "name": name, "enabled": false, "value": null}),
        );
        let conditions: Vec<Value> = reads
            .iter()
            .map(|read| json!({"property": format!("$.flags.f{read}.enabled"), "operator": "EQUAL", "value": "true"}))
            .collect();
        let overriding = json!({"key": "2", "name": name, "enabled": true, "value": null, "priority": 1});
        segments.insert(
            at.to_string(),
            json!({"key": at.to_string(), "name": name, "overrides": [overriding],
            "rules": [{"type": "ANY", "conditions": conditions}]}),
        );
    }
    let context = json!({"environment": {"key": "e", "name": "E"}, "features": features, "segments": segments,
        "identity": {"identifier": "alice"}});
    serde_json::from_value(context).expect("a context")
}

#[test]
fn flags_that_all_read_each_other_end() {
    let reads: Vec<Vec<usize>> = (0..40).map(|_| (0..40).collect()).collect();
    let result = evaluate(&dependent(&reads));
    assert!(
        result
            .flags
            .values()
            .all(|flag| flag.reason == "ERROR; code=CIRCULAR_DEPENDENCY")
    );
    assert!(result.segments.is_empty());
}

#[test]
fn a_short_chain_of_flags_is_followed() {
    // The last one reads nothing, so its segment always matches.
    let mut reads: Vec<Vec<usize>> = (1..40).map(|next| vec![next]).collect();
    reads.push(Vec::new());
    assert!(
        evaluate(&dependent(&reads))
            .flags
            .values()
            .all(|flag| flag.enabled)
    );
}

#[test]
fn an_endless_chain_of_flags_is_cut() {
    let mut reads: Vec<Vec<usize>> = (1..5_000).map(|next| vec![next]).collect();
    reads.push(Vec::new());
    let result = evaluate(&dependent(&reads));
    assert!(!result.flags["f0"].enabled);
    assert!(result.flags["f4999"].enabled);
}

#[test]
fn rules_nested_too_deep_never_match() {
    let nested = |depth: usize| {
        let mut rule = liftgate_engine::SegmentRule::default();
        for _ in 0..depth {
            rule = liftgate_engine::SegmentRule {
                rules: vec![rule],
                ..Default::default()
            };
        }
        let mut context = dependent(&[Vec::new()]);
        context.segments["0"].rules = vec![rule];
        !evaluate(&context).segments.is_empty()
    };
    assert!(nested(60));
    assert!(!nested(100));
}
