//! The versions of an environment by the time from which they are in force, for the question which came into force lately.

use super::m0001_initial::index;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = &["environment_id", "published", "live_from"];
        manager.create_index(index("feature_versions", columns)).await
    }
}
