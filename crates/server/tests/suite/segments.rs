//! Segments through HTTP (contract, admin API, section 5).

use crate::support::{FORBIDDEN, audit_log, id, keys, member};
use liftgate_testkit::{TestServer, Workspace};
use serde_json::{Value, json};

fn rules(property: &str, value: &Value) -> Value {
    json!([{"type": "ALL", "conditions": [], "rules": [
        {"type": "ANY", "conditions": [{"property": property, "operator": "EQUAL", "value": value}]}]}])
}

async fn create(workspace: &Workspace, name: &str, rules: Value) -> Value {
    let body = json!({"name": name, "rules": rules});
    workspace
        .client
        .post(workspace.project_path("segments/"), body)
        .await
        .expect(201)
}

fn one(workspace: &Workspace, segment: &Value, below: &str) -> String {
    workspace.project_path(&format!("segments/{}/{below}", id(segment)))
}

/// Overrides a flag for a segment, in either mode of versioning.
async fn override_for(workspace: &Workspace, flag: &str, segment: &Value, value: &str) {
    let path = format!(
        "/api/experiments/environments/{}/update-flag-v1/",
        workspace.environment_key
    );
    let body = json!({"feature": {"name": flag}, "segment": {"id": id(segment)}, "enabled": true,
        "value": {"type": "string", "value": value}});
    workspace.client.post(path, body).await.expect(204);
}

/// The value of the only flag for an identity with one trait.
async fn served(workspace: &Workspace, plan: &str) -> Value {
    let body = json!({"identifier": "alice", "traits": [{"trait_key": "plan", "trait_value": plan}]});
    let answer = workspace
        .sdk()
        .post("/api/v1/identities/", body)
        .await
        .expect(200);
    answer["flags"][0]["feature_state_value"].clone()
}

#[tokio::test]
async fn a_segment_is_shown_as_the_contract_says() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let body = json!({"name": " Pro ", "project": 999, "metadata": [{"model_field": 1, "field_value": "x"}],
        "rules": [{"type": "ALL", "rules": [{"type": "ANY", "conditions": [
            {"property": "plan", "operator": "EQUAL", "value": 1},
            {"property": "plan", "operator": "EQUAL", "value": true},
            {"property": "plan", "operator": "EQUAL", "value": 1.5},
            {"property": "plan", "operator": "IN", "value": ["a", 1]},
            {"property": "plan", "operator": "IS_SET"},
            {"property": "plan", "operator": "EQUAL", "value": null, "description": "why"}]}]}]});
    let segment = workspace
        .client
        .post(workspace.project_path("segments/"), body)
        .await
        .expect(201);
    assert_eq!(
        keys(&segment),
        [
            "id",
            "uuid",
            "created_at",
            "updated_at",
            "name",
            "description",
            "project",
            "feature",
            "version_of",
            "rules",
            "metadata",
            "membership_counts",
            "managed_by"
        ]
    );
    assert_eq!(segment["name"], "Pro");
    assert_eq!(segment["project"], workspace.project);
    assert_eq!(segment["version_of"], segment["id"]);
    assert_eq!(
        (&segment["metadata"], &segment["managed_by"]),
        (&json!([]), &json!(""))
    );
    let rule = &segment["rules"][0];
    assert_eq!(keys(rule), ["id", "type", "rules", "conditions"]);
    assert_eq!(keys(&rule["rules"][0]), ["id", "type", "conditions"]);
    let conditions = rule["rules"][0]["conditions"].as_array().unwrap();
    assert_eq!(
        keys(&conditions[0]),
        ["id", "operator", "property", "value", "description"]
    );
    let values: Vec<&Value> = conditions.iter().map(|condition| &condition["value"]).collect();
    let expected = [
        json!("1"),
        json!("True"),
        json!("1.5"),
        json!("['a', 1]"),
        json!(null),
        json!(null),
    ];
    assert_eq!(values, expected.iter().collect::<Vec<_>>());

    assert_eq!(
        workspace
            .client
            .get(one(&workspace, &segment, ""))
            .await
            .expect(200),
        segment
    );
    let uuid = segment["uuid"].as_str().unwrap();
    let by_uuid = workspace
        .client
        .get(format!("/api/v1/segments/get-by-uuid/{uuid}/"))
        .await
        .expect(200);
    assert_eq!(by_uuid, segment);
    let list = workspace
        .client
        .get(workspace.project_path("segments/"))
        .await
        .expect(200);
    assert_eq!(
        list,
        json!({"count": 1, "next": null, "previous": null, "results": [segment]})
    );
    server.stop().await;
}

#[tokio::test]
async fn refusals_are_told_in_the_words_of_the_contract() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let refused = async |body: Value| {
        let path = workspace.project_path("segments/");
        workspace.client.post(path, body).await.expect(400)
    };
    assert_eq!(
        refused(json!({"name": "s"})).await,
        json!({"rules": ["This field is required."]})
    );
    assert_eq!(
        refused(json!({"rules": rules("a", &json!(1))})).await,
        json!({"name": ["This field is required."]})
    );
    let empty = json!({"rules": {"non_field_errors": ["This list may not be empty."]}});
    assert_eq!(refused(json!({"name": "s", "rules": []})).await, empty);
    let only_deleted = json!({"name": "s", "rules": [{"type": "BAD", "delete": true}]});
    assert_eq!(refused(only_deleted).await, empty);
    assert_eq!(
        refused(json!({"name": "s", "rules": [{"type": "BAD", "rules": [], "conditions": []}]})).await,
        json!({"rules": [{"type": ["\"BAD\" is not a valid choice."]}]})
    );
    let bad_condition = json!([{"type": "ALL", "conditions": [
        {"property": "a", "operator": "EQUAL", "value": "x"}, {"property": "a", "operator": "LIKE", "value": "x".repeat(1001)}]}]);
    assert_eq!(
        refused(json!({"name": "s", "rules": bad_condition})).await,
        json!({"rules": [{"conditions": [{}, {"operator": ["\"LIKE\" is not a valid choice."],
            "value": ["Ensure this field has no more than 1000 characters."]}]}]})
    );
    let deep = json!([{"type": "ALL", "rules": [{"type": "ALL", "rules": [{"type": "ALL"}]}]}]);
    assert_eq!(
        refused(json!({"name": "s", "rules": deep})).await,
        json!({"segment": ["Rules must not be nested more than 2 levels deep."]})
    );
    let condition = json!({"property": "a", "operator": "EQUAL", "value": "x"});
    let many = json!([{"type": "ALL", "conditions": vec![condition.clone(); 60],
        "rules": [{"type": "ANY", "conditions": vec![condition; 41]}]}]);
    assert_eq!(
        refused(json!({"name": "s", "rules": many})).await,
        json!({"segment": ["The segment has 101 conditions, which exceeds the maximum condition count of 100."]})
    );
    assert_eq!(
        refused(json!({"name": "s", "feature": 999, "rules": rules("a", &json!(1))})).await,
        json!({"feature": ["Invalid pk \"999\" - object does not exist."]})
    );
    let list = workspace
        .client
        .get(workspace.project_path("segments/"))
        .await
        .expect(200);
    assert_eq!(list["count"], 0, "nothing is half done");
    server.stop().await;
}

#[tokio::test]
async fn a_change_of_rules_keeps_the_nodes_it_names() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let segment = create(&workspace, "Pro", rules("plan", &json!("pro"))).await;
    let other = create(&workspace, "Other", rules("plan", &json!("x"))).await;
    let path = one(&workspace, &segment, "");
    let rule = &segment["rules"][0];
    let (sub, condition) = (&rule["rules"][0], &rule["rules"][0]["conditions"][0]);
    let foreign = other["rules"][0]["rules"][0]["conditions"][0]["id"].clone();

    let tree = json!([{"id": rule["id"], "type": "NONE", "conditions": [
            {"id": foreign, "property": "age", "operator": "GREATER_THAN", "value": 18}],
        "rules": [{"id": sub["id"], "type": "ANY", "conditions": [
            {"id": condition["id"], "property": "plan", "operator": "NOT_EQUAL", "value": "free"},
            {"id": 12345, "property": "gone", "operator": "EQUAL", "value": "x", "delete": true}]}]}]);
    let changed = workspace
        .client
        .patch(&path, json!({"rules": tree}))
        .await
        .expect(200);
    let after = &changed["rules"][0];
    assert_eq!((&after["id"], &after["type"]), (&rule["id"], &json!("NONE")));
    assert_eq!(after["rules"][0]["id"], sub["id"]);
    let conditions = after["rules"][0]["conditions"].as_array().unwrap();
    assert_eq!(conditions.len(), 1, "what says delete is not there");
    assert_eq!(conditions[0]["id"], condition["id"]);
    assert_eq!(conditions[0]["value"], "free");
    assert_ne!(
        after["conditions"][0]["id"], foreign,
        "a node of another segment is not taken over"
    );
    assert_eq!(
        workspace
            .client
            .get(one(&workspace, &other, ""))
            .await
            .expect(200),
        other,
        "and stays where it is"
    );

    let replaced = workspace
        .client
        .patch(&path, json!({"rules": rules("plan", &json!("pro"))}))
        .await
        .expect(200);
    assert_ne!(replaced["rules"][0]["id"], rule["id"], "what is not named is new");

    let described = workspace
        .client
        .patch(&path, json!({"description": "why"}))
        .await
        .expect(200);
    assert_eq!(
        described["rules"], replaced["rules"],
        "rules that are not given stay"
    );
    assert_eq!(described["description"], "why");
    assert_eq!(
        workspace
            .client
            .put(&path, json!({"name": "Pro"}))
            .await
            .expect(400),
        json!({"rules": ["This field is required."]})
    );
    let put = json!({"name": "Pro 2", "rules": described["rules"]});
    let put = workspace.client.put(&path, put).await.expect(200);
    assert_eq!(
        (&put["name"], &put["description"]),
        (&json!("Pro 2"), &json!("why"))
    );
    assert_eq!(put["rules"], described["rules"]);
    assert_eq!((&put["id"], &put["uuid"]), (&segment["id"], &segment["uuid"]));

    let log = audit_log(&server, &workspace).await;
    let of_segments: Vec<&String> = log.iter().filter(|text| text.contains("Segment ")).collect();
    assert_eq!(
        of_segments,
        [
            "New Segment created: Pro",
            "New Segment created: Other",
            "Segment updated: Pro",
            "Segment updated: Pro",
            "Segment updated: Pro",
            "Segment updated: Pro 2"
        ]
    );
    workspace
        .client
        .patch(&path, json!({"name": "Pro 2"}))
        .await
        .expect(200);
    assert_eq!(
        audit_log(&server, &workspace).await.len(),
        log.len(),
        "a change of nothing is no change"
    );
    server.stop().await;
}

#[tokio::test]
async fn lists_are_searched_and_filtered() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let feature = workspace.feature("checkout", "x").await;
    create(&workspace, "Pro customers", rules("plan", &json!("pro"))).await;
    create(&workspace, "100% free", rules("plan", &json!("free"))).await;
    let body = json!({"name": "Bound", "feature": feature, "rules": rules("plan", &json!("pro"))});
    workspace
        .client
        .post(workspace.project_path("segments/"), body)
        .await
        .expect(201);
    let names = async |query: &str| {
        let list = workspace
            .client
            .get(workspace.project_path(&format!("segments/?{query}")))
            .await
            .expect(200);
        let names = list["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names("").await, ["Pro customers", "100% free", "Bound"]);
    assert_eq!(names("q=PRO").await, ["Pro customers"]);
    assert_eq!(names("q=0%25").await, ["100% free"]);
    assert_eq!(
        names("include_feature_specific=false").await,
        ["Pro customers", "100% free"]
    );
    assert_eq!(names("include_feature_specific=true&q=bound").await, ["Bound"]);
    let bad = workspace
        .client
        .get(workspace.project_path("segments/?include_feature_specific=x"))
        .await;
    assert_eq!(
        bad.expect(400),
        json!({"include_feature_specific": ["Must be a valid boolean."]})
    );

    let identity = workspace
        .client
        .post(workspace.path("identities/"), json!({"identifier": "alice"}))
        .await;
    let identity = id(&identity.expect(201));
    let of_identity = format!("identity={identity}");
    assert_eq!(names(&of_identity).await, Vec::<String>::new());
    let path = workspace.path(&format!("identities/{identity}/traits/"));
    workspace
        .client
        .post(path, json!({"trait_key": "plan", "string_value": "pro"}))
        .await
        .expect(201);
    assert_eq!(names(&of_identity).await, ["Pro customers", "Bound"]);
    assert_eq!(
        names(&format!("{of_identity}&include_feature_specific=0")).await,
        ["Pro customers"]
    );
    for missing in ["identity=999", "identity=8d9c6dba-c1a0-4f9e-9d4e-3a1f4d3f2b11"] {
        let answer = workspace
            .client
            .get(workspace.project_path(&format!("segments/?{missing}")))
            .await;
        assert_eq!(
            answer.expect(404),
            json!({"detail": "No Identity matches the given query."})
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn a_copy_has_rules_of_its_own() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let segment = create(&workspace, "Pro", rules("plan", &json!("pro"))).await;
    let path = one(&workspace, &segment, "clone/");
    assert_eq!(
        workspace.client.post(&path, json!({})).await.expect(400),
        json!({"name": ["This field is required."]})
    );
    let copy = workspace
        .client
        .post(&path, json!({"name": "Copy"}))
        .await
        .expect(201);
    assert_ne!(copy["id"], segment["id"]);
    assert_eq!(
        (&copy["version_of"], &copy["name"]),
        (&copy["id"], &json!("Copy"))
    );
    let (old, new) = (&segment["rules"][0], &copy["rules"][0]);
    assert_ne!(old["id"], new["id"]);
    assert_ne!(
        old["rules"][0]["conditions"][0]["id"],
        new["rules"][0]["conditions"][0]["id"]
    );
    assert_eq!(new["rules"][0]["conditions"][0]["value"], "pro");
    assert!(
        audit_log(&server, &workspace)
            .await
            .contains(&"New Segment created: Copy".to_owned())
    );
    server.stop().await;
}

async fn deleting_removes_every_override(versioned: bool) {
    let server = TestServer::start().await;
    let workspace = server.workspace(versioned).await;
    let feature = workspace.feature("checkout", "default").await;
    let segment = create(&workspace, "Pro", rules("plan", &json!("pro"))).await;
    override_for(&workspace, "checkout", &segment, "first").await;
    override_for(&workspace, "checkout", &segment, "for pro").await;
    assert_eq!(served(&workspace, "pro").await, "for pro");
    assert_eq!(served(&workspace, "free").await, "default");
    let used = workspace
        .client
        .get(one(&workspace, &segment, "associated-features/"))
        .await
        .expect(200);
    assert_eq!(used["count"], 1, "only what is served counts");
    let used = &used["results"][0];
    assert_eq!(keys(used), ["id", "feature", "environment"]);
    assert_eq!(
        (&used["feature"], &used["environment"]),
        (&json!(feature), &json!(workspace.environment))
    );
    let here = format!("associated-features/?environment={}", workspace.environment);
    assert_eq!(
        workspace
            .client
            .get(one(&workspace, &segment, &here))
            .await
            .expect(200)["count"],
        1
    );
    let elsewhere = one(&workspace, &segment, "associated-features/?environment=999");
    assert_eq!(
        workspace.client.get(elsewhere).await.expect(404),
        json!({"detail": "No Environment matches the given query."})
    );

    assert_eq!(
        workspace
            .client
            .delete(one(&workspace, &segment, ""))
            .await
            .status,
        204
    );
    assert_eq!(served(&workspace, "pro").await, "default");
    assert_eq!(
        workspace
            .client
            .get(one(&workspace, &segment, ""))
            .await
            .expect(404),
        json!({"detail": "No Segment matches the given query."})
    );
    let links = format!(
        "/api/v1/features/feature-segments/?environment={}&feature={feature}",
        workspace.environment
    );
    assert_eq!(workspace.client.get(links).await.expect(200)["count"], 0);
    assert_eq!(
        workspace
            .client
            .delete(one(&workspace, &segment, ""))
            .await
            .status,
        404
    );
    let log = audit_log(&server, &workspace).await;
    assert_eq!(log.last().map(String::as_str), Some("Segment deleted: Pro"));
    server.stop().await;
}

#[tokio::test]
async fn deleting_removes_every_override_without_versions() {
    deleting_removes_every_override(false).await;
}

#[tokio::test]
async fn deleting_removes_every_override_with_versions() {
    deleting_removes_every_override(true).await;
}

#[tokio::test]
async fn new_rules_are_served_at_once() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    workspace.feature("checkout", "default").await;
    let segment = create(&workspace, "Pro", rules("plan", &json!("pro"))).await;
    override_for(&workspace, "checkout", &segment, "special").await;
    let change = json!({"rules": rules("plan", &json!("free"))});
    workspace
        .client
        .patch(one(&workspace, &segment, ""), change)
        .await
        .expect(200);
    assert_eq!(served(&workspace, "pro").await, "default");
    assert_eq!(served(&workspace, "free").await, "special");
    server.stop().await;
}

#[tokio::test]
async fn segments_of_experiments_are_hidden() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace.flag("checkout", &[("ka", "a", 0.0)]).await;
    workspace
        .experiment(&flag, Some(workspace.rollout(&flag, 50.0, &[50.0])))
        .await;
    let list = workspace
        .client
        .get(workspace.project_path("segments/"))
        .await
        .expect(200);
    assert_eq!(list["count"], 0);
    let project = liftgate_model::ProjectId(i32::try_from(workspace.project).unwrap());
    let all = liftgate_store::segments::list_all(&server.store.reader(), project)
        .await
        .unwrap();
    let hidden = &all[0];
    assert!(hidden.is_system);
    let path = workspace.project_path(&format!("segments/{}/", hidden.id));
    let by_uuid = format!("/api/v1/segments/get-by-uuid/{}/", hidden.uuid);
    let missing = json!({"detail": "No Segment matches the given query."});
    assert_eq!(workspace.client.get(&path).await.expect(404), missing);
    assert_eq!(workspace.client.get(by_uuid).await.expect(404), missing);
    assert_eq!(
        workspace
            .client
            .patch(&path, json!({"name": "mine"}))
            .await
            .expect(404),
        missing
    );
    assert_eq!(workspace.client.delete(&path).await.expect(404), missing);
    let copy = workspace
        .client
        .post(format!("{path}clone/"), json!({"name": "mine"}))
        .await;
    assert_eq!(copy.expect(404), missing);
    assert_eq!(
        workspace
            .client
            .get(format!("{path}associated-features/"))
            .await
            .expect(404),
        missing
    );
    server.stop().await;
}

#[tokio::test]
async fn permissions_decide_who_reads_and_who_writes() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let segment = create(&workspace, "Pro", rules("plan", &json!("pro"))).await;
    let (list, path) = (workspace.project_path("segments/"), one(&workspace, &segment, ""));
    let body = json!({"name": "New", "rules": rules("plan", &json!("x"))});
    let forbidden = json!({"detail": FORBIDDEN});

    assert_eq!(server.anonymous().get(&list).await.status, 401);
    let stranger = server.sign_up("stranger@example.com").await;
    assert_eq!(stranger.get(&list).await.expect(403), forbidden);
    assert_eq!(stranger.get(&path).await.expect(403), forbidden);
    assert_eq!(
        workspace
            .client
            .get("/api/v1/projects/999/segments/")
            .await
            .expect(403),
        forbidden
    );
    let by_uuid = format!(
        "/api/v1/segments/get-by-uuid/{}/",
        segment["uuid"].as_str().unwrap()
    );
    assert_eq!(
        stranger.get(&by_uuid).await.expect(404),
        json!({"detail": "No Segment matches the given query."})
    );

    let viewer = member(&server, &workspace, "viewer@example.com", &["VIEW_PROJECT"], &[]).await;
    for readable in [&list, &path, &by_uuid] {
        assert_eq!(viewer.get(readable).await.status, 200, "{readable}");
    }
    assert_eq!(viewer.post(&list, body.clone()).await.expect(403), forbidden);
    assert_eq!(
        viewer.patch(&path, json!({"name": "x"})).await.expect(403),
        forbidden
    );
    assert_eq!(viewer.delete(&path).await.expect(403), forbidden);
    assert_eq!(
        viewer
            .post(format!("{path}clone/"), json!({"name": "x"}))
            .await
            .expect(403),
        forbidden
    );
    assert_eq!(
        viewer
            .get(format!("{path}associated-features/"))
            .await
            .expect(403),
        forbidden
    );

    let granted = ["VIEW_PROJECT", "MANAGE_SEGMENTS"];
    let manager = member(&server, &workspace, "manager@example.com", &granted, &[]).await;
    manager.post(&list, body).await.expect(201);
    manager.patch(&path, json!({"name": "Managed"})).await.expect(200);
    assert_eq!(manager.delete(&path).await.status, 204);
    server.stop().await;
}
