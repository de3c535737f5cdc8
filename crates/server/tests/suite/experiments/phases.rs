//! The sample ratio is checked in each time of constant weights by itself, whoever changed them.

use super::computations::computed;
use crate::support::id;
use liftgate_model::Clock as _;
use liftgate_testkit::{Flag, TestServer, Workspace};
use serde_json::{Value, json};

struct Running<'a> {
    server: &'a TestServer,
    workspace: Workspace,
    flag: Flag,
    experiment: i64,
}

impl<'a> Running<'a> {
    /// An experiment that has started, at even weights.
    async fn start(server: &'a TestServer, versioned: bool) -> Self {
        let workspace = server.workspace(versioned).await;
        let flag = workspace.flag("checkout", &[("ka", "a", 0.0)]).await;
        let rollout = workspace.rollout(&flag, 100.0, &[50.0]);
        let experiment = workspace.experiment(&flag, Some(rollout)).await;
        let started = Self {
            server,
            workspace,
            flag,
            experiment,
        };
        let start = started.path("start/");
        started.workspace.client.post(start, json!({})).await.expect(200);
        started
    }

    fn path(&self, action: &str) -> String {
        self.workspace
            .path(&format!("experiments/{}/{action}", self.experiment))
    }

    /// Identities see control and the treatment, each for the first time now.
    async fn expose(&self, name: &str, control: usize, treatment: usize) {
        let now = self.server.clock.now().as_millis();
        let events: Vec<Value> = (0..control + treatment)
            .map(|number| {
                let variant = if number < control { "control" } else { "ka" };
                json!({"event": "$flag_exposure", "feature_name": "checkout", "identifier": format!("{name}{number}"),
                    "value": variant, "traits": null, "metadata": {}, "timestamp": now + 5})
            })
            .collect();
        for batch in events.chunks(100) {
            let body = json!({"events": batch});
            self.workspace.sdk().post("/v1/events", body).await.expect(202);
        }
    }

    async fn pass(&self, seconds: i64) {
        self.server.clock.advance_seconds(seconds);
        self.workspace.client.get(self.path("")).await.expect(200);
    }

    async fn roll_out(&self, share: f64) {
        let body = self.workspace.rollout(&self.flag, 100.0, &[share]);
        let path = self.path("rollout/");
        self.workspace.client.patch(path, body).await.expect(200);
    }

    /// The split as the results show it, computed now.
    async fn srm(&self) -> Value {
        self.pass(301).await;
        let refresh = self.path("results/refresh/");
        self.workspace.client.post(refresh, json!({})).await.expect(202);
        computed(&self.workspace, self.experiment, "results").await["payload"]["srm"].clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_weights_begins_a_phase() {
    let server = TestServer::start().await;
    let running = Running::start(&server, false).await;
    running.expose("even", 150, 150).await;
    running.pass(3_600).await;
    let one = running.srm().await;
    assert_eq!((&one["phases"], &one["p_value"]), (&json!(1), &json!(1.0)));

    // Some more come at the old weights after the last look. Through the rollout; then by what changes no weight.
    running.expose("late", 50, 50).await;
    running.pass(60).await;
    running.roll_out(20.0).await;
    running.roll_out(20.0).await;
    running.expose("fewer", 160, 40).await;
    running.pass(3_600).await;
    // Past the rollout.
    let list = format!(
        "/api/v1/features/featurestates/?environment={}&feature={}",
        running.workspace.environment, running.flag.id
    );
    let states = running.workspace.client.get(list).await.expect(200);
    let state = states["results"]
        .as_array()
        .unwrap()
        .iter()
        .find(|state| !state["feature_segment"].is_null())
        .unwrap();
    let mut body = state.clone();
    body["multivariate_feature_state_values"][0]["percentage_allocation"] = json!(75.0);
    let by_id = format!("/api/v1/features/featurestates/{}/", id(state));
    running.workspace.client.put(by_id, body).await.expect(200);
    running.expose("more", 30, 90).await;

    let all = running.srm().await;
    let phase = |[control, treatment]: [f64; 2], control_units: u64, treatment_units: u64| {
        json!({"expected_shares": {"control": control, "ka": treatment},
            "observed": {"control": control_units, "ka": treatment_units}})
    };
    assert_eq!(
        all["by_phase"],
        json!([
            phase([0.5, 0.5], 200, 200),
            phase([0.8, 0.2], 160, 40),
            phase([0.25, 0.75], 30, 90)
        ])
    );
    assert_eq!(all["phases"], 3);
    assert_eq!(all["observed"], json!({"control": 390, "ka": 330}));
    assert_eq!(all["expected_shares"], json!({"control": 0.25, "ka": 0.75}));
    assert_eq!((&all["p_value"], &all["alarm"]), (&json!(1.0), &json!(false)));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduled_version_begins_a_phase_when_it_comes_into_force() {
    let server = TestServer::start().await;
    let running = Running::start(&server, true).await;
    running.expose("even", 100, 100).await;
    let versions = format!(
        "/api/v1/environments/{}/features/{}/versions/",
        running.workspace.environment, running.flag.id
    );
    let links = format!(
        "/api/v1/features/feature-segments/?environment={}&feature={}",
        running.workspace.environment, running.flag.id
    );
    let links = running.workspace.client.get(links).await.expect(200);
    let item = json!({
        "feature_segment": {"segment": links["results"][0]["segment"]}, "enabled": true,
        "feature_state_value": {"type": "unicode", "string_value": "control-value"},
        "multivariate_feature_state_values":
            [{"multivariate_feature_option": running.flag.options[0], "percentage_allocation": 90.0}],
    });
    let body = json!({"feature_states_to_update": [item]});
    let draft = running
        .workspace
        .client
        .post(versions.clone(), body)
        .await
        .expect(201);
    let publish = format!("{versions}{}/publish/", draft["uuid"].as_str().unwrap());
    let later = server.clock.now().plus_seconds(3_600).to_iso();
    let body = json!({"live_from": later});
    running.workspace.client.post(publish, body).await.expect(200);

    // An hour less a minute later the weights are still even; two minutes after that they are not.
    running.pass(3_540).await;
    running.expose("still", 80, 80).await;
    running.pass(120).await;
    running.expose("changed", 20, 180).await;
    running.pass(3_600).await;
    let srm = running.srm().await;
    assert_eq!(srm["phases"], 2);
    assert_eq!(srm["by_phase"][0]["observed"], json!({"control": 180, "ka": 180}));
    assert_eq!(srm["by_phase"][1]["observed"], json!({"control": 20, "ka": 180}));
    assert_eq!(srm["alarm"], false);
    server.stop().await;
}
