//! How the results of an experiment are judged: the settings of the analysis.

use crate::support::{audit_log, keys, member};
use liftgate_testkit::{TestServer, Workspace};
use serde_json::{Value, json};
use std::time::Duration;

fn defaults() -> Value {
    json!({"method": "auto", "alpha": 0.05, "planned_units": null, "target_lift": null, "power": 0.8,
        "prior": {"mean": 0.0, "sd": 0.3}, "goal_correction": "holm", "secondary_correction": "benjamini_hochberg",
        "guardrail_margin": 0.02, "min_days": 7, "max_days": 28,
        "covariate": null, "upper_percentile": null})
}

fn with(changes: &Value) -> Value {
    let mut settings = defaults();
    for (field, value) in changes.as_object().expect("an object") {
        settings[field] = value.clone();
    }
    settings
}

fn path(workspace: &Workspace, experiment: i64) -> String {
    let own = workspace.path(&format!("experiments/{experiment}/analysis/"));
    own.replace("/api/v1/", "/api/liftgate/v1/")
}

async fn set_up(workspace: &Workspace) -> i64 {
    let flag = workspace.flag("checkout", &[("ka", "a", 0.0)]).await;
    let rollout = workspace.rollout(&flag, 100.0, &[50.0]);
    workspace.experiment(&flag, Some(rollout)).await
}

#[tokio::test]
async fn settings_are_read_and_changed_in_part() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let id = set_up(&workspace).await;
    let path = path(&workspace, id);
    let client = &workspace.client;
    let found = client.get(&path).await.expect(200);
    assert_eq!(found, defaults());
    assert_eq!(keys(&found), keys(&defaults()));

    let first = json!({"alpha": 0.01, "planned_units": 40_000, "target_lift": 0.05, "prior": {"sd": 0.1}});
    let changed = client.patch(&path, first).await.expect(200);
    let expected = with(
        &json!({"alpha": 0.01, "planned_units": 40_000, "target_lift": 0.05, "prior": {"mean": 0.0, "sd": 0.1}}),
    );
    assert_eq!(changed, expected);
    assert_eq!(client.get(&path).await.expect(200), expected);

    let second = json!({"planned_units": null, "target_lift": null, "method": "fixed", "goal_correction": "bonferroni",
        "secondary_correction": "benjamini_yekutieli", "guardrail_margin": 0.1, "power": 0.9, "min_days": 1, "max_days": 14,
        "covariate": false, "upper_percentile": 99.5});
    let mut expected = with(&second);
    expected["alpha"] = json!(0.01);
    expected["prior"]["sd"] = json!(0.1);
    assert_eq!(client.patch(&path, second).await.expect(200), expected);

    // A change is recorded; one that changes nothing is not.
    client.patch(&path, json!({"min_days": 1})).await.expect(200);
    let mut records = audit_log(&server, &workspace).await;
    records.retain(|log| log.contains("analysis changed"));
    assert_eq!(
        records,
        ["Experiment 'Button colour' analysis changed for environment Production"; 2]
    );
    server.stop().await;
}

#[tokio::test]
async fn what_cannot_be_is_refused_by_field() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let id = set_up(&workspace).await;
    let path = path(&workspace, id);
    let at_least = |least: &str| format!("Ensure this value is greater than or equal to {least}.");
    let at_most = |most: &str| format!("Ensure this value is less than or equal to {most}.");
    let choice = |name: &str| format!("\"{name}\" is not a valid choice.");
    for (change, field, complaint) in [
        (json!({"alpha": 0}), "alpha", at_least("0.0001")),
        (json!({"alpha": 0.6}), "alpha", at_most("0.5")),
        (
            json!({"alpha": "much"}),
            "alpha",
            "A valid number is required.".to_owned(),
        ),
        (
            json!({"alpha": null}),
            "alpha",
            "This field may not be null.".to_owned(),
        ),
        (json!({"method": "peeking"}), "method", choice("peeking")),
        (
            json!({"goal_correction": "none"}),
            "goal_correction",
            choice("none"),
        ),
        (json!({"planned_units": 1}), "planned_units", at_least("2")),
        (json!({"target_lift": 0}), "target_lift", at_least("0.0001")),
        (json!({"power": 1}), "power", at_most("0.999")),
        (json!({"guardrail_margin": 2}), "guardrail_margin", at_most("1")),
        (json!({"min_days": 0}), "min_days", at_least("1")),
        (
            json!({"min_days": 30}),
            "max_days",
            "Must not be less than min_days.".to_owned(),
        ),
        (
            json!({"method": "group_sequential"}),
            "planned_units",
            "A group sequential test needs planned units.".to_owned(),
        ),
        (
            json!({"upper_percentile": 49}),
            "upper_percentile",
            at_least("50"),
        ),
        (
            json!({"upper_percentile": 100.5}),
            "upper_percentile",
            at_most("100"),
        ),
        (
            json!({"covariate": "perhaps"}),
            "covariate",
            "Must be a valid boolean.".to_owned(),
        ),
        (
            json!({"goal_correction": "e_benjamini_hochberg", "planned_units": 1_000}),
            "goal_correction",
            "Only confidence sequences have e-values: the method must be sequential.".to_owned(),
        ),
        (
            json!({"secondary_correction": "e_benjamini_hochberg", "method": "fixed"}),
            "secondary_correction",
            "Only confidence sequences have e-values: the method must be sequential.".to_owned(),
        ),
    ] {
        let refused = workspace.client.patch(&path, change.clone()).await;
        assert_eq!(refused.status, 400, "{change}: {}", refused.text);
        assert_eq!(refused.body["errors"], json!({field: [complaint]}), "{change}");
    }
    let refused = workspace.client.patch(&path, json!({"prior": {"sd": 0}})).await;
    assert_eq!(
        refused.body["errors"],
        json!({"prior": {"sd": [at_least("0.0001")]}})
    );
    assert_eq!(workspace.client.get(&path).await.expect(200), defaults());
    server.stop().await;
}

#[tokio::test]
async fn a_started_experiment_keeps_its_analysis() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let id = set_up(&workspace).await;
    let path = path(&workspace, id);
    let client = &workspace.client;
    let planned = json!({"planned_units": 1_000});
    client.patch(&path, planned.clone()).await.expect(200);
    let start = workspace.path(&format!("experiments/{id}/start/"));
    client.post(start, json!({})).await.expect(200);
    for change in [
        json!({"planned_units": 2_000}),
        json!({"alpha": 0.1}),
        json!({"method": "sequential"}),
        json!({"guardrail_margin": 0.5, "max_days": 40}),
        json!({"covariate": false}),
        json!({"upper_percentile": 99}),
    ] {
        let refused = client.patch(&path, change).await;
        assert_eq!(refused.status, 409);
        assert_eq!(refused.body["code"], "experiment_started");
    }
    assert_eq!(client.get(&path).await.expect(200), with(&planned));
    let longer = json!({"planned_units": 1_000, "max_days": 40});
    let changed = client.patch(&path, longer.clone()).await.expect(200);
    assert_eq!(changed, with(&longer));
    server.stop().await;
}

#[tokio::test]
async fn who_may_read_and_who_may_change() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let id = set_up(&workspace).await;
    let path = path(&workspace, id);
    let viewer = member(
        &server,
        &workspace,
        "viewer@example.com",
        &["VIEW_PROJECT"],
        &["VIEW_ENVIRONMENT"],
    )
    .await;
    assert_eq!(viewer.get(&path).await.expect(200), defaults());
    assert_eq!(viewer.patch(&path, json!({"alpha": 0.1})).await.status, 403);
    let missing = path.replace(&format!("/{id}/"), "/999/");
    assert_eq!(workspace.client.get(&missing).await.status, 404);
    assert_eq!(workspace.client.patch(&missing, json!({})).await.status, 404);
    server.stop().await;
}

/// The payload of the results, once `wanted` holds of it.
async fn results(workspace: &Workspace, experiment: i64, wanted: impl Fn(&Value) -> bool) -> Value {
    let path = workspace.path(&format!("experiments/{experiment}/results/"));
    for _ in 0..600 {
        let row = workspace.client.get(&path).await.expect(200)["results"].clone();
        if wanted(&row["payload"]) {
            return row["payload"].clone();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the results never became what they should")
}

/// Lets a day pass during which the session is used, so that it does not end.
async fn pass_a_day(server: &TestServer, workspace: &Workspace) {
    for _ in 0..4 {
        server.clock.advance_seconds(21_600);
        workspace.client.get("/api/v1/auth/users/me/").await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_sequential_test_looks_once_a_day() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let id = set_up(&workspace).await;
    let client = &workspace.client;
    let metric = workspace.metric("Purchases", "purchase", "occurrence").await;
    let attachments = workspace.path(&format!("experiments/{id}/metrics/"));
    let body = json!({"metric": metric, "expected_direction": "increase"});
    client.post(attachments, body).await.expect(201);
    let change = json!({"planned_units": 800, "alpha": 0.04});
    client.patch(path(&workspace, id), change).await.expect(200);
    let start = workspace.path(&format!("experiments/{id}/start/"));
    client.post(start, json!({})).await.expect(200);

    let now = liftgate_model::Clock::now(server.clock.as_ref()).as_millis();
    let event = |name: &str, who: &str, value: &str, at: i64| {
        let feature = (name == "$flag_exposure").then_some("checkout");
        json!({"event": name, "feature_name": feature, "identifier": who, "value": value, "traits": null, "metadata": {},
            "timestamp": now + at})
    };
    let mut events = Vec::new();
    for number in 0..400 {
        let variant = if number % 2 == 0 { "control" } else { "ka" };
        let who = format!("u{number}");
        events.push(event("$flag_exposure", &who, variant, 10));
        if number % 2 == 1 && number < 200 {
            events.push(event("purchase", &who, "1", 20));
        }
    }
    let body = json!({"events": events});
    workspace.sdk().post("/v1/events", body).await.expect(202);

    // Within the first day nothing is spent.
    server.clock.advance_seconds(7_200);
    let early = results(&workspace, id, |payload| {
        payload["metrics"][0]["variants"]["ka"]["n"] == 200
    })
    .await;
    assert_eq!(early.get("group_sequential"), None);
    assert_eq!(early["engine"]["method"], "group_sequential");
    assert_eq!(early["engine"]["alpha"], 0.04);

    pass_a_day(&server, &workspace).await;
    let first = results(&workspace, id, |payload| !payload["group_sequential"].is_null()).await;
    let spent = &first["group_sequential"];
    assert_eq!(
        (&spent["alpha_per_comparison"], &spent["day"]),
        (&json!(0.04), &json!(1.0))
    );
    assert_eq!(spent["looks"]["ka"].as_array().unwrap().len(), 1);
    assert_eq!(spent["looks"]["ka"][0]["information"], 0.5);
    let analysis = &first["metrics"][0]["analysis"]["ka"];
    let test = &analysis["group_sequential"];
    assert_eq!((&test["crossed"], &test["looks"]), (&json!(true), &json!(1)));
    assert_eq!(analysis["verdict"], "win");

    // The next day brings no identities: nothing is spent, and what was found stays.
    pass_a_day(&server, &workspace).await;
    let second = results(&workspace, id, |payload| {
        payload["group_sequential"]["day"] == 2.0
    })
    .await;
    assert_eq!(second["group_sequential"]["looks"], spent["looks"]);
    assert_eq!(second["metrics"][0]["analysis"]["ka"]["verdict"], "win");
    server.stop().await;
}
