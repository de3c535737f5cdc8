//! Exposures and results of experiments: the state of each computation, and every run.

use crate::entity::{computation_runs as runs, computations};
use crate::values::{named, one_of, page, time};
use crate::{Conn, Result};
use liftgate_model::experiment::{Computation, ComputationKind};
use liftgate_model::{ExperimentId, Page, Slice, Timestamp};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;

fn read(row: computations::Model) -> Result<Computation> {
    Ok(Computation {
        experiment: ExperimentId(row.experiment_id),
        kind: named("computations", &row.kind, ComputationKind::parse)?,
        as_of: time(row.as_of),
        last_error_at: time(row.last_error_at),
        refresh_requested_at: time(row.refresh_requested_at),
        payload: row.payload,
    })
}

/// The state of one kind of computation, if one was ever asked for.
pub async fn find(
    c: &impl Conn,
    experiment: ExperimentId,
    kind: ComputationKind,
) -> Result<Option<Computation>> {
    let select = computations::Entity::find()
        .filter(computations::Column::ExperimentId.eq(experiment.0))
        .filter(computations::Column::Kind.eq(kind.as_str()));
    select.one(c.raw()).await?.map(read).transpose()
}

/// As [`find`], locked against other writers until the transaction ends.
pub async fn find_for_update(
    c: &impl Conn,
    experiment: ExperimentId,
    kind: ComputationKind,
) -> Result<Option<Computation>> {
    let select = computations::Entity::find()
        .filter(computations::Column::ExperimentId.eq(experiment.0))
        .filter(computations::Column::Kind.eq(kind.as_str()))
        .lock_exclusive();
    select.one(c.raw()).await?.map(read).transpose()
}

/// The state of every computation of some experiments.
pub async fn list(c: &impl Conn, experiments: &[ExperimentId]) -> Result<Vec<Computation>> {
    if experiments.is_empty() {
        return Ok(Vec::new());
    }
    let select = computations::Entity::find().filter(one_of(
        computations::Column::ExperimentId,
        experiments.iter().map(|id| id.0),
    ));
    select.all(c.raw()).await?.into_iter().map(read).collect()
}

/// Stores the state of a computation over whatever was there.
pub async fn put(c: &impl Conn, computation: &Computation) -> Result<()> {
    let row = computations::ActiveModel {
        experiment_id: Set(computation.experiment.0),
        kind: Set(computation.kind.as_str().to_owned()),
        as_of: Set(computation.as_of.map(|at| at.0)),
        last_error_at: Set(computation.last_error_at.map(|at| at.0)),
        refresh_requested_at: Set(computation.refresh_requested_at.map(|at| at.0)),
        payload: Set(computation.payload.clone()),
        ..Default::default()
    };
    let replace = OnConflict::columns([computations::Column::ExperimentId, computations::Column::Kind])
        .update_columns([
            computations::Column::AsOf,
            computations::Column::LastErrorAt,
            computations::Column::RefreshRequestedAt,
            computations::Column::Payload,
        ])
        .to_owned();
    computations::Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(c.raw())
        .await?;
    Ok(())
}

/// One run of a computation.
#[derive(Debug, Clone)]
pub struct Run {
    /// The experiment.
    pub experiment: ExperimentId,
    /// What was computed.
    pub kind: ComputationKind,
    /// When it began; what it saw is up to here.
    pub started_at: Timestamp,
    /// When it was done.
    pub finished_at: Timestamp,
    /// Why it failed, if it did.
    pub error: Option<String>,
    /// What it found, if it did not.
    pub payload: Option<Value>,
}

/// Stores a run.
pub async fn create_run(c: &impl Conn, run: &Run) -> Result<()> {
    let row = runs::ActiveModel {
        experiment_id: Set(run.experiment.0),
        kind: Set(run.kind.as_str().to_owned()),
        started_at: Set(run.started_at.0),
        finished_at: Set(run.finished_at.0),
        error: Set(run.error.clone()),
        payload: Set(run.payload.clone()),
        ..Default::default()
    };
    runs::Entity::insert(row).exec_without_returning(c.raw()).await?;
    Ok(())
}

/// The runs of one kind of an experiment, newest first.
pub async fn list_runs(
    c: &impl Conn,
    experiment: ExperimentId,
    kind: ComputationKind,
    slice: Slice,
) -> Result<Page<Run>> {
    let select = runs::Entity::find()
        .filter(runs::Column::ExperimentId.eq(experiment.0))
        .filter(runs::Column::Kind.eq(kind.as_str()))
        .order_by_desc(runs::Column::StartedAt)
        .order_by_desc(runs::Column::Id);
    Ok(page(c.raw(), select, slice).await?.map(|row| Run {
        experiment,
        kind,
        started_at: Timestamp(row.started_at),
        finished_at: Timestamp(row.finished_at),
        error: row.error,
        payload: row.payload,
    }))
}
