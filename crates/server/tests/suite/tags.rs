//! Tags (contract, admin API, section 3.4).

use crate::support::{id, keys, member};
use liftgate_testkit::TestServer;
use serde_json::json;

#[tokio::test]
async fn a_tag_is_made_read_changed_and_removed() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let (client, all) = (&workspace.client, workspace.project_path("tags/"));
    assert_eq!(
        client.post(&all, json!({})).await.expect(400),
        json!({"label": ["This field is required."]})
    );
    let made = client
        .post(&all, json!({"label": "beta", "type": "STALE", "project": 4711}))
        .await
        .expect(201);
    assert_eq!(
        keys(&made),
        [
            "id",
            "label",
            "color",
            "description",
            "project",
            "uuid",
            "is_permanent",
            "is_system_tag",
            "type"
        ]
    );
    assert_eq!(
        (&made["color"], &made["type"]),
        (&json!("#6837FC"), &json!("NONE"))
    );
    assert_eq!(
        (&made["project"], &made["is_system_tag"]),
        (&json!(workspace.project), &json!(false))
    );
    let long = client
        .post(&all, json!({"label": "x", "color": "#1234567890"}))
        .await
        .expect(400);
    assert_eq!(
        long,
        json!({"color": ["Ensure this field has no more than 10 characters."]})
    );
    let one = format!("{all}{}/", id(&made));
    assert_eq!(client.get(&one).await.expect(200), made);
    let uuid = format!("{all}get-by-uuid/{}/", made["uuid"].as_str().unwrap());
    assert_eq!(client.get(uuid).await.expect(200), made);
    let changed = client
        .patch(&one, json!({"is_permanent": true, "description": "Old"}))
        .await
        .expect(200);
    assert_eq!(
        (&changed["label"], &changed["is_permanent"]),
        (&json!("beta"), &json!(true))
    );
    client.put(&one, json!({"color": "#fff"})).await.expect(400);
    let changed = client.put(&one, json!({"label": "gamma"})).await.expect(200);
    assert_eq!(
        (&changed["label"], &changed["description"]),
        (&json!("gamma"), &json!("Old"))
    );
    // Labels are not unique.
    client.post(&all, json!({"label": "gamma"})).await.expect(201);
    assert_eq!(client.get(&all).await.expect(200)["count"], 2);
    client.delete(&one).await.expect(204);
    assert_eq!(
        client.get(&one).await.expect(404),
        json!({"detail": "No Tag matches the given query."})
    );
    server.stop().await;
}

#[tokio::test]
async fn to_read_one_takes_more_than_to_list_them() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let all = workspace.project_path("tags/");
    let made = workspace
        .client
        .post(&all, json!({"label": "beta"}))
        .await
        .expect(201);
    let one = format!("{all}{}/", id(&made));
    let viewer = member(&server, &workspace, "viewer@example.com", &["VIEW_PROJECT"], &[]).await;
    let tagger = member(
        &server,
        &workspace,
        "tagger@example.com",
        &["VIEW_PROJECT", "MANAGE_TAGS"],
        &[],
    )
    .await;
    let outsider = server.sign_up("out@example.com").await;
    assert_eq!(viewer.get(&all).await.expect(200)["count"], 1);
    viewer.get(&one).await.expect(403);
    viewer.post(&all, json!({})).await.expect(403);
    viewer.delete(&one).await.expect(403);
    tagger.get(&one).await.expect(200);
    tagger.post(&all, json!({"label": "x"})).await.expect(201);
    outsider.get(&all).await.expect(404);
    outsider.post(&all, json!({})).await.expect(404);
    server.anonymous().get(&all).await.expect(401);
    server.stop().await;
}

#[tokio::test]
async fn a_tag_of_another_project_is_not_there() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let other = json!({"name": "Other", "organisation": workspace.organisation});
    let other = workspace
        .client
        .post("/api/v1/projects/", other)
        .await
        .expect(201);
    let made = workspace
        .client
        .post(workspace.project_path("tags/"), json!({"label": "beta"}))
        .await
        .expect(201);
    let theirs = format!("/api/v1/projects/{}/tags/{}/", id(&other), id(&made));
    workspace.client.get(&theirs).await.expect(404);
    workspace
        .client
        .patch(&theirs, json!({"label": "x"}))
        .await
        .expect(404);
    workspace.client.delete(&theirs).await.expect(404);
    server.stop().await;
}
