//! `liftgate bootstrap` and `liftgate admin create-user`.

use crate::data::{Data, errors_of, text_of};
use serde_json::{Value, json};

const PLAN: &str = r#"
organisation = "Acme"
master_key = "acmekey1.0123456789abcdef0123456789abcdef"
[admin]
email = "ada@example.com"
password = "a sound p4ssphrase"
[[projects]]
name = "Web"
[[projects.environments]]
name = "Production"
client_key = "production-key"
server_keys = ["ser.0123456789abcdef0123"]
versioned = true
[[projects.environments]]
name = "Staging"
"#;

fn plan(data: &Data, text: &str) -> String {
    let path = data.path().join("plan.toml");
    std::fs::write(&path, text).expect("the plan can be written");
    path.to_str().expect("the path is text").to_owned()
}

#[tokio::test]
async fn a_plan_is_carried_out_once_however_often_it_is_run() {
    let data = Data::new();
    let file = plan(&data, PLAN);
    let first = data.succeed(&["bootstrap", "--file", &file]);
    assert!(first.lines().count() > 3, "{first}");
    let again = data.succeed(&["bootstrap", "--file", &file]);
    assert_eq!(again, "Everything is there already.\n");

    let server = data.serve();
    let login = json!({"email": "ada@example.com", "password": "a sound p4ssphrase"});
    server
        .client()
        .post("/api/v1/auth/login/", login)
        .await
        .expect(200);
    let key = server.client().with(
        "authorization",
        "Api-Key acmekey1.0123456789abcdef0123456789abcdef",
    );
    let names = |list: &Value| -> Vec<String> {
        let rows = list.as_array().expect("a list").iter();
        rows.map(|row| row["name"].as_str().expect("a name").to_owned())
            .collect()
    };
    let projects = key.get("/api/v1/projects/").await.expect(200);
    assert_eq!(names(&projects), ["Web"]);
    let path = format!("/api/v1/environments/?project={}", projects[0]["id"]);
    let environments = key.get(path).await.expect(200)["results"].clone();
    assert_eq!(names(&environments), ["Production", "Staging"]);
    assert_eq!(environments[0]["use_v2_feature_versioning"], true);
    assert_eq!(environments[1]["use_v2_feature_versioning"], false);
    let sdk = server.client().with_environment_key("production-key");
    assert_eq!(sdk.get("/api/v1/flags/").await.expect(200), json!([]));
    let sdk = server.client().with_environment_key("ser.0123456789abcdef0123");
    sdk.get("/api/v1/environment-document/").await.expect(200);
}

#[tokio::test]
async fn variables_are_a_plan_too() {
    let data = Data::new();
    let variables = [
        ("LIFTGATE_BOOTSTRAP_ORGANISATION", "Acme"),
        ("LIFTGATE_BOOTSTRAP_PROJECT", "Web"),
        ("LIFTGATE_BOOTSTRAP_ENVIRONMENTS", "Production,Staging"),
        ("LIFTGATE_BOOTSTRAP_CLIENT_KEY", "production-key"),
    ];
    text_of(&data.run_with(&["bootstrap"], &variables, ""));
    let again = text_of(&data.run_with(&["bootstrap"], &variables, ""));
    assert_eq!(again, "Everything is there already.\n");
    let server = data.serve();
    let sdk = server.client().with_environment_key("production-key");
    sdk.get("/api/v1/flags/").await.expect(200);
}

#[test]
fn a_plan_that_cannot_be_is_refused_whole_and_says_why() {
    let data = Data::new();
    for (text, named) in [
        (PLAN.replace("versioned", "versionned"), "versionned"),
        (PLAN.replace("organisation = \"Acme\"", ""), "organisation"),
        (
            PLAN.replace("a sound p4ssphrase", "short"),
            "This password is too short",
        ),
        ("not toml".to_owned(), "plan.toml"),
    ] {
        let output = data.run(&["bootstrap", "--file", &plan(&data, &text)]);
        assert!(!output.status.success());
        let errors = errors_of(&output);
        assert!(errors.contains(named), "{named}: {errors}");
    }
    let missing = data.run(&["bootstrap", "--file", "/nowhere/plan.toml"]);
    assert!(errors_of(&missing).contains("/nowhere/plan.toml"));
    let nothing = data.run(&["bootstrap"]);
    assert!(errors_of(&nothing).contains("nothing to do"));
    // None of them left anything behind.
    let first = data.succeed(&["bootstrap", "--file", &plan(&data, PLAN)]);
    assert!(first.contains("Acme"), "{first}");
}

#[tokio::test]
async fn users_are_created_with_a_password_from_standard_input() {
    let data = Data::new();
    let create = |email: &str, password: &str| {
        data.run_with(&["admin", "create-user", "--email", email], &[], password)
    };
    text_of(&create("ada@example.com", "a sound p4ssphrase\n"));
    let twice = create("ada@example.com", "a sound p4ssphrase\n");
    assert!(!twice.status.success());
    assert!(
        errors_of(&twice).contains("already exists"),
        "{}",
        errors_of(&twice)
    );
    let weak = create("bob@example.com", "password\n");
    assert!(!weak.status.success());
    assert!(errors_of(&weak).contains("too common"), "{}", errors_of(&weak));
    let server = data.serve();
    let login = |email: &str| json!({"email": email, "password": "a sound p4ssphrase"});
    let client = server.client();
    client
        .post("/api/v1/auth/login/", login("ada@example.com"))
        .await
        .expect(200);
    client
        .post("/api/v1/auth/login/", login("bob@example.com"))
        .await
        .expect(400);
}
