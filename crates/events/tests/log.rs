//! The durable log: what was acknowledged survives, and nothing is invented.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod support;

use std::fs;
use std::io;
use std::path::Path;

use liftgate_events::{
    EmbeddedOptions, EmbeddedReader, EmbeddedStore, Event, EventReader as _, EventSink as _, EventsError,
    QueryOptions,
};
use proptest::prelude::*;
use support::sim_disk::{Operation, SimDisk};
use support::{START_MS, assert_same, event, log_files, manual, ordered, stored, wild_event};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

fn numbered(numbers: std::ops::Range<i64>) -> Vec<Event> {
    numbers
        .map(|number| {
            event(
                "purchase",
                &format!("user-{number}"),
                Some("1"),
                START_MS + number,
            )
        })
        .collect()
}

/// Copies a store without its lock.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.join("log")).unwrap();
    for file in log_files(from) {
        fs::copy(&file, to.join("log").join(file.file_name().unwrap())).unwrap();
    }
}

#[tokio::test]
async fn a_log_cut_at_any_byte_keeps_every_whole_batch_before_the_cut() {
    const ENDS: [i64; 4] = [1, 3, 6, 8];

    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), manual()).unwrap();
    let mut lengths = Vec::new();
    for (start, end) in [0].into_iter().chain(ENDS).zip(ENDS) {
        store.append(numbered(start..end)).await.unwrap();
        lengths.push(fs::metadata(&log_files(directory.path())[0]).unwrap().len());
    }
    drop(store);
    let content = fs::read(&log_files(directory.path())[0]).unwrap();
    assert_eq!(content.len() as u64, lengths[3]);
    for cut in 0..=content.len() {
        let copied = tempfile::tempdir().unwrap();
        copy(directory.path(), copied.path());
        fs::write(&log_files(copied.path())[0], &content[..cut]).unwrap();
        let batches = lengths.iter().filter(|&&length| length <= cut as u64).count();
        let whole = numbered(0..batches.checked_sub(1).map_or(0, |last| ENDS[last]));

        let reader = EmbeddedReader::open(copied.path(), QueryOptions::default()).unwrap();
        assert_eq!(stored(&reader).await, whole, "read-only, cut at {cut}");
        let store = EmbeddedStore::open(copied.path(), manual()).unwrap();
        assert_same(&stored(store.reader()).await, &whole, &format!("cut at {cut}"));
        assert!(store.reader().check().await.unwrap().is_sound(), "cut at {cut}");
        // The log goes on behind the cut.
        store.append(numbered(9..10)).await.unwrap();
        assert_eq!(stored(store.reader()).await.len(), whole.len() + 1);
    }
}

#[tokio::test]
async fn a_damaged_record_in_the_middle_is_reported_and_only_it_is_lost() {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), manual()).unwrap();
    let mut starts = Vec::new();
    for number in 0..4 {
        starts.push(
            log_files(directory.path())
                .first()
                .map_or(24, |file| fs::metadata(file).unwrap().len()),
        );
        store.append(numbered(number..number + 1)).await.unwrap();
    }
    drop(store);
    let content = fs::read(&log_files(directory.path())[0]).unwrap();
    let second = usize::try_from(starts[1]).unwrap()..usize::try_from(starts[2]).unwrap();
    for at in second {
        let copied = tempfile::tempdir().unwrap();
        copy(directory.path(), copied.path());
        let mut damaged = content.clone();
        damaged[at] ^= 0x20;
        fs::write(&log_files(copied.path())[0], &damaged).unwrap();

        let store = EmbeddedStore::open(copied.path(), manual()).unwrap();
        let kept = [&numbered(0..1)[..], &numbered(2..4)[..]].concat();
        assert_same(&stored(store.reader()).await, &kept, &format!("damage at {at}"));
        assert_eq!(
            store.reader().check().await.unwrap().problems.len(),
            1,
            "damage at {at}"
        );
        store.seal_now().await.unwrap();
        assert_same(
            &ordered(stored(store.reader()).await),
            &ordered(kept),
            &format!("damage at {at}"),
        );
        let problems = store.reader().check().await.unwrap().problems;
        assert!(
            problems.len() == 1 && problems[0].contains("set aside"),
            "{problems:?}"
        );
    }
}

#[tokio::test]
async fn a_damaged_header_is_reported_and_the_segment_kept_aside() {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), manual()).unwrap();
    store.append(numbered(0..3)).await.unwrap();
    drop(store);
    let file = log_files(directory.path()).remove(0);
    let mut content = fs::read(&file).unwrap();
    content[3] ^= 1;
    fs::write(&file, &content).unwrap();
    let store = EmbeddedStore::open(directory.path(), manual()).unwrap();
    assert_eq!(stored(store.reader()).await, []);
    assert_eq!(store.reader().check().await.unwrap().problems.len(), 1);
    store.append(numbered(0..3)).await.unwrap();
    store.seal_now().await.unwrap();
    assert_eq!(stored(store.reader()).await.len(), 3);
    assert_eq!(
        fs::read(
            directory
                .path()
                .join("log/corrupt")
                .join(file.file_name().unwrap())
        )
        .unwrap(),
        content
    );
}

#[tokio::test]
async fn a_text_that_holds_a_whole_record_is_not_taken_for_one() {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), manual()).unwrap();
    store.append(numbered(0..1)).await.unwrap();
    drop(store);
    let inner =
        String::from_utf8_lossy(&fs::read(&log_files(directory.path())[0]).unwrap()[24..]).into_owned();

    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), manual()).unwrap();
    let smuggler = event("purchase", "user", Some(&format!("{inner}{inner}")), START_MS);
    store.append(vec![smuggler]).await.unwrap();
    drop(store);
    let file = log_files(directory.path()).remove(0);
    let length = fs::metadata(&file).unwrap().len();
    fs::OpenOptions::new()
        .write(true)
        .open(&file)
        .unwrap()
        .set_len(length - 1)
        .unwrap();
    assert_eq!(
        stored(EmbeddedStore::open(directory.path(), manual()).unwrap().reader()).await,
        []
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_batches_survive_reopening_sealing_and_a_cut(
        batches in prop::collection::vec(prop::collection::vec(wild_event(), 1..4), 1..6),
        segment_bytes in 100_u64..3_000,
        cut in any::<prop::sample::Index>(),
    ) {
        runtime().block_on(async {
            let directory = tempfile::tempdir().unwrap();
            let options = EmbeddedOptions { segment_bytes, ..manual() };
            let store = EmbeddedStore::open(directory.path(), options).unwrap();
            for batch in &batches {
                store.append(batch.clone()).await.unwrap();
            }
            let mut expected: Vec<Event> = Vec::new();
            for event in batches.iter().flatten() {
                if !expected.iter().any(|known| known.fingerprint() == event.fingerprint()) {
                    expected.push(event.clone());
                }
            }
            assert_same(&stored(store.reader()).await, &expected, "the events");
            drop(store);

            // The last segment is cut: a prefix of the events is left.
            let copied = tempfile::tempdir().unwrap();
            copy(directory.path(), copied.path());
            let last = log_files(copied.path()).pop().unwrap();
            let content = fs::read(&last).unwrap();
            fs::write(&last, &content[..cut.index(content.len())]).unwrap();
            let cut_store = EmbeddedStore::open(copied.path(), options).unwrap();
            let left = stored(cut_store.reader()).await;
            assert!(left.len() < expected.len());
            assert_same(&left, &expected[..left.len()], "behind the cut");

            let store = EmbeddedStore::open(directory.path(), options).unwrap();
            store.seal_now().await.unwrap();
            assert_same(&ordered(stored(store.reader()).await), &ordered(expected.clone()), "the events");
            store.compact_now().await.unwrap();
            assert_same(&ordered(stored(store.reader()).await), &ordered(expected), "the events");
            assert_eq!(log_files(directory.path()), [] as [std::path::PathBuf; 0]);
        });
    }
}

#[tokio::test]
async fn a_failed_write_or_sync_is_never_acknowledged_and_the_log_goes_on_in_a_new_segment() {
    for (operation, kind) in [
        (Operation::Create, io::ErrorKind::Other),
        (Operation::Write, io::ErrorKind::Other),
        (Operation::Write, io::ErrorKind::StorageFull),
        (Operation::Sync, io::ErrorKind::Other),
        (Operation::Sync, io::ErrorKind::QuotaExceeded),
        (Operation::SyncDir, io::ErrorKind::Other),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let disk = SimDisk::default();
        let store =
            EmbeddedStore::open_on(std::sync::Arc::new(disk.clone()), directory.path(), manual()).unwrap();
        let first_fails = matches!(operation, Operation::Create | Operation::SyncDir);
        if !first_fails {
            store.append(numbered(0..2)).await.unwrap();
        }
        disk.fail_next(operation, kind);
        let refused = store.append(numbered(2..4)).await.unwrap_err();
        match kind {
            io::ErrorKind::Other => assert!(matches!(refused, EventsError::Unavailable { .. }), "{refused}"),
            _ => assert!(matches!(refused, EventsError::StorageFull), "{refused}"),
        }
        store.append(numbered(4..6)).await.unwrap();
        let mut expected = if first_fails { vec![] } else { numbered(0..2) };
        expected.extend(numbered(4..6));
        assert_same(
            &stored(store.reader()).await,
            &expected,
            &format!("{operation:?} {kind:?}"),
        );
        assert!(store.reader().check().await.unwrap().is_sound());
        drop(store);
        let store = EmbeddedStore::open(directory.path(), manual()).unwrap();
        assert_same(
            &stored(store.reader()).await,
            &expected,
            &format!("{operation:?} {kind:?}, reopened"),
        );
        assert!(store.reader().check().await.unwrap().is_sound());
    }
}

#[tokio::test]
async fn a_segment_is_not_written_to_after_a_failed_sync() {
    let directory = tempfile::tempdir().unwrap();
    let disk = SimDisk::default();
    let store =
        EmbeddedStore::open_on(std::sync::Arc::new(disk.clone()), directory.path(), manual()).unwrap();
    store.append(numbered(0..1)).await.unwrap();
    let first = log_files(directory.path()).remove(0);
    let acknowledged = fs::metadata(&first).unwrap().len();
    disk.fail_next(Operation::Sync, io::ErrorKind::Other);
    store.append(numbered(1..2)).await.unwrap_err();
    store.append(numbered(2..3)).await.unwrap();
    assert_eq!(log_files(directory.path()).len(), 2);
    assert_eq!(fs::metadata(&first).unwrap().len(), acknowledged);
}

#[tokio::test]
async fn many_batches_share_a_sync_and_a_full_queue_refuses() {
    let directory = tempfile::tempdir().unwrap();
    let disk = SimDisk::default();
    let options = EmbeddedOptions {
        max_queued_batches: 50,
        ..manual()
    };
    let store = EmbeddedStore::open_on(std::sync::Arc::new(disk.clone()), directory.path(), options).unwrap();
    let store = std::sync::Arc::new(store);
    store.append(numbered(0..1)).await.unwrap();
    let before = disk.syncs();
    disk.hold();
    let append = |number: i64| {
        let store = std::sync::Arc::clone(&store);
        tokio::spawn(async move { store.append(numbered(number..number + 1)).await })
    };
    let first = append(1);
    // The writer takes the first batch and waits at its sync.
    while store.unsealed_bytes() == 0
        || fs::metadata(&log_files(directory.path())[0]).unwrap().len() <= store.unsealed_bytes()
    {
        tokio::task::yield_now().await;
    }
    let waiting: Vec<_> = (2..52).map(append).collect();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let refused = store.append(numbered(52..53)).await.unwrap_err();
    assert!(matches!(refused, EventsError::Unavailable { .. }), "{refused}");
    assert!(!first.is_finished() && waiting.iter().all(|append| !append.is_finished()));
    disk.release();
    first.await.unwrap().unwrap();
    for append in waiting {
        append.await.unwrap().unwrap();
    }
    assert_eq!(
        disk.syncs() - before,
        2,
        "one for the first batch, one for all that waited"
    );
    assert_same(
        &ordered(stored(store.reader()).await),
        &numbered(0..52),
        "the events",
    );
}

#[tokio::test]
async fn a_backlog_over_its_limit_refuses() {
    let directory = tempfile::tempdir().unwrap();
    let options = EmbeddedOptions {
        max_log_bytes: 1_000,
        segment_bytes: 400,
        ..manual()
    };
    let store = EmbeddedStore::open(directory.path(), options).unwrap();
    let mut taken = 0;
    let refused = loop {
        match store.append(numbered(taken..taken + 1)).await {
            Ok(()) => taken += 1,
            Err(refused) => break refused,
        }
    };
    assert!(matches!(refused, EventsError::Unavailable { .. }), "{refused}");
    assert!(taken > 3 && taken < 20);
    store.seal_now().await.unwrap();
    store.append(numbered(taken..taken + 1)).await.unwrap();
    assert_same(
        &ordered(stored(store.reader()).await),
        &numbered(0..taken + 1),
        "the events",
    );
}

#[tokio::test]
async fn what_cannot_be_stored_is_refused_whole() {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(
        directory.path(),
        EmbeddedOptions {
            max_batch_bytes: 1_000,
            ..manual()
        },
    )
    .unwrap();
    for timestamp_ms in [-1, i64::MIN, i64::MAX] {
        let batch = vec![
            event("a", "u", None, START_MS),
            event("a", "u", None, timestamp_ms),
        ];
        assert!(matches!(
            store.append(batch).await.unwrap_err(),
            EventsError::Invalid { .. }
        ));
    }
    let huge = "x".repeat(5 << 20);
    let refused = store
        .append(vec![event("a", "u", Some(&huge), START_MS)])
        .await
        .unwrap_err();
    assert!(matches!(refused, EventsError::LimitExceeded { .. }), "{refused}");
    let refused = store.append(numbered(0..10)).await.unwrap_err();
    assert!(matches!(refused, EventsError::LimitExceeded { .. }), "{refused}");
    store.append(vec![]).await.unwrap();
    assert_eq!(stored(store.reader()).await, []);
}

#[tokio::test]
async fn one_process_writes_and_others_read() {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), manual()).unwrap();
    assert!(matches!(
        EmbeddedStore::open(directory.path(), manual()),
        Err(EventsError::Locked { .. })
    ));
    let reader = EmbeddedReader::open(directory.path(), QueryOptions::default()).unwrap();
    store.append(numbered(0..3)).await.unwrap();
    assert_same(&stored(&reader).await, &numbered(0..3), "the events");
    store.seal_now().await.unwrap();
    store.append(numbered(3..5)).await.unwrap();
    assert_same(&ordered(stored(&reader).await), &numbered(0..5), "the events");
    store.close().await;
    assert!(matches!(
        store.append(numbered(5..6)).await,
        Err(EventsError::Unavailable { .. })
    ));
    assert!(store.seal_now().await.is_err());
    drop(store);
    assert_same(&ordered(stored(&reader).await), &numbered(0..5), "the events");
    EmbeddedStore::open(directory.path(), manual()).unwrap();
}
