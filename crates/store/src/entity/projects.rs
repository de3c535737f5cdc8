//! Table `projects`. A project.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "projects")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    pub uuid: Uuid,
    pub organisation_id: i32,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text")]
    pub name_key: String,
    pub hide_disabled_flags: bool,
    pub prevent_flag_defaults: bool,
    pub enable_realtime_updates: bool,
    pub only_allow_lower_case_feature_names: bool,
    #[sea_orm(column_type = "Text", nullable)]
    pub feature_name_regex: Option<String>,
    pub stale_flags_limit_days: i32,
    pub minimum_change_request_approvals: Option<i32>,
    pub enforce_feature_owners: bool,
    pub created_at: i64,
    pub deleted_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
