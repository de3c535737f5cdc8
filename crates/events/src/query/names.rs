//! The names of an environment's events, and how many events there are.

use std::collections::{BTreeMap, HashMap, HashSet};

use xxhash_rust::xxh3::xxh3_128;

use crate::columnar::part::{Part, integers, text, texts, times};
use crate::columnar::schema::Column;
use crate::error::Result;
use crate::fingerprints::Fingerprints;
use crate::layout::day_of;
use crate::snapshot::Snapshot;
use crate::store::{EventNames, EventTotals};

/// Names held while they are listed; of more, those with the latest timestamps are kept. A few hundred are expected, and
/// this bounds what a hostile client can make the server hold.
const MAX_NAMES: usize = 200_000;

/// See [`crate::EventReader::event_names`].
pub(crate) fn event_names(snapshot: &Snapshot, environment_key: &str, limit: usize) -> Result<EventNames> {
    let table = NameTable::of(snapshot, environment_key)?;
    let mut names: Vec<(String, i64)> = table.latest.into_iter().collect();
    names.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let is_truncated = table.seen.len() > limit;
    Ok(EventNames {
        names: names.into_iter().take(limit).map(|(name, _)| name).collect(),
        is_truncated,
    })
}

/// See [`crate::EventReader::event_totals`].
pub(crate) fn event_totals(snapshot: &Snapshot, environment_key: &str) -> Result<EventTotals> {
    let sealed: u64 = snapshot
        .manifest
        .environment(environment_key)
        .iter()
        .map(|part| part.rows)
        .sum();
    let names = NameTable::of(snapshot, environment_key)?;
    Ok(EventTotals {
        total_events_received: sealed + count_unsealed(snapshot, environment_key)?,
        unique_events_count: names.seen.len() as u64,
    })
}

/// Counts the events of the log that are not in a part as well, each once.
fn count_unsealed(snapshot: &Snapshot, environment_key: &str) -> Result<u64> {
    let mut days: BTreeMap<i32, Vec<u128>> = BTreeMap::new();
    snapshot.for_each_unsealed(|event| {
        if event.environment_key == environment_key {
            days.entry(day_of(event.timestamp_ms))
                .or_default()
                .push(event.fingerprint());
        }
    })?;
    let mut unsealed = 0;
    for (day, fingerprints) in days {
        let mut known = Fingerprints::new(fingerprints.into_iter());
        for entry in snapshot.manifest.partition(environment_key, day) {
            let part = Part::open(&entry.path(&snapshot.layout))?;
            part.read(
                &part.everything(),
                &[Column::FingerprintHigh, Column::FingerprintLow],
                |batch| {
                    known.mark_all(
                        integers(batch, Column::FingerprintHigh),
                        integers(batch, Column::FingerprintLow),
                    );
                    Ok(())
                },
            )?;
        }
        unsealed += known.unseen();
    }
    Ok(unsealed)
}

/// Event names with their latest timestamps.
#[derive(Debug, Default)]
struct NameTable {
    latest: HashMap<String, i64>,
    /// The hashes of all names, also of those that are no longer held.
    seen: HashSet<u128>,
}

impl NameTable {
    fn of(snapshot: &Snapshot, environment_key: &str) -> Result<Self> {
        let mut table = Self::default();
        for entry in snapshot.manifest.environment(environment_key) {
            let part = Part::open(&entry.path(&snapshot.layout))?;
            match part.summary() {
                Some(summary) => summary
                    .names()
                    .for_each(|(name, latest_ms)| table.add(name, latest_ms)),
                None => table.read(&part)?,
            }
        }
        snapshot.for_each_unsealed(|event| {
            if event.environment_key == environment_key {
                table.add(event.event, event.timestamp_ms);
            }
        })?;
        Ok(table)
    }

    /// Reads the names of a file whose footer does not list them.
    fn read(&mut self, part: &Part) -> Result<()> {
        part.read(&part.everything(), &[Column::Event, Column::Timestamp], |batch| {
            let names = texts(batch, Column::Event);
            for (row, &timestamp_ms) in times(batch, Column::Timestamp).iter().enumerate() {
                self.add(text(names, row).unwrap_or_default(), timestamp_ms);
            }
            Ok(())
        })
    }

    fn add(&mut self, name: &str, timestamp_ms: i64) {
        if let Some(latest) = self.latest.get_mut(name) {
            *latest = timestamp_ms.max(*latest);
            return;
        }
        self.seen.insert(xxh3_128(name.as_bytes()));
        self.latest.insert(name.to_owned(), timestamp_ms);
        if self.latest.len() > MAX_NAMES {
            let mut times: Vec<i64> = self.latest.values().copied().collect();
            let (_, &mut median, _) = times.select_nth_unstable(MAX_NAMES / 2);
            self.latest.retain(|_, latest| *latest > median);
        }
    }
}
