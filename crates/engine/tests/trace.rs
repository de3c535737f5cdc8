//! A trace tells of the evaluation that everybody gets: it decides the same, and what it shows leads to that decision.

use liftgate_engine::context::{
    EnvironmentContext, EvaluationContext, FeatureContext, IdentityContext, Operator, RuleType,
    SegmentCondition, SegmentContext, SegmentRule, VariantContext,
};
use liftgate_engine::trace::{FlagTrace, OverrideOutcome, RuleTrace, TracedFlag, Winner};
use liftgate_engine::{Environment, EvaluationResult, IdentityOverrides, evaluate, evaluate_traced};
use proptest::prelude::*;
use serde_json::{Number, Value, json};

const FLAGS: [&str; 4] = ["a", "b", "c", "d"];

fn condition() -> impl Strategy<Value = SegmentCondition> {
    let property = prop::sample::select(vec![
        "plan",
        "age",
        "missing",
        "$.identity.identifier",
        "$.identity.key",
        "$.flags.a.enabled",
        "$.flags.b.value",
        "$.flags.c.variant",
        "",
    ]);
    let operator = prop::sample::select(vec![
        Operator::Equal,
        Operator::NotEqual,
        Operator::GreaterThan,
        Operator::LessThanInclusive,
        Operator::Contains,
        Operator::Regex,
        Operator::In,
        Operator::Modulo,
        Operator::IsSet,
        Operator::IsNotSet,
        Operator::PercentageSplit,
        Operator::Unknown,
    ]);
    let value = prop::sample::select(vec!["pro", "30", "50", "true", "2|0", "pro,free", "(", ""]);
    (property, operator, value).prop_map(|(property, operator, value)| SegmentCondition {
        property: property.to_owned(),
        operator,
        value: value.into(),
    })
}

fn rule() -> impl Strategy<Value = SegmentRule> {
    let kind = || {
        prop::sample::select(vec![
            RuleType::All,
            RuleType::Any,
            RuleType::None,
            RuleType::Unknown,
        ])
    };
    let leaf =
        (kind(), prop::collection::vec(condition(), 0..3)).prop_map(|(rule_type, conditions)| SegmentRule {
            rule_type,
            conditions,
            rules: Vec::new(),
        });
    leaf.prop_recursive(2, 6, 3, move |inner| {
        (
            kind(),
            prop::collection::vec(condition(), 0..3),
            prop::collection::vec(inner, 0..3),
        )
            .prop_map(|(rule_type, conditions, rules)| SegmentRule {
                rule_type,
                conditions,
                rules,
            })
    })
}

fn state(name: &'static str) -> impl Strategy<Value = FeatureContext> {
    (
        any::<bool>(),
        1..100_u32,
        prop::collection::vec(0..=40_u32, 0..3),
        prop::option::of(-2..3_i32),
    )
        .prop_map(move |(enabled, salt, weights, priority)| FeatureContext {
            key: salt.to_string(),
            name: name.to_owned(),
            enabled,
            value: json!(format!("value {salt}")),
            variants: (0_u32..)
                .zip(weights)
                .map(|(place, weight)| VariantContext {
                    key: (place > 0).then(|| format!("option {place}")),
                    value: json!(place),
                    weight: Number::from(weight),
                    priority: Some(f64::from(10 - place)),
                })
                .collect(),
            priority: priority.map(f64::from),
            metadata: None,
        })
}

fn segment(key: usize) -> impl Strategy<Value = SegmentContext> {
    let overrides = prop::collection::vec(prop::sample::select(&FLAGS[..]).prop_flat_map(state), 0..3);
    (prop::collection::vec(rule(), 0..3), overrides).prop_map(move |(rules, overrides)| SegmentContext {
        key: key.to_string(),
        name: format!("segment {key}"),
        rules,
        overrides,
        metadata: None,
    })
}

fn context() -> impl Strategy<Value = EvaluationContext> {
    let identity = (
        "[a-z]{0,3}",
        prop::option::of("pro|free"),
        prop::option::of(0..60_i32),
    );
    let features = [state("a"), state("b"), state("c"), state("d")];
    let segments = [segment(0), segment(1), segment(2), segment(3), segment(4)];
    (features, segments, prop::option::weighted(0.9, identity)).prop_map(|(features, segments, identity)| {
        EvaluationContext {
            environment: EnvironmentContext {
                key: "env".to_owned(),
                ..EnvironmentContext::default()
            },
            features: features
                .into_iter()
                .map(|state| (state.name.clone(), state))
                .collect(),
            segments: segments
                .into_iter()
                .map(|segment| (segment.key.clone(), segment))
                .collect(),
            identity: identity.map(|(identifier, plan, age)| IdentityContext {
                identifier,
                traits: [("plan", json!(plan)), ("age", json!(age))]
                    .map(|(key, value)| (key.to_owned(), value))
                    .into_iter()
                    .collect(),
                ..IdentityContext::default()
            }),
            ..EvaluationContext::default()
        }
    })
}

/// What parts make of each other, by what is shown of them; parts that were not tested are those after the outcome.
fn combined(kind: RuleType, parts: &[Option<bool>]) -> bool {
    match kind {
        _ if parts.is_empty() => true,
        RuleType::All => parts.iter().all(|part| *part == Some(true)),
        RuleType::Any => parts.contains(&Some(true)),
        RuleType::None => parts.iter().all(|part| *part == Some(false)),
        RuleType::Unknown => false,
    }
}

fn verdict(rule: &RuleTrace) -> bool {
    let conditions: Vec<_> = rule.conditions.iter().map(|condition| condition.result).collect();
    let rules: Vec<_> = rule.rules.iter().map(|rule| rule.result).collect();
    for condition in &rule.conditions {
        if let (Some(place), Some(share)) = (condition.percentage, condition.threshold) {
            assert_eq!(condition.result, Some(place <= share), "{condition:?}");
        }
    }
    for tested in rule.rules.iter().filter(|rule| rule.result.is_some()) {
        assert_eq!(tested.result, Some(verdict(tested)), "{tested:?}");
    }
    combined(rule.rule_type, &conditions) && combined(rule.rule_type, &rules)
}

/// Whether what a trace shows leads to what it says.
fn check(flag: &TracedFlag) {
    let FlagTrace {
        winner,
        overrides,
        split,
    } = &flag.trace;
    let won = overrides
        .iter()
        .position(|candidate| candidate.outcome == OverrideOutcome::Won);
    for (place, candidate) in overrides.iter().enumerate() {
        let expected = match won {
            Some(won) if place == won => OverrideOutcome::Won,
            Some(won) if place > won => OverrideOutcome::NotReached,
            _ => OverrideOutcome::NoMatch,
        };
        assert_eq!(candidate.outcome, expected, "{flag:?}");
        if candidate.outcome != OverrideOutcome::NotReached && !candidate.is_circular {
            let matches = !candidate.rules.is_empty()
                && candidate
                    .rules
                    .iter()
                    .all(|rule| rule.result == Some(true) && verdict(rule));
            assert_eq!(
                matches,
                candidate.outcome == OverrideOutcome::Won,
                "{candidate:?}"
            );
        }
    }
    match (winner, won) {
        (
            Winner::SegmentOverride {
                segment_key,
                priority,
                ..
            },
            Some(won),
        ) => {
            assert_eq!(
                (segment_key, priority),
                (&overrides[won].segment_key, &overrides[won].priority)
            );
        }
        (Winner::EnvironmentDefault, None) => {}
        other => panic!("{other:?}"),
    }
    let Some(split) = split else {
        assert_eq!(flag.flag.variant, None, "{flag:?}");
        return;
    };
    let hit = split
        .bands
        .iter()
        .find(|band| band.start <= split.bucket && split.bucket < band.end);
    assert_eq!(hit, split.bands.iter().find(|band| band.is_hit), "{split:?}");
    let variant = hit.map_or(Some("control"), |band| band.variant.as_deref());
    assert_eq!(flag.flag.variant.as_deref(), variant, "{flag:?}");
}

fn read_no_flags(rule: &mut SegmentRule) {
    let on_flags = rule
        .conditions
        .iter_mut()
        .filter(|condition| condition.property.starts_with("$.flags"));
    on_flags.for_each(|condition| "plan".clone_into(&mut condition.property));
    rule.rules.iter_mut().for_each(read_no_flags);
}

proptest! {
    #[test]
    fn a_trace_decides_as_the_evaluation_does_and_shows_why(context in context()) {
        let traced = evaluate_traced(&context);
        traced.flags.values().for_each(check);
        let flags = traced.flags.into_iter().map(|(name, traced)| (name, traced.flag));
        let result = EvaluationResult { flags: flags.collect(), segments: traced.segments };
        prop_assert_eq!(result, evaluate(&context));
    }

    #[test]
    fn a_flag_by_itself_is_what_it_is_among_all(mut context in context(), reads_flags in any::<bool>()) {
        if !reads_flags {
            for segment in context.segments.values_mut() {
                segment.rules.iter_mut().for_each(read_no_flags);
            }
        }
        let environment = Environment::compile(&context);
        let identity = context.identity.unwrap_or_default();
        let overrides = IdentityOverrides::default();
        let evaluation = environment.evaluate_with_overrides(&identity, &overrides);
        for (feature, outcome) in evaluation.flags().iter().enumerate() {
            prop_assert_eq!(environment.evaluate_flag(feature, &identity, &overrides), *outcome);
        }
    }
}

#[test]
fn a_trace_names_conditions_places_and_bands() {
    let context: EvaluationContext = serde_json::from_value(json!({
        "environment": {"key": "env-key", "name": "Production"},
        "features": {"mv": {"key": "77", "name": "mv", "enabled": true, "value": "control"}},
        "segments": {
            "8": {"key": "8", "name": "old", "rules": [{"type": "ALL", "conditions": [
                    {"property": "age", "operator": "GREATER_THAN", "value": "60"},
                    {"property": "plan", "operator": "EQUAL", "value": "pro"}]}],
                "overrides": [{"key": "1", "name": "mv", "enabled": false, "priority": 0}]},
            "10": {"key": "10", "name": "rollout", "rules": [{"type": "ALL", "conditions": [
                    {"property": "", "operator": "PERCENTAGE_SPLIT", "value": "95"}]}],
                "overrides": [{"key": "77", "name": "mv", "enabled": true, "value": "control", "priority": 1,
                    "variants": [{"key": "blue", "value": "b", "weight": 30.0, "priority": 2},
                        {"key": "green", "value": "g", "weight": 20.0, "priority": 1}]}]},
            "9": {"key": "9", "name": "weaker", "rules": [{"type": "ALL"}],
                "overrides": [{"key": "2", "name": "mv", "enabled": false, "priority": 2}]},
        },
        "identity": {"identifier": "alice", "traits": {"age": "31"}},
    }))
    .expect("a context");
    let traced = evaluate_traced(&context);
    assert_eq!(
        serde_json::to_value(&traced.flags["mv"]).expect("JSON"),
        json!({"name": "mv", "enabled": true, "value": "b", "reason": "SPLIT; weight=30.0", "variant": "blue",
            "trace": {
                "winner": {"kind": "segment_override", "segment_key": "10", "segment_name": "rollout", "priority": 1.0},
                "overrides": [
                    {"segment_key": "8", "segment_name": "old", "priority": 0.0, "outcome": "no_match",
                        "is_circular": false, "rules": [{"type": "ALL", "result": false, "rules": [], "conditions": [
                            {"operator": "GREATER_THAN", "property": "age", "value": "60", "actual": 31,
                                "result": false, "percentage": null, "threshold": null},
                            {"operator": "EQUAL", "property": "plan", "value": "pro", "actual": null,
                                "result": null, "percentage": null, "threshold": null}]}]},
                    {"segment_key": "10", "segment_name": "rollout", "priority": 1.0, "outcome": "won",
                        "is_circular": false, "rules": [{"type": "ALL", "result": true, "rules": [], "conditions": [
                            {"operator": "PERCENTAGE_SPLIT", "property": "", "value": "95",
                                "actual": "env-key_alice", "result": true, "percentage": 94.068_813_762_752_54,
                                "threshold": 95.0}]}]},
                    {"segment_key": "9", "segment_name": "weaker", "priority": 2.0, "outcome": "not_reached",
                        "is_circular": false, "rules": []}],
                "split": {"salt": "77", "identity_key": "env-key_alice", "bucket": 32.586_517_303_460_695, "bands": [
                    {"variant": "green", "start": 0.0, "end": 20.0, "is_hit": false},
                    {"variant": "blue", "start": 20.0, "end": 50.0, "is_hit": true}]}}}),
    );
}

#[test]
fn nobody_in_particular_has_no_bucket() {
    let context: EvaluationContext = serde_json::from_value(json!({
        "features": {"mv": {"key": "1", "name": "mv", "enabled": true, "value": 1,
            "variants": [{"key": "k", "value": 2, "weight": 100, "priority": 1}]}},
    }))
    .expect("a context");
    let flag = &evaluate_traced(&context).flags["mv"];
    assert_eq!(
        (&flag.trace.winner, &flag.trace.split),
        (&Winner::EnvironmentDefault, &None)
    );
    assert_eq!(flag.flag.value, Value::from(1));
}
