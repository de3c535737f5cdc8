//! What a run of the results found day by day and by dimension, and which dimensions an experiment is broken down by. An
//! experiment without a row has no dimensions.

use super::m0001_initial::{cascade, index};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, integer, json, pk_auto, text};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let breakdowns = Table::create()
            .table("breakdowns")
            .col(pk_auto("id"))
            .col(integer("experiment_id"))
            .col(text("kind"))
            .col(big_integer("as_of"))
            .col(json("payload"))
            .foreign_key(&mut cascade("breakdowns", "experiment_id", "experiments", "id"))
            .to_owned();
        let dimensions = Table::create()
            .table("experiment_dimensions")
            .col(pk_auto("id"))
            .col(integer("experiment_id").unique_key())
            .col(json("names"))
            .foreign_key(&mut cascade(
                "experiment_dimensions",
                "experiment_id",
                "experiments",
                "id",
            ))
            .to_owned();
        for table in [breakdowns, dimensions] {
            manager.create_table(table).await?;
        }
        let one_of_a_kind = index("breakdowns", &["experiment_id", "kind"])
            .unique()
            .to_owned();
        manager.create_index(one_of_a_kind).await
    }
}
