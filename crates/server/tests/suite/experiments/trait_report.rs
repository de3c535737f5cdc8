//! The report of variants that older clients keep as traits (contract, admin API, section 7.12).

use crate::support::{keys, member};
use liftgate_app::experiments::MAX_VARIANTS;
use liftgate_testkit::{TestServer, Workspace};
use serde_json::{Value, json};

/// Stores identities with a variant, the first of them converted and the others, by turns, not converted or not known to.
async fn store(workspace: &Workspace, feature: &str, variant: &str, identities: usize, conversions: usize) {
    let (sdk, variant_key) = (workspace.sdk(), format!("exp_{feature}_variant"));
    for number in 0..identities {
        let mut traits = vec![json!({"trait_key": variant_key, "trait_value": variant})];
        if number < conversions || number % 2 == 0 {
            let converted = json!(number < conversions);
            traits.push(json!({"trait_key": format!("exp_{feature}_converted"), "trait_value": converted}));
        }
        let body = json!({"identifier": format!("{feature}-{variant}-{number}"), "traits": traits});
        sdk.post("/api/v1/identities/", body).await.expect(200);
    }
}

async fn report(workspace: &Workspace, feature: &str) -> Value {
    let path = workspace.path(&format!("experiments/results/?feature={feature}"));
    workspace.client.get(path).await.expect(200)
}

#[tokio::test]
async fn without_variants_there_is_nothing_to_compare() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    // Conversions alone, and a variant that is no text, are no variants.
    let body = json!({"identifier": "alice", "traits": [
        {"trait_key": "exp_checkout_converted", "trait_value": true}, {"trait_key": "exp_checkout_variant", "trait_value": 7}]});
    workspace
        .sdk()
        .post("/api/v1/identities/", body)
        .await
        .expect(200);
    let empty = report(&workspace, "checkout").await;
    assert_eq!(
        empty,
        json!({"feature": "checkout", "variants": [], "statistics": {
            "p_value": 1.0, "significant": false, "chance_to_win": {}, "lift": "N/A", "winner": null,
            "recommendation": "No experiment data found", "sample_size_warning": null}})
    );
    assert_eq!(keys(&empty), ["feature", "variants", "statistics"]);

    store(&workspace, "checkout", "blue", 3, 1).await;
    assert_eq!(
        report(&workspace, "checkout").await,
        json!({"feature": "checkout",
            "variants": [{"variant": "blue", "evaluations": 3, "conversions": 1, "conversion_rate": 33.33}],
            "statistics": {"p_value": 1.0, "significant": false, "chance_to_win": {"blue": 1.0}, "lift": "N/A", "winner": null,
                "recommendation": "Need at least 2 variants for comparison", "sample_size_warning": null}})
    );
    server.stop().await;
}

#[tokio::test]
async fn variants_are_compared() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    store(&workspace, "checkout", "green", 20, 12).await;
    store(&workspace, "checkout", "blue", 20, 2).await;
    // Neither another feature nor another environment counts.
    store(&workspace, "other", "blue", 3, 3).await;
    let body = json!({"name": "Elsewhere", "project": workspace.project});
    let elsewhere = workspace
        .client
        .post("/api/v1/environments/", body)
        .await
        .expect(201);
    let elsewhere_sdk = server
        .anonymous()
        .with_environment_key(elsewhere["api_key"].as_str().unwrap());
    let body =
        json!({"identifier": "x", "traits": [{"trait_key": "exp_checkout_variant", "trait_value": "blue"}]});
    elsewhere_sdk.post("/api/v1/identities/", body).await.expect(200);

    assert_eq!(
        report(&workspace, "checkout").await,
        json!({"feature": "checkout",
            "variants": [
                {"variant": "blue", "evaluations": 20, "conversions": 2, "conversion_rate": 10.0},
                {"variant": "green", "evaluations": 20, "conversions": 12, "conversion_rate": 60.0}],
            "statistics": {"p_value": 0.0006, "significant": true, "chance_to_win": {"blue": 0.0, "green": 1.0},
                "lift": "+500.0%", "winner": "green", "recommendation": "green wins with 100.0% confidence",
                "sample_size_warning": "Low sample size (20) - results may be unreliable"}})
    );

    store(&workspace, "checkout", "red", 5, 0).await;
    let three = report(&workspace, "checkout").await;
    assert_eq!(three["variants"].as_array().unwrap().len(), 3);
    assert_eq!(
        three["statistics"],
        json!({"p_value": 0.0011, "significant": true, "chance_to_win": {"blue": 0.0, "green": 0.989, "red": 0.01},
            "lift": "See individual rates", "winner": "green", "recommendation": "green leads with 98.9% chance to win",
            "sample_size_warning": "Low sample size (5) - results may be unreliable"})
    );

    // Nobody converted: no lift to tell, and nobody wins.
    store(&workspace, "none", "a", 2, 0).await;
    store(&workspace, "none", "b", 2, 0).await;
    let statistics = report(&workspace, "none").await["statistics"].clone();
    assert_eq!(
        (
            &statistics["p_value"],
            &statistics["lift"],
            &statistics["winner"],
            &statistics["chance_to_win"]
        ),
        (
            &json!(1.0),
            &json!("N/A"),
            &json!(null),
            &json!({"a": 0.5, "b": 0.5})
        )
    );
    assert_eq!(
        statistics["recommendation"],
        "Keep collecting data - not yet significant"
    );
    server.stop().await;
}

#[tokio::test]
async fn the_largest_variants_are_the_ones_compared() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    store(&workspace, "many", "z", 2, 1).await;
    for number in 0..=MAX_VARIANTS {
        store(&workspace, "many", &format!("v{number:03}"), 1, 0).await;
    }
    let report = report(&workspace, "many").await;
    let variants = report["variants"].as_array().unwrap();
    assert_eq!(variants.len(), usize::try_from(MAX_VARIANTS).unwrap());
    assert_eq!(variants.last().unwrap()["variant"], "z");
    server.stop().await;
}

#[tokio::test]
async fn refusals_are_told_in_the_report_s_own_words() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let path = workspace.path("experiments/results/");
    for (query, message) in [
        ("", "This field is required."),
        ("?feature=", "This field may not be blank."),
    ] {
        let refused = workspace.client.get(format!("{path}{query}")).await.expect(400);
        assert_eq!(refused, json!({"feature": [message]}));
    }
    let long = format!("{path}?feature={}", "x".repeat(201));
    assert_eq!(
        workspace.client.get(long).await.expect(400),
        json!({"feature": ["Ensure this field has no more than 200 characters."]})
    );

    let asked = format!("{path}?feature=checkout");
    let missing = json!({"detail": "Environment not found"});
    let unknown = "/api/v1/environments/nope/experiments/results/?feature=checkout";
    assert_eq!(workspace.client.get(unknown).await.expect(404), missing);
    let stranger = server.sign_up("stranger@example.com").await;
    assert_eq!(stranger.get(&asked).await.expect(404), missing);
    let beside = member(
        &server,
        &workspace,
        "beside@example.com",
        &["VIEW_PROJECT"],
        &["VIEW_IDENTITIES"],
    )
    .await;
    assert_eq!(
        beside.get(&asked).await.expect(403),
        json!({"detail": "You do not have permission to view this environment"})
    );
    let viewer = member(
        &server,
        &workspace,
        "viewer@example.com",
        &["VIEW_PROJECT"],
        &["VIEW_ENVIRONMENT"],
    )
    .await;
    viewer.get(&asked).await.expect(200);
    assert_eq!(server.anonymous().get(&asked).await.status, 401);
    assert_eq!(workspace.client.post(&asked, json!({})).await.status, 405);
    server.stop().await;
}
