//! `/traits/`.

use axum::body::Body;
use axum::http::Method;
use liftgate_delivery::testing::{CLIENT_KEY, SERVER_KEY, environment};
use liftgate_delivery::{EnvironmentData, SourceError};
use liftgate_model::identity::TraitValue;
use serde_json::{Value, json};

use super::{Answer, Kit, key, request};

const SET: &str = "/api/v1/traits/";
const BULK: &str = "/api/v1/traits/bulk/";
const INCREMENT: &str = "/api/v1/traits/increment-value/";

fn data() -> EnvironmentData {
    environment()
}

fn own(identifier: &str, trait_key: &str, value: &Value) -> Value {
    json!({"identity": {"identifier": identifier}, "trait_key": trait_key, "trait_value": value})
}

fn increment(by: &Value) -> Value {
    json!({"identifier": "u", "trait_key": "n", "increment_by": by})
}

async fn raw(kit: &Kit, method: Method, path: &str, key: &str, body: &str) -> Answer {
    let headers = [("x-environment-key", key), ("content-type", "application/json")];
    kit.send(request(method, path, &headers, Body::from(body.to_owned())))
        .await
}

async fn put(kit: &Kit, body: &Value) -> Answer {
    raw(kit, Method::PUT, BULK, CLIENT_KEY, &body.to_string()).await
}

/// The traits of an identity as they are stored, by key.
fn stored(kit: &Kit, identifier: &str) -> Vec<(String, TraitValue)> {
    let identity = kit.source.stored(identifier);
    let traits = identity.map(|identity| identity.traits).unwrap_or_default();
    let mut traits: Vec<_> = traits
        .into_iter()
        .map(|stored| (stored.key, stored.value))
        .collect();
    traits.sort_by(|(one, _), (other, _)| one.cmp(other));
    traits
}

#[tokio::test]
async fn values_of_every_kind_are_set_and_answered() {
    let kit = Kit::new(data());
    for (sent, told, kept) in [
        (json!("x"), json!("x"), TraitValue::Text("x".into())),
        (json!(""), json!(""), TraitValue::Text(String::new())),
        (json!(5), json!(5), TraitValue::Integer(5)),
        (json!(i64::MIN), json!(i64::MIN), TraitValue::Integer(i64::MIN)),
        (json!(1.5), json!(1.5), TraitValue::Float(1.5)),
        (json!(false), json!(false), TraitValue::Boolean(false)),
        (
            json!({"a": [1]}),
            json!("{\"a\": [1]}"),
            TraitValue::Text("{\"a\": [1]}".into()),
        ),
    ] {
        let answer = kit.post(SET, &key(CLIENT_KEY), &own(" u ", " k ", &sent)).await;
        assert_eq!(answer.told(), (200, own("u", "k", &told)));
        assert_eq!(stored(&kit, "u"), [("k".to_owned(), kept)]);
        let seen = kit
            .get("/api/v1/identities/?identifier=u", &key(CLIENT_KEY))
            .await;
        assert_eq!(seen.json()["traits"][0]["trait_value"], told);
    }
}

#[tokio::test]
async fn faults_of_a_trait_are_told_by_field() {
    let kit = Kit::new(data());
    let required = json!(["This field is required."]);
    for (body, expected) in [
        (
            json!({}),
            json!({"identity": required, "trait_key": required, "trait_value": required}),
        ),
        (
            json!({"identity": {}, "trait_key": "", "trait_value": null}),
            json!({"identity": {"identifier": required}, "trait_key": ["This field may not be blank."],
                "trait_value": ["This field may not be null."]}),
        ),
        (
            json!({"identity": "u", "trait_key": "k", "trait_value": 1}),
            json!({"identity": {"non_field_errors": ["Invalid data. Expected a dictionary, but got str."]}}),
        ),
        (
            own(&"u".repeat(2_001), &"k".repeat(201), &json!("v".repeat(2_001))),
            json!({
                "identity": {"identifier": ["Ensure this field has no more than 2000 characters."]},
                "trait_key": ["Ensure this field has no more than 200 characters."],
                "trait_value": ["Value string is too long. Must be less than 2000 character"],
            }),
        ),
        (
            json!([1]),
            json!({"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}),
        ),
    ] {
        assert_eq!(
            kit.post(SET, &key(CLIENT_KEY), &body).await.told(),
            (400, expected),
            "{body}"
        );
    }
    let broken = raw(&kit, Method::POST, SET, CLIENT_KEY, "{").await;
    assert_eq!(broken.status, 400);
    assert!(
        broken.json()["detail"]
            .as_str()
            .unwrap()
            .starts_with("JSON parse error - ")
    );
    assert_eq!(kit.source.writes(), 0);
}

#[tokio::test]
async fn many_are_set_and_deleted_at_once() {
    let kit = Kit::new(data());
    for (identifier, trait_key) in [("a", "old"), ("a", "kept"), ("b", "old")] {
        let body = own(identifier, trait_key, &json!("x"));
        assert_eq!(kit.post(SET, &key(CLIENT_KEY), &body).await.status, 200);
    }
    let answer = put(
        &kit,
        &json!([
            own("a", "n", &json!(1)),
            own("a", "old", &json!(null)),
            {"identity": {"identifier": "b"}, "trait_key": "old"},
            own("c", "n", &json!([1])),
            own("a", "n", &json!(2)),
            own("a", "twice", &json!(1)),
            own("a", "twice", &json!(null)),
            own("never", "old", &json!(null)),
        ]),
    )
    .await;
    let set = json!([own("c", "n", &json!("[1]")), own("a", "n", &json!(2))]);
    assert_eq!(answer.told(), (200, set));
    let text = |text: &str| TraitValue::Text(text.to_owned());
    assert_eq!(
        stored(&kit, "a"),
        [
            ("kept".to_owned(), text("x")),
            ("n".to_owned(), TraitValue::Integer(2))
        ]
    );
    assert_eq!(stored(&kit, "b"), []);
    assert_eq!(stored(&kit, "c"), [("n".to_owned(), text("[1]"))]);
    assert!(kit.source.stored("never").is_none(), "deleting makes no identity");
    assert_eq!(put(&kit, &json!([])).await.told(), (200, json!([])));
}

#[tokio::test]
async fn a_faulty_list_changes_nothing() {
    let kit = Kit::new(data());
    let invalid = json!({"detail": "Invalid request data"});
    for body in [
        "null",
        "7",
        "\"text\"",
        "{}",
        "[1]",
        "[[]]",
        "[null]",
        "",
        "{\"identity\":{}}",
    ] {
        let answer = raw(&kit, Method::PUT, BULK, CLIENT_KEY, body).await;
        assert_eq!(answer.told(), (400, invalid.clone()), "{body}");
    }
    let answer = put(
        &kit,
        &json!([own("a", "k", &json!(1)), {"identity": {"identifier": "a"}}, own("a", "k", &json!("v".repeat(2_001)))]),
    )
    .await;
    let expected = json!([
        {},
        {"trait_key": ["This field is required."]},
        {"trait_value": ["Value string is too long. Must be less than 2000 character"]},
    ]);
    assert_eq!(answer.told(), (400, expected));
    let crowd: Vec<Value> = (0..1_001)
        .map(|number| own(&number.to_string(), "k", &json!(1)))
        .collect();
    assert_eq!(put(&kit, &Value::Array(crowd)).await.status, 400);
    assert_eq!(kit.source.writes(), 0);
}

#[tokio::test]
async fn counting_starts_at_nothing_and_goes_both_ways() {
    let kit = Kit::new(data());
    for (by, value) in [(json!(3), 3), (json!("4"), 7), (json!(-9.0), -2), (json!(0), -2)] {
        let answer = kit.post(INCREMENT, &key(CLIENT_KEY), &increment(&by)).await;
        let told = json!({"trait_key": "n", "trait_value": value, "identifier": "u"});
        assert_eq!(answer.told(), (200, told));
        let seen = kit
            .get("/api/v1/identities/?identifier=u", &key(CLIENT_KEY))
            .await;
        assert_eq!(seen.json()["traits"][0]["trait_value"], value);
    }
    let most = kit
        .post(INCREMENT, &key(CLIENT_KEY), &increment(&json!(i64::MIN)))
        .await;
    let expected = json!(["Trait would leave the range of 64-bit integers."]);
    assert_eq!(most.told(), (400, expected));
    for other in [json!("1"), json!(1.0), json!(true)] {
        kit.post(SET, &key(CLIENT_KEY), &own("u", "n", &other)).await;
        let refused = kit.post(INCREMENT, &key(CLIENT_KEY), &increment(&json!(1))).await;
        assert_eq!(refused.told(), (400, json!(["Trait is not an integer."])));
        assert_eq!(stored(&kit, "u").len(), 1);
    }
}

#[tokio::test]
async fn faults_of_an_increment_are_told_by_field() {
    let kit = Kit::new(data());
    let required = json!(["This field is required."]);
    for (body, expected) in [
        (
            json!({}),
            json!({"identifier": required, "trait_key": required, "increment_by": required}),
        ),
        (
            json!({"identifier": "", "trait_key": "k".repeat(201), "increment_by": 1.5}),
            json!({
                "identifier": ["This field may not be blank."],
                "trait_key": ["Ensure this field has no more than 200 characters."],
                "increment_by": ["A valid integer is required."],
            }),
        ),
        (
            increment(&json!(9_223_372_036_854_775_808_u64)),
            json!({"increment_by": ["Ensure this value is less than or equal to 9223372036854775807."]}),
        ),
        (
            increment(&json!(true)),
            json!({"increment_by": ["A valid integer is required."]}),
        ),
    ] {
        let answer = kit.post(INCREMENT, &key(CLIENT_KEY), &body).await;
        assert_eq!(answer.told(), (400, expected), "{body}");
    }
    assert_eq!(kit.source.writes(), 0);
}

#[tokio::test]
async fn counting_at_the_same_time_loses_nothing() {
    let kit = Kit::new(data());
    let (client, body) = (key(CLIENT_KEY), increment(&json!(1)));
    let counts = (0..50).map(|_| kit.post(INCREMENT, &client, &body));
    for answer in futures_util::future::join_all(counts).await {
        assert_eq!(answer.status, 200);
    }
    assert_eq!(stored(&kit, "u"), [("n".to_owned(), TraitValue::Integer(50))]);
}

#[tokio::test]
async fn who_may_set_no_traits_is_told_before_the_body_is_looked_at() {
    let routes = [
        (Method::POST, SET),
        (Method::PUT, BULK),
        (Method::POST, INCREMENT),
    ];
    let mut closed = data();
    closed.environment.allow_client_traits = false;
    let mut forgetful = data();
    forgetful.organisation.persist_trait_data = false;
    let client = json!({"non_field_errors": ["Setting traits not allowed with client key."]});
    let nobody = json!({"detail": "Organisation is not authorised to store traits."});
    let unknown = json!({"detail": "Invalid or missing Environment Key"});
    for (data, key, expected) in [
        (closed.clone(), CLIENT_KEY, Some((400, client))),
        (closed, SERVER_KEY, None),
        (forgetful.clone(), CLIENT_KEY, Some((403, nobody.clone()))),
        (forgetful, SERVER_KEY, Some((403, nobody))),
        (data(), "unknown", Some((403, unknown))),
    ] {
        let kit = Kit::new(data);
        for (method, path) in &routes {
            let answer = raw(&kit, method.clone(), path, key, "{").await;
            let detail = "JSON parse error - Expecting property name enclosed in double quotes: line 1 column 2 (char 1)";
            let expected = expected.clone().unwrap_or((400, json!({"detail": detail})));
            assert_eq!(answer.told(), expected, "{path} {key}");
        }
    }
}

#[tokio::test]
async fn while_the_source_is_away_callers_are_asked_to_come_back() {
    let kit = Kit::new(data());
    kit.source.fail(Some(SourceError::Unavailable));
    for (method, path, body) in [
        (Method::POST, SET, own("u", "k", &json!(1))),
        (Method::PUT, BULK, json!([own("u", "k", &json!(1))])),
        (Method::PUT, BULK, json!([own("u", "k", &json!(null))])),
        (Method::POST, INCREMENT, increment(&json!(1))),
    ] {
        let answer = raw(&kit, method, path, CLIENT_KEY, &body.to_string()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("retry-after")),
            (503, Some("2")),
            "{path}"
        );
    }
}
