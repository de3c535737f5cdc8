//! Projects (contract, admin API, section 3.1).

use crate::support::{FORBIDDEN, id, keys, member};
use liftgate_testkit::TestServer;
use serde_json::json;

const ALL: &str = "/api/v1/projects/";
const FIELDS: [&str; 17] = [
    "id",
    "uuid",
    "name",
    "organisation",
    "hide_disabled_flags",
    "enable_dynamo_db",
    "migration_status",
    "use_edge_identities",
    "prevent_flag_defaults",
    "enable_realtime_updates",
    "only_allow_lower_case_feature_names",
    "feature_name_regex",
    "show_edge_identity_overrides_for_feature",
    "stale_flags_limit_days",
    "edge_v2_migration_status",
    "minimum_change_request_approvals",
    "enforce_feature_owners",
];

#[tokio::test]
async fn a_project_is_made_with_the_defaults_of_the_contract() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let client = &workspace.client;
    let made = client
        .post(
            ALL,
            json!({"name": "Shop", "organisation": workspace.organisation}),
        )
        .await
        .expect(201);
    assert_eq!(keys(&made), FIELDS);
    let mut expected = json!({
        "hide_disabled_flags": false, "enable_dynamo_db": false, "migration_status": "NOT_APPLICABLE",
        "use_edge_identities": false, "prevent_flag_defaults": false, "enable_realtime_updates": false,
        "only_allow_lower_case_feature_names": true, "feature_name_regex": null,
        "show_edge_identity_overrides_for_feature": false, "stale_flags_limit_days": 30,
        "edge_v2_migration_status": "NOT_STARTED", "minimum_change_request_approvals": null,
        "enforce_feature_owners": false,
    });
    for (name, value) in expected.as_object_mut().unwrap() {
        assert_eq!(made[name], *value, "{name}");
    }
    let grants = client
        .get(format!("{ALL}{}/user-permissions/", id(&made)))
        .await
        .expect(200);
    assert_eq!(
        (&grants[0]["admin"], &grants[0]["user"]["email"]),
        (&json!(true), &json!("admin@example.com"))
    );
    let twice = client
        .post(
            ALL,
            json!({"name": "Shop", "organisation": workspace.organisation}),
        )
        .await
        .expect(400);
    assert_eq!(
        twice,
        json!({"non_field_errors": ["A project with this name already exists."]})
    );
    server.stop().await;
}

#[tokio::test]
async fn the_organisation_decides_before_the_rest_is_looked_at() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let outsider = server.sign_up("out@example.com").await;
    let forbidden = json!({"detail": FORBIDDEN});
    for organisation in [json!(workspace.organisation), json!(4711)] {
        let answer = outsider
            .post(ALL, json!({"organisation": organisation, "name": ""}))
            .await;
        assert_eq!(answer.expect(403), forbidden);
    }
    let missing = workspace
        .client
        .post(ALL, json!({"name": "Shop"}))
        .await
        .expect(400);
    assert_eq!(missing, json!({"organisation": ["This field is required."]}));
    let empty = workspace.client.post(ALL, json!({})).await.expect(400);
    assert_eq!(keys(&empty), ["name", "organisation"]);
    let nameless = workspace
        .client
        .post(ALL, json!({"organisation": workspace.organisation}))
        .await
        .expect(400);
    assert_eq!(nameless, json!({"name": ["This field is required."]}));
    server.stop().await;
}

#[tokio::test]
async fn members_make_projects_when_they_may_and_the_organisation_lets_them() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let plain = member(&server, &workspace, "plain@example.com", &[], &[]).await;
    let user = id(&plain.get("/api/v1/auth/users/me/").await.expect(200));
    let body = |name: &str| json!({"name": name, "organisation": workspace.organisation});
    plain.post(ALL, body("One")).await.expect(403);
    let organisation = format!("/api/v1/organisations/{}/", workspace.organisation);
    let grant = json!({"user": user, "permissions": ["CREATE_PROJECT"]});
    workspace
        .client
        .post(format!("{organisation}user-permissions/"), grant)
        .await
        .expect(201);
    let made = plain.post(ALL, body("One")).await.expect(201);
    plain
        .patch(format!("{ALL}{}/", id(&made)), json!({"name": "Mine"}))
        .await
        .expect(200);
    let restrict = json!({"restrict_project_create_to_admin": true});
    workspace.client.patch(&organisation, restrict).await.expect(200);
    plain.post(ALL, body("Two")).await.expect(403);
    workspace.client.post(ALL, body("Three")).await.expect(201);
    server.stop().await;
}

#[tokio::test]
async fn the_list_shows_what_the_caller_may_see() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let client = &workspace.client;
    let hidden = client
        .post(
            ALL,
            json!({"name": "Hidden", "organisation": workspace.organisation}),
        )
        .await
        .expect(201);
    let viewer = member(&server, &workspace, "viewer@example.com", &["VIEW_PROJECT"], &[]).await;
    let listed = viewer.get(ALL).await.expect(200);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(
        (keys(&listed[0]), id(&listed[0])),
        (FIELDS.to_vec(), workspace.project)
    );
    let count = |client: liftgate_testkit::Client, query: String| async move {
        client
            .get(format!("{ALL}?{query}"))
            .await
            .expect(200)
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(
        count(client.clone(), format!("organisation={}", workspace.organisation)).await,
        2
    );
    assert_eq!(count(client.clone(), "organisation=4711".into()).await, 0);
    assert_eq!(
        count(
            client.clone(),
            format!("uuid={}", hidden["uuid"].as_str().unwrap())
        )
        .await,
        1
    );
    assert_eq!(
        count(
            viewer.clone(),
            format!("uuid={}", hidden["uuid"].as_str().unwrap())
        )
        .await,
        0
    );
    let bad = client.get(format!("{ALL}?organisation=abc")).await.expect(400);
    assert_eq!(bad, json!({"organisation": "Must be a valid integer."}));
    server.stop().await;
}

#[tokio::test]
async fn one_project_adds_totals_and_changes_reach_sdks() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    workspace.feature("checkout", "on").await;
    let one = workspace.project_path("");
    let read = workspace.client.get(&one).await.expect(200);
    let mut fields = FIELDS.to_vec();
    fields.extend([
        "max_segments_allowed",
        "max_features_allowed",
        "max_segment_overrides_allowed",
        "total_features",
        "total_segments",
    ]);
    assert_eq!(keys(&read), fields);
    assert_eq!(
        (&read["max_features_allowed"], &read["total_features"]),
        (&json!(1000), &json!(1))
    );
    let body = json!({
        "name": "Store", "hide_disabled_flags": true, "enable_dynamo_db": true, "organisation": 4711,
        "stale_flags_limit_days": "7", "feature_name_regex": "[a-z]+",
    });
    let changed = workspace.client.put(&one, body).await.expect(200);
    assert_eq!(keys(&changed), FIELDS);
    assert_eq!(
        (&changed["enable_dynamo_db"], &changed["organisation"]),
        (&json!(false), &json!(workspace.organisation))
    );
    assert_eq!(
        (&changed["stale_flags_limit_days"], &changed["feature_name_regex"]),
        (&json!(7), &json!("[a-z]+"))
    );
    let document = workspace
        .client
        .get(workspace.path("document/"))
        .await
        .expect(200);
    assert_eq!(
        (
            &document["project"]["name"],
            &document["project"]["hide_disabled_flags"]
        ),
        (&json!("Store"), &json!(true))
    );
    let pattern = workspace
        .client
        .patch(&one, json!({"feature_name_regex": "("}))
        .await
        .expect(400);
    assert_eq!(keys(&pattern), ["feature_name_regex"]);
    let uuid = read["uuid"].as_str().unwrap();
    let by_uuid = workspace
        .client
        .get(format!("{ALL}get-by-uuid/{uuid}/"))
        .await
        .expect(200);
    assert_eq!(by_uuid["name"], "Store");
    server.stop().await;
}

#[tokio::test]
async fn a_deleted_project_serves_no_flags() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    workspace.sdk().get("/api/v1/flags/").await.expect(200);
    workspace
        .client
        .delete(workspace.project_path(""))
        .await
        .expect(204);
    let refused = workspace.sdk().get("/api/v1/flags/").await;
    assert!([401, 403].contains(&refused.status), "{}", refused.text);
    let gone = json!({"detail": "No Project matches the given query."});
    assert_eq!(
        workspace.client.get(workspace.project_path("")).await.expect(404),
        gone
    );
    workspace.client.get(workspace.path("")).await.expect(404);
    let again = json!({"name": "Web", "organisation": workspace.organisation});
    workspace.client.post(ALL, again).await.expect(201);
    server.stop().await;
}
