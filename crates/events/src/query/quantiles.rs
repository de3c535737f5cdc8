//! The quantiles of each variant.

use std::collections::BTreeMap;

use super::accumulate::for_each_identity;
use super::analysis::{Study, slices};
use super::event_values::{EventValue, EventValues};
use super::exposure_table::{BUILD_BYTES, TABLE_BYTES, Variants};
use super::order::RankSearch;
use super::passes::{Pass, for_each_pass};
use super::plan::MetricPlan;
use super::sums::{Capped, VariantSums};
use crate::error::Result;
use crate::metric::{ClusterSums, Quantile, QuantileOf, QuantileStatistics};

/// Variants whose quantiles are found: those with most identities. A few are expected; each takes a search of its own, and
/// this bounds what a hostile client can make the server hold.
const MAX_VARIANTS: usize = 64;

/// Ranges that a search looks into at most: one for each rank.
const RANGES: usize = 3;

/// What an identity takes for each metric of events: how many it has, and how many of these are at or below the quantile.
const CLUSTER_BYTES: usize = 2 * size_of::<u64>();

/// The quantiles that were found.
#[derive(Debug, Default)]
pub(super) struct Quantiles {
    /// By metric and variant.
    pub found: BTreeMap<(usize, usize), QuantileStatistics>,
    pub rows_scanned: u64,
}

/// The searches of all metrics that ask for a quantile, variant by variant.
struct QuantileSearch<'a> {
    identities: Vec<Wanted<'a>>,
    events: Vec<Wanted<'a>>,
}

/// One metric that asks for a quantile.
struct Wanted<'a> {
    /// Its position in the plan.
    at: usize,
    metric: &'a MetricPlan,
    quantile: Quantile,
    /// By the number of the variant; those of other variants are not taken.
    searches: BTreeMap<usize, RankSearch>,
}

impl Study<'_> {
    /// Finds the quantiles of the variants, of which so many `identities` were counted. What is held of the numbers takes
    /// about `search_bytes`.
    ///
    /// The ranks take one reading of the events that they are of, and a few more when there is more to hold than that. A
    /// quantile of events takes another one, for how they lie among the identities.
    pub(super) fn quantiles(
        &self,
        variants: &mut Variants,
        identities: &[u64],
        search_bytes: usize,
    ) -> Result<Quantiles> {
        let mut quantiles = Quantiles::default();
        let largest = largest(variants, identities);
        let Some(mut search) = QuantileSearch::new(self, &largest, search_bytes) else {
            return Ok(quantiles);
        };
        loop {
            if !search.identities.is_empty() {
                quantiles.rows_scanned += self.read_identities(variants, &mut search.identities)?;
            }
            if !search.events.is_empty() {
                quantiles.rows_scanned += self.read_values(variants, &mut search.events)?;
            }
            if !search.end_reading() {
                break;
            }
        }
        for wanted in search.identities.iter().chain(&search.events) {
            quantiles.found.extend(wanted.found());
        }
        if !search.events.is_empty() {
            self.read_clusters(variants, &search.events, &mut quantiles)?;
        }
        Ok(quantiles)
    }

    fn read_identities(&self, variants: &mut Variants, wanted: &mut [Wanted<'_>]) -> Result<u64> {
        let events = self.selectors(wanted);
        self.read(&events, variants, |_, _, accumulators| {
            for wanted in &mut *wanted {
                accumulators.for_each_identity(wanted.metric, self.window.until_ms, |identity, variant| {
                    let number = accumulators.number(&wanted.metric.first, identity);
                    let counts = !number.is_nan() && (number != 0.0 || !wanted.quantile.ignore_zeros);
                    if let Some(search) = wanted.searches.get_mut(&variant).filter(|_| counts) {
                        search.add(number);
                    }
                });
            }
        })
    }

    fn read_values(&self, variants: &mut Variants, wanted: &mut [Wanted<'_>]) -> Result<u64> {
        let metrics: Vec<&MetricPlan> = wanted.iter().map(|wanted| wanted.metric).collect();
        let events = self.selectors(wanted);
        self.for_each_table(0, variants, |pass| {
            self.visit_values(pass, &events, &metrics, |event| {
                if let Some(search) = wanted[event.metric].searches.get_mut(&event.variant) {
                    search.add(event.value);
                }
            })
        })
    }

    /// Adds to the quantiles of events how these lie among the identities.
    fn read_clusters(
        &self,
        variants: &mut Variants,
        wanted: &[Wanted<'_>],
        quantiles: &mut Quantiles,
    ) -> Result<()> {
        let metrics: Vec<&MetricPlan> = wanted.iter().map(|wanted| wanted.metric).collect();
        let events = self.selectors(wanted);
        let found = &mut quantiles.found;
        let mut sums: BTreeMap<(usize, usize), VariantSums> = BTreeMap::new();
        quantiles.rows_scanned += self.for_each_table(CLUSTER_BYTES * wanted.len(), variants, |pass| {
            let exposures = pass.table.exposures();
            let mut counts = vec![vec![[0_u64; 2]; exposures.len()]; wanted.len()];
            let rows_scanned = self.visit_values(pass, &events, &metrics, |event| {
                if let Some(quantile) = found.get(&(wanted[event.metric].at, event.variant)) {
                    let [indicator, count] = &mut counts[event.metric][event.identity];
                    *indicator += u64::from(event.value <= quantile.quantile);
                    *count += 1;
                }
            })?;
            for (wanted, counts) in wanted.iter().zip(&counts) {
                for_each_identity(
                    exposures,
                    wanted.metric,
                    self.window.until_ms,
                    |identity, variant| {
                        if found.contains_key(&(wanted.at, variant)) {
                            let [indicator, count] = counts[identity].map(whole);
                            sums.entry((wanted.at, variant))
                                .or_default()
                                .add(indicator, count);
                        }
                    },
                );
            }
            Ok(rows_scanned)
        })?;
        for (key, sums) in sums {
            let sums = sums.finish(true);
            let counts = sums.second.unwrap_or_default();
            if let Some(quantile) = found.get_mut(&key) {
                quantile.clusters = Some(ClusterSums {
                    indicator_sum: sums.sum,
                    indicator_sum_squares: sums.sum_squares,
                    count_sum: counts.sum,
                    count_sum_squares: counts.sum_squares,
                    cross: counts.cross,
                });
            }
        }
        Ok(())
    }

    /// The numbers of the selectors of the events that some metrics are of.
    fn selectors(&self, wanted: &[Wanted<'_>]) -> Vec<usize> {
        let mut selectors: Vec<usize> = wanted
            .iter()
            .map(|wanted| self.plan.sources[wanted.metric.first.source].event + 1)
            .collect();
        selectors.sort_unstable();
        selectors.dedup();
        selectors
    }

    /// Calls `visit` with the identities, part by part, when each takes so many bytes beside its exposure. Returns how many rows
    /// were looked at, with those that `visit` looks at.
    fn for_each_table(
        &self,
        bytes: usize,
        variants: &mut Variants,
        mut visit: impl FnMut(&Pass) -> Result<u64>,
    ) -> Result<u64> {
        let limit = self.memory_bytes / (TABLE_BYTES + bytes).max(BUILD_BYTES);
        let mut rows_scanned = 0;
        for_each_pass(self.rows, self.exposed, limit, variants, |_, pass| {
            rows_scanned += pass.rows_scanned + visit(&pass)?;
            Ok(())
        })?;
        Ok(rows_scanned)
    }

    fn visit_values(
        &self,
        pass: &Pass,
        events: &[usize],
        metrics: &[&MetricPlan],
        visit: impl FnMut(EventValue),
    ) -> Result<u64> {
        let Pass { range, table, .. } = pass;
        let mut sink = EventValues {
            table,
            window: self.window,
            first_selector: 1,
            plan: self.plan,
            metrics,
            visit,
        };
        self.rows.visit(events, *range, slices(table), &mut sink)
    }
}

impl<'a> QuantileSearch<'a> {
    /// `None` when no metric asks for a quantile.
    fn new(study: &Study<'a>, variants: &[usize], search_bytes: usize) -> Option<Self> {
        let metrics = study.plan.metrics.iter().enumerate();
        let asking: Vec<(usize, &MetricPlan, Quantile)> = metrics
            .filter_map(|(at, metric)| Some((at, metric, metric.quantile?)))
            .collect();
        let searches = (asking.len() * variants.len()).max(1);
        let limit = search_bytes / size_of::<u64>() / RANGES / searches;
        let search = |&variant: &usize| (variant, RankSearch::new(limit));
        let wanted = asking.into_iter().map(|(at, metric, quantile)| Wanted {
            at,
            metric,
            quantile,
            searches: variants.iter().map(search).collect(),
        });
        let (identities, events): (Vec<_>, Vec<_>) =
            wanted.partition(|wanted| wanted.quantile.of == QuantileOf::Identities);
        (!identities.is_empty() || !events.is_empty()).then_some(Self { identities, events })
    }

    /// Ends a reading. Returns whether another one is needed.
    fn end_reading(&mut self) -> bool {
        let mut is_needed = false;
        for wanted in self.identities.iter_mut().chain(&mut self.events) {
            for search in wanted.searches.values_mut() {
                let ranks = Ranks::new(search.count(), &wanted.quantile);
                let sought: Vec<u64> = ranks.iter().flat_map(Ranks::positions).collect();
                is_needed |= search.end_reading(&sought);
            }
        }
        is_needed
    }
}

impl Wanted<'_> {
    /// What was found, by metric and variant.
    fn found(&self) -> impl Iterator<Item = ((usize, usize), QuantileStatistics)> {
        self.searches.iter().filter_map(|(&variant, search)| {
            let ranks = Ranks::new(search.count(), &self.quantile)?;
            let at = |rank: u64| search.get(rank - 1);
            let found = QuantileStatistics {
                n: search.count(),
                quantile: at(ranks.quantile)?,
                ends: ranks.ends.and_then(|[low, high]| Some([at(low)?, at(high)?])),
                clusters: None,
            };
            Some(((self.at, variant), found))
        })
    }
}

/// The ranks of [`QuantileStatistics`], counted from 1.
#[derive(Clone, Copy, Debug)]
struct Ranks {
    quantile: u64,
    ends: Option<[u64; 2]>,
}

impl Ranks {
    /// `None` for no numbers.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "there are fewer than 2^53 numbers, and ranks lie among them"
    )]
    fn new(n: u64, quantile: &Quantile) -> Option<Self> {
        const ROUNDING: f64 = 1e-9;
        let count = (n > 0).then_some(n as f64)?;
        let centre = count * quantile.level;
        let half_width = quantile.z * (centre * (1.0 - quantile.level)).sqrt();
        let (low, high) = ((centre - half_width).floor(), (centre + half_width).ceil() + 1.0);
        let nearest = centre.round();
        let rank = if (centre - nearest).abs() <= ROUNDING {
            nearest
        } else {
            centre.ceil()
        };
        Some(Self {
            quantile: rank.clamp(1.0, count) as u64,
            ends: (low >= 1.0 && high <= count).then_some([low as u64, high as u64]),
        })
    }

    /// The same counted from 0.
    fn positions(&self) -> impl Iterator<Item = u64> {
        let ranks = std::iter::once(self.quantile).chain(self.ends.into_iter().flatten());
        ranks.map(|rank| rank - 1)
    }
}

/// The variants with most identities, of those with as many the first by name.
fn largest(variants: &Variants, identities: &[u64]) -> Vec<usize> {
    let mut numbers: Vec<usize> = (0..identities.len())
        .filter(|&variant| identities[variant] > 0)
        .collect();
    numbers.sort_by_key(|&variant| (std::cmp::Reverse(identities[variant]), &variants.names()[variant]));
    numbers.truncate(MAX_VARIANTS);
    numbers
}

#[expect(
    clippy::cast_precision_loss,
    reason = "an identity has fewer than 2^53 events"
)]
fn whole(count: u64) -> Capped {
    Capped {
        number: count as f64,
        was_moved: false,
    }
}

#[cfg(test)]
mod tests {
    use liftgate_stats::{SignificanceLevel, normal, quantile_ranks};

    use super::*;

    #[test]
    fn ranks_are_those_of_the_statistics() {
        for alpha in [0.001, 0.05, 0.5] {
            let alpha = SignificanceLevel::new(alpha).unwrap();
            for level in [0.000_1, 0.07, 0.1, 0.29, 0.5, 0.58, 0.7, 0.9, 0.999] {
                let asked = Quantile {
                    level,
                    z: normal::two_sided_quantile(alpha),
                    of: QuantileOf::Events,
                    ignore_zeros: false,
                };
                for n in (1..1_500).chain([1 << 20, 1_000_000_007, 1 << 40]) {
                    let ranks = Ranks::new(n, &asked).unwrap();
                    let expected = quantile_ranks(n, level, alpha).unwrap();
                    assert_eq!(ranks.quantile, expected.rank, "{level} of {n}");
                    let ends = ranks.ends.map(|[low, high]| (low, high));
                    assert_eq!(ends, expected.outer, "{level} of {n}");
                }
            }
        }
    }

    #[test]
    fn there_is_no_rank_among_nothing() {
        let asked = Quantile {
            level: 0.5,
            z: 1.96,
            of: QuantileOf::Identities,
            ignore_zeros: false,
        };
        assert!(Ranks::new(0, &asked).is_none());
    }
}
