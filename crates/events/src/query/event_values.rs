//! The values of the events of identities that count, one by one.

use arrow_array::RecordBatch;

use super::exposure_table::{Exposure, ExposureTable};
use super::plan::{MetricPlan, Plan};
use super::rows::{RowSink, TailRow, Window};
use crate::columnar::part::{integers, numbers, times};
use crate::columnar::schema::Column;
use crate::error::Result;

/// One event that counts for a metric.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EventValue {
    /// The position of the metric in the list that was asked for.
    pub metric: usize,
    /// The place of the identity in the table.
    pub identity: usize,
    /// The number of its variant.
    pub variant: usize,
    pub value: f64,
}

/// Calls `visit` with each event that counts for one of some metrics, in the time of their first numbers.
pub(crate) struct EventValues<'a, F> {
    pub table: &'a ExposureTable,
    pub window: Window<'a>,
    /// The number of the selector of the first event.
    pub first_selector: usize,
    pub plan: &'a Plan,
    pub metrics: &'a [&'a MetricPlan],
    pub visit: F,
}

impl<F: FnMut(EventValue)> EventValues<'_, F> {
    fn row(&mut self, selector: usize, (high, low): (u64, u64), timestamp_ms: i64, value: f64) {
        let (identity, first_ms) = self.table.find(high, low);
        let Some(variant) = self.table.exposures().get(identity).and_then(Exposure::variant) else {
            return;
        };
        for (at, metric) in self.metrics.iter().enumerate() {
            let source = &self.plan.sources[metric.first.source];
            let counts = source.event + self.first_selector == selector
                && source.period.contains(&(timestamp_ms - first_ms))
                && metric.counts(first_ms, self.window.until_ms)
                && !(value == 0.0 && metric.quantile.is_some_and(|quantile| quantile.ignore_zeros));
            if counts {
                (self.visit)(EventValue {
                    metric: at,
                    identity,
                    variant,
                    value,
                });
            }
        }
    }
}

impl<F: FnMut(EventValue)> RowSink for EventValues<'_, F> {
    fn window(&self) -> Window<'_> {
        self.window
    }

    fn columns(&self, _selector: usize) -> Vec<Column> {
        vec![
            Column::IdentifierHashHigh,
            Column::IdentifierHashLow,
            Column::Timestamp,
            Column::NumericValue,
        ]
    }

    fn batch(&mut self, selector: usize, batch: &RecordBatch) -> Result<()> {
        let high = integers(batch, Column::IdentifierHashHigh);
        let low = integers(batch, Column::IdentifierHashLow);
        let timestamps = times(batch, Column::Timestamp);
        let identities = high.iter().copied().zip(low.iter().copied());
        for ((identity, &timestamp_ms), &value) in identities.zip(timestamps).zip(numbers(batch)) {
            if self.window.contains(timestamp_ms) {
                self.row(selector, identity, timestamp_ms, value);
            }
        }
        Ok(())
    }

    fn tail_row(&mut self, selector: usize, row: &TailRow) -> Result<()> {
        self.row(selector, row.identity(), row.timestamp_ms, row.numeric_value);
        Ok(())
    }
}
