//! Usage: requests and evaluations are counted in memory, stored by a job, and told by day.

use crate::support::member;
use liftgate_app::usage::flush;
use liftgate_model::usage::{Day, Labels, RequestCount, Resource};
use liftgate_model::{Clock as _, EnvironmentId};
use liftgate_testkit::{Client, TestServer, Workspace};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const BY_NAME: &str = "/api/v1/analytics/flags/";
const IN_DETAIL: &str = "/api/v2/analytics/flags/";

/// A server at noon, so that no test sees the end of a day.
async fn server_at_noon() -> TestServer {
    let server = TestServer::start().await;
    let second = server.clock.now().0.div_euclid(1_000_000).rem_euclid(86_400);
    server.clock.advance_seconds(86_400 + 43_200 - second);
    server
}

fn today(server: &TestServer) -> String {
    Day::of(server.clock.now()).to_iso()
}

fn usage_path(workspace: &Workspace, below: &str) -> String {
    format!(
        "/api/v1/organisations/{}/usage-data/{below}",
        workspace.organisation
    )
}

fn nobody() -> Value {
    json!({"user_agent": null, "client_application_name": null, "client_application_version": null})
}

async fn evaluations(workspace: &Workspace, feature: i64, query: &str) -> Value {
    let path = format!(
        "features/{feature}/evaluation-data/?environment_id={}{query}",
        workspace.environment
    );
    workspace
        .client
        .get(workspace.project_path(&path))
        .await
        .expect(200)
}

fn as_js(sdk: &Client) -> Client {
    sdk.with("flagsmith-sdk-user-agent", "flagsmith-js-sdk/12.4.0")
        .with("flagsmith-application-name", "shop")
        .with("flagsmith-application-version", "1.0")
}

#[tokio::test]
async fn requests_are_told_by_day_and_by_who_sent_them() {
    let server = server_at_noon().await;
    let workspace = server.workspace(false).await;
    let (sdk, backend) = (workspace.sdk(), workspace.server_sdk().await);
    assert_eq!(
        workspace.client.get(usage_path(&workspace, "")).await.expect(200),
        json!([])
    );

    for _ in 0..3 {
        sdk.get("/api/v1/flags/").await.expect(200);
    }
    sdk.get("/api/v1/flags/?feature=unknown").await.expect(404);
    backend.get("/api/v1/environment-document/").await.expect(200);
    let own = json!({"identity": {"identifier": "u"}, "trait_key": "k", "trait_value": 1});
    as_js(&sdk).post("/api/v1/traits/", own).await.expect(200);
    as_js(&sdk)
        .get("/api/v1/identities/?identifier=u")
        .await
        .expect(200);
    as_js(&sdk).get("/api/v1/identities/").await.expect(400);
    // What opens nothing, and what is not one of the four, does not count.
    server.anonymous().get("/api/v1/flags/").await.expect(403);
    sdk.with_environment_key("unknown")
        .get("/api/v1/flags/")
        .await
        .expect(403);
    sdk.post(BY_NAME, json!({})).await.expect(200);
    flush(&server.app).await.unwrap();

    let js = json!({"user_agent": "flagsmith-js-sdk/12.4.0", "client_application_name": "shop",
        "client_application_version": "1.0"});
    let day = today(&server);
    let plain = json!({"day": day, "flags": 4, "identities": 0, "traits": 0, "environment_document": 1, "labels": nobody()});
    let labelled = json!({"day": day, "flags": 0, "identities": 2, "traits": 1, "environment_document": 0, "labels": js});
    let told = workspace.client.get(usage_path(&workspace, "")).await.expect(200);
    assert_eq!(told, json!([plain, labelled]));
    let query = format!(
        "?project_id={}&environment_id={}&user_agent=flagsmith-js-sdk/12.4.0&client_application_name=shop",
        workspace.project, workspace.environment
    );
    let told = workspace
        .client
        .get(usage_path(&workspace, &query))
        .await
        .expect(200);
    assert_eq!(told, json!([labelled]));
    let total = workspace
        .client
        .get(usage_path(&workspace, "total-count/"))
        .await
        .expect(200);
    assert_eq!(total, json!({"count": 8}));
    server.stop().await;
}

#[tokio::test]
async fn clients_of_before_are_told_the_same_in_their_words() {
    let server = server_at_noon().await;
    let workspace = server.workspace(false).await;
    let path = |below: &str| format!("/api/v1/organisations/{}/{below}", workspace.organisation);
    let none = workspace.client.get(path("influx-data/")).await.expect(200);
    assert_eq!(none, json!({"events_list": []}));

    let environment = EnvironmentId(i32::try_from(workspace.environment).unwrap());
    let today = Day::of(server.clock.now());
    let js = Labels {
        user_agent: "flagsmith-js-sdk/12.4.0".to_owned(),
        ..Labels::default()
    };
    let counts = [
        (0, Resource::Flags, Labels::default(), 4),
        (0, Resource::Flags, js, 3),
        (0, Resource::EnvironmentDocument, Labels::default(), 2),
        (29, Resource::Identities, Labels::default(), 1),
        (29, Resource::Traits, Labels::default(), 5),
        (30, Resource::Flags, Labels::default(), 9),
    ]
    .map(|(back, resource, labels, count)| RequestCount {
        environment,
        day: today.back(back),
        resource,
        labels,
        count,
    });
    let tx = server.store.begin().await.unwrap();
    liftgate_store::usage::add_requests(&tx, &counts).await.unwrap();
    tx.commit().await.unwrap();
    let day = |back, flags, identities, traits, document| {
        json!({"Flags": flags, "Identities": identities, "Traits": traits, "Environment-document": document,
            "name": today.back(back).to_iso()})
    };
    let query = format!(
        "influx-data/?project_id={}&environment_id={}",
        workspace.project, workspace.environment
    );
    let told = workspace.client.get(path(&query)).await.expect(200);
    assert_eq!(
        told,
        json!({"events_list": [day(29, 0, 1, 5, 0), day(0, 7, 0, 0, 2)]})
    );
    let odd = workspace.client.get(path("influx-data/?project_id=x")).await;
    assert_eq!(
        odd.expect(400),
        json!({"project_id": ["A valid integer is required."]})
    );
    let total = workspace.client.get(path("usage/")).await.expect(200);
    assert_eq!(total, json!({"events": 15}));
    server.stop().await;
}

#[tokio::test]
async fn usage_is_told_for_30_or_90_days_and_by_no_bill() {
    let server = server_at_noon().await;
    let workspace = server.workspace(false).await;
    let environment = EnvironmentId(i32::try_from(workspace.environment).unwrap());
    let today = Day::of(server.clock.now());
    let counts = [0, 29, 30, 89, 90].map(|back| RequestCount {
        environment,
        day: today.back(back),
        resource: Resource::Flags,
        labels: Labels::default(),
        count: 1,
    });
    let tx = server.store.begin().await.unwrap();
    liftgate_store::usage::add_requests(&tx, &counts).await.unwrap();
    tx.commit().await.unwrap();
    let days = |told: Value| -> Vec<String> {
        let days = told.as_array().unwrap().iter();
        days.map(|item| item["day"].as_str().unwrap().to_owned())
            .collect()
    };
    let usual = workspace.client.get(usage_path(&workspace, "")).await.expect(200);
    assert_eq!(days(usual), [today.back(29).to_iso(), today.to_iso()]);
    let long = usage_path(&workspace, "?period=90_day_period");
    assert_eq!(days(workspace.client.get(long).await.expect(200)).len(), 4);
    let bill = usage_path(&workspace, "?period=current_billing_period");
    assert_eq!(
        workspace.client.get(bill).await.expect(404),
        json!({"detail": "No billing periods found for this organisation."})
    );
    let odd = usage_path(&workspace, "?period=week&environment_id=x");
    assert_eq!(
        workspace.client.get(odd).await.expect(400),
        json!({"period": ["\"week\" is not a valid choice."], "environment_id": ["A valid integer is required."]})
    );
    server.stop().await;
}

#[tokio::test]
async fn usage_is_for_admins_who_do_not_ask_too_often() {
    let server = server_at_noon().await;
    let workspace = server.workspace(false).await;
    let viewer = member(
        &server,
        &workspace,
        "viewer@example.com",
        &["VIEW_PROJECT"],
        &["VIEW_ENVIRONMENT"],
    )
    .await;
    let old = ["influx-data/", "usage/"]
        .map(|below| format!("/api/v1/organisations/{}/{below}", workspace.organisation));
    for path in ["", "total-count/"]
        .map(|below| usage_path(&workspace, below))
        .into_iter()
        .chain(old)
    {
        let refused = viewer.get(path).await.expect(403);
        let detail = "User does not have sufficient privileges to perform this action";
        assert_eq!(refused, json!({"detail": detail}));
    }
    for _ in 0..5 {
        workspace
            .client
            .get(usage_path(&workspace, "total-count/"))
            .await
            .expect(200);
    }
    workspace.client.get(usage_path(&workspace, "")).await.expect(429);
    server.stop().await;
}

#[tokio::test]
async fn evaluations_are_told_by_feature() {
    let server = server_at_noon().await;
    let workspace = server.workspace(false).await;
    let feature = workspace.feature("checkout", "x").await;
    let other = workspace.feature("banner", "x").await;
    let sdk = workspace.sdk();
    let report = json!({"checkout": 3, "Checkout": 1, "unknown": 9, "banner": "many", "": null});
    let counted = sdk.post(BY_NAME, report).await;
    assert_eq!((counted.status, counted.text.as_str()), (200, ""));
    for report in [
        json!({"banner": 1.5}),
        json!({"banner": true}),
        json!({"banner": -4}),
        json!({"banner": 4_000_000_000_i64}),
        json!({}),
    ] {
        sdk.post(BY_NAME, report).await.expect(200);
    }
    let detailed = json!({"evaluations": [
        {"feature_name": "checkout", "identity_identifier": "u", "enabled_when_evaluated": true, "count": 2},
        {"feature_name": "checkout", "identity_identifier": null, "enabled_when_evaluated": false, "count": 5},
        {"feature_name": "unknown", "enabled_when_evaluated": true, "count": 5},
    ]});
    let counted = as_js(&sdk).post(IN_DETAIL, detailed).await;
    assert_eq!((counted.status, counted.text.as_str()), (204, ""));
    flush(&server.app).await.unwrap();

    let js = json!({"user_agent": "flagsmith-js-sdk/12.4.0", "client_application_name": "shop",
        "client_application_version": "1.0"});
    let (plain, labelled) = (
        json!({"day": today(&server), "count": 3, "labels": nobody()}),
        json!({"day": today(&server), "count": 7, "labels": js}),
    );
    assert_eq!(
        evaluations(&workspace, feature, "").await,
        json!([plain, labelled])
    );
    assert_eq!(
        evaluations(&workspace, feature, "&period=1&client_application_version=1.0").await,
        json!([labelled])
    );
    assert_eq!(evaluations(&workspace, feature, "&period=0").await, json!([]));
    assert_eq!(
        evaluations(&workspace, feature, "&period=-2147483648").await,
        json!([])
    );
    assert_eq!(evaluations(&workspace, other, "").await, json!([]));
    server.stop().await;
}

#[tokio::test]
async fn reports_that_are_none_are_refused() {
    let server = server_at_noon().await;
    let workspace = server.workspace(false).await;
    let sdk = workspace.sdk();
    let no_object = json!({"non_field_errors": ["Expected a JSON object."]});
    for body in ["[]", "null", "7", "\"x\""] {
        let answer = sdk
            .send_bytes(Method::POST, BY_NAME, "application/json", body.into())
            .await;
        assert_eq!(answer.expect(400), no_object, "{body}");
    }
    for path in [BY_NAME, IN_DETAIL] {
        let broken = sdk
            .send_bytes(Method::POST, path, "application/json", b"{".to_vec())
            .await;
        assert!(
            broken.expect(400)["detail"]
                .as_str()
                .unwrap()
                .starts_with("JSON parse error - ")
        );
        let unknown = sdk.with_environment_key("unknown").post(path, json!({})).await;
        assert_eq!(
            unknown.expect(403),
            json!({"detail": "Invalid or missing Environment Key"})
        );
        let nobody = server.anonymous().post(path, json!({})).await;
        assert_eq!(
            nobody.expect(403),
            json!({"detail": "Invalid or missing Environment key"})
        );
    }
    let required = json!(["This field is required."]);
    for (body, expected) in [
        (json!({}), json!({"evaluations": required})),
        (
            json!({"evaluations": [{"feature_name": "x", "enabled_when_evaluated": true, "count": 1}, {}]}),
            json!({"evaluations": [{}, {"feature_name": required, "enabled_when_evaluated": required, "count": required}]}),
        ),
        (
            json!({"evaluations": [{"feature_name": "x", "enabled_when_evaluated": "perhaps", "count": "many"}]}),
            json!({"evaluations": [{"enabled_when_evaluated": ["Must be a valid boolean."],
                "count": ["A valid integer is required."]}]}),
        ),
    ] {
        assert_eq!(
            sdk.post(IN_DETAIL, body.clone()).await.expect(400),
            expected,
            "{body}"
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn what_was_counted_outlives_the_server() {
    let server = server_at_noon().await;
    let workspace = server.workspace(false).await;
    let feature = workspace.feature("checkout", "x").await;
    workspace
        .sdk()
        .post(BY_NAME, json!({"checkout": 3}))
        .await
        .expect(200);
    let server = server.restart().await;
    let sdk = server
        .anonymous()
        .with_environment_key(&workspace.environment_key);
    sdk.post(BY_NAME, json!({"checkout": 4})).await.expect(200);
    // The job stores it without being asked to.
    let admin = server.anonymous().with_token(&sign_in(&server).await);
    let path = workspace.project_path(&format!(
        "features/{feature}/evaluation-data/?environment_id={}",
        workspace.environment
    ));
    let deadline = Instant::now() + Duration::from_mins(2);
    loop {
        let told = admin.get(&path).await.expect(200);
        assert!(
            told[0]["count"].as_i64().unwrap() >= 3,
            "stored at the stop: {told}"
        );
        if told == json!([{"day": today(&server), "count": 7, "labels": nobody()}]) {
            break;
        }
        assert!(Instant::now() < deadline, "not stored: {told}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    server.stop().await;
}

async fn sign_in(server: &TestServer) -> String {
    let body = json!({"email": "admin@example.com", "password": "a sound p4ssphrase"});
    let answer = server
        .anonymous()
        .post("/api/v1/auth/login/", body)
        .await
        .expect(200);
    answer["key"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_is_gone_does_not_keep_the_rest_from_being_stored() {
    let server = server_at_noon().await;
    let workspace = server.workspace(false).await;
    let kept = workspace.feature("kept", "x").await;
    let gone = workspace.feature("gone", "x").await;
    let sdk = workspace.sdk();
    sdk.post(BY_NAME, json!({"kept": 1, "gone": 1})).await.expect(200);
    let path = workspace.project_path(&format!("features/{gone}/"));
    workspace.client.delete(path).await.expect(204);
    flush(&server.app).await.unwrap();
    assert_eq!(evaluations(&workspace, kept, "").await[0]["count"], 1);
    server.stop().await;
}
