//! Groups, what they are granted, and what they own (contract, admin API, sections 2.3, 2.4, 2.7 and 4.1).

use crate::support::{FORBIDDEN, id, keys, member};
use liftgate_testkit::{Client, TestServer, Workspace};
use serde_json::{Value, json};

fn path(workspace: &Workspace, below: &str) -> String {
    format!("/api/v1/organisations/{}/{below}", workspace.organisation)
}

async fn user_id(client: &Client) -> i64 {
    id(&client.get("/api/v1/auth/users/me/").await.expect(200))
}

async fn group(workspace: &Workspace, name: &str) -> i64 {
    let made = workspace
        .client
        .post(path(workspace, "groups/"), json!({"name": name}));
    id(&made.await.expect(201))
}

async fn add(workspace: &Workspace, group: i64, user: i64) -> Value {
    let below = path(workspace, &format!("groups/{group}/add-users/"));
    workspace
        .client
        .post(below, json!({"user_ids": [user]}))
        .await
        .expect(200)
}

#[tokio::test]
async fn a_group_is_made_filled_changed_and_deleted() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let admin = &workspace.client;
    let all = path(&workspace, "groups/");
    assert_eq!(
        admin.post(&all, json!({})).await.expect(400),
        json!({"name": ["This field is required."]})
    );
    let body = json!({"name": " Web ", "users": [1], "external_id": "web"});
    let made = admin.post(&all, body).await.expect(201);
    assert_eq!(keys(&made), ["id", "name", "users", "is_default", "external_id"]);
    assert_eq!(
        (
            &made["name"],
            &made["users"],
            &made["is_default"],
            &made["external_id"]
        ),
        (&json!("Web"), &json!([]), &json!(false), &json!("web"))
    );
    let one = format!("{all}{}/", id(&made));
    let plain = member(&server, &workspace, "plain@example.com", &[], &[]).await;
    let plain_id = user_id(&plain).await;
    let filled = add(&workspace, id(&made), plain_id).await;
    assert_eq!(
        keys(&filled["users"][0]),
        [
            "id",
            "email",
            "first_name",
            "last_name",
            "last_login",
            "group_admin"
        ]
    );
    assert_eq!(admin.get(&one).await.expect(200), filled);
    assert_eq!(admin.get(&all).await.expect(200)["results"], json!([filled]));
    // Whoever is in it stays when it changes; PATCH changes what is named, PUT needs the name.
    let patched = admin.patch(&one, json!({"is_default": true})).await.expect(200);
    assert_eq!(
        (&patched["name"], &patched["is_default"], &patched["users"]),
        (&json!("Web"), &json!(true), &filled["users"])
    );
    admin.put(&one, json!({"is_default": false})).await.expect(400);
    let put = admin
        .put(&one, json!({"name": "Web two", "external_id": null}))
        .await
        .expect(200);
    assert_eq!(
        (&put["name"], &put["external_id"]),
        (&json!("Web two"), &Value::Null)
    );
    let unknown = admin
        .post(format!("{one}add-users/"), json!({"user_ids": [4711]}))
        .await
        .expect(400);
    assert!(unknown["detail"].is_string(), "{unknown}");
    let emptied = admin
        .post(format!("{one}remove-users/"), json!({"user_ids": [plain_id]}))
        .await
        .expect(200);
    assert_eq!(emptied["users"], json!([]));
    admin.delete(&one).await.expect(204);
    assert_eq!(
        admin.get(&one).await.expect(404),
        json!({"detail": "No UserPermissionGroup matches the given query."})
    );
    assert_eq!(
        admin.get(format!("{all}x/")).await.expect(404),
        json!({"detail": "Not found."})
    );
    server.stop().await;
}

#[tokio::test]
async fn members_see_names_and_admins_of_a_group_see_that_group() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let admin = &workspace.client;
    let (web, app) = (group(&workspace, "Web").await, group(&workspace, "App").await);
    let plain = member(&server, &workspace, "plain@example.com", &[], &[]).await;
    let plain_id = user_id(&plain).await;
    let one = |group: i64| path(&workspace, &format!("groups/{group}/"));
    let names = json!([{"id": web, "name": "Web"}, {"id": app, "name": "App"}]);
    let summaries = path(&workspace, "groups/summaries/");
    assert_eq!(plain.get(&summaries).await.expect(200), names);
    let count = |page: Value| page["count"].clone();
    assert_eq!(count(plain.get(path(&workspace, "groups/")).await.expect(200)), 0);
    assert_eq!(
        count(plain.get(path(&workspace, "groups/my-groups/")).await.expect(200)),
        0
    );
    plain.get(one(web)).await.expect(404);
    let refused = plain
        .post(path(&workspace, "groups/"), json!({"name": "Mine"}))
        .await;
    assert_eq!(refused.expect(403), json!({"detail": FORBIDDEN}));
    // Nobody administers a group they are not in.
    let make_admin = path(&workspace, &format!("groups/{web}/users/{plain_id}/make-admin"));
    assert_eq!(
        admin.post(&make_admin, json!({})).await.expect(404),
        json!({"detail": "No FFAdminUser matches the given query."})
    );
    add(&workspace, web, plain_id).await;
    plain.post(&make_admin, json!({})).await.expect(403);
    let made = admin.post(&make_admin, json!({})).await;
    assert_eq!((made.status, made.text.as_str()), (200, ""));
    let mine = plain.get(path(&workspace, "groups/my-groups/")).await.expect(200);
    assert_eq!(mine["results"], json!([{"id": web, "name": "Web"}]));
    let seen = plain.get(path(&workspace, "groups/")).await.expect(200);
    assert_eq!(
        (&seen["count"], &seen["results"][0]["users"][0]["group_admin"]),
        (&json!(1), &json!(true))
    );
    plain.get(one(app)).await.expect(404);
    // An admin of a group takes others in, but neither themselves in nor out.
    let other = member(&server, &workspace, "other@example.com", &[], &[]).await;
    let others = json!({"user_ids": [user_id(&other).await]});
    let filled = plain
        .post(format!("{}add-users/", one(web)), others)
        .await
        .expect(200);
    assert_eq!(filled["users"].as_array().unwrap().len(), 2);
    let oneself = json!({"user_ids": [plain_id]});
    assert_eq!(
        plain
            .post(format!("{}add-users/", one(web)), oneself.clone())
            .await
            .expect(403),
        json!({"detail": "Non-admin users cannot add themselves to a group."})
    );
    plain
        .post(format!("{}remove-users/", one(web)), oneself)
        .await
        .expect(403);
    let remove_admin = path(&workspace, &format!("groups/{web}/users/{plain_id}/remove-admin"));
    admin.post(&remove_admin, json!({})).await.expect(200);
    plain.get(one(web)).await.expect(404);
    // Paths of the two have no slash at the end.
    let slash = admin.post(format!("{remove_admin}/"), json!({})).await;
    assert_eq!(slash.status, 404);
    let outsider = server.sign_up("outsider@example.com").await;
    outsider.get(&summaries).await.expect(403);
    server.stop().await;
}

#[tokio::test]
async fn who_manages_groups_needs_no_more_than_that_permission() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let web = group(&workspace, "Web").await;
    let plain = member(&server, &workspace, "plain@example.com", &[], &[]).await;
    let plain_id = user_id(&plain).await;
    // Granted to a group they are in.
    let managers = group(&workspace, "Managers").await;
    add(&workspace, managers, plain_id).await;
    let grants = path(&workspace, "user-group-permissions/");
    let body = json!({"group": managers, "permissions": ["MANAGE_USER_GROUPS"]});
    let made = workspace.client.post(&grants, body).await.expect(201);
    assert_eq!(keys(&made), ["id", "group", "permissions"]);
    plain
        .get(path(&workspace, &format!("groups/{web}/")))
        .await
        .expect(200);
    let new = plain
        .post(path(&workspace, "groups/"), json!({"name": "New"}))
        .await;
    new.expect(201);
    // Another member of no group manages nothing.
    let other = member(&server, &workspace, "other@example.com", &[], &[]).await;
    other
        .get(path(&workspace, &format!("groups/{web}/")))
        .await
        .expect(404);
    server.stop().await;
}

#[tokio::test]
async fn who_is_in_a_group_has_what_it_is_granted() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let admin = &workspace.client;
    let web = group(&workspace, "Web").await;
    let plain = member(&server, &workspace, "plain@example.com", &[], &[]).await;
    let plain_id = user_id(&plain).await;
    add(&workspace, web, plain_id).await;
    for (all, one, key, other) in [
        (
            workspace.project_path("user-group-permissions/"),
            workspace.project_path(""),
            "VIEW_PROJECT",
            "MANAGE_TAGS",
        ),
        (
            workspace.path("user-group-permissions/"),
            workspace.path(""),
            "VIEW_ENVIRONMENT",
            "MANAGE_IDENTITIES",
        ),
    ] {
        plain.get(&one).await.expect(404);
        assert_eq!(admin.get(&all).await.expect(200), json!([]));
        let unknown = json!({"group": web, "permissions": ["NOPE"]});
        assert_eq!(
            admin.post(&all, unknown).await.expect(400),
            json!({"permissions": ["Invalid pk \"NOPE\" - object does not exist."]})
        );
        let nobody = json!({"group": 4711, "permissions": [key]});
        assert_eq!(
            admin.post(&all, nobody).await.expect(400),
            json!({"group": ["Invalid pk \"4711\" - object does not exist."]})
        );
        let body = json!({"group": web, "permissions": [key]});
        let made = admin.post(&all, body.clone()).await.expect(201);
        assert_eq!(
            made,
            json!({"id": id(&made), "permissions": [key], "admin": false, "group": web})
        );
        admin.post(&all, body).await.expect(400);
        plain.get(&one).await.expect(200);
        let listed = admin.get(&all).await.expect(200);
        assert_eq!(
            listed[0]["group"],
            json!({"id": web, "name": "Web", "users": [plain_id], "is_default": false, "external_id": null})
        );
        let grant = format!("{all}{}/", id(&made));
        assert_eq!(admin.get(&grant).await.expect(200), made);
        // PATCH replaces the permissions as PUT does.
        let changed = admin
            .patch(&grant, json!({"permissions": [other]}))
            .await
            .expect(200);
        assert_eq!(changed["permissions"], json!([other]));
        plain.get(&one).await.expect(404);
        let everything = json!({"group": web, "admin": true});
        let changed = admin.put(&grant, everything).await.expect(200);
        assert_eq!(
            (&changed["permissions"], &changed["admin"]),
            (&json!([]), &json!(true))
        );
        plain.get(&one).await.expect(200);
        plain.delete(&grant).await.expect(204);
        plain.get(&one).await.expect(404);
        admin.get(&grant).await.expect(404);
    }
    server.stop().await;
}

#[tokio::test]
async fn members_are_told_where_their_permissions_come_from() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let admin = &workspace.client;
    let web = group(&workspace, "Web").await;
    let plain = member(
        &server,
        &workspace,
        "plain@example.com",
        &["VIEW_PROJECT"],
        &["VIEW_ENVIRONMENT"],
    )
    .await;
    let plain_id = user_id(&plain).await;
    add(&workspace, web, plain_id).await;
    let grant = |keys: Value, admin: bool| json!({"group": web, "permissions": keys, "admin": admin});
    admin
        .post(
            workspace.project_path("user-group-permissions/"),
            grant(json!(["VIEW_PROJECT", "MANAGE_TAGS"]), false),
        )
        .await
        .expect(201);
    let below = format!("user-detailed-permissions/{plain_id}/");
    let nowhere = json!({"groups": [], "roles": []});
    let through = json!({"groups": [{"id": web, "name": "Web"}], "roles": []});
    let told = plain.get(workspace.project_path(&below)).await.expect(200);
    assert_eq!(
        told,
        json!({
            "admin": false, "is_directly_granted": false, "derived_from": nowhere,
            "permissions": [
                {"permission_key": "VIEW_PROJECT", "is_directly_granted": true, "derived_from": through},
                {"permission_key": "MANAGE_TAGS", "is_directly_granted": false, "derived_from": through},
            ],
        })
    );
    assert_eq!(admin.get(workspace.project_path(&below)).await.expect(200), told);
    let told = plain.get(path(&workspace, &below)).await.expect(200);
    assert_eq!(
        (&told["admin"], &told["permissions"]),
        (&json!(false), &json!([]))
    );
    // Who administers an environment through a group, or its project, has all of it.
    admin
        .post(workspace.path("user-group-permissions/"), grant(json!([]), true))
        .await
        .expect(201);
    let told = plain.get(workspace.path(&below)).await.expect(200);
    assert_eq!(
        told,
        json!({"admin": true, "is_directly_granted": false, "derived_from": through, "permissions": []})
    );
    // Of others it is told to admins only, and of who is no member to nobody.
    let me = user_id(admin).await;
    let others = format!("user-detailed-permissions/{me}/");
    plain.get(path(&workspace, &others)).await.expect(403);
    plain.get(workspace.project_path(&others)).await.expect(403);
    let outsider = server.sign_up("outsider@example.com").await;
    let outsider_id = user_id(&outsider).await;
    outsider.get(path(&workspace, &below)).await.expect(403);
    let unknown = path(&workspace, &format!("user-detailed-permissions/{outsider_id}/"));
    assert_eq!(
        admin.get(unknown).await.expect(404),
        json!({"detail": "No FFAdminUser matches the given query."})
    );
    server.stop().await;
}

#[tokio::test]
async fn grants_of_groups_show_in_lists_and_end_with_the_group() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let admin = &workspace.client;
    let web = group(&workspace, "Web").await;
    let plain = member(&server, &workspace, "plain@example.com", &[], &[]).await;
    add(&workspace, web, user_id(&plain).await).await;
    let grant = |key: &str| json!({"group": web, "permissions": [key]});
    admin
        .post(
            workspace.project_path("user-group-permissions/"),
            grant("VIEW_PROJECT"),
        )
        .await
        .expect(201);
    admin
        .post(
            workspace.path("user-group-permissions/"),
            grant("VIEW_ENVIRONMENT"),
        )
        .await
        .expect(201);
    let projects = plain.get("/api/v1/projects/").await.expect(200);
    assert_eq!(id(&projects[0]), workspace.project);
    let listed = format!("/api/v1/environments/?project={}", workspace.project);
    assert_eq!(plain.get(&listed).await.expect(200)["count"], 1);
    let mine = plain.get(workspace.path("my-permissions/")).await.expect(200);
    assert_eq!(mine["permissions"], json!(["VIEW_ENVIRONMENT"]));
    admin
        .delete(path(&workspace, &format!("groups/{web}/")))
        .await
        .expect(204);
    assert_eq!(plain.get("/api/v1/projects/").await.expect(200), json!([]));
    assert_eq!(plain.get(&listed).await.expect(200)["count"], 0);
    server.stop().await;
}

#[tokio::test]
async fn whoever_leaves_the_organisation_leaves_its_groups() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let web = group(&workspace, "Web").await;
    let plain = member(&server, &workspace, "plain@example.com", &[], &[]).await;
    let plain_id = user_id(&plain).await;
    add(&workspace, web, plain_id).await;
    workspace
        .client
        .post(path(&workspace, "remove-users/"), json!([{"id": plain_id}]))
        .await
        .expect(200);
    let one = path(&workspace, &format!("groups/{web}/"));
    assert_eq!(workspace.client.get(one).await.expect(200)["users"], json!([]));
    server.stop().await;
}

#[tokio::test]
async fn groups_own_features() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let admin = &workspace.client;
    let web = group(&workspace, "Web").await;
    let features = workspace.project_path("features/");
    let unknown = json!({"name": "owned", "group_owners": [4711]});
    assert_eq!(
        admin.post(&features, unknown).await.expect(400),
        json!({"group_owners": ["Invalid pk \"4711\" - object does not exist."]})
    );
    let made = admin
        .post(&features, json!({"name": "owned", "group_owners": [web]}))
        .await
        .expect(201);
    assert_eq!(made["group_owners"], json!([{"id": web, "name": "Web"}]));
    let other = workspace.feature("other", "x").await;
    let found = |query: String| {
        let features = features.clone();
        async move {
            let page = admin.get(format!("{features}?{query}")).await.expect(200);
            let rows = page["results"].as_array().unwrap().clone();
            rows.iter().map(|row| row["name"].clone()).collect::<Vec<_>>()
        }
    };
    assert_eq!(found(format!("group_owners={web}")).await, ["owned"]);
    assert_eq!(found("group_owners=4711".to_owned()).await, [""; 0]);
    // People or groups.
    let me = user_id(admin).await;
    assert_eq!(
        found(format!("group_owners={web}&owners={me}")).await,
        ["owned", "other"]
    );
    let one = workspace.project_path(&format!("features/{other}/"));
    let added = admin
        .post(format!("{one}add-group-owners/"), json!({"group_ids": [web]}))
        .await
        .expect(200);
    assert_eq!(added["group_owners"], json!([{"id": web, "name": "Web"}]));
    assert_eq!(
        admin
            .post(format!("{one}add-group-owners/"), json!({"group_ids": [4711]}))
            .await
            .expect(400),
        json!(["Some groups not found"])
    );
    let removed = admin
        .post(format!("{one}remove-group-owners/"), json!({"group_ids": [web]}))
        .await
        .expect(200);
    assert_eq!(removed["group_owners"], json!([]));
    // Where a project wants owners, a group is one, and the last one stays.
    admin
        .patch(
            workspace.project_path(""),
            json!({"enforce_feature_owners": true}),
        )
        .await
        .expect(200);
    let second = admin
        .post(&features, json!({"name": "second", "group_owners": [web]}))
        .await
        .expect(201);
    let second = workspace.project_path(&format!("features/{}/", id(&second)));
    assert_eq!(
        admin
            .post(
                format!("{second}remove-group-owners/"),
                json!({"group_ids": [web]})
            )
            .await
            .expect(400),
        json!(["This project requires at least one owner or group owner per feature."])
    );
    // A group of another organisation owns nothing here.
    let elsewhere = json!({"name": "Elsewhere"});
    let elsewhere = id(&admin.post("/api/v1/organisations/", elsewhere).await.expect(201));
    let foreign = admin
        .post(
            format!("/api/v1/organisations/{elsewhere}/groups/"),
            json!({"name": "Foreign"}),
        )
        .await
        .expect(201);
    admin
        .post(
            format!("{one}add-group-owners/"),
            json!({"group_ids": [id(&foreign)]}),
        )
        .await
        .expect(400);
    server.stop().await;
}

#[tokio::test]
async fn an_invitation_leads_into_its_groups_and_into_the_default_ones() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let admin = &workspace.client;
    let (web, app) = (group(&workspace, "Web").await, group(&workspace, "App").await);
    let body = json!({"name": "Everybody", "is_default": true});
    let everybody = id(&admin.post(path(&workspace, "groups/"), body).await.expect(201));
    let invite = json!({"email": "ada@example.com", "role": "USER", "permission_groups": [web]});
    let made = admin.post(path(&workspace, "invites/"), invite).await.expect(201);
    assert_eq!(made["permission_groups"], json!([web]));
    let links = format!(
        "/api/liftgate/v1/organisations/{}/invites/",
        workspace.organisation
    );
    let hash = admin.get(links).await.expect(200)["results"][0]["hash"].clone();
    let ada = server.sign_up("ada@example.com").await;
    ada.post(
        format!("/api/v1/users/join/{}/", hash.as_str().unwrap()),
        json!({}),
    )
    .await
    .expect(200);
    let mine = ada.get(path(&workspace, "groups/my-groups/")).await.expect(200);
    assert_eq!(
        mine["results"],
        json!([{"id": web, "name": "Web"}, {"id": everybody, "name": "Everybody"}])
    );
    let elsewhere = admin.get(path(&workspace, &format!("groups/{app}/"))).await;
    assert_eq!(elsewhere.expect(200)["users"], json!([]));
    server.stop().await;
}

#[tokio::test]
async fn links_let_whoever_has_them_join_until_they_expire() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let admin = &workspace.client;
    let links = path(&workspace, "invite-links/");
    assert_eq!(admin.get(&links).await.expect(200), json!([]));
    assert_eq!(
        admin.post(&links, json!({"role": "OWNER"})).await.expect(400),
        json!({"role": ["\"OWNER\" is not a valid choice."]})
    );
    let made = admin.post(&links, json!({"role": "ADMIN"})).await.expect(201);
    assert_eq!(keys(&made), ["id", "hash", "date_created", "role", "expires_at"]);
    assert_eq!(admin.get(&links).await.expect(200), json!([made]));
    let join = |link: &Value| format!("/api/v1/users/join/link/{}/", link["hash"].as_str().unwrap());
    let missing = json!({"detail": "No InviteLink matches the given query."});
    let ada = server.sign_up("ada@example.com").await;
    assert_eq!(
        ada.post("/api/v1/users/join/link/nope/", json!({}))
            .await
            .expect(404),
        missing
    );
    server.anonymous().post(join(&made), json!({})).await.expect(401);
    let joined = ada.post(join(&made), json!({})).await.expect(200);
    assert_eq!(
        (&joined["id"], &joined["role"]),
        (&json!(workspace.organisation), &json!("ADMIN"))
    );
    // It works for others, too, and for who is a member it changes nothing.
    let lower = admin.post(&links, json!({"role": "USER"})).await.expect(201);
    assert_eq!(
        ada.post(join(&lower), json!({})).await.expect(200)["role"],
        "ADMIN"
    );
    let bob = server.sign_up("bob@example.com").await;
    assert_eq!(
        bob.post(join(&lower), json!({})).await.expect(200)["role"],
        "USER"
    );
    bob.get(&links).await.expect(403);
    let dated = json!({"role": "USER", "expires_at": "2000-01-01T00:00:00Z"});
    let dated = admin.post(&links, dated).await.expect(201);
    assert_eq!(dated["expires_at"], "2000-01-01T00:00:00.000000Z");
    let eve = server.sign_up("eve@example.com").await;
    assert!(eve.post(join(&dated), json!({})).await.expect(400)["detail"].is_string());
    let one = format!("{links}{}/", id(&lower));
    admin.delete(&one).await.expect(204);
    admin.delete(&one).await.expect(404);
    assert_eq!(eve.post(join(&lower), json!({})).await.expect(404), missing);
    server.stop().await;
}

#[tokio::test]
async fn the_secret_of_a_link_lets_sign_up_where_registration_is_closed() {
    let server = TestServer::start_with(|serve| serve.open_registration = false).await;
    let workspace = server.workspace(false).await;
    let made = workspace
        .client
        .post(path(&workspace, "invite-links/"), json!({"role": "USER"}))
        .await
        .expect(201);
    let mut account = json!({
        "email": "ada@example.com", "password": "a sound p4ssphrase", "first_name": "Ada", "last_name": "L",
    });
    let anonymous = server.anonymous();
    anonymous
        .post("/api/v1/auth/users/", account.clone())
        .await
        .expect(403);
    account["invite_hash"] = made["hash"].clone();
    anonymous.post("/api/v1/auth/users/", account).await.expect(201);
    server.stop().await;
}
