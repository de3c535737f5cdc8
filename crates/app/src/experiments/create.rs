//! Sets up an experiment.

use super::rollout::{self, RolloutInput};
use super::{entry, keys};
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::Admin;
use crate::error::{Error, Invalid, Result};
use liftgate_model::audit::ChangeType;
use liftgate_model::experiment::{Experiment, ExperimentStatus};
use liftgate_model::feature::FeatureType;
use liftgate_model::metric::ExpectedDirection;
use liftgate_model::{ExperimentId, FeatureId, MetricId};
use liftgate_store::{experiments, features, metrics, options};
use serde_json::{Map, Value, json};

/// An experiment as it is asked for.
#[derive(Debug, Clone)]
pub struct NewExperiment {
    /// A multivariate feature of the environment's project.
    pub feature: FeatureId,
    /// Name, at most 255 characters.
    pub name: String,
    /// What is believed.
    pub hypothesis: String,
    /// Metrics of the environment, each once; the first is the primary one.
    pub metrics: Vec<(MetricId, ExpectedDirection)>,
    /// The rollout, if it is configured at once.
    pub rollout: Option<RolloutInput>,
}

/// Creates an experiment, with its metrics and its rollout, or nothing.
///
/// # Errors
/// `Invalid` by field; `Conflict` when the feature has an unfinished experiment in the environment.
pub async fn create(app: &App, on: &OnEnvironment<Admin>, input: NewExperiment) -> Result<Experiment> {
    let mut work = app.begin(&on.actor).await?;
    let environment = &on.environment;
    let mut faults = Map::new();
    let feature = features::find_by_id(&work.tx, input.feature).await?;
    let fault = match &feature {
        None => Some(format!(
            "Invalid pk \"{}\" - object does not exist.",
            input.feature
        )),
        Some(feature) if feature.kind != FeatureType::Multivariate => {
            Some("Experiments can only be created for multivariate flags.".to_owned())
        }
        Some(feature) if feature.project != environment.project => {
            Some("Feature does not belong to this environment's project.".to_owned())
        }
        Some(_) => None,
    };
    if let Some(fault) = fault {
        faults.insert("feature".into(), json!([fault]));
    }
    if let Some(fault) = check_metrics(&work.tx, on, &input.metrics).await? {
        faults.insert("metrics".into(), fault);
    }
    let Some(feature) = feature.filter(|_| faults.is_empty()) else {
        return Err(Error::Invalid(Invalid::Fields(faults)));
    };

    let now = work.now;
    let experiment = Experiment {
        id: ExperimentId(0),
        environment: environment.id,
        feature: feature.id,
        name: input.name,
        hypothesis: input.hypothesis,
        status: ExperimentStatus::Created,
        rollout_segment: None,
        saved_allocations: Vec::new(),
        created_at: now,
        updated_at: now,
        started_at: None,
        ended_at: None,
    };
    let mut experiment = match experiments::create(&work.tx, &experiment).await {
        Err(liftgate_store::Error::Conflict(_)) => {
            return Err(Error::conflict(
                "An active experiment already exists for this feature.",
            ));
        }
        other => other?,
    };
    for (metric, expected) in input.metrics {
        metrics::attach(&work.tx, experiment.id, metric, expected, now).await?;
    }
    work.audit(entry(environment, &experiment, "created", ChangeType::Create).silent())
        .await?;
    match input.rollout {
        Some(rollout) => {
            rollout::apply(&mut work, environment, &feature, &mut experiment, rollout).await?;
            experiments::update(&work.tx, &experiment).await?;
        }
        None => {
            let all = options::list(&work.tx, feature.id).await?;
            keys::fill(&mut work, &feature, all).await?;
        }
    }
    work.commit().await?;
    Ok(experiment)
}

/// What speaks against the metrics of a new experiment, in the shape of the field's error.
async fn check_metrics(
    conn: &impl liftgate_store::Conn,
    on: &OnEnvironment<Admin>,
    given: &[(MetricId, ExpectedDirection)],
) -> Result<Option<Value>> {
    let mut faults = Vec::new();
    for (metric, _) in given {
        let known = metrics::find(conn, on.environment.id, *metric).await?.is_some();
        faults.push(if known {
            json!({})
        } else {
            json!({"metric": [format!("Invalid pk \"{metric}\" - object does not exist.")]})
        });
    }
    if faults.iter().any(|fault| fault != &json!({})) {
        return Ok(Some(Value::from(faults)));
    }
    let mut ids: Vec<i32> = given.iter().map(|(metric, _)| metric.0).collect();
    ids.sort_unstable();
    let twice = ids.windows(2).any(|pair| pair[0] == pair[1]);
    Ok(twice.then(|| json!(["Metric can only be attached once per experiment."])))
}
