//! Table `experiment_metrics`. A metric attached to an experiment.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "experiment_metrics")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    pub experiment_id: i32,
    pub metric_id: i32,
    #[sea_orm(column_type = "Text")]
    pub expected_direction: String,
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
