//! A real A/B test (Cookie Cats, 90,189 players) replayed through the public API gives the published table: sums exactly,
//! the rest to 1e-9; and beside it, views of the same players.

#![expect(clippy::print_stdout, reason = "the table is for people too")]

mod views;

use liftgate_testkit::{Client, TestServer, Workspace};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Events sent together.
const BATCH: usize = 1_000;
/// What a number may be off.
const TOLERANCE: f64 = 1e-9;

/// What must be found about one metric: the sums of both arms, then lift, interval and chance to win.
struct Expected {
    metric: &'static str,
    control: (u64, f64, f64),
    treatment: (u64, f64, f64),
    inference: [f64; 4],
}

/// The published table.
const TABLE: [Expected; 3] = [
    Expected {
        metric: "retention_1",
        control: (44_700, 20_034.0, 20_034.0),
        treatment: (45_489, 20_119.0, 20_119.0),
        inference: [
            -0.013_175_655_859_746_59,
            -0.027_554_258_437_813_305,
            0.001_202_946_718_320_123_7,
            0.036_248_139_370_596_82,
        ],
    },
    Expected {
        metric: "retention_7",
        control: (44_700, 8_502.0, 8_502.0),
        treatment: (45_489, 8_279.0, 8_279.0),
        inference: [
            -0.043_119_034_896_460_164,
            -0.069_244_866_665_644_97,
            -0.016_993_203_127_275_355,
            0.000_608_646_774_969_522_8,
        ],
    },
    Expected {
        metric: "rounds",
        control: (44_700, 2_344_795.0, 3_068_811_771.0),
        treatment: (45_489, 2_333_530.0, 605_052_202.0),
        inference: [
            -0.022_065_781_397_397_313,
            -0.069_981_179_723_611_43,
            0.025_849_616_928_816_797,
            0.183_370_784_766_137_3,
        ],
    },
];

/// The published sample-ratio p-value against 50/50.
const SRM_P_VALUE: f64 = 0.008_607_987_810_836_24;

#[tokio::test(flavor = "multi_thread")]
async fn cookie_cats_gives_the_published_table() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/datasets/cookie_cats.csv");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: the data set is not here ({})", path.display());
        return;
    };
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace.flag("first_gate", &[("gate_40", "40", 0.0)]).await;
    let experiment = workspace
        .experiment(&flag, Some(workspace.rollout(&flag, 100.0, &[50.0])))
        .await;
    let at = |action: &str| workspace.path(&format!("experiments/{experiment}/{action}"));
    for view in views::all() {
        let metric = views::metric(&workspace, &view).await;
        let attach = json!({"metric": metric, "expected_direction": "increase"});
        workspace.client.post(at("metrics/"), attach).await.expect(201);
    }
    workspace.client.post(at("start/"), json!({})).await.expect(200);

    let begun = Instant::now();
    let sent = send(
        &workspace.sdk(),
        &events(
            &text,
            liftgate_model::Clock::now(server.clock.as_ref()).as_millis(),
        ),
    )
    .await;
    println!(
        "{sent} events acknowledged in {:.1} s",
        begun.elapsed().as_secs_f64()
    );
    server.clock.advance_seconds(60);
    let begun = Instant::now();
    workspace
        .client
        .post(at("results/refresh/"), json!({}))
        .await
        .expect(202);
    let payload = results(&workspace, &at("results/")).await;
    println!("results after {:.2} s", begun.elapsed().as_secs_f64());
    check(&payload);
    views::check(&payload);
    server.stop().await;
}

/// One exposure per player, one event for each way of coming back, one for the rounds.
fn events(text: &str, now: i64) -> Vec<Value> {
    let mut events = Vec::new();
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let [player, version, rounds, retention_1, retention_7] = fields.as_slice() else {
            panic!("a line has five fields: {line}")
        };
        let event = |name: &str, feature: Option<&str>, value: Option<&str>| {
            json!({"event": name, "feature_name": feature, "identifier": player, "value": value, "traits": null,
                "metadata": {}, "timestamp": now + 1_000})
        };
        let variant = if *version == "gate_30" {
            "control"
        } else {
            "gate_40"
        };
        events.push(event("$flag_exposure", Some("first_gate"), Some(variant)));
        events.push(event("rounds", None, Some(rounds)));
        for (name, came_back) in [("retention_1", retention_1), ("retention_7", retention_7)] {
            if came_back.eq_ignore_ascii_case("true") || *came_back == "1" {
                events.push(event(name, None, None));
            }
        }
    }
    events
}

/// Sends the events in batches, and every tenth batch twice.
async fn send(sdk: &Client, events: &[Value]) -> usize {
    for (number, batch) in events.chunks(BATCH).enumerate() {
        for _ in 0..if number % 10 == 0 { 2 } else { 1 } {
            let answer = sdk.post("/v1/events", json!({"events": batch})).await.expect(202);
            assert_eq!(answer["accepted"], batch.len());
        }
    }
    events.len()
}

async fn results(workspace: &Workspace, path: &str) -> Value {
    for _ in 0..600 {
        let row = workspace.client.get(path).await.expect(200)["results"].clone();
        if row["as_of"].as_str() >= row["refresh_requested_at"].as_str() && !row["payload"].is_null() {
            return row["payload"].clone();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the results were not computed")
}

fn check(payload: &Value) {
    println!(
        "{:12} {:>24} {:>24} {:>24} {:>24}",
        "metric", "lift", "95 % low", "95 % high", "chance to win"
    );
    for (expected, found) in TABLE
        .iter()
        .zip(payload["metrics"].as_array().expect("there are metrics"))
    {
        for (variant, (n, sum, sum_squares)) in
            [("control", expected.control), ("gate_40", expected.treatment)]
        {
            let arm = &found["variants"][variant];
            assert_eq!(arm["n"].as_u64(), Some(n), "{} {variant}", expected.metric);
            assert_eq!(arm["sum"].as_f64(), Some(sum), "{} {variant}", expected.metric);
            assert_eq!(
                arm["sum_squares"].as_f64(),
                Some(sum_squares),
                "{} {variant}",
                expected.metric
            );
        }
        let inference = &found["inference"]["gate_40"];
        let numbers =
            ["lift", "ci_low", "ci_high", "chance_to_win"].map(|name| inference[name].as_f64().expect(name));
        println!(
            "{:12} {:>24} {:>24} {:>24} {:>24}",
            expected.metric, numbers[0], numbers[1], numbers[2], numbers[3]
        );
        for (number, wanted) in numbers.iter().zip(expected.inference) {
            assert!(
                (number - wanted).abs() <= TOLERANCE,
                "{}: {number} is not {wanted}",
                expected.metric
            );
        }
    }
    let p_value = payload["srm_p_value"]
        .as_f64()
        .expect("the sample ratio is checked");
    println!("sample ratio p = {p_value}");
    assert!((p_value - SRM_P_VALUE).abs() <= TOLERANCE);
}
