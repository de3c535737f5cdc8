//! What the analysis of an experiment does with all of its metrics, whatever they say themselves (contract, statistics section 8).

use crate::metrics::DEFAULT_LOOK_BACK_MS;
use liftgate_events::{Aggregation, Cap, CapAt, Measure, MetricKind, MetricQuery};
use liftgate_model::analysis::AnalysisSettings;

/// The questions with the covariate and the cap that the settings ask for, where a metric can have them: a covariate beside sums
/// of identities, a cap on everything but occurrences.
pub(super) fn apply(queries: Vec<MetricQuery>, settings: &AnalysisSettings) -> Vec<MetricQuery> {
    queries
        .into_iter()
        .map(|mut query| {
            override_covariate(&mut query, settings.covariate);
            if let Some(percentile) = settings.upper_percentile {
                override_caps(&mut query, percentile);
            }
            query
        })
        .collect()
}

fn override_covariate(query: &mut MetricQuery, covariate: Option<bool>) {
    match (covariate, &mut query.kind) {
        (Some(true), MetricKind::Plain) => {
            query.kind = MetricKind::Covariate {
                look_back_ms: DEFAULT_LOOK_BACK_MS,
            };
        }
        (Some(false), MetricKind::Covariate { .. }) => query.kind = MetricKind::Plain,
        (Some(false), MetricKind::Ratio { look_back_ms, .. }) => *look_back_ms = None,
        _ => {}
    }
}

fn override_caps(query: &mut MetricQuery, percentile: f64) {
    const WHOLE: f64 = 100.0;
    let cap = Cap {
        lower: None,
        upper: (percentile < WHOLE).then_some(CapAt::Share(percentile / WHOLE)),
    };
    let put = |measure: &mut Measure| {
        if measure.aggregation != Aggregation::Occurrence {
            measure.cap = cap;
        }
    };
    if let MetricKind::Ratio { denominator, .. } = &mut query.kind {
        put(denominator);
        put(&mut query.measure);
    } else if matches!(query.kind, MetricKind::Plain | MetricKind::Covariate { .. }) {
        put(&mut query.measure);
    }
}
