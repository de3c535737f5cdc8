//! The stored traits of identities.

use super::{below, identified, identity};
use crate::support::{id, keys};
use liftgate_testkit::TestServer;
use serde_json::{Value, json};

#[tokio::test]
async fn a_trait_is_shown_by_columns() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let path = below(&workspace, identity(&workspace, "alice").await, "traits/");
    let made = workspace
        .client
        .post(&path, json!({"trait_key": "plan", "string_value": 1}))
        .await
        .expect(201);
    assert_eq!(
        keys(&made),
        [
            "id",
            "trait_key",
            "value_type",
            "integer_value",
            "string_value",
            "boolean_value",
            "float_value",
            "created_date"
        ]
    );
    let columns = |body: &Value| {
        [
            "value_type",
            "integer_value",
            "string_value",
            "boolean_value",
            "float_value",
        ]
        .map(|name| body[name].clone())
    };
    let null = Value::Null;
    assert_eq!(
        columns(&made),
        [
            json!("unicode"),
            null.clone(),
            json!("1"),
            null.clone(),
            null.clone()
        ]
    );
    let add = async |body: Value| columns(&workspace.client.post(&path, body).await.expect(201));
    let big = i64::from(i32::MAX) + 1;
    assert_eq!(
        add(json!({"trait_key": "age", "value_type": "int", "integer_value": big, "string_value": "x"}))
            .await,
        [json!("int"), json!(big), null.clone(), null.clone(), null.clone()]
    );
    assert_eq!(
        add(json!({"trait_key": "vip", "value_type": "bool", "boolean_value": false})).await,
        [
            json!("bool"),
            null.clone(),
            null.clone(),
            json!(false),
            null.clone()
        ]
    );
    assert_eq!(
        add(json!({"trait_key": "score", "value_type": "float", "float_value": 1})).await,
        [
            json!("float"),
            null.clone(),
            null.clone(),
            null.clone(),
            json!(1.0)
        ]
    );
    let list = workspace.client.get(&path).await.expect(200);
    assert_eq!((&list["count"], &list["results"][0]), (&json!(4), &made));
    let one = format!("{path}{}/", id(&made));
    assert_eq!(workspace.client.get(&one).await.expect(200), made);
    server.stop().await;
}

#[tokio::test]
async fn refusals_are_told_by_field() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let path = below(&workspace, identity(&workspace, "alice").await, "traits/");
    workspace
        .client
        .post(&path, json!({"trait_key": "plan", "string_value": "pro"}))
        .await
        .expect(201);
    for (body, expected) in [
        (json!({}), json!({"trait_key": ["This field is required."]})),
        (
            json!({"trait_key": "x".repeat(201), "string_value": "a"}),
            json!({"trait_key": ["Ensure this field has no more than 200 characters."]}),
        ),
        (
            json!({"trait_key": "a", "value_type": "list"}),
            json!({"value_type": ["\"list\" is not a valid choice."]}),
        ),
        (
            json!({"trait_key": "a", "value_type": "int"}),
            json!({"integer_value": ["This field is required."]}),
        ),
        (
            json!({"trait_key": "a", "value_type": "int", "integer_value": "x"}),
            json!({"integer_value": ["A valid integer is required."]}),
        ),
        (
            json!({"trait_key": "a", "string_value": "x".repeat(2001)}),
            json!({"string_value": ["Ensure this field has no more than 2000 characters."]}),
        ),
        (
            json!({"trait_key": "plan", "string_value": "free"}),
            json!({"trait_key": ["The identity has a trait with this key already."]}),
        ),
    ] {
        assert_eq!(workspace.client.post(&path, body).await.expect(400), expected);
    }
    assert_eq!(
        workspace
            .client
            .get(below(&workspace, 999, "traits/"))
            .await
            .expect(404),
        json!({"detail": "No Identity matches the given query."})
    );
    let foreign = identity(&workspace, "bob").await;
    let other = workspace
        .client
        .get(below(&workspace, foreign, "traits/1/"))
        .await;
    assert_eq!(
        other.expect(404),
        json!({"detail": "No Trait matches the given query."})
    );
    server.stop().await;
}

#[tokio::test]
async fn changes_reach_the_data_plane() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let alice = identity(&workspace, "alice").await;
    let path = below(&workspace, alice, "traits/");
    let seen = async || identified(&workspace, "alice").await["traits"].clone();
    assert_eq!(seen().await, json!([]));
    let plan = workspace
        .client
        .post(&path, json!({"trait_key": "plan", "string_value": "pro"}))
        .await
        .expect(201);
    let plan = id(&plan);
    let shown = |key: &str, value: Value| json!([{"id": plan, "trait_key": key, "trait_value": value, "transient": false}]);
    assert_eq!(seen().await, shown("plan", json!("pro")));
    let one = format!("{path}{plan}/");
    workspace
        .client
        .patch(&one, json!({"string_value": "free"}))
        .await
        .expect(200);
    assert_eq!(seen().await, shown("plan", json!("free")));
    let put = json!({"trait_key": "tier", "value_type": "int", "integer_value": 2});
    workspace.client.put(&one, put).await.expect(200);
    assert_eq!(seen().await, shown("tier", json!(2)));
    assert_eq!(workspace.client.delete(&one).await.status, 204);
    assert_eq!(seen().await, json!([]));
    assert_eq!(workspace.client.delete(&one).await.status, 404);
    server.stop().await;
}

#[tokio::test]
async fn a_key_is_removed_from_everybody_when_asked_for() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let (alice, bob) = (
        identity(&workspace, "alice").await,
        identity(&workspace, "bob").await,
    );
    let mut ids = Vec::new();
    for who in [alice, bob] {
        for key in ["plan", "age"] {
            let body = json!({"trait_key": key, "string_value": "x"});
            let path = below(&workspace, who, "traits/");
            ids.push(id(&workspace.client.post(path, body).await.expect(201)));
        }
    }
    let keys = async |who: &str| {
        let seen = identified(&workspace, who).await;
        let keys = seen["traits"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["trait_key"].as_str().unwrap().to_owned());
        keys.collect::<Vec<_>>()
    };
    assert_eq!(keys("bob").await, ["plan", "age"]);
    workspace
        .client
        .delete(below(&workspace, alice, &format!("traits/{}/", ids[1])))
        .await;
    assert_eq!(
        (keys("alice").await, keys("bob").await),
        (vec!["plan".into()], vec!["plan".into(), "age".into()])
    );
    let everywhere = below(
        &workspace,
        alice,
        &format!("traits/{}/?deleteAllMatchingTraits=true", ids[0]),
    );
    assert_eq!(workspace.client.delete(everywhere).await.status, 204);
    assert_eq!(
        (keys("alice").await, keys("bob").await),
        (vec![], vec!["age".into()])
    );
    server.stop().await;
}

#[tokio::test]
async fn an_organisation_may_store_no_traits() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let path = below(&workspace, identity(&workspace, "alice").await, "traits/");
    let tx = server.store.begin().await.unwrap();
    let id = liftgate_model::OrganisationId(i32::try_from(workspace.organisation).unwrap());
    let mut organisation = liftgate_store::organisations::find(&tx, id)
        .await
        .unwrap()
        .unwrap();
    organisation.persist_trait_data = false;
    liftgate_store::organisations::update(&tx, &organisation)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let refused = workspace
        .client
        .post(&path, json!({"trait_key": "plan", "string_value": "pro"}))
        .await;
    assert_eq!(
        refused.expect(403),
        json!({"detail": "Organisation is not authorised to store traits."})
    );
    server.stop().await;
}
