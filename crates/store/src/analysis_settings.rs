//! How the results of experiments are judged.

use crate::entity::analysis_settings as settings;
use crate::values::named;
use crate::{Conn, Result};
use liftgate_model::ExperimentId;
use liftgate_model::analysis::{AnalysisMethod, AnalysisSettings, Correction};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, Iterable as _, QueryFilter};

const TABLE: &str = "analysis_settings";

fn read(row: &settings::Model) -> Result<AnalysisSettings> {
    Ok(AnalysisSettings {
        method: named(TABLE, &row.method, AnalysisMethod::parse)?,
        alpha: row.alpha,
        planned_units: row.planned_units,
        target_lift: row.target_lift,
        power: row.power,
        prior_mean: row.prior_mean,
        prior_sd: row.prior_sd,
        goal_correction: named(TABLE, &row.goal_correction, Correction::parse)?,
        secondary_correction: named(TABLE, &row.secondary_correction, Correction::parse)?,
        guardrail_margin: row.guardrail_margin,
        min_days: row.min_days,
        max_days: row.max_days,
        covariate: row.covariate,
        upper_percentile: row.upper_percentile,
    })
}

/// The settings of an experiment, if any were stored.
pub async fn find(c: &impl Conn, experiment: ExperimentId) -> Result<Option<AnalysisSettings>> {
    let select = settings::Entity::find().filter(settings::Column::ExperimentId.eq(experiment.0));
    let row = select.one(c.raw()).await?;
    row.as_ref().map(read).transpose()
}

/// Stores the settings of an experiment over whatever was there.
pub async fn put(c: &impl Conn, experiment: ExperimentId, new: &AnalysisSettings) -> Result<()> {
    let row = settings::ActiveModel {
        experiment_id: Set(experiment.0),
        method: Set(new.method.as_str().to_owned()),
        alpha: Set(new.alpha),
        planned_units: Set(new.planned_units),
        target_lift: Set(new.target_lift),
        power: Set(new.power),
        prior_mean: Set(new.prior_mean),
        prior_sd: Set(new.prior_sd),
        goal_correction: Set(new.goal_correction.as_str().to_owned()),
        secondary_correction: Set(new.secondary_correction.as_str().to_owned()),
        guardrail_margin: Set(new.guardrail_margin),
        min_days: Set(new.min_days),
        max_days: Set(new.max_days),
        covariate: Set(new.covariate),
        upper_percentile: Set(new.upper_percentile),
        ..Default::default()
    };
    let fixed =
        |column: &settings::Column| matches!(column, settings::Column::Id | settings::Column::ExperimentId);
    let replace = OnConflict::column(settings::Column::ExperimentId)
        .update_columns(settings::Column::iter().filter(|column| !fixed(column)))
        .to_owned();
    settings::Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(c.raw())
        .await?;
    Ok(())
}
