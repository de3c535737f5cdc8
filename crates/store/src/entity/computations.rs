//! Table `computations`. The state of one kind of computation of an experiment.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "computations")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    pub experiment_id: i32,
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    pub as_of: Option<i64>,
    pub last_error_at: Option<i64>,
    pub refresh_requested_at: Option<i64>,
    pub payload: Option<Json>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
