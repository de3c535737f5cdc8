//! A crash between any two steps on the disk: nothing acknowledged is lost, nothing is doubled, nothing is invented.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod support;

use std::path::Path;
use std::sync::Arc;

use liftgate_events::{EmbeddedStore, Event, EventReader as _, EventSink as _, EventsError};
use support::model::{assert_answers, distinct, query};
use support::sim_disk::{Crash, Operation, SimDisk};
use support::{
    DAY_MS, START_MS, assert_same, event, exposure, log_files, manual, ordered, parquet_files, stored,
};

/// Batches over three days; some events are sent twice.
fn batches() -> Vec<Vec<Event>> {
    let batch = |number: i64| {
        let at = START_MS + number * DAY_MS / 2;
        vec![
            exposure(&format!("user-{number}"), "control", at),
            event("purchase", &format!("user-{number}"), Some("3"), at + 1),
            event("purchase", "user-0", Some("2.5"), at + 2),
            event("view", "user-0", None, START_MS + 77),
        ]
    };
    (0..6).map(batch).collect()
}

/// Does everything that changes the disk, until it fails. Returns what was acknowledged.
async fn life(
    disk: &SimDisk,
    directory: &Path,
    acknowledged: &mut Vec<Event>,
) -> liftgate_events::Result<()> {
    let store = EmbeddedStore::open_on(Arc::new(disk.clone()), directory, manual())?;
    let batches = batches();
    for (number, batch) in batches.iter().enumerate() {
        store.append(batch.clone()).await?;
        acknowledged.extend(batch.iter().cloned());
        if number % 2 == 1 {
            store.seal_now().await?;
        }
    }
    store.append(batches[0].clone()).await?;
    store.compact_now().await?;
    store.append(batches[1].clone()).await?;
    drop(store);
    let store = EmbeddedStore::open_on(Arc::new(disk.clone()), directory, manual())?;
    store.append(batches[2].clone()).await?;
    store.seal_now().await?;
    store
        .append(vec![event("last", "user-9", None, START_MS)])
        .await?;
    acknowledged.push(event("last", "user-9", None, START_MS));
    Ok(())
}

#[tokio::test]
async fn a_crash_at_any_step_neither_loses_nor_doubles() {
    let attempted = [batches().concat(), vec![event("last", "user-9", None, START_MS)]].concat();
    for crash in [Crash::LosesUnsynced, Crash::KeepsUnsynced, Crash::TearsFiles] {
        let mut step = 0;
        loop {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("events");
            let disk = SimDisk::default();
            disk.crash_at(step);
            let mut acknowledged = Vec::new();
            let lived = life(&disk, &path, &mut acknowledged).await;
            if !disk.has_crashed() {
                lived.unwrap();
                assert!(step > 100, "the life has {step} steps only");
                break;
            }
            disk.show_crash(crash);
            let what = format!("{crash:?} at step {step}");
            verify(&path, &acknowledged, &attempted, &what).await;
            step += 1;
        }
    }
}

/// Opens what the crash left, and goes on living.
async fn verify(path: &Path, acknowledged: &[Event], attempted: &[Event], what: &str) {
    let store = EmbeddedStore::open(path, manual()).unwrap_or_else(|error| panic!("{what}: {error}"));
    let found = stored(store.reader()).await;
    assert_eq!(distinct(&found).len(), found.len(), "{what}: doubled");
    for event in acknowledged {
        assert!(
            found.iter().any(|it| it.fingerprint() == event.fingerprint()),
            "{what}: {event:?} is lost"
        );
    }
    for event in &found {
        assert!(attempted.contains(event), "{what}: {event:?} is invented");
    }
    let report = store.reader().check().await.unwrap();
    assert!(
        report.is_sound() && report.torn_bytes == 0 && report.orphan_files == 0,
        "{what}: {report:?}"
    );
    assert_answers(store.reader(), &found, &query()).await;

    store.append(attempted.to_vec()).await.unwrap();
    store.compact_now().await.unwrap();
    assert_answers(store.reader(), attempted, &query()).await;
    let expected: Vec<Event> = distinct(attempted).into_iter().cloned().collect();
    assert_same(&ordered(stored(store.reader()).await), &ordered(expected), what);
    assert_eq!(log_files(path).len(), 0, "{what}");
    assert_eq!(parquet_files(path).len(), 3, "{what}: one file a day is left");
}

#[tokio::test]
async fn a_failing_step_of_sealing_is_repeated_without_loss() {
    for operation in [
        Operation::Create,
        Operation::Write,
        Operation::Sync,
        Operation::Rename,
        Operation::SyncDir,
    ] {
        for nth in 0..12 {
            for reopened_first in [false, true] {
                let directory = tempfile::tempdir().unwrap();
                let disk = SimDisk::default();
                let store =
                    EmbeddedStore::open_on(Arc::new(disk.clone()), directory.path(), manual()).unwrap();
                let events = batches().concat();
                store.append(events[..12].to_vec()).await.unwrap();
                store.seal_now().await.unwrap();
                store.append(events.clone()).await.unwrap();
                disk.fail_nth(operation, nth, std::io::ErrorKind::Other);
                let failed = store.seal_now().await.is_err();
                disk.forget_failures();
                assert_answers(store.reader(), &events, &query()).await;
                if failed && !reopened_first {
                    store.seal_now().await.unwrap();
                    assert_eq!(log_files(directory.path()).len(), 0);
                    assert_answers(store.reader(), &events, &query()).await;
                    store.compact_now().await.unwrap();
                    assert_answers(store.reader(), &events, &query()).await;
                }
                drop(store);
                let store = EmbeddedStore::open(directory.path(), manual()).unwrap();
                assert_answers(store.reader(), &events, &query()).await;
                let report = store.reader().check().await.unwrap();
                assert!(
                    report.is_sound() && report.orphan_files == 0,
                    "{operation:?} {nth}: {report:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_damaged_file_is_reported_and_does_not_stop_later_events() {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), manual()).unwrap();
    let batches = batches();
    store.append(batches[0].clone()).await.unwrap();
    store.seal_now().await.unwrap();
    let file = parquet_files(directory.path()).remove(0);
    let mut content = std::fs::read(&file).unwrap();
    let footer = content.len() - 20;
    content[footer..].fill(0x55);
    std::fs::write(&file, content).unwrap();

    store.append(batches[1].clone()).await.unwrap();
    store.seal_now().await.unwrap();
    store.compact_now().await.unwrap();
    assert_eq!(log_files(directory.path()).len(), 0);
    let refused = store.reader().exposures(&query()).await.unwrap_err();
    assert!(matches!(refused, EventsError::Corrupt { .. }), "{refused}");
    let problems = store.reader().check().await.unwrap().problems;
    assert!(
        problems.len() == 1 && problems[0].contains("part-"),
        "{problems:?}"
    );

    std::fs::remove_file(&file).unwrap();
    let refused = store.reader().exposures(&query()).await.unwrap_err();
    assert!(matches!(refused, EventsError::Corrupt { .. }), "{refused}");
}
