//! The results of an experiment day by day and by dimension (contract, statistics section 15). Computed in the run of the results, from the
//! thresholds that it has found, and stored beside them. Nothing here feeds a verdict.

mod dimensions;
mod series;
mod settings;

pub use settings::{
    MAX_DIMENSION_CHARACTERS, MAX_DIMENSIONS, change_dimensions, dimensions, dimensions_of_operator,
};

use super::view::ExperimentView;
use crate::App;
use crate::access::OnEnvironment;
use crate::error::{Error, Result};
use liftgate_events::{ExposureQuery, MetricQuery, SettledMetric, SufficientStatistics};
use liftgate_model::breakdown::{Breakdown, BreakdownKind};
use liftgate_model::{ExperimentId, Timestamp};
use liftgate_stats::{AnalysisInput, CONTROL};
use liftgate_store::{breakdowns, environments, experiments};
use std::cmp::Reverse;

/// Variants that are broken down: control, and the others with the most identities. What is held and stored grows with them.
const MAX_VARIANTS: usize = 20;

/// What the last run of the results found, if there was one, and whether it is final.
pub async fn breakdown<N>(
    app: &App,
    on: &OnEnvironment<N>,
    id: ExperimentId,
    kind: BreakdownKind,
) -> Result<Option<(Breakdown, bool)>> {
    let reader = app.store.reader();
    let found = experiments::find(&reader, on.environment.id, id).await?;
    let experiment = found.ok_or_else(|| Error::missing("Experiment"))?;
    let breakdown = breakdowns::find(&reader, id, kind).await?;
    Ok(breakdown.map(|breakdown| {
        let is_final = breakdown.is_final(experiment.ended_at);
        (breakdown, is_final)
    }))
}

/// What the last run of the results found, for whoever has the database.
///
/// # Errors
/// `NotFound` for an experiment that is not in the environment, or a client key that no environment has.
pub async fn breakdown_of_operator(
    app: &App,
    environment_key: &str,
    id: ExperimentId,
    kind: BreakdownKind,
) -> Result<Option<Breakdown>> {
    let reader = app.store.reader();
    let found = environments::find_by_key(&reader, environment_key).await?;
    let environment = found.ok_or_else(|| Error::missing("Environment"))?;
    if experiments::find(&reader, environment.id, id).await?.is_none() {
        return Err(Error::missing("Experiment"));
    }
    Ok(breakdowns::find(&reader, id, kind).await?)
}

/// An experiment whose totals are known.
pub(super) struct Study<'a> {
    pub shown: &'a ExperimentView,
    /// The dimensions that it is broken down by.
    pub dimensions: &'a [String],
    pub query: &'a ExposureQuery,
    /// What its metrics ask, in their order.
    pub asked: &'a [MetricQuery],
    /// The totals.
    pub found: &'a SufficientStatistics,
    /// How they were judged.
    pub analysis: &'a AnalysisInput,
}

impl Study<'_> {
    /// Computes every breakdown.
    pub(super) async fn compute(&self, app: &App, as_of: Timestamp) -> Result<Vec<Breakdown>> {
        let variants = self.variants();
        let series = Breakdown {
            kind: BreakdownKind::Series,
            as_of,
            payload: self.series(app, &variants).await?,
        };
        let dimensions = Breakdown {
            kind: BreakdownKind::Dimensions,
            as_of,
            payload: self.dimensions(app, self.dimensions, &variants).await?,
        };
        Ok(vec![series, dimensions])
    }

    fn variants(&self) -> Vec<String> {
        let mut variants: Vec<(&String, u64)> = self
            .found
            .identities
            .iter()
            .map(|(variant, identities)| (variant, *identities))
            .collect();
        variants.sort_by_key(|(variant, identities)| (*variant != CONTROL, Reverse(*identities)));
        let kept = variants.into_iter().take(MAX_VARIANTS);
        kept.map(|(variant, _)| variant.clone()).collect()
    }

    /// The metrics, capped as in the totals.
    fn settled(&self) -> Vec<SettledMetric> {
        let pairs = self.asked.iter().zip(&self.found.metrics);
        pairs
            .map(|(asked, found)| SettledMetric::new(asked, found))
            .collect()
    }

    /// How many variants are not broken down.
    fn variants_left_out(&self) -> usize {
        self.found.identities.len().saturating_sub(MAX_VARIANTS)
    }
}
