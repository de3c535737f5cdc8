//! Traits set by older SDKs and scripts: on a real database, with callers at the same time.

use liftgate_testkit::{Answer, Client, TestServer, Workspace};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

const SET: &str = "/api/v1/traits/";
const BULK: &str = "/api/v1/traits/bulk/";
const INCREMENT: &str = "/api/v1/traits/increment-value/";

fn own(identifier: &str, trait_key: &str, value: impl Into<Value>) -> Value {
    json!({"identity": {"identifier": identifier}, "trait_key": trait_key, "trait_value": value.into()})
}

fn increment(by: i64) -> Value {
    json!({"identifier": "alice", "trait_key": "visits", "increment_by": by})
}

/// The traits that evaluation sees, by key.
async fn seen(sdk: &Client, identifier: &str) -> Value {
    let answer = sdk
        .get(format!("/api/v1/identities/?identifier={identifier}"))
        .await
        .expect(200);
    let traits = answer["traits"].as_array().unwrap();
    traits
        .iter()
        .map(|one| {
            (
                one["trait_key"].as_str().unwrap().to_owned(),
                one["trait_value"].clone(),
            )
        })
        .collect()
}

/// The value of a flag that is served to the segment `plan = pro` only.
async fn flag_of(sdk: &Client, identifier: &str) -> Value {
    let path = format!("/api/v1/identities/?identifier={identifier}&feature=banner");
    sdk.get(path).await.expect(200)["feature_state_value"].clone()
}

async fn environment_with_a_segment(server: &TestServer) -> Workspace {
    let workspace = server.workspace(false).await;
    let feature = workspace.feature("banner", "plain").await;
    let segment = workspace
        .client
        .post(
            format!("/api/v1/projects/{}/segments/", workspace.project),
            json!({"name": "pro", "project": workspace.project, "rules": [{"type": "ALL", "rules": [], "conditions": [
                {"operator": "EQUAL", "property": "plan", "value": "pro"}]}]}),
        )
        .await
        .expect(201);
    let link = workspace
        .client
        .post(
            "/api/v1/features/feature-segments/",
            json!({"feature": feature, "segment": segment["id"], "environment": workspace.environment}),
        )
        .await
        .expect(201);
    workspace
        .client
        .post(
            "/api/v1/features/featurestates/",
            json!({"feature": feature, "environment": workspace.environment, "feature_segment": link["id"],
                "enabled": true, "feature_state_value": {"type": "unicode", "string_value": "for pros"}}),
        )
        .await
        .expect(201);
    workspace
}

#[tokio::test]
async fn what_is_set_counts_in_the_next_evaluation() {
    let server = TestServer::start().await;
    let workspace = environment_with_a_segment(&server).await;
    let sdk = workspace.sdk();
    assert_eq!(flag_of(&sdk, "alice").await, "plain");
    let set = sdk.post(SET, own("alice", "plan", "pro")).await.expect(200);
    assert_eq!(set, own("alice", "plan", "pro"));
    assert_eq!(flag_of(&sdk, "alice").await, "for pros");

    let changes = json!([
        own("alice", "plan", Value::Null),
        own("bob", "plan", "pro"),
        own("bob", "age", 7)
    ]);
    let set = sdk.put(BULK, changes).await.expect(200);
    assert_eq!(set, json!([own("bob", "plan", "pro"), own("bob", "age", 7)]));
    assert_eq!(flag_of(&sdk, "alice").await, "plain");
    assert_eq!(flag_of(&sdk, "bob").await, "for pros");

    let added = sdk.post(INCREMENT, increment(3)).await.expect(200);
    assert_eq!(
        added,
        json!({"trait_key": "visits", "trait_value": 3, "identifier": "alice"})
    );
    assert_eq!(seen(&sdk, "alice").await, json!({"visits": 3}));
    let added = sdk.post(INCREMENT, increment(-5)).await.expect(200);
    assert_eq!(added["trait_value"], -2);
    sdk.post(SET, own("alice", "visits", "many")).await.expect(200);
    let refused = sdk.post(INCREMENT, increment(1)).await.expect(400);
    assert_eq!(refused, json!(["Trait is not an integer."]));
    sdk.post(SET, own("alice", "visits", i64::MAX)).await.expect(200);
    sdk.post(INCREMENT, increment(1)).await.expect(400);
    assert_eq!(seen(&sdk, "alice").await, json!({"visits": i64::MAX}));

    let server = server.restart().await;
    let sdk = server
        .anonymous()
        .with_environment_key(&workspace.environment_key);
    assert_eq!(seen(&sdk, "alice").await, json!({"visits": i64::MAX}));
    assert_eq!(seen(&sdk, "bob").await, json!({"plan": "pro", "age": 7}));
    server.stop().await;
}

/// Lets that many callers at a time make calls until all are made.
async fn together(callers: usize, calls: Vec<(Client, Method, &'static str, Value)>) -> Vec<Answer> {
    let mut calls = calls.into_iter();
    let mut running = JoinSet::new();
    let mut answers = Vec::new();
    loop {
        while running.len() < callers
            && let Some((client, method, path, body)) = calls.next()
        {
            running.spawn(async move { client.send(method, path, Some(body)).await });
        }
        match running.join_next().await {
            Some(answer) => answers.push(answer.unwrap()),
            None => return answers,
        }
    }
}

#[tokio::test]
async fn increments_at_the_same_time_all_count() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let sdk = workspace.sdk();
    // Among the increments, what else may happen to the identity: other traits set, and the identity read.
    let calls = (0..400).map(|number| match number % 4 {
        0 | 1 => (sdk.clone(), Method::POST, INCREMENT, increment(1)),
        2 => (
            sdk.clone(),
            Method::POST,
            SET,
            own("alice", &format!("key-{number}"), number),
        ),
        _ => {
            let body = json!({"identifier": "alice", "traits": [
                {"trait_key": format!("key-{number}"), "trait_value": number}]});
            (sdk.clone(), Method::POST, "/api/v1/identities/", body)
        }
    });
    let answers = together(16, calls.collect()).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    let mut sums: Vec<i64> = answers
        .iter()
        .filter(|answer| answer.body.get("identifier").is_some() && answer.body.get("flags").is_none())
        .map(|answer| answer.body["trait_value"].as_i64().unwrap())
        .collect();
    sums.sort_unstable();
    assert_eq!(
        sums,
        (1..=200).collect::<Vec<i64>>(),
        "each call is told its own sum"
    );
    let seen = seen(&sdk, "alice").await;
    assert_eq!(seen["visits"], 200);
    assert_eq!(seen.as_object().unwrap().len(), 201, "no trait is lost");
    server.stop().await;
}

#[tokio::test]
async fn nodes_on_one_database_lose_no_increment() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let environment = liftgate_model::EnvironmentId(i32::try_from(workspace.environment).unwrap());
    // A node is its view of the database: each has memory of its own and does not wait for the others.
    let nodes: Vec<_> = (0..4)
        .map(|_| {
            let source = liftgate_app::StoredIdentities::new(server.store.clone(), server.clock.clone());
            let delivery = liftgate_delivery::Delivery::new(
                std::sync::Arc::new(source),
                server.clock.clone(),
                liftgate_delivery::IdentityOptions::default(),
            );
            std::sync::Arc::new(delivery)
        })
        .collect();
    let mut running = JoinSet::new();
    for node in nodes {
        running.spawn(async move {
            let increment = liftgate_delivery::TraitIncrement {
                key: "visits".to_owned(),
                by: 1,
            };
            for _ in 0..25 {
                node.increment_trait(environment, "alice", &increment)
                    .await
                    .unwrap();
            }
        });
    }
    while let Some(done) = running.join_next().await {
        done.unwrap();
    }
    assert_eq!(seen(&workspace.sdk(), "alice").await, json!({"visits": 100}));
    server.stop().await;
}

#[tokio::test]
async fn a_client_key_sets_nothing_where_client_traits_are_off() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let backend = workspace.server_sdk().await;
    workspace
        .client
        .patch(workspace.path(""), json!({"allow_client_traits": false}))
        .await
        .expect(200);
    let calls = [
        (Method::POST, SET, own("alice", "plan", "pro")),
        (Method::PUT, BULK, json!([own("alice", "plan", "pro")])),
        (Method::POST, INCREMENT, increment(1)),
    ];
    let expected = json!({"non_field_errors": ["Setting traits not allowed with client key."]});
    for (method, path, body) in &calls {
        let refused = workspace
            .sdk()
            .send(method.clone(), path, Some(body.clone()))
            .await;
        assert_eq!(refused.header("access-control-allow-origin"), Some("*"), "{path}");
        assert_eq!(refused.expect(400), expected, "{path}");
        let unknown = server.anonymous().with_environment_key("unknown");
        let unknown = unknown.send(method.clone(), path, Some(body.clone())).await;
        assert_eq!(
            unknown.expect(403),
            json!({"detail": "Invalid or missing Environment Key"})
        );
        let nobody = server
            .anonymous()
            .send(method.clone(), path, Some(body.clone()))
            .await;
        assert_eq!(
            nobody.expect(403),
            json!({"detail": "Invalid or missing Environment key"})
        );
    }
    assert_eq!(seen(&backend, "alice").await, json!({}));
    for (method, path, body) in calls {
        backend.send(method, path, Some(body)).await.expect(200);
    }
    assert_eq!(seen(&backend, "alice").await, json!({"plan": "pro", "visits": 1}));
    server.stop().await;
}

#[tokio::test]
async fn while_the_database_is_away_callers_are_asked_to_come_back() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let sdk = workspace.sdk();
    server.store.clone().close().await.unwrap();
    for (method, path, body) in [
        (Method::POST, SET, own("alice", "plan", "pro")),
        (Method::PUT, BULK, json!([own("alice", "plan", Value::Null)])),
        (Method::POST, INCREMENT, increment(1)),
    ] {
        let refused = sdk.send(method, path, Some(body)).await;
        assert_eq!(
            (refused.status, refused.header("retry-after")),
            (503, Some("2")),
            "{path}"
        );
    }
    server.stop().await;
}
