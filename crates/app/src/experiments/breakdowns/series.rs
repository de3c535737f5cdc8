//! The results day by day.

use super::Study;
use crate::App;
use crate::error::{Error, Result};
use crate::experiments::metric_inputs;
use liftgate_events::{DayStatistics, MetricStatistics};
use liftgate_model::Timestamp;
use liftgate_model::experiment::Rollout;
use liftgate_stats::MetricInput;
use liftgate_stats::results::{MetricRole, SeriesDay, series};
use serde_json::{Value, json};

/// Full days from which the eligible units of a day are taken.
const RECENT_DAYS: usize = 7;

impl Study<'_> {
    /// The payload of the series.
    pub(super) async fn series(&self, app: &App, variants: &[String]) -> Result<Value> {
        let found = app
            .events
            .daily_statistics(self.query, variants, &self.settled())
            .await
            .map_err(Error::internal)?;
        let days: Vec<SeriesDay> = found.days.iter().map(|day| self.series_day(day)).collect();
        let eligible = eligible_units_per_day(&found.days, self.query.from_ms, self.shown.rollout.as_ref());
        Ok(json!({
            "metrics": series(&days, &self.analysis.settings, eligible),
            "variants_left_out": self.variants_left_out(),
        }))
    }

    fn series_day(&self, day: &DayStatistics) -> SeriesDay {
        let date = Timestamp::from_millis(day.day_ms).to_utc().format("%Y-%m-%d");
        let all = 0..self.asked.len();
        SeriesDay {
            day: date.to_string(),
            is_complete: day.is_complete,
            cumulative: all
                .clone()
                .map(|metric| self.input(metric, &day.cumulative[metric]))
                .collect(),
            daily: all
                .map(|metric| Some(self.input(metric, day.daily[metric].as_ref()?)))
                .collect(),
        }
    }

    /// What was found of a part of the identities about the metric at that place.
    pub(super) fn input(&self, metric: usize, found: &MetricStatistics) -> MetricInput {
        let attached = &self.shown.metrics[metric];
        metric_inputs::input(
            attached,
            &self.asked[metric],
            found,
            MetricRole::DEFAULT_GUARDRAIL,
            self.analysis.settings.alpha,
        )
    }
}

/// The identities that would enter in a day at a full rollout: those of the last full days, by the share that enters now.
/// `None` before the first full day, and while nobody enters.
fn eligible_units_per_day(days: &[DayStatistics], from_ms: i64, rollout: Option<&Rollout>) -> Option<f64> {
    let full = days
        .iter()
        .filter(|day| day.is_complete && day.day_ms >= from_ms)
        .rev()
        .take(RECENT_DAYS);
    let units: Vec<f64> = full
        .map(|day| {
            let new: u64 = day.new_identities.values().sum();
            f64::from(u32::try_from(new).unwrap_or(u32::MAX))
        })
        .collect();
    let count = f64::from(u32::try_from(units.len()).unwrap_or(u32::MAX));
    let share = rollout.map_or(1.0, |rollout| rollout.rollout_percentage / 100.0);
    (count > 0.0 && share > 0.0).then(|| units.iter().sum::<f64>() / count / share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use liftgate_model::FlagValue;
    use std::collections::BTreeMap;

    const DAY_MS: i64 = 86_400_000;

    fn day(number: i64, is_complete: bool, units: u64) -> DayStatistics {
        let new_identities = BTreeMap::from([("control".to_owned(), units), ("b".to_owned(), units)]);
        DayStatistics {
            day_ms: number * DAY_MS,
            is_complete,
            new_identities,
            cumulative: Vec::new(),
            daily: Vec::new(),
        }
    }

    fn rollout(rollout_percentage: f64) -> Rollout {
        Rollout {
            enabled: true,
            rollout_percentage,
            value: FlagValue::Null,
            allocations: Vec::new(),
        }
    }

    #[test]
    fn eligible_units_are_those_of_full_days_by_the_share_that_enters() {
        // The first day began before noon, the last is under way.
        let days = [
            day(0, true, 900),
            day(1, true, 10),
            day(2, true, 30),
            day(3, false, 900),
        ];
        let from_ms = DAY_MS / 3;
        assert_eq!(eligible_units_per_day(&days, from_ms, None), Some(40.0));
        assert_eq!(
            eligible_units_per_day(&days, from_ms, Some(&rollout(25.0))),
            Some(160.0)
        );
        assert_eq!(eligible_units_per_day(&days, from_ms, Some(&rollout(0.0))), None);
        assert_eq!(eligible_units_per_day(&days[..1], from_ms, None), None);
        let long: Vec<DayStatistics> = (0..9)
            .map(|number| day(number, true, u64::from(number > 1)))
            .collect();
        assert_eq!(eligible_units_per_day(&long, 0, None), Some(2.0));
    }
}
