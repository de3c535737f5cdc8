//! What is asked for: an environment of 50 flags, of which 10 are overridden among 20 segments of 3 conditions and 5 are
//! multivariate, and identities of 10 traits.

use super::load::Case;
use liftgate_model::{Clock as _, SystemClock};
use liftgate_testkit::Client;
use serde_json::{Map, Value, json};

const FLAGS: usize = 50;
const OVERRIDDEN: usize = 10;
const MULTIVARIATE: usize = 5;
const SEGMENTS: usize = 20;
const TRAITS: usize = 10;

/// Events of a batch.
pub const BATCH: u32 = 100;

/// An environment with its keys.
pub struct World {
    /// The administrator.
    pub client: Client,
    /// The path of the environment: `/api/v1/environments/KEY/`.
    pub path: String,
    /// The client-side key.
    pub client_key: String,
    server_key: String,
}

impl World {
    /// Makes the environment through the API.
    pub async fn make(origin: &str) -> Self {
        let anonymous = Client::new(origin);
        let user = json!({"email": "bench@example.com", "password": "a sound p4ssphrase", "first_name": "B", "last_name": "B"});
        let token = anonymous.post("/api/v1/auth/users/", user).await.expect(201)["key"].clone();
        let client = anonymous.with_token(token.as_str().unwrap());
        let organisation = client
            .post("/api/v1/organisations/", json!({"name": "Acme"}))
            .await
            .expect(201)["id"]
            .clone();
        let project = json!({"name": "Web", "organisation": organisation, "enable_realtime_updates": true});
        let project = client.post("/api/v1/projects/", project).await.expect(201)["id"].clone();
        let environment = json!({"name": "Production", "project": project});
        let environment = client
            .post("/api/v1/environments/", environment)
            .await
            .expect(201);
        let client_key = environment["api_key"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/environments/{client_key}/");
        let key = client
            .post(format!("{path}api-keys/"), json!({"name": "bench"}))
            .await;
        let server_key = key.expect(201)["key"].as_str().unwrap().to_owned();
        let world = Self {
            client,
            path,
            client_key,
            server_key,
        };
        world.fill(&format!("/api/v1/projects/{project}/")).await;
        world
    }

    async fn fill(&self, project: &str) {
        let mut segments = Vec::new();
        for segment in 0..SEGMENTS {
            let conditions: Vec<Value> = (0..3)
                .map(|at| json!({"operator": "EQUAL", "property": format!("trait_{at}"), "value": format!("{}", segment % 4)}))
                .collect();
            let body = json!({"name": format!("segment_{segment}"),
                "rules": [{"type": "ALL", "rules": [{"type": "ANY", "rules": [], "conditions": conditions}], "conditions": []}]});
            let made = self
                .client
                .post(format!("{project}segments/"), body)
                .await
                .expect(201);
            segments.push(made["id"].clone());
        }
        for flag in 0..FLAGS {
            let body = json!({"name": format!("flag_{flag}"), "initial_value": format!("value {flag}"), "default_enabled": true});
            let feature = self
                .client
                .post(format!("{project}features/"), body)
                .await
                .expect(201)["id"]
                .clone();
            if flag < MULTIVARIATE {
                for option in ["a", "b"] {
                    let body = json!({"feature": feature, "key": option, "type": "unicode", "string_value": option,
                        "default_percentage_allocation": 30});
                    let path = format!("{project}features/{feature}/mv-options/");
                    self.client.post(path, body).await.expect(201);
                }
            }
            if flag < OVERRIDDEN {
                let value = json!({"type": "unicode", "string_value": "overridden"});
                let body = json!({"enabled": true, "feature_state_value": value, "feature_segment": {"segment": segments[flag * 2]}});
                let path = format!("{}features/{feature}/create-segment-override/", self.path);
                self.client.post(path, body).await.expect(201);
            }
        }
    }

    /// Makes another environment with the same flags.
    pub async fn clone_environment(&self, name: &str) {
        let path = format!("{}clone/", self.path);
        self.client.post(path, json!({"name": name})).await.expect(200);
    }

    /// Identities that were never seen before.
    pub fn newcomers(&self) -> Case {
        Case {
            name: "new identities",
            goal: "",
            path: "/api/v1/identities/".into(),
            headers: vec![("x-environment-key", self.client_key.clone())],
            body: Some(json!({"identifier": "newcomer-@", "traits": traits(None)}).to_string()),
            units: 1.0,
        }
    }

    /// The text of a batch of events.
    pub fn batch() -> String {
        events()
    }

    /// What is measured.
    pub fn cases(&self) -> Vec<Case> {
        let key = |key: &str| vec![("x-environment-key", key.to_owned())];
        let identity = |traits: Value| json!({"identifier": "user-#", "traits": traits}).to_string();
        let case = |name, goal, path: &str, key, body| Case {
            name,
            goal,
            path: path.into(),
            headers: key,
            body,
            units: 1.0,
        };
        vec![
            case(
                "`GET /flags/`",
                "1.25",
                "/api/v1/flags/",
                key(&self.client_key),
                None,
            ),
            case(
                "`POST /identities/`, traits unchanged",
                "2.0",
                "/api/v1/identities/",
                key(&self.client_key),
                Some(identity(traits(None))),
            ),
            case(
                "`POST /identities/`, one trait changed",
                "5",
                "/api/v1/identities/",
                key(&self.client_key),
                Some(identity(traits(Some("@")))),
            ),
            case(
                "`GET /environment-document/`",
                "1.25",
                "/api/v1/environment-document/",
                key(&self.server_key),
                None,
            ),
            case(
                "`POST /ofrep/v1/evaluate/flags/`, one flag",
                "1.5",
                "/ofrep/v1/evaluate/flags/flag_3",
                key(&self.client_key),
                Some(ofrep()),
            ),
            Case {
                units: f64::from(BATCH),
                ..case(
                    "`POST /v1/events`, of 100 (figures for one event)",
                    "2 µs",
                    "/v1/events",
                    key(&self.client_key),
                    Some(events()),
                )
            },
        ]
    }
}

/// The traits of an identity; the last one may be given.
fn traits(last: Option<&str>) -> Value {
    let value = |at: usize| match last {
        Some(text) if at == TRAITS - 1 => text.to_owned(),
        _ => format!("{}", at % 4),
    };
    (0..TRAITS)
        .map(|at| json!({"trait_key": format!("trait_{at}"), "trait_value": value(at)}))
        .collect()
}

/// An OFREP context with the same traits.
fn ofrep() -> String {
    let mut context = Map::new();
    context.insert("targetingKey".into(), "user-#".into());
    for at in 0..TRAITS {
        context.insert(format!("trait_{at}"), format!("{}", at % 4).into());
    }
    json!({"context": context}).to_string()
}

/// A batch of events that differ from those of all other batches.
fn events() -> String {
    let now = SystemClock.now().as_millis();
    let events: Vec<Value> = (0..BATCH)
        .map(|at| {
            let mut event = Map::new();
            event.insert("event".into(), "purchase".into());
            event.insert("identifier".into(), format!("user-{at}-@").into());
            event.insert("value".into(), "12.5".into());
            event.insert("metadata".into(), json!({"sdk_version": "12.4.0"}));
            event.insert("timestamp".into(), now.into());
            event.into()
        })
        .collect();
    json!({"events": events}).to_string()
}
