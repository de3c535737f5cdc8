//! Who was first exposed in which of several times.

use std::collections::BTreeMap;

use super::analysis::{selectors, window};
use super::exposure_table::{BUILD_BYTES, Variants};
use super::passes::for_each_pass;
use super::plan::Plan;
use super::rows::Rows;
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
    let selectors = selectors(query, &Plan::default());
    let window = window(query, 0);
    let rows = Rows::new(snapshot, window, &selectors)?;
    let mut variants = Variants::default();
    let mut counts: Vec<BTreeMap<usize, u64>> = vec![BTreeMap::new(); starts_ms.len()];
    for_each_pass(
        &rows,
        window,
        memory_bytes / BUILD_BYTES,
        &mut variants,
        |_, pass| {
            for exposure in pass.table.exposures() {
                // What comes before the first start belongs to it.
                let begun = starts_ms.partition_point(|start| *start <= exposure.first_ms);
                let phase = counts.get_mut(begun.saturating_sub(1));
                if let (Some(variant), Some(phase)) = (exposure.variant(), phase) {
                    *phase.entry(variant).or_default() += 1;
                }
            }
            Ok(())
        },
    )?;
    let named = |counts: BTreeMap<usize, u64>| {
        counts
            .into_iter()
            .map(|(variant, count)| (variants.names()[variant].clone(), count))
            .collect()
    };
    Ok(counts.into_iter().map(named).collect())
}
