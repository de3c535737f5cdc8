//! Looks metrics up, with the experiments that use them.

use super::existing;
use crate::App;
use crate::access::OnEnvironment;
use crate::error::{Error, Result};
use liftgate_model::experiment::Experiment;
use liftgate_model::metric::Metric;
use liftgate_model::{ExperimentId, MetricId, Page, Slice};
use liftgate_store::{Conn, experiments, metrics};
use std::collections::HashMap;

/// A metric with everything its representation shows.
#[derive(Debug, Clone)]
pub struct MetricView {
    /// The metric.
    pub metric: Metric,
    /// The experiments that use it and are not deleted, by id.
    pub experiments: Vec<Experiment>,
}

/// The metrics of an environment, by id; `name_contains` in any case. The number of statements does not depend on how
/// many they are.
pub async fn list<N>(
    app: &App,
    on: &OnEnvironment<N>,
    name_contains: Option<&str>,
    slice: Slice,
) -> Result<Page<MetricView>> {
    let reader = app.store.reader();
    let page = metrics::list(&reader, on.environment.id, name_contains, slice).await?;
    Ok(Page {
        total: page.total,
        items: complete(&reader, page.items).await?,
    })
}

/// The metric with that id.
pub async fn find<N>(app: &App, on: &OnEnvironment<N>, id: MetricId) -> Result<MetricView> {
    let reader = app.store.reader();
    let metric = existing(&reader, &on.environment, id).await?;
    let shown = complete(&reader, vec![metric]).await?.pop();
    shown.ok_or_else(|| Error::missing("Metric"))
}

/// Adds the experiments: two statements.
async fn complete(conn: &impl Conn, all: Vec<Metric>) -> Result<Vec<MetricView>> {
    let ids: Vec<MetricId> = all.iter().map(|metric| metric.id).collect();
    let users = metrics::list_users(conn, &ids).await?;
    let mut wanted: Vec<ExperimentId> = users.iter().map(|(_, experiment)| *experiment).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let kept: HashMap<ExperimentId, Experiment> = experiments::list_by_ids(conn, &wanted)
        .await?
        .into_iter()
        .map(|experiment| (experiment.id, experiment))
        .collect();
    let mut by_metric: HashMap<MetricId, Vec<Experiment>> = HashMap::new();
    for (metric, experiment) in users {
        let known = kept.get(&experiment).cloned();
        by_metric.entry(metric).or_default().extend(known);
    }
    Ok(all
        .into_iter()
        .map(|metric| MetricView {
            experiments: by_metric.remove(&metric.id).unwrap_or_default(),
            metric,
        })
        .collect())
}
