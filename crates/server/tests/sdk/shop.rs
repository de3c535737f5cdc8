//! A small shop: a flag of every kind, three people, and what each of them must see by whatever client.

use liftgate_testkit::{TestServer, Workspace};
use serde_json::{Value, json};

/// What `title` becomes by a change through the admin API.
const NEW_TITLE: &str = "Welcome back";

/// The shop on a live node.
pub struct Shop {
    server: TestServer,
    workspace: Workspace,
    server_key: Value,
}

/// What one flag is for one person.
pub struct Sight {
    pub person: &'static str,
    pub flag: &'static str,
    pub enabled: bool,
    pub value: Value,
    pub variant: Option<&'static str>,
    /// As Flagsmith says it.
    pub reason: &'static str,
    /// As OFREP says it.
    pub word: &'static str,
}

impl Shop {
    /// Opens the shop: by then SDKs see what [`sights`] says.
    pub async fn open() -> Self {
        let server = TestServer::start().await;
        let workspace = server.workspace(false).await;
        let realtime = json!({"enable_realtime_updates": true});
        let project = workspace.project_path("");
        workspace.client.patch(project, realtime).await.expect(200);
        workspace.feature("limit", "42").await;
        let title = workspace.feature("title", "Welcome").await;
        workspace
            .flag(
                "checkout",
                &[("green", "a green button", 100.0), ("red", "a red button", 0.0)],
            )
            .await;
        workspace.flag("sale", &[("half", "half price", 0.0)]).await;
        for (name, value, enabled) in [
            ("banner", None, true),
            ("closed", None, false),
            ("retired", Some("an old text"), false),
        ] {
            let body = json!({"name": name, "initial_value": value, "default_enabled": enabled});
            let features = workspace.project_path("features/");
            workspace.client.post(features, body).await.expect(201);
        }
        let rules = json!([{"type": "ALL", "rules": [], "conditions": [
            {"operator": "EQUAL", "property": "plan", "value": "pro"}]}]);
        let segment = workspace.segment("pro", rules).await;
        workspace
            .override_segment(title, segment, true, "Welcome, pro", &[])
            .await;
        let friend = workspace.identity("vip").await;
        let value = json!("Welcome, friend");
        workspace.override_identity(title, friend, true, value, &[]).await;
        let key = json!({"name": "sdk"});
        let key = workspace
            .client
            .post(workspace.path("api-keys/"), key)
            .await
            .expect(201);
        Self {
            server,
            workspace,
            server_key: key["key"].clone(),
        }
    }

    /// What a program is told.
    pub fn plan(&self) -> Value {
        json!({
            "origin": self.server.origin(), "client_key": self.workspace.environment_key, "server_key": self.server_key,
            "people": [
                {"identifier": "alice", "traits": {"plan": "free"}},
                {"identifier": "bob", "traits": {"plan": "pro"}},
                {"identifier": "vip", "traits": {"plan": "pro"}},
            ],
            "flags": {"banner": "boolean", "limit": "integer", "title": "string", "checkout": "string",
                "sale": "string", "closed": "boolean", "retired": "string"},
            "news": {"flag": "title", "person": "alice", "value": NEW_TITLE},
        })
    }

    /// Gives `title` its new value by the admin API.
    pub async fn change_title(&self) {
        let body = json!({"feature": {"name": "title"}, "enabled": true, "value": {"type": "string", "value": NEW_TITLE}});
        let environment = &self.workspace.environment_key;
        let path = format!("/api/experiments/environments/{environment}/update-flag-v1/");
        self.workspace.client.post(path, body).await.expect(204);
    }

    /// Stops the node.
    pub async fn close(self) {
        self.server.stop().await;
    }
}

/// Everything that is seen, before the change of `title` or after it.
pub fn sights(is_changed: bool) -> Vec<Sight> {
    let title = if is_changed { NEW_TITLE } else { "Welcome" };
    let mut sights = Vec::new();
    for person in ["alice", "bob", "vip"] {
        let mut see = |flag, enabled, value, variant, reason, word| {
            sights.push(Sight {
                person,
                flag,
                enabled,
                value,
                variant,
                reason,
                word,
            });
        };
        see("banner", true, Value::Null, None, "STATIC", "STATIC");
        see("limit", true, json!(42), None, "STATIC", "STATIC");
        match person {
            "alice" => see("title", true, json!(title), None, "DEFAULT", "STATIC"),
            "bob" => see(
                "title",
                true,
                json!("Welcome, pro"),
                None,
                "TARGETING_MATCH; segment=pro",
                "TARGETING_MATCH",
            ),
            _ => see(
                "title",
                true,
                json!("Welcome, friend"),
                None,
                "TARGETING_MATCH; segment=identity_overrides",
                "TARGETING_MATCH",
            ),
        }
        see(
            "checkout",
            true,
            json!("a green button"),
            Some("green"),
            "SPLIT; weight=100.0",
            "SPLIT",
        );
        see(
            "sale",
            true,
            json!("control-value"),
            Some("control"),
            "STATIC",
            "SPLIT",
        );
        see("closed", false, Value::Null, None, "STATIC", "DISABLED");
        see("retired", false, json!("an old text"), None, "STATIC", "DISABLED");
    }
    sights
}
