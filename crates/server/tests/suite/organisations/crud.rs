//! Organisations themselves.

use super::path;
use crate::support::{FORBIDDEN, id, keys, member};
use liftgate_testkit::TestServer;
use serde_json::json;

const ALL: &str = "/api/v1/organisations/";

#[tokio::test]
async fn an_organisation_shows_an_unlimited_plan() {
    let server = TestServer::start().await;
    let client = server.sign_up("ada@example.com").await;
    assert_eq!(
        client.post(ALL, json!({})).await.expect(400),
        json!({"name": ["This field is required."]})
    );
    let made = client
        .post(ALL, json!({"name": "Acme", "force_2fa": true}))
        .await
        .expect(201);
    assert_eq!(
        keys(&made),
        [
            "id",
            "uuid",
            "name",
            "created_date",
            "webhook_notification_email",
            "num_seats",
            "subscription",
            "role",
            "persist_trait_data",
            "block_access_to_admin",
            "restrict_project_create_to_admin",
            "force_2fa"
        ]
    );
    assert_eq!(
        (&made["role"], &made["num_seats"], &made["force_2fa"]),
        (&json!(null), &json!(1), &json!(true))
    );
    assert_eq!(
        keys(&made["subscription"]),
        [
            "id",
            "has_active_billing_periods",
            "deleted_at",
            "uuid",
            "subscription_id",
            "subscription_date",
            "plan",
            "max_seats",
            "max_api_calls",
            "cancellation_date",
            "customer_id",
            "billing_status",
            "payment_method",
            "notes"
        ]
    );
    assert_eq!(made["subscription"]["plan"], "enterprise");
    let one = format!("{ALL}{}/", id(&made));
    let read = client.get(&one).await.expect(200);
    assert_eq!(read["role"], "ADMIN");
    let limits = client
        .get(format!("{one}get-subscription-metadata/"))
        .await
        .expect(200);
    assert_eq!(
        keys(&limits),
        [
            "max_seats",
            "max_api_calls",
            "max_projects",
            "payment_source",
            "chargebee_email",
            "feature_history_visibility_days",
            "audit_log_visibility_days"
        ]
    );
    assert_eq!(
        (&limits["max_projects"], &limits["audit_log_visibility_days"]),
        (&json!(null), &json!(null))
    );
    let listed = client.get(ALL).await.expect(200);
    assert_eq!((&listed["count"], &listed["results"][0]), (&json!(1), &read));
    let uuid = made["uuid"].as_str().unwrap();
    assert_eq!(
        client.get(format!("{ALL}get-by-uuid/{uuid}/")).await.expect(200),
        read
    );
    server.stop().await;
}

#[tokio::test]
async fn changes_are_whole_or_partial() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let (admin, one) = (&workspace.client, path(&workspace, ""));
    let required = json!({"name": ["This field is required."]});
    assert_eq!(
        admin.put(&one, json!({"force_2fa": true})).await.expect(400),
        required
    );
    let body =
        json!({"webhook_notification_email": "ops@example.com", "restrict_project_create_to_admin": true});
    let changed = admin.patch(&one, body).await.expect(200);
    assert_eq!(changed["webhook_notification_email"], "ops@example.com");
    assert_eq!(changed["name"], "Acme");
    let changed = admin.put(&one, json!({"name": "Emca"})).await.expect(200);
    assert_eq!(changed["restrict_project_create_to_admin"], true);
    let bad = admin
        .patch(&one, json!({"webhook_notification_email": "nonsense"}))
        .await
        .expect(400);
    assert_eq!(
        bad,
        json!({"webhook_notification_email": ["Enter a valid email address."]})
    );
    let emptied = admin
        .patch(&one, json!({"webhook_notification_email": null}))
        .await
        .expect(200);
    assert_eq!(emptied["webhook_notification_email"], json!(null));
    let document = admin.get(workspace.path("document/")).await.expect(200);
    assert_eq!(document["project"]["organisation"]["name"], "Emca");
    server.stop().await;
}

#[tokio::test]
async fn whether_an_organisation_exists_is_not_told() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let outsider = server.sign_up("out@example.com").await;
    let forbidden = json!({"detail": FORBIDDEN});
    for one in [path(&workspace, ""), format!("{ALL}4711/")] {
        for below in [
            "",
            "projects/",
            "users/",
            "my-permissions/",
            "groups/",
            "groups/summaries/",
            "roles/",
            "audit/",
        ] {
            assert_eq!(
                outsider.get(format!("{one}{below}")).await.expect(403),
                forbidden,
                "{one}{below}"
            );
        }
        assert_eq!(outsider.patch(&one, json!({})).await.expect(403), forbidden);
        assert_eq!(outsider.delete(&one).await.expect(403), forbidden);
    }
    assert_eq!(
        outsider.get(format!("{ALL}abc/")).await.expect(400),
        json!(["Invalid organisation ID"])
    );
    assert_eq!(outsider.get(ALL).await.expect(200)["count"], 0);
    let uuid = workspace.client.get(path(&workspace, "")).await.expect(200)["uuid"].clone();
    let hidden = outsider
        .get(format!("{ALL}get-by-uuid/{}/", uuid.as_str().unwrap()))
        .await
        .expect(404);
    assert_eq!(
        hidden,
        json!({"detail": "No Organisation matches the given query."})
    );
    server.stop().await;
}

#[tokio::test]
async fn a_plain_member_sees_the_organisation_in_the_list_only() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let plain = member(&server, &workspace, "plain@example.com", &["VIEW_PROJECT"], &[]).await;
    plain.get(path(&workspace, "")).await.expect(403);
    plain
        .get(path(&workspace, "get-subscription-metadata/"))
        .await
        .expect(403);
    let listed = plain.get(ALL).await.expect(200);
    assert_eq!(
        (&listed["results"][0]["role"], &listed["results"][0]["num_seats"]),
        (&json!("USER"), &json!(2))
    );
    let mine = plain.get(path(&workspace, "my-permissions/")).await.expect(200);
    assert_eq!(
        mine,
        json!({"permissions": [], "admin": false, "tag_based_permissions": []})
    );
    let projects = plain.get(path(&workspace, "projects/")).await.expect(200);
    assert_eq!(projects.as_array().unwrap().len(), 1);
    let blind = member(&server, &workspace, "blind@example.com", &[], &[]).await;
    assert_eq!(
        blind.get(path(&workspace, "projects/")).await.expect(200),
        json!([])
    );
    server.stop().await;
}

#[tokio::test]
async fn a_deleted_organisation_serves_no_flags() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    workspace.sdk().get("/api/v1/flags/").await.expect(200);
    workspace.client.delete(path(&workspace, "")).await.expect(204);
    let refused = workspace.sdk().get("/api/v1/flags/").await;
    assert!([401, 403].contains(&refused.status), "{}", refused.text);
    workspace.client.get(path(&workspace, "")).await.expect(403);
    assert_eq!(workspace.client.get(ALL).await.expect(200)["count"], 0);
    assert_eq!(
        workspace.client.get("/api/v1/projects/").await.expect(200),
        json!([])
    );
    workspace.client.get(workspace.project_path("")).await.expect(404);
    server.stop().await;
}

#[tokio::test]
async fn pages_have_ten_organisations() {
    let server = TestServer::start().await;
    let client = server.sign_up("ada@example.com").await;
    for number in 0..11 {
        client
            .post(ALL, json!({"name": format!("Org {number}")}))
            .await
            .expect(201);
    }
    let first = client.get(format!("{ALL}?page_size=3")).await.expect(200);
    assert_eq!(
        (&first["count"], first["results"].as_array().unwrap().len()),
        (&json!(11), 10)
    );
    let next = format!("{}{ALL}?page=2&page_size=3", server.origin());
    assert_eq!(first["next"], next.as_str());
    let second = client.get(format!("{ALL}?page=2")).await.expect(200);
    assert_eq!(second["results"][0]["name"], "Org 10");
    server.stop().await;
}
