//! Table `audit_records`. An audit record; append-only.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_records")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    pub created_at: i64,
    #[sea_orm(column_type = "Text")]
    pub log: String,
    pub author_id: Option<i32>,
    pub master_key_id: Option<i32>,
    pub environment_id: Option<i32>,
    pub project_id: i32,
    #[sea_orm(column_type = "Text")]
    pub related_object_type: String,
    pub related_object_id: Option<i32>,
    #[sea_orm(column_type = "Text", nullable)]
    pub related_object_uuid: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub change_type: String,
    pub change_details: Json,
    pub is_system_event: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
