//! `/flags/`.

use liftgate_delivery::EnvironmentData;
use liftgate_delivery::testing::{CLIENT_KEY, SERVER_KEY, environment};
use liftgate_model::FlagValue;
use serde_json::json;

use super::{Kit, key};

fn data() -> EnvironmentData {
    let mut data = environment();
    data.add_feature("std_int", true, FlagValue::Integer(42));
    data.add_feature("secret", false, FlagValue::Null);
    data.features[1].is_server_key_only = true;
    data.add_multivariate("mv", true, &[(Some("blue-key"), "grün", 100.0)]);
    data
}

#[tokio::test]
async fn the_list_comes_with_its_headers() {
    let kit = Kit::new(data());
    let answer = kit.get("/api/v1/flags/", &key(CLIENT_KEY)).await;
    assert_eq!(answer.status, 200);
    let names: Vec<_> = answer
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|flag| flag["feature"]["name"].clone())
        .collect();
    assert_eq!(names, ["std_int", "mv"]);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(
        answer.header("x-flagsmith-document-updated-at"),
        Some("1795347321.241593")
    );
    assert_eq!(
        answer.header("vary"),
        Some("Accept, Accept-Encoding, Origin, X-Environment-Key")
    );
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    let exposed = answer
        .header("access-control-expose-headers")
        .unwrap()
        .to_lowercase();
    for name in ["x-flagsmith-document-updated-at", "etag", "link", "retry-after"] {
        assert!(exposed.contains(name), "{exposed}");
    }
    assert!(answer.header("cache-control").unwrap().contains("no-store"));
    assert_eq!(
        kit.get("/api/v1/flags/", &key(SERVER_KEY))
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        3
    );
}

#[tokio::test]
async fn one_flag_is_an_object_or_404() {
    let kit = Kit::new(data());
    let answer = kit.get("/api/v1/flags/?feature=STD_INT", &key(CLIENT_KEY)).await;
    assert_eq!(answer.json()["feature_state_value"], 42);
    assert_eq!(answer.header("x-flagsmith-document-updated-at"), None);
    for name in ["", "secret", "unknown"] {
        let answer = kit
            .get(&format!("/api/v1/flags/?feature={name}"), &key(CLIENT_KEY))
            .await;
        assert_eq!(
            answer.told(),
            (404, json!({"detail": "Given feature not found"})),
            "{name:?}"
        );
    }
}

#[tokio::test]
async fn the_options_of_a_feature_are_listed() {
    let kit = Kit::new(data());
    let options = |id: &str| format!("/api/v1/flags/{id}/multivariate-options/");
    let answer = kit.get(&options("3"), &key(CLIENT_KEY)).await;
    let expected = json!({"control_value": "control-value", "options": [{"value": "grün"}]});
    assert_eq!(answer.told(), (200, expected));
    for id in ["2", "99", "99999999999"] {
        let answer = kit.get(&options(id), &key(CLIENT_KEY)).await;
        assert_eq!(
            answer.told(),
            (404, json!({"detail": "No Feature matches the given query."})),
            "{id}"
        );
    }
    assert_eq!(
        kit.get(&options("2"), &key(SERVER_KEY)).await.json()["options"],
        json!([])
    );
    assert_eq!(kit.get(&options("x"), &key(SERVER_KEY)).await.status, 404);
}

#[tokio::test]
async fn a_change_is_served_at_once() {
    let kit = Kit::new(data());
    let mut changed = data();
    changed.states[0].value = FlagValue::Integer(43);
    changed.environment.revision = 2;
    changed.environment.updated_at = changed.environment.updated_at.plus_seconds(1);
    kit.publish(changed);
    let answer = kit.get("/api/v1/flags/", &key(CLIENT_KEY)).await;
    assert_eq!(answer.json()[0]["feature_state_value"], 43);
    assert_eq!(
        answer.header("x-flagsmith-document-updated-at"),
        Some("1795347322.241593")
    );
}
