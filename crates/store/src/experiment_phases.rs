//! The phases of experiments: times during which the split stayed the same.

use crate::entity::experiment_phases as phases;
use crate::{Conn, Error, Result};
use liftgate_model::experiment::Phase;
use liftgate_model::{ExperimentId, Timestamp};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::Value;
use std::collections::BTreeMap;

fn read(row: phases::Model) -> Result<Phase> {
    let allocations = row
        .allocations
        .map(serde_json::from_value::<BTreeMap<String, f64>>)
        .transpose()
        .map_err(|_| Error::corrupt("experiment_phases", "allocations"))?;
    Ok(Phase {
        started_at: Timestamp(row.started_at),
        allocations,
    })
}

/// The phases of an experiment, oldest first.
pub async fn list(c: &impl Conn, experiment: ExperimentId) -> Result<Vec<Phase>> {
    let select = phases::Entity::find()
        .filter(phases::Column::ExperimentId.eq(experiment.0))
        .order_by_asc(phases::Column::StartedAt)
        .order_by_asc(phases::Column::Id);
    select.all(c.raw()).await?.into_iter().map(read).collect()
}

/// Begins a phase.
pub async fn create(c: &impl Conn, experiment: ExperimentId, phase: &Phase) -> Result<()> {
    let allocations = phase.allocations.as_ref().map(|shares| {
        shares
            .iter()
            .map(|(key, share)| (key.clone(), Value::from(*share)))
            .collect()
    });
    let row = phases::ActiveModel {
        experiment_id: Set(experiment.0),
        started_at: Set(phase.started_at.0),
        allocations: Set(allocations.map(Value::Object)),
        ..Default::default()
    };
    phases::Entity::insert(row)
        .exec_without_returning(c.raw())
        .await?;
    Ok(())
}
