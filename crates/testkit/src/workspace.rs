//! What most tests need: an organisation with a project and an environment, and a flag with variants.

use crate::{Client, TestServer};
use serde_json::{Value, json};

/// A signed-in administrator with an organisation, a project and an environment.
pub struct Workspace {
    /// The administrator.
    pub client: Client,
    /// The organisation.
    pub organisation: i64,
    /// The project.
    pub project: i64,
    /// The environment's id.
    pub environment: i64,
    /// The environment's client-side key.
    pub environment_key: String,
}

/// A multivariate feature.
pub struct Flag {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its options, in order.
    pub options: Vec<i64>,
}

impl TestServer {
    /// A new administrator's workspace; the environment is versioned or not.
    pub async fn workspace(&self, versioned: bool) -> Workspace {
        let client = self.sign_up("admin@example.com").await;
        let organisation = id(&client
            .post("/api/v1/organisations/", json!({"name": "Acme"}))
            .await
            .expect(201));
        let project = json!({"name": "Web", "organisation": organisation});
        let project = id(&client.post("/api/v1/projects/", project).await.expect(201));
        let environment = json!({"name": "Production", "project": project});
        let environment = client
            .post("/api/v1/environments/", environment)
            .await
            .expect(201);
        let workspace = Workspace {
            organisation,
            project,
            environment: id(&environment),
            environment_key: text(&environment["api_key"]),
            client,
        };
        if versioned {
            workspace
                .client
                .post(workspace.path("enable-v2-versioning/"), json!({}))
                .await
                .expect(202);
        }
        workspace
    }
}

impl Workspace {
    /// A path below the environment: `experiments/`.
    pub fn path(&self, below: &str) -> String {
        format!("/api/v1/environments/{}/{below}", self.environment_key)
    }

    /// A path below the project: `features/`.
    pub fn project_path(&self, below: &str) -> String {
        format!("/api/v1/projects/{}/{below}", self.project)
    }

    /// An SDK with the client-side key.
    pub fn sdk(&self) -> Client {
        Client::new(self.client.origin()).with_environment_key(&self.environment_key)
    }

    /// An SDK with a new server-side key.
    pub async fn server_sdk(&self) -> Client {
        let key = self
            .client
            .post(self.path("api-keys/"), json!({"name": "server"}))
            .await
            .expect(201);
        Client::new(self.client.origin()).with_environment_key(&text(&key["key"]))
    }

    /// A feature without variants.
    pub async fn feature(&self, name: &str, initial_value: &str) -> i64 {
        let body = json!({"name": name, "initial_value": initial_value, "default_enabled": true});
        id(&self
            .client
            .post(self.project_path("features/"), body)
            .await
            .expect(201))
    }

    /// An enabled feature with variants: key, value and share of each.
    pub async fn flag(&self, name: &str, options: &[(&str, &str, f64)]) -> Flag {
        let feature = self.feature(name, "control-value").await;
        let mut ids = Vec::new();
        for (key, value, share) in options {
            let body = json!({
                "feature": feature, "key": key, "type": "unicode", "string_value": value,
                "default_percentage_allocation": share,
            });
            let path = self.project_path(&format!("features/{feature}/mv-options/"));
            ids.push(id(&self.client.post(path, body).await.expect(201)));
        }
        Flag {
            id: feature,
            name: name.to_owned(),
            options: ids,
        }
    }

    /// The body of a rollout of a flag with the given shares, in the order of its options.
    pub fn rollout(&self, flag: &Flag, percentage: f64, shares: &[f64]) -> Value {
        let shares: Vec<Value> = flag
            .options
            .iter()
            .zip(shares)
            .map(|(option, share)| json!({"multivariate_feature_option": option, "percentage_allocation": share}))
            .collect();
        json!({
            "enabled": true,
            "rollout_percentage": percentage,
            "feature_state_value": {"type": "string", "value": "control-value"},
            "multivariate_feature_state_values": shares,
        })
    }

    /// A new experiment on a flag, with or without a rollout; answers its id.
    pub async fn experiment(&self, flag: &Flag, rollout: Option<Value>) -> i64 {
        let mut body = json!({"feature": flag.id, "name": "Button colour", "hypothesis": "Green sells more"});
        if let Some(rollout) = rollout {
            body["experiment_rollout"] = rollout;
        }
        id(&self
            .client
            .post(self.path("experiments/"), body)
            .await
            .expect(201))
    }

    /// A new metric; answers its id.
    pub async fn metric(&self, name: &str, event: &str, aggregation: &str) -> i64 {
        let body = json!({
            "name": name, "aggregation": aggregation, "direction": "up", "definition": {"version": 1, "event": event},
        });
        id(&self
            .client
            .post(self.path("experiment-metrics/"), body)
            .await
            .expect(201))
    }
}

pub(crate) fn id(body: &Value) -> i64 {
    body["id"].as_i64().expect("the body has an id")
}

fn text(value: &Value) -> String {
    value.as_str().expect("the value is text").to_owned()
}
