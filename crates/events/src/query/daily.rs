//! The numbers of an experiment day by day.
//!
//! The files of a day are read by themselves, one day after the other, so that each row is looked at once however many days
//! there are, and only what the identities have done so far and today is held.

use arrow_array::RecordBatch;

use super::accumulate::Accumulators;
use super::analysis::{selectors, slices, window};
use super::exposure_table::{BUILD_BYTES, Exposure, TABLE_BYTES, Variants};
use super::parts::{Numbers, PartSums, places};
use super::passes::{Pass, for_each_pass};
use super::plan::Plan;
use super::rows::{RowSink, Rows, TailRow, Window};
use crate::breakdown::{DailyStatistics, DayStatistics, MAX_DAYS, SettledMetric};
use crate::columnar::schema::Column;
use crate::error::Result;
use crate::layout::{DAY_MS, day_of};
use crate::metric::{MetricKind, MetricQuery};
use crate::snapshot::Snapshot;
use crate::store::ExposureQuery;

/// See [`crate::EventReader::daily_statistics`].
pub(crate) fn daily_statistics(
    snapshot: &Snapshot,
    memory_bytes: usize,
    query: &ExposureQuery,
    variants: &[String],
    metrics: &[SettledMetric],
) -> Result<DailyStatistics> {
    let queries: Vec<MetricQuery> = metrics.iter().map(|metric| metric.query.clone()).collect();
    let plan = Plan::new(&queries);
    let selectors = selectors(query, &plan);
    let events = window(query, plan.look_back_ms());
    let rows = Rows::new(snapshot, events, &selectors)?;
    let wanted: Vec<usize> = (1..=plan.events.len()).collect();
    let days = days(query);
    let mut sums: Vec<DaySums> = days
        .iter()
        .map(|_| DaySums {
            new_identities: vec![0; variants.len()],
            cumulative: PartSums::new(metrics.len(), variants.len()),
            daily: PartSums::new(metrics.len(), variants.len()),
        })
        .collect();
    // What was done so far, and what today.
    let identity_bytes = TABLE_BYTES + 2 * plan.identity_bytes();
    let limit = memory_bytes / identity_bytes.max(BUILD_BYTES);
    let mut rows_scanned = 0;
    let mut numbered = Variants::default();
    for_each_pass(&rows, window(query, 0), limit, &mut numbered, |numbered, pass| {
        let Pass { range, table, .. } = &pass;
        rows_scanned += pass.rows_scanned;
        let places = places(numbered, variants);
        let place = |exposure: &Exposure| exposure.variant().and_then(|variant| places[variant]);
        let mut so_far = Accumulators::new(table, events, 1, &plan);
        if let Some(first) = days.first() {
            so_far.set_window(Window {
                until_ms: first.from_ms,
                ..events
            });
            rows_scanned += rows.visit(&wanted, *range, slices(table), &mut so_far)?;
        }
        for (day, sums) in days.iter().zip(&mut sums) {
            let today = Window {
                from_ms: day.from_ms,
                until_ms: day.until_ms,
                ..events
            };
            so_far.set_window(today);
            let mut sink = DaySink {
                so_far: &mut so_far,
                today: Accumulators::new(table, today, 1, &plan),
            };
            rows_scanned += rows.visit(&wanted, *range, slices(table), &mut sink)?;
            let DaySink { today, .. } = sink;
            for exposure in table.exposures() {
                if let Some(place) = place(exposure).filter(|_| day.contains(exposure.first_ms)) {
                    sums.new_identities[place] += 1;
                }
            }
            for (metric, (asked, settled)) in plan.metrics.iter().zip(metrics).enumerate() {
                so_far.for_each_identity(asked, day.until_ms, |identity, variant| {
                    if let Some(place) = places[variant] {
                        let numbers = Numbers::of(&so_far, asked, identity);
                        sums.cumulative.add(metric, place, settled, &numbers);
                    }
                });
                if settled.query.window.is_some() {
                    continue;
                }
                // Who has the whole day: exposed before it began.
                so_far.for_each_identity(asked, day.midnight_ms, |identity, variant| {
                    if let Some(place) = places[variant] {
                        let whole = Numbers::of(&so_far, asked, identity);
                        let of_today = Numbers::of(&today, asked, identity);
                        let numbers = Numbers {
                            first: of_today.first,
                            second: match settled.query.kind {
                                MetricKind::Covariate { .. } => whole.second,
                                _ => of_today.second,
                            },
                            before: whole.before,
                        };
                        sums.daily.add(metric, place, settled, &numbers);
                    }
                });
            }
        }
        Ok(())
    })?;
    let days = days.iter().zip(sums).map(|(day, sums)| DayStatistics {
        day_ms: day.midnight_ms,
        is_complete: day.is_complete,
        new_identities: variants.iter().cloned().zip(sums.new_identities).collect(),
        cumulative: sums.cumulative.finish(variants, metrics),
        daily: sums
            .daily
            .finish(variants, metrics)
            .into_iter()
            .zip(metrics)
            .map(|(found, metric)| metric.query.window.is_none().then_some(found))
            .collect(),
    });
    Ok(DailyStatistics {
        days: days.collect(),
        rows_scanned,
    })
}

/// The sums of one day.
struct DaySums {
    new_identities: Vec<u64>,
    cumulative: PartSums,
    daily: PartSums,
}

/// The part of a day that lies in the analysed time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Day {
    midnight_ms: i64,
    from_ms: i64,
    until_ms: i64,
    is_complete: bool,
}

impl Day {
    fn contains(&self, timestamp_ms: i64) -> bool {
        (self.from_ms..self.until_ms).contains(&timestamp_ms)
    }
}

/// The last days of the analysed time.
fn days(query: &ExposureQuery) -> Vec<Day> {
    if query.from_ms >= query.until_ms {
        return Vec::new();
    }
    let last = day_of(query.until_ms.saturating_sub(1).max(0));
    let most = i32::try_from(MAX_DAYS).unwrap_or(i32::MAX);
    let first = day_of(query.from_ms.max(0)).max(last.saturating_sub(most - 1));
    (first..=last)
        .map(|day| {
            let midnight_ms = i64::from(day) * DAY_MS;
            let end_ms = midnight_ms + DAY_MS;
            Day {
                midnight_ms,
                from_ms: midnight_ms.max(query.from_ms),
                until_ms: end_ms.min(query.until_ms),
                is_complete: end_ms <= query.until_ms,
            }
        })
        .collect()
}

/// Takes the rows of a day.
struct DaySink<'a, 'b> {
    so_far: &'b mut Accumulators<'a>,
    today: Accumulators<'a>,
}

impl RowSink for DaySink<'_, '_> {
    fn window(&self) -> Window<'_> {
        self.today.window()
    }

    fn columns(&self, selector: usize) -> Vec<Column> {
        self.today.columns(selector)
    }

    fn batch(&mut self, selector: usize, batch: &RecordBatch) -> Result<()> {
        self.so_far.batch(selector, batch)?;
        self.today.batch(selector, batch)
    }

    fn tail_row(&mut self, selector: usize, row: &TailRow) -> Result<()> {
        self.so_far.tail_row(selector, row)?;
        self.today.tail_row(selector, row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(from_ms: i64, until_ms: i64) -> Vec<Day> {
        days(&ExposureQuery {
            environment_key: String::new(),
            feature_name: String::new(),
            from_ms,
            until_ms,
        })
    }

    #[test]
    fn days_are_those_of_utc_cut_to_the_analysed_time() {
        let found = between(DAY_MS - 5, 2 * DAY_MS + 1);
        let cut: Vec<_> = found
            .iter()
            .map(|day| (day.midnight_ms, day.from_ms, day.until_ms, day.is_complete))
            .collect();
        assert_eq!(
            cut,
            [
                (0, DAY_MS - 5, DAY_MS, true),
                (DAY_MS, DAY_MS, 2 * DAY_MS, true),
                (2 * DAY_MS, 2 * DAY_MS, 2 * DAY_MS + 1, false),
            ]
        );
        assert_eq!(between(0, DAY_MS).len(), 1);
        assert!(between(5, 5).is_empty());
    }

    #[test]
    fn of_a_long_time_the_last_days_are_kept() {
        let found = between(0, 1_000 * DAY_MS);
        assert_eq!(found.len(), MAX_DAYS);
        assert_eq!(found.last().map(|day| day.until_ms), Some(1_000 * DAY_MS));
        assert_eq!(found[0].from_ms, 600 * DAY_MS);
    }
}
