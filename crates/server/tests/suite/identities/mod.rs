//! Identities through HTTP (contract, admin API, section 6.1).

mod concurrent;
mod crud;
mod flags;
mod overrides;
mod source;
mod trace;
mod traits;

use crate::support::id;
use liftgate_testkit::Workspace;
use serde_json::{Value, json};

/// A new identity; its id.
async fn identity(workspace: &Workspace, identifier: &str) -> i64 {
    let body = json!({"identifier": identifier});
    id(&workspace
        .client
        .post(workspace.path("identities/"), body)
        .await
        .expect(201))
}

/// A path below an identity.
fn below(workspace: &Workspace, identity: i64, rest: &str) -> String {
    workspace.path(&format!("identities/{identity}/{rest}"))
}

/// What the data plane says of an identifier, with a client-side key.
async fn identified(workspace: &Workspace, identifier: &str) -> Value {
    let path = format!("/api/v1/identities/?identifier={identifier}");
    workspace.sdk().get(path).await.expect(200)
}

/// The value of a flag in an answer of the data plane.
fn value<'a>(identified: &'a Value, feature: &str) -> &'a Value {
    let flags = identified["flags"].as_array().unwrap();
    let flag = flags.iter().find(|flag| flag["feature"]["name"] == feature);
    &flag.unwrap()["feature_state_value"]
}
