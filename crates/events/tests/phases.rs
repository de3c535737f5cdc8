//! Identities by the phase of their first exposure.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod support;

use std::collections::BTreeMap;

use liftgate_events::{EmbeddedStore, EventReader as _, EventSink as _, ExposureQuery};
use support::model::query;
use support::{DAY_MS, START_MS, exposure, manual};

fn counts(of: &[(&str, u64)]) -> BTreeMap<String, u64> {
    of.iter()
        .map(|(variant, count)| ((*variant).to_owned(), *count))
        .collect()
}

#[tokio::test]
async fn identities_belong_to_the_phase_of_their_first_exposure() {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), manual()).unwrap();
    let second = START_MS + DAY_MS;
    let events = vec![
        exposure("ann", "control", START_MS),
        // Seen again later, still of the first phase.
        exposure("ann", "control", second + 5),
        exposure("bob", "b", second - 1),
        exposure("cid", "b", second),
        exposure("dan", "b", second + 1),
        // Two variants: in none, whenever.
        exposure("eve", "control", START_MS + 1),
        exposure("eve", "b", second + 1),
        // Outside the window.
        exposure("fay", "b", START_MS - 1),
        exposure("gus", "b", query().until_ms),
    ];
    store.append(events).await.unwrap();
    for sealed in [false, true] {
        if sealed {
            store.seal_now().await.unwrap();
        }
        let ask = async |starts: &[i64]| {
            store
                .reader()
                .identities_by_phase(&query(), starts)
                .await
                .unwrap()
        };
        assert_eq!(
            ask(&[START_MS, second]).await,
            [counts(&[("b", 1), ("control", 1)]), counts(&[("b", 2)])]
        );
        // A phase that never held anybody, and a first one that is said to begin late.
        assert_eq!(
            ask(&[second, second, second + DAY_MS]).await,
            [
                counts(&[("b", 1), ("control", 1)]),
                counts(&[("b", 2)]),
                counts(&[])
            ]
        );
        assert_eq!(ask(&[]).await, []);
        let nowhere = ExposureQuery {
            feature_name: "other".to_owned(),
            ..query()
        };
        let none = store
            .reader()
            .identities_by_phase(&nowhere, &[START_MS])
            .await
            .unwrap();
        assert_eq!(none, [counts(&[])]);
    }
}
