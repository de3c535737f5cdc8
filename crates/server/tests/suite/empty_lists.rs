//! What there is none of is an empty list, so that clients which ask for it show their pages (contract, admin API,
//! sections 3.5, 8.6 and 9), and what is asked before anything else.

use crate::support::member;
use liftgate_testkit::TestServer;
use serde_json::json;

#[tokio::test]
async fn what_there_is_none_of_is_an_empty_page() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let outsider = server.sign_up("outsider@example.com").await;
    let organisation = |below: &str| format!("/api/v1/organisations/{}/{below}", workspace.organisation);
    let empty = json!({"count": 0, "next": null, "previous": null, "results": []});
    for (path, refusal) in [
        (organisation("groups/"), 403),
        (organisation("groups/my-groups/"), 403),
        (organisation("roles/"), 403),
        (organisation("metadata-model-fields/"), 403),
        (workspace.project_path("metadata/fields/"), 404),
        (workspace.project_path("change-requests/"), 404),
        (workspace.project_path("release-pipelines/"), 404),
        (workspace.path("list-change-requests/"), 403),
    ] {
        assert_eq!(workspace.client.get(&path).await.expect(200), empty, "{path}");
        assert_eq!(outsider.get(&path).await.status, refusal, "{path}");
        assert_eq!(server.anonymous().get(&path).await.status, 401, "{path}");
    }
    for path in [
        "/api/v1/features/workflows/change-requests/".to_owned(),
        format!("/api/v1/metadata/fields/?organisation={}", workspace.organisation),
    ] {
        assert_eq!(workspace.client.get(&path).await.expect(200), empty, "{path}");
    }
    assert_eq!(
        workspace.client.get("/api/v1/metadata/fields/").await.expect(400),
        json!({"organisation": ["This field is required."]})
    );
    let kinds = organisation("metadata-model-fields/supported-content-types/");
    let kinds = workspace.client.get(kinds).await.expect(200);
    let models: Vec<_> = kinds
        .as_array()
        .unwrap()
        .iter()
        .map(|kind| kind["model"].as_str().unwrap())
        .collect();
    assert_eq!(
        models,
        ["organisation", "project", "environment", "feature", "segment"]
    );
    for path in [
        workspace.path("create-change-request/"),
        organisation("licence"),
        "/api/v1/auth/saml/login/".to_owned(),
    ] {
        let answer = workspace.client.post(&path, json!({})).await;
        assert_eq!((answer.status, answer.body.is_string()), (404, true), "{path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn custom_fields_are_accepted_and_answered_as_none() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let feature = json!({"name": "flag", "metadata": [{"model_field": 1, "field_value": "x"}]});
    let made = workspace
        .client
        .post(workspace.project_path("features/"), feature)
        .await
        .expect(201);
    assert_eq!(made["metadata"], json!([]));
    let patched = workspace
        .client
        .patch(workspace.path(""), json!({"metadata": []}))
        .await;
    assert_eq!(patched.expect(200)["metadata"], json!([]));
    server.stop().await;
}

#[tokio::test]
async fn a_dashboard_is_told_to_ask_this_server_and_no_other() {
    let server = TestServer::start().await;
    let told = server.anonymous().get("/config/project-overrides").await;
    assert_eq!(
        (told.status, told.header("content-type")),
        (200, Some("application/javascript"))
    );
    let object = told.text.strip_prefix("window.projectOverrides = ").unwrap();
    let object: serde_json::Value = serde_json::from_str(object).unwrap();
    assert_eq!(
        (
            &object["api"],
            &object["flagsmithClientAPI"],
            &object["preventSignup"]
        ),
        (&json!("/api/v1/"), &json!("/api/v1/"), &json!(false))
    );
    assert_eq!(
        server.anonymous().get("/config/project-overrides/").await.status,
        404
    );
    server.stop().await;
}

#[tokio::test]
async fn features_are_counted_by_stage_in_an_environment_by_its_id() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let client = &workspace.client;
    let tag = json!({"label": "stays", "is_permanent": true});
    let tag = client
        .post(workspace.project_path("tags/"), tag)
        .await
        .expect(201);
    workspace.feature("young", "x").await;
    let kept = json!({"name": "kept", "tags": [tag["id"]]});
    client
        .post(workspace.project_path("features/"), kept)
        .await
        .expect(201);
    let counts = format!(
        "/api/v1/environments/{}/feature-lifecycle-counts/",
        workspace.environment
    );
    assert_eq!(
        client.get(&counts).await.expect(200),
        json!({"new": 1, "live": 0, "stale": 0, "permanent": 1, "needs_monitoring": 0, "to_remove": 0})
    );
    let by_key = client.get(workspace.path("feature-lifecycle-counts/")).await;
    assert_eq!((by_key.status, by_key.body.is_string()), (404, true));
    let blind = member(&server, &workspace, "blind@example.com", &["VIEW_PROJECT"], &[]).await;
    blind.get(&counts).await.expect(404);
    server.stop().await;
}

#[tokio::test]
async fn codes_of_second_factors_are_refused() {
    let server = TestServer::start().await;
    let anonymous = server.anonymous();
    let path = "/api/v1/auth/login/code/";
    assert_eq!(
        anonymous.post(path, json!({})).await.expect(400),
        json!({"ephemeral_token": ["This field is required."], "code": ["This field is required."]})
    );
    let refused = anonymous
        .post(path, json!({"ephemeral_token": "x", "code": "1"}))
        .await;
    assert_eq!(refused.header("www-authenticate"), None);
    assert_eq!(refused.expect(401), json!({"error": "Invalid or expired token."}));
    for _ in 0..3 {
        anonymous.post(path, json!({})).await.expect(400);
    }
    let throttled = anonymous.post(path, json!({})).await;
    assert!(throttled.header("retry-after").is_some());
    throttled.expect(429);
    server.stop().await;
}
