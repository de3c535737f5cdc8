//! Who may do what (contract, admin API, sections 0.4 and 2.7): grants, and the matrix of callers and routes.

use crate::support::{FORBIDDEN, id, keys, member};
use liftgate_testkit::{Client, TestServer, Workspace};
use reqwest::Method;
use serde_json::json;

fn organisation(workspace: &Workspace, below: &str) -> String {
    format!("/api/v1/organisations/{}/{below}", workspace.organisation)
}

async fn user_id(client: &Client) -> i64 {
    id(&client.get("/api/v1/auth/users/me/").await.expect(200))
}

#[tokio::test]
async fn permissions_are_listed_in_the_order_of_the_contract() {
    let server = TestServer::start().await;
    let client = server.sign_up("ada@example.com").await;
    for (path, expected) in [
        (
            "/api/v1/organisations/permissions/",
            &["CREATE_PROJECT", "MANAGE_USER_GROUPS"][..],
        ),
        (
            "/api/v1/projects/permissions/",
            &[
                "VIEW_PROJECT",
                "CREATE_ENVIRONMENT",
                "DELETE_FEATURE",
                "CREATE_FEATURE",
                "MANAGE_SEGMENTS",
                "MANAGE_PROJECT_LEVEL_CHANGE_REQUESTS",
                "APPROVE_PROJECT_LEVEL_CHANGE_REQUESTS",
                "CREATE_PROJECT_LEVEL_CHANGE_REQUESTS",
                "MANAGE_TAGS",
                "VIEW_AUDIT_LOG",
            ],
        ),
        (
            "/api/v1/environments/permissions/",
            &[
                "VIEW_ENVIRONMENT",
                "UPDATE_FEATURE_STATE",
                "MANAGE_IDENTITIES",
                "CREATE_CHANGE_REQUEST",
                "APPROVE_CHANGE_REQUEST",
                "VIEW_IDENTITIES",
                "MANAGE_SEGMENT_OVERRIDES",
            ],
        ),
    ] {
        let listed = client.get(path).await.expect(200);
        assert_eq!(keys(&listed[0]), ["key", "description", "supports_tag"]);
        let listed: Vec<_> = listed
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["key"].as_str().unwrap())
            .collect();
        assert_eq!(listed, expected);
        server.anonymous().get(path).await.expect(401);
    }
    let listed = client.get("/api/v1/projects/permissions/").await.expect(200);
    let tagged: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["supports_tag"] == true)
        .collect();
    assert_eq!((tagged.len(), &tagged[0]["key"]), (1, &json!("DELETE_FEATURE")));
    server.stop().await;
}

#[tokio::test]
async fn a_grant_takes_effect_is_replaced_and_is_taken_back() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let plain = member(&server, &workspace, "plain@example.com", &[], &[]).await;
    let user = user_id(&plain).await;
    for (all, one, key, other) in [
        (
            workspace.project_path("user-permissions/"),
            workspace.project_path(""),
            "VIEW_PROJECT",
            "MANAGE_TAGS",
        ),
        (
            workspace.path("user-permissions/"),
            workspace.path(""),
            "VIEW_ENVIRONMENT",
            "VIEW_IDENTITIES",
        ),
    ] {
        plain.get(&one).await.expect(404);
        let body = json!({"user": user, "permissions": [key, other, key]});
        let made = workspace.client.post(&all, body.clone()).await.expect(201);
        assert_eq!(
            made,
            json!({"id": made["id"], "permissions": [key, other], "admin": false, "user": user})
        );
        plain.get(&one).await.expect(200);
        assert!(workspace.client.post(&all, body).await.expect(400)["non_field_errors"].is_array());
        let mine = plain.get(format!("{one}my-permissions/")).await.expect(200);
        assert_eq!(
            mine,
            json!({"permissions": [key, other], "admin": false, "tag_based_permissions": []})
        );
        let grant = format!("{all}{}/", id(&made));
        assert_eq!(workspace.client.get(&grant).await.expect(200), made);
        let listed = workspace.client.get(&all).await.expect(200);
        let row = listed
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row["id"] == made["id"])
            .unwrap();
        assert_eq!(
            keys(&row["user"]),
            ["id", "email", "first_name", "last_name", "last_login", "uuid"]
        );
        // Leaving permissions out empties them, in a PATCH too.
        let emptied = workspace.client.patch(&grant, json!({})).await.expect(200);
        assert_eq!(
            (&emptied["permissions"], &emptied["admin"]),
            (&json!([]), &json!(false))
        );
        plain.get(&one).await.expect(404);
        let admin = workspace
            .client
            .put(&grant, json!({"user": user, "permissions": [], "admin": true}))
            .await;
        assert_eq!(admin.expect(200)["admin"], true);
        plain.patch(&one, json!({})).await.expect(200);
        let unknown = workspace
            .client
            .patch(&grant, json!({"permissions": ["NOPE"]}))
            .await
            .expect(400);
        assert_eq!(
            unknown,
            json!({"permissions": ["Invalid pk \"NOPE\" - object does not exist."]})
        );
        workspace.client.delete(&grant).await.expect(204);
        plain.get(&one).await.expect(404);
        workspace.client.get(&grant).await.expect(404);
    }
    server.stop().await;
}

#[tokio::test]
async fn grants_of_an_organisation_have_no_admin_and_are_not_read_one_by_one() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let plain = member(&server, &workspace, "plain@example.com", &[], &[]).await;
    let user = user_id(&plain).await;
    let all = organisation(&workspace, "user-permissions/");
    let body = json!({"user": user, "permissions": ["CREATE_PROJECT"], "admin": true});
    let made = workspace.client.post(&all, body).await.expect(201);
    assert_eq!(
        made,
        json!({"id": made["id"], "user": user, "permissions": ["CREATE_PROJECT"]})
    );
    plain.get(organisation(&workspace, "")).await.expect(403);
    let mine = plain
        .get(organisation(&workspace, "my-permissions/"))
        .await
        .expect(200);
    assert_eq!(mine["permissions"], json!(["CREATE_PROJECT"]));
    let listed = workspace.client.get(&all).await.expect(200);
    assert_eq!(listed[0]["user"]["email"], "plain@example.com");
    workspace
        .client
        .get(format!("{all}{}/", id(&made)))
        .await
        .expect(405);
    let wrong = workspace
        .client
        .post(&all, json!({"user": user, "permissions": ["VIEW_PROJECT"]}))
        .await;
    wrong.expect(400);
    let detail = json!({"detail": "User does not have sufficient privileges to perform this action"});
    assert_eq!(plain.get(&all).await.expect(403), detail);
    workspace
        .client
        .delete(format!("{all}{}/", id(&made)))
        .await
        .expect(204);
    server.stop().await;
}

#[tokio::test]
async fn only_members_can_be_granted_anything() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let outsider = server.sign_up("out@example.com").await;
    let user = user_id(&outsider).await;
    for all in [
        organisation(&workspace, "user-permissions/"),
        workspace.project_path("user-permissions/"),
        workspace.path("user-permissions/"),
    ] {
        for id in [user, 4711] {
            let refused = workspace
                .client
                .post(&all, json!({"user": id, "permissions": []}))
                .await
                .expect(400);
            assert_eq!(
                refused,
                json!({"user": [format!("Invalid pk \"{id}\" - object does not exist.")]})
            );
        }
    }
    let effective = workspace.project_path(&format!("all-user-permissions/{user}/"));
    workspace.client.get(effective).await.expect(404);
    server.stop().await;
}

#[tokio::test]
async fn a_grant_of_another_resource_is_not_there() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let grants = workspace
        .client
        .get(workspace.project_path("user-permissions/"))
        .await
        .expect(200);
    let of_project = id(&grants[0]);
    for all in [
        organisation(&workspace, "user-permissions/"),
        workspace.path("user-permissions/"),
    ] {
        workspace
            .client
            .patch(format!("{all}{of_project}/"), json!({}))
            .await
            .expect(404);
        workspace
            .client
            .delete(format!("{all}{of_project}/"))
            .await
            .expect(404);
    }
    server.stop().await;
}

#[tokio::test]
async fn what_a_member_has_is_told_to_admins() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let plain = member(&server, &workspace, "plain@example.com", &["VIEW_PROJECT"], &[]).await;
    let path = |user: i64| workspace.project_path(&format!("all-user-permissions/{user}/"));
    let theirs = workspace
        .client
        .get(path(user_id(&plain).await))
        .await
        .expect(200);
    assert_eq!(
        theirs,
        json!({"permissions": ["VIEW_PROJECT"], "admin": false, "tag_based_permissions": []})
    );
    let own = user_id(&workspace.client).await;
    assert_eq!(workspace.client.get(path(own)).await.expect(200)["admin"], true);
    plain.get(path(own)).await.expect(403);
    server.stop().await;
}

/// One row of the matrix: a request, and the statuses of anonymous, an outsider, a member with nothing, a viewer, an
/// admin of the project, and a master key.
struct Row(Method, String, [u16; 6]);

fn matrix(workspace: &Workspace) -> Vec<Row> {
    let (get, post, put, patch, delete) = (
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
    );
    let org = |below: &str| organisation(workspace, below);
    let project = |below: &str| workspace.project_path(below);
    let env = |below: &str| workspace.path(below);
    vec![
        Row(
            get.clone(),
            "/api/v1/organisations/".into(),
            [401, 200, 200, 200, 200, 200],
        ),
        Row(get.clone(), org(""), [401, 403, 403, 403, 403, 200]),
        Row(put.clone(), org(""), [401, 403, 403, 403, 403, 400]),
        Row(patch.clone(), org(""), [401, 403, 403, 403, 403, 200]),
        Row(get.clone(), org("users/"), [401, 403, 200, 200, 200, 200]),
        Row(get.clone(), org("projects/"), [401, 403, 200, 200, 200, 200]),
        Row(
            get.clone(),
            org("my-permissions/"),
            [401, 403, 200, 200, 200, 200],
        ),
        Row(
            get.clone(),
            org("get-subscription-metadata/"),
            [401, 403, 403, 403, 403, 200],
        ),
        Row(get.clone(), org("groups/"), [401, 403, 200, 200, 200, 200]),
        Row(get.clone(), org("invites/"), [401, 403, 403, 403, 403, 200]),
        Row(post.clone(), org("invites/"), [401, 403, 403, 403, 403, 400]),
        Row(post.clone(), org("invite/"), [401, 403, 403, 403, 403, 201]),
        Row(post.clone(), org("remove-users/"), [401, 403, 403, 403, 403, 400]),
        Row(
            get.clone(),
            org("master-api-keys/"),
            [401, 403, 403, 403, 403, 401],
        ),
        Row(
            post.clone(),
            org("master-api-keys/"),
            [401, 403, 403, 403, 403, 401],
        ),
        Row(
            get.clone(),
            org("user-permissions/"),
            [401, 403, 403, 403, 403, 200],
        ),
        Row(get.clone(), org("audit/"), [401, 403, 403, 403, 403, 200]),
        Row(
            get.clone(),
            "/api/v1/projects/".into(),
            [401, 200, 200, 200, 200, 200],
        ),
        Row(get.clone(), project(""), [401, 404, 404, 200, 200, 200]),
        Row(put.clone(), project(""), [401, 404, 404, 403, 400, 400]),
        Row(patch.clone(), project(""), [401, 404, 404, 403, 200, 200]),
        Row(
            get.clone(),
            project("environments/"),
            [401, 404, 404, 403, 200, 200],
        ),
        Row(
            get.clone(),
            project("my-permissions/"),
            [401, 404, 404, 200, 200, 400],
        ),
        Row(get.clone(), project("tags/"), [401, 404, 404, 200, 200, 200]),
        Row(post.clone(), project("tags/"), [401, 404, 404, 403, 400, 400]),
        Row(
            get.clone(),
            project("user-permissions/"),
            [401, 403, 403, 403, 200, 200],
        ),
        Row(
            post.clone(),
            project("user-permissions/"),
            [401, 403, 403, 403, 400, 400],
        ),
        Row(get.clone(), project("audit/"), [401, 403, 403, 403, 200, 200]),
        Row(
            get.clone(),
            project("audit/4711/"),
            [401, 403, 403, 403, 404, 404],
        ),
        Row(get.clone(), env(""), [401, 404, 404, 200, 200, 200]),
        Row(put.clone(), env(""), [401, 404, 404, 403, 400, 400]),
        Row(patch.clone(), env(""), [401, 404, 404, 403, 200, 200]),
        Row(post.clone(), env("clone/"), [401, 404, 404, 403, 400, 400]),
        Row(get.clone(), env("document/"), [401, 404, 404, 200, 200, 200]),
        Row(
            post.clone(),
            env("disable-v2-versioning/"),
            [401, 404, 404, 403, 400, 400],
        ),
        Row(
            get.clone(),
            env("my-permissions/"),
            [401, 404, 404, 200, 200, 400],
        ),
        Row(get.clone(), env("trait-keys/"), [401, 404, 404, 200, 200, 200]),
        Row(
            post.clone(),
            env("delete-traits/"),
            [401, 404, 404, 403, 400, 400],
        ),
        Row(get.clone(), env("metrics/"), [401, 404, 404, 403, 200, 200]),
        Row(
            get.clone(),
            env("onboarding-status/"),
            [200, 200, 200, 200, 200, 200],
        ),
        Row(get.clone(), env("api-keys/"), [401, 403, 403, 403, 200, 200]),
        Row(post.clone(), env("api-keys/"), [401, 403, 403, 403, 400, 400]),
        Row(get, env("user-permissions/"), [401, 403, 403, 200, 200, 200]),
        Row(post, env("user-permissions/"), [401, 403, 403, 403, 400, 400]),
        Row(
            delete.clone(),
            env("api-keys/4711/"),
            [401, 403, 403, 403, 404, 404],
        ),
        Row(
            delete.clone(),
            env("user-permissions/4711/"),
            [401, 403, 403, 403, 404, 404],
        ),
        Row(
            delete.clone(),
            project("tags/4711/"),
            [401, 404, 404, 403, 404, 404],
        ),
        Row(delete.clone(), env(""), [401, 404, 404, 403, 0, 0]),
        Row(delete.clone(), project(""), [401, 404, 404, 403, 0, 0]),
        Row(delete, org(""), [401, 403, 403, 403, 403, 0]),
    ]
}

#[tokio::test]
async fn every_cell_of_the_matrix_is_as_the_contract_says() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let outsider = server.sign_up("out@example.com").await;
    outsider
        .post("/api/v1/organisations/", json!({"name": "Other"}))
        .await
        .expect(201);
    let nothing = member(&server, &workspace, "nothing@example.com", &[], &[]).await;
    let viewer = member(
        &server,
        &workspace,
        "viewer@example.com",
        &["VIEW_PROJECT"],
        &["VIEW_ENVIRONMENT"],
    )
    .await;
    let admin = member(&server, &workspace, "admin2@example.com", &[], &[]).await;
    let grant = json!({"user": user_id(&admin).await, "permissions": [], "admin": true});
    workspace
        .client
        .post(workspace.project_path("user-permissions/"), grant)
        .await
        .expect(201);
    let key = workspace
        .client
        .post(organisation(&workspace, "master-api-keys/"), json!({"name": "x"}))
        .await
        .expect(201);
    let key = server.anonymous().with(
        "authorization",
        format!("Api-Key {}", key["key"].as_str().unwrap()),
    );
    let callers = [server.anonymous(), outsider, nothing, viewer, admin, key];
    let names = ["anonymous", "outsider", "nothing", "viewer", "admin", "key"];
    let mut wrong = Vec::new();
    for Row(method, path, expected) in matrix(&workspace) {
        for ((client, name), expected) in callers.iter().zip(names).zip(expected) {
            // What would remove the ground under the rows after it is tried by who may not.
            if expected == 0 {
                continue;
            }
            let body = (method != Method::GET && method != Method::DELETE).then(|| json!({}));
            let answer = client.send(method.clone(), &path, body).await;
            if answer.status != expected {
                wrong.push(format!(
                    "{method} {path} as {name}: {} instead of {expected}: {}",
                    answer.status, answer.text
                ));
            }
            if answer.status == 403 && answer.body["detail"] != FORBIDDEN {
                let own = "User does not have sufficient privileges to perform this action";
                assert_eq!(answer.body["detail"], own, "{method} {path} as {name}");
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    server.stop().await;
}

#[tokio::test]
async fn a_grant_without_membership_counts_for_nothing() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let gone = member(
        &server,
        &workspace,
        "gone@example.com",
        &["VIEW_PROJECT"],
        &["VIEW_ENVIRONMENT"],
    )
    .await;
    let user = i32::try_from(user_id(&gone).await).unwrap();
    gone.get(workspace.path("")).await.expect(200);
    // Behind the back of the use-case, which would take the grants along.
    let tx = server.store.begin().await.unwrap();
    let organisation = i32::try_from(workspace.organisation).unwrap();
    liftgate_store::organisations::remove_member(&tx, organisation.into(), user.into())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    gone.get(workspace.path("")).await.expect(404);
    gone.get(workspace.project_path("")).await.expect(404);
    assert_eq!(gone.get("/api/v1/projects/").await.expect(200), json!([]));
    let listed = gone
        .get(format!("/api/v1/environments/?project={}", workspace.project))
        .await
        .expect(200);
    assert_eq!(listed["count"], 0);
    server.stop().await;
}
