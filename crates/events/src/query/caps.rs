//! Where the numbers of identities are capped.

use super::order::RankSearch;
use super::plan::{MetricPlan, NumberPlan, Plan};
use super::sums::Capped;
use crate::metric::{CapAt, Thresholds};

/// The thresholds of a metric's numbers, in the order of [`MetricPlan::numbers`].
pub(crate) type MetricThresholds = [Thresholds; 4];

impl Thresholds {
    /// Caps a number. 0 stays what it is.
    pub(crate) fn cap(&self, number: f64) -> Capped {
        if number == 0.0 {
            return Capped::default();
        }
        let raised = self.lower.map_or(number, |lower| number.max(lower));
        let capped = self.upper.map_or(raised, |upper| raised.min(upper));
        Capped {
            number: capped,
            was_moved: (capped - number).abs() > 0.0,
        }
    }
}

impl MetricPlan {
    /// Its numbers: the first, the second, those before the exposure.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = &NumberPlan> {
        std::iter::once(&self.first)
            .chain(&self.second)
            .chain(self.before.iter().flatten())
    }
}

/// Looks for the thresholds that are shares of what the identities did, by reading all numbers once or several times.
#[derive(Debug)]
pub(crate) struct ThresholdSearch {
    searches: Vec<Search>,
}

#[derive(Debug)]
struct Search {
    metric: usize,
    /// The position in [`MetricPlan::numbers`].
    number: usize,
    shares: [Option<f64>; 2],
    ranks: RankSearch,
}

impl ThresholdSearch {
    /// `None` when no threshold is to be looked for. What is held of the numbers takes about `memory_bytes`.
    pub(crate) fn new(plan: &Plan, memory_bytes: usize) -> Option<Self> {
        let share = |at: Option<CapAt>| match at {
            Some(CapAt::Share(share)) => Some(share),
            Some(CapAt::Value(_)) | None => None,
        };
        let mut wanted = Vec::new();
        for (metric, plan) in plan.metrics.iter().enumerate() {
            for (number, plan) in plan.numbers().enumerate() {
                let shares = [share(plan.cap.lower), share(plan.cap.upper)];
                if shares.iter().any(Option::is_some) {
                    wanted.push((metric, number, shares));
                }
            }
        }
        let limit = memory_bytes / size_of::<u64>() / wanted.len().max(1);
        let searches: Vec<Search> = wanted
            .into_iter()
            .map(|(metric, number, shares)| Search {
                metric,
                number,
                shares,
                ranks: RankSearch::new(limit),
            })
            .collect();
        (!searches.is_empty()).then_some(Self { searches })
    }

    /// The metrics and numbers that are to be given to [`ThresholdSearch::add`] for every identity that counts.
    pub(crate) fn wanted(&self) -> Vec<(usize, usize)> {
        self.searches
            .iter()
            .map(|search| (search.metric, search.number))
            .collect()
    }

    /// Takes a number of an identity; `at` is the position in [`ThresholdSearch::wanted`].
    pub(crate) fn add(&mut self, at: usize, number: f64) {
        if number != 0.0 && !number.is_nan() {
            self.searches[at].ranks.add(number);
        }
    }

    /// Ends a reading. Returns whether another one is needed.
    pub(crate) fn end_reading(&mut self) -> bool {
        let mut is_needed = false;
        for search in &mut self.searches {
            let count = search.ranks.count();
            let ranks: Vec<u64> = search
                .shares
                .into_iter()
                .flatten()
                .filter_map(|share| Position::new(count, share))
                .flat_map(|position| [position.below, position.above])
                .collect();
            is_needed |= search.ranks.end_reading(&ranks);
        }
        is_needed
    }

    fn threshold(&self, metric: usize, number: usize, share: f64) -> Option<f64> {
        let search = self
            .searches
            .iter()
            .find(|search| (search.metric, search.number) == (metric, number))?;
        let position = Position::new(search.ranks.count(), share)?;
        let (below, above) = (
            search.ranks.get(position.below)?,
            search.ranks.get(position.above)?,
        );
        let threshold = position.between(below, above);
        // Between two numbers that are too large there is none.
        threshold.is_finite().then_some(threshold)
    }
}

/// Returns the thresholds of every metric, once those that are shares have been found.
pub(crate) fn thresholds(plan: &Plan, search: Option<&ThresholdSearch>) -> Vec<MetricThresholds> {
    let all = plan.metrics.iter().enumerate().map(|(metric, plan)| {
        let mut of_metric = MetricThresholds::default();
        for ((number, plan), thresholds) in plan.numbers().enumerate().zip(&mut of_metric) {
            let at = |cap: Option<CapAt>| match cap? {
                CapAt::Value(value) => Some(value),
                CapAt::Share(share) => search?.threshold(metric, number, share),
            };
            *thresholds = Thresholds {
                lower: at(plan.cap.lower),
                upper: at(plan.cap.upper),
            };
        }
        of_metric
    });
    all.collect()
}

/// Where a quantile lies among sorted numbers.
///
/// # Formula
/// With `h = (n - 1) share`, between ranks `floor(h)` and the next, counted from 0.
///
/// # Source
/// Type 7 of Hyndman & Fan (1996), *Sample quantiles in statistical packages*, Am. Statist. 50; DuckDB's `quantile_cont`.
#[derive(Clone, Copy, Debug)]
struct Position {
    below: u64,
    above: u64,
    fraction: f64,
}

impl Position {
    /// `None` for an empty sample.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "there are fewer than 2^53 identities, and a share is from 0 to 1"
    )]
    fn new(count: u64, share: f64) -> Option<Self> {
        let last = count.checked_sub(1)?;
        let position = last as f64 * share.clamp(0.0, 1.0);
        let below = (position.floor() as u64).min(last);
        Some(Self {
            below,
            above: (below + 1).min(last),
            fraction: position - position.floor(),
        })
    }

    /// From the nearer of the two, so that a fraction of 0 or 1 gives the number itself.
    fn between(self, below: f64, above: f64) -> f64 {
        if self.fraction < 0.5 {
            (above - below).mul_add(self.fraction, below)
        } else {
            (below - above).mul_add(1.0 - self.fraction, above)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_stays_and_the_rest_is_moved_inside() {
        let thresholds = Thresholds {
            lower: Some(2.0),
            upper: Some(5.0),
        };
        let capped = |number| {
            let capped = thresholds.cap(number);
            (capped.number, capped.was_moved)
        };
        assert_eq!(capped(0.0), (0.0, false));
        assert_eq!(capped(-1.0), (2.0, true));
        assert_eq!(capped(3.0), (3.0, false));
        assert_eq!(capped(9.0), (5.0, true));
    }

    #[test]
    fn positions_are_those_of_type_seven() {
        let at = |count, share| {
            let position = Position::new(count, share).unwrap();
            (position.below, position.above, position.fraction)
        };
        assert_eq!(at(1, 0.9), (0, 0, 0.0));
        assert_eq!(at(5, 0.5), (2, 3, 0.0));
        assert_eq!(at(4, 0.5), (1, 2, 0.5));
        assert_eq!(at(4, 1.0), (3, 3, 0.0));
        assert!(Position::new(0, 0.5).is_none());
    }
}
