//! The stored identities as the data plane asks for them.

use liftgate_app::StoredIdentities;
use liftgate_delivery::{IdentitySource as _, SourceError, TraitChanges};
use liftgate_model::EnvironmentId;
use liftgate_model::identity::TraitValue;
use liftgate_testkit::TestServer;
use std::sync::Arc;

fn set(key: &str, value: &str) -> TraitChanges {
    TraitChanges {
        set: vec![(key.to_owned(), TraitValue::Text(value.to_owned()))],
        delete: Vec::new(),
    }
}

#[tokio::test]
async fn writers_at_the_same_time_make_one_identity_and_lose_nothing() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let environment = EnvironmentId(i32::try_from(workspace.environment).unwrap());
    let source = Arc::new(StoredIdentities::new(
        server.store.clone(),
        Arc::clone(&server.clock) as _,
    ));
    assert!(source.load(environment, "alice").await.unwrap().is_none());
    let writers: Vec<_> = (0..8)
        .map(|number| {
            let source = Arc::clone(&source);
            tokio::spawn(async move {
                source
                    .apply(environment, "alice", set(&format!("key-{number}"), "x"))
                    .await
            })
        })
        .collect();
    let mut ids = Vec::new();
    for writer in writers {
        ids.push(writer.await.unwrap().unwrap().id);
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    let stored = source.load(environment, "alice").await.unwrap().unwrap();
    assert_eq!((stored.id, stored.traits.len()), (ids[0], 8));
    server.stop().await;
}

#[tokio::test]
async fn a_change_replaces_and_removes_and_keeps_the_place_of_the_rest() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let environment = EnvironmentId(i32::try_from(workspace.environment).unwrap());
    let source = StoredIdentities::new(server.store.clone(), Arc::clone(&server.clock) as _);
    for key in ["b", "a", "c"] {
        source.apply(environment, "alice", set(key, "old")).await.unwrap();
    }
    let changes = TraitChanges {
        set: vec![
            ("a".into(), TraitValue::Integer(7)),
            ("d".into(), TraitValue::Boolean(true)),
        ],
        delete: vec!["c".into(), "never".into()],
    };
    let stored = source.apply(environment, "alice", changes).await.unwrap();
    let traits: Vec<_> = stored
        .traits
        .iter()
        .map(|stored| (stored.key.as_str(), stored.value.clone()))
        .collect();
    assert_eq!(
        traits,
        [
            ("b", TraitValue::Text("old".into())),
            ("a", TraitValue::Integer(7)),
            ("d", TraitValue::Boolean(true))
        ]
    );
    let nothing = source
        .apply(environment, "bob", TraitChanges::default())
        .await
        .unwrap();
    assert!(nothing.traits.is_empty());
    assert!(
        source.load(environment, "bob").await.unwrap().is_some(),
        "an identity without traits is stored"
    );
    server.stop().await;
}

#[tokio::test]
async fn a_database_that_is_away_is_said_to_be() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let environment = EnvironmentId(i32::try_from(workspace.environment).unwrap());
    let source = StoredIdentities::new(server.store.clone(), Arc::clone(&server.clock) as _);
    server.store.clone().close().await.unwrap();
    assert_eq!(
        source.load(environment, "alice").await.unwrap_err(),
        SourceError::Unavailable
    );
    assert_eq!(
        source
            .apply(environment, "alice", set("a", "b"))
            .await
            .unwrap_err(),
        SourceError::Unavailable
    );
}
