//! The compiled form: outcomes by index, identity overrides, sharing between threads.

use liftgate_engine::{
    Environment, EvaluationContext, FeatureContext, FlagOutcome, IdentityContext, IdentityOverrides, Reason,
    Source, Variant,
};
use serde_json::json;

fn context() -> EvaluationContext {
    serde_json::from_value(json!({
        "environment": {"key": "env-key", "name": "Env"},
        "features": {
            "plain": {"key": "1", "name": "plain", "enabled": false, "value": "default"},
            "split": {"key": "77", "name": "split", "enabled": true, "value": "control", "variants": [
                {"key": "late", "value": "late", "weight": 50, "priority": 2},
                {"key": "early", "value": "early", "weight": 50.0, "priority": 1}
            ]},
            "gated": {"key": "3", "name": "gated", "enabled": false, "value": null}
        },
        "segments": {
            "10": {"key": "10", "name": "pro", "rules": [{"type": "ALL", "conditions": [
                {"property": "plan", "operator": "EQUAL", "value": "pro"}
            ]}], "overrides": [
                {"key": "4", "name": "other", "enabled": true, "value": 0, "priority": 0},
                {"key": "5", "name": "plain", "enabled": true, "value": "pro", "priority": 1}
            ]},
            "11": {"key": "11", "name": "gate", "rules": [{"type": "ALL", "conditions": [
                {"property": "$.flags.plain.value", "operator": "EQUAL", "value": "vip"}
            ]}], "overrides": [{"key": "6", "name": "gated", "enabled": true, "value": null, "priority": 1}]}
        }
    }))
    .expect("a context")
}

fn identity(plan: &str) -> IdentityContext {
    serde_json::from_value(json!({"identifier": "alice", "traits": {"plan": plan}})).expect("an identity")
}

fn default_of(source: Source) -> FlagOutcome {
    FlagOutcome {
        source,
        variant: None,
        is_circular: false,
    }
}

#[test]
fn outcomes_name_states_and_options_by_index() {
    let environment = Environment::compile(&context());
    let evaluation = environment.evaluate(&identity("pro"));
    let overriding = Source::SegmentOverride { segment: 0, index: 1 };
    assert_eq!(evaluation.segments(), [0]);
    assert_eq!(
        evaluation.flags(),
        [
            default_of(overriding),
            FlagOutcome {
                // Hash 32.59: within the first 50 of the walk, which the option given second starts.
                variant: Some(Variant::Option(1)),
                ..default_of(Source::EnvironmentDefault)
            },
            default_of(Source::EnvironmentDefault),
        ]
    );
    let segment = &environment.segments()[0];
    assert_eq!(segment.overrides()[0].feature(), None);
    assert_eq!(segment.overrides()[1].feature(), Some(0));
    let none = IdentityOverrides::default();
    assert_eq!(environment.state(0, overriding, &none).value(), "pro");
    assert_eq!(
        environment.reason(1, evaluation.flags()[1], &none),
        Reason::Split { weight: "50.0" }
    );
}

#[test]
fn identity_overrides_win_over_everything() {
    let environment = Environment::compile(&context());
    let states: Vec<FeatureContext> = serde_json::from_value(json!([
        {"key": "8", "name": "unknown", "enabled": true, "value": 1},
        {"key": "9", "name": "split", "enabled": false, "value": "mine"},
        {"key": "7", "name": "plain", "enabled": true, "value": "vip"},
        {"key": "6", "name": "plain", "enabled": true, "value": "second"}
    ]))
    .expect("feature states");
    let overrides = IdentityOverrides::compile(&environment, &states);
    let evaluation = environment.evaluate_with_overrides(&identity("pro"), &overrides);
    assert_eq!(
        evaluation.flags()[0],
        default_of(Source::IdentityOverride { index: 2 })
    );
    assert_eq!(
        evaluation.flags()[1],
        default_of(Source::IdentityOverride { index: 1 })
    );

    let result = environment.result(&evaluation, &overrides);
    assert_eq!(result.flags["plain"].value, "vip");
    assert_eq!(
        result.flags["plain"].reason,
        "TARGETING_MATCH; segment=identity_overrides"
    );
    assert_eq!(result.flags["split"].variant, None);
    // A condition that reads the flag sees the override.
    assert_eq!(result.flags["gated"].reason, "TARGETING_MATCH; segment=gate");
    assert_eq!(evaluation.segments(), [0, 1]);
}

#[test]
fn the_environments_own_flags_ignore_segments() {
    let mut context = context();
    let segment = context.segments.get_mut("10").expect("the segment");
    segment.rules[0].conditions.clear();
    let environment = Environment::compile(&context);
    let own = environment.evaluate_environment();
    assert!(own.segments().is_empty());
    assert!(
        own.flags()
            .iter()
            .all(|flag| *flag == default_of(Source::EnvironmentDefault))
    );
    // The engine itself lets a segment match that asks for nothing of an identity.
    assert_eq!(environment.evaluate_without_identity().segments(), [0]);
}

#[test]
fn overrides_of_others_make_a_default_of_a_static() {
    let reason = |environment: &Environment| {
        let evaluation = environment.evaluate(&identity("free"));
        environment
            .result(&evaluation, &IdentityOverrides::default())
            .flags["split"]
            .clone()
    };
    let mut context = context();
    context.features["split"].variants.clear();
    let environment = Environment::compile(&context);
    assert_eq!(reason(&environment).reason, "STATIC");
    let environment = environment.with_targeted(["split", "unknown"]);
    assert_eq!(reason(&environment).reason, "DEFAULT");
    assert!(environment.features()[1].is_targeted());
    assert!(!environment.features()[1].name().is_empty());
}

#[test]
fn one_environment_serves_many_threads() {
    let environment = Environment::compile(&context());
    let expected = environment.evaluate(&identity("pro"));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(environment.evaluate(&identity("pro")), expected));
        }
    });
}
