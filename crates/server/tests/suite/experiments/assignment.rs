//! Variant assignment is stable for ever, remotely and locally, with and without versioning.

use liftgate_engine::hash;
use liftgate_testkit::{Client, Flag, TestServer, Workspace};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const IDENTITIES: usize = 1_000;

/// What each identity sees of the flag: the variant, if it is in the experiment's cohort.
async fn assignments(sdk: &Client, flag: &Flag) -> BTreeMap<usize, Option<String>> {
    let mut seen = BTreeMap::new();
    for chunk in (0..IDENTITIES).collect::<Vec<_>>().chunks(50) {
        let tasks: Vec<_> = chunk
            .iter()
            .map(|number| {
                let (sdk, number, name) = (sdk.clone(), *number, flag.name.clone());
                tokio::spawn(async move {
                    let body = json!({"identifier": format!("user-{number}"), "transient": true});
                    let answer = sdk.post("/api/v1/identities/", body).await.expect(200);
                    let flags = answer["flags"].as_array().unwrap().clone();
                    let state = flags
                        .into_iter()
                        .find(|state| state["feature"]["name"] == name.as_str())
                        .unwrap();
                    let inside = !state["feature_segment"].is_null();
                    (
                        number,
                        inside.then(|| state["variant"].as_str().unwrap().to_owned()),
                    )
                })
            })
            .collect();
        for task in tasks {
            let (number, variant) = task.await.unwrap();
            seen.insert(number, variant);
        }
    }
    seen
}

/// What the environment document says each identity sees, computed here as a local client would: the cohort by the split
/// of the rollout segment, the variant by the salt of its override.
fn locally(document: &Value, flag: &Flag, key: &str) -> BTreeMap<usize, Option<String>> {
    let segments = document["project"]["segments"].as_array().unwrap();
    let (segment, state) = segments
        .iter()
        .find_map(|segment| {
            let states = segment["feature_states"].as_array()?;
            let state = states
                .iter()
                .find(|state| state["feature"]["name"] == flag.name.as_str())?;
            Some((segment, state))
        })
        .unwrap();
    let share: f64 = segment["rules"][0]["conditions"][0]["value"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let mut options: Vec<&Value> = state["multivariate_feature_state_values"]
        .as_array()
        .unwrap()
        .iter()
        .collect();
    options.sort_by_key(|option| option["id"].as_i64());
    (0..IDENTITIES)
        .map(|number| {
            let identity = format!("{key}_user-{number}");
            if hash::percentage(&[&segment["id"].to_string(), &identity]) > share {
                return (number, None);
            }
            let at = hash::percentage(&[&state["django_id"].to_string(), &identity]);
            let mut start = 0.0;
            for option in &options {
                let end = start + option["percentage_allocation"].as_f64().unwrap();
                if (start..end).contains(&at) {
                    let variant = option["multivariate_feature_option"]["key"].as_str().unwrap();
                    return (number, Some(variant.to_owned()));
                }
                start = end;
            }
            (number, Some("control".to_owned()))
        })
        .collect()
}

struct Trial {
    workspace: Workspace,
    flag: Flag,
    experiment: i64,
    sdk: Client,
    server_sdk: Client,
}

impl Trial {
    async fn begin(server: &TestServer, versioned: bool) -> Self {
        let workspace = server.workspace(versioned).await;
        let flag = workspace
            .flag("checkout", &[("ka", "a", 30.0), ("kb", "b", 20.0)])
            .await;
        let experiment = workspace
            .experiment(&flag, Some(workspace.rollout(&flag, 20.0, &[40.0, 30.0])))
            .await;
        let (sdk, server_sdk) = (workspace.sdk(), workspace.server_sdk().await);
        Self {
            workspace,
            flag,
            experiment,
            sdk,
            server_sdk,
        }
    }

    /// What everybody sees, after the local view was found to agree.
    async fn seen(&self) -> BTreeMap<usize, Option<String>> {
        let remote = assignments(&self.sdk, &self.flag).await;
        let document = self
            .server_sdk
            .get("/api/v1/environment-document/")
            .await
            .expect(200);
        assert_eq!(
            remote,
            locally(&document, &self.flag, &self.workspace.environment_key),
            "remote and local agree"
        );
        remote
    }

    async fn roll_out(&self, percentage: f64, shares: &[f64], enabled: bool) {
        let mut body = self.workspace.rollout(&self.flag, percentage, shares);
        body["enabled"] = json!(enabled);
        let path = self
            .workspace
            .path(&format!("experiments/{}/rollout/", self.experiment));
        self.workspace.client.patch(path, body).await.expect(200);
    }

    async fn act(&self, action: &str) {
        let path = self
            .workspace
            .path(&format!("experiments/{}/{action}", self.experiment));
        self.workspace.client.post(path, json!({})).await.expect(200);
    }
}

async fn nobody_moves(versioned: bool) {
    let server = TestServer::start().await;
    let trial = Trial::begin(&server, versioned).await;
    let first = trial.seen().await;
    let inside = first.values().filter(|variant| variant.is_some()).count();
    assert!((130..270).contains(&inside), "about a fifth is in: {inside}");

    // A ramp keeps everyone who was in, in the same variant.
    trial.roll_out(50.0, &[40.0, 30.0], true).await;
    let ramped = trial.seen().await;
    for (number, variant) in &first {
        if variant.is_some() {
            assert_eq!(&ramped[number], variant, "user-{number} moved in the ramp");
        }
    }
    assert!(ramped.values().filter(|variant| variant.is_some()).count() > inside);

    // Off and on, the life cycle, the value, a metric and other flags move nobody.
    trial.roll_out(50.0, &[40.0, 30.0], false).await;
    trial.roll_out(50.0, &[40.0, 30.0], true).await;
    trial.act("start/").await;
    let metric = trial
        .workspace
        .metric("Purchases", "purchase", "occurrence")
        .await;
    let attach = json!({"metric": metric, "expected_direction": "increase"});
    let path = trial
        .workspace
        .path(&format!("experiments/{}/metrics/", trial.experiment));
    trial.workspace.client.post(path, attach).await.expect(201);
    trial.workspace.flag("another", &[("x", "x", 50.0)]).await;
    trial.act("pause/").await;
    trial.act("start/").await;
    assert_eq!(trial.seen().await, ramped);

    // Switching the versioning moves nobody either.
    let (there, back) = if versioned {
        ("disable", "enable")
    } else {
        ("enable", "disable")
    };
    for direction in [there, back] {
        let path = trial.workspace.path(&format!("{direction}-v2-versioning/"));
        trial.workspace.client.post(path, json!({})).await.expect(202);
        assert_eq!(trial.seen().await, ramped, "{direction}");
    }

    // Lowering only drops.
    trial.roll_out(20.0, &[40.0, 30.0], true).await;
    assert_eq!(trial.seen().await, first);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_moves_without_versioning() {
    nobody_moves(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_moves_with_versioning() {
    nobody_moves(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_running_experiment_takes_part_and_only_inside_its_cohort() {
    let server = TestServer::start().await;
    let trial = Trial::begin(&server, false).await;
    let look = |number: usize| {
        let sdk = trial.sdk.clone();
        async move {
            let answer = sdk
                .get(format!(
                    "/api/v1/identities/?identifier=user-{number}&transient=true"
                ))
                .await
                .expect(200);
            answer["flags"]
                .as_array()
                .unwrap()
                .iter()
                .find(|f| f["feature"]["name"] == "checkout")
                .unwrap()
                .clone()
        }
    };
    let seen = trial.seen().await;
    let inside = *seen.iter().find(|(_, variant)| variant.is_some()).unwrap().0;
    let outside = *seen.iter().find(|(_, variant)| variant.is_none()).unwrap().0;
    assert!(
        look(inside).await.get("metadata").is_none(),
        "not before the start"
    );
    trial.act("start/").await;
    let (yes, no) = (look(inside).await, look(outside).await);
    assert_eq!(
        yes["metadata"]["experiment"],
        json!({"id": trial.experiment, "name": "Button colour", "in_experiment": true})
    );
    assert_eq!(no["metadata"]["experiment"]["in_experiment"], false);
    assert!(
        no["variant"].is_null(),
        "outside of the cohort nobody is counted as control"
    );
    assert_eq!(no["feature_state_value"], "control-value");
    trial.act("pause/").await;
    assert!(
        look(inside).await.get("metadata").is_none(),
        "not while it is paused"
    );
    server.stop().await;
}
