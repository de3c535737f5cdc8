//! Changes through the admin API and of traits, while the server is being killed.

use liftgate_testkit::Client;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// What was tried, and what of it was acknowledged.
#[derive(Clone)]
pub struct Administration {
    project: Value,
    key: String,
    state: Value,
    tried: Arc<AtomicU64>,
    acknowledged: Arc<Mutex<Acknowledged>>,
}

#[derive(Default)]
struct Acknowledged {
    /// Names of segments.
    segments: Vec<String>,
    /// Identities that have a trait equal to their number.
    identities: Vec<u64>,
    /// The last value of the flag.
    value: u64,
}

impl Administration {
    /// In the environment with that key.
    pub async fn new(client: &Client, key: &str) -> Self {
        let environment = client.get(format!("/api/v1/environments/{key}/")).await;
        let states = format!("/api/v1/environments/{key}/featurestates/");
        Self {
            project: environment.expect(200)["project"].clone(),
            state: client.get(states).await.expect(200)["results"][0]["id"].clone(),
            key: key.to_owned(),
            tried: Arc::new(AtomicU64::new(1)),
            acknowledged: Arc::default(),
        }
    }

    /// Makes segments, identities with traits, and new values of a flag until the server is gone, when the client panics.
    pub async fn work(self, client: Client) {
        let rules = json!([{"type": "ALL", "rules": [], "conditions": [
            {"operator": "EQUAL", "property": "plan", "value": "pro"}]}]);
        let sdk = client.with_environment_key(&self.key);
        loop {
            let number = self.tried.fetch_add(1, Ordering::Relaxed);
            let name = format!("segment-{number}");
            let path = format!("/api/v1/projects/{}/segments/", self.project);
            let made = client.post(path, json!({"name": name, "rules": rules})).await;
            if made.status == 201 {
                self.note(|acknowledged| acknowledged.segments.push(name));
            }
            let path = format!("/api/v1/environments/{}/featurestates/{}/", self.key, self.state);
            let value = json!({"enabled": true, "feature_state_value": number.to_string()});
            if client.put(path, value).await.status == 200 {
                self.note(|acknowledged| acknowledged.value = number);
            }
            let traits = json!([{"trait_key": "number", "trait_value": number}]);
            let body = json!({"identifier": format!("administered-{number}"), "traits": traits});
            if sdk.post("/api/v1/identities/", body).await.status == 200 {
                self.note(|acknowledged| acknowledged.identities.push(number));
            }
        }
    }

    fn note(&self, what: impl FnOnce(&mut Acknowledged)) {
        what(&mut self.acknowledged.lock().unwrap());
    }

    /// Everything that was acknowledged is there, whole and once, with its audit record; how many changes that were.
    pub async fn check(&self, client: &Client) -> usize {
        let (segments, identities, value) = {
            let acknowledged = self.acknowledged.lock().unwrap();
            (
                acknowledged.segments.clone(),
                acknowledged.identities.clone(),
                acknowledged.value,
            )
        };
        assert!(segments.len() > 20, "there was work: {}", segments.len());
        let names = all(
            client,
            &format!("/api/v1/projects/{}/segments/", self.project),
            "name",
        )
        .await;
        let logs = all(
            client,
            &format!("/api/v1/projects/{}/audit/", self.project),
            "log",
        )
        .await;
        for name in &segments {
            let made = names.iter().filter(|other| *other == name).count();
            assert_eq!(made, 1, "{name}");
            let log = format!("New Segment created: {name}");
            let told = logs.iter().filter(|other| **other == log).count();
            assert_eq!(told, 1, "{log}");
        }
        // No segment without its record, acknowledged or not.
        let made = names.iter().filter(|name| name.starts_with("segment-")).count();
        let told = logs
            .iter()
            .filter(|log| log.starts_with("New Segment created: segment-"))
            .count();
        assert_eq!(made, told);
        let path = format!("/api/v1/environments/{}/featurestates/{}/", self.key, self.state);
        let now = client.get(path).await.expect(200)["feature_state_value"].clone();
        let now = now
            .as_str()
            .map_or_else(|| now.as_u64(), |text| text.parse().ok());
        // A later value may have been stored without an acknowledgement.
        assert!(now >= Some(value), "{now:?} after {value}");
        let sdk = client.with_environment_key(&self.key);
        for number in &identities {
            let path = format!("/api/v1/identities/?identifier=administered-{number}");
            let identity = sdk.get(path).await.expect(200);
            assert_eq!(identity["traits"][0]["trait_value"], *number);
        }
        segments.len() * 2 + identities.len()
    }
}

/// A field of every row of a list.
async fn all(client: &Client, path: &str, field: &str) -> Vec<String> {
    let mut found = Vec::new();
    for page in 1.. {
        let rows = client.get(format!("{path}?page={page}")).await.expect(200);
        let of_page = rows["results"].as_array().unwrap().iter();
        found.extend(of_page.map(|row| row[field].as_str().unwrap().to_owned()));
        if rows["next"].is_null() {
            break;
        }
    }
    found
}
