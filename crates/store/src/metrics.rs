//! Metrics and their attachment to experiments.

use crate::entity::{experiment_metrics as attachments, metrics};
use crate::values::{contains, named, one_of, page};
use crate::{Conn, Result};
use liftgate_model::metric::{Aggregation, Direction, ExpectedDirection, ExperimentMetric, Metric};
use liftgate_model::{EnvironmentId, ExperimentId, ExperimentMetricId, MetricId, Page, Slice, Timestamp};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;

fn read(row: metrics::Model) -> Result<Metric> {
    Ok(Metric {
        id: MetricId(row.id),
        environment: EnvironmentId(row.environment_id),
        name: row.name,
        description: row.description,
        aggregation: named("metrics", &row.aggregation, Aggregation::parse)?,
        direction: named("metrics", &row.direction, Direction::parse)?,
        definition: row.definition,
        created_at: Timestamp(row.created_at),
        updated_at: Timestamp(row.updated_at),
    })
}

fn columns(metric: &Metric) -> metrics::ActiveModel {
    metrics::ActiveModel {
        name: Set(metric.name.clone()),
        description: Set(metric.description.clone()),
        aggregation: Set(metric.aggregation.as_str().to_owned()),
        direction: Set(metric.direction.as_str().to_owned()),
        definition: Set(metric.definition.clone()),
        updated_at: Set(metric.updated_at.0),
        ..Default::default()
    }
}

/// Stores a metric; its `id` is given by the database.
pub async fn create(c: &impl Conn, metric: &Metric) -> Result<Metric> {
    let row = metrics::ActiveModel {
        environment_id: Set(metric.environment.0),
        created_at: Set(metric.created_at.0),
        ..columns(metric)
    };
    read(metrics::Entity::insert(row).exec_with_returning(c.raw()).await?)
}

/// Stores what changed about a metric.
pub async fn update(c: &impl Conn, metric: &Metric) -> Result<()> {
    metrics::Entity::update(metrics::ActiveModel {
        id: Set(metric.id.0),
        ..columns(metric)
    })
    .exec(c.raw())
    .await?;
    Ok(())
}

/// Soft-deletes a metric.
pub async fn delete(c: &impl Conn, id: MetricId, now: Timestamp) -> Result<()> {
    let row = metrics::ActiveModel {
        id: Set(id.0),
        deleted_at: Set(Some(now.0)),
        ..Default::default()
    };
    metrics::Entity::update(row).exec(c.raw()).await?;
    Ok(())
}

/// The metric with that id in an environment.
pub async fn find(c: &impl Conn, environment: EnvironmentId, id: MetricId) -> Result<Option<Metric>> {
    let select = metrics::Entity::find_by_id(id.0)
        .filter(metrics::Column::EnvironmentId.eq(environment.0))
        .filter(metrics::Column::DeletedAt.is_null());
    select.one(c.raw()).await?.map(read).transpose()
}

/// The environment of a metric.
pub async fn find_environment(c: &impl Conn, id: MetricId) -> Result<Option<EnvironmentId>> {
    let select = metrics::Entity::find_by_id(id.0).filter(metrics::Column::DeletedAt.is_null());
    Ok(select
        .one(c.raw())
        .await?
        .map(|row| EnvironmentId(row.environment_id)))
}

/// The metrics of an environment, by id, `name_contains` in any case.
pub async fn list(
    c: &impl Conn,
    environment: EnvironmentId,
    name_contains: Option<&str>,
    slice: Slice,
) -> Result<Page<Metric>> {
    let mut select = metrics::Entity::find()
        .filter(metrics::Column::EnvironmentId.eq(environment.0))
        .filter(metrics::Column::DeletedAt.is_null())
        .order_by_asc(metrics::Column::Id);
    if let Some(text) = name_contains {
        select = select.filter(contains(metrics::Column::Name, text));
    }
    let rows = page(c.raw(), select, slice).await?;
    Ok(Page {
        total: rows.total,
        items: rows.items.into_iter().map(read).collect::<Result<_>>()?,
    })
}

/// Attaches a metric to an experiment.
///
/// # Errors
/// `Conflict` when it is attached already.
pub async fn attach(
    c: &impl Conn,
    experiment: ExperimentId,
    metric: MetricId,
    expected: ExpectedDirection,
    now: Timestamp,
) -> Result<ExperimentMetricId> {
    let row = attachments::ActiveModel {
        experiment_id: Set(experiment.0),
        metric_id: Set(metric.0),
        expected_direction: Set(expected.as_str().to_owned()),
        created_at: Set(now.0),
        ..Default::default()
    };
    Ok(ExperimentMetricId(
        attachments::Entity::insert(row)
            .exec(c.raw())
            .await?
            .last_insert_id,
    ))
}

/// Stores what changed about an attachment.
///
/// # Errors
/// `Conflict` when its new metric is attached already.
pub async fn update_attachment(
    c: &impl Conn,
    id: ExperimentMetricId,
    metric: MetricId,
    expected: ExpectedDirection,
) -> Result<()> {
    let row = attachments::ActiveModel {
        id: Set(id.0),
        metric_id: Set(metric.0),
        expected_direction: Set(expected.as_str().to_owned()),
        ..Default::default()
    };
    attachments::Entity::update(row).exec(c.raw()).await?;
    Ok(())
}

/// Detaches a metric.
pub async fn detach(c: &impl Conn, id: ExperimentMetricId) -> Result<()> {
    attachments::Entity::delete_by_id(id.0).exec(c.raw()).await?;
    Ok(())
}

/// The metrics attached to each of the experiments, by attachment id: two statements. Deleted metrics are left out.
pub async fn list_attached(
    c: &impl Conn,
    experiments: &[ExperimentId],
) -> Result<HashMap<ExperimentId, Vec<ExperimentMetric>>> {
    let mut lists: HashMap<ExperimentId, Vec<ExperimentMetric>> = HashMap::new();
    if experiments.is_empty() {
        return Ok(lists);
    }
    let rows = attachments::Entity::find()
        .filter(one_of(
            attachments::Column::ExperimentId,
            experiments.iter().map(|id| id.0),
        ))
        .order_by_asc(attachments::Column::Id)
        .all(c.raw())
        .await?;
    let select = metrics::Entity::find()
        .filter(one_of(metrics::Column::Id, rows.iter().map(|row| row.metric_id)))
        .filter(metrics::Column::DeletedAt.is_null());
    let mut by_id = HashMap::new();
    for row in select.all(c.raw()).await? {
        by_id.insert(row.id, read(row)?);
    }
    for row in rows {
        let Some(metric) = by_id.get(&row.metric_id) else {
            continue;
        };
        let experiment = ExperimentId(row.experiment_id);
        lists.entry(experiment).or_default().push(ExperimentMetric {
            id: ExperimentMetricId(row.id),
            experiment,
            metric: metric.clone(),
            expected_direction: named(
                "experiment_metrics",
                &row.expected_direction,
                ExpectedDirection::parse,
            )?,
            created_at: Timestamp(row.created_at),
        });
    }
    Ok(lists)
}

/// Which experiments use each of the metrics, by experiment id: one statement. Deleted experiments are for the caller to
/// leave out.
pub async fn list_users(c: &impl Conn, ids: &[MetricId]) -> Result<Vec<(MetricId, ExperimentId)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = attachments::Entity::find()
        .filter(one_of(attachments::Column::MetricId, ids.iter().map(|id| id.0)))
        .order_by_asc(attachments::Column::ExperimentId)
        .all(c.raw())
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (MetricId(row.metric_id), ExperimentId(row.experiment_id)))
        .collect())
}
