//! How the results of an experiment are judged. An experiment without a row has the defaults.

use super::m0001_initial::cascade;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{double, double_null, integer, integer_null, pk_auto, text};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let settings = Table::create()
            .table("analysis_settings")
            .col(pk_auto("id"))
            .col(integer("experiment_id").unique_key())
            .col(text("method"))
            .col(double("alpha"))
            .col(integer_null("planned_units"))
            .col(double_null("target_lift"))
            .col(double("power"))
            .col(double("prior_mean"))
            .col(double("prior_sd"))
            .col(text("goal_correction"))
            .col(text("secondary_correction"))
            .col(double("guardrail_margin"))
            .col(integer("min_days"))
            .col(integer("max_days"))
            .foreign_key(&mut cascade(
                "analysis_settings",
                "experiment_id",
                "experiments",
                "id",
            ))
            .to_owned();
        manager.create_table(settings).await
    }
}
