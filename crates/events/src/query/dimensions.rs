//! The numbers of an experiment by dimension.
//!
//! The exposures are read twice: first to count how many identities each level has, then to add up what those of the largest
//! levels did. So what is held grows with the levels that are told, not with those there are.

use std::cmp::Reverse;

use super::accumulate::Accumulators;
use super::analysis::{selectors, slices, window};
use super::exposure_table::{BUILD_BYTES, TABLE_BYTES, Variants};
use super::levels::{LevelCode, LevelCodes, LevelTable, Levels};
use super::parts::{Numbers, PartSums, places};
use super::passes::{Pass, for_each_pass};
use super::plan::Plan;
use super::rows::{Rows, Window};
use crate::breakdown::{
    DimensionLevels, DimensionStatistics, Level, LevelStatistics, MAX_LEVELS, SettledMetric,
};
use crate::error::Result;
use crate::metric::MetricQuery;
use crate::snapshot::Snapshot;
use crate::store::ExposureQuery;

/// See [`crate::EventReader::dimension_statistics`].
pub(crate) fn dimension_statistics(
    snapshot: &Snapshot,
    memory_bytes: usize,
    query: &ExposureQuery,
    dimensions: &[String],
    variants: &[String],
    metrics: &[SettledMetric],
) -> Result<DimensionStatistics> {
    let queries: Vec<MetricQuery> = metrics.iter().map(|metric| metric.query.clone()).collect();
    let plan = Plan::new(&queries);
    let mut selectors = selectors(query, &plan);
    selectors[0].dimensions = dimensions.to_vec();
    let events = window(query, plan.look_back_ms());
    let rows = Rows::new(snapshot, events, &selectors)?;
    let study = Study {
        rows: &rows,
        exposed: window(query, 0),
        events,
        plan: &plan,
        memory_bytes,
        variants,
        metrics,
    };
    let mut levels = Levels::new(dimensions);
    let mut rows_scanned = 0;
    let kept = study.largest(&mut levels, &mut rows_scanned)?;
    levels.freeze();
    let sums = study.sum(&mut levels, &kept, &mut rows_scanned)?;
    let found = dimensions.iter().zip(sums).zip(&kept).enumerate();
    let dimensions = found.map(|(dimension, ((name, slots), kept))| DimensionLevels {
        name: name.clone(),
        is_truncated: levels.is_truncated(dimension),
        levels: kept
            .named(levels.values(dimension))
            .into_iter()
            .zip(slots)
            .filter(|(_, sums)| sums.identities.iter().any(|identities| *identities > 0))
            .map(|(level, sums)| LevelStatistics {
                level,
                identities: variants.iter().cloned().zip(sums.identities).collect(),
                metrics: sums.sums.finish(variants, metrics),
            })
            .collect(),
    });
    Ok(DimensionStatistics {
        dimensions: dimensions.collect(),
        rows_scanned,
    })
}

/// One question about dimensions on one snapshot.
struct Study<'a> {
    rows: &'a Rows<'a>,
    /// When exposures count.
    exposed: Window<'a>,
    /// When events count.
    events: Window<'a>,
    plan: &'a Plan,
    memory_bytes: usize,
    variants: &'a [String],
    metrics: &'a [SettledMetric],
}

/// The sums of one level.
struct SlotSums {
    identities: Vec<u64>,
    sums: PartSums,
}

/// The levels of a dimension that are told: the largest ones, then those without a value, then all others.
struct Kept {
    /// The positions of the values, the one with the most identities first.
    values: Vec<usize>,
    /// For each value, its slot.
    slots: Vec<usize>,
}

impl Kept {
    /// The values with the most identities, of the same number those that come first by text.
    fn new(values: &[String], counts: &[u64]) -> Self {
        let mut order: Vec<usize> = (0..counts.len()).filter(|&value| counts[value] > 0).collect();
        order.sort_by_key(|&value| (Reverse(counts[value]), &values[value]));
        order.truncate(MAX_LEVELS);
        let mut slots = vec![order.len() + 1; values.len()];
        for (slot, &value) in order.iter().enumerate() {
            slots[value] = slot;
        }
        Self { values: order, slots }
    }

    fn slot(&self, code: LevelCode) -> usize {
        match code {
            LevelCode::Value(value) => self.slots[value],
            LevelCode::Absent => self.values.len(),
            LevelCode::Other => self.values.len() + 1,
        }
    }

    fn named(&self, values: &[String]) -> Vec<Level> {
        let named = self
            .values
            .iter()
            .map(|&value| Level::Value(values[value].clone()));
        named.chain([Level::Missing, Level::Other]).collect()
    }
}

impl Study<'_> {
    /// Counts the identities of every level. Returns the levels that are told, by dimension.
    fn largest(&self, levels: &mut Levels, rows_scanned: &mut u64) -> Result<Vec<Kept>> {
        let dimensions = self.rows.dimensions(0).len();
        let mut counts: Vec<Vec<u64>> = vec![Vec::new(); dimensions];
        self.read(levels, 0, rows_scanned, |places, pass, codes, _| {
            for (identity, exposure) in pass.table.exposures().iter().enumerate() {
                if exposure.variant().and_then(|variant| places[variant]).is_none() {
                    continue;
                }
                for (counts, code) in counts.iter_mut().zip(codes.of(identity)) {
                    if let LevelCode::Value(value) = code {
                        counts.resize(counts.len().max(value + 1), 0);
                        counts[value] += 1;
                    }
                }
            }
            Ok(0)
        })?;
        let kept = counts.into_iter().enumerate().map(|(dimension, mut counts)| {
            let values = levels.values(dimension);
            counts.resize(values.len(), 0);
            Kept::new(values, &counts)
        });
        Ok(kept.collect())
    }

    /// Adds up what the identities of each level did. Returns the sums by dimension and slot.
    fn sum(&self, levels: &mut Levels, kept: &[Kept], rows_scanned: &mut u64) -> Result<Vec<Vec<SlotSums>>> {
        let empty = || SlotSums {
            identities: vec![0; self.variants.len()],
            sums: PartSums::new(self.metrics.len(), self.variants.len()),
        };
        let mut sums: Vec<Vec<SlotSums>> = kept
            .iter()
            .map(|kept| (0..kept.values.len() + 2).map(|_| empty()).collect())
            .collect();
        let wanted: Vec<usize> = (1..=self.plan.events.len()).collect();
        let identity_bytes = self.plan.identity_bytes();
        self.read(
            levels,
            identity_bytes,
            rows_scanned,
            |places, pass, codes, window| {
                let mut accumulators = Accumulators::new(&pass.table, window, 1, self.plan);
                let scanned = self
                    .rows
                    .visit(&wanted, pass.range, slices(&pass.table), &mut accumulators)?;
                for (identity, exposure) in pass.table.exposures().iter().enumerate() {
                    let Some(place) = exposure.variant().and_then(|variant| places[variant]) else {
                        continue;
                    };
                    for ((sums, kept), code) in sums.iter_mut().zip(kept).zip(codes.of(identity)) {
                        sums[kept.slot(code)].identities[place] += 1;
                    }
                }
                for (metric, (asked, settled)) in self.plan.metrics.iter().zip(self.metrics).enumerate() {
                    accumulators.for_each_identity(asked, window.until_ms, |identity, variant| {
                        let Some(place) = places[variant] else {
                            return;
                        };
                        let numbers = Numbers::of(&accumulators, asked, identity);
                        for ((sums, kept), code) in sums.iter_mut().zip(kept).zip(codes.of(identity)) {
                            let sums = &mut sums[kept.slot(code)].sums;
                            sums.add(metric, place, settled, &numbers);
                        }
                    });
                }
                Ok(scanned)
            },
        )?;
        Ok(sums)
    }

    /// Calls `visit` with the places of the variants, the identities of a part of the hashes, their levels and the time whose
    /// events count, part by part. It returns how many rows it has looked at.
    fn read(
        &self,
        levels: &mut Levels,
        identity_bytes: usize,
        rows_scanned: &mut u64,
        mut visit: impl FnMut(&[Option<usize>], &Pass, &LevelCodes, Window<'_>) -> Result<u64>,
    ) -> Result<()> {
        let dimensions = self.rows.dimensions(0).len();
        let identity_bytes = TABLE_BYTES + LevelTable::identity_bytes(dimensions) + identity_bytes;
        let limit = self.memory_bytes / identity_bytes.max(BUILD_BYTES);
        let mut numbered = Variants::default();
        for_each_pass(self.rows, self.exposed, limit, &mut numbered, |numbered, pass| {
            let places = places(numbered, self.variants);
            let mut table = LevelTable::new(&pass.table, self.exposed, levels);
            let read = self
                .rows
                .visit(&[0], pass.range, slices(&pass.table), &mut table)?;
            let codes = table.finish();
            *rows_scanned += pass.rows_scanned + read;
            *rows_scanned += visit(&places, &pass, &codes, self.events)?;
            Ok(())
        })
    }
}
