//! What the settings of an analysis do with metrics that say something else, and how long it still takes.

use super::computations::computed;
use liftgate_model::Clock as _;
use liftgate_testkit::{TestServer, Workspace};
use serde_json::{Value, json};

const DAY_S: i64 = 86_400;

/// The settings of an analysis by version 1 and by version 2 of a sum, over 60 identities an arm of whom a few spend a lot, after
/// two days; the results of the two metrics.
async fn analysed(settings: Value) -> Value {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace.flag("checkout", &[("ka", "a", 0.0)]).await;
    let rollout = workspace.rollout(&flag, 100.0, &[50.0]);
    let id = workspace.experiment(&flag, Some(rollout)).await;
    let path = |action: &str| workspace.path(&format!("experiments/{id}/{action}"));
    let client = &workspace.client;
    for definition in [
        json!({"version": 1, "event": "purchase"}),
        json!({"version": 2, "event": "purchase", "cap": {"upper_value": 10}, "covariate": {"look_back_days": 7}}),
    ] {
        let body = json!({"name": format!("Spent {}", definition["version"]), "aggregation": "sum", "direction": "up",
            "definition": definition});
        let metric = client
            .post(workspace.path("experiment-metrics/"), body)
            .await
            .expect(201);
        let body = json!({"metric": metric["id"], "expected_direction": "increase"});
        client.post(path("metrics/"), body).await.expect(201);
    }
    let analysis = path("analysis/").replace("/api/v1/", "/api/liftgate/v1/");
    client.patch(analysis, settings).await.expect(200);
    client.post(path("start/"), json!({})).await.expect(200);
    let start = server.clock.now().as_millis() + 1;
    let mut events = Vec::new();
    let event = |name: &str, who: &str, value: &str, at: i64| {
        json!({"event": name, "feature_name": (name == "$flag_exposure").then_some("checkout"), "identifier": who,
            "value": value, "traits": null, "metadata": {}, "timestamp": start + at})
    };
    for number in 0..120_i64 {
        let variant = if number % 2 == 0 { "control" } else { "ka" };
        let who = format!("u{number}");
        let spent = if number < 4 { 1_000 } else { 1 + number % 7 };
        events.push(event("$flag_exposure", &who, variant, 10));
        events.push(event("purchase", &who, &spent.to_string(), 20));
        events.push(event(
            "purchase",
            &who,
            &(spent + number % 3).to_string(),
            -1_000_000,
        ));
    }
    for batch in events.chunks(100) {
        let sdk = workspace.sdk();
        sdk.post("/v1/events", json!({"events": batch})).await.expect(202);
    }
    pass_days(&server, &workspace, 2).await;
    client.post(path("results/refresh/"), json!({})).await.expect(202);
    let results = computed(&workspace, id, "results").await;
    server.stop().await;
    results["payload"]["metrics"].clone()
}

/// Lets days pass in steps that do not let the session end.
async fn pass_days(server: &TestServer, workspace: &Workspace, days: i64) {
    for _ in 0..4 * days {
        server.clock.advance_seconds(DAY_S / 4);
        workspace.client.get("/api/v1/auth/users/me/").await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_left_alone_without_a_word() {
    let metrics = analysed(json!({})).await;
    let of = |index: usize| &metrics[index]["analysis"]["ka"];
    assert_eq!(
        (&of(0)["cuped"], &of(0)["winsorised"]),
        (&Value::Null, &Value::Null)
    );
    assert!(of(1)["cuped"]["theta"].as_f64().unwrap() > 0.1);
    assert_eq!(of(1)["winsorised"]["upper_threshold"], 10.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_covariate_and_a_cap_are_put_on_every_metric() {
    let metrics = analysed(json!({"covariate": true, "upper_percentile": 95})).await;
    for index in [0, 1] {
        let analysis = &metrics[index]["analysis"]["ka"];
        assert!(analysis["cuped"]["theta"].as_f64().unwrap() > 0.1);
        // Four of 120 spend a thousand, so the threshold is what everybody else spends at most.
        assert_eq!(analysis["winsorised"]["upper_threshold"], 7.0);
        assert_eq!(analysis["winsorised"]["n_capped"], 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_covariate_and_a_cap_are_taken_from_every_metric() {
    let metrics = analysed(json!({"covariate": false, "upper_percentile": 100})).await;
    for index in [0, 1] {
        let analysis = &metrics[index]["analysis"]["ka"];
        assert_eq!(
            (&analysis["cuped"], &analysis["winsorised"]),
            (&Value::Null, &Value::Null)
        );
    }
    assert_eq!(metrics[0]["variants"], metrics[1]["variants"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn days_left_go_by_the_full_days_before() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace.flag("checkout", &[("ka", "a", 0.0)]).await;
    let rollout = workspace.rollout(&flag, 100.0, &[50.0]);
    let id = workspace.experiment(&flag, Some(rollout)).await;
    let path = |action: &str| workspace.path(&format!("experiments/{id}/{action}"));
    let client = &workspace.client;
    let metric = workspace.metric("Purchases", "purchase", "occurrence").await;
    let body = json!({"metric": metric, "expected_direction": "increase"});
    client.post(path("metrics/"), body).await.expect(201);
    let analysis = path("analysis/").replace("/api/v1/", "/api/liftgate/v1/");
    client
        .patch(analysis, json!({"planned_units": 2_000}))
        .await
        .expect(200);
    client.post(path("start/"), json!({})).await.expect(200);
    // A hundred identities come every day, at the time of the start.
    for day in 0..4 {
        let now = server.clock.now().as_millis();
        let events: Vec<Value> = (0..200)
            .map(|number| {
                let variant = if number % 2 == 0 { "control" } else { "ka" };
                let (name, value) = if number < 100 { ("$flag_exposure", variant) } else { ("purchase", "1") };
                let number = number % 100;
                let buys = name == "$flag_exposure" || number < 20;
                json!({"event": if buys { name } else { "visit" }, "feature_name": (name == "$flag_exposure").then_some("checkout"),
                    "identifier": format!("d{day}u{number}"), "value": value, "traits": null, "metadata": {}, "timestamp": now + 5})
            })
            .collect();
        for batch in events.chunks(100) {
            let sdk = workspace.sdk();
            sdk.post("/v1/events", json!({"events": batch})).await.expect(202);
        }
        pass_days(&server, &workspace, 1).await;
    }
    for kind in ["exposures", "results"] {
        server.clock.advance_seconds(301);
        client
            .post(path(&format!("{kind}/refresh/")), json!({}))
            .await
            .expect(202);
        computed(&workspace, id, kind).await;
    }
    let results = computed(&workspace, id, "results").await;
    let power = &results["payload"]["metrics"][0]["analysis"]["ka"]["power"];
    // 1600 are missing, at 100 a day.
    assert_eq!(power["days_left"], 16);
    let end = |name: &str| power[name].as_u64().unwrap();
    assert!(end("days_left_low") < 16 && end("days_left_high") > 16, "{power}");
    server.stop().await;
}
