//! The passes of an analysis put together.

use std::time::Instant;

use super::accumulate::{Accumulators, count_identities};
use super::caps::{MetricThresholds, ThresholdSearch, thresholds};
use super::exposure_table::{BUILD_BYTES, ExposureTable, TABLE_BYTES, Variants};
use super::first_exposures::first_exposures;
use super::passes::{Pass, for_each_pass};
use super::plan::Plan;
use super::rows::{RowSelector, Rows, Window};
use super::sums::{Capped, VariantSums};
use crate::columnar::part::Selector;
use crate::error::Result;
use crate::event::EXPOSURE_EVENT;
use crate::layout::DAY_MS;
use crate::metric::{EventFilter, MetricQuery, MetricStatistics, VariantStatistics};
use crate::snapshot::Snapshot;
use crate::store::{ExposurePoint, ExposureQuery, Exposures, Granularity, SufficientStatistics};

const HOUR_MS: i64 = 3_600_000;

/// The longest window that is shown by the hour (contract, admin-api section 7.8).
const MAX_HOURLY_WINDOW_MS: i64 = 72 * HOUR_MS;

/// The part of the memory that a search for thresholds or quantiles takes: one in so many.
pub(super) const SEARCH_MEMORY: usize = 4;

/// Identities whose exposures and sums fit in the second cache of a processor (1 MiB is common).
const SLICE_IDENTITIES: u64 = 8_192;

/// See [`crate::EventReader::sufficient_statistics`].
///
/// Thresholds that depend on what the identities did are looked for first, in one reading of the events or more; the sums
/// take another one, and quantiles one or more.
pub(crate) fn sufficient_statistics(
    snapshot: &Snapshot,
    memory_bytes: usize,
    query: &ExposureQuery,
    metrics: &[MetricQuery],
) -> Result<SufficientStatistics> {
    let started = Instant::now();
    let plan = Plan::new(metrics);
    let selectors = selectors(query, &plan);
    let window = window(query, plan.look_back_ms());
    let rows = Rows::new(snapshot, window, &selectors)?;
    let mut variants = Variants::default();
    let mut rows_scanned = 0;
    let mut search = ThresholdSearch::new(&plan, memory_bytes / SEARCH_MEMORY);
    let study = Study {
        rows: &rows,
        exposed: self::window(query, 0),
        window,
        plan: &plan,
        memory_bytes: if search.is_some() || plan.metrics.iter().any(|metric| metric.quantile.is_some()) {
            memory_bytes - memory_bytes / SEARCH_MEMORY
        } else {
            memory_bytes
        },
    };
    if let Some(search) = &mut search {
        rows_scanned += study.search(&mut variants, search)?;
    }
    let thresholds = thresholds(&plan, search.as_ref());
    drop(search);
    let sums = study.sum(&mut variants, &thresholds)?;
    rows_scanned += sums.rows_scanned;
    let quantiles = study.quantiles(&mut variants, &sums.identities, memory_bytes / SEARCH_MEMORY)?;
    rows_scanned += quantiles.rows_scanned;

    // A variant that only quarantined identities saw has no identities.
    let identities = &sums.identities;
    let present = |variant: &usize| identities[*variant] > 0;
    let named = || {
        variants
            .names()
            .iter()
            .cloned()
            .enumerate()
            .filter(|(variant, _)| present(variant))
    };
    Ok(SufficientStatistics {
        identities: named()
            .map(|(variant, name)| (name, identities[variant]))
            .collect(),
        metrics: plan
            .metrics
            .iter()
            .enumerate()
            .zip(&sums.metrics)
            .zip(thresholds)
            .map(
                |(((at, metric), sums), [first, second, before @ ..])| MetricStatistics {
                    metric_id: metric.metric_id,
                    thresholds: first,
                    second_thresholds: second,
                    before_thresholds: before,
                    variants: named()
                        .map(|(variant, name)| {
                            let numbers = sums[variant].clone().finish(metric.second.is_some());
                            let numbers = VariantStatistics {
                                before: metric.before.map(|_| numbers.before.unwrap_or_default()),
                                quantile: quantiles.found.get(&(at, variant)).copied(),
                                ..numbers
                            };
                            (name, numbers)
                        })
                        .collect(),
                },
            )
            .collect(),
        quarantined_identities: sums.quarantined_identities,
        rows_scanned,
        duration: started.elapsed(),
    })
}

/// One question about metrics on one snapshot.
pub(super) struct Study<'a> {
    pub rows: &'a Rows<'a>,
    /// When exposures count.
    pub exposed: Window<'a>,
    /// When events count: from before the first exposures, if a metric looks back.
    pub window: Window<'a>,
    pub plan: &'a Plan,
    /// For what is held of the identities.
    pub memory_bytes: usize,
}

/// What the identities come to.
#[derive(Default)]
struct Sums {
    identities: Vec<u64>,
    quarantined_identities: u64,
    /// By metric and variant.
    metrics: Vec<Vec<VariantSums>>,
    rows_scanned: u64,
}

impl Study<'_> {
    /// Looks for thresholds. Returns how many rows were looked at.
    fn search(&self, variants: &mut Variants, search: &mut ThresholdSearch) -> Result<u64> {
        let wanted = search.wanted();
        let mut rows_scanned = 0;
        loop {
            rows_scanned += self.read(&self.all_events(), variants, |_, _, accumulators| {
                for (at, &(metric, number)) in wanted.iter().enumerate() {
                    let metric = &self.plan.metrics[metric];
                    let Some(number) = metric.numbers().nth(number) else {
                        continue;
                    };
                    accumulators.for_each_identity(metric, self.window.until_ms, |identity, _| {
                        search.add(at, accumulators.number(number, identity));
                    });
                }
            })?;
            if !search.end_reading() {
                return Ok(rows_scanned);
            }
        }
    }

    /// The numbers of the selectors of all events.
    fn all_events(&self) -> Vec<usize> {
        (1..=self.plan.events.len()).collect()
    }

    /// Adds up the numbers of the identities by variant.
    fn sum(&self, variants: &mut Variants, thresholds: &[MetricThresholds]) -> Result<Sums> {
        let mut sums = Sums {
            metrics: vec![Vec::new(); self.plan.metrics.len()],
            ..Sums::default()
        };
        sums.rows_scanned = self.read(&self.all_events(), variants, |variants, table, accumulators| {
            sums.identities.resize(variants, 0);
            count_identities(
                table.exposures(),
                &mut sums.identities,
                &mut sums.quarantined_identities,
            );
            let metrics = self.plan.metrics.iter().zip(&mut sums.metrics);
            for ((metric, sums), [first, second, of_before @ ..]) in metrics.zip(thresholds) {
                sums.resize(variants, VariantSums::default());
                accumulators.for_each_identity(metric, self.window.until_ms, |identity, variant| {
                    let number = first.cap(accumulators.number(&metric.first, identity));
                    let beside = metric.second.as_ref().map_or_else(Capped::default, |plan| {
                        second.cap(accumulators.number(plan, identity))
                    });
                    sums[variant].add(number, beside);
                    if let Some(plans) = &metric.before {
                        let before =
                            [0, 1].map(|at| of_before[at].cap(accumulators.number(&plans[at], identity)));
                        sums[variant].add_before([number, beside], before);
                    }
                });
            }
        })?;
        Ok(sums)
    }

    /// Calls `visit` with the number of variants so far, the identities of a part of the hashes and what they did by the events
    /// of the selectors numbered `wanted`, part by part. Returns how many rows were looked at.
    pub(super) fn read(
        &self,
        wanted: &[usize],
        variants: &mut Variants,
        mut visit: impl FnMut(usize, &ExposureTable, &Accumulators<'_>),
    ) -> Result<u64> {
        let identity_bytes = TABLE_BYTES + self.plan.identity_bytes();
        let limit = self.memory_bytes / identity_bytes.max(BUILD_BYTES);
        let mut rows_scanned = 0;
        for_each_pass(self.rows, self.exposed, limit, variants, |variants, pass| {
            let Pass { range, table, .. } = &pass;
            let mut accumulators = Accumulators::new(table, self.window, 1, self.plan);
            rows_scanned += pass.rows_scanned;
            rows_scanned += self
                .rows
                .visit(wanted, *range, slices(table), &mut accumulators)?;
            visit(variants.names().len(), table, &accumulators);
            Ok(())
        })?;
        Ok(rows_scanned)
    }
}

/// See [`crate::EventReader::exposures`].
pub(crate) fn exposures(
    snapshot: &Snapshot,
    memory_bytes: usize,
    query: &ExposureQuery,
) -> Result<Exposures> {
    let (granularity, bucket_width_ms) = match query.until_ms.saturating_sub(query.from_ms) {
        ..=MAX_HOURLY_WINDOW_MS => (Granularity::Hour, HOUR_MS),
        _ => (Granularity::Day, DAY_MS),
    };
    let bucket_of = |first_ms: i64| first_ms.div_euclid(bucket_width_ms) * bucket_width_ms;
    let found = first_exposures(snapshot, memory_bytes, query, bucket_of)?;
    let points = found
        .groups
        .into_iter()
        .map(|(bucket_ms, new_identities)| ExposurePoint {
            bucket_ms,
            new_identities,
        });
    Ok(Exposures {
        excluded_identities: found.excluded_identities,
        granularity,
        points: points.collect(),
    })
}

/// Whether every row of the question lies in the Parquet files.
pub(crate) fn all_sealed(
    snapshot: &Snapshot,
    query: &ExposureQuery,
    metrics: &[MetricQuery],
) -> Result<bool> {
    let plan = Plan::new(metrics);
    let selectors = selectors(query, &plan);
    Ok(Rows::new(snapshot, window(query, plan.look_back_ms()), &selectors)?.all_sealed())
}

/// The window of a question, begun so much earlier.
pub(super) fn window(query: &ExposureQuery, look_back_ms: i64) -> Window<'_> {
    Window {
        environment_key: &query.environment_key,
        from_ms: query.from_ms.saturating_sub(look_back_ms),
        until_ms: query.until_ms,
    }
}

/// The exposures first, then the events of the metrics.
pub(super) fn selectors(query: &ExposureQuery, plan: &Plan) -> Vec<RowSelector> {
    let exposures = RowSelector {
        rows: Selector {
            event: EXPOSURE_EVENT.to_owned(),
            feature_name: Some(query.feature_name.clone()),
        },
        filter: EventFilter::default(),
        dimensions: Vec::new(),
    };
    let metrics = plan.events.iter().map(|event| RowSelector {
        rows: Selector {
            event: event.event.clone(),
            feature_name: None,
        },
        filter: event.filter.clone(),
        dimensions: Vec::new(),
    });
    std::iter::once(exposures).chain(metrics).collect()
}

/// Returns into how many slices a table is cut for one to stay in a processor's cache with what is added up for it.
pub(super) fn slices(table: &ExposureTable) -> u64 {
    (table.exposures().len() as u64)
        .div_ceil(SLICE_IDENTITIES)
        .next_power_of_two()
}
