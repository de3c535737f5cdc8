//! Table `request_counts`. Requests of SDKs to an environment in a day.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "request_counts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub environment_id: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: i64,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub resource: String,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub user_agent: String,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub client_application_name: String,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub client_application_version: String,
    pub count: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
