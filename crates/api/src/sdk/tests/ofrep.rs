//! OFREP.

use axum::http::Method;
use liftgate_delivery::EnvironmentData;
use liftgate_delivery::testing::{CLIENT_KEY, SERVER_KEY, environment};
use liftgate_model::FlagValue;
use liftgate_model::segment::Operator;
use serde_json::{Value, json};

use super::{Answer, Kit, key, request};

const BULK: &str = "/ofrep/v1/evaluate/flags";

fn data() -> EnvironmentData {
    let mut data = environment();
    let plain = data.add_feature("plain", true, FlagValue::Integer(42));
    data.add_feature("switch", true, FlagValue::Null);
    data.add_feature("off", false, FlagValue::Null);
    data.add_feature("off value", false, FlagValue::Text("x".to_owned()));
    data.add_multivariate("split", true, &[(Some("blue"), "b", 100.0)]);
    data.add_multivariate("held", true, &[(Some("blue"), "b", 0.0)]);
    data.add_feature("secret", true, FlagValue::Null);
    data.features[6].is_server_key_only = true;
    let segment = data.add_segment("pro", "plan", Operator::Equal, "pro");
    data.override_segment(plain, segment, 0, true, FlagValue::Integer(43), &[]);
    data
}

async fn evaluate(kit: &Kit, flag: &str, context: Value) -> Answer {
    kit.post(
        &format!("{BULK}/{flag}"),
        &key(CLIENT_KEY),
        &json!({"context": context}),
    )
    .await
}

#[tokio::test]
async fn a_flag_says_its_value_its_variant_and_one_bare_word_why() {
    let kit = Kit::new(data());
    for (flag, context, expected) in [
        (
            "plain",
            json!({}),
            json!({"key": "plain", "value": 42, "variant": null, "reason": "STATIC",
                "metadata": {"enabled": true, "featureId": 1}}),
        ),
        (
            "plain",
            json!({"targetingKey": "u", "plan": "pro"}),
            json!({"key": "plain", "value": 43, "variant": null, "reason": "TARGETING_MATCH",
                "metadata": {"enabled": true, "featureId": 1}}),
        ),
        (
            "plain",
            json!({"plan": "free"}),
            json!({"key": "plain", "value": 42, "variant": null, "reason": "STATIC",
                "metadata": {"enabled": true, "featureId": 1}}),
        ),
        (
            "switch",
            json!({"targetingKey": "u"}),
            json!({"key": "switch", "value": true, "variant": null, "reason": "STATIC",
                "metadata": {"enabled": true, "featureId": 2}}),
        ),
        (
            "off",
            json!({"targetingKey": "u"}),
            json!({"key": "off", "value": false, "variant": null, "reason": "DISABLED",
                "metadata": {"enabled": false, "featureId": 3}}),
        ),
        (
            "off%20value",
            json!({}),
            json!({"key": "off value", "variant": null, "reason": "DISABLED",
                "metadata": {"enabled": false, "featureId": 4}}),
        ),
        (
            "split",
            json!({"targetingKey": "u"}),
            json!({"key": "split", "value": "b", "variant": "blue", "reason": "SPLIT",
                "metadata": {"enabled": true, "featureId": 5}}),
        ),
        (
            "held",
            json!({"targetingKey": "u"}),
            json!({"key": "held", "value": "control-value", "variant": "control", "reason": "SPLIT",
                "metadata": {"enabled": true, "featureId": 6}}),
        ),
        (
            "split",
            json!({}),
            json!({"key": "split", "value": "control-value", "variant": null, "reason": "STATIC",
                "metadata": {"enabled": true, "featureId": 5}}),
        ),
    ] {
        let answer = evaluate(&kit, flag, context.clone()).await;
        assert_eq!(answer.told(), (200, expected), "{flag} {context}");
    }
    assert_eq!(kit.source.writes(), 0, "nothing is stored");
}

#[tokio::test]
async fn an_override_of_the_identity_is_a_match_and_stored_traits_apply() {
    let mut data = data();
    let split = data.features[4].id;
    data.override_identity("vip", split, true, FlagValue::Text("hers".to_owned()), &[]);
    let kit = Kit::new(data);
    let body = json!({"identifier": "vip", "traits": [{"trait_key": "plan", "trait_value": "pro"}]});
    kit.post("/api/v1/identities/", &key(CLIENT_KEY), &body).await;
    let writes = kit.source.writes();
    let split = evaluate(&kit, "split", json!({"targetingKey": "vip"}))
        .await
        .json();
    assert_eq!(
        (&split["value"], &split["reason"]),
        (&json!("hers"), &json!("TARGETING_MATCH"))
    );
    let plain = |context| async { evaluate(&kit, "plain", context).await.json()["value"].clone() };
    assert_eq!(plain(json!({"targetingKey": "vip"})).await, 43);
    assert_eq!(
        plain(json!({"targetingKey": "vip", "plan": "free"})).await,
        42,
        "what is sent counts over what is stored"
    );
    assert_eq!(kit.source.writes(), writes);
}

#[tokio::test]
async fn a_running_experiment_is_told_in_flat_metadata() {
    let mut data = data();
    let split = data.features[4].id;
    let segment = data.add_segment("rollout", "plan", Operator::Equal, "pro");
    data.override_segment(split, segment, 0, true, FlagValue::Text("r".to_owned()), &[]);
    data.run_experiment(split, segment);
    let kit = Kit::new(data);
    for (plan, in_experiment) in [("pro", true), ("free", false)] {
        let answer = evaluate(&kit, "split", json!({"targetingKey": "u", "plan": plan})).await;
        let metadata = &answer.json()["metadata"];
        assert_eq!(metadata["inExperiment"], in_experiment, "{plan}");
        assert!(metadata["experimentId"].is_i64());
    }
}

#[tokio::test]
async fn every_header_with_a_key_is_read() {
    let kit = Kit::new(data());
    let bearer = format!("bearer {SERVER_KEY}");
    for header in [
        ("x-environment-key", CLIENT_KEY),
        ("x-api-key", SERVER_KEY),
        ("authorization", bearer.as_str()),
    ] {
        let answer = kit.post(BULK, &[header], &json!({})).await;
        assert_eq!(answer.status, 200, "{header:?}");
        assert!(answer.header("vary").unwrap().contains("Authorization"));
    }
    for header in [
        ("x-environment-key", "x"),
        ("x-api-key", "x"),
        ("authorization", "Token x"),
        ("accept", "*/*"),
    ] {
        for path in [BULK.to_owned(), format!("{BULK}/plain")] {
            let answer = kit.post(&path, &[header], &json!({})).await;
            assert_eq!(answer.status, 401, "{header:?}");
            assert!(answer.json()["errorDetails"].is_string());
            assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        }
    }
}

#[tokio::test]
async fn all_flags_that_the_key_may_see_come_at_once() {
    let kit = Kit::new(data());
    let names = |answer: Answer| -> Vec<Value> {
        let flags = answer.json()["flags"].as_array().unwrap().clone();
        flags.into_iter().map(|flag| flag["key"].clone()).collect()
    };
    let client = kit.post(BULK, &key(CLIENT_KEY), &json!({})).await;
    assert_eq!(
        names(client),
        ["plain", "switch", "off", "off value", "split", "held"]
    );
    let server = json!({"context": {"targetingKey": "u"}});
    assert_eq!(names(kit.post(BULK, &key(SERVER_KEY), &server).await).len(), 7);
    let empty = kit
        .send(request(
            Method::POST,
            BULK,
            &key(CLIENT_KEY),
            axum::body::Body::empty(),
        ))
        .await;
    assert_eq!(names(empty).len(), 6);
}

#[tokio::test]
async fn the_tag_depends_on_the_answer() {
    let kit = Kit::new(data());
    let ask = |key: &'static str, context: Value, tag: Option<String>, query: &'static str| {
        let kit = &kit;
        async move {
            let mut headers = vec![("x-environment-key", key)];
            if let Some(tag) = &tag {
                headers.push(("if-none-match", tag));
            }
            kit.post(&format!("{BULK}{query}"), &headers, &json!({"context": context}))
                .await
        }
    };
    let free = || json!({"targetingKey": "u", "plan": "free"});
    let first = ask(CLIENT_KEY, free(), None, "").await;
    let tag = first.header("etag").unwrap().to_owned();
    let same = ask(CLIENT_KEY, free(), Some(tag.clone()), "").await;
    assert_eq!((same.status.as_u16(), same.text()), (304, ""));
    assert_eq!(same.header("etag"), Some(tag.as_str()));
    for (key, context) in [
        (CLIENT_KEY, json!({"targetingKey": "u", "plan": "pro"})),
        (SERVER_KEY, free()),
    ] {
        assert_eq!(ask(key, context, Some(tag.clone()), "").await.status, 200);
    }
    for query in ["?flagConfigEtag=x", "?flagConfigLastModified=1771622898"] {
        assert_eq!(
            ask(CLIENT_KEY, free(), Some(tag.clone()), query).await.status,
            200
        );
    }
}

#[tokio::test]
async fn errors_have_a_code_details_and_the_key_of_the_flag() {
    let kit = Kit::new(data());
    for name in ["unknown", "secret", "PLAIN"] {
        let answer = evaluate(&kit, name, json!({})).await;
        assert_eq!(answer.status, 404);
        assert_eq!(answer.json()["key"], name);
        assert_eq!(answer.json()["errorCode"], "FLAG_NOT_FOUND");
        assert!(answer.json()["errorDetails"].is_string());
    }
    let long = "x".repeat(2_001);
    for (body, code) in [
        ("{", "PARSE_ERROR"),
        ("[]", "PARSE_ERROR"),
        (r#"{"context": 5}"#, "INVALID_CONTEXT"),
        (r#"{"context": {"targetingKey": 5}}"#, "INVALID_CONTEXT"),
        (
            &format!(r#"{{"context": {{"targetingKey": "{long}"}}}}"#),
            "INVALID_CONTEXT",
        ),
        (
            &format!(r#"{{"context": {{"plan": "{long}"}}}}"#),
            "INVALID_CONTEXT",
        ),
        (&format!(r#"{{"context": {{"{long}": 1}}}}"#), "INVALID_CONTEXT"),
    ] {
        for (path, flag) in [
            (BULK.to_owned(), json!(null)),
            (format!("{BULK}/plain"), json!("plain")),
        ] {
            let headers = [
                ("x-environment-key", CLIENT_KEY),
                ("content-type", "application/json"),
            ];
            let body = axum::body::Body::from(body.to_owned());
            let answer = kit.send(request(Method::POST, &path, &headers, body)).await;
            assert_eq!(answer.status, 400);
            assert_eq!(answer.json()["errorCode"], code);
            assert_eq!(answer.json()["key"], flag);
            assert!(answer.json()["errorDetails"].is_string());
        }
    }
}

#[tokio::test]
async fn pages_of_other_origins_may_ask() {
    let kit = Kit::new(data());
    let headers = [
        ("origin", "https://shop.example"),
        ("access-control-request-method", "POST"),
    ];
    let preflight = kit
        .send(request(
            Method::OPTIONS,
            BULK,
            &headers,
            axum::body::Body::empty(),
        ))
        .await;
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.header("access-control-allow-origin"), Some("*"));
    let allowed = preflight.header("access-control-allow-headers").unwrap();
    for name in ["x-api-key", "authorization", "if-none-match"] {
        assert!(allowed.contains(name));
    }
}
