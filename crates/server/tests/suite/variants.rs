//! Who is in which variant, as SDKs see it.

use liftgate_model::Clock as _;
use liftgate_model::feature_state::{FeatureState, Line};
use liftgate_model::{EnvironmentId, FeatureId};
use liftgate_store::environments;
use liftgate_store::feature_states::{self, StateFilter};
use liftgate_testkit::{Flag, TestServer, Workspace};
use serde_json::{Value, json};

/// How many identities are asked about.
const IDENTITIES: usize = 120;

/// The value of a flag for each of some identities.
pub async fn variants(workspace: &Workspace, flag: &Flag) -> Vec<Value> {
    let sdk = workspace.sdk();
    let mut values = Vec::new();
    for number in 0..IDENTITIES {
        let body = json!({"identifier": format!("person-{number}"), "transient": true});
        let answer = sdk.post("/api/v1/identities/", body).await.expect(200);
        let flags = answer["flags"].as_array().unwrap();
        let found = flags
            .iter()
            .find(|state| state["feature"]["name"] == flag.name.as_str());
        values.push(found.unwrap()["feature_state_value"].clone());
    }
    values
}

/// The live states of a flag: its default and its segment overrides.
pub async fn live(server: &TestServer, workspace: &Workspace, flag: i64) -> Vec<FeatureState> {
    let reader = server.store.reader();
    let id = EnvironmentId(i32::try_from(workspace.environment).unwrap());
    let environment = environments::find(&reader, id).await.unwrap().unwrap();
    let ids = [FeatureId(i32::try_from(flag).unwrap())];
    let filter = StateFilter::live(&environment, server.clock.now()).of(&ids);
    feature_states::list(&reader, &filter).await.unwrap()
}

/// The salt of each live line of a flag with the options in the order they are walked in.
pub async fn lines(server: &TestServer, workspace: &Workspace, flag: &Flag) -> Vec<(Line, i32, Vec<i32>)> {
    let mut lines: Vec<_> = live(server, workspace, flag.id)
        .await
        .into_iter()
        .map(|state| {
            let options = state.allocations.iter().map(|share| share.option.0).collect();
            (state.line, state.salt, options)
        })
        .collect();
    lines.sort_by_key(|(line, ..)| match line {
        Line::Default => 0,
        Line::Segment(id) => id.0,
        Line::Identity(id) => -id.0,
    });
    lines
}

/// A segment that everybody is in.
pub async fn everybody(workspace: &Workspace, name: &str) -> i64 {
    let body = json!({"name": name, "rules": [{"type": "ALL", "rules": [{"type": "ANY", "conditions": [
        {"property": "$.identity.identifier", "operator": "IS_SET"}]}]}]});
    let path = workspace.project_path("segments/");
    workspace.client.post(path, body).await.expect(201)["id"]
        .as_i64()
        .unwrap()
}
