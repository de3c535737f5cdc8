//! Times during which the split of an experiment stayed the same.

use super::m0001_initial::{cascade, index};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, integer, json_null, pk_auto};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let phases = Table::create()
            .table("experiment_phases")
            .col(pk_auto("id"))
            .col(integer("experiment_id"))
            .col(big_integer("started_at"))
            .col(json_null("allocations"))
            .foreign_key(&mut cascade(
                "experiment_phases",
                "experiment_id",
                "experiments",
                "id",
            ))
            .to_owned();
        manager.create_table(phases).await?;
        manager
            .create_index(index("experiment_phases", &["experiment_id", "started_at"]))
            .await
    }
}
