//! Usage by day: requests of SDKs, and evaluations of features.

use super::m0001_initial::{cascade, index};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, integer, text};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let requests = Table::create()
            .table("request_counts")
            .col(integer("environment_id"))
            .col(big_integer("day"))
            .col(text("resource"))
            .col(text("user_agent"))
            .col(text("client_application_name"))
            .col(text("client_application_version"))
            .col(big_integer("count"))
            .primary_key(
                &mut Index::create()
                    .col("environment_id")
                    .col("day")
                    .col("resource")
                    .col("user_agent")
                    .col("client_application_name")
                    .col("client_application_version")
                    .to_owned(),
            )
            .foreign_key(&mut cascade(
                "request_counts",
                "environment_id",
                "environments",
                "id",
            ))
            .to_owned();
        let evaluations = Table::create()
            .table("evaluation_counts")
            .col(integer("environment_id"))
            .col(integer("feature_id"))
            .col(big_integer("day"))
            .col(text("user_agent"))
            .col(text("client_application_name"))
            .col(text("client_application_version"))
            .col(big_integer("count"))
            .primary_key(
                &mut Index::create()
                    .col("environment_id")
                    .col("feature_id")
                    .col("day")
                    .col("user_agent")
                    .col("client_application_name")
                    .col("client_application_version")
                    .to_owned(),
            )
            .foreign_key(&mut cascade(
                "evaluation_counts",
                "environment_id",
                "environments",
                "id",
            ))
            .foreign_key(&mut cascade("evaluation_counts", "feature_id", "features", "id"))
            .to_owned();
        for table in [requests, evaluations] {
            manager.create_table(table).await?;
        }
        manager
            .create_index(index("evaluation_counts", &["feature_id"]))
            .await
    }
}
