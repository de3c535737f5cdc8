//! The demonstration project: a shop that tries two new checkouts.

use super::api::Api;
use anyhow::{Context as _, bail};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// The flag the experiment is about.
pub const FLAG: &str = "checkout_button";
/// The metrics: name, event, aggregation, direction, what is expected.
pub const METRICS: &[(&str, &str, &str, &str, &str)] = &[
    ("Purchases", "purchase", "occurrence", "up", "increase"),
    ("Revenue per visitor", "revenue", "sum", "up", "increase"),
    (
        "Pages viewed",
        "page_view",
        "count",
        "informational",
        "not_decrease",
    ),
    (
        "Support requests",
        "support_request",
        "occurrence",
        "down",
        "not_increase",
    ),
];

/// What was built.
pub struct Scene {
    /// The client-side key of the environment.
    pub key: String,
    /// The path of the experiment, with a slash at its end.
    pub experiment: String,
    /// The names of the metrics by id.
    pub metrics: Vec<(i64, &'static str)>,
}

/// Builds project, flags, segments, metrics and a running experiment.
pub async fn build(api: &Api) -> anyhow::Result<Scene> {
    let organisation = api
        .post(
            "/api/v1/organisations/",
            &json!({"name": "Liftgate demonstration"}),
        )
        .await?;
    let project = json!({"name": "Demo shop", "organisation": id(&organisation)?});
    let project = id(&api.post("/api/v1/projects/", &project).await?)?;
    let environments = ["Development", "Production"];
    let mut key = String::new();
    for name in environments {
        let made = api
            .post(
                "/api/v1/environments/",
                &json!({"name": name, "project": project}),
            )
            .await?;
        made["api_key"]
            .as_str()
            .context("an environment has a key")?
            .clone_into(&mut key);
    }
    let features = format!("/api/v1/projects/{project}/features/");
    for (name, value) in [("free_shipping_from", "49"), ("dark_mode", ""), ("search_v2", "")] {
        let body = json!({"name": name, "initial_value": value, "default_enabled": true});
        api.post(&features, &body).await?;
    }
    let segment = json!({"name": "Returning customers", "rules": [{"type": "ALL", "conditions": [], "rules": [
        {"type": "ANY", "rules": [], "conditions": [{"operator": "GREATER_THAN", "property": "orders", "value": "0"}]}]}]});
    api.post(&format!("/api/v1/projects/{project}/segments/"), &segment)
        .await?;

    let flag = json!({"name": FLAG, "initial_value": "Buy now", "default_enabled": true});
    let flag = id(&api.post(&features, &flag).await?)?;
    let mut options = Vec::new();
    for (variant, text) in [
        ("one_click", "Buy with one click"),
        ("reassure", "Buy now, free returns"),
    ] {
        let option = json!({"feature": flag, "key": variant, "type": "unicode", "string_value": text,
            "default_percentage_allocation": 0});
        options.push(id(&api
            .post(&format!("{features}{flag}/mv-options/"), &option)
            .await?)?);
    }
    let base = format!("/api/v1/environments/{key}/");
    let mut metrics = Vec::new();
    let mut attached = Vec::new();
    for (name, event, aggregation, direction, expected) in METRICS {
        let body = json!({"name": name, "aggregation": aggregation, "direction": direction,
            "definition": {"version": 1, "event": event}});
        let metric = id(&api.post(&format!("{base}experiment-metrics/"), &body).await?)?;
        metrics.push((metric, *name));
        attached.push(json!({"metric": metric, "expected_direction": expected}));
    }
    let share = |option: &i64| json!({"multivariate_feature_option": option, "percentage_allocation": 33.3});
    let experiment = json!({
        "feature": flag, "name": "Checkout button", "hypothesis": "A clearer button sells more", "metrics": attached,
        "experiment_rollout": {"enabled": true, "rollout_percentage": 80.0,
            "feature_state_value": {"type": "string", "value": "Buy now"},
            "multivariate_feature_state_values": options.iter().map(share).collect::<Vec<_>>()},
    });
    let experiment = id(&api.post(&format!("{base}experiments/"), &experiment).await?)?;
    let experiment = format!("{base}experiments/{experiment}/");
    api.post(&format!("{experiment}start/"), &Value::Null).await?;
    Ok(Scene {
        key,
        experiment,
        metrics,
    })
}

/// Asks for the results and waits for them.
pub async fn measure(api: &Api, scene: &Scene, patience: (Duration, u32)) -> anyhow::Result<Value> {
    for kind in ["exposures", "results"] {
        api.send(
            Method::POST,
            &format!("{}{kind}/refresh/", scene.experiment),
            None,
        )
        .await?;
    }
    for _ in 0..patience.1 {
        tokio::time::sleep(patience.0).await;
        let answer = api.get(&format!("{}results/", scene.experiment)).await?;
        let results = &answer["results"];
        let time = |field: &str| results[field].as_str().unwrap_or_default();
        if !results["payload"].is_null() && time("as_of") >= time("refresh_requested_at") {
            return Ok(results["payload"].clone());
        }
    }
    bail!(
        "the results did not come in time; they will be at {}results/",
        scene.experiment
    )
}

fn id(body: &Value) -> anyhow::Result<i64> {
    body["id"].as_i64().with_context(|| format!("no id in {body}"))
}
