//! `/identities/`.

use liftgate_delivery::testing::{CLIENT_KEY, SERVER_KEY, environment};
use liftgate_delivery::{EnvironmentData, SourceError};
use liftgate_model::FlagValue;
use liftgate_model::segment::Operator;
use serde_json::{Value, json};

use super::{Kit, key};

const PATH: &str = "/api/v1/identities/";

fn data() -> EnvironmentData {
    let mut data = environment();
    let feature = data.add_feature("pro-only", false, FlagValue::Null);
    let segment = data.add_segment("pro", "plan", Operator::Equal, "pro");
    data.override_segment(feature, segment, 0, true, FlagValue::Text("hi".to_owned()), &[]);
    data
}

#[tokio::test]
async fn traits_are_stored_and_count_in_later_calls() {
    let kit = Kit::new(data());
    let body =
        json!({"identifier": " u1 ", "traits": [{"trait_key": " plan", "trait_value": "pro"}], "unknown": 1});
    let answer = kit.post(PATH, &key(CLIENT_KEY), &body).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("x-flagsmith-document-updated-at"),
        Some("1795347321.241593")
    );
    let flag = json!({
        "id": 101,
        "feature": {"id": 1, "name": "pro-only", "created_date": "2026-11-22T11:35:21.241593Z",
            "description": "What it is for", "initial_value": "", "default_enabled": false, "type": "STANDARD"},
        "feature_state_value": "hi", "environment": 1, "identity": null, "feature_segment": 501, "enabled": true,
        "variant": null, "reason": "TARGETING_MATCH; segment=pro"
    });
    let expected = json!({
        "identifier": "u1",
        "traits": [{"id": 2, "trait_key": "plan", "trait_value": "pro", "transient": false}],
        "flags": [flag],
    });
    assert_eq!(answer.json(), expected);
    let again = kit
        .get("/api/v1/identities/?identifier=u1", &key(CLIENT_KEY))
        .await;
    assert_eq!(again.told(), (200, expected));
    assert_eq!(kit.source.writes(), 1);
}

#[tokio::test]
async fn every_kind_of_value_is_taken() {
    let kit = Kit::new(data());
    let values = [
        json!(""),
        json!(1.5),
        json!(true),
        json!(i64::MAX),
        json!([1, {"a": "b"}]),
    ];
    let traits: Vec<Value> = (0..)
        .zip(&values)
        .map(|(n, value)| json!({"trait_key": n.to_string(), "trait_value": value}))
        .collect();
    let answer = kit
        .post(
            PATH,
            &key(CLIENT_KEY),
            &json!({"identifier": "u", "traits": traits}),
        )
        .await;
    let told: Vec<Value> = answer.json()["traits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|sent| sent["trait_value"].clone())
        .collect();
    assert_eq!(
        told,
        [
            json!(""),
            json!(1.5),
            json!(true),
            json!(i64::MAX),
            json!("[1, {\"a\": \"b\"}]")
        ]
    );
}

#[tokio::test]
async fn faults_in_the_input_are_told_by_field() {
    let kit = Kit::new(data());
    let long = "x".repeat(2_001);
    let trait_of =
        |sent: Value| json!({"identifier": "u", "traits": [{"trait_key": "fine", "trait_value": 1}, sent]});
    let at_trait = |field: &str, message: &str| {
        let mut complaint = serde_json::Map::new();
        complaint.insert(field.to_owned(), json!([message]));
        json!({"traits": [{}, complaint]})
    };
    for (body, expected) in [
        (
            trait_of(json!({"trait_key": "a"})),
            at_trait("trait_value", "This field is required."),
        ),
        (
            trait_of(json!({"trait_key": "a", "trait_value": long})),
            at_trait(
                "trait_value",
                "Value string is too long. Must be less than 2000 character",
            ),
        ),
        (
            trait_of(json!({"trait_key": "a", "trait_value": "\0"})),
            at_trait("trait_value", "Null characters are not allowed."),
        ),
        (
            trait_of(json!({"trait_key": "x".repeat(201), "trait_value": 1})),
            at_trait("trait_key", "Ensure this field has no more than 200 characters."),
        ),
        (
            json!({"identifier": "u", "traits": null}),
            json!({"traits": ["This field may not be null."]}),
        ),
        (
            json!({"identifier": long}),
            json!({"identifier": ["Ensure this field has no more than 2000 characters."]}),
        ),
    ] {
        let answer = kit.post(PATH, &key(CLIENT_KEY), &body).await;
        assert_eq!(answer.told(), (400, expected));
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    }
    let headers = [
        ("x-environment-key", CLIENT_KEY),
        ("content-type", "application/json"),
    ];
    let broken = super::request(axum::http::Method::POST, PATH, &headers, "{".into());
    let told = kit.send(broken).await.json()["detail"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(told.starts_with("JSON parse error - "), "{told}");
    assert_eq!(kit.source.writes(), 0);
}

#[tokio::test]
async fn a_get_needs_an_identifier_and_stores_it_unless_transient() {
    let kit = Kit::new(data());
    for path in [PATH, "/api/v1/identities/?identifier="] {
        let answer = kit.get(path, &key(CLIENT_KEY)).await;
        assert_eq!(answer.told(), (400, json!({"detail": "Missing identifier"})));
    }
    let long = format!("{PATH}?identifier={}", "x".repeat(2_001));
    assert_eq!(kit.get(&long, &key(CLIENT_KEY)).await.status, 400);
    for (transient, is_stored) in [
        ("true", false),
        ("1", false),
        ("yes-please", false),
        ("false", true),
        ("", true),
    ] {
        let who = format!("u-{transient}");
        let path = format!("{PATH}?identifier={who}&transient={transient}");
        assert_eq!(kit.get(&path, &key(CLIENT_KEY)).await.status, 200);
        assert_eq!(kit.source.stored(&who).is_some(), is_stored, "{transient:?}");
    }
}

#[tokio::test]
async fn one_flag_can_be_asked_for() {
    let kit = Kit::new(data());
    let answer = kit
        .get(
            "/api/v1/identities/?identifier=u&feature=pro-only",
            &key(CLIENT_KEY),
        )
        .await;
    assert_eq!(answer.json()["reason"], "DEFAULT");
    let answer = kit
        .get("/api/v1/identities/?identifier=u&feature=other", &key(CLIENT_KEY))
        .await;
    assert_eq!(answer.told(), (404, json!({"detail": "Given feature not found"})));
    let answer = kit
        .get("/api/v1/identities/?identifier=u&feature=", &key(CLIENT_KEY))
        .await;
    assert!(answer.json()["flags"].is_array());
}

#[tokio::test]
async fn without_an_identifier_nothing_is_stored() {
    let kit = Kit::new(data());
    for body in [json!({"identifier": null}), json!({"identifier": ""}), json!({})] {
        let answer = kit.post(PATH, &key(CLIENT_KEY), &body).await;
        assert_eq!(answer.json()["identifier"], "07".repeat(16));
    }
    let traits = json!([{"trait_key": "b", "trait_value": 2}, {"trait_key": "a", "trait_value": 1}]);
    let answer = kit.post(PATH, &key(CLIENT_KEY), &json!({"traits": traits})).await;
    // Computed with Python's hashlib over "a1b2".
    let expected = "85337816d263d362acb23a4255a636191075c2a90c47f2ee6db3362f7df11203";
    assert_eq!(answer.json()["identifier"], expected);
    assert_eq!(answer.json()["traits"][0]["transient"], true);
    assert_eq!(kit.source.writes(), 0);
}

#[tokio::test]
async fn client_traits_are_dropped_where_they_are_not_allowed() {
    let mut data = data();
    data.environment.allow_client_traits = false;
    let kit = Kit::new(data);
    let body = json!({"identifier": "u", "traits": [{"trait_key": "plan", "trait_value": "pro"}]});
    let answer = kit.post(PATH, &key(CLIENT_KEY), &body).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["traits"], json!([]));
    assert_eq!(answer.json()["flags"][0]["enabled"], false);
    let answer = kit.post(PATH, &key(SERVER_KEY), &body).await;
    assert_eq!(answer.json()["flags"][0]["enabled"], true);
}

#[tokio::test]
async fn without_the_database_reads_go_on_and_writes_say_when_to_come_back() {
    let kit = Kit::new(data());
    let with =
        |plan: &str| json!({"identifier": "u", "traits": [{"trait_key": "plan", "trait_value": plan}]});
    kit.post(PATH, &key(CLIENT_KEY), &with("pro")).await;
    kit.source.fail(Some(SourceError::Unavailable));
    let unchanged = kit.post(PATH, &key(CLIENT_KEY), &with("pro")).await;
    assert_eq!(
        (
            unchanged.status.as_u16(),
            &unchanged.json()["flags"][0]["enabled"]
        ),
        (200, &json!(true))
    );
    assert_eq!(
        kit.get("/api/v1/identities/?identifier=new", &key(CLIENT_KEY))
            .await
            .status,
        200
    );
    let changed = kit.post(PATH, &key(CLIENT_KEY), &with("free")).await;
    assert_eq!(changed.status, 503);
    assert_eq!(changed.header("retry-after"), Some("2"));
    assert_eq!(changed.header("access-control-allow-origin"), Some("*"));
    kit.source.fail(Some(SourceError::Internal));
    kit.clock.advance_ms(1_000);
    assert_eq!(
        kit.get("/api/v1/identities/?identifier=newer", &key(CLIENT_KEY))
            .await
            .status,
        500
    );
}
