//! Identities themselves.

use super::{below, identified, identity, value};
use crate::support::{FORBIDDEN, keys, member};
use liftgate_testkit::TestServer;
use serde_json::json;

#[tokio::test]
async fn identities_are_made_found_renamed_and_removed() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let list = workspace.path("identities/");
    let made = workspace
        .client
        .post(&list, json!({"identifier": " alice "}))
        .await
        .expect(201);
    assert_eq!(keys(&made), ["id", "identifier", "environment"]);
    assert_eq!(
        (&made["identifier"], &made["environment"]),
        (&json!("alice"), &json!(workspace.environment))
    );
    let taken = json!({"identifier": "Identity with identifier 'alice' already exists in this environment"});
    assert_eq!(
        workspace
            .client
            .post(&list, json!({"identifier": "alice"}))
            .await
            .expect(400),
        taken
    );
    for (body, message) in [
        (json!({}), "This field is required."),
        (json!({"identifier": ""}), "This field may not be blank."),
        (
            json!({"identifier": "x".repeat(2001)}),
            "Ensure this field has no more than 2000 characters.",
        ),
    ] {
        let refused = workspace.client.post(&list, body).await.expect(400);
        assert_eq!(refused, json!({"identifier": [message]}));
    }
    let longest = "x".repeat(2000);
    identity(&workspace, &longest).await;
    let upper = identity(&workspace, "Alice").await;

    let path = below(&workspace, upper, "");
    assert_eq!(
        workspace
            .client
            .put(&path, json!({"identifier": "alice"}))
            .await
            .expect(400),
        taken
    );
    assert_eq!(
        workspace.client.patch(&path, json!({})).await.expect(200)["identifier"],
        "Alice"
    );
    assert_eq!(
        workspace
            .client
            .put(&path, json!({"identifier": "Alice"}))
            .await
            .status,
        200
    );
    assert_eq!(
        workspace
            .client
            .put(&path, json!({"identifier": "bob"}))
            .await
            .expect(200)["identifier"],
        "bob"
    );
    assert_eq!(workspace.client.get(&path).await.expect(200)["identifier"], "bob");

    let names = async |q: &str| {
        let found = workspace
            .client
            .get(format!("{list}?q={q}&page_size=2"))
            .await
            .expect(200);
        let names = found["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["identifier"].as_str().unwrap().len());
        (found["count"].as_i64().unwrap(), names.collect::<Vec<_>>())
    };
    assert_eq!(names("").await, (3, vec![5, 2000]), "oldest first");
    assert_eq!(names("LIC").await, (1, vec![5]));
    assert_eq!(names("%22alic%22").await, (0, vec![]));
    assert_eq!(names("%22alice%22").await, (1, vec![5]));
    assert_eq!(names("%22ALICE%22").await, (0, vec![]));

    assert_eq!(workspace.client.delete(&path).await.status, 204);
    let missing = json!({"detail": "No Identity matches the given query."});
    assert_eq!(workspace.client.get(&path).await.expect(404), missing);
    assert_eq!(workspace.client.delete(&path).await.expect(404), missing);
    assert_eq!(
        workspace
            .client
            .get(workspace.path("identities/abc/"))
            .await
            .expect(404),
        json!({"detail": "Not found."})
    );
    server.stop().await;
}

#[tokio::test]
async fn an_identity_made_many_times_at_once_is_made_once() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let tries: Vec<_> = (0..8)
        .map(|_| {
            let (client, path) = (workspace.client.clone(), workspace.path("identities/"));
            tokio::spawn(async move { client.post(path, json!({"identifier": "alice"})).await.status })
        })
        .collect();
    let mut statuses = Vec::new();
    for one in tries {
        statuses.push(one.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 400, 400, 400, 400, 400, 400, 400]);
    server.stop().await;
}

#[tokio::test]
async fn the_data_plane_sees_what_admins_do() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let feature = workspace.feature("checkout", "default").await;
    assert_eq!(
        *value(&identified(&workspace, "alice").await, "checkout"),
        "default"
    );
    let found = workspace
        .client
        .get(workspace.path("identities/?q=%22alice%22"))
        .await
        .expect(200);
    let alice = found["results"][0]["id"].as_i64().unwrap();
    let path = below(&workspace, alice, "featurestates/");
    let body = json!({"feature": feature, "enabled": true, "feature_state_value": "hers"});
    workspace.client.post(path, body).await.expect(201);
    let path = below(&workspace, alice, "traits/");
    workspace
        .client
        .post(path, json!({"trait_key": "plan", "string_value": "pro"}))
        .await
        .expect(201);
    let seen = identified(&workspace, "alice").await;
    assert_eq!(*value(&seen, "checkout"), "hers");
    assert_eq!(seen["traits"][0]["trait_value"], "pro");

    workspace
        .client
        .put(below(&workspace, alice, ""), json!({"identifier": "bob"}))
        .await
        .expect(200);
    let bob = identified(&workspace, "bob").await;
    assert_eq!(
        (value(&bob, "checkout"), &bob["traits"][0]["trait_value"]),
        (&json!("hers"), &json!("pro"))
    );
    let alice_again = identified(&workspace, "alice").await;
    assert_eq!(
        (value(&alice_again, "checkout"), &alice_again["traits"]),
        (&json!("default"), &json!([]))
    );

    workspace.client.delete(below(&workspace, alice, "")).await;
    let gone = identified(&workspace, "bob").await;
    assert_eq!(
        (value(&gone, "checkout"), &gone["traits"]),
        (&json!("default"), &json!([]))
    );
    server.stop().await;
}

#[tokio::test]
async fn permissions_decide_who_reads_and_who_writes() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let alice = identity(&workspace, "alice").await;
    let list = workspace.path("identities/");
    let one = below(&workspace, alice, "");
    let traits = below(&workspace, alice, "traits/");
    let states = below(&workspace, alice, "featurestates/");
    let all = below(&workspace, alice, "featurestates/all/");
    let forbidden = json!({"detail": FORBIDDEN});
    assert_eq!(server.anonymous().get(&list).await.status, 401);
    assert_eq!(
        workspace
            .client
            .get("/api/v1/environments/unknown/identities/")
            .await
            .expect(403),
        forbidden
    );

    let project = ["VIEW_PROJECT"];
    let viewer = member(
        &server,
        &workspace,
        "viewer@example.com",
        &project,
        &["VIEW_ENVIRONMENT"],
    )
    .await;
    for path in [&list, &one, &traits] {
        assert_eq!(viewer.get(path).await.expect(403), forbidden, "{path}");
    }
    assert_eq!(viewer.get(&states).await.status, 200);
    assert_eq!(viewer.get(&all).await.status, 200);
    assert_eq!(
        viewer.post(&states, json!({"feature": 1})).await.expect(403),
        forbidden
    );
    let copy = below(&workspace, alice, "featurestates/clone-from-given-identity/");
    assert_eq!(
        viewer
            .post(copy, json!({"source_identity_id": alice}))
            .await
            .expect(403),
        forbidden
    );

    let granted = ["VIEW_ENVIRONMENT", "VIEW_IDENTITIES"];
    let reader = member(&server, &workspace, "reader@example.com", &project, &granted).await;
    for path in [&list, &one, &traits] {
        assert_eq!(reader.get(path).await.status, 200, "{path}");
    }
    assert_eq!(
        reader.post(&list, json!({"identifier": "x"})).await.expect(403),
        forbidden
    );
    assert_eq!(
        reader.put(&one, json!({"identifier": "x"})).await.expect(403),
        forbidden
    );
    assert_eq!(reader.delete(&one).await.expect(403), forbidden);
    assert_eq!(
        reader
            .post(&traits, json!({"trait_key": "a", "string_value": "x"}))
            .await
            .expect(403),
        forbidden
    );

    let other = json!({"name": "Staging", "project": workspace.project});
    let other = workspace
        .client
        .post("/api/v1/environments/", other)
        .await
        .expect(201);
    let key = other["api_key"].as_str().unwrap();
    for rest in ["", "traits/", "featurestates/", "featurestates/all/"] {
        let foreign = format!("/api/v1/environments/{key}/identities/{alice}/{rest}");
        assert_eq!(
            workspace.client.get(foreign).await.expect(404),
            json!({"detail": "No Identity matches the given query."}),
            "{rest}"
        );
    }
    server.stop().await;
}
