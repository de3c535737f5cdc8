//! Table `organisations`. An organisation.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "organisations")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    pub uuid: Uuid,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    pub created_at: i64,
    #[sea_orm(column_type = "Text", nullable)]
    pub webhook_notification_email: Option<String>,
    pub persist_trait_data: bool,
    pub stop_serving_flags: bool,
    pub restrict_project_create_to_admin: bool,
    pub force_2fa: bool,
    pub deleted_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
