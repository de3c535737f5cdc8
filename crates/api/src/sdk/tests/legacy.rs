//! The routes of the first SDKs.

use liftgate_delivery::EnvironmentData;
use liftgate_delivery::testing::{CLIENT_KEY, SERVER_KEY, environment};
use liftgate_model::FlagValue;
use liftgate_model::segment::Operator;
use serde_json::json;

use super::{Kit, key};

fn data() -> EnvironmentData {
    let mut data = environment();
    let feature = data.add_feature("pro-only", false, FlagValue::Null);
    data.add_feature("secret", true, FlagValue::Null);
    data.features[1].is_server_key_only = true;
    let segment = data.add_segment("pro", "plan", Operator::Equal, "pro");
    data.override_segment(feature, segment, 0, true, FlagValue::Text("hi".to_owned()), &[]);
    data
}

#[tokio::test]
async fn an_identity_in_the_path_is_stored_and_answered_like_one_in_the_query() {
    let kit = Kit::new(data());
    let answer = kit.get("/api/v1/identities/a%2Fb/", &key(CLIENT_KEY)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["identifier"], "a/b");
    assert!(kit.source.stored("a/b").is_some());
    let newer = kit
        .get("/api/v1/identities/?identifier=a/b", &key(CLIENT_KEY))
        .await;
    assert_eq!(answer.json(), newer.json());
}

#[tokio::test]
async fn a_trait_set_by_its_path_counts() {
    let kit = Kit::new(data());
    let path = "/api/v1/identities/u1/traits/plan";
    let set = kit
        .post(path, &key(CLIENT_KEY), &json!({"trait_value": "pro"}))
        .await;
    let expected = json!({"identity": {"identifier": "u1"}, "trait_key": "plan", "trait_value": "pro"});
    assert_eq!(set.told(), (200, expected));
    let flags = kit.get("/api/v1/flags/u1", &key(CLIENT_KEY)).await;
    assert_eq!(flags.status, 200);
    let flags = flags.json();
    assert_eq!(
        flags.as_array().unwrap().len(),
        1,
        "server-only flags stay hidden"
    );
    assert_eq!(flags[0]["feature_state_value"], "hi");

    let deleted = kit
        .post(path, &key(CLIENT_KEY), &json!({"trait_value": null}))
        .await;
    assert_eq!(deleted.status, 200);
    let flag = kit
        .get("/api/v1/flags/u1?feature=pro-only", &key(CLIENT_KEY))
        .await;
    assert_eq!(flag.json()["feature_state_value"], json!(null));
    let hidden = kit.get("/api/v1/flags/u1?feature=secret", &key(CLIENT_KEY)).await;
    assert_eq!(hidden.told(), (404, json!({"detail": "Given feature not found"})));
}

#[tokio::test]
async fn what_cannot_be_a_trait_is_refused() {
    let kit = Kit::new(data());
    let path = "/api/v1/identities/u1/traits/plan";
    let missing = kit.post(path, &key(CLIENT_KEY), &json!({})).await;
    assert_eq!(
        missing.told(),
        (400, json!({"trait_value": ["This field is required."]}))
    );
    let long = format!("/api/v1/identities/u1/traits/{}", "k".repeat(201));
    let long = kit
        .post(&long, &key(CLIENT_KEY), &json!({"trait_value": 1}))
        .await;
    assert_eq!(long.status, 400);
    let nobody = format!("/api/v1/identities/{}/", "u".repeat(2_001));
    assert_eq!(kit.get(&nobody, &key(CLIENT_KEY)).await.status, 400);
    assert_eq!(kit.source.writes(), 0);
}

#[tokio::test]
async fn a_client_key_sets_no_traits_where_that_is_not_allowed() {
    let mut data = data();
    data.environment.allow_client_traits = false;
    let kit = Kit::new(data);
    let path = "/api/v1/identities/u1/traits/plan";
    let body = json!({"trait_value": "pro"});
    let refused = kit.post(path, &key(CLIENT_KEY), &body).await;
    let expected = json!({"non_field_errors": ["Setting traits not allowed with client key."]});
    assert_eq!(refused.told(), (400, expected));
    assert!(kit.source.stored("u1").is_none());
    assert_eq!(kit.post(path, &key(SERVER_KEY), &body).await.status, 200);
}
