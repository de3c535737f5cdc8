//! How many identities were first exposed when, by variant.

use std::collections::BTreeMap;

use super::analysis::{selectors, window};
use super::exposure_table::{BUILD_BYTES, Variants};
use super::passes::for_each_pass;
use super::plan::Plan;
use super::rows::Rows;
use crate::error::Result;
use crate::snapshot::Snapshot;
use crate::store::ExposureQuery;

/// Identities by the time of their first exposure.
pub(super) struct FirstExposures<G> {
    /// By group and variant; groups without identities are missing.
    pub groups: BTreeMap<G, BTreeMap<String, u64>>,
    /// Identities that saw several variants, and are in no group.
    pub excluded_identities: u64,
}

/// Counts the identities that saw one variant, by what `group` makes of the time of their first exposure.
pub(super) fn first_exposures<G: Ord>(
    snapshot: &Snapshot,
    memory_bytes: usize,
    query: &ExposureQuery,
    group: impl Fn(i64) -> G,
) -> Result<FirstExposures<G>> {
    let selectors = selectors(query, &Plan::default());
    let window = window(query, 0);
    let rows = Rows::new(snapshot, window, &selectors)?;
    let mut variants = Variants::default();
    let mut excluded_identities = 0;
    let mut groups: BTreeMap<G, BTreeMap<usize, u64>> = BTreeMap::new();
    for_each_pass(
        &rows,
        window,
        memory_bytes / BUILD_BYTES,
        &mut variants,
        |_, pass| {
            for exposure in pass.table.exposures() {
                match exposure.variant() {
                    Some(variant) => {
                        let counts = groups.entry(group(exposure.first_ms)).or_default();
                        *counts.entry(variant).or_default() += 1;
                    }
                    None => excluded_identities += 1,
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
    Ok(FirstExposures {
        groups: groups
            .into_iter()
            .map(|(group, counts)| (group, named(counts)))
            .collect(),
        excluded_identities,
    })
}
