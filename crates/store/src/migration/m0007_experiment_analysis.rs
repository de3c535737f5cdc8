//! Times during which the split of an experiment stayed the same, and what its analysis does with all of its metrics.

use super::m0001_initial::{cascade, index};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, boolean_null, double_null, integer, json_null, pk_auto};

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
            .await?;
        // One column a statement: SQLite adds no more at once.
        for column in [boolean_null("covariate"), double_null("upper_percentile")] {
            let addition = Table::alter()
                .table("analysis_settings")
                .add_column(column)
                .to_owned();
            manager.alter_table(addition).await?;
        }
        Ok(())
    }
}
