//! The loop of an experiment: SDKs get the right variants, remotely and locally, and what they send becomes the results.

use crate::program::Program;
use liftgate_testkit::{TestServer, Workspace};
use serde_json::{Value, json};
use std::time::Duration;

const IDENTITIES: usize = 60;

/// A running experiment, and what the SDKs are told.
struct Loop {
    server: TestServer,
    workspace: Workspace,
    experiment: i64,
    plan: Value,
}

impl Loop {
    async fn begin(versioned: bool) -> Self {
        let server = TestServer::start().await;
        let workspace = server.workspace(versioned).await;
        let flag = workspace
            .flag(
                "checkout",
                &[("green", "a green button", 0.0), ("red", "a red button", 0.0)],
            )
            .await;
        let metric = workspace.metric("Purchases", "purchase", "occurrence").await;
        let rollout = workspace.rollout(&flag, 70.0, &[40.0, 30.0]);
        let experiment = workspace.experiment(&flag, Some(rollout)).await;
        let path = |action: &str| workspace.path(&format!("experiments/{experiment}/{action}"));
        let attach = json!({"metric": metric, "expected_direction": "increase"});
        workspace.client.post(path("metrics/"), attach).await.expect(201);
        workspace.client.post(path("start/"), json!({})).await.expect(200);
        let key = workspace
            .client
            .post(workspace.path("api-keys/"), json!({"name": "sdk"}))
            .await
            .expect(201);
        let identities: Vec<String> = (0..IDENTITIES).map(|number| format!("person-{number}")).collect();
        let plan = json!({
            "origin": server.origin(), "client_key": workspace.environment_key, "server_key": key["key"],
            "flag": flag.name, "buyers": identities[..20], "identities": identities,
        });
        Self {
            server,
            workspace,
            experiment,
            plan,
        }
    }

    /// What the server itself says: value, variant, and whether it is part of the experiment.
    async fn truth(&self, identifier: &str) -> (Value, Value, bool) {
        let body = json!({"identifier": identifier, "traits": [{"trait_key": "plan", "trait_value": "pro"}]});
        let answer = self
            .workspace
            .sdk()
            .post("/api/v1/identities/", body)
            .await
            .expect(200);
        let flag = &answer["flags"][0];
        let inside = flag["metadata"]["experiment"]["in_experiment"] == true;
        (
            flag["feature_state_value"].clone(),
            flag["variant"].clone(),
            inside,
        )
    }

    /// Checks what the SDKs saw against the server, and the results against what they sent.
    async fn check(self, seen: &Value, views: &[&str], with_variant: &[&str]) {
        let mut expected: std::collections::BTreeMap<String, (i64, i64)> = std::collections::BTreeMap::new();
        let buyers: Vec<&str> = self.plan["buyers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|id| id.as_str().unwrap())
            .collect();
        for identifier in self.plan["identities"].as_array().unwrap() {
            let identifier = identifier.as_str().unwrap();
            let (value, variant, inside) = self.truth(identifier).await;
            for view in views {
                let flag = &seen[view][identifier];
                assert_eq!(
                    (&flag["value"], &flag["enabled"]),
                    (&value, &json!(true)),
                    "{view} {identifier}"
                );
                if with_variant.contains(view) {
                    assert_eq!(flag["variant"], variant, "{view} {identifier}");
                }
            }
            if inside {
                let arm = expected.entry(variant.as_str().unwrap().to_owned()).or_default();
                arm.0 += 1;
                arm.1 += i64::from(buyers.contains(&identifier));
            }
        }
        assert_eq!(expected.len(), 3, "every variant is there: {expected:?}");
        // What the SDKs sent, after their clocks and ours have passed it.
        self.server.clock.advance_seconds(5);
        let path = |action: &str| {
            self.workspace
                .path(&format!("experiments/{}/{action}", self.experiment))
        };
        self.workspace
            .client
            .post(path("results/refresh/"), json!({}))
            .await
            .expect(202);
        let mut payload = Value::Null;
        for _ in 0..200 {
            let row = self.workspace.client.get(path("results/")).await.expect(200)["results"].clone();
            if row["as_of"].as_str() >= row["refresh_requested_at"].as_str() && !row["payload"].is_null() {
                payload = row["payload"].clone();
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let found: std::collections::BTreeMap<String, (i64, i64)> = payload["metrics"][0]["variants"]
            .as_object()
            .unwrap_or_else(|| panic!("no results: {payload}"))
            .iter()
            .map(|(variant, arm)| {
                let count = arm["n"].as_i64().unwrap();
                #[expect(clippy::cast_possible_truncation, reason = "a count of people")]
                let sum = arm["sum"].as_f64().unwrap() as i64;
                (variant.clone(), (count, sum))
            })
            .collect();
        assert_eq!(found, expected, "exposed and bought, by variant");
        self.server.stop().await;
    }
}

async fn python_runs_the_loop(versioned: bool) {
    let Some(program) = Program::python("experiment.py") else {
        return;
    };
    let trial = Loop::begin(versioned).await;
    let seen = program.run(&trial.plan).await;
    assert_eq!(seen["environment"]["value"], "control-value");
    trial.check(&seen, &["remote", "local"], &["remote"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_sdk_runs_the_loop_without_versioning() {
    python_runs_the_loop(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_sdk_runs_the_loop_with_versioning() {
    python_runs_the_loop(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_javascript_sdks_run_the_loop() {
    let Some(program) = Program::node("experiment.mjs") else {
        return;
    };
    let trial = Loop::begin(true).await;
    let seen = program.run(&trial.plan).await;
    trial
        .check(&seen, &["browser", "remote", "local"], &["browser"])
        .await;
}
