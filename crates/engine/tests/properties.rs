//! What holds for every split and every order, not just for the cases.

use indexmap::IndexMap;
use liftgate_engine::context::{
    EnvironmentContext, EvaluationContext, FeatureContext, IdentityContext, Operator, SegmentCondition,
    SegmentContext, SegmentRule, VariantContext,
};
use liftgate_engine::{EvaluationResult, evaluate};
use proptest::prelude::*;
use serde_json::{Number, Value, json};

fn context(identifier: &str) -> EvaluationContext {
    EvaluationContext {
        environment: EnvironmentContext {
            key: "env-key".to_owned(),
            ..EnvironmentContext::default()
        },
        identity: Some(IdentityContext {
            identifier: identifier.to_owned(),
            traits: json!({"plan": "pro"}).as_object().expect("an object").clone(),
            ..IdentityContext::default()
        }),
        ..EvaluationContext::default()
    }
}

fn segment(
    key: &str,
    operator: Operator,
    property: &str,
    value: &str,
    overrides: Vec<FeatureContext>,
) -> SegmentContext {
    SegmentContext {
        key: key.to_owned(),
        name: format!("segment-{key}"),
        rules: vec![SegmentRule {
            conditions: vec![SegmentCondition {
                property: property.to_owned(),
                operator,
                value: value.into(),
            }],
            ..SegmentRule::default()
        }],
        overrides,
        metadata: None,
    }
}

fn is_in_split(identifier: &str, share: f64) -> bool {
    let mut context = context(identifier);
    context.segments.insert(
        "10".to_owned(),
        segment(
            "10",
            Operator::PercentageSplit,
            "",
            &share.to_string(),
            Vec::new(),
        ),
    );
    !evaluate(&context).segments.is_empty()
}

/// A multivariate feature whose options have these weights; an option's key is its place.
fn multivariate(weights: &[u32]) -> FeatureContext {
    FeatureContext {
        key: "77".to_owned(),
        name: "mv".to_owned(),
        enabled: true,
        value: "control".into(),
        variants: weights
            .iter()
            .enumerate()
            .map(|(place, weight)| VariantContext {
                key: Some(place.to_string()),
                value: place.into(),
                weight: Number::from(*weight),
                #[expect(clippy::cast_precision_loss, reason = "a handful of options")]
                priority: Some(place as f64),
            })
            .collect(),
        ..FeatureContext::default()
    }
}

fn variant(identifier: &str, feature: &FeatureContext) -> Option<String> {
    let mut context = context(identifier);
    context.features.insert(feature.name.clone(), feature.clone());
    evaluate(&context).flags[&feature.name].variant.clone()
}

/// Weights that sum to at most 100.
fn weights() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(0..=25_u32, 1..=4)
}

fn shuffled<T: Clone>(items: &IndexMap<String, T>, seed: u64) -> IndexMap<String, T> {
    let mut entries: Vec<(String, T)> = items
        .iter()
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    shuffle(&mut entries, seed);
    entries.into_iter().collect()
}

/// Some order that depends on the seed.
fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut state = seed;
    for last in (1..items.len()).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let other = usize::try_from(state >> 33).expect("31 bits") % (last + 1);
        items.swap(last, other);
    }
}

/// A result whose segments are in no order.
fn unordered(result: &EvaluationResult) -> (Value, Vec<String>) {
    let mut segments: Vec<String> = result
        .segments
        .iter()
        .map(|segment| segment.name.clone())
        .collect();
    segments.sort();
    let flags = result
        .flags
        .iter()
        .map(|(name, flag)| (name.clone(), json!(flag)))
        .collect();
    (Value::Object(flags), segments)
}

proptest! {
    #[test]
    fn raising_a_split_keeps_everyone_who_was_in(identifier in ".{0,12}", low in 0.0..100.0, more in 0.0..100.0) {
        if is_in_split(&identifier, low) {
            prop_assert!(is_in_split(&identifier, low + more));
        }
    }

    #[test]
    fn everybody_is_in_a_split_of_a_hundred(identifier in ".{0,12}") {
        prop_assert!(is_in_split(&identifier, 100.0));
    }

    #[test]
    fn raising_the_last_weight_moves_nobody_between_earlier_options(
        identifier in ".{0,12}", weights in weights(), more in 0..=25_u32,
    ) {
        let before = variant(&identifier, &multivariate(&weights));
        let mut raised = weights.clone();
        *raised.last_mut().expect("at least one") += more;
        let after = variant(&identifier, &multivariate(&raised));
        // Only those in the control may move, and only into the option that was raised.
        if before != after {
            prop_assert_eq!(before.as_deref(), Some("control"));
            prop_assert_eq!(after, Some((weights.len() - 1).to_string()));
        }
    }

    #[test]
    fn an_option_added_at_the_end_takes_from_the_control_only(
        identifier in ".{0,12}", weights in weights(), weight in 1..=25_u32,
    ) {
        let before = variant(&identifier, &multivariate(&weights));
        let mut extended = weights.clone();
        extended.push(weight);
        let after = variant(&identifier, &multivariate(&extended));
        if before != after {
            prop_assert_eq!(before.as_deref(), Some("control"));
            prop_assert_eq!(after, Some(weights.len().to_string()));
        }
    }

    #[test]
    fn options_are_chosen_by_priority_not_by_place(identifier in ".{0,12}", weights in weights(), seed: u64) {
        let given = multivariate(&weights);
        let mut reordered = given.clone();
        shuffle(&mut reordered.variants, seed);
        prop_assert_eq!(variant(&identifier, &given), variant(&identifier, &reordered));
    }

    #[test]
    fn order_decides_nothing_where_priorities_differ(
        identifier in ".{0,12}",
        weights in weights(),
        kinds in prop::collection::vec((0..3_usize, 0..2_usize), 1..6),
        seed: u64,
    ) {
        let names = ["mv", "plain"];
        let mut given = context(&identifier);
        given.features.insert("mv".to_owned(), multivariate(&weights));
        given.features.insert("plain".to_owned(), FeatureContext {
            name: "plain".to_owned(),
            ..FeatureContext::default()
        });
        for (at, (kind, feature)) in kinds.iter().enumerate() {
            let (operator, property, value) = [
                (Operator::Equal, "plan", "pro"),
                (Operator::PercentageSplit, "", "50"),
                (Operator::IsSet, "$.identity.nothing", ""),
            ][*kind];
            let overriding = FeatureContext {
                key: at.to_string(),
                name: names[*feature].to_owned(),
                value: at.into(),
                #[expect(clippy::cast_precision_loss, reason = "a handful of segments")]
                priority: Some(at as f64),
                ..multivariate(&weights)
            };
            let key = at.to_string();
            given.segments.insert(key.clone(), segment(&key, operator, property, value, vec![overriding]));
        }
        let mut reordered = given.clone();
        reordered.features = shuffled(&given.features, seed);
        reordered.segments = shuffled(&given.segments, seed.rotate_left(7));
        for feature in reordered.features.values_mut() {
            shuffle(&mut feature.variants, seed);
        }
        prop_assert_eq!(unordered(&evaluate(&given)), unordered(&evaluate(&reordered)));
    }
}
