//! Table `environments`. An environment.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "environments")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    pub uuid: Uuid,
    pub project_id: i32,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text")]
    pub name_key: String,
    #[sea_orm(column_type = "Text")]
    pub api_key: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub description: Option<String>,
    pub minimum_change_request_approvals: Option<i32>,
    pub allow_client_traits: bool,
    #[sea_orm(column_type = "Text", nullable)]
    pub banner_text: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub banner_colour: Option<String>,
    pub hide_disabled_flags: Option<bool>,
    pub hide_sensitive_data: bool,
    pub use_identity_composite_key_for_hashing: bool,
    pub use_v2_feature_versioning: bool,
    pub use_identity_overrides_in_local_eval: bool,
    pub created_at: i64,
    pub updated_at: i64,
    pub revision: i64,
    pub deleted_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
