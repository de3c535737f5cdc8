//! `liftgate experiment`.

use crate::data::{Data, errors_of};
use serde_json::{Value, json};

#[tokio::test]
async fn the_analysis_is_shown_and_changed_beside_the_server() {
    let data = Data::new();
    let variables = [
        ("LIFTGATE_BOOTSTRAP_ORGANISATION", "Acme"),
        ("LIFTGATE_BOOTSTRAP_PROJECT", "Web"),
        ("LIFTGATE_BOOTSTRAP_ENVIRONMENTS", "Production"),
        ("LIFTGATE_BOOTSTRAP_CLIENT_KEY", "production-key"),
        ("LIFTGATE_BOOTSTRAP_ADMIN_EMAIL", "ada@example.com"),
        ("LIFTGATE_BOOTSTRAP_ADMIN_PASSWORD", "a sound p4ssphrase"),
    ];
    assert!(data.run_with(&["bootstrap"], &variables, "").status.success());
    let server = data.serve();
    let login = json!({"email": "ada@example.com", "password": "a sound p4ssphrase"});
    let session = server
        .client()
        .post("/api/v1/auth/login/", login)
        .await
        .expect(200);
    let token = format!("Token {}", session["key"].as_str().expect("a token"));
    let client = server.client().with("authorization", &token);
    let projects = client.get("/api/v1/projects/").await.expect(200);
    let flag = json!({"name": "checkout", "initial_value": "a", "type": "MULTIVARIATE",
        "multivariate_options": [{"type": "unicode", "string_value": "b", "key": "b", "default_percentage_allocation": 0}]});
    let path = format!("/api/v1/projects/{}/features/", projects[0]["id"]);
    let flag = client.post(path, flag).await.expect(201);
    let experiment = json!({"feature": flag["id"], "name": "Button colour", "hypothesis": "Blue sells"});
    let path = "/api/v1/environments/production-key/experiments/";
    let experiment = client.post(path, experiment).await.expect(201);
    let id = experiment["id"].to_string();

    let command = [
        "experiment",
        "analysis",
        "--environment",
        "production-key",
        "--experiment",
        &id,
    ];
    let shown: Value = serde_json::from_str(&data.succeed(&command)).expect("JSON");
    assert_eq!(
        (&shown["alpha"], &shown["method"]),
        (&json!(0.05), &json!("auto"))
    );
    let with = |set| [&command[..], &["--set", set]].concat();
    let changed = data.succeed(&with(r#"{"alpha": 0.01, "planned_units": 5000}"#));
    let changed: Value = serde_json::from_str(&changed).expect("JSON");
    assert_eq!(
        (&changed["alpha"], &changed["planned_units"]),
        (&json!(0.01), &json!(5000))
    );
    let path = format!("/api/liftgate/v1/environments/production-key/experiments/{id}/analysis/");
    assert_eq!(client.get(path).await.expect(200), changed);

    for (set, named) in [
        (r#"{"alpha": 7}"#, "less than or equal to 0.5"),
        (r#"{"max_days": 2}"#, "min_days"),
        ("alpha", "--set is not JSON"),
    ] {
        let refused = data.run(&with(set));
        assert!(!refused.status.success());
        let errors = errors_of(&refused);
        assert!(errors.contains(named), "{named}: {errors}");
    }
    // The views of the results, before there are any.
    let named = ["--environment", "production-key", "--experiment", &id];
    let series = data.succeed(&[&["experiment", "series"][..], &named].concat());
    assert!(series.contains("Nothing was computed yet."), "{series}");
    let dimensions = [&["experiment", "dimensions"][..], &named].concat();
    let with = |set| [&dimensions[..], &["--set", set]].concat();
    let changed = data.succeed(&with(r#"["country", "plan"]"#));
    assert!(changed.contains(r#"Dimensions: ["country","plan"]"#), "{changed}");
    assert_eq!(data.succeed(&dimensions), changed);
    for (set, named) in [
        (r#"["a", "a"]"#, "is named twice"),
        (r#"["a", "b", "c", "d", "e", "f"]"#, "dimensions"),
        ("a", "--set is not JSON"),
    ] {
        let errors = errors_of(&data.run(&with(set)));
        assert!(errors.contains(named), "{named}: {errors}");
    }
    let nowhere = [
        "experiment",
        "analysis",
        "--environment",
        "nowhere",
        "--experiment",
        &id,
    ];
    assert!(errors_of(&data.run(&nowhere)).contains("there is no such experiment"));
}
