//! Whatever changes a rollout's flag from outside of the experiment, the experiment shows it as soon as it is in force,
//! and not before.

use super::representation::read_back;
use crate::support::id;
use liftgate_model::Clock as _;
use liftgate_testkit::{Flag, TestServer, Workspace};
use serde_json::{Value, json};

/// A flag with an experiment on it that has a rollout: 30 %, of which 50 % and 25 % get the options.
struct Subject {
    workspace: Workspace,
    flag: Flag,
    experiment: i64,
}

impl Subject {
    async fn new(server: &TestServer, versioned: bool) -> Self {
        let workspace = server.workspace(versioned).await;
        let flag = workspace
            .flag("checkout", &[("ka", "a", 30.0), ("kb", "b", 20.0)])
            .await;
        let rollout = workspace.rollout(&flag, 30.0, &[50.0, 25.0]);
        let experiment = workspace.experiment(&flag, Some(rollout)).await;
        Self {
            workspace,
            flag,
            experiment,
        }
    }

    /// What list and detail show, which is the same.
    async fn shown(&self) -> Value {
        let (listed, read) = read_back(&self.workspace, self.experiment).await;
        assert_eq!(listed, read);
        listed
    }

    /// The rollout's shape with the 30 % that no change here touches.
    fn expected(&self, enabled: bool, kind: &str, value: &str, shares: [f64; 2]) -> Value {
        json!({
            "enabled": enabled,
            "rollout_percentage": 30.0,
            "feature_state_value": {"type": kind, "value": value},
            "multivariate_feature_state_values": [
                {"multivariate_feature_option": self.flag.options[0], "percentage_allocation": shares[0]},
                {"multivariate_feature_option": self.flag.options[1], "percentage_allocation": shares[1]},
            ],
        })
    }

    /// A change of the rollout that names no option: it is answered with the shares that are in force.
    async fn change_percentage(&self, percentage: f64) -> Value {
        let path = format!("experiments/{}/rollout/", self.experiment);
        let body = self.workspace.rollout(&self.flag, percentage, &[]);
        let answer = self.workspace.client.patch(self.workspace.path(&path), body);
        answer.await.expect(200)["experiment_rollout"].clone()
    }

    /// The feature segment of the rollout, as it is in force: its id and that of its segment.
    async fn link(&self) -> (i64, i64) {
        let path = format!(
            "/api/v1/features/feature-segments/?environment={}&feature={}",
            self.workspace.environment, self.flag.id
        );
        let links = self.workspace.client.get(path).await.expect(200);
        assert_eq!(links["count"], 1);
        let link = &links["results"][0];
        (id(link), link["segment"].as_i64().unwrap())
    }

    /// The state of the rollout in an environment without versions.
    async fn state(&self) -> Value {
        let (link, _) = self.link().await;
        let path = format!(
            "/api/v1/features/featurestates/?environment={}&feature={}&feature_segment={link}",
            self.workspace.environment, self.flag.id
        );
        let states = self.workspace.client.get(path).await.expect(200);
        assert_eq!(states["count"], 1);
        states["results"][0].clone()
    }

    /// Writes the flag by one of the verbs that do not ask how the environment is versioned.
    async fn write(&self, verb: &str, mut body: Value) {
        body["feature"] = json!({"id": self.flag.id});
        let key = &self.workspace.environment_key;
        let path = format!("/api/experiments/environments/{key}/{verb}/");
        self.workspace.client.post(path, body).await.expect(204);
    }

    async fn switch(&self, to: &str) {
        let path = self.workspace.path(&format!("{to}-v2-versioning/"));
        self.workspace.client.post(path, json!({})).await.expect(202);
    }

    fn versions(&self, below: &str) -> String {
        format!(
            "/api/v1/environments/{}/features/{}/versions/{below}",
            self.workspace.environment, self.flag.id
        )
    }

    /// A draft in which the rollout's override has this value, is off and gives the options these shares.
    async fn draft(&self, value: &str, shares: [f64; 2]) -> String {
        let (_, segment) = self.link().await;
        let item = json!({
            "feature_segment": {"segment": segment}, "enabled": false,
            "feature_state_value": {"type": "unicode", "string_value": value},
            "multivariate_feature_state_values": self.shares(shares),
        });
        let body = json!({"feature_states_to_update": [item]});
        let draft = self.workspace.client.post(self.versions(""), body).await;
        draft.expect(201)["uuid"].as_str().unwrap().to_owned()
    }

    async fn publish(&self, draft: &str, body: Value) {
        let path = self.versions(&format!("{draft}/publish/"));
        self.workspace.client.post(path, body).await.expect(200);
    }

    fn shares(&self, shares: [f64; 2]) -> Value {
        let share = |index: usize| json!({"multivariate_feature_option": self.flag.options[index], "percentage_allocation": shares[index]});
        json!([share(0), share(1)])
    }
}

#[tokio::test]
async fn states_that_are_written_by_their_id_are_shown() {
    let server = TestServer::start().await;
    let subject = Subject::new(&server, false).await;
    let workspace = &subject.workspace;
    let state = subject.state().await;
    let by_id = format!("/api/v1/features/featurestates/{}/", id(&state));

    let body = json!({"enabled": false, "feature_state_value": {"type": "int", "integer_value": 7}});
    workspace.client.patch(&by_id, body).await.expect(200);
    let expected = subject.expected(false, "integer", "7", [50.0, 25.0]);
    assert_eq!(subject.shown().await, expected);

    let mut body = state.clone();
    body["feature_state_value"] = json!({"type": "bool", "boolean_value": true});
    workspace.client.put(&by_id, body).await.expect(200);
    let expected = subject.expected(true, "boolean", "true", [50.0, 25.0]);
    assert_eq!(subject.shown().await, expected);

    let mut body = state.clone();
    body["feature_state_value"] = json!({"type": "unicode", "string_value": "text"});
    body["multivariate_feature_state_values"][0]["percentage_allocation"] = json!(10.0);
    workspace.client.put(&by_id, body).await.expect(200);
    let expected = subject.expected(true, "string", "text", [10.0, 25.0]);
    assert_eq!(subject.shown().await, expected);

    // Below the environment are only defaults, whose changes are none of the rollout.
    let list = workspace.path(&format!("featurestates/?feature={}", subject.flag.id));
    let defaults = workspace.client.get(list).await.expect(200);
    assert_eq!(defaults["count"], 1);
    let default = workspace.path(&format!("featurestates/{}/", id(&defaults["results"][0])));
    let body = json!({"enabled": false, "feature_state_value": "other"});
    workspace.client.put(default, body.clone()).await.expect(200);
    let unknown = workspace.path(&format!("featurestates/{}/", id(&state)));
    workspace.client.put(unknown, body).await.expect(404);
    assert_eq!(subject.shown().await, expected);

    let mut expected = subject.expected(true, "string", "control-value", [10.0, 25.0]);
    expected["rollout_percentage"] = json!(40.0);
    assert_eq!(subject.change_percentage(40.0).await, expected);
    assert_eq!(subject.shown().await, expected);
    server.stop().await;
}

async fn flag_writes_are_shown(versioned: bool) {
    let server = TestServer::start().await;
    let subject = Subject::new(&server, versioned).await;
    let workspace = &subject.workspace;
    let (_, segment) = subject.link().await;

    let body =
        json!({"segment": {"id": segment}, "enabled": false, "value": {"type": "integer", "value": "7"}});
    subject.write("update-flag-v1", body).await;
    let expected = subject.expected(false, "integer", "7", [50.0, 25.0]);
    assert_eq!(subject.shown().await, expected);

    let item = json!({
        "segment_id": segment, "enabled": true, "value": {"type": "string", "value": "x"},
        "multivariate_feature_state_values": subject.shares([5.0, 15.0]),
    });
    let default = json!({"enabled": true, "value": {"type": "string", "value": "control-value"}});
    let body = json!({"environment_default": default, "segment_overrides": [item]});
    subject.write("update-flag-v2", body).await;
    let expected = subject.expected(true, "string", "x", [5.0, 15.0]);
    assert_eq!(subject.shown().await, expected);

    let whole = format!(
        "/api/__future__/environments/{}/features/{}/",
        workspace.environment_key, subject.flag.id
    );
    let variants = json!([
        {"id": subject.flag.options[0], "weight": 60.0}, {"id": subject.flag.options[1], "weight": 40.0}]);
    let item = json!({"segment": {"id": segment}, "enabled": false, "variants": variants});
    workspace
        .client
        .patch(&whole, json!({"segment_overrides": [item]}))
        .await
        .expect(200);
    let expected = subject.expected(false, "string", "x", [60.0, 40.0]);
    assert_eq!(subject.shown().await, expected);

    // A change of the default is none of the rollout.
    subject
        .write(
            "update-flag-v1",
            json!({"enabled": false, "value": {"type": "string", "value": "y"}}),
        )
        .await;
    assert_eq!(subject.shown().await, expected);

    let mut expected = subject.expected(true, "string", "control-value", [60.0, 40.0]);
    expected["rollout_percentage"] = json!(20.0);
    assert_eq!(subject.change_percentage(20.0).await, expected);

    subject
        .write("delete-segment-override", json!({"segment": {"id": segment}}))
        .await;
    assert_eq!(subject.shown().await, Value::Null);
    let start = workspace.path(&format!("experiments/{}/start/", subject.experiment));
    let started = workspace.client.post(start, json!({})).await.expect(200);
    assert_eq!(started["experiment_rollout"], Value::Null);
    server.stop().await;
}

#[tokio::test]
async fn flag_writes_are_shown_without_versioning() {
    flag_writes_are_shown(false).await;
}

#[tokio::test]
async fn flag_writes_are_shown_with_versioning() {
    flag_writes_are_shown(true).await;
}

#[tokio::test]
async fn a_version_is_shown_once_it_is_in_force() {
    let server = TestServer::start().await;
    let subject = Subject::new(&server, true).await;
    let before = subject.expected(true, "string", "control-value", [50.0, 25.0]);

    let draft = subject.draft("drafted", [10.0, 20.0]).await;
    assert_eq!(subject.shown().await, before, "a draft is not in force");
    subject.publish(&draft, json!({})).await;
    let drafted = subject.expected(false, "string", "drafted", [10.0, 20.0]);
    assert_eq!(subject.shown().await, drafted);

    let scheduled = subject.draft("scheduled", [1.0, 2.0]).await;
    let later = server.clock.now().plus_seconds(3600).to_iso();
    subject.publish(&scheduled, json!({"live_from": later})).await;
    assert_eq!(subject.shown().await, drafted, "an hour too early");
    server.clock.advance_seconds(3500);
    assert_eq!(subject.shown().await, drafted, "still too early");
    server.clock.advance_seconds(101);
    let expected = subject.expected(false, "string", "scheduled", [1.0, 2.0]);
    assert_eq!(subject.shown().await, expected);

    // A version without the override.
    let (_, segment) = subject.link().await;
    let body = json!({"segment_ids_to_delete_overrides": [segment], "publish_immediately": true});
    subject
        .workspace
        .client
        .post(subject.versions(""), body)
        .await
        .expect(201);
    assert_eq!(subject.shown().await, Value::Null);
    server.stop().await;
}

#[tokio::test]
async fn switching_the_versioning_changes_nothing_that_is_shown() {
    let server = TestServer::start().await;
    let subject = Subject::new(&server, false).await;
    let (_, segment) = subject.link().await;
    let write = async |value: &str| {
        let value = json!({"type": "string", "value": value});
        let body = json!({"segment": {"id": segment}, "enabled": true, "value": value});
        subject.write("update-flag-v1", body).await;
    };
    let expected = |value: &str| subject.expected(true, "string", value, [50.0, 25.0]);

    write("first").await;
    subject.switch("enable").await;
    assert_eq!(subject.shown().await, expected("first"));
    write("second").await;
    assert_eq!(subject.shown().await, expected("second"));
    // A draft that is never published is left behind by the switch.
    subject.draft("drafted", [10.0, 20.0]).await;
    subject.switch("disable").await;
    assert_eq!(subject.shown().await, expected("second"));
    write("third").await;
    assert_eq!(subject.shown().await, expected("third"));
    subject.switch("enable").await;
    assert_eq!(subject.shown().await, expected("third"));
    let answer = subject.change_percentage(30.0).await;
    assert_eq!(answer, expected("control-value"));
    assert_eq!(subject.shown().await, answer);
    server.stop().await;
}

async fn a_copy_of_the_environment_is_apart(versioned: bool) {
    let server = TestServer::start().await;
    let subject = Subject::new(&server, versioned).await;
    let workspace = &subject.workspace;
    let before = subject.shown().await;
    let copy = workspace
        .client
        .post(workspace.path("clone/"), json!({"name": "Copy"}))
        .await
        .expect(200);
    assert_eq!(subject.shown().await, before);

    let key = copy["api_key"].as_str().unwrap();
    let experiments = format!("/api/v1/environments/{key}/experiments/");
    let listed = workspace.client.get(experiments).await.expect(200);
    assert_eq!(listed["count"], 0);
    let body = json!({"feature": {"id": subject.flag.id}, "enabled": false, "value": {"type": "string", "value": "other"}});
    let path = format!("/api/experiments/environments/{key}/update-flag-v1/");
    workspace.client.post(path, body).await.expect(204);
    assert_eq!(subject.shown().await, before);
    server.stop().await;
}

#[tokio::test]
async fn a_copy_of_the_environment_is_apart_without_versioning() {
    a_copy_of_the_environment_is_apart(false).await;
}

#[tokio::test]
async fn a_copy_of_the_environment_is_apart_with_versioning() {
    a_copy_of_the_environment_is_apart(true).await;
}
