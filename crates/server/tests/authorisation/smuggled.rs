//! Ids of other organisations' objects inside requests that are otherwise allowed: the answer is the one for an id that
//! does not exist, and nothing of the others changes.

use crate::world::{CANARY, World};
use liftgate_testkit::{Client, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

/// An id that nothing has.
const NOTHING: i64 = 987_654;
/// What the contract says of objects in other projects, where it says something else of ids that do not exist. That such
/// an id is taken is all it tells, and ids are counted up.
const CONTRACT: [&str; 8] = [
    "Feature does not belong to this environment's project.",
    "All feature segments must belong to the same feature & environment.",
    "Feature does not exist in project",
    "Feature Segment does not belong to environment.",
    "Identity does not exist in environment.",
    "Selected Tags must be from the same Project as current Feature",
    "do not have access to this project.",
    "Some users not found",
];
const NO_UUID: &str = "00000000-0000-4000-8000-000000000000";

/// The administrator of another organisation, with a project of their own.
struct Insider {
    client: Client,
    organisation: i64,
    project: i64,
    environment: i64,
    key: String,
    feature: i64,
    segment: i64,
    identity: i64,
    experiment: i64,
    default_state: i64,
    link: i64,
    versioned: i64,
    versioned_key: String,
}

fn id(body: &Value) -> i64 {
    body["id"].as_i64().unwrap()
}

impl Insider {
    async fn make(server: &TestServer) -> Self {
        let client = server.sign_up("insider@example.com").await;
        let post = async |path: String, body: Value| {
            let answer = client.post(&path, body).await;
            assert!((200..300).contains(&answer.status), "{path}: {}", answer.text);
            answer.body
        };
        let organisation = id(&post("/api/v1/organisations/".into(), json!({"name": "Own"})).await);
        let body = json!({"name": "Own", "organisation": organisation});
        let project = id(&post("/api/v1/projects/".into(), body).await);
        let below = |path: &str| format!("/api/v1/projects/{project}/{path}");
        let body = json!({"name": "Own", "project": project});
        let environment = post("/api/v1/environments/".into(), body).await;
        let key = environment["api_key"].as_str().unwrap().to_owned();
        let in_environment = |path: &str| format!("/api/v1/environments/{key}/{path}");
        let feature = id(&post(below("features/"), json!({"name": "own"})).await);
        let option = json!({"feature": feature, "key": "own", "type": "unicode", "string_value": "own",
            "default_percentage_allocation": 0});
        post(below(&format!("features/{feature}/mv-options/")), option).await;
        let rules = json!([{"type": "ALL", "rules": [], "conditions": []}]);
        let segment = id(&post(below("segments/"), json!({"name": "own", "rules": rules})).await);
        let identity = id(&post(in_environment("identities/"), json!({"identifier": "own"})).await);
        let body = json!({"name": "own", "definition": {"version": 1, "event": "own"}});
        post(in_environment("experiment-metrics/"), body).await;
        let body = json!({"feature": feature, "name": "own", "hypothesis": "own"});
        let experiment = id(&post(in_environment("experiments/"), body).await);
        let states = client.get(in_environment("featurestates/")).await.expect(200);
        let value = json!({"type": "unicode", "string_value": "own"});
        let body =
            json!({"enabled": true, "feature_state_value": value, "feature_segment": {"segment": segment}});
        let state = post(
            in_environment(&format!("features/{feature}/create-segment-override/")),
            body,
        )
        .await;
        let body = json!({"name": "Versioned", "project": project});
        let versioned = post("/api/v1/environments/".into(), body).await;
        let versioned_key = versioned["api_key"].as_str().unwrap().to_owned();
        post(
            format!("/api/v1/environments/{versioned_key}/enable-v2-versioning/"),
            json!({}),
        )
        .await;
        Self {
            organisation,
            project,
            environment: id(&environment),
            feature,
            segment,
            identity,
            experiment,
            default_state: id(&states["results"][0]),
            link: id(&state["feature_segment"]),
            versioned: id(&versioned),
            key,
            versioned_key,
            client,
        }
    }

    /// Requests with another's id at `@`, by what it is an id of.
    fn requests(&self) -> Vec<(&'static str, Method, String, String)> {
        let environment = |below: &str| format!("/api/v1/environments/{}/{below}", self.key);
        let project = |below: &str| format!("/api/v1/projects/{}/{below}", self.project);
        let organisation = |below: &str| format!("/api/v1/organisations/{}/{below}", self.organisation);
        let versions = format!(
            "/api/v1/environments/{}/features/{}/versions/",
            self.versioned, self.feature
        );
        let whole = |key: &str| format!("/api/__future__/environments/{key}/features/{}/", self.feature);
        let value = r#"{"type": "unicode", "string_value": "x"}"#;
        let typed = r#"{"type": "string", "value": "x"}"#;
        let (feature, segment, experiment, identity) =
            (self.feature, self.segment, self.experiment, self.identity);
        let (get, post, put, patch, delete) = (
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        );
        let share = r#"[{"multivariate_feature_option": @, "percentage_allocation": 10}]"#;
        let mut all: Vec<(&'static str, Method, String, String)> = Vec::new();
        let mut add =
            |kind, method: &Method, path: String, body: String| all.push((kind, method.clone(), path, body));
        // Bodies.
        add(
            "feature_id",
            &post,
            environment("experiments/"),
            r#"{"feature": @, "name": "n", "hypothesis": "h"}"#.into(),
        );
        add(
            "metric_id",
            &post,
            environment(&format!("experiments/{experiment}/metrics/")),
            r#"{"metric": @, "expected_direction": "increase"}"#.into(),
        );
        add(
            "option_id",
            &patch,
            environment(&format!("experiments/{experiment}/rollout/")),
            format!(
                r#"{{"enabled": true, "rollout_percentage": 10, "feature_state_value": {typed}, "multivariate_feature_state_values": {share}}}"#
            ),
        );
        add(
            "feature_id",
            &post,
            environment("featurestates/"),
            r#"{"feature": @, "enabled": true}"#.into(),
        );
        add(
            "option_id",
            &put,
            environment(&format!("featurestates/{}/", self.default_state)),
            format!(r#"{{"enabled": true, "multivariate_feature_state_values": {share}}}"#),
        );
        add(
            "segment_id",
            &post,
            environment(&format!("features/{feature}/create-segment-override/")),
            format!(
                r#"{{"enabled": true, "feature_state_value": {value}, "feature_segment": {{"segment": @}}}}"#
            ),
        );
        add(
            "feature_id",
            &post,
            "/api/v1/features/feature-segments/".into(),
            format!(
                r#"{{"feature": @, "segment": {segment}, "environment": {}}}"#,
                self.environment
            ),
        );
        add(
            "segment_id",
            &post,
            "/api/v1/features/feature-segments/".into(),
            format!(
                r#"{{"feature": {feature}, "segment": @, "environment": {}}}"#,
                self.environment
            ),
        );
        add(
            "environment_id",
            &post,
            "/api/v1/features/feature-segments/".into(),
            format!(r#"{{"feature": {feature}, "segment": {segment}, "environment": @}}"#),
        );
        add(
            "feature_segment_id",
            &post,
            "/api/v1/features/feature-segments/update-priorities/".into(),
            format!(
                r#"[{{"id": {}, "priority": 0}}, {{"id": @, "priority": 1}}]"#,
                self.link
            ),
        );
        add(
            "environment_id",
            &post,
            "/api/v1/features/featurestates/".into(),
            format!(r#"{{"environment": @, "feature": {feature}, "enabled": true}}"#),
        );
        add(
            "feature_id",
            &post,
            "/api/v1/features/featurestates/".into(),
            format!(
                r#"{{"environment": {}, "feature": @, "enabled": true}}"#,
                self.environment
            ),
        );
        add(
            "feature_segment_id",
            &post,
            "/api/v1/features/featurestates/".into(),
            format!(
                r#"{{"environment": {}, "feature": {feature}, "enabled": true, "feature_segment": @}}"#,
                self.environment
            ),
        );
        add(
            "identity_id",
            &post,
            "/api/v1/features/featurestates/".into(),
            format!(
                r#"{{"environment": {}, "feature": {feature}, "enabled": true, "identity": @}}"#,
                self.environment
            ),
        );
        add(
            "feature_id",
            &post,
            environment(&format!("identities/{identity}/featurestates/")),
            r#"{"feature": @, "enabled": true}"#.into(),
        );
        add(
            "identity_id",
            &post,
            environment(&format!(
                "identities/{identity}/featurestates/clone-from-given-identity/"
            )),
            r#"{"source_identity_id": @}"#.into(),
        );
        add(
            "tag_id",
            &post,
            project("features/"),
            r#"{"name": "smuggled", "tags": [@]}"#.into(),
        );
        add(
            "tag_id",
            &patch,
            project(&format!("features/{feature}/")),
            r#"{"tags": [@]}"#.into(),
        );
        add(
            "user_id",
            &post,
            project("features/"),
            r#"{"name": "smuggled", "owners": [@]}"#.into(),
        );
        add(
            "user_id",
            &post,
            project(&format!("features/{feature}/add-owners/")),
            r#"{"user_ids": [@]}"#.into(),
        );
        add("feature_id", &post, project("segments/"), r#"{"name": "smuggled", "feature": @, "rules": [{"type": "ALL", "rules": [], "conditions": []}]}"#.into());
        add(
            "feature_id",
            &post,
            project(&format!("features/{feature}/mv-options/")),
            r#"{"feature": @, "type": "unicode", "string_value": "x", "default_percentage_allocation": 0}"#
                .into(),
        );
        add(
            "user_id",
            &post,
            project("user-permissions/"),
            r#"{"user": @, "permissions": [], "admin": true}"#.into(),
        );
        add(
            "user_id",
            &post,
            environment("user-permissions/"),
            r#"{"user": @, "permissions": [], "admin": true}"#.into(),
        );
        add(
            "user_id",
            &post,
            organisation("user-permissions/"),
            r#"{"user": @, "permissions": []}"#.into(),
        );
        add(
            "user_id",
            &post,
            organisation("remove-users/"),
            r#"[{"id": @}]"#.into(),
        );
        add(
            "organisation_id",
            &post,
            "/api/v1/projects/".into(),
            r#"{"name": "smuggled", "organisation": @}"#.into(),
        );
        add(
            "project_id",
            &post,
            "/api/v1/environments/".into(),
            r#"{"name": "smuggled", "project": @}"#.into(),
        );
        for key in [&self.key, &self.versioned_key] {
            let flags = format!("/api/experiments/environments/{key}/");
            add(
                "feature_id",
                &post,
                format!("{flags}update-flag-v1/"),
                format!(r#"{{"feature": {{"id": @}}, "enabled": true, "value": {typed}}}"#),
            );
            add(
                "segment_id",
                &post,
                format!("{flags}update-flag-v1/"),
                format!(
                    r#"{{"feature": {{"id": {feature}}}, "segment": {{"id": @}}, "enabled": true, "value": {typed}}}"#
                ),
            );
            add(
                "segment_id",
                &post,
                format!("{flags}update-flag-v2/"),
                format!(
                    r#"{{"feature": {{"id": {feature}}}, "environment_default": {{"enabled": true, "value": {typed}}}, "segment_overrides": [{{"segment_id": @, "enabled": true, "value": {typed}}}]}}"#
                ),
            );
            add(
                "segment_id",
                &post,
                format!("{flags}delete-segment-override/"),
                format!(r#"{{"feature": {{"id": {feature}}}, "segment": {{"id": @}}}}"#),
            );
            add(
                "segment_id",
                &patch,
                whole(key),
                format!(
                    r#"{{"segment_overrides": [{{"segment": {{"id": @}}, "enabled": true, "value": {typed}}}]}}"#
                ),
            );
            add(
                "option_id",
                &patch,
                whole(key),
                format!(
                    r#"{{"environment_default": {{"enabled": true, "value": {typed}, "variants": [{{"id": @, "weight": 5}}]}}}}"#
                ),
            );
            add(
                "segment_id",
                &delete,
                format!("{}segment-overrides/@/", whole(key)),
                String::new(),
            );
        }
        add(
            "segment_id",
            &post,
            versions.clone(),
            format!(
                r#"{{"feature_states_to_create": [{{"feature_segment": {{"segment": @}}, "enabled": true, "feature_state_value": {value}}}], "publish_immediately": true}}"#
            ),
        );
        add(
            "segment_id",
            &post,
            versions,
            r#"{"segment_ids_to_delete_overrides": [@], "publish_immediately": true}"#.into(),
        );
        // Paths that begin with one's own.
        for (kind, method, path) in [
            ("feature_id", &get, project("features/@/")),
            ("feature_id", &delete, project("features/@/")),
            ("segment_id", &get, project("segments/@/")),
            ("segment_id", &delete, project("segments/@/")),
            ("tag_id", &delete, project("tags/@/")),
            (
                "option_id",
                &delete,
                project(&format!("features/{feature}/mv-options/@/")),
            ),
            ("identity_id", &get, environment("identities/@/")),
            ("identity_id", &delete, environment("identities/@/")),
            (
                "identity_id",
                &get,
                environment("identities/@/featurestates/all/"),
            ),
            ("identity_id", &get, environment("identities/@/traits/")),
            (
                "trait_id",
                &delete,
                environment(&format!("identities/{identity}/traits/@/")),
            ),
            ("feature_state_id", &get, environment("featurestates/@/")),
            ("feature_state_id", &put, environment("featurestates/@/")),
            ("experiment_id", &get, environment("experiments/@/")),
            ("experiment_id", &delete, environment("experiments/@/")),
            ("experiment_id", &post, environment("experiments/@/start/")),
            ("experiment_id", &get, environment("experiments/@/results/")),
            ("metric_id", &delete, environment("experiment-metrics/@/")),
            ("connection_id", &delete, environment("warehouse-connections/@/")),
            ("environment_key_id", &delete, environment("api-keys/@/")),
            ("grant_id", &delete, environment("user-permissions/@/")),
            ("invite_id", &delete, organisation("invites/@/")),
            ("invite_link_id", &delete, organisation("invite-links/@/")),
            ("group_id", &get, organisation("groups/@/")),
            ("group_id", &delete, organisation("groups/@/")),
            ("prefix", &delete, organisation("master-api-keys/@/")),
            ("audit_id", &get, project("audit/@/")),
        ] {
            add(kind, method, path, String::new());
        }
        // Queries.
        for (kind, path) in [
            ("environment_id", project("features/?environment=@")),
            (
                "segment_id",
                project(&format!("features/?environment={}&segment=@", self.environment)),
            ),
            ("identity_id", project("features/?identity=@")),
            ("identity_id", project("segments/?identity=@")),
            ("tag_id", project("features/?tags=@")),
            (
                "feature_id",
                format!(
                    "/api/v1/features/feature-segments/?environment={}&feature=@",
                    self.environment
                ),
            ),
            (
                "environment_id",
                format!("/api/v1/features/feature-segments/?environment=@&feature={feature}"),
            ),
            (
                "environment_id",
                "/api/v1/features/featurestates/?environment=@".into(),
            ),
            ("project_id", "/api/v1/environments/?project=@".into()),
            ("organisation_id", "/api/v1/projects/?organisation=@".into()),
            (
                "environment_id",
                project(&format!("segments/{segment}/associated-features/?environment=@")),
            ),
            ("feature_id", environment("featurestates/?feature=@")),
        ] {
            add(kind, &get, path, String::new());
        }
        all
    }
}

#[tokio::test]
async fn what_belongs_to_others_is_as_good_as_not_there() {
    let server = TestServer::start().await;
    let world = World::make(&server).await;
    let insider = Insider::make(&server).await;
    let before = audit_count(&world).await;
    let mut wrong = Vec::new();
    let requests = insider.requests();
    for (kind, method, path, body) in &requests {
        let theirs = world.id(kind).to_owned();
        let nothing = match *kind {
            "prefix" => "00000000".to_owned(),
            _ => NOTHING.to_string(),
        };
        let mut answers = Vec::new();
        for id in [&theirs, &nothing] {
            let (path, body) = (path.replace('@', id), body.replace('@', id));
            let body: Option<Value> = (!body.is_empty()).then(|| serde_json::from_str(&body).unwrap());
            let mut answer = insider.client.send(method.clone(), &path, body).await;
            if answer.text.contains(CANARY) {
                wrong.push(format!("{method} {path}: tells {}", answer.text));
            }
            answer.text = match answer.status {
                // What succeeds without the object differs in times and new ids; it is judged by what it changed.
                200..300 => String::new(),
                _ => answer.text.replace(id.as_str(), "ID"),
            };
            answers.push(answer);
        }
        let (theirs, nothing) = (&answers[0], &answers[1]);
        let is_same = theirs.status == nothing.status && theirs.text == nothing.text;
        let is_of_the_contract = CONTRACT.iter().any(|text| theirs.text.contains(text));
        // An empty list of environments, as for a member who sees none.
        let is_empty_list = path.starts_with("/api/v1/environments/?project=") && theirs.body["count"] == 0;
        if theirs.status >= 500 || !(is_same || is_of_the_contract || is_empty_list) {
            wrong.push(format!(
                "{method} {path} {body}: theirs {} {}, nothing {} {}",
                answers[0].status, answers[0].text, answers[1].status, answers[1].text
            ));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(
        audit_count(&world).await,
        before,
        "something of the others changed"
    );
    println!("{} smuggled ids led nowhere", requests.len());
    server.stop().await;
}

async fn audit_count(world: &World) -> Value {
    let path = world.workspace.project_path("audit/");
    world.workspace.client.get(path).await.expect(200)["count"].clone()
}

#[tokio::test]
async fn public_ids_of_others_are_as_good_as_not_there() {
    let server = TestServer::start().await;
    let world = World::make(&server).await;
    let insider = Insider::make(&server).await;
    for template in [
        "/api/v1/organisations/get-by-uuid/{uuid}/",
        "/api/v1/projects/get-by-uuid/{uuid}/",
        "/api/v1/environments/get-by-uuid/{uuid}/",
        "/api/v1/features/get-by-uuid/{uuid}/",
        "/api/v1/features/featurestates/get-by-uuid/{uuid}/",
        "/api/v1/features/feature-segments/get-by-uuid/{uuid}/",
        "/api/v1/multivariate/options/get-by-uuid/{uuid}/",
        "/api/v1/segments/get-by-uuid/{segment_uuid}/",
        "/api/v1/environment-feature-versions/{uuid}/",
    ] {
        let theirs = insider.client.get(world.path_of(template)).await;
        let nothing = template
            .replace("{uuid}", NO_UUID)
            .replace("{segment_uuid}", NO_UUID);
        let nothing = insider.client.get(nothing).await;
        assert_eq!(
            (theirs.status, &theirs.text),
            (nothing.status, &nothing.text),
            "{template}"
        );
        assert!(
            [403, 404].contains(&theirs.status),
            "{template}: {}",
            theirs.status
        );
    }
    server.stop().await;
}
