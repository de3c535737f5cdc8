//! Builders of what is served to some people only: segments, and overrides of segments and identities.

use crate::Workspace;
use crate::workspace::id;
use serde_json::{Value, json};

impl Workspace {
    /// A new segment of the project; answers its id.
    pub async fn segment(&self, name: &str, rules: Value) -> i64 {
        let body = json!({"name": name, "rules": rules});
        let segments = self.project_path("segments/");
        id(&self.client.post(segments, body).await.expect(201))
    }

    /// Overrides a feature for a segment, after the overrides there are. The environment has no versioning. `shares` are
    /// those of the feature's options: pairs of an option and a percentage.
    pub async fn override_segment(
        &self,
        feature: i64,
        segment: i64,
        enabled: bool,
        value: &str,
        shares: &[(i64, f64)],
    ) {
        let body = json!({
            "enabled": enabled,
            "feature_state_value": {"type": "unicode", "string_value": value},
            "feature_segment": {"segment": segment},
            "multivariate_feature_state_values": shares_of(shares),
        });
        let path = self.path(&format!("features/{feature}/create-segment-override/"));
        self.client.post(path, body).await.expect(201);
    }

    /// A new identity of the environment; answers its id.
    pub async fn identity(&self, identifier: &str) -> i64 {
        let body = json!({"identifier": identifier});
        id(&self.client.post(self.path("identities/"), body).await.expect(201))
    }

    /// Overrides a feature for an identity; `shares` as for segments.
    pub async fn override_identity(
        &self,
        feature: i64,
        identity: i64,
        enabled: bool,
        value: Value,
        shares: &[(i64, f64)],
    ) {
        let body = json!({
            "feature": feature,
            "enabled": enabled,
            "feature_state_value": value,
            "multivariate_feature_state_values": shares_of(shares),
        });
        let path = self.path(&format!("identities/{identity}/featurestates/"));
        self.client.post(path, body).await.expect(201);
    }
}

fn shares_of(shares: &[(i64, f64)]) -> Vec<Value> {
    shares
        .iter()
        .map(|(option, share)| json!({"multivariate_feature_option": option, "percentage_allocation": share}))
        .collect()
}
