//! Calls about identities: what counts, what is stored, what happens without the source.

use std::sync::Arc;

use liftgate_model::FlagValue;
use liftgate_model::identity::TraitValue;
use liftgate_model::segment::Operator;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Plane, call, flag, sent};
use crate::testing::environment;
use crate::{
    EnvironmentData, IdentifyError, IdentityCall, IdentityOptions, KeyKind, SnapshotOptions, SourceError,
};

/// A flag that is on for those whose `plan` is `pro`.
fn pro() -> EnvironmentData {
    let mut data = environment();
    let feature = data.add_feature("pro-only", false, FlagValue::Null);
    let segment = data.add_segment("pro", "plan", Operator::Equal, "pro");
    data.override_segment(feature, segment, 0, true, FlagValue::Null, &[]);
    data
}

fn is_pro(answer: &Value) -> bool {
    flag(answer, "pro-only")["enabled"] == true
}

fn traits(answer: &Value) -> Vec<(&str, &Value)> {
    let traits = answer["traits"].as_array().unwrap().iter();
    traits
        .map(|sent| (sent["trait_key"].as_str().unwrap(), &sent["trait_value"]))
        .collect()
}

fn stored(plane: &Plane, identifier: &str) -> Vec<(String, TraitValue)> {
    let identity = plane.source.stored(identifier).unwrap();
    identity
        .traits
        .into_iter()
        .map(|stored| (stored.key, stored.value))
        .collect()
}

#[tokio::test]
async fn traits_merge_and_stay() {
    let plane = Plane::new(pro());
    let first = plane
        .ask(call("u", &[("plan", json!("pro")), ("age", json!(30))]))
        .await;
    assert!(is_pro(&first));
    assert_eq!(first["identifier"], "u");
    assert_eq!(
        first["traits"],
        json!([{"id": 2, "trait_key": "plan", "trait_value": "pro", "transient": false},
            {"id": 3, "trait_key": "age", "trait_value": 30, "transient": false}])
    );
    let second = plane
        .ask(call("u", &[("age", json!(31.5)), ("vip", json!(true))]))
        .await;
    assert!(is_pro(&second));
    assert_eq!(
        traits(&second),
        [
            ("plan", &json!("pro")),
            ("age", &json!(31.5)),
            ("vip", &json!(true))
        ]
    );
    let third = plane
        .ask(call("u", &[("plan", Value::Null), ("never", Value::Null)]))
        .await;
    assert!(!is_pro(&third));
    assert_eq!(traits(&third), [("age", &json!(31.5)), ("vip", &json!(true))]);
    assert_eq!(plane.source.writes(), 3);
}

#[tokio::test]
async fn of_one_key_sent_twice_the_last_counts() {
    let plane = Plane::new(pro());
    let answer = plane
        .ask(call("u", &[("plan", json!("free")), ("plan", json!("pro"))]))
        .await;
    assert!(is_pro(&answer));
    let answer = plane
        .ask(call("u", &[("plan", json!("x")), ("plan", Value::Null)]))
        .await;
    assert_eq!(traits(&answer), []);
    let answer = plane
        .ask(call("u", &[("plan", Value::Null), ("plan", json!("pro"))]))
        .await;
    assert_eq!(traits(&answer), [("plan", &json!("pro"))]);
}

#[tokio::test]
async fn what_changes_nothing_writes_nothing() {
    let plane = Plane::new(pro());
    let same = || call("u", &[("plan", json!("pro")), ("big", json!(i64::MAX))]);
    let first = plane.ask(same()).await;
    for _ in 0..3 {
        assert_eq!(plane.ask(same()).await, first);
        assert_eq!(plane.ask(call("u", &[])).await, first);
    }
    assert_eq!((plane.source.writes(), plane.source.loads()), (1, 1));
    // Another type is another value.
    plane
        .ask(call("u", &[("big", json!(9_223_372_036_854_775_807.0))]))
        .await;
    assert_eq!(plane.source.writes(), 2);
}

#[tokio::test]
async fn an_unknown_identity_is_created_without_traits_too() {
    let plane = Plane::new(pro());
    assert_eq!(plane.ask(call("u", &[])).await["traits"], json!([]));
    assert!(plane.source.stored("u").is_some());
    plane.ask(call("u", &[])).await;
    assert_eq!(plane.source.writes(), 1);
}

#[tokio::test]
async fn transient_traits_count_once_and_are_never_stored() {
    let plane = Plane::new(pro());
    plane.ask(call("u", &[("plan", json!("free"))])).await;
    let mut transient = call("u", &[("age", json!(3))]);
    transient.traits.push(sent("plan", &json!("pro"), true));
    let answer = plane.ask(transient).await;
    assert!(is_pro(&answer));
    assert_eq!(
        answer["traits"][0],
        json!({"id": null, "trait_key": "plan", "trait_value": "pro", "transient": true})
    );
    assert_eq!(
        stored(&plane, "u"),
        [
            ("plan".to_owned(), TraitValue::Text("free".to_owned())),
            ("age".to_owned(), TraitValue::Integer(3))
        ]
    );
    assert!(!is_pro(&plane.ask(call("u", &[])).await));
}

#[tokio::test]
async fn a_transient_identity_stores_nothing_but_uses_what_is_stored() {
    let mut data = pro();
    data.override_identity("known", 1.into(), true, FlagValue::Integer(9), &[]);
    let plane = Plane::new(data);
    let transient = |identifier: &str, traits: &[(&str, Value)]| IdentityCall {
        is_transient: true,
        ..call(identifier, traits)
    };
    let answer = plane.ask(transient("ghost", &[("plan", json!("pro"))])).await;
    assert!(is_pro(&answer));
    assert_eq!(answer["traits"][0]["transient"], true);
    assert!(plane.source.stored("ghost").is_none());

    plane.ask(call("known", &[("age", json!(1))])).await;
    let writes = plane.source.writes();
    let answer = plane
        .ask(transient(
            "known",
            &[("plan", json!("free")), ("age", Value::Null)],
        ))
        .await;
    assert_eq!(flag(&answer, "pro-only")["feature_state_value"], 9);
    assert_eq!(traits(&answer), [("plan", &json!("free"))]);
    assert_eq!(plane.source.writes(), writes);
    assert_eq!(stored(&plane, "known").len(), 1);
}

#[tokio::test]
async fn without_an_identifier_the_traits_are_the_identity() {
    let plane = Plane::new(pro());
    for identifier in [None, Some(String::new())] {
        let anonymous = IdentityCall {
            identifier,
            ..call(
                "",
                &[("plan", json!("pro")), ("a", json!(1)), ("gone", Value::Null)],
            )
        };
        let answer = plane.ask(anonymous).await;
        assert!(is_pro(&answer));
        // Computed with Python's hashlib over "a1planpro".
        assert_eq!(
            answer["identifier"],
            "0831da8840500bbec9fd2fbcc774b71c90e063c7a8c260a9926fb11b652c973f"
        );
        assert_eq!(answer["traits"].as_array().unwrap().len(), 2);
        assert_eq!(answer["traits"][0]["transient"], true);
    }
    let nameless = plane.ask(IdentityCall::default()).await;
    assert_eq!(nameless["identifier"].as_str().unwrap().len(), 32);
    assert_eq!((plane.source.writes(), plane.source.loads()), (0, 0));
}

#[tokio::test]
async fn clients_that_may_not_write_traits_are_answered_without_them() {
    let mut data = pro();
    data.environment.allow_client_traits = false;
    let plane = Plane::new(data);
    let answer = plane
        .identify(KeyKind::Client, call("u", &[("plan", json!("pro"))]))
        .await
        .unwrap();
    assert_eq!(answer["traits"], json!([]));
    assert!(!is_pro(&answer));
    assert_eq!(stored(&plane, "u"), []);
    let answer = plane
        .identify(KeyKind::Server, call("u", &[("plan", json!("pro"))]))
        .await
        .unwrap();
    assert!(is_pro(&answer));
}

#[tokio::test]
async fn an_organisation_that_stores_no_traits_still_has_them_evaluated() {
    let mut data = pro();
    data.organisation.persist_trait_data = false;
    let plane = Plane::new(data);
    let answer = plane.ask(call("u", &[("plan", json!("pro"))])).await;
    assert!(is_pro(&answer));
    assert_eq!(
        answer["traits"],
        json!([{"id": null, "trait_key": "plan", "trait_value": "pro", "transient": false}])
    );
    assert_eq!(stored(&plane, "u"), []);
    assert!(!is_pro(&plane.ask(call("u", &[])).await));
}

#[tokio::test]
async fn without_the_source_reads_are_answered_from_memory() {
    let plane = Plane::new(pro());
    plane.ask(call("known", &[("plan", json!("pro"))])).await;
    plane.source.fail(Some(SourceError::Unavailable));
    let unchanged = plane.ask(call("known", &[("plan", json!("pro"))])).await;
    assert!(is_pro(&unchanged) && is_pro(&plane.ask(call("known", &[])).await));
    assert!(!is_pro(&plane.ask(call("stranger", &[])).await));
    let mut transient = call("stranger", &[]);
    transient.traits.push(sent("plan", &json!("pro"), true));
    assert!(is_pro(&plane.ask(transient).await));

    for refused in [
        call("known", &[("plan", json!("free"))]),
        call("stranger", &[("plan", json!("pro"))]),
    ] {
        assert_eq!(
            plane.identify(KeyKind::Server, refused).await.unwrap_err(),
            IdentifyError::Unavailable
        );
    }
    // A refused change leaves the memory usable.
    assert!(is_pro(&plane.ask(call("known", &[])).await));
    assert!(is_pro(&plane.ask(call("known", &[("plan", json!("pro"))])).await));
}

#[tokio::test]
async fn a_source_that_stays_away_is_not_waited_for() {
    let plane = Plane::new(pro());
    plane.source.fail(Some(SourceError::Unavailable));
    for name in 0..20 {
        plane.ask(call(&format!("u{name}"), &[])).await;
    }
    assert_eq!(plane.source.loads(), 3);
    plane.clock.advance_ms(1_000);
    plane.ask(call("probe", &[])).await;
    plane.ask(call("probe", &[])).await;
    assert_eq!(plane.source.loads(), 4);
    plane.source.fail(None);
    assert!(
        plane
            .identify(KeyKind::Server, call("u", &[("a", json!(1))]))
            .await
            .is_err()
    );
    plane.clock.advance_ms(1_000);
    plane.ask(call("u", &[("a", json!(1))])).await;
    plane.ask(call("v", &[("a", json!(1))])).await;
    assert_eq!(stored(&plane, "v").len(), 1);
}

#[tokio::test]
async fn what_is_doubted_is_read_again_and_counts_until_it_can_be() {
    let plane = Plane::new(pro());
    plane.ask(call("known", &[("plan", json!("pro"))])).await;
    let loads = plane.source.loads();
    plane.clock.advance_ms(1);
    plane.delivery.doubt_identities();
    plane.ask(call("known", &[])).await;
    plane.ask(call("known", &[])).await;
    assert_eq!(plane.source.loads(), loads + 1);

    plane.source.fail(Some(SourceError::Unavailable));
    plane.clock.advance_ms(1);
    plane.delivery.doubt_identities();
    let mut tried = Vec::new();
    for _ in 0..10 {
        assert!(is_pro(&plane.ask(call("known", &[])).await));
        tried.push(plane.source.loads() - loads - 1);
        plane.clock.advance_ms(1_000);
    }
    assert_eq!(
        tried,
        [1, 2, 3, 3, 3, 3, 3, 3, 3, 3],
        "it is spared while the source is away"
    );
    plane.delivery.source_answers();
    assert!(is_pro(&plane.ask(call("known", &[])).await));
    assert!(is_pro(&plane.ask(call("known", &[])).await));
    assert_eq!(plane.source.loads() - loads - 1, 4, "once, and it was not so");
    plane.source.fail(None);
    plane.clock.advance_ms(1_000);
    plane.delivery.source_answers();
    plane.ask(call("known", &[])).await;
    plane.ask(call("known", &[])).await;
    assert_eq!(plane.source.loads() - loads - 1, 5);
}

#[tokio::test]
async fn a_defect_of_the_source_is_told() {
    let plane = Plane::new(pro());
    plane.source.fail(Some(SourceError::Internal));
    assert_eq!(
        plane.identify(KeyKind::Server, call("u", &[])).await.unwrap_err(),
        IdentifyError::Internal
    );
}

#[tokio::test]
async fn changes_from_elsewhere_count_once_told_or_too_old() {
    for is_told in [true, false] {
        let options = IdentityOptions {
            max_age_seconds: Some(30),
            ..IdentityOptions::default()
        };
        let plane = Plane::with(pro(), &SnapshotOptions::default(), options);
        plane.ask(call("u", &[])).await;
        let changes = crate::TraitChanges {
            set: vec![("plan".to_owned(), TraitValue::Text("pro".to_owned()))],
            delete: Vec::new(),
        };
        let source = Arc::clone(&plane.source);
        crate::IdentitySource::apply(&*source, 1.into(), "u", changes)
            .await
            .unwrap();
        assert!(!is_pro(&plane.ask(call("u", &[])).await));
        if is_told {
            plane.delivery.forget(1.into(), "u");
        } else {
            plane.clock.advance_ms(30_001);
        }
        assert!(is_pro(&plane.ask(call("u", &[])).await));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_calls_on_one_identifier_lose_nothing() {
    let plane = Arc::new(Plane::new(pro()));
    for round in 0..200 {
        let calls = (0..4).map(|caller| {
            let plane = Arc::clone(&plane);
            tokio::spawn(async move {
                let key = format!("k{round}-{caller}");
                plane.ask(call("u", &[(key.as_str(), json!(caller))])).await;
            })
        });
        for running in calls.collect::<Vec<_>>() {
            running.await.unwrap();
        }
    }
    assert_eq!(stored(&plane, "u").len(), 800);
    assert_eq!(traits(&plane.ask(call("u", &[])).await).len(), 800);
    assert_eq!(plane.source.writes(), 800);
}

#[tokio::test]
async fn a_caller_who_leaves_during_a_write_leaves_no_stale_memory() {
    let plane = Plane::new(pro());
    plane.ask(call("u", &[("plan", json!("free"))])).await;
    {
        let mut write = Box::pin(plane.ask(call("u", &[("plan", json!("pro"))])));
        // The first poll writes and then yields before the answer.
        assert!(poll_once(write.as_mut()).is_none());
    }
    assert_eq!(
        stored(&plane, "u"),
        [("plan".to_owned(), TraitValue::Text("pro".to_owned()))]
    );
    assert!(is_pro(&plane.ask(call("u", &[])).await));
}

fn poll_once<T>(future: std::pin::Pin<&mut impl Future<Output = T>>) -> Option<T> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.poll(&mut context) {
        std::task::Poll::Ready(value) => Some(value),
        std::task::Poll::Pending => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is called in whatever order, what is remembered is what is stored.
    #[test]
    fn memory_and_store_agree(
        calls in prop::collection::vec((0..3_u8, prop::collection::vec((0..3_u8, prop::option::of(0..3_i64), prop::bool::ANY), 0..4), 0..8_u8), 1..40)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let options = IdentityOptions { capacity: 32, ..IdentityOptions::default() };
            let plane = Plane::with(pro(), &SnapshotOptions::default(), options);
            for (who, sent_traits, event) in calls {
                let who = format!("u{who}");
                match event {
                    0 => plane.delivery.forget(1.into(), &who),
                    1 => plane.delivery.forget_environment(1.into()),
                    2 => plane.source.fail(Some(SourceError::Unavailable)),
                    _ => {}
                }
                let mut asked = call(&who, &[]);
                asked.traits = sent_traits
                    .iter()
                    .map(|(key, value, is_transient)| sent(&format!("k{key}"), &json!(value), *is_transient))
                    .collect();
                let _ = plane.identify(KeyKind::Server, asked).await;
                plane.source.fail(None);
                plane.clock.advance_ms(2_000);
            }
            for who in ["u0", "u1", "u2"] {
                let answer = plane.ask(call(who, &[])).await;
                let stored = stored(&plane, who);
                let remembered: Vec<(String, TraitValue)> = traits(&answer)
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), crate::trait_value_of_json(value).unwrap()))
                    .collect();
                assert_eq!(remembered, stored);
            }
        });
    }
}
