//! Exports: everything once, as it was sent, whatever the store is doing.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow_array::cast::AsArray as _;
use liftgate_events::{
    EmbeddedReader, EmbeddedStore, Event, EventReader as _, EventSink as _, ExportFilter, ExportFormat,
    QueryOptions, identifier_hash,
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use support::{
    Buffer, DAY_MS, ENVIRONMENT, START_MS, assert_same, event, exported, exposure, manual, ordered, stored,
};

fn events() -> Vec<Event> {
    let mut events: Vec<Event> = (0..500_i64)
        .map(|number| {
            let at = START_MS + number * DAY_MS / 100;
            let mut made = match number % 3 {
                0 => exposure(&format!("user-{number}"), "control", at),
                _ => event("purchase", "ann", Some("2.5"), at),
            };
            if number % 5 == 0 {
                "other/env".clone_into(&mut made.environment_key);
            }
            if number % 7 == 0 {
                (made.identifier, made.value, made.metadata) = (None, None, String::new());
            }
            made
        })
        .collect();
    let odd = event(
        "odd \"name\"\n\u{1F600}",
        "line\nbreak",
        Some("quote \" and \\"),
        START_MS,
    );
    events.push(Event {
        metadata: "{\"text\":\"a b\"}".to_owned(),
        traits: "not json".to_owned(),
        ..odd
    });
    events
}

#[tokio::test]
async fn everything_comes_back_as_it_was_sent() {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), manual()).unwrap();
    let events = events();
    let (sealed, unsealed) = events.split_at(300);
    store.append(sealed.to_vec()).await.unwrap();
    store.seal_now().await.unwrap();
    store.append(unsealed.to_vec()).await.unwrap();
    store.append(sealed[..20].to_vec()).await.unwrap();
    assert_same(
        &ordered(stored(store.reader()).await),
        &ordered(events.clone()),
        "the events",
    );
    drop(store);
    let reader = EmbeddedReader::open(directory.path(), QueryOptions::default()).unwrap();
    assert_same(&ordered(stored(&reader).await), &ordered(events), "the events");
}

#[tokio::test]
async fn filters_let_through_what_they_say() {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), manual()).unwrap();
    let events = events();
    store.append(events[..250].to_vec()).await.unwrap();
    store.seal_now().await.unwrap();
    store.append(events[250..].to_vec()).await.unwrap();
    let filter = ExportFilter {
        environment_key: Some(ENVIRONMENT.to_owned()),
        event: Some("purchase".to_owned()),
        from_ms: Some(events[100].timestamp_ms),
        until_ms: Some(events[400].timestamp_ms),
    };
    let expected: Vec<Event> = events[100..400]
        .iter()
        .filter(|event| event.environment_key == ENVIRONMENT && event.event == "purchase")
        .cloned()
        .collect();
    assert!(expected.len() > 100);
    assert_same(
        &ordered(exported(store.reader(), filter).await),
        &ordered(expected),
        "the events",
    );
}

#[tokio::test]
async fn the_parquet_export_holds_every_column() {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), manual()).unwrap();
    let events = events();
    store.append(events.clone()).await.unwrap();
    let buffer = Buffer::default();
    let rows = store
        .reader()
        .export(
            ExportFilter::default(),
            ExportFormat::Parquet,
            Box::new(buffer.clone()),
        )
        .await
        .unwrap();
    assert_eq!(rows, events.len() as u64);
    let bytes = bytes_of(&buffer);
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes)
        .unwrap()
        .build()
        .unwrap();
    let mut seen = 0;
    for batch in reader {
        let batch = batch.unwrap();
        let text = |name: &str| batch.column_by_name(name).unwrap().as_string::<i32>().clone();
        let number = |name: &str| {
            batch
                .column_by_name(name)
                .unwrap()
                .as_primitive::<arrow_array::types::UInt64Type>()
                .clone()
        };
        for row in 0..batch.num_rows() {
            let identifier = text("identifier");
            let identifier =
                (!arrow_array::Array::is_null(&identifier, row)).then(|| identifier.value(row).to_owned());
            let hash = identifier_hash(identifier.as_deref());
            let high = number("identifier_hash_high").value(row);
            let low = number("identifier_hash_low").value(row);
            assert_eq!((u128::from(high) << 64) | u128::from(low), hash);
            let (high, low) = (
                number("fingerprint_high").value(row),
                number("fingerprint_low").value(row),
            );
            let fingerprint = (u128::from(high) << 64) | u128::from(low);
            let sent = events
                .iter()
                .find(|event| event.fingerprint() == fingerprint)
                .unwrap();
            assert_eq!(sent.identifier, identifier);
            assert_eq!(sent.metadata, text("metadata").value(row));
            assert_eq!(sent.environment_key, text("environment_key").value(row));
            seen += 1;
        }
    }
    assert_eq!(seen, events.len());
}

fn bytes_of(buffer: &Buffer) -> impl parquet::file::reader::ChunkReader + 'static {
    let mut file = tempfile::tempfile().unwrap();
    std::io::Write::write_all(&mut file, &buffer.bytes()).unwrap();
    file
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_is_whole_while_the_store_seals_and_merges() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(EmbeddedStore::open(directory.path(), manual()).unwrap());
    let events = events();
    store.append(events.clone()).await.unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let churn = {
        let (store, done, events) = (Arc::clone(&store), Arc::clone(&done), events.clone());
        tokio::spawn(async move {
            let mut round = 0;
            while !done.load(Ordering::Relaxed) {
                store
                    .append(events[round % 400..round % 400 + 50].to_vec())
                    .await
                    .unwrap();
                let late = event(
                    "late",
                    &format!("user-{round}"),
                    None,
                    START_MS + i64::try_from(round).unwrap(),
                );
                store.append(vec![late]).await.unwrap();
                store.seal_now().await.unwrap();
                if round % 3 == 0 {
                    store.compact_now().await.unwrap();
                }
                round += 1;
            }
        })
    };
    let reader = EmbeddedReader::open(directory.path(), QueryOptions::default()).unwrap();
    for _ in 0..15 {
        for exported in [stored(store.reader()).await, stored(&reader).await] {
            let original = exported
                .into_iter()
                .filter(|event| event.event != "late")
                .collect();
            assert_same(&ordered(original), &ordered(events.clone()), "while sealing");
        }
    }
    done.store(true, Ordering::Relaxed);
    churn.await.unwrap();
}
