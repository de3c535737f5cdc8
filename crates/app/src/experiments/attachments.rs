//! The metrics of one experiment.

use super::find_for_update;
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::Admin;
use crate::error::{Error, Result};
use crate::work::{Entry, Work};
use liftgate_model::audit::{ChangeType, RelatedObject};
use liftgate_model::environment::Environment;
use liftgate_model::experiment::{Experiment, ExperimentStatus};
use liftgate_model::metric::{ExpectedDirection, ExperimentMetric};
use liftgate_model::{ExperimentId, ExperimentMetricId, MetricId};
use liftgate_store::{Conn, environments, experiments, metrics};

/// The metrics of an experiment; the first is the primary one.
pub async fn attachments<N>(
    app: &App,
    on: &OnEnvironment<N>,
    experiment: ExperimentId,
) -> Result<Vec<ExperimentMetric>> {
    let reader = app.store.reader();
    if experiments::find(&reader, on.environment.id, experiment)
        .await?
        .is_none()
    {
        return Err(Error::missing("Experiment"));
    }
    listed(&reader, experiment).await
}

/// One of them.
pub async fn attachment<N>(
    app: &App,
    on: &OnEnvironment<N>,
    experiment: ExperimentId,
    id: ExperimentMetricId,
) -> Result<ExperimentMetric> {
    let all = attachments(app, on, experiment).await?;
    all.into_iter()
        .find(|attached| attached.id == id)
        .ok_or_else(|| Error::missing("ExperimentMetric"))
}

/// Attaches a metric.
pub async fn attach(
    app: &App,
    on: &OnEnvironment<Admin>,
    experiment: ExperimentId,
    metric: MetricId,
    expected: ExpectedDirection,
) -> Result<ExperimentMetric> {
    let mut work = app.begin(&on.actor).await?;
    let experiment = open(&work, &on.environment, experiment).await?;
    check(&work, &on.environment, &experiment, metric, None).await?;
    let id = metrics::attach(&work.tx, experiment.id, metric, expected, work.now).await?;
    let attached = shown(&work, &experiment, id).await?;
    note(&mut work, &on.environment, &experiment, &attached, "attached to").await?;
    work.commit().await?;
    Ok(attached)
}

/// Changes which metric is attached, or what is expected of it.
pub async fn change_attachment(
    app: &App,
    on: &OnEnvironment<Admin>,
    experiment: ExperimentId,
    id: ExperimentMetricId,
    metric: Option<MetricId>,
    expected: Option<ExpectedDirection>,
) -> Result<ExperimentMetric> {
    let mut work = app.begin(&on.actor).await?;
    let experiment = open(&work, &on.environment, experiment).await?;
    let before = shown(&work, &experiment, id).await?;
    let metric = metric.unwrap_or(before.metric.id);
    check(&work, &on.environment, &experiment, metric, Some(id)).await?;
    let expected = expected.unwrap_or(before.expected_direction);
    metrics::update_attachment(&work.tx, id, metric, expected).await?;
    let after = shown(&work, &experiment, id).await?;
    note(&mut work, &on.environment, &experiment, &after, "changed for").await?;
    work.commit().await?;
    Ok(after)
}

/// Detaches a metric.
pub async fn detach(
    app: &App,
    on: &OnEnvironment<Admin>,
    experiment: ExperimentId,
    id: ExperimentMetricId,
) -> Result<()> {
    let mut work = app.begin(&on.actor).await?;
    let experiment = find_for_update(&work, &on.environment, experiment).await?;
    let attached = shown(&work, &experiment, id).await?;
    if experiment.status == ExperimentStatus::Completed {
        return Err(Error::detail(
            "Cannot detach metrics from a completed experiment.",
        ));
    }
    metrics::detach(&work.tx, id).await?;
    note(
        &mut work,
        &on.environment,
        &experiment,
        &attached,
        "detached from",
    )
    .await?;
    work.commit().await
}

/// The experiment, refused when it is completed.
async fn open(work: &Work<'_>, environment: &Environment, id: ExperimentId) -> Result<Experiment> {
    let experiment = find_for_update(work, environment, id).await?;
    if experiment.status == ExperimentStatus::Completed {
        return Err(Error::non_field(
            "Cannot modify metrics of a completed experiment.",
        ));
    }
    Ok(experiment)
}

/// Refuses a metric of another environment, or one that is attached already.
async fn check(
    work: &Work<'_>,
    environment: &Environment,
    experiment: &Experiment,
    metric: MetricId,
    except: Option<ExperimentMetricId>,
) -> Result<()> {
    if metrics::find(&work.tx, environment.id, metric).await?.is_none() {
        return Err(foreign(work, environment, metric).await?);
    }
    let others = listed(&work.tx, experiment.id).await?;
    if others
        .iter()
        .any(|other| other.metric.id == metric && Some(other.id) != except)
    {
        return Err(Error::field(
            "metric",
            "Metric is already attached to this experiment.",
        ));
    }
    Ok(())
}

/// What is said of a metric that is not of the environment: within the project, where it belongs; beyond, whether it
/// exists is not told.
async fn foreign(work: &Work<'_>, environment: &Environment, metric: MetricId) -> Result<Error> {
    let home = match metrics::find_environment(&work.tx, metric).await? {
        Some(id) => environments::find(&work.tx, id).await?,
        None => None,
    };
    if home.is_some_and(|home| home.project == environment.project) {
        let message = "Metric must belong to the experiment's environment.";
        return Ok(Error::field("metric", message));
    }
    Ok(Error::unknown_pk("metric", metric.0))
}

async fn listed(conn: &impl Conn, experiment: ExperimentId) -> Result<Vec<ExperimentMetric>> {
    Ok(metrics::list_attached(conn, &[experiment])
        .await?
        .remove(&experiment)
        .unwrap_or_default())
}

async fn shown(work: &Work<'_>, experiment: &Experiment, id: ExperimentMetricId) -> Result<ExperimentMetric> {
    let all = listed(&work.tx, experiment.id).await?;
    all.into_iter()
        .find(|attached| attached.id == id)
        .ok_or_else(|| Error::missing("ExperimentMetric"))
}

async fn note(
    work: &mut Work<'_>,
    environment: &Environment,
    experiment: &Experiment,
    attached: &ExperimentMetric,
    what: &str,
) -> Result<()> {
    let entry = Entry::in_environment(
        format!(
            "Metric '{}' {what} experiment '{}'",
            attached.metric.name, experiment.name
        ),
        environment.project,
        environment.id,
        RelatedObject::Experiment,
        experiment.id.0,
        ChangeType::Update,
    );
    work.audit(entry.silent()).await
}
