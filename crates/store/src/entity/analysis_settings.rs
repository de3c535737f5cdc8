//! Table `analysis_settings`. How the results of an experiment are judged.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "analysis_settings")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    pub experiment_id: i32,
    #[sea_orm(column_type = "Text")]
    pub method: String,
    pub alpha: f64,
    pub planned_units: Option<i32>,
    pub target_lift: Option<f64>,
    pub power: f64,
    pub prior_mean: f64,
    pub prior_sd: f64,
    #[sea_orm(column_type = "Text")]
    pub goal_correction: String,
    #[sea_orm(column_type = "Text")]
    pub secondary_correction: String,
    pub guardrail_margin: f64,
    pub min_days: i32,
    pub max_days: i32,
    pub covariate: Option<bool>,
    pub upper_percentile: Option<f64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
