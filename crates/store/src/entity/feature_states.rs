//! Table `feature_states`. What a feature does for an environment, a segment or an identity. The salt is the id of the first row of the lineage.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "feature_states")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    pub uuid: Uuid,
    pub feature_id: i32,
    pub environment_id: i32,
    pub segment_id: Option<i32>,
    pub feature_segment_id: Option<i32>,
    pub identity_id: Option<i32>,
    pub enabled: bool,
    #[sea_orm(column_type = "Text")]
    pub value_type: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub string_value: Option<String>,
    pub integer_value: Option<i32>,
    pub boolean_value: Option<bool>,
    pub salt: i32,
    pub version_uuid: Option<Uuid>,
    pub created_at: i64,
    pub updated_at: i64,
    pub deleted_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
