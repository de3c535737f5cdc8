//! Results beyond their totals: day by day (docs/breakdowns.md).

use super::computations::computed;
use crate::support::{keys, member};
use liftgate_testkit::{TestServer, Workspace};
use serde_json::{Value, json};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Identities of each of the two variants that come at once.
const IDENTITIES: i64 = 120;

/// Days that the experiments of these tests run.
const DAYS: i64 = 10;

fn own(workspace: &Workspace, experiment: i64, action: &str) -> String {
    let path = workspace.path(&format!("experiments/{experiment}/{action}"));
    path.replace("/api/v1/", "/api/liftgate/v1/")
}

fn event(name: &str, identity: &str, value: &str, metadata: &Value, timestamp: i64) -> Value {
    json!({"event": name, "feature_name": (name == "$flag_exposure").then_some("checkout"), "identifier": identity,
        "value": value, "traits": null, "metadata": metadata, "timestamp": timestamp})
}

/// A running experiment of half of all identities, with a metric that sums purchases.
async fn running(workspace: &Workspace) -> i64 {
    let flag = workspace.flag("checkout", &[("ka", "a", 0.0)]).await;
    let rollout = workspace.rollout(&flag, 50.0, &[50.0]);
    let id = workspace.experiment(&flag, Some(rollout)).await;
    let metric = workspace.metric("Revenue", "purchase", "sum").await;
    let body = json!({"metric": metric, "expected_direction": "increase"});
    let attachments = workspace.path(&format!("experiments/{id}/metrics/"));
    workspace.client.post(attachments, body).await.expect(201);
    let start = workspace.path(&format!("experiments/{id}/start/"));
    workspace.client.post(start, json!({})).await.expect(200);
    id
}

async fn send(workspace: &Workspace, events: &[Value]) {
    for batch in events.chunks(1_000) {
        let answer = workspace
            .sdk()
            .post("/v1/events", json!({"events": batch}))
            .await
            .expect(202);
        assert_eq!(answer["accepted"], batch.len());
    }
}

/// Lets days pass, in steps that do not let the session end.
async fn pass_days(server: &TestServer, workspace: &Workspace, days: i64) {
    for _ in 0..4 * days {
        server.clock.advance_seconds(6 * 3_600);
        workspace.client.get("/api/v1/auth/users/me/").await.expect(200);
    }
}

async fn refreshed(workspace: &Workspace, id: i64) -> Value {
    let path = workspace.path(&format!("experiments/{id}/results/refresh/"));
    workspace.client.post(path, json!({})).await.expect(202);
    computed(workspace, id, "results").await
}

/// Everybody buys every day; the variant's lift fades from a half to nothing. Every day two more come, who buy nothing.
fn fading_events(start: i64) -> Vec<Value> {
    let mut events = Vec::new();
    for identity in 0..2 * IDENTITIES {
        let (variant, who) = (["control", "ka"][usize::from(identity >= IDENTITIES)], format!("u{identity}"));
        events.push(event("$flag_exposure", &who, variant, &json!({}), start));
        for day in 0..DAYS {
            let fading = if variant == "ka" { 20 - 2 * day } else { 0 };
            let value = (10 + identity % 5) * (40 + fading);
            let at = start + day * DAY_MS + identity;
            events.push(event("purchase", &who, &value.to_string(), &json!({}), at));
        }
    }
    for day in 1..DAYS {
        for (variant, at) in [("control", 0), ("ka", 1)] {
            let who = format!("late-{variant}-{day}");
            events.push(event("$flag_exposure", &who, variant, &json!({}), start + day * DAY_MS + at));
        }
    }
    events
}

#[tokio::test(flavor = "multi_thread")]
async fn results_are_told_day_by_day() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let id = running(&workspace).await;
    let path = own(&workspace, id, "results/series/");
    assert_eq!(workspace.client.get(&path).await.expect(200), json!({"series": null}));
    let start = liftgate_model::Clock::now(server.clock.as_ref()).as_millis() + 1;
    pass_days(&server, &workspace, DAYS).await;
    send(&workspace, &fading_events(start)).await;
    let results = refreshed(&workspace, id).await;

    let found = workspace.client.get(&path).await.expect(200)["series"].clone();
    assert_eq!(keys(&found), ["as_of", "is_final", "payload"]);
    assert_eq!((&found["as_of"], &found["is_final"]), (&results["as_of"], &json!(false)));
    assert_eq!(found["payload"]["variants_left_out"], 0);
    let whole = &results["payload"]["metrics"][0];
    let metric = &found["payload"]["metrics"][0];
    assert_eq!(metric["metric_id"], whole["metric_id"]);
    assert_eq!(keys(&metric["variants"]), ["ka"]);
    let series = &metric["variants"]["ka"];
    let (cumulative, daily) = (series["cumulative"].as_array().unwrap(), series["daily"].as_array().unwrap());
    // The clock of the tests stands at noon or so: ten days later there are eleven dates.
    let dates = start.div_euclid(DAY_MS)..=(start + DAYS * DAY_MS).div_euclid(DAY_MS);
    assert_eq!(cumulative.len(), dates.count());
    assert_eq!(daily.len(), cumulative.len());

    // The last point is what the results say, by the same interval.
    let (last, analysis) = (cumulative.last().unwrap(), &whole["analysis"]["ka"]);
    assert_eq!(last["estimate"], analysis["absolute"]["estimate"]);
    assert_eq!(last["standard_error"], analysis["absolute"]["standard_error"]);
    assert_eq!(last["ci_low"], analysis["sequential"]["ci_low"]);
    assert_eq!(last["relative_ci_high"], analysis["sequential"]["relative_ci_high"]);
    assert_eq!(last["units"], whole["variants"]["ka"]["n"]);
    assert_eq!(last["is_complete"], false);

    // A day by itself is of those who were there before it began: nobody on the first day.
    assert_eq!((&daily[0]["units"], &daily[0]["status"]), (&json!(0), &json!("insufficient_data")));
    assert_eq!(daily[1]["units"], IDENTITIES);
    assert_eq!(daily[2]["units"], IDENTITIES + 1);
    let lift = |point: &Value| point["lift"].as_f64().unwrap();
    assert!((lift(&daily[1]) - 0.45).abs() < 1e-9, "{}", daily[1]);
    assert!((cumulative[1]["lift"].as_f64().unwrap() - 0.475).abs() < 0.01, "{}", cumulative[1]);
    let novelty = &series["novelty"];
    assert_eq!((&novelty["scale"], &novelty["flagged"]), (&json!("relative"), &json!(true)));
    assert!(novelty["slope"].as_f64().unwrap() < -0.04, "{novelty}");

    // Two of a day enter, and half of all do: four are eligible.
    let impact = &series["scaled_impact"];
    assert!((impact["units_per_day"].as_f64().unwrap() - 4.0).abs() < 1e-9, "{impact}");
    let scaled = 4.0 * last["estimate"].as_f64().unwrap();
    assert!((impact["estimate"].as_f64().unwrap() - scaled).abs() < 1e-9, "{impact}");
    server.stop().await;
}

#[tokio::test]
async fn who_may_read_breakdowns() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let id = running(&workspace).await;
    let granted: [(&str, &[&str], u16); 2] = [
        ("viewer@example.com", &["VIEW_ENVIRONMENT"], 200),
        ("other@example.com", &[], 403),
    ];
    for (mail, permissions, status) in granted {
        let who = member(&server, &workspace, mail, &["VIEW_PROJECT"], permissions).await;
        let path = own(&workspace, id, "results/series/");
        assert_eq!(who.get(&path).await.status, status, "{mail}");
    }
    let missing = own(&workspace, 999, "results/series/");
    assert_eq!(workspace.client.get(&missing).await.status, 404);
    server.stop().await;
}
