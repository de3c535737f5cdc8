//! Usage of the SDK API: how much was asked for, and how often features were evaluated. Calls are counted in memory by
//! the data plane; [`flush`] stores what was counted since.

mod read;

pub use liftgate_store::usage::RequestTotal;
pub use read::{Period, UsageFilter, evaluations, requests, total};

use crate::time_limit::within;
use crate::{App, Result};
use liftgate_delivery::UsageCounts;
use liftgate_store::usage;
use std::time::Duration;

/// How many seconds counts may take to be written. Until then no others are.
const FLUSH_SECONDS: u64 = 60;

/// Stores what was counted since the last time. What cannot be stored now is kept for the next time; where the database does
/// not say whether it was stored, it may count twice.
///
/// Whoever stops the server calls this last, after the requests in flight. A server that is killed loses what was counted
/// since the last run of the job.
pub async fn flush(app: &App) -> Result<()> {
    let mut counts = app.delivery.usage().take(app.clock.now());
    if counts.uncounted > 0 {
        tracing::warn!(count = counts.uncounted, "usage.too_many_counters");
        counts.uncounted = 0;
    }
    // What is gone by now has no usage any more.
    counts
        .requests
        .retain(|item| app.delivery.snapshot(item.environment).is_some());
    counts.evaluations.retain(|item| {
        let snapshot = app.delivery.snapshot(item.environment);
        snapshot.is_some_and(|snapshot| snapshot.has_feature(item.feature))
    });
    let stored = store(app, &counts).await;
    if stored.is_err() {
        app.delivery.usage().give_back(counts);
    }
    stored
}

async fn store(app: &App, counts: &UsageCounts) -> Result<()> {
    if counts.requests.is_empty() && counts.evaluations.is_empty() {
        return Ok(());
    }
    let written = async {
        let tx = app.store.begin().await?;
        usage::add_requests(&tx, &counts.requests).await?;
        usage::add_evaluations(&tx, &counts.evaluations).await?;
        Ok(tx)
    };
    let tx = within(Duration::from_secs(FLUSH_SECONDS), "Storing the usage", written).await?;
    Ok(tx.commit().await?)
}
