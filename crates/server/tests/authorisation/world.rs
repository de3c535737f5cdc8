//! An organisation that has one of everything, each with the canary in its name.

use liftgate_testkit::{Client, TestServer, Workspace};
use serde_json::{Value, json};
use std::collections::HashMap;

/// In the name of everything of the organisation; nobody else may ever read it.
pub const CANARY: &str = "canary7f3a";

/// Everything of one organisation.
pub struct World {
    pub workspace: Workspace,
    /// What stands for each parameter of a path.
    ids: HashMap<&'static str, String>,
    /// What `uuid` stands for, by the beginning of the path.
    uuids: Vec<(&'static str, String)>,
}

impl World {
    /// Makes everything.
    pub async fn make(server: &TestServer) -> Self {
        let workspace = server.workspace(false).await;
        let mut world = Self {
            ids: HashMap::from([
                ("organisation_id", workspace.organisation.to_string()),
                ("project_id", workspace.project.to_string()),
                ("environment_id", workspace.environment.to_string()),
                ("environment_key", workspace.environment_key.clone()),
                ("identifier", CANARY.into()),
                ("trait_key", CANARY.into()),
                ("flag_key", CANARY.into()),
            ]),
            uuids: Vec::new(),
            workspace,
        };
        world.fill().await;
        world
    }

    /// A path of the document with the ids of this world.
    pub fn path_of(&self, template: &str) -> String {
        let mut path = String::new();
        for (index, part) in template.split('{').enumerate() {
            if index == 0 {
                path.push_str(part);
                continue;
            }
            let (name, rest) = part.split_once('}').unwrap();
            path.push_str(&self.value(template, name));
            path.push_str(rest);
        }
        path
    }

    /// The id of an object, by the name of the parameter.
    pub fn id(&self, name: &str) -> &str {
        &self.ids[name]
    }

    fn value(&self, template: &str, name: &str) -> String {
        if name == "uuid" {
            let found = self.uuids.iter().find(|(start, _)| template.starts_with(start));
            return found.map_or_else(|| panic!("no uuid for {template}"), |(_, uuid)| uuid.clone());
        }
        let found = self.ids.get(name);
        found
            .cloned()
            .unwrap_or_else(|| panic!("no {name} for {template}"))
    }

    fn note(&mut self, name: &'static str, value: &Value) {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), ToOwned::to_owned);
        self.ids.insert(name, text);
    }

    async fn post(&self, path: String, body: Value) -> Value {
        let answer = self.workspace.client.post(&path, body).await;
        assert!((200..300).contains(&answer.status), "{path}: {}", answer.text);
        answer.body
    }

    async fn get(&self, path: &str) -> Value {
        self.workspace.client.get(path).await.expect(200)
    }

    async fn fill(&mut self) {
        self.rename().await;
        self.flags().await;
        self.people().await;
        self.experiments().await;
        self.versions().await;
        let audit = self.get(&self.workspace.project_path("audit/")).await;
        self.note("audit_id", &audit["results"][0]["id"]);
    }

    async fn rename(&mut self) {
        let client = self.workspace.client.clone();
        let organisation = format!("/api/v1/organisations/{}/", self.workspace.organisation);
        for path in [
            organisation.clone(),
            self.workspace.project_path(""),
            self.workspace.path(""),
        ] {
            client.patch(path, json!({"name": CANARY})).await.expect(200);
        }
        let organisation = self.get(&organisation).await;
        let project = self.get(&self.workspace.project_path("")).await;
        let environment = self.get(&self.workspace.path("")).await;
        for (start, body) in [
            ("/api/v1/organisations/", organisation),
            ("/api/v1/environments/", environment),
            ("/api/v1/projects/get-by-uuid/", project),
        ] {
            self.uuids
                .push((start, body["uuid"].as_str().unwrap().to_owned()));
        }
    }

    async fn flags(&mut self) {
        let flag = self.workspace.flag(CANARY, &[(CANARY, CANARY, 0.0)]).await;
        self.note("feature_id", &json!(flag.id));
        self.note("option_id", &json!(flag.options[0]));
        let feature = self
            .get(&self.workspace.project_path(&format!("features/{}/", flag.id)))
            .await;
        let option = feature["multivariate_options"][0]["uuid"].clone();
        let tag = self
            .post(
                self.workspace.project_path("tags/"),
                json!({"label": CANARY, "color": "#000000"}),
            )
            .await;
        self.note("tag_id", &tag["id"]);
        let rules = json!([{"type": "ALL", "rules": [], "conditions": [
            {"operator": "EQUAL", "property": "plan", "value": CANARY}]}]);
        let segment = self
            .post(
                self.workspace.project_path("segments/"),
                json!({"name": CANARY, "rules": rules}),
            )
            .await;
        self.note("segment_id", &segment["id"]);
        self.note("segment_uuid", &segment["uuid"]);
        let value = json!({"type": "unicode", "string_value": CANARY});
        let body = json!({"enabled": true, "feature_state_value": value, "feature_segment": {"segment": segment["id"]}});
        let path = format!("features/{}/create-segment-override/", flag.id);
        let state = self.post(self.workspace.path(&path), body).await;
        self.note("feature_segment_id", &state["feature_segment"]["id"]);
        let states = self.get(&self.workspace.path("featurestates/")).await;
        self.note("feature_state_id", &states["results"][0]["id"]);
        let of = |value: &Value| value.as_str().unwrap().to_owned();
        self.uuids.extend([
            ("/api/v1/features/get-by-uuid/", of(&feature["uuid"])),
            ("/api/v1/multivariate/", of(&option)),
            ("/api/v1/projects/{project_id}/tags/", of(&tag["uuid"])),
            (
                "/api/v1/features/feature-segments/",
                of(&state["feature_segment"]["uuid"]),
            ),
            ("/api/v1/features/featurestates/", of(&state["uuid"])),
        ]);
    }

    async fn people(&mut self) {
        let (workspace, organisation) = (&self.workspace, self.workspace.organisation);
        let me = self.get("/api/v1/auth/users/me/").await;
        let identity = self
            .post(workspace.path("identities/"), json!({"identifier": CANARY}))
            .await;
        let path = workspace.path(&format!("identities/{}/", identity["id"]));
        let text = json!({"trait_key": CANARY, "value_type": "unicode", "string_value": CANARY});
        let stored = self.post(format!("{path}traits/"), text).await;
        self.post(
            format!("{path}featurestates/"),
            json!({"feature": self.ids["feature_id"], "enabled": true}),
        )
        .await;
        let key = self
            .post(workspace.path("api-keys/"), json!({"name": CANARY}))
            .await;
        let organisation = format!("/api/v1/organisations/{organisation}/");
        let invite = self
            .post(
                format!("{organisation}invites/"),
                json!({"email": "canary7f3a@example.com", "role": "USER"}),
            )
            .await;
        let master = self
            .post(format!("{organisation}master-api-keys/"), json!({"name": CANARY}))
            .await;
        let group = self
            .post(format!("{organisation}groups/"), json!({"name": CANARY}))
            .await;
        let link = self
            .post(format!("{organisation}invite-links/"), json!({"role": "USER"}))
            .await;
        let grants = self.get(&workspace.path("user-permissions/")).await;
        self.note("user_id", &me["id"]);
        self.note("identity_id", &identity["id"]);
        self.note("trait_id", &stored["id"]);
        self.note("environment_key_id", &key["id"]);
        self.note("invite_id", &invite["id"]);
        self.note("prefix", &master["prefix"]);
        self.note("group_id", &group["id"]);
        self.note("invite_link_id", &link["id"]);
        self.note("grant_id", &grants[0]["id"]);
        self.note("hash", &json!("0".repeat(64)));
    }

    async fn experiments(&mut self) {
        let workspace = &self.workspace;
        let metric = workspace.metric(CANARY, CANARY, "occurrence").await;
        let rollout = json!({"enabled": true, "rollout_percentage": 50,
            "feature_state_value": {"type": "string", "value": CANARY}, "multivariate_feature_state_values": []});
        let body = json!({"feature": self.ids["feature_id"], "name": CANARY, "hypothesis": CANARY,
            "metrics": [{"metric": metric, "expected_direction": "increase"}], "experiment_rollout": rollout});
        let experiment = self.post(workspace.path("experiments/"), body).await;
        let path = workspace.path(&format!("experiments/{}/metrics/", experiment["id"]));
        let attached = self.get(&path).await;
        let connection = self
            .post(
                workspace.path("warehouse-connections/"),
                json!({"warehouse_type": "flagsmith", "name": CANARY}),
            )
            .await;
        self.note("metric_id", &json!(metric));
        self.note("experiment_id", &experiment["id"]);
        self.note("experiment_metric_id", &attached[0]["id"]);
        self.note("connection_id", &connection["id"]);
    }

    /// Versions are of another environment; its paths name the feature and an environment that do not belong to them,
    /// which is refused to outsiders all the same.
    async fn versions(&mut self) {
        let body = json!({"name": "canary7f3a-2", "project": self.workspace.project});
        let environment = self.post("/api/v1/environments/".into(), body).await;
        let key = environment["api_key"].as_str().unwrap();
        self.post(
            format!("/api/v1/environments/{key}/enable-v2-versioning/"),
            json!({}),
        )
        .await;
        let path = format!(
            "/api/v1/environments/{}/features/{}/versions/",
            environment["id"], self.ids["feature_id"]
        );
        let version = self.post(path, json!({})).await;
        let uuid = version["uuid"].as_str().unwrap().to_owned();
        self.uuids.insert(
            0,
            ("/api/v1/environments/{environment_id}/features/", uuid.clone()),
        );
        self.uuids
            .insert(0, ("/api/v1/environment-feature-versions/", uuid));
    }
}

/// A client with a master key.
pub fn with_master_key(client: &Client, key: &Value) -> Client {
    client.with(
        "authorization",
        format!("Api-Key {}", key["key"].as_str().unwrap()),
    )
}
