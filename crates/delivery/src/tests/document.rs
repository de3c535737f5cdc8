//! The environment document and its validators.

use liftgate_model::segment::Operator;
use liftgate_model::{FlagValue, Timestamp};
use serde_json::{Value, json};

use super::Plane;
use crate::testing::{MADE_AT, environment};
use crate::{Encoding, EnvironmentData, EnvironmentSnapshot, SnapshotOptions};

fn document(data: EnvironmentData) -> Value {
    let snapshot = EnvironmentSnapshot::build(data, &SnapshotOptions::default());
    serde_json::from_slice(&snapshot.document().body()).unwrap()
}

#[test]
fn it_has_the_contracts_shape() {
    let mut data = environment();
    let feature = data.add_multivariate("mv", true, &[(Some("blue-key"), "blue", 30.0)]);
    let segment = data.add_segment("pro", "plan", Operator::Equal, "pro");
    data.override_segment(feature, segment, 0, true, FlagValue::Integer(5), &[10.0]);
    data.override_identity("vip", feature, false, FlagValue::Null, &[]);
    // A version later, the row is another and the salt the same.
    data.states[0].salt = 3;
    let state = |salt: i32, id: u128, enabled: bool, value: Value, priority: Value, variants: Value| {
        json!({"feature": {"id": 1, "name": "mv", "type": "MULTIVARIATE"}, "enabled": enabled, "django_id": salt,
            "featurestate_uuid": uuid::Uuid::from_u128(50_000 + id), "feature_segment": priority,
            "feature_state_value": value, "multivariate_feature_state_values": variants})
    };
    let variants = |state: u32, percentage: f64| {
        json!([{"id": state * 10, "mv_fs_value_uuid": uuid::Uuid::from_u128(60_000 + u128::from(state) * 10),
            "percentage_allocation": percentage,
            "multivariate_feature_option": {"id": 1, "value": "blue", "key": "blue-key"}}])
    };
    let mut document = document(data);
    let uuid = document["identity_overrides"][0]["identity_uuid"].take();
    assert!(uuid::Uuid::parse_str(uuid.as_str().unwrap()).is_ok());
    assert_eq!(
        document,
        json!({"id": 1, "api_key": "CLIENT_KEY", "name": "Production", "updated_at": "2026-11-22T11:35:21.241593+00:00",
            "allow_client_traits": true, "hide_sensitive_data": false, "hide_disabled_flags": null,
            "use_identity_composite_key_for_hashing": true, "use_identity_overrides_in_local_eval": true,
            "project": {"id": 1, "name": "Shop", "hide_disabled_flags": false, "enable_realtime_updates": false,
                "server_key_only_feature_ids": [],
                "organisation": {"id": 1, "name": "Acme", "feature_analytics": false, "stop_serving_flags": false,
                    "persist_trait_data": true},
                "segments": [{"id": 1, "name": "pro",
                    "rules": [{"type": "ALL", "conditions": [{"operator": "EQUAL", "property_": "plan", "value": "pro"}], "rules": []}],
                    "feature_states": [state(101, 101, true, json!(5), json!({"priority": 0}), variants(101, 10.0))]}]},
            "feature_states": [state(3, 100, true, json!("control-value"), Value::Null, variants(100, 30.0))],
            "identity_overrides": [{"identifier": "vip", "identity_uuid": null, "django_id": 1,
                "created_date": "2026-11-22T11:35:21.241593+00:00", "environment_api_key": "CLIENT_KEY",
                "composite_key": "CLIENT_KEY_vip", "dashboard_alias": null, "identity_traits": [],
                "identity_features": [state(102, 102, false, Value::Null, Value::Null, json!([]))]}]})
    );
}

#[test]
fn nothing_is_hidden_in_it() {
    let mut data = environment();
    data.add_feature("secret", false, FlagValue::Null);
    data.features[0].is_server_key_only = true;
    data.environment.hide_disabled_flags = Some(true);
    data.environment.hide_sensitive_data = true;
    let document = document(data);
    assert_eq!(document["feature_states"][0]["django_id"], 100);
    assert_eq!(document["project"]["server_key_only_feature_ids"], json!([1]));
}

#[test]
fn identity_overrides_are_left_out_where_local_evaluation_does_not_use_them() {
    let mut data = environment();
    let feature = data.add_feature("flag", false, FlagValue::Null);
    data.override_identity("vip", feature, true, FlagValue::Null, &[]);
    data.environment.use_identity_overrides_in_local_eval = false;
    assert_eq!(document(data)["identity_overrides"], json!([]));
}

#[test]
fn segments_bound_to_a_feature_are_listed_only_where_they_override_it() {
    let mut data = environment();
    let feature = data.add_feature("flag", false, FlagValue::Null);
    for name in ["free", "bound", "bound and used"] {
        data.add_segment(name, "a", Operator::IsSet, "");
    }
    data.segments[1].feature = Some(feature);
    data.segments[2].feature = Some(feature);
    data.override_segment(feature, 3.into(), 0, true, FlagValue::Null, &[]);
    let document = document(data);
    let segments = document["project"]["segments"].as_array().unwrap();
    let names: Vec<&str> = segments
        .iter()
        .map(|segment| segment["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["free", "bound and used"]);
}

#[test]
fn a_default_that_an_experiment_owns_lists_no_empty_options() {
    let mut data = environment();
    let feature = data.add_multivariate("mv", true, &[(Some("a"), "A", 0.0), (Some("b"), "B", 0.0)]);
    let segment = data.add_segment(
        "experiment-7-rollout",
        "$.identity.key",
        Operator::PercentageSplit,
        "20",
    );
    data.override_segment(feature, segment, 0, true, FlagValue::Null, &[50.0, 0.0]);
    data.run_experiment(feature, segment);
    let default = |document: &Value| document["feature_states"][0].clone();
    let owned = document(data.clone());
    assert_eq!(default(&owned)["multivariate_feature_state_values"], json!([]));
    assert_eq!(default(&owned)["metadata"]["experiment"]["in_experiment"], false);
    let rollout = &owned["project"]["segments"][0]["feature_states"][0];
    assert_eq!(
        rollout["multivariate_feature_state_values"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(rollout["metadata"]["experiment"]["in_experiment"], true);

    data.experiments[0].owns_default = false;
    let given_back = document(data);
    assert_eq!(
        default(&given_back)["multivariate_feature_state_values"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn the_etag_follows_the_body() {
    let build = |data| EnvironmentSnapshot::build(data, &SnapshotOptions::default());
    let (one, same) = (build(environment()), build(environment()));
    let mut data = environment();
    data.environment.name.push('!');
    let other = build(data);
    assert_eq!(
        one.document().etag(Encoding::Identity),
        same.document().etag(Encoding::Identity)
    );
    assert_ne!(
        one.document().etag(Encoding::Identity),
        other.document().etag(Encoding::Identity)
    );
    assert!(
        one.document().etag(Encoding::Identity).starts_with('"')
            && one.document().etag(Encoding::Identity).len() == 34
    );
}

#[test]
fn dates_are_trusted_only_where_they_can_tell_two_documents_apart() {
    let plane = Plane::new(environment());
    let second = Timestamp(MADE_AT.0 / 1_000_000 * 1_000_000);
    let document = plane.snapshot.document();
    assert_eq!(
        document.last_modified(second.plus_seconds(5)),
        "Sun, 22 Nov 2026 11:35:21 GMT"
    );
    // A server that starts now knows nothing of another document of that second, which somebody may have.
    for early in [MADE_AT, Timestamp(second.plus_seconds(5).0 - 1)] {
        assert_eq!(document.last_modified(early), "Sun, 22 Nov 2026 11:35:20 GMT");
    }
    let later = second.plus_seconds(1);
    assert!(document.is_unmodified_since(second, later));
    assert!(document.is_unmodified_since(later, later));
    assert!(
        !document.is_unmodified_since(second, Timestamp(later.0 - 1)),
        "the second is not over"
    );
    assert!(
        !document.is_unmodified_since(second.plus_seconds(-1), later),
        "changed since"
    );

    let mut data = environment();
    data.environment.name.push('!');
    data.environment.revision = 2;
    data.environment.updated_at = Timestamp(MADE_AT.0 + 100);
    plane.delivery.publish(EnvironmentSnapshot::build(
        data.clone(),
        &SnapshotOptions::default(),
    ));
    let snapshot = plane.delivery.snapshot(data.environment.id).unwrap();
    assert!(
        !snapshot.document().is_unmodified_since(later, later),
        "two documents of one second"
    );
    // Built again without a change, it is still the second of its second.
    plane.delivery.publish(EnvironmentSnapshot::build(
        data.clone(),
        &SnapshotOptions::default(),
    ));
    let snapshot = plane.delivery.snapshot(data.environment.id).unwrap();
    assert!(!snapshot.document().is_unmodified_since(later, later));
}
