//! The audit log (contract, admin API, section 8.1).

use crate::support::{id, keys};
use liftgate_testkit::{TestServer, Workspace};
use serde_json::{Value, json};

async fn log(workspace: &Workspace, query: &str) -> Value {
    workspace
        .client
        .get(workspace.project_path(&format!("audit/?{query}")))
        .await
        .expect(200)
}

fn texts(page: &Value) -> Vec<&str> {
    page["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["log"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_record_nests_what_it_names() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    workspace
        .client
        .patch(workspace.path(""), json!({"name": "Live"}))
        .await
        .expect(200);
    let page = log(&workspace, "page_size=1").await;
    assert_eq!(page["count"], 2);
    let next = format!(
        "{}{}",
        server.origin(),
        workspace.project_path("audit/?page=2&page_size=1")
    );
    assert_eq!(page["next"], next.as_str());
    let row = &page["results"][0];
    assert_eq!(
        keys(row),
        [
            "id",
            "created_date",
            "log",
            "author",
            "environment",
            "project",
            "related_object_id",
            "related_object_uuid",
            "related_object_type",
            "is_system_event"
        ]
    );
    assert_eq!(
        (&row["log"], &row["related_object_type"]),
        (&json!("Environment updated: Live"), &json!("ENVIRONMENT"))
    );
    assert_eq!(row["related_object_id"], workspace.environment);
    assert_eq!(
        keys(&row["author"]),
        ["id", "email", "first_name", "last_name", "last_login", "uuid"]
    );
    assert_eq!(row["author"]["email"], "admin@example.com");
    assert_eq!(
        (&row["environment"]["name"], row["environment"].get("metadata")),
        (&json!("Live"), None)
    );
    assert_eq!(row["environment"].as_object().unwrap().len(), 17);
    assert_eq!(
        (id(&row["project"]), row["project"].as_object().unwrap().len()),
        (workspace.project, 17)
    );
    let one = workspace
        .client
        .get(workspace.project_path(&format!("audit/{}/", id(row))))
        .await
        .expect(200);
    assert_eq!(one["change_type"], "UPDATE");
    assert_eq!(
        one["change_details"],
        json!([{"field": "name", "old": "Production", "new": "Live"}])
    );
    let unknown = workspace
        .client
        .get(workspace.project_path("audit/4711/"))
        .await
        .expect(404);
    assert_eq!(unknown, json!({"detail": "No AuditLog matches the given query."}));
    server.stop().await;
}

#[tokio::test]
async fn filters_narrow() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let staging = json!({"name": "Staging", "project": workspace.project});
    let staging = workspace
        .client
        .post("/api/v1/environments/", staging)
        .await
        .expect(201);
    workspace
        .client
        .patch(workspace.path(""), json!({"description": "x"}))
        .await
        .expect(200);
    assert_eq!(
        texts(&log(&workspace, "").await),
        [
            "Environment updated: Production",
            "New Environment created: Staging",
            "New Environment created: Production"
        ]
    );
    let in_staging = log(&workspace, &format!("environments={}", id(&staging))).await;
    assert_eq!(texts(&in_staging), ["New Environment created: Staging"]);
    let both = format!(
        "environments={}&environments={}",
        id(&staging),
        workspace.environment
    );
    assert_eq!(log(&workspace, &both).await["count"], 3);
    assert_eq!(
        texts(&log(&workspace, "search=UPDATED").await),
        ["Environment updated: Production"]
    );
    assert_eq!(log(&workspace, "search=100%25").await["count"], 0);
    // Deviation: the reference shows only system events whatever the value.
    assert_eq!(log(&workspace, "is_system_event=false").await["count"], 3);
    assert_eq!(log(&workspace, "is_system_event=true").await["count"], 0);
    let bad = workspace
        .client
        .get(workspace.project_path("audit/?environments=abc"))
        .await
        .expect(400);
    assert_eq!(
        bad,
        json!({"environments": {"0": ["A valid integer is required."]}})
    );
    let long = "x".repeat(257);
    let bad = workspace
        .client
        .get(workspace.project_path(&format!("audit/?search={long}")))
        .await
        .expect(400);
    assert_eq!(
        bad,
        json!({"search": ["Ensure this field has no more than 256 characters."]})
    );
    server.stop().await;
}

#[tokio::test]
async fn an_organisation_sees_the_records_of_its_projects_only() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let second = json!({"name": "Shop", "organisation": workspace.organisation});
    let second = workspace
        .client
        .post("/api/v1/projects/", second)
        .await
        .expect(201);
    let shop = json!({"name": "Shop live", "project": id(&second)});
    workspace
        .client
        .post("/api/v1/environments/", shop)
        .await
        .expect(201);
    let stranger = server.sign_up("other@example.com").await;
    let other = stranger
        .post("/api/v1/organisations/", json!({"name": "Other"}))
        .await
        .expect(201);
    let project = json!({"name": "Theirs", "organisation": id(&other)});
    let project = stranger.post("/api/v1/projects/", project).await.expect(201);
    stranger
        .post(
            "/api/v1/environments/",
            json!({"name": "E", "project": id(&project)}),
        )
        .await
        .expect(201);
    let all = format!("/api/v1/organisations/{}/audit/", workspace.organisation);
    let page = workspace.client.get(&all).await.expect(200);
    assert_eq!(
        texts(&page),
        [
            "New Environment created: Shop live",
            "New Environment created: Production"
        ]
    );
    let one = workspace
        .client
        .get(format!("{all}?project={}", workspace.project))
        .await
        .expect(200);
    assert_eq!(texts(&one), ["New Environment created: Production"]);
    let foreign = workspace
        .client
        .get(format!("{all}?project={}", id(&project)))
        .await
        .expect(200);
    assert_eq!(foreign["count"], 0);
    stranger.get(&all).await.expect(403);
    server.stop().await;
}

#[tokio::test]
async fn keys_have_no_name_in_the_log() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let path = format!(
        "/api/v1/organisations/{}/master-api-keys/",
        workspace.organisation
    );
    let key = workspace
        .client
        .post(path, json!({"name": "ci"}))
        .await
        .expect(201);
    let machine = server.anonymous().with(
        "authorization",
        format!("Api-Key {}", key["key"].as_str().unwrap()),
    );
    machine
        .patch(workspace.path(""), json!({"name": "By a key"}))
        .await
        .expect(200);
    let row = machine.get(workspace.project_path("audit/")).await.expect(200)["results"][0].clone();
    assert_eq!(
        (&row["author"], &row["is_system_event"]),
        (&json!(null), &json!(false))
    );
    server.stop().await;
}
