//! Metrics of version 2: from their definition to what the results say (docs/metrics.md).

use super::computations::computed;
use liftgate_testkit::{TestServer, Workspace};
use serde_json::{Value, json};

pub const HOUR_MS: i64 = 3_600_000;
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// Identities of each of the two variants.
pub const IDENTITIES: i64 = 60;

/// Events of an identity: when they happen after its exposure, and their values.
pub type Purchases = [(i64, i64)];

/// What an identity does.
pub fn purchases(identity: i64) -> Vec<(i64, i64)> {
    let base = identity % 10;
    let lift = i64::from(identity >= IDENTITIES);
    let mut events = vec![(-DAY_MS, base), (HOUR_MS, 2 * base + lift)];
    if identity % 3 == 0 {
        events.push((2 * HOUR_MS, 5));
    }
    if identity % 7 == 0 {
        events.push((13 * HOUR_MS, 1_000));
    }
    events
}

/// The sum over the identities of a variant.
fn total(variant: &str, of: impl Fn(&Purchases) -> f64) -> f64 {
    let first = if variant == "control" { 0 } else { IDENTITIES };
    (first..first + IDENTITIES)
        .map(|identity| of(&purchases(identity)))
        .sum()
}

/// The values of the events after the exposure.
pub fn after(events: &Purchases) -> impl Iterator<Item = f64> {
    let values = events.iter().filter(|(at, _)| *at >= 0).map(|(_, value)| *value);
    values.map(|value| f64::from(i32::try_from(value).unwrap()))
}

pub fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap())
}

fn before(events: &Purchases) -> f64 {
    let values = events.iter().filter(|(at, _)| *at < 0).map(|(_, value)| *value);
    f64::from(i32::try_from(values.sum::<i64>()).unwrap())
}

async fn attach(workspace: &Workspace, experiment: i64, aggregation: &str, definition: Value) {
    let body = json!({"name": "M", "aggregation": aggregation, "definition": definition});
    let path = workspace.path("experiment-metrics/");
    let metric = workspace.client.post(path, body).await.expect(201);
    assert_eq!(
        metric["definition"], definition,
        "a definition is kept as it was sent"
    );
    let body = json!({"metric": metric["id"], "expected_direction": "increase"});
    let path = workspace.path(&format!("experiments/{experiment}/metrics/"));
    workspace.client.post(path, body).await.expect(201);
}

fn event(name: &str, identity: &str, value: &str, metadata: &Value, timestamp: i64) -> Value {
    json!({"event": name, "feature_name": (name == "$flag_exposure").then_some("checkout"), "identifier": identity,
        "value": value, "traits": null, "metadata": metadata, "timestamp": timestamp})
}

/// The results of an experiment with metrics of these aggregations and definitions.
pub async fn results(metrics: &[(&str, Value)]) -> Value {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace.flag("checkout", &[("ka", "a", 0.0)]).await;
    let rollout = workspace.rollout(&flag, 100.0, &[50.0]);
    let id = workspace.experiment(&flag, Some(rollout)).await;
    let path = |action: &str| workspace.path(&format!("experiments/{id}/{action}"));
    for (aggregation, definition) in metrics {
        attach(&workspace, id, aggregation, definition.clone()).await;
    }
    workspace.client.post(path("start/"), json!({})).await.expect(200);
    let start = liftgate_model::Clock::now(server.clock.as_ref()).as_millis() + 1;
    // Two days pass, in steps that do not let the session end.
    for _ in 0..8 {
        server.clock.advance_seconds(6 * 3_600);
        workspace.client.get(path("")).await.expect(200);
    }
    let mut events = Vec::new();
    for identity in 0..2 * IDENTITIES {
        let variant = if identity < IDENTITIES { "control" } else { "ka" };
        let who = format!("u{identity}");
        events.push(event("$flag_exposure", &who, variant, &json!({}), start));
        for (at, value) in purchases(identity) {
            let metadata = json!({"currency": if value == 5 { "USD" } else { "EUR" }, "first": value < 5});
            events.push(event("purchase", &who, &value.to_string(), &metadata, start + at));
        }
    }
    // One came lately, and no window that begins with its exposure is over.
    let late = start + 40 * HOUR_MS;
    events.push(event("$flag_exposure", "late", "control", &json!({}), late));
    for batch in events.chunks(100) {
        let answer = workspace
            .sdk()
            .post("/v1/events", json!({"events": batch}))
            .await
            .expect(202);
        assert_eq!(answer["accepted"], batch.len());
    }
    workspace
        .client
        .post(path("results/refresh/"), json!({}))
        .await
        .expect(202);
    let results = computed(&workspace, id, "results").await;
    server.stop().await;
    results["payload"].clone()
}

#[track_caller]
pub fn assert_close(found: &Value, expected: f64) {
    let found = found.as_f64().unwrap();
    assert!(
        (found - expected).abs() <= 1e-9 * expected.abs().max(1e-9),
        "{found} instead of {expected}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_before_the_exposure_is_held_against_what_is_done_after() {
    let payload = results(&[
        ("sum", json!({"version": 1, "event": "purchase"})),
        ("sum", json!({"version": 2, "event": "purchase", "covariate": {}})),
        (
            "sum",
            json!({"version": 2, "event": "purchase", "covariate": null}),
        ),
        (
            "sum",
            json!({"version": 2, "event": "purchase", "filter": {"max_value": 100}}),
        ),
        (
            "occurrence",
            json!({"version": 2, "event": "purchase", "filter": {}}),
        ),
    ])
    .await;
    let metrics = payload["metrics"].as_array().unwrap();
    // The sums, and what older clients read, are the same with a covariate and without.
    let sum = |variant| total(variant, |events| after(events).sum());
    for metric in &metrics[..3] {
        assert_eq!(metric["variants"]["control"]["n"], IDENTITIES + 1);
        assert_eq!(metric["variants"]["control"]["sum"], sum("control"));
        assert_eq!(metric["variants"]["ka"]["sum"], sum("ka"));
        assert_eq!(metric["inference"], metrics[0]["inference"]);
    }
    for plain in [0, 2, 4] {
        assert_eq!(metrics[plain]["analysis"]["ka"]["cuped"], Value::Null);
    }
    let strip = |metric: &Value| metric["analysis"].clone();
    assert_eq!(strip(&metrics[0]), strip(&metrics[2]));
    let cuped = &metrics[1]["analysis"]["ka"]["cuped"];
    let plain = &metrics[0]["analysis"]["ka"]["absolute"];
    assert_eq!(cuped["unadjusted_estimate"], plain["estimate"]);
    assert_eq!(cuped["unadjusted_standard_error"], plain["standard_error"]);

    // Without the rare large ones, what was bought before says much about what is bought after.
    let filtered = |events: &Purchases| after(events).filter(|value| *value <= 100.0).sum::<f64>();
    let covariance = |variant: &str, a: &dyn Fn(&Purchases) -> f64, b: &dyn Fn(&Purchases) -> f64| {
        let n = f64::from(i32::try_from(IDENTITIES).unwrap()) + if variant == "control" { 1.0 } else { 0.0 };
        let product = total(variant, |events| a(events) * b(events));
        (product - total(variant, a) * total(variant, b) / n) / (n - 1.0) / n
    };
    let both = |a: &dyn Fn(&Purchases) -> f64, b: &dyn Fn(&Purchases) -> f64| {
        covariance("control", a, b) + covariance("ka", a, b)
    };
    let theta = both(&filtered, &before) / both(&before, &before);
    let cuped = &metrics[3]["analysis"]["ka"]["cuped"];
    assert_close(&cuped["theta"], theta);
    assert!(cuped["variance_reduction"].as_f64().unwrap() > 0.8, "{cuped}");
    let adjusted = metrics[3]["analysis"]["ka"]["absolute"]["standard_error"]
        .as_f64()
        .unwrap();
    assert!(adjusted < 0.5 * cuped["unadjusted_standard_error"].as_f64().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ratio_is_one_sum_over_another() {
    let definition = json!({"version": 2, "event": "purchase",
        "denominator": {"event": "purchase", "aggregation": "count"}});
    let payload = results(&[("sum", definition)]).await;
    let metric = &payload["metrics"][0];
    let mean = |variant| {
        total(variant, |events| after(events).sum())
            / total(variant, |events| after(events).map(|_| 1.0).sum())
    };
    let absolute = &metric["analysis"]["ka"]["absolute"];
    assert_close(&absolute["estimate"], mean("ka") - mean("control"));
    assert_eq!(metric["analysis"]["ka"]["status"], "ok");
    assert!(absolute["standard_error"].as_f64().unwrap() > 0.0);
    // Clients that know the lift only are told that of the ratio.
    assert_close(
        &metric["inference"]["ka"]["lift"],
        mean("ka") / mean("control") - 1.0,
    );
    assert_eq!(metric["zero_filled"], false);
    let sql = payload["engine"]["sql"][0].as_str().unwrap();
    assert!(
        sql.contains("m0_denominator_sum") && sql.contains("m0_cross"),
        "{sql}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn extreme_totals_are_capped_and_it_is_told_where() {
    let capped = |cap: Value| json!({"version": 2, "event": "purchase", "cap": cap, "covariate": null});
    let ratio = json!({"version": 2, "event": "purchase", "cap": {"upper_value": 50},
        "denominator": {"event": "purchase", "aggregation": "count", "cap": {"upper_value": 2}}});
    let covariate =
        json!({"version": 2, "event": "purchase", "cap": {"lower_value": 4, "upper_percentile": 75}});
    let payload = results(&[
        ("sum", capped(json!({"upper_value": 50}))),
        ("sum", capped(json!({"upper_percentile": 90}))),
        ("sum", ratio),
        ("sum", covariate),
    ])
    .await;
    let of = |metric: usize| &payload["metrics"][metric]["analysis"]["ka"]["winsorised"];
    let sum_at = |variant, cap: f64| total(variant, |events| after(events).sum::<f64>().min(cap));
    let is_large = |identity: &i64| after(&purchases(*identity)).sum::<f64>() > 50.0;
    let n_capped = (0..2 * IDENTITIES).filter(is_large).count();
    assert_eq!(
        *of(0),
        json!({"lower_threshold": null, "upper_threshold": 50.0, "n_capped": n_capped})
    );
    for variant in ["control", "ka"] {
        assert_eq!(
            payload["metrics"][0]["variants"][variant]["sum"],
            sum_at(variant, 50.0)
        );
    }

    // The percentile is that of the totals other than 0 of both variants together.
    let mut totals: Vec<f64> = (0..2 * IDENTITIES)
        .map(|identity| after(&purchases(identity)).sum())
        .filter(|total| *total != 0.0)
        .collect();
    totals.sort_by(f64::total_cmp);
    let tenths = (totals.len() - 1) * 9;
    let below = totals[tenths / 10];
    let threshold = below + (totals[tenths.div_ceil(10)] - below) * number(tenths % 10) / 10.0;
    assert_close(&of(1)["upper_threshold"], threshold);
    assert_close(
        &payload["metrics"][1]["variants"]["ka"]["sum"],
        sum_at("ka", threshold),
    );

    assert_eq!(of(2)["upper_threshold"], 50.0);
    assert_eq!(of(2)["denominator"]["upper_threshold"], 2.0);
    assert!(of(2)["denominator"]["n_capped"].as_u64().unwrap() > 0);
    // What came before the exposure is capped by its own percentile.
    assert_eq!(of(3)["covariate"]["lower_threshold"], 4.0);
    assert!(of(3)["covariate"]["upper_threshold"].as_f64() < of(3)["upper_threshold"].as_f64());
}

#[tokio::test(flavor = "multi_thread")]
async fn events_count_in_their_window_and_by_their_filter() {
    let returned = json!({"version": 2, "event": "purchase", "window": {"from_days": 0, "until_days": 1},
        "filter": {"min_value": 1_000}});
    let filtered =
        |filter: Value| json!({"version": 2, "event": "purchase", "covariate": null, "filter": filter});
    let payload = results(&[
        ("occurrence", returned),
        (
            "occurrence",
            json!({"version": 2, "event": "purchase", "window": {"from_days": 1, "until_days": 2}}),
        ),
        ("count", filtered(json!({"metadata": {"currency": "USD"}}))),
        (
            "count",
            filtered(json!({"metadata": {"currency": "EUR", "first": false}, "min_value": 1})),
        ),
    ])
    .await;
    let arm = |metric: usize, variant: &str| payload["metrics"][metric]["variants"][variant].clone();
    for variant in ["control", "ka"] {
        let large = |events: &Purchases| number(after(events).filter(|value| *value >= 1_000.0).count());
        let returned = total(variant, large);
        assert_eq!(
            arm(0, variant),
            json!({"n": IDENTITIES, "sum": returned, "sum_squares": returned}),
            "the one that came lately does not count yet"
        );
        assert_eq!(arm(1, variant)["sum"], 0.0, "nobody comes back on the second day");
        let dollars =
            |events: &Purchases| number(after(events).filter(|value| (4.5..5.5).contains(value)).count());
        assert_eq!(arm(2, variant)["sum"], total(variant, dollars));
        let euros = |events: &Purchases| {
            let is_euro = |value: &f64| *value > 5.0;
            number(after(events).filter(is_euro).count())
        };
        assert_eq!(arm(3, variant)["sum"], total(variant, euros));
    }
    assert_eq!(arm(2, "control")["n"], IDENTITIES + 1);
}

#[tokio::test]
async fn a_definition_that_cannot_be_is_refused_by_name() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let path = workspace.path("experiment-metrics/");
    let body = |aggregation: &str, definition: Value| json!({"name": "M", "aggregation": aggregation, "definition": definition});
    for (aggregation, definition, complaint) in [
        (
            "sum",
            json!({"version": 2, "event": "purchase", "colour": "red"}),
            "Definition has an unknown member 'colour'.",
        ),
        (
            "sum",
            json!({"version": 2, "event": "purchase", "window": {"from_days": 2, "until_days": 1}}),
            "Definition 'window.from_days' must be less than 'until_days'.",
        ),
        (
            "mean",
            json!({"version": 2, "event": "purchase", "denominator": {"event": "view", "aggregation": "count"}}),
            "Definition 'denominator' needs the aggregation 'count', 'sum' or 'occurrence'.",
        ),
        (
            "sum",
            json!({"version": 2, "event": "purchase", "quantile": {"level": 90, "of": "event"}}),
            "Definition 'quantile.level' must lie between 0 and 1.",
        ),
        (
            "sum",
            json!({"version": 2, "event": "purchase", "quantile": {"level": 0.9, "of": "event"}, "covariate": {}}),
            "Definition must not have both 'quantile' and 'covariate'.",
        ),
        (
            "mean",
            json!({"version": 2, "event": "purchase", "quantile": {"level": 0.9, "of": "event"}}),
            "Definition 'quantile' of 'event' needs the aggregation 'sum'.",
        ),
    ] {
        let refused = workspace
            .client
            .post(&path, body(aggregation, definition))
            .await
            .expect(400);
        assert_eq!(refused, json!({"definition": [complaint]}));
    }
    // What goes together when it is made must still do so when a part of it changes.
    let definition = json!({"version": 2, "event": "purchase", "cap": {"upper_value": 5}});
    let metric = workspace
        .client
        .post(&path, body("sum", definition))
        .await
        .expect(201);
    let one = format!("{path}{}/", metric["id"]);
    let refused = workspace
        .client
        .patch(&one, json!({"aggregation": "occurrence"}))
        .await
        .expect(400);
    assert_eq!(
        refused,
        json!({"definition": ["Definition 'cap' needs the aggregation 'count', 'sum' or 'mean'."]})
    );
    let both = json!({"aggregation": "occurrence", "definition": {"version": 1, "event": "purchase"}});
    workspace.client.patch(&one, both).await.expect(200);
    server.stop().await;
}
