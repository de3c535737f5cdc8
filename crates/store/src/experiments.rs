//! Experiments.

use crate::entity::{experiments, features};
use crate::values::{contains, named, one_of, page};
use crate::{Conn, Error, Result};
use liftgate_model::experiment::{Experiment, ExperimentStatus};
use liftgate_model::{EnvironmentId, ExperimentId, FeatureId, OptionId, Page, SegmentId, Slice, Timestamp};
use sea_orm::sea_query::Query;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use std::collections::HashMap;

fn read(row: experiments::Model) -> Result<Experiment> {
    let saved: Vec<(i32, f64)> = serde_json::from_value(row.saved_allocations)
        .map_err(|error| Error::corrupt("experiments", error.to_string()))?;
    Ok(Experiment {
        id: ExperimentId(row.id),
        environment: EnvironmentId(row.environment_id),
        feature: FeatureId(row.feature_id),
        name: row.name,
        hypothesis: row.hypothesis,
        status: named("experiments", &row.status, ExperimentStatus::parse)?,
        rollout_segment: row.rollout_segment_id.map(SegmentId),
        saved_allocations: saved
            .into_iter()
            .map(|(option, share)| (OptionId(option), share))
            .collect(),
        created_at: Timestamp(row.created_at),
        updated_at: Timestamp(row.updated_at),
        started_at: row.started_at.map(Timestamp),
        ended_at: row.ended_at.map(Timestamp),
    })
}

fn columns(experiment: &Experiment) -> experiments::ActiveModel {
    let saved: Vec<(i32, f64)> = experiment
        .saved_allocations
        .iter()
        .map(|(option, share)| (option.0, *share))
        .collect();
    experiments::ActiveModel {
        name: Set(experiment.name.clone()),
        hypothesis: Set(experiment.hypothesis.clone()),
        status: Set(experiment.status.as_str().to_owned()),
        rollout_segment_id: Set(experiment.rollout_segment.map(|id| id.0)),
        saved_allocations: Set(serde_json::json!(saved)),
        updated_at: Set(experiment.updated_at.0),
        started_at: Set(experiment.started_at.map(|at| at.0)),
        ended_at: Set(experiment.ended_at.map(|at| at.0)),
        ..Default::default()
    }
}

/// Stores an experiment; its `id` is given by the database.
///
/// # Errors
/// `Conflict` when the feature has an unfinished one in the environment.
pub async fn create(c: &impl Conn, experiment: &Experiment) -> Result<Experiment> {
    let row = experiments::ActiveModel {
        environment_id: Set(experiment.environment.0),
        feature_id: Set(experiment.feature.0),
        created_at: Set(experiment.created_at.0),
        ..columns(experiment)
    };
    read(
        experiments::Entity::insert(row)
            .exec_with_returning(c.raw())
            .await?,
    )
}

/// Stores what changed about an experiment.
pub async fn update(c: &impl Conn, experiment: &Experiment) -> Result<()> {
    let row = experiments::ActiveModel {
        id: Set(experiment.id.0),
        ..columns(experiment)
    };
    experiments::Entity::update(row).exec(c.raw()).await?;
    Ok(())
}

/// Soft-deletes an experiment.
pub async fn delete(c: &impl Conn, id: ExperimentId, now: Timestamp) -> Result<()> {
    let row = experiments::ActiveModel {
        id: Set(id.0),
        deleted_at: Set(Some(now.0)),
        ..Default::default()
    };
    experiments::Entity::update(row).exec(c.raw()).await?;
    Ok(())
}

fn kept(environment: EnvironmentId) -> Select<experiments::Entity> {
    experiments::Entity::find()
        .filter(experiments::Column::EnvironmentId.eq(environment.0))
        .filter(experiments::Column::DeletedAt.is_null())
}

/// The experiment with that id in an environment.
pub async fn find(c: &impl Conn, environment: EnvironmentId, id: ExperimentId) -> Result<Option<Experiment>> {
    let select = kept(environment).filter(experiments::Column::Id.eq(id.0));
    select.one(c.raw()).await?.map(read).transpose()
}

/// The experiment with that id, locked against other writers until the transaction ends.
pub async fn find_for_update(
    c: &impl Conn,
    environment: EnvironmentId,
    id: ExperimentId,
) -> Result<Option<Experiment>> {
    let select = kept(environment)
        .filter(experiments::Column::Id.eq(id.0))
        .lock_exclusive();
    select.one(c.raw()).await?.map(read).transpose()
}

/// Those of the given experiments that are kept, by id.
pub async fn list_by_ids(c: &impl Conn, ids: &[ExperimentId]) -> Result<Vec<Experiment>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let select = experiments::Entity::find()
        .filter(one_of(experiments::Column::Id, ids.iter().map(|id| id.0)))
        .filter(experiments::Column::DeletedAt.is_null())
        .order_by_asc(experiments::Column::Id);
    select.all(c.raw()).await?.into_iter().map(read).collect()
}

/// Every experiment of an environment that is not deleted, by id.
pub async fn list_all(c: &impl Conn, environment: EnvironmentId) -> Result<Vec<Experiment>> {
    let select = kept(environment).order_by_asc(experiments::Column::Id);
    select.all(c.raw()).await?.into_iter().map(read).collect()
}

/// Every experiment on a feature, in every environment, by id.
pub async fn list_of_feature(c: &impl Conn, feature: FeatureId) -> Result<Vec<Experiment>> {
    let select = experiments::Entity::find()
        .filter(experiments::Column::FeatureId.eq(feature.0))
        .filter(experiments::Column::DeletedAt.is_null())
        .order_by_asc(experiments::Column::Id);
    select.all(c.raw()).await?.into_iter().map(read).collect()
}

/// Every experiment that was started and is not deleted, in every environment, by id: what jobs look at.
pub async fn list_started(c: &impl Conn) -> Result<Vec<Experiment>> {
    let select = experiments::Entity::find()
        .filter(experiments::Column::StartedAt.is_not_null())
        .filter(experiments::Column::DeletedAt.is_null())
        .order_by_asc(experiments::Column::Id);
    select.all(c.raw()).await?.into_iter().map(read).collect()
}

/// Those of some environments that were started and are not over, by id.
pub async fn list_open(c: &impl Conn, environments: &[EnvironmentId]) -> Result<Vec<Experiment>> {
    if environments.is_empty() {
        return Ok(Vec::new());
    }
    let ids = environments.iter().map(|id| id.0);
    let select = experiments::Entity::find()
        .filter(one_of(experiments::Column::EnvironmentId, ids))
        .filter(experiments::Column::StartedAt.is_not_null())
        .filter(experiments::Column::EndedAt.is_null())
        .filter(experiments::Column::DeletedAt.is_null())
        .order_by_asc(experiments::Column::Id);
    select.all(c.raw()).await?.into_iter().map(read).collect()
}

/// Which experiments a list shows.
#[derive(Debug, Clone, Copy, Default)]
pub struct ExperimentFilter<'a> {
    /// Only these statuses; empty means all.
    pub statuses: &'a [ExperimentStatus],
    /// A part of the experiment's or the feature's name, in any case.
    pub name_contains: Option<&'a str>,
}

/// `name_contains` as a condition.
fn named_like(text: &str) -> Condition {
    let of_feature = Query::select()
        .column(features::Column::Id)
        .from(features::Entity)
        .and_where(contains(features::Column::Name, text))
        .to_owned();
    Condition::any()
        .add(contains(experiments::Column::Name, text))
        .add(experiments::Column::FeatureId.in_subquery(of_feature))
}

/// The experiments of an environment, newest first.
pub async fn list(
    c: &impl Conn,
    environment: EnvironmentId,
    filter: ExperimentFilter<'_>,
    slice: Slice,
) -> Result<Page<Experiment>> {
    let mut select = kept(environment);
    if !filter.statuses.is_empty() {
        let names = filter.statuses.iter().map(|status| status.as_str());
        select = select.filter(experiments::Column::Status.is_in(names));
    }
    if let Some(text) = filter.name_contains {
        select = select.filter(named_like(text));
    }
    let select = select
        .order_by_desc(experiments::Column::CreatedAt)
        .order_by_desc(experiments::Column::Id);
    let rows = page(c.raw(), select, slice).await?;
    Ok(Page {
        total: rows.total,
        items: rows.items.into_iter().map(read).collect::<Result<_>>()?,
    })
}

/// How many experiments of an environment are in each status; statuses without any are absent.
pub async fn count_by_status(
    c: &impl Conn,
    environment: EnvironmentId,
    name_contains: Option<&str>,
) -> Result<HashMap<ExperimentStatus, u64>> {
    let mut select = kept(environment)
        .select_only()
        .column(experiments::Column::Status)
        .column_as(experiments::Column::Id.count(), "count")
        .group_by(experiments::Column::Status);
    if let Some(text) = name_contains {
        select = select.filter(named_like(text));
    }
    let rows: Vec<(String, i64)> = select.into_tuple().all(c.raw()).await?;
    rows.into_iter()
        .map(|(status, count)| {
            let status = named("experiments", &status, ExperimentStatus::parse)?;
            Ok((status, u64::try_from(count).unwrap_or_default()))
        })
        .collect()
}
