//! Groups: who is in them, what they are granted, which features they own; and links by which members join.

use super::m0001_initial::{cascade, index};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, integer, json, pk_auto, text, text_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let groups = Table::create()
            .table("groups")
            .col(pk_auto("id"))
            .col(integer("organisation_id"))
            .col(text("name"))
            .col(boolean("is_default"))
            .col(text_null("external_id"))
            .foreign_key(&mut cascade("groups", "organisation_id", "organisations", "id"))
            .to_owned();
        let members = Table::create()
            .table("group_members")
            .col(integer("group_id"))
            .col(integer("user_id"))
            .col(boolean("is_admin"))
            .primary_key(&mut Index::create().col("group_id").col("user_id").to_owned())
            .foreign_key(&mut cascade("group_members", "group_id", "groups", "id"))
            .foreign_key(&mut cascade("group_members", "user_id", "users", "id"))
            .to_owned();
        let grants = Table::create()
            .table("group_grants")
            .col(pk_auto("id"))
            .col(integer("group_id"))
            .col(text("level"))
            .col(integer("resource_id"))
            .col(boolean("is_admin"))
            .col(json("permissions"))
            .foreign_key(&mut cascade("group_grants", "group_id", "groups", "id"))
            .to_owned();
        let owners = Table::create()
            .table("feature_group_owners")
            .col(integer("feature_id"))
            .col(integer("group_id"))
            .primary_key(&mut Index::create().col("feature_id").col("group_id").to_owned())
            .foreign_key(&mut cascade(
                "feature_group_owners",
                "feature_id",
                "features",
                "id",
            ))
            .foreign_key(&mut cascade("feature_group_owners", "group_id", "groups", "id"))
            .to_owned();
        let invited = Table::create()
            .table("invite_groups")
            .col(integer("invite_id"))
            .col(integer("group_id"))
            .primary_key(&mut Index::create().col("invite_id").col("group_id").to_owned())
            .foreign_key(&mut cascade("invite_groups", "invite_id", "invites", "id"))
            .foreign_key(&mut cascade("invite_groups", "group_id", "groups", "id"))
            .to_owned();
        let links = Table::create()
            .table("invite_links")
            .col(pk_auto("id"))
            .col(integer("organisation_id"))
            .col(text("hash").unique_key())
            .col(text("role"))
            .col(big_integer_null("expires_at"))
            .col(big_integer("created_at"))
            .foreign_key(&mut cascade(
                "invite_links",
                "organisation_id",
                "organisations",
                "id",
            ))
            .to_owned();
        for table in [groups, members, grants, owners, invited, links] {
            manager.create_table(table).await?;
        }
        manager
            .create_index(
                index("group_grants", &["group_id", "level", "resource_id"])
                    .unique()
                    .to_owned(),
            )
            .await?;
        for (table, column) in [
            ("groups", "organisation_id"),
            ("group_members", "user_id"),
            ("feature_group_owners", "group_id"),
            ("invite_links", "organisation_id"),
        ] {
            manager.create_index(index(table, &[column])).await?;
        }
        Ok(())
    }
}
