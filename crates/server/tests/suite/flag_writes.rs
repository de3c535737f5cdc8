//! Flag writes that do not ask how the environment is versioned (contract, admin API, section 4.7).

use crate::support::{FORBIDDEN, audit_log, id, keys, member};
use crate::variants::{everybody, lines};
use liftgate_testkit::{Answer, Flag, TestServer, Workspace};
use serde_json::{Value, json};

async fn write(workspace: &Workspace, verb: &str, body: Value) -> Answer {
    let path = format!(
        "/api/experiments/environments/{}/{verb}/",
        workspace.environment_key
    );
    workspace.client.post(path, body).await
}

fn whole(workspace: &Workspace, feature: i64) -> String {
    format!(
        "/api/__future__/environments/{}/features/{feature}/",
        workspace.environment_key
    )
}

fn text(value: &str) -> Value {
    json!({"type": "string", "value": value})
}

async fn version_count(workspace: &Workspace, feature: i64) -> i64 {
    let path = format!(
        "/api/v1/environments/{}/features/{feature}/versions/",
        workspace.environment
    );
    workspace.client.get(path).await.expect(200)["count"]
        .as_i64()
        .unwrap()
}

async fn flag_of(workspace: &Workspace) -> Flag {
    workspace
        .flag("mv", &[("ka", "a", 30.0), ("kb", "b", 20.0)])
        .await
}

/// Turns change requests on.
async fn want_approvals(workspace: &Workspace) {
    let body = json!({"minimum_change_request_approvals": 1});
    workspace.client.patch(workspace.path(""), body).await.expect(200);
}

#[tokio::test]
async fn one_state_is_written_in_place_without_versions() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    workspace.feature("std", "12").await;
    let segment = everybody(&workspace, "s").await;
    let before = audit_log(&server, &workspace).await.len();
    let body =
        json!({"feature": {"name": "std"}, "enabled": false, "value": {"type": "integer", "value": " 7 "}});
    write(&workspace, "update-flag-v1", body).await.expect(204);
    let body =
        json!({"feature": {"name": "std"}, "segment": {"id": segment}, "enabled": true, "value": text("x")});
    write(&workspace, "update-flag-v1", body.clone())
        .await
        .expect(204);
    let mut again = body;
    again["enabled"] = json!(false);
    write(&workspace, "update-flag-v1", again).await.expect(204);
    let delete = json!({"feature": {"name": "std"}, "segment": {"id": segment}});
    write(&workspace, "delete-segment-override", delete.clone())
        .await
        .expect(204);
    assert_eq!(
        write(&workspace, "delete-segment-override", delete)
            .await
            .expect(404),
        json!({"detail": format!("Segment override for segment {segment} does not exist")})
    );
    assert_eq!(
        audit_log(&server, &workspace).await[before..],
        [
            "Remote config value updated for feature: std",
            "Flag state updated for feature: std",
            "Segment override created for feature 'std' and segment 's'",
            "Remote config updated for segment override on feature 'std' and segment 's'.",
            "Flag state / Remote config value updated for feature 'std' and segment 's'",
            "Flag state / Remote config value deleted for feature 'std' and segment 's'",
        ]
    );
    let flags = workspace.sdk().get("/api/v1/flags/").await.expect(200);
    assert_eq!(
        (&flags[0]["feature_state_value"], &flags[0]["enabled"]),
        (&json!(7), &json!(false))
    );
    server.stop().await;
}

#[tokio::test]
async fn each_write_is_one_version_with_versions() {
    let server = TestServer::start().await;
    let workspace = server.workspace(true).await;
    let flag = flag_of(&workspace).await;
    let (a, b) = (everybody(&workspace, "a").await, everybody(&workspace, "b").await);
    let before = audit_log(&server, &workspace).await.len();
    let overrides = json!([
        {"segment_id": a, "enabled": true, "value": text("for a"), "multivariate_feature_state_values": [
            {"multivariate_feature_option": flag.options[1], "percentage_allocation": 60.0}]},
        {"segment_id": b, "priority": 0, "enabled": true, "value": text("for b")}]);
    let body = json!({"feature": {"id": flag.id}, "environment_default": {"enabled": true, "value": text("d")},
        "segment_overrides": overrides});
    write(&workspace, "update-flag-v2", body).await.expect(204);
    assert_eq!(version_count(&workspace, flag.id).await, 2);
    let shown = workspace.client.get(whole(&workspace, flag.id)).await.expect(200);
    let order: Vec<&Value> = shown["segment_overrides"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["segment"]["id"])
        .collect();
    assert_eq!(order, [&json!(b), &json!(a)]);
    let before_lines = lines(&server, &workspace, &flag).await;
    let body = json!({"feature": {"id": flag.id}, "environment_default": {"enabled": true, "value": text("e")},
        "segment_overrides": [{"segment_id": a, "enabled": false, "value": text("again"),
            "multivariate_feature_state_values": [
                {"multivariate_feature_option": flag.options[0], "percentage_allocation": 41.0}]}]});
    assert_eq!(
        write(&workspace, "update-flag-v2", body.clone())
            .await
            .expect(400),
        json!(["Multivariate allocations for the feature state must not exceed 100%, got 101.0%."]),
        "shares are merged with those there are"
    );
    let mut fits = body;
    fits["segment_overrides"][0]["multivariate_feature_state_values"][0]["percentage_allocation"] =
        json!(40.0);
    write(&workspace, "update-flag-v2", fits).await.expect(204);
    assert_eq!(version_count(&workspace, flag.id).await, 3);
    let after = lines(&server, &workspace, &flag).await;
    assert_eq!(after[0], before_lines[0]);
    assert_eq!(
        (after[1].1, after[2].clone()),
        (before_lines[1].1, before_lines[2].clone())
    );
    assert_eq!(
        after[1].2[0], before_lines[1].2[0],
        "a new share comes after those there are"
    );
    let delete = json!({"feature": {"id": flag.id}, "segment": {"id": b}});
    write(&workspace, "delete-segment-override", delete)
        .await
        .expect(204);
    assert_eq!(
        audit_log(&server, &workspace).await[before..],
        ["New version published for feature: mv"; 3]
    );
    server.stop().await;
}

#[tokio::test]
async fn refusals_are_told_in_the_words_of_the_contract() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = flag_of(&workspace).await;
    let segment = everybody(&workspace, "s").await;
    let v1 = async |body: Value| write(&workspace, "update-flag-v1", body).await.expect(400);
    let v2 = async |body: Value| write(&workspace, "update-flag-v2", body).await.expect(400);
    let with = |field: &str, value: Value| {
        let mut body = json!({"feature": {"name": "mv"}, "enabled": true, "value": text("x")});
        body[field] = value;
        body
    };
    assert_eq!(
        v1(with("feature", json!({"name": "mv", "id": 1}))).await,
        json!({"feature": {"non_field_errors": ["Provide either 'name' or 'id', not both"]}})
    );
    assert_eq!(
        v1(with("feature", json!({}))).await,
        json!({"feature": {"non_field_errors": ["Either 'name' or 'id' is required for feature identification"]}})
    );
    assert_eq!(
        v1(with("value", json!({"type": "integer", "value": "x"}))).await,
        json!({"value": {"non_field_errors": ["'x' is not a valid integer"]}})
    );
    assert_eq!(
        v1(with("feature", json!({"name": "nope"}))).await,
        json!(["Feature '{'name': 'nope'}' not found in project"])
    );
    assert_eq!(
        v1(with("feature", json!({"name": "MV"}))).await,
        json!(["Feature '{'name': 'MV'}' not found in project"]),
        "names are exact here"
    );
    assert_eq!(
        v1(with("feature", json!({"id": 999}))).await,
        json!(["Feature '{'id': 999}' not found in project"])
    );
    assert_eq!(
        v1(with("segment", json!({"id": 999}))).await,
        json!({"segment": ["Segment with id 999 not found in project"]})
    );
    assert_eq!(
        v1(json!({})).await,
        json!({"feature": ["This field is required."], "enabled": ["This field is required."],
            "value": ["This field is required."]})
    );
    let overrides = |overrides: Value| {
        json!({"feature": {"name": "mv"}, "environment_default": {"enabled": true, "value": text("x")},
            "segment_overrides": overrides})
    };
    let item = json!({"segment_id": segment, "enabled": true, "value": text("x")});
    assert_eq!(
        v2(overrides(json!([item, item]))).await,
        json!({"segment_overrides": ["Duplicate segment_id values are not allowed"]})
    );
    let mut unknown = item.clone();
    unknown["segment_id"] = json!(9);
    assert_eq!(
        v2(overrides(json!([unknown]))).await,
        json!({"segment_overrides": ["Segment with id 9 not found in project"]})
    );
    let shares = |options: [i64; 2]| {
        let mut item = item.clone();
        item["multivariate_feature_state_values"] = options
            .map(|option| json!({"multivariate_feature_option": option, "percentage_allocation": 1.0}))
            .as_slice()
            .into();
        overrides(json!([item]))
    };
    assert_eq!(
        v2(shares([flag.options[0], flag.options[0]])).await,
        json!({"non_field_errors": ["Multivariate options must be unique"]})
    );
    assert_eq!(
        v2(shares([flag.options[0], 999])).await,
        json!({"non_field_errors": ["Multivariate options [999] do not belong to the feature"]})
    );
    let path = "/api/experiments/environments/unknown/update-flag-v1/";
    assert_eq!(
        workspace.client.post(path, json!({})).await.expect(403),
        json!({"detail": FORBIDDEN})
    );
    want_approvals(&workspace).await;
    let refused = json!({"detail":
        "This endpoint cannot be used when change requests are enabled. Use the change request workflow instead."});
    for verb in ["update-flag-v1", "update-flag-v2", "delete-segment-override"] {
        assert_eq!(write(&workspace, verb, json!({})).await.expect(403), refused);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_flag_is_shown_as_a_whole() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = flag_of(&workspace).await;
    let path = whole(&workspace, flag.id);
    let shown = workspace.client.get(&path).await.expect(200);
    assert_eq!(keys(&shown), ["environment_default", "segment_overrides"]);
    assert_eq!(
        shown,
        json!({"environment_default": {"enabled": true, "value": {"type": "string", "value": "control-value"},
            "variants": [{"id": flag.options[0], "weight": 30.0}, {"id": flag.options[1], "weight": 20.0}]},
            "segment_overrides": []})
    );
    assert_eq!(
        workspace.client.get(whole(&workspace, 999)).await.expect(404),
        json!({"detail": "Not found."})
    );
    let unknown = "/api/__future__/environments/unknown/features/1/";
    assert_eq!(
        workspace.client.get(unknown).await.expect(404),
        json!({"detail": "Not found."})
    );
    server.stop().await;
}

async fn patch_changes_what_is_sent(versioned: bool) {
    let server = TestServer::start().await;
    let workspace = server.workspace(versioned).await;
    let flag = flag_of(&workspace).await;
    let segment = everybody(&workspace, "s").await;
    let path = whole(&workspace, flag.id);
    let patch = async |body: Value| workspace.client.patch(&path, body).await.expect(200);
    let shown = patch(json!({"environment_default": {"enabled": false}})).await;
    assert_eq!(
        (
            &shown["environment_default"]["enabled"],
            &shown["environment_default"]["value"]
        ),
        (&json!(false), &text("control-value"))
    );
    let shown = patch(json!({"segment_overrides": [{"segment": {"id": segment}, "enabled": true}]})).await;
    let made = &shown["segment_overrides"][0];
    assert_eq!(
        keys(made),
        ["segment", "priority", "enabled", "value", "variants"]
    );
    assert_eq!(
        (&made["priority"], &made["value"]),
        (&json!(0), &text("control-value")),
        "the rest is inherited"
    );
    assert_eq!(made["variants"], shown["environment_default"]["variants"]);
    let before = lines(&server, &workspace, &flag).await;
    let weights = json!([{"id": flag.options[1], "weight": 50.0}, {"id": flag.options[0], "weight": 10.0}]);
    let shown =
        patch(json!({"segment_overrides": [{"segment": {"id": segment}, "variants": weights}]})).await;
    assert_eq!(
        shown["segment_overrides"][0]["variants"],
        json!([{"id": flag.options[0], "weight": 10.0}, {"id": flag.options[1], "weight": 50.0}])
    );
    assert_eq!(shown["segment_overrides"][0]["enabled"], true);
    assert_eq!(lines(&server, &workspace, &flag).await, before);
    if versioned {
        let count = version_count(&workspace, flag.id).await;
        assert_eq!(count, 4);
        patch(json!({})).await;
        patch(json!({"environment_default": {}, "segment_overrides": []})).await;
        assert_eq!(
            version_count(&workspace, flag.id).await,
            count,
            "an empty change makes no version"
        );
    }
    let delete = format!("{path}segment-overrides/{segment}/");
    let shown = workspace.client.delete(&delete).await.expect(200);
    assert_eq!(shown["segment_overrides"], json!([]));
    let missing = json!({"detail": "Segment override not found."});
    assert_eq!(workspace.client.delete(&delete).await.expect(404), missing);
    server.stop().await;
}

#[tokio::test]
async fn patch_changes_what_is_sent_without_versions() {
    patch_changes_what_is_sent(false).await;
}

#[tokio::test]
async fn patch_changes_what_is_sent_with_versions() {
    patch_changes_what_is_sent(true).await;
}

#[tokio::test]
async fn put_resets_what_a_part_leaves_out() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let feature = workspace.feature("std", "12").await;
    let (a, b) = (everybody(&workspace, "a").await, everybody(&workspace, "b").await);
    let path = whole(&workspace, feature);
    let both = json!({"segment_overrides": [
        {"segment": {"id": a}, "enabled": false, "value": text("for a")},
        {"segment": {"id": b}, "enabled": false, "value": text("for b")}]});
    workspace.client.put(&path, both).await.expect(200);
    let put = json!({"segment_overrides": [{"segment": {"id": b}, "priority": 0}]});
    let shown = workspace.client.put(&path, put).await.expect(200);
    assert_eq!(
        shown,
        json!({"environment_default": {"enabled": true, "value": {"type": "integer", "value": "12"}, "variants": []},
            "segment_overrides": [{"segment": {"id": b}, "priority": 0, "enabled": true,
                "value": {"type": "integer", "value": "12"}, "variants": []}]}),
        "the default is not sent and stays; the override takes after it; the other is gone"
    );
    let shown = workspace
        .client
        .put(&path, json!({"environment_default": {}}))
        .await
        .expect(200);
    assert_eq!(
        shown["environment_default"],
        json!({"enabled": false, "value": null, "variants": []})
    );
    assert_eq!(shown["segment_overrides"].as_array().unwrap().len(), 1);
    let shown = workspace
        .client
        .put(&path, json!({"segment_overrides": []}))
        .await
        .expect(200);
    assert_eq!(shown["segment_overrides"], json!([]));
    server.stop().await;
}

#[tokio::test]
async fn whole_flags_refuse_in_the_words_of_the_contract() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = flag_of(&workspace).await;
    let plain = workspace.feature("std", "12").await;
    let (a, b) = (everybody(&workspace, "a").await, everybody(&workspace, "b").await);
    let patch = async |feature: i64, body: Value| {
        workspace
            .client
            .patch(whole(&workspace, feature), body)
            .await
            .expect(400)
    };
    let weights = |weights: Value| json!({"environment_default": {"variants": weights}});
    let of_default = |message: &str| json!({"environment_default": {"variants": [message]}});
    let [first, second] = [flag.options[0], flag.options[1]];
    assert_eq!(
        patch(flag.id, weights(json!([{"id": first, "weight": 1}]))).await,
        of_default("Must include all feature's variants.")
    );
    assert_eq!(
        patch(
            flag.id,
            weights(json!([{"id": first, "weight": 60}, {"id": second, "weight": 41}]))
        )
        .await,
        of_default("Total weight must not exceed 100.")
    );
    assert_eq!(
        patch(flag.id, weights(json!([{"id": 999, "weight": 1}]))).await,
        of_default("Variant not found.")
    );
    assert_eq!(
        patch(plain, weights(json!([]))).await,
        of_default("Feature is not multivariate.")
    );
    let put = workspace
        .client
        .put(
            whole(&workspace, flag.id),
            json!({"environment_default": {"enabled": true}}),
        )
        .await;
    assert_eq!(
        put.expect(400),
        of_default("Must include all feature's variants.")
    );
    assert_eq!(
        patch(
            plain,
            json!({"environment_default": {"value": {"type": "integer", "value": "x"}}})
        )
        .await,
        json!({"environment_default": {"value": ["'x' is not a valid integer"]}})
    );
    assert_eq!(
        patch(
            plain,
            json!({"segment_overrides": [{"segment": {"id": a}}, {"segment": {"id": 999}}]})
        )
        .await,
        json!({"segment_overrides": [{}, {"segment": {"id": ["Segment not found."]}}]})
    );
    assert_eq!(
        patch(
            plain,
            json!({"segment_overrides": [{"segment": {"id": a}}, {"segment": {"id": a}}]})
        )
        .await,
        json!({"segment_overrides": [format!("Duplicate segment: {a}.")]})
    );
    let twice = json!({"segment_overrides": [{"segment": {"id": a}, "priority": 0}, {"segment": {"id": b}, "priority": 0}]});
    assert_eq!(
        patch(plain, twice).await,
        json!({"detail": "Duplicate priority: 0."})
    );
    let shown = workspace.client.get(whole(&workspace, plain)).await.expect(200);
    assert_eq!(
        shown["segment_overrides"],
        json!([]),
        "nothing is left of what was refused"
    );
    assert_eq!(
        workspace
            .client
            .patch(whole(&workspace, plain), json!([]))
            .await
            .expect(400),
        json!(["Expected an object."])
    );
    want_approvals(&workspace).await;
    let refused = json!({"detail": "Cannot update flags in an environment with change requests enabled.",
        "code": "change_requests_enabled"});
    let body = json!({"environment_default": {"enabled": true}});
    assert_eq!(
        workspace
            .client
            .patch(whole(&workspace, plain), body)
            .await
            .expect(409),
        refused
    );
    let delete = format!("{}segment-overrides/{a}/", whole(&workspace, plain));
    assert_eq!(workspace.client.delete(delete).await.expect(409), refused);
    workspace.client.get(whole(&workspace, plain)).await.expect(200);
    server.stop().await;
}

#[tokio::test]
async fn each_part_of_a_flag_asks_for_its_permission() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let feature = workspace.feature("std", "12").await;
    let segment = everybody(&workspace, "s").await;
    let path = whole(&workspace, feature);
    let one =
        async |email: &str, permissions: &[&str]| member(&server, &workspace, email, &[], permissions).await;
    let viewer = one("viewer@example.com", &["VIEW_ENVIRONMENT"]).await;
    let editor = one("editor@example.com", &["UPDATE_FEATURE_STATE"]).await;
    let segments = one("segments@example.com", &["MANAGE_SEGMENT_OVERRIDES"]).await;
    let nobody = one("nobody@example.com", &[]).await;
    let (forbidden, hidden) = (json!({"detail": FORBIDDEN}), json!({"detail": "Not found."}));
    let default = json!({"environment_default": {"enabled": true}});
    let overrides = json!({"segment_overrides": [{"segment": {"id": segment}}]});
    let delete = format!("{path}segment-overrides/{segment}/");
    for client in [&viewer, &editor, &segments] {
        client.get(&path).await.expect(200);
    }
    assert_eq!(nobody.get(&path).await.expect(404), hidden);
    assert_eq!(viewer.patch(&path, default.clone()).await.expect(404), hidden);
    editor.patch(&path, default.clone()).await.expect(200);
    assert_eq!(
        editor.patch(&path, overrides.clone()).await.expect(403),
        forbidden
    );
    assert_eq!(editor.delete(&delete).await.expect(403), forbidden);
    segments.put(&path, overrides).await.expect(200);
    assert_eq!(segments.put(&path, default).await.expect(403), forbidden);
    segments.delete(&delete).await.expect(200);

    let body =
        json!({"feature": {"id": feature}, "segment": {"id": segment}, "enabled": true, "value": text("x")});
    let v1 = format!(
        "/api/experiments/environments/{}/update-flag-v1/",
        workspace.environment_key
    );
    assert_eq!(viewer.post(&v1, body.clone()).await.expect(403), forbidden);
    assert_eq!(segments.post(&v1, body.clone()).await.expect(403), forbidden);
    editor.post(&v1, body).await.expect(204);
    let shown = workspace
        .client
        .get(workspace.path(&format!("featurestates/?feature={feature}")))
        .await
        .expect(200);
    assert!(id(&shown["results"][0]) > 0);
    assert_eq!(server.anonymous().get(&path).await.status, 401);
    assert_eq!(server.anonymous().post(&v1, json!({})).await.status, 401);
    server.stop().await;
}

async fn writes_at_once_are_all_kept(versioned: bool) {
    const WRITERS: usize = 6;
    let server = TestServer::start().await;
    let workspace = server.workspace(versioned).await;
    let flag = flag_of(&workspace).await;
    let mut segments = Vec::new();
    for number in 0..WRITERS {
        segments.push(everybody(&workspace, &format!("s{number}")).await);
    }
    let mut tasks = Vec::new();
    for segment in segments.clone() {
        let path = format!(
            "/api/experiments/environments/{}/update-flag-v1/",
            workspace.environment_key
        );
        let body = json!({"feature": {"id": flag.id}, "segment": {"id": segment}, "enabled": true,
            "value": text(&format!("for {segment}"))});
        let client = workspace.client.clone();
        tasks.push(tokio::spawn(async move { client.post(path, body).await }));
    }
    for task in tasks {
        task.await.unwrap().expect(204);
    }
    let shown = workspace.client.get(whole(&workspace, flag.id)).await.expect(200);
    let overrides = shown["segment_overrides"].as_array().unwrap();
    let mut written: Vec<i64> = overrides
        .iter()
        .map(|one| one["segment"]["id"].as_i64().unwrap())
        .collect();
    written.sort_unstable();
    assert_eq!(written, segments);
    let priorities: Vec<i64> = overrides
        .iter()
        .map(|one| one["priority"].as_i64().unwrap())
        .collect();
    assert_eq!(priorities, (0..).take(WRITERS).collect::<Vec<i64>>());
    server.stop().await;
}

#[tokio::test]
async fn writes_at_once_are_all_kept_without_versions() {
    writes_at_once_are_all_kept(false).await;
}

#[tokio::test]
async fn writes_at_once_are_all_kept_with_versions() {
    writes_at_once_are_all_kept(true).await;
}
