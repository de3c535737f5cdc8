//! Environments themselves.

use crate::support::{FORBIDDEN, audit_log, id, keys, member};
use liftgate_testkit::TestServer;
use serde_json::json;

const ALL: &str = "/api/v1/environments/";
const FIELDS: [&str; 18] = [
    "id",
    "uuid",
    "name",
    "api_key",
    "description",
    "project",
    "minimum_change_request_approvals",
    "allow_client_traits",
    "banner_text",
    "banner_colour",
    "hide_disabled_flags",
    "use_mv_v2_evaluation",
    "use_identity_composite_key_for_hashing",
    "hide_sensitive_data",
    "use_v2_feature_versioning",
    "use_identity_overrides_in_local_eval",
    "is_creating",
    "metadata",
];

#[tokio::test]
async fn an_environment_is_made_with_the_defaults_of_the_contract() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let client = &workspace.client;
    let body = json!({"name": "Staging", "project": workspace.project, "metadata": [], "use_v2_feature_versioning": true});
    let made = client.post(ALL, body).await.expect(201);
    assert_eq!(keys(&made), FIELDS);
    let expected = json!({
        "description": null, "minimum_change_request_approvals": null, "allow_client_traits": true,
        "banner_text": null, "banner_colour": null, "hide_disabled_flags": null, "use_mv_v2_evaluation": true,
        "use_identity_composite_key_for_hashing": true, "hide_sensitive_data": false,
        "use_v2_feature_versioning": false, "use_identity_overrides_in_local_eval": true, "is_creating": false,
        "metadata": [],
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(made[name], *value, "{name}");
    }
    let key = made["api_key"].as_str().unwrap();
    assert!(
        key.len() == 22 && key.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        "{key}"
    );
    let grants = client
        .get(format!("{ALL}{key}/user-permissions/"))
        .await
        .expect(200);
    assert_eq!(
        (&grants[0]["admin"], &grants[0]["permissions"]),
        (&json!(true), &json!([]))
    );
    let twice = client
        .post(ALL, json!({"name": "Staging", "project": workspace.project}))
        .await
        .expect(400);
    assert_eq!(
        twice,
        json!({"non_field_errors": ["An environment with this name already exists."]})
    );
    let log = audit_log(&server, &workspace).await;
    assert_eq!(
        log,
        [
            "New Environment created: Production",
            "New Environment created: Staging"
        ]
    );
    server.stop().await;
}

#[tokio::test]
async fn features_begin_as_their_defaults_say() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    workspace
        .flag("checkout", &[("ka", "a", 30.0), ("kb", "b", 20.0)])
        .await;
    workspace.feature("limit", "12").await;
    let staging = json!({"name": "Staging", "project": workspace.project});
    let staging = workspace.client.post(ALL, staging).await.expect(201);
    let states = |key: &str| {
        let (client, path) = (workspace.client.clone(), format!("{ALL}{key}/featurestates/"));
        async move {
            client.get(path).await.expect(200)["results"]
                .as_array()
                .unwrap()
                .clone()
        }
    };
    let made = states(staging["api_key"].as_str().unwrap()).await;
    assert_eq!(made.len(), 2);
    assert_eq!(
        (&made[0]["enabled"], &made[0]["feature_state_value"]),
        (&json!(true), &json!("control-value"))
    );
    let shares: Vec<_> = made[0]["multivariate_feature_state_values"]
        .as_array()
        .unwrap()
        .iter()
        .map(|share| share["percentage_allocation"].clone())
        .collect();
    assert_eq!(shares, [json!(30.0), json!(20.0)]);
    assert_eq!(made[1]["feature_state_value"], 12);

    let project = json!({"prevent_flag_defaults": true});
    workspace
        .client
        .patch(workspace.project_path(""), project)
        .await
        .expect(200);
    let quiet = json!({"name": "Quiet", "project": workspace.project});
    let quiet = workspace.client.post(ALL, quiet).await.expect(201);
    let made = states(quiet["api_key"].as_str().unwrap()).await;
    assert!(made.iter().all(|state| state["enabled"] == false), "{made:?}");
    // What is served is there as soon as the environment is answered.
    let sdk = server
        .anonymous()
        .with_environment_key(quiet["api_key"].as_str().unwrap());
    assert_eq!(
        sdk.get("/api/v1/flags/")
            .await
            .expect(200)
            .as_array()
            .unwrap()
            .len(),
        2
    );
    server.stop().await;
}

#[tokio::test]
async fn the_project_decides_before_the_rest_is_looked_at() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let viewer = member(&server, &workspace, "viewer@example.com", &["VIEW_PROJECT"], &[]).await;
    let forbidden = json!({"detail": FORBIDDEN});
    for body in [
        json!({"name": "x", "project": workspace.project}),
        json!({"project": workspace.project}),
        json!({"project": 4711}),
        json!({"project": "abc"}),
        json!({}),
    ] {
        assert_eq!(
            viewer.post(ALL, body.clone()).await.expect(403),
            forbidden,
            "{body}"
        );
    }
    assert_eq!(
        workspace.client.post(ALL, json!({"name": "x"})).await.expect(403),
        forbidden
    );
    let nameless = workspace
        .client
        .post(ALL, json!({"project": workspace.project}))
        .await
        .expect(400);
    assert_eq!(nameless, json!({"name": ["This field is required."]}));
    let maker = member(
        &server,
        &workspace,
        "maker@example.com",
        &["VIEW_PROJECT", "CREATE_ENVIRONMENT"],
        &[],
    )
    .await;
    let made = maker
        .post(ALL, json!({"name": "Mine", "project": workspace.project}))
        .await
        .expect(201);
    maker
        .patch(
            format!("{ALL}{}/", made["api_key"].as_str().unwrap()),
            json!({"name": "Still mine"}),
        )
        .await
        .expect(200);
    server.stop().await;
}

#[tokio::test]
async fn the_list_is_paged_and_shows_what_the_caller_may_see() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    for number in 0..10 {
        let body = json!({"name": format!("Number {number}"), "project": workspace.project});
        workspace.client.post(ALL, body).await.expect(201);
    }
    let all = format!("{ALL}?project={}", workspace.project);
    let page = workspace.client.get(&all).await.expect(200);
    assert_eq!(
        (&page["count"], page["results"].as_array().unwrap().len()),
        (&json!(11), 10)
    );
    assert_eq!(keys(&page["results"][0]), FIELDS);
    let viewer = member(
        &server,
        &workspace,
        "viewer@example.com",
        &["VIEW_PROJECT"],
        &["VIEW_ENVIRONMENT"],
    )
    .await;
    let page = viewer.get(&all).await.expect(200);
    assert_eq!(
        (&page["count"], id(&page["results"][0])),
        (&json!(1), workspace.environment)
    );
    for query in ["", "?project=4711", "?project=abc"] {
        let refused = viewer.get(format!("{ALL}{query}")).await.expect(400);
        assert_eq!(
            refused,
            json!(["Invalid or missing value for project parameter."]),
            "{query}"
        );
    }
    let outsider = server.sign_up("out@example.com").await;
    assert_eq!(outsider.get(&all).await.expect(200)["count"], 0);
    let listed = workspace
        .client
        .get(workspace.project_path("environments/"))
        .await
        .expect(200);
    assert_eq!(
        (listed.as_array().unwrap().len(), keys(&listed[0])),
        (11, FIELDS[..17].to_vec())
    );
    viewer
        .get(workspace.project_path("environments/"))
        .await
        .expect(403);
    server.stop().await;
}

#[tokio::test]
async fn changes_are_noted_with_what_differs() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let (client, one) = (&workspace.client, workspace.path(""));
    let read = client.get(&one).await.expect(200);
    assert_eq!(keys(&read).last(), Some(&"total_segment_overrides"));
    assert_eq!(
        client.put(&one, json!({})).await.expect(400),
        json!({"name": ["This field is required."]})
    );
    let body = json!({
        "name": "Live", "banner_text": "x", "banner_colour": "#fff", "hide_disabled_flags": true, "project": 4711,
        "use_mv_v2_evaluation": false, "metadata": [{"model_field": 1, "field_value": "x"}],
    });
    let changed = client.put(&one, body).await.expect(200);
    assert_eq!(keys(&changed), FIELDS);
    assert_eq!(
        (&changed["banner_text"], &changed["project"]),
        (&json!("x"), &json!(workspace.project))
    );
    assert_eq!(
        (&changed["use_mv_v2_evaluation"], &changed["metadata"]),
        (&json!(true), &json!([]))
    );
    client.patch(&one, json!({"banner_text": "x"})).await.expect(200);
    let log = audit_log(&server, &workspace).await;
    assert_eq!(
        log,
        ["New Environment created: Production", "Environment updated: Live"]
    );
    let record = client.get(workspace.project_path("audit/")).await.expect(200)["results"][0].clone();
    let record = client
        .get(workspace.project_path(&format!("audit/{}/", id(&record))))
        .await
        .expect(200);
    let details = record["change_details"].as_array().unwrap();
    assert!(
        details.contains(&json!({"field": "name", "old": "Production", "new": "Live"})),
        "{details:?}"
    );
    assert!(
        details.contains(&json!({"field": "hide_disabled_flags", "old": null, "new": true})),
        "{details:?}"
    );
    let long = client
        .patch(&one, json!({"banner_colour": "#12345678"}))
        .await
        .expect(400);
    assert_eq!(
        long,
        json!({"banner_colour": ["Ensure this field has no more than 7 characters."]})
    );
    server.stop().await;
}

#[tokio::test]
async fn the_client_side_key_can_change_and_is_unique() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let client = &workspace.client;
    let other = json!({"name": "Staging", "project": workspace.project, "api_key": "a-key-of-my-own"});
    let other = client.post(ALL, other).await.expect(201);
    assert_eq!(other["api_key"], "a-key-of-my-own");
    let taken = client
        .patch(workspace.path(""), json!({"api_key": "a-key-of-my-own"}))
        .await
        .expect(400);
    assert_eq!(
        taken,
        json!({"api_key": ["Environment with this api key already exists."]})
    );
    for bad in ["ser.looksLikeAServerKey", "with/slash", "with blank"] {
        client
            .patch(workspace.path(""), json!({"api_key": bad}))
            .await
            .expect(400);
    }
    client
        .patch(workspace.path(""), json!({"api_key": "moved"}))
        .await
        .expect(200);
    client.get(workspace.path("")).await.expect(404);
    let refused = workspace.sdk().get("/api/v1/flags/").await;
    assert!([401, 403].contains(&refused.status), "{}", refused.text);
    server
        .anonymous()
        .with_environment_key("moved")
        .get("/api/v1/flags/")
        .await
        .expect(200);
    server.stop().await;
}

#[tokio::test]
async fn a_deleted_environment_serves_no_flags() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let server_side = workspace.server_sdk().await;
    server_side.get("/api/v1/flags/").await.expect(200);
    workspace.client.delete(workspace.path("")).await.expect(204);
    for sdk in [workspace.sdk(), server_side] {
        let refused = sdk.get("/api/v1/flags/").await;
        assert!([401, 403].contains(&refused.status), "{}", refused.text);
    }
    let gone = json!({"detail": "No Environment matches the given query."});
    assert_eq!(workspace.client.get(workspace.path("")).await.expect(404), gone);
    let again = json!({"name": "Production", "project": workspace.project});
    workspace.client.post(ALL, again).await.expect(201);
    server.stop().await;
}
