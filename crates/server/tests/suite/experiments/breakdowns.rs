//! Results beyond their totals: day by day and by dimension (docs/breakdowns.md).

use super::computations::computed;
use crate::support::{audit_log, keys, member};
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
        let (variant, who) = (
            ["control", "ka"][usize::from(identity >= IDENTITIES)],
            format!("u{identity}"),
        );
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
            events.push(event(
                "$flag_exposure",
                &who,
                variant,
                &json!({}),
                start + day * DAY_MS + at,
            ));
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
    assert_eq!(
        workspace.client.get(&path).await.expect(200),
        json!({"series": null})
    );
    let start = liftgate_model::Clock::now(server.clock.as_ref()).as_millis() + 1;
    pass_days(&server, &workspace, DAYS).await;
    send(&workspace, &fading_events(start)).await;
    let results = refreshed(&workspace, id).await;

    let found = workspace.client.get(&path).await.expect(200)["series"].clone();
    assert_eq!(keys(&found), ["as_of", "is_final", "payload"]);
    assert_eq!(
        (&found["as_of"], &found["is_final"]),
        (&results["as_of"], &json!(false))
    );
    assert_eq!(found["payload"]["variants_left_out"], 0);
    let whole = &results["payload"]["metrics"][0];
    let metric = &found["payload"]["metrics"][0];
    assert_eq!(metric["metric_id"], whole["metric_id"]);
    assert_eq!(keys(&metric["variants"]), ["ka"]);
    let series = &metric["variants"]["ka"];
    let (cumulative, daily) = (
        series["cumulative"].as_array().unwrap(),
        series["daily"].as_array().unwrap(),
    );
    // The clock of the tests stands at noon or so: ten days later there are eleven dates.
    let dates = start.div_euclid(DAY_MS)..=(start + DAYS * DAY_MS).div_euclid(DAY_MS);
    assert_eq!(cumulative.len(), dates.count());
    assert_eq!(daily.len(), cumulative.len());

    // The last point is what the results say, by the same interval.
    let (last, analysis) = (cumulative.last().unwrap(), &whole["analysis"]["ka"]);
    assert_eq!(last["estimate"], analysis["absolute"]["estimate"]);
    assert_eq!(last["standard_error"], analysis["absolute"]["standard_error"]);
    assert_eq!(last["ci_low"], analysis["sequential"]["ci_low"]);
    assert_eq!(
        last["relative_ci_high"],
        analysis["sequential"]["relative_ci_high"]
    );
    assert_eq!(last["units"], whole["variants"]["ka"]["n"]);
    assert_eq!(last["is_complete"], false);

    // A day by itself is of those who were there before it began: nobody on the first day.
    assert_eq!(
        (&daily[0]["units"], &daily[0]["status"]),
        (&json!(0), &json!("insufficient_data"))
    );
    assert_eq!(daily[1]["units"], IDENTITIES);
    assert_eq!(daily[2]["units"], IDENTITIES + 1);
    let lift = |point: &Value| point["lift"].as_f64().unwrap();
    assert!((lift(&daily[1]) - 0.45).abs() < 1e-9, "{}", daily[1]);
    assert!(
        (cumulative[1]["lift"].as_f64().unwrap() - 0.475).abs() < 0.01,
        "{}",
        cumulative[1]
    );
    let novelty = &series["novelty"];
    assert_eq!(
        (&novelty["scale"], &novelty["flagged"]),
        (&json!("relative"), &json!(true))
    );
    assert!(novelty["slope"].as_f64().unwrap() < -0.04, "{novelty}");

    // Two of a day enter, and half of all do: four are eligible.
    let impact = &series["scaled_impact"];
    assert!(
        (impact["units_per_day"].as_f64().unwrap() - 4.0).abs() < 1e-9,
        "{impact}"
    );
    let scaled = 4.0 * last["estimate"].as_f64().unwrap();
    assert!(
        (impact["estimate"].as_f64().unwrap() - scaled).abs() < 1e-9,
        "{impact}"
    );
    server.stop().await;
}

#[tokio::test]
async fn dimensions_are_named_and_changed_while_an_experiment_runs() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let id = running(&workspace).await;
    let path = own(&workspace, id, "dimensions/");
    let client = &workspace.client;
    assert_eq!(client.get(&path).await.expect(200), json!({"dimensions": []}));
    let named = json!({"dimensions": ["country", "plan"]});
    assert_eq!(client.patch(&path, named.clone()).await.expect(200), named);
    assert_eq!(client.patch(&path, json!({})).await.expect(200), named);
    assert_eq!(client.patch(&path, named.clone()).await.expect(200), named);
    for (names, complaint) in [
        (json!(["a", "a"]), json!(["\"a\" is named twice."])),
        (json!(["ok", " "]), json!({"1": ["This field may not be blank."]})),
        (
            json!(["x".repeat(256)]),
            json!({"0": ["Ensure this field has no more than 255 characters."]}),
        ),
        (json!(null), json!(["This field may not be null."])),
        (
            json!("country"),
            json!(["Expected a list of items but got type \"str\"."]),
        ),
    ] {
        let refused = client.patch(&path, json!({"dimensions": names})).await;
        assert_eq!(refused.status, 400, "{names}: {}", refused.text);
        assert_eq!(
            refused.body["errors"],
            json!({"dimensions": complaint}),
            "{names}"
        );
    }
    let six = json!({"dimensions": ["a", "b", "c", "d", "e", "f"]});
    assert_eq!(client.patch(&path, six).await.status, 400);
    assert_eq!(client.get(&path).await.expect(200), named);
    let mut records = audit_log(&server, &workspace).await;
    records.retain(|log| log.contains("dimensions changed"));
    assert_eq!(
        records,
        ["Experiment 'Button colour' dimensions changed for environment Production"]
    );
    server.stop().await;
}

/// Those from A buy more in the variant, those from B do not; few are from C, and some say nothing. A trait says the plan.
fn events_of_countries(start: i64) -> Vec<Value> {
    let mut events = Vec::new();
    for identity in 0..2 * 500 {
        let (variant, who) = (
            ["control", "ka"][usize::from(identity >= 500)],
            format!("u{identity}"),
        );
        let (country, lift) = match identity % 500 {
            0..200 => (json!({"country": "A"}), 10),
            200..350 => (json!({"country": "B"}), 0),
            350..390 => (json!({"country": "C"}), 0),
            _ => (json!({}), 0),
        };
        let mut exposure = event("$flag_exposure", &who, variant, &country, start);
        exposure["traits"] = json!({"plan": identity % 2});
        events.push(exposure);
        // What somebody becomes later does not count.
        events.push(event(
            "$flag_exposure",
            &who,
            variant,
            &json!({"country": "D"}),
            start + HOUR_MS,
        ));
        let value = 20 + identity % 7 + if variant == "ka" { lift } else { 0 };
        events.push(event("purchase", &who, &value.to_string(), &json!({}), start + 2));
    }
    events
}

#[tokio::test(flavor = "multi_thread")]
async fn results_are_told_by_dimension() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let id = running(&workspace).await;
    let path = own(&workspace, id, "results/dimensions/");
    let client = &workspace.client;
    assert_eq!(client.get(&path).await.expect(200), json!({"dimensions": null}));
    let start = liftgate_model::Clock::now(server.clock.as_ref()).as_millis() + 1;
    server.clock.advance_seconds(2 * 3_600);
    send(&workspace, &events_of_countries(start)).await;
    refreshed(&workspace, id).await;
    let none = client.get(&path).await.expect(200)["dimensions"].clone();
    assert_eq!(none["payload"]["dimensions"], json!([]));

    let named = json!({"dimensions": ["country", "plan"]});
    let settings = own(&workspace, id, "dimensions/");
    client.patch(&settings, named).await.expect(200);
    server.clock.advance_seconds(301);
    let results = refreshed(&workspace, id).await;
    let found = client.get(&path).await.expect(200)["dimensions"].clone();
    assert_eq!(found["as_of"], results["as_of"]);
    let payload = &found["payload"];
    assert_eq!(
        (&payload["exploratory"], &payload["correction"]),
        (&json!(true), &json!("benjamini_hochberg"))
    );
    let (country, plan) = (&payload["dimensions"][0], &payload["dimensions"][1]);
    assert_eq!(
        (&country["name"], &plan["name"]),
        (&json!("country"), &json!("plan"))
    );
    let shown = |levels: &Value| -> Vec<Value> {
        let levels = levels.as_array().unwrap().iter();
        levels
            .map(|level| json!([level["kind"], level["level"]]))
            .collect()
    };
    assert_eq!(
        shown(&country["srm"]),
        [
            json!(["value", "A"]),
            json!(["value", "B"]),
            json!(["value", "C"]),
            json!(["missing", null])
        ]
    );
    assert_eq!(country["srm"][0]["observed"], json!({"control": 200, "ka": 200}));
    assert_eq!(country["srm"][0]["adjusted_p_value"], 1.0);
    assert_eq!(country["srm"][2]["adjusted_p_value"], Value::Null);

    // C is too small to be told by itself.
    let of_country = &country["metrics"][0]["variants"]["ka"];
    let levels = &of_country["levels"];
    assert_eq!(
        shown(levels),
        [
            json!(["value", "A"]),
            json!(["value", "B"]),
            json!(["missing", null]),
            json!(["other", null])
        ]
    );
    let estimate = |level: usize| levels[level]["estimate"].as_f64().unwrap();
    assert!((estimate(0) - 10.0).abs() < 1.0, "{levels}");
    assert!(estimate(1).abs() < 1.0, "{levels}");
    assert_eq!(
        (&levels[3]["control_units"], &levels[3]["units"]),
        (&json!(40), &json!(40))
    );
    let differs = &of_country["heterogeneity"];
    assert_eq!(
        differs["df"], 2,
        "only levels of a hundred in each arm count: {differs}"
    );
    assert!(differs["adjusted_p_value"].as_f64().unwrap() < 1e-9, "{differs}");

    // Where the metadata say nothing, a trait does; it makes no difference.
    let of_plan = &plan["metrics"][0]["variants"]["ka"];
    assert_eq!(
        shown(&of_plan["levels"]),
        [json!(["value", "0"]), json!(["value", "1"])]
    );
    let alike = &of_plan["heterogeneity"];
    assert!(alike["adjusted_p_value"].as_f64().unwrap() > 0.05, "{alike}");
    assert!(alike["adjusted_p_value"].as_f64() >= alike["p_value"].as_f64());

    // Once the results are final, no other dimensions can be had.
    let complete = workspace.path(&format!("experiments/{id}/complete/"));
    client.post(complete, json!({})).await.expect(200);
    server.clock.advance_seconds(301);
    refreshed(&workspace, id).await;
    let last = client.get(&path).await.expect(200)["dimensions"].clone();
    assert_eq!(last["is_final"], true);
    let refused = client.patch(&settings, json!({"dimensions": []})).await;
    assert_eq!(
        (refused.status, &refused.body["code"]),
        (409, &json!("results_final"))
    );
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
        for read in ["results/series/", "results/dimensions/", "dimensions/"] {
            let path = own(&workspace, id, read);
            assert_eq!(who.get(&path).await.status, status, "{mail} {read}");
        }
        let change = who.patch(own(&workspace, id, "dimensions/"), json!({"dimensions": ["a"]}));
        assert_eq!(change.await.status, 403, "{mail}");
    }
    for read in ["results/series/", "results/dimensions/", "dimensions/"] {
        let missing = own(&workspace, 999, read);
        assert_eq!(workspace.client.get(&missing).await.status, 404, "{read}");
    }
    server.stop().await;
}
