//! Segment overrides through HTTP (contract, admin API, section 4.6).

use crate::support::{FORBIDDEN, audit_log, id, keys, member};
use crate::variants::{everybody, lines};
use liftgate_testkit::{TestServer, Workspace};
use serde_json::{Value, json};

const LINKS: &str = "/api/v1/features/feature-segments/";

async fn links(workspace: &Workspace, feature: i64) -> Vec<Value> {
    let path = format!("{LINKS}?environment={}&feature={feature}", workspace.environment);
    let list = workspace.client.get(path).await.expect(200);
    list["results"].as_array().unwrap().clone()
}

/// The names of the segments in the order of their priorities, which are 0, 1, 2, ….
async fn order(workspace: &Workspace, feature: i64) -> Vec<String> {
    let links = links(workspace, feature).await;
    let priorities: Vec<i64> = links
        .iter()
        .map(|link| link["priority"].as_i64().unwrap())
        .collect();
    assert_eq!(priorities, (0..).take(links.len()).collect::<Vec<i64>>());
    links
        .iter()
        .map(|link| link["segment_name"].as_str().unwrap().to_owned())
        .collect()
}

async fn override_for(workspace: &Workspace, feature: i64, segment: i64, priority: Option<i64>) -> Value {
    let mut body = json!({"enabled": true, "feature_segment": {"segment": segment},
        "feature_state_value": {"type": "unicode", "string_value": format!("for {segment}")}});
    if let Some(priority) = priority {
        body["feature_segment"]["priority"] = json!(priority);
    }
    let path = workspace.path(&format!("features/{feature}/create-segment-override/"));
    workspace.client.post(path, body).await.expect(201)
}

async fn served(workspace: &Workspace) -> Value {
    let body = json!({"identifier": "alice", "transient": true});
    let answer = workspace
        .sdk()
        .post("/api/v1/identities/", body)
        .await
        .expect(200);
    answer["flags"][0]["feature_state_value"].clone()
}

#[tokio::test]
async fn an_override_is_made_in_one_call() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let feature = workspace.feature("feat", "12").await;
    let segment = everybody(&workspace, "s").await;
    let before = audit_log(&server, &workspace).await.len();
    let made = override_for(&workspace, feature, segment, None).await;
    assert_eq!(
        keys(&made),
        [
            "id",
            "feature",
            "enabled",
            "feature_state_value",
            "feature_segment",
            "deleted_at",
            "uuid",
            "created_at",
            "updated_at",
            "live_from",
            "environment",
            "identity",
            "change_request",
            "multivariate_feature_state_values"
        ]
    );
    assert_eq!(
        keys(&made["feature_segment"]),
        ["id", "segment", "priority", "uuid"]
    );
    assert_eq!(
        (
            &made["feature_segment"]["segment"],
            &made["feature_segment"]["priority"]
        ),
        (&json!(segment), &json!(0))
    );
    assert_eq!(
        made["feature_state_value"]["string_value"],
        format!("for {segment}")
    );
    assert_eq!(served(&workspace).await, format!("for {segment}"));
    assert_eq!(
        audit_log(&server, &workspace).await[before..],
        ["Remote config updated for segment override on feature 'feat' and segment 's'."],
        "as enabled as the default: only the value is told"
    );
    let path = workspace.path(&format!("features/{feature}/create-segment-override/"));
    let body = json!({"feature_segment": {"segment": segment}, "feature_state_value": {}});
    assert_eq!(
        workspace.client.post(&path, body).await.expect(400),
        json!({"feature_segment": {"segment": ["A segment override already exists for segment 's'."]}})
    );
    assert_eq!(
        workspace.client.post(&path, json!({})).await.expect(400),
        json!({"feature_state_value": ["This field is required."], "feature_segment": ["This field is required."]})
    );
    let body = json!({"feature_segment": {"segment": 999, "priority": -1}, "feature_state_value": {}});
    assert_eq!(
        workspace.client.post(&path, body).await.expect(400),
        json!({"feature_segment": {"priority": ["Ensure this value is greater than or equal to 0."]}})
    );
    let body = json!({"feature_segment": {"segment": 999}, "feature_state_value": {}});
    assert_eq!(
        workspace.client.post(&path, body).await.expect(400),
        json!({"feature_segment": {"segment": ["Invalid pk \"999\" - object does not exist."]}})
    );
    let unknown = format!("/api/v1/environments/unknown/features/{feature}/create-segment-override/");
    assert_eq!(
        workspace.client.post(unknown, json!({})).await.expect(404),
        json!({"detail": "No Environment matches the given query."})
    );
    let unknown = workspace.path("features/999/create-segment-override/");
    let body = json!({"feature_segment": {"segment": segment}, "feature_state_value": {}});
    assert_eq!(
        workspace.client.post(unknown, body).await.expect(404),
        json!({"detail": "No Feature matches the given query."})
    );
    server.stop().await;
}

#[tokio::test]
async fn priorities_stay_dense_whatever_is_made_moved_and_removed() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace
        .flag("feat", &[("ka", "a", 30.0), ("kb", "b", 20.0)])
        .await;
    for (name, priority) in [("a", None), ("b", None), ("c", Some(1)), ("d", Some(0))] {
        let segment = everybody(&workspace, name).await;
        override_for(&workspace, flag.id, segment, priority).await;
    }
    assert_eq!(order(&workspace, flag.id).await, ["d", "a", "c", "b"]);
    let salts = lines(&server, &workspace, &flag).await;

    let all = links(&workspace, flag.id).await;
    let of = |name: &str| all.iter().find(|link| link["segment_name"] == name).unwrap()["id"].clone();
    let update = format!("{LINKS}update-priorities/");
    let before = audit_log(&server, &workspace).await.len();
    let moved = workspace
        .client
        .post(&update, json!([{"id": of("b"), "priority": 0}]))
        .await
        .expect(200);
    assert_eq!(
        keys(&moved[0]),
        [
            "id",
            "uuid",
            "segment",
            "priority",
            "environment",
            "segment_name",
            "is_feature_specific"
        ]
    );
    assert_eq!(
        (&moved[0]["segment_name"], &moved[0]["priority"]),
        (&json!("b"), &json!(0))
    );
    assert_eq!(order(&workspace, flag.id).await, ["b", "d", "a", "c"]);
    let wanted = json!([{"id": of("a"), "priority": 0}, {"id": of("b"), "priority": 1},
        {"id": of("c"), "priority": 2}, {"id": of("d"), "priority": 3}]);
    workspace.client.post(&update, wanted.clone()).await.expect(200);
    assert_eq!(order(&workspace, flag.id).await, ["a", "b", "c", "d"]);
    workspace.client.post(&update, wanted).await.expect(200);
    assert_eq!(
        audit_log(&server, &workspace).await[before..],
        [
            "Segment overrides re-ordered for feature 'feat'.",
            "Segment overrides re-ordered for feature 'feat'."
        ],
        "an order that is there already is not told"
    );
    assert_eq!(
        served(&workspace).await,
        format!("for {}", all[1]["segment"]),
        "the first wins: a"
    );
    assert_eq!(lines(&server, &workspace, &flag).await, salts);

    let before = audit_log(&server, &workspace).await.len();
    let path = format!("{LINKS}{}/", of("b"));
    assert_eq!(workspace.client.delete(&path).await.status, 204);
    assert_eq!(workspace.client.get(&path).await.status, 404);
    assert_eq!(order(&workspace, flag.id).await, ["a", "c", "d"]);
    assert_eq!(
        audit_log(&server, &workspace).await[before..],
        ["Flag state / Remote config value deleted for feature 'feat' and segment 'b'"]
    );
    server.stop().await;
}

#[tokio::test]
async fn links_are_made_shown_and_confirmed() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let feature = workspace.feature("feat", "12").await;
    let segment = everybody(&workspace, "s").await;
    let body = json!({"feature": feature, "segment": segment, "environment": workspace.environment});
    let made = workspace.client.post(LINKS, body.clone()).await.expect(201);
    assert_eq!(
        keys(&made),
        ["id", "uuid", "feature", "segment", "environment", "priority"]
    );
    let path = format!("{LINKS}{}/", id(&made));
    let shown = workspace.client.get(&path).await.expect(200);
    assert_eq!(
        shown,
        json!({"id": made["id"], "uuid": made["uuid"], "segment": segment, "priority": 0,
            "environment": workspace.environment, "segment_name": "s", "is_feature_specific": false})
    );
    let by_uuid = format!("{LINKS}get-by-uuid/{}/", made["uuid"].as_str().unwrap());
    assert_eq!(workspace.client.get(by_uuid).await.expect(200), shown);
    assert_eq!(links(&workspace, feature).await, [shown]);
    assert_eq!(workspace.client.put(&path, body.clone()).await.expect(200), made);
    assert_eq!(workspace.client.patch(&path, json!({})).await.expect(200), made);
    assert_eq!(
        workspace
            .client
            .patch(&path, json!({"segment": segment + 1}))
            .await
            .expect(400),
        json!({"segment": ["Cannot change the segment of a feature segment"]})
    );
    assert_eq!(
        workspace.client.post(LINKS, body).await.status,
        400,
        "there is one already"
    );
    assert_eq!(
        served(&workspace).await,
        12,
        "a link without a state changes nothing"
    );
    assert_eq!(workspace.client.delete(&path).await.status, 204);
    assert_eq!(links(&workspace, feature).await, Vec::<Value>::new());
    server.stop().await;
}

#[tokio::test]
async fn refusals_are_told_in_the_words_of_the_contract() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let feature = workspace.feature("feat", "12").await;
    let other = workspace.feature("other", "12").await;
    let body = json!({"name": "only", "feature": feature, "rules": [{"type": "ALL", "rules": [], "conditions": []}]});
    let only = workspace
        .client
        .post(workspace.project_path("segments/"), body)
        .await
        .expect(201);
    let body = json!({"feature": other, "segment": only["id"], "environment": workspace.environment});
    let message = format!("Can only create segment override(using this segment) for feature {feature}");
    assert_eq!(
        workspace.client.post(LINKS, body).await.expect(400),
        json!({"feature": [message]})
    );
    assert_eq!(
        workspace.client.get(LINKS).await.expect(400),
        json!({"environment": ["This field is required."], "feature": ["This field is required."]})
    );
    let forbidden = json!({"detail": FORBIDDEN});
    let without = json!({"feature": feature, "segment": only["id"]});
    assert_eq!(workspace.client.post(LINKS, without).await.expect(403), forbidden);
    let update = format!("{LINKS}update-priorities/");
    assert_eq!(
        workspace
            .client
            .post(&update, json!([{"id": 999, "priority": 0}]))
            .await
            .expect(400),
        json!({"non_field_errors": ["Some of the provided ids were not found."]})
    );
    assert_eq!(
        workspace.client.post(&update, json!([])).await.expect(200),
        json!([])
    );
    let segment = everybody(&workspace, "s").await;
    let first = override_for(&workspace, feature, segment, None).await;
    let second = override_for(&workspace, other, segment, None).await;
    let both = json!([{"id": first["feature_segment"]["id"], "priority": 1},
        {"id": second["feature_segment"]["id"], "priority": 0}]);
    assert_eq!(
        workspace.client.post(&update, both).await.expect(400),
        json!({"non_field_errors": ["All feature segments must belong to the same feature & environment."]})
    );
    server.stop().await;
}

#[tokio::test]
async fn in_a_versioned_environment_changes_of_what_is_live_publish() {
    let server = TestServer::start().await;
    let workspace = server.workspace(true).await;
    let flag = workspace
        .flag("feat", &[("ka", "a", 30.0), ("kb", "b", 20.0)])
        .await;
    let (a, b) = (everybody(&workspace, "a").await, everybody(&workspace, "b").await);
    let path = format!(
        "/api/experiments/environments/{}/update-flag-v1/",
        workspace.environment_key
    );
    for segment in [a, b] {
        let body = json!({"feature": {"id": flag.id}, "segment": {"id": segment}, "enabled": true,
            "value": {"type": "string", "value": format!("for {segment}")}});
        workspace.client.post(&path, body).await.expect(204);
    }
    assert_eq!(served(&workspace).await, format!("for {a}"));
    let salts = lines(&server, &workspace, &flag).await;
    let before = audit_log(&server, &workspace).await.len();
    let all = links(&workspace, flag.id).await;
    let update = format!("{LINKS}update-priorities/");
    let moved = workspace
        .client
        .post(&update, json!([{"id": all[1]["id"], "priority": 0}]))
        .await
        .expect(200);
    assert_eq!(order(&workspace, flag.id).await, ["b", "a"]);
    assert_ne!(moved[0]["id"], all[1]["id"], "a link of the new version");
    assert_eq!(links(&workspace, flag.id).await[0], moved[0]);
    assert_eq!(served(&workspace).await, format!("for {b}"));
    assert_eq!(lines(&server, &workspace, &flag).await, salts);
    assert_eq!(
        audit_log(&server, &workspace).await[before..],
        ["New version published for feature: feat"]
    );

    let refused = json!({"detail":
        "This environment uses v2 feature versioning. Use the environment feature version endpoint instead."});
    let superseded = format!("{LINKS}{}/", all[0]["id"]);
    assert_eq!(workspace.client.delete(&superseded).await.expect(400), refused);
    let live = format!("{LINKS}{}/", moved[0]["id"]);
    assert_eq!(workspace.client.delete(&live).await.status, 204);
    assert_eq!(order(&workspace, flag.id).await, ["a"]);
    assert_eq!(served(&workspace).await, format!("for {a}"));
    let log = audit_log(&server, &workspace).await;
    assert_eq!(log[before + 1..], ["New version published for feature: feat"]);
    let body = json!({"feature": flag.id, "segment": b, "environment": workspace.environment});
    assert_eq!(workspace.client.post(LINKS, body).await.expect(400), refused);
    server.stop().await;
}

#[tokio::test]
async fn overrides_ask_for_their_permissions() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let feature = workspace.feature("feat", "12").await;
    let segment = everybody(&workspace, "s").await;
    let made = override_for(&workspace, feature, segment, None).await;
    let link = format!("{LINKS}{}/", made["feature_segment"]["id"]);
    let uuid = format!(
        "{LINKS}get-by-uuid/{}/",
        made["feature_segment"]["uuid"].as_str().unwrap()
    );
    let list = format!("{LINKS}?environment={}&feature={feature}", workspace.environment);
    let create = workspace.path(&format!("features/{feature}/create-segment-override/"));
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
        &["VIEW_PROJECT"],
        &["VIEW_ENVIRONMENT", "MANAGE_SEGMENT_OVERRIDES"],
    )
    .await;
    let nobody = member(&server, &workspace, "nobody@example.com", &[], &[]).await;
    let forbidden = json!({"detail": FORBIDDEN});
    let missing = json!({"detail": "No FeatureSegment matches the given query."});
    assert_eq!(viewer.get(&list).await.expect(200)["count"], 1);
    viewer.get(&uuid).await.expect(200);
    assert_eq!(viewer.get(&link).await.expect(403), forbidden);
    assert_eq!(
        viewer
            .put(
                &link,
                json!({"feature": feature, "segment": segment, "environment": 1})
            )
            .await
            .expect(403),
        forbidden
    );
    assert_eq!(viewer.patch(&link, json!({})).await.expect(403), forbidden);
    assert_eq!(viewer.delete(&link).await.expect(403), forbidden);
    assert_eq!(viewer.post(&create, json!({})).await.expect(403), forbidden);
    let order = json!([{"id": made["feature_segment"]["id"], "priority": 3}]);
    let update = format!("{LINKS}update-priorities/");
    assert_eq!(viewer.post(&update, order.clone()).await.expect(403), forbidden);
    let body = json!({"feature": feature, "segment": segment, "environment": workspace.environment});
    assert_eq!(viewer.post(LINKS, body).await.expect(403), forbidden);
    assert_eq!(
        nobody.get(&list).await.expect(200)["count"],
        0,
        "what is not seen is an empty list"
    );
    assert_eq!(nobody.get(&link).await.expect(404), missing);
    assert_eq!(nobody.get(&uuid).await.expect(404), missing);
    assert_eq!(nobody.post(&update, order).await.expect(403), forbidden);
    editor.get(&link).await.expect(200);
    assert_eq!(editor.delete(&link).await.status, 204);
    assert_eq!(server.anonymous().get(&list).await.status, 401);
    server.stop().await;
}
