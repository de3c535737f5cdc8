//! What the results of experiments come to day by day and by dimension, and which dimensions these are.

use crate::entity::{breakdowns, experiment_dimensions as dimensions};
use crate::error::Error;
use crate::{Conn, Result};
use liftgate_model::breakdown::{Breakdown, BreakdownKind};
use liftgate_model::{ExperimentId, Timestamp};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::Value;

/// What the last run of the results found, if there was one.
pub async fn find(c: &impl Conn, experiment: ExperimentId, kind: BreakdownKind) -> Result<Option<Breakdown>> {
    let select = breakdowns::Entity::find()
        .filter(breakdowns::Column::ExperimentId.eq(experiment.0))
        .filter(breakdowns::Column::Kind.eq(kind.as_str()));
    Ok(select.one(c.raw()).await?.map(|row| Breakdown {
        kind,
        as_of: Timestamp(row.as_of),
        payload: row.payload,
    }))
}

/// Stores what a run found over whatever was there.
pub async fn put(c: &impl Conn, experiment: ExperimentId, breakdown: &Breakdown) -> Result<()> {
    let row = breakdowns::ActiveModel {
        experiment_id: Set(experiment.0),
        kind: Set(breakdown.kind.as_str().to_owned()),
        as_of: Set(breakdown.as_of.0),
        payload: Set(breakdown.payload.clone()),
        ..Default::default()
    };
    let replace = OnConflict::columns([breakdowns::Column::ExperimentId, breakdowns::Column::Kind])
        .update_columns([breakdowns::Column::AsOf, breakdowns::Column::Payload])
        .to_owned();
    breakdowns::Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(c.raw())
        .await?;
    Ok(())
}

/// The dimensions of an experiment, in the order in which they were named; empty if none were.
pub async fn dimensions(c: &impl Conn, experiment: ExperimentId) -> Result<Vec<String>> {
    let select = dimensions::Entity::find().filter(dimensions::Column::ExperimentId.eq(experiment.0));
    let Some(row) = select.one(c.raw()).await? else {
        return Ok(Vec::new());
    };
    serde_json::from_value(row.names)
        .map_err(|error| Error::corrupt("experiment_dimensions", error.to_string()))
}

/// Stores the dimensions of an experiment over whatever was there.
pub async fn put_dimensions(c: &impl Conn, experiment: ExperimentId, names: &[String]) -> Result<()> {
    let row = dimensions::ActiveModel {
        experiment_id: Set(experiment.0),
        names: Set(Value::from(names)),
        ..Default::default()
    };
    let replace = OnConflict::column(dimensions::Column::ExperimentId)
        .update_column(dimensions::Column::Names)
        .to_owned();
    dimensions::Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(c.raw())
        .await?;
    Ok(())
}
