//! Table `experiment_phases`. A time during which the split of an experiment stayed the same.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "experiment_phases")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    pub experiment_id: i32,
    pub started_at: i64,
    pub allocations: Option<Json>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
