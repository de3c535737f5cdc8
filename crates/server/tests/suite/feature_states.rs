//! Feature states through HTTP, plain under an environment and in columns by id (contract, admin API, sections 4.2, 4.4
//! and 4.5).

use crate::support::{FORBIDDEN, audit_log, id, keys, member};
use crate::variants::{everybody, lines, variants};
use liftgate_testkit::{TestServer, Workspace};
use serde_json::{Value, json};

/// The default of a feature.
async fn default(workspace: &Workspace, feature: i64) -> Value {
    let path = workspace.path(&format!("featurestates/?feature={feature}"));
    workspace.client.get(path).await.expect(200)["results"][0].clone()
}

fn one(workspace: &Workspace, state: &Value) -> String {
    workspace.path(&format!("featurestates/{}/", id(state)))
}

fn by_id(state: &Value) -> String {
    format!("/api/v1/features/featurestates/{}/", id(state))
}

async fn new_log(server: &TestServer, workspace: &Workspace, before: usize) -> Vec<String> {
    audit_log(server, workspace).await.split_off(before)
}

/// The value that SDKs get.
async fn served(workspace: &Workspace, name: &str) -> Value {
    let flags = workspace.sdk().get("/api/v1/flags/").await.expect(200);
    let flags = flags.as_array().unwrap().clone();
    let found = flags.into_iter().find(|flag| flag["feature"]["name"] == name);
    found.map_or(Value::Null, |flag| flag["feature_state_value"].clone())
}

#[tokio::test]
async fn a_default_is_shown_as_the_contract_says() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let feature = workspace.feature("feat", "12").await;
    let listed = default(&workspace, feature).await;
    let mut expected = vec![
        "id",
        "feature_state_value",
        "multivariate_feature_state_values",
        "identity",
        "deleted_at",
        "uuid",
        "enabled",
        "created_at",
        "updated_at",
        "live_from",
        "version",
        "feature",
        "environment",
        "feature_segment",
        "change_request",
        "environment_feature_version",
    ];
    assert_eq!(keys(&listed), expected);
    assert_eq!(
        (&listed["feature_state_value"], &listed["version"]),
        (&json!(12), &json!(1))
    );
    assert_eq!(listed["environment_feature_version"], json!(null));
    let shown = workspace.client.get(one(&workspace, &listed)).await.expect(200);
    expected.remove(3);
    expected.insert(12, "identity");
    assert_eq!(keys(&shown), expected);
    let named = workspace
        .client
        .get(workspace.path("featurestates/?feature_name=FEAT"))
        .await
        .expect(200);
    assert_eq!(named["count"], 1);
    let named = workspace
        .client
        .get(workspace.path("featurestates/?feature_name=other"))
        .await
        .expect(200);
    assert_eq!(named["count"], 0);
    let missing = workspace.client.get(workspace.path("featurestates/999/")).await;
    assert_eq!(
        missing.expect(404),
        json!({"detail": "No FeatureState matches the given query."})
    );
    server.stop().await;
}

#[tokio::test]
async fn writes_under_an_environment_are_partial_and_told_part_by_part() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let feature = workspace.feature("feat", "12").await;
    let state = default(&workspace, feature).await;
    let path = one(&workspace, &state);
    let before = audit_log(&server, &workspace).await.len();

    let body = json!({"enabled": false, "feature_state_value": "hello", "feature": feature});
    let put = workspace.client.put(&path, body).await.expect(200);
    assert_eq!(
        (&put["feature_state_value"], &put["enabled"]),
        (&json!("hello"), &json!(false))
    );
    assert_eq!(put["id"], state["id"], "the row is edited in place");
    assert_eq!(
        new_log(&server, &workspace, before).await,
        [
            "Remote config value updated for feature: feat",
            "Flag state updated for feature: feat"
        ]
    );
    for (value, stored) in [
        (json!(7), json!(7)),
        (json!(null), json!(null)),
        (json!(1.5), json!("1.5")),
        (json!(true), json!(true)),
        (json!("  x "), json!("x")),
    ] {
        let patched = workspace
            .client
            .patch(&path, json!({"enabled": true, "feature_state_value": value}))
            .await;
        assert_eq!(
            patched.expect(200),
            json!({"feature": feature, "enabled": true}),
            "PATCH answers two keys"
        );
        assert_eq!(
            workspace.client.get(&path).await.expect(200)["feature_state_value"],
            stored
        );
        assert_eq!(served(&workspace, "feat").await, stored);
    }
    let kept = workspace.client.put(&path, json!({})).await.expect(200);
    assert_eq!(
        (&kept["feature_state_value"], &kept["enabled"]),
        (&json!("x"), &json!(true))
    );
    let large = workspace
        .client
        .patch(&path, json!({"feature_state_value": 3_000_000_000_i64}))
        .await
        .expect(400);
    assert_eq!(
        large,
        json!({"integer_value": ["Ensure this value is less than or equal to 2147483647."]})
    );
    let moved = workspace
        .client
        .put(&path, json!({"feature": feature + 1}))
        .await
        .expect(400);
    assert_eq!(
        moved,
        json!({"feature": ["Cannot change the feature of a feature state"]})
    );
    let moved = workspace
        .client
        .put(&path, json!({"environment": workspace.environment + 1}))
        .await
        .expect(400);
    assert_eq!(
        moved,
        json!({"environment": ["Cannot change the environment of a feature state"]})
    );
    server.stop().await;
}

#[tokio::test]
async fn shares_are_replaced_and_move_nobody_who_keeps_theirs() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace
        .flag("mv", &[("ka", "a", 30.0), ("kb", "b", 20.0)])
        .await;
    let state = default(&workspace, flag.id).await;
    let path = one(&workspace, &state);
    let rows = state["multivariate_feature_state_values"]
        .as_array()
        .unwrap()
        .clone();
    let share = |row: usize, share: f64| {
        let mut row = rows[row].clone();
        row["percentage_allocation"] = json!(share);
        row
    };
    let lines_before = lines(&server, &workspace, &flag).await;
    let variants_before = variants(&workspace, &flag).await;
    assert!(variants_before.contains(&json!("a")) && variants_before.contains(&json!("b")));

    let too_much = json!({"multivariate_feature_state_values": [share(0, 60.0), share(1, 40.5)]});
    assert_eq!(
        workspace.client.put(&path, too_much).await.expect(400),
        json!({"non_field_errors": ["Multivariate percentage values exceed 100%."]})
    );
    let foreign = json!({"multivariate_feature_state_values":
        [{"multivariate_feature_option": 999, "percentage_allocation": 1.0}]});
    assert_eq!(
        workspace.client.put(&path, foreign).await.expect(400),
        json!(["Multivariate options [999] do not belong to the feature"])
    );
    // Sent the other way round, with a value that changes: rows and assignments stay.
    let body = json!({"feature_state_value": "other control",
        "multivariate_feature_state_values": [share(1, 20.0), share(0, 30.0)]});
    let put = workspace.client.put(&path, body).await.expect(200);
    assert_eq!(put["multivariate_feature_state_values"], json!(rows));
    assert_eq!(lines(&server, &workspace, &flag).await, lines_before);
    for (before, after) in variants_before.iter().zip(variants(&workspace, &flag).await) {
        let expected = if before == "control-value" {
            &json!("other control")
        } else {
            before
        };
        assert_eq!(after, *expected);
    }
    // The last share grows: who had a variant keeps it.
    let body = json!({"multivariate_feature_state_values": [share(0, 30.0), share(1, 60.0)]});
    workspace.client.put(&path, body).await.expect(200);
    for (before, after) in variants_before.iter().zip(variants(&workspace, &flag).await) {
        assert!(before == "control-value" || after == *before);
    }
    let log = audit_log(&server, &workspace).await;
    assert_eq!(
        log.last().unwrap(),
        "Multivariate value changed for feature 'mv'."
    );
    // Absent rows are removed.
    let body = json!({"multivariate_feature_state_values": [share(0, 10.0)]});
    let put = workspace.client.put(&path, body).await.expect(200);
    assert_eq!(put["multivariate_feature_state_values"], json!([share(0, 10.0)]));
    server.stop().await;
}

#[tokio::test]
async fn a_default_can_be_removed_and_made_again_with_the_same_salt() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace
        .flag("mv", &[("ka", "a", 30.0), ("kb", "b", 20.0)])
        .await;
    let before = lines(&server, &workspace, &flag).await;
    let assigned = variants(&workspace, &flag).await;
    let list = workspace.path("featurestates/");
    assert_eq!(
        workspace
            .client
            .post(&list, json!({"feature": flag.id}))
            .await
            .expect(400),
        json!([
            "Feature state already exists for this environment, feature, version, segment & identity combination"
        ])
    );
    assert_eq!(
        workspace
            .client
            .post(&list, json!({"enabled": true}))
            .await
            .expect(400),
        json!({"detail": "Feature not provided"})
    );
    let path = one(&workspace, &default(&workspace, flag.id).await);
    assert_eq!(workspace.client.delete(&path).await.status, 204);
    assert_eq!(workspace.client.get(&path).await.status, 404);
    assert_eq!(workspace.sdk().get("/api/v1/flags/").await.expect(200), json!([]));
    let body = json!({"feature": flag.id, "enabled": true, "feature_state_value": "control-value"});
    let made = workspace.client.post(&list, body).await.expect(201);
    assert_eq!(
        made["multivariate_feature_state_values"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(lines(&server, &workspace, &flag).await, before);
    assert_eq!(variants(&workspace, &flag).await, assigned);
    server.stop().await;
}

#[tokio::test]
async fn states_by_id_have_their_value_in_columns() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let feature = workspace.feature("feat", "12").await;
    let list = format!(
        "/api/v1/features/featurestates/?environment={}",
        workspace.environment
    );
    let shown = workspace.client.get(&list).await.expect(200);
    let state = shown["results"][0].clone();
    assert_eq!(
        keys(&state),
        [
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
            "environment_feature_version"
        ]
    );
    let value = json!({"type": "int", "string_value": null, "integer_value": 12, "boolean_value": null});
    assert_eq!(state["feature_state_value"], value);
    let by_uuid = format!(
        "/api/v1/features/featurestates/get-by-uuid/{}/",
        state["uuid"].as_str().unwrap()
    );
    assert_eq!(workspace.client.get(by_uuid).await.expect(200), state);

    let path = by_id(&state);
    let body = json!({"environment": workspace.environment, "feature": feature, "enabled": false,
        "feature_state_value": {"type": "unicode", "string_value": " x ", "integer_value": 99}});
    let put = workspace.client.put(&path, body).await.expect(200);
    // What is said of other columns is kept; readers take the column that `type` names.
    let value = json!({"type": "unicode", "string_value": "x", "integer_value": 99, "boolean_value": null});
    assert_eq!(put["feature_state_value"], value);
    assert_eq!(served(&workspace, "feat").await, "x");
    let patched = workspace
        .client
        .patch(&path, json!({"enabled": true}))
        .await
        .expect(200);
    assert_eq!(
        (&patched["enabled"], &patched["feature_state_value"]),
        (&json!(true), &value)
    );
    assert_eq!(
        workspace.client.put(&path, json!({})).await.expect(400),
        json!({"environment": ["This field is required."], "feature": ["This field is required."]})
    );
    let bogus = json!({"environment": workspace.environment, "feature": feature,
        "feature_state_value": {"type": "bogus"}});
    assert_eq!(
        workspace.client.put(&path, bogus).await.expect(400),
        json!({"feature_state_value": {"type": ["\"bogus\" is not a valid choice."]}})
    );
    let moved = json!({"feature": feature + 1});
    assert_eq!(
        workspace.client.patch(&path, moved).await.expect(400),
        json!({"feature": ["Cannot change the feature of a feature state"]})
    );
    assert_eq!(workspace.client.get(&path).await.status, 405, "no retrieve");
    assert_eq!(workspace.client.delete(&path).await.status, 405, "no delete");
    server.stop().await;
}

#[tokio::test]
async fn the_list_by_id_has_everything_and_needs_an_environment() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let feature = workspace.feature("feat", "12").await;
    workspace.feature("other", "x").await;
    let segment = everybody(&workspace, "all").await;
    let path = workspace.path(&format!("features/{feature}/create-segment-override/"));
    let body = json!({"feature_segment": {"segment": segment}, "feature_state_value": {"type": "int", "integer_value": 5}});
    let overridden = workspace.client.post(path, body).await.expect(201);
    let alice = workspace
        .client
        .post(workspace.path("identities/"), json!({"identifier": "alice"}))
        .await
        .expect(201);
    let body = json!({"environment": workspace.environment, "feature": feature, "identifier": "alice", "enabled": true});
    let made = workspace
        .client
        .post("/api/v1/features/featurestates/", body.clone())
        .await
        .expect(201);
    assert_eq!(
        (&made["identity"], &made["feature_state_value"]["integer_value"]),
        (&alice["id"], &json!(12))
    );
    assert_eq!(
        workspace
            .client
            .post("/api/v1/features/featurestates/", body)
            .await
            .status,
        400
    );

    let list = format!(
        "/api/v1/features/featurestates/?environment={}",
        workspace.environment
    );
    assert_eq!(workspace.client.get(&list).await.expect(200)["count"], 4);
    let of_feature = workspace
        .client
        .get(format!("{list}&feature={feature}"))
        .await
        .expect(200);
    let ids: Vec<&Value> = of_feature["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|state| &state["id"])
        .collect();
    assert_eq!(ids.len(), 3);
    assert!(ids.contains(&&overridden["id"]) && ids.contains(&&made["id"]));
    let link = &overridden["feature_segment"]["id"];
    let of_link = workspace
        .client
        .get(format!("{list}&feature_segment={link}"))
        .await
        .expect(200);
    assert_eq!(
        (&of_link["count"], &of_link["results"][0]["id"]),
        (&json!(1), &overridden["id"])
    );
    let forbidden = json!({"detail": FORBIDDEN});
    for query in ["", "?environment=", "?environment=x", "?environment=999"] {
        let path = format!("/api/v1/features/featurestates/{query}");
        assert_eq!(workspace.client.get(path).await.expect(403), forbidden, "{query}");
    }
    let any = workspace
        .client
        .get(workspace.path("featurestates/?anyIdentity"))
        .await
        .expect(200);
    assert_eq!(
        any["results"][0]["identity"],
        json!({"id": alice["id"], "identifier": "alice"})
    );
    server.stop().await;
}

#[tokio::test]
async fn states_are_made_by_id_on_links_of_their_environment() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let feature = workspace.feature("feat", "12").await;
    let segment = everybody(&workspace, "all").await;
    let link = json!({"feature": feature, "segment": segment, "environment": workspace.environment});
    let link = workspace
        .client
        .post("/api/v1/features/feature-segments/", link)
        .await
        .expect(201);
    let states = "/api/v1/features/featurestates/";
    let before = audit_log(&server, &workspace).await.len();
    let body = json!({"environment": workspace.environment, "feature": feature, "feature_segment": link["id"],
        "enabled": false, "feature_state_value": {"type": "unicode", "string_value": "over"}});
    let made = workspace.client.post(states, body.clone()).await.expect(201);
    assert_eq!(
        (&made["feature_segment"], &made["enabled"]),
        (&link["id"], &json!(false))
    );
    assert_eq!(
        new_log(&server, &workspace, before).await,
        [
            "Segment override created for feature 'feat' and segment 'all'",
            "Remote config updated for segment override on feature 'feat' and segment 'all'."
        ]
    );
    assert_eq!(
        workspace.client.post(states, body).await.expect(400),
        json!([
            "Feature state already exists for this environment, feature, version, segment & identity combination"
        ])
    );
    let path = by_id(&made);
    let before = audit_log(&server, &workspace).await.len();
    let patched = workspace.client.patch(
        &path,
        json!({"enabled": true, "feature_state_value": {"string_value": "new"}}),
    );
    assert_eq!(
        patched.await.expect(200)["feature_state_value"]["string_value"],
        "new"
    );
    assert_eq!(
        new_log(&server, &workspace, before).await,
        [
            "Remote config updated for segment override on feature 'feat' and segment 'all'.",
            "Flag state / Remote config value updated for feature 'feat' and segment 'all'"
        ]
    );
    let refused = async |field: &str, value: Value| {
        let mut body = json!({"environment": workspace.environment, "feature": feature});
        body[field] = value;
        workspace.client.post(states, body).await.expect(400)
    };
    let pk = |field: &str| json!({field: ["Invalid pk \"999\" - object does not exist."]});
    assert_eq!(refused("feature", json!(999)).await, pk("feature"));
    assert_eq!(
        refused("feature_segment", json!(999)).await,
        pk("feature_segment")
    );
    assert_eq!(refused("identity", json!(999)).await, pk("identity"));
    assert_eq!(
        refused("identifier", json!("nobody")).await,
        json!({"non_field_errors": ["Invalid identifier"]})
    );
    let forbidden = json!({"detail": FORBIDDEN});
    assert_eq!(
        workspace
            .client
            .post(states, json!({"feature": feature}))
            .await
            .expect(403),
        forbidden
    );
    server.stop().await;
}

#[tokio::test]
async fn what_is_published_in_a_versioned_environment_is_not_written_here() {
    let server = TestServer::start().await;
    let workspace = server.workspace(true).await;
    let feature = workspace.feature("feat", "12").await;
    let state = default(&workspace, feature).await;
    assert_eq!(
        (&state["version"], &state["live_from"]),
        (&json!(null), &json!(null))
    );
    assert!(state["environment_feature_version"].is_string());
    let refused = json!({"detail":
        "This environment uses v2 feature versioning. Use the environment feature version endpoint instead."});
    let path = one(&workspace, &state);
    assert_eq!(
        workspace
            .client
            .put(&path, json!({"enabled": false}))
            .await
            .expect(400),
        refused
    );
    assert_eq!(
        workspace
            .client
            .patch(&path, json!({"enabled": false}))
            .await
            .expect(400),
        refused
    );
    assert_eq!(workspace.client.delete(&path).await.expect(400), refused);
    let list = workspace.path("featurestates/");
    assert_eq!(
        workspace
            .client
            .post(&list, json!({"feature": feature}))
            .await
            .expect(400),
        refused
    );
    assert_eq!(
        workspace
            .client
            .patch(by_id(&state), json!({"enabled": false}))
            .await
            .expect(400),
        refused
    );
    let body = json!({"environment": workspace.environment, "feature": feature});
    assert_eq!(
        workspace
            .client
            .post("/api/v1/features/featurestates/", body.clone())
            .await
            .expect(400),
        refused
    );
    let segment = everybody(&workspace, "all").await;
    let body_of_override = json!({"feature_segment": {"segment": segment}, "feature_state_value": {}});
    let path = workspace.path(&format!("features/{feature}/create-segment-override/"));
    assert_eq!(
        workspace.client.post(path, body_of_override).await.expect(400),
        refused
    );

    workspace
        .client
        .post(workspace.path("identities/"), json!({"identifier": "alice"}))
        .await
        .expect(201);
    let mut for_alice = body;
    for_alice["identifier"] = json!("alice");
    let made = workspace
        .client
        .post("/api/v1/features/featurestates/", for_alice)
        .await
        .expect(201);
    workspace
        .client
        .patch(by_id(&made), json!({"enabled": true}))
        .await
        .expect(200);

    let versions = format!(
        "/api/v1/environments/{}/features/{feature}/versions/",
        workspace.environment
    );
    let draft = workspace.client.post(&versions, json!({})).await.expect(201);
    let states = format!("{versions}{}/featurestates/", draft["uuid"].as_str().unwrap());
    let states = workspace.client.get(states).await.expect(200);
    let value = json!({"feature_state_value": {"type": "unicode", "string_value": "draft"}});
    let patched = workspace.client.patch(by_id(&states[0]), value).await.expect(200);
    assert_eq!(patched["feature_state_value"]["string_value"], "draft");
    assert_eq!(served(&workspace, "feat").await, 12, "a draft is not served");
    server.stop().await;
}

#[tokio::test]
async fn states_ask_for_their_permissions() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let feature = workspace.feature("feat", "12").await;
    let state = default(&workspace, feature).await;
    let segment = everybody(&workspace, "all").await;
    let path = workspace.path(&format!("features/{feature}/create-segment-override/"));
    let body = json!({"feature_segment": {"segment": segment}, "feature_state_value": {}});
    let overridden = workspace.client.post(path, body).await.expect(201);
    let viewer = member(
        &server,
        &workspace,
        "viewer@example.com",
        &["VIEW_PROJECT"],
        &["VIEW_ENVIRONMENT"],
    )
    .await;
    let editor = member(
        &server,
        &workspace,
        "editor@example.com",
        &[],
        &["UPDATE_FEATURE_STATE"],
    )
    .await;
    let segments = member(
        &server,
        &workspace,
        "segments@example.com",
        &[],
        &["MANAGE_SEGMENT_OVERRIDES"],
    )
    .await;
    let nobody = member(&server, &workspace, "nobody@example.com", &[], &[]).await;
    let forbidden = json!({"detail": FORBIDDEN});
    let (list, one) = (workspace.path("featurestates/"), one(&workspace, &state));
    let by_environment = format!(
        "/api/v1/features/featurestates/?environment={}",
        workspace.environment
    );

    viewer.get(&list).await.expect(200);
    viewer.get(&one).await.expect(200);
    viewer.get(&by_environment).await.expect(200);
    assert_eq!(viewer.put(&one, json!({})).await.expect(403), forbidden);
    assert_eq!(viewer.patch(&one, json!({})).await.expect(403), forbidden);
    assert_eq!(viewer.delete(&one).await.expect(403), forbidden);
    assert_eq!(
        viewer.post(&list, json!({"feature": feature})).await.expect(403),
        forbidden
    );
    assert_eq!(
        viewer.patch(by_id(&state), json!({})).await.expect(403),
        forbidden
    );
    editor.patch(&one, json!({"enabled": false})).await.expect(200);
    editor
        .patch(by_id(&state), json!({"enabled": true}))
        .await
        .expect(200);
    assert_eq!(
        editor.patch(by_id(&overridden), json!({})).await.expect(403),
        forbidden
    );
    segments
        .patch(by_id(&overridden), json!({"enabled": true}))
        .await
        .expect(200);
    assert_eq!(
        segments.patch(by_id(&state), json!({})).await.expect(403),
        forbidden
    );
    assert_eq!(nobody.get(&list).await.expect(403), forbidden);
    assert_eq!(nobody.get(&by_environment).await.expect(403), forbidden);
    let uuid = format!(
        "/api/v1/features/featurestates/get-by-uuid/{}/",
        state["uuid"].as_str().unwrap()
    );
    viewer.get(&uuid).await.expect(200);
    let missing = json!({"detail": "No FeatureState matches the given query."});
    assert_eq!(nobody.get(&uuid).await.expect(404), missing);
    let unknown = workspace
        .client
        .get("/api/v1/environments/unknown/featurestates/")
        .await;
    assert_eq!(unknown.expect(403), forbidden);
    assert_eq!(server.anonymous().get(&list).await.status, 401);
    server.stop().await;
}

#[tokio::test]
async fn a_column_keeps_what_was_in_it_and_counts_again_when_its_type_is_named() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let feature = workspace.feature("feat", "7").await;
    let listed = format!(
        "/api/v1/features/featurestates/?environment={}&feature={feature}",
        workspace.environment
    );
    let state = workspace.client.get(&listed).await.expect(200)["results"][0].clone();
    let write = async |value: Value| {
        let body =
            json!({"environment": workspace.environment, "feature": feature, "feature_state_value": value});
        let put = workspace.client.put(by_id(&state), body).await.expect(200);
        put["feature_state_value"].clone()
    };
    assert_eq!(
        write(json!({"type": "unicode", "string_value": "1.5"})).await,
        json!({"type": "unicode", "string_value": "1.5", "integer_value": 7, "boolean_value": null})
    );
    assert_eq!(
        write(json!({"type": "bool", "boolean_value": true})).await,
        json!({"type": "bool", "string_value": "1.5", "integer_value": 7, "boolean_value": true})
    );
    assert_eq!(
        write(json!({"type": "int"})).await,
        json!({"type": "int", "string_value": "1.5", "integer_value": 7, "boolean_value": true})
    );
    assert_eq!(
        write(json!({"type": "int", "string_value": null, "integer_value": 7, "boolean_value": null})).await,
        json!({"type": "int", "string_value": null, "integer_value": 7, "boolean_value": null})
    );
    assert_eq!(served(&workspace, "feat").await, 7);
    // A new override starts from the feature's initial value.
    let identity = json!({"identifier": "ada"});
    let identity = workspace
        .client
        .post(workspace.path("identities/"), identity)
        .await
        .expect(201);
    let overrides = workspace.path(&format!("identities/{}/featurestates/", identity["id"]));
    let new = json!({"feature": feature, "enabled": true, "feature_state_value": "x"});
    let uuid = workspace.client.post(overrides, new).await.expect(201)["uuid"].clone();
    let by_uuid = format!(
        "/api/v1/features/featurestates/get-by-uuid/{}/",
        uuid.as_str().unwrap()
    );
    assert_eq!(
        workspace.client.get(by_uuid).await.expect(200)["feature_state_value"],
        json!({"type": "unicode", "string_value": "x", "integer_value": 7, "boolean_value": null})
    );
    server.stop().await;
}
