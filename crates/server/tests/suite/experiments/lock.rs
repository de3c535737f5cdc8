//! The lock of a flag while an experiment runs on it (contract, admin API, section 7.10).

use crate::support::audit_log;
use crate::variants::{everybody, live};
use liftgate::config::ExperimentLock;
use liftgate_model::SegmentId;
use liftgate_model::feature_state::{FeatureState, Line};
use liftgate_testkit::{Answer, Client, Flag, TestServer, Workspace};
use reqwest::Method;
use serde_json::{Value, json};

const WARNING: &str = "liftgate-warning";

/// A flag with an override for a segment, and an experiment that runs on it.
struct Scene {
    server: TestServer,
    workspace: Workspace,
    flag: Flag,
    experiment: i64,
    /// Segments: the first has an override.
    segments: [i64; 4],
}

impl Scene {
    async fn start(lock: ExperimentLock, versioned: bool) -> Self {
        let server = TestServer::start_with(|serve| serve.experiment_lock = lock).await;
        let workspace = server.workspace(versioned).await;
        let flag = workspace
            .flag("checkout", &[("ka", "a", 30.0), ("kb", "b", 20.0)])
            .await;
        let mut segments = [0; 4];
        for (index, segment) in segments.iter_mut().enumerate() {
            *segment = everybody(&workspace, &format!("s{index}")).await;
        }
        let scene = Self {
            experiment: workspace
                .experiment(&flag, Some(workspace.rollout(&flag, 30.0, &[50.0, 25.0])))
                .await,
            server,
            workspace,
            flag,
            segments,
        };
        let write = scene.override_for(segments[0]);
        scene.send(&write).await.expect(204);
        scene.step("start/").await.expect(200);
        scene
    }

    fn client(&self) -> &Client {
        &self.workspace.client
    }

    async fn step(&self, action: &str) -> Answer {
        let path = self
            .workspace
            .path(&format!("experiments/{}/{action}", self.experiment));
        self.client().post(path, json!({})).await
    }

    async fn send(&self, write: &Write) -> Answer {
        self.client()
            .send(write.method.clone(), &write.path, write.body.clone())
            .await
    }

    fn future(&self, below: &str) -> String {
        format!(
            "/api/__future__/environments/{}/features/{}/{below}",
            self.workspace.environment_key, self.flag.id
        )
    }

    fn update_flag(&self, verb: &str, mut body: Value) -> Write {
        let path = format!(
            "/api/experiments/environments/{}/{verb}/",
            self.workspace.environment_key
        );
        body["feature"] = json!({"id": self.flag.id});
        write(Method::POST, path, body, 204)
    }

    fn override_for(&self, segment: i64) -> Write {
        let body =
            json!({"segment": {"id": segment}, "enabled": true, "value": {"type": "string", "value": "o"}});
        self.update_flag("update-flag-v1", body)
    }

    async fn state(&self, line: Line) -> FeatureState {
        let states = live(&self.server, &self.workspace, self.flag.id).await;
        states.into_iter().find(|state| state.line == line).unwrap()
    }

    /// The state of the override.
    async fn overridden(&self) -> FeatureState {
        let segment = i32::try_from(self.segments[0]).unwrap();
        self.state(Line::Segment(SegmentId(segment))).await
    }

    /// Writes that need no id of a state, in an order in which each changes something.
    fn of_both(&self) -> Vec<Write> {
        let [first, second, third, _] = self.segments;
        let text = |value: &str| json!({"type": "string", "value": value});
        let option = |share: f64| json!({"feature": self.flag.id, "type": "unicode", "string_value": "c", "default_percentage_allocation": share});
        let variants: Vec<Value> = self
            .flag
            .options
            .iter()
            .map(|option| json!({"id": option, "weight": 10.0}))
            .collect();
        let feature = self
            .workspace
            .project_path(&format!("features/{}/", self.flag.id));
        let options = format!("{feature}mv-options/");
        let changed = format!("{options}{}/", self.flag.options[0]);
        let removed = format!("{options}{}/", self.flag.options[1]);
        vec![
            self.update_flag("update-flag-v1", json!({"enabled": true, "value": text("by v1")})),
            self.override_for(second),
            self.update_flag(
                "update-flag-v2",
                json!({"environment_default": {"enabled": true, "value": text("by v2")}}),
            ),
            self.update_flag("delete-segment-override", json!({"segment": {"id": second}})),
            write(
                Method::PATCH,
                self.future(""),
                json!({"environment_default": {"enabled": true, "value": text("patched")}}),
                200,
            ),
            write(
                Method::PUT,
                self.future(""),
                json!({"environment_default": {"enabled": true, "value": text("put"), "variants": variants}}),
                200,
            ),
            self.override_for(third),
            bare(
                Method::DELETE,
                self.future(&format!("segment-overrides/{third}/")),
                200,
            ),
            write(Method::POST, options.clone(), option(0.0), 201),
            write(
                Method::PATCH,
                changed,
                json!({"feature": self.flag.id, "string_value": "other"}),
                200,
            ),
            bare(Method::DELETE, removed, 204),
            write(
                Method::PATCH,
                feature.clone(),
                json!({"is_server_key_only": true}),
                200,
            ),
            write(Method::PATCH, feature, json!({"is_archived": true}), 200),
            bare(
                Method::DELETE,
                self.workspace.project_path(&format!("segments/{first}/")),
                204,
            ),
        ]
    }

    /// Writes to rows in place.
    async fn in_place(&self) -> Vec<Write> {
        const LINKS: &str = "/api/v1/features/feature-segments/";
        const STATES: &str = "/api/v1/features/featurestates/";
        let [first, second, ..] = self.segments;
        let default = self.state(Line::Default).await.id;
        let overridden = self.overridden().await;
        let link = overridden.feature_segment.clone().unwrap();
        let environment = self.workspace.environment;
        let in_environment = self.workspace.path(&format!("featurestates/{default}/"));
        let create = self
            .workspace
            .path(&format!("features/{}/create-segment-override/", self.flag.id));
        let priority = i32::from(link.priority == 0);
        vec![
            write(Method::PATCH, in_environment, json!({"enabled": false}), 200),
            write(
                Method::PATCH,
                format!("{STATES}{default}/"),
                json!({"enabled": true}),
                200,
            ),
            write(
                Method::PUT,
                format!("{STATES}{}/", overridden.id),
                json!({"enabled": false, "feature": self.flag.id, "environment": environment,
                    "feature_state_value": {"type": "unicode", "string_value": "x"}}),
                200,
            ),
            write(
                Method::POST,
                create,
                json!({"feature_segment": {"segment": second}, "enabled": true,
                    "feature_state_value": {"type": "unicode", "string_value": "x"}}),
                201,
            ),
            write(
                Method::POST,
                format!("{LINKS}update-priorities/"),
                json!([{"id": link.id.0, "priority": priority}]),
                200,
            ),
            bare(Method::DELETE, format!("{LINKS}{}/", link.id.0), 204),
            self.override_for(first),
        ]
    }

    /// Writes of versions.
    async fn of_versions(&self) -> Vec<Write> {
        let link = self.overridden().await.feature_segment.unwrap();
        let versions = self.versions();
        let draft = self.client().post(&versions, json!({})).await;
        assert_eq!(draft.header(WARNING), None);
        let draft = draft.expect(201)["uuid"].as_str().unwrap().to_owned();
        let states = format!("{versions}{draft}/featurestates/");
        let item = json!({"enabled": true, "feature_segment": {"segment": self.segments[1]},
            "feature_state_value": {"type": "unicode", "string_value": "x"}});
        let added = self.client().post(&states, item).await;
        assert_eq!(added.header(WARNING), None);
        added.expect(201);
        let update = json!([{"enabled": true, "feature_segment": null,
            "feature_state_value": {"type": "unicode", "string_value": "by a version"}}]);
        vec![
            bare(
                Method::DELETE,
                format!("/api/v1/features/feature-segments/{}/", link.id.0),
                204,
            ),
            write(
                Method::POST,
                versions.clone(),
                json!({"feature_states_to_update": update, "publish_immediately": true}),
                201,
            ),
            write(
                Method::POST,
                format!("{versions}{draft}/publish/"),
                json!({}),
                200,
            ),
            write(
                Method::POST,
                versions,
                json!({"segment_ids_to_delete_overrides": [self.segments[1]], "publish_immediately": true}),
                201,
            ),
            self.override_for(self.segments[0]),
        ]
    }

    fn versions(&self) -> String {
        format!(
            "/api/v1/environments/{}/features/{}/versions/",
            self.workspace.environment, self.flag.id
        )
    }

    /// Every way to change the flag, deleting it last.
    async fn writes(&self, versioned: bool) -> Vec<Write> {
        let mut all = if versioned {
            self.of_versions().await
        } else {
            self.in_place().await
        };
        all.extend(self.of_both());
        let feature = self
            .workspace
            .project_path(&format!("features/{}/", self.flag.id));
        all.push(bare(Method::DELETE, feature, 204));
        all
    }
}

struct Write {
    method: Method,
    path: String,
    body: Option<Value>,
    status: u16,
}

fn write(method: Method, path: String, body: Value, status: u16) -> Write {
    Write {
        method,
        path,
        body: Some(body),
        status,
    }
}

fn bare(method: Method, path: String, status: u16) -> Write {
    Write {
        method,
        path,
        body: None,
        status,
    }
}

async fn changes_are_made(lock: ExperimentLock, versioned: bool) {
    let scene = Scene::start(lock, versioned).await;
    let warning = format!("experiment_running; experiment={}", scene.experiment);
    let warning = (lock == ExperimentLock::Warn).then_some(warning.as_str());
    let record = "Flag 'checkout' changed while experiment 'Button colour' is running";
    for write in scene.writes(versioned).await {
        let told = |log: Vec<String>| log.iter().filter(|line| *line == record).count();
        let before = told(audit_log(&scene.server, &scene.workspace).await);
        let answer = scene.send(&write).await;
        let what = format!("{} {} {lock:?}: {}", write.method, write.path, answer.text);
        assert_eq!(answer.status, write.status, "{what}");
        assert_eq!(answer.header(WARNING), warning, "{what}");
        let after = told(audit_log(&scene.server, &scene.workspace).await);
        assert_eq!(after - before, usize::from(warning.is_some()), "{what}");
    }
    scene.server.stop().await;
}

async fn changes_are_refused(versioned: bool) {
    let scene = Scene::start(ExperimentLock::Enforce, versioned).await;
    let writes = scene.writes(versioned).await;
    let sdk = scene.workspace.server_sdk().await;
    let document = sdk.get("/api/v1/environment-document/").await.expect(200);
    let log = audit_log(&scene.server, &scene.workspace).await;
    for write in writes {
        let answer = scene.send(&write).await;
        let what = format!("{} {}", write.method, write.path);
        assert_eq!(
            answer.expect(409),
            json!({"detail": "Flag is locked by a running experiment.", "code": "experiment_running"}),
            "{what}"
        );
    }
    assert_eq!(
        sdk.get("/api/v1/environment-document/").await.expect(200),
        document
    );
    assert_eq!(audit_log(&scene.server, &scene.workspace).await, log);
    scene.server.stop().await;
}

/// What disturbs no experiment is never held up: other fields of the feature, overrides of single identities, and the
/// experiment's own steps; when it is paused or over, everything.
async fn the_rest_passes(versioned: bool) {
    let scene = Scene::start(ExperimentLock::Enforce, versioned).await;
    let client = scene.client();
    let pass = |answer: Answer, status: u16| {
        assert_eq!(answer.header(WARNING), None);
        answer.expect(status)
    };
    let feature = scene
        .workspace
        .project_path(&format!("features/{}/", scene.flag.id));
    pass(
        client.patch(&feature, json!({"description": "The button"})).await,
        200,
    );
    pass(client.patch(&feature, json!({"is_archived": false})).await, 200);
    let identity = client
        .post(
            scene.workspace.path("identities/"),
            json!({"identifier": "tester"}),
        )
        .await
        .expect(201)["id"]
        .clone();
    let overrides = scene
        .workspace
        .path(&format!("identities/{identity}/featurestates/"));
    let body = json!({"feature": scene.flag.id, "enabled": true, "feature_state_value": "mine"});
    pass(client.post(overrides, body).await, 201);
    let rollout = scene
        .workspace
        .path(&format!("experiments/{}/rollout/", scene.experiment));
    let body = scene.workspace.rollout(&scene.flag, 60.0, &[40.0, 40.0]);
    pass(client.patch(rollout, body).await, 200);

    let segment = scene
        .workspace
        .project_path(&format!("segments/{}/", scene.segments[3]));
    pass(client.delete(segment).await, 204);
    pass(scene.step("pause/").await, 200);
    pass(scene.send(&scene.override_for(scene.segments[1])).await, 204);
    pass(scene.step("start/").await, 200);
    scene
        .send(&scene.override_for(scene.segments[2]))
        .await
        .expect(409);
    pass(scene.step("complete/").await, 200);
    pass(scene.send(&scene.override_for(scene.segments[2])).await, 204);
    let experiment = scene
        .workspace
        .path(&format!("experiments/{}/", scene.experiment));
    pass(client.delete(experiment).await, 204);
    scene.server.stop().await;
}

#[tokio::test]
async fn changes_beside_a_running_experiment_are_told_of() {
    changes_are_made(ExperimentLock::Warn, false).await;
}

#[tokio::test]
async fn changes_beside_a_running_experiment_are_told_of_with_versioning() {
    changes_are_made(ExperimentLock::Warn, true).await;
}

#[tokio::test]
async fn without_the_lock_changes_are_made_in_silence() {
    changes_are_made(ExperimentLock::Off, false).await;
    changes_are_made(ExperimentLock::Off, true).await;
}

#[tokio::test]
async fn where_it_is_enforced_nothing_changes() {
    changes_are_refused(false).await;
}

#[tokio::test]
async fn where_it_is_enforced_nothing_changes_with_versioning() {
    changes_are_refused(true).await;
}

#[tokio::test]
async fn what_disturbs_no_experiment_passes() {
    the_rest_passes(false).await;
    the_rest_passes(true).await;
}

#[tokio::test]
async fn a_write_that_changes_nothing_is_not_told_of() {
    let scene = Scene::start(ExperimentLock::Warn, false).await;
    let default = scene.state(Line::Default).await;
    let path = scene.workspace.path(&format!("featurestates/{}/", default.id));
    let before = audit_log(&scene.server, &scene.workspace).await;
    let answer = scene
        .client()
        .patch(path, json!({"enabled": default.enabled}))
        .await;
    assert_eq!(answer.header(WARNING), None);
    answer.expect(200);
    assert_eq!(audit_log(&scene.server, &scene.workspace).await, before);
    scene.server.stop().await;
}
