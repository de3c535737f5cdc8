//! Overrides of one identity as feature states.

use super::{below, identified, identity, value};
use crate::support::{audit_log, id, keys};
use liftgate_testkit::TestServer;
use serde_json::json;

async fn overrides_are_written_in_place(versioned: bool) {
    let server = TestServer::start().await;
    let workspace = server.workspace(versioned).await;
    let feature = workspace.feature("checkout", "12").await;
    let alice = identity(&workspace, "alice").await;
    let list = below(&workspace, alice, "featurestates/");
    assert_eq!(
        workspace
            .client
            .post(&list, json!({"enabled": true}))
            .await
            .expect(400),
        json!({"detail": "Feature not provided"})
    );
    let unknown = workspace
        .client
        .post(&list, json!({"feature": 999}))
        .await
        .expect(400);
    assert_eq!(
        unknown,
        json!({"feature": ["Invalid pk \"999\" - object does not exist."]})
    );
    let body = json!({"feature": feature, "enabled": false, "feature_state_value": "x"});
    let made = workspace.client.post(&list, body.clone()).await.expect(201);
    let members = [
        "id",
        "feature_state_value",
        "multivariate_feature_state_values",
        "deleted_at",
        "uuid",
        "enabled",
        "created_at",
        "updated_at",
        "live_from",
        "version",
        "feature",
        "environment",
        "identity",
        "feature_segment",
        "change_request",
        "environment_feature_version",
    ];
    assert_eq!(keys(&made), members);
    assert_eq!(
        (
            &made["feature_state_value"],
            &made["enabled"],
            &made["identity"],
            &made["environment_feature_version"]
        ),
        (&json!("x"), &json!(false), &json!(alice), &json!(null))
    );
    assert_eq!(
        workspace.client.post(&list, body).await.status,
        400,
        "there is one already"
    );

    let shown = workspace.client.get(&list).await.expect(200);
    assert_eq!(shown["count"], 1);
    let first = &shown["results"][0];
    assert_eq!(first["identity"], json!({"id": alice, "identifier": "alice"}));
    assert_eq!(keys(first)[3], "identity", "nested, and in another place");
    let path = format!("{list}{}/", id(&made));
    assert_eq!(workspace.client.get(&path).await.expect(200), made);

    let served = async || value(&identified(&workspace, "alice").await, "checkout").clone();
    let put = workspace
        .client
        .put(&path, json!({"feature_state_value": 7}))
        .await
        .expect(200);
    assert_eq!(
        (&put["feature_state_value"], &put["enabled"]),
        (&json!(7), &json!(false)),
        "PUT is partial"
    );
    assert_eq!(served().await, 7);
    let patched = workspace
        .client
        .patch(&path, json!({"enabled": true, "feature_state_value": null}))
        .await;
    assert_eq!(patched.expect(200), json!({"feature": feature, "enabled": true}));
    assert_eq!(served().await, json!(null));
    assert_eq!(workspace.client.delete(&path).await.status, 204);
    assert_eq!(served().await, 12);
    let missing = json!({"detail": "No FeatureState matches the given query."});
    assert_eq!(workspace.client.get(&path).await.expect(404), missing);

    let log = audit_log(&server, &workspace).await;
    let of_identity: Vec<&String> = log.iter().filter(|text| text.contains("identity")).collect();
    assert_eq!(
        of_identity,
        [
            "Identity override created for feature 'checkout' and identity 'alice'",
            "Remote config value updated for identity override on feature 'checkout' and identity 'alice'.",
            "Remote config value updated for identity override on feature 'checkout' and identity 'alice'.",
            "Remote config value updated for identity override on feature 'checkout' and identity 'alice'.",
            "Flag state / Remote config value updated for feature 'checkout' and identity 'alice'",
            "Flag state / Remote config value deleted for feature 'checkout' and identity 'alice'",
        ]
    );
    server.stop().await;
}

#[tokio::test]
async fn overrides_are_written_in_place_without_versions() {
    overrides_are_written_in_place(false).await;
}

#[tokio::test]
async fn overrides_are_written_in_place_with_versions() {
    overrides_are_written_in_place(true).await;
}

#[tokio::test]
async fn shares_of_an_override_are_those_sent() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace
        .flag("split", &[("ka", "a", 0.0), ("kb", "b", 0.0)])
        .await;
    let alice = identity(&workspace, "alice").await;
    let list = below(&workspace, alice, "featurestates/");
    let share = |option: usize, share: f64| json!({"multivariate_feature_option": flag.options[option], "percentage_allocation": share});
    let too_much = json!({"feature": flag.id, "enabled": true, "multivariate_feature_state_values": [share(0, 60.0), share(1, 41.0)]});
    assert_eq!(
        workspace.client.post(&list, too_much).await.expect(400),
        json!({"non_field_errors": ["Multivariate percentage values exceed 100%."]})
    );
    let body = json!({"feature": flag.id, "enabled": true, "feature_state_value": "c",
        "multivariate_feature_state_values": [share(0, 100.0)]});
    let made = workspace.client.post(&list, body).await.expect(201);
    assert_eq!(
        made["multivariate_feature_state_values"][0]["percentage_allocation"],
        100.0
    );
    assert_eq!(*value(&identified(&workspace, "alice").await, "split"), "a");
    let path = format!("{list}{}/", id(&made));
    let put = json!({"multivariate_feature_state_values": [share(1, 100.0)]});
    let put = workspace.client.put(&path, put).await.expect(200);
    assert_eq!(
        put["multivariate_feature_state_values"].as_array().unwrap().len(),
        1,
        "rows not sent are removed"
    );
    assert_eq!(*value(&identified(&workspace, "alice").await, "split"), "b");
    server.stop().await;
}
