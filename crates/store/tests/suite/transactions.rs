//! Commit, rollback, writers in each other's way.

use crate::support::{ALL, NOW, World, backs, each, environment, open, uuid};
use liftgate_store::{
    Error, Result, Store, StoreOptions, counters, environments, identities, organisations, settings,
};
use std::time::Duration;

#[tokio::test]
async fn a_dropped_transaction_changes_nothing() {
    each(async |store| {
        let tx = store.begin().await?;
        settings::put(&tx, "name", "value").await?;
        drop(tx);
        assert_eq!(settings::find(&store.reader(), "name").await?, None);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_failed_statement_takes_its_transaction_along() {
    each(async |store| {
        let world = World::create(store).await?;
        let tx = store.begin().await?;
        organisations::create(&tx, uuid(), "Lost", NOW).await?;
        let twin = environment(world.project.id, "Production");
        assert!(matches!(
            environments::create(&tx, &twin).await,
            Err(Error::Conflict(_))
        ));
        drop(tx);
        assert!(
            organisations::find_by_name(&store.reader(), "Lost")
                .await?
                .is_none()
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn settings_are_replaced_and_removed() {
    each(async |store| {
        let tx = store.begin().await?;
        settings::put(&tx, "name", "old").await?;
        settings::put(&tx, "name", crate::support::ODD_TEXT).await?;
        tx.commit().await?;
        let kept = settings::find(&store.reader(), "name").await?;
        assert_eq!(kept.as_deref(), Some(crate::support::ODD_TEXT));
        let tx = store.begin().await?;
        settings::delete(&tx, "name").await?;
        settings::delete(&tx, "name").await?;
        tx.commit().await?;
        assert_eq!(settings::find(&store.reader(), "name").await?, None);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn numbers_are_handed_out_once() {
    each(async |store| {
        let tx = store.begin().await?;
        assert_eq!(counters::take(&tx, counters::SEGMENT_NODES, 3).await?, 1);
        assert_eq!(counters::take(&tx, counters::SEGMENT_NODES, 2).await?, 4);
        tx.commit().await?;
        let writers = (0..8).map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let tx = store.begin().await?;
                let first = counters::take(&tx, counters::SEGMENT_NODES, 2).await?;
                tx.commit().await.map(|()| first)
            })
        });
        let mut taken = Vec::new();
        for writer in writers.collect::<Vec<_>>() {
            taken.push(writer.await.expect("no panic")?);
        }
        taken.sort_unstable();
        assert_eq!(taken, [6, 8, 10, 12, 14, 16, 18, 20]);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn identities_asked_for_at_once_are_stored_once() {
    each(async |store| {
        let world = World::create(store).await?;
        let id = world.environment.id;
        let writers = (0..8).map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let tx = store.begin().await?;
                let found = identities::find_or_create(&tx, id, "same", NOW).await?;
                tx.commit().await.map(|()| found.id)
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.expect("no panic")?;
        }
        assert_eq!(identities::list(&store.reader(), id, None, ALL).await?.total, 1);
        Ok(())
    })
    .await;
}

/// Whoever waits for the write lock of SQLite too long is told that the database is busy, in this process and in another.
#[tokio::test]
async fn a_second_writer_on_sqlite_is_busy() -> Result<()> {
    let back = backs().await.remove(0);
    let options = StoreOptions {
        max_connections: 2,
        acquire_timeout: Duration::from_millis(200),
    };
    open(&back).await.close().await?;
    let store = Store::open(&back.url, &options).await?;
    let other = Store::open(&back.url, &options).await?;
    for one in [&store, &other] {
        one.migrate().await?;
    }
    let tx = store.begin().await?;
    settings::put(&tx, "name", "mine").await?;
    assert!(matches!(store.begin().await, Err(Error::Busy(_))));
    assert!(matches!(other.begin().await, Err(Error::Busy(_))));
    assert_eq!(
        settings::find(&other.reader(), "name").await?,
        None,
        "readers are not held up"
    );
    tx.commit().await?;
    other.begin().await?.commit().await?;
    assert_eq!(
        settings::find(&other.reader(), "name").await?.as_deref(),
        Some("mine")
    );
    Ok(())
}

#[tokio::test]
async fn a_store_tells_how_it_is() {
    each(async |store| {
        store.ping().await?;
        assert!(store.is_migrated().await?);
        assert_eq!(store.integrity_check().await?, Vec::<String>::new());
        let before = store.statement_count();
        settings::find(&store.reader(), "name").await?;
        assert_eq!(store.statement_count() - before, 1);
        Ok(())
    })
    .await;
}
