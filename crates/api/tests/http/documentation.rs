//! The OpenAPI document and its page.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::kit::Server;

async fn document() -> Value {
    let answer = Server::new().await.get("/api/v1/swagger.json").await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/json"))
    );
    answer.json()
}

#[tokio::test]
async fn every_operation_says_who_may_call() {
    let document = document().await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut names = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(operation["x-liftgate-access"].is_string(), "{method} {path}");
            assert!(operation["security"].is_array(), "{method} {path}");
            names.insert(operation["operationId"].as_str().unwrap());
        }
    }
    assert_eq!(names.len(), 28);
    assert!(names.contains("get_features_by_feature_id"), "{names:?}");
    assert!(names.contains("post_liftgate_things"), "{names:?}");
    assert_eq!(
        document["paths"]["/api/v1/features/{feature_id}/"]["put"]["x-liftgate-access"],
        "owner of the feature"
    );
    assert_eq!(
        document["paths"]["/version/"]["get"]["x-liftgate-access"],
        "anyone"
    );
}

#[tokio::test]
async fn what_follows_from_guard_and_path_is_documented() {
    let document = document().await;
    let read = &document["paths"]["/api/v1/features/{feature_id}/"]["get"];
    assert_eq!(
        read["parameters"],
        json!([{"name": "feature_id", "in": "path", "required": true, "schema": {"type": "integer", "format": "int32"}}])
    );
    assert_eq!(
        read["security"],
        json!([{"Token": []}, {"Api-Key": []}, {"Bearer": []}])
    );
    assert_eq!(document["paths"]["/version/"]["get"]["security"], json!([]));
    for (status, name) in [
        ("401", "Unauthenticated"),
        ("403", "Forbidden"),
        ("404", "NotFound"),
    ] {
        assert_eq!(
            read["responses"][status]["$ref"],
            format!("#/components/responses/{name}")
        );
        assert!(document["components"]["responses"][name]["description"].is_string());
    }
    let names: Vec<&str> = document["paths"]["/api/v1/wide-things/"]["get"]["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|parameter| parameter["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["page", "page_size"]);
    for scheme in ["Token", "Api-Key", "Bearer", "X-Environment-Key"] {
        assert!(
            document["components"]["securitySchemes"][scheme].is_object(),
            "{scheme}"
        );
    }
    assert!(
        document["components"]["schemas"]["Paged_Thing"].is_object(),
        "{}",
        document["components"]["schemas"]
    );
}

#[tokio::test]
async fn the_page_is_served_from_here_and_asks_nobody_else() {
    let server = Server::new().await;
    assert_eq!(
        server.get("/api/v1/docs").await.header("location"),
        Some("/api/v1/docs/")
    );
    let index = server.get("/api/v1/docs/").await;
    assert_eq!(
        (index.status, index.header("content-type")),
        (200, Some("text/html"))
    );
    assert!(
        index
            .header("content-security-policy")
            .unwrap()
            .starts_with("default-src 'self'")
    );
    assert!(
        !index.text().contains("src=\"http") && !index.text().contains("href=\"http"),
        "{}",
        index.text()
    );
    let start = server.get("/api/v1/docs/swagger-initializer.js").await;
    assert!(start.text().contains("/api/v1/swagger.json"), "{}", start.text());
    assert!(
        start.text().contains("\"validatorUrl\": \"none\""),
        "{}",
        start.text()
    );
    assert_eq!(server.get("/api/v1/docs/swagger-ui.css").await.status, 200);
    assert_eq!(server.get("/api/v1/docs/nothing.js").await.status, 404);
    let yaml = server.get("/api/v1/swagger.yaml").await;
    assert_eq!(
        (yaml.status, yaml.header("content-type")),
        (200, Some("application/yaml"))
    );
}
