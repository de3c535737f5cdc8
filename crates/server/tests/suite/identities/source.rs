//! The stored identities as the data plane asks for them.

use liftgate_app::StoredIdentities;
use liftgate_delivery::{IdentitySource as _, SourceError, TraitChanges};
use liftgate_model::EnvironmentId;
use liftgate_model::identity::TraitValue;
use liftgate_testkit::TestServer;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

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
async fn many_writers_share_transactions_and_each_hears_of_its_own_identity() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let environment = EnvironmentId(i32::try_from(workspace.environment).unwrap());
    let source = StoredIdentities::new(server.store.clone(), Arc::clone(&server.clock) as _);
    let source = Arc::new(source);
    let count = 300;
    for round in ["first", "second"] {
        let before = server.store.statement_count();
        let mut writers = JoinSet::new();
        for number in 0..count {
            let source = Arc::clone(&source);
            writers.spawn(async move {
                let name = format!("person-{number}");
                let changes = set("round", &format!("{round}-{number}"));
                (number, source.apply(environment, &name, changes).await.unwrap())
            });
        }
        while let Some(done) = writers.join_next().await {
            let (number, stored) = done.unwrap();
            let values: Vec<_> = stored.traits.iter().map(|stored| &stored.value).collect();
            assert_eq!(values, [&TraitValue::Text(format!("{round}-{number}"))]);
            let read = source.load(environment, &format!("person-{number}")).await;
            assert_eq!(read.unwrap().unwrap().id, stored.id);
        }
        let statements = server.store.statement_count() - before;
        // Two of them are the reading above.
        assert!(statements < count * 5, "{statements} statements");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_write_that_fails_leaves_its_neighbours_alone() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let environment = EnvironmentId(i32::try_from(workspace.environment).unwrap());
    let nowhere = EnvironmentId(i32::MAX);
    let source = StoredIdentities::new(server.store.clone(), Arc::clone(&server.clock) as _);
    let (one, lost, other) = tokio::join!(
        source.apply(environment, "alice", set("a", "1")),
        source.apply(nowhere, "alice", set("a", "2")),
        source.apply(environment, "bob", set("a", "3")),
    );
    assert_eq!(lost.unwrap_err(), SourceError::Internal);
    assert_eq!(one.unwrap().traits[0].value, TraitValue::Text("1".into()));
    assert_eq!(other.unwrap().traits[0].value, TraitValue::Text("3".into()));
    for name in ["alice", "bob"] {
        assert!(source.load(environment, name).await.unwrap().is_some(), "{name}");
    }
    server.stop().await;
}

#[tokio::test]
async fn writes_of_one_identity_are_made_in_the_order_they_came() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let environment = EnvironmentId(i32::try_from(workspace.environment).unwrap());
    let source = StoredIdentities::new(server.store.clone(), Arc::clone(&server.clock) as _);
    let delete = TraitChanges {
        set: Vec::new(),
        delete: vec!["a".to_owned()],
    };
    let (first, gone, last, other) = tokio::join!(
        source.apply(environment, "alice", set("a", "1")),
        source.apply(environment, "alice", delete),
        source.apply(environment, "alice", set("a", "3")),
        source.apply(environment, "bob", set("a", "4")),
    );
    let (first, gone, last) = (first.unwrap(), gone.unwrap(), last.unwrap());
    assert_eq!(first.traits[0].value, TraitValue::Text("1".into()));
    assert!(gone.traits.is_empty());
    assert_eq!(last.traits[0].value, TraitValue::Text("3".into()));
    assert_ne!(first.traits[0].id, last.traits[0].id);
    assert_eq!(other.unwrap().traits[0].value, TraitValue::Text("4".into()));
    server.stop().await;
}

#[tokio::test]
async fn what_is_read_after_a_caller_gave_up_is_what_its_write_left() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let environment = EnvironmentId(i32::try_from(workspace.environment).unwrap());
    let source = StoredIdentities::new(server.store.clone(), Arc::clone(&server.clock) as _);
    let mut written = 0;
    for round in 0..60_u64 {
        let key = format!("round-{round}");
        let patience = Duration::from_micros(round * 150);
        let write = source.apply(environment, "alice", set(&key, "x"));
        let _ = tokio::time::timeout(patience, write).await;
        let read = async || {
            let stored = source.load(environment, "alice").await.unwrap();
            let traits = stored.map(|stored| stored.traits).unwrap_or_default();
            traits.into_iter().map(|stored| stored.key).collect::<Vec<_>>()
        };
        let seen = read().await;
        // Behind this one nothing of the round is under way any more.
        source.apply(environment, "bob", set("a", &key)).await.unwrap();
        assert_eq!(read().await, seen, "round {round}");
        written = seen.len();
    }
    assert!(written > 0, "some callers waited long enough");
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
