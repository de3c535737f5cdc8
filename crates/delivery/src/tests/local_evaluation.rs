//! What a client computes from the environment document is what the server answers.

use liftgate_engine::{IdentityContext, evaluate};
use liftgate_model::identity::Trait;
use liftgate_model::segment::{Condition, Operator, Rule, RuleType};
use liftgate_model::{FlagValue, IdentityId, TraitId};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::local_client::context_of;
use super::{Plane, call};
use crate::testing::{MADE_AT, environment};
use crate::{EnvironmentData, SnapshotOptions, trace, trait_value_of_json};

/// A random environment: standard and multivariate features, segments of all kinds, overrides of segments and of
/// identities, and an experiment on the first multivariate feature.
fn environments() -> impl Strategy<Value = EnvironmentData> {
    let condition = prop_oneof![
        (prop_oneof![Just("EQUAL"), Just("NOT_EQUAL"), Just("IN")], "[a-c]")
            .prop_map(|(operator, value)| ("plan", operator, value)),
        (
            prop_oneof![Just("GREATER_THAN"), Just("LESS_THAN_INCLUSIVE"), Just("MODULO")],
            0..60
        )
            .prop_map(|(operator, value): (&str, i32)| (
                "age",
                operator,
                if operator == "MODULO" {
                    format!("3|{}", value % 3)
                } else {
                    value.to_string()
                }
            )),
        prop_oneof![Just("IS_SET"), Just("IS_NOT_SET")].prop_map(|operator| (
            "plan",
            operator,
            String::new()
        )),
        (0..100_i32).prop_map(|share: i32| ("$.identity.key", "PERCENTAGE_SPLIT", share.to_string())),
        (0..100_i32).prop_map(|share: i32| ("", "PERCENTAGE_SPLIT", format!("{share}.5"))),
        "u[0-9]".prop_map(|start| ("$.identity.identifier", "REGEX", start)),
        any::<bool>().prop_map(|on| ("$.flags.f0.enabled", "EQUAL", on.to_string())),
    ];
    let rule = (0..3_usize, prop::collection::vec(condition, 1..3));
    let segment = prop::collection::vec(rule, 1..3);
    let share = || prop_oneof![Just(0.0), Just(100.0 / 3.0), Just(50.0), 0.0..50.0];
    let feature = (any::<bool>(), any::<bool>(), prop::array::uniform2(share()));
    let targeted = (
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        0..4,
        any::<bool>(),
        prop::array::uniform2(share()),
    );
    (
        prop::collection::vec(feature, 1..5),
        prop::collection::vec(segment, 1..5),
        prop::collection::vec(targeted, 0..6),
        prop::collection::vec(
            (
                0..8_i32,
                any::<prop::sample::Index>(),
                any::<bool>(),
                prop::array::uniform2(share()),
            ),
            0..4,
        ),
        any::<bool>(),
    )
        .prop_map(|(features, segments, overrides, identities, has_experiment)| {
            let mut data = environment();
            for (index, (is_multivariate, enabled, shares)) in features.iter().enumerate() {
                let name = format!("f{index}");
                if *is_multivariate {
                    let options = [(Some("a"), "A", shares[0]), (None, "B", shares[1])];
                    data.add_multivariate(&name, *enabled, &options);
                } else {
                    data.add_feature(&name, *enabled, FlagValue::Integer(1));
                }
            }
            for (index, rules) in segments.iter().enumerate() {
                let rule = |(kind, conditions): &(usize, Vec<(&str, &str, String)>)| Rule {
                    id: 0,
                    kind: [RuleType::All, RuleType::Any, RuleType::None][*kind],
                    rules: Vec::new(),
                    conditions: conditions
                        .iter()
                        .map(|(property, operator, value)| Condition {
                            id: 0,
                            operator: Operator::parse(operator).unwrap(),
                            property: Some((*property).to_owned()),
                            value: Some(value.clone()),
                            description: None,
                        })
                        .collect(),
                };
                data.add_segment_of_rules(&format!("s{index}"), rules.iter().map(rule).collect());
            }
            let mut taken = std::collections::HashSet::new();
            for (feature, segment, priority, enabled, shares) in &overrides {
                let feature = data.features[feature.index(data.features.len())].id;
                let segment = data.segments[segment.index(data.segments.len())].id;
                if taken.insert((feature, segment)) {
                    let value = FlagValue::Text(format!("{feature}-{segment}"));
                    data.override_segment(feature, segment, *priority, *enabled, value, shares);
                }
            }
            for (who, feature, enabled, shares) in &identities {
                let feature = data.features[feature.index(data.features.len())].id;
                if taken.insert((feature, (-1_i32 - *who).into())) {
                    data.override_identity(
                        &format!("u{who}"),
                        feature,
                        *enabled,
                        FlagValue::Boolean(true),
                        shares,
                    );
                }
            }
            let multivariate = data.options.keys().min().copied();
            if let Some(feature) = multivariate.filter(|_| has_experiment) {
                let cohort = data.add_segment(
                    "experiment-7-rollout",
                    "$.identity.key",
                    Operator::PercentageSplit,
                    "50",
                );
                data.override_segment(
                    feature,
                    cohort,
                    9,
                    true,
                    FlagValue::Text("in".to_owned()),
                    &[50.0, 0.0],
                );
                for state in data
                    .states
                    .iter_mut()
                    .filter(|state| state.feature == feature && state.feature_segment.is_none())
                {
                    for allocation in &mut state.allocations {
                        allocation.percentage = 0.0;
                    }
                }
                data.run_experiment(feature, cohort);
            }
            data
        })
}

fn identities() -> impl Strategy<Value = (String, Option<String>, Option<i64>)> {
    (
        prop_oneof!["u[0-9]", "[a-zé ,]{1,8}"],
        prop::option::of("[a-c]"),
        prop::option::of(0..60_i64),
    )
}

/// What an answer says of its flags.
fn told(answer: &Value) -> Vec<Value> {
    let told = |flag: &Value| {
        json!([
            flag["feature"]["name"],
            flag["enabled"],
            flag["feature_state_value"],
            flag["variant"],
            flag["reason"]
        ])
    };
    answer["flags"].as_array().unwrap().iter().map(told).collect()
}

/// What a trace says of them, for an identity with these traits stored.
fn traced(data: &EnvironmentData, identifier: &str, traits: &serde_json::Map<String, Value>) -> Vec<Value> {
    let stored: Vec<Trait> = (1..)
        .zip(traits)
        .map(|(id, (key, value))| Trait {
            id: TraitId(id),
            identity: IdentityId(1),
            key: key.clone(),
            value: trait_value_of_json(value).unwrap(),
            created_at: MADE_AT,
        })
        .collect();
    let traced = trace(data, &SnapshotOptions::default(), identifier, &stored).into_iter();
    traced
        .map(|flag| json!([flag.name, flag.enabled, flag.value, flag.variant, flag.reason]))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn remote_and_local_evaluation_agree(
        data in environments(),
        people in prop::collection::vec(identities(), 30),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let plane = Plane::new(data.clone());
        let document: Value = serde_json::from_slice(&plane.snapshot.document().body()).unwrap();
        let mut context = context_of(&document);
        for (identifier, plan, age) in people {
            let mut traits = serde_json::Map::new();
            traits.extend(plan.map(|plan| ("plan".to_owned(), json!(plan))));
            traits.extend(age.map(|age| ("age".to_owned(), json!(age))));
            let mut asked = call(&identifier, &[]);
            asked.is_transient = true;
            asked.traits = traits.iter().map(|(key, value)| super::sent(key, value, true)).collect();
            let remote = runtime.block_on(plane.ask(asked));
            prop_assert_eq!(traced(&data, &identifier, &traits), told(&remote));
            context.identity = Some(IdentityContext { identifier, traits, ..IdentityContext::default() });
            let local = evaluate(&context);
            prop_assert_eq!(remote["flags"].as_array().unwrap().len(), local.flags.len());
            for flag in remote["flags"].as_array().unwrap() {
                let name = flag["feature"]["name"].as_str().unwrap();
                let local = &local.flags[name];
                let told = (&flag["enabled"], &flag["feature_state_value"], &flag["variant"], &flag["reason"]);
                let (enabled, variant, reason) = (json!(local.enabled), json!(local.variant), json!(local.reason));
                prop_assert_eq!(told, (&enabled, &local.value, &variant, &reason), "{}: {}", name, document);
            }
        }
    }
}

/// Everybody keeps their variant when a flag is edited, and a growing rollout only adds.
#[tokio::test]
async fn a_growing_rollout_keeps_everyone_in_their_variant() {
    let served = |rollout: &str, version: i32| {
        let mut data = environment();
        let feature = data.add_multivariate("mv", true, &[(Some("a"), "A", 0.0), (Some("b"), "B", 0.0)]);
        let cohort = data.add_segment(
            "experiment-7-rollout",
            "$.identity.key",
            Operator::PercentageSplit,
            rollout,
        );
        data.override_segment(feature, cohort, 0, true, FlagValue::Null, &[40.0, 30.0]);
        for state in &mut data.states {
            // Every version has new rows; the salt stays.
            state.id.0 += 1_000 * version;
        }
        data.run_experiment(feature, cohort);
        Plane::new(data)
    };
    let (small, large) = (served("20", 1), served("50", 2));
    let (mut kept, mut added) = (0, 0);
    for person in 0..2_000 {
        let asked = || super::IdentityCall {
            is_transient: true,
            ..call(&format!("p{person}"), &[])
        };
        let (before, after) = (small.ask(asked()).await, large.ask(asked()).await);
        let (before, after) = (super::flag(&before, "mv"), super::flag(&after, "mv"));
        if before["metadata"]["experiment"]["in_experiment"] == true {
            assert_eq!(before["variant"], after["variant"]);
            assert_eq!(after["metadata"]["experiment"]["in_experiment"], true);
            kept += 1;
        } else if after["metadata"]["experiment"]["in_experiment"] == true {
            added += 1;
        }
    }
    assert!(
        (300..500).contains(&kept) && (500..700).contains(&added),
        "{kept} {added}"
    );
}
