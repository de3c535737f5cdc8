//! Versions through HTTP (contract, admin API, section 4.8).

use crate::support::{FORBIDDEN, audit_log, id, keys, member};
use crate::variants::{everybody, lines, live, variants};
use liftgate_model::Clock as _;
use liftgate_testkit::{Client, TestServer, Workspace};
use serde_json::{Value, json};

fn versions(workspace: &Workspace, feature: i64, below: &str) -> String {
    format!(
        "/api/v1/environments/{}/features/{feature}/versions/{below}",
        workspace.environment
    )
}

fn uuid(version: &Value) -> &str {
    version["uuid"].as_str().unwrap()
}

async fn states(workspace: &Workspace, feature: i64, version: &Value) -> Vec<Value> {
    let path = versions(workspace, feature, &format!("{}/featurestates/", uuid(version)));
    workspace
        .client
        .get(path)
        .await
        .expect(200)
        .as_array()
        .unwrap()
        .clone()
}

fn text(value: &str) -> Value {
    json!({"type": "unicode", "string_value": value})
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
async fn a_version_starts_as_what_is_live_and_is_served_once_published() {
    let server = TestServer::start().await;
    let workspace = server.workspace(true).await;
    let feature = workspace.feature("feat", "12").await;
    let list = versions(&workspace, feature, "");
    let first = workspace.client.get(&list).await.expect(200);
    assert_eq!(first["count"], 1);
    let first = &first["results"][0];
    let expected = [
        "created_at",
        "updated_at",
        "published",
        "live_from",
        "uuid",
        "is_live",
        "published_by",
        "created_by",
        "description",
    ];
    assert_eq!(keys(first), expected);
    assert_eq!(
        (&first["published"], &first["is_live"]),
        (&json!(true), &json!(true))
    );

    let body = json!({"description": "why", "feature_states_to_update": [
        {"feature_segment": null, "enabled": false, "feature_state_value": text("new")}]});
    let before = audit_log(&server, &workspace).await.len();
    let draft = workspace.client.post(&list, body).await.expect(201);
    assert_eq!(keys(&draft), expected);
    assert_eq!(
        (&draft["published"], &draft["is_live"], &draft["live_from"]),
        (&json!(false), &json!(false), &json!(null))
    );
    let me = id(&workspace.client.get("/api/v1/auth/users/me/").await.expect(200));
    assert_eq!(
        (
            &draft["created_by"],
            &draft["published_by"],
            &draft["description"]
        ),
        (&json!(me), &json!(null), &json!("why"))
    );
    assert_eq!(served(&workspace).await, 12);
    assert_eq!(
        audit_log(&server, &workspace).await.len(),
        before,
        "a draft is not told"
    );

    let publish = versions(&workspace, feature, &format!("{}/publish/", uuid(&draft)));
    let published = workspace.client.post(&publish, json!({})).await.expect(200);
    assert_eq!(keys(&published), ["live_from"]);
    let list_now = workspace.client.get(&list).await.expect(200);
    assert_eq!(published["live_from"], list_now["results"][0]["live_from"]);
    assert_eq!(served(&workspace).await, "new");
    assert_eq!(
        audit_log(&server, &workspace).await[before..],
        ["New version published for feature: feat"]
    );
    assert_eq!(
        workspace.client.post(&publish, json!({})).await.expect(200),
        published,
        "again changes nothing"
    );
    assert_eq!(audit_log(&server, &workspace).await.len(), before + 1);

    let one = format!("/api/v1/environment-feature-versions/{}/", uuid(&draft));
    let shown = workspace.client.get(&one).await.expect(200);
    let mut placed = expected.to_vec();
    placed.extend(["previous_version_uuid", "feature", "environment"]);
    assert_eq!(keys(&shown), placed);
    assert_eq!(shown["previous_version_uuid"], first["uuid"]);
    assert_eq!(
        (&shown["feature"], &shown["environment"]),
        (&json!(feature), &json!(workspace.environment))
    );
    let lives = workspace
        .client
        .get(format!("{list}?is_live=true"))
        .await
        .expect(200);
    assert_eq!(
        (&lives["count"], &lives["results"][0]["uuid"]),
        (&json!(2), &draft["uuid"])
    );
    let others = workspace
        .client
        .get(format!("{list}?is_live=false"))
        .await
        .expect(200);
    assert_eq!(others["count"], 0);
    let delete = versions(&workspace, feature, &format!("{}/", uuid(&draft)));
    assert_eq!(
        workspace.client.delete(&delete).await.expect(400),
        json!({"detail": "Cannot delete a live version."})
    );
    let old = states(&workspace, feature, first).await;
    assert_eq!(
        old[0]["feature_state_value"]["integer_value"], 12,
        "the version before stays as it was"
    );
    server.stop().await;
}

#[tokio::test]
async fn a_version_can_be_scheduled_and_thrown_away() {
    let server = TestServer::start().await;
    let workspace = server.workspace(true).await;
    let feature = workspace.feature("feat", "12").await;
    let list = versions(&workspace, feature, "");
    let update = json!([{"feature_segment": null, "feature_state_value": text("later")}]);
    let draft = workspace
        .client
        .post(&list, json!({"feature_states_to_update": update}))
        .await
        .expect(201);
    let another = workspace.client.post(&list, json!({})).await;
    assert_eq!(another.status, 409, "{}", another.text);
    let later = server.clock.now().plus_seconds(3600).to_iso();
    let publish = versions(&workspace, feature, &format!("{}/publish/", uuid(&draft)));
    assert_eq!(
        workspace
            .client
            .post(&publish, json!({"live_from": later}))
            .await
            .expect(200),
        json!({"live_from": later})
    );
    assert_eq!(served(&workspace).await, 12);
    let shown = workspace
        .client
        .get(format!("{list}?is_live=false"))
        .await
        .expect(200);
    assert_eq!(
        (&shown["count"], &shown["results"][0]["published"]),
        (&json!(1), &json!(true))
    );
    let path = versions(&workspace, feature, &format!("{}/", uuid(&draft)));
    assert_eq!(workspace.client.delete(&path).await.status, 204);
    assert_eq!(workspace.client.delete(&path).await.status, 404);
    assert_eq!(workspace.client.get(&list).await.expect(200)["count"], 1);

    let body = json!({"live_from": later, "feature_states_to_update": update});
    let draft = workspace.client.post(&list, body).await.expect(201);
    assert_eq!(draft["live_from"], later);
    let publish = versions(&workspace, feature, &format!("{}/publish/", uuid(&draft)));
    let published = workspace.client.post(&publish, json!({})).await.expect(200);
    assert_eq!(published["live_from"], later, "the version's own time");
    server.stop().await;
}

/// Schedules a value in an hour, optionally restarts the server, and waits for the hour.
async fn a_scheduled_version_comes_into_force(restarts: bool) {
    let mut server = TestServer::start().await;
    let workspace = server.workspace(true).await;
    let feature = workspace.feature("feat", "12").await;
    let list = versions(&workspace, feature, "");
    let later = server.clock.now().plus_seconds(3600);
    let update = json!([{"feature_segment": null, "feature_state_value": text("later")}]);
    let body =
        json!({"live_from": later.to_iso(), "feature_states_to_update": update, "publish_immediately": true});
    let made = workspace.client.post(&list, body).await.expect(201);
    assert_eq!(
        (&made["published"], &made["is_live"]),
        (&json!(true), &json!(false))
    );
    if restarts {
        server = server.restart().await;
    }
    let client = Client::new(server.origin());
    let sdk = client.with_environment_key(&workspace.environment_key);
    server.clock.advance_seconds(3500);
    let flags = sdk.get("/api/v1/flags/").await;
    let before: f64 = flags
        .header("x-flagsmith-document-updated-at")
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(flags.expect(200)[0]["feature_state_value"], 12);

    server.clock.advance_seconds(101);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    let flags = loop {
        let flags = sdk.get("/api/v1/flags/").await;
        if flags.body[0]["feature_state_value"] == "later" {
            break flags;
        }
        assert!(
            std::time::Instant::now() < deadline,
            "the version comes into force"
        );
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    let after: f64 = flags
        .header("x-flagsmith-document-updated-at")
        .unwrap()
        .parse()
        .unwrap();
    assert!(
        after > before,
        "clients that ask whether something changed are told: {after}"
    );
    server.stop().await;
}

#[tokio::test]
async fn a_scheduled_version_comes_into_force_at_its_time() {
    a_scheduled_version_comes_into_force(false).await;
}

#[tokio::test]
async fn a_scheduled_version_comes_into_force_after_a_restart() {
    a_scheduled_version_comes_into_force(true).await;
}

#[tokio::test]
async fn segment_overrides_are_made_changed_and_removed_with_a_version() {
    let server = TestServer::start().await;
    let workspace = server.workspace(true).await;
    let flag = workspace
        .flag("feat", &[("ka", "a", 30.0), ("kb", "b", 20.0)])
        .await;
    let (a, b, c) = (
        everybody(&workspace, "a").await,
        everybody(&workspace, "b").await,
        everybody(&workspace, "c").await,
    );
    let list = versions(&workspace, flag.id, "");
    let item = |segment: i64, priority: i64, value: &str| {
        json!({"feature_segment": {"segment": segment, "priority": priority}, "enabled": true,
            "feature_state_value": text(value)})
    };
    let share = |option: usize, share: f64| json!({"multivariate_feature_option": flag.options[option], "percentage_allocation": share});
    let mut with_shares = item(a, 0, "for a");
    with_shares["multivariate_feature_state_values"] = json!([share(0, 10.0), share(1, 20.0)]);
    let body =
        json!({"feature_states_to_create": [with_shares, item(b, 1, "for b")], "publish_immediately": true});
    let first = workspace.client.post(&list, body).await.expect(201);
    assert_eq!(
        (&first["published"], &first["is_live"]),
        (&json!(true), &json!(true))
    );
    let before = lines(&server, &workspace, &flag).await;
    assert_eq!(before.len(), 3);

    let mut changed = item(a, 1, "again a");
    changed["multivariate_feature_state_values"] = json!([share(1, 20.0), share(0, 30.0)]);
    let body = json!({"feature_states_to_update": [changed], "feature_states_to_create": [item(c, 0, "for c")],
        "segment_ids_to_delete_overrides": [b, 999], "publish_immediately": true});
    workspace.client.post(&list, body).await.expect(201);
    let links = format!(
        "/api/v1/features/feature-segments/?environment={}&feature={}",
        workspace.environment, flag.id
    );
    let links = workspace.client.get(links).await.expect(200);
    let order: Vec<(&str, i64)> = links["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|link| {
            (
                link["segment_name"].as_str().unwrap(),
                link["priority"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(order, [("c", 0), ("a", 1)]);
    assert_eq!(served(&workspace).await, "for c");
    let after = lines(&server, &workspace, &flag).await;
    assert_eq!(after[0], before[0], "the default");
    assert_eq!(
        after[1], before[1],
        "the override that was changed: salt and order of its options"
    );
    server.stop().await;
}

#[tokio::test]
async fn what_contradicts_the_version_is_refused() {
    let server = TestServer::start().await;
    let workspace = server.workspace(true).await;
    let feature = workspace.feature("feat", "12").await;
    let segment = everybody(&workspace, "s").await;
    let list = versions(&workspace, feature, "");
    let item =
        json!({"feature_segment": {"segment": segment}, "enabled": true, "feature_state_value": text("x")});
    let refused = async |body: Value| workspace.client.post(&list, body).await.expect(400);
    assert_eq!(
        refused(json!({"feature_states_to_update": [item]})).await,
        json!({"message":
            "An unresolvable conflict occurred: segment override does not exist for segment 's'."})
    );
    let now = json!({"feature_states_to_create": [item], "publish_immediately": true});
    workspace.client.post(&list, now).await.expect(201);
    assert_eq!(
        refused(json!({"feature_states_to_create": [item]})).await,
        json!({"message": "An unresolvable conflict occurred: segment override already exists for segment 's'"})
    );
    assert_eq!(
        refused(
            json!({"feature_states_to_create": [{"feature_segment": null, "feature_state_value": text("x")}]})
        )
        .await,
        json!({"message": "Cannot create FeatureState objects that are not segment overrides."})
    );
    let unknown = json!({"feature_segment": {"segment": 999}, "feature_state_value": text("x")});
    assert_eq!(
        refused(json!({"feature_states_to_update": [item, unknown]})).await,
        json!({"feature_states_to_update":
            [{}, {"feature_segment": {"segment": ["Invalid pk \"999\" - object does not exist."]}}]})
    );
    assert_eq!(
        refused(json!({"feature_states_to_update": [{"feature_segment": null}]})).await,
        json!({"feature_states_to_update": [{"feature_state_value": ["This field is required."]}]})
    );
    assert_eq!(
        workspace.client.get(&list).await.expect(200)["count"],
        2,
        "nothing is left of what was refused"
    );

    let environment = json!({"name": "Plain", "project": workspace.project});
    let plain = workspace
        .client
        .post("/api/v1/environments/", environment)
        .await
        .expect(201);
    let path = format!("/api/v1/environments/{}/features/{feature}/versions/", id(&plain));
    assert_eq!(
        workspace.client.post(path, json!({})).await.expect(400),
        json!({"environment": "Environment must use v2 feature versioning."})
    );
    server.stop().await;
}

#[tokio::test]
async fn the_states_of_a_draft_are_edited_one_by_one() {
    let server = TestServer::start().await;
    let workspace = server.workspace(true).await;
    let feature = workspace.feature("feat", "12").await;
    let segment = everybody(&workspace, "s").await;
    let live_version = workspace
        .client
        .get(versions(&workspace, feature, ""))
        .await
        .expect(200)["results"][0]
        .clone();
    let draft = workspace
        .client
        .post(versions(&workspace, feature, ""), json!({}))
        .await
        .expect(201);
    let below = |version: &Value, rest: &str| {
        versions(
            &workspace,
            feature,
            &format!("{}/featurestates/{rest}", uuid(version)),
        )
    };
    let default = states(&workspace, feature, &draft).await[0].clone();
    assert_eq!(
        keys(&default),
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
    assert_eq!(default["feature_segment"], json!(null));
    let item =
        json!({"feature_segment": {"segment": segment}, "enabled": true, "feature_state_value": text("x")});
    let made = workspace
        .client
        .post(below(&draft, ""), item.clone())
        .await
        .expect(201);
    assert_eq!(
        (&made["feature_segment"]["segment"], &made["live_from"]),
        (&json!(segment), &json!(null))
    );
    assert_eq!(
        workspace
            .client
            .post(below(&draft, ""), item.clone())
            .await
            .status,
        400
    );
    let one = |version: &Value, state: &Value| below(version, &format!("{}/", id(state)));
    let put =
        json!({"feature_segment": {"segment": segment, "priority": 0}, "feature_state_value": text("y")});
    let put = workspace.client.put(one(&draft, &made), put).await.expect(200);
    assert_eq!(
        (&put["feature_state_value"]["string_value"], &put["enabled"]),
        (&json!("y"), &json!(true))
    );
    let patched = workspace
        .client
        .patch(one(&draft, &default), json!({"enabled": false}))
        .await
        .expect(200);
    assert_eq!(
        (
            &patched["enabled"],
            &patched["feature_state_value"]["integer_value"]
        ),
        (&json!(false), &json!(12))
    );
    assert_eq!(
        workspace.client.delete(one(&draft, &default)).await.expect(400),
        json!({"detail": "Cannot delete environment default feature state."})
    );
    assert_eq!(workspace.client.delete(one(&draft, &made)).await.status, 204);
    assert_eq!(states(&workspace, feature, &draft).await.len(), 1);

    let published = json!({"detail": "Cannot modify published version."});
    let live_default = states(&workspace, feature, &live_version).await[0].clone();
    assert_eq!(
        workspace
            .client
            .post(below(&live_version, ""), item)
            .await
            .expect(400),
        published
    );
    assert_eq!(
        workspace
            .client
            .patch(one(&live_version, &live_default), json!({}))
            .await
            .expect(400),
        published
    );
    assert_eq!(
        workspace
            .client
            .delete(one(&live_version, &live_default))
            .await
            .expect(400),
        published
    );
    let missing = json!({"detail": "No FeatureState matches the given query."});
    assert_eq!(
        workspace
            .client
            .patch(one(&draft, &live_default), json!({}))
            .await
            .expect(404),
        missing
    );
    server.stop().await;
}

#[tokio::test]
async fn paths_that_do_not_belong_together_are_not_there() {
    let server = TestServer::start().await;
    let workspace = server.workspace(true).await;
    let feature = workspace.feature("feat", "12").await;
    let other = workspace.feature("other", "12").await;
    let draft = workspace
        .client
        .post(versions(&workspace, feature, ""), json!({}))
        .await
        .expect(201);
    let default = states(&workspace, feature, &draft).await[0].clone();
    let missing = json!({"detail": "No EnvironmentFeatureVersion matches the given query."});
    let wrong = versions(&workspace, other, &format!("{}/", uuid(&draft)));
    assert_eq!(workspace.client.delete(&wrong).await.expect(404), missing);
    assert_eq!(
        workspace
            .client
            .get(format!("{wrong}featurestates/"))
            .await
            .expect(404),
        missing
    );
    let state = format!("{wrong}featurestates/{}/", id(&default));
    assert_eq!(
        workspace
            .client
            .patch(state, json!({"enabled": false}))
            .await
            .expect(404),
        missing
    );
    assert_eq!(
        workspace
            .client
            .post(format!("{wrong}publish/"), json!({}))
            .await
            .expect(404),
        missing
    );

    let stranger = server.sign_up("stranger@example.com").await;
    let hidden = json!({"detail": "No Environment matches the given query."});
    assert_eq!(
        stranger.get(versions(&workspace, feature, "")).await.expect(404),
        hidden
    );
    let one = format!("/api/v1/environment-feature-versions/{}/", uuid(&draft));
    assert_eq!(stranger.get(&one).await.expect(404), missing);
    let own = stranger
        .post("/api/v1/organisations/", json!({"name": "Other"}))
        .await
        .expect(201);
    let project = json!({"name": "P", "organisation": id(&own)});
    let project = stranger.post("/api/v1/projects/", project).await.expect(201);
    let environment = json!({"name": "E", "project": id(&project)});
    let environment = stranger
        .post("/api/v1/environments/", environment)
        .await
        .expect(201);
    let crossed = format!(
        "/api/v1/environments/{}/features/{feature}/versions/{}/featurestates/{}/",
        id(&environment),
        uuid(&draft),
        id(&default)
    );
    assert_eq!(
        stranger
            .patch(crossed, json!({"enabled": false}))
            .await
            .expect(404),
        json!({"detail": "No Feature matches the given query."})
    );
    server.stop().await;
}

#[tokio::test]
async fn versions_ask_for_their_permissions() {
    let server = TestServer::start().await;
    let workspace = server.workspace(true).await;
    let feature = workspace.feature("feat", "12").await;
    let draft = workspace
        .client
        .post(versions(&workspace, feature, ""), json!({}))
        .await
        .expect(201);
    let list = versions(&workspace, feature, "");
    let one = versions(&workspace, feature, &format!("{}/", uuid(&draft)));
    let viewer = member(
        &server,
        &workspace,
        "viewer@example.com",
        &["VIEW_PROJECT"],
        &["VIEW_ENVIRONMENT"],
    )
    .await;
    let blind = member(
        &server,
        &workspace,
        "blind@example.com",
        &[],
        &["VIEW_ENVIRONMENT"],
    )
    .await;
    let editor = member(
        &server,
        &workspace,
        "editor@example.com",
        &["VIEW_PROJECT"],
        &["VIEW_ENVIRONMENT", "UPDATE_FEATURE_STATE"],
    )
    .await;
    let forbidden = json!({"detail": FORBIDDEN});
    viewer.get(&list).await.expect(200);
    viewer.get(format!("{one}featurestates/")).await.expect(200);
    viewer
        .get(format!("/api/v1/environment-feature-versions/{}/", uuid(&draft)))
        .await
        .expect(200);
    assert_eq!(viewer.post(&list, json!({})).await.expect(403), forbidden);
    assert_eq!(viewer.delete(&one).await.expect(403), forbidden);
    assert_eq!(
        viewer.post(format!("{one}publish/"), json!({})).await.expect(403),
        forbidden
    );
    assert_eq!(
        viewer
            .post(format!("{one}featurestates/"), json!({}))
            .await
            .expect(403),
        forbidden
    );
    assert_eq!(
        blind.get(&list).await.expect(404),
        json!({"detail": "No Feature matches the given query."})
    );
    editor.post(format!("{one}publish/"), json!({})).await.expect(200);
    assert_eq!(server.anonymous().get(&list).await.status, 401);
    server.stop().await;
}

#[tokio::test]
async fn publishing_and_switching_versioning_move_nobody() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace
        .flag("feat", &[("ka", "a", 30.0), ("kb", "b", 20.0)])
        .await;
    let segment = everybody(&workspace, "s").await;
    let path = format!(
        "/api/experiments/environments/{}/update-flag-v2/",
        workspace.environment_key
    );
    let share = |option: usize, share: f64| json!({"multivariate_feature_option": flag.options[option], "percentage_allocation": share});
    let body = json!({"feature": {"id": flag.id},
        "environment_default": {"enabled": true, "value": {"type": "string", "value": "control-value"}},
        "segment_overrides": [{"segment_id": segment, "enabled": true, "value": {"type": "string", "value": "c"},
            "multivariate_feature_state_values": [share(1, 40.0), share(0, 30.0)]}]});
    workspace.client.post(&path, body.clone()).await.expect(204);
    let before = lines(&server, &workspace, &flag).await;
    let assigned = variants(&workspace, &flag).await;
    assert!(
        assigned.contains(&json!("a")) && assigned.contains(&json!("b")) && assigned.contains(&json!("c"))
    );

    workspace
        .client
        .post(workspace.path("enable-v2-versioning/"), json!({}))
        .await
        .expect(202);
    assert_eq!(lines(&server, &workspace, &flag).await, before);
    assert_eq!(variants(&workspace, &flag).await, assigned);
    for _ in 0..3 {
        workspace.client.post(&path, body.clone()).await.expect(204);
        assert_eq!(lines(&server, &workspace, &flag).await, before);
    }
    let ids: Vec<_> = live(&server, &workspace, flag.id)
        .await
        .into_iter()
        .map(|state| state.id)
        .collect();
    assert_eq!(variants(&workspace, &flag).await, assigned);
    workspace
        .client
        .post(workspace.path("disable-v2-versioning/"), json!({}))
        .await
        .expect(202);
    assert_eq!(lines(&server, &workspace, &flag).await, before);
    assert_eq!(variants(&workspace, &flag).await, assigned);
    let document = workspace
        .server_sdk()
        .await
        .get("/api/v1/environment-document/")
        .await
        .expect(200);
    let salt = &document["feature_states"][0]["django_id"];
    assert_eq!(*salt, before[0].1);
    assert!(
        ids.iter().all(|id| *salt != id.0),
        "the salt is not the id of a row of today"
    );
    server.stop().await;
}

#[tokio::test]
async fn a_stored_draft_does_not_bring_old_rollouts_back() {
    let server = TestServer::start().await;
    let workspace = server.workspace(true).await;
    let flag = workspace
        .flag("feat", &[("ka", "a", 30.0), ("kb", "b", 20.0)])
        .await;
    let list = versions(&workspace, flag.id, "");
    let update = json!([{"feature_segment": null, "feature_state_value": text("drafted")}]);
    let draft = workspace
        .client
        .post(&list, json!({"feature_states_to_update": update}))
        .await
        .expect(201);
    server.clock.advance_seconds(60);
    let experiment = workspace
        .experiment(&flag, Some(workspace.rollout(&flag, 50.0, &[40.0, 60.0])))
        .await;
    let one = workspace.path(&format!("experiments/{experiment}/"));
    let rollout = workspace.client.get(&one).await.expect(200)["experiment_rollout"].clone();
    server.clock.advance_seconds(60);
    let publish = versions(&workspace, flag.id, &format!("{}/publish/", uuid(&draft)));
    workspace.client.post(publish, json!({})).await.expect(200);
    assert_eq!(
        workspace.client.get(&one).await.expect(200)["experiment_rollout"],
        rollout
    );
    let states = live(&server, &workspace, flag.id).await;
    let default = states
        .iter()
        .find(|state| state.feature_segment.is_none())
        .unwrap();
    assert_eq!(default.value.to_text(), "drafted");
    assert!(
        default.allocations.iter().all(|share| share.percentage == 0.0),
        "the rollout holds the default"
    );

    let draft = workspace.client.post(&list, json!({})).await.expect(201);
    server.clock.advance_seconds(60);
    assert_eq!(workspace.client.delete(&one).await.status, 204);
    server.clock.advance_seconds(60);
    let publish = versions(&workspace, flag.id, &format!("{}/publish/", uuid(&draft)));
    workspace.client.post(publish, json!({})).await.expect(200);
    let states = live(&server, &workspace, flag.id).await;
    assert_eq!(
        states.len(),
        1,
        "the override of the deleted experiment is not back"
    );
    let shares: Vec<f64> = states[0]
        .allocations
        .iter()
        .map(|share| share.percentage)
        .collect();
    assert_eq!(shares, [30.0, 20.0]);
    server.stop().await;
}
