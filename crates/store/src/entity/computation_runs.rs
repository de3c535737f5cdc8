//! Table `computation_runs`. One run of a computation; every run is kept.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "computation_runs")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    pub experiment_id: i32,
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    pub started_at: i64,
    pub finished_at: i64,
    #[sea_orm(column_type = "Text", nullable)]
    pub error: Option<String>,
    pub payload: Option<Json>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
