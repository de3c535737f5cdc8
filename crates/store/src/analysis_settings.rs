//! How the results of experiments are judged.

use crate::entity::analysis_settings as settings;
use crate::values::named;
use crate::{Conn, Result};
use liftgate_model::ExperimentId;
use liftgate_model::analysis::{AnalysisMethod, AnalysisSettings, Correction};
use sea_orm::{ActiveModelTrait as _, EntityTrait, IntoActiveModel as _};

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
    })
}

/// The settings of an experiment, if any were stored.
pub async fn find(c: &impl Conn, experiment: ExperimentId) -> Result<Option<AnalysisSettings>> {
    let row = settings::Entity::find_by_id(experiment.0).one(c.raw()).await?;
    row.as_ref().map(read).transpose()
}

/// Stores the settings of an experiment over whatever was there.
pub async fn put(c: &impl Conn, experiment: ExperimentId, new: &AnalysisSettings) -> Result<()> {
    let row = settings::Model {
        experiment_id: experiment.0,
        method: new.method.as_str().to_owned(),
        alpha: new.alpha,
        planned_units: new.planned_units,
        target_lift: new.target_lift,
        power: new.power,
        prior_mean: new.prior_mean,
        prior_sd: new.prior_sd,
        goal_correction: new.goal_correction.as_str().to_owned(),
        secondary_correction: new.secondary_correction.as_str().to_owned(),
        guardrail_margin: new.guardrail_margin,
        min_days: new.min_days,
        max_days: new.max_days,
    };
    settings::Entity::delete_by_id(experiment.0).exec(c.raw()).await?;
    settings::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(c.raw())
        .await?;
    Ok(())
}
