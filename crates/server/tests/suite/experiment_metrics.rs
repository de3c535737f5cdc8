//! Metrics through HTTP (contract, admin API, section 7.5).

use crate::support::{FORBIDDEN, audit_log, id, keys, member};
use liftgate_testkit::{TestServer, Workspace};
use serde_json::{Value, json};

fn definition() -> Value {
    json!({"version": 1, "event": "purchase"})
}

async fn create(workspace: &Workspace, body: Value) -> Value {
    workspace
        .client
        .post(workspace.path("experiment-metrics/"), body)
        .await
        .expect(201)
}

fn one(workspace: &Workspace, metric: &Value) -> String {
    workspace.path(&format!("experiment-metrics/{}/", id(metric)))
}

/// An experiment that uses a metric; its id.
async fn experiment_with(workspace: &Workspace, metric: &Value) -> i64 {
    let flag = workspace.flag("checkout", &[("ka", "a", 0.0)]).await;
    let experiment = workspace.experiment(&flag, None).await;
    let body = json!({"metric": id(metric), "expected_direction": "increase"});
    let path = workspace.path(&format!("experiments/{experiment}/metrics/"));
    workspace.client.post(path, body).await.expect(201);
    experiment
}

async fn step(workspace: &Workspace, experiment: i64, action: &str) {
    let path = workspace.path(&format!("experiments/{experiment}/{action}/"));
    workspace.client.post(path, json!({})).await.expect(200);
}

#[tokio::test]
async fn a_metric_is_shown_as_the_contract_says() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let metric = create(&workspace, json!({"name": " M ", "definition": definition()})).await;
    assert_eq!(
        keys(&metric),
        [
            "id",
            "name",
            "description",
            "aggregation",
            "direction",
            "definition",
            "experiments",
            "created_at",
            "updated_at"
        ]
    );
    assert_eq!(
        (
            &metric["name"],
            &metric["description"],
            &metric["aggregation"],
            &metric["direction"]
        ),
        (&json!("M"), &json!(""), &json!("mean"), &json!("up"))
    );
    assert_eq!(metric["definition"], definition());
    assert_eq!(metric["experiments"], json!([]));

    let rich = json!({"version": 1, "event": "purchase", "filters": [{"a": 1}], "note": "kept"});
    let body = json!({"name": "Rich", "description": "d", "aggregation": "sum", "direction": "down", "definition": rich});
    let other = create(&workspace, body).await;
    assert_eq!(other["definition"], rich);
    assert_eq!(
        workspace.client.get(one(&workspace, &other)).await.expect(200),
        other
    );
    let list = workspace
        .client
        .get(workspace.path("experiment-metrics/"))
        .await
        .expect(200);
    assert_eq!(
        list,
        json!({"count": 2, "next": null, "previous": null, "results": [metric, other]})
    );
    let found = workspace
        .client
        .get(workspace.path("experiment-metrics/?q=RIC&status=running"))
        .await
        .expect(200);
    assert_eq!(found["results"], json!([other]));
    server.stop().await;
}

#[tokio::test]
async fn refusals_are_told_by_field() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let refused = async |body: Value| {
        workspace
            .client
            .post(workspace.path("experiment-metrics/"), body)
            .await
            .expect(400)
    };
    let required = json!(["This field is required."]);
    assert_eq!(
        refused(json!({})).await,
        json!({"name": required, "definition": required})
    );
    for (definition, message) in [
        (json!("purchase"), "Definition must be an object."),
        (json!([]), "Definition must be an object."),
        (json!({}), "Definition must specify a supported 'version'."),
        (
            json!({"version": 2, "event": "e"}),
            "Definition must specify a supported 'version'.",
        ),
        (
            json!({"version": "1", "event": "e"}),
            "Definition must specify a supported 'version'.",
        ),
        (
            json!({"version": true, "event": "e"}),
            "Definition must specify a supported 'version'.",
        ),
        (
            json!({"version": 1}),
            "Definition must specify a non-empty 'event'.",
        ),
        (
            json!({"version": 1, "event": ""}),
            "Definition must specify a non-empty 'event'.",
        ),
        (
            json!({"version": 1, "event": 7}),
            "Definition must specify a non-empty 'event'.",
        ),
        (json!(null), "This field may not be null."),
    ] {
        let answer = refused(json!({"name": "M", "definition": definition})).await;
        assert_eq!(answer, json!({"definition": [message]}));
    }
    assert_eq!(
        refused(json!({"name": "x".repeat(256), "aggregation": "median", "direction": "left", "definition": definition()})).await,
        json!({"name": ["Ensure this field has no more than 255 characters."],
            "aggregation": ["\"median\" is not a valid choice."], "direction": ["\"left\" is not a valid choice."]})
    );
    server.stop().await;
}

#[tokio::test]
async fn changes_are_told_once_and_only_if_there_is_one() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let metric = create(&workspace, json!({"name": "M", "definition": definition()})).await;
    let path = one(&workspace, &metric);
    let same = workspace
        .client
        .patch(&path, json!({"name": "M", "aggregation": "mean"}))
        .await
        .expect(200);
    assert_eq!(same, metric, "nothing changes, not even the time");
    let required = json!(["This field is required."]);
    assert_eq!(
        workspace.client.put(&path, json!({})).await.expect(400),
        json!({"name": required, "definition": required})
    );
    let body = json!({"name": "N", "definition": {"version": 1, "event": "refund"}});
    let changed = workspace.client.put(&path, body).await.expect(200);
    assert_eq!(
        (&changed["name"], &changed["definition"]["event"]),
        (&json!("N"), &json!("refund"))
    );
    assert!(changed["updated_at"].as_str() > metric["updated_at"].as_str());
    assert_eq!(workspace.client.delete(&path).await.status, 204);
    let missing = json!({"detail": "No Metric matches the given query."});
    assert_eq!(workspace.client.get(&path).await.expect(404), missing);
    assert_eq!(workspace.client.delete(&path).await.expect(404), missing);
    let malformed = workspace
        .client
        .get(workspace.path("experiment-metrics/abc/"))
        .await;
    assert_eq!(malformed.expect(404), json!({"detail": "Not found."}));
    let log = audit_log(&server, &workspace).await;
    let of_metrics: Vec<&String> = log.iter().filter(|text| text.starts_with("Metric ")).collect();
    assert_eq!(
        of_metrics,
        ["Metric 'M' created", "Metric 'N' updated", "Metric 'N' deleted"]
    );
    server.stop().await;
}

#[tokio::test]
async fn a_running_experiment_fixes_what_its_metrics_measure() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let metric = create(&workspace, json!({"name": "M", "definition": definition()})).await;
    let path = one(&workspace, &metric);
    let experiment = experiment_with(&workspace, &metric).await;
    workspace
        .client
        .patch(&path, json!({"aggregation": "sum"}))
        .await
        .expect(200);
    step(&workspace, experiment, "start").await;
    let shown = workspace.client.get(&path).await.expect(200);
    let users = json!([{"id": experiment, "name": "Button colour", "status": "running"}]);
    assert_eq!(shown["experiments"], users);
    assert_eq!(
        workspace
            .client
            .get(workspace.path("experiment-metrics/"))
            .await
            .expect(200)["results"][0]["experiments"],
        users
    );

    for body in [
        json!({"aggregation": "count"}),
        json!({"definition": {"version": 1, "event": "refund"}}),
    ] {
        let refused = workspace.client.patch(&path, body).await.expect(409);
        assert!(
            refused["detail"].as_str().unwrap().contains("running experiment"),
            "{refused}"
        );
    }
    let named = json!({"name": "N", "direction": "down", "aggregation": "sum", "definition": definition()});
    workspace.client.put(&path, named).await.expect(200);

    let in_use = json!({"detail": "Cannot delete a metric attached to an active experiment. Detach it or complete the experiment first."});
    assert_eq!(workspace.client.delete(&path).await.expect(409), in_use);
    step(&workspace, experiment, "pause").await;
    assert_eq!(workspace.client.delete(&path).await.expect(409), in_use);
    workspace
        .client
        .patch(&path, json!({"aggregation": "count"}))
        .await
        .expect(200);
    step(&workspace, experiment, "complete").await;
    assert_eq!(workspace.client.delete(&path).await.status, 204);
    let experiment = workspace
        .client
        .get(workspace.path(&format!("experiments/{experiment}/")))
        .await
        .expect(200);
    assert_eq!(experiment["metrics"], json!([]));
    server.stop().await;
}

#[tokio::test]
async fn viewers_read_and_only_administrators_write() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let metric = create(&workspace, json!({"name": "M", "definition": definition()})).await;
    let (list, path) = (workspace.path("experiment-metrics/"), one(&workspace, &metric));
    let forbidden = json!({"detail": FORBIDDEN});
    assert_eq!(server.anonymous().get(&list).await.status, 401);
    let stranger = server.sign_up("stranger@example.com").await;
    assert_eq!(stranger.get(&list).await.expect(403), forbidden);
    let unknown = workspace
        .client
        .get("/api/v1/environments/unknown/experiment-metrics/")
        .await;
    assert_eq!(unknown.expect(403), forbidden);
    let viewer = member(
        &server,
        &workspace,
        "viewer@example.com",
        &["VIEW_PROJECT"],
        &["VIEW_ENVIRONMENT"],
    )
    .await;
    viewer.get(&list).await.expect(200);
    viewer.get(&path).await.expect(200);
    let body = json!({"name": "N", "definition": definition()});
    assert_eq!(viewer.post(&list, body.clone()).await.expect(403), forbidden);
    assert_eq!(viewer.put(&path, body).await.expect(403), forbidden);
    assert_eq!(viewer.delete(&path).await.expect(403), forbidden);

    let other = json!({"name": "Staging", "project": workspace.project});
    let other = workspace
        .client
        .post("/api/v1/environments/", other)
        .await
        .expect(201);
    let foreign = format!(
        "/api/v1/environments/{}/experiment-metrics/{}/",
        other["api_key"].as_str().unwrap(),
        id(&metric)
    );
    assert_eq!(
        workspace.client.get(foreign).await.expect(404),
        json!({"detail": "No Metric matches the given query."})
    );
    server.stop().await;
}

#[tokio::test]
async fn only_metrics_of_the_environment_are_attached() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let body = json!({"name": "M", "definition": definition()});
    let metric = create(&workspace, body.clone()).await;
    let experiment = experiment_with(&workspace, &metric).await;
    let path = workspace.path(&format!("experiments/{experiment}/metrics/"));
    let attached = id(&workspace.client.get(&path).await.expect(200)[0]);
    let refused = async |metric: i64| {
        let body = json!({"metric": metric, "expected_direction": "increase"});
        let created = workspace.client.post(&path, body.clone()).await.expect(400);
        let changed = workspace.client.put(format!("{path}{attached}/"), body).await;
        assert_eq!(changed.expect(400), created);
        created
    };
    let unknown =
        |metric: i64| json!({"metric": [format!("Invalid pk \"{metric}\" - object does not exist.")]});
    assert_eq!(refused(99999).await, unknown(99999));

    let deleted = create(&workspace, body.clone()).await;
    workspace
        .client
        .delete(one(&workspace, &deleted))
        .await
        .expect(204);
    assert_eq!(refused(id(&deleted)).await, unknown(id(&deleted)));

    // One of a neighbouring environment, and one of another project.
    let elsewhere = async |project: i64| {
        let environment = json!({"name": "Elsewhere", "project": project});
        let environment = workspace
            .client
            .post("/api/v1/environments/", environment)
            .await
            .expect(201);
        let key = environment["api_key"].as_str().unwrap();
        let path = format!("/api/v1/environments/{key}/experiment-metrics/");
        id(&workspace.client.post(path, body.clone()).await.expect(201))
    };
    assert_eq!(
        refused(elsewhere(workspace.project).await).await,
        json!({"metric": ["Metric must belong to the experiment's environment."]})
    );
    let project = json!({"name": "Other", "organisation": workspace.organisation});
    let project = id(&workspace
        .client
        .post("/api/v1/projects/", project)
        .await
        .expect(201));
    let foreign = elsewhere(project).await;
    assert_eq!(refused(foreign).await, unknown(foreign));
    server.stop().await;
}
