//! Who was first exposed in which of several times.

use std::collections::BTreeMap;

use super::first_exposures::first_exposures;
use crate::error::Result;
use crate::snapshot::Snapshot;
use crate::store::ExposureQuery;

/// See [`crate::EventReader::identities_by_phase`].
pub(crate) fn identities_by_phase(
    snapshot: &Snapshot,
    memory_bytes: usize,
    query: &ExposureQuery,
    starts_ms: &[i64],
) -> Result<Vec<BTreeMap<String, u64>>> {
    // What comes before the first start belongs to it.
    let phase_of = |first_ms: i64| {
        let begun = starts_ms.partition_point(|start| *start <= first_ms);
        begun.saturating_sub(1)
    };
    let mut found = first_exposures(snapshot, memory_bytes, query, phase_of)?.groups;
    let phases = (0..starts_ms.len()).map(|phase| found.remove(&phase).unwrap_or_default());
    Ok(phases.collect())
}
